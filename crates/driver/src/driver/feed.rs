//! One turn of one probe: it is given an input, and what it asks for is done.

use std::sync::Arc;

use fourstep_probe::{Action, Endpoint, Input, Next, Probe, Resolved, Tcp};
use fourstep_resolve::Ignored;
use fourstep_terms::{Fault, FaultKind, Leg, Time};

use super::traced::Traced;
use super::{Driver, News, Running, Turn};
use crate::job::Finished;
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
    pub(super) fn feed(
        &mut self,
        key: usize,
        mut now: Time,
        mut input: Input<'_>,
        turn: &mut Turn<'_>,
    ) {
        loop {
            let Some(running) = self.probes.get_mut(key) else { return };
            turn.out.clear();
            let next = match self.traced.get_mut(&key) {
                None => running.probe.handle(now, input, &mut turn.out),
                Some(traced) => traced.turn(now, input, &mut running.probe, &mut turn.out),
            };
            let (mut sent, mut tcp) = (None, None);
            for action in &turn.out.list {
                match action {
                    Action::Dial(leg, to) => self.dial(key, *leg, to),
                    Action::Send(leg, range) => {
                        let octets = turn.out.octets.get(range.clone()).unwrap_or_default();
                        let news = self.send(key, *leg, octets);
                        match sent.is_none() && self.news.is_empty() {
                            true => sent = news,
                            false => self.news.extend(
                                news.map(|(leg, left, at)| (key, News::Sent(leg, left, at))),
                            ),
                        }
                    }
                    Action::HangUp(leg) => {
                        let measured = self.hang_up(key, *leg);
                        tcp = measured.map(|measured| turn.out.spare.tcp(measured)).or(tcp);
                    }
                    Action::Ask(query) => self.ask(key, now, query),
                }
            }
            let wake = match next {
                Next::Wait(wake) => wake,
                Next::Done => return self.finish(key, now, tcp, turn),
            };
            // Mostly the kernel has taken all of the request by now, and no other news came before.
            let Some((leg, left, at)) = sent else { return self.arm(key, wake) };
            (now, input) = (at, Input::Sent { leg, left });
        }
    }

    #[inline(never)]
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

    /// How many octets are left, and when the last was taken.
    #[inline(never)]
    fn send(&mut self, key: usize, leg: Leg, octets: &[u8]) -> Option<(Leg, usize, Time)> {
        let legs = &self.probes.get(key)?.legs;
        let (_, at) = *legs.iter().find(|(of, _)| *of == leg)?;
        let link = self.links.get(at)?;
        let (left, sent) = link.send(octets, &self.clock);
        if link.fault().is_some() {
            self.hungry.push(at);
        }
        Some((leg, left, sent))
    }

    /// What was measured of the connection.
    #[inline(never)]
    fn hang_up(&mut self, key: usize, leg: Leg) -> Option<Tcp> {
        let running = self.probes.get_mut(key)?;
        let at = running.legs.iter().position(|(of, _)| *of == leg)?;
        let (_, link) = running.legs.swap_remove(at)?;
        self.links.hang_up(link, running.probe.plan().parting)
    }

    fn arm(&mut self, key: usize, wake: Time) {
        let Some(running) = self.probes.get_mut(key) else { return };
        if wake < running.armed {
            running.armed = wake;
            self.timers.add(wake, Entry::new(key, running.serial));
        }
    }

    #[inline(never)]
    fn finish(&mut self, key: usize, now: Time, tcp: Option<Box<Tcp>>, turn: &mut Turn<'_>) {
        let Some((running, ignored)) = self.take(key) else { return };
        let (at, number) = (self.clock.wall(running.started()), running.number);
        let plan = running.next().map(|_| Arc::clone(running.probe.plan()));
        let mut report = running.probe.into_report();
        report.tcp = tcp;
        if let Some(Resolved::Name(named)) = &mut report.resolve {
            named.ignored = ignored.unwrap_or_default();
        }
        let next = report.next.clone();
        let traced = if self.traced.is_empty() { None } else { self.traced.remove(&key) };
        let lines = traced.as_ref().map_or("", Traced::lines);
        turn.work.done(now, Finished { number, at, report }, lines);
        if let Some(spare) = turn.work.spare() {
            turn.out.spare.keep(spare);
        }
        if let (Some(hop), Some(plan)) = (next, plan) {
            let probe = Probe::follow(hop, plan);
            self.begin(probe, number, self.clock.now(), turn);
        }
    }

    /// Takes a probe out of the loop with all that was its own, and what the resolver has
    /// ignored while it waited.
    #[inline(always)]
    pub(super) fn take(&mut self, key: usize) -> Option<(Running, Option<Ignored>)> {
        let running = self.probes.try_remove(key)?;
        // A machine that is done has hung up every leg; a link that is left would be its mistake,
        // and must not outlive it.
        for (_, link) in &running.legs {
            let _ = self.links.hang_up(*link, running.probe.plan().parting);
        }
        if !self.news.is_empty() {
            self.news.retain(|(of, _)| *of != key);
        }
        let ignored = running.asked.then(|| self.forget(key));
        Some((running, ignored))
    }
}
