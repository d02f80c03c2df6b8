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
        let (seconds, nanos) = (moment.tv_sec.try_into().ok()?, moment.tv_nsec.try_into().ok()?);
        let since = u64::checked_mul(seconds, 1_000_000_000)?.checked_add(nanos)?;
        NonZeroU64::new(since).map(Stamp)
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
