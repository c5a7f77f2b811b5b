//! The users of running pages.
//!
//! The server counts statements by user (`pg_stat_statements`). Two pages that run at the same time would mix their
//! counts. So each running page takes a seat, which is a user of its own. The next page uses the seat again.

use std::sync::{Arc, Mutex, PoisonError};

use eagerly::{Result, Session};

/// The user that owns the tables. The users of the pages are its members.
pub const OWNER: &str = "dashboard";

/// The seats so far, and whether each is taken.
#[derive(Debug, Default)]
pub struct Seats(Mutex<Vec<bool>>);

/// A seat of a running page. Dropping it lets another page have it.
pub struct Seat {
    seats: Arc<Seats>,
    number: usize,
}

impl Seat {
    /// Takes a free seat. If there is none, creates a user through `administrator`.
    pub fn take(seats: &Arc<Seats>, administrator: &Session) -> Result<Self> {
        let mut taken = seats.0.lock().unwrap_or_else(PoisonError::into_inner);
        let free = taken.iter().position(|is_taken| !is_taken);
        let seat = Self { seats: Arc::clone(seats), number: free.unwrap_or(taken.len()) };
        match free {
            Some(number) => taken[number] = true,
            None => {
                let user = seat.user();
                administrator.execute(&format!("CREATE ROLE {user} LOGIN IN ROLE {OWNER}"), [])?;
                taken.push(true);
            }
        }
        Ok(seat)
    }

    pub fn user(&self) -> String {
        format!("page_{}", self.number + 1)
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut taken = self.seats.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(is_taken) = taken.get_mut(self.number) {
            *is_taken = false;
        }
    }
}
