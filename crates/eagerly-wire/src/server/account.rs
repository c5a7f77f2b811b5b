//! The user that runs the server.
//!
//! PostgreSQL refuses to run as root, but programs in containers and in CI often run as root. The server then runs as
//! another user. Otherwise it runs as the user who starts the program.

use std::os::unix::fs::chown;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::Command;

use super::ServerError;

/// The users to try, in this order. PostgreSQL's packages create the first one.
const USERS: [&str; 2] = ["postgres", "nobody"];

/// The user and the group that run the server.
#[derive(Debug, Clone, Copy)]
pub(super) enum Account {
    /// The user and the group of this process.
    Own,
    /// The user and the group with these numbers.
    Other { user: u32, group: u32 },
}

impl Account {
    pub(super) fn for_server() -> Result<Self, ServerError> {
        if id(&["-u"])? != Some(0) {
            return Ok(Self::Own);
        }
        for name in USERS {
            if let (Some(user), Some(group)) = (id(&["-u", name])?, id(&["-g", name])?) {
                return Ok(Self::Other { user, group });
            }
        }
        Err(ServerError::NoOtherUser)
    }

    /// Makes the user the owner of a folder.
    pub(super) fn take(self, folder: &Path) -> Result<(), ServerError> {
        match self {
            Self::Own => Ok(()),
            Self::Other { user, group } => chown(folder, Some(user), Some(group))
                .map_err(ServerError::io("change the owner of the folder", folder)),
        }
    }

    /// Makes the user run a command.
    pub(super) fn run(self, command: &mut Command) {
        if let Self::Other { user, group } = self {
            command.uid(user).gid(group);
        }
    }
}

/// Runs the program `id` and returns the number that it prints, or `None` if the user does not exist. The standard
/// library has no function for this, and the C library's would need `unsafe`.
fn id(arguments: &[&str]) -> Result<Option<u32>, ServerError> {
    let output = Command::new("id").args(arguments).output().map_err(ServerError::io("run", "id"))?;
    Ok(String::from_utf8_lossy(&output.stdout).trim().parse().ok())
}
