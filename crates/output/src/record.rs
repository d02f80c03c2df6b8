//! The record: one JSON object a probe.

mod connect;
mod hint;
pub(crate) mod json;
mod resolve;
mod response;
mod tcp;
mod tls;
mod verdict;
mod wants_tls;

use std::borrow::Cow;
use std::fmt::Display;
use std::time::{Duration, SystemTime};

use fourstep_probe::{Report, Timings};
use fourstep_terms::{Blame, Clock, Code, Step};
use fourstep_verdict::Verdict;

use crate::accept::Accept;
use crate::octets::text;
use crate::when::{Moment, micros};
use hint::hint;
use json::{Json, members};

pub(crate) use connect::{Attempt, Connect, Tunnel};
pub(crate) use resolve::{Host, Resolve, Service};
pub(crate) use response::{Oddity, Response, Section};
pub(crate) use tcp::Tcp;
pub(crate) use tls::{Shown, Tls};
pub(crate) use wants_tls::wants_tls;

/// All that one probe saw, in the shape that every format here starts from.
///
/// As JSON it is one object with the same names for every probe: what is absent is null. Names may
/// be added, never changed; [`SCHEMA`](crate::SCHEMA) says what each one means.
#[derive(Clone, Debug)]
pub struct Record<'a> {
    pub(crate) target: Cow<'a, str>,
    /// When the probe began, on the wall clock.
    pub(crate) at: Moment,
    seq: Option<u64>,
    line: Option<u64>,
    hop: u16,
    /// A chain is written in order, so the hop that led here is the one before.
    parent: Option<u16>,
    /// What is not sent as it was typed.
    pub(crate) fixes: Vec<Oddity<'a>>,
    pub(crate) outcome: &'static str,
    pub(crate) step: Step,
    pub(crate) failure: Option<Failure>,
    pub(crate) timing_us: Timing,
    pub(crate) resolve: Option<Resolve<'a>>,
    pub(crate) connect: Option<Connect<'a>>,
    pub(crate) tcp: Option<Tcp>,
    pub(crate) tls: Option<Tls<'a>>,
    pub(crate) request: Option<Request<'a>>,
    pub(crate) response: Option<Response<'a>>,
    pub(crate) verdict: Verdict,
    /// Where the record is from; `None` for a target that was not probed.
    pub(crate) report: Option<&'a Report>,
}

impl<'a> Record<'a> {
    /// The record of a probe that began at `at`; `seq` is its place in a list, from 1. A status
    /// from 200 to 399 is accepted.
    pub fn of(report: &'a Report, at: SystemTime, seq: Option<u64>) -> Record<'a> {
        Record::judged(report, at, seq, &Accept::default())
    }

    /// The same, by the status codes that the user accepts.
    pub fn judged(
        report: &'a Report,
        at: SystemTime,
        seq: Option<u64>,
        accept: &Accept,
    ) -> Record<'a> {
        let timings = report.timeline.timings();
        let total = timings.total.unwrap_or_default();
        let received = at.checked_add(total).unwrap_or(at);
        let accepted = report.status().is_some_and(|status| accept.accepts(status));
        Record {
            verdict: Verdict::judged(report, received, accepted),
            outcome: if report.answered() { "answered" } else { "failed" },
            step: report.step,
            failure: report.failure.as_ref().map(|failure| Failure::of(failure, report)),
            timing_us: Timing::of(report, timings),
            resolve: Resolve::of(report),
            connect: Connect::of(report),
            tcp: report.tcp.as_deref().map(Tcp::of),
            tls: report.tls.as_deref().map(|handshake| Tls::of(handshake, at)),
            request: Request::of(report),
            response: report.response.as_deref().map(Response::of),
            report: Some(report),
            hop: report.hop,
            parent: report.hop.checked_sub(1),
            fixes: report.target.fixes().iter().map(Oddity::of_fix).collect(),
            ..Record::empty(Cow::Borrowed(report.target.shown()), at, seq)
        }
    }

    /// The record of a target that cannot be read, and so was not probed. `shown` is what was
    /// typed without its password; `message` says at which octet it went wrong.
    pub fn malformed(
        shown: impl Into<Cow<'a, str>>,
        message: impl Display,
        at: SystemTime,
        seq: Option<u64>,
    ) -> Record<'a> {
        let failure = Failure::new(Code::TargetMalformed, message.to_string());
        Record { failure: Some(failure), ..Record::empty(shown.into(), at, seq) }
    }

    /// The same, of a target that stands on this line of its input, from 1.
    pub fn on_line(self, line: u64) -> Record<'a> {
        Record { line: Some(line), ..self }
    }

    fn empty(target: Cow<'a, str>, at: SystemTime, seq: Option<u64>) -> Record<'a> {
        Record {
            target,
            at: Moment(at),
            seq,
            line: None,
            hop: 0,
            parent: None,
            fixes: Vec::new(),
            outcome: "failed",
            step: Step::Target,
            failure: None,
            timing_us: Timing::default(),
            resolve: None,
            connect: None,
            tcp: None,
            tls: None,
            request: None,
            response: None,
            verdict: Verdict::UNKNOWN,
            report: None,
        }
    }

    /// When the probe was done: what a delay in its response counts from.
    pub(crate) fn received(&self) -> SystemTime {
        let total = Duration::from_micros(self.timing_us.total.unwrap_or_default());
        self.at.0.checked_add(total).unwrap_or(self.at.0)
    }

    /// Appends the record as one line of JSON, with its line feed.
    ///
    /// What could move a terminal is escaped as JSON escapes it, so that reading it back gives the
    /// same text: DEL, C1 and format characters too, which JSON would let stand.
    pub fn to_json_line(&self, out: &mut Vec<u8>) {
        self.append_json(out);
        out.push(b'\n');
    }

    pub(crate) fn append_json(&self, out: &mut Vec<u8>) {
        self.append(out);
    }

    /// The record as JSON, without a line feed.
    pub fn to_json(&self) -> String {
        let mut octets = Vec::new();
        self.append_json(&mut octets);
        String::from_utf8(octets).unwrap_or_default()
    }
}

members!(Record<'_> {
    target, at, seq, line, hop, parent, fixes, outcome, step, failure, timing_us, resolve, connect, tcp,
    tls, request, response, verdict; report
});

/// Why it failed.
#[derive(Clone, Debug)]
pub(crate) struct Failure {
    pub(crate) code: Code,
    pub(crate) message: String,
    pub(crate) hint: &'static str,
    pub(crate) blame: Blame,
    pub(crate) os_error: Option<i32>,
}

members!(Failure { code, message, hint, blame, os_error });

impl Failure {
    fn of(failure: &fourstep_probe::Failure, report: &Report) -> Failure {
        let plain = Failure::new(failure.code(), failure.to_string());
        let (hint, os_error) = (hint(failure, report).unwrap_or(plain.hint), failure.os_error());
        Failure { hint, os_error, ..plain }
    }

    fn new(code: Code, message: String) -> Failure {
        let (hint, blame) = (code.hint(), code.blame());
        Failure { code, message, hint, blame, os_error: None }
    }
}

/// How long each step took, in microseconds; null for one that was not begun.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Timing {
    pub(crate) resolve: Option<u64>,
    pub(crate) connect: Option<u64>,
    pub(crate) tls: Option<u64>,
    pub(crate) request: Option<u64>,
    pub(crate) wait: Option<u64>,
    /// Of the wait, what the path took and what is left.
    pub(crate) wait_network: Option<u64>,
    pub(crate) wait_server: Option<u64>,
    pub(crate) receive: Option<u64>,
    pub(crate) total: Option<u64>,
    /// Whose clock told when octets of the response came in.
    pub(crate) clock: Option<Clock>,
}

members!(Timing {
    resolve,
    connect,
    tls,
    request,
    wait,
    wait_network,
    wait_server,
    receive,
    total,
    clock
});

impl Timing {
    fn of(report: &Report, timings: Timings) -> Timing {
        let waited = report.waited();
        let us = |duration: Option<Duration>| duration.map(micros);
        Timing {
            resolve: us(timings.resolve),
            connect: us(timings.connect),
            tls: us(timings.tls),
            request: us(timings.request),
            wait: us(timings.wait),
            wait_network: us(waited.map(|waited| waited.network)),
            wait_server: us(waited.map(|waited| waited.server)),
            receive: us(timings.receive),
            total: us(timings.total),
            clock: report.timeline.clock(),
        }
    }
}

/// What was sent.
#[derive(Clone, Debug)]
pub(crate) struct Request<'a> {
    pub(crate) method: &'a str,
    pub(crate) request_target: Cow<'a, str>,
    pub(crate) octets: usize,
    /// Octets of them that the kernel had not taken.
    pub(crate) unsent_octets: usize,
}

members!(Request<'_> { method, request_target, octets, unsent_octets });

impl<'a> Request<'a> {
    fn of(report: &'a Report) -> Option<Request<'a>> {
        let sent = report.request.as_ref()?;
        Some(Request {
            method: sent.method(),
            request_target: text(report.request_target()?),
            octets: sent.octets,
            unsent_octets: sent.left,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::drive::{Drive, began};
    use crate::golden;
    use fourstep_probe::Plan;

    #[test]
    fn what_took_place_is_not_0_and_no_part_is_longer_than_the_whole() {
        let mut at_once = Drive::start("http://192.0.2.1/", Plan::default());
        at_once.connected(0, 0, "192.0.2.9:1").sent(0, 0).received(0, 0, b"HTTP/1.1 204 X\r\n\r\n");
        let (at_once, _) = at_once.report();
        let cases = golden::cases();
        for report in cases.iter().map(|case| &case.report).chain([&at_once]) {
            let timing = Record::of(report, began(), None).timing_us;
            let total = timing.total.unwrap();
            let Timing { resolve, connect, tls, request, wait, receive, .. } = timing;
            for part in [resolve, connect, tls, request, wait, receive].into_iter().flatten() {
                assert!((1..=total).contains(&part), "{timing:?}");
            }
            for part in [timing.wait_network, timing.wait_server].into_iter().flatten() {
                assert!((1..=wait.unwrap()).contains(&part), "{timing:?}");
            }
        }
        let timing = Record::of(&at_once, began(), None).timing_us;
        let one = Some(1);
        let all =
            Timing { resolve: one, connect: one, request: one, wait: one, receive: one, ..timing };
        assert_eq!((timing, timing.total), (all, one));
    }

    #[test]
    fn a_line_is_one_line() {
        let message = "octet 3: found `\n`";
        let record = Record::malformed("a\nb", message, began(), Some(7));
        let mut out = b"before\n".to_vec();
        record.to_json_line(&mut out);
        let line = out.strip_prefix(b"before\n").unwrap().strip_suffix(b"\n").unwrap();
        assert!(!line.contains(&b'\n'));
        assert_eq!(str::from_utf8(line).unwrap(), record.to_json());
        let value: serde_json::Value = serde_json::from_slice(line).unwrap();
        assert_eq!(value["target"], "a\nb");
        assert_eq!((&value["seq"], &value["step"]), (&7.into(), &"target".into()));
        assert_eq!(value["failure"]["code"], "target.malformed");
        assert_eq!(value["failure"]["blame"], "misuse");
        assert_eq!(value["failure"]["message"], message);
    }
}
