//! Octets on their way out: blocks that a thread writes, so that whoever reads slowly, or a disk
//! that does, never keeps the loop from reading.

use std::fs::File;
use std::io::{self, Write};
use std::mem;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender, TryRecvError};
use std::thread::{self, Thread};
use std::time::{Duration, Instant};

use fourstep::driver::Interrupter;
use fourstep::output::Sheet;

use crate::signals::Signals;

/// A block is handed on when it has so many octets.
const BLOCK: usize = 64 * 1024;

/// What the record that fills a block may have beyond that.
const BEYOND: usize = 4 * 1024;

/// Full blocks that wait before the thread is woken: some hundred records go their way at once.
const WAITING: usize = 4;

/// Blocks on their way when there is no room for more. What is under way then still comes, and
/// goes its way behind them.
const AHEAD: usize = 6;

/// How long a writer that is stuck may keep an interrupted run from its end.
const PATIENCE: Duration = Duration::from_millis(700);

/// How often a wait for the writer looks for a signal.
const LOOK: Duration = Duration::from_millis(50);

/// The block that is being filled, and the way to the thread.
pub(crate) struct Blocks {
    block: Block,
    inbox: Inbox,
    /// Blocks on their way.
    ahead: Arc<AtomicUsize>,
    /// Blocks to be filled again.
    back: Receiver<Sheet>,
    ended: Receiver<Written>,
}

/// Where the thread finds blocks. It sleeps while there are none; a channel's own sleep would hold
/// a lock that both ends meet at.
struct Inbox {
    to: Option<Sender<Block>>,
    thread: Thread,
}

impl Inbox {
    fn put(&self, block: Block) {
        // The thread takes every block: it goes only when this end has gone.
        let _ = self.to.as_ref().map(|to| to.send(block));
    }
}

/// There are no more.
impl Drop for Inbox {
    fn drop(&mut self) {
        self.to = None;
        self.thread.unpark();
    }
}

struct Block {
    sheet: Sheet,
    targets: u64,
}

impl Block {
    /// With room at once for all that it will have: to grow would touch twice as much.
    fn new(back: Option<Sheet>) -> Block {
        let sheet = back.unwrap_or_else(|| Sheet::with_room(BLOCK + BEYOND));
        Block { sheet, targets: 0 }
    }
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
        let thread = thread::Builder::new().name("writer".into()).spawn(move || {
            // Whoever waited may have lost patience.
            let _ = end.send(pen.write(&inbox));
        })?;
        let inbox = Inbox { to: Some(to), thread: thread.thread().clone() };
        Ok(Blocks { block: Block::new(None), inbox, ahead, back, ended })
    }

    /// Where the next lines go.
    pub(crate) fn sheet(&mut self) -> &mut Sheet {
        &mut self.block.sheet
    }

    /// The records of a target are whole. A block that is full goes on its way.
    pub(crate) fn end_target(&mut self) {
        self.block.targets += 1;
        if self.block.sheet.len() >= BLOCK && self.put() >= WAITING {
            self.inbox.thread.unpark();
        }
    }

    /// Has everything written that is there.
    pub(crate) fn push(&mut self) {
        if !self.block.sheet.is_empty() {
            self.put();
        }
        if self.ahead.load(Ordering::Acquire) > 0 {
            self.inbox.thread.unpark();
        }
    }

    /// Sends the block on its way: how many are there now.
    fn put(&mut self) -> usize {
        let next = Block::new(self.back.try_recv().ok());
        let before = self.ahead.fetch_add(1, Ordering::AcqRel);
        self.inbox.put(mem::replace(&mut self.block, next));
        before + 1
    }

    /// Whether another block may be begun. The loop is woken when that is so again.
    pub(crate) fn has_room(&self) -> bool {
        self.ahead.load(Ordering::Acquire) < AHEAD
    }

    /// Nothing comes any more. What became of it all; `None` when a signal came and the writer is
    /// stuck.
    pub(crate) fn end(mut self, signals: &Signals) -> Option<Written> {
        self.push();
        drop(self.inbox);
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
    recycle: Sender<Sheet>,
}

impl Pen {
    fn write(mut self, inbox: &Receiver<Block>) -> Written {
        let mut written = Written::default();
        while let Some(Block { mut sheet, targets }) = next(inbox) {
            if written.error.is_none()
                && let Err(error) = self.out.write_all(sheet.octets())
            {
                written.error = Some(error);
                self.interrupter.interrupt();
            }
            if written.error.is_some() {
                written.lost += targets;
            }
            sheet.truncate(0);
            // At the end nobody fills it again.
            let _ = self.recycle.send(sheet);
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

/// The next block, when there is one; `None` when there will be none.
fn next(inbox: &Receiver<Block>) -> Option<Block> {
    loop {
        match inbox.try_recv() {
            Ok(block) => return Some(block),
            Err(TryRecvError::Disconnected) => return None,
            // Whoever puts one in, or goes, wakes this thread, even if it comes before the sleep.
            Err(TryRecvError::Empty) => thread::park(),
        }
    }
}
