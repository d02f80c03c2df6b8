//! One step alone: a name is looked up over a socket of your own.
//!
//!     cargo run --example resolve_name -- example.com 192.0.2.53:53
#![expect(clippy::print_stdout, reason = "an example prints what it found")]

use std::collections::BTreeMap;
use std::net::UdpSocket;
use std::time::{Duration, Instant};

use fourstep::resolve::{Action, Config, Families, Input, Query, Resolver, Ticket, Transport};
use fourstep::terms::{Fault, FaultKind, Time};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut words = std::env::args().skip(1);
    let name = words.next().unwrap_or_else(|| "localhost".into());
    let mut config = Config::default();
    if let Some(server) = words.next() {
        config.servers = vec![server.parse()?];
    }

    // The seed makes message ids unpredictable (RFC 5452 §4.3): draw it where you draw keys.
    let mut resolver = Resolver::new(config, *b"not so random...");
    let origin = Instant::now();
    let now = || Time::START + origin.elapsed();

    let mut sockets = BTreeMap::new();
    let mut actions = Vec::new();
    let mut answers = 0;
    let query = Query { name: name.into(), port: 80, families: Families::Both, https: false };
    resolver.ask(now(), Ticket(1), &query, &mut actions);
    loop {
        // What the resolver asks for. It never blocks; this program does.
        for action in std::mem::take(&mut actions) {
            match action {
                Action::Open { channel, transport: Transport::Udp, server } => {
                    let socket = UdpSocket::bind(("0.0.0.0", 0))?;
                    sockets.insert(channel, (socket, server));
                }
                Action::Open { channel, transport: Transport::Tcp, .. } => {
                    // This example speaks UDP only; the resolver then tries the next server.
                    let fault = Fault::of(FaultKind::Unreachable);
                    resolver.handle(now(), Input::Failed(channel, fault), &mut actions);
                }
                Action::Send { channel, octets } => {
                    if let Some((socket, server)) = sockets.get(&channel) {
                        socket.send_to(&octets, server)?;
                    }
                }
                Action::Close { channel } => drop(sockets.remove(&channel)),
                // Asked for with `https: true` only.
                Action::Services { .. } => {}
                Action::Answer { answer, .. } => {
                    answers += 1;
                    match &answer.result {
                        Ok(addresses) => {
                            addresses.iter().for_each(|ip| println!("{} {ip}", answer.family));
                        }
                        Err(error) => println!("{} {}: {error}", answer.family, error.code()),
                    }
                }
            }
        }
        // One answer for each family that was asked for.
        if answers == 2 {
            return Ok(());
        }
        if !actions.is_empty() {
            continue;
        }
        let wait = resolver.deadline().since(now()).max(Duration::from_millis(1));
        let mut buffer = [0; 4096];
        let mut heard = false;
        for (channel, (socket, _)) in &sockets {
            socket.set_read_timeout(Some(wait))?;
            if let Ok((count, from)) = socket.recv_from(&mut buffer) {
                let octets = buffer.get(..count).unwrap_or_default();
                let news = Input::Received { channel: *channel, from, octets };
                resolver.handle(now(), news, &mut actions);
                heard = true;
                break;
            }
        }
        if !heard {
            resolver.handle(now(), Input::Tick, &mut actions);
        }
    }
}
