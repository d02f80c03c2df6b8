//! How a probe ends: its response is whole, something failed, or its time is up.

use fourstep_terms::{Fault, FaultKind, Step, Time};

use super::{Phase, Probe};
use crate::alone;
use crate::exchange::Progress;
use crate::failure::Failure;
use crate::plan::Parting;
use crate::reach::Reach;
use crate::redirect;
use crate::timeline::Mark;
use crate::tunnel;
use crate::turn::{Action, Actions, Next};

impl Probe {
    /// Ends the probe if its time is up; says when to look again.
    pub(super) fn expire(&mut self, now: Time, out: &mut Actions) -> Next {
        let (plan, timeline) = (&self.plan, &self.report.timeline);
        let deadline = match &self.phase {
            Phase::Idle => return Next::Wait(Time::NEVER),
            Phase::Done => return Next::Done,
            Phase::Alone => alone::deadline(plan, timeline),
            Phase::Reach(_) | Phase::Tunnel(_) => Reach::deadline(plan, timeline),
            Phase::Secure(secure) => secure.deadline(plan, timeline),
            Phase::Exchange(exchange) => exchange.deadline(plan, timeline),
        };
        match (self.wait(now, deadline, out), &self.phase) {
            (Next::Wait(deadline), Phase::Reach(reach)) => Next::Wait(reach.wake().min(deadline)),
            (next, _) => next,
        }
    }

    /// Ends the probe if its phase or all of it took too long; says when that will be.
    #[inline]
    pub(super) fn wait(&mut self, now: Time, deadline: Time, out: &mut Actions) -> Next {
        let started = self.report.timeline.at(Mark::Started).unwrap_or(now);
        self.until(now, deadline.min(started + self.plan.deadlines.total), out)
    }

    #[inline(always)]
    pub(super) fn until(&mut self, now: Time, deadline: Time, out: &mut Actions) -> Next {
        if now < deadline {
            return Next::Wait(deadline);
        }
        self.run_out(now, out);
        Next::Done
    }

    pub(super) fn progressed(&mut self, now: Time, progress: Progress, out: &mut Actions) {
        match progress {
            Progress::More => {}
            Progress::Failed(failure) => self.failed(now, failure, out),
            Progress::Complete => self.complete(now, out),
        }
    }

    /// The response is whole.
    #[inline(always)]
    pub(super) fn complete(&mut self, now: Time, out: &mut Actions) {
        if self.plan.follow > 0 {
            let (report, hop) = (&mut self.report, self.hop.as_deref());
            if let Err(error) = redirect::follow(report, hop, &self.plan) {
                return self.failed(now, Failure::Response(error).into(), out);
            }
        }
        self.finish(now, None, out);
    }

    /// The exchange has come to nothing.
    #[cold]
    pub(super) fn failed(&mut self, now: Time, failure: Box<Failure>, out: &mut Actions) {
        // What the peer says of the handshake it may say late: in TLS 1.3 ours is done before it
        // has seen our certificate (RFC 8446 §4.4.2.4).
        if let Failure::Tls(_) = *failure {
            self.report.step = Step::Tls;
        }
        self.finish(now, Some(failure), out);
    }

    #[cold]
    pub(super) fn fail(&mut self, now: Time, failure: Failure, out: &mut Actions) {
        self.finish(now, Some(Box::new(failure)), out);
    }

    /// The one way to the end: every leg is hung up, whatever the phase.
    #[inline(always)]
    pub(super) fn finish(&mut self, now: Time, failure: Option<Box<Failure>>, out: &mut Actions) {
        match std::mem::replace(&mut self.phase, Phase::Done) {
            Phase::Exchange(mut exchange) => {
                if failure.is_none() && self.plan.parting == Parting::Close {
                    exchange.farewell(out);
                }
                exchange.show_chain(&mut self.report);
                out.list.push(Action::HangUp(exchange.leg));
            }
            Phase::Alone => alone::abandon(now, &mut self.report, out),
            Phase::Reach(reach) => reach.abandon(now, &mut self.report, out),
            Phase::Tunnel(tunnel) => out.list.push(Action::HangUp(tunnel.leg)),
            Phase::Secure(mut secure) => {
                self.report.tls = Some(secure.shown());
                out.list.push(Action::HangUp(secure.leg));
            }
            Phase::Idle | Phase::Done => {}
        }
        self.report.failure = failure;
        self.mark(Mark::Done, now);
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
