//! Which of several failures is the race's, and how it is told.

use fourstep_connect::{Candidate, ConnectError, Family, Race, Standing};
use fourstep_terms::{Code, Fault, FaultKind, Leg, Time};
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

/// 192.0.2.1, 192.0.2.2, …
fn address(number: u32) -> SocketAddr {
    (Ipv4Addr::from_bits(0xc000_0200 + number), 80).into()
}

fn candidates(many: usize) -> Vec<Candidate> {
    (1..).map(|number| Candidate { address: address(number), source: None }).take(many).collect()
}

#[test]
fn the_attempt_that_got_furthest_decides() {
    use FaultKind::{
        Denied, Descriptors, Excluded, Memory, Ports, Refused, Reset, TimedOut, Unreachable,
    };
    let rows: &[(&[FaultKind], Code, &str)] = &[
        // how attempts 1, 2, … failed, code, message
        (&[Refused], Code::ConnectRefused, "refused by 192.0.2.1:80"),
        (&[Refused, Refused], Code::ConnectRefused, "refused by 192.0.2.2:80 (2 tried)"),
        (&[Refused, Reset], Code::ConnectReset, "reset by 192.0.2.2:80 (2 tried)"),
        (&[Reset, Refused], Code::ConnectReset, "reset by 192.0.2.1:80 (2 tried)"),
        (&[Refused, Denied], Code::ConnectRefused, "refused by 192.0.2.1:80 (2 tried)"),
        (
            &[TimedOut, Excluded],
            Code::ConnectDenied,
            "excluded, so not dialled: 192.0.2.2:80 (2 tried)",
        ),
        (&[TimedOut, Denied], Code::ConnectDenied, "a rule forbids 192.0.2.2:80 (2 tried)"),
        (
            &[TimedOut, Unreachable],
            Code::ConnectSilent,
            "no answer from 192.0.2.1:80 within 20 ms (2 tried)",
        ),
        (&[Unreachable, Unreachable], Code::ConnectUnreachable, "no way to 192.0.2.2:80 (2 tried)"),
        // What this machine could not try leaves open what the target would have said.
        (
            &[Descriptors, Reset],
            Code::LocalDescriptors,
            "no file descriptor left to dial 192.0.2.1:80 (2 tried)",
        ),
        (
            &[Refused, Ports],
            Code::LocalPorts,
            "no local address or port left to dial 192.0.2.2:80 (2 tried)",
        ),
        (&[Memory], Code::LocalMemory, "no memory left to dial 192.0.2.1:80"),
    ];
    for (kinds, code, message) in rows {
        let (mut race, mut out) = (Race::default(), Vec::new());
        race.settled(Family::V6);
        race.found(Time::START, Family::V4, &candidates(kinds.len()));
        race.settled(Family::V4);
        let mut standing = race.tick(Time::START, &mut out);
        for (nth, kind) in (0..).zip(*kinds) {
            let now = Time::from_millis(10 * (u64::from(nth) + 1));
            let fault = Fault { kind: *kind, os_error: Some(i32::from(nth)) };
            standing = race.failed(now, Leg(nth), fault, &mut out);
        }
        let Standing::Lost(error) = standing else { panic!("{kinds:?}: {standing:?}") };
        assert_eq!((error.code(), error.to_string().as_str()), (*code, *message), "{kinds:?}");
        // The error number of the attempt that decided, which is its own number here.
        let number = error.os_error().unwrap().cast_unsigned();
        assert_eq!(error.tried().unwrap().last, Some(address(number + 1)), "{kinds:?}");
    }
}

#[test]
fn messages_of_unix_sockets_and_of_time() {
    let rows = [
        (FaultKind::Refused, 0, "refused by the unix socket"),
        (FaultKind::TimedOut, 350, "no answer from the unix socket within 350 ms"),
        (FaultKind::TimedOut, 5_000, "no answer from the unix socket within 5 s"),
        (FaultKind::TimedOut, 2_550, "no answer from the unix socket within 2.5 s"),
    ];
    for (kind, ms, want) in rows {
        let error = ConnectError::alone(None, Fault::of(kind), Duration::from_millis(ms));
        assert_eq!(error.to_string(), want);
    }
    assert_eq!(ConnectError::NoAddress.to_string(), "no address to connect to");
}
