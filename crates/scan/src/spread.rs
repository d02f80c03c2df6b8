//! How long one span took, over all targets.

use std::time::Duration;

use hdrhistogram::Histogram;

/// Significant digits of a span.
const DIGITS: u8 = 3;

/// What three digits take: up to 2,047 each number is told from the next, and of each octave above
/// 1,024 parts are.
const PARTS: u64 = 1024;

/// The longest span that is told from longer ones, in microseconds: an hour.
const LONGEST: u64 = 3_600_000_000;

/// How long one span took, over all targets where it began and ended: a wait that a deadline cut
/// says how patient we are, not how fast they. In microseconds, to three digits; an hour at most.
#[derive(Clone, Debug)]
pub struct Spread(Histogram<u32>);

impl Spread {
    /// How many there are.
    pub fn count(&self) -> u64 {
        self.0.len()
    }

    /// The shortest; zero when there is none.
    pub fn min(&self) -> Duration {
        Duration::from_micros(self.0.min())
    }

    /// The longest; zero when there is none.
    pub fn max(&self) -> Duration {
        Duration::from_micros(self.0.max())
    }

    /// The arithmetic mean; zero when there is none.
    pub fn mean(&self) -> Duration {
        Duration::from_secs_f64(self.0.mean() / 1e6)
    }

    /// What this part of them took at most: 0.5 is the median, 0.99 the 99th percentile. Zero when
    /// there is none.
    pub fn quantile(&self, part: f64) -> Duration {
        Duration::from_micros(self.0.value_at_quantile(part))
    }
}

/// Counts spans as a [`Spread`] does, which is made of them at the end: while targets come and go
/// nobody asks for more than a count.
#[derive(Clone, Debug, Default)]
pub(crate) struct Times {
    /// By their part, from 0; as far as any was recorded.
    counts: Vec<u32>,
}

impl Times {
    /// Counts a span, in microseconds.
    #[inline(always)]
    pub(crate) fn record(&mut self, micros: u64) {
        match self.counts.get_mut(part(micros)) {
            Some(count) => increment(count),
            None => self.record_longest(micros.min(LONGEST)),
        }
    }

    /// Counts what is longer than any before, or too long: there are as many parts as an hour has at
    /// most, which is 92 KiB.
    #[cold]
    fn record_longest(&mut self, micros: u64) {
        let octave = usize::try_from(PARTS).unwrap_or(usize::MAX);
        let parts = (part(micros) + 1).next_multiple_of(octave).min(part(LONGEST) + 1);
        if parts > self.counts.len() {
            self.counts.resize(parts, 0);
        }
        if let Some(count) = self.counts.get_mut(part(micros)) {
            increment(count);
        }
    }

    pub(crate) fn spread(&self) -> Spread {
        #[expect(clippy::expect_used, reason = "refused are 6 digits and more")]
        let mut spread = Histogram::new(DIGITS).expect("three digits");
        // The longest first: it grows once.
        for (part, count) in self.counts.iter().enumerate().rev().filter(|(_, count)| **count > 0) {
            // An hour is far within what it can tell.
            let _ = spread.record_n(least(u64::try_from(part).unwrap_or(LONGEST)), *count);
        }
        Spread(spread)
    }
}

/// One more; of more than can be counted, none.
#[inline(always)]
fn increment(count: &mut u32) {
    if let Some(more) = count.checked_add(1) {
        *count = more;
    }
}

/// The part that a span belongs to: its octave, and where in that. Of two octaves it is the span.
#[inline(always)]
fn part(micros: u64) -> usize {
    if micros < 2 * PARTS {
        return usize::try_from(micros).unwrap_or(usize::MAX);
    }
    let octave = (micros | PARTS).ilog2() - PARTS.ilog2();
    usize::try_from(u64::from(octave) * PARTS + (micros >> octave)).unwrap_or(usize::MAX)
}

/// The shortest span of a part.
fn least(part: u64) -> u64 {
    let octave = (part / PARTS).saturating_sub(1);
    (part - octave * PARTS) << octave
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Spans of all lengths, closer at octaves.
    fn micros() -> impl Iterator<Item = u64> {
        let near = (0..33).flat_map(|bits| {
            [-1, 0, 1].map(|beside| (1_u64 << bits).saturating_add_signed(beside))
        });
        (0..5000).chain((1..400).map(|n| n * n * n * 57)).chain(near).chain([u64::MAX])
    }

    #[test]
    fn parts_are_those_of_the_histogram() {
        let histogram = Histogram::<u32>::new_with_max(LONGEST, DIGITS).unwrap();
        for micros in micros().filter(|micros| *micros <= LONGEST) {
            let part = part(micros);
            assert_eq!(least(part.try_into().unwrap()), histogram.lowest_equivalent(micros));
        }
        assert!((part(LONGEST) + 1) * size_of::<u32>() <= 92 * 1024);
    }

    #[test]
    fn a_spread_says_what_a_histogram_of_each_says() {
        for step in [1, 2, 7, 100, 5000] {
            let (mut times, mut want) = (Times::default(), Histogram::<u32>::new(DIGITS).unwrap());
            for micros in micros().skip(step).step_by(step) {
                times.record(micros);
                want.record(micros.min(LONGEST)).unwrap();
            }
            let got = times.spread();
            assert_eq!(got.0, want);
            assert_eq!(
                (got.min(), got.max()),
                (Spread(want.clone()).min(), Spread(want.clone()).max())
            );
            assert_eq!(got.mean(), Spread(want.clone()).mean());
            for part in [0.0, 0.01, 0.5, 0.9, 0.999, 1.0] {
                assert_eq!(
                    got.quantile(part),
                    Spread(want.clone()).quantile(part),
                    "{step} {part}"
                );
            }
        }
        let none = Times::default().spread();
        assert_eq!((none.count(), none.max(), none.mean()), (0, Duration::ZERO, Duration::ZERO));
    }
}
