//! What the words of a shape tell without a parser.

use waterfall::sql::Summary;

/// Returns the first table of a shape, without its schema and its quotes.
pub(crate) fn table(shape: &str) -> Option<String> {
    let table = Summary::of(shape).table?;
    table.rsplit('.').next().map(|name| name.trim_matches('"').to_owned())
}

/// Returns the singular of a table's name.
pub(crate) fn singular(table: &str) -> String {
    match (table.strip_suffix("ies"), table.strip_suffix('s')) {
        (Some(stem), _) => format!("{stem}y"),
        (None, Some(stem)) if !stem.ends_with('s') => stem.to_owned(),
        _ => table.to_owned(),
    }
}

/// Returns whether a shape returns a figure about rows, and not the rows: `SELECT count(*) …`, or `SELECT 1 …`.
pub(crate) fn is_aggregate(shape: &str) -> bool {
    let shape = shape.to_ascii_lowercase();
    let list = shape.strip_prefix("select ").unwrap_or(&shape).trim_start();
    list.starts_with('$')
        || list.starts_with("exists")
        || ["count(", "sum(", "min(", "max(", "avg(", "count (", "sum ("].iter().any(|one| {
            let end = list.find(" from ").unwrap_or(list.len());
            list[..end].contains(one)
        })
}

/// Returns whether a shape returns only some of the rows.
pub(crate) fn is_limited(shape: &str) -> bool {
    let shape = shape.to_ascii_lowercase();
    [" limit ", " offset ", " fetch "].iter().any(|word| shape.contains(word))
}

/// Returns whether a shape compares more than the key, so that it returns only some of the rows with this key. `keys` are the
/// parameters with the key, such as `$1` or `$1, $2`.
///
/// A comparison of columns of two tables joins them. A column such as `owner_type` beside the key `owner_id` names the table
/// of the key, so it belongs to the key.
pub(crate) fn is_filtered(shape: &str, keys: &str) -> bool {
    let Some(start) = find(shape, " where ") else { return false };
    let condition = &shape[start + " where ".len()..];
    let ends = [" group by ", " order by ", " limit ", " offset ", " fetch ", " for "];
    let end = ends.iter().filter_map(|word| find(condition, word)).min().unwrap_or(condition.len());
    let mut conditions = Vec::new();
    let mut rest = &condition[..end];
    while let Some(place) = find(rest, " and ") {
        conditions.push(&rest[..place]);
        rest = &rest[place + " and ".len()..];
    }
    conditions.push(rest);
    let has_key = |one: &&str| keys.split(", ").any(|key| words(one).any(|word| word == key));
    let (of_key, others): (Vec<_>, Vec<_>) = conditions.into_iter().partition(has_key);
    let names_table = |one: &&str| {
        let mut stems = words(one).filter_map(|word| word.strip_suffix("_type"));
        stems.any(|stem| of_key.iter().flat_map(|key| words(key)).any(|word| word == format!("{stem}_id")))
    };
    !of_key.is_empty() && others.iter().any(|one| !is_join(one) && !names_table(one))
}

/// Returns whether a condition compares columns of two tables: `tags.id = post_tags.tag_id`.
fn is_join(condition: &str) -> bool {
    let names: Vec<_> = condition.split(" = ").map(|side| side.trim_matches(['(', ')'])).collect();
    let table = |name: &&str| name.rsplit_once('.').map(|(table, _)| table.to_owned());
    let are_columns = !condition.contains(['$', '\'']);
    matches!(names[..], [left, right] if are_columns && table(&left).is_some()
        && table(&right).is_some() && table(&left) != table(&right))
}

/// Returns the names and parameters of a condition, without the tables before the names.
fn words(condition: &str) -> impl Iterator<Item = &str> {
    let is_word = |one: char| one.is_alphanumeric() || one == '_' || one == '$';
    condition.split(move |one: char| !is_word(one)).filter(|word| !word.is_empty())
}

/// Returns the place of an ASCII word in lower case, in a text of any case.
fn find(text: &str, word: &str) -> Option<usize> {
    text.to_ascii_lowercase().find(word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_condition_beside_the_key_is_a_filter() {
        for (shape, keys) in [
            (r#"SELECT * FROM "line" WHERE ("line"."invoice_id" = $1 AND NOT "line"."returned")"#, "$1"),
            ("select * from line where kind = $1 and invoice_id = $2 order by id", "$2"),
            ("SELECT * FROM t WHERE a = $10 AND b = $1", "$1"),
            ("SELECT * FROM t WHERE a = $1 AND b = $2 AND c IS NULL", "$1, $2"),
            ("SELECT * FROM t WHERE order_id = $1 AND order_type = $2 AND kind_type = $3", "$1"),
            ("SELECT * FROM t WHERE a = $1 AND t.b = t.c", "$1"),
            ("SELECT * FROM x_type WHERE hidden AND x_id = $1", "$1"),
        ] {
            assert!(is_filtered(shape, keys), "{shape}");
        }
        for (shape, keys) in [
            ("SELECT * FROM t WHERE a = $1", "$1"),
            ("SELECT * FROM t WHERE a = $1 AND b = $2 ORDER BY c AND d", "$1, $2"),
            ("SELECT * FROM tags, of WHERE $1 = of.post_id AND tags.id = of.tag_id", "$1"),
            (
                "SELECT * FROM tags JOIN of ON tags.id = of.tag_id AND of.kind = $1 WHERE of.post_id = $2",
                "$2",
            ),
            (r#"SELECT * FROM "notes" WHERE "notes"."owner_id" = $1 AND "notes"."owner_type" = $2"#, "$1"),
            ("SELECT 1", "$1"),
            ("SELECT * FROM t JOIN u ON u.id = $1 WHERE t.a = u.b", "$1"),
        ] {
            assert!(!is_filtered(shape, keys), "{shape}");
        }
    }

    #[test]
    fn figures_are_not_rows() {
        for shape in
            ["SELECT COUNT(*) AS n FROM t", "select a, sum(b) from t", "SELECT $1 AS a FROM t LIMIT $2"]
        {
            assert!(is_aggregate(shape), "{shape}");
        }
        for shape in ["SELECT a FROM t WHERE count(b) = $1", "SELECT discount FROM t", "SELECT a, b FROM t"] {
            assert!(!is_aggregate(shape), "{shape}");
        }
        assert!(is_limited("SELECT a FROM t WHERE b = $1 LIMIT $2") && !is_limited("SELECT a FROM limits"));
    }

    #[test]
    fn tables_have_names() {
        assert_eq!(table(r#"SELECT a FROM "shop"."orders" WHERE b = $1"#).as_deref(), Some("orders"));
        assert_eq!(["orders", "cities", "address"].map(singular), ["order", "city", "address"]);
    }
}
