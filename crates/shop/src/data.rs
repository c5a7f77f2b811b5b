//! Generates data of any size. The same size and seed generate the same rows on every machine.
//!
//! The data is skewed like that of a real shop:
//!
//! - Some customers have no orders, and a few have very many.
//! - Some orders have no items.
//! - Orders of different customers interleave, because orders are numbered as they arrive.
//! - Names come from many languages.
//!
//! The generator draws integers and computes the shares with integer arithmetic. Floating-point functions
//! such as logarithms can differ between machines in the last digit.

use eagerly::{Error, Result, Session};
use fake::Fake as _;
use fake::faker::name::raw::{FirstName, LastName};
use fake::locales::{AR_SA, DE_DE, EN, FR_FR, JA_JP, PT_BR, TR_TR, ZH_CN};
use jiff::civil::Date;
use rand::rngs::ChaCha8Rng;
use rand::seq::SliceRandom as _;
use rand::{RngExt as _, SeedableRng as _};

use crate::models::{Customer, Order, OrderItem};
use crate::schema;

/// The amount of data to generate, and the seed of the random numbers.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Size {
    /// The number of customers.
    pub customers: u32,
    /// The mean number of orders per customer. The total, rounded to an integer, is exact.
    pub orders: f64,
    /// The mean number of items per order. The total, rounded to an integer, is exact.
    pub items: f64,
    /// The seed of the random numbers. Another seed generates other rows.
    pub seed: u64,
}

impl Default for Size {
    /// Returns the size of the case study: 3,000 customers, 30,000 orders and 90,000 items.
    fn default() -> Self {
        Self { customers: 3_000, orders: 10.0, items: 3.0, seed: 1 }
    }
}

impl Size {
    /// Returns the numbers of customers, orders and items, in this order.
    #[must_use]
    pub fn rows(&self) -> [u64; 3] {
        let customers = u64::from(self.customers);
        let orders = times(customers, self.orders);
        [customers, orders, times(orders, self.items)]
    }
}

/// Multiplies and rounds. The cast saturates: a negative product becomes 0, and a too large one `u64::MAX`.
fn times(number: u64, mean: f64) -> u64 {
    (number as f64 * mean).round() as u64
}

/// Creates a shop of the given size in memory, for examples and tests.
///
/// ```
/// use shop::{Customer, Size, data};
///
/// let session = data::in_memory(&Size { customers: 5, ..Size::default() })?;
/// assert_eq!(session.count(Customer::select())?, 5);
/// # Ok::<(), eagerly::Error>(())
/// ```
///
/// # Errors
/// Fails if there is not enough memory, or if the shop has more than `u32::MAX` orders or items.
pub fn in_memory(size: &Size) -> Result<Session> {
    let session = Session::in_memory()?;
    fill(&session, size, |_| {})?;
    Ok(session)
}

/// Creates the tables and fills them in one transaction. Calls `progress` with the number of rows so far,
/// after every 1,000 rows and at the end.
///
/// # Errors
/// Fails if the database is not writable, if one of the tables exists, or if the shop has more than
/// `u32::MAX` orders or items.
pub fn fill(session: &Session, size: &Size, progress: impl Fn(u64)) -> Result<()> {
    let [customers, orders, items] = size.rows();
    for rows in [orders, items] {
        u32::try_from(rows).map_err(|_| {
            Error::other(format!(
                "cannot generate {rows} rows: they do not fit in 32 bits\n  help: choose fewer customers, orders or items"
            ))
        })?;
    }
    let mut rng = ChaCha8Rng::seed_from_u64(size.seed);
    let owners = interleaved(&shares(customers, orders, &CUSTOMERS, &mut rng), &mut rng);
    let item_counts = shares(orders, items, &BASKETS, &mut rng);

    session.transaction(|session| {
        for sql in schema::tables(session.dialect()) {
            session.execute(sql, [])?;
        }
        let count = Counter::new(&progress);
        session.insert_all((1..=i64::from(size.customers)).map(|id| {
            count.one();
            customer(id, &mut rng)
        }))?;
        let mut day = FIRST_DAY;
        let days_apart = owners.len() as u64 / DAYS + 1;
        session.insert_all((1..).zip(&owners).map(|(id, owner)| {
            count.one();
            if (id as u64).is_multiple_of(days_apart) {
                day = day.tomorrow().unwrap_or(day);
            }
            order(id, *owner, day, &mut rng)
        }))?;
        let owned = (1..).zip(&item_counts);
        let order_ids = owned.flat_map(|(id, items)| std::iter::repeat_n(id, *items as usize));
        session.insert_all((1..).zip(order_ids).map(|(id, order_id)| {
            count.one();
            item(id, order_id, &mut rng)
        }))?;
        // The indexes come last: the database then builds each of them in one sorted pass, not row by row.
        for sql in schema::INDEXES {
            session.execute(sql, [])?;
        }
        schema::finish(session)
    })?;
    progress(customers + orders + items);
    Ok(())
}

/// Counts rows, and reports the progress after every 1,000.
struct Counter<'p> {
    rows: std::cell::Cell<u64>,
    progress: &'p dyn Fn(u64),
}

impl<'p> Counter<'p> {
    fn new(progress: &'p dyn Fn(u64)) -> Self {
        Self { rows: std::cell::Cell::new(0), progress }
    }

    fn one(&self) {
        let rows = self.rows.get() + 1;
        self.rows.set(rows);
        if rows.is_multiple_of(1_000) {
            (self.progress)(rows);
        }
    }
}

/// A class of owners: its share of all owners in percent, and the range of their random weights.
struct Class {
    percent: u32,
    weight: std::ops::RangeInclusive<u32>,
}

const fn class(percent: u32, least: u32, most: u32) -> Class {
    Class { percent, weight: least..=most }
}

/// The classes of customers: 12% have no orders, and 3% have very many.
const CUSTOMERS: [Class; 4] = [class(12, 0, 0), class(70, 1, 8), class(15, 10, 30), class(3, 60, 200)];

/// The classes of orders: 5% are empty, and most are small.
const BASKETS: [Class; 3] = [class(5, 0, 0), class(85, 1, 4), class(10, 5, 12)];

/// Distributes `total` things among `owners`, in proportion to random weights. The shares sum to `total`.
fn shares(owners: u64, total: u64, classes: &[Class], rng: &mut ChaCha8Rng) -> Vec<u32> {
    let mut weights: Vec<u32> = (0..owners).map(|_| weight(classes, rng)).collect();
    if weights.iter().all(|weight| *weight == 0)
        && let Some(first) = weights.first_mut()
    {
        *first = 1;
    }
    let sum: u128 = weights.iter().map(|weight| u128::from(*weight)).sum();
    let (mut weighed, mut given) = (0_u128, 0_u128);
    weights
        .iter()
        .map(|weight| {
            weighed += u128::from(*weight);
            let due = u128::from(total) * weighed / sum.max(1);
            let share = due - given;
            given = due;
            share as u32
        })
        .collect()
}

fn weight(classes: &[Class], rng: &mut ChaCha8Rng) -> u32 {
    let mut drawn = rng.random_range(0..100);
    for class in classes {
        if drawn < class.percent {
            return rng.random_range(class.weight.clone());
        }
        drawn -= class.percent;
    }
    0
}

/// Returns the owner of each thing, shuffled: the things arrive in random order.
fn interleaved(shares: &[u32], rng: &mut ChaCha8Rng) -> Vec<u32> {
    let mut owners: Vec<u32> =
        (1..).zip(shares).flat_map(|(owner, share)| std::iter::repeat_n(owner, *share as usize)).collect();
    owners.shuffle(rng);
    owners
}

/// The names of the first customers. They test Unicode and quotes.
const NOTABLE: [(&str, &str); 6] = [
    ("Ada", "Lovelace"),
    ("Zoë", "O'Brien"),
    ("小明", "王"),
    ("Grace", "Hopper"),
    ("Łukasz", "Żółć"),
    ("Edgar", "Codd"),
];

/// The number and the name of the customer who tests HTML escaping. It is far down, where no screen shows it at first.
const MARKUP: (i64, &str, &str) = (55, "<script>alert('hello')</script>", "Null");

fn customer(id: i64, rng: &mut ChaCha8Rng) -> Customer {
    let notable = usize::try_from(id - 1).ok().and_then(|index| NOTABLE.get(index));
    let (first_name, last_name) = match notable {
        Some((first, last)) => ((*first).to_owned(), (*last).to_owned()),
        // The name is drawn first, so that the other rows are the same without this customer.
        None => match (name(rng), MARKUP) {
            (_, (number, first, last)) if number == id => (first.to_owned(), last.to_owned()),
            (drawn, _) => drawn,
        },
    };
    let initial = first_name.chars().find(char::is_ascii_alphabetic);
    let initial = initial.unwrap_or('x').to_ascii_lowercase();
    Customer { id, email: format!("{initial}{id}@example.com"), first_name, last_name, ..Customer::default() }
}

/// Draws a first name and a last name of the same language.
fn name(rng: &mut ChaCha8Rng) -> (String, String) {
    macro_rules! name_in {
        ($locale:ident) => {
            (FirstName($locale).fake_with_rng(rng), LastName($locale).fake_with_rng(rng))
        };
    }
    match rng.random_range(0_u32..20) {
        0 | 1 => name_in!(FR_FR),
        2 | 3 => name_in!(DE_DE),
        4 | 5 => name_in!(PT_BR),
        6 => name_in!(TR_TR),
        7 => name_in!(JA_JP),
        8 => name_in!(ZH_CN),
        9 => name_in!(AR_SA),
        _ => name_in!(EN),
    }
}

/// The day of the first order.
const FIRST_DAY: Date = jiff::civil::date(2024, 1, 1);
/// The number of days over which the orders spread.
const DAYS: u64 = 1_000;

fn order(id: i64, customer_id: u32, day: Date, rng: &mut ChaCha8Rng) -> Order {
    let status = match rng.random_range(0_u32..100) {
        0..70 => "delivered",
        70..80 => "shipped",
        80..92 => "open",
        92..97 => "cancelled",
        _ => "returned",
    };
    Order {
        id,
        customer_id: i64::from(customer_id),
        placed_on: day.to_string(),
        status: status.to_owned(),
        ..Order::default()
    }
}

const LOOKS: [&str; 10] =
    ["Blue", "Striped", "Small", "Heavy", "Folding", "Wooden", "Round", "Bright", "Quiet", "Old"];
const THINGS: [&str; 12] = [
    "Teapot",
    "Lamp",
    "Notebook",
    "Kettle",
    "Chair",
    "Clock",
    "Umbrella",
    "Basket",
    "Mirror",
    "Radio",
    "Blanket",
    "Crème brûlée torch",
];

fn item(id: i64, order_id: i64, rng: &mut ChaCha8Rng) -> OrderItem {
    let look = LOOKS[rng.random_range(0..LOOKS.len() as u32) as usize];
    let thing = THINGS[rng.random_range(0..THINGS.len() as u32) as usize];
    OrderItem {
        id,
        order_id,
        product: format!("{look} {thing}"),
        quantity: rng.random_range(1_i64..=5),
        unit_price: rng.random_range(99_i64..=19_999),
        ..OrderItem::default()
    }
}
