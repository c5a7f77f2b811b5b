//! Asking: the session's methods that send queries.

use crate::aggregate::Aggregates;
use crate::cohort::Cohort;
use crate::driver::Row;
use crate::entity::{Entity, Keyed};
use crate::error::{Error, Result};
use crate::event::{CallSite, Cause};
use crate::fetch::{Fetch, Reader};
use crate::key::KeyType;
use crate::report::FromRow;
use crate::select::Select;
use crate::session::Session;
use crate::sql::SelectSql;
use crate::value::Value;

impl Session {
    /// All rows that a query selects, with whatever it loads along.
    ///
    /// Where eager loading takes several statements, they read from one state of the database: they run in a
    /// read transaction of their own, unless one is open.
    ///
    /// ```
    /// # use eagerly::{Entity, Session};
    /// # #[derive(Debug, Entity)] #[entity(table = "people")]
    /// # struct Person { #[entity(key)] id: i64, name: String }
    /// # let session = Session::in_memory()?;
    /// # session.execute("CREATE TABLE people (id INTEGER PRIMARY KEY, name TEXT NOT NULL)", [])?;
    /// session.insert(&Person { id: 0, name: "Ada".to_owned() })?;
    /// let people = session.all(Person::select().order_by(Person::NAME))?;
    /// assert_eq!(people[0].name, "Ada");
    /// # Ok::<(), eagerly::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Statement`] if the database fails, [`Error::Decode`] if a row does not fit the entity.
    #[track_caller]
    pub fn all<E: Entity>(&self, query: Select<E>) -> Result<Vec<E>> {
        self.select("all", CallSite::caller(), query)
    }

    /// The first row that a query selects, if there is any.
    ///
    /// ```
    /// # use shop::{Customer, Size, data};
    /// # let session = data::in_memory(&Size { customers: 5, ..Size::default() })?;
    /// let newest = session.first(Customer::select().order_by(Customer::ID.desc()))?;
    /// assert_eq!(newest.map(|customer| customer.id), Some(5));
    /// let nobody = session.first(Customer::select().filter(Customer::ID.eq(6)))?;
    /// assert!(nobody.is_none());
    /// # Ok::<(), eagerly::Error>(())
    /// ```
    ///
    /// # Errors
    /// As for [`all`](Self::all).
    #[track_caller]
    pub fn first<E: Entity>(&self, query: Select<E>) -> Result<Option<E>> {
        let rows = self.select("first", CallSite::caller(), query.at_most(1))?;
        Ok(rows.into_iter().next())
    }

    /// The one row that a query selects.
    ///
    /// ```
    /// # use eagerly::Error;
    /// # use shop::{Customer, Size, data};
    /// # let session = data::in_memory(&Size { customers: 5, ..Size::default() })?;
    /// let ada = session.one(Customer::select().filter(Customer::FIRST_NAME.eq("Ada")))?;
    /// assert_eq!(ada.last_name, "Lovelace");
    /// assert!(matches!(session.one(Customer::select()), Err(Error::NotUnique { .. })));
    /// # Ok::<(), eagerly::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::NotFound`] if there is none, [`Error::NotUnique`] if there are several, and as for
    /// [`all`](Self::all).
    #[track_caller]
    pub fn one<E: Entity>(&self, query: Select<E>) -> Result<E> {
        let at = CallSite::caller();
        let query = query.at_most(2);
        let sql = query.to_sql();
        let mut rows = self.select("one", at, query)?.into_iter();
        match (rows.next(), rows.next()) {
            (Some(only), None) => Ok(only),
            (Some(_), Some(_)) => Err(Error::NotUnique {
                entity: E::NAME,
                at,
                sql,
            }),
            (None, _) => Err(Error::NotFound {
                doing: format!("asking for one {} at {at}", E::NAME),
                table: E::TABLE,
                sought: "matches the query".to_owned(),
                advice: "if there may be none, use `session.first(…)`, which gives an Option",
            }),
        }
    }

    /// The row with a given key.
    ///
    /// ```
    /// # use eagerly::Error;
    /// # use shop::{Customer, Size, data};
    /// # let session = data::in_memory(&Size { customers: 5, ..Size::default() })?;
    /// let ada = session.get::<Customer>(1)?;
    /// assert_eq!(ada.last_name, "Lovelace");
    /// assert!(matches!(session.get::<Customer>(6), Err(Error::NotFound { .. })));
    /// # Ok::<(), eagerly::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::NotFound`] if there is none, and as for [`all`](Self::all).
    #[track_caller]
    pub fn get<E: Keyed>(&self, key: impl Into<E::Key>) -> Result<E> {
        let at = CallSite::caller();
        let key = key.into();
        let bound = key.bind();
        let query = Select::<E>::with_key(&bound);
        let row = self.select("get", at, query)?.into_iter().next();
        row.ok_or_else(|| Error::NotFound {
            doing: format!("getting a {} at {at}", E::NAME),
            table: E::TABLE,
            sought: format!("has the key {bound}"),
            advice: "check the key; if there may be no such row, use `session.first(…)` with a filter",
        })
    }

    pub(crate) fn select<E: Entity>(
        &self,
        call: &'static str,
        at: CallSite,
        query: Select<E>,
    ) -> Result<Vec<E>> {
        let query = query.with_defaults(&self.core);
        let statement = query.statement();
        self.run(Cause::Explicit { call, at }, at, &query, statement, |_, _| {})
    }

    /// Sends a query's statement, to which more may have been joined, and loads along what the query says.
    fn run<E: Entity>(
        &self,
        cause: Cause<'_>,
        at: CallSite,
        query: &Select<E>,
        (select, values): (SelectSql, Vec<Value<'static>>),
        each: impl FnMut(&Row<'_>, u32),
    ) -> Result<Vec<E>> {
        let fetch = Fetch {
            select,
            values: &values,
            loads: &query.loads,
            source: query.source_to_restate(),
        };
        let cohort = Cohort::queried::<E>(&self.core, at);
        self.core.in_snapshot_if(query.loads.sends_statements(), at, || {
            fetch.run(&cohort, cause, each)
        })
    }

    /// All rows that a query selects, each with figures that the database computes from its related rows.
    ///
    /// ```
    /// # use eagerly::Relation;
    /// # use shop::{Customer, Size, data};
    /// # let session = data::in_memory(&Size { customers: 5, ..Size::default() })?;
    /// # let tally = session.tally();
    /// let rows = session.all_with(Customer::select(), Customer::ORDERS.count())?;
    /// let (ada, orders) = &rows[0];
    /// assert_eq!((ada.first_name.as_str(), *orders), ("Ada", 2));
    /// assert_eq!(tally.statements(), 1);
    /// # Ok::<(), eagerly::Error>(())
    /// ```
    ///
    /// # Errors
    /// As for [`all`](Self::all); a sum that does not fit in 64 bits is one of SQLite's errors.
    #[track_caller]
    pub fn all_with<E: Entity, A: Aggregates<E>>(
        &self,
        query: Select<E>,
        figures: A,
    ) -> Result<Vec<(E, A::Figures)>> {
        let at = CallSite::caller();
        let query = query.with_defaults(&self.core);
        let (mut select, values) = query.joining_statement();
        let places = figures.join(&mut select);
        let cause = Cause::Explicit { call: "all_with", at };
        let mut read = Vec::new();
        let rows = self.run(cause, at, &query, (select, values), |row, _| {
            read.push(A::read(row, &places));
        })?;
        rows.into_iter()
            .zip(read)
            .map(|(row, figures)| Ok((row, figures?)))
            .collect()
    }

    /// Walks the rows that a query selects, `size` at a time, so that a result of any size takes bounded memory.
    ///
    /// It sends one statement for the rows, and for each chunk those of the relations that are loaded along.
    /// All of it is one snapshot.
    ///
    /// ```
    /// # use eagerly::{Entity, Session};
    /// # #[derive(Debug, Entity)] #[entity(table = "people")]
    /// # struct Person { #[entity(key)] id: i64, name: String }
    /// # let session = Session::in_memory()?;
    /// # session.execute("CREATE TABLE people (id INTEGER PRIMARY KEY, name TEXT NOT NULL)", [])?;
    /// # session.insert_all((1..=2_500).map(|id| Person { id, name: "x".to_owned() }))?;
    /// let mut sizes = Vec::new();
    /// session.chunks(Person::select(), 1_000, |people| {
    ///     sizes.push(people.len());
    ///     Ok(())
    /// })?;
    /// assert_eq!(sizes, [1_000, 1_000, 500]);
    /// # Ok::<(), eagerly::Error>(())
    /// ```
    ///
    /// # Errors
    /// As for [`all`](Self::all), and whatever `work` gives: it ends the walk.
    #[track_caller]
    pub fn chunks<E: Entity>(
        &self,
        query: Select<E>,
        size: usize,
        mut work: impl FnMut(Vec<E>) -> Result<()>,
    ) -> Result<()> {
        let at = CallSite::caller();
        let query = query.with_defaults(&self.core);
        let (select, values) = query.statement();
        let begin = |select: &mut SelectSql| {
            Reader::joining(&Cohort::queried::<E>(&self.core, at), select, &query.loads)
        };
        let mut full = select.clone();
        let mut reader = begin(&mut full)?;
        let cause = Cause::Explicit { call: "chunks", at };
        self.core.in_snapshot_if(query.loads.sends_statements(), at, || {
            self.core.query(&full.text(), &values, cause, |row| {
                if reader.is_full(row, size.max(1)) {
                    let done = std::mem::replace(&mut reader, begin(&mut select.clone())?);
                    self.core.away(|| work(done.finish(&query.loads, None)?))?;
                }
                reader.take(row, &mut |_, _| {})
            })?;
            match reader.is_empty() {
                true => Ok(()),
                false => work(reader.finish(&query.loads, None)?),
            }
        })
    }

    /// How many rows a query selects.
    ///
    /// ```
    /// # use shop::{Customer, Order, Size, data};
    /// # let session = data::in_memory(&Size { customers: 5, ..Size::default() })?;
    /// assert_eq!(session.count(Customer::select())?, 5);
    /// assert_eq!(session.count(Order::select().filter(Order::CUSTOMER_ID.eq(1)))?, 2);
    /// # Ok::<(), eagerly::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Statement`] if the database fails.
    #[track_caller]
    pub fn count<E: Entity>(&self, query: Select<E>) -> Result<u64> {
        let (sql, values) = query.count_statement();
        self.number("count", CallSite::caller(), &sql, &values)
    }

    /// Whether a query selects any row.
    ///
    /// ```
    /// # use shop::{Order, Size, data};
    /// # let session = data::in_memory(&Size { customers: 5, ..Size::default() })?;
    /// assert!(session.exists(Order::select().filter(Order::STATUS.eq("open")))?);
    /// assert!(!session.exists(Order::select().filter(Order::STATUS.eq("lost")))?);
    /// # Ok::<(), eagerly::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Statement`] if the database fails.
    #[track_caller]
    pub fn exists<E: Entity>(&self, query: Select<E>) -> Result<bool> {
        let (sql, values) = query.exists_statement();
        let found = self.number("exists", CallSite::caller(), &sql, &values)?;
        Ok(found != 0)
    }

    fn number(&self, call: &'static str, at: CallSite, sql: &str, values: &[Value<'_>]) -> Result<u64> {
        let mut number = 0;
        let cause = Cause::Explicit { call, at };
        self.core.query(sql, values, cause, |row| {
            let counted = row.cell(0).integer().unwrap_or_default();
            number = u64::try_from(counted).unwrap_or_default();
            Ok(())
        })?;
        Ok(number)
    }

    /// Runs raw SQL and reads each row into a plain struct: for the report that should not go through objects.
    ///
    /// ```
    /// use eagerly::{FromRow, Session, params};
    ///
    /// #[derive(FromRow)]
    /// struct Total {
    ///     status: String,
    ///     orders: i64,
    /// }
    ///
    /// # let session = Session::in_memory()?;
    /// # session.execute("CREATE TABLE orders (id INTEGER PRIMARY KEY, status TEXT NOT NULL)", [])?;
    /// # session.execute("INSERT INTO orders (status) VALUES (?1), (?1)", params!["open"])?;
    /// let totals: Vec<Total> = session.query(
    ///     "SELECT status, count(*) AS orders FROM orders WHERE id > ?1 GROUP BY status",
    ///     params![0],
    /// )?;
    /// assert_eq!((totals[0].status.as_str(), totals[0].orders), ("open", 2));
    /// # Ok::<(), eagerly::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Statement`] if the database fails, [`Error::NoSuchColumn`] if the result lacks a column that
    /// the struct has, [`Error::Decode`] if a row does not fit it.
    #[track_caller]
    pub fn query<T: FromRow>(&self, sql: &str, values: impl AsRef<[Value<'static>]>) -> Result<Vec<T>> {
        let cause = Cause::Explicit {
            call: "query",
            at: CallSite::caller(),
        };
        crate::report::query(&self.core, sql, values.as_ref(), cause)
    }

    /// Runs one raw SQL statement that returns no rows. Gives the number of rows that it changed.
    ///
    /// ```
    /// # use eagerly::params;
    /// # use shop::{Size, data};
    /// # let session = data::in_memory(&Size { customers: 5, ..Size::default() })?;
    /// let changed = session.execute("UPDATE orders SET status = ?1 WHERE customer_id = ?2", params!["shipped", 1])?;
    /// assert_eq!(changed, 2);
    /// # Ok::<(), eagerly::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Statement`] if the database fails.
    #[track_caller]
    pub fn execute(&self, sql: &str, values: impl AsRef<[Value<'static>]>) -> Result<u64> {
        let cause = Cause::Explicit {
            call: "execute",
            at: CallSite::caller(),
        };
        self.core.execute(sql, values.as_ref(), cause)
    }
}
