//! The progress of creating the databases, and how to stop it.

use std::rc::Rc;
use std::sync::Arc;

use eagerly::Session;
use shop::{Size, data};

use crate::stop::{Refuser, Stop};

/// Receives the number of rows so far, and of all rows.
type Progress = Box<dyn Fn(u64, u64) + Send + Sync>;

/// Creating the databases. Clones share the stop.
#[derive(Clone)]
pub struct Preparing {
    stop: Arc<Stop>,
    progress: Arc<Progress>,
}

impl Default for Preparing {
    fn default() -> Self {
        Self::showing(|_, _| {})
    }
}

impl Preparing {
    /// Calls `progress` with the number of rows so far, and of all rows.
    #[must_use]
    pub fn showing(progress: impl Fn(u64, u64) + Send + Sync + 'static) -> Self {
        Self { stop: Arc::default(), progress: Arc::new(Box::new(progress)) }
    }

    /// Stops it. What was created so far is removed.
    pub fn stop(&self) {
        self.stop.request();
    }

    /// Fills an empty database.
    pub(crate) fn fill(&self, session: &Session, size: &Size) -> eagerly::Result<()> {
        let _reach = self.stop.reach(session.interrupter()?);
        let _refusing = session.observe(Rc::new(Refuser(Arc::clone(&self.stop))));
        let all = size.rows().iter().sum();
        data::fill(session, size, |rows| (self.progress)(rows, all))
    }
}
