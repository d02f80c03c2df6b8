//! Securing a connection: the TLS handshake, on the leg that stands (RFC 8446 §2).

use fourstep_target::Host;
use fourstep_terms::{Fault, FaultKind, Leg, Step, Time};
use fourstep_tls::{Config, Handshake, Output, Session, TlsError};
use std::sync::Arc;
use std::time::Duration;

use crate::failure::Failure;
use crate::plan::Plan;
use crate::report::Report;
use crate::timeline::{Mark, Timeline};
use crate::turn::{Action, Actions};

/// The phase between a connection and a request, for https.
pub(crate) struct Secure {
    pub(crate) leg: Leg,
    session: Box<Session>,
    /// What came in the clear behind the handshake.
    plain: Box<[u8]>,
    /// Whether only our last octets of the handshake are still to be taken by the kernel: when
    /// they are, it is over, and what its arithmetic cost is not counted as the request's time.
    parting: bool,
}

/// What the handshake has come to.
pub(crate) enum Secured {
    More,
    Done,
    Failed(Failure),
}

impl Secure {
    pub(crate) fn begin(
        leg: Leg,
        config: &Arc<Config>,
        wall: Duration,
        report: &Report,
        out: &mut Actions,
    ) -> Result<Secure, Failure> {
        let from = out.octets.len();
        let host = match report.target.host() {
            Host::Name(name) => name.to_string(),
            Host::V4(ip) => ip.to_string(),
            Host::V6(ip, _) => ip.to_string(),
        };
        let session = Session::new(config, &host, wall, &mut out.octets).map_err(Failure::Tls)?;
        out.list.push(Action::Send(leg, from..out.octets.len()));
        let session = Box::new(session);
        Ok(Secure { leg, session, plain: Box::default(), parting: false })
    }

    pub(crate) fn received(&mut self, octets: &[u8], out: &mut Actions) -> Secured {
        let mut output = Output::default();
        let fed = self.session.feed(octets, &mut output);
        match self.plain.is_empty() {
            true => self.plain = output.plain.into(),
            false => self.plain = [&*self.plain, &output.plain].concat().into(),
        }
        let answers = !output.wire.is_empty();
        if answers {
            let from = out.octets.len();
            out.octets.append(&mut output.wire);
            out.list.push(Action::Send(self.leg, from..out.octets.len()));
        }
        if let Err(error) = fed {
            return Secured::Failed(Failure::Tls(error));
        }
        if !self.session.established() {
            return Secured::More;
        }
        self.parting |= answers;
        match self.parting {
            true => Secured::More,
            false => Secured::Done,
        }
    }

    /// The kernel took octets.
    pub(crate) fn sent(&mut self, left: usize) -> Secured {
        match self.parting && left == 0 {
            true => Secured::Done,
            false => Secured::More,
        }
    }

    pub(crate) fn closed(&mut self) -> Failure {
        let octets = self.session.handshake().octets_in;
        Failure::Tls(self.session.closed().err().unwrap_or(TlsError::Closed { octets }))
    }

    /// The connection failed under us.
    pub(crate) fn failed(&self, now: Time, fault: Fault, timeline: &Timeline) -> Failure {
        let octets = self.session.handshake().octets_in;
        match fault.kind {
            _ if fault.kind.is_local() => Failure::Local { step: Step::Tls, fault },
            FaultKind::TimedOut => self.expired(now, timeline),
            _ => Failure::Tls(TlsError::Reset { octets, os_error: fault.os_error }),
        }
    }

    pub(crate) fn deadline(&self, plan: &Plan, timeline: &Timeline) -> Time {
        timeline.at(Mark::Greeted).map_or(Time::NEVER, |greeted| greeted + plan.deadlines.tls)
    }

    pub(crate) fn expired(&self, now: Time, timeline: &Timeline) -> Failure {
        let octets = self.session.handshake().octets_in;
        let waited = now.since(timeline.at(Mark::Greeted).unwrap_or(now));
        Failure::Tls(TlsError::Silent { octets, waited })
    }

    /// What the handshake showed, however far it got.
    pub(crate) fn shown(&mut self) -> Box<Handshake> {
        Box::new(self.session.take_handshake())
    }

    /// The session, for the exchange to go on with, and what came behind the handshake.
    pub(crate) fn into_parts(self) -> (Box<Session>, Box<[u8]>) {
        (self.session, self.plain)
    }
}
