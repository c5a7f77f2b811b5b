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

#[cfg(test)]
mod tests {
    use super::*;

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
