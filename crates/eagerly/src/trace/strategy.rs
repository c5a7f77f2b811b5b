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

/// Lists the strategies: the variant, the name, and when it loads.
macro_rules! strategies {
    ($($(#[$meaning:meta])* $variant:ident $name:literal $when:ident,)*) => {
        /// How the related rows of a relation are loaded.
        ///
        /// ```
        /// # use eagerly::Strategy;
        /// let eager = Strategy::ALL.into_iter().filter(|strategy| strategy.is_eager());
        /// let names: Vec<_> = eager.map(Strategy::name).collect();
        /// assert_eq!(names, ["immediate", "selectin", "subquery", "joined"]);
        /// ```
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum Strategy {
            $($(#[$meaning])* $variant,)*
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
        }
    };
}

strategies! {
    /// On access, for one parent.
    Lazy "lazy" OnAccess,
    /// Up front, for one parent at a time.
    Immediate "immediate" UpFront,
    /// On the first access, for all parents.
    Batch "batch" OnAccess,
    /// Up front, for all parents, by a statement that lists the parents' keys.
    Selectin "selectin" UpFront,
    /// Up front, for all parents, by a statement that repeats the parents' query.
    Subquery "subquery" UpFront,
    /// In the parents' own statement.
    Joined "joined" WithParents,
    /// Never. An access is an error.
    Raise "raise" OnAccess,
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

/// A `const` version of `==`.
const fn is_same(a: &[u8], b: &[u8]) -> bool {
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
