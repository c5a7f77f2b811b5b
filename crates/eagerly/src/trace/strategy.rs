//! The loading strategies by name. How each one loads is in `load/strategy/`, in a file of its own.

use std::fmt;
use std::str::FromStr;

/// When a strategy loads related rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// On access, or never (`raise`).
    OnAccess,
    /// Before the query returns, by statements of its own.
    UpFront,
    /// In the parents' own statement.
    WithParents,
}

/// Lists the strategies: the variant, the name, when it loads, and how in a few words.
macro_rules! strategies {
    ($($variant:ident $name:literal $when:ident $summary:literal,)*) => {
        /// How the related rows of a relation are loaded.
        ///
        /// ```
        /// # use eagerly::Strategy;
        /// let eager = Strategy::ALL.into_iter().filter(|strategy| strategy.is_eager());
        /// let names: Vec<_> = eager.map(Strategy::name).collect();
        /// assert_eq!(names, ["immediate", "selectin", "subquery", "joined"]);
        /// assert_eq!(Strategy::Lazy.summary(), "on access, for one parent");
        /// ```
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum Strategy {
            $(#[doc = concat!("Loads ", $summary, ".")] $variant,)*
        }

        impl Strategy {
            /// Every strategy.
            pub const ALL: [Self; [$($name),*].len()] = [$(Self::$variant),*];

            /// Returns the name, as in `.with(selectin(…))`.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)*
                }
            }

            /// Returns when the strategy loads.
            pub const fn when(self) -> When {
                match self {
                    $(Self::$variant => When::$when,)*
                }
            }

            /// Returns in a few words when the strategy loads, and for which parents.
            pub const fn summary(self) -> &'static str {
                match self {
                    $(Self::$variant => $summary,)*
                }
            }
        }
    };
}

strategies! {
    Lazy "lazy" OnAccess "on access, for one parent",
    Immediate "immediate" UpFront "up front, for one parent at a time",
    Batch "batch" OnAccess "on the first access, for all parents",
    Selectin "selectin" UpFront "up front for all parents, by their keys",
    Subquery "subquery" UpFront "up front for all parents, by their query",
    Joined "joined" WithParents "in the parents' own statement",
    Raise "raise" OnAccess "nothing; an access is an error",
}

impl Strategy {
    /// Returns whether the strategy loads before the query returns.
    pub fn is_eager(self) -> bool {
        self.when() != When::OnAccess
    }

    /// Returns the strategy with this name. The derive calls this while the program is compiled.
    #[doc(hidden)]
    pub const fn named(name: &str) -> Option<Self> {
        let mut index = 0;
        while index < Self::ALL.len() {
            if is_same(Self::ALL[index].name().as_bytes(), name.as_bytes()) {
                return Some(Self::ALL[index]);
            }
            index += 1;
        }
        None
    }
}

/// The strategies of relations that no load path mentions.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Defaults {
    /// The default of one query: `Customer::select().default(Strategy::Raise)`.
    pub(crate) query: Option<Strategy>,
    pub(crate) session: Strategy,
}

impl Defaults {
    /// Returns the strategy of a relation, whose entity may choose one: the query decides before the entity, and the
    /// entity before the session.
    pub(crate) fn of(self, entity: Option<Strategy>) -> Strategy {
        self.query.or(entity).unwrap_or(self.session)
    }

    /// Returns the strategy of a relation that was loaded and is loaded again for one row. An access may send a statement
    /// unless the default forbids it.
    pub(crate) fn again(self, entity: Option<Strategy>) -> Strategy {
        match self.of(entity) {
            Strategy::Raise => Strategy::Raise,
            _ => Strategy::Lazy,
        }
    }
}

/// A `const` version of `==`.
pub(super) const fn is_same(a: &[u8], b: &[u8]) -> bool {
    let mut index = 0;
    while index < a.len() && index < b.len() && a[index] == b[index] {
        index += 1;
    }
    index == a.len() && index == b.len()
}

impl fmt::Display for Strategy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Parses the name of a strategy.
///
/// ```
/// # use eagerly::Strategy;
/// assert_eq!("selectin".parse(), Ok(Strategy::Selectin));
/// let error = "eager".parse::<Strategy>().unwrap_err().to_string();
/// assert!(error.starts_with(r#"there is no strategy "eager""#));
/// assert!(error.ends_with("help: use one of lazy, immediate, batch, selectin, subquery, joined, raise"));
/// ```
impl FromStr for Strategy {
    type Err = UnknownStrategy;

    fn from_str(name: &str) -> Result<Self, UnknownStrategy> {
        Self::named(name).ok_or_else(|| UnknownStrategy(name.to_owned()))
    }
}

/// The error for an unknown strategy name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "there is no strategy {0:?}\n  help: use one of {names}",
    names = Strategy::ALL.map(Strategy::name).join(", ")
)]
pub struct UnknownStrategy(String);
