//! HAProxy and nginx before servers that are dead, slow, mute or busy.

use super::{client, probe};
use crate::servers::{Running, haproxy, nginx};
use fourstep_peer::{Held, LOOPBACK, Origin, Script};
use serde_json::json;
use std::io::Write;
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// How long a gateway waits for its server. Nothing below takes longer because of a slow machine.
const PATIENCE: Duration = Duration::from_millis(200);

fn haproxy_before(server: SocketAddr, lines: &str) -> Running {
    let config = format!("listen l\n    bind {{addr}}\n{lines}\n    server s {server}");
    haproxy(&config, &[])
}

fn nginx_before(server: SocketAddr, lines: &str) -> Running {
    let config = format!(
        "server {{ listen {{addr}}; location / {{ proxy_pass http://{server}; {lines} }} }}"
    );
    nginx(&config, &[])
}

/// What a gateway says of a server that does not answer as it should (RFC 9110 §15.6).
#[test]
fn a_gateway_answers_for_its_server() {
    let dead = Held::refused(LOOPBACK).unwrap();
    let mute = Origin::silent(LOOPBACK).unwrap();
    let odd = Origin::start(LOOPBACK, Script::answer("no HTTP at all\r\n\r\n")).unwrap();
    let patient = format!("    timeout server {}ms", PATIENCE.as_millis());
    let reads = format!("proxy_read_timeout {}ms;", PATIENCE.as_millis());
    let rows = [
        // gateway → status, reason, code, whether it waits
        (haproxy_before(dead.address(), ""), 503, "Service Unavailable", "", false),
        (haproxy_before(mute.address(), &patient), 504, "Gateway Time-out", "", true),
        (haproxy_before(odd.address(), ""), 502, "Bad Gateway", "", false),
        (nginx_before(dead.address(), ""), 502, "Bad Gateway", "", false),
        (nginx_before(mute.address(), &reads), 504, "Gateway Time-out", "", true),
        // nginx takes what has no status line for HTTP/0.9, and passes it on as it came.
        (nginx_before(odd.address(), ""), 0, "", "response.malformed", false),
    ];
    for (gateway, status, reason, code, waits) in rows {
        let seen = probe(&client(), &gateway.url("/"));
        assert_eq!((seen.status().unwrap_or(0), seen.code()), (status, code));
        assert_eq!(seen.text("/response/reason"), reason);
        assert_eq!(*seen.at("/response/complete"), code.is_empty());
        let waited = seen.report.timeline.timings().wait.unwrap();
        assert!(!waits || waited >= PATIENCE, "{status} after {waited:?}");
    }
}

/// A limit that is reached: the next in line waits, and is turned away.
#[test]
fn a_full_gateway_turns_away() {
    let busy = Origin::silent(LOOPBACK).unwrap();
    let config = format!(
        "listen l
    bind {{addr}}
    timeout queue {}ms
    server s {} maxconn 1",
        PATIENCE.as_millis(),
        busy.address()
    );
    let gateway = haproxy(&config, &[]);
    let mut first = TcpStream::connect(gateway.addr).unwrap();
    first.write_all(b"GET /first HTTP/1.1\r\nHost: a.test\r\n\r\n").unwrap();
    // Once the server has the first, there is no room behind the gateway.
    while busy.accepted() == 0 {
        std::thread::yield_now();
    }
    let seen = probe(&client(), &gateway.url("/second"));
    assert_eq!((seen.status(), seen.code()), (Some(503), ""));
    assert!(seen.report.timeline.timings().wait.unwrap() >= PATIENCE);
    assert_eq!(busy.accepted(), 1, "the second never reached the server");
}

/// RFC 8297: hints before the response, as HAProxy sends them.
#[test]
fn hints_come_before_the_response() {
    let origin =
        Origin::start(LOOPBACK, Script::new().read().then(Script::status(200, "OK", "hi")))
            .unwrap();
    let lines = "    http-request early-hint Link \"</a.css>; rel=preload; as=style\"
    http-request early-hint Link \"</b.js>; rel=preload; as=script\"";
    let gateway = haproxy_before(origin.address(), lines);
    let seen = probe(&client(), &gateway.url("/"));
    assert_eq!((seen.status(), seen.code(), seen.body()), (Some(200), "", "hi"));
    let interim = seen.at("/response/interim").as_array().unwrap();
    assert!(!interim.is_empty() && interim.iter().all(|head| head["status"] == 103), "{interim:?}");
    let links: Vec<_> = interim
        .iter()
        .flat_map(|head| head["fields"].as_array().unwrap())
        .filter(|field| field[0].as_str().unwrap().eq_ignore_ascii_case("link"))
        .map(|field| field[1].as_str().unwrap())
        .collect();
    assert_eq!(links, ["</a.css>; rel=preload; as=style", "</b.js>; rel=preload; as=script"]);
}

/// What a gateway writes by itself, and what it does to the connection.
#[test]
fn a_gateway_that_needs_no_server() {
    let config = "listen l
    bind {addr}
    http-request silent-drop if { path /drop }
    http-request reject if { path /reject }
    http-request deny deny_status 429 hdr Retry-After 120 if { path /slow-down }
    http-request redirect location /there code 308 if { path /here }
    http-request return status 200 content-type text/plain string \"made here\"";
    let gateway = haproxy(config, &[]);
    let rows = [
        // path → status, code
        ("/", Some(200), ""),
        ("/slow-down", Some(429), ""),
        ("/here", Some(308), ""),
        ("/reject", None, "response.empty"),
    ];
    for (path, status, code) in rows {
        let seen = probe(&client(), &gateway.url(path));
        assert_eq!((seen.status(), seen.code()), (status, code), "{path}");
        match path {
            "/" => assert_eq!(seen.body(), "made here"),
            "/slow-down" => assert_eq!(seen.field("retry-after"), Some("120")),
            "/here" => assert_eq!(seen.field("location"), Some("/there")),
            _ => {
                assert_eq!(*seen.at("/response"), json!(null));
                assert_eq!(seen.text("/failure/blame"), "peer");
                assert_eq!(seen.text("/outcome"), "failed");
            }
        }
    }
    // It forgets the connection and says nothing: we have to have had enough.
    let mut client = client();
    client.plan.deadlines.response = PATIENCE;
    assert_eq!(probe(&client, &gateway.url("/drop")).code(), "response.silent");
}
