//! An end that the user asks for: SIGINT and SIGTERM.

use std::io;
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use fourstep::driver::Driver;
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::{flag, low_level};

/// Which signal came.
pub(crate) struct Signals(Arc<AtomicUsize>);

/// From now on the first SIGINT or SIGTERM interrupts the loop's run; another one ends the
/// process at once, with the same exit code.
pub(crate) fn watch(driver: &mut Driver) -> io::Result<Signals> {
    let (bell, rope) = UnixStream::pair()?;
    let (first, armed) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicBool::new(false)));
    for (signal, number) in [(SIGINT, 2), (SIGTERM, 15)] {
        // In this order: the first signal finds the shutdown unarmed, and arms it.
        flag::register_conditional_shutdown(signal, 128 + signal, Arc::clone(&armed))?;
        flag::register(signal, Arc::clone(&armed))?;
        flag::register_usize(signal, Arc::clone(&first), number)?;
        // A handler may do next to nothing (signal-safety(7)): it writes one octet, and the loop,
        // which may be about to wait, is woken by that.
        low_level::pipe::register(signal, rope.try_clone()?)?;
    }
    driver.interrupt_on(bell)?;
    Ok(Signals(first))
}

impl Signals {
    /// The signal that came, by name, and the exit code that says so.
    pub(crate) fn came(&self) -> Option<(&'static str, u8)> {
        match self.0.load(Ordering::Acquire) {
            2 => Some(("SIGINT", 130)),
            15 => Some(("SIGTERM", 143)),
            _ => None,
        }
    }
}
