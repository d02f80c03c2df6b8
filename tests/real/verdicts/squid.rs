//! Squid, as a gateway and as the client's own proxy: a field names each of its errors.

use super::{Backends, Row, get, hold};
use crate::servers::squid;
use fourstep_peer::{Held, LOOPBACK};

const RELAY: &[&str] =
    &["field Via: 1.1 squid.test (squid/", "field X-Cache: MISS from squid.test"];

#[test]
fn what_it_writes_and_relays() {
    let behind = Backends::new();
    let full = Held::full(LOOPBACK).unwrap();
    let numbered = || (1..).zip(behind.all());
    let gateways: String = numbered()
        .map(|(number, (name, at))| {
            format!(
                "http_port {{ip}}:{{port{number}}} accel defaultsite={name}.test
acl {name} localport {{port{number}}}
cache_peer {} parent {} 0 no-query originserver name={name}
cache_peer_access {name} allow {name}
never_direct allow {name}
",
                at.ip(),
                at.port()
            )
        })
        .collect();
    let config = format!(
        "http_port {{addr}}
read_timeout 1 second
connect_timeout 1 second
{gateways}
acl denied dstdomain -n denied.test
http_access deny denied
acl closed dstdomain -n closed.test
deny_info 503:ERR_ACCESS_DENIED closed
http_access deny closed
"
    );
    let server = squid(&config, &[]);
    let before = |backend: &str| {
        let (number, _) = numbered().find(|(_, (name, _))| *name == backend).unwrap();
        get(server.url_at(number, "/"))
    };
    let to = |url: String| get(url).through(server.addr);
    #[rustfmt::skip]
    let rows: Vec<Row<'_>> = vec![
        ("gateway: dead", before("dead"),
            "502 unavailable open | squid proxy emitted certain | backend-failed", &["X-Squid-Error: ERR_READ_ERROR 0"]),
        ("gateway: slow", before("mute"),
            "504 unavailable open | squid proxy emitted certain | backend-silent", &["X-Squid-Error: ERR_READ_TIMEOUT"]),
        ("gateway: resets", before("reset"),
            "502 unavailable open | squid proxy emitted certain | backend-broken", &["X-Squid-Error: ERR_READ_ERROR 104"]),
        ("gateway: closes", before("gone"),
            "502 unavailable open | squid proxy emitted certain | backend-broken", &["X-Squid-Error: ERR_ZERO_SIZE_OBJECT"]),
        ("gateway: half a head", before("half"),
            "502 unavailable open | squid proxy emitted certain | backend-broken", &["X-Squid-Error: ERR_INVALID_RESP"]),
        // Passed on as if it were the body of a 200.
        ("gateway: no HTTP", before("odd"), "200 ok open | unknown", &[]),
        ("gateway: says 503", before("app"), "503 unavailable temporary 90 s | squid proxy relayed certain", RELAY),
        ("gateway: says 503, nameless", before("bare"),
            "503 unavailable temporary | squid proxy relayed certain", RELAY),
        ("no target", get(server.url("/")),
            "400 rejected lasting | squid proxy emitted certain", &["X-Squid-Error: ERR_INVALID_URL"]),
        ("dead", to(behind.dead.url("/")),
            "503 unavailable temporary | squid proxy emitted certain | backend-refuses", &["X-Squid-Error: ERR_CONNECT_FAIL 111"]),
        ("its queue is full", to(full.url("/")),
            "503 unavailable temporary | squid proxy emitted certain | backend-refuses", &["X-Squid-Error: ERR_CONNECT_FAIL 110"]),
        ("resets", to(behind.reset.url("/")),
            "502 unavailable open | squid proxy emitted certain | backend-broken", &["X-Squid-Error: ERR_READ_ERROR 104"]),
        ("closes", to(behind.gone.url("/")),
            "502 unavailable open | squid proxy emitted certain | backend-broken", &["X-Squid-Error: ERR_ZERO_SIZE_OBJECT"]),
        ("half a head", to(behind.half.url("/")),
            "502 unavailable open | squid proxy emitted certain | backend-broken", &["X-Squid-Error: ERR_INVALID_RESP"]),
        ("denied", to("http://denied.test/".into()),
            "403 rejected lasting | squid proxy emitted certain", &["X-Squid-Error: ERR_ACCESS_DENIED"]),
        ("closed", to("http://closed.test/".into()),
            "503 unavailable temporary | squid proxy emitted certain", &["X-Squid-Error: 503:ERR_ACCESS_DENIED"]),
        ("says 503", to(behind.app.url("/")),
            "503 unavailable temporary 90 s | squid proxy relayed certain", RELAY),
        ("says 503, nameless", to(behind.bare.url("/")),
            "503 unavailable temporary | squid proxy relayed certain", RELAY),
        // It does not get to ask: the proxy's no is a failure of the connection.
        ("a tunnel to the dead", to(behind.dead.url("/").replace("http:", "https:")),
            "connect.unreachable unreachable open | unknown", &["the proxy answered 503"]),
    ];
    hold(rows);
}
