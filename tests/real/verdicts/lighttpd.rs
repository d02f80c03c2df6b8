//! lighttpd: one page for all, and its name where there is none.

use super::{Backends, Row, get, hold};
use crate::servers::lighttpd;

/// Its page, and the field.
const OWN: &[&str] = &["body \"?>\\n<!DOCTYPE html PUBLIC", "field Server: lighttpd/1."];

#[test]
fn what_it_writes_and_relays() {
    let behind = Backends::new();
    let proxied = behind.each(
        "$HTTP[\"url\"] == \"/{name}\" { proxy.server = ( \"\" => ((
            \"host\" => \"{host}\", \"port\" => \"{number}\", \"read-timeout\" => 1
        )) ) }\n",
    );
    let config = format!(
        "server.modules = ( \"mod_access\", \"mod_proxy\" )
server.max-request-size = 1
url.access-deny = ( \"~\" )
{proxied}"
    );
    let server = lighttpd(&config, &[("www/a", "hello")]);
    let at = |path: &str| get(server.url(path));
    let long = "x".repeat(9000);
    #[rustfmt::skip]
    let rows: Vec<Row<'_>> = vec![
        ("no such file", at("/missing"), "404 rejected open | lighttpd origin emitted certain", OWN),
        ("a folder", at("/"), "403 rejected lasting | lighttpd origin emitted certain", OWN),
        ("denied", at("/a~"), "403 rejected lasting | lighttpd origin emitted certain", OWN),
        ("two names as host", at("/").field("Host: a b"),
            "400 rejected lasting | lighttpd origin emitted certain", OWN),
        ("a large body", at("/a").method("POST").body(&[0; 3000]),
            "413 rejected lasting | lighttpd origin emitted certain", OWN),
        ("a long field", at("/").field(&format!("X: {long}")),
            "431 rejected lasting | lighttpd origin emitted certain", OWN),
        ("no such method", at("/a").method("FOO"), "501 rejected lasting | lighttpd origin emitted certain", OWN),
        ("dead", at("/dead"), "503 unavailable temporary | lighttpd origin emitted certain", OWN),
        ("dead still", at("/dead"),
            "503 unavailable temporary | lighttpd origin emitted certain", &["length 361 octets"]),
        ("dead, asked by HEAD", at("/dead").method("HEAD"),
            "503 unavailable temporary | lighttpd origin emitted likely", &["length 361 octets"]),
        ("slow", at("/mute"),
            "504 unavailable open | lighttpd proxy emitted certain | backend-silent", &["length 353 octets"]),
        // What comes before a whole head is no answer; what comes after that is no HTTP.
        ("resets", at("/reset"),
            "500 unavailable open | lighttpd origin emitted certain | crash", &["length 365 octets"]),
        ("closes", at("/gone"),
            "500 unavailable open | lighttpd origin emitted certain | crash", &["length 365 octets"]),
        ("half a head", at("/half"),
            "500 unavailable open | lighttpd origin emitted certain | crash", &["length 365 octets"]),
        ("no HTTP", at("/odd"),
            "502 unavailable open | lighttpd proxy emitted certain | backend-failed", &["length 345 octets"]),
        // Only a name of its own would tell that it passed this on.
        ("says 503", at("/app"), "503 unavailable temporary 90 s | unknown", &["field Retry-After: 90"]),
        ("says 503, nameless", at("/bare"),
            "503 unavailable temporary | lighttpd origin emitted guess", &["field Server: lighttpd/1."]),
    ];
    hold(rows);
}
