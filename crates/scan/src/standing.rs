//! How a scan stands, and what it left behind.

use crate::done::Done;

/// How a scan stands: for whoever watches it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    /// Probes under way.
    pub under_way: usize,
    /// How many may be: below [`crate::Limits::in_flight`] after a want of something of this machine's.
    pub window: usize,
    /// Entries that wait for room at their host or prefix.
    pub parked: usize,
    /// Entries that wait to be tried again.
    pub waiting: usize,
    /// The place of the last entry met.
    pub seq: u64,
    /// How many of these were passed over: other shards', and those that have their record.
    pub passed_over: u64,
    /// Whether the list was read to its end.
    pub over: bool,
}

/// What a run left behind.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Left {
    /// The entries that were taken from the list and have no record.
    pub unprobed: Done,
    /// Whether the list was not read to its end.
    pub unread: bool,
}

impl Left {
    /// Whether every entry has its record.
    pub fn is_empty(&self) -> bool {
        self.unprobed.is_empty() && !self.unread
    }
}
