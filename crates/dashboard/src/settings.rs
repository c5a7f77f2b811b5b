//! The settings of a page. They come from the query of its link, and from nowhere else.
//!
//! A link can contain anything, so each setting has bounds. An error message names the setting, its value and
//! the values that are allowed.

mod read;

use std::time::Duration;

use eagerly::{Network, Strategy};

use read::{choice, milliseconds, name, number, number_or_all, strategy};

/// The longest query that is parsed, in bytes.
const LONGEST_QUERY: usize = 2_000;
/// The longest name to filter by, in characters.
pub const LONGEST_NAME: usize = 100;
/// The most rows on a page, and the most customers in all pages together.
const LARGEST_PAGE: u64 = 10_000;
/// The largest page number.
pub const LAST_PAGE: u64 = 1_000_000;
/// The longest round trip, in milliseconds.
pub const LONGEST_ROUND_TRIP: f64 = 150.0;
/// The thresholds of the slow-query log, in milliseconds.
const THRESHOLDS: std::ops::RangeInclusive<f64> = 0.001..=10_000.0;

/// The customer counts that the form offers, besides all of them.
pub const CUSTOMERS: [u64; 4] = [5, 50, 500, 3_000];
/// The value of `orders` for a page that one SQL statement computes.
pub const SQL: &str = "sql";
/// The number of steps of the story.
pub const STEPS: usize = 10;

/// One of the two databases.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// The database with many customers.
    Production,
    /// A developer's database, with five customers.
    Development,
}

impl Stage {
    /// Both databases, in the order of the form.
    pub const ALL: [Self; 2] = [Self::Production, Self::Development];

    /// Returns the name that links and pages use.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Production => "production",
            Self::Development => "development",
        }
    }
}

/// The settings of a page: the rows that it shows and the way it loads them.
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    /// Whether one SQL statement computes the page, without objects. Then no strategy is used.
    pub sql: bool,
    /// How the orders of the customers are loaded.
    pub orders: Strategy,
    /// How the items of the orders are loaded.
    pub items: Strategy,
    /// Whether the page shows the total spend, and so reads the items.
    pub spend: bool,
    /// The database that the page reads.
    pub stage: Stage,
    /// The most customers that all pages list together; `None` for all.
    pub customers: Option<u64>,
    /// The number of customers on a page; `None` for all.
    pub size: Option<u64>,
    /// The number of the page, from 1.
    pub page: u64,
    /// The text that the first or last name must contain; empty for every customer.
    pub name: String,
    /// The time of a round trip to the database, for each statement.
    pub round_trip: Duration,
    /// Whether each statement really waits for its round trip. Otherwise the time is only modelled.
    pub waits: bool,
    /// The threshold of the slow-query log.
    pub slow: Duration,
    /// The step of the story, from 1; `None` outside the story.
    pub step: Option<usize>,
}

impl Default for Settings {
    /// Returns the settings of the case study before the fix.
    fn default() -> Self {
        Self {
            sql: false,
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
            step: None,
        }
    }
}

/// An error message about a setting in a link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BadInput(pub String);

impl Settings {
    /// Parses the settings from the query of a link. A missing or empty setting has its default value.
    ///
    /// # Errors
    /// If a value is not valid or is out of bounds.
    pub fn parse(query: &str) -> Result<Self, BadInput> {
        if query.len() > LONGEST_QUERY {
            return Err(BadInput(format!(
                "The query of the link is longer than {LONGEST_QUERY} characters.\n  help: remove settings from the link"
            )));
        }
        let mut settings = Self::default();
        for (key, value) in form_urlencoded::parse(query.as_bytes()) {
            let value = value.trim();
            if !value.is_empty() {
                settings.set(&key, value)?;
            }
        }
        // Without a page size, all customers are on page 1.
        if settings.size.is_none() {
            settings.page = 1;
        }
        Ok(settings)
    }

    fn set(&mut self, key: &str, value: &str) -> Result<(), BadInput> {
        match key {
            "orders" if value == SQL => self.sql = true,
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
            "step" => self.step = Some(number(key, value, STEPS as u64)? as usize),
            // Ignore unknown settings, so that a link from another version still opens.
            _ => {}
        }
        Ok(())
    }

    /// Returns the settings as the query of a link. It contains only the settings that differ from the
    /// default.
    #[must_use]
    pub fn query(&self) -> String {
        let usual = Self::default();
        let mut link = form_urlencoded::Serializer::new(String::new());
        let mut add = |key: &str, is_usual: bool, value: &str| {
            if !is_usual {
                link.append_pair(key, value);
            }
        };
        match self.sql {
            true => add("orders", false, SQL),
            false => {
                add("orders", self.orders == usual.orders, self.orders.name());
                add("items", self.items == usual.items, self.items.name());
            }
        }
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
        add("step", self.step.is_none(), &self.step.unwrap_or_default().to_string());
        link.finish()
    }

    /// Returns the same settings with `strategy` for both relations, outside the story.
    #[must_use]
    pub fn by(&self, strategy: Strategy) -> Self {
        Self { sql: false, orders: strategy, items: strategy, step: None, ..self.clone() }
    }

    /// Returns the same settings with one SQL statement for the whole page, outside the story.
    #[must_use]
    pub fn by_sql(&self) -> Self {
        Self { sql: true, step: None, ..self.clone() }
    }

    /// Returns the strategy of both relations, or `None` if they differ, or if there are no objects.
    #[must_use]
    pub fn strategy(&self) -> Option<Strategy> {
        (!self.sql && self.orders == self.items).then_some(self.orders)
    }

    /// Returns the name of the way to load the page, for people to read.
    #[must_use]
    pub fn way(&self) -> String {
        match (self.sql, self.strategy()) {
            (true, _) => "SQL GROUP BY".to_owned(),
            (false, Some(strategy)) => strategy.to_string(),
            (false, None) => format!("{}, {}", self.orders, self.items),
        }
    }

    /// Returns the page as it is, beside the page with the fix, each with its name. A page that has the fix, or that `raise`
    /// refuses, is replaced by the lazy one.
    #[must_use]
    pub fn beside_the_fix(&self) -> [(String, Self); 2] {
        let slow = match self.strategy() {
            Some(Strategy::Selectin | Strategy::Raise) => self.by(Strategy::Lazy),
            _ => self.clone(),
        };
        let fixed = self.by(Strategy::Selectin);
        [(slow.way(), slow), (fixed.way(), fixed)]
    }

    /// Returns the limit and the offset of the page, or `None` if the page lists all customers.
    #[must_use]
    pub fn window(&self) -> Option<(u64, u64)> {
        if self.customers.is_none() && self.size.is_none() {
            return None;
        }
        let before = self.size.map_or(0, |size| size.saturating_mul(self.page - 1));
        let left = self.customers.unwrap_or(u64::MAX).saturating_sub(before);
        Some((self.size.unwrap_or(u64::MAX).min(left), before))
    }

    /// Returns the modelled network, or `None` if a round trip takes no time.
    #[must_use]
    pub fn network(&self) -> Option<Network> {
        let network = Network::virtual_of(self.round_trip);
        match (self.round_trip.is_zero(), self.waits) {
            (true, _) => None,
            (false, true) => Some(network.waiting()),
            (false, false) => Some(network),
        }
    }

    /// Returns whether statements wait for their round trips. This is `false` if a round trip takes no time.
    #[must_use]
    pub fn really_waits(&self) -> bool {
        self.network().is_some_and(Network::waits)
    }
}

/// Converts a time to milliseconds.
#[must_use]
pub fn in_milliseconds(time: Duration) -> f64 {
    time.as_nanos() as f64 / 1e6
}

/// Returns the number as text, or `all` for `None`.
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
                     &name=Zo%C3%AB+O%27B&trip=0.25&wait=yes&slow=5&step=2";
        let settings = Settings::parse(query).unwrap();
        assert_eq!(settings.name, "Zoë O'B");
        assert_eq!(settings.round_trip, Duration::from_micros(250));
        assert_eq!(settings.query(), query);
        assert_eq!(Settings::parse("").unwrap(), Settings::default());
        assert_eq!(Settings::default().query(), "");
        assert_eq!(Settings::parse("orders=sql&items=joined").unwrap().query(), "orders=sql");
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
    fn an_invalid_value_is_an_error_that_names_the_setting_and_the_value() {
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
