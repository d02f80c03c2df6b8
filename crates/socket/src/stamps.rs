//! When packets came in, by the kernel's clock.

use crate::fault::fault;
use crate::sys;
use fourstep_terms::Fault;
use libc::timespec;
use socket2::{Domain, Socket, Type};
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

/// A stamp as the time since 1970; zero is none.
pub(crate) fn moment(stamp: timespec) -> Option<Duration> {
    let nanos = u32::try_from(stamp.tv_nsec).ok().filter(|nanos| *nanos < 1_000_000_000)?;
    let since = Duration::new(u64::try_from(stamp.tv_sec).ok()?, nanos);
    (!since.is_zero()).then_some(since)
}
