//! Numbers as people read them.

use std::time::Duration;

/// Formats a count with thousands separators: `33,001`.
///
/// ```
/// # use eagerly::numbers::count;
/// assert_eq!(count(33_001), "33,001");
/// ```
pub fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Formats a count and what is counted: `1 statement`, `33,001 statements`.
///
/// ```
/// # use eagerly::numbers::counted;
/// assert_eq!(counted(1, "statement"), "1 statement");
/// assert_eq!(counted(33_001, "statement"), "33,001 statements");
/// ```
pub fn counted(number: u64, singular: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{} {singular}{plural}", count(number))
}

/// Formats a time with up to three significant digits and a unit: `1.08 ms`. From 100 s on, two digits are enough: `44 min`,
/// `1.5 h`.
///
/// ```
/// # use {eagerly::numbers::time, std::time::Duration};
/// assert_eq!(time(Duration::from_micros(1_080)), "1.08 ms");
/// assert_eq!(time(Duration::from_secs(2_640)), "44 min");
/// ```
pub fn time(time: Duration) -> String {
    let seconds = time.as_secs_f64();
    // 999.6 µs would round up to 1,000 µs, so it is written as 1.00 ms. The other limits are rounded in the same way.
    let (value, unit) = match seconds {
        _ if seconds >= 59.5 * 60.0 => return long(seconds / 3_600.0, "h"),
        _ if seconds >= 99.95 => return long(seconds / 60.0, "min"),
        _ if seconds >= 0.9995 => (seconds, "s"),
        _ if seconds >= 0.999_5e-3 => (seconds * 1e3, "ms"),
        _ => (seconds * 1e6, "µs"),
    };
    match value {
        _ if value >= 99.95 || value.fract() == 0.0 => format!("{} {unit}", count(value.round() as u64)),
        _ if value >= 9.995 => format!("{value:.1} {unit}"),
        _ => format!("{value:.2} {unit}"),
    }
}

fn long(value: f64, unit: &str) -> String {
    match value >= 9.95 || value.fract() == 0.0 {
        true => format!("{} {unit}", count(value.round() as u64)),
        false => format!("{value:.1} {unit}"),
    }
}

/// Formats a number of bytes with up to three significant digits and a unit: `4.29 MB`. A kB is 1,000 bytes.
///
/// ```
/// # use eagerly::numbers::bytes;
/// assert_eq!(bytes(4_294_000), "4.29 MB");
/// ```
pub fn bytes(bytes: u64) -> String {
    let number = bytes as f64;
    let (value, unit) = match number {
        _ if number >= 999.5e6 => (number / 1e9, "GB"),
        _ if number >= 999.5e3 => (number / 1e6, "MB"),
        _ if number >= 999.5 => (number / 1e3, "kB"),
        _ => return counted(bytes, "byte"),
    };
    match value {
        _ if value >= 99.95 => format!("{} {unit}", count(value.round() as u64)),
        _ if value >= 9.995 => format!("{value:.1} {unit}"),
        _ => format!("{value:.2} {unit}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_have_thousands_separators() {
        assert_eq!(
            [0, 7, 999, 1_000, 33_001, 1_234_567].map(count).join(" "),
            "0 7 999 1,000 33,001 1,234,567"
        );
        assert_eq!(counted(1, "row") + " " + &counted(2, "row"), "1 row 2 rows");
    }

    #[test]
    fn times_have_three_digits_and_never_a_thousand_of_a_unit() {
        let shown = [0, 700, 1_080, 99_949, 999_400, 999_600, 1_080_000, 999_600_000, 33_001_000_000]
            .map(|nanoseconds| time(Duration::from_nanos(nanoseconds)));
        assert_eq!(
            shown.join(" | "),
            "0 µs | 0.70 µs | 1.08 µs | 99.9 µs | 999 µs | 1.00 ms | 1.08 ms | 1.00 s | 33.0 s"
        );
    }

    #[test]
    fn from_100_seconds_on_times_are_minutes_and_hours() {
        let shown =
            [99.94, 99.95, 120.0, 121.0, 596.9, 597.0, 2_640.0, 3_569.9, 3_570.0, 5_400.0, 36_000.0, 4e6]
                .map(|seconds| time(Duration::from_secs_f64(seconds)));
        assert_eq!(
            shown.join(" | "),
            "99.9 s | 1.7 min | 2 min | 2.0 min | 9.9 min | 10 min | 44 min | 59 min | 1.0 h | 1.5 h | 10 h | 1,111 h"
        );
    }

    #[test]
    fn bytes_have_three_digits_and_a_unit() {
        let shown = [1, 999, 1_000, 4_294_000, 999_600_000].map(bytes);
        assert_eq!(shown.join(" | "), "1 byte | 999 bytes | 1.00 kB | 4.29 MB | 1.00 GB");
    }
}
