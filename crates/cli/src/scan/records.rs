//! Where what came back goes: records, built in the loop's thread.

use std::fmt;
use std::io;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use fourstep::driver::{Finished, Interrupter};
use fourstep::output::{Accept, Lines, Record};
use fourstep::scan::{Malformed, Place, Sink, Standing, Tally};
use fourstep::terms::Time;
use fourstep::{Code, Report};

use super::blocks::Blocks;
use super::progress::Progress;

/// How long a record may wait in a block that does not fill.
const WAIT: Duration = Duration::from_millis(100);

/// Records on their way to whoever writes them.
pub(crate) struct Records {
    lines: Lines,
    accept: Accept,
    pub(crate) blocks: Blocks,
    /// The last report that was written.
    spare: Option<Box<Report>>,
    progress: Arc<Progress>,
    interrupter: Interrupter,
    /// Whether probes that a signal cut short get a record that says so. Where a later run goes
    /// on, they get theirs from that.
    keeps_interrupted: bool,
    /// Where the records of the target that is being written begin.
    begin: usize,
    /// Probes that a signal cut short.
    pub(crate) interrupted: u64,
    /// The moment of the last flush.
    pub(crate) now: Time,
    /// An input that could not be read on.
    pub(crate) broken: Option<(u32, io::Error)>,
    /// What showed that the list is not the one that the output's records are of.
    pub(crate) other: Option<Other>,
}

/// A place, what its record shows, and what the list has there.
pub(crate) struct Other {
    pub(crate) seq: u64,
    pub(crate) was: String,
    pub(crate) is: String,
}

impl fmt::Display for Other {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Other { seq, was, is } = self;
        match is.is_empty() {
            true => write!(f, "its record {seq} is of {was}, and the list ends before"),
            false => write!(f, "its record {seq} is of {was}, and the list has {is} there"),
        }
    }
}

impl Records {
    pub(crate) fn new(
        lines: Lines,
        accept: Accept,
        blocks: Blocks,
        progress: Arc<Progress>,
        interrupter: Interrupter,
        keeps_interrupted: bool,
    ) -> Records {
        Records {
            lines,
            accept,
            blocks,
            spare: None,
            progress,
            interrupter,
            keeps_interrupted,
            begin: 0,
            interrupted: 0,
            now: Time::START,
            broken: None,
            other: None,
        }
    }

    /// Writes what stands above the first record.
    pub(crate) fn head(&mut self) {
        let mut head = Vec::new();
        self.lines.head(&mut head);
        self.blocks.sheet().extend(&head);
    }
}

impl Sink for Records {
    fn report(&mut self, _: Time, place: Place, _: u32, done: Finished, _: &str) {
        let Finished { number: _, at, report } = &done;
        let out = self.blocks.sheet();
        if report.hop == 0 {
            self.begin = out.len();
        }
        let record = Record::judged(report, *at, Some(place.seq), &self.accept);
        self.lines.write_on(&record.on_line(place.line), out);
        if report.next.is_some() {
            return;
        }
        let code = report.failure.as_ref().map(|failure| failure.code());
        if code == Some(Code::LocalInterrupted) {
            self.interrupted += 1;
            if !self.keeps_interrupted {
                out.truncate(self.begin);
                return;
            }
        }
        self.progress.end_target(code.is_some());
        self.blocks.end_target();
        self.spare = Some(done.report);
    }

    fn spare(&mut self) -> Option<Box<Report>> {
        self.spare.take()
    }

    fn malformed(&mut self, _: Time, place: Place, malformed: Malformed) {
        let Malformed { shown, why } = malformed;
        let record = Record::malformed(&*shown, why, SystemTime::now(), Some(place.seq));
        self.lines.write_on(&record.on_line(place.line), self.blocks.sheet());
        self.progress.end_target(true);
        self.blocks.end_target();
    }

    fn broken(&mut self, _: Time, feed: u32, error: io::Error) {
        self.broken = Some((feed, error));
    }

    fn other(&mut self, _: Time, seq: u64, was: &str, is: &str) {
        self.other = Some(Other { seq, was: was.into(), is: is.into() });
        self.interrupter.interrupt();
    }

    fn has_room(&self) -> bool {
        self.blocks.has_room()
    }

    fn due(&mut self, now: Time, standing: Standing, _: &Tally) -> Time {
        self.now = now;
        self.progress.stands(standing);
        self.blocks.push();
        now + WAIT
    }
}
