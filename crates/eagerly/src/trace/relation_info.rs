//! The names and columns of entities and relations: facts that need no Rust types.

use std::any::TypeId;
use std::fmt;
use std::hash::{Hash, Hasher};

use crate::database::{SqlType, table_name};
use crate::trace::strategy::{Strategy, is_same};

/// The names and columns of an entity.
///
/// ```
/// # use eagerly::Entity;
/// # use shop::Customer;
/// assert_eq!((Customer::INFO.name, Customer::INFO.table), ("Customer", "customers"));
/// assert_eq!(Customer::INFO.columns, ["id", "first_name", "last_name", "email"]);
/// assert_eq!(Customer::INFO.key, ["id"]);
/// ```
#[derive(Debug)]
pub struct EntityInfo {
    /// The struct: `Customer`.
    pub name: &'static str,
    /// The schema of the table: `shop`. `None` if the database looks for the table.
    pub schema: Option<&'static str>,
    /// The table: `customers`.
    pub table: &'static str,
    /// The table in messages: `customers`, with a schema `shop.customers`.
    pub full_name: &'static str,
    /// The columns, in the order of the fields.
    pub columns: &'static [&'static str],
    /// The columns that are written: all that are not read only.
    pub written: &'static [&'static str],
    /// The columns that identify a row. Empty if the entity has no key.
    pub key: &'static [&'static str],
    /// Whether each column can be null, by the type of its field, in the order of the columns.
    pub may_be_null: &'static [bool],
    /// The type of each column, by the type of its field, in the order of the columns.
    pub sql_types: &'static [SqlType],
    /// Whether the key is one column of integers, by the type of its field.
    pub has_integer_key: bool,
    /// Returns the Rust type, which distinguishes entities of one name.
    pub type_id: fn() -> TypeId,
}

impl EntityInfo {
    /// Returns the table's name as SQL writes it: `"customers"`, with a schema `"shop"."customers"`.
    pub(crate) fn sql_name(&self) -> String {
        table_name(self.schema, self.table)
    }

    /// Returns the place of a column among the columns. The derive calls it while the program is compiled, where `==`
    /// cannot compare texts yet.
    #[doc(hidden)]
    pub const fn place(&self, column: &str) -> Option<usize> {
        let mut place = 0;
        while place < self.columns.len() {
            if is_same(self.columns[place].as_bytes(), column.as_bytes()) {
                return Some(place);
            }
            place += 1;
        }
        None
    }

    /// Returns the beginning of a query for rows with a key, for an advice: `Customer::select().filter(Customer::ID.eq(key))`
    /// for the comparison `eq(key)`. The constant is the column's name in upper case, unless the program renames it.
    ///
    /// ```
    /// # use {eagerly::Entity, shop::Customer};
    /// let query = Customer::INFO.query_by_key("in_(keys)");
    /// assert_eq!(query, "Customer::select().filter(Customer::ID.in_(keys))");
    /// ```
    pub fn query_by_key(&self, comparison: &str) -> String {
        let name = self.name;
        match self.key {
            [key] => format!("{name}::select().filter({name}::{}.{comparison})", key.to_uppercase()),
            _ => format!("{name}::select().filter(…)"),
        }
    }
}

/// A column to sort by, and the direction.
///
/// ```
/// # use eagerly::*;
/// #[derive(Entity)]
/// #[entity(table = "authors")]
/// struct Author {
///     #[entity(key)]
///     id: i64,
///     #[entity(foreign_key = "author_id", order_by = "year desc, title")]
///     books: HasMany<Book>,
/// }
///
/// #[derive(Entity)]
/// #[entity(table = "books")]
/// struct Book {
///     author_id: i64,
///     title: String,
///     year: Option<i64>,
/// }
/// let order: &[OrderTerm] = author::Books::INFO.order;
/// assert_eq!(order[0], OrderTerm { column: "year", is_descending: true, may_be_null: true });
/// assert_eq!(order[1], OrderTerm { column: "title", is_descending: false, may_be_null: false });
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OrderTerm {
    /// The column: `year`.
    pub column: &'static str,
    /// Whether the largest value comes first.
    pub is_descending: bool,
    /// Whether the column can be null, by the type of its field.
    pub may_be_null: bool,
}

impl OrderTerm {
    /// Returns the order by a column of an entity; `None` if the entity has no such column. The derive calls it.
    #[doc(hidden)]
    pub const fn of(entity: &EntityInfo, column: &'static str, is_descending: bool) -> Option<Self> {
        match entity.place(column) {
            Some(place) => Some(Self { column, is_descending, may_be_null: entity.may_be_null[place] }),
            None => None,
        }
    }
}

/// Entities are the same if they are one Rust type.
impl PartialEq for EntityInfo {
    fn eq(&self, other: &Self) -> bool {
        (self.type_id)() == (other.type_id)()
    }
}

impl Eq for EntityInfo {}

/// Whether a relation leads to many rows or to one.
///
/// ```
/// # use eagerly::RelationKind;
/// assert!(RelationKind::HasMany.points_here());
/// assert!(!RelationKind::BelongsTo.points_here());
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RelationKind {
    /// Any number of rows of the target point here.
    HasMany,
    /// One row of the target is returned, the first that points here. There may be none.
    HasOne,
    /// This row points to at most one row of the target.
    BelongsTo,
}

impl RelationKind {
    /// Returns whether the foreign key is in the target's table. Then several rows can point here, even for a
    /// has-one.
    pub fn points_here(self) -> bool {
        self != Self::BelongsTo
    }
}

/// The names and columns of a relation.
///
/// ```
/// # use eagerly::Relation;
/// # use shop::customer;
/// let orders = customer::Orders::INFO;
/// assert_eq!(orders.to_string(), "Customer.orders");
/// assert_eq!(orders.constant(), "Customer::ORDERS");
/// assert_eq!((orders.parent_columns, orders.target_columns), (&["id"][..], &["customer_id"][..]));
/// ```
#[derive(Debug)]
pub struct RelationInfo {
    /// The entity that has the field: `Customer`.
    pub parent: &'static EntityInfo,
    /// The entity that the relation leads to: `Order`.
    pub target: &'static EntityInfo,
    /// The field: `orders`.
    pub field: &'static str,
    /// The name of the constant that stands for the relation: `ORDERS`.
    pub constant: &'static str,
    /// The relation's position among the relations of the entity, counted from 0.
    pub place: usize,
    /// Whether the relation leads to many rows or to one.
    pub kind: RelationKind,
    /// The columns of the parent's table that are matched: `id`.
    pub parent_columns: &'static [&'static str],
    /// The columns of the target's table that are matched: `customer_id`. For a relation through others, they are
    /// columns of the table that the first one leads to.
    pub target_columns: &'static [&'static str],
    /// The order of the related rows. Rows that it leaves equal are sorted by their key.
    pub order: &'static [OrderTerm],
    /// Whether the parent's side is one column of integers, by the type of its field.
    pub has_integer_keys: bool,
    /// The strategy that the entity chooses; `None` if the session decides.
    pub strategy: Option<Strategy>,
    /// The relations that this one goes through, in their order. Empty for a relation that goes directly to its target.
    pub through: &'static [&'static RelationInfo],
}

impl RelationInfo {
    /// Returns whether several rows can match one parent: if the foreign key points here, and if it points to columns of
    /// the target that are not its key. These should be unique, but only the database can know.
    pub(crate) fn may_match_several(&self) -> bool {
        self.kind.points_here() || self.target_columns != self.target.key
    }

    /// Returns the constant that stands for the relation in a load path: `Customer::ORDERS`.
    pub fn constant(&self) -> String {
        format!("{}::{}", self.parent.name, self.constant)
    }

    /// Returns whether the relation goes through others. Then several ways can lead from one parent to one row of the
    /// target.
    pub(crate) fn is_through(&self) -> bool {
        !self.through.is_empty()
    }

    /// Returns the relations to follow from the parent to the target: those that this one goes through, or itself.
    pub(crate) fn hops(&'static self) -> Vec<&'static Self> {
        match self.is_through() {
            true => self.through.iter().flat_map(|relation| relation.hops()).collect(),
            false => vec![self],
        }
    }

    /// Returns the entity in whose table the `target_columns` are.
    pub(crate) fn matched(&self) -> &'static EntityInfo {
        self.through.first().map_or(self.target, |first| first.matched())
    }

    /// Returns whether this relation matches the same columns of the same two tables as the other one, in the opposite
    /// direction.
    ///
    /// ```
    /// # use eagerly::Relation;
    /// # use shop::{customer, order};
    /// assert!(order::Customer::INFO.is_inverse_of(customer::Orders::INFO));
    /// assert!(customer::Orders::INFO.is_inverse_of(order::Customer::INFO));
    /// assert!(!order::Items::INFO.is_inverse_of(customer::Orders::INFO));
    /// ```
    pub fn is_inverse_of(&self, other: &Self) -> bool {
        self.parent.table == other.target.table
            && self.target.table == other.parent.table
            && self.parent_columns == other.target_columns
            && self.target_columns == other.parent_columns
            && !self.is_through()
            && !other.is_through()
    }
}

/// Relations are the same if they are the same field of the same entity.
impl PartialEq for RelationInfo {
    fn eq(&self, other: &Self) -> bool {
        self.parent == other.parent && self.place == other.place
    }
}

impl Eq for RelationInfo {}

impl Hash for RelationInfo {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (self.parent.type_id)().hash(state);
        self.place.hash(state);
    }
}

/// Writes `Customer.orders`.
impl fmt::Display for RelationInfo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.parent.name, self.field)
    }
}
