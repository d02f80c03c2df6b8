//! Apache httpd: one page for all, in which only the words change, and its name where there is none.

use super::{Backends, Row, get, hold};
use crate::servers::apache;

/// Its page, and the field.
const OWN: &[&str] = &["body", "field Server: Apache/2."];
const PROXY_ERROR: &[&str] = &["reason Proxy Error", "field Server: Apache/2."];

/// Lines that load these modules.
pub(super) fn modules(names: &[&str]) -> String {
    let line = |name| format!("LoadModule {name}_module /usr/lib/apache2/modules/mod_{name}.so\n");
    names.iter().map(line).collect()
}

#[test]
fn its_own_pages() {
    let modules = modules(&["rewrite", "auth_basic", "authn_core", "authn_file", "authz_user"]);
    let config = format!(
        "{modules}
        RewriteEngine on
        RewriteRule ^/overloaded$ - [R=503,L]
        RewriteRule ^/often$ - [R=429,L]
        RewriteRule ^/crash$ - [R=500,L]
        Redirect 410 /past
        Redirect 503 /closed
        <Location /words>\nErrorDocument 503 \"back soon\"\nRedirect 503 /words\n</Location>
        <Location /page>\nErrorDocument 503 /sorry.html\nRedirect 503 /page\n</Location>
        <Location /sorry.html>\nHeader always set Retry-After 120\n</Location>
        <Location /denied>\nRequire all denied\n</Location>
        <Location /login>
            AuthType Basic
            AuthName a
            AuthUserFile nobody
            Require valid-user
        </Location>"
    );
    let server =
        apache(&config, &[("www/sorry.html", "<h1>We are closed</h1>"), ("www/a", "hello")]);
    let at = |path: &str| get(server.url(path));
    let long = "x".repeat(10_000);
    #[rustfmt::skip]
    let rows: Vec<Row<'_>> = vec![
        ("no such file", at("/missing"), "404 rejected open | apache origin emitted certain", OWN),
        ("denied", at("/denied"), "403 rejected lasting | apache origin emitted certain", OWN),
        ("a login", at("/login"), "401 rejected lasting | apache origin emitted certain", OWN),
        ("past", at("/past"), "410 rejected lasting | apache origin emitted certain", OWN),
        ("a DELETE of a file", at("/a").method("DELETE"),
            "405 rejected lasting | apache origin emitted certain", OWN),
        ("no such method", at("/a").method("FOO"), "501 rejected lasting | apache origin emitted certain", OWN),
        ("two names as host", at("/").field("Host: a b"),
            "400 rejected lasting | apache origin emitted certain", OWN),
        ("a long target", at("/").target(&format!("/{long}")),
            "414 rejected lasting | apache origin emitted certain", OWN),
        ("a long field", at("/").field(&format!("X: {long}")),
            "400 rejected lasting | apache origin emitted certain", OWN),
        ("crashes", at("/crash"), "500 unavailable open | apache origin emitted certain | crash", OWN),
        ("often", at("/often"),
            "429 unavailable temporary | apache origin emitted certain | rate-limit", &["body", "cause rate-limit"]),
        ("overloaded", at("/overloaded"), "503 unavailable temporary | apache origin emitted certain", OWN),
        ("closed", at("/closed"), "503 unavailable temporary | apache origin emitted certain", OWN),
        ("closed, asked by HEAD", at("/closed").method("HEAD"),
            "503 unavailable temporary | apache origin emitted guess", &["field Server: Apache/2."]),
        ("closed, in its own words", at("/words"),
            "503 unavailable temporary | apache origin emitted guess", &["field Server: Apache/2."]),
        ("closed, with a page", at("/page"),
            "503 unavailable temporary 120 s | apache origin emitted guess", &["field Retry-After: 120"]),
    ];
    hold(rows);
}

#[test]
fn before_what_fails() {
    let behind = Backends::new();
    let (dead, mute) = (behind.dead.address(), behind.mute.address());
    let modules =
        modules(&["proxy", "proxy_http", "proxy_balancer", "lbmethod_byrequests", "slotmem_shm"]);
    let proxied = behind.each("ProxyPass /{name} http://{at}/ disablereuse=on retry=0\n");
    let config = format!(
        "{modules}
        ProxyTimeout 1
        # The longer one first: a worker serves all that begins as it does.
        ProxyPass /one http://{mute}/one max=1 acquire=100 timeout=60
        {proxied}
        ProxyPass /off balancer://off
        <Proxy balancer://off>
            BalancerMember http://{dead} status=+D
        </Proxy>
        Listen {{ip}}:{{port1}}
        <VirtualHost {{ip}}:{{port1}}>
            ServerSignature On
            {proxied}
        </VirtualHost>"
    );
    let server = apache(&config, &[]);
    let _first = behind.hang(server.addr, "/one");
    let at = |path: &str| get(server.url(path));
    let signed = |path: &str| get(server.url_at(1, path));
    #[rustfmt::skip]
    let rows: Vec<Row<'_>> = vec![
        ("dead", at("/dead"), "503 unavailable temporary | apache origin emitted certain", OWN),
        ("slow", at("/mute"), "502 unavailable open | apache proxy emitted certain | backend-failed", PROXY_ERROR),
        ("resets", at("/reset"),
            "502 unavailable open | apache proxy emitted certain | backend-failed", PROXY_ERROR),
        ("closes", at("/gone"),
            "502 unavailable open | apache proxy emitted certain | backend-failed", PROXY_ERROR),
        ("half a head", at("/half"), "502 unavailable open | apache proxy emitted certain | backend-failed", OWN),
        // Passed on as if it were the body of a 200.
        ("no HTTP", at("/odd"), "200 ok open | unknown", &[]),
        ("switched off", at("/off"), "503 unavailable temporary | apache origin emitted certain", OWN),
        ("the second at once", at("/one"), "503 unavailable temporary | apache origin emitted certain", OWN),
        // Only a name of its own would tell that it passed this on.
        ("says 503", at("/app"), "503 unavailable temporary 90 s | unknown", &[]),
        ("says 503, nameless", at("/bare"),
            "503 unavailable temporary | apache origin emitted guess", &["field Server: Apache/2."]),
        ("signed: dead", signed("/dead"), "503 unavailable temporary | apache origin emitted certain", OWN),
        ("signed: resets", signed("/reset"),
            "502 unavailable open | apache proxy emitted certain | backend-failed", PROXY_ERROR),
    ];
    hold(rows);
    // Nor shall the server wait for what is never answered.
    drop(behind);
}
