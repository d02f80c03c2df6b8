//! The work that is measured: the same for instructions and for allocations.

pub mod tls;
mod turn;

use std::hint::black_box;
use std::net::{IpAddr, Ipv4Addr};
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use fourstep_output::{Accept, Lines, Record, Sheet};
use fourstep_probe::{Action, Actions, Input, Next, Plan, Probe, Report, Tcp};
use fourstep_resolve::{Answer, Families, Family, From, Ignored};
use fourstep_response::{Asked, Event, Limits, Reader};
use fourstep_target::Target;
use fourstep_terms::{Leg, TcpInfo, Time};
use fourstep_verdict::Verdict;

/// A response as the origin of the scan's benchmark writes one: six fields, 200 octets of body.
pub fn response() -> Vec<u8> {
    let mut octets = b"HTTP/1.1 503 Service Unavailable\r\nServer: origin/1\r\n\
        Date: Sun, 22 Nov 2026 06:00:00 GMT\r\nContent-Type: text/html\r\n\
        Content-Length: 200\r\nConnection: close\r\nRetry-After: 120\r\n\r\n"
        .to_vec();
    octets.extend([b'x'; 200]);
    octets
}

/// A response as nginx writes one: its own page.
fn page() -> Vec<u8> {
    let page = "<html>\r\n<head><title>503 Service Temporarily Unavailable</title></head>\r\n\
        <body>\r\n<center><h1>503 Service Temporarily Unavailable</h1></center>\r\n\
        <hr><center>nginx/1.22.1</center>\r\n</body>\r\n</html>\r\n";
    let head = "HTTP/1.1 503 Service Temporarily Unavailable\r\nServer: nginx/1.22.1\r\n\
        Date: Sun, 22 Nov 2026 06:00:00 GMT\r\nContent-Type: text/html\r\n\
        Content-Length: LENGTH\r\nConnection: close\r\n\r\n";
    [&head.replace("LENGTH", &page.len().to_string()), page].concat().into_bytes()
}

/// What is measured, by name.
pub fn work(name: &str) -> Option<fn(usize)> {
    Some(match name {
        "head" => head,
        "head-kept" => head_kept,
        "probe-literal" => probe_literal,
        "probe-name" => probe_name,
        "verdict-accepted" => verdict_accepted,
        "verdict-503" => verdict_503,
        "verdict-page" => verdict_page,
        "record-line" => record_line,
        "record-503" => record_503,
        "list-turn" => turn::list_turn,
        "scan-machine" => scan_machine,
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

/// Reads a head and keeps it, as a report does.
fn head_kept(times: usize) {
    let octets = response();
    for _ in 0..times {
        let mut reader = Reader::new(Asked::Other, Limits::default());
        if let Ok((_, Event::Final(head, _))) = reader.read(black_box(&octets)) {
            black_box(head);
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

/// When the probes are done, on the wall clock: the second of the response's Date.
fn received() -> SystemTime {
    UNIX_EPOCH + Duration::from_micros(1_795_327_200_123_456)
}

/// The report of one probe of an address.
fn report(octets: &[u8]) -> Box<Report> {
    let target = Arc::new("http://192.0.2.1/x".parse().expect("it is well formed"));
    probe(&target, &Arc::new(Plan::default()), None, octets, &mut Actions::default())
}

/// What an answer with an accepted status means.
fn verdict_accepted(times: usize) {
    let report = report(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
    for _ in 0..times {
        black_box(Verdict::judged(black_box(&report), received(), true));
    }
}

/// What a 503 means of which nothing tells who wrote it.
fn verdict_503(times: usize) {
    verdict(times, &response());
}

/// What a 503 means of which everything tells who wrote it.
fn verdict_page(times: usize) {
    verdict(times, &page());
}

fn verdict(times: usize, octets: &[u8]) {
    let report = report(octets);
    for _ in 0..times {
        black_box(Verdict::judged(black_box(&report), received(), false));
    }
}

/// Octets of a sheet that a line is written on.
const SHEET: usize = 16 * 1024;

/// The record of an answer with an accepted status, as a line: all but the verdict's work.
fn record_line(times: usize) {
    let report = report(&response());
    let accept = "503".parse().expect("it is well formed");
    let (mut lines, mut sheet) = (Lines::json(None), Sheet::with_room(SHEET));
    for _ in 0..times {
        sheet.truncate(0);
        lines.write_on(
            &Record::judged(black_box(&report), received(), Some(1), &accept),
            &mut sheet,
        );
        black_box(&sheet);
    }
}

/// The record of an answer that is not accepted, as a scan has it, with a Date a day behind: judged
/// as it is written.
fn record_503(times: usize) {
    let mut report = report(&response());
    let us = NonZeroU32::new;
    let ended = TcpInfo {
        rtt_us: us(24_100),
        rttvar_us: us(12_000),
        min_rtt_us: us(23_900),
        ..TcpInfo::default()
    };
    report.tcp = Some(Box::new(Tcp { connected: ended, ended: TcpInfo { mss: 1448, ..ended } }));
    if let Some(connection) = &mut report.connect {
        connection.local = Some(([192, 0, 2, 9], 40_112).into());
    }
    let at = received() + Duration::from_secs(86_400);
    let record = Record::judged(&report, at, Some(12_345), &Accept::default()).on_line(12_345);
    let (mut lines, mut sheet) = (Lines::json(None), Sheet::with_room(SHEET));
    for _ in 0..times {
        sheet.truncate(0);
        lines.write_on(black_box(&record), &mut sheet);
        black_box(&sheet);
    }
}

/// One target of a list after the other: its line parsed, its probe, its verdict, its record.
fn scan_machine(times: usize) {
    let (plan, accept) = (Arc::new(Plan::default()), Accept::default());
    let (octets, mut out) = (response(), Actions::default());
    let (mut lines, mut sheet) = (Lines::json(None), Sheet::with_room(SHEET));
    for seq in 1..=times as u64 {
        let target = Target::parse(black_box(b"http://192.0.2.1/x")).expect("it is well formed");
        let report = probe(&Arc::new(target), &plan, None, &octets, &mut out);
        sheet.truncate(0);
        lines.write_on(&Record::judged(&report, received(), Some(seq), &accept), &mut sheet);
        black_box(&sheet);
    }
}

fn run(times: usize, target: &Arc<Target>, plan: &Arc<Plan>, answer: Option<&Arc<Answer>>) {
    let octets = response();
    let mut out = Actions::default();
    for _ in 0..times {
        black_box(probe(target, plan, answer, &octets, &mut out));
    }
}

fn probe(
    target: &Arc<Target>,
    plan: &Arc<Plan>,
    answer: Option<&Arc<Answer>>,
    octets: &[u8],
    out: &mut Actions,
) -> Box<Report> {
    let leg = Leg(0);
    let mut probe = Probe::new(Arc::clone(target), Arc::clone(plan));
    let mut next = feed(&mut probe, 0, Input::Start, out);
    if let Some(answer) = answer {
        assert!(matches!(out.list.as_slice(), [Action::Ask(_)]));
        next = feed(&mut probe, 4, Input::Answered { answer, sources: &[] }, out);
    }
    assert!(matches!((next, out.list.as_slice()), (Next::Wait(_), [Action::Dial(..)])));
    let _ = feed(&mut probe, 16, Input::Connected { leg, local: None }, out);
    let _ = feed(&mut probe, 16, Input::Sent { leg, left: 0 }, out);
    let news = Input::Received { leg, octets: black_box(octets), at: None };
    assert_eq!(feed(&mut probe, 40, news, out), Next::Done);
    probe.into_report()
}

fn feed(probe: &mut Probe, ms: u64, input: Input<'_>, out: &mut Actions) -> Next {
    out.clear();
    probe.handle(Time::from_millis(ms), input, out)
}
