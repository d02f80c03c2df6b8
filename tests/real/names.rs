//! Names, as a resolver (unbound) and an authority (NSD) answer for them.

use super::{Seen, client, probe};
use crate::servers::{Running, nsd, unbound};
use fourstep::driver::Ran;
use fourstep::resolve::{Config, Families, Hosts, Override};
use fourstep::{Client, system};
use fourstep_peer::{Held, LOOPBACK, Manner, NameServer, On, Origin, Script, Zone};
use serde_json::json;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

/// Longer than anything here takes, shorter than a person waits for a test.
const LONG: Duration = Duration::from_secs(20);

/// How long a server may be silent.
const SILENCE: Duration = Duration::from_millis(300);

/// An origin at every IPv4 address of this machine and one at `::1`, on one port.
fn origins() -> (u16, [Origin; 2]) {
    let script = || Script::new().read().then(Script::status(200, "OK", "here"));
    // A port that the one got may be taken for the other.
    for _ in 0..16 {
        let four = Origin::start((Ipv4Addr::UNSPECIFIED, 0).into(), script()).unwrap();
        let port = four.port();
        if let Ok(six) = Origin::start((Ipv6Addr::LOCALHOST, port).into(), script()) {
            return (port, [four, six]);
        }
    }
    panic!("no port that is free of both; these tests need ::1 on the loopback interface");
}

/// A client that asks these servers, and waits for each as long as it takes.
fn asking(servers: &[SocketAddr]) -> Client {
    Client::with_names(Config {
        servers: servers.to_vec(),
        timeout: LONG,
        attempts: 1,
        ..Config::default()
    })
}

/// The same, for servers of which one is silent: it is given up after a while, and the others are
/// asked so often that a slow machine does not matter.
fn asking_past_silence(servers: &[SocketAddr]) -> Client {
    let mut client = asking(servers);
    client.settings.names.timeout = SILENCE;
    client.settings.names.attempts = 8;
    client
}

fn forward(zone: &str, to: SocketAddr) -> String {
    format!("forward-zone:\n    name: {zone}\n    forward-addr: {}@{}\n", to.ip(), to.port())
}

/// What looking up `name` came to, in a line: code, rcode, addresses, aliases.
fn line(seen: &Seen) -> String {
    let mut addresses = seen.texts("/resolve/addresses");
    addresses.sort_unstable();
    if addresses.len() > 9 {
        addresses = vec!["many"];
    }
    let rcode = seen.text("/resolve/rcode");
    let parts = [seen.code(), rcode, &addresses.join(" "), &seen.texts("/resolve/cname").join(" ")];
    parts.join("|")
}

#[test]
fn every_kind_of_answer() {
    let broken =
        NameServer::start(LOOPBACK, Zone::new().otherwise(On::Any, Manner::Rcode(5))).unwrap();
    let resolver = unbound(&forward("broken.test", broken.address()), &[]);
    let authority = nsd("", &[]);
    let (port, _origins) = origins();
    let chain = "two.zone.test three.zone.test www.zone.test";
    let both = format!("|NOERROR|127.0.0.1 ::1|{chain}");
    let rows = [
        // name, transport → by unbound, by NSD; one line for both where they say the same
        ("www.zone.test", "udp", "|NOERROR|127.0.0.1 ::1|", ""),
        ("WWW.Zone.Test.", "udp", "|NOERROR|127.0.0.1 ::1|", ""),
        ("four.zone.test", "udp", "|NOERROR|127.0.0.1|", ""),
        ("six.zone.test", "udp", "|NOERROR|::1|", ""),
        ("one.zone.test", "udp", &both, ""),
        ("text.zone.test", "udp", "resolve.no-address|NOERROR||", ""),
        ("missing.zone.test", "udp", "resolve.no-such-name|NXDOMAIN||", ""),
        ("nowhere.zone.test", "udp", "resolve.no-such-name|NXDOMAIN||missing.zone.test", ""),
        ("big.zone.test", "tcp", "|NOERROR|many|", ""),
        ("a.broken.test", "udp", "resolve.server-failure|SERVFAIL||", ""),
        // Unbound goes around a few times itself; NSD shows the loop.
        (
            "left.zone.test",
            "udp",
            "resolve.server-failure|SERVFAIL||",
            "resolve.malformed|NOERROR||",
        ),
    ];
    for (name, transport, by_unbound, by_nsd) in rows {
        let by_nsd = if by_nsd.is_empty() { by_unbound } else { by_nsd };
        for (server, want) in [(&resolver, by_unbound), (&authority, by_nsd)] {
            let client = asking(&[server.addr]);
            let seen = probe(&client, &format!("http://{name}:{port}/"));
            let line = line(&seen);
            assert!(line.starts_with(want), "{name}: {line}, not {want}\n{}", seen.record);
            let answered = seen.code().is_empty();
            assert_eq!(seen.status(), answered.then_some(200), "{name}");
            assert_eq!(seen.text("/step"), if answered { "response" } else { "resolve" }, "{name}");
            let asked = name.trim_end_matches('.').to_lowercase();
            assert_eq!(seen.text("/resolve/name").trim_end_matches('.'), asked);
            assert_eq!(seen.text("/resolve/from"), "dns", "{name}");
            assert_eq!(seen.text("/resolve/server"), server.addr.to_string(), "{name}");
            assert_eq!(seen.text("/resolve/transport"), transport, "{name}");
            assert_eq!(*seen.at("/resolve/ignored"), json!({}), "{name}");
            if answered {
                assert!(seen.at("/resolve/ttl_s").as_u64().unwrap() <= 60, "{name}");
            } else {
                assert!(["name"].contains(&seen.text("/failure/blame")), "{name}");
                assert!(seen.at("/connect").is_null(), "{name}");
            }
        }
    }
}

/// Which of two addresses is dialled first (RFC 6724 §6, RFC 8305 §4), and what is asked for.
#[test]
fn each_family_alone_and_both() {
    let authority = nsd("", &[]);
    let (port, _origins) = origins();
    let rows = [
        // name, families → peer, code
        ("www", Families::Both, "[::1]", ""),
        ("www", Families::V4, "127.0.0.1", ""),
        ("www", Families::V6, "[::1]", ""),
        ("four", Families::V6, "", "resolve.no-address"),
        ("six", Families::V4, "", "resolve.no-address"),
    ];
    for (name, families, peer, code) in rows {
        let mut client = asking(&[authority.addr]);
        client.plan.families = families;
        let seen = probe(&client, &format!("http://{name}.zone.test:{port}/"));
        assert_eq!(seen.code(), code, "{name} {families:?}");
        let want = if code.is_empty() { format!("{peer}:{port}") } else { String::new() };
        let said = if code.is_empty() { seen.text("/connect/peer") } else { "" };
        assert_eq!(said, want, "{name} {families:?}");
    }
}

/// A resolver that does not serve us, in its two ways to say so; one of them with the reason in
/// a number: Prohibited (RFC 8914 §4.19).
#[test]
fn a_resolver_that_does_not_want_us() {
    let prohibited = json!([{"code": 18, "text": ""}]);
    let (port, _origins) = origins();
    let authority = nsd("", &[]);
    for (control, code, blame, extended_errors) in [
        ("refuse", "resolve.refused", "name", prohibited),
        // It throws the query away.
        ("deny", "resolve.silent", "path", json!([])),
    ] {
        let config = format!("server:\n    ede: yes\n    access-control: 127.0.0.1/32 {control}\n");
        let resolver = unbound(&config, &[]);
        let mut client = asking(&[resolver.addr]);
        if control == "deny" {
            client.settings.names.timeout = SILENCE;
        }
        let seen = probe(&client, "http://www.zone.test/");
        assert_eq!((seen.code(), seen.text("/failure/blame")), (code, blame));
        assert_eq!(*seen.at("/resolve/extended_errors"), extended_errors);
        // The next server counts, if there is one.
        let client = asking_past_silence(&[resolver.addr, authority.addr]);
        let seen = probe(&client, &format!("http://four.zone.test:{port}/"));
        assert_eq!((seen.status(), seen.code()), (Some(200), ""), "{control}");
        assert_eq!(seen.text("/resolve/server"), authority.addr.to_string(), "{control}");
    }
}

/// RFC 8914: why a resolver failed, in its own numbers and words. Unbound 1.17 has none for a
/// SERVFAIL, so that a scripted one has to say so.
#[test]
fn a_resolver_that_fails_says_why() {
    let zone = Zone::new().behave("a.test", On::Any, Manner::Rcode(2)).behave(
        "a.test",
        On::Any,
        Manner::Extended(22, "no answer from ns\u{1b}[2J".into()),
    );
    let server = NameServer::start(LOOPBACK, zone).unwrap();
    let seen = probe(&asking(&[server.address()]), "http://a.test/");
    assert_eq!((seen.code(), seen.text("/failure/blame")), ("resolve.server-failure", "name"));
    // No Reachable Authority (§4.23), once for both families.
    let said = json!([{"code": 22, "text": "no answer from ns\u{1b}[2J"}]);
    assert_eq!(*seen.at("/resolve/extended_errors"), said);
}

/// The time that a slow server takes is the name's, not the connection's.
#[test]
fn a_slow_forwarder_is_waited_for() {
    const LATE: Duration = Duration::from_millis(300);
    let zone = Zone::new().a("a.slow.test", [127, 0, 0, 1]).otherwise(On::Any, Manner::Late(LATE));
    let slow = NameServer::start(LOOPBACK, zone).unwrap();
    let resolver = unbound(&forward("slow.test", slow.address()), &[]);
    let (port, _origins) = origins();
    let url = format!("http://a.slow.test:{port}/");
    let seen = probe(&asking(&[resolver.addr]), &url);
    assert_eq!((seen.status(), seen.code()), (Some(200), ""));
    let timings = seen.report.timeline.timings();
    assert!(timings.resolve.unwrap() >= LATE, "{timings:?}");
    assert!(seen.at("/timing_us/resolve").as_u64().unwrap() >= 300_000);
    assert!(timings.total.unwrap() >= timings.resolve.unwrap() + timings.connect.unwrap());

    // A limit of the step's own ends it in time.
    let zone = Zone::new().otherwise(On::Any, Manner::Silent);
    let mute = NameServer::start(LOOPBACK, zone).unwrap();
    let mut client = asking(&[mute.address()]);
    client.plan.deadlines.resolve = LATE;
    let seen = probe(&client, &url);
    assert_eq!((seen.code(), seen.text("/failure/blame")), ("resolve.silent", "path"));
    let waited = seen.report.timeline.timings().resolve.unwrap();
    assert!(waited >= LATE && waited < LONG, "{waited:?}");
}

/// A dead server costs what its way of being dead costs: nothing when it refuses, its time-out
/// when it is silent.
#[test]
fn the_second_server_is_asked_when_the_first_is_dead() {
    let (port, _origins) = origins();
    let authority = nsd("", &[]);
    let refused = Held::refused(LOOPBACK).unwrap();
    let silent =
        NameServer::start(LOOPBACK, Zone::new().otherwise(On::Any, Manner::Silent)).unwrap();
    for (name, dead) in [("refuses", refused.address()), ("is silent", silent.address())] {
        let client = asking_past_silence(&[dead, authority.addr]);
        let seen = probe(&client, &format!("http://four.zone.test:{port}/"));
        assert_eq!((seen.status(), seen.code()), (Some(200), ""), "{name}");
        assert_eq!(seen.text("/resolve/server"), authority.addr.to_string(), "{name}");
        let took = seen.report.timeline.timings().resolve.unwrap();
        assert!(name == "refuses" || took >= SILENCE, "{name}: {took:?}");
    }
    let seen = probe(&asking(&[refused.address()]), "http://four.zone.test/");
    assert_eq!((seen.code(), seen.text("/failure/blame")), ("resolve.unreachable", "path"));
    assert_eq!(*seen.at("/failure/os_error"), 111, "ECONNREFUSED, by ICMP");
}

/// resolv.conf(5): `search` and `ndots` say which full names are tried, and in which order.
#[test]
fn a_search_list_completes_names() {
    // What is not below test. does not exist: nothing leaves this machine.
    let resolver = unbound("server:\n    local-zone: \".\" static\n", &[]);
    let (port, _origins) = origins();
    let rows: [(&str, &[&str], u8, &str, usize); 8] = [
        // typed, search, ndots → the name that answered, names tried
        ("four", &["zone.test"], 1, "four.zone.test", 1),
        ("four", &["none.zone.test", "zone.test"], 1, "four.zone.test", 2),
        ("four.zone", &["test"], 1, "four.zone.test", 2),
        ("four.zone", &["test"], 2, "four.zone.test", 1),
        ("four.zone.test", &["zone.test"], 1, "four.zone.test", 1),
        ("four.zone.test", &["zone.test"], 3, "four.zone.test", 2),
        ("four.zone.test.", &["zone.test"], 3, "four.zone.test", 1),
        ("four.", &["zone.test"], 1, "", 1),
    ];
    for (typed, search, ndots, full_name, tried) in rows {
        let mut client = asking(&[resolver.addr]);
        client.settings.names.search = search.iter().map(|&domain| domain.into()).collect();
        client.settings.names.ndots = ndots;
        client.plan.families = Families::V4;
        let seen = probe(&client, &format!("http://{typed}:{port}/"));
        if full_name.is_empty() {
            assert_eq!(seen.code(), "resolve.no-such-name", "{typed}");
        } else {
            assert_eq!(seen.status(), Some(200), "{typed}: {}", seen.record);
            assert_eq!(seen.text("/resolve/full_name"), full_name, "{typed}");
        }
        let Some(named) = seen.report.named() else { panic!("{typed}: {}", seen.record) };
        assert_eq!(named.answers[0].1.asked as usize, tried, "{typed} {search:?} {ndots}");
    }
}

/// What this machine says itself is not asked for.
#[test]
fn hosts_and_overrides_ask_nobody() {
    let (port, _origins) = origins();
    let mute = NameServer::start(LOOPBACK, Zone::new().otherwise(On::Any, Manner::Silent)).unwrap();
    let mut client = asking(&[mute.address()]);
    client.settings.names.hosts = Hosts::parse(
        b"127.0.0.1 here.test alias.test # one\n::1 here.test\n192.0.2.1 given.test\n",
    );
    client.settings.names.overrides =
        [format!("given.test:{port}:127.0.0.1"), format!("*:{port}:[::1]")]
            .iter()
            .map(|text| Override::parse(text).unwrap())
            .collect();
    let rows = [
        // name → from, addresses
        ("given.test", "override", json!(["127.0.0.1"])),
        ("any.test", "override", json!(["::1"])),
        ("here.test", "override", json!(["::1"])),
    ];
    for (name, from, addresses) in rows {
        let seen = probe(&client, &format!("http://{name}:{port}/"));
        assert_eq!((seen.status(), seen.text("/resolve/from")), (Some(200), from), "{name}");
        assert_eq!(*seen.at("/resolve/addresses"), addresses, "{name}");
    }
    client.settings.names.overrides.clear();
    for (name, addresses) in [
        ("here.test", json!(["127.0.0.1", "::1"])),
        ("Alias.test", json!(["127.0.0.1"])),
        // RFC 6761 §6.3: never asked for.
        ("localhost", json!(["127.0.0.1", "::1"])),
    ] {
        let seen = probe(&client, &format!("http://{name}:{port}/"));
        assert_eq!((seen.status(), seen.text("/resolve/from")), (Some(200), "hosts"), "{name}");
        let mut said = seen.texts("/resolve/addresses");
        said.sort_unstable();
        assert_eq!(json!(said), addresses, "{name}");
    }
    assert_eq!(mute.asked(), []);
}

/// This machine's files, from another place.
#[test]
fn files_say_how_names_are_looked_up() {
    let (port, _origins) = origins();
    let authority = nsd("", &[]);
    authority
        .write("resolv.conf", "search zone.test\noptions ndots:2 timeout:9 attempts:1 nonsense\n");
    authority.write("hosts", "127.0.0.1 filed.test\n");
    let at = |name: &str| authority.folder().join(name);
    let (mut names, warnings) = system::names_from(&at("resolv.conf"), &at("hosts")).unwrap();
    assert_eq!(warnings.len(), 1, "{warnings:?}");
    names.servers = vec![authority.addr];
    let client = Client::with_names(names);
    for (name, from) in [("filed.test", "hosts"), ("four", "dns")] {
        let seen = probe(&client, &format!("http://{name}:{port}/"));
        assert_eq!((seen.status(), seen.text("/resolve/from")), (Some(200), from), "{name}");
    }
    let (names, _) = system::names_from(&at("none"), &at("none")).unwrap();
    assert_eq!(names, Config::default());
}

/// A loop asks once: its second probe has the answer from the first, and less of its time to live.
#[test]
fn a_loop_remembers_answers() {
    let (port, _origins) = origins();
    let authority = nsd("", &[]);
    let client = asking(&[authority.addr]);
    let mut driver = client.driver().unwrap();
    let mut look = |name: &str| {
        let url = format!("http://{name}.zone.test:{port}/");
        let job = client.job(1, Client::target(url.as_bytes()).unwrap()).unwrap();
        let mut seen = None;
        let ran =
            driver.run([job], |done, _| seen = Some(Seen::of(*done.report, done.at))).unwrap();
        assert_eq!(ran, Ran::All);
        seen.unwrap()
    };
    for name in ["one", "missing"] {
        let (first, second) = (look(name), look(name));
        assert_eq!(first.text("/resolve/from"), "dns", "{name}");
        assert_eq!(second.text("/resolve/from"), "cache", "{name}");
        for place in ["/resolve/addresses", "/resolve/cname", "/resolve/rcode"] {
            assert_eq!(first.at(place), second.at(place), "{name} {place}");
        }
        assert!(second.at("/resolve/server").is_null(), "{name}: nobody was asked");
        let ttl = |seen: &Seen| seen.at("/resolve/ttl_s").as_u64().unwrap();
        assert!(ttl(&second) <= ttl(&first), "{name}");
        assert_eq!(first.code(), second.code(), "{name}");
    }
    // A server of its own for each: nothing is shared but what is in memory.
    drop(authority);
    assert_eq!(look("one").status(), Some(200));
}

/// TCP from the start, and no EDNS: each still has its answer.
#[test]
fn questions_in_other_ways() {
    let (port, _origins) = origins();
    let authority = nsd("", &[]);
    let mut client = asking(&[authority.addr]);
    client.settings.names.use_vc = true;
    let seen = probe(&client, &format!("http://one.zone.test:{port}/"));
    assert_eq!((seen.status(), seen.text("/resolve/transport")), (Some(200), "tcp"));

    let mut client = asking(&[authority.addr]);
    client.settings.names.edns_payload = 0;
    for (name, transport) in [("www", "udp"), ("big", "tcp")] {
        let seen = probe(&client, &format!("http://{name}.zone.test:{port}/"));
        assert_eq!(
            (seen.status(), seen.text("/resolve/transport")),
            (Some(200), transport),
            "{name}"
        );
    }

    // Nobody to ask.
    let seen = probe(&self::client(), "http://www.zone.test/");
    assert_eq!(seen.code(), "resolve.unreachable");
}

/// Names with addresses where nobody is: every attempt is in the record, and the last that got
/// furthest is the probe's.
#[test]
fn every_attempt_is_told() {
    let authority: Running = nsd("", &[]);
    // Refused at both addresses: bound, and not listening.
    let four = Held::refused(LOOPBACK).unwrap();
    let port = four.address().port();
    let seen = probe(&asking(&[authority.addr]), &format!("http://www.zone.test:{port}/"));
    assert_eq!((seen.code(), seen.text("/failure/blame")), ("connect.refused", "peer"));
    let attempts = seen.at("/connect/attempts").as_array().unwrap();
    let told: Vec<_> =
        attempts.iter().map(|attempt| (&attempt["address"], &attempt["failure"])).collect();
    let (six, four) = (json!(format!("[::1]:{port}")), json!(format!("127.0.0.1:{port}")));
    let refused = json!("connect.refused");
    assert_eq!(told, [(&six, &refused), (&four, &refused)]);
    // RFC 8305 §5: 10 ms at the least between two attempts, also after a refusal.
    let start = |attempt: usize| attempts[attempt]["start_us"].as_u64().unwrap();
    assert!(start(1) >= start(0) + 10_000, "{attempts:?}");
}
