//! Temporary folders. They are removed when their value is dropped, and also by Ctrl-C.
//!
//! Ctrl-C ends a program without dropping its values, so a database of 100 MB would stay behind.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, Once, PoisonError};
use std::time::Duration;

use tempfile::TempDir;

/// The folders that exist now.
static FOLDERS: Mutex<Vec<PathBuf>> = Mutex::new(Vec::new());

/// What a shell reports for a program that Ctrl-C has ended: 128 and the number of the signal.
const INTERRUPTED: i32 = 130;

/// A temporary folder. Dropping it removes it with everything in it.
pub struct Folder(TempDir);

/// Creates a temporary folder. Ctrl-C removes it, too, and ends the program.
///
/// ```
/// let folder = terminal::folder()?;
/// let path = folder.path().to_owned();
/// assert!(path.is_dir());
/// drop(folder);
/// assert!(!path.exists());
/// # Ok::<(), std::io::Error>(())
/// ```
///
/// # Errors
/// Fails if the folder for temporary files is full or not writable.
pub fn folder() -> io::Result<Folder> {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        // Without the handler, Ctrl-C ends the program, and only the files stay.
        drop(ctrlc::set_handler(|| {
            remove_all();
            std::process::exit(INTERRUPTED);
        }));
    });
    let folder = tempfile::tempdir()?;
    FOLDERS.lock().unwrap_or_else(PoisonError::into_inner).push(folder.path().to_owned());
    Ok(Folder(folder))
}

impl Folder {
    /// Returns its path.
    #[must_use]
    pub fn path(&self) -> &Path {
        self.0.path()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        FOLDERS.lock().unwrap_or_else(PoisonError::into_inner).retain(|path| path != self.0.path());
    }
}

/// Removes the folders. Meanwhile, the program still runs, and SQLite can create a journal in a folder that is being
/// removed. So there are several attempts.
pub(crate) fn remove_all() {
    for path in FOLDERS.lock().unwrap_or_else(PoisonError::into_inner).iter() {
        for _ in 0..50 {
            match std::fs::remove_dir_all(path) {
                Ok(()) => break,
                Err(error) if error.kind() == io::ErrorKind::NotFound && !path.exists() => break,
                Err(_) => std::thread::sleep(Duration::from_millis(10)),
            }
        }
    }
}
