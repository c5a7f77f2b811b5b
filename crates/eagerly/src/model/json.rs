//! Skip at first. JSON in a column: a value of any type that serde can write and read.
//!
//! The text is made when the value is put into a [`Json`], because writing can fail, and a bound value cannot. A value that
//! was read keeps the text of the database. So an update of another field does not change the column.

use std::borrow::Cow;
use std::ops::Deref;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::database::{Cell, SqlType, Value};
use crate::error::{Error, Mismatch, Result};
use crate::model::column_type::ColumnType;
use crate::model::undecoded::short_type_name;

/// A value that is stored as JSON: as `TEXT` in SQLite, and as `jsonb` or `json` in PostgreSQL. Needs the feature `json`.
///
/// The value can be read, but not changed in its place. To change a column, put a new value there.
///
/// ```
/// # use eagerly::*; let session = Session::in_memory()?;
/// #[derive(Entity)]
/// #[entity(table = "pages")]
/// struct Page {
///     #[entity(key)]
///     id: i64,
///     tags: Json<Vec<String>>,
/// }
/// session.create_tables::<Page>()?;
/// session.insert(&Page { id: 1, tags: Json::new(vec!["rust".to_owned()])? })?;
/// let mut page = session.get::<Page>(1)?;
/// assert_eq!(page.tags.len(), 1);
/// page.tags = Json::new(vec!["rust".to_owned(), "sql".to_owned()])?;
/// session.update(&page)?;
/// assert_eq!(session.query::<String>("SELECT tags FROM pages", [])?, [r#"["rust","sql"]"#]);
/// # Ok::<(), Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Json<T> {
    value: T,
    text: String,
}

impl<T> Json<T> {
    /// Returns the value with its JSON.
    ///
    /// # Errors
    /// [`Error::NotJson`] if serde cannot write it, such as a map whose keys are not texts. JSON has no NaN and no infinity.
    /// serde writes `null` for them.
    pub fn new(value: T) -> Result<Self>
    where
        T: Serialize,
    {
        match serde_json::to_string(&value) {
            Ok(text) => Ok(Self { value, text }),
            Err(error) => Err(Error::NotJson { name: short_type_name::<T>(), reason: error.to_string() }),
        }
    }

    /// Returns the value without its JSON.
    ///
    /// ```
    /// # use eagerly::*;
    /// let mut point = Json::new((1, 2))?.into_inner();
    /// point.1 = 3;
    /// assert_eq!(Json::new(point)?.text(), "[1,3]");
    /// # Ok::<(), Error>(())
    /// ```
    pub fn into_inner(self) -> T {
        self.value
    }

    /// Returns the JSON that is stored, or that was read from the database.
    pub fn text(&self) -> &str {
        &self.text
    }
}

impl<T> Deref for Json<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

/// Compares the values. Their JSON can differ, for example in spaces.
impl<T: PartialEq> PartialEq for Json<T> {
    fn eq(&self, other: &Self) -> bool {
        self.value == other.value
    }
}

impl<T: DeserializeOwned> ColumnType for Json<T> {
    const SQL_TYPE: SqlType = SqlType::Json;

    fn read(cell: Cell<'_>) -> Result<Self, Mismatch> {
        let text = cell.owned_text()?;
        match serde_json::from_str(&text) {
            Ok(value) => Ok(Self { value, text }),
            Err(error) => Err(Mismatch {
                expected: "JSON that fits the field",
                found: format!("the text {}, and {error}", Value::from(text.as_str())),
            }),
        }
    }

    fn bind(&self) -> Value<'_> {
        Value::Text(Cow::Borrowed(&self.text))
    }
}
