//! A map that keeps the newest so many entries: what lets a tool watch a session for as long as it runs.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, VecDeque};
use std::hash::Hash;

/// A map that forgets its oldest entry when it holds more than its capacity.
pub(crate) struct Bounded<K, V> {
    entries: HashMap<K, V>,
    order: VecDeque<K>,
    capacity: usize,
}

impl<K: Hash + Eq + Clone, V> Bounded<K, V> {
    pub(crate) fn new(capacity: usize) -> Self {
        Self {
            entries: HashMap::new(),
            order: VecDeque::new(),
            capacity,
        }
    }

    pub(crate) fn get(&self, key: &K) -> Option<&V> {
        self.entries.get(key)
    }

    /// The entry for a key, made if it is not there.
    pub(crate) fn entry(&mut self, key: K, make: impl FnOnce() -> V) -> &mut V {
        // What is one too many goes at the next call: not now, while the new entry is being handed out.
        if self.order.len() > self.capacity
            && let Some(oldest) = self.order.pop_front()
        {
            self.entries.remove(&oldest);
        }
        match self.entries.entry(key) {
            Entry::Occupied(present) => present.into_mut(),
            Entry::Vacant(vacant) => {
                self.order.push_back(vacant.key().clone());
                vacant.insert(make())
            }
        }
    }

    /// The entries, oldest first.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&K, &V)> {
        self.order
            .iter()
            .filter_map(|key| self.entries.get_key_value(key))
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
    fn the_oldest_entry_goes_when_there_is_one_too_many() {
        let mut map = Bounded::new(2);
        for key in ["a", "b", "a", "c", "c"] {
            *map.entry(key, || 0) += 1;
        }
        let left: Vec<_> = map.iter().map(|(key, count)| (*key, *count)).collect();
        assert_eq!(left, [("b", 1), ("c", 2)]);
        assert_eq!(map.get(&"a"), None);
    }
}
