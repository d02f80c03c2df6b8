//! Octets on their way out: blocks that a thread writes, so that whoever reads slowly, or a disk
//! that does, never keeps the loop from reading.

use std::fs::File;
use std::io::{self, Write};
use std::mem;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::thread;
use std::time::{Duration, Instant};

use fourstep::driver::Interrupter;

use crate::signals::Signals;

/// A block is handed on when it has so many octets.
const BLOCK: usize = 64 * 1024;

/// Blocks on their way when there is no room for more. What is under way then still comes, and
/// goes its way behind them.
const AHEAD: usize = 4;

/// How long a writer that is stuck may keep an interrupted run from its end.
const PATIENCE: Duration = Duration::from_millis(700);

/// How often a wait for the writer looks for a signal.
const LOOK: Duration = Duration::from_millis(50);

/// The block that is being filled, and the way to the thread.
pub(crate) struct Blocks {
    block: Block,
    to: Sender<Block>,
    /// Blocks on their way.
    ahead: Arc<AtomicUsize>,
    /// Blocks to be filled again.
    back: Receiver<Vec<u8>>,
    ended: Receiver<Written>,
}

#[derive(Default)]
struct Block {
    octets: Vec<u8>,
    targets: u64,
}

/// What became of all blocks.
#[derive(Debug, Default)]
pub(crate) struct Written {
    /// Why not all was written.
    pub(crate) error: Option<io::Error>,
    /// Targets whose records were not, or perhaps not wholly, written.
    pub(crate) lost: u64,
}

impl Blocks {
    /// A thread that writes to `out`, and interrupts the run when it cannot any more.
    pub(crate) fn new(out: File, interrupter: Interrupter) -> io::Result<Blocks> {
        let (to, inbox) = mpsc::channel();
        let (recycle, back) = mpsc::channel();
        let (end, ended) = mpsc::channel();
        let ahead = Arc::new(AtomicUsize::new(0));
        let pen = Pen { out, interrupter, ahead: Arc::clone(&ahead), recycle };
        thread::Builder::new().name("writer".into()).spawn(move || {
            // Whoever waited may have lost patience.
            let _ = end.send(pen.write(inbox));
        })?;
        Ok(Blocks { block: Block::default(), to, ahead, back, ended })
    }

    /// Where the next octets go.
    pub(crate) fn octets(&mut self) -> &mut Vec<u8> {
        &mut self.block.octets
    }

    /// The records of a target are whole. A block that is full goes on its way.
    pub(crate) fn end_target(&mut self) {
        self.block.targets += 1;
        if self.block.octets.len() >= BLOCK {
            self.push();
        }
    }

    /// Sends the block on its way, full or not.
    pub(crate) fn push(&mut self) {
        if self.block.octets.is_empty() {
            return;
        }
        let next = Block { octets: self.back.try_recv().unwrap_or_default(), targets: 0 };
        self.ahead.fetch_add(1, Ordering::AcqRel);
        // The thread takes every block: it goes only when this end has gone.
        let _ = self.to.send(mem::replace(&mut self.block, next));
    }

    /// Whether another block may be begun. The loop is woken when that is so again.
    pub(crate) fn has_room(&self) -> bool {
        self.ahead.load(Ordering::Acquire) < AHEAD
    }

    /// Nothing comes any more. What became of it all; `None` when a signal came and the writer is
    /// stuck.
    pub(crate) fn end(mut self, signals: &Signals) -> Option<Written> {
        self.push();
        drop(self.to);
        let mut until = None;
        loop {
            match self.ended.recv_timeout(LOOK) {
                Ok(written) => return Some(written),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => {
                    return Some(Written {
                        error: Some(io::Error::other("the writer is gone")),
                        lost: 0,
                    });
                }
            }
            if signals.came().is_some() {
                let now = Instant::now();
                if now >= *until.get_or_insert(now + PATIENCE) {
                    return None;
                }
            }
        }
    }
}

/// The thread's end.
struct Pen {
    out: File,
    interrupter: Interrupter,
    ahead: Arc<AtomicUsize>,
    recycle: Sender<Vec<u8>>,
}

impl Pen {
    fn write(mut self, inbox: Receiver<Block>) -> Written {
        let mut written = Written::default();
        for Block { mut octets, targets } in inbox {
            if written.error.is_none()
                && let Err(error) = self.out.write_all(&octets)
            {
                written.error = Some(error);
                self.interrupter.interrupt();
            }
            if written.error.is_some() {
                written.lost += targets;
            }
            octets.clear();
            // At the end nobody fills it again.
            let _ = self.recycle.send(octets);
            if self.ahead.fetch_sub(1, Ordering::AcqRel) == AHEAD {
                self.interrupter.wake();
            }
        }
        // A disk may say as late as this that it is full. What is no file cannot say more.
        if written.error.is_none() && self.out.metadata().is_ok_and(|metadata| metadata.is_file()) {
            written.error = self.out.sync_data().err();
        }
        written
    }
}
