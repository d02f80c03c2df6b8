//! One entry of the list.

use std::error::Error;
use std::fmt;
use std::sync::Arc;

use fourstep_target::{Target, TargetError};

/// Where an entry stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// Its place in the whole list, from 1, in the order of visiting. The same for the same
    /// input, seed and ports, whatever the shard.
    pub seq: u64,
    /// The input it came from, from 0.
    pub feed: u32,
    /// The line of that input, from 1; comments and blank lines count.
    pub line: u64,
}

/// One entry of the list: a target, or a line that holds none.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Where it stands.
    pub place: Place,
    /// What it says.
    pub target: Result<Arc<Target>, Box<Malformed>>,
}

/// A line that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Malformed {
    /// What stood there, as text that is safe to show: a password as `***`, control characters
    /// escaped. Of a line that is too long, its beginning.
    pub shown: Box<str>,
    /// What is wrong with it, and where.
    pub why: Unreadable,
}

/// Why a line cannot be read. In records its code is `target.malformed`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Unreadable {
    /// It is no target.
    Target {
        /// The octet of the line that does not fit, from 0.
        offset: usize,
        /// What the parser says; its own offset counts from the target's first octet.
        error: TargetError,
    },
    /// It is no block of addresses (RFC 4632 §3.1, RFC 4291 §2.3), though it begins as one.
    Block {
        /// The octet of the line that does not fit, from 0.
        offset: usize,
        /// What could have stood there, as a phrase.
        expected: &'static str,
    },
    /// It has more octets than a line may have.
    TooLong {
        /// How many it may have.
        limit: usize,
    },
}

impl Unreadable {
    /// The octet of the line that does not fit, from 0.
    pub fn offset(&self) -> usize {
        match self {
            Unreadable::Target { offset, .. } | Unreadable::Block { offset, .. } => *offset,
            Unreadable::TooLong { limit } => *limit,
        }
    }
}

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Unreadable::Target { offset, error } => {
                write!(f, "octet {offset}: expected {}, found {}", error.expected(), error.found())
            }
            Unreadable::Block { offset, expected } => {
                write!(f, "octet {offset}: expected {expected}")
            }
            Unreadable::TooLong { limit } => write!(f, "line of more than {limit} octets"),
        }
    }
}

impl Error for Unreadable {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Unreadable::Target { error, .. } => Some(error),
            Unreadable::Block { .. } | Unreadable::TooLong { .. } => None,
        }
    }
}
