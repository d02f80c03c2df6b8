//! Who writes: a thread, so that whoever reads slowly delays no look. On a terminal it keeps a line
//! below all else that says how things stand.

use std::io::{self, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread;

use fourstep::driver::Interrupter;

use crate::signals::Signals;
use crate::writer::outcome;

/// Pieces that may wait to be written before the line that says how things stand is left out.
const BACKLOG: usize = 16;

/// Something to write.
enum Piece {
    /// To standard output.
    Out(Vec<u8>),
    /// To standard error.
    Err(Vec<u8>),
    /// How things stand: in place of what stood there before.
    Live(String),
}

/// Where pieces go, in the order in which they are written.
pub(super) struct Outlet {
    pieces: Sender<Piece>,
    ended: Receiver<io::Result<()>>,
    waiting: Arc<AtomicUsize>,
}

/// What the thread has in hand.
struct Pen {
    /// What stands on the terminal's last line.
    live: String,
    out: io::Result<()>,
    /// Whom to interrupt when nobody reads standard output any more.
    interrupter: Option<Interrupter>,
}

impl Outlet {
    /// An outlet that, when nobody reads standard output any more, interrupts the run, if it is
    /// given one; else it goes on without.
    pub(super) fn open(interrupter: Option<Interrupter>) -> io::Result<Outlet> {
        let (pieces, inbox) = mpsc::channel();
        let (end, ended) = mpsc::channel();
        let waiting = Arc::new(AtomicUsize::new(0));
        let left = Arc::clone(&waiting);
        let mut pen = Pen { live: String::new(), out: Ok(()), interrupter };
        thread::Builder::new().name("outlet".into()).spawn(move || {
            for piece in inbox {
                pen.write(piece);
                left.fetch_sub(1, Ordering::Relaxed);
            }
            pen.draw(String::new());
            // Whoever waited may have lost patience.
            let _ = end.send(pen.out);
        })?;
        Ok(Outlet { pieces, ended, waiting })
    }

    /// To standard output.
    pub(super) fn out(&self, octets: Vec<u8>) {
        self.send(Piece::Out(octets));
    }

    /// To standard error.
    pub(super) fn err(&self, text: String) {
        self.send(Piece::Err(text.into_bytes()));
    }

    /// Says how things stand, on the terminal's last line.
    pub(super) fn live(&self, text: String) {
        if self.waiting.load(Ordering::Relaxed) < BACKLOG {
            self.send(Piece::Live(text));
        }
    }

    fn send(&self, piece: Piece) {
        self.waiting.fetch_add(1, Ordering::Relaxed);
        // A thread that has gone says so at the end.
        let _ = self.pieces.send(piece);
    }

    /// Whether all was written to standard output, when it is; `None` when a signal came and
    /// whoever reads is stuck.
    pub(super) fn end(self, signals: &Signals) -> Option<io::Result<()>> {
        // The thread ends behind its last piece.
        drop(self.pieces);
        outcome(&self.ended, Err(io::ErrorKind::Other.into()), signals)
    }
}

impl Pen {
    fn write(&mut self, piece: Piece) {
        match piece {
            Piece::Live(text) => self.draw(text),
            Piece::Err(octets) => self.beside(|_| {
                // That standard error cannot be written changes nothing.
                let _ = io::stderr().write_all(&octets);
            }),
            Piece::Out(_) if self.out.is_err() => {}
            Piece::Out(octets) => self.beside(|pen| {
                let mut stdout = io::stdout().lock();
                pen.out = stdout.write_all(&octets).and_then(|()| stdout.flush());
                if let (Err(_), Some(interrupter)) = (&pen.out, &pen.interrupter) {
                    interrupter.interrupt();
                }
            }),
        }
    }

    /// Does this with the live line out of the way.
    fn beside(&mut self, write: impl FnOnce(&mut Pen)) {
        let live = std::mem::take(&mut self.live);
        if live.is_empty() {
            return write(self);
        }
        erase();
        write(self);
        self.draw(live);
    }

    fn draw(&mut self, text: String) {
        if !(self.live.is_empty() && text.is_empty()) {
            erase();
        }
        let _ = io::stderr().write_all(text.as_bytes());
        self.live = text;
    }
}

/// To the begin of the terminal's line, and clear it (ECMA-48: CR, EL 2).
fn erase() {
    let _ = io::stderr().write_all(b"\r\x1B[2K");
}
