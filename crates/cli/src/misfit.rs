//! A value that cannot be read: where, and what was expected.

use std::fmt;

/// At this octet of a value something else was expected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Misfit {
    /// Counted from 0; the length of the value when more was expected.
    pub(crate) offset: usize,
    /// What could have stood there, as a phrase.
    pub(crate) expected: &'static str,
}

impl fmt::Display for Misfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "octet {}: expected {}", self.offset, self.expected)
    }
}

impl std::error::Error for Misfit {}
