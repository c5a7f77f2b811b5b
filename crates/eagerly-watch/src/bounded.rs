//! A map with a fixed capacity. It bounds the memory of the tools, however long a session runs.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, VecDeque};
use std::hash::Hash;

/// A map that evicts entries above its capacity, with the second-chance algorithm (an approximation of LRU).
///
/// It can hold one entry more than its capacity until the next call of [`entry`](Self::entry).
pub(crate) struct Bounded<K, V> {
    entries: HashMap<K, Kept<V>>,
    order: VecDeque<K>,
    capacity: usize,
}

struct Kept<V> {
    value: V,
    was_used: bool,
}

impl<K: Hash + Eq + Clone, V> Bounded<K, V> {
    pub(crate) fn new(capacity: usize) -> Self {
        Self { entries: HashMap::new(), order: VecDeque::new(), capacity }
    }

    pub(crate) fn get(&self, key: &K) -> Option<&V> {
        self.entries.get(key).map(|kept| &kept.value)
    }

    pub(crate) fn get_mut(&mut self, key: &K) -> Option<&mut V> {
        self.entries.get_mut(key).map(|kept| &mut kept.value)
    }

    /// Returns the entry for a key. Inserts the value of `make` if the key is missing.
    pub(crate) fn entry(&mut self, key: K, make: impl FnOnce() -> V) -> &mut V {
        // Evict now and not after the insertion: by then the returned reference borrows the map.
        if self.order.len() > self.capacity {
            self.forget_one(&key);
        }
        match self.entries.entry(key) {
            Entry::Occupied(present) => {
                let kept = present.into_mut();
                kept.was_used = true;
                &mut kept.value
            }
            Entry::Vacant(vacant) => {
                self.order.push_back(vacant.key().clone());
                let kept = Kept { value: make(), was_used: false };
                &mut vacant.insert(kept).value
            }
        }
    }

    /// Evicts the oldest entry that was not used since the last check. Never evicts the entry of `wanted`.
    fn forget_one(&mut self, wanted: &K) {
        for _ in 0..=self.order.len() {
            let Some(oldest) = self.order.pop_front() else {
                return;
            };
            match self.entries.get_mut(&oldest) {
                Some(kept) if kept.was_used || oldest == *wanted => {
                    kept.was_used = false;
                    self.order.push_back(oldest);
                }
                _ => {
                    self.entries.remove(&oldest);
                    return;
                }
            }
        }
    }

    /// Returns the entries in eviction order, the next candidate first.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&K, &V)> {
        let present = self.order.iter().filter_map(|key| self.entries.get_key_value(key));
        present.map(|(key, kept)| (key, &kept.value))
    }

    pub(crate) fn clear(&mut self) {
        self.entries.clear();
        self.order.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_unused_entry_is_evicted_above_the_capacity() {
        let mut map = Bounded::new(2);
        for key in ["a", "b", "a", "c", "c"] {
            *map.entry(key, || 0) += 1;
        }
        let left: Vec<_> = map.iter().map(|(key, count)| (*key, *count)).collect();
        assert_eq!(left, [("c", 2), ("a", 2)], "b was used only once");
        assert_eq!(map.get(&"b"), None);
    }
}
