//! Where HTTPS records lead (RFC 9460): from a name server's zone to an origin.

use super::site::{Shown, Site, files, mint, root, trusting};
use crate::real::command::{fourstep, records};
use crate::real::{Seen, probe};
use crate::servers::{Running, nsd, unbound};
use fourstep::Client;
use fourstep::resolve::Config;
use fourstep_authority::Signer;
use std::net::SocketAddr;
use std::time::Duration;

/// Longer than anything here takes, shorter than a person waits for a test.
const LONG: Duration = Duration::from_secs(20);

/// What the zone says; `{a}` is where the origin is, `{p}` its port. Nothing listens at `dead`.
const ZONE: &str = "\
$ORIGIN svc.test.
$TTL 60
@       SOA   ns hostmaster 1 3600 600 86400 30
@       NS    ns
ns      A     127.0.0.1
origin  A     {a}
dead    A     127.0.0.2
port    HTTPS 1 . port={p}
port    A     {a}
target  HTTPS 1 origin port={p}
target  A     127.0.0.2
hint    HTTPS 1 a.broken.test. port={p} ipv4hint={a}
hint    A     127.0.0.2
alias   HTTPS 0 second
second  HTTPS 0 third
third   HTTPS 1 . port={p}
third   A     {a}
cname   CNAME port
alpn    HTTPS 1 origin alpn=h3 no-default-alpn port={p}
alpn    HTTPS 2 origin alpn=h2 port={p}
alpn    A     127.0.0.2
mandate HTTPS 1 dead mandatory=key65000 key65000=x
mandate HTTPS 2 origin port={p}
mandate A     127.0.0.2
lost    HTTPS 1 dead port={p}
lost    HTTPS 2 origin port={p}
lost    A     127.0.0.2
none    A     {a}
_{p}._https.plain  HTTPS 0 origin
plain   A     127.0.0.2
_{p}._https.dead-end HTTPS 1 dead port=1
dead-end A    {a}
_{p}._https.broken TYPE65 \\# 8 00010000030001FF
_{p}._https.broken HTTPS 2 dead
broken  A     {a}
_{p}._https.loop HTTPS 0 _{p}._https.pool
_{p}._https.pool HTTPS 0 _{p}._https.loop
loop    A     {a}
_{p}._https.gone HTTPS 0 .
gone    A     {a}
";

/// An origin for every name of the zone, at an address and a port that are its own.
fn origin() -> (Signer, Site) {
    let root = root("Root");
    let chain = root.sign(mint().server(&["*.svc.test"]), mint());
    (root, Site::of(&[Shown::new(chain)]))
}

/// The zone at an authority, and at a resolver.
fn name_servers(origin: SocketAddr) -> [Running; 2] {
    let zone =
        ZONE.replace("{a}", &origin.ip().to_string()).replace("{p}", &origin.port().to_string());
    let files = [("svc.test", &*zone)];
    let clause = "zone:\n    name: \"svc.test\"\n    zonefile: \"svc.test\"\n";
    let authority = nsd(clause, &files);
    let broken = format!(
        "auth-zone:\n    name: \"svc.test\"\n    zonefile: \"{{dir}}/svc.test\"\n    \
         for-downstream: no\n    for-upstream: yes\nforward-zone:\n    name: \"broken.test\"\n    \
         forward-addr: {}@{}\n",
        authority.addr.ip(),
        authority.addr.port()
    );
    let resolver = unbound(&broken, &files);
    [authority, resolver]
}

/// Where the record says that the probe got to.
fn peer(seen: &Seen) -> &str {
    seen.text("/connect/peer")
}

#[test]
fn records_lead_to_the_origin() {
    let (root, site) = origin();
    let origin = site.address(0);
    let (here, port) = (origin.to_string(), format!(":{}", origin.port()));
    let servers = name_servers(origin);
    let named = format!("origin.svc.test{port}");
    let rows: [(&str, &str, &[&str]); 15] = [
        // name and port, the services, oddities
        ("port", &format!("port.svc.test{port}"), &[]),
        ("target", &named, &[]),
        ("hint", &format!("a.broken.test{port}"), &[]),
        ("alias", &format!("third.svc.test{port} third.svc.test:443"), &[]),
        ("cname", &format!("port.svc.test{port}"), &[]),
        // What speaks HTTP/3 alone is there, and is not for us.
        ("alpn", &format!("{named} {named}"), &[]),
        ("mandate", &named, &["unusable-service"]),
        // A service where nobody listens, and then one where somebody does.
        ("lost", &format!("dead.svc.test{port} {named}"), &[]),
        // At the URL's own port: RFC 9460 §9.1.
        (&format!("plain{port}"), &named, &[]),
        (&format!("none{port}"), "", &[]),
        (&format!("dead-end{port}"), "dead.svc.test:1", &[]),
        // One that is malformed spoils them all (RFC 9460 §2.2).
        (&format!("broken{port}"), "", &["malformed-service"]),
        (&format!("loop{port}"), "", &["endless-alias"]),
        (&format!("gone{port}"), "", &[]),
        (&format!("cname{port}"), "", &[]),
    ];
    for server in &servers {
        let mut client = Client::with_names(Config {
            servers: vec![server.addr],
            timeout: LONG,
            attempts: 1,
            ..Config::default()
        });
        client.speak_tls(&trusting(&root)).unwrap();
        for (name, services, oddities) in &rows {
            let (host, port) = name.split_once(':').unwrap_or((name, "443"));
            let seen = probe(&client, &format!("https://{host}.svc.test:{port}/"));
            let said = format!("{name} by {}: {}", server.addr, seen.record);
            assert_eq!((seen.code(), seen.status()), ("", Some(200)), "{said}");
            assert_eq!(peer(&seen), here, "{said}");
            // The name of the URL is sent and verified, wherever the connection went.
            assert_eq!(seen.text("/tls/sni"), format!("{host}.svc.test"), "{said}");
            assert_eq!(*seen.at("/tls/verified"), true, "{said}");
            let found = seen.at("/resolve/services").as_array().unwrap().iter().map(|service| {
                format!("{}:{}", service["target"].as_str().unwrap(), service["port"])
            });
            assert_eq!(found.collect::<Vec<_>>().join(" "), *services, "{said}");
            let odd = seen.at("/resolve/oddities").as_array().unwrap().iter();
            let odd: Vec<_> = odd.map(|oddity| oddity["rule"].as_str().unwrap()).collect();
            assert_eq!(odd, *oddities, "{said}");
        }
    }
}

#[test]
fn the_command_says_where_records_lead() {
    let (root, site) = origin();
    let origin = site.address(0);
    let [authority, _] = name_servers(origin);
    let (_folder, [ca]) = files([("root.pem", root.pem().as_bytes())]);
    let resolver = authority.addr.to_string();
    let led = ["--ca", &ca, "--resolver", &resolver];
    let port = origin.port();
    let (own, second) = (format!("port.svc.test:{port}"), format!("origin.svc.test:{port}"));
    let lost = format!("dead.svc.test:{port}, {second}");
    let rows: [(&[&str], &str, &str); 4] = [
        // flags, name, a line of what is said
        (&[], "port", &format!("  services  {own}\n")),
        (&[], "lost", &format!("  services  {lost}\n")),
        (&["-v"], "port", &format!("  services  {own}, priority 1\n")),
        (
            &["-v"],
            "alpn",
            &format!(
                "  services  {second}, priority 1, at {}, speaks h3, no http/1.1\n",
                origin.ip()
            ),
        ),
    ];
    for (flags, name, want) in rows {
        let url = format!("https://{name}.svc.test/");
        let done = fourstep(&[&led[..], flags, &[&url]].concat());
        let said = String::from_utf8(done.stdout).unwrap();
        assert!(said.contains(want), "{said}");
        assert_eq!(done.status.code(), Some(0), "{said}");
    }
    let (exit, said) = records(&[&led[..], &["https://hint.svc.test/"]].concat());
    let service = &said[0]["resolve"]["services"][0];
    assert_eq!((exit, &service["addresses"][0]), (0, &origin.ip().to_string().into()), "{service}");
}
