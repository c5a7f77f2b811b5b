//! Generates the code of `#[derive(FromRow)]`.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::spanned::Spanned as _;
use syn::{DeriveInput, Field, Ident, LitStr, Result};

use crate::syntax::{error, named_fields, plain};

pub(crate) fn write(input: &DeriveInput) -> Result<TokenStream> {
    if !input.generics.params.is_empty() {
        return error(&input.generics, "a report row cannot be generic\nhelp: remove the generic parameters");
    }
    let name = &input.ident;
    let name_text = plain(name);
    let mut columns = Vec::new();
    let mut fields = Vec::new();
    for (index, field) in named_fields(input, "a report row")?.enumerate() {
        let (Some(ident), ty) = (&field.ident, &field.ty) else {
            continue;
        };
        columns.push(column_name(field, ident)?);
        fields.push(quote_spanned! {ty.span()=>
            #ident: ::eagerly::derive::read_row_field::<Self, #ty>(row, places, #index)?
        });
    }
    Ok(quote! {
        #[automatically_derived]
        impl ::eagerly::FromRow for #name {
            const NAME: &'static str = #name_text;
            const COLUMNS: &'static [&'static str] = &[#(#columns),*];

            fn from_row(row: &::eagerly::Row<'_>, places: &[usize]) -> ::eagerly::Result<Self> {
                ::std::result::Result::Ok(Self { #(#fields,)* })
            }
        }
    })
}

fn column_name(field: &Field, ident: &Ident) -> Result<String> {
    let mut name = plain(ident);
    for attribute in field.attrs.iter().filter(|attribute| attribute.path().is_ident("row")) {
        attribute.parse_nested_meta(|meta| {
            if meta.path.is_ident("column") {
                name = meta.value()?.parse::<LitStr>()?.value();
                Ok(())
            } else {
                Err(meta.error("unknown attribute\nhelp: use `column = \"…\"` on a field"))
            }
        })?;
    }
    Ok(name)
}
