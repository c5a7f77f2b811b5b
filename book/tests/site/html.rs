//! Reads the tags of a page. The pages are written by mdbook, so a small reader is enough.

use std::collections::BTreeSet;

/// Returns the values of an attribute in all tags, with its entities decoded. Text, comments and scripts are skipped.
pub fn attributes(page: &str, name: &str) -> Vec<String> {
    let key = format!(" {name}=\"");
    let value = |tag: &str| {
        let (_, after) = tag.split_once(&key)?;
        let (value, _) = after.split_once('"')?;
        Some(value.replace("&amp;", "&"))
    };
    tags(page).into_iter().filter_map(value).collect()
}

/// Returns the values of `id` in a page.
pub fn ids(page: &str) -> BTreeSet<String> {
    attributes(page, "id").into_iter().collect()
}

/// Returns the opening tags of a page, from `<` to `>`.
fn tags(page: &str) -> Vec<&str> {
    let mut tags = Vec::new();
    let mut rest = page;
    while let Some(start) = rest.find('<') {
        rest = &rest[start..];
        if rest.starts_with("<!--") {
            rest = rest.split_once("-->").map_or("", |(_, after)| after);
            continue;
        }
        let (tag, after) = rest.split_at(length(rest));
        rest = after;
        if tag.starts_with("<script") {
            rest = rest.split_once("</script").map_or("", |(_, after)| after);
        }
        tags.push(tag);
    }
    tags
}

/// Returns the length of the tag at the beginning of a text. A `>` in quotes does not end it.
fn length(text: &str) -> usize {
    let mut is_quoted = false;
    for (index, character) in text.char_indices() {
        match character {
            '"' => is_quoted = !is_quoted,
            '>' if !is_quoted => return index + 1,
            _ => {}
        }
    }
    text.len()
}

#[test]
fn attributes_are_read_from_tags_and_not_from_text_comments_or_scripts() {
    let page = r#"<a href="1?a&amp;b" title="2 > 1">href="no"</a><!-- <a href="no"> --><script src="x.js">
        '<a href="no">'</script ><img alt="" src="2.png"><a name=x href="3">"#;
    assert_eq!(attributes(page, "href"), ["1?a&b", "3"]);
    assert_eq!(attributes(page, "src"), ["x.js", "2.png"]);
}
