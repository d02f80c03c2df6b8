//! A report becomes a verdict.

use std::time::Duration;

use fourstep_probe::{Received, Report};
use fourstep_response::Head;
use fourstep_terms::{Code, Wall};

use crate::cause::Cause;
use crate::decode::content;
use crate::evidence::{Evidence, Fact};
use crate::fields::{Fields, HOPS};
use crate::grounds::Grounds;
use crate::hops::{Hop, hops};
use crate::index::Hits;
use crate::message::Message;
use crate::outlook::{
    PATIENCE_S, cause_of_status, is_redirect, outlook, overload_looks_so, temporary_of_status,
};
use crate::retry::{RetryFrom, asked};
use crate::role::Role;
use crate::source::{Relation, Source, source};
use crate::state::{State, host_is_there};
use crate::table::REASON;

/// What a report means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict<'r> {
    /// What state the target is in.
    pub state: State,
    /// Whether that passes by itself; `None` when nothing tells.
    pub temporary: Option<bool>,
    /// Seconds from the end of the probe until another one makes sense; `None` when none does, or
    /// none is needed.
    pub retry_after_s: Option<u64>,
    /// The moment that is, on our clock.
    pub retry_at: Option<Wall>,
    /// Who says so.
    pub retry_from: Option<RetryFrom>,
    /// Who wrote the answer.
    pub source: Source,
    /// Why it answered so, as far as that tells.
    pub cause: Option<Cause>,
    /// What the answer came through, the nearest to us first; see [`hops`].
    pub hops: Vec<Hop>,
    /// What all this rests on, the strongest first for each of them.
    pub evidence: Grounds<'r>,
    /// The status code, if there is one.
    pub status: Option<u16>,
    /// The failure's code, if there is one.
    pub failure: Option<Code>,
}

impl<'r> Verdict<'r> {
    /// The verdict on a probe that was done at `received`, on our wall clock. A status from 200 to
    /// 399 is accepted; [`Verdict::judged`] takes that from the caller.
    pub fn of(report: &'r Report, received: impl Into<Wall>) -> Verdict<'r> {
        let accepted = report.status().is_some_and(|status| (200..400).contains(&status));
        Verdict::judged(report, received, accepted)
    }

    /// The verdict on a probe that was done at `received`; `accepted` says whether its status, if
    /// it has one, is.
    ///
    /// An accepted response that came whole costs no allocation: nothing is read but its status.
    #[inline]
    pub fn judged(report: &'r Report, received: impl Into<Wall>, accepted: bool) -> Verdict<'r> {
        let mut verdict = Verdict::none();
        if let (true, Some(_), None) = (accepted, report.status(), &report.failure) {
            return Verdict { state: State::Ok, status: report.status(), ..verdict };
        }
        verdict.judge(report, received.into(), accepted);
        verdict
    }

    /// Has a verdict that says nothing ([`Verdict::none`]) say what [`Verdict::judged`] would, where it
    /// stands: it is large, and need not be moved.
    #[inline(never)]
    pub fn judge(&mut self, report: &'r Report, received: Wall, accepted: bool) {
        debug_assert!(self.evidence.is_empty(), "it says something");
        let failure = report.failure.as_ref().map(|failure| failure.code());
        self.status = report.status();
        match (self.status, failure) {
            (Some(_), None) if accepted => self.state = State::Ok,
            (Some(_), failure) if accepted || failure.is_some_and(is_redirect) => {
                self.failed(report, received);
            }
            // A status that is not accepted says more than the end of its body.
            (Some(_), failure) => match report.response.as_deref() {
                Some(response @ Received { head: Some(head), .. }) => {
                    self.failure = failure;
                    self.answered(head, response, received);
                }
                _ => self.failed(report, received),
            },
            (None, _) => self.failed(report, received),
        }
    }

    /// The verdict on a target that could not be probed: it says nothing.
    pub const UNKNOWN: Verdict<'r> = Verdict::on(Grounds::NONE);

    /// The same, to be judged where it stands.
    #[inline(always)]
    pub fn none() -> Verdict<'r> {
        Verdict::on(Grounds::none())
    }

    #[inline(always)]
    const fn on(evidence: Grounds<'r>) -> Verdict<'r> {
        Verdict {
            state: State::Unknown,
            temporary: None,
            retry_after_s: None,
            retry_at: None,
            retry_from: None,
            source: Source::UNKNOWN,
            cause: None,
            hops: Vec::new(),
            evidence,
            status: None,
            failure: None,
        }
    }

    fn answered(&mut self, head: &'r Head, response: &'r Received, received: Wall) {
        let status = head.status();
        let mut hits = Hits::of(head);
        hits.search(&REASON, head.reason());
        let mut fields = Fields::NONE;
        fields.walk(head, |how, value| hits.search(how, value));
        let content = content(head, &fields, &response.body);
        hits.search_body(&content);
        self.evidence.push(Evidence(Fact::Status(head)));
        if fields.has(HOPS) {
            self.hops = hops(head);
        }
        let told = match hits.found() {
            // Mostly nothing tells.
            None if self.hops.is_empty() => None,
            found => {
                let message = Message::of(head, response, &fields, &content);
                let (source, told) = source(message, found, &self.hops, &mut self.evidence);
                self.source = source;
                told
            }
        };
        self.source.role = match (status, self.source.role) {
            // RFC 6585 §6: an intercepting proxy writes it, never an origin.
            (511, None) => Some(Role::Network),
            // RFC 9110 §15.6.3 and §15.6.5: a gateway writes it, and a server that is one at times
            // is one here.
            (502 | 504, Some(Role::Origin)) => Some(Role::Proxy),
            // So is whoever passes on what another one wrote (RFC 9110 §3.7).
            (_, Some(Role::Origin)) if self.source.relation == Relation::Relayed => {
                Some(Role::Proxy)
            }
            (_, role) => role,
        };
        self.cause = told.or(cause_of_status(status));
        let asked = asked(head, &fields, received, &mut self.evidence);
        self.temporary = match (asked, told) {
            (Some(_), _) => Some(true),
            (None, Some(cause)) if cause.temporary().is_some() => {
                self.evidence.push(Evidence(Fact::Cause(cause, status)));
                cause.temporary()
            }
            _ => temporary_of_status(status),
        };
        self.state = State::of_status(status);
        let patience = match (self.state, self.temporary) {
            (_, Some(false)) => None,
            (State::Unavailable, _) | (_, Some(true)) => {
                Some(self.cause.map_or(PATIENCE_S, Cause::patience_s))
            }
            _ => None,
        };
        self.retry(asked, patience, received);
    }

    fn failed(&mut self, report: &'r Report, received: Wall) {
        let Some(failure) = &report.failure else { return };
        let code = failure.code();
        let there = host_is_there(report);
        self.evidence.push(Evidence(Fact::Failure(failure)));
        if let Some(says) = overload_looks_so(code, there) {
            self.evidence.push(Evidence(Fact::Overload(code, says)));
        }
        let (temporary, patience) = outlook(code);
        (self.state, self.failure) = (State::of_failure(code, there), Some(code));
        self.temporary = temporary;
        self.retry(None, patience, received);
    }

    /// In how many seconds to come back, when that is, and who says so.
    fn retry(&mut self, asked: Option<u64>, suggested: Option<u64>, received: Wall) {
        self.retry_from =
            asked.map(|_| RetryFrom::Server).or(suggested.map(|_| RetryFrom::Suggested));
        self.retry_after_s = asked.or(suggested);
        let wait = self.retry_after_s.map(Duration::from_secs);
        self.retry_at = wait.and_then(|wait| received.checked_add(wait));
    }
}

#[cfg(test)]
mod tests {
    use std::net::SocketAddr;
    use std::time::UNIX_EPOCH;

    use fourstep_connect::{ConnectError, Tried};
    use fourstep_probe::{Connection, Dialled, Endpoint, Failure};
    use fourstep_response::{Part, ResponseError};
    use fourstep_terms::Time;

    use super::*;
    use crate::testing::report;

    #[test]
    fn a_status_gives_a_state() {
        let rows = [
            // status, state, temporary, seconds
            (200, State::Ok, None, None),
            (301, State::Ok, None, None),
            (400, State::Rejected, Some(false), None),
            (401, State::Rejected, Some(false), None),
            (404, State::Rejected, None, None), // RFC 9110 §15.5.5: it does not say
            (408, State::Rejected, Some(true), Some(30)),
            (410, State::Rejected, Some(false), None),
            (429, State::Unavailable, Some(true), Some(60)),
            (500, State::Unavailable, None, Some(60)),
            (501, State::Rejected, Some(false), None),
            (502, State::Unavailable, None, Some(30)),
            (503, State::Unavailable, Some(true), Some(30)),
            (504, State::Unavailable, None, Some(30)),
            (505, State::Rejected, Some(false), None),
            (507, State::Unavailable, None, Some(30)),
            (511, State::Rejected, Some(false), None),
            (599, State::Unavailable, None, Some(30)),
            (700, State::Rejected, None, None),
        ];
        for (status, state, temporary, seconds) in rows {
            let report = report(&format!("{status} x"), "", "");
            let verdict = Verdict::of(&report, UNIX_EPOCH);
            let got = (verdict.state, verdict.temporary, verdict.retry_after_s);
            assert_eq!(got, (state, temporary, seconds), "{status}");
            let at = seconds.map(|s| Wall::from(UNIX_EPOCH + Duration::from_secs(s)));
            assert_eq!(verdict.retry_at, at);
        }
    }

    #[test]
    fn what_is_accepted_is_the_callers_choice() {
        let teapot = report("418 x", "Retry-After: 5", "");
        assert_eq!(Verdict::judged(&teapot, UNIX_EPOCH, true).state, State::Ok);
        assert_eq!(Verdict::judged(&teapot, UNIX_EPOCH, true).retry_after_s, None);
        let verdict = Verdict::judged(&teapot, UNIX_EPOCH, false);
        assert_eq!((verdict.state, verdict.temporary), (State::Rejected, Some(true)));
        assert_eq!(verdict.retry_from, Some(RetryFrom::Server));
        let moved = report("301 x", "", "");
        assert_eq!(Verdict::judged(&moved, UNIX_EPOCH, false).state, State::Rejected);
    }

    #[test]
    fn every_failure_has_a_state_and_an_outlook() {
        for code in Code::ALL {
            let (temporary, patience) = outlook(code);
            // What does not pass is not worth another try, and what says nothing of the target
            // is none of its state.
            assert!(temporary != Some(false) || patience.is_none(), "{code}");
            let local = code.step().is_none() || code == Code::TargetMalformed;
            assert_eq!(State::of_failure(code, false) == State::Unknown, local, "{code}");
        }
    }

    fn dialled(to: &str, failure: Option<Code>) -> Dialled {
        let to: SocketAddr = to.parse().unwrap();
        let (started, ended) = (Time::START, Time::START);
        Dialled { to: Endpoint::Ip(to), started, ended, failure, os_error: None }
    }

    #[test]
    fn silence_of_a_host_that_is_there_is_unavailable() {
        let silent = Some(Code::ConnectSilent);
        let rows = [
            // attempts, state
            (vec![dialled("192.0.2.1:80", silent)], State::Unreachable),
            (vec![dialled("127.0.0.1:80", silent)], State::Unavailable),
            (vec![dialled("[::1]:80", silent)], State::Unavailable),
            (
                vec![
                    dialled("192.0.2.1:80", Some(Code::ConnectRefused)),
                    dialled("192.0.2.1:80", silent),
                ],
                State::Unavailable,
            ),
            (
                vec![
                    dialled("192.0.2.2:80", Some(Code::ConnectRefused)),
                    dialled("192.0.2.1:80", silent),
                ],
                State::Unreachable,
            ),
        ];
        for (attempts, state) in rows {
            let mut report = report("200 x", "", "");
            report.response = None;
            let tried = Tried { last: None, count: 1, waited: Duration::ZERO, os_error: None };
            report.failure = Some(Failure::Connect(ConnectError::Silent(tried)).into());
            let attempts = attempts.into_iter().collect();
            report.connect = Some(Connection { attempts, ..Connection::default() });
            let verdict = Verdict::of(&report, UNIX_EPOCH);
            assert_eq!((verdict.state, verdict.temporary), (state, None));
            assert!(verdict.evidence.iter().any(|it| it.says().to_string().contains("queue")));
        }
    }

    #[test]
    fn a_status_counts_before_the_end_of_its_body() {
        let rows = [("200 x", State::Broken), ("503 x", State::Unavailable)];
        for (status, state) in rows {
            let mut report = report(status, "", "");
            let cut = ResponseError::Cut { octets: 1, part: Part::Body, missing: None };
            report.failure = Some(Failure::Response(cut).into());
            let verdict = Verdict::of(&report, UNIX_EPOCH);
            assert_eq!(
                (verdict.state, verdict.failure),
                (state, Some(Code::ResponseCut)),
                "{status}"
            );
        }
    }

    #[test]
    fn who_writes_of_a_backend_is_a_gateway() {
        let page = "<!DOCTYPE HTML PUBLIC \"x\">\n<html><head>\n<title>STATUS x</title>\n</head><body>\n\
                    <h1>x</h1>\n<p>y</p>\n</body></html>\n";
        let rows = [
            // status, role   (RFC 9110 §15.6.3 and §15.6.5; RFC 6585 §6)
            ("404", Role::Origin),
            ("502", Role::Proxy),
            ("503", Role::Origin),
            ("504", Role::Proxy),
        ];
        for (status, role) in rows {
            let report =
                report(&format!("{status} x"), "Server: Apache", &page.replace("STATUS", status));
            let source = Verdict::of(&report, UNIX_EPOCH).source;
            assert_eq!(
                (source.name.as_deref(), source.role),
                (Some("apache"), Some(role)),
                "{status}"
            );
        }
        let login = Verdict::of(&report("511 x", "", ""), UNIX_EPOCH).source;
        assert_eq!(login.role, Some(Role::Network));
    }

    #[test]
    fn sentences() {
        let haproxy = "<html><body><h1>503 Service Unavailable</h1>\nNo server is available to \
                       handle this request.\n</body></html>\n";
        let rows = [
            // status, fields, body, sentence
            ("200 OK", "", "", "200: ok."),
            (
                "503 x",
                "Cache-Control: no-cache",
                haproxy,
                "503 from haproxy: it has no live backend. Temporary; no Retry-After, suggest 30 s.",
            ),
            (
                "503 x",
                "Retry-After: 120",
                "",
                "503 from an unknown server: overload or maintenance, which will likely be over after some delay. Temporary; it says to come back in 120 s.",
            ),
            (
                "404 x",
                "Server: Jetty(9.4)",
                "",
                "404 perhaps from jetty: there is nothing here now, for a while or for good.",
            ),
            (
                "502 Bad Gateway",
                "Server: nginx",
                "",
                "502 perhaps from behind nginx: a gateway got an answer from behind it that it cannot use. It may pass; no Retry-After, suggest 30 s.",
            ),
            (
                "429 x",
                "Server: nginx\r\nVia: 1.1 a\r\nRetry-After: 0",
                "",
                "429 from behind nginx: too many requests in a given time. Temporary; it says to come back at once.",
            ),
        ];
        for (status, fields, body, sentence) in rows {
            assert_eq!(Verdict::of(&report(status, fields, body), UNIX_EPOCH).sentence(), sentence);
        }
    }
}
