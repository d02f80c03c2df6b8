//! What stands around one probe: its lines, its ledger, its promises.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use fourstep_probe::{Action, Actions, Input, Next, Plan, Probe, Report, trace};
use fourstep_terms::{Leg, Time};

use crate::check::check;
use crate::line::News;
use crate::script::Script;
use crate::tls::{Peer, Server, Speech, WALL, write_speech};

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
    /// How many requests were handed over to be sent: one, and one for a tunnel.
    sent: usize,
    peer: Option<Peer>,
    /// The peers' sides of TLS.
    servers: BTreeMap<Leg, Server>,
    lines: Option<String>,
}

impl Stage {
    /// A stage for a probe that has not begun. Its wall clock stands at 2026-06-01.
    pub fn new(probe: Probe, plan: &Plan) -> Stage {
        Stage {
            probe: probe.at(WALL),
            total: plan.deadlines.total,
            end: Time::NEVER,
            now: Time::START,
            next: Next::Wait(Time::NEVER),
            out: Actions::default(),
            legs: BTreeMap::new(),
            asked: false,
            sent: 0,
            peer: None,
            servers: BTreeMap::new(),
            lines: None,
        }
    }

    /// Has the peers speak TLS as this script's do: to be fed by [`Stage::tell`].
    pub fn facing(mut self, script: &Script) -> Stage {
        self.peer = Some(script.peer.clone());
        self
    }

    /// Keeps the lines of the exchange, for [`Stage::lines`].
    pub fn traced(mut self) -> Stage {
        self.lines = Some(String::new());
        self
    }

    /// Gives the probe one input; what it asks for.
    pub fn feed(&mut self, now: Time, input: Input<'_>) -> Result<&Actions, Breach> {
        self.turn(now, input, None)
    }

    /// Gives the probe news; whether there was any: a peer may have nothing to say.
    pub fn tell(&mut self, now: Time, news: &News) -> Result<bool, Breach> {
        if let Some(input) = news.input() {
            self.turn(now, input, None)?;
            return Ok(true);
        }
        let News::Spoken(leg, speech, at) = news else { return Ok(false) };
        let (leg, octets) = (*leg, self.spoken(*leg, speech));
        if octets.is_empty() {
            return Ok(false);
        }
        self.turn(now, Input::Received { leg, octets: &octets, at: *at }, Some(speech))?;
        Ok(true)
    }

    /// The octets of what a peer says in TLS, which it says once: for whoever wants to cut them.
    pub fn spoken(&mut self, leg: Leg, speech: &[Speech]) -> Vec<u8> {
        self.servers.get_mut(&leg).map(|server| server.say(speech)).unwrap_or_default()
    }

    /// What the probe asked for last.
    pub fn asked(&self) -> &[Action] {
        &self.out.list
    }

    fn turn(
        &mut self,
        now: Time,
        input: Input<'_>,
        speech: Option<&[Speech]>,
    ) -> Result<&Actions, Breach> {
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
            let mut line = String::new();
            match (speech, &input) {
                (Some(speech), Input::Received { leg, at, .. }) => {
                    let empty = Input::Received { leg: *leg, octets: &[], at: *at };
                    trace::input(now, &empty, &mut line);
                    in_words(&mut line, &write_speech(speech));
                }
                _ => trace::input(now, &input, &mut line),
            }
            lines.push_str(&line);
        }
        self.out.clear();
        self.next = self.probe.handle(now, input, &mut self.out);
        let heard = self.hear();
        if let Some(lines) = &mut self.lines {
            if is_tick && self.out.list.is_empty() && self.next != Next::Done {
                lines.truncate(began);
            }
            let mut asked = String::new();
            trace::actions(now, &self.out, &mut asked);
            for (line, heard) in asked.split_inclusive('\n').zip(&heard) {
                let mut line = line.to_owned();
                if let Some(heard) = heard {
                    in_words(&mut line, heard);
                }
                lines.push_str(&line);
            }
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

    /// Whether anything was handed over to be sent.
    pub fn has_sent(&self) -> bool {
        self.sent > 0 || !self.servers.is_empty()
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

    /// Brings what is sent in TLS to the peers: what each makes of it, for each action of the turn.
    fn hear(&mut self) -> Vec<Option<String>> {
        let mut heard = Vec::new();
        for action in &self.out.list {
            heard.push(match (action, &self.peer) {
                (Action::Send(leg, range), Some(peer)) => {
                    let octets = self.out.octets.get(range.clone()).unwrap_or_default();
                    match self.servers.get_mut(leg) {
                        Some(server) => Some(server.hear(octets)),
                        // A handshake record begins so (RFC 8446 §5.1).
                        None if octets.first() == Some(&22) => {
                            let server = self.servers.entry(*leg).or_insert(Server::new(peer));
                            Some(server.hear(octets))
                        }
                        None => None,
                    }
                }
                _ => None,
            });
        }
        heard
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
                Action::Send(leg, _) if self.legs.get(leg) != Some(&true) => "sent on no leg",
                Action::Send(leg, _) if self.servers.contains_key(leg) => continue,
                Action::Send(..) if self.sent > 0 => "sent twice",
                Action::Send(..) => {
                    self.sent += 1;
                    continue;
                }
                Action::HangUp(leg) => match self.legs.get_mut(leg) {
                    Some(held) if *held => {
                        *held = false;
                        continue;
                    }
                    Some(_) => "hung up twice",
                    None => "never dialled",
                },
                Action::Ask(_) | Action::Dial(..) => continue,
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

/// Puts words of TLS in the place of the octets that end a line.
fn in_words(line: &mut String, words: &str) {
    let end = line.find('"').unwrap_or(line.len());
    line.truncate(end);
    line.push_str("tls ");
    line.push_str(words);
    line.push('\n');
}
