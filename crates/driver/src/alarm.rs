//! Waking within a millisecond.

use std::io;
use std::os::fd::{AsRawFd, OwnedFd};
use std::time::Duration;

use mio::unix::SourceFd;
use mio::{Interest, Registry, Token};
use rustix::time::{
    Itimerspec, TimerfdClockId, TimerfdFlags, TimerfdTimerFlags, Timespec, timerfd_create,
    timerfd_settime,
};

/// A moment that is nearer than this is waited for with the alarm.
const NEAR: Duration = Duration::from_millis(2);

/// A poll waits for whole milliseconds. That is well for a deadline; but of ten thousand starts a
/// second ten would come at once, and each be in the way of the others. So a start that is near is
/// waited for with a timer of the kernel's that counts nanoseconds: timerfd_create(2).
#[derive(Debug, Default)]
pub(crate) struct Alarm(Option<OwnedFd>);

impl Alarm {
    /// Has the poll wake after this time, and no earlier alarm any more; `false`: it is long
    /// enough for the poll's own, or the system has no timer to give.
    pub(crate) fn set(&mut self, after: Duration, registry: &Registry, token: Token) -> bool {
        !after.is_zero() && after < NEAR && self.arm(after, registry, token).is_ok()
    }

    fn arm(&mut self, after: Duration, registry: &Registry, token: Token) -> io::Result<()> {
        let timer = match &mut self.0 {
            Some(timer) => timer,
            none => {
                let flags = TimerfdFlags::NONBLOCK | TimerfdFlags::CLOEXEC;
                let timer = timerfd_create(TimerfdClockId::Monotonic, flags)?;
                // The poll tells of each time it goes off, read or not: it watches for edges.
                registry.register(&mut SourceFd(&timer.as_raw_fd()), token, Interest::READABLE)?;
                none.insert(timer)
            }
        };
        let once = Itimerspec {
            it_interval: Timespec { tv_sec: 0, tv_nsec: 0 },
            it_value: Timespec { tv_sec: 0, tv_nsec: after.subsec_nanos().into() },
        };
        timerfd_settime(timer, TimerfdTimerFlags::empty(), &once)?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use mio::{Events, Poll};

    use super::*;

    const TOKEN: Token = Token(7);

    #[test]
    fn it_goes_off_each_time_it_is_set() {
        let mut alarm = Alarm::default();
        let (mut poll, mut events) = (Poll::new().expect("a poll"), Events::with_capacity(8));
        for micros in [1, 50, 300] {
            let after = Duration::from_micros(micros);
            assert!(alarm.set(after, poll.registry(), TOKEN));
            poll.poll(&mut events, Some(Duration::from_secs(20))).expect("news");
            let told: Vec<Token> = events.iter().map(|event| event.token()).collect();
            assert_eq!(told, [TOKEN], "after {micros} µs");
        }
        assert!(!alarm.set(Duration::ZERO, poll.registry(), TOKEN), "it is now");
        assert!(!alarm.set(NEAR, poll.registry(), TOKEN), "the poll itself will do");
    }
}
