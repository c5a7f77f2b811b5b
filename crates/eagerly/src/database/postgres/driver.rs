//! Runs the client library without a runtime.
//!
//! The library has two halves. A *client* puts requests into a queue and waits for their answers. A *connection* sends
//! what is in the queue, and passes on what arrives. [`Driver::wait`] lets them take turns until an answer is complete:
//!
//! ```text
//! 1. the client makes its request       it is in the queue
//! 2. the connection, without reading    it is on the wire
//! 3. the connection reads, and waits    the answer, or a part of it, has arrived
//! 4. the client looks                   done, or again from 2
//! ```

use std::cell::RefCell;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use crate::database::postgres::failures;
use crate::database::postgres::wire::{Control, Reads};
use crate::error::DatabaseError;

type ClientError = tokio_postgres::Error;

/// The library's half that moves bytes.
type Mover = Pin<Box<dyn Future<Output = Result<(), ClientError>>>>;

/// The number of turns without a read after which a connection ends.
///
/// The connection does not read while the client has not taken two parts of an answer. Usually, the client takes them when
/// it looks, so one turn without a read is normal. But if the server sends more than the protocol allows, the client waits
/// for something else and never takes them. Without a limit, the two would take turns forever, and use a whole processor. A
/// hundred turns take some microseconds.
const TURNS_WITHOUT_A_READ: u32 = 100;

/// A connection that moves bytes only while a caller waits.
pub(super) struct Driver {
    /// `None` once the connection has ended.
    mover: RefCell<Option<Mover>>,
    /// Why it ended.
    end: RefCell<Option<DatabaseError>>,
    control: Arc<Control>,
}

impl Driver {
    pub(super) fn new(mover: Mover, control: Arc<Control>) -> Self {
        control.allow(Reads::No);
        Self { mover: RefCell::new(Some(mover)), end: RefCell::new(None), control }
    }

    /// Waits for the answer to a request.
    pub(super) fn wait<T>(&self, request: impl Future<Output = T>) -> T {
        let mut request = std::pin::pin!(request);
        self.wait_until(|context| request.as_mut().poll(context))
    }

    /// Calls `poll` until it is ready, and moves bytes in between.
    pub(super) fn wait_until<T>(&self, mut poll: impl FnMut(&mut Context<'_>) -> Poll<T>) -> T {
        let mut context = Context::from_waker(Waker::noop());
        let mut turns_without_a_read = 0;
        loop {
            // First without reading: the answer to a request that has not been written does not come.
            for reads in [Reads::No, Reads::Once] {
                if let Poll::Ready(answer) = poll(&mut context) {
                    return answer;
                }
                self.control.allow(reads);
                self.move_bytes(&mut context);
            }
            turns_without_a_read = if self.control.may_still_read() { turns_without_a_read + 1 } else { 0 };
            if turns_without_a_read == TURNS_WITHOUT_A_READ {
                self.end(Some(failures::gone("the server sent more than the answer to a statement")));
            }
        }
    }

    fn move_bytes(&self, context: &mut Context<'_>) {
        let ended = self.mover.borrow_mut().as_mut().map(|mover| mover.as_mut().poll(context));
        if let Some(Poll::Ready(end)) = ended {
            self.end(end.err().map(failures::ended));
        }
    }

    fn end(&self, why: Option<DatabaseError>) {
        // Dropping it fails every request that still waits for an answer.
        *self.mover.borrow_mut() = None;
        *self.end.borrow_mut() = why;
    }

    /// Returns whether the connection has ended.
    pub(super) fn has_ended(&self) -> bool {
        self.mover.borrow().is_none()
    }

    /// Takes the reason why the connection ended, if there is one.
    pub(super) fn take_end(&self) -> Option<DatabaseError> {
        self.end.borrow_mut().take()
    }

    /// Returns how many round trips the connection has made.
    pub(super) fn round_trips(&self) -> u64 {
        self.control.round_trips()
    }

    /// Sends what is in the queue, and does not wait for answers.
    pub(super) fn send(&self) {
        self.control.allow(Reads::No);
        self.move_bytes(&mut Context::from_waker(Waker::noop()));
    }
}

/// Makes a connection: here each read may wait, because each follows a request.
pub(super) fn connect<T>(
    control: &Control,
    connecting: impl Future<Output = T>,
    is_late: impl Fn() -> bool,
) -> Option<T> {
    control.allow(Reads::Always);
    let mut connecting = std::pin::pin!(connecting);
    let mut context = Context::from_waker(Waker::noop());
    loop {
        match connecting.as_mut().poll(&mut context) {
            Poll::Ready(connected) => return Some(connected),
            Poll::Pending if is_late() => return None,
            Poll::Pending => {}
        }
    }
}
