//! A queue for the bytes that are read, but not yet due.
//!
//! Its size is limited, like the window of a TCP connection. When it is full, the proxy stops reading, and the
//! sender has to wait. A channel of the standard library would limit the number of messages, not of bytes.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

/// The size at which the reader has to wait, in bytes. With a delay of 5 ms, this allows 800 MB per second.
const CAPACITY: usize = 4 * 1024 * 1024;

/// About how many bytes of memory a chunk takes in addition to its content. With it, the window also limits messages of
/// one byte.
const COST: usize = 64;

/// Bytes that arrived together.
pub(super) struct Chunk {
    pub(super) arrived: Instant,
    pub(super) bytes: Vec<u8>,
}

impl Chunk {
    fn cost(&self) -> usize {
        self.bytes.len() + COST
    }
}

/// A queue between the thread that reads and the thread that writes.
#[derive(Default)]
pub(super) struct Window {
    queue: Mutex<Queue>,
    /// The reader waits while the queue is full, and the writer while it is empty. So only one thread waits at a time.
    changed: Condvar,
}

#[derive(Default)]
struct Queue {
    chunks: VecDeque<Chunk>,
    cost: usize,
    ended: Option<Instant>,
    closed: bool,
}

impl Window {
    /// Adds a chunk, and waits for space first. Returns false if the window was closed.
    pub(super) fn push(&self, chunk: Chunk) -> bool {
        let mut queue = self.lock();
        while queue.cost >= CAPACITY && !queue.closed {
            queue = self.changed.wait(queue).unwrap_or_else(PoisonError::into_inner);
        }
        queue.cost += chunk.cost();
        queue.chunks.push_back(chunk);
        self.changed.notify_one();
        !queue.closed
    }

    /// Removes the oldest chunk, and waits for one first. Returns `None` at the end of the stream.
    pub(super) fn pop(&self) -> Option<Chunk> {
        let mut queue = self.lock();
        loop {
            if let Some(chunk) = queue.chunks.pop_front() {
                queue.cost -= chunk.cost();
                self.changed.notify_one();
                return Some(chunk);
            }
            if queue.ended.is_some() {
                return None;
            }
            queue = self.changed.wait(queue).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Marks the end of the stream. The thread that reads calls this.
    pub(super) fn end(&self, at: Instant) {
        self.lock().ended = Some(at);
        self.changed.notify_one();
    }

    /// Returns when the stream ended.
    pub(super) fn ended(&self) -> Option<Instant> {
        self.lock().ended
    }

    /// Refuses further chunks. The thread that writes calls this.
    pub(super) fn close(&self) {
        self.lock().closed = true;
        self.changed.notify_one();
    }

    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chunk(length: usize) -> Chunk {
        Chunk { arrived: Instant::now(), bytes: vec![0; length] }
    }

    #[test]
    fn a_window_that_is_not_quite_full_takes_one_more_chunk() {
        let window = Window::default();
        assert!(window.push(chunk(CAPACITY - COST - 1)));
        assert!(window.push(chunk(CAPACITY)));
        let lengths = [window.pop(), window.pop()].map(|chunk| chunk.unwrap().bytes.len());
        assert_eq!(lengths, [CAPACITY - COST - 1, CAPACITY]);
        assert_eq!(window.lock().cost, 0);
    }

    #[test]
    fn a_full_window_takes_nothing_until_there_is_space_or_it_is_closed() {
        let window = Window::default();
        assert!(window.push(chunk(CAPACITY - COST)));
        std::thread::scope(|scope| {
            let second = scope.spawn(|| window.push(chunk(CAPACITY - COST)));
            window.pop().unwrap();
            assert!(second.join().unwrap());
            // The second chunk fills the window exactly.
            let third = scope.spawn(|| window.push(chunk(1)));
            // The correct program passes without this pause. With it, a program that does not wait fails.
            std::thread::sleep(std::time::Duration::from_millis(20));
            window.close();
            assert!(!third.join().unwrap());
        });
    }

    #[test]
    fn what_is_in_a_window_that_has_ended_can_be_taken() {
        let (window, now) = (Window::default(), Instant::now());
        window.push(chunk(1));
        window.end(now);
        assert!(window.pop().is_some());
        assert!(window.pop().is_none());
        assert_eq!(window.ended(), Some(now));
    }
}
