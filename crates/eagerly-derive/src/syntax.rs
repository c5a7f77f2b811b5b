//! What the macros need to know of Rust's syntax: fields, their types and names, and errors that point at them.

use std::fmt::Display;

use syn::ext::IdentExt as _;
use syn::{Data, DeriveInput, Error, Field, Fields, GenericArgument, Ident, PathArguments, Result, Type};

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    HasMany,
    HasOne,
    BelongsTo,
}

/// Returns the fields of a struct with named fields. `what` is the subject of the error messages.
pub(crate) fn named_fields<'a>(
    input: &'a DeriveInput,
    what: &str,
) -> Result<impl Iterator<Item = &'a Field>> {
    match &input.data {
        Data::Struct(data) => match &data.fields {
            Fields::Named(fields) => Ok(fields.named.iter()),
            _ => error(
                &input.ident,
                format!(
                    "{what} must be a struct with named fields\nhelp: declare a named field for each column"
                ),
            ),
        },
        _ => error(
            &input.ident,
            format!("{what} must be a struct\nhelp: replace the enum or union with a struct"),
        ),
    }
}

/// Returns the kind and the target of a relation's type; `None` if the field is a column.
pub(crate) fn relation_type(ty: &Type) -> Option<(Kind, &Type)> {
    let Type::Path(path) = ty else { return None };
    let last = path.path.segments.last()?;
    let kind = match last.ident.to_string().as_str() {
        "HasMany" => Kind::HasMany,
        "HasOne" => Kind::HasOne,
        "BelongsTo" => Kind::BelongsTo,
        _ => return None,
    };
    let PathArguments::AngleBracketed(arguments) = &last.arguments else {
        return None;
    };
    match arguments.args.first()? {
        GenericArgument::Type(target) => Some((kind, target)),
        _ => None,
    }
}

/// Returns whether a type is written as `Option<…>`. A macro sees only the text, so it misses type aliases.
pub(crate) fn is_option(ty: &Type) -> bool {
    matches!(ty, Type::Path(path) if path.path.segments.last().is_some_and(|last| last.ident == "Option"))
}

/// Returns the name of an identifier, without the `r#` of a raw identifier.
pub(crate) fn plain(ident: &Ident) -> String {
    ident.unraw().to_string()
}

pub(crate) fn error<T>(place: &impl syn::spanned::Spanned, message: impl Display) -> Result<T> {
    Err(Error::new(place.span(), message))
}
