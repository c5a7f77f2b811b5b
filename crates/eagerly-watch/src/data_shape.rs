//! The data on both sides of a relation, and what each strategy sends and reads for it.
//!
//! For P parents with R related rows, of which the program accesses the relation of A parents:
//!
//! | strategy | statements | rows read, including the parents | bytes |
//! |---|---|---|---|
//! | `lazy` | A | P + the rows of the A parents | each row once |
//! | `immediate` | P | P + R | each row once |
//! | `batch`, `selectin`, `subquery` | 1 for each query or chunk of parents | P + R | each row once |
//! | `joined`, to many | 0 | R, and one for each parent without rows | each parent is repeated for each of its rows |
//! | `joined`, to one | 0 | P | each row is repeated for each of its parents |
//!
//! To one, `lazy` and `immediate` read a row again for each parent that points to it. `raise` loads nothing, so it is not
//! in the table.

use eagerly::{RelationKind, Strategy};

/// The amount of data on both sides of a relation. [`Advice`](crate::Advice) has one for each relation of a recording. A
/// program can also create one for data that does not exist yet.
///
/// ```
/// use eagerly::{RelationKind, Strategy};
/// use eagerly_watch::DataShape;
///
/// // 50 customers with 10 orders each. A page shows the orders of 5 of them.
/// let shape = DataShape {
///     kind: RelationKind::HasMany,
///     queries: 1,
///     parents: 50,
///     accessed: 5,
///     parent_bytes: 40.0,
///     accessed_rows: 50,
///     rows: Some(500),
///     row_bytes: 30.0,
///     childless: Some(0),
/// };
/// let [lazy, .., joined] = shape.ways();
/// assert_eq!((lazy.strategy, lazy.statements, lazy.rows), (Strategy::Lazy, 5, 50 + 50));
/// assert_eq!((joined.strategy, joined.statements, joined.rows), (Strategy::Joined, 0, 500));
/// ```
#[derive(Debug, Clone, Copy)]
pub struct DataShape {
    /// Whether the relation leads to one row or to many.
    pub kind: RelationKind,
    /// The number of statements that queried the parents. Each chunk counts.
    pub queries: u64,
    /// The number of parents.
    pub parents: u64,
    /// The number of parents whose relation the program accesses.
    pub accessed: u64,
    /// The mean size of a parent's values in bytes.
    pub parent_bytes: f64,
    /// The number of related rows of the accessed parents, added up. To one, a row counts for each parent.
    pub accessed_rows: u64,
    /// The number of related rows of all parents, each counted once. If it is unknown, it is extrapolated from the accessed
    /// parents.
    pub rows: Option<u64>,
    /// The mean size of a related row's values in bytes.
    pub row_bytes: f64,
    /// The number of parents without related rows, if it is known.
    pub childless: Option<u64>,
}

/// What one strategy sends and reads for a relation.
#[derive(Debug, Clone, Copy)]
pub struct Way {
    /// The strategy. `raise` loads nothing, so no `Way` has it.
    pub strategy: Strategy,
    /// The number of statements, without the statement for the parents.
    pub statements: u64,
    /// The number of snapshots (`BEGIN` … `COMMIT`) in which they are sent, together with the statement for the parents.
    pub snapshots: u64,
    /// The number of rows read, including the parents.
    pub rows: u64,
    /// The number of objects that are built from these rows, including the parents.
    pub objects: u64,
    /// The size of the values of these rows in bytes.
    pub bytes: u64,
    /// The part of `bytes` that a join repeats. It is read, but builds no object.
    pub repeated_bytes: u64,
    /// The precision of `rows` and `bytes`.
    pub bound: Bound,
}

/// The precision of a computed number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bound {
    /// The number is exact.
    Exactly,
    /// The real number can be higher: a join also returns a row for each parent without children.
    AtLeast,
    /// The real number can be lower: `lazy` can read the same row several times, and `selectin` does not.
    AtMost,
    /// The number is extrapolated from the accessed parents.
    About,
}

impl Bound {
    pub(crate) fn sign(self) -> &'static str {
        match self {
            Self::Exactly => "",
            Self::AtLeast => "≥ ",
            Self::AtMost => "≤ ",
            Self::About => "≈ ",
        }
    }
}

impl DataShape {
    /// Returns the mean number of related rows per parent, from the accessed parents.
    #[must_use]
    pub fn fan_out(&self) -> f64 {
        self.accessed_rows as f64 / self.accessed.max(1) as f64
    }

    /// Returns what each strategy sends and reads: `lazy`, `immediate`, `batch`, `selectin`, `subquery` and `joined`, in
    /// this order.
    #[must_use]
    pub fn ways(&self) -> [Way; 6] {
        let Self { parents, accessed, accessed_rows, queries, .. } = *self;
        let is_to_one = self.kind == RelationKind::BelongsTo;
        let (rows, of_rows) = self.all_rows();
        // To one, a row is read again for each parent.
        let (one_by_one, of_one_by_one) = match is_to_one {
            true if accessed < parents => (self.extrapolated(), Bound::About),
            true => (self.extrapolated(), self.of_singles()),
            false => (rows, of_rows),
        };
        let joined = match self.childless {
            _ if is_to_one => parents,
            Some(childless) => rows + childless,
            None => parents.max(rows),
        };
        let joined_bytes = self.bytes(joined, if is_to_one { parents } else { rows });
        let of_joined = match (is_to_one, of_rows, self.childless) {
            (true, ..) | (false, Bound::Exactly, Some(_)) => Bound::Exactly,
            (false, Bound::Exactly, None) => Bound::AtLeast,
            (false, of_rows, _) => of_rows,
        };
        let of_lazy = if is_to_one { self.of_singles() } else { Bound::Exactly };
        let way = |strategy, statements, snapshots, rows, bound| Way {
            strategy,
            statements,
            snapshots,
            rows: parents + rows,
            objects: parents + rows,
            bytes: self.bytes(parents, rows),
            repeated_bytes: 0,
            bound,
        };
        [
            way(Strategy::Lazy, accessed, 0, accessed_rows, of_lazy),
            way(Strategy::Immediate, parents, queries, one_by_one, of_one_by_one),
            way(Strategy::Batch, if accessed == 0 { 0 } else { queries }, 0, rows, of_rows),
            way(Strategy::Selectin, queries, queries, rows, of_rows),
            way(Strategy::Subquery, queries, queries, rows, of_rows),
            Way {
                rows: joined,
                bytes: joined_bytes,
                repeated_bytes: joined_bytes.saturating_sub(self.bytes(parents, rows)),
                ..way(Strategy::Joined, 0, 0, rows, of_joined)
            },
        ]
    }

    /// Returns what a strategy sends and reads; `None` for `raise`.
    #[must_use]
    pub fn way(&self, strategy: Strategy) -> Option<Way> {
        self.ways().into_iter().find(|way| way.strategy == strategy)
    }

    /// Returns the number of related rows of all parents.
    fn all_rows(&self) -> (u64, Bound) {
        match (self.rows, self.kind) {
            (Some(rows), _) => (rows, Bound::Exactly),
            // Parents can share a row, and it is unknown how many do.
            (None, RelationKind::BelongsTo) => (self.extrapolated(), Bound::AtMost),
            (None, _) => (self.extrapolated(), Bound::About),
        }
    }

    /// Returns the number of related rows, if all parents have as many as the accessed ones.
    fn extrapolated(&self) -> u64 {
        (self.fan_out() * self.parents as f64).round() as u64
    }

    /// Returns the precision of the number of rows that are read one by one, to one. A parent whose foreign key is null
    /// reads none, and rows that were loaded together do not tell how many such parents there are.
    fn of_singles(&self) -> Bound {
        if self.rows.is_none() { Bound::Exactly } else { Bound::AtMost }
    }

    fn bytes(&self, parents: u64, rows: u64) -> u64 {
        (parents as f64 * self.parent_bytes + rows as f64 * self.row_bytes).round() as u64
    }
}
