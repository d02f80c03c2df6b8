//! Proxies two deep: who wrote it, and who passed it on.

use super::apache::modules;
use super::{Backends, Row, get, hold};
use crate::real::command::records;
use crate::servers::{Running, apache, caddy, haproxy, lighttpd, nginx, squid, varnish};
use std::net::SocketAddr;

const BY_NGINX: &str = "nginx adds this to what passes through it";
const BY_VARNISH: &str = "varnish adds this to what passes through it";
const BY_CADDY: &str = "caddy got this answer from behind it";
const BY_SQUID: &str = "squid adds this to what passes through it";

fn nginx_before(at: SocketAddr) -> Running {
    let config = format!("proxy_pass http://{at}; proxy_read_timeout 200ms;");
    nginx(&format!("server {{ listen {{addr}}; location / {{ {config} }} }}"), &[])
}

fn haproxy_before(at: SocketAddr) -> Running {
    haproxy(&format!("listen l\n    bind {{addr}}\n    server s {at}"), &[])
}

fn apache_before(at: SocketAddr) -> Running {
    let modules = modules(&["proxy", "proxy_http"]);
    apache(&format!("{modules}Redirect 503 /closed\nProxyPass / http://{at}/"), &[])
}

fn varnish_before(at: SocketAddr) -> Running {
    let backend =
        format!("backend default {{ .host = \"{}\"; .port = \"{}\"; }}", at.ip(), at.port());
    varnish(&format!("{backend}\nsub vcl_recv {{ return (pass); }}"), &[])
}

fn caddy_before(at: SocketAddr) -> Running {
    caddy(&format!("http://:{{port}} {{\nreverse_proxy {at}\n}}"), &[])
}

fn lighttpd_before(at: SocketAddr) -> Running {
    let server = format!("\"host\" => \"{}\", \"port\" => {}", at.ip(), at.port());
    lighttpd(
        &format!("server.modules = ( \"mod_proxy\" )\nproxy.server = ( \"\" => (( {server} )) )"),
        &[],
    )
}

#[test]
fn who_wrote_it_and_who_passed_it_on() {
    let behind = Backends::new();
    let (dead, mute, app) = (behind.dead.address(), behind.mute.address(), behind.app.address());
    let nginx = nginx_before(dead);
    let nginx_slow = nginx_before(mute);
    let nginx_app = nginx_before(app);
    let haproxy = haproxy_before(dead);
    let apache = apache_before(dead);
    let varnish = varnish_before(dead);
    let caddy = caddy_before(dead);
    let lighttpd = lighttpd_before(dead);
    let squid = squid("http_port {addr}", &[]);
    let through_nginx = [&haproxy, &apache, &varnish, &caddy].map(|inner| nginx_before(inner.addr));
    let through_haproxy = [&nginx, &varnish, &nginx_app].map(|inner| haproxy_before(inner.addr));
    let through_varnish = [&apache, &haproxy, &nginx_app].map(|inner| varnish_before(inner.addr));
    let through_caddy = [&nginx_slow, &lighttpd, &caddy].map(|inner| caddy_before(inner.addr));
    let through_apache = [&varnish, &caddy].map(|inner| apache_before(inner.addr));
    let through_lighttpd = [&nginx_slow, &varnish].map(|inner| lighttpd_before(inner.addr));
    let at = |server: &Running| get(server.url("/closed"));
    let proxied = |server: &Running| get(server.url("/closed")).through(squid.addr);
    #[rustfmt::skip]
    let rows: Vec<Row<'_>> = vec![
        ("nginx, HAProxy, dead", at(&through_nginx[0]),
            "503 unavailable temporary | haproxy proxy emitted certain | no-backend", &[BY_NGINX]),
        ("nginx, Apache that is closed", at(&through_nginx[1]),
            "503 unavailable temporary | apache origin emitted likely", &[BY_NGINX]),
        ("nginx, Varnish, dead", at(&through_nginx[2]),
            "503 unavailable temporary 5 s | varnish proxy emitted certain | backend-failed", &[BY_NGINX]),
        // An empty page could be anybody's.
        ("nginx, Caddy, dead", at(&through_nginx[3]),
            "502 unavailable open | nginx proxy relayed guess | backend-failed", &[BY_NGINX]),
        // HAProxy leaves no trace.
        ("HAProxy, nginx, dead", at(&through_haproxy[0]),
            "502 unavailable open | nginx proxy emitted certain | backend-failed", &[]),
        ("HAProxy, Varnish, dead", at(&through_haproxy[1]),
            "503 unavailable temporary 5 s | varnish proxy emitted certain | backend-failed", &[]),
        ("HAProxy, nginx, an application", at(&through_haproxy[2]),
            "503 unavailable temporary 90 s | nginx proxy relayed likely", &[BY_NGINX]),
        ("Varnish, Apache that is closed", at(&through_varnish[0]),
            "503 unavailable temporary | apache origin emitted certain", &[BY_VARNISH]),
        ("Varnish, HAProxy, dead", at(&through_varnish[1]),
            "503 unavailable temporary | haproxy proxy emitted certain | no-backend", &[BY_VARNISH]),
        ("Varnish, nginx, an application", at(&through_varnish[2]),
            "503 unavailable temporary 90 s | varnish proxy relayed likely", &[BY_VARNISH, BY_NGINX]),
        // Caddy, lighttpd and Squid write a reason phrase of their own over the one that came.
        ("Caddy, nginx, slow", at(&through_caddy[0]),
            "504 unavailable open | nginx proxy emitted likely | backend-silent", &[BY_CADDY]),
        ("Caddy, lighttpd, dead", at(&through_caddy[1]),
            "503 unavailable temporary | lighttpd origin emitted certain", &[BY_CADDY]),
        ("Caddy, Caddy, dead", at(&through_caddy[2]),
            "502 unavailable open | caddy proxy relayed certain | backend-failed", &[BY_CADDY]),
        ("Apache, Varnish, dead", get(through_apache[0].url("/")),
            "503 unavailable temporary 5 s | varnish proxy emitted certain | backend-failed", &[]),
        ("Apache, Caddy, dead", get(through_apache[1].url("/")),
            "502 unavailable open | caddy proxy emitted likely | backend-failed", &[]),
        ("lighttpd, nginx, slow", at(&through_lighttpd[0]),
            "504 unavailable open | nginx proxy emitted likely | backend-silent", &[]),
        ("lighttpd, Varnish, dead", at(&through_lighttpd[1]),
            "503 unavailable temporary 5 s | varnish proxy emitted certain | backend-failed", &[]),
        ("Squid, nginx, dead", proxied(&nginx),
            "502 unavailable open | nginx proxy emitted certain | backend-failed", &[BY_SQUID]),
        ("Squid, nginx, slow", proxied(&nginx_slow),
            "504 unavailable open | nginx proxy emitted likely | backend-silent", &[BY_SQUID]),
        ("Squid, HAProxy, dead", proxied(&haproxy),
            "503 unavailable temporary | haproxy proxy emitted certain | no-backend", &[BY_SQUID]),
        ("Squid, Varnish, dead", proxied(&varnish),
            "503 unavailable temporary 5 s | varnish proxy emitted certain | backend-failed", &[BY_SQUID]),
        ("Squid, nginx, an application", proxied(&nginx_app),
            "503 unavailable temporary 90 s | squid proxy relayed certain", &[BY_SQUID, BY_NGINX]),
    ];
    hold(rows);

    // The command says what the library says.
    let proxy = format!("http://{}", squid.addr);
    let (exit, told) = records(&["--proxy", &proxy, &haproxy.url("/")]);
    assert_eq!((exit, told[0]["verdict"]["source"]["name"].as_str()), (1, Some("haproxy")));
    let seen = proxied(&haproxy).seen();
    for place in ["state", "temporary", "source", "hops", "retry_from", "retry_after_s"] {
        assert_eq!(told[0]["verdict"][place], *seen.at(&format!("/verdict/{place}")), "{place}");
    }
}
