//! The file that records go to, and what it has already.

use std::collections::BTreeMap;
use std::fs::{File, Metadata, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom};
use std::os::fd::AsFd;
use std::path::Path;

use anyhow::{Context, anyhow, bail};
use fourstep::Error;
use fourstep::output::{Journal, JournalEnd, Kept, Lines};
use fourstep::scan::Done;
use rustix::fs::{FlockOperation, flock};
use rustix::io::Errno;

use crate::args::scan::RecordsArgs;

/// Octets that one read brings.
const BLOCK: usize = 256 * 1024;

/// The first targets of a list are all compared when it is gone on with, and of the others so many
/// at most.
const FIRST: u64 = 16;
const SAMPLES: usize = 1024;

/// Where records go.
pub(crate) struct Book {
    pub(crate) file: File,
    /// What it is called.
    pub(crate) name: String,
    /// Which targets have their records there.
    pub(crate) done: Done,
    /// What some of them are.
    pub(crate) samples: BTreeMap<u64, Box<str>>,
    /// Octets of a line, or of a chain of redirects, that was cut and is dropped.
    pub(crate) cut_octets: u64,
    /// Whether nothing stands there yet.
    pub(crate) is_empty: bool,
    /// Whether it is a file that a later run can go on with.
    pub(crate) stays: bool,
}

impl Book {
    /// Opens it. `is_input` tells whether a file is one that is read from.
    pub(crate) fn open(
        args: &RecordsArgs,
        lines: &Lines,
        follows: bool,
        is_input: impl Fn(&Metadata) -> bool,
    ) -> anyhow::Result<Book> {
        let Some(path) = &args.output else {
            let file = io::stdout().as_fd().try_clone_to_owned().map(File::from);
            return Ok(Book::new(file.context("standard output")?, "standard output".into()));
        };
        let name = path.to_string_lossy().escape_debug().to_string();
        let file = open(path, args).with_context(|| name.clone())?;
        let metadata = file.metadata().with_context(|| name.clone())?;
        if is_input(&metadata) {
            bail!("{name}: read and written by the same run");
        }
        let mut book = Book::new(file, name);
        book.stays = metadata.is_file();
        if book.stays {
            book.lock()?;
        }
        if args.resume {
            if !book.stays {
                bail!("{}: no file, so there is nothing to go on with", book.name);
            }
            book.read(lines, follows).with_context(|| format!("--resume {}", book.name))?;
        } else if book.stays {
            // Only now: what is read must not be lost.
            book.file.set_len(0).with_context(|| book.name.clone())?;
        }
        Ok(book)
    }

    fn new(file: File, name: String) -> Book {
        Book {
            file,
            name,
            done: Done::default(),
            samples: BTreeMap::new(),
            cut_octets: 0,
            is_empty: true,
            stays: false,
        }
    }

    /// Keeps other runs from the file, until this one has ended, however it ends: a lock of what is
    /// open, not of a process.
    ///
    /// What cannot lock, as some file systems of other machines, is written without.
    fn lock(&self) -> Result<(), Error> {
        match flock(&self.file, FlockOperation::NonBlockingLockExclusive) {
            Err(Errno::WOULDBLOCK) => {
                let name = &self.name;
                let why = format!("{name}: another run writes to it, and two would spoil it");
                Err(Error::System(io::Error::new(io::ErrorKind::ResourceBusy, why)))
            }
            _ => Ok(()),
        }
    }

    /// Takes what is there, and drops what was cut.
    fn read(&mut self, lines: &Lines, follows: bool) -> anyhow::Result<()> {
        let mut journal = Journal::new(lines, follows)?;
        let mut seen = Seen::default();
        let mut block = vec![0; BLOCK];
        loop {
            let count = match self.file.read(&mut block) {
                Ok(0) => break,
                Ok(count) => count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(error.into()),
            };
            journal.feed(block.get(..count).unwrap_or_default(), |kept| seen.take(kept))?;
        }
        let JournalEnd { kept_octets, cut_octets } = journal.end(|kept| seen.take(kept));
        if let Some(seq) = seen.twice {
            bail!("seq {seq} stands there twice: not by one scan, and so not to go on with");
        }
        self.file.set_len(kept_octets)?;
        self.file.seek(SeekFrom::Start(kept_octets))?;
        (self.done, self.samples) = seen.samples();
        self.cut_octets = cut_octets;
        self.is_empty = kept_octets == 0;
        Ok(())
    }
}

fn open(path: &Path, args: &RecordsArgs) -> anyhow::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true);
    if args.resume || args.overwrite {
        return Ok(options.read(args.resume).create(true).open(path)?);
    }
    match options.clone().create_new(true).open(path) {
        // A pipe or a device has nothing that could be lost.
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => match path.metadata() {
            Ok(metadata) if !metadata.is_file() => Ok(options.open(path)?),
            _ => Err(anyhow!(
                "is there already; --resume goes on behind its records, --overwrite replaces them"
            )),
        },
        opened => Ok(opened?),
    }
}

/// What the records say: which targets are done, and what some of them are, so that a list that
/// is another one is noticed: the first, the last, and in between every so many.
#[derive(Default)]
struct Seen {
    done: Done,
    samples: BTreeMap<u64, Box<str>>,
    last: Option<(u64, Box<str>)>,
    /// Places are sampled whose number ends in so many binary zeros.
    zeros: u32,
    twice: Option<u64>,
}

impl Seen {
    fn take(&mut self, kept: Kept<'_>) {
        let seq = kept.seq;
        if !self.done.insert(seq) {
            self.twice.get_or_insert(seq);
        }
        let is_last = self.last.as_ref().is_none_or(|(last, _)| seq > *last);
        let is_sample = self.is_sample(seq);
        let Some(target) = kept.target().filter(|_| is_last || is_sample) else { return };
        let target = target.into_boxed_str();
        if is_sample {
            self.samples.insert(seq, target.clone());
        }
        if is_last {
            self.last = Some((seq, target));
        }
        while self.samples.len() > SAMPLES {
            self.zeros += 1;
            let mut samples = std::mem::take(&mut self.samples);
            samples.retain(|seq, _| self.is_sample(*seq));
            self.samples = samples;
        }
    }

    fn is_sample(&self, seq: u64) -> bool {
        seq <= FIRST || seq.trailing_zeros() >= self.zeros
    }

    /// All samples, the last target among them.
    fn samples(mut self) -> (Done, BTreeMap<u64, Box<str>>) {
        self.samples.extend(self.last);
        (self.done, self.samples)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples_are_few_and_reach_from_the_first_to_the_last() {
        let lines = Lines::json(Some("target,seq".parse().unwrap()));
        for count in [0, 1, 17, 1024, 1025, 50_001] {
            let mut journal = Journal::new(&lines, false).unwrap();
            let mut seen = Seen::default();
            let text: String = (1..=count)
                .rev()
                .map(|n| format!("{{\"target\":\"t{n}\",\"seq\":{n}}}\n"))
                .collect();
            journal.feed(text.as_bytes(), |kept| seen.take(kept)).unwrap();
            journal.end(|kept| seen.take(kept));
            let (done, samples) = seen.samples();
            assert_eq!(done.ranges().collect::<Vec<_>>().len(), usize::from(count > 0));
            assert!(samples.len() <= SAMPLES + 1, "{count}");
            assert!(samples.iter().all(|(seq, target)| **target == format!("t{seq}")), "{count}");
            let wanted = (1..=count.min(FIRST)).chain((count > 0).then_some(count));
            for seq in wanted {
                assert!(samples.contains_key(&seq), "{seq} of {count}");
            }
            let gaps = samples.keys().zip(samples.keys().skip(1)).map(|(one, next)| next - one);
            assert!(gaps.max().unwrap_or(0) <= 1 + count / 256, "{count}");
        }
    }
}
