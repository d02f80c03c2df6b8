//! Sockets behind which there is no server, or one that has no words left.

use super::{CLOSED, Row, get, hold};
use fourstep_peer::{Held, LOOPBACK, Origin, Script};

#[test]
fn a_host_that_is_there_and_does_not_serve() {
    let start = |script: Script| Origin::start(LOOPBACK, script).unwrap();
    let says = |octets: &str| Script::new().read().write(octets);
    let refuses = Held::refused(LOOPBACK).unwrap();
    let full = Held::full(LOOPBACK).unwrap();
    let at_once = Origin::reset(LOOPBACK).unwrap();
    let resets = start(Script::new().read().reset());
    let closes = start(Script::new().read().close());
    let silent = Origin::silent(LOOPBACK).unwrap();
    let deaf = Origin::deaf(LOOPBACK).unwrap();
    let head = start(says("HTTP/1.1 503 Service Unavailable\r\nRetry-").close());
    let body = start(says("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf").close());
    let stalls = start(says("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf").stall());
    let full_house =
        "HTTP/1.1 503 Service Unavailable\r\nRetry-After: 7\r\nContent-Length: 9\r\n\r\n";
    let no_end = start(says(full_house).close());
    let odd = start(says("220 mail.test ready\r\n").close());
    // More than the buffers of both ends take.
    let large = vec![0; 16 << 20];
    #[rustfmt::skip]
    let rows: Vec<Row<'_>> = vec![
        ("refuses", get(refuses.url("/")), "connect.refused unavailable open | unknown", &["restarts refuses"]),
        ("its queue is full", get(full.url("/")).briefly(),
            "connect.silent unavailable open | unknown", &["its queue of connections is full"]),
        // Where the reset meets the probe depends on which of the two is faster.
        ("accepts and resets", get(at_once.url("/")), CLOSED, &["throws them away"]),
        ("reads and resets", get(resets.url("/")),
            "response.reset unavailable open | unknown", &["throws them away"]),
        ("reads and closes", get(closes.url("/")),
            "response.empty unavailable open | unknown", &["closes: overload looks so"]),
        ("reads and is silent", get(silent.url("/")).briefly(),
            "response.silent unavailable open | unknown", &["nobody serves it: overload looks so"]),
        ("does not even read", get(deaf.url("/")).method("POST").body(&large).briefly(),
            "request.silent unavailable open | unknown", &["nobody serves it"]),
        ("half a head", get(head.url("/")), "response.cut broken open | unknown", &[]),
        ("half a body", get(body.url("/")), "200 broken open | unknown", &[]),
        ("half a body, and waits", get(stalls.url("/")).briefly(), "200 broken open | unknown", &[]),
        // What the status says holds before the end of the body.
        ("503 without an end", get(no_end.url("/")),
            "503 unavailable temporary 7 s | unknown", &["field Retry-After: 7"]),
        ("speaks something else", get(odd.url("/")), "response.malformed broken lasting | unknown", &[]),
    ];
    hold(rows);
}
