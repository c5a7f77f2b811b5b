//! Aggregates of every type of numbers, and at the limits of the types.

use eagerly::{
    ColumnType, Dialect, Entity, Error, Failure, HasMany, RelationExt as _, Select, Session, Summable,
    params, selectin,
};
use rust_decimal::Decimal;

use crate::databases::execute;
use crate::support::database;

on_both!(
    every_type_of_numbers_is_aggregated_and_nulls_are_skipped,
    reals_are_aggregated_in_64_bits_over_several_levels,
    decimals_are_exact_or_refused,
    a_sum_at_the_edge_of_64_bits_is_right_and_beyond_it_an_error_with_advice,
    a_newtype_can_be_summed,
);

#[test]
fn a_real_number_in_a_sum_of_integers_is_too_large_only_from_two_to_the_63rd_on() {
    let session = numbers();
    session.execute("UPDATE numbers SET large = CASE id WHEN 1 THEN 1.5 END", []).unwrap();
    let error = session.all_with(boxes(), Case::NUMBERS.sum(Number::LARGE)).unwrap_err();
    assert!(error.to_string().contains("1.5") && !matches!(error, Error::SumTooLarge { .. }), "{error}");
    session.execute("UPDATE numbers SET large = 4611686018427387904, tiny = 2 WHERE id = 1", []).unwrap();
    let product = session.all_with(boxes(), Case::NUMBERS.sum(Number::LARGE.times(Number::TINY)));
    match product.unwrap_err() {
        Error::SumTooLarge { sum, .. } => assert_eq!(sum, 9_223_372_036_854_775_808.0),
        error => panic!("{error}"),
    }
}

#[derive(Debug, Clone, Copy, PartialEq, ColumnType)]
struct Cents(i64);

impl Summable for Cents {
    type Sum = i64;
}

#[derive(Debug, Clone, Copy, PartialEq, ColumnType)]
struct Price(Decimal);

#[derive(Debug, Entity)]
#[entity(table = "boxes")]
struct Case {
    #[entity(key)]
    id: i64,
    parent_id: Option<i64>,
    #[entity(foreign_key = "box_id")]
    numbers: HasMany<Number>,
    #[entity(foreign_key = "parent_id")]
    cases: HasMany<Case>,
}

#[derive(Debug, Entity)]
#[entity(table = "numbers")]
struct Number {
    #[entity(key)]
    id: i64,
    box_id: i64,
    tiny: i8,
    small: u16,
    middle: i32,
    large: Option<i64>,
    real: Option<f64>,
    short_real: f32,
    money: Cents,
    price: Option<Decimal>,
    same_price: Price,
}

/// Box 1 has three numbers, box 2 has one whose columns are null where they can be, and box 3 has none. Box 4 has the
/// boxes 1 to 3.
fn numbers() -> Session {
    let session = database(&[
        "CREATE TABLE boxes (id BIGINT PRIMARY KEY, parent_id BIGINT)",
        "INSERT INTO boxes VALUES (1, 4), (2, 4), (3, 4), (4, NULL)",
    ]);
    let price = if session.dialect() == Dialect::Sqlite { "TEXT" } else { "NUMERIC(20, 2)" };
    session
        .execute(
            &format!(
                "CREATE TABLE numbers (id INTEGER PRIMARY KEY, box_id BIGINT, tiny SMALLINT, small INTEGER, middle INTEGER,
                 large BIGINT, \"real\" DOUBLE PRECISION, short_real REAL, money BIGINT, price {price}, same_price {price})"
            ),
            [],
        )
        .unwrap();
    session
        .execute(
            "INSERT INTO numbers VALUES
             (1, 1, 100, 60000, 2147483647, 3, 0.5, 0.25, 5, '9.10', '9.10'),
             (2, 1, 100, 60000, 2147483647, 4, 0.25, 16777216, 6, '10.20', '10.20'),
             (3, 1, -1, 1, 1, NULL, NULL, 1, 7, NULL, '0.30'),
             (4, 2, 1, 2, 3, NULL, NULL, 1, 8, NULL, '1.00')",
            [],
        )
        .unwrap();
    session
}

fn boxes() -> Select<Case> {
    Case::select()
}

fn every_type_of_numbers_is_aggregated_and_nulls_are_skipped() {
    let session = numbers();
    let figures = session
        .all_with(
            boxes(),
            (
                Case::NUMBERS.sum(Number::TINY),
                Case::NUMBERS.sum(Number::SMALL),
                Case::NUMBERS.sum(Number::MIDDLE),
                Case::NUMBERS.sum(Number::LARGE),
            ),
        )
        .unwrap();
    let figures: Vec<_> = figures.into_iter().map(|(_, figures)| figures).collect();
    assert_eq!(figures, [(199, 120_001, 4_294_967_295, 7), (1, 2, 3, 0), (0, 0, 0, 0), (0, 0, 0, 0)]);
    let figures = session
        .all_with(
            boxes(),
            (
                Case::NUMBERS.sum(Number::MIDDLE.times(Number::MIDDLE)),
                Case::NUMBERS.sum(Number::LARGE.times(Number::TINY)),
                Case::NUMBERS.avg(Number::LARGE),
                Case::NUMBERS.avg(Number::MIDDLE),
            ),
        )
        .unwrap();
    let figures: Vec<_> = figures.into_iter().map(|(_, figures)| figures).collect();
    let square = 2 * 2_147_483_647_i64.pow(2) + 1;
    let middle = Some(4_294_967_295.0 / 3.0);
    assert_eq!(figures[..3], [(square, 700, Some(3.5), middle), (9, 0, None, Some(3.0)), (0, 0, None, None)]);
    let figures = session
        .all_with(
            boxes(),
            (
                Case::NUMBERS.min(Number::LARGE),
                Case::NUMBERS.max(Number::LARGE),
                Case::NUMBERS.min(Number::TINY),
                Case::NUMBERS.max(Number::SMALL),
            ),
        )
        .unwrap();
    let figures: Vec<_> = figures
        .into_iter()
        .map(|(_, (least, most, tiny, small))| (least.flatten(), most.flatten(), tiny, small))
        .collect();
    assert_eq!(
        figures[..3],
        [
            (Some(3), Some(4), Some(-1), Some(60_000)),
            (None, None, Some(1), Some(2)),
            (None, None, None, None)
        ]
    );
    let ids = |query| session.all(query).unwrap().iter().map(|case: &Case| case.id).collect::<Vec<_>>();
    assert_eq!(ids(boxes().filter(Case::NUMBERS.sum(Number::MIDDLE).gt(4_294_967_294))), [1]);
    assert_eq!(ids(boxes().filter(Case::NUMBERS.avg(Number::LARGE).eq(3.5))), [1]);
    assert_eq!(ids(boxes().filter(Case::NUMBERS.max(Number::LARGE).ge(Some(4)))), [1]);
    assert_eq!(ids(boxes().order_by(Case::NUMBERS.avg(Number::MIDDLE).desc())), [1, 2, 3, 4]);
}

fn reals_are_aggregated_in_64_bits_over_several_levels() {
    let session = numbers();
    let figures = session
        .all_with(
            boxes(),
            (
                Case::NUMBERS.sum(Number::REAL),
                Case::NUMBERS.avg(Number::REAL),
                // In 32 bits, 16,777,216 + 1 is 16,777,216.
                Case::NUMBERS.sum(Number::SHORT_REAL),
                Case::NUMBERS.sum(Number::REAL.times(Number::SHORT_REAL)),
            ),
        )
        .unwrap();
    let figures: Vec<_> = figures.into_iter().map(|(_, figures)| figures).collect();
    assert_eq!(
        figures[..3],
        [(0.75, Some(0.375), 16_777_217.25, 4_194_304.125), (0.0, None, 1.0, 0.0), (0.0, None, 0.0, 0.0)]
    );
    let below = || Case::CASES.then(Case::NUMBERS);
    let figures = session
        .all_with(
            boxes(),
            (
                below().sum(Number::REAL),
                // The average of all four values, not of the averages of the boxes.
                below().avg(Number::TINY),
                below().avg(Number::PRICE),
                below().sum(Number::LARGE),
            ),
        )
        .unwrap();
    assert_eq!(figures[3].1, (0.75, Some(50.0), Some((9.1 + 10.2) / 2.0), 7));
    assert_eq!(figures[0].1, (0.0, None, None, 0));
    let count = |condition| session.count(boxes().filter(condition)).unwrap();
    assert_eq!(count(Case::NUMBERS.sum(Number::SHORT_REAL).gt(16_777_217.0)), 1);
    assert_eq!(count(below().avg(Number::TINY).eq(50.0)), 1);
}

fn decimals_are_exact_or_refused() {
    let session = numbers();
    let decimal = |text: &str| text.parse::<Decimal>().unwrap();
    let sum = session.all_with(boxes(), Case::NUMBERS.sum(Number::PRICE));
    let least = session.all_with(boxes(), Case::NUMBERS.min(Number::PRICE));
    let most = session.all_with(boxes(), Case::NUMBERS.max(Number::SAME_PRICE));
    let large = session.count(boxes().filter(Case::NUMBERS.sum(Number::PRICE).gt(decimal("19.29"))));
    let sorted = session.all(boxes().order_by(Case::NUMBERS.max(Number::PRICE)));
    // '10.20' is smaller than '9.5' as a text.
    let larger = session.all(Number::select().filter(Number::PRICE.gt(decimal("9.5"))));
    let none = session.count(Number::select().filter(!Number::SAME_PRICE.le(Price(decimal("99")))));
    let in_order = session.all(Number::select().order_by(Number::PRICE.desc()));
    let part = session.all(boxes().with(selectin(Case::NUMBERS.order_by(Number::PRICE).limit_each(1))));
    if session.dialect() == Dialect::Postgres {
        let sums: Vec<_> = sum.unwrap().into_iter().map(|(_, sum)| sum).collect();
        assert_eq!(sums, [decimal("19.30"), Decimal::ZERO, Decimal::ZERO, Decimal::ZERO]);
        assert_eq!(least.unwrap()[0].1, Some(Some(decimal("9.10"))));
        assert_eq!(most.unwrap()[0].1, Some(Price(decimal("10.20"))));
        assert_eq!(large.unwrap(), 1);
        assert_eq!(sorted.unwrap()[3].id, 1);
        assert!(larger.unwrap().iter().all(|number| number.price == Some(decimal("10.20"))));
        assert_eq!(none.unwrap(), 0);
        assert_eq!(in_order.unwrap()[0].price, Some(decimal("10.20")));
        assert_eq!(part.unwrap().len(), 4);
    } else {
        // As texts, '9.10' is larger than '10.20', and their sum is a real number.
        let figures = [sum.err(), least.err(), most.err(), large.err(), sorted.err()];
        for error in figures.into_iter().chain([larger.err(), none.err(), in_order.err(), part.err()]) {
            let error = error.unwrap();
            assert!(matches!(error, Error::NoDecimals { .. }), "{error}");
            assert!(error.to_string().contains("help: store whole numbers of a small unit"), "{error}");
        }
    }
    assert_eq!(
        session.all_with(boxes(), Case::NUMBERS.avg(Number::PRICE)).unwrap()[0].1,
        Some((9.1 + 10.2) / 2.0)
    );
}

fn a_sum_at_the_edge_of_64_bits_is_right_and_beyond_it_an_error_with_advice() {
    let session = numbers();
    let set = |values: [i64; 2]| {
        execute(&session, "UPDATE numbers SET large = ?1 WHERE id = 1", params![values[0]]).unwrap();
        execute(&session, "UPDATE numbers SET large = ?1 WHERE id = 2", params![values[1]]).unwrap();
    };
    let sum = || session.all_with(boxes().filter(Case::ID.eq(1)), Case::NUMBERS.sum(Number::LARGE));
    for values in [[i64::MAX, 0], [i64::MAX - 1, 1], [i64::MIN, 0], [i64::MIN + 1, -1], [i64::MAX, i64::MIN]]
    {
        set(values);
        assert_eq!(sum().unwrap()[0].1, values[0] + values[1], "{values:?}");
    }
    for values in [[i64::MAX, 1], [i64::MIN, -1], [i64::MAX, i64::MAX]] {
        set(values);
        let error = sum().unwrap_err();
        assert_eq!(error.database().unwrap().kind, Failure::Overflow, "{error}");
        assert!(error.to_string().contains("add up fewer rows"), "{error}");
        let below = Case::CASES.then(Case::NUMBERS).sum(Number::LARGE);
        let error = session.all_with(boxes(), below).unwrap_err();
        assert_eq!(error.database().unwrap().kind, Failure::Overflow, "{error}");
    }
    // The product of two integers is beyond 64 bits. SQLite makes it a real number.
    set([i64::MAX, 1]);
    let product = session.all_with(boxes(), Case::NUMBERS.sum(Number::LARGE.times(Number::TINY)));
    let error = product.unwrap_err();
    assert!(error.to_string().contains("add up fewer rows"), "{error}");
    match session.dialect() {
        Dialect::Sqlite => assert!(matches!(error, Error::SumTooLarge { entity: "Case", .. }), "{error}"),
        Dialect::Postgres => assert_eq!(error.database().unwrap().kind, Failure::Overflow, "{error}"),
    }
}

fn a_newtype_can_be_summed() {
    let session = numbers();
    let figures =
        session.all_with(boxes(), (Case::NUMBERS.sum(Number::MONEY), Case::NUMBERS.max(Number::MONEY)));
    assert_eq!(figures.unwrap()[0].1, (18, Some(Cents(7))));
}
