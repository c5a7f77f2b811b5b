//! Reading: the session's methods that send queries.

use crate::call_site::CallSite;
use crate::database::Value;
use crate::error::{Error, Result};
use crate::load::{EachRow, Reader, fetch};
use crate::model::{Entity, Key, KeyCells, KeyType as _, Keyed, Parents};
use crate::query::{Aggregates, Bindings, Compared, Expression, Query, SelectSql};
use crate::session::open::Session;
use crate::session::select::Select;
use crate::trace::Cause;

impl Session {
    /// Returns all rows that a query selects, with everything that it loads with them.
    ///
    /// If eager loading takes several statements, they run in one read transaction, unless a transaction is
    /// open. So they read one state of the database.
    ///
    /// ```
    /// # use {eagerly::*, shop::*}; let session = shop::small()?;
    /// let customers = session.all(Customer::select().order_by(Customer::LAST_NAME))?;
    /// assert_eq!(customers.len(), 5);
    /// # Ok::<(), Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Statement`] if the database fails, [`Error::Decode`] if a row does not fit the entity, [`Error::TooDeep`] if
    /// a condition is nested too deep.
    #[track_caller]
    pub fn all<E: Entity>(&self, query: Select<E>) -> Result<Vec<E>> {
        self.select("all", CallSite::caller(), query)
    }

    /// Returns the first row that a query selects, if there is one.
    ///
    /// ```
    /// # use {eagerly::*, shop::*}; let session = shop::small()?;
    /// let newest = session.first(Customer::select().order_by(Customer::ID.desc()))?;
    /// assert_eq!(newest.map(|customer| customer.id), Some(5));
    /// # Ok::<(), Error>(())
    /// ```
    ///
    /// # Errors
    /// As for [`all`](Self::all).
    #[track_caller]
    pub fn first<E: Entity>(&self, query: Select<E>) -> Result<Option<E>> {
        let rows = self.select("first", CallSite::caller(), query.at_most(1))?;
        Ok(rows.into_iter().next())
    }

    /// Returns the one row that a query selects.
    ///
    /// ```
    /// # use {eagerly::*, shop::*}; let session = shop::small()?;
    /// let ada = session.one(Customer::select().filter(Customer::FIRST_NAME.eq("Ada")))?;
    /// assert_eq!(ada.last_name, "Lovelace");
    /// assert!(matches!(session.one(Customer::select()), Err(Error::NotUnique { .. })));
    /// # Ok::<(), Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::NotFound`] if there is none, [`Error::NotUnique`] if there are several, and as for
    /// [`all`](Self::all).
    #[track_caller]
    pub fn one<E: Entity>(&self, query: Select<E>) -> Result<E> {
        let at = CallSite::caller();
        let query = query.at_most(2);
        let sql = query.to_sql_for(self.gate.dialect);
        let mut rows = self.select("one", at, query)?.into_iter();
        match (rows.next(), rows.next()) {
            (Some(only), None) => Ok(only),
            (Some(_), Some(_)) => Err(Error::NotUnique { entity: E::INFO.name, at, sql }),
            (None, _) => Err(Error::NotFound {
                doing: format!("asking for one {} at {at}", E::INFO.name),
                table: E::INFO.full_name,
                sought: "matches the query".to_owned(),
                advice: "if there may be none, use `session.first(…)`, which returns an Option",
            }),
        }
    }

    /// Returns the row with a key.
    ///
    /// ```
    /// # use {eagerly::*, shop::*}; let session = shop::small()?;
    /// assert_eq!(session.get::<Customer>(1)?.last_name, "Lovelace");
    /// assert!(matches!(session.get::<Customer>(6), Err(Error::NotFound { .. })));
    /// # Ok::<(), Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::NotFound`] if there is none, and as for [`all`](Self::all).
    #[track_caller]
    pub fn get<E: Keyed>(&self, key: impl Into<E::Key>) -> Result<E> {
        let at = CallSite::caller();
        let key = key.into();
        let key = key.bind();
        let (query, rows_of) = with_key::<E>(&key).begin(self, at, true)?;
        let statement = query.query(self.gate.dialect);
        let row = self.send(rows_of, Cause::explicit("get", at), &query, statement, None)?.into_iter().next();
        row.ok_or_else(|| {
            self.gate.redacted(Error::NotFound {
                doing: format!("getting `{}` at {at}", E::INFO.name),
                table: E::INFO.full_name,
                sought: format!("has the key {key}"),
                advice: "check the key; if there may be no such row, use `session.first(…)` with a filter",
            })
        })
    }

    pub(crate) fn select<E: Entity>(
        &self,
        call: &'static str,
        at: CallSite,
        query: Select<E>,
    ) -> Result<Vec<E>> {
        let (query, rows_of) = query.begin(self, at, false)?;
        self.send(rows_of, Cause::explicit(call, at), &query, query.query(self.gate.dialect), None)
    }

    /// Sends `statement` and loads the query's relations.
    fn send<'q, E: Entity>(
        &self,
        rows_of: Parents,
        cause: Cause<'_>,
        query: &'q Select<E>,
        statement: Query,
        each: Option<EachRow<'q>>,
    ) -> Result<Vec<E>> {
        let snapshot = self.gate.snapshot_if(query.loads.sends_statements(), cause.at())?;
        let rows = fetch(rows_of, statement, query.restated(self.gate.dialect), &query.loads, cause, each)?;
        snapshot.complete()?;
        Ok(rows)
    }

    /// Returns all rows that a query selects, each with figures that the database computes from its related rows.
    ///
    /// ```
    /// # use {eagerly::*, shop::*}; let session = shop::small()?;
    /// let rows = session.all_with(Customer::select(), Customer::ORDERS.count())?;
    /// let (ada, orders) = &rows[0];
    /// assert_eq!((ada.first_name.as_str(), *orders), ("Ada", 2));
    /// # Ok::<(), Error>(())
    /// ```
    ///
    /// # Errors
    /// As for [`all`](Self::all). A sum of integers that does not fit in 64 bits is an [`Error::Statement`] of the kind
    /// [`Overflow`](crate::Failure::Overflow), or an [`Error::SumTooLarge`]. [`Error::LimitedAggregate`] and
    /// [`Error::NoDecimals`] report figures that cannot be computed.
    #[track_caller]
    pub fn all_with<E: Entity, A: Aggregates<E>>(
        &self,
        query: Select<E>,
        figures: A,
    ) -> Result<Vec<(E, A::Figures)>> {
        let at = CallSite::caller();
        let (query, rows_of) = query.begin(self, at, false)?;
        figures.check(self.gate.dialect)?;
        let compared = Compared::look_up(&self.gate, figures.relations())?;
        let mut statement = query.selection.query(true, true, self.gate.dialect);
        let mut values = Bindings::new(self.gate.dialect, statement.values).comparing(compared);
        let places = figures.join(&mut statement.select, None, &mut values);
        statement.values = values.values;
        let cause = Cause::explicit("all_with", at);
        let mut read = Vec::new();
        let each: EachRow<'_> = &mut |row, _| {
            read.push(A::read(row, &places, KeyCells::InRow { first: 0 }));
            true
        };
        let rows = self.send(rows_of, cause, &query, statement, Some(each))?;
        rows.into_iter().zip(read).map(|(row, figures)| Ok((row, figures?))).collect()
    }

    /// Reads the rows that a query selects, `size` at a time, so that a result of any size takes bounded memory.
    ///
    /// It sends one statement for the rows, and for each chunk, the statements of its relations. All of it
    /// reads one state of the database. A `size` of 0 counts as 1.
    ///
    /// `work` may change any rows, also those that are being read. The rows that follow are as they were at the start.
    /// For this, SQLite first copies all rows to a temporary file. Related rows are read with each chunk, so they show
    /// what `work` has changed. Until the reading ends, no table can be dropped in SQLite, and in PostgreSQL none of the
    /// tables that are being read.
    ///
    /// ```
    /// # use {eagerly::*, shop::*}; let session = shop::small()?;
    /// let mut sizes = Vec::new();
    /// session.chunks(Order::select(), 20, |orders| {
    ///     sizes.push(orders.len());
    ///     Ok(())
    /// })?;
    /// assert_eq!(sizes, [20, 20, 10]);
    /// # Ok::<(), Error>(())
    /// ```
    ///
    /// # Errors
    /// As for [`all`](Self::all), and any error that `work` returns, which ends the reading.
    #[track_caller]
    pub fn chunks<E: Entity>(
        &self,
        query: Select<E>,
        size: usize,
        mut work: impl FnMut(Vec<E>) -> Result<()>,
    ) -> Result<()> {
        let at = CallSite::caller();
        let (query, mut chunk) = query.begin(self, at, false)?;
        let statement = query.query(self.gate.dialect);
        let begin = |chunk: &Parents, select: &mut SelectSql| {
            Reader::joining(chunk.clone(), select, &query.loads, None)
        };
        let mut joined = statement.select.clone();
        let mut reader = begin(&chunk, &mut joined)?;
        let cause = Cause::explicit("chunks", at);
        let needs_snapshot = query.loads.sends_statements() || self.gate.dialect.cursors_need_transaction();
        let snapshot = self.gate.snapshot_if(needs_snapshot, at)?;
        let text = self.gate.dialect.cursor(self.statements(), joined.text());
        self.gate.query(&text, &statement.values, cause, &mut |row| {
            if reader.is_full(row, size.max(1)) {
                chunk = chunk.next_chunk();
                let next = begin(&chunk, &mut statement.select.clone())?;
                let done = std::mem::replace(&mut reader, next);
                self.gate.away(|| work(done.finish(&query.loads, None)?))?;
            }
            reader.take(row)
        })?;
        if !reader.is_empty() {
            work(reader.finish(&query.loads, None)?)?;
        }
        snapshot.complete()
    }

    /// Returns the number of rows that a query selects.
    ///
    /// ```
    /// # use {eagerly::*, shop::*}; let session = shop::small()?;
    /// assert_eq!(session.count(Order::select().filter(Order::CUSTOMER_ID.eq(1)))?, 2);
    /// # Ok::<(), Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Statement`] if the database fails.
    #[track_caller]
    pub fn count<E: Entity>(&self, mut query: Select<E>) -> Result<u64> {
        query.selection.compare_in(&self.gate)?;
        let count = query.selection.count(self.gate.dialect);
        self.number("count", CallSite::caller(), &count.select.text(), &count.values)
    }

    /// Returns whether a query selects at least one row.
    ///
    /// ```
    /// # use {eagerly::*, shop::*}; let session = shop::small()?;
    /// assert!(session.exists(Order::select().filter(Order::STATUS.eq("open")))?);
    /// assert!(!session.exists(Order::select().filter(Order::STATUS.eq("lost")))?);
    /// # Ok::<(), Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Statement`] if the database fails.
    #[track_caller]
    pub fn exists<E: Entity>(&self, mut query: Select<E>) -> Result<bool> {
        query.selection.compare_in(&self.gate)?;
        let (sql, rows) = query.selection.exists(self.gate.dialect);
        Ok(self.number("exists", CallSite::caller(), &sql, &rows.values)? != 0)
    }

    /// Returns the one number of a result.
    fn number(&self, call: &'static str, at: CallSite, sql: &str, values: &[Value<'_>]) -> Result<u64> {
        let mut number = 0;
        self.gate.query(sql, values, Cause::explicit(call, at), &mut |row| {
            let read = row.cell(0).integer();
            number = read.map_err(|mismatch| Error::Decode { record: "u64", column: call, mismatch })?;
            Ok(())
        })?;
        Ok(number.unsigned_abs())
    }
}

/// Returns the query for the row with a key.
fn with_key<E: Keyed>(key: &Key<'_>) -> Select<E> {
    let mut query: Select<E> = Default::default();
    for (name, value) in E::INFO.key.iter().zip(key.values()) {
        let equal = Expression::Compare(name, "=", value.clone().into_owned());
        equal.added_to(&mut query.selection.condition);
    }
    query
}
