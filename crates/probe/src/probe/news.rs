//! News for the phases that most probes of addresses never see, and how a probe's time runs out: kept apart
//! from [`Probe::handle`], which is called for every turn of a million probes and stays small.

use fourstep_terms::{Fault, FaultKind, Time};

use super::{Phase, Probe};
use crate::alone;
use crate::failure::Failure;
use crate::reach::Reach;
use crate::secure::Secured;
use crate::tunnel::{self, Dug, TunnelError};
use crate::turn::{Actions, Input};

impl Probe {
    /// Begins to ask for addresses.
    #[inline(never)]
    pub(super) fn begin_reaching(
        &mut self,
        now: Time,
        name: Box<str>,
        port: u16,
        out: &mut Actions,
    ) {
        let mut reach = Reach::begin(now, name, port, &self.plan, &mut self.report, out);
        let reached = reach.tick(now, out);
        self.phase = Phase::Reach(Box::new(reach));
        self.reached(now, reached, out);
    }

    /// News while addresses are asked for and dialled.
    #[inline(never)]
    pub(super) fn reaching(&mut self, now: Time, input: Input<'_>, out: &mut Actions) {
        let Phase::Reach(reach) = &mut self.phase else { return };
        let report = &mut self.report;
        let reached = match input {
            Input::Answered { answer, sources } => {
                reach.answered(now, answer, sources, report, out)
            }
            Input::Served { answer } => reach.served(now, answer, report, out),
            Input::Failed { leg, fault } => reach.failed(now, leg, fault, out),
            Input::Tick => reach.tick(now, out),
            Input::Connected { leg, local } => return self.connected(now, leg, local, out),
            Input::Interrupt => return self.interrupt(now, out),
            _ => return,
        };
        self.reached(now, reached, out);
    }

    /// News while a proxy is asked for a tunnel.
    #[inline(never)]
    pub(super) fn tunnelling(&mut self, now: Time, input: Input<'_>, out: &mut Actions) {
        let Phase::Tunnel(tunnel) = &mut self.phase else { return };
        let failure = match input {
            Input::Received { leg, octets, .. } if tunnel.leg == leg => {
                match tunnel.received(octets, &mut self.report) {
                    Dug::More => return,
                    Dug::Through(rest) => return self.through(now, leg, rest, out),
                    Dug::Failed(error) => Failure::Tunnel(error),
                }
            }
            Input::Closed { leg } if tunnel.leg == leg => Failure::Tunnel(TunnelError::closed()),
            Input::Failed { leg, fault } if tunnel.leg == leg => tunnel::failed(fault),
            Input::Interrupt => return self.interrupt(now, out),
            _ => return,
        };
        self.fail(now, failure, out);
    }

    /// News during the TLS handshake.
    #[inline(never)]
    pub(super) fn securing(&mut self, now: Time, input: Input<'_>, out: &mut Actions) {
        let Phase::Secure(secure) = &mut self.phase else { return };
        let secured = match input {
            Input::Received { leg, octets, .. } if secure.leg == leg => {
                secure.received(octets, out)
            }
            Input::Sent { leg, left } if secure.leg == leg => secure.sent(left),
            Input::Closed { leg } if secure.leg == leg => Secured::Failed(secure.closed()),
            Input::Failed { leg, fault } if secure.leg == leg => {
                Secured::Failed(secure.failed(now, fault, &self.report.timeline))
            }
            Input::Interrupt => return self.interrupt(now, out),
            _ => return,
        };
        self.secured(now, secured, out);
    }

    /// The time is up.
    #[cold]
    pub(super) fn run_out(&mut self, now: Time, out: &mut Actions) {
        let failure = match &mut self.phase {
            Phase::Alone => alone::failed(now, Fault::of(FaultKind::TimedOut), &mut self.report),
            Phase::Reach(reach) => reach.expired(now, &self.report.timeline, out),
            Phase::Tunnel(_) => tunnel::expired(now, &self.report.timeline),
            Phase::Secure(secure) => secure.expired(now, &self.report.timeline),
            Phase::Exchange(exchange) => exchange.expired(now, &self.report),
            Phase::Idle | Phase::Done => return,
        };
        self.fail(now, failure, out);
    }

    /// The user wants it over with.
    #[cold]
    pub(super) fn interrupt(&mut self, now: Time, out: &mut Actions) {
        let step = self.report.step;
        self.fail(now, Failure::Interrupted { step }, out);
    }
}
