//! The users of running pages.
//!
//! The server counts statements by user (`pg_stat_statements`). Two pages that run at the same time would mix their counts.
//! So on a throw-away server each running page takes a seat, which is a user of its own. A later page takes the seat again.
//!
//! On the user's server all pages have one user. There, a seat records whether another was taken at the same time, because
//! then the counts belong to no page.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use eagerly::{Result, Session};

/// The user that owns the tables. The users of the pages are its members.
pub const OWNER: &str = "dashboard";

/// The seats of a server.
pub struct Seats {
    /// Whether each seat is a user of its own.
    are_users: bool,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// Whether each of the seats so far is taken.
    taken: Vec<bool>,
    /// How often a seat was taken so far.
    times: u64,
}

/// A seat of a running page. Dropping it lets another page have it.
pub struct Seat {
    seats: Arc<Seats>,
    number: usize,
    /// Whether no other seat was taken when this one was.
    was_alone: bool,
    /// The value of `times` then.
    times: u64,
}

impl Seats {
    pub fn new(are_users: bool) -> Arc<Self> {
        Arc::new(Self { are_users, state: Mutex::default() })
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes a free seat. If there is none and seats are users, creates one through `administrator`.
    pub fn take(self: &Arc<Self>, administrator: &Session) -> Result<Seat> {
        let mut state = self.lock();
        let was_alone = !state.taken.contains(&true);
        let free = state.taken.iter().position(|is_taken| !is_taken);
        let number = free.unwrap_or(state.taken.len());
        if free.is_none() && self.are_users {
            let sql = format!("CREATE ROLE {} LOGIN IN ROLE {OWNER}", user(number));
            administrator.execute(&sql, [])?;
        }
        if free.is_none() {
            state.taken.push(false);
        }
        state.taken[number] = true;
        state.times += 1;
        Ok(Seat { seats: Arc::clone(self), number, was_alone, times: state.times })
    }
}

impl Seat {
    /// Returns the user, or `None` on the user's server.
    pub fn user(&self) -> Option<String> {
        self.seats.are_users.then(|| user(self.number))
    }

    /// Returns whether no other page has used the same user since this seat was taken.
    pub fn is_alone(&self) -> bool {
        self.seats.are_users || (self.was_alone && self.seats.lock().times == self.times)
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.seats.lock().taken[self.number] = false;
    }
}

fn user(number: usize) -> String {
    format!("page_{}", number + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_users_a_seat_is_alone_only_if_no_other_is_taken_meanwhile() {
        let session = Session::in_memory().unwrap();
        let seats = Seats::new(false);
        let first = seats.take(&session).unwrap();
        assert!(first.is_alone() && first.user().is_none());
        let second = seats.take(&session).unwrap();
        assert!(!first.is_alone() && !second.is_alone());
        drop((first, second));
        assert!(seats.take(&session).unwrap().is_alone());
    }
}
