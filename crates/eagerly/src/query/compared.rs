//! Skip at first. How conditions and figures compare keys: the types of the columns, looked up before the SQL is written.
//!
//! A condition such as `Customer::ORDERS.any(…)` and a figure such as `Customer::ORDERS.count()` compare two columns. The
//! child's column must decide what is equal, as for a bound value. SQLite needs only a `+` for that. PostgreSQL needs the
//! type of the child's column.

use std::rc::Rc;

use crate::database::KeyTypes;
use crate::error::Result;
use crate::gate::Gate;
use crate::trace::RelationInfo;

/// The types of the keys of some relations. Empty in SQLite, and for SQL that is written without a session.
#[derive(Debug, Clone, Default)]
pub(crate) struct Compared(Rc<[(&'static RelationInfo, KeyTypes)]>);

impl Compared {
    /// Looks up the types for these relations, and for those that they go through.
    pub(crate) fn look_up(gate: &Gate, relations: Vec<&'static RelationInfo>) -> Result<Self> {
        if !gate.dialect.types_parameters() {
            return Ok(Self::default());
        }
        let hops =
            relations.iter().filter(|relation| relation.is_through()).flat_map(|relation| relation.hops());
        Self::of(gate, relations.iter().copied().chain(hops))
    }

    /// Looks up the types for each relation to follow from a parent to its related rows, in SQLite too.
    pub(crate) fn along(gate: &Gate, relation: &'static RelationInfo) -> Result<Self> {
        Self::of(gate, relation.hops().into_iter())
    }

    fn of(gate: &Gate, relations: impl Iterator<Item = &'static RelationInfo>) -> Result<Self> {
        let typed = |relation: &'static RelationInfo| Ok((relation, gate.key_types(relation)?));
        Ok(Self(relations.map(typed).collect::<Result<_>>()?))
    }

    /// Returns the types for a relation.
    pub(crate) fn types(&self, relation: &RelationInfo) -> KeyTypes {
        let found = self.0.iter().find(|(known, _)| *known == relation);
        found.map_or_else(KeyTypes::unknown, |(_, types)| types.clone())
    }
}
