//! Texts that fit into a line of the terminal.

use waterfall::sql::{Summary, shortened};

/// Shortens a shape. It loses the quotes that its names do not need, and a long list of columns. If that is not enough, only
/// the table and the end are left, because the end has the condition.
pub(super) fn short(shape: &str, width: usize) -> String {
    let shape = with_figure(&unquoted(&printable(shape)));
    if shape.chars().count() <= width {
        return shape;
    }
    let start = Summary::of(&shape).text();
    let Some(room) = width.checked_sub(start.chars().count() + 3).filter(|room| *room > 0) else {
        return cut(&shape, width);
    };
    let end: String = shape.chars().skip(shape.chars().count() - room).collect();
    // The first word is usually not whole. The name of a table before a column is not needed.
    let end = end.split_once([' ', '.']).map_or(end.as_str(), |(_, end)| end);
    format!("{start} … {end}")
}

/// Leaves out a long list of columns. A figure at its beginning, such as `COUNT(*)`, stays: it is what the statement is for.
fn with_figure(shape: &str) -> String {
    let short = shortened(shape);
    let list = shape.get(7..).filter(|_| short.starts_with("SELECT … FROM"));
    let Some((figure, _)) = list.and_then(|list| list.split_once(')')) else { return short };
    let (name, columns) = figure.split_once('(').unwrap_or_default();
    let is_figure =
        ["COUNT", "SUM", "MIN", "MAX", "AVG"].iter().any(|one| name.trim().eq_ignore_ascii_case(one));
    match columns.chars().count() {
        0..=24 if is_figure => short.replacen("SELECT …", &format!("SELECT {figure}) …"), 1),
        _ => short,
    }
}

/// Removes the quotes around names of lower-case letters, digits and underscores. PostgreSQL reads them as the same names,
/// unless they are keywords.
fn unquoted(shape: &str) -> String {
    let is_plain = |name: &str| {
        name.starts_with(|first: char| first.is_ascii_lowercase() || first == '_')
            && name.chars().all(|one| one.is_ascii_lowercase() || one.is_ascii_digit() || one == '_')
    };
    let mut text = String::new();
    for (position, part) in shape.split('"').enumerate() {
        match position % 2 {
            0 => text.push_str(part),
            _ if is_plain(part) => text.push_str(part),
            _ => text.push_str(&format!("\"{part}\"")),
        }
    }
    text
}

/// Cuts a text at its end.
pub(super) fn cut(text: &str, width: usize) -> String {
    let text = printable(text);
    match text.char_indices().nth(width) {
        Some(_) => text.chars().take(width - 1).chain(['…']).collect(),
        None => text,
    }
}

/// Replaces what would move the cursor of a terminal or colour its text. A quoted name can contain anything.
fn printable(text: &str) -> String {
    text.replace(char::is_control, " ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shape_fits_and_keeps_its_condition() {
        let shape = r#"SELECT "orders"."id", "orders"."customer_id" FROM "orders" WHERE "orders"."customer_id" = $1 ORDER BY "id""#;
        assert_eq!(short(shape, 74), "SELECT … FROM orders WHERE orders.customer_id = $1 ORDER BY id");
        assert_eq!(short(shape, 50), "SELECT orders … customer_id = $1 ORDER BY id");
        for width in 1..120 {
            assert!(short(shape, width).chars().count() <= width, "{width}");
        }
    }

    #[test]
    fn a_shape_uses_the_whole_width() {
        let shape = "SELECT a FROM t WHERE key=$1";
        assert_eq!(short(shape, shape.len()), shape);
        assert_eq!(short(shape, shape.len() - 1), "SELECT t … t WHERE key=$1");
        // Without a blank or a point in the end, all of it fits.
        assert_eq!(short(shape, "SELECT t … ".chars().count() + 4), "SELECT t … y=$1");
        assert_eq!(short(shape, "SELECT t … ".chars().count() + 1), "SELECT t … 1");
        assert_eq!(short(shape, "SELECT t … ".chars().count()), "SELECT a F…");
    }

    #[test]
    fn a_text_is_cut_where_the_width_ends() {
        assert_eq!(["é", "éé", "ééé"].map(|text| cut(text, 2)), ["é", "éé", "é…"]);
        assert_eq!(cut("a\u{1b}[31mb", 20), "a [31mb");
    }

    #[test]
    fn a_figure_stays() {
        let shape = r#"SELECT COUNT(*) AS "__count_of_books" FROM "shop_book" WHERE "author_id" = $1"#;
        assert_eq!(short(shape, 74), "SELECT COUNT(*) … FROM shop_book WHERE author_id = $1");
        assert_eq!(short("SELECT id, count_of(x), other, and_more FROM t", 74), "SELECT … FROM t");
    }

    #[test]
    fn names_that_need_quotes_keep_them() {
        assert_eq!(
            unquoted(r#"SELECT "Name", "a b", "1a", "_a", "id" FROM "t_1""#),
            r#"SELECT "Name", "a b", "1a", _a, id FROM t_1"#
        );
    }
}
