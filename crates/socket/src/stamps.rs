//! When packets came in, by the kernel's clock.

use crate::fault::fault;
use crate::sys;
use fourstep_terms::Fault;
use libc::timespec;
use socket2::{Domain, Socket, Type};
use std::num::NonZeroU64;
use std::time::Duration;

/// While one lives, the kernel stamps every packet as it comes in.
///
/// It does so as long as any socket on the machine wants stamps, and begins a moment after the
/// first one does. Whoever opens sockets one after the other holds this as well: else the answers
/// that come in that moment have no stamp, and a switch is thrown for each socket.
#[derive(Debug)]
pub struct Stamping {
    _socket: Socket,
}

impl Stamping {
    /// Has the kernel begin.
    pub fn begin() -> Result<Stamping, Fault> {
        let begin = || {
            // It is never bound, so nothing can come in on it.
            let socket = Socket::new_raw(Domain::IPV4, Type::DGRAM.cloexec(), None)?;
            sys::stamp(&socket)?;
            Ok(Stamping { _socket: socket })
        };
        begin().map_err(|error| fault(&error))
    }
}

/// When octets came in, by the wall clock: some time since 1970, and before 2554.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Stamp(NonZeroU64);

impl Stamp {
    /// What the kernel wrote; zero is none.
    #[inline]
    pub(crate) fn of(moment: timespec) -> Option<Stamp> {
        let nanos = u64::try_from(moment.tv_nsec).ok().filter(|nanos| *nanos < 1_000_000_000)?;
        let seconds = u64::try_from(moment.tv_sec).ok()?.checked_mul(1_000_000_000)?;
        NonZeroU64::new(seconds.checked_add(nanos)?).map(Stamp)
    }

    /// The time since 1970 in nanoseconds.
    pub fn nanos(self) -> u64 {
        self.0.get()
    }

    /// The time since 1970.
    pub fn since_1970(self) -> Duration {
        Duration::from_nanos(self.nanos())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_moment_is_no_stamp() {
        let rows = [
            // seconds, nanoseconds, those since 1970
            (0, 0, None),
            (0, 1, Some(1)),
            (1_795_327_200, 999_999_999, Some(1_795_327_200_999_999_999)),
            (1_795_327_200, 1_000_000_000, None),
            (1_795_327_200, -1, None),
            (-1, 5, None),
            (18_446_744_073, 709_551_615, Some(u64::MAX)),
            (18_446_744_073, 709_551_616, None),
            (i64::MAX, 0, None),
        ];
        for (tv_sec, tv_nsec, want) in rows {
            let stamp = Stamp::of(timespec { tv_sec, tv_nsec });
            assert_eq!(stamp.map(Stamp::nanos), want, "{tv_sec} {tv_nsec}");
        }
    }
}
