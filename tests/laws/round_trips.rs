//! Law 2 on a wire: the session's counts of statements and round trips equal those of a proxy that reads what passes.

use shop::{Size, data};

use crate::databases::{Passed, WireCount};
use crate::exact_counts::work_of_all_kinds;

on_postgres!(the_counts_of_the_session_equal_those_of_the_wire);

fn the_counts_of_the_session_equal_those_of_the_wire() {
    let (session, wire) = WireCount::empty();
    data::fill(&session, &Size { customers: 30, ..Size::default() }, |_| {}).unwrap();
    // Each text is prepared once, and that takes a round trip, too. So all counts are compared at both times.
    wire.restart();
    for _ in 0..2 {
        let (tally, round_trips) = (session.tally(), session.round_trips());
        work_of_all_kinds(&session);
        let counted = Passed {
            statements: tally.statements(),
            control: tally.control(),
            round_trips: session.round_trips() - round_trips,
        };
        assert_eq!(wire.passed(), counted);
    }
}
