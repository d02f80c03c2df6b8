//! Whatever happens, in whatever order: every ask is answered once for each family it wants,
//! within a bound, and nothing is left open.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test may panic"
)]

use std::collections::BTreeMap;
use std::time::Duration;

use fourstep_resolve::{
    ALIASES, Action, Binding, Channel, Config, Families, Family, Input, Query, Resolver, SERVICES,
    Ticket, Transport,
};
use fourstep_terms::{Fault, FaultKind, Time};
use hickory_proto::op::{Message, MessageType, ResponseCode};
use hickory_proto::rr::rdata::{A, AAAA, CNAME, NULL};
use hickory_proto::rr::{Name, RData, Record, RecordType};

/// xorshift64*: the same numbers on every machine.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        usize::try_from(self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33).unwrap() % sides
    }

    fn one_of<T: Clone>(&mut self, these: &[T]) -> T {
        these[self.roll(these.len())].clone()
    }
}

const NAMES: [&str; 6] = ["a", "b.x", "c.test.", "d.test", "loop.test", "a..b"];

struct World {
    dice: Dice,
    resolver: Resolver,
    now: Time,
    /// Open channels, and the queries on each: what a server there could answer.
    open: BTreeMap<Channel, (Transport, std::net::SocketAddr, Vec<Message>)>,
    next: usize,
    waiting: BTreeMap<(Ticket, Family), Time>,
    /// Who waits for services: for how many addresses still, and since when.
    services: BTreeMap<Ticket, (usize, Time)>,
    bound: Duration,
}

impl World {
    fn new(seed: u64) -> World {
        let mut dice = Dice(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1);
        let servers = ["192.0.2.53:53", "[2001:db8::53]:53", "192.0.2.54:53"];
        let config = Config {
            servers: servers.iter().take(dice.roll(4)).map(|it| it.parse().unwrap()).collect(),
            search: ["x.test", "y.test"].iter().take(dice.roll(3)).map(|it| (*it).into()).collect(),
            attempts: dice.one_of(&[1, 2, 3]),
            timeout: Duration::from_millis(100),
            rotate: dice.roll(2) == 0,
            use_vc: dice.roll(4) == 0,
            edns_payload: dice.one_of(&[0, 1232]),
            cache_entries: dice.one_of(&[0, 1, 100]),
            ..Config::default()
        };
        // Each server, each round: at most over UDP and TCP, with an OPT record and without.
        let tries = 4 * config.servers.len() * usize::from(config.attempts);
        let questions = (config.search.len() + 1) * (ALIASES + 1);
        let bound = config.timeout * u32::try_from(tries * questions).unwrap();
        let resolver = Resolver::new(config, seed.to_le_bytes().repeat(2).try_into().unwrap());
        World {
            dice,
            resolver,
            now: Time::START,
            open: BTreeMap::new(),
            next: 0,
            waiting: BTreeMap::new(),
            services: BTreeMap::new(),
            bound,
        }
    }

    fn turn(&mut self) {
        let mut out = vec![];
        let channels: Vec<Channel> = self.open.keys().copied().collect();
        // Also news of channels that were closed long ago.
        let channel = match channels.is_empty() || self.dice.roll(20) == 0 {
            true => Channel(u32::try_from(self.dice.roll(8)).unwrap()),
            false => self.dice.one_of(&channels),
        };
        match self.dice.roll(12) {
            0 | 1 => {
                let families = self.dice.one_of(&[Families::V4, Families::V6, Families::Both]);
                let ticket = Ticket(self.next);
                self.next += 1;
                for family in Family::ALL.into_iter().filter(|it| families.has(*it)) {
                    self.waiting.insert((ticket, family), self.now);
                }
                let (https, port) = (self.dice.roll(2) == 0, self.dice.one_of(&[443, 8443]));
                if https {
                    self.services.insert(ticket, (usize::MAX, self.now));
                }
                let query = Query { name: self.dice.one_of(&NAMES).into(), port, families, https };
                self.resolver.ask(self.now, ticket, &query, &mut out);
            }
            2 => {
                let ticket = Ticket(self.dice.roll(self.next + 1));
                self.waiting.retain(|(it, _), _| *it != ticket);
                self.services.remove(&ticket);
                self.resolver.forget(ticket, &mut out);
            }
            3 => self.resolver.handle(self.now, Input::Opened(channel), &mut out),
            4 => self.resolver.handle(self.now, Input::Closed(channel), &mut out),
            5 => {
                let fault = Fault::of(self.dice.one_of(&FaultKind::ALL));
                self.resolver.handle(self.now, Input::Failed(channel, fault), &mut out);
            }
            6 => {
                self.now = self.now + Duration::from_millis(self.dice.roll(60) as u64);
                self.resolver.handle(self.now, Input::Tick, &mut out);
            }
            _ => {
                let (octets, from) = self.message(channel);
                for piece in self.pieces(&octets) {
                    let input = Input::Received { channel, from, octets: piece };
                    self.resolver.handle(self.now, input, &mut out);
                }
            }
        }
        self.take(out);
    }

    /// Something a server might send on this channel, or somebody else.
    fn message(&mut self, channel: Channel) -> (Vec<u8>, std::net::SocketAddr) {
        let stranger = "203.0.113.66:53".parse().unwrap();
        let Some((transport, server, queries)) = self.open.get(&channel).cloned() else {
            return (vec![0; 30], stranger);
        };
        if queries.is_empty() {
            return (vec![0; self.dice.roll(30)], server);
        }
        let mut message = self.dice.one_of(&queries);
        message.metadata.message_type = MessageType::Response;
        let rcodes = [
            ResponseCode::NoError,
            ResponseCode::NXDomain,
            ResponseCode::ServFail,
            ResponseCode::FormErr,
            ResponseCode::Refused,
        ];
        message.metadata.response_code =
            if self.dice.roll(2) == 0 { ResponseCode::NoError } else { self.dice.one_of(&rcodes) };
        message.metadata.truncation = self.dice.roll(8) == 0;
        message.metadata.id = message.metadata.id.wrapping_add(u16::from(self.dice.roll(8) == 0));
        let owner = message.queries[0].name().clone();
        let next = Name::from_ascii(format!("n{}.loop.test.", self.dice.roll(40))).unwrap();
        for data in [
            RData::A(A::new(192, 0, 2, 1)),
            RData::AAAA(AAAA::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 1)),
            RData::CNAME(CNAME(next.clone())),
            self.service(&next),
            self.service(&next),
        ] {
            if self.dice.roll(3) == 0 {
                let ttl = self.dice.one_of(&[0, 1, 60]);
                message.add_answer(Record::from_rdata(owner.clone(), ttl, data));
            }
        }
        let mut octets = message.to_vec().unwrap();
        if self.dice.roll(4) == 0 {
            let at = self.dice.roll(octets.len());
            octets[at] = u8::try_from(self.dice.roll(256)).unwrap();
        }
        if self.dice.roll(10) == 0 {
            octets.truncate(self.dice.roll(octets.len()));
        }
        if transport == Transport::Tcp {
            octets.splice(..0, u16::try_from(octets.len()).unwrap().to_be_bytes());
        }
        (octets, if self.dice.roll(10) == 0 { stranger } else { server })
    }

    /// An HTTPS record: an alias or a service, or anything.
    fn service(&mut self, next: &Name) -> RData {
        let target = self.dice.one_of(&[next.to_ascii(), ".".to_owned(), "d.test.".to_owned()]);
        let priority = self.dice.roll(3);
        let params = self.dice.one_of(&["", "port=8443", "alpn=h2 ipv4hint=192.0.2.7"]);
        let binding: Binding = format!("{priority} {target} {params}").parse().unwrap();
        let mut rdata = vec![];
        binding.write(&mut rdata);
        if self.dice.roll(10) == 0 {
            // hickory-proto writes none of no octets.
            rdata.truncate(self.dice.roll(rdata.len()).max(1));
        }
        RData::Unknown { code: RecordType::HTTPS, rdata: NULL::with(rdata) }
    }

    fn pieces<'a>(&mut self, octets: &'a [u8]) -> Vec<&'a [u8]> {
        let (a, b) = octets.split_at(self.dice.roll(octets.len() + 1));
        if self.dice.roll(2) == 0 { vec![octets] } else { vec![a, b] }
    }

    fn take(&mut self, out: Vec<Action>) {
        for action in out {
            match action {
                Action::Open { channel, transport, server } => {
                    assert!(self.open.insert(channel, (transport, server, vec![])).is_none());
                }
                Action::Send { channel, octets } => {
                    let (transport, _, queries) = self.open.get_mut(&channel).unwrap();
                    let skip = if *transport == Transport::Tcp { 2 } else { 0 };
                    queries.push(Message::from_vec(&octets[skip..]).unwrap());
                }
                Action::Close { channel } => assert!(self.open.remove(&channel).is_some()),
                Action::Answer { ticket, answer } => {
                    let asked = self.waiting.remove(&(ticket, answer.family));
                    let asked = asked.unwrap_or_else(|| panic!("twice, or not asked: {ticket:?}"));
                    assert!(self.now.since(asked) <= self.bound, "too late: {answer:?}");
                }
                Action::Services { ticket, answer } => {
                    let (awaited, asked) = self.services.remove(&ticket).unwrap();
                    assert!(answer.awaited < awaited, "no news: {answer:?}");
                    assert!(self.now.since(asked) <= self.bound * 2, "too late: {answer:?}");
                    assert!(answer.services.len() <= SERVICES + 1, "too many: {answer:?}");
                    if answer.awaited > 0 {
                        self.services.insert(ticket, (answer.awaited, asked));
                    }
                }
            }
        }
    }

    /// Nothing comes any more: only time passes.
    fn wind_down(&mut self) {
        while self.resolver.deadline() != Time::NEVER {
            let due = self.resolver.deadline().max(self.now);
            let mut out = vec![];
            self.resolver.handle(due, Input::Tick, &mut out);
            self.now = due;
            assert!(self.resolver.deadline() > due, "time stands still");
            self.take(out);
        }
    }
}

#[test]
fn every_ask_is_answered_once_and_in_time() {
    for seed in 0..3_000 {
        let mut world = World::new(seed);
        for _ in 0..60 {
            world.turn();
        }
        world.wind_down();
        assert!(world.waiting.is_empty(), "seed {seed}: never answered: {:?}", world.waiting);
        assert!(world.services.is_empty(), "seed {seed}: not to the end: {:?}", world.services);
        assert!(world.open.is_empty(), "seed {seed}: left open: {:?}", world.open);
    }
}
