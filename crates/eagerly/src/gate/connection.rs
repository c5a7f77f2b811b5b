//! Skip at first. Other uses of the connection, and the cached texts.

use std::any::TypeId;
use std::rc::Rc;

use crate::database::{Connection, KeyTypes};
use crate::error::{Error, Result};
use crate::gate::statements::Gate;
use crate::trace::RelationInfo;

impl Gate {
    /// Returns the number of statements sent.
    pub(crate) fn statements(&self) -> u64 {
        self.statements.get()
    }

    /// Returns the text of a relation's lazy statement. The first call builds it.
    pub(crate) fn lazy_text(&self, relation: TypeId, build: &dyn Fn() -> Result<String>) -> Result<Rc<str>> {
        let mut texts = self.lazy_texts.borrow_mut();
        if let Some((_, text)) = texts.iter().find(|(known, _)| *known == relation) {
            return Ok(Rc::clone(text));
        }
        let text: Rc<str> = build()?.into();
        texts.push((relation, Rc::clone(&text)));
        Ok(text)
    }

    /// Returns how the keys of a relation are compared. If they are integers on both sides, in the parent's field
    /// and in the declaration of the target's column, Rust compares them, too. For all others, only the database
    /// compares.
    pub(crate) fn key_types(&self, relation: &RelationInfo) -> Result<KeyTypes> {
        let declared = |open: &Connection| {
            let RelationInfo { target_columns, has_integer_keys, .. } = relation;
            let matched = relation.matched();
            open.key_types(matched.schema, matched.table, target_columns, *has_integer_keys)
        };
        let types = self.with_connection(declared).unwrap_or_else(|| Ok(KeyTypes::unknown()));
        types.map_err(|error| {
            self.redacted(Error::Statement {
                doing: format!("looking up the types of the keys of {relation}"),
                sql: format!(
                    "SELECT {} FROM {}",
                    relation.target_columns.join(", "),
                    relation.matched().full_name
                ),
                error,
            })
        })
    }

    /// Returns whether the parameter for a parent's key is an integer. SQLite is not asked, because its parameters have no
    /// type, and an access would query them for each parent.
    pub(crate) fn has_integer_parameter(&self, relation: &RelationInfo) -> Result<bool> {
        Ok(self.dialect.types_parameters() && self.key_types(relation)?.are_integers())
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
