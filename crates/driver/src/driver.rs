//! The loop: sockets, time and the machines that know what to do with them.

mod names;
mod traced;

use std::collections::{BTreeMap, VecDeque};
use std::io;
use std::os::fd::{AsRawFd, OwnedFd};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, SystemTime};

use fourstep_probe::{Action, Actions, Few, Input, Mark, Next, Probe, Resolved, Tcp};
use fourstep_resolve::{
    self as resolve, Answer, Channel, Ignored, Resolver, ServiceAnswer, Ticket,
};
use fourstep_socket::{self as socket, Stamping};
use fourstep_terms::{Clock as Whose, Fault, FaultKind, Leg, Time};
use mio::unix::SourceFd;
use mio::{Events, Interest, Poll, Token, Waker};
use slab::Slab;

use crate::alarm::Alarm;
use crate::channels::{self, Channels};
use crate::clock::Clock;
use crate::job::{Finished, Job, Ran, Settings};
use crate::link::{Got, Link, Ready};
use crate::links::{Key, Links};
use crate::timers::{Entry, Timers};
use crate::work::{Jobs, Supply, Work};
use traced::Traced;

/// Octets that one read may bring; one buffer serves the whole loop.
const BUFFER_OCTETS: usize = 64 * 1024;

/// Reads of one link or channel before the others, and the clock, get their turn: a flood must not
/// starve them.
const READS_PER_TURN: usize = 16;

/// Probes begun before those under way get their turn: a burst of thousands would be seen in the
/// connect times of all of them.
const BEGUN_PER_TURN: usize = 16;

/// The tokens of the waker, the bell and the alarm, between those of links and those of channels.
const WAKER: Token = Token(usize::MAX / 2 - 1);
const BELL: Token = Token(usize::MAX / 2 - 2);
const ALARM: Token = Token(usize::MAX / 2 - 3);

/// One loop, for one probe or a million: it owns the clock and the sockets, and hands what they
/// say to the machines.
pub struct Driver {
    poll: Poll,
    clock: Clock,
    settings: Settings,
    /// Has the kernel stamp what comes in from the first probe on.
    _stamping: Option<Stamping>,
    /// How the resolver's own sockets are tuned.
    name_sockets: socket::Options,
    probes: Slab<Running>,
    /// What is written down of their exchanges, when that is wanted.
    traced: BTreeMap<usize, Traced>,
    /// Counts the probes begun, so that a late timer is not taken for a new probe's.
    serial: u32,
    links: Links,
    /// Links that had more to read than one turn allows.
    hungry: Vec<Key>,
    /// Channels of the same kind.
    talkative: Vec<Channel>,
    channels: Channels,
    resolver: Resolver,
    timers: Timers,
    alarm: Alarm,
    buffer: Box<[u8]>,
    interrupted: Arc<AtomicBool>,
    waker: Arc<Waker>,
    /// Open for as long as the poll watches it.
    bell: Option<OwnedFd>,
    /// News that actions brought, fed when the list they stood in is done.
    news: VecDeque<(usize, News)>,
    /// Where the resolver writes what it asks for.
    asked: Vec<resolve::Action>,
}

/// A probe under way.
struct Running {
    probe: Probe,
    number: u64,
    serial: u32,
    /// Whether its host is excluded as it is written: it dials nothing then.
    excluded: bool,
    /// Whether a question of it may be with the resolver.
    asked: bool,
    /// Its legs and their links.
    legs: Few<(Leg, Key)>,
    /// The earliest of its timers.
    armed: Time,
}

impl Running {
    fn started(&self) -> Time {
        self.probe.report().timeline.at(Mark::Started).unwrap_or(Time::START)
    }
}

/// News that an action itself brought.
enum News {
    Failed(Leg, Fault),
    /// So many octets are left, and when the last was taken.
    Sent(Leg, usize, Time),
    Answered(Arc<Answer>),
    Served(Arc<ServiceAnswer>),
}

/// What one turn of any machine writes to.
struct Turn<'a> {
    out: Actions,
    work: &'a mut dyn Work,
}

/// What a turn began.
enum Begun {
    /// As many as one turn may: there may be more.
    Enough,
    /// All that there is before this moment.
    All(Time),
    /// All that there is, and there may be no more.
    NoMore,
}

/// Ends or wakes a run from elsewhere: another thread, or a signal's handler thread.
#[derive(Clone, Debug)]
pub struct Interrupter {
    flag: Arc<AtomicBool>,
    waker: Arc<Waker>,
}

impl Interrupter {
    /// Has the loop report what is under way as interrupted, and end.
    pub fn interrupt(&self) {
        self.flag.store(true, Ordering::Release);
        self.wake();
    }

    /// Has the loop ask its [`Work`] again: there may be something new.
    pub fn wake(&self) {
        // The loop looks around whenever it wakes; if this cannot wake it, its next deadline will.
        let _ = self.waker.wake();
    }
}

impl Driver {
    /// A loop with nothing in it. An error is this machine's: no descriptor, no memory, or no
    /// randomness for the ids of DNS messages.
    pub fn new(settings: Settings) -> io::Result<Driver> {
        let poll = Poll::new()?;
        let waker = Arc::new(Waker::new(poll.registry(), WAKER)?);
        let name_sockets = socket::Options { source: None, ..settings.sockets.clone() };
        let stamping = match settings.clock {
            // Without stamps our own clock tells.
            Whose::Kernel => Stamping::begin().ok(),
            Whose::User => None,
        };
        Ok(Driver {
            poll,
            clock: Clock::new(),
            _stamping: stamping,
            resolver: Resolver::new(settings.names.clone(), names::seed()?),
            name_sockets,
            probes: Slab::new(),
            traced: BTreeMap::new(),
            serial: 0,
            links: Links::new(settings.clock, !settings.fresh_sockets),
            hungry: Vec::new(),
            talkative: Vec::new(),
            channels: Channels::default(),
            timers: Timers::default(),
            alarm: Alarm::default(),
            buffer: vec![0; BUFFER_OCTETS].into_boxed_slice(),
            interrupted: Arc::new(AtomicBool::new(false)),
            waker,
            bell: None,
            news: VecDeque::new(),
            asked: Vec::new(),
            settings,
        })
    }

    /// A handle that ends the run, or wakes it.
    pub fn interrupter(&self) -> Interrupter {
        Interrupter { flag: Arc::clone(&self.interrupted), waker: Arc::clone(&self.waker) }
    }

    /// Ends the run when `bell` becomes readable: the other end of a pipe or socket that a
    /// signal's handler writes to, so that no thread has to wait for the signal.
    pub fn interrupt_on(&mut self, bell: impl Into<OwnedFd>) -> io::Result<()> {
        let bell = bell.into();
        let raw = bell.as_raw_fd();
        self.poll.registry().register(&mut SourceFd(&raw), BELL, Interest::READABLE)?;
        self.bell = Some(bell);
        Ok(())
    }

    /// Probes every job, at most [`Settings::in_flight`] at once, and hands over each report as
    /// it is ready. A report comes with the lines of its exchange, when they are wanted.
    ///
    /// An error is the poll's own: nothing else stops the loop.
    pub fn run(
        &mut self,
        jobs: impl IntoIterator<Item = Job>,
        each: impl FnMut(Finished, &str),
    ) -> io::Result<Ran> {
        let room = self.settings.in_flight.max(1);
        self.work(&mut Jobs { jobs: jobs.into_iter().fuse(), each, room })
    }

    /// Probes what `work` gives, until there is no more.
    ///
    /// An error is the poll's own: nothing else stops the loop.
    pub fn work(&mut self, work: &mut dyn Work) -> io::Result<Ran> {
        let mut events = Events::with_capacity(1024);
        let mut turn = Turn { out: Actions::default(), work };
        loop {
            self.links.turn();
            let begun = self.begin_some(&mut turn);
            if self.is_interrupted() {
                self.interrupt_all(&mut turn);
                self.links.release();
                return Ok(Ran::Interrupted);
            }
            let until = match begun {
                Begun::NoMore if self.probes.is_empty() => {
                    self.links.release();
                    return Ok(Ran::All);
                }
                Begun::NoMore => Time::NEVER,
                Begun::Enough => Time::START,
                Begun::All(until) => until,
            };
            self.wait(until, &mut events)?;
            for event in &events {
                match channels::channel(event.token()) {
                    _ if [WAKER, ALARM].contains(&event.token()) => {}
                    _ if event.token() == BELL => self.interrupted.store(true, Ordering::Release),
                    Some(channel) => self.hear(channel, &mut turn),
                    None => {
                        if let Some(at) = self.links.told_of(event.token()) {
                            self.link_ready(at, Ready::of(event), &mut turn);
                        }
                    }
                }
            }
            for key in std::mem::take(&mut self.hungry) {
                self.link_ready(key, Ready::HUNGRY, &mut turn);
            }
            for channel in std::mem::take(&mut self.talkative) {
                self.hear(channel, &mut turn);
            }
            self.tick(&mut turn);
        }
    }

    fn is_interrupted(&self) -> bool {
        self.interrupted.load(Ordering::Acquire)
    }

    /// Begins what there is to begin, but only so many at once.
    fn begin_some(&mut self, turn: &mut Turn<'_>) -> Begun {
        for _ in 0..BEGUN_PER_TURN {
            if self.is_interrupted() {
                break;
            }
            let now = self.clock.now();
            match turn.work.next(now) {
                Supply::Job(job) => {
                    let probe = Probe::new(job.target, job.plan);
                    self.begin(probe, job.number, now, turn);
                }
                Supply::Wait(until) => return Begun::All(until),
                Supply::End => return Begun::NoMore,
            }
        }
        Begun::Enough
    }

    /// Waits for news, until something is to begin or the next deadline at the latest.
    /// With more to do at once it only takes what is there.
    fn wait(&mut self, begin: Time, events: &mut Events) -> io::Result<()> {
        let deadline = self.timers.next().min(self.resolver.deadline());
        let is_busy = !self.hungry.is_empty() || !self.talkative.is_empty();
        let time_out = match begin.min(deadline) {
            _ if is_busy => Some(Duration::ZERO),
            Time::START => Some(Duration::ZERO),
            Time::NEVER => None,
            until => {
                let now = self.clock.now();
                let after = begin.since(now);
                let wakes = begin < deadline && self.alarm.set(after, self.poll.registry(), ALARM);
                // The poll rounds up to its milliseconds, so it does not wake before the moment.
                if wakes { None } else { Some(until.since(now)) }
            }
        };
        match self.poll.poll(events, time_out) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {
                events.clear();
                Ok(())
            }
            other => other,
        }
    }

    fn begin(&mut self, probe: Probe, number: u64, started: Time, turn: &mut Turn<'_>) {
        let wall = self.clock.wall(started).duration_since(SystemTime::UNIX_EPOCH);
        let probe = probe.at(wall.unwrap_or_default());
        self.serial = self.serial.wrapping_add(1);
        let excluded = self.settings.excluded.covers(probe.report().target.host());
        let traced =
            self.settings.trace.then(|| Traced::new(started, probe.report(), probe.plan()));
        let key = self.probes.insert(Running {
            probe,
            number,
            serial: self.serial,
            excluded,
            asked: false,
            legs: Few::default(),
            armed: Time::NEVER,
        });
        self.traced.extend(traced.map(|traced| (key, traced)));
        self.feed(key, started, Input::Start, turn);
        self.settle(turn);
    }

    /// Gives one probe one input, and does what it asks for.
    fn feed(&mut self, key: usize, now: Time, input: Input<'_>, turn: &mut Turn<'_>) {
        let Some(running) = self.probes.get_mut(key) else { return };
        turn.out.clear();
        let mut traced = self.traced.get_mut(&key);
        if let Some(traced) = &mut traced {
            traced.input(now, &input);
        }
        let next = running.probe.handle(now, input, &mut turn.out);
        if let Some(traced) = traced {
            let done = (next == Next::Done).then(|| running.probe.report());
            traced.output(now, &turn.out, done);
        }
        // The list goes back to where it was: it is long enough for the next turn too.
        let mut list = std::mem::take(&mut turn.out.list);
        let mut tcp = None;
        for action in list.drain(..) {
            tcp = self.perform(key, now, action, &turn.out.octets).or(tcp);
        }
        turn.out.list = list;
        match next {
            Next::Wait(wake) => self.arm(key, wake),
            Next::Done => self.finish(key, now, tcp, turn),
        }
    }

    /// Feeds the news that actions brought, until they bring no more.
    fn settle(&mut self, turn: &mut Turn<'_>) {
        while let Some((key, news)) = self.news.pop_front() {
            let now = match news {
                News::Sent(_, _, at) => at,
                _ => self.clock.now(),
            };
            match news {
                News::Failed(leg, fault) => self.feed(key, now, Input::Failed { leg, fault }, turn),
                News::Sent(leg, left, _) => self.feed(key, now, Input::Sent { leg, left }, turn),
                News::Served(answer) => {
                    self.feed(key, now, Input::Served { answer: &answer }, turn);
                }
                News::Answered(answer) => {
                    if !self.may_dial(key, now, &answer, turn) {
                        // Dropped unseen: the work gives it out again.
                        drop(self.take(key));
                        self.traced.remove(&key);
                        continue;
                    }
                    let sources = self.sources(key, &answer);
                    let input = Input::Answered { answer: &answer, sources: &sources };
                    self.feed(key, now, input, turn);
                }
            }
        }
    }

    /// Does what a probe asks for: what was measured of a connection that this hangs up.
    fn perform(&mut self, key: usize, now: Time, action: Action, octets: &[u8]) -> Option<Tcp> {
        let running = self.probes.get_mut(key)?;
        match action {
            Action::Ask(query) => {
                running.asked = true;
                self.resolver.ask(now, Ticket(key), &query, &mut self.asked);
                self.perform_asked(now);
            }
            Action::Dial(leg, to) if running.excluded || self.settings.excludes(&to) => {
                let fault = Fault::of(FaultKind::Excluded);
                self.news.push_back((key, News::Failed(leg, fault)));
            }
            Action::Dial(leg, to) => {
                let options = &self.settings.sockets;
                match self.links.dial(key, leg, &to, options, self.poll.registry()) {
                    Ok(link) => running.legs.push((leg, link)),
                    Err(fault) => self.news.push_back((key, News::Failed(leg, fault))),
                }
            }
            Action::Send(leg, range) => {
                let (_, at) = *running.legs.iter().find(|(of, _)| *of == leg)?;
                let link = self.links.get(at)?;
                let (left, sent) = link.send(octets.get(range).unwrap_or_default(), &self.clock);
                if link.fault().is_some() {
                    self.hungry.push(at);
                }
                self.news.push_back((key, News::Sent(leg, left, sent)));
            }
            Action::HangUp(leg) => {
                let at = running.legs.iter().position(|(of, _)| *of == leg)?;
                let (_, link) = running.legs.swap_remove(at)?;
                return self.links.hang_up(link, running.probe.plan().parting);
            }
        }
        None
    }

    /// A leg's socket has something to say.
    fn link_ready(&mut self, at: Key, ready: Ready, turn: &mut Turn<'_>) {
        let Some(link) = self.links.get(at) else { return };
        let (key, leg) = (link.owner(), link.leg);
        if !link.is_up() {
            let now = self.clock.now();
            let Some(outcome) = link.outcome(ready) else { return };
            match outcome {
                Ok(()) => {
                    let local = self.links.stand(at);
                    self.feed(key, now, Input::Connected { leg, local }, turn);
                }
                Err(fault) => self.feed(key, now, Input::Failed { leg, fault }, turn),
            }
            self.settle(turn);
        }
        let clock = self.clock;
        if let Some(link) = self.live(at, key, leg)
            && link.is_sending()
        {
            let (left, sent) = link.send_more(&clock);
            self.feed(key, sent, Input::Sent { leg, left }, turn);
        }
        // The poll tells again when there is more to read: none of it is asked for in vain.
        let fault = self.live(at, key, leg).and_then(|link| link.fault());
        if !ready.to_read && fault.is_none() {
            return self.settle(turn);
        }
        let mut buffer = std::mem::take(&mut self.buffer);
        self.read(at, key, leg, &mut buffer, turn);
        self.buffer = buffer;
        self.settle(turn);
    }

    fn read(&mut self, at: Key, key: usize, leg: Leg, buffer: &mut [u8], turn: &mut Turn<'_>) {
        for _ in 0..READS_PER_TURN {
            let Some(link) = self.live(at, key, leg) else { return };
            let got = link.read(buffer);
            // A peer that stops reading may have said why: what it wrote comes before the fault
            // that our own writing met.
            let fault = link.fault();
            let (now, came) = match got {
                Got::Octets(_, Some(stamp)) => self.clock.now_and(stamp),
                _ => (self.clock.now(), None),
            };
            let input = match got {
                Got::Octets(count, _) => {
                    let octets = buffer.get(..count).unwrap_or_default();
                    self.feed(key, now, Input::Received { leg, octets, at: came }, turn);
                    // What it sent in answer is sent: news of that comes before more octets.
                    self.settle(turn);
                    continue;
                }
                Got::Nothing => match fault {
                    Some(fault) => Input::Failed { leg, fault },
                    None => return,
                },
                Got::End => match fault {
                    Some(fault) => Input::Failed { leg, fault },
                    None => Input::Closed { leg },
                },
                Got::Failed(fault) => Input::Failed { leg, fault },
            };
            return self.feed(key, now, input, turn);
        }
        self.hungry.push(at);
    }

    /// The link, if it is still that leg of that probe's and stands.
    fn live(&mut self, at: Key, key: usize, leg: Leg) -> Option<&mut Link> {
        self.links.get(at).filter(|link| link.is_up() && link.owner() == key && link.leg == leg)
    }

    /// Ticks whoever is due.
    fn tick(&mut self, turn: &mut Turn<'_>) {
        let now = self.clock.now();
        if self.resolver.deadline() <= now {
            self.resolver.handle(now, resolve::Input::Tick, &mut self.asked);
            self.perform_asked(now);
            self.settle(turn);
        }
        let probes = &self.probes;
        self.timers.sweep(probes.len(), |at, entry| {
            let running = probes.get(entry.key());
            running.is_some_and(|it| it.serial == entry.serial && it.armed == at)
        });
        while let Some((at, entry)) = self.timers.due(now) {
            let key = entry.key();
            let is_its = |it: &&mut Running| it.serial == entry.serial && it.armed == at;
            let Some(running) = self.probes.get_mut(key).filter(is_its) else { continue };
            // It may come early: then nothing happens, and the probe says when to tick.
            running.armed = Time::NEVER;
            self.feed(key, now, Input::Tick, turn);
            self.settle(turn);
        }
    }

    fn arm(&mut self, key: usize, wake: Time) {
        let Some(running) = self.probes.get_mut(key) else { return };
        if wake < running.armed {
            running.armed = wake;
            self.timers.add(wake, Entry::new(key, running.serial));
        }
    }

    fn finish(&mut self, key: usize, now: Time, tcp: Option<Tcp>, turn: &mut Turn<'_>) {
        let Some((running, ignored)) = self.take(key) else { return };
        let (at, plan) = (self.clock.wall(running.started()), Arc::clone(running.probe.plan()));
        let mut report = running.probe.into_report();
        report.tcp = tcp.map(Box::new);
        if let Some(Resolved::Name(named)) = &mut report.resolve {
            named.ignored = ignored;
        }
        let next = report.next.clone();
        let number = running.number;
        let traced = self.traced.remove(&key);
        let lines = traced.as_ref().map_or("", Traced::lines);
        turn.work.done(now, Finished { number, at, report }, lines);
        if let Some(hop) = next {
            let probe = Probe::follow(hop, plan);
            self.begin(probe, number, self.clock.now(), turn);
        }
    }

    /// Takes a probe out of the loop with all that was its own, and what the resolver has
    /// ignored while it waited.
    fn take(&mut self, key: usize) -> Option<(Running, Ignored)> {
        let mut running = self.probes.try_remove(key)?;
        // A machine that is done has hung up every leg; a link that is left would be its mistake,
        // and must not outlive it.
        for (_, link) in &std::mem::take(&mut running.legs) {
            let _ = self.links.hang_up(*link, running.probe.plan().parting);
        }
        self.news.retain(|(of, _)| *of != key);
        let mut ignored = Ignored::default();
        if running.asked {
            ignored = self.resolver.ignored(Ticket(key));
            self.resolver.forget(Ticket(key), &mut self.asked);
            self.perform_asked(self.clock.now());
        }
        Some((running, ignored))
    }

    fn interrupt_all(&mut self, turn: &mut Turn<'_>) {
        let now = self.clock.now();
        let under_way: Vec<usize> = self.probes.iter().map(|(key, _)| key).collect();
        for key in under_way {
            self.feed(key, now, Input::Interrupt, turn);
        }
    }
}
