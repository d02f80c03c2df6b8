//! The one clock of a loop.

use std::time::{Duration, SystemTime};

use fourstep_terms::Time;
use rustix::time::{ClockId, clock_gettime};

/// How close together two clocks are to be looked at. It takes some 50 ns, unless the thread has to
/// give way in between; then once more, and at last not at all.
const CLOSE: Duration = Duration::from_micros(20);
const LOOKS: usize = 3;

/// The monotonic clock, from the moment it was made, and what the wall clock said then.
///
/// When probes began is told by what the wall clock said once: one that is set while they run must
/// not reorder them.
///
/// It counts nanoseconds, as the system does: the standard library takes seconds and nanoseconds
/// apart at each of the half a dozen looks that a probe needs.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Clock {
    /// CLOCK_MONOTONIC when this clock was made, in nanoseconds.
    origin: u64,
    /// The time since 1970 then, by the wall clock, in nanoseconds.
    wall: u64,
}

impl Clock {
    pub(crate) fn new() -> Clock {
        Clock { wall: nanos(ClockId::Realtime), origin: nanos(ClockId::Monotonic) }
    }

    /// Now. Read it once a turn, right after the system call that brought the news.
    #[inline]
    pub(crate) fn now(&self) -> Time {
        Time::from_nanos(nanos(ClockId::Monotonic).saturating_sub(self.origin))
    }

    /// Now, and the moment at which the wall clock showed `stamp`, in nanoseconds since 1970; `None`
    /// when it has not yet, as it was set since.
    ///
    /// Both clocks are looked at one after the other, ours last: the moment may come out later than
    /// it was, by at most [`CLOSE`], never earlier, and never later than now.
    pub(crate) fn now_and(&self, stamp: u64) -> (Time, Option<Time>) {
        let (now, wall) = match self.look() {
            (_, None) => self.look_again(),
            looked => looked,
        };
        (now, wall.and_then(|wall| before(now, wall.checked_sub(stamp)?)))
    }

    /// Now, and what the wall clock showed just before, if that was close.
    #[inline(always)]
    fn look(&self) -> (Time, Option<u64>) {
        let (earlier, wall, now) = (self.now(), nanos(ClockId::Realtime), self.now());
        (now, (now.since(earlier) <= CLOSE).then_some(wall))
    }

    #[cold]
    fn look_again(&self) -> (Time, Option<u64>) {
        let mut looks = std::iter::repeat_with(|| self.look()).take(LOOKS - 1);
        looks.find(|(_, wall)| wall.is_some()).unwrap_or_else(|| (self.now(), None))
    }

    /// What the wall clock showed at `moment`.
    pub(crate) fn wall(&self, moment: Time) -> SystemTime {
        SystemTime::UNIX_EPOCH + self.since_1970(moment)
    }

    /// The same, as the time since 1970.
    pub(crate) fn since_1970(&self, moment: Time) -> Duration {
        Duration::from_nanos(self.wall.saturating_add(moment.as_nanos()))
    }
}

/// A clock in nanoseconds: they last for five hundred years of a machine's running, and since 1970, before
/// which Linux lets no wall clock be set (clock_settime(2)).
#[inline(always)]
fn nanos(clock: ClockId) -> u64 {
    let now = clock_gettime(clock);
    let (seconds, nanos) = (now.tv_sec.cast_unsigned(), now.tv_nsec.cast_unsigned());
    seconds.wrapping_mul(1_000_000_000).wrapping_add(nanos)
}

/// The moment so many nanoseconds before `now`; `None` when that is before this clock's first.
fn before(now: Time, age: u64) -> Option<Time> {
    now.as_nanos().checked_sub(age).map(Time::from_nanos)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stamp_is_a_moment_of_the_loop() {
        let clock = Clock::new();
        let began = clock.now();
        let wall = || nanos(ClockId::Realtime);
        let mut looks = (0..1000).map(|_| clock.now_and(wall()));
        let (now, at) = looks.find(|(_, at)| at.is_some()).expect("a thousand looks in vain");
        assert!(at.is_some_and(|at| began <= at && at <= now), "{at:?} {now:?}");
        let hour = 3_600_000_000_000;
        assert_eq!(clock.now_and(wall() + hour).1, None, "it is still to come");
        assert_eq!(clock.now_and(wall() - hour).1, None, "it was before the loop");
        assert_eq!(clock.now_and(0).1, None);
        assert_eq!(before(Time::from_nanos(7), 7), Some(Time::START));
    }
}
