//! Made-up data, any amount of it: the same size and seed give the same rows on every machine.
//!
//! It is skewed as a real shop is. Some customers never ordered, a few order all the time; some orders have no
//! items; orders of different customers interleave, since they are numbered as they come in; names come from
//! many languages. What is drawn, and what is computed of it, are integers: logarithms and the like differ between
//! machines in their last digit.

use eagerly::{BelongsTo, Error, HasMany, Result, Session};
use fake::Fake as _;
use fake::faker::name::raw::{FirstName, LastName};
use fake::locales::{AR_SA, DE_DE, EN, FR_FR, JA_JP, PT_BR, TR_TR, ZH_CN};
use jiff::civil::Date;
use rand::rngs::ChaCha8Rng;
use rand::seq::SliceRandom as _;
use rand::{RngExt as _, SeedableRng as _};

use crate::models::{Customer, Order, OrderItem};
use crate::schema;

/// How much data.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Size {
    /// The number of customers.
    pub customers: u32,
    /// The mean number of orders of a customer. Their sum is exact.
    pub orders: f64,
    /// The mean number of items of an order. Their sum is exact.
    pub items: f64,
    /// Another seed gives other rows.
    pub seed: u64,
}

impl Default for Size {
    /// The case study's: 3,000 customers, 30,000 orders, 90,000 items.
    fn default() -> Self {
        Self {
            customers: 3_000,
            orders: 10.0,
            items: 3.0,
            seed: 1,
        }
    }
}

impl Size {
    /// The numbers of customers, orders and items.
    #[must_use]
    pub fn rows(&self) -> [u64; 3] {
        let customers = u64::from(self.customers);
        let orders = times(customers, self.orders);
        [customers, orders, times(orders, self.items)]
    }
}

/// A number times a mean, rounded. Too much is as much as can be said; less than nothing is nothing.
fn times(number: u64, mean: f64) -> u64 {
    (number as f64 * mean).round() as u64
}

/// A shop of a size in memory: for examples, and for tests.
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
/// If there is not enough memory.
pub fn in_memory(size: &Size) -> Result<Session> {
    let session = Session::in_memory()?;
    fill(&session, size, |_| {})?;
    Ok(session)
}

/// Makes the tables and fills them, all in one transaction. `progress` is told the number of rows so far, now
/// and then.
///
/// # Errors
/// If the database cannot be written to, or has one of these tables already.
pub fn fill(session: &Session, size: &Size, progress: impl Fn(u64)) -> Result<()> {
    let [customers, orders, items] = size.rows();
    for rows in [orders, items] {
        u32::try_from(rows).map_err(|_| {
            Error::other(format!(
                "{rows} rows are more than this shop can hold: ask for fewer customers, orders or items"
            ))
        })?;
    }
    let mut rng = ChaCha8Rng::seed_from_u64(size.seed);
    let owners = interleaved(&shares(customers, orders, &CUSTOMERS, &mut rng), &mut rng);
    let item_counts = shares(orders, items, &BASKETS, &mut rng);

    session.transaction(|session| {
        for sql in schema::TABLES {
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
        // An index that is made at the end is made in one sorted pass.
        for sql in schema::INDEXES {
            session.execute(sql, [])?;
        }
        Ok(())
    })?;
    progress(customers + orders + items);
    Ok(())
}

/// Tells of progress at every thousandth row.
struct Counter<'p> {
    rows: std::cell::Cell<u64>,
    progress: &'p dyn Fn(u64),
}

impl<'p> Counter<'p> {
    fn new(progress: &'p dyn Fn(u64)) -> Self {
        Self {
            rows: std::cell::Cell::new(0),
            progress,
        }
    }

    fn one(&self) {
        let rows = self.rows.get() + 1;
        self.rows.set(rows);
        if rows.is_multiple_of(1_000) {
            (self.progress)(rows);
        }
    }
}

/// A class of owners: so many in a hundred, each weighing from so much to so much.
struct Class {
    percent: u32,
    weight: std::ops::RangeInclusive<u32>,
}

const fn class(percent: u32, least: u32, most: u32) -> Class {
    Class {
        percent,
        weight: least..=most,
    }
}

/// Customers: some never order, a few order all the time.
const CUSTOMERS: [Class; 4] = [
    class(12, 0, 0),
    class(70, 1, 8),
    class(15, 10, 30),
    class(3, 60, 200),
];

/// Orders: a few are empty, most are small.
const BASKETS: [Class; 3] = [class(5, 0, 0), class(85, 1, 4), class(10, 5, 12)];

/// Shares `total` things out among `owners`, by weights drawn from the classes. Every thing finds an owner.
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

/// The owner of each thing, in the random order in which the things came in.
fn interleaved(shares: &[u32], rng: &mut ChaCha8Rng) -> Vec<u32> {
    let mut owners: Vec<u32> = (1..)
        .zip(shares)
        .flat_map(|(owner, share)| std::iter::repeat_n(owner, *share as usize))
        .collect();
    owners.shuffle(rng);
    owners
}

/// Names that every program has to get right; the first customers have them.
const NOTABLE: [(&str, &str); 6] = [
    ("Ada", "Lovelace"),
    ("Zoë", "O'Brien"),
    ("小明", "王"),
    ("Grace", "Hopper"),
    ("Łukasz", "Żółć"),
    ("<script>alert('hello')</script>", "Null"),
];

fn customer(id: i64, rng: &mut ChaCha8Rng) -> Customer {
    let notable = usize::try_from(id - 1).ok().and_then(|index| NOTABLE.get(index));
    let (first_name, last_name) = match notable {
        Some((first, last)) => ((*first).to_owned(), (*last).to_owned()),
        None => name(rng),
    };
    let initial = first_name.chars().find(char::is_ascii_alphabetic);
    let initial = initial.unwrap_or('x').to_ascii_lowercase();
    Customer {
        id,
        email: format!("{initial}{id}@example.com"),
        first_name,
        last_name,
        orders: HasMany::default(),
    }
}

/// A first and a last name of one language.
fn name(rng: &mut ChaCha8Rng) -> (String, String) {
    macro_rules! name_in {
        ($locale:ident) => {
            (
                FirstName($locale).fake_with_rng(rng),
                LastName($locale).fake_with_rng(rng),
            )
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

/// The day of the first order, and over how many days the others spread.
const FIRST_DAY: Date = jiff::civil::date(2024, 1, 1);
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
        customer: BelongsTo::default(),
        items: HasMany::default(),
    }
}

const LOOKS: [&str; 10] = [
    "Blue", "Striped", "Small", "Heavy", "Folding", "Wooden", "Round", "Bright", "Quiet", "Old",
];
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
        order: BelongsTo::default(),
    }
}
