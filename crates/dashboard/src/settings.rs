//! The settings of a page: what the link carries, and nothing else.
//!
//! Whoever writes a link may write anything into it. So each setting has bounds, and what is out of bounds is told in
//! words that say what would be right.

mod read;

use std::time::Duration;

use eagerly::{Network, Strategy};

use read::{choice, milliseconds, name, number, number_or_all, strategy};

/// The longest query of a link that is looked at.
const LONGEST_QUERY: usize = 2_000;
/// The longest name to filter by, in characters.
pub const LONGEST_NAME: usize = 100;
/// The largest page.
const LARGEST_PAGE: u64 = 10_000;
/// The number of the last page.
pub const LAST_PAGE: u64 = 1_000_000;
/// The longest round trip, in milliseconds.
pub const LONGEST_ROUND_TRIP: f64 = 150.0;
/// The thresholds of the slow-query log, in milliseconds.
const THRESHOLDS: std::ops::RangeInclusive<f64> = 0.001..=10_000.0;

/// How many customers may be chosen, besides all of them.
pub const CUSTOMERS: [u64; 4] = [5, 50, 500, 3_000];

/// Which of the two databases.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// The one with many customers.
    Production,
    /// What a developer has: five customers.
    Development,
}

impl Stage {
    /// Both, the one that matters first.
    pub const ALL: [Self; 2] = [Self::Production, Self::Development];

    /// The name, as links and the page have it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Production => "production",
            Self::Development => "development",
        }
    }
}

/// What the page shows, and how it gets it.
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    /// How the orders of the customers are loaded.
    pub orders: Strategy,
    /// How the items of the orders are loaded.
    pub items: Strategy,
    /// Whether the page shows the total spend, and so reads the items.
    pub spend: bool,
    /// Which database.
    pub stage: Stage,
    /// How many customers, at most, the pages list together; `None` for all.
    pub customers: Option<u64>,
    /// How many customers a page lists; `None` for all.
    pub size: Option<u64>,
    /// The number of the page, from 1.
    pub page: u64,
    /// What the first or last name contains; empty for anybody.
    pub name: String,
    /// What a statement takes to the database and back.
    pub round_trip: Duration,
    /// Whether round trips are really waited for, and not only reckoned.
    pub waits: bool,
    /// From when on the slow-query log takes note.
    pub slow: Duration,
}

impl Default for Settings {
    /// The page of the case study, as it was found.
    fn default() -> Self {
        Self {
            orders: Strategy::Lazy,
            items: Strategy::Lazy,
            spend: true,
            stage: Stage::Production,
            customers: None,
            size: None,
            page: 1,
            name: String::new(),
            round_trip: Network::BETWEEN_ZONES.round_trip(),
            waits: false,
            slow: eagerly_watch::SlowLog::THRESHOLD,
        }
    }
}

/// What is wrong with a link, in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BadInput(pub String);

impl Settings {
    /// Reads the settings from the query of a link. What is not said, or said with nothing, is as by default.
    ///
    /// # Errors
    /// If a setting is not one, or out of bounds.
    pub fn parse(query: &str) -> Result<Self, BadInput> {
        if query.len() > LONGEST_QUERY {
            return Err(BadInput(format!(
                "The link is longer than {LONGEST_QUERY} characters."
            )));
        }
        let mut settings = Self::default();
        for (key, value) in form_urlencoded::parse(query.as_bytes()) {
            let value = value.trim();
            if !value.is_empty() {
                settings.set(&key, value)?;
            }
        }
        // All customers are on one page.
        if settings.size.is_none() {
            settings.page = 1;
        }
        Ok(settings)
    }

    fn set(&mut self, key: &str, value: &str) -> Result<(), BadInput> {
        match key {
            "orders" => self.orders = strategy(key, value)?,
            "items" => self.items = strategy(key, value)?,
            "spend" => self.spend = choice(key, value, &[("yes", true), ("no", false)])?,
            "wait" => self.waits = choice(key, value, &[("yes", true), ("no", false)])?,
            "shop" => self.stage = choice(key, value, &Stage::ALL.map(|stage| (stage.name(), stage)))?,
            "customers" => self.customers = number_or_all(key, value, LARGEST_PAGE)?,
            "size" => self.size = number_or_all(key, value, LARGEST_PAGE)?,
            "page" => self.page = number(key, value, LAST_PAGE)?,
            "name" => self.name = name(value)?,
            "trip" => self.round_trip = milliseconds(key, value, 0.0..=LONGEST_ROUND_TRIP)?,
            "slow" => self.slow = milliseconds(key, value, THRESHOLDS)?,
            // A setting of another time: harmless.
            _ => {}
        }
        Ok(())
    }

    /// The settings as the query of a link: only what is not as by default.
    #[must_use]
    pub fn query(&self) -> String {
        let usual = Self::default();
        let mut link = form_urlencoded::Serializer::new(String::new());
        let mut add = |key: &str, is_usual: bool, value: &str| {
            if !is_usual {
                link.append_pair(key, value);
            }
        };
        add("orders", self.orders == usual.orders, self.orders.name());
        add("items", self.items == usual.items, self.items.name());
        add("spend", self.spend, "no");
        add("shop", self.stage == usual.stage, self.stage.name());
        add("customers", self.customers.is_none(), &or_all(self.customers));
        add("size", self.size.is_none(), &or_all(self.size));
        add("page", self.page == 1, &self.page.to_string());
        add("name", self.name.is_empty(), &self.name);
        let trip = in_milliseconds(self.round_trip).to_string();
        add("trip", self.round_trip == usual.round_trip, &trip);
        add("wait", !self.waits, "yes");
        let slow = in_milliseconds(self.slow).to_string();
        add("slow", self.slow == usual.slow, &slow);
        link.finish()
    }

    /// The same page with both relations loaded by one strategy.
    #[must_use]
    pub fn by(&self, strategy: Strategy) -> Self {
        Self {
            orders: strategy,
            items: strategy,
            ..self.clone()
        }
    }

    /// The rows of the page: how many at most, and how many come before; `None` for all.
    #[must_use]
    pub fn window(&self) -> Option<(u64, u64)> {
        if self.customers.is_none() && self.size.is_none() {
            return None;
        }
        let before = self.size.map_or(0, |size| size.saturating_mul(self.page - 1));
        let left = self.customers.unwrap_or(u64::MAX).saturating_sub(before);
        Some((self.size.unwrap_or(u64::MAX).min(left), before))
    }

    /// The network that is imagined, if any.
    #[must_use]
    pub fn network(&self) -> Option<Network> {
        let network = Network::virtual_of(self.round_trip);
        match (self.round_trip.is_zero(), self.waits) {
            (true, _) => None,
            (false, true) => Some(network.waiting()),
            (false, false) => Some(network),
        }
    }

    /// Whether the page takes its time: its round trips are really waited for.
    #[must_use]
    pub fn really_waits(&self) -> bool {
        self.network().is_some_and(Network::waits)
    }
}

/// A time as a number of milliseconds.
#[must_use]
pub fn in_milliseconds(time: Duration) -> f64 {
    time.as_nanos() as f64 / 1e6
}

/// A number, or the word for no bound.
#[must_use]
pub fn or_all(number: Option<u64>) -> String {
    number.map_or_else(|| "all".to_owned(), |number| number.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_carries_every_setting_there_and_back() {
        let query = "orders=selectin&items=joined&spend=no&shop=development&customers=500&size=20&page=3\
                     &name=Zo%C3%AB+O%27B&trip=0.25&wait=yes&slow=5";
        let settings = Settings::parse(query).unwrap();
        assert_eq!(settings.name, "Zoë O'B");
        assert_eq!(settings.round_trip, Duration::from_micros(250));
        assert_eq!(settings.query(), query);
        assert_eq!(Settings::parse("").unwrap(), Settings::default());
        assert_eq!(Settings::default().query(), "");
    }

    #[test]
    fn a_page_ends_where_the_chosen_customers_end() {
        let window = |query| Settings::parse(query).unwrap().window();
        assert_eq!(window("page=4"), None);
        assert_eq!(window("customers=50"), Some((50, 0)));
        assert_eq!(window("customers=50&size=20&page=3"), Some((10, 40)));
        assert_eq!(window("customers=50&size=20&page=4"), Some((0, 60)));
        assert_eq!(window("size=20&page=1000000"), Some((20, 19_999_980)));
    }

    #[test]
    fn what_is_out_of_bounds_is_told_in_words() {
        for query in [
            "orders=eager",
            "size=0",
            "size=10001",
            "size=-1",
            "page=x",
            "trip=151",
            "trip=NaN",
            "trip=-1",
            "trip=inf",
            "slow=0",
            "wait=maybe",
            "shop=test",
            "customers=1e9",
        ] {
            let (key, value) = query.split_once('=').unwrap();
            let BadInput(words) = Settings::parse(query).unwrap_err();
            assert!(words.contains(key) && words.contains(value), "{query}: {words}");
        }
        assert!(Settings::parse(&format!("name={}", "x".repeat(101))).is_err());
        assert!(Settings::parse(&"x".repeat(2_001)).is_err());
    }
}
