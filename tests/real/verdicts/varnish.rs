//! Varnish: one page for all, its name on what it writes, and fields on what it relays.

use super::{Backends, Row, get, hold};
use crate::servers::varnish;

/// Its page, and the field that is on nothing else.
const OWN: &[&str] = &["body <p>Varnish cache server</p>", "field Server: Varnish"];
const FETCH: &[&str] = &["reason Backend fetch failed", "field Server: Varnish"];
const RELAY: &[&str] = &["field X-Varnish: ", "field Via: 1.1 varnish (Varnish/"];

#[test]
fn what_it_writes_and_relays() {
    let behind = Backends::new();
    let (dead, mute) = (behind.dead.address(), behind.mute.address());
    let backends = behind.each(
        "backend {name} { .host = \"{host}\"; .port = \"{number}\"; .first_byte_timeout = 0.2s; }\n",
    );
    let chosen = behind
        .each("if (req.url == \"/{name}\") { set req.backend_hint = {name}; return (pass); }\n");
    let vcl = format!(
        "{backends}
        backend sick {{
            .host = \"{}\";
            .port = \"{}\";
            .probe = {{ .initial = 0; .interval = 1h; }}
        }}
        backend one {{ .host = \"{}\"; .port = \"{}\"; .max_connections = 1; }}
        sub vcl_recv {{
            {chosen}
            if (req.url == \"/sick\") {{ set req.backend_hint = sick; return (pass); }}
            if (req.url == \"/one\") {{ set req.backend_hint = one; return (pass); }}
            if (req.url == \"/missing\") {{ return (synth(404)); }}
            if (req.url == \"/denied\") {{ return (synth(403, \"Go away\")); }}
            if (req.url == \"/often\") {{ return (synth(429)); }}
            if (req.url == \"/closed\") {{ return (synth(503, \"Down for maintenance\")); }}
            if (req.url == \"/page\") {{ return (synth(750)); }}
            if (req.url == \"/fails\") {{ return (fail); }}
        }}
        sub vcl_synth {{
            if (resp.status == 750) {{
                set resp.status = 503;
                set resp.http.Retry-After = \"600\";
                set resp.body = \"closed\";
                return (deliver);
            }}
        }}",
        dead.ip(),
        dead.port(),
        mute.ip(),
        mute.port(),
    );
    let server = varnish(&vcl, &[]);
    let _first = behind.hang(server.addr, "/one");
    let at = |path: &str| get(server.url(path));
    #[rustfmt::skip]
    let rows: Vec<Row<'_>> = vec![
        ("no such page", at("/missing"), "404 rejected temporary 5 s | varnish proxy emitted certain", OWN),
        ("denied", at("/denied"), "403 rejected temporary 5 s | varnish proxy emitted certain", OWN),
        ("no host", at("/").field("Host:"), "400 rejected temporary 5 s | varnish proxy emitted certain", OWN),
        ("often", at("/often"), "429 unavailable temporary 5 s | varnish proxy emitted certain | rate-limit", OWN),
        ("closed", at("/closed"), "503 unavailable temporary 5 s | varnish proxy emitted certain", OWN),
        ("closed, with a page", at("/page"),
            "503 unavailable temporary 600 s | varnish proxy emitted likely", &["field Server: Varnish"]),
        ("its program fails", at("/fails"),
            "503 unavailable temporary 5 s | varnish proxy emitted certain", &["reason VCL failed"]),
        ("dead", at("/dead"),
            "503 unavailable temporary 5 s | varnish proxy emitted certain | backend-failed", FETCH),
        ("dead, asked by HEAD", at("/dead").method("HEAD"),
            "503 unavailable temporary 5 s | varnish proxy emitted certain | backend-failed", FETCH),
        ("sick", at("/sick"),
            "503 unavailable temporary 5 s | varnish proxy emitted certain | backend-failed", FETCH),
        ("the second at once", at("/one"),
            "503 unavailable temporary 5 s | varnish proxy emitted certain | backend-failed", FETCH),
        ("slow", at("/mute"),
            "503 unavailable temporary 5 s | varnish proxy emitted certain | backend-failed", FETCH),
        ("resets", at("/reset"),
            "503 unavailable temporary 5 s | varnish proxy emitted certain | backend-failed", FETCH),
        ("closes", at("/gone"),
            "503 unavailable temporary 5 s | varnish proxy emitted certain | backend-failed", FETCH),
        ("half a head", at("/half"),
            "503 unavailable temporary 5 s | varnish proxy emitted certain | backend-failed", FETCH),
        ("no HTTP", at("/odd"),
            "503 unavailable temporary 5 s | varnish proxy emitted certain | backend-failed", FETCH),
        ("says 503", at("/app"), "503 unavailable temporary 90 s | varnish proxy relayed likely", RELAY),
        ("says 503, nameless", at("/bare"), "503 unavailable temporary | varnish proxy relayed likely", RELAY),
    ];
    hold(rows);
    // Nor shall the server wait for what is never answered.
    drop(behind);
}
