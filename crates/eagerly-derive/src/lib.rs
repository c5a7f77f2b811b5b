//! The derives of `eagerly`: what they accept, and what they write.
//!
//! Read `entity.rs` for the main one: it parses a struct into a `Model` (`model.rs`) and writes the code that a
//! person would otherwise write by hand. Everything that is wrong with a struct is said at the place where it
//! is wrong, with what to write instead.

use proc_macro::TokenStream;
use syn::{DeriveInput, parse_macro_input};

mod column_type;
mod entity;
mod from_row;
mod model;

/// Makes a struct an entity: a row of a table.
///
/// On the struct: `#[entity(table = "customers")]`. On its fields:
///
/// | field | attribute | meaning |
/// |---|---|---|
/// | `id: i64` | `#[entity(key)]` | identifies the row: no two have the same. On several fields: they identify it together |
/// | `family_name: String` | `#[entity(column = "last name")]` | the column has another name than the field |
/// | `orders: HasMany<Order>` | `#[entity(foreign_key = "customer_id")]` | the column of `orders` that points here |
/// | `profile: HasOne<Profile>` | `#[entity(foreign_key = "customer_id")]` | the column of `profiles` that points here |
/// | `customer: BelongsTo<Customer>` | `#[entity(key = "customer_id")]` | the column of this table that points there |
///
/// Where the key has several columns, name as many: `foreign_key("tenant", "customer_no")`. With
/// `strategy = "batch"` (or another) a relation is loaded in that way unless a load path says otherwise.
///
/// A relation's accessor has the field's name: `customer.orders()?`. For a `HasMany` it gives a slice, for a
/// `HasOne` an `Option`, and for a `BelongsTo` a reference, or an `Option` of one where the foreign key's field is
/// written as an `Option`.
#[proc_macro_derive(Entity, attributes(entity))]
pub fn derive_entity(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    let written = model::Model::parse(&input).map(|model| entity::write(&model));
    written.unwrap_or_else(syn::Error::into_compile_error).into()
}

/// Reads a plain struct from the row of a report: each field from the column of its name, or of the name that
/// `#[row(column = "…")]` says.
#[proc_macro_derive(FromRow, attributes(row))]
pub fn derive_from_row(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    let written = from_row::write(&input);
    written.unwrap_or_else(syn::Error::into_compile_error).into()
}

/// Lets a newtype stand in a column: `struct Cents(i64);`.
#[proc_macro_derive(ColumnType)]
pub fn derive_column_type(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    let written = column_type::write(&input);
    written.unwrap_or_else(syn::Error::into_compile_error).into()
}
