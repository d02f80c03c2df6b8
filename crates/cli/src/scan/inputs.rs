//! The list: files, standard input and arguments, read by a thread, so that a slow pipe never
//! keeps the loop waiting.

use std::ffi::OsString;
use std::fs::{File, Metadata};
use std::io::{self, IsTerminal, Read};
use std::os::fd::AsFd;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{self, Receiver, SyncSender, TryRecvError};
use std::thread;

use anyhow::{Context, bail};
use fourstep::driver::Interrupter;
use fourstep::scan::{Entry, Feed, Given, Pull, Scope, Sources, Taken};
use fourstep::target::redact;

use crate::args::scan::ListArgs;

/// Octets that one read may bring: a thousand lines or so.
const BLOCK: usize = 32 * 1024;

/// Blocks that are read before somebody takes one.
const AHEAD: usize = 2;

/// All inputs, open.
pub(crate) struct Inputs {
    given: Vec<OsString>,
    files: Vec<Input>,
}

/// Inputs that are being read.
pub(crate) struct Reading {
    /// In their order.
    pub(crate) feeds: Vec<Box<dyn Feed>>,
    /// Octets that were taken from them so far.
    pub(crate) taken: Arc<AtomicU64>,
}

struct Input {
    name: String,
    file: File,
    metadata: Metadata,
}

impl Inputs {
    /// Opens what the arguments name. `stdin_is_taken`: it is read for something else.
    pub(crate) fn open(args: &ListArgs, stdin_is_taken: bool) -> anyhow::Result<Inputs> {
        let mut files =
            args.files.iter().map(|path| open(path)).collect::<anyhow::Result<Vec<_>>>()?;
        if args.files.is_empty() && args.target.is_empty() {
            if io::stdin().is_terminal() {
                bail!("what to probe? Name a file, --target TARGET, or `-` for standard input");
            }
            files.push(open(Path::new("-"))?);
        }
        if stdin_is_taken && files.iter().any(|input| input.name == STDIN) {
            bail!("standard input cannot be both the list and the body");
        }
        Ok(Inputs { given: args.target.clone(), files })
    }

    /// What each feed is called, in order.
    pub(crate) fn names(&self) -> Vec<String> {
        let given = (!self.given.is_empty()).then(|| "--target".to_owned());
        given.into_iter().chain(self.files.iter().map(|input| input.name.clone())).collect()
    }

    /// Whether one of them is this file.
    pub(crate) fn contain(&self, other: &Metadata) -> bool {
        use std::os::unix::fs::MetadataExt;
        let is = |own: &Metadata| (own.dev(), own.ino()) == (other.dev(), other.ino());
        self.files.iter().any(|input| input.metadata.is_file() && is(&input.metadata))
    }

    /// Octets of all together; `None` when there is a pipe among them.
    pub(crate) fn octets(&self) -> Option<u64> {
        let length = |input: &Input| input.metadata.is_file().then_some(input.metadata.len());
        self.files.iter().map(length).sum()
    }

    /// How many descriptors they hold.
    pub(crate) fn count(&self) -> usize {
        self.files.len()
    }

    /// Begins to read.
    pub(crate) fn start(self, interrupter: &Interrupter) -> io::Result<Reading> {
        let taken = Arc::new(AtomicU64::new(0));
        let hungry = Arc::new(AtomicBool::new(false));
        let mut feeds: Vec<Box<dyn Feed>> = Vec::new();
        if !self.given.is_empty() {
            feeds.push(Box::new(Given::lines(self.given.iter().map(|typed| typed.as_bytes()))));
        }
        let mut pipes = Vec::new();
        for input in self.files {
            let (to, blocks) = mpsc::sync_channel(AHEAD);
            let (hungry, taken) = (Arc::clone(&hungry), Arc::clone(&taken));
            feeds.push(Box::new(Piped { blocks, hungry, taken }));
            pipes.push((input.file, to));
        }
        let interrupter = interrupter.clone();
        thread::Builder::new().name("reader".into()).spawn(move || {
            for (file, to) in pipes {
                // Whoever took the blocks is gone: so is the need for more.
                if read(file, &to, || wake(&hungry, &interrupter)).is_none() {
                    return;
                }
                drop(to);
                wake(&hungry, &interrupter);
            }
        })?;
        Ok(Reading { feeds, taken })
    }
}

/// What is read as standard input is called so.
const STDIN: &str = "standard input";

fn open(path: &Path) -> anyhow::Result<Input> {
    // It may be a URL with a password.
    let shown = redact(path.as_os_str().as_bytes());
    let (name, file) = match path.as_os_str().as_bytes() {
        b"-" => (STDIN.to_owned(), io::stdin().as_fd().try_clone_to_owned().map(File::from)),
        _ => (shown.clone(), File::open(path)),
    };
    let file = match file {
        Err(error) if error.kind() == io::ErrorKind::NotFound && is_target(path) => {
            bail!("there is no file `{shown}`; if it is what to probe: --target {shown}")
        }
        other => other.context(shown)?,
    };
    let metadata = file.metadata().with_context(|| name.clone())?;
    if metadata.is_dir() {
        bail!("{name}: a directory; name the files in it");
    }
    Ok(Input { name, file, metadata })
}

/// Whether whoever typed a file's name may have meant a target, and it shows no password.
fn is_target(path: &Path) -> bool {
    let typed = path.as_os_str().as_bytes();
    let looks_so =
        typed.iter().any(|octet| matches!(octet, b'.' | b':')) && !typed.starts_with(b".");
    let line: Box<dyn Feed> = Box::new(Given::lines([typed]));
    let mut list = Sources::new(vec![line], Scope::default());
    let Taken::Entry(Entry { target: Ok(target), .. }) = list.next() else { return false };
    looks_so && target.userinfo().is_none()
}

/// Hands on what a file has; `None` when nobody takes it.
fn read(mut file: File, to: &SyncSender<io::Result<Vec<u8>>>, wake: impl Fn()) -> Option<()> {
    loop {
        let mut block = vec![0; BLOCK];
        let read = match file.read(&mut block) {
            Ok(0) => return Some(()),
            Ok(count) => {
                block.truncate(count);
                // What comes drop by drop must not hold a block for each.
                block.shrink_to_fit();
                Ok(block)
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => Err(error),
        };
        let is_over = read.is_err();
        to.send(read).ok()?;
        wake();
        if is_over {
            return Some(());
        }
    }
}

/// Wakes the loop, if it waits for this.
fn wake(hungry: &AtomicBool, interrupter: &Interrupter) {
    if hungry.swap(false, Ordering::AcqRel) {
        interrupter.wake();
    }
}

/// What the thread reads, as the scan takes it.
struct Piped {
    blocks: Receiver<io::Result<Vec<u8>>>,
    hungry: Arc<AtomicBool>,
    taken: Arc<AtomicU64>,
}

impl Feed for Piped {
    fn pull(&mut self) -> Pull {
        // A block may come between the look and the word that one is waited for: look again.
        for _ in 0..2 {
            match self.blocks.try_recv() {
                Ok(Ok(octets)) => {
                    let count = u64::try_from(octets.len()).unwrap_or(u64::MAX);
                    self.taken.fetch_add(count, Ordering::Relaxed);
                    return Pull::Octets(octets);
                }
                Ok(Err(error)) => return Pull::Failed(error),
                Err(TryRecvError::Disconnected) => return Pull::End,
                Err(TryRecvError::Empty) => self.hungry.store(true, Ordering::Release),
            }
        }
        Pull::Later
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_of_no_file_may_be_a_target() {
        let rows = [
            ("a.test", true),
            ("a.test:8080/x", true),
            ("http://a.test/", true),
            ("192.0.2.0/24", true),
            ("2001:db8::/48", true),
            ("[::1]:80", true),
            ("hosts.txt", true), // a name like any other
            ("./hosts.txt", false),
            ("hosts", false),
            ("/tmp/hosts", false),
            ("http://me:secret@a.test/", false),
        ];
        for (typed, want) in rows {
            assert_eq!(is_target(Path::new(typed)), want, "{typed}");
        }
    }
}
