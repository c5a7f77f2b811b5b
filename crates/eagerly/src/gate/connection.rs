//! Skip at first. Other uses of the connection, and the cached texts.

use std::any::TypeId;
use std::rc::Rc;

use crate::database::Connection;
use crate::error::{Error, Result};
use crate::gate::statements::Gate;
use crate::trace::RelationInfo;

impl Gate {
    /// Returns the text of a relation's lazy statement. The first call builds it.
    pub(crate) fn lazy_text(&self, relation: TypeId, build: &dyn Fn() -> String) -> Rc<str> {
        let mut texts = self.lazy_texts.borrow_mut();
        if let Some((_, text)) = texts.iter().find(|(known, _)| *known == relation) {
            return Rc::clone(text);
        }
        let text: Rc<str> = build().into();
        texts.push((relation, Rc::clone(&text)));
        text
    }

    /// Returns whether the keys of a relation are integers on both sides: in the parent's field, and in the
    /// declaration of the target's column. Only such keys are compared in Rust. For all others, the database
    /// compares.
    pub(crate) fn compares_integers(&self, relation: &RelationInfo) -> bool {
        let [column] = relation.target_columns else {
            return false;
        };
        let declared = |open: &Connection| open.holds_integers(relation.target.table, column);
        relation.has_integer_keys && self.with_connection(declared).unwrap_or(false)
    }

    /// Runs `ask` on the connection; returns `None` if the session is closed.
    pub(crate) fn with_connection<T>(&self, ask: impl FnOnce(&Connection) -> T) -> Option<T> {
        self.connection.borrow().as_ref().map(ask)
    }

    /// Runs `change` on the connection; returns `None` if the session is closed or a statement is running.
    pub(crate) fn with_connection_mut<T>(&self, change: impl FnOnce(&mut Connection) -> T) -> Option<T> {
        self.connection.try_borrow_mut().ok()?.as_mut().map(change)
    }

    /// Takes the connection, so that everything loaded through it is detached. Returns `None` if the session
    /// is closed, and an error if a statement is running.
    pub(crate) fn take_connection(&self) -> Result<Option<Connection>> {
        match self.connection.try_borrow_mut() {
            Ok(mut connection) => Ok(connection.take()),
            Err(_) => Err(Error::CannotClose {
                reason: "a statement is running".to_owned(),
                advice: "close it outside of observers and callbacks",
            }),
        }
    }
}
