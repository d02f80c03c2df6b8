//! Who writes the reports: a thread of its own where there may be many, so that whoever reads
//! slowly never keeps the loop from reading.

use std::io;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::thread;
use std::time::{Duration, Instant};

use fourstep::driver::{Finished, Interrupter};
use fourstep::output::exit::LOCAL;

use crate::exit::written;
use crate::print::Printer;
use crate::refusal::Refusal;
use crate::signals::Signals;

/// How long a writer that is stuck may keep an interrupted run from its end.
const PATIENCE: Duration = Duration::from_millis(700);

/// How often a wait for the writer looks for a signal.
const LOOK: Duration = Duration::from_millis(50);

/// What there is to say of a target.
pub(crate) enum Word {
    /// One hop, and the lines of its exchange.
    Report(Finished, String),
    Refusal(Refusal),
    /// Its probe was not begun.
    Nothing,
}

/// Where words go, in the order in which they are written.
pub(crate) enum Writer {
    /// To the printer at once: one report keeps no other waiting.
    Here(Pen),
    /// To a thread. The channel has no bound: it holds a report at most for each hop of what
    /// stood on the command line, and a bound would stop the loop while probes are under way.
    Thread { words: Sender<(usize, Word)>, ended: Receiver<u8> },
}

/// The printer, and whether there is still somebody who reads.
pub(crate) struct Pen {
    printer: Printer,
    interrupter: Interrupter,
    written: io::Result<()>,
}

impl Writer {
    /// A writer that, when nobody reads any more, interrupts the run.
    pub(crate) fn new(
        printer: Printer,
        interrupter: Interrupter,
        apart: bool,
    ) -> io::Result<Writer> {
        let mut pen = Pen { printer, interrupter, written: Ok(()) };
        if !apart {
            return Ok(Writer::Here(pen));
        }
        let (words, inbox) = mpsc::channel();
        let (end, ended) = mpsc::channel();
        thread::Builder::new().name("writer".into()).spawn(move || {
            for (place, word) in inbox {
                pen.write(place, &word);
            }
            // Whoever waited may have lost patience.
            let _ = end.send(pen.exit());
        })?;
        Ok(Writer::Thread { words, ended })
    }

    /// Writes it, or has it written.
    pub(crate) fn write(&mut self, place: usize, word: Word) {
        match self {
            Writer::Here(pen) => pen.write(place, &word),
            // A thread that has gone says so at the end.
            Writer::Thread { words, .. } => drop(words.send((place, word))),
        }
    }

    /// The exit code of all that was written, when it is written; `None` when a signal came and
    /// the writer is stuck.
    pub(crate) fn end(self, signals: &Signals) -> Option<u8> {
        let ended = match self {
            Writer::Here(pen) => return Some(pen.exit()),
            Writer::Thread { words, ended } => {
                // The thread ends behind its last word.
                drop(words);
                ended
            }
        };
        outcome(&ended, LOCAL, signals)
    }
}

/// What a thread that writes says at its end, `lost` when it says nothing; `None` when a signal
/// came and it is stuck.
pub(crate) fn outcome<T>(ended: &Receiver<T>, lost: T, signals: &Signals) -> Option<T> {
    let mut until = None;
    loop {
        match ended.recv_timeout(LOOK) {
            Ok(outcome) => return Some(outcome),
            Err(RecvTimeoutError::Disconnected) => return Some(lost),
            Err(RecvTimeoutError::Timeout) => {}
        }
        if signals.came().is_some() {
            let now = Instant::now();
            if now >= *until.get_or_insert(now + PATIENCE) {
                return None;
            }
        }
    }
}

impl Pen {
    /// Writes it; when nobody reads any more, there is no use in going on.
    fn write(&mut self, place: usize, word: &Word) {
        if self.written.is_err() {
            return;
        }
        self.written = match word {
            Word::Report(done, lines) => self.printer.report(place, done, lines),
            Word::Refusal(refusal) => self.printer.refusal(place, refusal),
            Word::Nothing => Ok(()),
        };
        if self.written.is_err() {
            self.interrupter.interrupt();
        }
    }

    fn exit(self) -> u8 {
        self.printer.exit().max(written(self.written))
    }
}

/// Does this beside, and waits only so long for it: standard error may be stuck too.
pub(crate) fn briefly(work: impl FnOnce() + Send + 'static) {
    let (end, ended) = mpsc::channel();
    let begun = thread::Builder::new().spawn(move || {
        work();
        let _ = end.send(());
    });
    if begun.is_ok() {
        let _ = ended.recv_timeout(LOOK);
    }
}
