//! The machine: one probe, from its first question to its report.

mod end;
mod news;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use fourstep_request::Recipe;
use fourstep_target::{Scheme, Target};
use fourstep_terms::{Clock, Leg, Step, Time};
use fourstep_tls::{Chain, TlsError};

use crate::alone;
use crate::exchange::Exchange;
use crate::failure::Failure;
use crate::plan::Plan;
use crate::reach::{Reach, Reached};
use crate::redirect::Hop;
use crate::report::Report;
use crate::route::{Endpoint, Goal};
use crate::secure::{Secure, Secured};
use crate::spare::Spare;
use crate::timeline::Mark;
use crate::tunnel::Tunnel;
use crate::turn::{Action, Actions, Input, Next};

/// One probe. Feed it [`Input`]s, do the [`Action`]s it asks for, call it again when [`Next`] says.
///
/// It promises its caller three things: news of a leg that was hung up is ignored; an early tick
/// does nothing; and after [`Next::Done`] every leg was hung up.
pub struct Probe {
    plan: Arc<Plan>,
    /// What this hop of a chain of redirects asks; `None` for the first.
    hop: Option<Box<Hop>>,
    report: Box<Report>,
    phase: Phase,
    /// The time since 1970 at which certificates are to be valid, in seconds.
    wall_s: u64,
}

/// Where a probe is. Each phase is a machine of its own, in its own file.
enum Phase {
    /// Not begun.
    Idle,
    /// Dialling the one place there is.
    Alone,
    /// Asking for addresses and racing for a connection: one phase, as RFC 8305 §3 starts to
    /// dial before every answer is in.
    Reach(Box<Reach>),
    /// Asking a proxy for a tunnel.
    Tunnel(Tunnel),
    /// In the TLS handshake.
    Secure(Secure),
    /// Sending the request and reading the response.
    Exchange(Exchange),
    /// The report is ready.
    Done,
}

// A million probes are a million of these.
const _: () = assert!(size_of::<Probe>() <= 64);

impl Probe {
    /// A probe of `target`, not yet begun.
    pub fn new(target: Arc<Target>, plan: Arc<Plan>) -> Probe {
        Probe::new_in(&mut Spare::default(), target, plan)
    }

    /// The same, with its report in memory that others have left.
    pub fn new_in(spare: &mut Spare, target: Arc<Target>, plan: Arc<Plan>) -> Probe {
        let report = spare.report(target);
        Probe { plan, hop: None, report, phase: Phase::Idle, wall_s: 0 }
    }

    /// A probe of the next hop of a chain: what [`Report::next`] of the one before says.
    pub fn follow(hop: Box<Hop>, plan: Arc<Plan>) -> Probe {
        let report = Box::new(Report::new(Arc::clone(&hop.target), hop.number));
        Probe { plan, hop: Some(hop), report, phase: Phase::Idle, wall_s: 0 }
    }

    /// Says what the wall clock shows, as the time since 1970: certificates are to be valid then.
    /// A probe of https needs it; without, none is valid yet.
    #[must_use]
    pub fn at(mut self, wall: Duration) -> Probe {
        self.wall_s = wall.as_secs();
        self
    }

    /// What was seen so far; after [`Next::Done`], all that was.
    pub fn report(&self) -> &Report {
        &self.report
    }

    /// How it is probed.
    pub fn plan(&self) -> &Arc<Plan> {
        &self.plan
    }

    /// The report, when the probe is no longer needed.
    #[inline]
    pub fn into_report(self) -> Box<Report> {
        let Probe { report, hop, phase, .. } = self;
        // Mostly nothing is left of either: that is told here, not by a function for each.
        if let Some(hop) = hop {
            drop(hop);
        }
        match phase {
            Phase::Done => std::mem::forget(phase),
            _ => drop(phase),
        }
        report
    }

    /// Takes one input; appends what it asks for to `out`; says when to call again.
    ///
    /// News is taken before the deadline is looked at: what came in time may be handed in late.
    pub fn handle(&mut self, now: Time, input: Input<'_>, out: &mut Actions) -> Next {
        // What comes late is passed over: news of a leg already hung up, the answer of a family that was
        // no longer needed, a tick set for a phase that has passed.
        match self.phase {
            Phase::Exchange(_) => match input {
                Input::Sent { leg, left } => self.sent(now, leg, left, out),
                _ => self.exchanging(now, input, out),
            },
            Phase::Alone => self.alone(now, input, out),
            Phase::Idle => match input {
                Input::Start => self.start(now, out),
                _ => Next::Wait(Time::NEVER),
            },
            Phase::Done => Next::Done,
            _ => self.handle_more(now, input, out),
        }
    }

    #[inline(never)]
    fn start(&mut self, now: Time, out: &mut Actions) -> Next {
        self.mark(Mark::Started, now);
        let to = match self.plan.route.goal(&self.report.target) {
            Goal::Unix(path) => Endpoint::Unix(Arc::clone(path)),
            Goal::Address(address) => Endpoint::Ip(address),
            Goal::Name(name, port) => {
                let name = Box::from(name);
                self.begin_reaching(now, name, port, out);
                return self.expire(now, out);
            }
        };
        self.phase = Phase::Alone;
        alone::dial(now, to, &mut self.report, out);
        // It begins and dials at one moment.
        let deadlines = &self.plan.deadlines;
        self.until(now, now + deadlines.connect.min(deadlines.total), out)
    }

    /// What the reaching has come to. A connection that stands is told by `connected`.
    fn reached(&mut self, now: Time, reached: Reached, out: &mut Actions) {
        match reached {
            Reached::Asking => {}
            Reached::Dialling => {
                self.enter(Step::Connect);
                self.mark(Mark::Dialled, now);
                self.report.connect.get_or_insert_default();
            }
            Reached::Failed(failure) => self.fail(now, failure, out),
        }
    }

    /// The connection of a race stands.
    fn connected(&mut self, now: Time, leg: Leg, local: Option<SocketAddr>, out: &mut Actions) {
        let Phase::Reach(reach) = &mut self.phase else { return };
        if reach.connected(now, leg, local, &mut self.report, out) {
            self.stands(now, leg, out);
        }
    }

    /// The connection that is used stands.
    #[inline(always)]
    fn stands(&mut self, now: Time, leg: Leg, out: &mut Actions) {
        match self.report.target.scheme() {
            Scheme::Http => self.ask(now, leg, out),
            Scheme::Https => self.stands_for_https(now, leg, out),
        }
    }

    /// The request goes out as it is.
    #[inline(always)]
    fn ask(&mut self, now: Time, leg: Leg, out: &mut Actions) {
        self.enter(Step::Request);
        self.report.timeline.mark_all([Mark::Connected, Mark::Offered], now);
        let recipe = self.hop.as_deref().map_or(&self.plan.recipe, |hop| &hop.recipe);
        let exchange = Exchange::begin(leg, None, recipe, &mut self.report, out);
        self.phase = Phase::Exchange(exchange);
    }

    #[inline(never)]
    fn stands_for_https(&mut self, now: Time, leg: Leg, out: &mut Actions) {
        match self.recipe().tunnelled() {
            Some((outer, _)) => {
                let tunnel = Tunnel::begin(leg, &outer, &self.plan, &self.report, out);
                self.phase = Phase::Tunnel(tunnel);
            }
            None => self.through(now, leg, &[], out),
        }
    }

    /// The way to the target stands, and these octets already came along it: TLS begins.
    fn through(&mut self, now: Time, leg: Leg, octets: &[u8], out: &mut Actions) {
        self.enter(Step::Tls);
        self.report.timeline.mark_all([Mark::Connected, Mark::Greeted], now);
        let wall = Duration::from_secs(self.wall_s);
        let begun = match &self.plan.tls {
            Some(config) => Secure::begin(leg, config, wall, &self.report, out),
            None => Err(Failure::Tls(TlsError::Incompatible {
                says: "this probe was given no TLS to speak".into(),
            })),
        };
        match begun {
            Ok(mut secure) => {
                let secured = match octets.is_empty() {
                    true => Secured::More,
                    false => secure.received(octets, out),
                };
                self.phase = Phase::Secure(secure);
                self.secured(now, secured, out);
            }
            Err(failure) => {
                // Nothing was shown, to be told as such.
                self.report.tls = Some(Box::default());
                // The phase that got us here would hang up as well.
                self.phase = Phase::Idle;
                out.list.push(Action::HangUp(leg));
                self.fail(now, failure, out);
            }
        }
    }

    fn secured(&mut self, now: Time, secured: Secured, out: &mut Actions) {
        match secured {
            Secured::More => return,
            Secured::Failed(failure) => return self.fail(now, failure, out),
            Secured::Done => {}
        }
        let Phase::Secure(mut secure) = std::mem::replace(&mut self.phase, Phase::Idle) else {
            return;
        };
        self.mark(Mark::Secured, now);
        // The chain is the session's while that stands: a large part of what TLS holds.
        let mut shown = secure.shown();
        shown.chain = Chain::default();
        self.report.tls = Some(shown);
        let leg = secure.leg;
        let (session, plain) = secure.into_parts();
        self.enter(Step::Request);
        self.mark(Mark::Offered, now);
        // What goes through a tunnel is not for the proxy.
        let inner = self.recipe().tunnelled().map(|(_, inner)| inner);
        let hop = self.hop.as_deref();
        let recipe = inner.as_ref().unwrap_or_else(|| hop.map_or(&self.plan.recipe, |h| &h.recipe));
        let mut exchange = Exchange::begin(leg, Some(session), recipe, &mut self.report, out);
        let (plan, report) = (&self.plan, &mut self.report);
        let progress = exchange.read((now, Clock::User), &plain, plan, report, &mut out.spare);
        self.phase = Phase::Exchange(exchange);
        self.progressed(now, progress, out);
    }

    fn recipe(&self) -> &Recipe {
        self.hop.as_ref().map_or(&self.plan.recipe, |hop| &hop.recipe)
    }

    fn enter(&mut self, step: Step) {
        self.report.step = self.report.step.max(step);
    }

    fn mark(&mut self, mark: Mark, now: Time) {
        self.report.timeline.mark(mark, now);
    }
}
