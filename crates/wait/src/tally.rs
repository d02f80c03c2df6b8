//! What many looks at one target add up to.

use std::time::Duration;

use fourstep_terms::Time;
use fourstep_verdict::State;
use hdrhistogram::Histogram;

/// Looks at one target, added up.
///
/// A look tells how somebody who came at its beginning was served, and stands for the time until
/// the next one begins. A look that says nothing of the target ([`State::Unknown`]: a fault of this
/// machine's) counts for neither side, and so does its time.
///
/// Its size does not grow with the number of looks.
#[derive(Clone, Debug)]
pub struct Tally {
    looks: u64,
    states: [u64; State::ALL.len()],
    /// When the last look began, and what it showed.
    last: Option<(Time, State)>,
    ok: Duration,
    not_ok: Duration,
    unknown: Duration,
    outages: u64,
    /// When the outage began that has not ended.
    down_since: Option<Time>,
    longest: Option<Outage>,
    total: Spread,
    wait: Spread,
}

/// A time in which a target was not ok, as far as is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outage {
    /// When the first look began that found it so.
    pub from: Time,
    /// Until the first look that did not.
    pub lasted: Duration,
}

/// A [`Tally`] as it stands at one moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sum {
    /// Looks that are over, those that say nothing of the target too.
    pub looks: u64,
    /// How many showed each state, in the order of [`State::ALL`].
    pub states: [(State, u64); State::ALL.len()],
    /// How long it was ok.
    pub ok: Duration,
    /// How long it was in any other state.
    pub not_ok: Duration,
    /// How long nothing is known of it.
    pub unknown: Duration,
    /// How often it went from ok to another state, or was found in one at first.
    pub outages: u64,
    /// The longest of them, which may be the current one.
    pub longest: Option<Outage>,
    /// The one that has not ended.
    pub current: Option<Outage>,
    /// How long a look took that found it ok; `None`: none did.
    pub total: Option<Percentiles>,
    /// How long it then took from the request to the first octet of the response.
    pub wait: Option<Percentiles>,
}

/// How durations are spread, to three digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Percentiles {
    /// Of how many.
    pub count: u64,
    /// Half of them took no longer.
    pub p50: Duration,
    /// Nine of ten took no longer.
    pub p90: Duration,
    /// 99 of 100 took no longer.
    pub p99: Duration,
    /// None took longer.
    pub max: Duration,
}

impl Default for Tally {
    fn default() -> Tally {
        Tally {
            looks: 0,
            states: [0; State::ALL.len()],
            last: None,
            ok: Duration::ZERO,
            not_ok: Duration::ZERO,
            unknown: Duration::ZERO,
            outages: 0,
            down_since: None,
            longest: None,
            total: Spread::default(),
            wait: Spread::default(),
        }
    }
}

impl Tally {
    /// Adds a look that began at this moment, what it showed, how long the whole took, and how
    /// long its response was waited for.
    pub fn add(
        &mut self,
        began: Time,
        state: State,
        total: Option<Duration>,
        wait: Option<Duration>,
    ) {
        (self.ok, self.not_ok, self.unknown) = self.spans(began);
        self.last = Some((began, state));
        self.looks += 1;
        for (count, known) in self.states.iter_mut().zip(State::ALL) {
            *count += u64::from(known == state);
        }
        match (state, self.down_since) {
            (State::Unknown, _) => {}
            (State::Ok, Some(from)) => {
                self.longest = longer(self.longest, Outage { from, lasted: began.since(from) });
                self.down_since = None;
            }
            (State::Ok, None) => {}
            (_, Some(_)) => {}
            (_, None) => {
                self.outages += 1;
                self.down_since = Some(began);
            }
        }
        if state == State::Ok {
            self.total.add(total);
            self.wait.add(wait);
        }
    }

    /// How it stands at this moment: what the last look showed holds until then.
    pub fn sum(&self, now: Time) -> Sum {
        let (ok, not_ok, unknown) = self.spans(now);
        let current = self.down_since.map(|from| Outage { from, lasted: now.since(from) });
        let mut states = State::ALL.map(|state| (state, 0));
        for ((_, sum), count) in states.iter_mut().zip(self.states) {
            *sum = count;
        }
        Sum {
            looks: self.looks,
            states,
            ok,
            not_ok,
            unknown,
            outages: self.outages,
            longest: current.map_or(self.longest, |current| longer(self.longest, current)),
            current,
            total: self.total.percentiles(),
            wait: self.wait.percentiles(),
        }
    }

    /// Time in each kind of state: what the last look showed lasts until `now`.
    fn spans(&self, now: Time) -> (Duration, Duration, Duration) {
        let (ok, not_ok, unknown) = (self.ok, self.not_ok, self.unknown);
        match self.last {
            None => (ok, not_ok, unknown),
            Some((since, State::Ok)) => (ok + now.since(since), not_ok, unknown),
            Some((since, State::Unknown)) => (ok, not_ok, unknown + now.since(since)),
            Some((since, _)) => (ok, not_ok + now.since(since), unknown),
        }
    }
}

impl Sum {
    /// The part of the time that it was ok, of the time of which that is known: 0 to 1.
    pub fn of_time(&self) -> Option<f64> {
        let known = self.ok + self.not_ok;
        (!known.is_zero()).then(|| self.ok.as_secs_f64() / known.as_secs_f64())
    }

    /// The part of the looks that found it ok, of those that say anything of it: 0 to 1.
    pub fn of_looks(&self) -> Option<f64> {
        let count = |wanted: fn(State) -> bool| {
            let counts = self.states.iter().filter(|(state, _)| wanted(*state));
            counts
                .map(|(_, count)| u32::try_from(*count).unwrap_or(u32::MAX))
                .fold(0.0, |sum, n| sum + f64::from(n))
        };
        let known = count(|state| state != State::Unknown);
        (known > 0.0).then(|| count(|state| state == State::Ok) / known)
    }
}

fn longer(one: Option<Outage>, other: Outage) -> Option<Outage> {
    Some(one.filter(|one| one.lasted >= other.lasted).unwrap_or(other))
}

/// Durations in microseconds, each kept to three digits.
#[derive(Clone, Debug, Default)]
struct Spread(Option<Histogram<u64>>);

impl Spread {
    fn add(&mut self, duration: Option<Duration>) {
        let Some(duration) = duration else { return };
        let micros = u64::try_from(duration.as_nanos().div_ceil(1_000)).unwrap_or(u64::MAX);
        if self.0.is_none() {
            // Three digits are within its bounds: this does not fail.
            self.0 = Histogram::new(3).ok();
            self.0.iter_mut().for_each(|histogram| histogram.auto(true));
        }
        if let Some(histogram) = &mut self.0 {
            // It grows up to any value, unless there is no memory: then one look goes uncounted.
            let _ = histogram.record(micros);
        }
    }

    fn percentiles(&self) -> Option<Percentiles> {
        let histogram = self.0.as_ref()?;
        let at = |quantile| Duration::from_micros(histogram.value_at_quantile(quantile));
        let max = Duration::from_micros(histogram.max());
        // A bucket's end may lie beyond the largest value in it.
        let [p50, p90, p99] = [0.5, 0.9, 0.99].map(|quantile| at(quantile).min(max));
        Some(Percentiles { count: histogram.len(), p50, p90, p99, max })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: u64) -> Time {
        Time::from_millis(second * 1_000)
    }

    fn tally(looks: &[(u64, State)]) -> Tally {
        let mut tally = Tally::default();
        for (second, state) in looks {
            tally.add(at(*second), *state, None, None);
        }
        tally
    }

    #[test]
    fn time_belongs_to_the_look_before_it() {
        use State::{Broken, Ok, Unavailable, Unknown};
        let s = Duration::from_secs;
        let outage = |from, lasted| Some(Outage { from: at(from), lasted: s(lasted) });
        let rows = [
            // looks, now → seconds ok, not, unknown; outages, the longest, the current
            (&[][..], 9, [0, 0, 0], 0, None, None),
            (&[(1, Ok)], 9, [8, 0, 0], 0, None, None),
            (&[(1, Unavailable)], 9, [0, 8, 0], 1, outage(1, 8), outage(1, 8)),
            (&[(0, Ok), (4, Unavailable), (6, Ok)], 10, [8, 2, 0], 1, outage(4, 2), None),
            // From one bad state to another: one outage.
            (&[(0, Unavailable), (1, Broken), (3, Ok)], 3, [0, 3, 0], 1, outage(0, 3), None),
            // The first of two that are equally long.
            (&[(0, Broken), (1, Ok), (2, Broken), (3, Ok)], 3, [1, 2, 0], 2, outage(0, 1), None),
            // The current one is the longest.
            (&[(0, Broken), (1, Ok), (2, Broken)], 9, [1, 8, 0], 2, outage(2, 7), outage(2, 7)),
            // What is not known is neither up nor down, and ends no outage.
            (&[(0, Ok), (1, Unknown), (5, Ok)], 6, [2, 0, 4], 0, None, None),
            (
                &[(0, Broken), (1, Unknown), (5, Broken)],
                6,
                [0, 2, 4],
                1,
                outage(0, 6),
                outage(0, 6),
            ),
        ];
        for (looks, now, spans, outages, longest, current) in rows {
            let sum = tally(looks).sum(at(now));
            assert_eq!([sum.ok, sum.not_ok, sum.unknown], spans.map(s), "{looks:?}");
            assert_eq!((sum.outages, sum.longest), (outages, longest), "{looks:?}");
            assert_eq!((sum.current, sum.looks), (current, looks.len() as u64), "{looks:?}");
        }
    }

    #[test]
    fn availability_is_a_part_of_what_is_known() {
        use State::{Ok, Rejected, Unknown};
        let rows = [
            // looks, now → of the time, of the looks
            (&[][..], 9, None, None),
            (&[(0, Unknown)], 9, None, None),
            (&[(0, Ok)], 0, None, Some(1.0)),
            (&[(0, Ok), (3, Rejected)], 4, Some(0.75), Some(0.5)),
            (&[(0, Ok), (1, Unknown), (2, Rejected)], 3, Some(0.5), Some(0.5)),
        ];
        for (looks, now, time, count) in rows {
            let sum = tally(looks).sum(at(now));
            assert_eq!((sum.of_time(), sum.of_looks()), (time, count), "{looks:?}");
        }
    }

    #[test]
    fn percentiles_are_of_the_looks_that_found_it_ok() {
        let ms = Duration::from_millis;
        let mut tally = Tally::default();
        assert_eq!(tally.sum(Time::START).total, None);
        for n in 1..=100 {
            tally.add(at(n), State::Ok, Some(ms(n)), Some(ms(n) / 2));
        }
        tally.add(at(101), State::Unavailable, Some(ms(9_000)), None);
        let sum = tally.sum(at(102));
        let near = |got: Duration, want: Duration| {
            assert!(got.abs_diff(want) <= want / 1_000, "{got:?}, not {want:?}");
        };
        let total = sum.total.unwrap();
        for (got, want) in [(total.p50, 50), (total.p90, 90), (total.p99, 99), (total.max, 100)] {
            near(got, ms(want));
        }
        near(sum.wait.unwrap().p50, ms(25));
    }
}
