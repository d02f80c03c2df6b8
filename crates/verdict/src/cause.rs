//! Why a server is unavailable, as far as its answer tells.

use std::fmt;

/// Why a server says no, as far as its page, its fields or its status code tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Cause {
    /// More is asked of it than it can do.
    Overload,
    /// Somebody took it down on purpose.
    Maintenance,
    /// It has not finished starting.
    Starting,
    /// We ask too often.
    RateLimit,
    /// What it passes requests to is down, all of it.
    NoBackend,
    /// What it passes requests to takes no connection.
    BackendRefuses,
    /// What it passes requests to did not answer in time.
    BackendSilent,
    /// What it passes requests to answered with something else than a response, or half of one.
    BackendBroken,
    /// What it passes requests to gave no usable answer: it refused, was silent or answered badly,
    /// and nothing tells which.
    BackendFailed,
    /// The name of what it passes requests to has no address.
    BackendUnknown,
    /// The program behind the address failed.
    Crash,
    /// It is not set up to answer this.
    Misconfigured,
}

impl Cause {
    /// Every cause.
    pub const ALL: [Cause; 12] = [
        Cause::Overload,
        Cause::Maintenance,
        Cause::Starting,
        Cause::RateLimit,
        Cause::NoBackend,
        Cause::BackendRefuses,
        Cause::BackendSilent,
        Cause::BackendBroken,
        Cause::BackendFailed,
        Cause::BackendUnknown,
        Cause::Crash,
        Cause::Misconfigured,
    ];

    /// The word that the table and records use.
    pub const fn as_str(self) -> &'static str {
        match self {
            Cause::Overload => "overload",
            Cause::Maintenance => "maintenance",
            Cause::Starting => "starting",
            Cause::RateLimit => "rate-limit",
            Cause::NoBackend => "no-backend",
            Cause::BackendRefuses => "backend-refuses",
            Cause::BackendSilent => "backend-silent",
            Cause::BackendBroken => "backend-broken",
            Cause::BackendFailed => "backend-failed",
            Cause::BackendUnknown => "backend-unknown",
            Cause::Crash => "crash",
            Cause::Misconfigured => "misconfigured",
        }
    }

    /// What is wrong with it, after its name: `it has no live backend`.
    pub const fn says(self) -> &'static str {
        match self {
            Cause::Overload => "it is overloaded",
            Cause::Maintenance => "it is down for maintenance",
            Cause::Starting => "it is still starting",
            Cause::RateLimit => "it is asked too often",
            Cause::NoBackend => "it has no live backend",
            Cause::BackendRefuses => "it cannot connect to its backend",
            Cause::BackendSilent => "its backend did not answer in time",
            Cause::BackendBroken => "its backend's answer cannot be used",
            Cause::BackendFailed => "it got no usable answer from its backend",
            Cause::BackendUnknown => "the name of its backend has no address",
            Cause::Crash => "the program behind it failed",
            Cause::Misconfigured => "it is not set up to answer this",
        }
    }

    /// Whether it passes by itself; `None` where it may or may not.
    pub const fn temporary(self) -> Option<bool> {
        match self {
            Cause::Overload
            | Cause::Maintenance
            | Cause::Starting
            | Cause::RateLimit
            | Cause::NoBackend => Some(true),
            Cause::BackendRefuses
            | Cause::BackendSilent
            | Cause::BackendBroken
            | Cause::BackendFailed
            | Cause::Crash => None,
            Cause::BackendUnknown | Cause::Misconfigured => Some(false),
        }
    }

    /// Seconds after which another try makes sense when the server does not say. No document
    /// gives these: a restart takes seconds, a health check comes every few seconds and wants two
    /// or three in a row, quotas are counted by the minute, maintenance takes minutes.
    pub const fn patience_s(self) -> u64 {
        match self {
            Cause::Starting => 10,
            Cause::Overload
            | Cause::NoBackend
            | Cause::BackendRefuses
            | Cause::BackendSilent
            | Cause::BackendBroken
            | Cause::BackendFailed => 30,
            Cause::RateLimit | Cause::Crash | Cause::BackendUnknown | Cause::Misconfigured => 60,
            Cause::Maintenance => 300,
        }
    }

    /// The cause with this word.
    pub fn from_text(text: &str) -> Option<Cause> {
        Cause::ALL.into_iter().find(|cause| cause.as_str() == text)
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
