//! A network in memory: hosts, a name server, and any number of probes that share one resolver.

mod host;
mod names;
mod pieces;
mod schedule;
mod work;
mod zone;

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use fourstep_probe::{Action, Endpoint, Plan, Probe, Report};
use fourstep_resolve::{Channel, Config, Resolver, Ticket, Transport};
use fourstep_target::Target;
use fourstep_terms::{Fault, FaultKind, Leg, Time};

use crate::line::News;
use crate::random::Random;
use crate::stage::{Breach, Stage};

use pieces::pieces;
use schedule::Schedule;
use work::Scheduled;

pub use host::{Act, Conduct, Host};
pub use work::{Supply, Work};
pub use zone::{Said, Zone};

/// Where the name server is.
const NAME_SERVER: SocketAddr =
    SocketAddr::new(IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 53)), 53);

/// A network in memory.
///
/// ```text
///     Probe ── Stage ──┐          ┌── Host, Host, …      legs
///     Probe ── Stage ──┼── Net ───┤
///     …         Resolver ┘        └── Zone               channels
/// ```
///
/// It does what the driver does, with a schedule in place of a poll: one input, the actions it
/// brought, the news those brought. Delays and the places where streams are cut come from the
/// seed, so a run can be repeated.
pub struct Net {
    random: Random,
    hosts: BTreeMap<SocketAddr, At<Host>>,
    zone: Zone,
    /// Those of its names of which something else is said as time passes.
    names: BTreeMap<String, At<Said>>,
    resolver: Resolver,
    schedule: Schedule<Event>,
    running: BTreeMap<usize, Running>,
    /// Open sockets of the resolver.
    channels: BTreeMap<Channel, Transport>,
    now: Time,
    totals: Totals,
}

/// What a run did, in all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// Probes begun, each hop of a chain of its own.
    pub probes: u64,
    /// Inputs handled by them.
    pub turns: u64,
    /// Legs dialled.
    pub legs: u64,
    /// Sockets the resolver opened.
    pub channels: u64,
    /// When the last one was done.
    pub ended: Time,
}

/// What something is like at a moment.
type At<T> = Box<dyn Fn(Time) -> T>;

struct Running {
    stage: Stage,
    number: usize,
    plan: Arc<Plan>,
    /// When it began: its own time starts there.
    began: Time,
    legs: BTreeMap<Leg, SocketAddr>,
    /// The earliest tick in the schedule.
    armed: Time,
}

enum Event {
    Begin(Box<Probe>, usize, Arc<Plan>),
    /// News for the probe with this key.
    News(usize, News),
    /// The probe with this key may want a tick.
    Wake(usize),
    /// News for the resolver.
    Opened(Channel),
    Received(Channel, Vec<u8>),
}

impl Net {
    /// An empty network, in which this seed decides what chance would.
    pub fn new(seed: u64) -> Net {
        let mut random = Random::new(seed);
        let mut key = [0; 16];
        for octet in &mut key {
            *octet = u8::try_from(random.below(256)).unwrap_or_default();
        }
        let config = Config { servers: vec![NAME_SERVER], ..Config::default() };
        Net {
            random,
            hosts: BTreeMap::new(),
            zone: Zone::default(),
            names: BTreeMap::new(),
            resolver: Resolver::new(config, key),
            schedule: Schedule::default(),
            running: BTreeMap::new(),
            channels: BTreeMap::new(),
            now: Time::START,
            totals: Totals::default(),
        }
    }

    /// Puts a host at an address; there is no way to an address without one.
    pub fn host(&mut self, at: SocketAddr, host: Host) {
        self.host_by(at, move |_| host.clone());
    }

    /// Puts a host at an address that is another one as time passes: when it is dialled, and
    /// again when it has the request.
    pub fn host_by(&mut self, at: SocketAddr, host: impl Fn(Time) -> Host + 'static) {
        self.hosts.insert(at, Box::new(host));
    }

    /// Has the name server say this of a name.
    pub fn name(&mut self, name: &str, said: Said) {
        self.zone.say(name, said);
    }

    /// Has the name server say something else of a name as time passes.
    pub fn name_by(&mut self, name: &str, said: impl Fn(Time) -> Said + 'static) {
        self.names.insert(name.into(), Box::new(said));
    }

    /// Begins a probe at this moment; its report comes with this number.
    pub fn probe(&mut self, at: Time, number: usize, target: Arc<Target>, plan: &Arc<Plan>) {
        let probe = Box::new(Probe::new(target, Arc::clone(plan)));
        self.schedule.add(at, Event::Begin(probe, number, Arc::clone(plan)));
    }

    /// Runs until every probe is done and the resolver idle; hands over each report.
    ///
    /// A breach is a promise that a machine did not keep: of a probe's [`Stage`], or a leg or
    /// channel that is left at the end.
    pub fn run(&mut self, each: impl FnMut(usize, Box<Report>)) -> Result<Totals, Breach> {
        self.work(&mut Scheduled(each))
    }

    /// The same, with probes that begin when `work` says so.
    pub fn work(&mut self, work: &mut dyn Work) -> Result<Totals, Breach> {
        loop {
            let until = self.begin(work)?;
            let (event, idle) = (self.schedule.next(), self.resolver.deadline());
            let now = event.min(idle).min(until);
            if now == Time::NEVER {
                break;
            }
            self.now = now;
            if until < event.min(idle) {
                continue;
            }
            if idle < event {
                self.resolve(None)?;
            } else if let Some(event) = self.schedule.take() {
                self.happen(event, work)?;
            }
        }
        match (self.running.len(), self.channels.len()) {
            (0, 0) => Ok(self.totals),
            (probes, channels) => {
                Err(Breach(format!("left at the end: {probes} probes, {channels} channels")))
            }
        }
    }

    /// Begins what there is to begin; when there may be more.
    fn begin(&mut self, work: &mut dyn Work) -> Result<Time, Breach> {
        loop {
            match work.next(self.now) {
                Supply::Job(number, target, plan) => {
                    let probe = Box::new(Probe::new(target, Arc::clone(&plan)));
                    self.happen(Event::Begin(probe, number, plan), work)?;
                }
                Supply::Wait(until) if until <= self.now => {
                    return Err(Breach(format!("waits for {} ns ago", self.now.as_nanos())));
                }
                Supply::Wait(until) => return Ok(until),
                Supply::End => return Ok(Time::NEVER),
            }
        }
    }

    fn happen(&mut self, event: Event, work: &mut dyn Work) -> Result<(), Breach> {
        match event {
            Event::Begin(probe, number, plan) => {
                let key = usize::try_from(self.totals.probes).unwrap_or(usize::MAX);
                self.totals.probes += 1;
                let stage = Stage::new(*probe, &plan);
                let (legs, armed, began) = (BTreeMap::new(), Time::NEVER, self.now);
                self.running.insert(key, Running { stage, number, plan, began, legs, armed });
                self.feed(key, &News::Start, work)
            }
            Event::News(key, news) => self.feed(key, &news, work),
            Event::Wake(key) => {
                let Some(running) = self.running.get_mut(&key) else { return Ok(()) };
                running.armed = Time::NEVER;
                match running.stage.wake() {
                    Some(wake) if running.began + wake.since(Time::START) <= self.now => {
                        self.feed(key, &News::Tick, work)
                    }
                    _ => {
                        self.arm(key);
                        Ok(())
                    }
                }
            }
            Event::Opened(channel) => self.resolve(Some((channel, None))),
            Event::Received(channel, octets) => self.resolve(Some((channel, Some(octets)))),
        }
    }

    /// Gives one probe one input, and does what it asks for.
    fn feed(&mut self, key: usize, news: &News, work: &mut dyn Work) -> Result<(), Breach> {
        let Some(running) = self.running.get_mut(&key) else { return Ok(()) };
        // What is on its way to a leg that was hung up is lost.
        if news.leg().is_some_and(|leg| !running.legs.contains_key(&leg)) {
            return Ok(());
        }
        self.totals.turns += 1;
        let moment = Time::START + self.now.since(running.began);
        running.stage.tell(moment, news)?;
        let list = running.stage.asked().to_vec();
        for action in list {
            self.perform(key, action)?;
        }
        match self.running.get(&key) {
            Some(running) if running.stage.is_done() => self.finish(key, work),
            _ => {
                self.arm(key);
                Ok(())
            }
        }
    }

    fn perform(&mut self, key: usize, action: Action) -> Result<(), Breach> {
        let Some(running) = self.running.get_mut(&key) else { return Ok(()) };
        match action {
            Action::Ask(query) => {
                let mut out = Vec::new();
                self.resolver.ask(self.now, Ticket(key), &query, &mut out);
                return self.perform_asked(out);
            }
            Action::Dial(leg, Endpoint::Ip(to)) => {
                self.totals.legs += 1;
                running.legs.insert(leg, to);
                self.dial(key, leg, to);
            }
            Action::Dial(leg, Endpoint::Unix(_)) => {
                self.totals.legs += 1;
                running.legs.insert(leg, NAME_SERVER);
                let fault = Fault::of(FaultKind::Refused);
                self.schedule.add(self.now, Event::News(key, News::Failed(leg, fault)));
            }
            Action::Send(leg, range) => {
                let host = running.legs.get(&leg).and_then(|to| self.hosts.get(to));
                if let Some(host) = host.map(|host| host(self.now)) {
                    self.serve(key, leg, range.len(), &host);
                }
            }
            Action::HangUp(leg) => {
                running.legs.remove(&leg);
            }
        }
        Ok(())
    }

    fn dial(&mut self, key: usize, leg: Leg, to: SocketAddr) {
        let chance = Duration::from_micros(self.random.below(1000));
        let failed = |kind| Event::News(key, News::Failed(leg, Fault::of(kind)));
        let Some(host) = self.hosts.get(&to).map(|host| host(self.now)) else {
            return self.schedule.add(self.now, failed(FaultKind::Unreachable));
        };
        let there_and_back = self.now + host.latency * 2 + chance;
        match host.conduct {
            Conduct::Drops => {}
            Conduct::Fails(kind) => self.schedule.add(there_and_back, failed(kind)),
            Conduct::Serves { .. } => {
                self.schedule.add(there_and_back, Event::News(key, News::Connected(leg, None)));
            }
        }
    }

    /// Takes a request of so many octets, and schedules what the host does then.
    fn serve(&mut self, key: usize, leg: Leg, octets: usize, host: &Host) {
        let Conduct::Serves { takes, acts } = &host.conduct else { return };
        let began = self.running.get(&key).map_or(self.now, |running| running.began);
        let left = octets.saturating_sub(takes.unwrap_or(octets));
        self.schedule.add(self.now, Event::News(key, News::Sent(leg, left)));
        let mut at = self.now + host.latency * 2;
        for act in acts {
            let news = match act {
                Act::Wait(wait) => {
                    at = at + *wait;
                    continue;
                }
                Act::Reset => News::Failed(leg, Fault::of(FaultKind::Reset)),
                Act::Close => News::Closed(leg),
                Act::Say(octets) => {
                    for piece in pieces(octets, &mut self.random) {
                        let came = Time::START + at.since(began);
                        at = at + Duration::from_micros(self.random.below(500));
                        let news = News::Received(leg, piece, stamp(came));
                        self.schedule.add(at, Event::News(key, news));
                    }
                    continue;
                }
            };
            self.schedule.add(at, Event::News(key, news));
        }
    }

    fn arm(&mut self, key: usize) {
        let Some(running) = self.running.get_mut(&key) else { return };
        let Some(wake) = running.stage.wake().filter(|wake| *wake != Time::NEVER) else { return };
        let at = running.began + wake.since(Time::START);
        if at < running.armed {
            running.armed = at;
            self.schedule.add(at, Event::Wake(key));
        }
    }

    fn finish(&mut self, key: usize, work: &mut dyn Work) -> Result<(), Breach> {
        let Some(running) = self.running.remove(&key) else { return Ok(()) };
        if !running.legs.is_empty() {
            return Err(Breach(format!("legs left: {:?}", running.legs)));
        }
        self.totals.ended = self.now;
        let report = running.stage.finish()?;
        let mut out = Vec::new();
        self.resolver.forget(Ticket(key), &mut out);
        self.perform_asked(out)?;
        if let Some(hop) = &report.next {
            let probe = Box::new(Probe::follow(hop.clone(), Arc::clone(&running.plan)));
            self.schedule.add(self.now, Event::Begin(probe, running.number, running.plan));
        }
        work.done(self.now, running.number, report);
        Ok(())
    }
}

/// What the kernel says of octets that came in at `came`: nothing; the truth; or, after the wall
/// clock was set, a moment that cannot be. They are read up to half a millisecond later.
fn stamp(came: Time) -> Option<Time> {
    match came.as_nanos() / 1000 % 4 {
        0 => None,
        1 => Some(Time::START),
        2 => Some(came + Duration::from_secs(3600)),
        _ => Some(came),
    }
}
