//! A value on the wire, reduced to a number.
//!
//! The detector only asks whether two values are equal. So a value is hashed, and forgotten: no value of the application
//! stays in memory or appears in a report. Two different values have the same hash once in 10^19 pairs.
//!
//! The same value looks different in the text format and in the binary format of the protocol, and in the text of a
//! statement. So the hash is that of the text format, and numbers and UUIDs in the binary format are written as text first.

use std::hash::{DefaultHasher, Hasher as _};
use std::io::Write as _;

use jiff::SignedDuration;
use jiff::civil::{DateTime, date};

/// The number of a type in the table `pg_type`.
pub(crate) type TypeNumber = u32;

/// The shortest text that two columns hardly ever share by chance, in bytes.
const DISTINCTIVE: usize = 8;

/// The length of an integer that two columns hardly ever share by chance, in digits.
const DISTINCTIVE_INTEGER: usize = 12;

/// A value, without its content.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Value {
    pub(crate) hash: u64,
    /// Whether the value can hardly be in two places by chance. A UUID is distinctive, and 17 is not.
    pub(crate) is_distinctive: bool,
}

impl Value {
    /// Reduces a value in the text format. Returns `None` for an empty text and for a truth value, which mean nothing by
    /// themselves, and for an array.
    pub(crate) fn of_text(text: &[u8]) -> Option<Self> {
        if matches!(text, b"" | b"t" | b"f" | b"true" | b"false" | b"TRUE" | b"FALSE")
            || text.starts_with(b"{")
        {
            return None;
        }
        let is_number = text.iter().all(|byte| byte.is_ascii_digit() || b"-+:. ".contains(byte));
        let is_long_integer = text.len() >= DISTINCTIVE_INTEGER && text.iter().all(u8::is_ascii_digit);
        Some(Self {
            hash: hash(text),
            is_distinctive: is_long_integer || (!is_number && text.len() >= DISTINCTIVE),
        })
    }

    /// Reduces a value in the binary format of a type. Returns `None` as [`of_text`](Self::of_text) does.
    pub(crate) fn of_binary(type_number: TypeNumber, bytes: &[u8]) -> Option<Self> {
        // The numbers are those of PostgreSQL's source, `pg_type.dat`.
        match (type_number, bytes) {
            (16, _) => None,
            (21, &[a, b]) => Self::of_integer(i16::from_be_bytes([a, b]).into()),
            (23, &[a, b, c, d]) => Self::of_integer(i32::from_be_bytes([a, b, c, d]).into()),
            (26, &[a, b, c, d]) => Self::of_integer(u32::from_be_bytes([a, b, c, d]).into()),
            (20, bytes) if bytes.len() == 8 => Self::of_integer(i64::from_be_bytes(bytes.try_into().ok()?)),
            (2950, bytes) if bytes.len() == 16 => Self::of_text(uuid(bytes).as_bytes()),
            (1082, &[a, b, c, d]) => {
                let days = i64::from(i32::from_be_bytes([a, b, c, d]));
                Self::of_time(SignedDuration::from_hours(24 * days), |time| time.date().to_string())
            }
            (1114 | 1184, bytes) if bytes.len() == 8 => {
                let micros = SignedDuration::from_micros(i64::from_be_bytes(bytes.try_into().ok()?));
                // The text of a time with a zone depends on the session. Most servers and sessions use UTC.
                let zone = if type_number == 1184 { "+00" } else { "" };
                Self::of_time(micros, |time| format!("{}{zone}", time.to_string().replace('T', " ")))
            }
            // Character types, enumerations and types of extensions look the same in both formats.
            (18 | 19 | 25 | 1042 | 1043, text) => Self::of_text(text),
            (number, text) if number >= FIRST_OF_USER => Self::of_text(text),
            // Equal values of one type have equal bytes. A value of this type in the text format is not recognised.
            (number, bytes) => {
                let bytes = [&number.to_be_bytes(), bytes].concat();
                Some(Self { hash: hash(&bytes), is_distinctive: false })
            }
        }
    }

    /// Reduces a date or a time, which the binary format counts from the year 2000.
    fn of_time(since: SignedDuration, text: impl Fn(DateTime) -> String) -> Option<Self> {
        let time = date(2000, 1, 1).at(0, 0, 0, 0).checked_add(since).ok()?;
        Self::of_text(text(time).as_bytes())
    }

    fn of_integer(integer: i64) -> Option<Self> {
        let mut text = [0; 20];
        let mut rest = &mut text[..];
        // The longest is -9223372036854775808, with 20 characters.
        write!(rest, "{integer}").ok()?;
        let left = rest.len();
        Self::of_text(&text[..20 - left])
    }
}

/// The first number of a type that is not built in.
const FIRST_OF_USER: TypeNumber = 16_384;

/// Returns a hash that is never 0.
pub(crate) fn hash(bytes: &[u8]) -> u64 {
    let mut hasher = DefaultHasher::new();
    hasher.write(bytes);
    // 0 stands for NULL where values lie in a list.
    hasher.finish().max(1)
}

fn uuid(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(36);
    for (position, byte) in bytes.iter().enumerate() {
        if matches!(position, 4 | 6 | 8 | 10) {
            text.push('-');
        }
        text.push_str(&format!("{byte:02x}"));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_equal_in_both_formats() {
        let cases: [(TypeNumber, &[u8], &str); 12] = [
            (21, &(-5_i16).to_be_bytes(), "-5"),
            (23, &70_000_i32.to_be_bytes(), "70000"),
            (20, &i64::MIN.to_be_bytes(), "-9223372036854775808"),
            (26, &u32::MAX.to_be_bytes(), "4294967295"),
            (1082, &9_826_i32.to_be_bytes(), "2026-11-26"),
            (1082, &(-1_i32).to_be_bytes(), "1999-12-31"),
            (1114, &1_500_000_i64.to_be_bytes(), "2000-01-01 00:00:01.5"),
            (1184, &86_400_000_000_i64.to_be_bytes(), "2000-01-02 00:00:00+00"),
            (25, b"Ada", "Ada"),
            (1043, b"Ada", "Ada"),
            (FIRST_OF_USER, b"shipped", "shipped"),
            (2950, &[0xab; 16], "abababab-abab-abab-abab-abababababab"),
        ];
        for (number, binary, text) in cases {
            let value = Value::of_text(text.as_bytes());
            assert!(value.is_some());
            assert_eq!(Value::of_binary(number, binary), value, "{text}");
        }
        assert_ne!(Value::of_text(b"1"), Value::of_text(b"2"));
    }

    #[test]
    fn what_two_columns_share_by_chance_is_not_distinctive() {
        for text in ["1", "12345678901", "2026-11-26", "2026-11-26 12:30:00+01", "cancels", "12.50"] {
            assert!(!Value::of_text(text.as_bytes()).unwrap().is_distinctive, "{text}");
        }
        for text in ["abababab-abab-abab-abab-abababababab", "ada@example.org", "123456789012", "canceled"] {
            assert!(Value::of_text(text.as_bytes()).unwrap().is_distinctive, "{text}");
        }
    }

    #[test]
    fn truth_values_empty_texts_and_arrays_are_no_values() {
        for text in ["", "t", "f", "true", "false", "{1,2}", "{}"] {
            assert_eq!(Value::of_text(text.as_bytes()), None, "{text}");
        }
        assert_eq!(Value::of_binary(16, &[1]), None);
    }

    #[test]
    fn a_binary_value_of_the_wrong_length_is_a_value_without_meaning() {
        for number in [20, 21, 23, 26, 2950] {
            assert!(Value::of_binary(number, &[1, 2, 3]).is_some());
            assert!(Value::of_binary(number, &[]).is_some());
        }
        assert_ne!(Value::of_binary(2950, &[1, 2, 3]), Value::of_text(b"010203"));
    }
}
