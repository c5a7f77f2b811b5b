//! Relations: what an entity's fields are to other entities, and the accessors' way to them.
//!
//! Each relation field gives rise to two things. The field's value, a [`HasMany`] or [`BelongsTo`], is a
//! pointer to what the cohort has loaded. The relation itself is a zero-sized type exposed as a constant
//! (`Customer::ORDERS`), which a load path is built from, so that the compiler can check the path and the type
//! of a path spells out what it loads.

use std::fmt;
use std::rc::Rc;
use std::sync::OnceLock;

use crate::aggregate::{Aggregate, Over, Summand};
use crate::cohort::{Cohort, Related};
use crate::condition::{Column, Condition, OrderBy};
use crate::entity::Entity;
use crate::error::{Error, Result};
use crate::event::CallSite;
use crate::key::Key;
use crate::part::Part;
use crate::strategy::{self, Strategy};
use crate::value::ColumnType;

/// A relation between two entities. Implemented by the derive, for the type of each `Entity::RELATION`.
pub trait Relation: Copy + 'static {
    /// The entity that has the field.
    type Parent: Entity;
    /// The entity that it leads to.
    type Target: Entity;
    /// Names and columns.
    const INFO: &'static RelationInfo;

    /// The parent's value that the target's columns must equal: its key for a has-many, its foreign key for a
    /// belongs-to.
    fn key(parent: &Self::Parent) -> Key<'_>;

    /// The parent's field.
    fn link(parent: &Self::Parent) -> &Link<Self::Target>;

    /// Some of the related rows: those that satisfy the condition.
    fn filter(self, condition: Condition<Self::Target>) -> Part<Self> {
        Part::of(self).filter(condition)
    }

    /// The first so many related rows of each parent, in the order of `order_by`, else by key.
    fn limit_each(self, rows: u64) -> Part<Self> {
        Part::of(self).limit_each(rows)
    }

    /// The related rows in an order of their own; to be limited, or filtered.
    fn order_by(self, order: impl Into<OrderBy<Self::Target>>) -> Part<Self> {
        Part::of(self).order_by(order)
    }

    /// A condition on the parent: any related row satisfies `condition`. It decides which parents there are,
    /// and has no say in which of their related rows are loaded.
    fn any(self, condition: Condition<Self::Target>) -> Condition<Self::Parent> {
        Condition::any::<Self>(condition)
    }

    /// How many related rows each parent has.
    fn count(self) -> Aggregate<Self::Parent, i64> {
        Over::relation::<Self>().count()
    }

    /// The sum of a column, or of a product of two, over each parent's related rows.
    fn sum(self, of: impl Into<Summand<Self::Target>>) -> Aggregate<Self::Parent, i64> {
        Over::relation::<Self>().sum(of)
    }

    /// The smallest value of a column among each parent's related rows.
    fn min<C: ColumnType>(self, column: Column<Self::Target, C>) -> Aggregate<Self::Parent, Option<C>> {
        Over::relation::<Self>().min(column)
    }

    /// The largest value of a column among each parent's related rows.
    fn max<C: ColumnType>(self, column: Column<Self::Target, C>) -> Aggregate<Self::Parent, Option<C>> {
        Over::relation::<Self>().max(column)
    }

    /// Goes on along another relation, to aggregate over what lies behind.
    fn then<N: Relation<Parent = Self::Target>>(self, next: N) -> Over<Self::Parent, N::Target> {
        Over::relation::<Self>().then(next)
    }

    /// The place where the text of the lazy statement is kept, so that it is built once and not per access.
    fn lazy_sql() -> &'static OnceLock<String>;
}

/// Is shown every relation of an entity, each with its type.
pub trait RelationVisitor<P: Entity> {
    /// Called for each relation.
    fn relation<R: Relation<Parent = P>>(&mut self);
}

/// Whether a relation leads to many rows or to one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RelationKind {
    /// The target's rows point here: any number of them.
    HasMany,
    /// The target's rows point here: at most one of them.
    HasOne,
    /// This row points to the target: at most one.
    BelongsTo,
}

impl RelationKind {
    /// Whether it leads to any number of rows.
    #[must_use]
    pub fn is_many(self) -> bool {
        self == Self::HasMany
    }
}

/// The names and columns of a relation.
#[derive(Debug)]
pub struct RelationInfo {
    /// The entity that has the field: `Customer`.
    pub entity: &'static str,
    /// The field: `orders`.
    pub field: &'static str,
    /// Many or one.
    pub kind: RelationKind,
    /// The columns of the parent's table that are matched: `id`.
    pub parent_columns: &'static [&'static str],
    /// The columns of the target's table that are matched: `customer_id`.
    pub target_columns: &'static [&'static str],
    /// How it is loaded unless a load path says otherwise; `None` for what the session says.
    pub strategy: Option<Strategy>,
}

impl RelationInfo {
    /// The constant that stands for the relation in a load path: `Customer::ORDERS`.
    #[must_use]
    pub fn constant(&self) -> String {
        format!("{}::{}", self.entity, self.field.to_uppercase())
    }
}

/// `Customer.orders`
impl fmt::Display for RelationInfo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.entity, self.field)
    }
}

/// What every relation field is: a pointer to what the cohort shares, and this row's position in the cohort.
pub struct Link<T> {
    related: Option<Rc<Related<T>>>,
    position: u32,
}

impl<T> Link<T> {
    pub(crate) fn new(related: &Rc<Related<T>>, position: u32) -> Self {
        Self {
            related: Some(Rc::clone(related)),
            position,
        }
    }

    pub(crate) fn related(&self) -> Option<&Rc<Related<T>>> {
        self.related.as_ref()
    }

    fn loaded(&self) -> Option<&[T]> {
        self.related.as_ref()?.loaded(self.position)
    }

    /// The related rows: at hand if they are loaded, else by a statement that is sent now.
    #[inline]
    fn access<R: Relation<Target = T>>(&self, parent: &R::Parent, at: CallSite) -> Result<&[T]> {
        match &self.related {
            Some(related) => match related.loaded(self.position) {
                Some(rows) => Ok(rows),
                None => strategy::access::<R>(related, self.position, parent, at),
            },
            None => Err(Error::Unattached {
                relation: R::INFO.to_string(),
                entity: R::INFO.entity,
                at,
            }),
        }
    }
}

impl<T> Clone for Link<T> {
    fn clone(&self) -> Self {
        Self {
            related: self.related.clone(),
            position: self.position,
        }
    }
}

impl<T> Default for Link<T> {
    fn default() -> Self {
        Self {
            related: None,
            position: 0,
        }
    }
}

/// What is loaded, and never a statement: printing an entity must not change what a page sends.
impl<T: fmt::Debug> fmt::Debug for Link<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.loaded() {
            Some(rows) => rows.fmt(f),
            None => f.write_str("(not loaded)"),
        }
    }
}

/// A field that leads to many rows, which point back here: `Customer.orders`.
///
/// Read it through the accessor that the derive writes, `customer.orders()?`. A default one belongs to an
/// entity that is built by hand, to be inserted.
pub struct HasMany<T>(Link<T>);

impl<T> HasMany<T> {
    /// The filtered or limited part of the rows that the query loaded with
    /// `selectin(Customer::ORDERS.filter(…))`; `None` if it loaded none. It is never mixed up with the whole,
    /// which the accessor gives.
    #[must_use]
    pub fn part(&self) -> Option<&[T]> {
        self.0.related.as_ref()?.part(self.0.position)
    }

    #[doc(hidden)]
    #[inline]
    #[track_caller]
    pub fn access<R: Relation<Target = T>>(&self, parent: &R::Parent) -> Result<&[T]> {
        self.0.access::<R>(parent, CallSite::caller())
    }
}

/// A field that leads to the one row that this row points to: `Order.customer`.
///
/// Read it through the accessor that the derive writes, `order.customer()?`. It gives a `&Customer`, or an
/// `Option<&Customer>` where the foreign key's field is an `Option`.
pub struct BelongsTo<T>(Link<T>);

impl<T: Entity> BelongsTo<T> {
    #[doc(hidden)]
    #[inline]
    #[track_caller]
    pub fn access<R: Relation<Target = T>>(&self, parent: &R::Parent) -> Result<Option<&T>> {
        Ok(self.0.access::<R>(parent, CallSite::caller())?.first())
    }

    #[doc(hidden)]
    #[inline]
    #[track_caller]
    pub fn access_required<R: Relation<Target = T>>(&self, parent: &R::Parent) -> Result<&T> {
        let at = CallSite::caller();
        let found = self.0.access::<R>(parent, at)?.first();
        found.ok_or_else(|| Error::Dangling {
            relation: R::INFO.to_string(),
            column: R::INFO.parent_columns.join(", "),
            key: R::key(parent).to_string(),
            table: T::TABLE,
            at,
        })
    }
}

/// A field that leads to at most one row, which points back here: `Customer.profile`.
///
/// Read it through the accessor that the derive writes; it gives an `Option`. If several rows point here, it is
/// the first by key.
pub struct HasOne<T>(Link<T>);

impl<T> HasOne<T> {
    #[doc(hidden)]
    #[inline]
    #[track_caller]
    pub fn access<R: Relation<Target = T>>(&self, parent: &R::Parent) -> Result<Option<&T>> {
        Ok(self.0.access::<R>(parent, CallSite::caller())?.first())
    }
}

macro_rules! relation_fields {
    ($($field:ident),*) => {$(
        impl<T: Entity> $field<T> {
            /// Whether it is at hand, so that the accessor will send no statement.
            #[must_use]
            pub fn is_loaded(&self) -> bool {
                self.0.loaded().is_some()
            }

            /// Forgets what was loaded, for this one parent: the next access asks the database again. For
            /// after a write.
            pub fn reload(&mut self) {
                if let Some(related) = &self.0.related {
                    self.0 = Link::new(&related.forgotten(), 0);
                }
            }

            #[doc(hidden)]
            pub fn link(&self) -> &Link<T> {
                &self.0
            }

            #[doc(hidden)]
            pub fn linked(related: &Rc<Related<T>>, position: u32) -> Self {
                Self(Link::new(related, position))
            }
        }

        impl<T> Clone for $field<T> {
            fn clone(&self) -> Self {
                Self(self.0.clone())
            }
        }

        impl<T> Default for $field<T> {
            fn default() -> Self {
                Self(Link::default())
            }
        }

        impl<T: fmt::Debug> fmt::Debug for $field<T> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    )*};
}

relation_fields!(HasMany, HasOne, BelongsTo);

/// Makes the shared part of a relation for a new cohort. Called by the derive.
#[doc(hidden)]
pub fn related<T>(parents: &Rc<Cohort>) -> Rc<Related<T>> {
    Related::new(parents)
}
