//! Any octets as what a name server sends: everybody is answered once, services to the end, in
//! time, without a panic.
//!
//! The first octet says how: bit 0 over TCP, bit 1 the id is right, bit 2 the head and question
//! are right too (the rest are counts and records), bit 3 again to whatever is asked next; the
//! upper four bits are where the stream is cut.
#![no_main]

use fourstep_resolve::{
    Action, Channel, Config, Families, Input, Query, Resolver, Ticket, Transport,
};
use fourstep_terms::Time;

libfuzzer_sys::fuzz_target!(|octets: &[u8]| {
    let Some((how, octets)) = octets.split_first() else { return };
    let server = "192.0.2.53:53".parse().unwrap();
    let config = Config { servers: vec![server], use_vc: how & 1 != 0, ..Config::default() };
    let mut resolver = Resolver::new(config, [3; 16]);
    let query = Query { name: "a.test.".into(), port: 443, families: Families::Both, https: true };
    let (mut out, mut now, mut answers, mut streams) = (vec![], Time::START, 0, vec![]);
    let (mut open, mut awaited) = (0, usize::MAX);
    resolver.ask(now, Ticket(0), &query, &mut out);
    let mut turns = 0;
    loop {
        turns += 1;
        assert!(turns < 1_000, "no end");
        for action in std::mem::take(&mut out) {
            match action {
                Action::Open { channel, transport, .. } => {
                    open += 1;
                    if transport == Transport::Tcp {
                        streams.push(channel);
                        resolver.handle(now, Input::Opened(channel), &mut out);
                    }
                }
                Action::Send { channel, octets: sent } if turns == 1 || how & 8 != 0 => {
                    let is_stream = streams.contains(&channel);
                    let sent = &sent[if is_stream { 2 } else { 0 }..];
                    feed(
                        &mut resolver,
                        now,
                        channel,
                        is_stream,
                        &reply(*how, sent, octets),
                        *how,
                        &mut out,
                    );
                }
                Action::Send { .. } => {}
                Action::Close { .. } => open -= 1,
                Action::Services { answer, .. } => {
                    assert!(answer.awaited < awaited, "no news");
                    awaited = answer.awaited;
                }
                Action::Answer { .. } => answers += 1,
            }
        }
        if out.is_empty() {
            if resolver.deadline() == Time::NEVER {
                break;
            }
            now = resolver.deadline();
            resolver.handle(now, Input::Tick, &mut out);
        }
    }
    assert_eq!((answers, open, awaited), (2, 0, 0));
});

fn reply(how: u8, sent: &[u8], octets: &[u8]) -> Vec<u8> {
    let mut reply = octets.to_vec();
    if how & 2 != 0 && reply.len() >= 2 {
        reply[..2].copy_from_slice(&sent[..2]);
    }
    if how & 4 != 0 && octets.len() >= 7 {
        // The question ends before the OPT record's eleven octets.
        let question = &sent[12..sent.len() - if sent[11] == 1 { 11 } else { 0 }];
        let (counts, records) = octets.split_at(7);
        reply = [
            &sent[..2],
            &[0x80 | counts[0] & 7, counts[0] >> 4, 0, 1],
            &counts[1..],
            question,
            records,
        ]
        .concat();
    }
    reply
}

fn feed(
    resolver: &mut Resolver,
    now: Time,
    channel: Channel,
    is_stream: bool,
    message: &[u8],
    how: u8,
    out: &mut Vec<Action>,
) {
    let from = "192.0.2.53:53".parse().unwrap();
    let framed = match is_stream {
        true => [&u16::try_from(message.len()).unwrap_or(u16::MAX).to_be_bytes(), message].concat(),
        false => message.to_vec(),
    };
    let cut = if is_stream { usize::from(how >> 4).min(framed.len()) } else { 0 };
    let (first, rest) = framed.split_at(cut);
    if cut > 0 {
        resolver.handle(now, Input::Received { channel, from, octets: first }, out);
    }
    resolver.handle(now, Input::Received { channel, from, octets: rest }, out);
}
