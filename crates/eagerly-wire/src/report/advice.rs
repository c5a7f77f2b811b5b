//! What to do about N+1, in the words of some ORMs.
//!
//! The wire shows tables and columns, but not the names of the application's classes and relations. So the names are made
//! from those of the tables, as most applications do: `order_items` becomes `OrderItem`.

use crate::findings::{Finding, Kind};
use crate::sql::{is_aggregate, is_filtered, is_limited, singular, table};

/// A relation of the path that should be loaded, for example `Customer.orders`.
struct Step {
    class: String,
    relation: String,
    /// Django's name of the relation, if it has no name of its own: `line_set`.
    in_django: String,
    /// The class of the related rows, for example `Order`.
    related: String,
    is_to_one: bool,
    /// What Rails calls such a relation.
    kind: &'static str,
    /// Whether the page loads only some of the related rows.
    is_filtered: bool,
}

/// Returns lines of advice for the findings of a page. Findings whose rows come from each other are one path.
pub(super) fn lines(findings: &[Finding]) -> Vec<String> {
    let mut lines = Vec::new();
    let is_cause = |finding: &&Finding| finding.kind == Kind::NPlusOne && !finding.is_hint;
    let causes: Vec<_> = findings.iter().filter(is_cause).collect();
    for last in &causes {
        // A path ends where no other finding goes on from its rows.
        if causes.iter().any(|other| other.from_shape == last.shape && other.shape != last.shape) {
            continue;
        }
        let mut path = vec![*last];
        while let Some(before) =
            causes.iter().find(|one| Some(&one.shape) == path.last().map(|step| &step.from_shape))
            && path.len() < causes.len()
        {
            path.push(before);
        }
        let steps: Option<Vec<_>> = path.iter().rev().map(|finding| Step::of(finding)).collect();
        if let Some(steps) = steps {
            lines.extend(in_orms(&steps));
        }
    }
    lines.dedup();
    lines
}

/// Returns a shape that loads the rows for all keys at once, if the shape compares one column with the parameter. An
/// aggregate would need a `GROUP BY`, and a limit holds for each key.
pub(super) fn at_once(finding: &Finding) -> Option<String> {
    let compared = format!("= {}", finding.parameter);
    let is_alone = finding.kind == Kind::NPlusOne
        && !finding.parameter.contains(',')
        && !is_aggregate(&finding.shape)
        && !is_limited(&finding.shape);
    let (before, after) = finding.shape.split_once(&compared).filter(|_| is_alone)?;
    // `$1` is also the beginning of `$10`.
    if after.starts_with(|next: char| next.is_ascii_digit()) {
        return None;
    }
    // A cast of the key becomes one of the list.
    let (cast, after) = match after.strip_prefix("::") {
        Some(rest) => {
            let end = rest.find(|next: char| !(next.is_alphanumeric() || next == '_')).unwrap_or(rest.len());
            (format!("::{}[]", &rest[..end]), &rest[end..])
        }
        None => (String::new(), after),
    };
    Some(format!("{before}= ANY({}{cast}){after}", finding.parameter))
}

impl Step {
    /// Returns `None` if the statements load no related rows that an ORM has a name for: an aggregate, rows of a function, or
    /// the same rows again.
    fn of(finding: &Finding) -> Option<Self> {
        let is_name = |name: &String| name.chars().all(|one| one.is_ascii_alphanumeric() || one == '_');
        let (from, to) =
            (table(&finding.from_shape).filter(is_name)?, table(&finding.shape).filter(is_name)?);
        let is_again = from == to && finding.column.as_deref() == Some(&finding.from_column);
        if is_again || is_aggregate(&finding.shape) {
            return None;
        }
        // Django names a table after the application, too: `shop_author`.
        let prefix = from.split_once('_').map(|(prefix, _)| format!("{prefix}_")).unwrap_or_default();
        let is_common =
            !prefix.is_empty() && from.starts_with(&prefix) && to.starts_with(&prefix) && from != to;
        let cut = if is_common { prefix.len() } else { 0 };
        let (from, to) = (&from[cut..], &to[cut..]);
        let relation = match finding.from_column.strip_suffix("_id") {
            Some(name) if finding.is_to_one => name.to_owned(),
            _ if finding.is_to_one => singular(to),
            _ => to.to_owned(),
        };
        // Django's tables have singular names. A reverse relation is called after its class: `invoiceline_set`.
        let is_set = !finding.is_to_one && !to.ends_with('s');
        let in_django = if is_set { format!("{}_set", to.replace('_', "")) } else { relation.clone() };
        Some(Self {
            class: class(from),
            relation,
            in_django,
            related: class(to),
            is_to_one: finding.is_to_one,
            kind: match finding.from_column.ends_with("_id") {
                _ if !finding.is_to_one => "has_many",
                true => "belongs_to",
                false => "has_one",
            },
            is_filtered: is_filtered(&finding.shape, &finding.parameter),
        })
    }

    fn in_alchemy(&self) -> String {
        let filter = if self.is_filtered { ".and_(…)" } else { "" };
        format!("selectinload({}.{}{filter})", self.class, self.relation)
    }

    /// Returns Rails' name of the relation. A filtered one is a second relation with a scope.
    fn in_rails(&self) -> String {
        if self.is_filtered { format!("some_{}", self.relation) } else { self.relation.clone() }
    }
}

fn in_orms(steps: &[Step]) -> Vec<String> {
    let alchemy: Vec<_> = steps.iter().map(Step::in_alchemy).collect();
    let relations: Vec<_> = steps.iter().map(Step::in_rails).collect();
    let rails = relations.iter().rev().fold(String::new(), |inner, relation| match inner.as_str() {
        "" => format!(":{relation}"),
        _ if inner.starts_with(':') => format!("{relation}: {inner}"),
        _ => format!("{relation}: {{ {inner} }}"),
    });
    let mut lines = Vec::new();
    for step in steps.iter().filter(|step| step.is_filtered) {
        let (class, relation) = (&step.class, &step.relation);
        lines.push(format!("{class}.{relation} is filtered, so the whole relation does not replace it:"));
    }
    lines.push(format!("Django      {}", in_django(steps)));
    lines.push(format!("SQLAlchemy  {}", alchemy.join(".")));
    lines.push(format!("Rails       includes({rails})"));
    for step in steps.iter().filter(|step| step.is_filtered) {
        let (kind, name, class) = (step.kind, step.in_rails(), &step.related);
        // Rails would look for `some_buyer_id`.
        let key = match kind {
            "belongs_to" => format!(", foreign_key: :{}_id", step.relation),
            _ => String::new(),
        };
        lines.push(format!("            {kind} :{name}, -> {{ where(…) }}, class_name: \"{class}\"{key}"));
    }
    lines
}

/// Returns Django's call. A filtered step becomes a `Prefetch`, whose rows get another name that continues the path.
fn in_django(steps: &[Step]) -> String {
    if steps.iter().all(|step| step.is_to_one && !step.is_filtered) {
        let names: Vec<_> = steps.iter().map(|step| step.in_django.as_str()).collect();
        return format!("select_related(\"{}\")", names.join("__"));
    }
    let (mut arguments, mut path) = (Vec::new(), Vec::new());
    for step in steps {
        path.push(step.in_django.clone());
        if step.is_filtered {
            let (lookup, related) = (path.join("__"), &step.related);
            let name = format!("some_{}", step.relation);
            arguments
                .push(format!("Prefetch(\"{lookup}\", {related}.objects.filter(…), to_attr=\"{name}\")"));
            path.pop();
            path.push(name);
        }
    }
    if steps.last().is_some_and(|step| !step.is_filtered) {
        arguments.push(format!("\"{}\"", path.join("__")));
    }
    format!("prefetch_related({})", arguments.join(", "))
}

/// Returns the name of a class for a table.
fn class(table: &str) -> String {
    let words = singular(table);
    words
        .split('_')
        .map(|word| {
            let mut letters = word.chars();
            letters
                .next()
                .map(|first| first.to_uppercase().chain(letters).collect::<String>())
                .unwrap_or_default()
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns a finding whose key is `$1`, from the column `id` or a foreign key.
    fn finding(from: &str, column: &str, shape: &str) -> Finding {
        Finding {
            kind: Kind::NPlusOne,
            is_hint: false,
            statements: 10,
            shape: shape.to_owned(),
            parameter: "$1".to_owned(),
            from_shape: from.to_owned(),
            from_column: column.to_owned(),
            from_statement: Some(1),
            from_statements: 1,
            keys: 10,
            from_rows: 10,
            is_to_one: column != "id",
            column: None,
            note: String::new(),
        }
    }

    const INVOICES: &str = "SELECT * FROM shop_invoice";
    const LINES: &str = "SELECT * FROM shop_invoiceline WHERE invoice_id = $1";
    const SOME_LINES: &str = "SELECT * FROM shop_invoiceline WHERE invoice_id = $1 AND NOT returned";
    const PRODUCT: &str = "SELECT * FROM shop_product WHERE id = $1";

    #[test]
    fn a_table_in_the_singular_has_djangos_name_for_the_way_back() {
        let path = [finding(INVOICES, "id", LINES), finding(LINES, "product_id", PRODUCT)];
        assert_eq!(lines(&path)[0], r#"Django      prefetch_related("invoiceline_set__product")"#);
        let to_one = [finding(LINES, "product_id", PRODUCT)];
        assert_eq!(lines(&to_one)[0], r#"Django      select_related("product")"#);
        let plural = finding("SELECT * FROM customers", "id", "SELECT * FROM orders WHERE customer_id = $1");
        assert_eq!(lines(&[plural])[0], r#"Django      prefetch_related("orders")"#);
    }

    #[test]
    fn a_filter_is_in_the_words_of_each_orm() {
        let orders = "SELECT * FROM orders WHERE customer_id = $1 AND status = $2";
        let items = "SELECT * FROM items WHERE order_id = $1";
        let path = [finding("SELECT * FROM customers", "id", orders), finding(orders, "id", items)];
        let expected = [
            "Customer.orders is filtered, so the whole relation does not replace it:",
            r#"Django      prefetch_related(Prefetch("orders", Order.objects.filter(…), to_attr="some_orders"), "some_orders__items")"#,
            "SQLAlchemy  selectinload(Customer.orders.and_(…)).selectinload(Order.items)",
            "Rails       includes(some_orders: :items)",
            r#"            has_many :some_orders, -> { where(…) }, class_name: "Order""#,
        ];
        assert_eq!(lines(&path), expected);
        assert_eq!(
            lines(&[finding(INVOICES, "id", SOME_LINES)])[1],
            r#"Django      prefetch_related(Prefetch("invoiceline_set", Invoiceline.objects.filter(…), to_attr="some_invoiceline"))"#
        );
    }

    #[test]
    fn a_filtered_relation_to_one_tells_rails_its_foreign_key() {
        let buyers = "SELECT * FROM people WHERE id = $1 AND active = $2";
        let advice = lines(&[finding("SELECT * FROM orders", "buyer_id", buyers)]);
        let scope =
            r#"belongs_to :some_buyer, -> { where(…) }, class_name: "People", foreign_key: :buyer_id"#;
        assert_eq!(advice.last().map(|line| line.trim_start()), Some(scope));
    }

    #[test]
    fn there_is_advice_for_a_proven_n_plus_one_that_loads_related_rows() {
        let orders = "SELECT * FROM orders WHERE customer_id = $1";
        let proven = || finding("SELECT * FROM customers", "id", orders);
        assert_eq!(lines(&[proven()]).len(), 3);
        let again = finding(orders, "id", "SELECT * FROM orders WHERE id = $1");
        let column = |column: &str| Some(column.to_owned());
        for without in [
            Finding { is_hint: true, ..proven() },
            Finding { kind: Kind::LoopOfWrites, ..proven() },
            finding("SELECT * FROM customers", "id", "SELECT count(*) FROM orders WHERE customer_id = $1"),
            finding("SELECT * FROM customers", "id", "SELECT * FROM f($1)"),
            Finding { column: column("id"), ..again.clone() },
        ] {
            assert_eq!(lines(std::slice::from_ref(&without)), [""; 0], "{without:?}");
        }
        // Another column of the same table makes a tree.
        assert_eq!(lines(&[Finding { column: column("parent_id"), ..again }]).len(), 3);
    }

    #[test]
    fn a_prefix_that_two_tables_have_in_common_is_no_part_of_a_class() {
        let class_of = |from: &str, to: &str| {
            let (from, to) = (format!("SELECT * FROM {from}"), format!("SELECT * FROM {to} WHERE a = $1"));
            lines(&[finding(&from, "id", &to)])[1].clone()
        };
        let cases = [
            ("shop_order", "shop_lines", "Order.lines"),
            ("shop_order", "lines", "ShopOrder.lines"),
            ("shop_order", "shops", "ShopOrder.shops"),
            ("order", "shop_lines", "Order.shop_lines"),
            ("shop_parts", "shop_parts", "ShopPart.shop_parts"),
        ];
        for (from, to, relation) in cases {
            assert_eq!(class_of(from, to), format!("SQLAlchemy  selectinload({relation})"));
        }
    }

    #[test]
    fn a_relation_to_one_without_a_foreign_key_has_the_name_of_its_table() {
        let profiles = "SELECT * FROM profiles WHERE customer_id = $1 AND active";
        let one = Finding { is_to_one: true, ..finding("SELECT * FROM customers", "id", profiles) };
        let advice = lines(&[one]);
        assert_eq!(advice[2], "SQLAlchemy  selectinload(Customer.profile.and_(…))");
        let scope = r#"has_one :some_profile, -> { where(…) }, class_name: "Profile""#;
        assert_eq!(advice[4].trim_start(), scope);
    }

    #[test]
    fn a_tree_is_one_step() {
        let below = "SELECT * FROM categories WHERE parent_id = $1";
        let walk = [finding(below, "id", below)];
        assert_eq!(lines(&walk)[0], r#"Django      prefetch_related("categories")"#);
    }

    #[test]
    fn a_relation_to_one_has_the_name_of_its_column_and_one_to_many_that_of_its_table() {
        let buyers = "SELECT * FROM people WHERE id = $1";
        let to_one = finding("SELECT * FROM orders", "buyer_id", buyers);
        assert_eq!(lines(std::slice::from_ref(&to_one))[0], r#"Django      select_related("buyer")"#);
        let to_many = Finding { is_to_one: false, ..to_one };
        assert_eq!(lines(&[to_many])[0], r#"Django      prefetch_related("people_set")"#);
        let orders = "SELECT * FROM orders WHERE customer_id = $1";
        let items = "SELECT * FROM order_items WHERE order_id = $1";
        let products = "SELECT * FROM products WHERE id = $1";
        let path = [
            finding("SELECT * FROM customers", "id", orders),
            finding(orders, "id", items),
            finding(items, "product_id", products),
        ];
        assert_eq!(lines(&path)[2], "Rails       includes(orders: { order_items: :product })");
    }

    #[test]
    fn one_list_of_keys_replaces_one_parameter_and_its_cast() {
        let of = |shape: &'static str| {
            at_once(&finding("SELECT * FROM customers", "id", shape)).unwrap_or_default()
        };
        assert_eq!(of("SELECT * FROM t WHERE a = $1"), "SELECT * FROM t WHERE a = ANY($1)");
        assert_eq!(
            of("SELECT * FROM t WHERE a = $1::int8, b"),
            "SELECT * FROM t WHERE a = ANY($1::int8[]), b"
        );
        assert_eq!(of("SELECT * FROM t WHERE a = $1::my_key"), "SELECT * FROM t WHERE a = ANY($1::my_key[])");
        let without = [
            "SELECT * FROM t WHERE a = $10",
            "SELECT * FROM t WHERE $1 = a",
            "SELECT count(*) FROM t WHERE a = $1",
            "SELECT * FROM t WHERE a = $1 LIMIT $2",
        ];
        for other in without {
            assert_eq!(of(other), "", "{other}");
        }
        let write = finding("SELECT * FROM customers", "id", "DELETE FROM t WHERE a = $1");
        assert_eq!(at_once(&Finding { kind: Kind::LoopOfWrites, ..write }), None);
        let two = finding("SELECT * FROM customers", "id", "SELECT * FROM t WHERE (a, b) = $1, $2");
        assert_eq!(at_once(&Finding { parameter: "$1, $2".to_owned(), ..two }), None);
    }
}
