//! Which entries have their record already.

use std::collections::BTreeMap;

/// A set of `seq`s, kept as ranges: what a resumed scan passes over.
///
/// Memory grows with the gaps, not with the entries: records come nearly in order, so what a run
/// of a billion left behind is a handful of ranges.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Done {
    /// First to last, both within; no two ranges touch.
    ranges: BTreeMap<u64, u64>,
    count: u64,
}

impl Done {
    /// Adds `seq`; `false` when it was there.
    pub fn insert(&mut self, seq: u64) -> bool {
        let before = self.count;
        self.insert_range(seq, seq);
        self.count > before
    }

    /// Adds each from `first` to `last`, both within.
    pub fn insert_range(&mut self, first: u64, last: u64) {
        let (mut first, mut last) = (first, last);
        if first > last {
            return;
        }
        // Every range that overlaps the new one, or touches it, goes into it.
        while let Some((from, to)) = self.starting(last.saturating_add(1)) {
            if to.saturating_add(1) < first {
                break;
            }
            self.ranges.remove(&from);
            self.count = self.count.saturating_sub((to - from).saturating_add(1));
            first = first.min(from);
            last = last.max(to);
        }
        self.ranges.insert(first, last);
        self.count = self.count.saturating_add((last - first).saturating_add(1));
    }

    /// Whether `seq` is in it.
    pub fn contains(&self, seq: u64) -> bool {
        self.end_of(seq).is_some()
    }

    /// The last of the range that `seq` is in; `None` when it is in none.
    pub fn end_of(&self, seq: u64) -> Option<u64> {
        self.starting(seq).map(|(_, last)| last).filter(|last| seq <= *last)
    }

    /// How many are in it.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// Whether nothing is in it.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// The first `seq`, from 1, that is not in it.
    pub fn first_gap(&self) -> u64 {
        self.end_of(1).map_or(1, |last| last.saturating_add(1))
    }

    /// Its ranges in order, each from its first to its last.
    pub fn ranges(&self) -> impl Iterator<Item = (u64, u64)> {
        self.ranges.iter().map(|(first, last)| (*first, *last))
    }

    /// The last range that starts at `seq` or before.
    fn starting(&self, seq: u64) -> Option<(u64, u64)> {
        self.ranges.range(..=seq).next_back().map(|(first, last)| (*first, *last))
    }
}

impl FromIterator<u64> for Done {
    fn from_iter<T: IntoIterator<Item = u64>>(seqs: T) -> Done {
        let mut done = Done::default();
        for seq in seqs {
            done.insert(seq);
        }
        done
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// From first to last.
    type Ranges<'a> = &'a [(u64, u64)];

    #[test]
    fn neighbours_grow_together() {
        let rows: [(&[u64], Ranges<'_>, u64); 8] = [
            // inserted, ranges, first gap
            (&[], &[], 1),
            (&[1, 2, 3], &[(1, 3)], 4),
            (&[3, 1], &[(1, 1), (3, 3)], 2),
            (&[3, 1, 2], &[(1, 3)], 4),
            (&[5, 4], &[(4, 5)], 1),
            (&[2, 2, 2], &[(2, 2)], 1),
            (&[1, 2, 5, 6, 3], &[(1, 3), (5, 6)], 4),
            (&[u64::MAX, u64::MAX - 1, 1, 2], &[(1, 2), (u64::MAX - 1, u64::MAX)], 3),
        ];
        for (seqs, ranges, gap) in rows {
            let done: Done = seqs.iter().copied().collect();
            assert_eq!(done.ranges().collect::<Vec<_>>(), ranges, "{seqs:?}");
            assert_eq!(done.first_gap(), gap, "{seqs:?}");
        }
    }

    #[test]
    fn ranges_swallow_what_they_touch() {
        let rows: [(Ranges<'_>, Ranges<'_>, u64); 7] = [
            // inserted, ranges, count
            (&[(1, 5)], &[(1, 5)], 5),
            (&[(1, 5), (3, 9)], &[(1, 9)], 9),
            (&[(3, 9), (1, 2)], &[(1, 9)], 9),
            (&[(1, 2), (4, 5), (7, 8), (2, 7)], &[(1, 8)], 8),
            (&[(1, 9), (3, 4)], &[(1, 9)], 9),
            (&[(1, 2), (8, 9), (4, 6)], &[(1, 2), (4, 6), (8, 9)], 7),
            (&[(5, 4)], &[], 0),
        ];
        for (inserted, ranges, count) in rows {
            let mut done = Done::default();
            inserted.iter().for_each(|(first, last)| done.insert_range(*first, *last));
            assert_eq!(done.ranges().collect::<Vec<_>>(), ranges, "{inserted:?}");
            assert_eq!(done.count(), count, "{inserted:?}");
        }
    }

    #[test]
    fn it_is_a_set() {
        // In an order that jumps about, against a set that keeps each.
        let mut done = Done::default();
        let mut each = std::collections::BTreeSet::new();
        for step in 0..400_u64 {
            let seq = 1 + step * 157 % 211;
            assert_eq!(done.insert(seq), each.insert(seq), "{seq}");
            assert_eq!(done.count(), u64::try_from(each.len()).unwrap());
        }
        for seq in 0..=300 {
            assert_eq!(done.contains(seq), each.contains(&seq), "{seq}");
        }
        assert_eq!(done.ranges().count(), 1);
    }
}
