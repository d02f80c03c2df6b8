//! Each server starts, says what it should to a plain client, and ends.

use super::{
    Running, apache, busybox, caddy, haproxy, lighttpd, nginx, nsd, squid, unbound, varnish,
};
use fourstep_peer::{Held, LOOPBACK, Manner, NameServer, On, Zone};
use hickory_proto::op::{Edns, Message, MessageType, OpCode, Query};
use hickory_proto::rr::{Name, RecordType};
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream, UdpSocket};
use std::time::{Duration, Instant};

const LONG: Duration = Duration::from_secs(20);
const INDEX: &[(&str, &str)] = &[("www/index.html", "hello")];

fn get(server: &Running) -> String {
    let mut client = TcpStream::connect(server.addr).unwrap();
    client.set_read_timeout(Some(LONG)).unwrap();
    client.write_all(b"GET / HTTP/1.1\r\nHost: a.test\r\nConnection: close\r\n\r\n").unwrap();
    let mut response = String::new();
    client.read_to_string(&mut response).unwrap();
    response
}

fn ask(at: SocketAddr, name: &str, kind: RecordType) -> Message {
    let mut query = Message::new(7, MessageType::Query, OpCode::Query);
    query.metadata.recursion_desired = true;
    query.add_query(Query::query(Name::from_ascii(name).unwrap(), kind));
    let mut edns = Edns::new();
    edns.set_max_payload(1232);
    query.edns = Some(edns);
    let client = UdpSocket::bind("127.0.0.1:0").unwrap();
    client.set_read_timeout(Some(LONG)).unwrap();
    client.send_to(&query.to_vec().unwrap(), at).unwrap();
    let mut buffer = [0; 4096];
    let length = client.recv(&mut buffer).unwrap();
    Message::from_vec(&buffer[..length]).unwrap()
}

/// RCODE, then the data of the answers.
fn shown(message: &Message) -> String {
    let data: Vec<_> = message.answers.iter().map(|record| record.data.to_string()).collect();
    format!("{} {}", u16::from(message.metadata.response_code), data.join(" ")).trim_end().into()
}

#[test]
fn http_servers_serve() {
    let page = nginx("server { listen {addr}; root {dir}/www; }", INDEX);
    let proxied = format!("listen l\n    bind {{addr}}\n    server s {}", page.addr);
    let (ip, port) = (page.addr.ip(), page.addr.port());
    let backend = format!("backend default {{ .host = \"{ip}\"; .port = \"{port}\"; }}");
    let peer = format!("cache_peer {ip} parent {port} 0 no-query originserver");
    let rows = [
        ("nginx", nginx("server { listen {addr}; return 200 hello; }", &[])),
        ("caddy", caddy("http://:{port} {\nrespond hello\n}", &[])),
        ("varnish", varnish(&backend, &[])),
        ("squid", squid(&format!("http_port {{addr}} accel defaultsite=a.test\n{peer}"), &[])),
        ("haproxy", haproxy(&proxied, &[])),
        ("apache", apache("", INDEX)),
        ("lighttpd", lighttpd("", INDEX)),
        ("busybox", busybox("", INDEX)),
        ("nginx, a file", page),
    ];
    for (name, server) in rows {
        let response = get(&server);
        assert!(response.starts_with("HTTP/1.1 200 OK\r\n"), "{name}: {response}");
        assert!(response.ends_with("\r\n\r\nhello"), "{name}: {response}");
    }
}

#[test]
fn a_proxy_without_an_origin_says_so() {
    let held = Held::refused(LOOPBACK).unwrap();
    let nowhere = format!("listen l\n    bind {{addr}}\n    server s {}", held.address());
    let passes =
        format!("server {{ listen {{addr}}; location / {{ proxy_pass {}; }} }}", held.url("/"));
    let rows = [(haproxy(&nowhere, &[]), "HTTP/1.1 503 "), (nginx(&passes, &[]), "HTTP/1.1 502 ")];
    for (server, want) in rows {
        let response = get(&server);
        assert!(response.starts_with(want), "{response}");
    }
}

#[test]
fn name_servers_answer_from_the_zone() {
    use RecordType::{A, AAAA};
    let slow = Zone::new()
        .a("late.slow.test", [127, 0, 0, 1])
        .otherwise(On::Any, Manner::Late(Duration::from_millis(300)));
    let slow = NameServer::start(LOOPBACK, slow).unwrap();
    let dead =
        NameServer::start(LOOPBACK, Zone::new().otherwise(On::Any, Manner::Rcode(5))).unwrap();
    let forward = |zone: &str, to: SocketAddr| {
        format!("forward-zone:\n    name: {zone}\n    forward-addr: {}@{}\n", to.ip(), to.port())
    };
    let forwards = forward("slow.test", slow.address()) + &forward("broken.test", dead.address());
    let servers = [("unbound", unbound(&forwards, &[])), ("nsd", nsd("", &[]))];
    let rows = [
        // name, type → unbound, nsd
        ("www.zone.test.", A, "0 127.0.0.1", "0 127.0.0.1"),
        ("www.zone.test.", AAAA, "0 ::1", "0 ::1"),
        ("six.zone.test.", A, "0", "0"),     // NODATA
        ("text.zone.test.", AAAA, "0", "0"), // NODATA
        ("missing.zone.test.", A, "3", "3"), // NXDOMAIN
        (
            "one.zone.test.",
            A,
            "0 two.zone.test. three.zone.test. www.zone.test. 127.0.0.1",
            "0 two.zone.test. three.zone.test. www.zone.test. 127.0.0.1",
        ),
        ("nowhere.zone.test.", A, "3 missing.zone.test.", "3 missing.zone.test."),
        ("a.broken.test.", A, "2", "2"), // SERVFAIL
    ];
    for (name, kind, by_unbound, by_nsd) in rows {
        for ((server, running), want) in servers.iter().zip([by_unbound, by_nsd]) {
            assert_eq!(shown(&ask(running.addr, name, kind)), want, "{server}: {name} {kind}");
        }
    }
    for (server, running) in &servers {
        let around = ask(running.addr, "left.zone.test.", A);
        assert!(!around.answers.iter().any(|record| record.record_type() == A), "{server}: a loop");
        assert!(ask(running.addr, "big.zone.test.", A).metadata.truncation, "{server}: truncated");
    }
    let start = Instant::now();
    let late = ask(servers[0].1.addr, "late.slow.test.", A);
    assert_eq!(shown(&late), "0 127.0.0.1");
    assert!(start.elapsed() >= Duration::from_millis(300));
}

#[test]
fn a_server_reads_what_is_written_later_and_ends_with_its_owner() {
    let server = nginx("server { listen {addr}; root {dir}/www; }", &[]);
    let (addr, folder) = (server.addr, server.folder().to_owned());
    assert_eq!(server.url("/x"), format!("http://{addr}/x"));
    assert!(get(&server).starts_with("HTTP/1.1 403 "));
    server.write("www/index.html", "later");
    assert!(get(&server).ends_with("later"));
    drop(server);
    assert!(TcpStream::connect(addr).is_err());
    assert!(!folder.exists());
}
