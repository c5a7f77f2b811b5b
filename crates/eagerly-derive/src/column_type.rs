//! Generates the code of `#[derive(ColumnType)]`: a newtype is read and bound like the type that it wraps.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Data, DeriveInput, Fields, Result};

use crate::syntax::error;

pub(crate) fn write(input: &DeriveInput) -> Result<TokenStream> {
    let name = &input.ident;
    let wrapped = match &input.data {
        Data::Struct(data) => match &data.fields {
            Fields::Unnamed(fields) if fields.unnamed.len() == 1 => fields.unnamed.first(),
            _ => None,
        },
        _ => None,
    };
    let Some(wrapped) = wrapped.filter(|_| input.generics.params.is_empty()) else {
        return error(
            name,
            "a column type must be a newtype, such as `struct Cents(i64);`\nhelp: implement `eagerly::ColumnType` by hand for any other type",
        );
    };
    let ty = &wrapped.ty;
    Ok(quote! {
        #[automatically_derived]
        impl ::eagerly::ColumnType for #name {
            const IS_INTEGER: bool = <#ty as ::eagerly::ColumnType>::IS_INTEGER;
            const IS_DECIMAL: bool = <#ty as ::eagerly::ColumnType>::IS_DECIMAL;
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
