//! Beginning probes.

use fourstep_probe::{Action, Few, Input, Next, Probe};
use fourstep_target::Scheme;
use fourstep_terms::Time;

use super::traced::Traced;
use super::{Driver, News, Running, Turn};
use crate::timers::Entry;
use crate::work::Supply;

/// What a turn began.
pub(super) enum Begun {
    /// As many as one turn may: there may be more.
    Enough,
    /// All that there is before this moment.
    All(Time),
    /// All that there is, and there may be no more.
    NoMore,
}

impl Driver {
    /// Begins what there is to begin, but at most so many.
    pub(super) fn begin_some(&mut self, most: usize, turn: &mut Turn<'_>) -> Begun {
        for _ in 0..most {
            if let Some(begun) = self.begin_next(turn) {
                return begun;
            }
        }
        Begun::Enough
    }

    /// Begins the next job; if there is none to begin, says why.
    #[inline(never)]
    pub(super) fn begin_next(&mut self, turn: &mut Turn<'_>) -> Option<Begun> {
        if self.is_interrupted() {
            return Some(Begun::Enough);
        }
        let now = self.clock.now();
        match turn.work.next(now) {
            Supply::Job(job) => {
                let probe = Probe::new_in(&mut turn.out.spare, job.target, job.plan);
                self.begin(probe, job.number, now, turn);
                None
            }
            Supply::Wait(until) => Some(Begun::All(until)),
            Supply::End => Some(Begun::NoMore),
        }
    }

    /// Begins a job: in the usual way, it dials one place.
    #[inline(always)]
    fn begin(&mut self, probe: Probe, number: u64, started: Time, turn: &mut Turn<'_>) {
        let running = self.running(probe, number, started);
        let place = self.probes.vacant_entry();
        let (key, running) = (place.key(), place.insert(running));
        if self.with_care {
            return self.begin_with_care(key, started, turn);
        }
        let next = running.probe.handle(started, Input::Start, &mut turn.out);
        if let ([Action::Dial(leg, to)], Next::Wait(wake)) = (turn.out.list.as_slice(), next) {
            let options = &self.settings.sockets;
            match self.links.dial(key, *leg, to, options, self.poll.registry()) {
                Ok(link) => running.legs = Few::One((*leg, link)),
                Err(fault) => self.news.push_back((key, News::Failed(*leg, fault))),
            }
            turn.out.list.clear();
            if wake < Time::NEVER {
                running.armed = wake;
                self.timers.add(wake, Entry::new(key, running.serial));
            }
        } else {
            self.act(key, started, next, turn);
        }
        self.settle(turn);
    }

    /// Begins the next hop of a chain.
    #[cold]
    pub(super) fn begin_hop(&mut self, probe: Probe, number: u64, turn: &mut Turn<'_>) {
        let started = self.clock.now();
        let running = self.running(probe, number, started);
        let key = self.probes.insert(running);
        self.begin_with_care(key, started, turn);
    }

    #[inline(always)]
    fn running(&mut self, mut probe: Probe, number: u64, started: Time) -> Running {
        if probe.report().target.scheme() == Scheme::Https {
            // Certificates are to be valid then.
            probe = probe.at(self.clock.since_1970(started));
        }
        self.serial = self.serial.wrapping_add(1);
        Running {
            probe,
            number,
            serial: self.serial,
            excluded: false,
            asked: false,
            legs: Few::default(),
            armed: Time::NEVER,
        }
    }

    /// Begins a probe whose exchange may have to be written down, or that may be excluded.
    #[inline(never)]
    fn begin_with_care(&mut self, key: usize, started: Time, turn: &mut Turn<'_>) {
        let Some(Running { probe, excluded, .. }) = self.probes.get_mut(key) else { return };
        let report = probe.report();
        *excluded = self.settings.excluded.covers(report.target.host());
        if self.settings.trace {
            self.traced.insert(key, Traced::new(started, report, probe.plan()));
        }
        self.feed(key, started, Input::Start, turn);
        self.settle(turn);
    }
}
