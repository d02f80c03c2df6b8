//! Caddy: its errors have no page, so nothing of what it writes is ever certain.

use super::{Backends, Row, get, hold};
use crate::servers::caddy;

/// The field, no body, and the order of those that Go's server adds at last.
const OWN: &[&str] =
    &["field Server: Caddy — caddy writes this", "length 0 octets", "field order Server, Date"];

#[test]
fn what_it_writes_and_relays() {
    let behind = Backends::new();
    let (dead, mute) = (behind.dead.address(), behind.mute.address());
    let proxied = behind.each(
        "handle /{name} {
            reverse_proxy {at} {
                transport http {
                    response_header_timeout 200ms
                }
            }
        }\n",
    );
    let config = format!(
        "http://:{{port}} {{
        root * {{dir}}/www
        handle /denied {{
            respond 403
        }}
        handle /closed {{
            respond 503
        }}
        handle /later {{
            header Retry-After 120
            error 503
        }}
        handle /words {{
            respond \"back soon\" 503
        }}
        handle /sick {{
            reverse_proxy {dead} {{
                fail_duration 1m
            }}
        }}
        handle /one {{
            reverse_proxy {mute} {{
                unhealthy_request_count 1
                fail_duration 1m
            }}
        }}
        {proxied}
        handle {{
            file_server
        }}
}}"
    );
    let server = caddy(&config, &[("www/a", "hello")]);
    let _first = behind.hang(server.addr, "/one");
    let at = |path: &str| get(server.url(path));
    let go: &[&str] = &["go-net-http writes this", "caddy writes this"];
    #[rustfmt::skip]
    let rows: Vec<Row<'_>> = vec![
        ("no such file", at("/missing"), "404 rejected open | caddy proxy emitted likely", OWN),
        ("denied", at("/denied"), "403 rejected lasting | caddy proxy emitted likely", OWN),
        // Before a handler is asked, Go's own server answers: without a name.
        ("two names as host", at("/").field("Host: a b"),
            "400 rejected lasting | caddy, traefik, go-net-http one-of likely", go),
        ("no target", at("/").target("/%zz"),
            "400 rejected lasting | caddy, traefik, go-net-http one-of likely", go),
        ("closed", at("/closed"), "503 unavailable temporary | caddy proxy emitted likely", OWN),
        ("closed for a while", at("/later"),
            "503 unavailable temporary 120 s | caddy proxy emitted likely", &["field Server: Caddy", "field Retry-After: 120"]),
        ("closed, in its own words", at("/words"),
            "503 unavailable temporary | caddy proxy emitted likely", &["field order Content-Type, Server, Date"]),
        ("its last one fails", at("/sick"),
            "502 unavailable open | caddy proxy emitted likely | backend-failed", OWN),
        ("none is left", at("/sick"), "503 unavailable temporary | caddy proxy emitted likely", OWN),
        ("the second at once", at("/one"), "503 unavailable temporary | caddy proxy emitted likely", OWN),
        ("dead", at("/dead"), "502 unavailable open | caddy proxy emitted likely | backend-failed", OWN),
        ("dead, asked by HEAD", at("/dead").method("HEAD"),
            "502 unavailable open | caddy proxy emitted likely | backend-failed", &["length 0 octets"]),
        ("slow", at("/mute"), "504 unavailable open | caddy proxy emitted likely | backend-silent", OWN),
        ("resets", at("/reset"), "502 unavailable open | caddy proxy emitted likely | backend-failed", OWN),
        ("closes", at("/gone"), "502 unavailable open | caddy proxy emitted likely | backend-failed", OWN),
        ("half a head", at("/half"), "502 unavailable open | caddy proxy emitted likely | backend-failed", OWN),
        ("no HTTP", at("/odd"), "502 unavailable open | caddy proxy emitted likely | backend-failed", OWN),
        ("says 503", at("/app"),
            "503 unavailable temporary 90 s | caddy proxy relayed certain", &["repeated field 2 Server fields — caddy got this"]),
        ("says 503, nameless", at("/bare"),
            "503 unavailable temporary | caddy proxy relayed likely", &["field order Content-Length, Content-Type"]),
    ];
    hold(rows);
    // Nor shall the server wait for what is never answered.
    drop(behind);
}
