//! A moment, in nanoseconds, on a timeline that its owner chose.

use std::ops::Add;
use std::time::Duration;

/// A moment: nanoseconds since an origin that whoever reads the clock chose.
///
/// Machines are handed a `Time` and never ask for one, so that what they do can be written in a
/// table and replayed. Two moments compare only when they come from one timeline. 64 bits of
/// nanoseconds last 584 years; arithmetic saturates.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Time(u64);

impl Time {
    /// The origin of the timeline.
    pub const START: Time = Time(0);
    /// Later than every moment: "no deadline".
    pub const NEVER: Time = Time(u64::MAX);

    /// The moment `nanos` nanoseconds after the origin.
    pub const fn from_nanos(nanos: u64) -> Time {
        Time(nanos)
    }

    /// The moment `millis` milliseconds after the origin.
    pub const fn from_millis(millis: u64) -> Time {
        Time(millis.saturating_mul(1_000_000))
    }

    /// Nanoseconds since the origin.
    pub const fn as_nanos(self) -> u64 {
        self.0
    }

    /// The time from `earlier` to this moment; zero when `earlier` is the later one.
    pub const fn since(self, earlier: Time) -> Duration {
        Duration::from_nanos(self.0.saturating_sub(earlier.0))
    }
}

/// Saturates at [`Time::NEVER`], so that a limit of [`Duration::MAX`] means none.
impl Add<Duration> for Time {
    type Output = Time;

    fn add(self, after: Duration) -> Time {
        let nanos = after.as_secs().saturating_mul(1_000_000_000);
        Time(self.0.saturating_add(nanos).saturating_add(after.subsec_nanos().into()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arithmetic_saturates_at_both_ends() {
        let rows = [
            // from, plus, gives
            (Time::START, Duration::ZERO, Time::START),
            (Time::from_millis(2), Duration::from_millis(3), Time::from_millis(5)),
            (Time::from_nanos(u64::MAX - 1), Duration::from_nanos(5), Time::NEVER),
            (Time::START, Duration::MAX, Time::NEVER),
        ];
        for (from, plus, want) in rows {
            assert_eq!(from + plus, want, "{from:?} + {plus:?}");
        }
        assert_eq!(Time::from_millis(1).since(Time::from_millis(4)), Duration::ZERO);
    }
}
