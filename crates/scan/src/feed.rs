//! Where the octets of the list come from.

use std::io;

/// One input: a file, standard input, a list of arguments. It never blocks.
pub trait Feed {
    /// The next octets, as many as there are; cut where they may be.
    fn pull(&mut self) -> Pull;
}

/// What an input gives.
#[derive(Debug)]
pub enum Pull {
    /// These octets; none is no end.
    Octets(Vec<u8>),
    /// Nothing yet. Whoever reads wakes the loop when there is.
    Later,
    /// Nothing more.
    End,
    /// It cannot be read on. The scan ends there: places behind are not known.
    Failed(io::Error),
}

/// An input that is there already: arguments, or the content of a small file.
#[derive(Clone, Debug, Default)]
pub struct Given(Option<Vec<u8>>);

impl Given {
    /// These octets.
    pub fn octets(octets: Vec<u8>) -> Given {
        Given(Some(octets))
    }

    /// Each of these as a line.
    pub fn lines<T: AsRef<[u8]>>(lines: impl IntoIterator<Item = T>) -> Given {
        let mut octets = Vec::new();
        for line in lines {
            octets.extend_from_slice(line.as_ref());
            octets.push(b'\n');
        }
        Given(Some(octets))
    }
}

impl Feed for Given {
    fn pull(&mut self) -> Pull {
        self.0.take().map_or(Pull::End, Pull::Octets)
    }
}
