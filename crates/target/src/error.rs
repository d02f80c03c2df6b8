//! Where a target stops being one.

use crate::refusal::Refusal;
use crate::shown::{escape, suspected};
use std::error::Error;
use std::fmt;

/// What was typed cannot be read as a target: look at octet [`TargetError::offset`].
///
/// In records its code is `target.malformed`. The message is lower case, without a stop, and
/// shows nothing of a password.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TargetError {
    offset: usize,
    refusal: Refusal,
    found: Box<str>,
}

impl TargetError {
    /// The octet that did not fit, counted from 0 in what was typed; its length when more was
    /// expected at the end.
    pub fn offset(&self) -> usize {
        self.offset
    }

    /// Why it does not fit: a stable name, in words joined by hyphens, such as `port-range`.
    pub fn rule(&self) -> &'static str {
        self.refusal.0
    }

    /// What could have stood there, as a phrase: "a port from 1 to 65535".
    pub fn expected(&self) -> &'static str {
        self.refusal.1
    }

    /// What stood there, escaped and quoted; "the end"; or "an octet that is not shown" when it
    /// may be part of a password.
    pub fn found(&self) -> &str {
        &self.found
    }

    /// The clause that says so: `RFC 3986 §3.2.3`.
    pub fn reference(&self) -> &'static str {
        self.refusal.2
    }

    /// The stable name of this failure.
    pub fn code(&self) -> &'static str {
        "target.malformed"
    }
}

impl fmt::Display for TargetError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "octet {}: expected {}, found {}", self.offset, self.expected(), self.found)
    }
}

impl Error for TargetError {}

/// A refusal before it is known what to show of the place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Malformed {
    pub(crate) offset: usize,
    pub(crate) refusal: Refusal,
}

impl Malformed {
    /// Looks up what stands at the offset in `typed`.
    pub(crate) fn in_text(self, typed: &[u8]) -> TargetError {
        let Malformed { offset, refusal } = self;
        let rest = typed.get(offset..).unwrap_or_default();
        let found = if rest.is_empty() {
            "the end".into()
        } else if suspected(typed).is_some_and(|range| range.contains(&offset)) {
            "an octet that is not shown".into()
        } else {
            format!("`{}`", escape(first_character(rest))).into()
        };
        TargetError { offset, refusal, found }
    }
}

/// The first character when UTF-8 says there is one, else the first octet.
fn first_character(octets: &[u8]) -> &[u8] {
    let valid = octets.utf8_chunks().next().map_or("", |chunk| chunk.valid());
    let length = valid.chars().next().map_or(1, char::len_utf8);
    octets.get(..length).unwrap_or(octets)
}
