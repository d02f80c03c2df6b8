//! What servers said, for as long as it holds.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::time::Duration;

use fourstep_terms::Time;

use crate::answer::Rcode;
use crate::finding::{Finding, What};
use crate::id::Digest;
use crate::index::Index;
use crate::message::Question;

/// The longest a finding is kept, whatever its TTL: a day (RFC 8767 §4 wants a limit in days).
const LONGEST_S: u32 = 86_400;
/// The longest a "no" is kept: three hours, the upper end of RFC 2308 §5.
const LONGEST_NO_S: u32 = 10_800;

/// Findings by question. Full, it drops the one that ends soonest, whose place the next one takes.
pub(crate) struct Cache {
    room: usize,
    entries: Vec<Entry>,
    /// Where the entry of a question is. Of two with one digest, the later counts.
    places: Index<Digest, usize>,
    /// Places whose entries are not in `places` any more.
    vacant: Vec<usize>,
    /// Soonest to end first, and some whose place another finding has taken.
    ends: BinaryHeap<Reverse<(Time, Digest)>>,
}

struct Entry {
    question: Question,
    ends: Time,
    finding: Finding,
    rcode: Option<Rcode>,
}

impl Cache {
    /// A cache for at most `room` findings; 0 keeps none.
    pub(crate) fn new(room: usize) -> Cache {
        Cache {
            room,
            entries: vec![],
            places: Index::default(),
            vacant: vec![],
            ends: BinaryHeap::new(),
        }
    }

    /// What is known, its TTL counted down (RFC 1034 §5.3.3 step 1), with its RCODE.
    pub(crate) fn get(
        &self,
        now: Time,
        digest: Digest,
        question: &Question,
    ) -> Option<(Finding, Option<Rcode>)> {
        let entry = self.entries.get(*self.places.get(&digest)?)?;
        if entry.ends <= now || entry.question != *question {
            return None;
        }
        let left = u32::try_from(entry.ends.since(now).as_secs()).unwrap_or(u32::MAX);
        let mut finding = entry.finding.clone();
        finding.ttl_s = finding.ttl_s.map(|ttl| ttl.min(left));
        Some((finding, entry.rcode))
    }

    /// Keeps a finding for its TTL. Without one, or with 0, it is for those who wait only
    /// (RFC 1035 §3.2.1, RFC 2308 §5).
    pub(crate) fn put(
        &mut self,
        now: Time,
        digest: Digest,
        question: &Question,
        finding: &Finding,
        rcode: Option<Rcode>,
    ) {
        let longest = match finding.what {
            What::Addresses(_) | What::Services(_) | What::Elsewhere => LONGEST_S,
            What::NoData | What::NoSuchName => LONGEST_NO_S,
        };
        let ttl_s = finding.ttl_s.unwrap_or(0).min(longest);
        self.vacant.extend(self.places.remove(&digest));
        if ttl_s == 0 || self.room == 0 {
            return;
        }
        // What ended goes, and what ends soonest where that is not enough.
        while let Some(Reverse((ends, soonest))) = self.ends.peek().copied()
            && (ends <= now || self.places.len() >= self.room)
        {
            self.ends.pop();
            let place = self.places.get(&soonest).copied();
            if place.and_then(|place| self.entries.get(place)).is_some_and(|it| it.ends == ends) {
                self.vacant.extend(self.places.remove(&soonest));
            }
        }
        let ends = now + Duration::from_secs(ttl_s.into());
        let entry = Entry { question: question.clone(), ends, finding: finding.clone(), rcode };
        let place = self.vacant.pop().unwrap_or(self.entries.len());
        match self.entries.get_mut(place) {
            Some(before) => *before = entry,
            None => self.entries.push(entry),
        }
        self.places.insert(digest, place);
        self.ends.push(Reverse((ends, digest)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::answer::Family;
    use crate::finding::Addresses;
    use crate::message::Wanted;
    use crate::name::Name;

    fn question(name: &str) -> Question {
        Question::of(&Name::parse(name).unwrap(), Wanted::Addresses(Family::V4))
    }

    fn found(what: What, ttl_s: Option<u32>) -> Finding {
        Finding { chain: vec![], what, ttl_s }
    }

    #[test]
    fn a_finding_is_kept_for_its_time() {
        let addresses = || What::Addresses(Addresses::of([192, 0, 2, 1].into()));
        let rows = [
            // what, TTL, asked at (s), seconds left
            (addresses(), Some(60), 0, Some(60)),
            (addresses(), Some(60), 59, Some(1)),
            (addresses(), Some(60), 60, None),
            (addresses(), Some(0), 0, None), // RFC 1035 §3.2.1
            (addresses(), Some(1_000_000), 86_399, Some(1)), // RFC 8767 §4
            (addresses(), Some(1_000_000), 86_400, None),
            (What::NoData, Some(900), 1, Some(899)), // RFC 2308 §5
            (What::NoSuchName, None, 0, None),       // RFC 2308 §5: no SOA, not cached
            (What::NoSuchName, Some(99_999), 10_800, None),
        ];
        for (what, ttl, at, want) in rows {
            let mut cache = Cache::new(4);
            let finding = found(what, ttl);
            cache.put(Time::START, Digest(7), &question("a.test"), &finding, None);
            let got = cache.get(Time::from_millis(at * 1000), Digest(7), &question("a.test"));
            assert_eq!(got.map(|(it, _)| it.ttl_s.unwrap()), want, "{finding:?} at {at}");
        }
    }

    #[test]
    fn it_never_holds_more_than_its_room() {
        let mut cache = Cache::new(2);
        let digest = |name: &str| Digest(name.bytes().map(u64::from).sum());
        for (name, ttl) in [("a", 30), ("b", 10), ("c", 20), ("c", 40)] {
            let what = What::Addresses(Addresses::of([192, 0, 2, 1].into()));
            cache.put(Time::START, digest(name), &question(name), &found(what, Some(ttl)), None);
            assert!(cache.entries.len() <= 2 && cache.places.len() <= 2);
        }
        let has = |name| cache.get(Time::START, digest(name), &question(name)).is_some();
        assert_eq!((has("a"), has("b"), has("c")), (true, false, true), "b would end first");
    }
}
