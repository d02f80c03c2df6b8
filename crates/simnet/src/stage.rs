//! What stands around one probe: its lines, its ledger, its promises.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use fourstep_probe::{Action, Actions, Input, Next, Plan, Probe, Report, trace};
use fourstep_terms::{Leg, Time};

use crate::check::check;

/// A promise that a probe did not keep.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Breach(pub String);

impl fmt::Display for Breach {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Breach {}

/// One probe, watched: what it is told and what it asks for becomes lines, and each turn is held
/// against what the machine promises.
pub struct Stage {
    probe: Probe,
    /// How long the whole may take.
    total: Duration,
    /// When the whole must be over; never, before it began.
    end: Time,
    now: Time,
    next: Next,
    out: Actions,
    /// Each leg that was dialled: whether it is still ours.
    legs: BTreeMap<Leg, bool>,
    asked: bool,
    sent: bool,
    lines: Option<String>,
}

impl Stage {
    /// A stage for a probe that has not begun.
    pub fn new(probe: Probe, plan: &Plan) -> Stage {
        Stage {
            probe,
            total: plan.deadlines.total,
            end: Time::NEVER,
            now: Time::START,
            next: Next::Wait(Time::NEVER),
            out: Actions::default(),
            legs: BTreeMap::new(),
            asked: false,
            sent: false,
            lines: None,
        }
    }

    /// Keeps the lines of the exchange, for [`Stage::lines`].
    pub fn traced(mut self) -> Stage {
        self.lines = Some(String::new());
        self
    }

    /// Gives the probe one input; what it asks for.
    pub fn feed(&mut self, now: Time, input: Input<'_>) -> Result<&Actions, Breach> {
        let is_tick = matches!(input, Input::Tick);
        let (before, began) = (self.next, self.lines.as_ref().map_or(0, String::len));
        if now < self.now {
            return Err(Breach(format!("time runs backwards to {} ns", now.as_nanos())));
        }
        self.now = now;
        if matches!(input, Input::Start) && self.end == Time::NEVER {
            self.end = now + self.total;
        }
        if before == Next::Done {
            return self.feed_late(now, input);
        }
        if let Some(lines) = &mut self.lines {
            trace::input(now, &input, lines);
        }
        self.out.clear();
        self.next = self.probe.handle(now, input, &mut self.out);
        if let Some(lines) = &mut self.lines {
            if is_tick && self.out.list.is_empty() && self.next != Next::Done {
                lines.truncate(began);
            }
            trace::actions(now, &self.out, lines);
            if self.next == Next::Done {
                trace::end(now, self.probe.report(), lines);
            }
        }
        if is_tick && matches!(before, Next::Wait(wake) if now < wake) {
            self.was_early(before)?;
        }
        self.note()?;
        Ok(&self.out)
    }

    /// Lets time pass up to just before `until`, with a tick at each moment the probe asks for.
    pub fn pass(&mut self, until: Time) -> Result<(), Breach> {
        while let Next::Wait(wake) = self.next
            && wake < until
        {
            let (now, legs) = (wake.max(self.now), self.legs.len());
            self.feed(now, Input::Tick)?;
            if self.next == Next::Wait(wake) && self.legs.len() == legs {
                return Err(Breach(format!("a tick at {} ns changes nothing", now.as_nanos())));
            }
        }
        Ok(())
    }

    /// When the probe wants its next tick; `None` once it is done.
    pub fn wake(&self) -> Option<Time> {
        match self.next {
            Next::Wait(wake) => Some(wake),
            Next::Done => None,
        }
    }

    /// The moment of the last input.
    pub fn now(&self) -> Time {
        self.now
    }

    /// Whether the probe is done.
    pub fn is_done(&self) -> bool {
        self.next == Next::Done
    }

    /// Whether a leg was dialled and not hung up.
    pub fn holds(&self, leg: Leg) -> bool {
        self.legs.get(&leg).is_some_and(|held| *held)
    }

    /// Whether the request was handed over to be sent.
    pub fn has_sent(&self) -> bool {
        self.sent
    }

    /// How many legs were dialled.
    pub fn dialled(&self) -> usize {
        self.legs.len()
    }

    /// The lines so far, if they are kept.
    pub fn lines(&self) -> &str {
        self.lines.as_deref().unwrap_or_default()
    }

    /// What was seen so far.
    pub fn report(&self) -> &Report {
        self.probe.report()
    }

    /// The report of a probe that is done, checked.
    pub fn finish(self) -> Result<Box<Report>, Breach> {
        if self.next != Next::Done {
            return Err(Breach("the probe did not end".into()));
        }
        let dialled = self.legs.len();
        let report = self.probe.into_report();
        check(&report, dialled)?;
        Ok(report)
    }

    fn feed_late(&mut self, now: Time, input: Input<'_>) -> Result<&Actions, Breach> {
        self.out.clear();
        let next = self.probe.handle(now, input, &mut self.out);
        if next != Next::Done || !self.out.list.is_empty() {
            return Err(Breach(format!("late news brought {:?}", self.out.list)));
        }
        Ok(&self.out)
    }

    fn was_early(&self, before: Next) -> Result<(), Breach> {
        if self.next != before || !self.out.list.is_empty() {
            let now = self.now.as_nanos();
            return Err(Breach(format!("an early tick at {now} ns brought {:?}", self.out.list)));
        }
        Ok(())
    }

    /// Enters the actions of a turn into the ledger.
    fn note(&mut self) -> Result<(), Breach> {
        for action in &self.out.list {
            let breach = match action {
                Action::Ask(_) if std::mem::replace(&mut self.asked, true) => "asked twice",
                Action::Dial(leg, _) if self.legs.insert(*leg, true).is_some() => "dialled twice",
                Action::Dial(leg, _) if usize::from(leg.0) + 1 != self.legs.len() => "out of order",
                Action::Send(..) if std::mem::replace(&mut self.sent, true) => "sent twice",
                Action::Send(leg, _) if self.legs.get(leg) != Some(&true) => "sent on no leg",
                Action::HangUp(leg) => match self.legs.get_mut(leg) {
                    Some(held) if *held => {
                        *held = false;
                        continue;
                    }
                    Some(_) => "hung up twice",
                    None => "never dialled",
                },
                Action::Ask(_) | Action::Dial(..) | Action::Send(..) => continue,
            };
            return Err(Breach(format!("{breach}: {action:?}")));
        }
        if self.next == Next::Done
            && let Some((leg, _)) = self.legs.iter().find(|(_, held)| **held)
        {
            return Err(Breach(format!("done, and leg {leg} was not hung up")));
        }
        match self.next {
            Next::Wait(wake) if wake > self.end => {
                Err(Breach(format!("wants to wait until {} ns, past its end", wake.as_nanos())))
            }
            Next::Wait(_) | Next::Done => Ok(()),
        }
    }
}
