//! RFC 6724 §6 by example, most of them the RFC's own.

#![expect(clippy::unwrap_used, reason = "a test")]

use fourstep_connect::{Candidate, sort};
use std::net::{IpAddr, SocketAddr};

/// `destination < source`, or a destination alone when there is no way to it.
fn candidate(text: &str) -> Candidate {
    let (destination, source) = match text.split_once(" < ") {
        Some((destination, source)) => (destination, Some(source.parse().unwrap())),
        None => (text, None),
    };
    let ip: IpAddr = destination.parse().unwrap();
    Candidate { address: SocketAddr::new(ip, 80), source }
}

#[test]
fn destinations_in_order() {
    let rows: &[(&str, &[&str])] = &[
        // why, the destinations and their sources in the order wanted
        (
            "RFC 6724 §10.2: prefer matching scope",
            &["2001:db8:1::1 < 2001:db8:1::2", "198.51.100.121 < 169.254.13.78"],
        ),
        (
            "RFC 6724 §10.2: prefer matching scope",
            &["198.51.100.121 < 198.51.100.117", "2001:db8:1::1 < fe80::1"],
        ),
        (
            "RFC 6724 §10.2: prefer higher precedence",
            &["2001:db8:1::1 < 2001:db8:1::2", "10.1.2.3 < 10.1.2.4"],
        ),
        (
            "RFC 6724 §10.2: prefer smaller scope",
            &["fe80::1 < fe80::2", "2001:db8:1::1 < 2001:db8:1::2"],
        ),
        (
            "RFC 6724 §10.2: longest matching prefix",
            &["2001:db8:1::1 < 2001:db8:1::2", "2001:db8:3ffe::1 < 2001:db8:3f44::2"],
        ),
        (
            "RFC 6724 §10.2: prefer matching label",
            &["2002:c633:6401::1 < 2002:c633:6401::2", "2001:db8:1::1 < 2002:c633:6401::2"],
        ),
        (
            "RFC 6724 §10.2: prefer higher precedence",
            &["2001:db8:1::1 < 2001:db8:1::2", "2002:c633:6401::1 < 2002:c633:6401::2"],
        ),
        // Not here: "prefer home address" and "avoid deprecated addresses" (rules 4 and 3).
        (
            "RFC 6724 §6 rule 1: IPv4 goes first where only it has a way",
            &["10.1.2.3 < 10.1.2.4", "2001:db8:1::1"],
        ),
        (
            "RFC 6724 §6 rule 1: what has a way goes before what would be better",
            &["2002:c633:6401::1 < 2001:db8::2", "::1"],
        ),
        ("RFC 6724 §6 rule 6: localhost is IPv6 first", &["::1 < ::1", "127.0.0.1 < 127.0.0.1"]),
        ("RFC 6724 §2.1: unique local after IPv4", &["192.0.2.1 < 192.0.2.9", "fd00::1 < fd00::9"]),
        ("RFC 6724 §2.1: Teredo after IPv4", &["192.0.2.1 < 192.0.2.9", "2001::1 < 2001::9"]),
        (
            "RFC 6724 §2.1: IPv4-mapped is IPv4",
            &["2001:db8:1::1 < 2001:db8:1::2", "::ffff:192.0.2.1 < 192.0.2.9", "fd00::1 < fd00::9"],
        ),
        (
            "all rules at once",
            &[
                "::1 < ::1",
                "fe80::1 < fe80::2",
                "2001:db8:1::1 < 2001:db8:1::9",
                "2001:db8:1:8000::1 < 2001:db8:1::9",
                "192.0.2.1 < 192.0.2.9",
                "fd00::1 < fd00::9",
                "2001:db8:1::7 < fd00::9", // its label is not its source's
                "203.0.113.1 < 169.254.1.1",
                "2001:db8:9::1",
                "198.51.100.1",
            ],
        ),
    ];
    for (why, order) in rows {
        let want: Vec<Candidate> = order.iter().map(|text| candidate(text)).collect();
        // From every rotation, forwards and backwards.
        for turn in 0..want.len() {
            let mut got = want.clone();
            got.rotate_left(turn);
            sort(&mut got);
            assert_eq!(got, want, "{why}, turned by {turn}");
            got.rotate_left(turn);
            got.reverse();
            sort(&mut got);
            assert_eq!(got, want, "{why}, turned by {turn}, backwards");
        }
    }
}

#[test]
fn what_no_rule_prefers_stays_in_order() {
    let rows: &[(&str, &[&str])] = &[
        (
            "RFC 6724 §6 rule 10: a name server's rotation of IPv4 addresses stands",
            &[
                "203.0.113.1 < 10.2.3.4",
                "10.2.3.5 < 10.2.3.4", // a longer common prefix: see `common_prefix`
                "198.51.100.1 < 10.2.3.4",
            ],
        ),
        (
            "RFC 6724 §2.2: a common prefix ends with the subnet",
            &[
                "2001:db8::1 < 2001:db8::8",
                "2001:db8::9 < 2001:db8::8",
                "2001:db8::2 < 2001:db8::8",
            ],
        ),
        ("no way to either", &["192.0.2.1", "192.0.2.2"]),
    ];
    for (why, order) in rows {
        for turn in 0..order.len() {
            let mut given: Vec<Candidate> = order.iter().map(|text| candidate(text)).collect();
            given.rotate_left(turn);
            let mut got = given.clone();
            sort(&mut got);
            assert_eq!(got, given, "{why}, turned by {turn}");
        }
    }
}
