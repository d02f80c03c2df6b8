//! The resolver alone, without probes: `resolver IN_FLIGHT COUNT IP PORT` looks up the A records of
//! h0 … hCOUNT-1.bench.test, each once. The least loop that moves its datagrams, over connected sockets as
//! that in C has them. No answer is kept: none is asked for again, and neither of those it is measured
//! against (C, hickory-resolver) keeps any.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::{Duration, Instant};

use fourstep_resolve::{Action, Channel, Config, Families, Input, Query, Resolver, Ticket};
use fourstep_terms::Time;
use mio::net::UdpSocket;
use mio::{Events, Interest, Poll, Token};

struct Loop {
    poll: Poll,
    began: Instant,
    resolver: Resolver,
    sockets: BTreeMap<Channel, UdpSocket>,
    server: SocketAddr,
    /// What the resolver asked for and was not yet done.
    out: Vec<Action>,
    /// The list that is being done.
    doing: Vec<Action>,
    count: usize,
    next: usize,
    done: usize,
    answered: usize,
}

type Result<T = ()> = std::result::Result<T, Box<dyn std::error::Error>>;

fn main() -> Result {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [in_flight, count, ip, port] = args.as_slice() else {
        return Err("usage: resolver IN_FLIGHT COUNT IP PORT".into());
    };
    let server = SocketAddr::new(ip.parse()?, port.parse()?);
    let config = Config { servers: vec![server], cache_entries: 0, ..Config::default() };
    let mut work = Loop {
        poll: Poll::new()?,
        began: Instant::now(),
        resolver: Resolver::new(config, [7; 16]),
        sockets: BTreeMap::new(),
        server,
        out: Vec::new(),
        doing: Vec::new(),
        count: count.parse()?,
        next: 0,
        done: 0,
        answered: 0,
    };
    let now = work.now();
    for _ in 0..in_flight.parse()? {
        work.ask(now);
    }
    work.perform(now)?;
    let mut events = Events::with_capacity(256);
    let mut buffer = [0; 1232];
    while work.done < work.count {
        let wait = work.resolver.deadline().since(work.now());
        work.poll.poll(&mut events, Some(wait.min(Duration::from_secs(60))))?;
        for event in &events {
            work.hear(Channel(u32::try_from(event.token().0)?), &mut buffer)?;
        }
        let now = work.now();
        if work.resolver.deadline() <= now {
            work.resolver.handle(now, Input::Tick, &mut work.out);
            work.perform(now)?;
        }
    }
    println!("{} lookups, {} answered", work.done, work.answered);
    Ok(())
}

impl Loop {
    fn now(&self) -> Time {
        Time::START + self.began.elapsed()
    }

    fn ask(&mut self, now: Time) {
        if self.next == self.count {
            return;
        }
        let name = format!("h{}.bench.test.", self.next).into();
        let query = Query { name, port: 80, families: Families::V4, https: false };
        self.resolver.ask(now, Ticket(self.next), &query, &mut self.out);
        self.next += 1;
    }

    /// Does what was asked for; an answer makes room for the next question.
    fn perform(&mut self, now: Time) -> Result {
        while !self.out.is_empty() {
            let mut doing = std::mem::take(&mut self.doing);
            std::mem::swap(&mut doing, &mut self.out);
            for action in doing.drain(..) {
                match action {
                    Action::Open { channel, .. } => {
                        let mut socket = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0).into())?;
                        socket.connect(self.server)?;
                        let token = Token(usize::try_from(channel.0)?);
                        self.poll.registry().register(&mut socket, token, Interest::READABLE)?;
                        self.sockets.insert(channel, socket);
                    }
                    Action::Send { channel, octets } => {
                        if let Some(socket) = self.sockets.get(&channel) {
                            socket.send(&octets)?;
                        }
                    }
                    Action::Close { channel } => drop(self.sockets.remove(&channel)),
                    Action::Answer { answer, .. } => {
                        self.done += 1;
                        self.answered += usize::from(answer.result.is_ok());
                        self.ask(now);
                    }
                    Action::Services { .. } => {}
                }
            }
            self.doing = doing;
        }
        Ok(())
    }

    /// Takes all that is there: the poll tells of it once.
    fn hear(&mut self, channel: Channel, buffer: &mut [u8]) -> Result {
        while let Some(socket) = self.sockets.get(&channel) {
            let (count, from) = match socket.recv(buffer).map(|count| (count, self.server)) {
                Ok(got) => got,
                Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => break,
                Err(error) => return Err(error.into()),
            };
            let octets = buffer.get(..count).unwrap_or_default();
            let input = Input::Received { channel, from, octets };
            let now = self.now();
            self.resolver.handle(now, input, &mut self.out);
            self.perform(now)?;
        }
        Ok(())
    }
}
