//! Generates the code of `#[derive(ColumnType)]` for an enum.
//!
//! A variant is stored as its name in snake case, or as its number with `#[column(integer)]`. The macro knows all stored
//! values, so the error about another value lists them.

use std::fmt::Display;

use heck::ToSnakeCase as _;
use proc_macro2::TokenStream;
use quote::quote;
use syn::{
    DataEnum, DeriveInput, Expr, ExprLit, ExprUnary, Fields, Ident, Lit, LitStr, Result, UnOp, Variant,
};

use crate::rename::{self, Rename};
use crate::syntax::{error, plain};

/// The content of `#[column(…)]` on the enum.
#[derive(Default)]
struct Attributes {
    is_integer: bool,
    rename_all: Option<Rename>,
}

pub(crate) fn write(input: &DeriveInput, data: &DataEnum) -> Result<TokenStream> {
    let attributes = Attributes::parse(input)?;
    if data.variants.is_empty() {
        return error(
            &input.ident,
            "an enum without variants has no value to store\nhelp: add a variant for each value of the column",
        );
    }
    if let Some(variant) = data.variants.iter().find(|variant| !matches!(variant.fields, Fields::Unit)) {
        return error(
            variant,
            "a variant with fields does not fit in a column\nhelp: remove the fields, or store the enum as JSON, in an `eagerly::Json<…>`",
        );
    }
    match attributes.is_integer {
        true => integers(&input.ident, data),
        false => texts(&input.ident, data, attributes.rename_all),
    }
}

impl Attributes {
    fn parse(input: &DeriveInput) -> Result<Self> {
        let mut found = Self::default();
        for attribute in input.attrs.iter().filter(|attribute| attribute.path().is_ident("column")) {
            attribute.parse_nested_meta(|meta| {
                if meta.path.is_ident("integer") {
                    found.is_integer = true;
                } else if meta.path.is_ident("rename_all") {
                    found.rename_all = Some(rename::parse(&meta.value()?.parse()?)?);
                } else {
                    return Err(meta.error(
                        "unknown attribute\nhelp: use `integer` or `rename_all = \"…\"` on an enum, and `name = \"…\"` on a variant",
                    ));
                }
                match found.is_integer && found.rename_all.is_some() {
                    true => Err(meta.error("a number has no name to rename\nhelp: remove `rename_all`, or `integer` to store names")),
                    false => Ok(()),
                }
            })?;
        }
        Ok(found)
    }
}

fn texts(name: &Ident, data: &DataEnum, rename_all: Option<Rename>) -> Result<TokenStream> {
    let rename = rename_all.unwrap_or(|variant| variant.to_snake_case());
    let stored = |variant| Ok(stored_name(variant)?.unwrap_or_else(|| rename(&plain(&variant.ident))));
    let texts = data.variants.iter().map(stored).collect::<Result<Vec<String>>>()?;
    check_distinct(data, &texts, |text| format!("{text:?}"))?;
    let expected = listed(texts.iter().map(|text| format!("{text:?}")));
    let variants: Vec<_> = data.variants.iter().map(|variant| &variant.ident).collect();
    Ok(quote! {
        #[automatically_derived]
        impl ::eagerly::ColumnType for #name {
            const SQL_TYPE: ::eagerly::SqlType = ::eagerly::SqlType::Text;

            fn read(
                cell: ::eagerly::derive::Cell<'_>,
            ) -> ::std::result::Result<Self, ::eagerly::Mismatch> {
                match cell.text() {
                    #(::std::result::Result::Ok(#texts) => ::std::result::Result::Ok(Self::#variants),)*
                    _ => ::std::result::Result::Err(::eagerly::derive::mismatch(cell, #expected)),
                }
            }

            fn bind(&self) -> ::eagerly::Value<'_> {
                ::eagerly::Value::Text(::std::borrow::Cow::Borrowed(match self {
                    #(Self::#variants => #texts,)*
                }))
            }
        }
    })
}

fn integers(name: &Ident, data: &DataEnum) -> Result<TokenStream> {
    let mut numbers: Vec<i64> = Vec::new();
    for variant in &data.variants {
        if stored_name(variant)?.is_some() {
            return error(
                variant,
                "this enum is stored as numbers\nhelp: remove `name`, or `integer` to store names",
            );
        }
        let number = match (&variant.discriminant, numbers.last()) {
            (Some((_, written)), _) => literal(written),
            (None, Some(last)) => last.checked_add(1),
            (None, None) => Some(0),
        };
        let Some(number) = number else {
            return error(
                variant,
                "the number of a variant must be a literal of 64 bits\nhelp: write the number itself, as in `Open = 3`",
            );
        };
        numbers.push(number);
    }
    check_distinct(data, &numbers, i64::to_string)?;
    let variants: Vec<_> = data.variants.iter().map(|variant| &variant.ident).collect();
    let shown =
        numbers.iter().zip(&variants).map(|(number, variant)| format!("{number} ({})", plain(variant)));
    let expected = listed(shown);
    Ok(quote! {
        #[automatically_derived]
        impl ::eagerly::ColumnType for #name {
            const IS_INTEGER: bool = true;
            const SQL_TYPE: ::eagerly::SqlType = ::eagerly::SqlType::BigInt;

            fn read(
                cell: ::eagerly::derive::Cell<'_>,
            ) -> ::std::result::Result<Self, ::eagerly::Mismatch> {
                match cell.integer() {
                    #(::std::result::Result::Ok(#numbers) => ::std::result::Result::Ok(Self::#variants),)*
                    _ => ::std::result::Result::Err(::eagerly::derive::mismatch(cell, #expected)),
                }
            }

            fn bind(&self) -> ::eagerly::Value<'_> {
                ::eagerly::Value::Integer(match self {
                    #(Self::#variants => #numbers,)*
                })
            }
        }
    })
}

/// Returns the name in `#[column(name = "…")]`.
fn stored_name(variant: &Variant) -> Result<Option<String>> {
    let mut name = None;
    for attribute in variant.attrs.iter().filter(|attribute| attribute.path().is_ident("column")) {
        attribute.parse_nested_meta(|meta| {
            if !meta.path.is_ident("name") {
                return Err(meta.error("unknown attribute\nhelp: use `name = \"…\"` on a variant"));
            }
            name = Some(meta.value()?.parse::<LitStr>()?.value());
            Ok(())
        })?;
    }
    Ok(name)
}

/// Returns the number of a literal such as `3` or `-1`.
fn literal(written: &Expr) -> Option<i64> {
    match written {
        Expr::Lit(ExprLit { lit: Lit::Int(number), .. }) => number.base10_parse().ok(),
        Expr::Unary(ExprUnary { op: UnOp::Neg(_), expr, .. }) => literal(expr)?.checked_neg(),
        _ => None,
    }
}

fn check_distinct<T: PartialEq>(data: &DataEnum, stored: &[T], shown: impl Fn(&T) -> String) -> Result<()> {
    for (place, (variant, value)) in data.variants.iter().zip(stored).enumerate() {
        if stored[..place].contains(value) {
            let message = format!(
                "two variants are stored as {}\nhelp: give one of them another name or number",
                shown(value)
            );
            return error(variant, message);
        }
    }
    Ok(())
}

/// Returns `"a", "b" or "c"`.
fn listed(values: impl Iterator<Item = impl Display>) -> String {
    let values: Vec<_> = values.map(|value| value.to_string()).collect();
    match values.as_slice() {
        [first @ .., last] if !first.is_empty() => format!("{} or {last}", first.join(", ")),
        values => values.concat(),
    }
}
