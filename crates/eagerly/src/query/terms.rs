//! Skip at first. Facts about a condition and an order that are needed before their SQL is built.

use crate::database::Dialect;
use crate::error::Result;
use crate::query::column::SortedBy;
use crate::query::condition::Expression;
use crate::trace::{EntityInfo, RelationInfo};

/// The condition and the order of a selection, or of a part.
#[derive(Clone, Copy)]
pub(crate) struct Terms<'t> {
    pub(crate) condition: Option<&'t Expression>,
    pub(crate) order: &'t [SortedBy],
}

impl Terms<'_> {
    /// Returns an error if they cannot be sent. `entity` is that of the rows.
    pub(crate) fn check(self, entity: &'static EntityInfo, dialect: Dialect) -> Result<()> {
        self.condition.map_or(Ok(()), |condition| condition.check(entity, dialect))?;
        self.order.iter().try_for_each(|term| term.check(entity, dialect))
    }

    /// Returns the relations whose keys are compared.
    pub(crate) fn relations(self) -> Vec<&'static RelationInfo> {
        let mut relations = Vec::new();
        self.condition.iter().for_each(|condition| condition.add_relations(&mut relations));
        self.order
            .iter()
            .filter_map(SortedBy::figure)
            .for_each(|figure| figure.add_relations(&mut relations));
        relations
    }

    /// Returns whether figures are joined to the rows. Then each column needs the name of its table.
    pub(crate) fn have_figure(self) -> bool {
        self.condition.is_some_and(Expression::has_figure)
            || self.order.iter().any(|term| term.figure().is_some())
    }
}
