//! Watching: the session's methods that attach observers and count statements.

use std::rc::Rc;

use crate::database::Connection;
use crate::error::{Error, Result};
use crate::gate::Gate;
use crate::session::open::{Session, closed};
use crate::trace::{Advisor, Network, Observation, Observer};
use crate::watch::{Echo, Tally};

impl Session {
    /// Prints every statement on standard error from now on; `false` stops it. From the 21st of a shape on,
    /// statements are only counted (see [`Echo`]).
    ///
    /// ```
    /// # use {eagerly::*, shop::*}; let session = shop::small()?;
    /// session.echo(true);
    /// session.count(Customer::select())?; // printed: … SELECT count(*) FROM "customers"  count at …
    /// session.echo(false);
    /// # Ok::<(), Error>(())
    /// ```
    pub fn echo(&self, on: bool) {
        *self.echo.borrow_mut() = on.then(|| self.observe(Rc::new(Echo::to_stderr())));
    }

    /// Hides all values from now on; `false` shows them again. Observers receive statements without their bound values, and
    /// errors quote neither values nor keys.
    ///
    /// Then a log, a recording or a report contains no data of users. The texts of statements are not changed, so bind the
    /// values of raw SQL. Without values, the detector cannot find statements that were repeated with the same values.
    ///
    /// ```
    /// # use {eagerly::*, shop::*}; let session = shop::small()?;
    /// session.redact(true);
    /// session.echo(true);
    /// session.exists(Customer::select().filter(Customer::FIRST_NAME.eq("Ada")))?; // printed: … "first_name" = ?1) […]
    /// let error = session.get::<Customer>(77).unwrap_err();
    /// assert!(error.to_string().contains(r#"no row of "customers" has the key …"#));
    /// # Ok::<(), Error>(())
    /// ```
    pub fn redact(&self, on: bool) {
        self.gate.redacts.set(on);
    }

    /// Passes every statement to `observer`, until the returned [`Observation`] is dropped.
    ///
    /// ```
    /// # use {eagerly::*, shop::*, std::{cell::RefCell, rc::Rc}}; let session = shop::small()?;
    /// #[derive(Default)]
    /// struct Texts(RefCell<Vec<String>>);
    ///
    /// impl Observer for Texts {
    ///     fn statement(&self, event: &Event<'_>) { self.0.borrow_mut().push(event.sql.to_owned()) }
    /// }
    /// let texts = Rc::new(Texts::default());
    /// let observation = session.observe(texts.clone());
    /// session.count(Customer::select())?;
    /// drop(observation);
    /// session.count(Order::select())?; // not observed
    /// assert_eq!(*texts.0.borrow(), [r#"SELECT count(*) FROM "customers""#]);
    /// # Ok::<(), Error>(())
    /// ```
    #[must_use = "the observer is detached when this is dropped"]
    pub fn observe(&self, observer: Rc<dyn Observer>) -> Observation {
        self.gate.observers.attach(observer, self.statements())
    }

    /// Returns a tally that counts from now on.
    ///
    /// ```
    /// # use {eagerly::*, shop::*}; let session = shop::small()?;
    /// let tally = session.tally();
    /// session.count(Customer::select())?;
    /// assert_eq!(tally.statements(), 1);
    /// # Ok::<(), Error>(())
    /// ```
    pub fn tally(&self) -> Tally {
        Tally::of(&self.gate.observers, self.statements())
    }

    /// Returns the number of statements that this session has sent, control statements included.
    ///
    /// ```
    /// # use eagerly::*; let session = shop::small()?;
    /// let before = session.statements();
    /// session.transaction(|session| session.execute("DELETE FROM order_items", []))?;
    /// assert_eq!(session.statements() - before, 3); // BEGIN, DELETE, COMMIT
    /// # Ok::<(), Error>(())
    /// ```
    pub fn statements(&self) -> u64 {
        self.gate.statements()
    }

    /// Returns the number of round trips that this session has made to a server since it was connected. Preparing a
    /// statement takes one. Statements that travel together share one. For SQLite it is 0.
    ///
    /// ```
    /// # use {eagerly::*, shop::*}; let session = shop::small()?;
    /// session.count(Customer::select())?;
    /// assert_eq!(session.round_trips(), 0);
    /// # Ok::<(), Error>(())
    /// ```
    pub fn round_trips(&self) -> u64 {
        self.gate.with_connection(Connection::round_trips).unwrap_or_default()
    }

    /// Models a network between the program and the database from now on; `None` removes it.
    ///
    /// ```
    /// # use {eagerly::*, shop::*}; let session = shop::small()?;
    /// let tally = session.tally();
    /// session.model_network(Some(Network::FAR_REGION));
    /// session.get::<Customer>(1)?.orders()?;
    /// session.model_network(None);
    /// assert_eq!(tally.round_trips(), Network::FAR_REGION.modelled(2));
    /// # Ok::<(), Error>(())
    /// ```
    pub fn model_network(&self, network: Option<Network>) {
        self.gate.network.set(network);
    }

    /// Attaches an [`Advisor`]. It chooses the strategy of relations for which neither the query nor the entity chooses one.
    /// The session's [default](Self::default_strategy) is for relations on which it has no advice. But if the default is
    /// `raise`, an access that would send a statement for one row stays an error. `None` detaches the advisor.
    ///
    /// ```
    /// # use {eagerly::*, std::rc::Rc}; let session = shop::small()?;
    /// struct Names(std::cell::RefCell<Vec<&'static str>>);
    ///
    /// impl Advisor for Names {
    ///     fn begin(self: Rc<Self>, query: &QueryFacts<'_>) -> Option<Rc<dyn Run>> {
    ///         self.0.borrow_mut().push(query.entity.name);
    ///         None // no advice
    ///     }
    /// }
    /// let names = Rc::new(Names(Default::default()));
    /// session.advise(Some(names.clone()));
    /// session.all(shop::Order::select())?;
    /// session.advise(None);
    /// session.all(shop::Customer::select())?;
    /// assert_eq!(*names.0.borrow(), ["Order"]);
    /// # Ok::<(), Error>(())
    /// ```
    pub fn advise(&self, advisor: Option<Rc<dyn Advisor>>) {
        // The advisor before is dropped after the borrow ends, because it may hold the rows of a query.
        let before = self.gate.advisor.replace(advisor);
        drop(before);
    }

    /// Labels the queries that `work` makes, for tools that group queries by page. Two pages may share the line of a query.
    /// Scopes can be nested, and the innermost label is used. Label pages, not requests, because a learner keeps what it
    /// learns for each label.
    ///
    /// ```
    /// # use {eagerly::*, shop::*, std::{cell::RefCell, rc::Rc}}; let session = shop::small()?;
    /// #[derive(Default)]
    /// struct Scopes(RefCell<Vec<Option<String>>>);
    ///
    /// impl Observer for Scopes {
    ///     fn statement(&self, _: &Event<'_>) {}
    ///     fn cohort(&self, rows: &Rc<Cohort>) { self.0.borrow_mut().push(rows.scope().map(str::to_owned)); }
    /// }
    /// let scopes = Rc::new(Scopes::default());
    /// let observation = session.observe(scopes.clone());
    /// session.scope("admin page", || session.all(Customer::select()))?;
    /// session.all(Customer::select())?;
    /// assert_eq!(*scopes.0.borrow(), [Some("admin page".to_owned()), None]);
    /// # Ok::<(), Error>(())
    /// ```
    pub fn scope<T>(&self, label: &str, work: impl FnOnce() -> T) -> T {
        let _outer = OuterScope { before: self.gate.scope.replace(Some(label.into())), gate: &self.gate };
        work()
    }

    /// Makes SQLite itself call `witness` with the text of each statement that it starts. This count is
    /// independent of this crate and can verify it. A second call replaces the witness.
    ///
    /// ```
    /// # use {eagerly::*, shop::*}; let session = shop::small()?;
    /// let tally = session.tally();
    /// let (witness, seen) = std::sync::mpsc::channel();
    /// session.audit(move |sql| drop(witness.send(sql.to_owned())))?;
    /// session.get::<Customer>(1)?.orders()?;
    /// assert_eq!(seen.try_iter().count() as u64, tally.statements());
    /// # Ok::<(), Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Closed`](crate::Error::Closed) if the session is closed or a statement is running. A PostgreSQL
    /// session cannot be audited so; there, the view `pg_stat_statements` counts.
    pub fn audit(&self, witness: impl FnMut(&str) + Send + 'static) -> Result<()> {
        match self.gate.with_connection_mut(|open| open.audit(witness)) {
            Some(Ok(())) => Ok(()),
            Some(Err(error)) => Err(Error::other(error)),
            None => {
                Err(closed("attaching an auditor, which needs an open session without a running statement"))
            }
        }
    }
}

/// Restores the label of the outer scope when the inner one ends, even by a panic.
struct OuterScope<'g> {
    before: Option<Rc<str>>,
    gate: &'g Gate,
}

impl Drop for OuterScope<'_> {
    fn drop(&mut self) {
        self.gate.scope.replace(self.before.take());
    }
}
