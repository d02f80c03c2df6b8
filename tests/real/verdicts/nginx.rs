//! nginx: pages with its name in them, a reason phrase of its own, and its name on what it relays.

use super::{Backends, Row, get, hold};
use crate::servers::nginx;
use fourstep_peer::{Held, LOOPBACK};

/// Its page, and the field.
const OWN: &[&str] = &["body </h1></center>\\r\\n<hr><center>nginx/", "field Server: nginx/1."];

#[test]
fn its_own_pages() {
    let config = "
        limit_req_zone $server_addr zone=rate:1m rate=1r/m;
        server {
            listen {addr};
            root {dir}/www;
            client_max_body_size 100;
            location = /denied { deny all; }
            location = /login { auth_basic a; auth_basic_user_file {dir}/nobody; }
            location = /loop { rewrite ^ /loop; }
            location = /closed { return 503; }
            location = /words { return 503 'back soon'; }
            location = /page { error_page 503 /sorry.html; return 503; }
            location = /sorry.html { internal; add_header Retry-After 120 always; }
            location = /often { limit_req zone=rate; }
            location = /often-429 { limit_req zone=rate; limit_req_status 429; }
        }";
    let files =
        [("www/sorry.html", "<h1>We are closed</h1>"), ("www/a", "hello"), ("www/often", "hello")];
    let server = nginx(config, &files);
    let at = |path: &str| get(server.url(path));
    let long = "x".repeat(9000);
    #[rustfmt::skip]
    let rows: Vec<Row<'_>> = vec![
        ("no such file", at("/missing"), "404 rejected open | nginx proxy emitted certain", OWN),
        ("a folder", at("/"), "403 rejected lasting | nginx proxy emitted certain", OWN),
        ("denied", at("/denied"), "403 rejected lasting | nginx proxy emitted certain", OWN),
        ("a login", at("/login"), "401 rejected lasting | nginx proxy emitted certain", OWN),
        ("a POST to a file", at("/a").method("POST"),
            "405 rejected lasting | nginx proxy emitted certain", &["reason Not Allowed"]),
        ("two names as host", at("/").field("Host: a b"),
            "400 rejected lasting | nginx proxy emitted certain", OWN),
        ("a large body", at("/").method("POST").body(&[0; 200]),
            "413 rejected lasting | nginx proxy emitted certain", &["reason Request Entity Too Large"]),
        ("a long target", at("/").target(&format!("/{long}")),
            "414 rejected lasting | nginx proxy emitted certain", &["reason Request-URI Too Large"]),
        ("a long field", at("/").field(&format!("X: {long}")),
            "400 rejected lasting | nginx proxy emitted certain", &["<center>", "Server: nginx/1."]),
        ("a rewrite without end", at("/loop"), "500 unavailable open | nginx proxy emitted certain | crash", OWN),
        ("closed", at("/closed"),
            "503 unavailable temporary | nginx proxy emitted certain", &["reason Service Temporarily Unavailable"]),
        ("closed, as a browser", at("/closed").field("User-Agent: Mozilla/5.0 Chrome/1"),
            "503 unavailable temporary | nginx proxy emitted certain", OWN),
        ("closed, asked by HEAD", at("/closed").method("HEAD"),
            "503 unavailable temporary | nginx proxy emitted likely", &["reason Service Temp", "field order"]),
        ("closed, in its own words", at("/words"),
            "503 unavailable temporary | nginx proxy emitted likely", &["reason Service Temporarily Unavailable"]),
        ("closed, with a page", at("/page"),
            "503 unavailable temporary 120 s | nginx proxy emitted likely", &["reason Service Temp", "field Retry-After: 120"]),
        ("once", at("/often"), "200 ok open | unknown", &[]),
        ("twice", at("/often"),
            "503 unavailable temporary | nginx proxy emitted certain", &["reason Service Temporarily Unavailable"]),
        ("thrice", at("/often-429"), "429 unavailable temporary | nginx proxy emitted certain | rate-limit", OWN),
    ];
    hold(rows);
}

#[test]
fn before_what_fails() {
    let behind = Backends::new();
    let (dead, other) = (behind.dead.address(), Held::refused(LOOPBACK).unwrap());
    let proxied = behind.each("location = /{name} { proxy_pass http://{at}/; }\n");
    let config = format!(
        "limit_conn_zone $server_addr zone=open:1m;
        upstream two {{ server {dead} max_fails=1; server {} max_fails=1; }}
        server {{
            listen {{addr}};
            location = /two {{ proxy_pass http://two; }}
            location = /one {{ limit_conn open 1; proxy_read_timeout 1m; proxy_pass http://{}; }}
            proxy_read_timeout 200ms;
            {proxied}
        }}
        server {{
            listen {{ip}}:{{port1}};
            server_tokens off;
            proxy_read_timeout 200ms;
            {proxied}
        }}",
        other.address(),
        behind.mute.address(),
    );
    let server = nginx(&config, &[]);
    let _first = behind.hang(server.addr, "/one");
    let at = |path: &str| get(server.url(path));
    let nameless = |path: &str| get(server.url_at(1, path));
    let both: &[&str] = &["<hr><center>nginx</center> — nginx", "— ingress-nginx writes this"];
    #[rustfmt::skip]
    let rows: Vec<Row<'_>> = vec![
        ("dead", at("/dead"), "502 unavailable open | nginx proxy emitted certain | backend-failed", OWN),
        ("slow", at("/mute"),
            "504 unavailable open | nginx proxy emitted certain | backend-silent", &["reason Gateway Time-out"]),
        ("resets", at("/reset"), "502 unavailable open | nginx proxy emitted certain | backend-failed", OWN),
        ("closes", at("/gone"), "502 unavailable open | nginx proxy emitted certain | backend-failed", OWN),
        ("half a head", at("/half"), "502 unavailable open | nginx proxy emitted certain | backend-failed", OWN),
        // Passed on as HTTP/0.9, which has no head.
        ("no HTTP", at("/odd"), "response.malformed broken lasting | unknown", &[]),
        ("both dead", at("/two"), "502 unavailable open | nginx proxy emitted certain | backend-failed", OWN),
        ("none left", at("/two"), "502 unavailable open | nginx proxy emitted certain | backend-failed", OWN),
        ("the second at once", at("/one"),
            "503 unavailable temporary | nginx proxy emitted certain", &["reason Service Temporarily Unavailable"]),
        ("says 503", at("/app"),
            "503 unavailable temporary 90 s | nginx proxy relayed likely", &["reason Closed For Lunch — nginx got this answer from behind it"]),
        ("says 503, nameless", at("/bare"),
            "503 unavailable temporary | nginx proxy relayed likely", &["reason Service Unavailable — nginx got"]),
        ("tokens off: dead", nameless("/dead"),
            "502 unavailable open | nginx, ingress-nginx proxy one-of likely | backend-failed", both),
        ("tokens off: slow", nameless("/mute"),
            "504 unavailable open | nginx, ingress-nginx proxy one-of likely | backend-silent", both),
        ("tokens off: says 503", nameless("/app"),
            "503 unavailable temporary 90 s | nginx proxy relayed likely", &["Server: nginx — nginx adds"]),
    ];
    hold(rows);
    // Nor shall the server wait for what is never answered.
    drop(behind);
}
