//! Skip at first. The foreign keys between tables, as the relations of their entities describe them.

use crate::model::Listed;
use crate::trace::{EntityInfo, RelationKind};

/// Columns of one table that point to columns of another.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ForeignKey {
    pub(crate) from: &'static EntityInfo,
    pub(crate) columns: &'static [&'static str],
    pub(crate) to: &'static EntityInfo,
    pub(crate) target_columns: &'static [&'static str],
}

impl ForeignKey {
    /// Returns the foreign keys of the listed tables, each once. A belongs-to and the has-many in the opposite direction are
    /// one foreign key, and each is enough to describe it. A relation through others has none of its own.
    pub(crate) fn of(listed: &[Listed]) -> Vec<Self> {
        let mut found: Vec<Self> = Vec::new();
        for relation in listed.iter().flat_map(|listed| &listed.relations) {
            let (own, other) = (relation.parent, relation.target);
            let (columns, target_columns) = (relation.parent_columns, relation.target_columns);
            let key = match relation.kind {
                _ if relation.is_through() => continue,
                RelationKind::BelongsTo => Self { from: own, columns, to: other, target_columns },
                RelationKind::HasMany | RelationKind::HasOne => {
                    Self { from: other, columns: target_columns, to: own, target_columns: columns }
                }
            };
            let is_listed = listed.iter().any(|listed| is_same_table(listed.entity, key.from));
            if is_listed && !found.iter().any(|known| known.is_same(&key)) {
                found.push(key);
            }
        }
        found
    }

    fn is_same(&self, other: &Self) -> bool {
        is_same_table(self.from, other.from)
            && is_same_table(self.to, other.to)
            && self.columns == other.columns
            && self.target_columns == other.target_columns
    }

    pub(crate) fn is_from(&self, entity: &EntityInfo) -> bool {
        is_same_table(self.from, entity)
    }

    pub(crate) fn is_to(&self, entity: &EntityInfo) -> bool {
        is_same_table(self.to, entity)
    }
}

/// Returns whether two entities are rows of one table.
pub(crate) fn is_same_table(one: &EntityInfo, other: &EntityInfo) -> bool {
    (one.schema, one.table) == (other.schema, other.table)
}

/// Returns whether an index on `columns` finds rows by their `wanted` columns: if it begins with them, in any order.
pub(crate) fn begins_with<T: AsRef<str>>(columns: &[T], wanted: &[&str]) -> bool {
    let first = columns.get(..wanted.len());
    first.is_some_and(|first| wanted.iter().all(|wanted| first.iter().any(|name| name.as_ref() == *wanted)))
}
