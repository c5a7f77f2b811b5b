//! Generates the code of the relations for `#[derive(Entity)]`: their types, their names, and `impl Relation`.

use heck::{ToShoutySnakeCase as _, ToSnakeCase as _, ToUpperCamelCase as _};
use proc_macro2::{Group, Span, TokenStream, TokenTree};
use quote::{ToTokens as _, format_ident, quote, quote_spanned};
use syn::spanned::Spanned as _;
use syn::{Ident, LitStr, Visibility};

use crate::model::{Model, RelationField};
use crate::order;
use crate::syntax::{Kind, is_option, plain};

/// Generates the module with one type per relation.
pub(crate) fn relation_types(model: &Model<'_>) -> TokenStream {
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

pub(crate) fn relation_impl(model: &Model<'_>, place: usize, relation: &RelationField<'_>) -> TokenStream {
    let (name, target, ident) = (model.name, relation.target, relation.ident);
    let ty = relation_type(model, relation);
    let (field_text, constant_text) = (plain(ident), constant(ident).to_string());
    let name_hash = name_hash(ident);
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
    let through = through(model, relation);
    let (parent_columns, target_columns, are_integers, key) = match relation.kind {
        // The first relation on the way decides how rows are matched with a parent.
        _ if !through.is_empty() => {
            let first = &through[0];
            let info = quote!(<#first as ::eagerly::Relation>::INFO);
            (
                quote!(#info.parent_columns),
                quote!(#info.target_columns),
                quote!(#info.has_integer_keys),
                quote!(<#first as ::eagerly::Relation>::key(parent)),
            )
        }
        Kind::HasMany | Kind::HasOne if relation.references.is_empty() => (
            quote!(<#name as ::eagerly::Entity>::INFO.key),
            pointing,
            quote!(<#name as ::eagerly::Entity>::INFO.has_integer_key),
            quote!(::eagerly::Keyed::key(parent)),
        ),
        Kind::HasMany | Kind::HasOne => {
            let (are_integers, key) = own_key(model, &relation.references);
            let references = &relation.references;
            (quote!(&[#(#references),*]), pointing, are_integers, key)
        }
        Kind::BelongsTo => {
            let (are_integers, key) = own_key(model, columns);
            (pointing, referenced_columns(relation), are_integers, key)
        }
    };
    let order = relation.order.as_ref().map(|(order, terms)| order::write(order, terms, target));
    let columns_count = columns.len();
    let (are_integers, check) = match through.last() {
        Some(last) => (are_integers, check_target(relation, last)),
        None => (quote!(#columns_count == 1 && #are_integers), TokenStream::new()),
    };
    let place_of_columns = columns.first().map_or_else(|| ident.span(), |column| column.span());
    let same_length = quote_spanned! {place_of_columns=>
        ::std::assert!(
            columns.len() == #columns_count || #columns_count == 0,
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
        // Leaves it out of the compiler's messages, which would list the relations of all entities.
        #[automatically_derived]
        #[diagnostic::do_not_recommend]
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
                order: &[#order],
                has_integer_keys: #are_integers,
                strategy: #strategy,
                through: &[#(<#through as ::eagerly::Relation>::INFO),*],
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

        #check

        #[automatically_derived]
        #[diagnostic::do_not_recommend]
        impl ::eagerly::derive::Named<#name_hash> for #name {
            type Relation = #ty;
        }

        #[automatically_derived]
        impl ::eagerly::derive::Viewed for #ty {
            type View<'v, Below> = #view;
        }
    }
}

/// Returns the types of the relations that a relation goes through. The second is looked up in the entity that the first
/// leads to, and so on (`model/named.rs` in `eagerly`).
fn through(model: &Model<'_>, relation: &RelationField<'_>) -> Vec<TokenStream> {
    let mut entity = model.name.to_token_stream();
    let mut types = Vec::new();
    for name in &relation.through {
        let hash = name_hash(name);
        // An error about the entity points at the name that was looked up in it.
        let entity_here = moved(entity, name.span());
        let named = quote_spanned!(name.span()=> <#entity_here as ::eagerly::derive::Named<#hash>>::Relation);
        entity = quote_spanned!(name.span()=> <#named as ::eagerly::Relation>::Target);
        types.push(named);
    }
    types
}

/// Returns the same tokens at another place in the source.
fn moved(tokens: TokenStream, to: Span) -> TokenStream {
    let one = |token| match token {
        TokenTree::Group(group) => TokenTree::Group(Group::new(group.delimiter(), moved(group.stream(), to))),
        mut other => {
            other.set_span(to);
            other
        }
    };
    tokens.into_iter().map(one).collect()
}

/// Generates the check that the last relation leads to the target, which has a key. Repeated rows are recognised by it.
fn check_target(relation: &RelationField<'_>, last: &TokenStream) -> TokenStream {
    let target = relation.target;
    let (leads_to, has_key) = (
        quote_spanned!(target.span()=> leads_to::<#last>),
        quote_spanned!(target.span()=> has_key::<#target>),
    );
    quote! {
        const _: () = {
            fn leads_to<R: ::eagerly::derive::LeadsTo<#target>>() {}
            fn has_key<E: ::eagerly::Keyed>() {}
            let _ = (#leads_to, #has_key);
        };
    }
}

/// Returns a number for the name of a field: its hash (FNV-1a).
fn name_hash(name: &Ident) -> u64 {
    plain(name).bytes().fold(0xcbf2_9ce4_8422_2325, |hash: u64, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

/// Returns whether columns of this entity hold integers, and the expression for their values in `parent`.
fn own_key(model: &Model<'_>, columns: &[LitStr]) -> (TokenStream, TokenStream) {
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
    (quote!(true #(&& <#types as ::eagerly::ColumnType>::IS_INTEGER)*), key)
}

/// Returns the columns of the target that a belongs-to leads to: its key, or the columns that the attribute names.
/// The compiler looks for those in the target, which the macro cannot see.
fn referenced_columns(relation: &RelationField<'_>) -> TokenStream {
    let target = relation.target;
    if relation.references.is_empty() {
        return quote!(<#target as ::eagerly::Entity>::INFO.key);
    }
    let target_name = target.to_token_stream().to_string();
    let columns = relation.references.iter().map(|column| {
        let missing = format!(
            "no field of {target_name} maps to the column {:?}\nhelp: name a unique column of {target_name}, or remove `references` to lead to its key",
            column.value()
        );
        quote_spanned! {column.span()=>
            {
                let place = <#target as ::eagerly::Entity>::INFO.place(#column);
                ::std::assert!(place.is_some(), "{}", #missing);
                #column
            }
        }
    });
    quote!(&[#(#columns),*])
}

/// Returns whether a foreign key column of the relation is an `Option`.
pub(crate) fn is_nullable(model: &Model<'_>, relation: &RelationField<'_>) -> bool {
    let own = relation.columns.iter().filter_map(|column| model.column(&column.value()));
    own.into_iter().any(|column| is_option(&column.field.ty))
}

pub(crate) fn field_kind(kind: Kind) -> Ident {
    match kind {
        Kind::HasMany => format_ident!("HasMany"),
        Kind::HasOne => format_ident!("HasOne"),
        Kind::BelongsTo => format_ident!("BelongsTo"),
    }
}

/// Returns the name of the relation module: `customer` for `Customer`, unless the attribute `module` names another.
fn module(model: &Model<'_>) -> Ident {
    if let Some(module) = &model.module {
        return module.clone();
    }
    let name = plain(model.name).to_snake_case();
    // A keyword cannot be a module name: `Type` would become `type`.
    syn::parse_str(&name).unwrap_or_else(|_| format_ident!("{name}_"))
}

/// Returns the name of the relation's type: `Orders` for a field `orders`.
fn type_name(relation: &RelationField<'_>) -> Ident {
    Ident::new(&plain(relation.ident).to_upper_camel_case(), relation.ident.span())
}

/// Returns the path of the relation's type: `customer::Orders`.
pub(crate) fn relation_type(model: &Model<'_>, relation: &RelationField<'_>) -> TokenStream {
    let (module, ty) = (module(model), type_name(relation));
    quote!(#module::#ty)
}

/// Returns the name of the constant for a field: `FIRST_NAME` for `first_name`.
pub(crate) fn constant(ident: &Ident) -> Ident {
    let name = plain(ident).to_shouty_snake_case();
    // `_2nd` would become `2ND`, which is not a valid identifier.
    match syn::parse_str::<Ident>(&name) {
        Ok(_) => Ident::new(&name, ident.span()),
        Err(_) => format_ident!("_{name}", span = ident.span()),
    }
}
