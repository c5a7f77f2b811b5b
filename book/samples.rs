//! Runs the book's samples: `cargo test -p book --doc`.
//!
//! A block of Rust in a chapter is either included from the repository's own programs, and marked `ignore`, since those
//! are compiled where they stand; or it is compiled and run here. `tests/book.rs` sees to it that there is no third kind.

macro_rules! chapters {
    ($($chapter:ident),* $(,)?) => {$(
        #[cfg(doctest)]
        #[doc = include_str!(concat!("src/", stringify!($chapter), ".md"))]
        mod $chapter {}
    )*};
}

chapters!(
    introduction,
    how_to_read,
    rust,
    your_page,
    the_page,
    slow_log,
    watch,
    count,
    lazy,
    selectin,
    joined,
    choose,
    two_dials,
    count_in_sql,
    rows_you_have,
    round_trip,
    consistency,
    keep_out,
    production,
    apply_the_fix,
    learn,
    dashboard,
    map_your_schema,
    past_one_machine,
    inside,
    measured,
    your_orm,
    answers,
    compiler,
    glossary,
    sql_index,
);
