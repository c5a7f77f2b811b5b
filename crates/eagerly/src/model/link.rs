//! Relation fields. [`HasMany`], [`HasOne`] and [`BelongsTo`] are each a [`Link`]: a pointer to the `Related`
//! of its cohort, and the row's position in the cohort.
//!
//! The accessors that the derive writes start in `load/access.rs`.

use std::fmt;
use std::rc::Rc;

use crate::model::key::Key;
use crate::model::related::{Parents, Related};

/// A pointer to the `Related` of its cohort, and the row's position in the cohort.
pub struct Link<T: 'static> {
    /// `None` for an entity that was built by hand.
    related: Option<Rc<Related<T>>>,
    position: u32,
}

impl<T: 'static> Link<T> {
    pub(crate) fn related(&self) -> Option<&Rc<Related<T>>> {
        self.related.as_ref()
    }

    pub(crate) fn position(&self) -> u32 {
        self.position
    }

    /// Returns the related rows of a row whose key is `key` now; `None` if they are not loaded.
    #[inline]
    pub(crate) fn loaded(&self, key: &Key<'_>) -> Option<&[T]> {
        self.related.as_ref()?.loaded(self.position, key)
    }

    /// Returns the related rows for the key that the row had when they were loaded.
    #[inline]
    pub(crate) fn loaded_before(&self) -> Option<&[T]> {
        self.related.as_ref()?.loaded_before(self.position)
    }

    /// Returns the part of the related rows that is loaded; `None` if no part is.
    #[inline]
    pub(crate) fn part(&self) -> Option<&[T]> {
        self.related.as_ref()?.part(self.position)
    }

    /// Records that the program accessed the relation.
    #[inline]
    pub(crate) fn record_access(&self) {
        if let Some(related) = &self.related {
            related.record_access(self.position);
        }
    }

    /// Records that the program accessed the part of the relation.
    pub(crate) fn record_access_to_part(&self) {
        if let Some(related) = &self.related {
            related.record_access_to_part();
        }
    }
}

/// A clone is the same row of the same cohort. It costs one reference count, and shares what is loaded now and later. To the
/// observers, an access on either is an access to that row. If the key of one of the two is changed, each answers for its own
/// key.
impl<T: 'static> Clone for Link<T> {
    fn clone(&self) -> Self {
        Self { related: self.related.clone(), position: self.position }
    }
}

impl<T: 'static> Default for Link<T> {
    fn default() -> Self {
        Self { related: None, position: 0 }
    }
}

/// Writes what is loaded. It never sends a statement, because printing an entity must not change what a page sends.
impl<T: fmt::Debug + 'static> fmt::Debug for Link<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.loaded_before() {
            Some(rows) => rows.fmt(f),
            None => f.write_str("(not loaded)"),
        }
    }
}

/// A field that leads to many rows, whose foreign key points to this row: `Customer.orders`.
///
/// Read it with the accessor that the derive writes. In an entity that you build to insert, use the default: `orders:
/// HasMany::default()`. If the entity derives `Default`, `..Customer::default()` stands for all of its relations.
///
/// ```
/// # use {eagerly::*, shop::*}; let session = shop::small()?;
/// let ada = session.get::<Customer>(1)?;
/// assert_eq!(ada.orders()?.len(), 2);
/// # Ok::<(), Error>(())
/// ```
///
/// The field has no rows. "`HasMany<Order>` is not an iterator" means that the accessor's parentheses are missing.
///
/// A clone of an entity shares what is loaded, and what will be loaded, with the original:
///
/// ```
/// # use {eagerly::*, shop::*}; let session = shop::small()?;
/// let ada = session.get::<Customer>(1)?;
/// let copy = ada.clone();
/// ada.orders()?;
/// assert!(copy.orders.is_loaded());
/// # Ok::<(), Error>(())
/// ```
///
/// It can also lead through other relations. Then each row comes once, however many ways lead to it:
///
/// ```
/// # use {eagerly::*, shop::*}; let session = shop::small()?;
/// #[derive(Entity)]
/// #[entity(table = "customers")]
/// struct Buyer {
///     #[entity(key)]
///     id: i64,
///     #[entity(foreign_key = "customer_id")]
///     orders: HasMany<Order>,
///     #[entity(through(orders, items))]
///     items: HasMany<OrderItem>,
/// }
/// let buyers = session.all(Buyer::select().with(selectin(Buyer::ITEMS)))?; // 2 statements
/// assert_eq!(buyers[0].items()?.len(), 6);
/// # Ok::<(), Error>(())
/// ```
pub struct HasMany<T: 'static>(Link<T>);

/// A field that leads to the one row that this row points to: `Order.customer`.
///
/// The accessor that the derive writes returns a `&Customer`. If the foreign key's field is an `Option`, it
/// returns an `Option<&Customer>`.
///
/// ```
/// # use {eagerly::*, shop::*}; let session = shop::small()?;
/// let order = session.get::<Order>(16)?;
/// assert_eq!(order.customer()?.first_name, "Ada");
/// # Ok::<(), Error>(())
/// ```
///
/// The field has no columns of the row. "No field `first_name` on type `BelongsTo<Customer>`" means that the accessor's
/// parentheses are missing.
pub struct BelongsTo<T: 'static>(Link<T>);

/// A field that leads to at most one row, whose foreign key points to this row: `Country.capital`.
///
/// The accessor that the derive writes returns an `Option`. If several rows point to this row, it returns the
/// first in the order of `order_by`, and then of the key.
///
/// ```
/// # use eagerly::*; let session = Session::in_memory()?;
/// #[derive(Entity)]
/// #[entity(table = "countries")]
/// struct Country {
///     #[entity(key)]
///     id: i64,
///     #[entity(foreign_key = "country_id")]
///     capital: HasOne<Capital>,
/// }
///
/// #[derive(Entity)]
/// #[entity(table = "capitals")]
/// struct Capital {
///     #[entity(key)]
///     country_id: i64,
///     name: String,
/// }
/// session.create_tables::<(Country, Capital)>()?;
/// session.execute("INSERT INTO countries VALUES (1), (2)", [])?;
/// session.execute("INSERT INTO capitals VALUES (1, 'Paris')", [])?;
/// let countries = session.all(Country::select())?;
/// assert_eq!(countries[0].capital()?.map(|capital| capital.name.as_str()), Some("Paris"));
/// assert!(countries[1].capital()?.is_none());
/// # Ok::<(), Error>(())
/// ```
pub struct HasOne<T: 'static>(Link<T>);

macro_rules! relation_fields {
    ($($field:ident),*) => {$(
        impl<T: 'static> $field<T> {
            /// Returns whether the relation is loaded, so that the accessor sends no statement.
            ///
            /// If the program changes the key after that, the accessor loads the relation again, for the new key.
            ///
            /// ```
            /// # use {eagerly::*, shop::*}; let session = shop::small()?;
            /// let ada = session.get::<Customer>(1)?;
            /// assert!(!ada.orders.is_loaded());
            /// ada.orders()?;
            /// assert!(ada.orders.is_loaded());
            /// # Ok::<(), Error>(())
            /// ```
            pub fn is_loaded(&self) -> bool {
                self.0.loaded_before().is_some()
            }

            /// Forgets what is loaded for this row, so that the next access sends a statement, for this row alone. Call
            /// it after a write.
            ///
            /// What the query's load path loads below the relation is loaded again with it. Under `raise`, an access stays an
            /// error. To load a relation of several rows again, reload each and then call
            /// [`Session::preload`](crate::Session::preload).
            ///
            /// ```
            /// # use {eagerly::*, shop::*}; let session = shop::small()?;
            /// let mut ada = session.get::<Customer>(1)?;
            /// assert_eq!(ada.orders()?.len(), 2);
            /// session.execute("UPDATE orders SET customer_id = 1 WHERE id = 3", [])?;
            /// assert_eq!(ada.orders()?.len(), 2);
            /// ada.orders.reload();
            /// assert_eq!(ada.orders()?.len(), 3);
            /// # Ok::<(), Error>(())
            /// ```
            pub fn reload(&mut self) {
                if let Some(related) = &self.0.related {
                    let alone = related.forgotten(self.0.position);
                    self.0 = Link { related: Some(alone), position: 0 };
                }
            }

            /// Returns the filtered or limited part of the rows that a query or `preload` loaded with
            /// `selectin(Customer::ORDERS.filter(…))`; `None` if no part is loaded. It belongs to the key that the row
            /// had then. The accessor always returns the whole.
            ///
            /// ```
            /// # use {eagerly::*, shop::*}; let session = shop::small()?;
            /// let open = Customer::ORDERS.filter(Order::STATUS.eq("open"));
            /// let customers = session.all(Customer::select().with(selectin(open)))?;
            /// assert_eq!(customers[1].orders.part().map(<[_]>::len), Some(2));
            /// assert_eq!(customers[1].orders()?.len(), 36);
            /// # Ok::<(), Error>(())
            /// ```
            pub fn part(&self) -> Option<&[T]> {
                self.0.record_access_to_part();
                self.0.part()
            }

            #[doc(hidden)]
            #[inline]
            pub fn link(&self) -> &Link<T> {
                &self.0
            }

            #[doc(hidden)]
            #[inline]
            pub fn linked(related: &Rc<Related<T>>, position: u32) -> Self {
                Self(Link { related: Some(Rc::clone(related)), position })
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

/// Creates the `Related` of a new cohort, for the relation at `place`. The derive calls this.
#[doc(hidden)]
pub fn related<T: 'static>(parents: &Parents, place: usize) -> Rc<Related<T>> {
    Related::new(parents, place as u32)
}
