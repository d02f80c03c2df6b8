//! When the next probe may begin: so many a second, evenly.

use std::time::Duration;

use fourstep_terms::Time;

/// What may be made up for. A poll wakes to the millisecond at best, so probes that begin more
/// often than that come a few at a time; a longer stall is lost, not followed by a burst.
const CATCH_UP: Duration = Duration::from_millis(10);

/// The pace of beginning.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pace {
    /// Between two probes; zero: no limit.
    interval: Duration,
    next: Time,
}

impl Pace {
    /// So many a second; what is no number above 0 is no limit.
    pub(crate) fn new(rate: Option<f64>) -> Pace {
        let seconds = rate.filter(|rate| *rate > 0.0).map_or(0.0, |rate| 1.0 / rate);
        let interval = match Duration::try_from_secs_f64(seconds) {
            // Rounded up: never faster than asked.
            Ok(interval) if seconds > 0.0 => interval + Duration::from_nanos(1),
            Ok(_) => Duration::ZERO,
            Err(_) => Duration::MAX,
        };
        Pace { interval, next: Time::START }
    }

    /// When the next may begin; a moment that has passed: now.
    pub(crate) fn next(&self) -> Time {
        self.next
    }

    /// One begins.
    #[inline]
    pub(crate) fn begin(&mut self, now: Time) {
        if !self.interval.is_zero() {
            self.begin_paced(now);
        }
    }

    #[inline(never)]
    fn begin_paced(&mut self, now: Time) {
        let earliest = now.since(Time::START + CATCH_UP);
        self.next = self.next.max(Time::START + earliest) + self.interval;
    }

    /// One that began is taken back unseen.
    pub(crate) fn give_back(&mut self) {
        let since = self.next.since(Time::START);
        self.next = Time::START + since.saturating_sub(self.interval);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How many begin within `millis`, when the loop wakes every `step` from a stall on.
    fn begun(rate: f64, millis: u64, step: u64, stall: u64) -> usize {
        let mut pace = Pace::new(Some(rate));
        let mut begun = 0;
        for now in (stall..stall + millis).step_by(usize::try_from(step).unwrap()) {
            let now = Time::from_millis(now);
            while pace.next() <= now {
                pace.begin(now);
                begun += 1;
            }
        }
        begun
    }

    #[test]
    fn the_rate_is_held_and_a_stall_is_lost() {
        let rows = [
            // a second, for ms, woken every ms, first at ms → begun, from and to
            (1.0, 10_000, 1, 0, 10..=10),
            (1.0, 10_000, 1, 60_000, 10..=11),
            (0.5, 10_000, 1, 0, 5..=5),
            (100.0, 1000, 1, 0, 100..=100),
            (10_000.0, 1000, 1, 0, 9990..=10_000),
            (10_000.0, 1000, 5, 0, 9900..=10_000),
            // What is due after a stall is what 10 ms bring.
            (10_000.0, 1, 1, 60_000, 100..=102),
            (1000.0, 1000, 50, 60_000, 200..=260),
        ];
        for (rate, millis, step, stall, want) in rows {
            let got = begun(rate, millis, step, stall);
            assert!(
                want.contains(&got),
                "{rate}/s for {millis} ms every {step} from {stall}: {got}"
            );
        }
    }

    #[test]
    fn no_rate_is_no_limit() {
        for rate in [None, Some(0.0), Some(-1.0), Some(f64::NAN), Some(f64::INFINITY)] {
            let mut pace = Pace::new(rate);
            (0..1000).for_each(|_| pace.begin(Time::START));
            assert_eq!(pace.next(), Time::START, "{rate:?}");
        }
        let mut once = Pace::new(Some(1e-300));
        once.begin(Time::START);
        assert_eq!(once.next(), Time::NEVER);
    }

    #[test]
    fn what_is_taken_back_did_not_begin() {
        let mut pace = Pace::new(Some(10.0));
        pace.begin(Time::from_millis(500));
        let once = pace.next();
        pace.begin(Time::from_millis(500));
        pace.give_back();
        assert_eq!(pace.next(), once);
    }
}
