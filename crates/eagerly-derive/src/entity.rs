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

use heck::{ToShoutySnakeCase as _, ToSnakeCase as _, ToUpperCamelCase as _};
use proc_macro2::TokenStream;
use quote::{format_ident, quote, quote_spanned};
use syn::spanned::Spanned as _;
use syn::{Ident, Index, Visibility};

use crate::model::{Kind, Model, RelationField, is_option, plain};

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
    let doc = format!("Returns a query for all rows of `{}`.", model.table.value());
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

/// Returns whether a foreign key column of the relation is an `Option`.
fn is_nullable(model: &Model<'_>, relation: &RelationField<'_>) -> bool {
    let own = relation.columns.iter().filter_map(|column| model.column(&column.value()));
    own.into_iter().any(|column| is_option(&column.field.ty))
}

/// Generates the module with one type per relation.
fn relation_types(model: &Model<'_>) -> TokenStream {
    if model.relations.is_empty() {
        return TokenStream::new();
    }
    let (module, visibility) = (module(model), model.visibility);
    let inner = visibility_from_within(visibility);
    let types = model.relations.iter().map(|relation| {
        let ty = type_name(relation);
        let doc = format!("The relation `{}.{}`.", model.name, plain(relation.ident));
        quote! {
            #[doc = #doc]
            #[derive(Debug, Clone, Copy)]
            #inner struct #ty;
        }
    });
    let doc = format!("The relation types of `{}`.", model.name);
    quote! {
        #[doc = #doc]
        #[allow(dead_code)]
        #visibility mod #module {
            #(#types)*
        }
    }
}

/// Translates a visibility into the relation module, which is one level deeper: private becomes `pub(super)`.
fn visibility_from_within(visibility: &Visibility) -> TokenStream {
    match visibility {
        Visibility::Inherited => quote!(pub(super)),
        Visibility::Restricted(restricted) if restricted.path.is_ident("super") => {
            quote!(pub(in super::super))
        }
        Visibility::Restricted(restricted) if restricted.path.is_ident("self") => {
            quote!(pub(super))
        }
        other => quote!(#other),
    }
}

fn entity(model: &Model<'_>) -> TokenStream {
    let (name, table) = (model.name, &model.table);
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
    let values = model.columns.iter().map(|column| {
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
        impl ::eagerly::Entity for #name {
            type Related = (#(::std::rc::Rc<::eagerly::derive::Related<#targets>>,)*);
            const INFO: &'static ::eagerly::EntityInfo = &::eagerly::EntityInfo {
                name: #name_text,
                table: #table,
                columns: &[#(#columns),*],
                key: &[#(#key),*],
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
        let column = model.columns.iter().position(|column| column.column == field.column);
        quote!(::eagerly::derive::read_field::<Self, #ty>(row, #place, #column))
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

fn relation_impl(model: &Model<'_>, place: usize, relation: &RelationField<'_>) -> TokenStream {
    let (name, target, ident) = (model.name, relation.target, relation.ident);
    let ty = relation_type(model, relation);
    let (field_text, constant_text) = (plain(ident), constant(ident).to_string());
    let kind = field_kind(relation.kind);
    let columns = &relation.columns;
    let pointing = quote!(&[#(#columns),*]);
    let strategy = match &relation.strategy {
        // The library lists its strategies, so a name is checked while the program is compiled.
        Some(strategy) => quote_spanned! {strategy.span()=>
            match ::eagerly::Strategy::named(#strategy) {
                ::std::option::Option::Some(strategy) => ::std::option::Option::Some(strategy),
                ::std::option::Option::None => ::std::panic!("there is no such strategy\nhelp: `eagerly::Strategy` lists their names"),
            }
        },
        None => quote!(::std::option::Option::None),
    };
    let (parent_columns, target_columns, are_integers, key) = match relation.kind {
        Kind::HasMany | Kind::HasOne => (
            quote!(<#name as ::eagerly::Entity>::INFO.key),
            pointing,
            quote!(<#name as ::eagerly::Entity>::INFO.has_integer_key),
            quote!(::eagerly::Keyed::key(parent)),
        ),
        Kind::BelongsTo => {
            let own = || columns.iter().filter_map(|column| model.column(&column.value()));
            let types = own().map(|column| &column.field.ty);
            let bound: Vec<_> = own()
                .map(|column| {
                    let ident = column.ident;
                    quote!(::eagerly::ColumnType::bind(&parent.#ident))
                })
                .collect();
            let key = match bound.as_slice() {
                [one] => quote!(::eagerly::Key::One(#one)),
                several => quote!(::eagerly::Key::Many(::std::vec![#(#several),*])),
            };
            (
                pointing,
                quote!(<#target as ::eagerly::Entity>::INFO.key),
                quote!(true #(&& <#types as ::eagerly::ColumnType>::IS_INTEGER)*),
                key,
            )
        }
    };
    let columns_count = columns.len();
    let place_of_columns = columns.first().map_or_else(|| ident.span(), |column| column.span());
    let same_length = quote_spanned! {place_of_columns=>
        ::std::assert!(
            columns.len() == #columns_count,
            "this names fewer or more columns than the target's key has\n\
            help: name one for each, in their order, as in `key(\"house\", \"room\")`"
        )
    };
    let one = quote!(::eagerly::View<'v, #target, Below>);
    let is_required = matches!(relation.kind, Kind::BelongsTo) && !is_nullable(model, relation);
    let view = match relation.kind {
        Kind::HasMany => quote!(::eagerly::Views<'v, Self, Below>),
        Kind::BelongsTo if is_required => one,
        Kind::HasOne | Kind::BelongsTo => quote!(::std::option::Option<#one>),
    };
    quote! {
        #[automatically_derived]
        impl ::eagerly::Relation for #ty {
            type Parent = #name;
            type Target = #target;
            const IS_REQUIRED: bool = #is_required;
            const INFO: &'static ::eagerly::derive::RelationInfo = &::eagerly::derive::RelationInfo {
                parent: <#name as ::eagerly::Entity>::INFO,
                target: <#target as ::eagerly::Entity>::INFO,
                field: #field_text,
                constant: #constant_text,
                place: #place,
                kind: ::eagerly::derive::RelationKind::#kind,
                parent_columns: #parent_columns,
                target_columns: {
                    let columns: &[&str] = #target_columns;
                    #same_length;
                    columns
                },
                has_integer_keys: #columns_count == 1 && #are_integers,
                strategy: #strategy,
            };

            fn key(parent: &#name) -> ::eagerly::Key<'_> {
                #key
            }

            fn link(parent: &#name) -> &::eagerly::derive::Link<#target> {
                parent.#ident.link()
            }
        }

        // Evaluates what `INFO` asserts in every program, also in those that do not use the relation.
        const _: &::eagerly::derive::RelationInfo = <#ty as ::eagerly::Relation>::INFO;

        #[automatically_derived]
        impl ::eagerly::derive::Viewed for #ty {
            type View<'v, Below> = #view;
        }
    }
}

fn field_kind(kind: Kind) -> Ident {
    match kind {
        Kind::HasMany => format_ident!("HasMany"),
        Kind::HasOne => format_ident!("HasOne"),
        Kind::BelongsTo => format_ident!("BelongsTo"),
    }
}

/// Returns the name of the relation module: `customer` for `Customer`.
fn module(model: &Model<'_>) -> Ident {
    let name = plain(model.name).to_snake_case();
    // A keyword cannot be a module name: `Type` would become `type`.
    syn::parse_str(&name).unwrap_or_else(|_| format_ident!("{name}_"))
}

/// Returns the name of the relation's type: `Orders` for a field `orders`.
fn type_name(relation: &RelationField<'_>) -> Ident {
    Ident::new(&plain(relation.ident).to_upper_camel_case(), relation.ident.span())
}

/// Returns the path of the relation's type: `customer::Orders`.
fn relation_type(model: &Model<'_>, relation: &RelationField<'_>) -> TokenStream {
    let (module, ty) = (module(model), type_name(relation));
    quote!(#module::#ty)
}

/// Returns the name of the constant for a field: `FIRST_NAME` for `first_name`.
fn constant(ident: &Ident) -> Ident {
    let name = plain(ident).to_shouty_snake_case();
    // `_2nd` would become `2ND`, which is not a valid identifier.
    match syn::parse_str::<Ident>(&name) {
        Ok(_) => Ident::new(&name, ident.span()),
        Err(_) => format_ident!("_{name}", span = ident.span()),
    }
}
