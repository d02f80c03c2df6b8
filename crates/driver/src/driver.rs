//! The loop: sockets, time and the machines that know what to do with them.

mod begin;
mod feed;
mod names;
mod ready;
mod traced;

use std::collections::{BTreeMap, VecDeque};
use std::io;
use std::os::fd::{AsRawFd, OwnedFd};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use fourstep_probe::{Actions, Few, Input, Probe};
use fourstep_resolve::{self as resolve, Answer, Channel, Resolver, ServiceAnswer};
use fourstep_socket::{self as socket, Stamping};
use fourstep_terms::{Clock as Whose, Fault, Leg, Time};
use mio::unix::SourceFd;
use mio::{Events, Interest, Poll, Token, Waker};
use slab::Slab;

use crate::alarm::Alarm;
use crate::channels::{self, Channels};
use crate::clock::Clock;
use crate::job::{Finished, Job, Ran, Settings};
use crate::link::Ready;
use crate::links::{self, Key, Links};
use crate::timers::Timers;
use crate::work::{Jobs, Work};
use begin::Begun;
use traced::Traced;

/// Octets that one read may bring; one buffer serves the whole loop.
const BUFFER_OCTETS: usize = 64 * 1024;

/// Reads of one link or channel before the others, and the clock, get their turn: a flood must not
/// starve them.
const READS_PER_TURN: usize = 16;

/// Probes begun in one turn, so that those under way get theirs: a burst of thousands would be seen in
/// the connect times of all of them.
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
    /// Whether anything is excluded, or exchanges are written down.
    with_care: bool,
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
    hungry: Vec<Token>,
    /// Channels of the same kind.
    talkative: Vec<Channel>,
    channels: Channels,
    resolver: Resolver,
    timers: Timers,
    alarm: Alarm,
    /// What is read comes here.
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
    /// Empty before a machine's turn and after: who does what it asks for clears it.
    out: Actions,
    work: &'a mut dyn Work,
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
            links: Links::new(settings.serves_again()),
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
            with_care: settings.trace || !settings.excluded.is_empty(),
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
        // Inputs borrow from it while the loop is at work.
        let mut buffer = std::mem::take(&mut self.buffer);
        let ran = self.turns(work, &mut buffer);
        self.buffer = buffer;
        ran
    }

    fn turns(&mut self, work: &mut dyn Work, buffer: &mut [u8]) -> io::Result<Ran> {
        let mut events = Events::with_capacity(1024);
        let mut turn = Turn { out: Actions::default(), work };
        let mut begun_early = 0;
        loop {
            self.links.turn();
            let begun = self.begin_some(BEGUN_PER_TURN.saturating_sub(begun_early), &mut turn);
            begun_early = 0;
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
                let (token, under_way) = (event.token(), self.probes.len());
                if !links::is_link(token) {
                    self.told(token, buffer, &mut turn);
                    continue;
                }
                self.link_ready(token, Ready::of(event), buffer, &mut turn);
                // What ended makes room for the next at once: its memory, and its socket, are
                // still at hand.
                if self.probes.len() < under_way && begun_early < BEGUN_PER_TURN {
                    let _ = self.begin_next(&mut turn);
                    begun_early += 1;
                }
            }
            for token in std::mem::take(&mut self.hungry) {
                self.link_ready(token, Ready::HUNGRY, buffer, &mut turn);
            }
            for channel in std::mem::take(&mut self.talkative) {
                self.hear(channel, buffer, &mut turn);
            }
            self.tick(&mut turn);
        }
    }

    /// Something that is no link has something to say.
    #[cold]
    fn told(&mut self, token: Token, buffer: &mut [u8], turn: &mut Turn<'_>) {
        if let Some(channel) = channels::channel(token) {
            self.hear(channel, buffer, turn);
        } else if token == BELL {
            self.interrupted.store(true, Ordering::Release);
        }
    }

    fn is_interrupted(&self) -> bool {
        self.interrupted.load(Ordering::Acquire)
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

    fn interrupt_all(&mut self, turn: &mut Turn<'_>) {
        let now = self.clock.now();
        let under_way: Vec<usize> = self.probes.iter().map(|(key, _)| key).collect();
        for key in under_way {
            self.feed(key, now, Input::Interrupt, turn);
        }
    }
}
