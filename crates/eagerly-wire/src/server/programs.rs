//! Finds PostgreSQL's programs.
//!
//! Debian and Homebrew install the server's programs outside of the `PATH`, in one folder for each version.

use std::cmp::Reverse;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::ServerError;

/// The environment variable that selects the folder with the programs.
const VARIABLE: &str = "EAGERLY_POSTGRES_BIN";

/// Where packages install PostgreSQL. The `*` stands for any text, and the version number is part of it.
const PLACES: [&str; 6] = [
    "/usr/lib/postgresql/*/bin",                      // Debian, Ubuntu
    "/usr/pgsql-*/bin",                               // the PostgreSQL project's packages for Red Hat
    "/opt/homebrew/opt/postgresql*/bin",              // Homebrew, Apple silicon
    "/usr/local/opt/postgresql*/bin",                 // Homebrew, Intel
    "/home/linuxbrew/.linuxbrew/opt/postgresql*/bin", // Homebrew, Linux
    "/Applications/Postgres.app/Contents/Versions/*/bin",
];

/// A folder that contains `initdb` and `postgres`.
#[derive(Debug)]
pub(super) struct Programs {
    folder: PathBuf,
}

impl Programs {
    /// Finds the programs in the folder that the environment variable names, or on the `PATH`, or in the usual places.
    /// The usual places come last, because the user chose the others. Of several versions there, the newest wins.
    pub(super) fn find() -> Result<Self, ServerError> {
        if let Some(folder) = std::env::var_os(VARIABLE).filter(|folder| !folder.is_empty()) {
            let folder = std::path::absolute(&folder).unwrap_or_else(|_| folder.into());
            return if has_programs(&folder) {
                Ok(Self { folder })
            } else {
                Err(ServerError::NotInFolder { folder })
            };
        }
        let path = std::env::var_os("PATH").unwrap_or_default();
        let on_path = std::env::split_paths(&path).find(|folder| has_programs(folder));
        let folder = on_path.or_else(|| newest(PLACES.iter().flat_map(|place| folders(place))));
        folder.map(|folder| Self { folder }).ok_or(ServerError::NotInstalled)
    }

    pub(super) fn initdb(&self) -> PathBuf {
        self.folder.join("initdb")
    }

    pub(super) fn postgres(&self) -> PathBuf {
        self.folder.join("postgres")
    }

    /// Returns the version number that the server's program prints.
    pub(super) fn version(&self) -> Result<String, ServerError> {
        let program = self.postgres();
        let output = Command::new(&program).arg("--version").output();
        let output = output.map_err(ServerError::io("run", &program))?;
        // postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)
        let line = String::from_utf8_lossy(&output.stdout);
        Ok(line.split_whitespace().nth(2).unwrap_or("unknown").to_owned())
    }
}

fn has_programs(folder: &Path) -> bool {
    // A relative path would be a different folder for the keeper, which runs in another folder.
    folder.is_absolute() && ["initdb", "postgres"].iter().all(|program| folder.join(program).is_file())
}

/// Returns the folders that match a pattern with one `*`, each with the text that the `*` stands for.
fn folders(pattern: &str) -> Vec<(String, PathBuf)> {
    let Some((before, after)) = pattern.split_once('*') else { return Vec::new() };
    let (parent, prefix) = before.rsplit_once('/').unwrap_or(("", before));
    let entries = std::fs::read_dir(parent).into_iter().flatten().flatten();
    let names = entries.filter_map(|entry| entry.file_name().into_string().ok());
    let matches = names.filter_map(|name| {
        let text = name.strip_prefix(prefix)?.to_owned();
        Some((text, PathBuf::from(format!("{parent}/{name}{after}"))))
    });
    matches.collect()
}

/// Returns the folder with the highest version number that has the programs.
fn newest(folders: impl Iterator<Item = (String, PathBuf)>) -> Option<PathBuf> {
    let mut folders: Vec<_> = folders.collect();
    folders.sort_by_key(|(text, _)| Reverse(version_number(text)));
    folders.into_iter().map(|(_, folder)| folder).find(|folder| has_programs(folder))
}

/// Returns the numbers in a text, for comparison: 9.6 is older than 15, although "9" sorts after "1".
fn version_number(text: &str) -> Vec<u32> {
    text.split(|c: char| !c.is_ascii_digit()).filter_map(|digits| digits.parse().ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_highest_version_number_wins_as_a_number() {
        let root = tempfile::tempdir().unwrap();
        for version in ["9.6", "15", "16", "8.4"] {
            let bin = root.path().join(version).join("bin");
            std::fs::create_dir_all(&bin).unwrap();
            // Version 16 is only the client.
            for program in ["initdb", "postgres"].iter().filter(|_| version != "16") {
                std::fs::write(bin.join(program), "").unwrap();
            }
        }
        let pattern = root.path().join("*/bin");
        let found = newest(folders(pattern.to_str().unwrap()).into_iter());
        assert_eq!(found, Some(root.path().join("15/bin")));
    }

    #[test]
    fn a_version_is_read_from_the_names_of_all_packagers() {
        assert_eq!(version_number("15"), [15]);
        assert_eq!(version_number("9.6"), [9, 6]);
        assert_eq!(version_number("@17"), [17]);
        assert!(version_number("@9.6") < version_number("@15"));
    }
}
