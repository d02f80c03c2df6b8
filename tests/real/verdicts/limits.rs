//! Servers that have all the connections they take: none of them says so in words.

use super::apache::modules;
use super::{Backends, CLOSED, Row, fill, get, hold, occupy, stay};
use crate::servers::{apache, haproxy, lighttpd, nginx_with, squid, varnish};

const WAITS: &[&str] = &["the connection stands and nobody serves it: overload looks so"];
const FULL: &[&str] = &["the host is there: its queue of connections is full"];
const CLOSES: &[&str] = &["overload looks so"];

#[test]
fn one_more_connection_than_there_is_room_for() {
    let behind = Backends::new();
    let mute = behind.mute.address();
    let frontend = |name: &str, at: &str| {
        format!(
            "listen {name}
    bind {at}
    maxconn 1
    backlog 1
    timeout server 1m
    server s {mute}
"
        )
    };
    let haproxy = haproxy(&(frontend("l", "{addr}") + &frontend("f", "{ip}:{port1}")), &[]);
    let haproxy_full = haproxy.other(1);
    let lighttpd = || {
        let limits = "server.max-connections = 1\nserver.listen-backlog = 1";
        lighttpd(&format!("{limits}\nserver.max-keep-alive-idle = 60"), &[])
    };
    let (lighttpd, lighttpd_full) = (lighttpd(), lighttpd());
    let apache = || {
        let threads = "ServerLimit 1\nThreadsPerChild 1\nMaxRequestWorkers 1\nListenBackLog 1";
        let proxied = format!("{}ProxyPass / http://{mute}/", modules(&["proxy", "proxy_http"]));
        apache(&format!("{threads}\n{proxied}"), &[])
    };
    let (apache, apache_full) = (apache(), apache());
    let nginx = nginx_with("worker_connections 4;", "server { listen {addr}; }", &[]);
    let squid = squid("http_port {addr}\nclient_ip_max_connections 1", &[]);
    let vcl = format!(
        "backend default {{ .host = \"{}\"; .port = \"{}\"; }}
        sub vcl_recv {{ return (pass); }}",
        mute.ip(),
        mute.port()
    );
    let threads = ["thread_pools=1", "thread_pool_min=5", "thread_pool_max=5"];
    let varnish = varnish(&vcl, &threads.map(|thread| ["-p", thread]).concat());

    let _inside = (
        [haproxy.addr, haproxy_full, apache.addr, apache_full.addr].map(|at| behind.hang(at, "/")),
        [lighttpd.addr, lighttpd_full.addr].map(stay),
    );
    let _queues = [haproxy_full, lighttpd_full.addr, apache_full.addr].map(fill);
    // Requests that are not whole, and requests that are not answered: more than there is room for.
    let _unfinished = [nginx.addr, nginx.addr, nginx.addr, squid.addr, squid.addr]
        .map(|at| occupy(at, "GET / HTTP/1.1\r\n"));
    let _unanswered: Vec<_> =
        (0..40).map(|_| occupy(varnish.addr, "GET / HTTP/1.1\r\nHost: a.test\r\n\r\n")).collect();
    #[rustfmt::skip]
    let rows: Vec<Row<'_>> = vec![
        ("HAProxy, maxconn", get(haproxy.url("/")).briefly(), "response.silent unavailable open | unknown", WAITS),
        ("HAProxy, backlog", get(haproxy.url_at(1, "/")).briefly(),
            "connect.silent unavailable open | unknown", FULL),
        ("lighttpd, max-connections", get(lighttpd.url("/")).briefly(),
            "response.silent unavailable open | unknown", WAITS),
        ("lighttpd, listen-backlog", get(lighttpd_full.url("/")).briefly(),
            "connect.silent unavailable open | unknown", FULL),
        ("Apache, MaxRequestWorkers", get(apache.url("/")).briefly(),
            "response.silent unavailable open | unknown", WAITS),
        ("Apache, ListenBackLog", get(apache_full.url("/")).briefly(),
            "connect.silent unavailable open | unknown", FULL),
        ("Varnish, threads", get(varnish.url("/")).briefly(), "response.silent unavailable open | unknown", WAITS),
        ("nginx, worker_connections", get(nginx.url("/")), CLOSED, CLOSES),
        ("Squid, client_ip_max_connections", get(squid.url("/")), CLOSED, CLOSES),
    ];
    hold(rows);
    // Nor shall the server wait for what is never answered.
    drop(behind);
}
