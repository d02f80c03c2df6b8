//! What cannot be written into a request.

use std::error::Error;
use std::fmt;

/// What was handed in cannot stand in a request: look at octet [`RequestError::offset`] of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestError {
    subject: Box<str>,
    offset: usize,
    expected: &'static str,
    found: Option<u8>,
    reference: &'static str,
}

impl RequestError {
    /// Nothing fits at octet `offset` of `given`.
    pub(crate) fn at(
        given: &[u8],
        offset: usize,
        subject: impl Into<Box<str>>,
        expected: &'static str,
        reference: &'static str,
    ) -> RequestError {
        let found = given.get(offset).copied();
        RequestError { subject: subject.into(), offset, expected, found, reference }
    }

    /// What was given: `method`, `field line`, ``field `X-A` ``.
    pub fn subject(&self) -> &str {
        &self.subject
    }

    /// The octet that did not fit, counted from 0 in what was handed in; its length when more was
    /// expected.
    pub fn offset(&self) -> usize {
        self.offset
    }

    /// What could have stood there, as a phrase.
    pub fn expected(&self) -> &'static str {
        self.expected
    }

    /// The octet that stood there; `None` at the end.
    pub fn found(&self) -> Option<u8> {
        self.found
    }

    /// The clause that says so: `RFC 9110 §5.5`.
    pub fn reference(&self) -> &'static str {
        self.reference
    }
}

impl fmt::Display for RequestError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: octet {}: expected {}, found ", self.subject, self.offset, self.expected)?;
        match self.found {
            None => f.write_str("the end"),
            Some(b'\r') => f.write_str("CR"),
            Some(b'\n') => f.write_str("LF"),
            Some(0) => f.write_str("NUL"),
            Some(octet) => write!(f, "`{}`", octet.escape_ascii()),
        }
    }
}

impl Error for RequestError {}
