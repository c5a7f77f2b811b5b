//! The order of a relation: `order_by = "placed_on desc, id"`.

use proc_macro2::TokenStream;
use quote::{ToTokens as _, quote, quote_spanned};
use syn::{LitStr, Result, Type};

use crate::syntax::error;

/// A column to sort by.
pub(crate) struct Term {
    column: String,
    is_descending: bool,
}

/// Parses the terms. The name of a column may contain spaces, so only the last word can be a direction.
pub(crate) fn parse(order: &LitStr) -> Result<Vec<Term>> {
    let text = order.value();
    let terms = text.split(',').map(|term| {
        let term = term.trim();
        let (column, is_descending) = match term.rsplit_once(char::is_whitespace) {
            Some((column, word)) if word.eq_ignore_ascii_case("desc") => (column.trim_end(), true),
            Some((column, word)) if word.eq_ignore_ascii_case("asc") => (column.trim_end(), false),
            _ => (term, false),
        };
        match column.is_empty() {
            true => error(
                order,
                "a column is missing in this order\nhelp: separate columns by commas, as in #[entity(order_by = \"placed_on desc, id\")]",
            ),
            false => Ok(Term { column: column.to_owned(), is_descending }),
        }
    });
    terms.collect()
}

/// Generates the terms. The compiler looks for their columns in the target, which the macro cannot see.
pub(crate) fn write(order: &LitStr, terms: &[Term], target: &Type) -> TokenStream {
    let target_name = target.to_token_stream().to_string();
    let terms = terms.iter().map(|Term { column, is_descending }| {
        let missing = format!(
            "no field of {target_name} maps to the column {column:?}\nhelp: sort by columns of {target_name}, as in `order_by = \"placed_on desc, id\"`"
        );
        quote_spanned! {order.span()=>
            match ::eagerly::derive::OrderTerm::of(<#target as ::eagerly::Entity>::INFO, #column, #is_descending) {
                ::std::option::Option::Some(term) => term,
                ::std::option::Option::None => ::std::panic!("{}", #missing),
            }
        }
    });
    quote!(#(#terms),*)
}
