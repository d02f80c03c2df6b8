//! What came of it all, in numbers.

use fourstep_probe::{Mark, Report};
use fourstep_terms::{Blame, Code};

use crate::spread::{Spread, Times};

/// What came of all targets: counts, and how long each step took.
///
/// Each target counts once, by its last hop and its last try. Memory is bounded, whatever the
/// number of targets.
#[derive(Clone, Debug)]
pub struct Tally {
    pub(crate) begun: u64,
    pub(crate) retries: u64,
    pub(crate) bounced: u64,
    pub(crate) malformed: u64,
    answered: u64,
    failed: u64,
    sent: u64,
    lost: u64,
    /// By the number of the code.
    codes: [u64; Code::ALL.len()],
    local: [u64; Code::ALL.len()],
    /// By the first digit of the status code; 0: none of 1 to 5.
    classes: [u64; 6],
    /// By the number of the span.
    spans: [Times; Span::ALL.len()],
}

/// A part of a probe that is measured, as in [`fourstep_probe::Timings`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Span {
    /// From the first question to the answer that was used.
    Resolve,
    /// From the first dial to the connection that was used.
    Connect,
    /// The TLS handshake.
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

impl Default for Tally {
    fn default() -> Tally {
        Tally {
            begun: 0,
            retries: 0,
            bounced: 0,
            malformed: 0,
            answered: 0,
            failed: 0,
            sent: 0,
            lost: 0,
            codes: [0; Code::ALL.len()],
            local: [0; Code::ALL.len()],
            classes: [0; 6],
            spans: Default::default(),
        }
    }
}

impl Tally {
    /// Entries that have their record: targets, and lines that cannot be read.
    pub fn entries(&self) -> u64 {
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

    /// How many entries have a failure of this code. An answered target has one too when its
    /// response was cut or cannot be read.
    pub fn code(&self, code: Code) -> u64 {
        let malformed = if code == Code::TargetMalformed { self.malformed } else { 0 };
        malformed + self.codes.get(code as usize).copied().unwrap_or_default()
    }

    /// Each failure code that came up, with its count, in the order of the table.
    pub fn codes(&self) -> impl Iterator<Item = (Code, u64)> {
        Code::ALL.into_iter().map(|code| (code, self.code(code))).filter(|(_, count)| *count > 0)
    }

    /// Each class of status codes that came up (RFC 9110 §15), 1 to 5, or 0 for codes of none, with
    /// its count.
    pub fn classes(&self) -> impl Iterator<Item = (u8, u64)> {
        (0..).zip(self.classes).filter(|(_, count)| *count > 0)
    }

    /// Probes begun, those that were tried again and those that were taken back included.
    pub fn begun(&self) -> u64 {
        self.begun
    }

    /// Probes that were tried again because what failed may pass.
    pub fn retries(&self) -> u64 {
        self.retries
    }

    /// Probes taken back before they dialled, since a prefix had its limit under way.
    pub fn bounced(&self) -> u64 {
        self.bounced
    }

    /// Probes that ended for want of something of this machine's, whatever became of their
    /// targets.
    pub fn local_faults(&self) -> u64 {
        self.local.iter().sum()
    }

    /// Of these, those with this code.
    pub fn local_fault(&self, code: Code) -> u64 {
        self.local.get(code as usize).copied().unwrap_or_default()
    }

    /// Targets whose request was wholly sent.
    pub fn sent(&self) -> u64 {
        self.sent
    }

    /// Of these, those of which no whole response head was read.
    pub fn lost(&self) -> u64 {
        self.lost
    }

    /// How long `span` took.
    pub fn spread(&self, span: Span) -> Spread {
        let [resolve, connect, tls, wait, receive, total] = &self.spans;
        let times = match span {
            Span::Resolve => resolve,
            Span::Connect => connect,
            Span::Tls => tls,
            Span::Wait => wait,
            Span::Receive => receive,
            Span::Total => total,
        };
        times.spread()
    }

    /// Counts a target by its last report.
    #[inline(always)]
    pub(crate) fn count(&mut self, report: &Report) {
        let at = |mark| report.timeline.micros(mark);
        let [resolve, connect, tls, wait, receive, total] = &mut self.spans;
        let sent = at(Mark::Sent);
        self.sent += u64::from(sent.is_some());
        if let Some(status) = report.status() {
            self.answered += 1;
            let class = usize::from(status / 100);
            count(&mut self.classes, if class < 6 { class } else { 0 });
        } else {
            self.failed += 1;
            self.lost += u64::from(sent.is_some());
        }
        if let Some(failure) = &report.failure {
            count(&mut self.codes, failure.code() as usize);
        }
        if let Some(first) = at(Mark::FirstOctet) {
            if let Some(sent) = sent {
                wait.record(first.saturating_sub(sent));
            }
            if let Some(last) = at(Mark::LastOctet) {
                receive.record(last.saturating_sub(first));
            }
        }
        let rows = [
            (resolve, Mark::Asked, Mark::Answered),
            (connect, Mark::Dialled, Mark::Connected),
            (tls, Mark::Greeted, Mark::Secured),
            (total, Mark::Started, Mark::Done),
        ];
        for (times, from, to) in rows {
            if let Some(to) = at(to)
                && let Some(from) = at(from)
            {
                times.record(to.saturating_sub(from));
            }
        }
    }

    /// Counts a probe that ended for want of something of this machine's.
    pub(crate) fn count_local(&mut self, code: Code) {
        debug_assert_eq!(code.blame(), Blame::Local);
        count(&mut self.local, code as usize);
    }
}

fn count(counts: &mut [u64], at: usize) {
    if let Some(count) = counts.get_mut(at) {
        *count += 1;
    }
}
