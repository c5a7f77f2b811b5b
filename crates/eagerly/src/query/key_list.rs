//! Skip at first. A list of keys, to aggregate for rows that are there already: `session.figures(&customers, …)`.
//!
//! ```sql
//! -- session.figures(&customers, Customer::ORDERS.count())
//! SELECT "keys"."key number", coalesce("count of orders"."value", 0)
//! FROM (SELECT rowid AS "key number", +value AS "0" FROM rarray(?1)) AS "keys"
//! LEFT JOIN (
//!     SELECT "orders"."customer_id" AS "key 0", count(*) AS "value" FROM "orders"
//!     WHERE "orders"."customer_id" IN (SELECT +value FROM rarray(?1)) GROUP BY "orders"."customer_id"
//! ) AS "count of orders" ON "count of orders"."key 0" = "keys"."0"
//! ORDER BY "keys"."key number"
//! ```
//!
//! The list has an entry for each row, in their order, so the result has one too. A null and a repeated key are entries
//! like any other. The parents' table is not read: the figures are those of the keys that the rows have now.
//!
//! If the list has one column, only the rows of the listed parents are aggregated at the first level. At the levels below,
//! and for a list of several columns, all rows are aggregated.

use crate::database::{Array, Dialect, KeyTypes, Value, dialect, quote};
use crate::gate::Gate;
use crate::model::KeyOf;
use crate::query::compared::Compared;
use crate::query::sql::{self, SelectSql};
use crate::trace::RelationInfo;

/// The keys of rows. Relations that match the same columns of a row share the columns of the list.
pub struct KeyList {
    dialect: Dialect,
    alias: String,
    columns: Vec<ListedColumns>,
}

/// The columns of the list for one key of a row.
struct ListedColumns {
    /// The names in the parents' table.
    names: &'static [&'static str],
    types: KeyTypes,
    /// The place of the first.
    first: usize,
}

impl ListedColumns {
    fn are_for(&self, relation: &RelationInfo, types: &KeyTypes) -> bool {
        self.names == relation.parent_columns
            && match (&self.types, types) {
                (KeyTypes::Integers, KeyTypes::Integers) => true,
                (KeyTypes::Others(own), KeyTypes::Others(others)) => own == others,
                _ => false,
            }
    }
}

impl KeyList {
    /// Lists, for each row, the keys of these relations. Returns also the statement that selects the number of each row,
    /// and the values that it binds.
    pub(crate) fn of<E>(
        gate: &Gate,
        keys: Vec<(&'static RelationInfo, KeyOf<E>)>,
        compared: &Compared,
        rows: &[&E],
    ) -> (Self, SelectSql, Vec<Value<'static>>) {
        let mut select = SelectSql::default();
        select.dialect = gate.dialect;
        let alias = select.fresh_alias(dialect::KEYS);
        let mut list = Self { dialect: gate.dialect, alias, columns: Vec::new() };
        let (mut listed, mut width): (Vec<KeyOf<E>>, _) = (Vec::new(), 0);
        for (relation, key) in keys {
            let types = compared.types(relation);
            if !list.columns.iter().any(|columns| columns.are_for(relation, &types)) {
                list.columns.push(ListedColumns { names: relation.parent_columns, types, first: width });
                listed.push(key);
                width += relation.parent_columns.len();
            }
        }
        let values = rows.iter().flat_map(|row| {
            let keys = listed.iter().map(|key| key(row));
            keys.flat_map(|key| key.into_owned().values().to_vec()).collect::<Vec<_>>()
        });
        let values = gate.dialect.bound_keys(values.collect::<Array>(), width);
        select.from = gate.dialect.numbered_keys(width, &list.types(), &quote(&list.alias));
        let number = sql::column(Some(&list.alias), dialect::KEY_NUMBER);
        select.columns = vec![number.clone()];
        select.order = vec![number];
        (list, select, values)
    }

    /// Returns the types of all columns, in the form of SQL.
    fn types(&self) -> Vec<String> {
        let types = self.columns.iter().flat_map(|columns| match &columns.types {
            KeyTypes::Integers => vec!["bigint".to_owned()],
            KeyTypes::Others(types) => types.to_vec(),
        });
        types.collect()
    }

    /// Returns the columns that a relation matches.
    pub(crate) fn columns_of(&self, relation: &RelationInfo, compared: &Compared) -> Vec<String> {
        let types = compared.types(relation);
        let first = self.columns.iter().find(|columns| columns.are_for(relation, &types));
        let first = first.map_or(0, |columns| columns.first);
        let places = first..first + relation.parent_columns.len();
        places.map(|place| sql::column(Some(&self.alias), &place.to_string())).collect()
    }

    /// Returns the condition that a key is in the list; `None` if the list has several columns.
    pub(crate) fn contains(&self, key: &[String]) -> Option<String> {
        match (key, &*self.columns) {
            ([key], [only]) => Some(self.dialect.is_listed(key, 1, only.types.are_integers())),
            _ => None,
        }
    }
}
