//! No bytes make the recorder panic, from neither side, in any portions and any order.
//!
//! `traffic.txt` is the capture of a session with every kind of message. To write it again:
//!
//! ```text
//! EAGERLY_WIRE_TRAFFIC=crates/eagerly-wire/tests/hostile/traffic.txt \
//!     cargo test -p eagerly-wire --test recorder -- --ignored
//! ```
//!
//! The fuzz target `wire` looks for the same with feedback, and for longer.

mod play;

use eagerly_wire::{Capture, Settings};
use play::{FROM_SERVER, OTHER_CONNECTION, play};
use proptest::collection::vec;
use proptest::prelude::*;

const TRAFFIC: &str = include_str!("traffic.txt");

/// Returns the steps of the captured session.
fn steps() -> Vec<(u8, Vec<u8>)> {
    let lines = TRAFFIC.lines().filter_map(|line| {
        let mut parts = line.splitn(5, ' ');
        let of_connection = if parts.next()? == "1" { 0 } else { OTHER_CONNECTION };
        let of_side = if parts.next()? == "<" { FROM_SERVER } else { 0 };
        Some((of_connection | of_side, bytes(parts.nth(2)?)))
    });
    lines.collect()
}

/// Reverses `escape_ascii`.
fn bytes(text: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let [first, after @ ..] = rest {
        rest = after;
        let (byte, length) = match (first, rest) {
            (b'\\', [b'x', high, low, ..]) => {
                let digit = |byte: u8| char::from(byte).to_digit(16).unwrap() as u8;
                (digit(*high) * 16 + digit(*low), 3)
            }
            (b'\\', [b'n', ..]) => (b'\n', 1),
            (b'\\', [b'r', ..]) => (b'\r', 1),
            (b'\\', [b't', ..]) => (b'\t', 1),
            (b'\\', [other, ..]) => (*other, 1),
            (first, _) => (*first, 0),
        };
        bytes.push(byte);
        rest = &rest[length..];
    }
    bytes
}

/// Writes steps as an input of `play`.
fn input(is_pool: bool, steps: &[(u8, Vec<u8>)]) -> Vec<u8> {
    let mut input = vec![u8::from(is_pool)];
    for (step, bytes) in steps {
        for bytes in bytes.chunks(usize::from(u16::MAX)) {
            input.push(*step);
            input.extend_from_slice(&u16::try_from(bytes.len()).unwrap().to_be_bytes());
            input.extend_from_slice(bytes);
        }
    }
    input
}

/// Returns a message with a correct length and any body.
fn message() -> impl Strategy<Value = Vec<u8>> {
    let kind = prop::sample::select(b"QPBDCEFSHdcfpX123AcCGHIKNRstTZn".to_vec());
    let texts = [
        "SELECT id FROM t WHERE a = $1",
        "FETCH 5 FROM c",
        "DECLARE c CURSOR FOR SELECT 1",
        "BEGIN; COMMIT",
        "IN (",
    ];
    let body = prop_oneof![
        vec(any::<u8>(), 0..40),
        vec(prop::sample::select(vec![0_u8, 0, 0, 1, 2, 4, b'S', b'P', b'I', b'T']), 0..40),
        prop::sample::select(texts.to_vec()).prop_map(|text| [text.as_bytes(), &[0; 6]].concat()),
        prop::sample::select(texts.to_vec()).prop_map(|text| [&[0], text.as_bytes(), &[0; 6]].concat()),
    ];
    (kind, body).prop_map(|(kind, body)| {
        let length = u32::try_from(body.len() + 4).unwrap().to_be_bytes();
        [&[kind], &length[..], &body].concat()
    })
}

/// A change of a captured session.
#[derive(Debug, Clone)]
enum Change {
    Byte { step: usize, at: usize, to: u8 },
    Insert { step: usize, at: usize, bytes: Vec<u8> },
    Cut { step: usize, at: usize },
    Remove { step: usize },
    Repeat { step: usize },
    Swap { step: usize, with: usize },
    Bits { step: usize, bits: u8 },
}

fn change() -> impl Strategy<Value = Change> {
    let number = any::<usize>;
    prop_oneof![
        4 => (number(), number(), any::<u8>()).prop_map(|(step, at, to)| Change::Byte { step, at, to }),
        2 => (number(), number(), message()).prop_map(|(step, at, bytes)| Change::Insert { step, at, bytes }),
        1 => (number(), number()).prop_map(|(step, at)| Change::Cut { step, at }),
        1 => number().prop_map(|step| Change::Remove { step }),
        1 => number().prop_map(|step| Change::Repeat { step }),
        1 => (number(), number()).prop_map(|(step, with)| Change::Swap { step, with }),
        2 => (number(), any::<u8>()).prop_map(|(step, bits)| Change::Bits { step, bits }),
    ]
}

impl Change {
    fn apply(self, steps: &mut Vec<(u8, Vec<u8>)>) {
        let count = steps.len();
        match self {
            Self::Byte { step, at, to } => {
                let bytes = &mut steps[step % count].1;
                let length = bytes.len().max(1);
                if let Some(byte) = bytes.get_mut(at % length) {
                    *byte = to;
                }
            }
            Self::Insert { step, at, bytes } => {
                let target = &mut steps[step % count].1;
                let at = at % (target.len() + 1);
                target.splice(at..at, bytes);
            }
            Self::Cut { step, at } => {
                let bytes = &mut steps[step % count].1;
                bytes.truncate(at % (bytes.len() + 1));
            }
            Self::Remove { step } if count > 1 => {
                steps.remove(step % count);
            }
            Self::Remove { .. } => {}
            Self::Repeat { step } => steps.insert(step % count, steps[step % count].clone()),
            Self::Swap { step, with } => steps.swap(step % count, with % count),
            Self::Bits { step, bits } => steps[step % count].0 ^= bits,
        }
    }
}

#[test]
fn the_captured_session_is_understood() {
    let replayed = Capture::replay(TRAFFIC, Settings::default()).unwrap();
    let played = play(&input(false, &steps()));
    for report in [replayed, played] {
        assert_eq!(report.not_understood, 0);
        assert!(report.statements() > 40, "{report}");
        assert!(report.pages.iter().any(|page| !page.findings.is_empty()), "{report}");
    }
}

/// Writes the inputs with which the fuzzer begins.
#[test]
#[ignore = "writes to the folder `fuzz`"]
fn the_seeds_of_the_fuzzer_are_written() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fuzz/seeds/wire");
    std::fs::create_dir_all(folder).unwrap();
    let steps = steps();
    std::fs::write(format!("{folder}/session"), input(false, &steps)).unwrap();
    // Short inputs change faster. Each begins with the sign-on.
    for (number, part) in steps[3..].chunks(8).enumerate() {
        let part = [&steps[..3], part].concat();
        std::fs::write(format!("{folder}/part-{number}"), input(number % 2 == 1, &part)).unwrap();
    }
}

#[test]
fn the_portions_of_the_bytes_change_nothing() {
    let whole = play(&input(false, &steps()));
    for size in [1, 2, 3, 5, 7, 64] {
        let parts = steps();
        let parts =
            parts.iter().flat_map(|(step, bytes)| bytes.chunks(size).map(|part| (*step, part.to_vec())));
        let torn = play(&input(false, &parts.collect::<Vec<_>>()));
        let facts = |report: &eagerly_wire::Report| {
            let page = |page: &eagerly_wire::report::Page| {
                (page.statements, page.control, page.failed, page.round_trips, page.rows, page.findings.len())
            };
            report.pages.iter().map(page).collect::<Vec<_>>()
        };
        assert_eq!(facts(&torn), facts(&whole), "{size}");
    }
}

proptest! {
    #[test]
    fn any_bytes_are_survived(input in vec(any::<u8>(), 0..3000)) {
        play(&input);
    }

    #[test]
    fn any_bytes_in_any_portions_are_survived(
        is_pool: bool,
        steps in vec((any::<u8>(), vec(any::<u8>(), 0..50)), 0..60),
    ) {
        play(&input(is_pool, &steps));
    }

    #[test]
    fn any_messages_in_any_order_are_survived(is_pool: bool, steps in vec((any::<u8>(), message()), 0..100)) {
        // A session that has begun.
        let mut all = vec![(0, vec![0, 0, 0, 8, 0, 3, 0, 0]), (FROM_SERVER, b"Z\0\0\0\x05I".to_vec())];
        all.extend(steps);
        play(&input(is_pool, &all));
    }

    #[test]
    fn a_session_with_any_changes_is_survived(is_pool: bool, changes in vec(change(), 1..30)) {
        let mut steps = steps();
        changes.into_iter().for_each(|change| change.apply(&mut steps));
        play(&input(is_pool, &steps));
    }
}
