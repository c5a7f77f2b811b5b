//! Relation fields: an entity's line to what its cohort has loaded.
//!
//! [`HasMany`], [`HasOne`] and [`BelongsTo`] are all a [`Link`]: a pointer to what the cohort shares, and the row's
//! position in the cohort. The derive writes an accessor for each, which comes through here: if the related
//! rows are at hand, they are handed out; if not, the strategy decides what happens.

use std::fmt;
use std::rc::Rc;

use crate::cohort::Cohort;
use crate::entity::Entity;
use crate::error::{Error, Result};
use crate::event::CallSite;
use crate::loaded::FromRows as _;
use crate::related::Related;
use crate::relation::Relation;
use crate::strategy;

/// What every relation field is: a pointer to what the cohort shares, and this row's position in the cohort.
pub struct Link<T: 'static> {
    related: Option<Rc<Related<T>>>,
    position: u32,
}

impl<T: 'static> Link<T> {
    pub(crate) fn new(related: &Rc<Related<T>>, position: u32) -> Self {
        Self {
            related: Some(Rc::clone(related)),
            position,
        }
    }

    fn loaded(&self) -> Option<&[T]> {
        self.related.as_ref()?.loaded(self.position)
    }

    /// What is loaded, for somebody who looks at it.
    #[inline]
    pub(crate) fn seen(&self) -> Option<&[T]> {
        let related = self.related.as_ref()?;
        related.note_access();
        related.loaded(self.position)
    }

    /// The part that is loaded, for somebody who looks at it.
    pub(crate) fn seen_part(&self) -> Option<&[T]> {
        self.related.as_ref()?.note_part_access();
        self.part()
    }

    pub(crate) fn part(&self) -> Option<&[T]> {
        self.related.as_ref()?.part(self.position)
    }

    /// The related rows, which a query should have loaded when it returns.
    pub(crate) fn up_front<R: Relation<Target = T>>(&self, parent: &R::Parent, at: CallSite) -> Result<&[T]> {
        let rows = self.loaded().ok_or_else(|| Error::NotUpFront {
            relation: R::INFO.to_string(),
            at,
        })?;
        match rows.is_empty() && R::View::<'_, ()>::NEEDS_ONE {
            true => Err(dangling::<R>(parent, at)),
            false => Ok(rows),
        }
    }

    /// The related rows: at hand if they are loaded, else by a statement that is sent now.
    #[inline]
    fn access<R: Relation<Target = T>>(&self, parent: &R::Parent, at: CallSite) -> Result<&[T]> {
        match &self.related {
            Some(related) => {
                related.note_access();
                match related.loaded(self.position) {
                    Some(rows) => Ok(rows),
                    None => strategy::access::<R>(related, self.position, parent, at),
                }
            }
            None => Err(Error::Unattached {
                relation: R::INFO.to_string(),
                entity: R::INFO.entity,
                at,
            }),
        }
    }
}

/// A copy shares its original's place in the cohort, and with it what is loaded there. It is a copy of the row
/// as it was read: after changing a foreign key in it, `reload()`.
impl<T: 'static> Clone for Link<T> {
    fn clone(&self) -> Self {
        Self {
            related: self.related.clone(),
            position: self.position,
        }
    }
}

impl<T: 'static> Default for Link<T> {
    fn default() -> Self {
        Self {
            related: None,
            position: 0,
        }
    }
}

/// What is loaded, and never a statement: printing an entity must not change what a page sends.
impl<T: fmt::Debug + 'static> fmt::Debug for Link<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.loaded() {
            Some(rows) => rows.fmt(f),
            None => f.write_str("(not loaded)"),
        }
    }
}

/// What the parents of one cohort share of a relation; `None` if there are none.
pub(crate) fn shared_by<R: Relation>(parents: &[R::Parent]) -> Option<&Rc<Related<R::Target>>> {
    R::link(parents.first()?).related.as_ref()
}

/// A field that leads to many rows, which point back here: `Customer.orders`.
///
/// Read it through the accessor that the derive writes, `customer.orders()?`. A default one belongs to an
/// entity that is built by hand, to be inserted.
///
/// ```
/// # use shop::{Customer, Size, data};
/// # let session = data::in_memory(&Size { customers: 5, ..Size::default() })?;
/// let ada = session.get::<Customer>(1)?;
/// assert_eq!(ada.orders()?.len(), 2);
/// # Ok::<(), eagerly::Error>(())
/// ```
pub struct HasMany<T: 'static>(Link<T>);

impl<T: 'static> HasMany<T> {
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
///
/// ```
/// # use shop::{Order, Size, data};
/// # let session = data::in_memory(&Size { customers: 5, ..Size::default() })?;
/// let order = session.get::<Order>(16)?;
/// assert_eq!(order.customer()?.first_name, "Ada");
/// # Ok::<(), eagerly::Error>(())
/// ```
pub struct BelongsTo<T: 'static>(Link<T>);

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
        found.ok_or_else(|| dangling::<R>(parent, at))
    }
}

fn dangling<R: Relation>(parent: &R::Parent, at: CallSite) -> Error {
    Error::Dangling {
        relation: R::INFO.to_string(),
        column: R::INFO.parent_columns.join(", "),
        key: R::key(parent).to_string(),
        table: R::Target::TABLE,
        at,
    }
}

/// A field that leads to at most one row, which points back here: `Customer.profile`.
///
/// Read it through the accessor that the derive writes; it gives an `Option`. If several rows point here, it is
/// the first by key, if they have one.
///
/// ```
/// # use eagerly::{Entity, HasOne, Session};
/// # #[derive(Debug, Entity)] #[entity(table = "countries")]
/// # struct Country { #[entity(key)] id: i64, #[entity(foreign_key = "country_id")] capital: HasOne<Capital> }
/// # #[derive(Debug, Entity)] #[entity(table = "capitals")]
/// # struct Capital { #[entity(key)] country_id: i64, name: String }
/// # let session = Session::in_memory()?;
/// # for sql in ["CREATE TABLE countries (id INTEGER PRIMARY KEY)", "INSERT INTO countries VALUES (1), (2)",
/// #     "CREATE TABLE capitals (country_id INTEGER PRIMARY KEY, name TEXT NOT NULL)",
/// #     "INSERT INTO capitals VALUES (1, 'Paris')"] { session.execute(sql, [])?; }
/// let countries = session.all(Country::select())?;
/// assert_eq!(countries[0].capital()?.map(|capital| capital.name.as_str()), Some("Paris"));
/// assert!(countries[1].capital()?.is_none());
/// # Ok::<(), eagerly::Error>(())
/// ```
pub struct HasOne<T: 'static>(Link<T>);

impl<T: 'static> HasOne<T> {
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
            ///
            /// ```
            /// # use shop::{Customer, Size, data};
            /// # let session = data::in_memory(&Size { customers: 5, ..Size::default() })?;
            /// let ada = session.get::<Customer>(1)?;
            /// assert!(!ada.orders.is_loaded());
            /// ada.orders()?;
            /// assert!(ada.orders.is_loaded());
            /// # Ok::<(), eagerly::Error>(())
            /// ```
            #[must_use]
            pub fn is_loaded(&self) -> bool {
                self.0.loaded().is_some()
            }

            /// Forgets what was loaded, for this one parent: the next access asks the database again. For
            /// after a write.
            ///
            /// ```
            /// # use shop::{Customer, Size, data};
            /// # let session = data::in_memory(&Size { customers: 5, ..Size::default() })?;
            /// let mut ada = session.get::<Customer>(1)?;
            /// assert_eq!(ada.orders()?.len(), 2);
            /// session.execute("UPDATE orders SET customer_id = 1 WHERE id = 3", [])?;
            /// assert_eq!(ada.orders()?.len(), 2);
            /// ada.orders.reload();
            /// assert_eq!(ada.orders()?.len(), 3);
            /// # Ok::<(), eagerly::Error>(())
            /// ```
            pub fn reload(&mut self) {
                if let Some(related) = &self.0.related {
                    self.0 = Link::new(&related.forgotten(self.0.position), 0);
                }
            }

            /// The filtered or limited part of the rows that the query loaded with
            /// `selectin(Customer::ORDERS.filter(…))`; `None` if it loaded none. It is never mixed up with the whole,
            /// which the accessor gives.
            ///
            /// ```
            /// # use eagerly::{Relation, selectin};
            /// # use shop::{Customer, Order, Size, data};
            /// # let session = data::in_memory(&Size { customers: 5, ..Size::default() })?;
            /// let open = Customer::ORDERS.filter(Order::STATUS.eq("open"));
            /// let customers = session.all(Customer::select().with(selectin(open)))?;
            /// assert_eq!(customers[1].orders.part().map(<[_]>::len), Some(2));
            /// assert_eq!(customers[1].orders()?.len(), 36);
            /// # Ok::<(), eagerly::Error>(())
            /// ```
            #[must_use]
            pub fn part(&self) -> Option<&[T]> {
                self.0.seen_part()
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

        impl<T: 'static> Clone for $field<T> {
            fn clone(&self) -> Self {
                Self(self.0.clone())
            }
        }

        impl<T: 'static> Default for $field<T> {
            fn default() -> Self {
                Self(Link::default())
            }
        }

        impl<T: fmt::Debug + 'static> fmt::Debug for $field<T> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    )*};
}

relation_fields!(HasMany, HasOne, BelongsTo);

/// Makes the shared part of the relation at `place` for a new cohort. Called by the derive.
#[doc(hidden)]
pub fn related<T: 'static>(parents: &Rc<Cohort>, place: usize) -> Rc<Related<T>> {
    Related::new(parents, place)
}
