//! One of a probe's own connections.

use std::fmt;

/// One of a probe's own connection attempts, numbered from 0 in the order they were dialled.
///
/// A number means nothing to another probe. It is never used twice by the same one, so news of
/// a leg that was hung up can be told from news of a later one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Leg(pub u8);

/// As traces write it: counted from 1.
impl fmt::Display for Leg {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", u16::from(self.0) + 1)
    }
}
