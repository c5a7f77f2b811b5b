//! Any bytes of a client and of a server, in any portions and any order, are recorded and reported. Nothing panics, and
//! nothing takes memory or time without a limit.
#![no_main]

#[path = "../../crates/eagerly-wire/tests/hostile/play.rs"]
mod play;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| {
    play::play(input);
});
