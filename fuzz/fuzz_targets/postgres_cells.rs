//! Any bytes, in a column of any type of PostgreSQL, are read as the value that they stand for, or are an error. Nothing
//! panics.
//!
//! The session is connected to a server in this program. The server answers with two rows that have a column of each type.
//! In the first row, the bytes of each cell are the input. In the second row, each cell is `NULL`.
#![no_main]

mod server;

use std::fmt::Debug;
use std::sync::LazyLock;

use eagerly::value::Cell;
use eagerly::{ColumnType, FromRow, Json, Result, Row, Session};
use jiff::Timestamp;
use jiff::civil::{Date, DateTime, Time};
use libfuzzer_sys::fuzz_target;
use rust_decimal::Decimal;
use server::{Answers, Server, description, ready, rows, welcome};
use uuid::Uuid;

/// The columns, and the numbers of their types. The session has no form for those from `int4[]` on.
const COLUMNS: [(&str, u32); 31] = [
    ("bool", 16),
    ("int2", 21),
    ("int4", 23),
    ("int8", 20),
    ("oid", 26),
    ("float4", 700),
    ("float8", 701),
    ("text", 25),
    ("varchar", 1043),
    ("bpchar", 1042),
    ("name", 19),
    ("unknown", 705),
    ("json", 114),
    ("xml", 142),
    ("bytea", 17),
    ("void", 2278),
    ("numeric", 1700),
    ("date", 1082),
    ("time", 1083),
    ("timestamp", 1114),
    ("timestamptz", 1184),
    ("uuid", 2950),
    ("jsonb", 3802),
    ("int4[]", 1007),
    ("text[]", 1009),
    ("int4range", 3904),
    ("point", 600),
    ("inet", 869),
    ("interval", 1186),
    ("timetz", 1266),
    ("money", 790),
];

static SERVER: LazyLock<Server> = LazyLock::new(|| {
    let prepare = [description(&COLUMNS), ready()].concat();
    Server::start(Answers { sign_on: welcome(), prepare, run: Vec::new(), last: usize::MAX })
});

thread_local! {
    static SESSION: Session = Session::connect(&SERVER.url()).unwrap();
}

fuzz_target!(|input: &[u8]| {
    let cells = [Some(input), None].map(|cell| vec![cell; COLUMNS.len()]);
    SERVER.change(|answers| answers.run = rows(&cells));
    let read: Vec<Checked> = SESSION.with(|session| session.query("SELECT 1", [])).unwrap();
    let [Checked(bytes), Checked(None)] = &*read else {
        panic!("{} rows", read.len());
    };
    assert_eq!(bytes.as_deref(), Some(input));
});

/// A row, reduced to the cell of its column `bytea`. Reading a row checks all other cells.
struct Checked(Option<Vec<u8>>);

impl FromRow for Checked {
    const NAME: &'static str = "Checked";
    const COLUMNS: &'static [&'static str] = &["bytea"];

    fn from_row(row: &Row<'_>, places: &[usize]) -> Result<Self> {
        let bytes = read::<Option<Vec<u8>>>(row.cell(places[0])).unwrap();
        for (place, (column, _)) in COLUMNS.iter().enumerate() {
            match &bytes {
                Some(bytes) => check(column, bytes, row.cell(place)),
                None => check_null(row.cell(place)),
            }
        }
        Ok(Self(bytes))
    }
}

fn read<T: ColumnType>(cell: Cell<'_>) -> Option<T> {
    T::read(cell).map_err(|mismatch| assert!(!mismatch.to_string().is_empty())).ok()
}

/// Checks that all types of Rust read the same value in a cell.
fn check_types(cell: Cell<'_>) {
    fn is_part<T: ColumnType + TryFrom<i64> + PartialEq + Debug>(cell: Cell<'_>) {
        assert_eq!(read::<T>(cell), read::<i64>(cell).and_then(|integer| integer.try_into().ok()));
    }
    is_part::<i8>(cell);
    is_part::<i16>(cell);
    is_part::<i32>(cell);
    is_part::<u8>(cell);
    is_part::<u16>(cell);
    is_part::<u32>(cell);
    assert_eq!(read::<bool>(cell).map(i64::from), read(cell).filter(|integer| [0, 1].contains(integer)));
    assert_eq!(read::<f32>(cell).map(f32::to_bits), read::<f64>(cell).map(|real| (real as f32).to_bits()));
    let text = read::<String>(cell);
    let text = text.as_deref();
    assert_eq!(read::<Date>(cell), text.and_then(|text| text.parse().ok()));
    assert_eq!(read::<Time>(cell), text.and_then(|text| text.parse().ok()));
    assert_eq!(read::<DateTime>(cell), text.and_then(|text| text.parse().ok()));
    assert_eq!(read::<Timestamp>(cell), text.and_then(|text| text.parse().ok()));
    assert_eq!(read::<Uuid>(cell), text.and_then(|text| text.parse().ok()));
    assert_eq!(read::<Decimal>(cell), text.and_then(|text| text.parse().ok()));
    let json = read::<Json<serde_json::Value>>(cell);
    assert_eq!(
        json.is_some(),
        text.is_some_and(|text| serde_json::from_str::<serde_json::Value>(text).is_ok())
    );
}

/// Checks that a cell is `NULL`, and nothing else.
fn check_null(cell: Cell<'_>) {
    assert!(cell.is_null());
    assert_eq!((read::<Option<i64>>(cell), read::<Option<String>>(cell)), (Some(None), Some(None)));
    assert_eq!((read::<i64>(cell), read::<String>(cell), read::<Vec<u8>>(cell)), (None, None, None));
}

/// Checks that a cell is the value that these bytes stand for.
fn check(column: &str, bytes: &[u8], cell: Cell<'_>) {
    check_types(cell);
    let integer = match column {
        "bool" => bytes.try_into().map(u8::from_be_bytes).map(i64::from).ok(),
        "int2" => bytes.try_into().map(i16::from_be_bytes).map(i64::from).ok(),
        "int4" => bytes.try_into().map(i32::from_be_bytes).map(i64::from).ok(),
        "int8" => bytes.try_into().map(i64::from_be_bytes).ok(),
        "oid" => bytes.try_into().map(u32::from_be_bytes).map(i64::from).ok(),
        "numeric" => numeric(bytes).and_then(|digits| {
            let is_whole = |places: &str| places.bytes().all(|digit| digit == b'0');
            let whole = digits.split_once('.').filter(|(_, places)| is_whole(places)).map(|(whole, _)| whole);
            whole.unwrap_or(&digits).parse().ok()
        }),
        _ => None,
    };
    let real = match column {
        "float4" => bytes.try_into().map(f32::from_be_bytes).map(f64::from).ok(),
        "float8" => bytes.try_into().map(f64::from_be_bytes).ok(),
        "numeric" => numeric(bytes).and_then(|digits| digits.parse().ok()),
        _ => integer.map(|integer| integer as f64),
    };
    assert_eq!(read(cell), integer, "{column}");
    assert_eq!(read(cell).map(f64::to_bits), real.map(f64::to_bits), "{column}");
    let text = read::<String>(cell);
    match column {
        "text" | "varchar" | "bpchar" | "name" | "unknown" | "json" | "xml" => {
            assert_eq!(text.as_deref(), std::str::from_utf8(bytes).ok(), "{column}");
        }
        "numeric" => assert_eq!(text, numeric(bytes)),
        "uuid" => assert_eq!(read(cell), Uuid::from_slice(bytes).ok()),
        // The first byte is the version of the form.
        "jsonb" => assert_eq!(
            text.as_deref(),
            bytes.strip_prefix(&[1]).and_then(|json| std::str::from_utf8(json).ok())
        ),
        "date" => {
            let days = read::<Date>(cell).map(|date| date.duration_since(START.date()).as_hours() / 24);
            check_time(days, bytes.try_into().map(i32::from_be_bytes).map(i64::from).ok(), 36_525);
        }
        "time" => {
            let time =
                read::<Time>(cell).map(|time| time.duration_since(Time::midnight()).as_micros() as i64);
            check_time(time, bytes.try_into().map(i64::from_be_bytes).ok(), 86_400_000_000);
        }
        "timestamp" => {
            let time = read::<DateTime>(cell).map(|time| time.duration_since(START).as_micros() as i64);
            check_time(time, bytes.try_into().map(i64::from_be_bytes).ok(), 3_155_760_000_000_000);
        }
        "timestamptz" => {
            let time = read::<Timestamp>(cell).map(|time| time.as_microsecond() - 946_684_800_000_000);
            check_time(time, bytes.try_into().map(i64::from_be_bytes).ok(), 3_155_760_000_000_000);
        }
        _ => assert_eq!(text, None, "{column}"),
    }
    assert_eq!(cell.is_null(), column == "void");
    // A cell without another value is read as its bytes.
    let has_value = integer.is_some() || real.is_some() || read::<String>(cell).is_some() || cell.is_null();
    let read_bytes = read::<Vec<u8>>(cell);
    assert!(read_bytes.is_none_or(|read| read == bytes && !has_value), "{column}");
}

/// When the dates and times of PostgreSQL begin.
const START: DateTime = DateTime::constant(2000, 1, 1, 0, 0, 0, 0);

/// Checks the distance of a time from the start. In the first century after the start, the session must read the time. At
/// any other time, it may.
fn check_time(read: Option<i64>, sent: Option<i64>, century: i64) {
    match read {
        Some(_) => assert_eq!(read, sent),
        None => assert!(sent.is_none_or(|sent| !(0..century).contains(&sent)), "{sent:?}"),
    }
}

/// Returns the digits of a numeric. Unlike the session, it first writes all digits in a row, and then puts the point in.
fn numeric(bytes: &[u8]) -> Option<String> {
    let numbers: Vec<_> =
        bytes.chunks(2).map(|pair| pair.try_into().map(u16::from_be_bytes)).collect::<Result<_, _>>().ok()?;
    let [count, weight, sign, scale, digits @ ..] = &*numbers else {
        return None;
    };
    if digits.len() != usize::from(*count) || digits.iter().any(|digit| *digit > 9999) || *scale > 0x3FFF {
        return None;
    }
    let sign = match sign {
        0 => "",
        0x4000 => "-",
        0xC000 if digits.is_empty() => return Some("NaN".to_owned()),
        0xD000 if digits.is_empty() => return Some("Infinity".to_owned()),
        0xF000 if digits.is_empty() => return Some("-Infinity".to_owned()),
        _ => return None,
    };
    // As many zeros in front as the weight is below 0, and as many behind as the scale may need.
    let weight = i32::from(*weight as i16);
    let mut all = "0000".repeat(usize::try_from(-1 - weight).unwrap_or_default());
    all.extend(digits.iter().map(|digit| format!("{digit:04}")));
    let point = usize::try_from(weight + 1).unwrap_or_default() * 4;
    all.push_str(&"0".repeat((point + usize::from(*scale)).saturating_sub(all.len())));
    let (whole, places) = all.split_at(point);
    let places = &places[..usize::from(*scale)];
    let whole = whole.trim_start_matches('0');
    let whole = if whole.is_empty() { "0" } else { whole };
    Some(if places.is_empty() { format!("{sign}{whole}") } else { format!("{sign}{whole}.{places}") })
}
