//! The exchange: the request out, the response in, on the one leg that stands.

use std::borrow::Cow;

use fourstep_request::{Asks, Recipe};
use fourstep_response::{Asked, Event, Framing, Part, Reader, ResponseError};
use fourstep_terms::{Clock, Fault, FaultKind, Leg, Step, Time};
use fourstep_tls::{End, Output, Session};

use crate::failure::{Failure, SendError};
use crate::plan::Plan;
use crate::report::{Received, Report, Sent};
use crate::timeline::{Mark, Timeline};
use crate::turn::{Action, Actions};

/// The phase after a connection stands.
pub(crate) struct Exchange {
    pub(crate) leg: Leg,
    reader: Reader,
    /// What lies between the octets of the leg and those of HTTP, for https.
    tls: Option<Box<Session>>,
    /// When octets of the response last came in.
    last_octets: Time,
}

/// What the exchange has come to.
pub(crate) enum Progress {
    More,
    Complete,
    Failed(Failure),
}

impl Exchange {
    pub(crate) fn begin(
        leg: Leg,
        mut tls: Option<Box<Session>>,
        recipe: &Recipe,
        plan: &Plan,
        report: &mut Report,
        out: &mut Actions,
    ) -> Exchange {
        let from = out.octets.len();
        let written = recipe.write(&report.target, &mut out.octets);
        let request_target = out.octets.get(written.request_target).unwrap_or_default();
        let is_own = request_target == report.target.request_target();
        let other_target = (!is_own).then(|| request_target.into());
        let octets = out.octets.len() - from;
        match &mut tls {
            None => out.secrets.extend(written.secrets),
            Some(session) => {
                let plain = out.octets.split_off(from);
                session.write(&plain, &mut out.octets);
            }
        }
        out.list.push(Action::Send(leg, from..out.octets.len()));
        let method = match recipe.method_name() {
            // Most probes ask with these: a copy of each would be a copy a probe.
            "GET" => Cow::Borrowed("GET"),
            "HEAD" => Cow::Borrowed("HEAD"),
            method => Cow::Owned(method.to_owned()),
        };
        report.request = Some(Sent { method, other_target, octets, left: octets });
        let asked = match recipe.asks() {
            Asks::Head => Asked::Head,
            Asks::Connect => Asked::Connect,
            Asks::Other => Asked::Other,
        };
        Exchange { leg, reader: Reader::new(asked, plan.limits), tls, last_octets: Time::START }
    }

    pub(crate) fn sent(&mut self, now: Time, left: usize, report: &mut Report) {
        let Some(request) = &mut report.request else { return };
        // The kernel takes nothing back.
        request.left = request.left.min(left);
        if request.left == 0 {
            report.timeline.mark(Mark::Sent, now);
            report.step = Step::Response;
        }
    }

    /// When octets came in that are handed in now, and by whose clock. The kernel's is believed
    /// from the moment the request was out, or first offered: a wall clock that was set in between
    /// may say anything.
    pub(crate) fn came(&self, now: Time, at: Option<Time>, timeline: &Timeline) -> (Time, Clock) {
        let sent = timeline.at(Mark::Sent).or(timeline.at(Mark::Offered)).unwrap_or(now);
        match at {
            Some(at) if (sent.max(self.last_octets)..=now).contains(&at) => (at, Clock::Kernel),
            _ => (now, Clock::User),
        }
    }

    /// Octets that came in at that moment, by that clock.
    pub(crate) fn received(
        &mut self,
        came: (Time, Clock),
        octets: &[u8],
        plan: &Plan,
        report: &mut Report,
        out: &mut Actions,
    ) -> Progress {
        let Some(session) = &mut self.tls else { return self.read(came, octets, plan, report) };
        let mut output = Output::default();
        let fed = session.feed(octets, &mut output);
        let ended = session.has_ended();
        if !output.wire.is_empty() {
            let from = out.octets.len();
            out.octets.append(&mut output.wire);
            out.list.push(Action::Send(self.leg, from..out.octets.len()));
        }
        match (self.read(came, &output.plain, plan, report), fed) {
            (Progress::More, Err(error)) => Progress::Failed(Failure::Tls(error)),
            // Nothing comes after close_notify (RFC 8446 §6.1), whether or not a FIN does.
            (Progress::More, Ok(())) if ended => self.end(report),
            (progress, _) => progress,
        }
    }

    /// Octets that came before this phase had begun: behind the handshake, in the same read.
    pub(crate) fn read(
        &mut self,
        (at, clock): (Time, Clock),
        mut octets: &[u8],
        plan: &Plan,
        report: &mut Report,
    ) -> Progress {
        if octets.is_empty() {
            return Progress::More;
        }
        report.timeline.came(at, clock);
        report.step = Step::Response;
        self.last_octets = at;
        let response = report.response.get_or_insert_default();
        let progress = loop {
            match self.reader.read(octets) {
                Ok((_, Event::More)) => break Progress::More,
                Ok((taken, event)) => {
                    if note(event, plan.keep.body_octets, response) {
                        break Progress::Complete;
                    }
                    octets = octets.get(taken..).unwrap_or_default();
                }
                Err(error) => break Progress::Failed(Failure::Response(error)),
            }
        };
        self.ended(progress, response, &mut report.timeline)
    }

    pub(crate) fn closed(&mut self, report: &mut Report) -> Progress {
        // Without close_notify whoever sits on the path may have cut it (RFC 8446 §6.1): what only
        // the close can end is not known to be whole.
        let cut = self.tls.as_mut().is_some_and(|session| session.closed() != Ok(End::Notified));
        let by_close = report.response.as_ref().and_then(|response| response.framing);
        if cut && by_close == Some(Framing::UntilClose) {
            let octets = self.reader.progress().octets;
            let error = ResponseError::Cut { octets, part: Part::Body, missing: None };
            return match &mut report.response {
                Some(response) => {
                    let failed = Progress::Failed(Failure::Response(error));
                    self.ended(failed, response, &mut report.timeline)
                }
                None => Progress::Failed(Failure::Response(error)),
            };
        }
        self.end(report)
    }

    /// The peer will send no more, and may do so.
    fn end(&mut self, report: &mut Report) -> Progress {
        let left = report.request.as_ref().map_or(0, |request| request.left);
        let Some(response) = &mut report.response else {
            return Progress::Failed(match left {
                0 => Failure::Response(ResponseError::Empty),
                _ => {
                    let fault = Fault::of(FaultKind::Reset);
                    Failure::Request(SendError::Reset { fault, left })
                }
            });
        };
        let progress = match self.reader.end() {
            Ok(event) => match note(event, 0, response) {
                true => Progress::Complete,
                false => Progress::More,
            },
            Err(error) => Progress::Failed(Failure::Response(error)),
        };
        self.ended(progress, response, &mut report.timeline)
    }

    /// The connection failed under us.
    pub(crate) fn failed(&self, now: Time, fault: Fault, report: &Report) -> Failure {
        let step = report.step;
        let left = report.request.as_ref().map_or(0, |request| request.left);
        match fault.kind {
            _ if fault.kind.is_local() => Failure::Local { step, fault },
            // The kernel's own limit (TCP_USER_TIMEOUT, keep-alive) ran out before ours.
            FaultKind::TimedOut => self.silence(now, report),
            _ if left > 0 => Failure::Request(SendError::Reset { fault, left }),
            // Whatever the number, the connection is gone.
            _ => {
                let octets = self.reader.progress().octets;
                Failure::Response(ResponseError::Reset { octets, os_error: fault.os_error })
            }
        }
    }

    /// When this phase must be over, apart from the whole.
    pub(crate) fn deadline(&self, plan: &Plan, timeline: &Timeline) -> Time {
        match (timeline.at(Mark::Sent), timeline.at(Mark::Offered)) {
            (Some(sent), _) => sent + plan.deadlines.response,
            (None, Some(offered)) => offered + plan.deadlines.request,
            (None, None) => Time::NEVER,
        }
    }

    /// The time is up: which step it was up for.
    pub(crate) fn expired(&self, now: Time, report: &Report) -> Failure {
        self.silence(now, report)
    }

    fn silence(&self, now: Time, report: &Report) -> Failure {
        let since = |mark| now.since(report.timeline.at(mark).unwrap_or(now));
        let left = report.request.as_ref().map_or(0, |request| request.left);
        match (&report.response, left) {
            (Some(_), _) => {
                let octets = self.reader.progress().octets;
                let waited = match report.timeline.at(Mark::Sent) {
                    Some(_) => since(Mark::Sent),
                    None => since(Mark::Offered),
                };
                Failure::Response(ResponseError::Stalled { octets, waited })
            }
            (None, 0) => Failure::Response(ResponseError::Silent { waited: since(Mark::Sent) }),
            (None, _) => Failure::Request(SendError::Silent { waited: since(Mark::Offered), left }),
        }
    }

    /// What is to be sent before the leg is hung up: our close_notify, for https.
    pub(crate) fn farewell(&mut self, out: &mut Actions) {
        let Some(session) = &mut self.tls else { return };
        let from = out.octets.len();
        session.close(&mut out.octets);
        if out.octets.len() > from {
            out.list.push(Action::Send(self.leg, from..out.octets.len()));
        }
    }

    /// Takes over from the reader what it tells only once.
    fn ended(
        &mut self,
        progress: Progress,
        response: &mut Received,
        timeline: &mut Timeline,
    ) -> Progress {
        if !matches!(progress, Progress::More) {
            response.oddities = self.reader.oddities().to_vec();
        }
        if matches!(progress, Progress::Complete) {
            response.complete = true;
            timeline.mark(Mark::LastOctet, self.last_octets);
        }
        progress
    }
}

/// Writes an event into the report; whether it was the last one.
fn note(event: Event<'_>, keep_octets: usize, response: &mut Received) -> bool {
    match event {
        Event::More => {}
        Event::Interim(head) => response.interim.push(head.into_owned()),
        Event::Final(head, framing) => {
            response.head = Some(head.into_owned());
            response.framing = framing;
        }
        Event::Body(octets) => {
            let room = keep_octets.saturating_sub(response.body.len());
            let kept = octets.get(..room).unwrap_or(octets);
            match response.body.is_empty() {
                // Mostly this is all of it: no room for more.
                true => response.body = kept.to_vec(),
                false => response.body.extend_from_slice(kept),
            }
            response.body_octets += octets.len() as u64;
        }
        Event::Complete { trailers } => {
            response.trailers = trailers.map(|(name, value)| (name.into(), value.into())).collect();
            return true;
        }
    }
    false
}
