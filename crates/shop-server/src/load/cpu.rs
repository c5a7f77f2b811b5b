//! The CPU time of the server, from Linux's `/proc`.
//!
//! PostgreSQL has a process for each connection, and the process that started them. The file `postmaster.pid` in the
//! server's folder has the number of the latter.

use std::fs;
use std::path::Path;
use std::time::Duration;

use eagerly_wire::Server;

/// The unit of the times in `/proc/…/stat`. Linux shows 100 ticks per second to programs, whatever the kernel uses.
const TICK: Duration = Duration::from_millis(10);

/// The processes of a server.
#[derive(Debug, Clone, Copy)]
pub struct Cpu {
    /// The process that started the others. `None` if the system has no `/proc`.
    root: Option<u32>,
}

/// The figures of one process.
struct Process {
    parent: u32,
    /// The CPU time of the process, and of its children that have ended.
    used: Duration,
}

impl Cpu {
    /// Finds the processes of a server.
    #[must_use]
    pub fn of(server: &Server) -> Self {
        let file = fs::read_to_string(server.folder().join("data/postmaster.pid")).unwrap_or_default();
        let root = file.lines().next().and_then(|line| line.trim().parse().ok());
        Self { root: root.filter(|root| read(*root).is_some()) }
    }

    /// Returns no CPU time, for a server on another machine.
    #[must_use]
    pub fn unknown() -> Self {
        Self { root: None }
    }

    /// Returns the CPU time that the server's processes have used so far. Returns `None` if the system does not report it.
    #[must_use]
    pub fn used(&self) -> Option<Duration> {
        let root = self.root?;
        let names =
            fs::read_dir("/proc").ok()?.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
        let processes = names.filter_map(|name| {
            let number = name.parse().ok()?;
            let process = read(number)?;
            (number == root || process.parent == root).then_some(process.used)
        });
        Some(processes.sum())
    }
}

/// Reads `/proc/NUMBER/stat`. The second field is the program's name in parentheses, which may contain spaces.
fn read(number: u32) -> Option<Process> {
    let stat = fs::read_to_string(Path::new("/proc").join(number.to_string()).join("stat")).ok()?;
    let (_, fields) = stat.rsplit_once(')')?;
    // The third field is the first one here. Fields 14 to 17 are utime, stime, cutime and cstime (`man 5 proc`).
    let fields: Vec<_> = fields.split_whitespace().collect();
    let ticks: u32 = fields.get(11..15)?.iter().map(|ticks| ticks.parse::<u32>().unwrap_or_default()).sum();
    Some(Process { parent: fields.get(1)?.parse().ok()?, used: TICK * ticks })
}
