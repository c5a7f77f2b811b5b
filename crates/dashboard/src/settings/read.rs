//! Reading a single setting: what is out of bounds is told in words that say what would be right.

use std::ops::RangeInclusive;
use std::time::Duration;

use eagerly::Strategy;

use super::{BadInput, LONGEST_NAME};

/// A strategy, by its name.
pub(super) fn strategy(key: &str, value: &str) -> Result<Strategy, BadInput> {
    let parsed = value.parse::<Strategy>();
    parsed.map_err(|error| BadInput(format!("The setting `{key}`: {error}.")))
}

/// One of a few words.
pub(super) fn choice<T: Copy>(key: &str, value: &str, choices: &[(&str, T)]) -> Result<T, BadInput> {
    let found = choices.iter().find(|(name, _)| *name == value);
    found.map(|(_, choice)| *choice).ok_or_else(|| {
        let names: Vec<_> = choices.iter().map(|(name, _)| *name).collect();
        BadInput(format!(
            "The setting `{key}` is {value:?}, and has to be {}.",
            names.join(" or ")
        ))
    })
}

/// A number from 1 on.
pub(super) fn number(key: &str, value: &str, most: u64) -> Result<u64, BadInput> {
    match value.parse() {
        Ok(number) if (1..=most).contains(&number) => Ok(number),
        _ => Err(BadInput(format!(
            "The setting `{key}` is {value:?}, and has to be a number from 1 to {most}."
        ))),
    }
}

/// A number from 1 on, or the word for all of them.
pub(super) fn number_or_all(key: &str, value: &str, most: u64) -> Result<Option<u64>, BadInput> {
    match value {
        "all" => Ok(None),
        _ => number(key, value, most).map(Some),
    }
}

/// A time as a number of milliseconds.
pub(super) fn milliseconds(
    key: &str,
    value: &str,
    bounds: RangeInclusive<f64>,
) -> Result<Duration, BadInput> {
    match value.parse::<f64>() {
        Ok(time) if bounds.contains(&time) => Ok(Duration::from_nanos((time * 1e6).round() as u64)),
        _ => Err(BadInput(format!(
            "The setting `{key}` is {value:?}, and has to be a number of milliseconds from {} to {}.",
            bounds.start(),
            bounds.end()
        ))),
    }
}

/// A name, not too long.
pub(super) fn name(value: &str) -> Result<String, BadInput> {
    match value.chars().count() <= LONGEST_NAME {
        true => Ok(value.to_owned()),
        false => Err(BadInput(format!(
            "The name to look for has to be {LONGEST_NAME} characters or fewer."
        ))),
    }
}
