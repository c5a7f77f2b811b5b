//! Skip at first. The first few rows of each parent, for `limit_each`: the rows of each parent are numbered, and those with
//! a small number are kept. `part.rs` shows the SQL.

use crate::database::{dialect, quote};
use crate::query::part::PartSpec;
use crate::query::sql::{Bindings, SelectSql, fresh_name};
use crate::trace::RelationInfo;

/// The column that numbers the rows of each parent.
const PLACE: &str = "place among siblings";

/// Returns the statement that keeps the first rows of each parent, and the place of the column by which a parent is found.
/// `owner` is that column in `select`, and `rows` their number.
pub(crate) fn limit_siblings(
    mut select: SelectSql,
    relation: &RelationInfo,
    part: Option<&PartSpec>,
    owner: &str,
    rows: u64,
    values: &mut Bindings,
    is_joined: bool,
) -> (SelectSql, usize) {
    let rows = values.bind_rows(rows);
    let mut order = order_among_siblings(&select, relation, part, values);
    select.joins = values.take_joins();
    if order.is_empty() {
        // `row_number()` needs an order, and without a key there is none.
        order.push("1".to_owned());
    }
    let number = fresh_name(relation, PLACE);
    let found_by = match select.owner {
        Some(_) => {
            let wanted = if relation.is_through() { "parent" } else { dialect::KEY_NUMBER };
            let name = fresh_name(relation, wanted);
            select.columns.push(format!("{owner} AS {}", quote(&name)));
            name
        }
        None => {
            select.place(owner.to_owned());
            relation.target_columns[0].to_owned()
        }
    };
    // A row that comes several times counts once.
    let counted = if select.may_repeat { "dense_rank()" } else { "row_number()" };
    select.columns.push(format!(
        "{counted} OVER (PARTITION BY {owner} ORDER BY {}) AS {}",
        order.join(", "),
        quote(&number)
    ));
    let mut outer = SelectSql::of(relation.target, is_joined, select.dialect);
    outer.from = format!("({}) AS {}", select.text(), quote(relation.target.table));
    outer.condition = Some(format!("{} <= {rows}", outer.own(&number)));
    outer.order = vec![outer.own(&found_by), outer.own(&number)];
    outer.owner = select.owner.is_some().then(|| outer.own(&found_by));
    outer.may_repeat = select.may_repeat;
    let place = outer.place(outer.own(&found_by));
    (outer, place)
}

/// Returns the order among siblings: the part's, then the relation's, then the key.
pub(crate) fn order_among_siblings(
    select: &SelectSql,
    relation: &RelationInfo,
    part: Option<&PartSpec>,
    values: &mut Bindings,
) -> Vec<String> {
    let order = part.map_or(&[][..], |part| &part.order);
    let mut terms: Vec<_> = order.iter().map(|term| term.render(select.alias, values)).collect();
    terms.extend(relation.order.iter().map(|term| term.render(select.alias, select.dialect)));
    let key = relation.target.key.iter().map(|name| select.own(name));
    // Rows that repeat must follow each other, even if a collation treats two keys as equal.
    let is_exact = !relation.is_through() || relation.target.has_integer_key;
    let bytes = relation.target.key.iter().filter(|_| !is_exact);
    let bytes = bytes.map(|name| select.dialect.by_bytes(&select.own(name)));
    terms.extend(key.chain(bytes));
    terms
}
