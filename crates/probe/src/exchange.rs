//! The exchange: the request out, the response in, on the one leg that stands.

use fourstep_request::{Asks, Recipe};
use fourstep_response::{
    Asked, Begun, Event, Fields, Framing, Head, Part, Reader, ResponseError, begin,
};
use fourstep_terms::{Clock, Fault, FaultKind, Leg, Step, Time};
use fourstep_tls::{End, Output, Session};

use crate::failure::{Failure, SendError};
use crate::plan::Plan;
use crate::report::{Received, Report, Sent};
use crate::spare::Spare;
use crate::timeline::{Mark, Timeline};
use crate::turn::{Action, Actions};

/// The phase after a connection stands.
pub(crate) struct Exchange {
    pub(crate) leg: Leg,
    asked: Asked,
    /// What lies between the octets of the leg and those of HTTP, for https.
    tls: Option<Box<Session>>,
    /// The response so far, between two reads that bring it: most come in one, and those who wait
    /// for theirs are the many.
    reading: Option<Box<Reading>>,
}

/// A response of which a part has come.
struct Reading {
    reader: Reader,
    /// When octets of it last came in.
    last_octets: Time,
}

/// What the exchange has come to.
pub(crate) enum Progress {
    More,
    Complete,
    Failed(Box<Failure>),
}

impl Exchange {
    #[inline(always)]
    pub(crate) fn begin(
        leg: Leg,
        mut tls: Option<Box<Session>>,
        recipe: &Recipe,
        report: &mut Report,
        out: &mut Actions,
    ) -> Exchange {
        let from = out.octets.len();
        let written = recipe.write(&report.target, &mut out.octets);
        let octets = out.octets.len() - from;
        let request_target = || out.octets.get(written.request_target).unwrap_or_default();
        report.request = Some(Sent::of(octets, recipe, request_target));
        match &mut tls {
            None if written.secrets.is_empty() => {}
            None => out.secrets.extend(written.secrets),
            Some(session) => {
                let plain = out.octets.split_off(from);
                session.write(&plain, &mut out.octets);
            }
        }
        out.list.push(Action::Send(leg, from..out.octets.len()));
        let asked = match recipe.asks() {
            Asks::Head => Asked::Head,
            Asks::Connect => Asked::Connect,
            Asks::Other => Asked::Other,
        };
        Exchange { leg, asked, tls, reading: None }
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
        let Some(at) = at else { return (now, Clock::User) };
        let sent = timeline.at(Mark::Sent).or_else(|| timeline.at(Mark::Offered)).unwrap_or(now);
        let last_octets = self.reading.as_ref().map_or(Time::START, |reading| reading.last_octets);
        match (sent.max(last_octets)..=now).contains(&at) {
            true => (at, Clock::Kernel),
            false => (now, Clock::User),
        }
    }

    /// Octets that came in at that moment, by that clock.
    #[inline]
    pub(crate) fn received(
        &mut self,
        came: (Time, Clock),
        octets: &[u8],
        plan: &Plan,
        report: &mut Report,
        out: &mut Actions,
    ) -> Progress {
        match self.tls {
            None => self.read(came, octets, plan, report, &mut out.spare),
            Some(_) => self.received_over_tls(came, octets, plan, report, out),
        }
    }

    #[inline(never)]
    fn received_over_tls(
        &mut self,
        came: (Time, Clock),
        octets: &[u8],
        plan: &Plan,
        report: &mut Report,
        out: &mut Actions,
    ) -> Progress {
        let Some(session) = &mut self.tls else { return Progress::More };
        let mut output = Output::default();
        let fed = session.feed(octets, &mut output);
        let ended = session.has_ended();
        if !output.wire.is_empty() {
            let from = out.octets.len();
            out.octets.append(&mut output.wire);
            out.list.push(Action::Send(self.leg, from..out.octets.len()));
        }
        match (self.read(came, &output.plain, plan, report, &mut out.spare), fed) {
            (Progress::More, Err(error)) => Progress::Failed(Failure::Tls(error).into()),
            // Nothing comes after close_notify (RFC 8446 §6.1), whether or not a FIN does.
            (Progress::More, Ok(())) if ended => self.end(true, report),
            (progress, _) => progress,
        }
    }

    /// Octets that came before this phase had begun: behind the handshake, in the same read.
    pub(crate) fn read(
        &mut self,
        (at, clock): (Time, Clock),
        octets: &[u8],
        plan: &Plan,
        report: &mut Report,
        spare: &mut Spare,
    ) -> Progress {
        if octets.is_empty() {
            return Progress::More;
        }
        report.timeline.came(at, clock);
        report.step = Step::Response;
        let response = report.response.get_or_insert_with(|| spare.received());
        if self.reading.is_some() {
            return self.read_on(at, octets, plan, report);
        }
        let mut room = spare.head();
        match begin(self.asked, &plan.limits, octets, &mut room, &mut response.head) {
            Begun::Whole(framing, body) => {
                response.framing = Some(framing);
                keep(body, plan.keep.body_octets, response);
                response.complete = true;
                report.timeline.mark(Mark::LastOctet, at);
                Progress::Complete
            }
            Begun::Headed(framing, behind) => {
                response.framing = Some(framing);
                self.read_on(at, behind, plan, report)
            }
            Begun::Open => {
                spare.keep_head(room);
                self.read_on(at, octets, plan, report)
            }
        }
    }

    /// Octets of a response that comes in pieces, or not as it should be; behind its head if that is
    /// there.
    #[inline(never)]
    fn read_on(
        &mut self,
        at: Time,
        mut octets: &[u8],
        plan: &Plan,
        report: &mut Report,
    ) -> Progress {
        let Some(response) = &mut report.response else { return Progress::More };
        let mut first = None;
        let reader = match &mut self.reading {
            Some(reading) => {
                reading.last_octets = at;
                &mut reading.reader
            }
            None => first.insert(match (&response.head, response.framing) {
                (Some(head), Some(framing)) => {
                    Reader::behind(self.asked, plan.limits, head, framing)
                }
                _ => Reader::new(self.asked, plan.limits),
            }),
        };
        let ended = loop {
            match reader.read(octets) {
                Ok((_, Event::More)) => break None,
                Ok((taken, event)) => {
                    if note(event, plan.keep.body_octets, response) {
                        break Some(Ok(()));
                    }
                    octets = octets.get(taken..).unwrap_or_default();
                }
                Err(error) => break Some(Err(error)),
            }
        };
        if let Some(ended) = ended {
            return over(ended, reader, at, response, &mut report.timeline);
        }
        if let Some(reader) = first {
            self.reading = Some(Box::new(Reading { reader, last_octets: at }));
        }
        Progress::More
    }

    pub(crate) fn closed(&mut self, report: &mut Report) -> Progress {
        let notified =
            self.tls.as_mut().is_none_or(|session| session.closed() == Ok(End::Notified));
        self.end(notified, report)
    }

    /// The peer will send no more; `notified`: whether it said so, where that can be said.
    fn end(&mut self, notified: bool, report: &mut Report) -> Progress {
        let (Some(reading), Some(response)) = (&mut self.reading, &mut report.response) else {
            let left = report.request.as_ref().map_or(0, |request| request.left);
            return Progress::Failed(Box::new(match left {
                0 => Failure::Response(ResponseError::Empty),
                _ => {
                    let fault = Fault::of(FaultKind::Reset);
                    Failure::Request(SendError::Reset { fault, left })
                }
            }));
        };
        let Reading { reader, last_octets } = &mut **reading;
        let ended = match response.framing {
            // Without close_notify whoever sits on the path may have cut it (RFC 8446 §6.1): what
            // only the close can end is not known to be whole.
            Some(Framing::UntilClose) if !notified => {
                let octets = reader.progress().octets;
                Err(ResponseError::Cut { octets, part: Part::Body, missing: None })
            }
            _ => reader.end(),
        };
        let ended = match ended {
            Ok(event) => match note(event, 0, response) {
                true => Ok(()),
                false => return Progress::More,
            },
            Err(error) => Err(error),
        };
        over(ended, reader, *last_octets, response, &mut report.timeline)
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
                let octets = self.octets();
                Failure::Response(ResponseError::Reset { octets, os_error: fault.os_error })
            }
        }
    }

    /// When this phase must be over, apart from the whole.
    pub(crate) fn deadline(&self, plan: &Plan, timeline: &Timeline) -> Time {
        if let Some(sent) = timeline.at(Mark::Sent) {
            return sent + plan.deadlines.response;
        }
        timeline.at(Mark::Offered).map_or(Time::NEVER, |offered| offered + plan.deadlines.request)
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
                let octets = self.octets();
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

    /// Writes down what the session has kept for the report.
    pub(crate) fn show_chain(&self, report: &mut Report) {
        if let (Some(session), Some(shown)) = (&self.tls, &mut report.tls) {
            shown.chain = session.chain();
        }
    }

    /// How much of the response has come.
    fn octets(&self) -> u64 {
        self.reading.as_ref().map_or(0, |reading| reading.reader.progress().octets)
    }
}

/// At the end, takes over from the reader what it tells only once.
fn over(
    ended: Result<(), ResponseError>,
    reader: &mut Reader,
    last_octets: Time,
    response: &mut Received,
    timeline: &mut Timeline,
) -> Progress {
    if !reader.oddities().is_empty() {
        response.oddities = reader.take_oddities();
    }
    match ended {
        Ok(()) => {
            response.complete = true;
            timeline.mark(Mark::LastOctet, last_octets);
            Progress::Complete
        }
        Err(error) => Progress::Failed(Failure::Response(error).into()),
    }
}

/// Writes an event into the report; whether it was the last one.
#[inline(always)]
fn note(event: Event<'_>, keep_octets: usize, response: &mut Received) -> bool {
    match event {
        Event::More => {}
        Event::Interim(head) => note_interim(head, response),
        Event::Final(head, framing) => {
            response.head = Some(head);
            response.framing = framing;
        }
        Event::Body(octets) => keep(octets, keep_octets, response),
        Event::Complete { trailers } => {
            note_trailers(trailers, response);
            return true;
        }
    }
    false
}

/// A piece of the body: all of it is counted, and its begin kept, up to so many octets.
#[inline]
fn keep(octets: &[u8], most: usize, response: &mut Received) {
    let room = most.saturating_sub(response.body.len());
    let kept = octets.get(..room).unwrap_or(octets);
    match response.body.capacity() {
        // Mostly this is all of it: no room for more.
        0 => response.body = kept.to_vec(),
        _ => response.body.extend_from_slice(kept),
    }
    response.body_octets += octets.len() as u64;
}

#[cold]
fn note_interim(head: Head, response: &mut Received) {
    response.interim.push(head);
}

/// Mostly there are none.
#[inline(never)]
fn note_trailers(trailers: Fields<'_>, response: &mut Received) {
    response.trailers.extend(trailers.map(|(name, value)| (name.into(), value.into())));
}
