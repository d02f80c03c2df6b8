//! Messages and scenarios of other people's name servers, through `resolve`.

mod rpl;
mod wire;

use std::net::SocketAddr;
use std::sync::Arc;

use fourstep_resolve::{
    Action, Answer, Channel, Config, Families, Input, Query, Resolver, Ticket, Transport,
};
use fourstep_terms::Time;
use hickory_proto::op::Message;

const SERVER: &str = "192.0.2.53:53";

/// Asks for one family of `name` where `server` makes the answer to each query, and nothing else
/// happens: what came of it.
fn ask(
    name: &str,
    families: Families,
    mut server: impl FnMut(&Message, Transport) -> Vec<u8>,
) -> Arc<Answer> {
    let address: SocketAddr = SERVER.parse().unwrap();
    let config = Config { servers: vec![address], ..Config::default() };
    let mut resolver = Resolver::new(config, [5; 16]);
    let query = Query { name: name.into(), port: 80, families, https: false };
    let mut out = vec![];
    resolver.ask(Time::START, Ticket(0), &query, &mut out);
    let mut streams: Vec<Channel> = vec![];
    for _ in 0..200 {
        let mut next = vec![];
        for action in out.drain(..) {
            match action {
                Action::Open { transport: Transport::Udp, .. } | Action::Close { .. } => {}
                Action::Open { channel, .. } => {
                    streams.push(channel);
                    resolver.handle(Time::START, Input::Opened(channel), &mut next);
                }
                Action::Send { channel, octets } => {
                    let is_stream = streams.contains(&channel);
                    let query = octets.get(if is_stream { 2 } else { 0 }..).unwrap();
                    let query = Message::from_vec(query).unwrap();
                    let transport = if is_stream { Transport::Tcp } else { Transport::Udp };
                    let mut octets = server(&query, transport);
                    if is_stream {
                        let length = u16::try_from(octets.len()).unwrap();
                        octets.splice(..0, length.to_be_bytes());
                    }
                    let input = Input::Received { channel, from: address, octets: &octets };
                    resolver.handle(Time::START, input, &mut next);
                }
                Action::Answer { answer, .. } => return answer,
                Action::Services { .. } => {}
            }
        }
        if next.is_empty() {
            let due = resolver.deadline();
            assert_ne!(due, Time::NEVER, "{name}: nobody waits and nobody was answered");
            resolver.handle(due, Input::Tick, &mut next);
        }
        out = next;
    }
    panic!("{name}: no end");
}
