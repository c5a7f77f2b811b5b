//! Generates the code of `#[derive(ColumnType)]` for a newtype, which is read and bound like the type that it wraps.
//! `column_enum.rs` does it for an enum.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Data, DeriveInput, Fields, Result};

use crate::column_enum;
use crate::syntax::error;

pub(crate) fn write(input: &DeriveInput) -> Result<TokenStream> {
    let name = &input.ident;
    let wrapped = match &input.data {
        Data::Enum(data) if input.generics.params.is_empty() => return column_enum::write(input, data),
        Data::Struct(data) => match &data.fields {
            Fields::Unnamed(fields) if fields.unnamed.len() == 1 => fields.unnamed.first(),
            _ => None,
        },
        _ => None,
    };
    let Some(wrapped) = wrapped.filter(|_| input.generics.params.is_empty()) else {
        return error(
            name,
            "a column type must be a newtype, such as `struct Cents(i64);`, or an enum without fields\nhelp: implement `eagerly::ColumnType` by hand for any other type",
        );
    };
    if let Some(attribute) = input.attrs.iter().find(|attribute| attribute.path().is_ident("column")) {
        return error(
            attribute,
            "only an enum has `#[column(…)]`, because a newtype is stored like the type that it wraps\nhelp: remove the attribute",
        );
    }
    let ty = &wrapped.ty;
    Ok(quote! {
        #[automatically_derived]
        impl ::eagerly::ColumnType for #name {
            const IS_INTEGER: bool = <#ty as ::eagerly::ColumnType>::IS_INTEGER;
            const IS_DECIMAL: bool = <#ty as ::eagerly::ColumnType>::IS_DECIMAL;
            const SQL_TYPE: ::eagerly::SqlType = <#ty as ::eagerly::ColumnType>::SQL_TYPE;
            const MAY_BE_NULL: bool = <#ty as ::eagerly::ColumnType>::MAY_BE_NULL;

            fn read(
                cell: ::eagerly::derive::Cell<'_>,
            ) -> ::std::result::Result<Self, ::eagerly::Mismatch> {
                <#ty as ::eagerly::ColumnType>::read(cell).map(#name)
            }

            fn bind(&self) -> ::eagerly::Value<'_> {
                <#ty as ::eagerly::ColumnType>::bind(&self.0)
            }
        }
    })
}
