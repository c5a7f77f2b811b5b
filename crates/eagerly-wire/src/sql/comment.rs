//! The page that a comment names.
//!
//! Libraries in the style of sqlcommenter and marginalia add a comment to each statement, with the part of the application
//! that sent it:
//!
//! ```text
//! SELECT … /*controller='orders',action='index',traceparent='00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'*/
//! SELECT … /*application:Shop,controller:orders,action:index*/
//! ```
//!
//! All statements of one page have the same comment, except for `traceparent`, which numbers the statements of a page, too.
//! Its second part is the same for a page, and different for each request. The format is that of the W3C's Trace Context.

/// Returns the page that the content of a comment names. Returns `None` for a comment of another kind, for example for the
/// reader of the code.
pub(super) fn page(comment: &str) -> Option<String> {
    let mut names = Vec::new();
    for pair in comment.trim().split(',') {
        let (key, value) = pair.split_once('=').or_else(|| pair.split_once(':'))?;
        let (key, value) = (key.trim(), value.trim().trim_matches('\''));
        let is_key = !key.is_empty() && key.chars().all(|one| one.is_alphanumeric() || "_-.".contains(one));
        if !is_key || value.contains(char::is_whitespace) {
            return None;
        }
        match key {
            // Different for each statement.
            "tracestate" | "line" | "source_location" | "db_driver" => {}
            "traceparent" => names.push(format!("trace {}", value.split('-').nth(1)?)),
            _ => names.push(format!("{key}={value}")),
        }
    }
    (!names.is_empty()).then(|| names.join(" "))
}

#[cfg(test)]
mod tests {
    use super::page;

    #[test]
    fn statements_of_a_page_name_the_same_page() {
        let one = page("controller='orders',traceparent='00-0af7-b7ad-01'");
        let two = page(" controller='orders',traceparent='00-0af7-ffff-01' ");
        assert_eq!(one.as_deref(), Some("controller=orders trace 0af7"));
        assert_eq!(one, two);
        assert_eq!(page("application:Shop,action:index").as_deref(), Some("application=Shop action=index"));
    }

    #[test]
    fn other_comments_name_no_page() {
        for comment in [
            "",
            " a note",
            "+ SeqScan(t)",
            "see: the wiki page",
            "name",
            "a='b c'",
            ",",
            "='x'",
            "a b='x'",
            "db_driver='x'",
        ] {
            assert_eq!(page(comment), None, "{comment}");
        }
    }
}
