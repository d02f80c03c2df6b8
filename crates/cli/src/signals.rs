//! An end that the user asks for: SIGINT and SIGTERM.

use std::io::{self, Read};
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;

use fourstep::driver::Interrupter;
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::{flag, low_level};

/// The thread that waits for a signal reads one octet and wakes the loop.
const STACK_OCTETS: usize = 64 * 1024;

/// Which signal came.
pub(crate) struct Signals(Arc<AtomicUsize>);

/// From now on the first SIGINT or SIGTERM interrupts the run; another one ends the process at
/// once, with the same exit code.
pub(crate) fn watch(interrupter: Interrupter) -> io::Result<Signals> {
    let (mut bell, rope) = UnixStream::pair()?;
    let (first, armed) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicBool::new(false)));
    for (signal, number) in [(SIGINT, 2), (SIGTERM, 15)] {
        // In this order: the first signal finds the shutdown unarmed, and arms it.
        flag::register_conditional_shutdown(signal, 128 + signal, Arc::clone(&armed))?;
        flag::register(signal, Arc::clone(&armed))?;
        flag::register_usize(signal, Arc::clone(&first), number)?;
        low_level::pipe::register(signal, rope.try_clone()?)?;
    }
    // A handler may do next to nothing (signal-safety(7)), so a thread does the rest.
    thread::Builder::new().name("signals".into()).stack_size(STACK_OCTETS).spawn(move || {
        if bell.read_exact(&mut [0]).is_ok() {
            interrupter.interrupt();
        }
    })?;
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
