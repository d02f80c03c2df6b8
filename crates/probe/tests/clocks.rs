//! Whose clock is believed of what, and how a wait is split.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use fourstep_probe::{Actions, Input, Mark, Next, Plan, Probe, Report, Tcp, Waited};
use fourstep_terms::{Clock, Leg, TcpInfo, Time};

const LEG: Leg = Leg(0);

fn ms(ms: u64) -> Time {
    Time::from_millis(ms)
}

/// A probe that stood at 10 ms; its request was taken at 12 ms, `left` octets aside.
fn sent(left: usize) -> Probe {
    let target = Arc::new("http://192.0.2.1/".parse().unwrap());
    let mut probe = Probe::new(target, Arc::new(Plan::default()));
    let news = [
        (0, Input::Start),
        (10, Input::Connected { leg: LEG, local: None }),
        (12, Input::Sent { leg: LEG, left }),
    ];
    for (at, input) in news {
        let _ = probe.handle(ms(at), input, &mut Actions::default());
    }
    probe
}

/// Octets that are handed in at `now`, and came in at `at`.
fn received(probe: &mut Probe, now: u64, at: Option<u64>, octets: &[u8]) -> Next {
    let input = Input::Received { leg: LEG, octets, at: at.map(ms) };
    probe.handle(ms(now), input, &mut Actions::default())
}

const WHOLE: &[u8] = b"HTTP/1.1 204 No Content\r\n\r\n";

#[test]
fn the_kernels_moment_is_taken_where_it_can_be() {
    let rows = [
        // octets not taken, when they came in by the kernel; by the report, and by whose clock
        (0, None, 50, Clock::User),
        (0, Some(37), 37, Clock::Kernel),
        (0, Some(12), 12, Clock::Kernel),
        (0, Some(50), 50, Clock::Kernel),
        // The wall clock was set: before the request was out, after now.
        (0, Some(11), 50, Clock::User),
        (0, Some(51), 50, Clock::User),
        // An answer to a request that is still being sent.
        (7, Some(11), 11, Clock::Kernel),
        (7, Some(9), 50, Clock::User),
    ];
    for (left, at, came, clock) in rows {
        let mut probe = sent(left);
        assert_eq!(received(&mut probe, 50, at, WHOLE), Next::Done);
        let timeline = &probe.report().timeline;
        for mark in [Mark::FirstOctet, Mark::LastOctet, Mark::Done] {
            assert_eq!(timeline.at(mark), Some(ms(came)), "{left} {at:?} {mark:?}");
        }
        assert_eq!(timeline.clock(), Some(clock), "{left} {at:?}");
    }
}

#[test]
fn later_octets_come_later() {
    let mut probe = sent(0);
    assert_eq!(probe.report().timeline.clock(), None);
    let _ = received(&mut probe, 50, Some(30), b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n");
    // A moment before that of the first cannot be.
    let _ = received(&mut probe, 55, Some(29), b"o");
    assert_eq!(received(&mut probe, 70, Some(60), b"k"), Next::Done);
    let Report { timeline, .. } = probe.report();
    assert_eq!(timeline.at(Mark::FirstOctet), Some(ms(30)));
    assert_eq!(timeline.at(Mark::LastOctet), Some(ms(60)));
    assert_eq!(timeline.timings().receive, Some(Duration::from_millis(30)));
    assert_eq!(timeline.clock(), Some(Clock::Kernel));
}

#[test]
fn what_ends_without_octets_ends_when_it_is_told() {
    let mut probe = sent(0);
    let _ = received(&mut probe, 50, Some(30), b"HTTP/1.0 200 OK\r\n\r\nhi");
    let _ = probe.handle(ms(60), Input::Closed { leg: LEG }, &mut Actions::default());
    let timeline = &probe.report().timeline;
    assert_eq!(timeline.at(Mark::LastOctet), Some(ms(30)));
    assert_eq!(timeline.at(Mark::Done), Some(ms(60)));
}

#[test]
fn a_wait_is_split_where_the_round_trip_is_known() {
    let info = |min_rtt_us| {
        let ended = TcpInfo { min_rtt_us: NonZeroU32::new(min_rtt_us), ..TcpInfo::default() };
        Some(Box::new(Tcp { ended, ..Tcp::default() }))
    };
    let split = |network, server| {
        let [network, server] = [network, server].map(Duration::from_micros);
        Some(Waited { network, server })
    };
    let rows = [
        // what the kernel measured, when the response came; how the wait of it was spent
        (info(11_000), Some(52), split(11_000, 29_000)),
        // As fast as the path: nothing is left for the server.
        (info(11_000), Some(17), split(5_000, 0)),
        (info(0), Some(52), None),
        (None, Some(52), None),
        (info(11_000), None, None),
    ];
    for (tcp, came, want) in rows {
        let mut probe = sent(0);
        match came {
            Some(came) => drop(received(&mut probe, came, None, WHOLE)),
            None => drop(probe.handle(ms(52), Input::Interrupt, &mut Actions::default())),
        }
        let mut report = probe.into_report();
        report.tcp = tcp;
        assert_eq!(report.waited(), want, "{:?} {came:?}", report.tcp);
    }
    let mut early = sent(7);
    let _ = received(&mut early, 52, None, WHOLE);
    let mut report = early.into_report();
    report.tcp = info(11_000);
    assert_eq!(report.waited(), None, "it came before the request was sent");
}
