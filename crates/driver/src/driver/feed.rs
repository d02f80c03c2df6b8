//! One turn of one probe: it is given an input, and what it asks for is done.

use std::sync::Arc;

use fourstep_probe::{
    Action, Endpoint, Few, Hop, Input, Mark, Next, Parting, Plan, Probe, Resolved, Spare, Tcp,
};
use fourstep_terms::{Fault, FaultKind, Leg, Time};

use super::{Driver, News, Running, Turn};
use crate::job::Finished;
use crate::links::Key;
use crate::timers::Entry;

impl Driver {
    /// Feeds the news that actions brought, until they bring no more.
    #[inline]
    pub(super) fn settle(&mut self, turn: &mut Turn<'_>) {
        // Mostly there is none.
        if !self.news.is_empty() {
            self.settle_some(turn);
        }
    }

    fn settle_some(&mut self, turn: &mut Turn<'_>) {
        while let Some((key, news)) = self.news.pop_front() {
            match news {
                News::Sent(leg, left, at) => self.feed(key, at, Input::Sent { leg, left }, turn),
                News::Failed(leg, fault) => {
                    let now = self.clock.now();
                    self.feed(key, now, Input::Failed { leg, fault }, turn);
                }
                News::Answered(answer) => self.answered(key, &answer, turn),
                News::Served(answer) => {
                    let now = self.clock.now();
                    self.feed(key, now, Input::Served { answer: &answer }, turn);
                }
            }
        }
    }

    /// Gives one probe one input, and does what it asks for.
    pub(super) fn feed(&mut self, key: usize, now: Time, input: Input<'_>, turn: &mut Turn<'_>) {
        let Some(running) = self.probes.get_mut(key) else { return };
        let next = match self.traced.get_mut(&key) {
            None => running.probe.handle(now, input, &mut turn.out),
            Some(traced) => traced.turn(now, input, &mut running.probe, &mut turn.out),
        };
        self.act(key, now, next, turn);
    }

    /// Does what a probe asks for. Mostly that is one thing, which is done where its news comes in
    /// (`begin.rs`, `ready.rs`); this does all else.
    #[inline(never)]
    pub(super) fn act(&mut self, key: usize, now: Time, next: Next, turn: &mut Turn<'_>) {
        for action in &turn.out.list {
            match action {
                Action::Dial(leg, to) => self.dial(key, *leg, to),
                Action::Send(leg, range) => {
                    let octets = turn.out.octets.get(range.clone()).unwrap_or_default();
                    self.send(key, *leg, octets);
                }
                // At the end all of them are.
                Action::HangUp(_) if next == Next::Done => {}
                Action::HangUp(leg) => self.hang_up(key, *leg, &mut turn.out.spare),
                Action::Ask(query) => self.ask(key, now, query),
            }
        }
        turn.out.clear();
        match next {
            Next::Wait(wake) => self.arm(key, wake),
            Next::Done => self.finish(key, now, turn),
        }
    }

    fn dial(&mut self, key: usize, leg: Leg, to: &Endpoint) {
        let Some(running) = self.probes.get_mut(key) else { return };
        let dialled = match running.excluded || self.settings.excludes(to) {
            true => Err(Fault::of(FaultKind::Excluded)),
            false => {
                let options = &self.settings.sockets;
                self.links.dial(key, leg, to, options, self.poll.registry())
            }
        };
        match dialled {
            Ok(link) => running.legs.push((leg, link)),
            Err(fault) => self.news.push_back((key, News::Failed(leg, fault))),
        }
    }

    fn send(&mut self, key: usize, leg: Leg, octets: &[u8]) {
        let Some(Running { legs, .. }) = self.probes.get(key) else { return };
        let Some(&(_, at)) = legs.iter().find(|(of, _)| *of == leg) else { return };
        let Some(link) = self.links.get(at) else { return };
        let (left, sent) = link.send(octets, &self.clock);
        if link.fault().is_some() {
            self.hungry.push(link.token(at));
        }
        self.news.push_back((key, News::Sent(leg, left, sent)));
    }

    /// Hangs up one leg of several.
    fn hang_up(&mut self, key: usize, leg: Leg, spare: &mut Spare) {
        let Some(running) = self.probes.get_mut(key) else { return };
        let Some(at) = running.legs.iter().position(|(of, _)| *of == leg) else { return };
        if let Some((_, link)) = running.legs.swap_remove(at) {
            let _ = self.links.hang_up(link, running.probe.plan().parting, spare);
        }
    }

    fn arm(&mut self, key: usize, wake: Time) {
        let Some(running) = self.probes.get_mut(key) else { return };
        if wake < running.armed {
            running.armed = wake;
            self.timers.add(wake, Entry::new(key, running.serial));
        }
    }

    /// The report is ready: every leg is hung up, and the work gets it.
    #[inline(never)]
    pub(super) fn finish(&mut self, key: usize, now: Time, turn: &mut Turn<'_>) {
        let Some(Running { probe, number, legs, asked, .. }) = self.take(key) else { return };
        let tcp = self.let_go(legs, probe.plan().parting, &mut turn.out.spare);
        let began = probe.report().timeline.at(Mark::Started).unwrap_or(Time::START);
        let at = self.clock.wall(began);
        let follow = probe.report().next.as_deref().map(|hop| follow(hop, probe.plan()));
        let mut report = probe.into_report();
        report.tcp = tcp;
        if asked {
            let ignored = self.forget(key);
            if let Some(Resolved::Name(named)) = &mut report.resolve {
                named.ignored = ignored;
            }
        }
        let done = Finished { number, at, report };
        match self.traced.is_empty() {
            true => turn.work.done(now, done, ""),
            false => self.done_traced(key, now, done, turn),
        }
        if let Some(spare) = turn.work.spare() {
            turn.out.spare.keep(spare);
        }
        if let Some(probe) = follow {
            self.begin_hop(probe, number, turn);
        }
    }

    #[cold]
    fn done_traced(&mut self, key: usize, now: Time, done: Finished, turn: &mut Turn<'_>) {
        let traced = self.traced.remove(&key);
        turn.work.done(now, done, traced.as_ref().map_or("", |traced| traced.lines()));
    }

    /// Takes a probe out of the loop, and the news for it.
    #[inline(always)]
    fn take(&mut self, key: usize) -> Option<Running> {
        let running = self.probes.try_remove(key)?;
        if !self.news.is_empty() {
            self.news.retain(|(of, _)| *of != key);
        }
        Some(running)
    }

    /// Takes a probe out of the loop unseen, with all that was its own.
    #[cold]
    pub(super) fn abandon(&mut self, key: usize, spare: &mut Spare) {
        let Some(running) = self.take(key) else { return };
        let _ = self.let_go(running.legs, running.probe.plan().parting, spare);
        if running.asked {
            let _ = self.forget(key);
        }
        self.traced.remove(&key);
    }

    /// Hangs up every leg: what was measured of the one that stood.
    #[inline]
    fn let_go(
        &mut self,
        legs: Few<(Leg, Key)>,
        parting: Parting,
        spare: &mut Spare,
    ) -> Option<Box<Tcp>> {
        match legs {
            Few::One((_, link)) => self.links.hang_up(link, parting, spare),
            Few::Many(many) => many
                .into_iter()
                .fold(None, |tcp, (_, link)| self.links.hang_up(link, parting, spare).or(tcp)),
        }
    }
}

/// The next hop of a chain.
#[cold]
fn follow(hop: &Hop, plan: &Arc<Plan>) -> Probe {
    Probe::follow(Box::new(hop.clone()), Arc::clone(plan))
}
