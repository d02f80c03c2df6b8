//! A moment on the wall clock.

use std::time::{Duration, SystemTime};

/// A moment on the wall clock: seconds since 1970, and nanoseconds of the next.
///
/// A [`SystemTime`] shows what it is made of only by a subtraction. Whoever counts and writes moments
/// does that once, and has both numbers from then on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Wall {
    seconds: i64,
    nanos: u32,
}

impl Wall {
    /// The moment so many whole seconds after 1970 began, or before.
    pub const fn from_seconds(seconds: i64) -> Wall {
        Wall { seconds, nanos: 0 }
    }

    /// Whole seconds since 1970: the last that had begun.
    pub const fn seconds(self) -> i64 {
        self.seconds
    }

    /// Nanoseconds since that second began.
    pub const fn subsec_nanos(self) -> u32 {
        self.nanos
    }

    /// The moment so much later, if there is such a one.
    pub fn checked_add(self, after: Duration) -> Option<Wall> {
        let seconds = self.seconds.checked_add_unsigned(after.as_secs())?;
        match self.nanos + after.subsec_nanos() {
            nanos @ 0..1_000_000_000 => Some(Wall { seconds, nanos }),
            nanos => Some(Wall { seconds: seconds.checked_add(1)?, nanos: nanos - 1_000_000_000 }),
        }
    }

    /// The time since an earlier moment; `Err` has the time until it, when it is the later one.
    ///
    /// # Errors
    ///
    /// `earlier` is later.
    #[inline(always)]
    pub fn since(self, earlier: Wall) -> Result<Duration, Duration> {
        if self < earlier { Err(earlier.after(self)) } else { Ok(self.after(earlier)) }
    }

    /// The time since a moment that is not later.
    #[inline(always)]
    fn after(self, earlier: Wall) -> Duration {
        let seconds = self.seconds.abs_diff(earlier.seconds);
        match self.nanos.checked_sub(earlier.nanos) {
            Some(nanos) => Duration::new(seconds, nanos),
            None => Duration::new(seconds - 1, self.nanos + 1_000_000_000 - earlier.nanos),
        }
    }
}

impl From<SystemTime> for Wall {
    fn from(at: SystemTime) -> Wall {
        let seconds = |time: Duration| i64::try_from(time.as_secs()).unwrap_or(i64::MAX);
        match at.duration_since(SystemTime::UNIX_EPOCH) {
            Ok(since) => Wall { seconds: seconds(since), nanos: since.subsec_nanos() },
            Err(before) => match (seconds(before.duration()), before.duration().subsec_nanos()) {
                (seconds, 0) => Wall { seconds: -seconds, nanos: 0 },
                (seconds, nanos) => Wall { seconds: !seconds, nanos: 1_000_000_000 - nanos },
            },
        }
    }
}

/// 1970 where the system has no such time.
impl From<Wall> for SystemTime {
    fn from(at: Wall) -> SystemTime {
        let (whole, nanos) = (Duration::from_secs(at.seconds.unsigned_abs()), at.nanos.into());
        let second = match at.seconds {
            0.. => SystemTime::UNIX_EPOCH.checked_add(whole),
            _ => SystemTime::UNIX_EPOCH.checked_sub(whole),
        };
        let at = second.and_then(|second| second.checked_add(Duration::from_nanos(nanos)));
        at.unwrap_or(SystemTime::UNIX_EPOCH)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_the_same_both_ways() {
        let epoch = SystemTime::UNIX_EPOCH;
        let rows = [
            // nanoseconds after 1970 began, or before; seconds; nanoseconds
            (epoch, 0, 0),
            (epoch + Duration::from_nanos(1), 0, 1),
            (epoch + Duration::from_nanos(1_795_327_200_123_456_789), 1_795_327_200, 123_456_789),
            (epoch - Duration::from_nanos(1), -1, 999_999_999),
            (epoch - Duration::from_secs(1), -1, 0),
            (epoch - Duration::from_nanos(1_000_000_001), -2, 999_999_999),
        ];
        for (at, seconds, nanos) in rows {
            let wall = Wall::from(at);
            assert_eq!((wall.seconds(), wall.subsec_nanos()), (seconds, nanos), "{at:?}");
            assert_eq!(SystemTime::from(wall), at);
        }
    }

    #[test]
    fn what_is_added_is_what_lies_between() {
        let starts = [-2_000_000_001, -1, 0, 1, 999_999_999, 5_000_000_000_i64];
        let epoch = SystemTime::UNIX_EPOCH;
        for start in starts {
            let nanos = Duration::from_nanos(start.unsigned_abs());
            let at = if start < 0 { epoch - nanos } else { epoch + nanos };
            for time in [0, 1, 999_999_999, 1_000_000_000, 3_000_000_001].map(Duration::from_nanos)
            {
                let wall = Wall::from(at);
                let later = wall.checked_add(time).unwrap();
                assert_eq!(SystemTime::from(later), at + time);
                assert_eq!(later.since(wall), Ok(time));
                assert_eq!(wall.since(later), if time.is_zero() { Ok(time) } else { Err(time) });
            }
        }
        assert_eq!(Wall::from_seconds(1).checked_add(Duration::MAX), None);
        assert_eq!(Wall::from_seconds(i64::MAX).checked_add(Duration::from_secs(1)), None);
    }
}
