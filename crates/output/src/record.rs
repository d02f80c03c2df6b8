//! The record: one JSON object a probe.

mod address;
mod connect;
pub(crate) mod digits;
mod hint;
pub(crate) mod json;
pub(crate) mod object;
mod resolve;
mod response;
pub(crate) mod room;
mod tcp;
mod timing;
mod tls;
mod verdict;
mod wants_tls;
mod word;

use std::borrow::Cow;
use std::fmt::Display;
use std::time::{Duration, SystemTime};

use fourstep_probe::{Mark, Report};
use fourstep_terms::{Blame, Code, Step, Wall};
use fourstep_verdict::Verdict;

use crate::accept::Accept;
use crate::lines::tree::Node;
use crate::octets::Octets;
use crate::when::{Dated, Day, Moment};
use address::First;
use hint::hint;
use json::{Json, List, Plain};
use object::{members, object};
use room::Room;
use timing::Marks;

pub(crate) use connect::{Attempt, Connect, Tunnel};
pub(crate) use resolve::{Host, Resolve, Service};
pub(crate) use response::{Oddity, Response, Section};
pub(crate) use tcp::Tcp;
pub(crate) use timing::Timing;
pub(crate) use tls::{Shown, Tls};
pub(crate) use wants_tls::wants_tls;

/// All that one probe saw, in the shape that every format here starts from.
///
/// As JSON it is one object with the same names for every probe: what is absent is null. Names may
/// be added, never changed; [`SCHEMA`](crate::SCHEMA) says what each one means.
///
/// What a probe saw is borrowed from its report, section by section, as it is asked for.
#[derive(Clone, Debug)]
pub struct Record<'a> {
    pub(crate) target: Cow<'a, str>,
    /// When the probe began, on the wall clock.
    pub(crate) at: Moment,
    seq: Option<u64>,
    line: Option<u64>,
    /// Why its target cannot be read; it was not probed then.
    malformed: Option<String>,
    /// Whether the status is one of those that the user accepts.
    is_accepted: bool,
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
    #[inline]
    pub fn judged(
        report: &'a Report,
        at: SystemTime,
        seq: Option<u64>,
        accept: &Accept,
    ) -> Record<'a> {
        Record {
            target: Cow::Borrowed(report.target.shown()),
            at: Moment(at.into()),
            seq,
            line: None,
            malformed: None,
            is_accepted: report.status().is_some_and(|status| accept.accepts(status)),
            report: Some(report),
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
        Record {
            target: shown.into(),
            at: Moment(at.into()),
            seq,
            line: None,
            malformed: Some(message.to_string()),
            is_accepted: false,
            report: None,
        }
    }

    /// The same, of a target that stands on this line of its input, from 1.
    #[inline]
    pub fn on_line(self, line: u64) -> Record<'a> {
        Record { line: Some(line), ..self }
    }

    /// What is not sent as it was typed.
    pub(crate) fn fixes(&self) -> impl ExactSizeIterator<Item = Oddity<'a>> + Clone {
        let fixes = self.report.map_or(&[][..], |report| report.target.fixes());
        fixes.iter().map(Oddity::of_fix)
    }

    pub(crate) fn outcome(&self) -> &'static str {
        if self.report.is_some_and(Report::answered) { "answered" } else { "failed" }
    }

    /// Whether an answer was the end of it.
    #[inline]
    fn is_usual(&self) -> bool {
        self.report.is_some_and(|report| {
            report.answered() && report.failure.is_none() && report.step == Step::Response
        })
    }

    /// The last step begun.
    pub(crate) fn step(&self) -> Step {
        self.report.map_or(Step::Target, |report| report.step)
    }

    #[inline(always)]
    pub(crate) fn failure(&self) -> Option<Failure> {
        if let Some(message) = &self.malformed {
            return Some(Failure::malformed(message));
        }
        let report = self.report?;
        Some(Failure::of(report.failure.as_deref()?, report))
    }

    pub(crate) fn timing_us(&self) -> Timing {
        self.report.map(|report| Marks(report).timing()).unwrap_or_default()
    }

    pub(crate) fn resolve(&self) -> Option<Resolve<'a>> {
        Resolve::of(self.report?)
    }

    pub(crate) fn connect(&self) -> Option<Connect<'a>> {
        Connect::of(self.report?)
    }

    pub(crate) fn tcp(&self) -> Option<Tcp> {
        self.report?.tcp.as_deref().map(Tcp::of)
    }

    #[inline(always)]
    pub(crate) fn tls(&self) -> Option<Tls<'a>> {
        Some(Tls::of(self.report?.tls.as_deref()?, self.at.0.into()))
    }

    pub(crate) fn request(&self) -> Option<Request<'a>> {
        Request::of(self.report?)
    }

    pub(crate) fn response(&self) -> Option<Response<'a>> {
        self.report?.response.as_deref().map(Response)
    }

    /// What it means; judged when it is asked for, as most who choose fields do not.
    pub(crate) fn verdict(&self) -> Verdict<'a> {
        let mut verdict = Verdict::none();
        self.judge(&mut verdict);
        verdict
    }

    #[inline]
    fn judge(&self, verdict: &mut Verdict<'a>) {
        if let Some(report) = self.report {
            verdict.judge(report, self.received(), self.is_accepted);
        }
    }

    /// When the probe was done: what a delay in its response counts from.
    pub(crate) fn received(&self) -> Wall {
        let total = self.report.and_then(|report| report.timeline.micros(Mark::Done));
        let total = Duration::from_micros(total.unwrap_or_default());
        self.at.0.checked_add(total).unwrap_or(self.at.0)
    }

    /// Appends the record as one line of JSON, with its line feed.
    ///
    /// What could move a terminal is escaped as JSON escapes it, so that reading it back gives the
    /// same text: DEL, C1 and format characters too, which JSON would let stand.
    pub fn to_json_line(&self, out: &mut Vec<u8>) {
        room::append(self, b"\n", out);
    }

    /// The record as JSON, without a line feed.
    pub fn to_json(&self) -> String {
        let mut octets = Vec::new();
        room::append(self, b"", &mut octets);
        String::from_utf8(octets).unwrap_or_default()
    }
}

/// A record, and the day that it is most likely of.
pub(crate) struct Whole<'a>(pub(crate) &'a Record<'a>, pub(crate) &'a Day);

impl Json for Record<'_> {
    fn write<'o>(&self, out: Room<'o>) -> Room<'o> {
        Whole(self, &Day::of(self.at)).write(out)
    }

    fn write_chosen<'o>(&self, asked: &Node, out: Room<'o>) -> Room<'o> {
        Whole(self, &Day::of(self.at)).write_chosen(asked, out)
    }
}

object! {
    Whole<'_>: |Whole(record, day)| {
        target: record.target,
        within 128 { at: Dated(record.at, day), seq: record.seq, line: record.line, }
        let hop = record.report.map_or(0, |report| report.hop);
        // A chain is written in order, so the hop that led here is the one before.
        [hop: hop => 0, parent: hop.checked_sub(1) => null, fixes: List(record.fixes()) => []],
        if record.is_usual(), [
            outcome: Plain(record.outcome()) => "answered",
            step: record.step() => "response",
            failure: record.failure() => null
        ],
        timing_us: timing::Written(record.report),
        let first = record.report.and_then(First::of);
        resolve: resolve::Written(record.report, first.as_ref()),
        connect: record.connect().map(|connect| connect.with(first.as_ref())),
        tcp: record.tcp(),
        tls: record.tls(),
        request: record.request(),
        response: record.response(),
        verdict: verdict::Written(record, day),
    }
}

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
    #[cold]
    fn malformed(message: &str) -> Failure {
        Failure::new(Code::TargetMalformed, message.to_owned())
    }

    #[cold]
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

/// What was sent.
#[derive(Clone, Debug)]
pub(crate) struct Request<'a> {
    pub(crate) method: &'a str,
    pub(crate) request_target: Octets<'a>,
    pub(crate) octets: usize,
    /// Octets of them that the kernel had not taken.
    pub(crate) unsent_octets: usize,
}

object! {
    Request<'_>: |Self { method, request_target, octets, unsent_octets }| {
        [method: method => "GET"],
        request_target: request_target,
        octets: octets,
        [unsent_octets: unsent_octets => 0],
    }
}

impl<'a> Request<'a> {
    fn of(report: &'a Report) -> Option<Request<'a>> {
        let sent = report.request.as_ref()?;
        Some(Request {
            method: sent.method(),
            request_target: Octets(report.request_target()?),
            octets: sent.octets,
            unsent_octets: sent.left,
        })
    }
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroU32;

    use super::*;
    use crate::drive::began;

    #[test]
    fn the_largest_numbers_have_room() {
        let at = began() - Duration::from_secs(1 << 40);
        let record = Record::malformed("x", "y", at, Some(u64::MAX)).on_line(u64::MAX);
        let value: serde_json::Value = serde_json::from_str(&record.to_json()).unwrap();
        assert_eq!((&value["seq"], &value["line"]), (&u64::MAX.into(), &u64::MAX.into()));
        let most = NonZeroU32::MAX;
        let tcp = Tcp {
            rtt_us: Some(most),
            rttvar_us: Some(most),
            min_rtt_us: Some(most),
            connect_rtt_us: Some(most),
            retransmits: u32::MAX,
            syn_retransmits: u32::MAX,
            mss: Some(most),
        };
        let mut out = Vec::new();
        room::append(&tcp, b"", &mut out);
        let value: serde_json::Value = serde_json::from_slice(&out).unwrap();
        assert!(value.as_object().unwrap().values().all(|it| *it == u32::MAX));
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
