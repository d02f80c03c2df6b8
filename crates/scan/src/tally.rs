//! What came of it all, in numbers.

use std::time::Duration;

use fourstep_probe::{Mark, Report};
use fourstep_terms::{Blame, Code};
use hdrhistogram::Histogram;

/// Significant digits of a span.
const DIGITS: u8 = 3;

/// The longest span that is told from longer ones, in microseconds: an hour.
const LONGEST: u64 = 3_600_000_000;

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

    /// Where each begins and ends.
    const MARKS: [(Mark, Mark); 6] = [
        (Mark::Asked, Mark::Answered),
        (Mark::Dialled, Mark::Connected),
        (Mark::Greeted, Mark::Secured),
        (Mark::Sent, Mark::FirstOctet),
        (Mark::FirstOctet, Mark::LastOctet),
        (Mark::Started, Mark::Done),
    ];
}

/// How long one span took, over all targets where it began and ended: a wait that a deadline cut
/// says how patient we are, not how fast they. In microseconds, to three digits; an hour at most.
#[derive(Clone, Debug)]
pub struct Spread(Histogram<u32>);

impl Spread {
    /// How many there are.
    pub fn count(&self) -> u64 {
        self.0.len()
    }

    /// The shortest; zero when there is none.
    pub fn min(&self) -> Duration {
        Duration::from_micros(self.0.min())
    }

    /// The longest; zero when there is none.
    pub fn max(&self) -> Duration {
        Duration::from_micros(self.0.max())
    }

    /// The arithmetic mean; zero when there is none.
    pub fn mean(&self) -> Duration {
        Duration::from_secs_f64(self.0.mean() / 1e6)
    }

    /// What this part of them took at most: 0.5 is the median, 0.99 the 99th percentile. Zero when
    /// there is none.
    pub fn quantile(&self, part: f64) -> Duration {
        Duration::from_micros(self.0.value_at_quantile(part))
    }
}

/// How long one span took: those of no time at all, and the others. The first are many, as an
/// address is not looked up and most responses come at once; and a counter is all they need.
#[derive(Clone, Debug)]
struct Times {
    none: u32,
    some: Histogram<u32>,
}

impl Times {
    fn record(&mut self, micros: u64) {
        match micros {
            0 => self.none = self.none.saturating_add(1),
            // It grows as it must; an hour is far within what it can tell.
            micros => drop(self.some.record(micros.min(LONGEST))),
        }
    }
}

impl Default for Tally {
    fn default() -> Tally {
        let spans = Span::ALL.map(|_| {
            #[expect(clippy::expect_used, reason = "refused are 6 digits and more")]
            let some = Histogram::new(DIGITS).expect("three digits");
            Times { none: 0, some }
        });
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
            spans,
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
        let Times { none, some } = match span {
            Span::Resolve => resolve,
            Span::Connect => connect,
            Span::Tls => tls,
            Span::Wait => wait,
            Span::Receive => receive,
            Span::Total => total,
        };
        let mut all = some.clone();
        // It has room for 0 from the begin.
        let _ = all.record_n(0, *none);
        Spread(all)
    }

    /// Counts a target by its last report.
    pub(crate) fn count(&mut self, report: &Report) {
        let sent = report.timeline.micros(Mark::Sent).is_some();
        let answered = report.answered();
        self.answered += u64::from(answered);
        self.failed += u64::from(!answered);
        self.sent += u64::from(sent);
        self.lost += u64::from(sent && !answered);
        if let Some(failure) = &report.failure {
            count(&mut self.codes, failure.code() as usize);
        }
        if let Some(status) = report.status() {
            let class = usize::from(status / 100);
            count(&mut self.classes, if class < 6 { class } else { 0 });
        }
        for (times, (from, to)) in self.spans.iter_mut().zip(Span::MARKS) {
            if let (Some(from), Some(to)) =
                (report.timeline.micros(from), report.timeline.micros(to))
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
