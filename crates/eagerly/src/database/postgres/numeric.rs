//! The text form of a `numeric`, digit by digit, so that no digit is lost.
//!
//! Its binary form is a head of four 16-bit numbers and then the digits, to the base 10,000. The head holds how many digits
//! there are, the power of the first, the sign, and how many decimal places are shown. PostgreSQL documents it in the
//! source of `numeric_send`.

use std::fmt::Write as _;

/// How many decimal places a numeric can show. The server has 14 bits for their number.
const MAX_SCALE: u16 = 0x3FFF;

/// Returns the digits of a numeric; `None` if the bytes are not a whole numeric.
pub(super) fn numeric(bytes: &[u8]) -> Option<String> {
    let numbers = bytes.chunks(2).map(|pair| pair.try_into().map(u16::from_be_bytes));
    let numbers = numbers.collect::<Result<Vec<_>, _>>().ok()?;
    let &[count, weight, sign, scale, ref digits @ ..] = &*numbers else {
        return None;
    };
    if digits.len() != usize::from(count) || digits.iter().any(|digit| *digit > 9_999) || scale > MAX_SCALE {
        return None;
    }
    let mut text = match sign {
        0 => String::new(),
        0x4000 => String::from("-"),
        0xC000 if count == 0 => return Some("NaN".to_owned()),
        0xD000 if count == 0 => return Some("Infinity".to_owned()),
        0xF000 if count == 0 => return Some("-Infinity".to_owned()),
        _ => return None,
    };
    let weight = i32::from(weight.cast_signed());
    let digit = |power: i32| {
        let index = usize::try_from(weight - power).ok();
        index.and_then(|index| digits.get(index)).copied().unwrap_or(0)
    };
    let first = (1..=weight).rev().find(|power| digit(*power) != 0).unwrap_or(0);
    write!(text, "{}", digit(first)).ok()?;
    for power in (0..first).rev() {
        write!(text, "{:04}", digit(power)).ok()?;
    }
    if scale > 0 {
        let mut places = String::new();
        for power in 1..=i32::from(scale.div_ceil(4)) {
            write!(places, "{:04}", digit(-power)).ok()?;
        }
        write!(text, ".{}", &places[..usize::from(scale)]).ok()?;
    }
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numeric_of(numbers: &[u16]) -> Option<String> {
        let bytes: Vec<u8> = numbers.iter().flat_map(|number| number.to_be_bytes()).collect();
        numeric(&bytes)
    }

    #[test]
    fn a_numeric_keeps_its_digits() {
        assert_eq!(numeric_of(&[0, 0, 0, 0]).as_deref(), Some("0"));
        assert_eq!(numeric_of(&[1, 0, 0, 2, 7]).as_deref(), Some("7.00"));
        assert_eq!(numeric_of(&[2, 0, 0x4000, 2, 12, 3400]).as_deref(), Some("-12.34"));
        assert_eq!(numeric_of(&[1, 2, 0, 0, 5]).as_deref(), Some("500000000"));
        assert_eq!(numeric_of(&[2, 2, 0, 0, 0, 5]).as_deref(), Some("50000"));
        assert_eq!(numeric_of(&[0, 0x7FFF, 0, 0]).as_deref(), Some("0"));
        assert_eq!(numeric_of(&[1, 0xFFFE, 0, 8, 42]).as_deref(), Some("0.00000042"));
        assert_eq!(numeric_of(&[0, 0, 0xC000, 0]).as_deref(), Some("NaN"));
        assert_eq!(numeric_of(&[0, 0, 0xD000, 32]).as_deref(), Some("Infinity"));
        assert_eq!(numeric_of(&[0, 0, 0xF000, 32]).as_deref(), Some("-Infinity"));
    }

    #[test]
    fn bytes_that_are_not_a_numeric_have_no_digits() {
        // Too short, a digit too few, a digit too many, and half a digit.
        assert_eq!(numeric_of(&[1, 0]), None);
        assert_eq!(numeric_of(&[2, 0, 0, 0, 12]), None);
        assert_eq!(numeric_of(&[1, 0, 0, 0, 12, 34]), None);
        assert_eq!(numeric(&[0, 1, 0, 0, 0, 0, 0, 0, 0]), None);
        // The digits are those of the base 10,000.
        assert_eq!(numeric_of(&[1, 0, 0, 0, 10_000]), None);
        assert_eq!(numeric_of(&[1, 0, 0, 0, 0xFFFF]), None);
        // An unknown sign, a NaN with a digit, and more decimal places than the server can have.
        assert_eq!(numeric_of(&[1, 0, 0x8000, 0, 12]), None);
        assert_eq!(numeric_of(&[1, 0, 0xC000, 0, 12]), None);
        assert_eq!(numeric_of(&[1, 0, 0, 0x4000, 12]), None);
    }
}
