//! Parsers for a single setting. Each error message ends with the values that are allowed.

use std::ops::RangeInclusive;
use std::time::Duration;

use eagerly::Strategy;

use super::{BadInput, LONGEST_NAME};

/// Parses the name of a strategy.
pub(super) fn strategy(key: &str, value: &str) -> Result<Strategy, BadInput> {
    let parsed = value.parse::<Strategy>();
    parsed.map_err(|error| BadInput(format!("The setting `{key}` is not valid: {error}.")))
}

/// Parses one of a few words.
pub(super) fn choice<T: Copy>(key: &str, value: &str, choices: &[(&str, T)]) -> Result<T, BadInput> {
    let found = choices.iter().find(|(name, _)| *name == value);
    found.map(|(_, choice)| *choice).ok_or_else(|| {
        let names: Vec<_> = choices.iter().map(|(name, _)| *name).collect();
        BadInput(format!(
            "The setting `{key}` cannot be {value:?}.\n  help: set it to {}",
            names.join(" or ")
        ))
    })
}

/// Parses a number from 1 to `most`.
pub(super) fn number(key: &str, value: &str, most: u64) -> Result<u64, BadInput> {
    match value.parse() {
        Ok(number) if (1..=most).contains(&number) => Ok(number),
        _ => Err(BadInput(format!(
            "The setting `{key}` cannot be {value:?}.\n  help: set it to a number from 1 to {most}"
        ))),
    }
}

/// Parses a number from 1 to `most`, or the word `all`, which returns `None`.
pub(super) fn number_or_all(key: &str, value: &str, most: u64) -> Result<Option<u64>, BadInput> {
    match value {
        "all" => Ok(None),
        _ => number(key, value, most).map(Some),
    }
}

/// Parses a number of milliseconds.
pub(super) fn milliseconds(
    key: &str,
    value: &str,
    bounds: RangeInclusive<f64>,
) -> Result<Duration, BadInput> {
    match value.parse::<f64>() {
        Ok(time) if bounds.contains(&time) => Ok(Duration::from_nanos((time * 1e6).round() as u64)),
        _ => Err(BadInput(format!(
            "The setting `{key}` cannot be {value:?}.\n  help: set it to a number of milliseconds from {} to {}",
            bounds.start(),
            bounds.end()
        ))),
    }
}

/// Checks the length of a name.
pub(super) fn name(value: &str) -> Result<String, BadInput> {
    match value.chars().count() <= LONGEST_NAME {
        true => Ok(value.to_owned()),
        false => Err(BadInput(format!(
            "The setting `name` is too long.\n  help: search for {LONGEST_NAME} characters or fewer"
        ))),
    }
}
