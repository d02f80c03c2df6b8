//! News for each phase, in a function of its own: [`Probe::handle`] is called for every turn of a million
//! probes and stays small, and what a phase seldom sees is not prepared for in the others.

use fourstep_terms::{Leg, Time};

use super::{Phase, Probe};
use crate::alone;
use crate::exchange::Progress;
use crate::failure::Failure;
use crate::reach::Reach;
use crate::secure::Secured;
use crate::tunnel::{self, Dug, TunnelError};
use crate::turn::{Actions, Input, Next};

impl Probe {
    /// News of the phases that fewer probes have, and what comes of it.
    #[inline(never)]
    pub(super) fn handle_more(&mut self, now: Time, input: Input<'_>, out: &mut Actions) -> Next {
        match self.phase {
            Phase::Reach(_) => self.reaching(now, input, out),
            Phase::Tunnel(_) => self.tunnelling(now, input, out),
            Phase::Secure(_) => self.securing(now, input, out),
            _ => {}
        }
        self.expire(now, out)
    }

    /// News of the one place there is to dial.
    #[inline(never)]
    pub(super) fn alone(&mut self, now: Time, input: Input<'_>, out: &mut Actions) -> Next {
        match input {
            Input::Connected { leg, local } => {
                if alone::connected(now, leg, local, &mut self.report) {
                    self.stands(now, leg, out);
                }
                if let Phase::Exchange(exchange) = &self.phase {
                    let deadline = exchange.deadline(&self.plan, &self.report.timeline);
                    return self.wait(now, deadline, out);
                }
            }
            Input::Failed { leg: alone::LEG, fault } => {
                let failure = alone::failed(now, fault, &mut self.report);
                self.fail(now, failure, out);
            }
            Input::Interrupt => self.interrupt(now, out),
            _ => {}
        }
        self.expire(now, out)
    }

    /// The kernel took octets of the request.
    #[inline(never)]
    pub(super) fn sent(&mut self, now: Time, leg: Leg, left: usize, out: &mut Actions) -> Next {
        let Phase::Exchange(exchange) = &mut self.phase else { return Next::Done };
        if exchange.leg == leg {
            exchange.sent(now, left, &mut self.report);
        }
        let deadline = exchange.deadline(&self.plan, &self.report.timeline);
        self.wait(now, deadline, out)
    }

    /// Other news while the request goes out and the response comes in.
    #[inline(never)]
    pub(super) fn exchanging(&mut self, now: Time, input: Input<'_>, out: &mut Actions) -> Next {
        let Phase::Exchange(exchange) = &mut self.phase else { return Next::Done };
        let (plan, report) = (&self.plan, &mut self.report);
        match input {
            Input::Received { leg, octets, at } if exchange.leg == leg => {
                let came = exchange.came(now, at, &report.timeline);
                match exchange.received(came, octets, plan, report, out) {
                    Progress::More => {}
                    Progress::Complete => {
                        self.complete(came.0, out);
                        return Next::Done;
                    }
                    Progress::Failed(failure) => {
                        self.failed(came.0, failure, out);
                        return Next::Done;
                    }
                }
            }
            Input::Closed { leg } if exchange.leg == leg => {
                let progress = exchange.closed(report);
                self.progressed(now, progress, out);
            }
            Input::Failed { leg, fault } if exchange.leg == leg => {
                let failure = exchange.failed(now, fault, report);
                self.fail(now, failure, out);
            }
            Input::Interrupt => self.interrupt(now, out),
            _ => {}
        }
        self.expire(now, out)
    }

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
}
