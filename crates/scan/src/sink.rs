//! Where what came back goes.

use std::io;

use fourstep_driver::Finished;
use fourstep_probe::Report;
use fourstep_terms::Time;

use crate::entry::{Malformed, Place};
use crate::standing::Standing;
use crate::tally::Tally;

/// Where what came back goes: a writer, as the scan sees it. None of these calls may block.
pub trait Sink {
    /// One hop of an entry's last try; `done.number` is its `seq`, `tries` counts the probes begun
    /// for it, from 1. It is the entry's last report when `done.report.next` is `None`; hops of
    /// one entry come together, in order.
    fn report(&mut self, now: Time, place: Place, tries: u32, done: Finished, lines: &str);

    /// An entry that cannot be read, and so is not probed.
    fn malformed(&mut self, now: Time, place: Place, malformed: Malformed);

    /// The input with this number (from 0) cannot be read on, and nothing is taken from any
    /// more; what was taken is still probed.
    fn broken(&mut self, now: Time, feed: u32, error: io::Error);

    /// The list is not the one that [`crate::Scope::seen`] is of: at `seq` it has `is` (nothing, when
    /// it ends before), and not `was`. Nothing is taken from it any more; what was taken is still
    /// probed, unless whoever hears this interrupts the loop.
    fn other(&mut self, now: Time, seq: u64, was: &str, is: &str) {
        let _ = (now, seq, was, is);
    }

    /// Whether there is room for more. When not, no probe is begun; what is under way goes on,
    /// and its reports still come: keep room for them. Wake the loop when there is room again.
    fn has_room(&self) -> bool;

    /// A report that is no longer needed, if there is one: its memory serves the probes to come.
    /// Asked after each that was handed over.
    fn spare(&mut self) -> Option<Box<Report>> {
        None
    }

    /// Called when the moment that the last call gave has come, and once at the begin: flush what
    /// has waited long enough, show how it goes. Says when it wants to be called next.
    fn due(&mut self, now: Time, standing: Standing, tally: &Tally) -> Time {
        let _ = (now, standing, tally);
        Time::NEVER
    }
}
