//! The work that is measured: the same for instructions and for allocations.

use std::hint::black_box;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use fourstep_probe::{Action, Actions, Input, Next, Plan, Probe};
use fourstep_resolve::{Answer, Families, Family, From, Ignored};
use fourstep_response::{Asked, Event, Limits, Reader};
use fourstep_terms::{Leg, Time};

/// A response as nginx writes one: six fields, 200 octets of body.
pub fn response() -> Vec<u8> {
    let mut octets = b"HTTP/1.1 503 Service Unavailable\r\nServer: nginx/1.22.1\r\n\
        Date: Sun, 22 Nov 2026 06:00:00 GMT\r\nContent-Type: text/html\r\n\
        Content-Length: 200\r\nConnection: close\r\nRetry-After: 120\r\n\r\n"
        .to_vec();
    octets.extend([b'x'; 200]);
    octets
}

/// What is measured, by name.
pub fn work(name: &str) -> Option<fn(usize)> {
    Some(match name {
        "head" => head,
        "head-kept" => head_kept,
        "probe-literal" => probe_literal,
        "probe-name" => probe_name,
        _ => return None,
    })
}

/// Reads a whole response and keeps nothing of it.
fn head(times: usize) {
    let octets = response();
    for _ in 0..times {
        let mut reader = Reader::new(Asked::Other, Limits::default());
        let mut rest = black_box(octets.as_slice());
        loop {
            let Ok((taken, event)) = reader.read(rest) else { return };
            if matches!(event, Event::Complete { .. }) {
                break;
            }
            black_box(&event);
            rest = rest.get(taken..).unwrap_or_default();
        }
    }
}

/// Reads a head and keeps a copy, as a report does.
fn head_kept(times: usize) {
    let octets = response();
    for _ in 0..times {
        let mut reader = Reader::new(Asked::Other, Limits::default());
        if let Ok((_, Event::Final(head, _))) = reader.read(black_box(&octets)) {
            black_box(head.to_owned());
        }
    }
}

/// A whole probe of an address.
fn probe_literal(times: usize) {
    let target = Arc::new("http://192.0.2.1/x".parse().expect("it is well formed"));
    let plan = Arc::new(Plan::default());
    run(times, &target, &plan, None);
}

/// A whole probe of a name with one A record, asked for that alone.
fn probe_name(times: usize) {
    let target = Arc::new("http://a.test/x".parse().expect("it is well formed"));
    let plan = Arc::new(Plan { families: Families::V4, ..Plan::default() });
    let answer = Arc::new(Answer {
        family: Family::V4,
        result: Ok(vec![IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1))]),
        from: From::Dns,
        name: "a.test".into(),
        cname: Vec::new(),
        ttl_s: Some(60),
        rcode: None,
        server: None,
        transport: None,
        extended_errors: Vec::new(),
        ignored: Ignored::default(),
        asked: 1,
        oddities: Vec::new(),
    });
    run(times, &target, &plan, Some(&answer));
}

fn run(
    times: usize,
    target: &Arc<fourstep_target::Target>,
    plan: &Arc<Plan>,
    answer: Option<&Arc<Answer>>,
) {
    let octets = response();
    let leg = Leg(0);
    let mut out = Actions::default();
    for _ in 0..times {
        let mut probe = Probe::new(Arc::clone(target), Arc::clone(plan));
        let mut next = feed(&mut probe, 0, Input::Start, &mut out);
        if let Some(answer) = answer {
            assert!(matches!(out.list.as_slice(), [Action::Ask(_)]));
            next = feed(&mut probe, 4, Input::Answered { answer, sources: &[] }, &mut out);
        }
        assert!(matches!((next, out.list.as_slice()), (Next::Wait(_), [Action::Dial(..)])));
        let _ = feed(&mut probe, 16, Input::Connected { leg, local: None }, &mut out);
        let _ = feed(&mut probe, 16, Input::Sent { leg, left: 0 }, &mut out);
        let news = Input::Received { leg, octets: black_box(&octets) };
        assert_eq!(feed(&mut probe, 40, news, &mut out), Next::Done);
        black_box(probe.into_report());
    }
}

fn feed(probe: &mut Probe, ms: u64, input: Input<'_>, out: &mut Actions) -> Next {
    out.clear();
    probe.handle(Time::from_millis(ms), input, out)
}
