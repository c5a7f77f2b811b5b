//! Generates the code of `#[derive(Entity)]`.
//!
//! For a struct `Customer` with a relation `orders`, it generates:
//!
//! ```text
//! impl Customer { ID, FIRST_NAME, …, ORDERS, select(), orders() }
//! mod customer  { struct Orders; }                    the relation's type
//! impl Entity for Customer, impl Keyed for Customer   rows to structs and back
//! impl Relation for customer::Orders                  the columns that match
//! ```
//!
//! The second and the last are in `relation.rs`.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::Index;
use syn::spanned::Spanned as _;

use crate::model::{Model, RelationField};
use crate::relation::{constant, field_kind, is_nullable, relation_impl, relation_type, relation_types};
use crate::syntax::{Kind, plain};

pub(crate) fn write(model: &Model<'_>) -> TokenStream {
    let inherent = inherent(model);
    let module = relation_types(model);
    let entity = entity(model);
    let keyed = keyed(model);
    let relations =
        model.relations.iter().enumerate().map(|(place, relation)| relation_impl(model, place, relation));
    quote! {
        #inherent
        #module
        #entity
        #keyed
        #(#relations)*
    }
}

/// Generates the inherent `impl`: the constants for columns and relations, `select()` and the accessors.
fn inherent(model: &Model<'_>) -> TokenStream {
    let name = model.name;
    let visibility = model.visibility;
    let columns = model.columns.iter().map(|column| {
        let constant = constant(column.ident);
        let (vis, ty, text) = (&column.field.vis, &column.field.ty, &column.column);
        let doc = format!("The column `{text}`.");
        quote! {
            #[doc = #doc]
            #vis const #constant: ::eagerly::Column<#name, #ty> = ::eagerly::Column::new(#text);
        }
    });
    let relations = model.relations.iter().map(|relation| {
        let constant = constant(relation.ident);
        let (vis, ty) = (&relation.field.vis, relation_type(model, relation));
        let doc = format!("The relation `{}`, for use in load paths.", plain(relation.ident));
        quote! {
            #[doc = #doc]
            #vis const #constant: #ty = #ty;
        }
    });
    let accessors = model.relations.iter().map(|relation| accessor(model, relation));
    let doc = format!("Returns a query for all rows of `{}`.", model.full_name());
    quote! {
        #[allow(dead_code)]
        impl #name {
            #(#columns)*
            #(#relations)*

            #[doc = #doc]
            #visibility fn select() -> ::eagerly::Select<#name> {
                ::std::default::Default::default()
            }

            #(#accessors)*
        }
    }
}

fn accessor(model: &Model<'_>, relation: &RelationField<'_>) -> TokenStream {
    let RelationField { ident, target, .. } = relation;
    let vis = &relation.field.vis;
    let ty = relation_type(model, relation);
    let nullable = is_nullable(model, relation);
    let optional = quote!(::std::option::Option<&#target>);
    let (returned, access) = match relation.kind {
        Kind::HasMany => (quote!(&[#target]), quote!(many)),
        Kind::HasOne => (optional, quote!(optional)),
        Kind::BelongsTo if nullable => (optional, quote!(optional)),
        Kind::BelongsTo => (quote!(&#target), quote!(required)),
    };
    let doc = format!(
        "Returns the relation `{}`. Loads it with a statement if it is not loaded yet.",
        plain(ident)
    );
    quote! {
        #[doc = #doc]
        ///
        /// # Errors
        /// Fails if the relation is not loaded and cannot be loaded, for example after the session closed.
        #[track_caller]
        #vis fn #ident(&self) -> ::eagerly::Result<#returned> {
            ::eagerly::derive::#access::<#ty>(self)
        }
    }
}

fn entity(model: &Model<'_>) -> TokenStream {
    let (name, table) = (model.name, &model.table);
    let full_name = model.full_name();
    let schema = match &model.schema {
        Some(schema) => quote!(::std::option::Option::Some(#schema)),
        None => quote!(::std::option::Option::None),
    };
    let name_text = plain(name);
    let columns = model.columns.iter().map(|column| &column.column);
    let key = model.key().map(|column| &column.column);
    let targets = model.relations.iter().map(|relation| relation.target);
    let shared = model
        .relations
        .iter()
        .enumerate()
        .map(|(place, _)| quote!(::eagerly::derive::related(cohort, #place)));
    let key_types = model.key().map(|column| &column.field.ty);
    let has_integer_key = quote!(true #(&& <#key_types as ::eagerly::ColumnType>::IS_INTEGER)*);
    let has_defaults = model.relations.iter().any(|relation| relation.strategy.is_some());
    let relation_types = model.relations.iter().map(|relation| relation_type(model, relation));
    let column_types = model.columns.iter().map(|column| &column.field.ty);
    let sql_types = column_types.clone();
    let written = || model.columns.iter().filter(|column| !column.is_read_only);
    let written_columns = written().map(|column| &column.column);
    let values = written().map(|column| {
        let (ident, ty) = (column.ident, &column.field.ty);
        quote_spanned!(ty.span()=> ::eagerly::ColumnType::bind(&self.#ident))
    });
    let read_columns = model.columns.iter().enumerate().map(|(index, column)| {
        let (ident, ty) = (column.ident, &column.field.ty);
        quote_spanned! {ty.span()=>
            #ident: ::eagerly::derive::read_field::<Self, #ty>(row, first + #index, #index)?
        }
    });
    let read_relations = model.relations.iter().enumerate().map(|(index, relation)| {
        let (ident, kind) = (relation.ident, field_kind(relation.kind));
        let place = Index::from(index);
        quote!(#ident: ::eagerly::#kind::linked(&related.#place, position))
    });
    quote! {
        #[automatically_derived]
        impl ::eagerly::AsEntity for #name {
            type Entity = Self;

            #[inline]
            fn as_entity(&self) -> &Self {
                self
            }
        }

        #[automatically_derived]
        impl ::eagerly::Entity for #name {
            type Related = (#(::std::rc::Rc<::eagerly::derive::Related<#targets>>,)*);
            const INFO: &'static ::eagerly::EntityInfo = &::eagerly::EntityInfo {
                name: #name_text,
                schema: #schema,
                table: #table,
                full_name: #full_name,
                columns: &[#(#columns),*],
                written: &[#(#written_columns),*],
                key: &[#(#key),*],
                may_be_null: &[#(<#column_types as ::eagerly::ColumnType>::MAY_BE_NULL),*],
                sql_types: &[#(<#sql_types as ::eagerly::ColumnType>::SQL_TYPE),*],
                has_integer_key: #has_integer_key,
                type_id: ::std::any::TypeId::of::<Self>,
            };
            const HAS_DEFAULTS: bool = #has_defaults;

            fn each_relation(visitor: &mut impl ::eagerly::derive::RelationVisitor<Self>) {
                let _ = &visitor;
                #(visitor.relation::<#relation_types>();)*
            }

            #[allow(clippy::unused_unit)]
            fn related(cohort: &::eagerly::derive::Parents) -> Self::Related {
                let _ = cohort;
                (#(#shared,)*)
            }

            #[inline(always)]
            fn read(
                row: &::eagerly::Row<'_>,
                first: usize,
                related: &Self::Related,
                position: u32,
            ) -> ::eagerly::Result<Self> {
                let _ = (related, position);
                ::std::result::Result::Ok(Self {
                    #(#read_columns,)*
                    #(#read_relations,)*
                })
            }

            fn values(&self) -> ::std::vec::Vec<::eagerly::Value<'_>> {
                ::std::vec![#(#values),*]
            }
        }
    }
}

fn keyed(model: &Model<'_>) -> TokenStream {
    let name = model.name;
    let fields: Vec<_> = model.key().collect();
    let types = fields.iter().map(|field| &field.field.ty);
    let read = fields.iter().enumerate().map(|(place, field)| {
        let ty = &field.field.ty;
        quote!(::eagerly::derive::read_key_field::<Self, #ty>(row, #place))
    });
    let bind = fields.iter().map(|field| {
        let ident = field.ident;
        quote!(::eagerly::ColumnType::bind(&self.#ident))
    });
    let (key_type, read, bind) = match fields.len() {
        0 => return TokenStream::new(),
        1 => (quote!(#(#types)*), quote!(#(#read)*), quote!(One(#(#bind)*))),
        _ => (
            quote!((#(#types),*)),
            quote!(::std::result::Result::Ok((#(#read?),*))),
            quote!(Many(::std::vec![#(#bind),*])),
        ),
    };
    quote! {
        #[automatically_derived]
        impl ::eagerly::Keyed for #name {
            type Key = #key_type;

            fn read_key(row: &::eagerly::Row<'_>) -> ::eagerly::Result<Self::Key> {
                #read
            }

            fn key(&self) -> ::eagerly::Key<'_> {
                ::eagerly::Key::#bind
            }
        }
    }
}
