//! The names of columns that are not named one by one: `rename_all = "camelCase"`.

use heck::{
    ToKebabCase as _, ToLowerCamelCase as _, ToShoutyKebabCase as _, ToShoutySnakeCase as _,
    ToSnakeCase as _, ToUpperCamelCase as _,
};
use syn::{LitStr, Result};

use crate::syntax::error;

/// How the name of a column is made from the name of its field.
pub(crate) type Rename = fn(&str) -> String;

/// The names are those of serde.
const RENAMES: [(&str, Rename); 8] = [
    ("lowercase", |field| field.to_lowercase()),
    ("UPPERCASE", |field| field.to_uppercase()),
    ("PascalCase", |field| field.to_upper_camel_case()),
    ("camelCase", |field| field.to_lower_camel_case()),
    ("snake_case", |field| field.to_snake_case()),
    ("SCREAMING_SNAKE_CASE", |field| field.to_shouty_snake_case()),
    ("kebab-case", |field| field.to_kebab_case()),
    ("SCREAMING-KEBAB-CASE", |field| field.to_shouty_kebab_case()),
];

pub(crate) fn parse(name: &LitStr) -> Result<Rename> {
    match RENAMES.iter().find(|(known, _)| *known == name.value()) {
        Some((_, rename)) => Ok(*rename),
        None => error(
            name,
            format!(
                "there is no such way to rename columns\nhelp: use one of {}",
                RENAMES.map(|(known, _)| known).join(", ")
            ),
        ),
    }
}
