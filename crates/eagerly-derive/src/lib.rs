//! The derive macros of `eagerly`: `Entity`, `FromRow` and `ColumnType`.
//!
//! Start with `model.rs`, which parses a struct into a `Model`. `attributes.rs` parses `#[entity(…)]`. `entity.rs` and
//! `relation.rs` generate from the model the code that you would otherwise write by hand. Each error points at the token
//! that caused it.

use proc_macro::TokenStream;
use syn::{DeriveInput, parse_macro_input};

mod attributes;
mod column_enum;
mod column_type;
mod entity;
mod from_row;
mod model;
mod order;
mod relation;
mod rename;
mod syntax;

/// Implements `Entity` for a struct, so that one value of the struct holds one row of a table.
///
/// The struct needs the attribute `#[entity(table = "customers")]`. Its fields can have these attributes:
///
/// | field | attribute | meaning |
/// |---|---|---|
/// | `id: i64` | `#[entity(key)]` | the primary key. On several fields, the attribute declares a composite key |
/// | `family_name: String` | `#[entity(column = "last name")]` | the column name, if it differs from the field name |
/// | `total: i64` | `#[entity(read_only)]` | a column that is read and never written, such as a generated one |
/// | `orders: HasMany<Order>` | `#[entity(foreign_key = "customer_id")]` | the column of `orders` that points here |
/// | `profile: HasOne<Profile>` | `#[entity(foreign_key = "customer_id")]` | the column of `profiles` that points here |
/// | `customer: BelongsTo<Customer>` | `#[entity(key = "customer_id")]` | the column of this table that points there |
/// | `tags: HasMany<Tag>` | `#[entity(through(taggings, tag))]` | the relations on the way: `taggings` of this entity, and `tag` of the entity that it leads to |
/// | `cities: HasMany<City>` | `#[entity(foreign_key = "country_code", references = "code")]` | the column of this table that `country_code` points to, if it is not the key |
/// | `country: BelongsTo<Country>` | `#[entity(key = "country_code", references = "code")]` | the column of `countries` that `country_code` points to, if it is not the key |
/// | `orders: HasMany<Order>` | `#[entity(order_by = "placed_on desc, id")]` | the order of the related rows, by columns of `orders` |
///
/// With `#[entity(table = "customers", schema = "shop")]` on the struct, the table is in the schema `shop`. In SQLite that is
/// the name of an attached database, and `main` is the name of the first. A dot in the name of a table is part of the name.
///
/// With `#[entity(table = "customers", rename_all = "camelCase")]` on the struct, a field `first_name` is the column
/// `firstName`. The other names are `lowercase`, `UPPERCASE`, `PascalCase`, `snake_case`, `SCREAMING_SNAKE_CASE`,
/// `kebab-case` and `SCREAMING-KEBAB-CASE`. A field with `column = "…"` has that column. All other attributes name columns,
/// not fields: `key = "customerId"`.
///
/// The derive of a `Customer` with relations also creates a module `customer`, which holds a type for each relation:
/// `customer::Orders`. If the compiler says "the name `customer` is defined multiple times", there is another module of this
/// name beside the struct. Then choose a name with `#[entity(table = "customers", module = "customer_relations")]`.
///
/// Every strategy returns the related rows in the order of `order_by`, and then by their key. A has-one returns the first.
/// A part with an `order_by` of its own sorts by that first. Nulls are smaller than any value.
///
/// `insert`, `insert_all` and `update` leave out columns that are `read_only`, so the database computes them or uses their
/// default. An inserted entity in memory keeps the old values of such fields until it is loaded again. A key can be read
/// only, too: `#[entity(key, read_only)]` is for `GENERATED ALWAYS AS IDENTITY`. Then the database always chooses the key,
/// and `insert` returns it.
///
/// `references` mirrors SQL: `FOREIGN KEY (country_code) REFERENCES countries (code)`. The column should be unique, and it
/// must be a field of its entity. A null in it matches nothing.
///
/// For a composite key, list every column: `foreign_key("tenant", "customer_no")`. With `strategy = "batch"`
/// (or another strategy), the relation uses that strategy unless a load path overrides it.
///
/// A relation through others is for reading. Its rows are a set: each row comes once for each parent, however many ways lead
/// to it. They are in the order of its own `order_by` and then of their key. The orders of the relations on the way do not
/// matter. Two or more relations of any kind can be on the way. A has-one on the way leads to every row that points here.
/// With a field of type `HasOne<…>`, the accessor returns the first row.
///
/// Each relation has an accessor with the name of its field, such as `customer.orders()?`. It returns a slice
/// for a `HasMany`, an `Option` for a `HasOne`, and a reference for a `BelongsTo`. If the foreign key's field
/// is an `Option`, a `BelongsTo` returns an `Option` too.
///
/// Derive `Default` as well, and a new row names only what it needs: `Customer { first_name, ..Customer::default() }`. An enum
/// needs `#[default]` on one of its variants. If a field has no default, name each relation: `orders: HasMany::default()`.
/// With `Clone`, a clone shares what is loaded with the original.
#[proc_macro_derive(Entity, attributes(entity))]
pub fn derive_entity(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    let written = model::Model::parse(&input).map(|model| entity::write(&model));
    written.unwrap_or_else(syn::Error::into_compile_error).into()
}

/// Implements `FromRow` for a plain struct, which can then hold a row of any SQL query.
///
/// Each field is read from the column with the same name, or with the name in `#[row(column = "…")]`.
#[proc_macro_derive(FromRow, attributes(row))]
pub fn derive_from_row(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    let written = from_row::write(&input);
    written.unwrap_or_else(syn::Error::into_compile_error).into()
}

/// Implements `ColumnType` for a newtype, such as `struct Cents(i64);`, or for an enum without fields, so that a column can
/// have that type.
///
/// A variant of an enum is stored as text, as its name in snake case: `InTransit` as `in_transit`. These attributes change
/// that:
///
/// | attribute | on | meaning |
/// |---|---|---|
/// | `#[column(name = "sent")]` | a variant | the text that is stored |
/// | `#[column(rename_all = "UPPERCASE")]` | the enum | the form of the names, as for an `Entity` |
/// | `#[column(integer)]` | the enum | the numbers of the variants are stored: `Open = 1`; without a number, one more than the last, from 0 on |
///
/// Any other value in the database is an error that lists the stored values.
#[proc_macro_derive(ColumnType, attributes(column))]
pub fn derive_column_type(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    let written = column_type::write(&input);
    written.unwrap_or_else(syn::Error::into_compile_error).into()
}
