//! Replaces the keeper on systems without a Unix shell and signals, where no server can start.

use std::path::{Path, PathBuf};

use super::ServerError;

/// A keeper that cannot exist. It keeps `Server` free of conditional code.
#[derive(Debug)]
pub(super) enum Keeper {}

impl Keeper {
    pub(super) fn is_available() -> bool {
        false
    }

    pub(super) fn start(_settings: &[&str]) -> Result<Self, ServerError> {
        Err(ServerError::NotSupported)
    }

    pub(super) fn wait_for_data(&mut self) -> Result<(), ServerError> {
        match *self {}
    }

    pub(super) fn start_server(&mut self, _port: u16) -> Result<bool, ServerError> {
        match *self {}
    }

    pub(super) fn wait_for_end(&self) -> Result<(), ServerError> {
        match *self {}
    }

    pub(super) fn folder(&self) -> &Path {
        match *self {}
    }

    pub(super) fn log_path(&self) -> PathBuf {
        match *self {}
    }

    pub(super) fn version(&self) -> &str {
        match *self {}
    }
}
