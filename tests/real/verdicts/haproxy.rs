//! HAProxy: pages that nobody else writes, without a name or a date, and nothing on what it relays.

use super::{Backends, CLOSED, Row, get, hold};
use crate::servers::haproxy;

/// Its page, and what it leaves out.
const OWN: &[&str] = &["body", "absent field no Server", "absent field no Date"];

#[test]
fn its_own_pages() {
    let denials: String =
        [400, 401, 403, 404, 405, 408, 410, 413, 425, 429, 500, 501, 502, 503, 504]
            .map(|status| {
                format!("    http-request deny deny_status {status} if {{ path /{status} }}\n")
            })
            .concat();
    let config = format!(
        "frontend f
    bind {{addr}}
    monitor-uri /monitor
    monitor fail if {{ always_true }}
{denials}
    http-request return status 503 if {{ path /empty }}
    http-request return status 503 content-type text/html string \"<h1>Closed</h1>\" hdr Retry-After 60 if {{ path /words }}
    http-request reject if {{ path /reject }}
    use_backend file if {{ path /file }}
backend file
    errorfile 503 {{dir}}/sorry.http
frontend at-once
    bind {{ip}}:{{port1}}
    tcp-request connection reject
"
    );
    let sorry =
        "HTTP/1.1 503 Service Unavailable\r\nContent-Type: text/html\r\n\r\n<h1>Sorry</h1>\n";
    let server = haproxy(&config, &[("sorry.http", sorry)]);
    let at = |path: &str| get(server.url(path));
    #[rustfmt::skip]
    let rows: Vec<Row<'_>> = vec![
        ("400", at("/400"), "400 rejected lasting | haproxy proxy emitted certain", OWN),
        ("401", at("/401"), "401 rejected lasting | haproxy proxy emitted certain", OWN),
        ("403", at("/403"), "403 rejected lasting | haproxy proxy emitted certain", OWN),
        ("404", at("/404"), "404 rejected open | haproxy proxy emitted certain", OWN),
        ("405", at("/405"), "405 rejected lasting | haproxy proxy emitted certain", OWN),
        ("408", at("/408"), "408 rejected temporary | haproxy proxy emitted certain", OWN),
        ("410", at("/410"), "410 rejected lasting | haproxy proxy emitted certain", OWN),
        ("413", at("/413"), "413 rejected lasting | haproxy proxy emitted certain", OWN),
        ("425", at("/425"), "425 rejected temporary | haproxy proxy emitted certain", OWN),
        ("429", at("/429"), "429 unavailable temporary | haproxy proxy emitted certain | rate-limit", OWN),
        ("500", at("/500"), "500 unavailable open | haproxy proxy emitted certain | crash", OWN),
        ("501", at("/501"), "501 rejected lasting | haproxy proxy emitted certain", OWN),
        ("502", at("/502"), "502 unavailable open | haproxy proxy emitted certain | backend-broken", OWN),
        ("503", at("/503"), "503 unavailable temporary | haproxy proxy emitted certain | no-backend", OWN),
        ("504", at("/504"), "504 unavailable open | haproxy proxy emitted certain | backend-silent", OWN),
        ("a monitor that fails", at("/monitor"),
            "503 unavailable temporary | haproxy proxy emitted certain | no-backend", OWN),
        ("no backend at all", at("/"),
            "503 unavailable temporary | haproxy proxy emitted certain | no-backend", OWN),
        ("asked by HEAD", at("/").method("HEAD"),
            "503 unavailable temporary | haproxy proxy emitted likely", &["length 107 octets", "field order content-length"]),
        // Whatever its owner wrote, it could be anybody's.
        ("closed, with nothing", at("/empty"), "503 unavailable temporary | unknown", &[]),
        ("closed, in words", at("/words"), "503 unavailable temporary 60 s | unknown", &["field Retry-After: 60"]),
        ("closed, with a file", at("/file"), "503 unavailable temporary | unknown", &[]),
        ("closes", at("/reject"), CLOSED, &["overload looks so"]),
        ("closes at once", get(server.url_at(1, "/")), CLOSED, &["overload looks so"]),
    ];
    hold(rows);
}

#[test]
fn before_what_fails() {
    let behind = Backends::new();
    let backends = behind.each("backend {name}\n    timeout server 200ms\n    server s {at}\n");
    let config = format!(
        "frontend f
    bind {{addr}}
    use_backend %[path,field(2,/)]
backend off
    server s {} disabled
backend one
    timeout queue 100ms
    timeout server 60s
    server s {} maxconn 1
{backends}",
        behind.dead.address(),
        behind.mute.address(),
    );
    let server = haproxy(&config, &[]);
    let _first = behind.hang(server.addr, "/one");
    let at = |path: &str| get(server.url(path));
    #[rustfmt::skip]
    let rows: Vec<Row<'_>> = vec![
        ("dead", at("/dead"), "503 unavailable temporary | haproxy proxy emitted certain | no-backend", OWN),
        ("switched off", at("/off"), "503 unavailable temporary | haproxy proxy emitted certain | no-backend", OWN),
        ("a queue that is too long", at("/one"),
            "503 unavailable temporary | haproxy proxy emitted certain | no-backend", OWN),
        ("slow", at("/mute"), "504 unavailable open | haproxy proxy emitted certain | backend-silent", OWN),
        ("resets", at("/reset"), "502 unavailable open | haproxy proxy emitted certain | backend-broken", OWN),
        ("closes", at("/gone"), "502 unavailable open | haproxy proxy emitted certain | backend-broken", OWN),
        ("half a head", at("/half"), "502 unavailable open | haproxy proxy emitted certain | backend-broken", OWN),
        ("no HTTP", at("/odd"), "502 unavailable open | haproxy proxy emitted certain | backend-broken", OWN),
        // It leaves no trace on what it passes on.
        ("says 503", at("/app"), "503 unavailable temporary 90 s | unknown", &["field Retry-After: 90"]),
        ("says 503, nameless", at("/bare"), "503 unavailable temporary | unknown", &[]),
    ];
    hold(rows);
    // Nor shall the server wait for what is never answered.
    drop(behind);
}
