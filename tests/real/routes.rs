//! Ways to a server other than its address: unix sockets, IPv6, proxies, rewrites, sources.

use super::{Seen, chain, client, probe};
use crate::servers::{Running, apache, nginx};
use fourstep::machine::{Endpoint, Rewrite};
use fourstep::target::{Host, Target};
use fourstep::{Client, Error};
use fourstep_peer::{LOOPBACK, Origin, Script};
use std::net::{IpAddr, SocketAddr, TcpListener};

/// nginx that says what it was asked: who came, the Host field, the request line's target.
fn mirror() -> Running {
    nginx("server { listen {addr}; return 200 '$remote_addr|$http_host|$request_uri'; }", &[])
}

fn host(ip: IpAddr) -> Host {
    match ip {
        IpAddr::V4(ip) => Host::V4(ip),
        IpAddr::V6(ip) => Host::V6(ip, None),
    }
}

/// A client that connects to `addr`, whatever the target says.
fn led_to(addr: SocketAddr) -> Client {
    let mut client = client();
    client.plan.route.rewrites = vec![Rewrite {
        host: None,
        port: None,
        to_host: Some(host(addr.ip())),
        to_port: Some(addr.port()),
    }];
    client
}

#[test]
fn a_unix_socket() {
    let config = "server { listen {addr}; listen unix:{dir}/http.sock; return 200 $http_host; }";
    let server = nginx(config, &[]);
    let path = server.folder().join("http.sock");
    let mut client = client();
    client.plan.route.unix = Some(path.as_path().into());
    let seen = probe(&client, "http://app.test/");
    assert_eq!((seen.status(), seen.code(), seen.body()), (Some(200), "", "app.test"));
    assert_eq!(seen.text("/connect/peer"), format!("unix:{}", path.display()));
    assert!(seen.at("/connect/local").is_null() && seen.at("/resolve").is_null());

    client.plan.route.unix = Some(server.folder().join("none.sock").as_path().into());
    assert_eq!(probe(&client, "http://app.test/").text("/step"), "connect");
    // A file nobody listens at.
    client.plan.route.unix = Some(server.folder().join("nginx.conf").as_path().into());
    assert_eq!(probe(&client, "http://app.test/").code(), "connect.refused");
}

#[test]
fn ipv6_with_and_without_a_zone() {
    let at = TcpListener::bind("[::1]:0")
        .and_then(|listener| listener.local_addr())
        .expect("these tests need ::1 on the loopback interface");
    let config =
        format!("server {{ listen {{addr}}; listen {at}; return 200 $remote_addr|$http_host; }}");
    let _server = nginx(&config, &[]);
    let port = at.port();
    let forms = ["[::1]", "[::1%lo]", "[::1%25lo]", "[0:0:0:0:0:0:0:1]", "[::1%1]"];
    for form in forms {
        let seen = probe(&client(), &format!("http://{form}:{port}/"));
        assert_eq!((seen.status(), seen.code()), (Some(200), ""), "{form}");
        let (from, sent) = seen.body().split_once('|').unwrap();
        assert_eq!(from, "::1", "{form}");
        // RFC 6874 §4: a zone means something here only; it is not sent.
        assert!(sent.ends_with(&format!(":1]:{port}")) && !sent.contains('%'), "{form}: {sent}");
        let peer = seen.report.connect.as_ref().unwrap().peer();
        let Some(Endpoint::Ip(SocketAddr::V6(peer))) = peer else { panic!("{form}: {peer:?}") };
        assert_eq!((peer.ip(), peer.port()), (&"::1".parse().unwrap(), port), "{form}");
        assert!(seen.text("/connect/local").starts_with("[::1]:"), "{form}");
    }
    let error = client().probe(&format!("http://[::1%nowhere0]:{port}/")).unwrap_err();
    assert!(error.is_misuse() && matches!(error, Error::NoZone(_)), "{error}");
}

#[test]
fn the_source_is_the_one_asked_for() {
    let server = mirror();
    let mut client = client();
    client.settings.sockets.source = Some("127.0.0.2:0".parse().unwrap());
    let seen = probe(&client, &server.url("/"));
    assert!(seen.body().starts_with("127.0.0.2|"), "{}", seen.body());
    assert!(seen.text("/connect/local").starts_with("127.0.0.2:"));

    // A source of the other family: there is no way.
    assert_eq!(probe(&client, "http://[::1]:9/").code(), "connect.unreachable");

    // RFC 5737 §3: an address nobody has.
    client.settings.sockets.source = Some("192.0.2.1:0".parse().unwrap());
    let error = client.probe(&server.url("/")).unwrap_err();
    assert!(error.is_misuse() && matches!(error, Error::Sockets(_)), "{error}");
}

#[test]
fn the_interface_is_the_one_asked_for() {
    let server = mirror();
    let mut client = client();
    client.settings.sockets.interface = Some("lo".into());
    assert_eq!(probe(&client, &server.url("/")).status(), Some(200));
    client.settings.sockets.interface = Some("nowhere0".into());
    let error = client.probe(&server.url("/")).unwrap_err();
    assert!(error.is_misuse() && matches!(error, Error::Sockets(_)), "{error}");
}

/// RFC 9110 §7.2, RFC 9112 §3.2: what a server is told of the host, for each form it is typed in.
#[test]
fn the_host_as_the_server_sees_it() {
    let server = mirror();
    let client = led_to(server.addr);
    let rows = [
        // typed → Host, request target
        ("http://site.test/", "site.test", "/"),
        ("site.test", "site.test", "/"),
        ("http://site.test:80/a", "site.test", "/a"),
        ("http://site.test:8080/?q", "site.test:8080", "/?q"),
        ("HTTP://SITE.test:8080", "site.test:8080", "/"),
        ("http://site.test./", "site.test.", "/"),
        ("http://b\u{fc}cher.test/", "xn--bcher-kva.test", "/"),
        ("http://ann:secret@site.test/", "site.test", "/"),
        ("http://192.0.2.1:81/", "192.0.2.1:81", "/"),
        ("http://[2001:db8::1]:81/", "[2001:db8::1]:81", "/"),
        // As typed, octet for octet, but for what cannot be sent.
        ("http://site.test/a/../b//c", "site.test", "/a/../b//c"),
        ("http://site.test/%41%zz#part", "site.test", "/%41%zz"),
        ("http://site.test/a b", "site.test", "/a%20b"),
    ];
    for (typed, host, request_target) in rows {
        let seen = probe(&client, typed);
        if typed.contains("%zz") {
            // nginx refuses half an escape, after it has read the request line.
            assert_eq!(seen.status(), Some(400), "{typed}");
            assert_eq!(seen.text("/request/request_target"), request_target, "{typed}");
            continue;
        }
        let said: Vec<_> = seen.body().split('|').collect();
        assert_eq!(said[1..], [host, request_target], "{typed}");
    }
    let mut client = client;
    client.plan.recipe = client.plan.recipe.field(b"Host: other.test").unwrap();
    assert!(probe(&client, "http://site.test/").body().contains("|other.test|"));
    client.plan.recipe = client.plan.recipe.field(b"Host:").unwrap();
    assert_eq!(probe(&client, "http://site.test/").status(), Some(400));
}

/// The first rewrite that fits counts; what does not fit goes where it says.
#[test]
fn rewrites_lead_elsewhere() {
    let (one, two) = (mirror(), mirror());
    let name = |name: &str| format!("http://{name}/").parse::<Target>().unwrap().host().clone();
    let to = |from: Option<&str>, port: Option<u16>, server: &Running| Rewrite {
        host: from.map(name),
        port,
        to_host: Some(host(server.addr.ip())),
        to_port: Some(server.addr.port()),
    };
    let mut client = client();
    client.plan.route.rewrites = vec![
        to(Some("a.test"), Some(80), &one),
        to(Some("a.test"), None, &two),
        to(None, Some(81), &two),
    ];
    let rows = [
        ("http://a.test/", &one, "a.test"),
        ("http://A.test:8080/", &two, "a.test:8080"),
        ("http://b.test:81/", &two, "b.test:81"),
    ];
    for (url, server, host) in rows {
        let seen = probe(&client, url);
        assert_eq!(seen.text("/connect/peer"), server.addr.to_string(), "{url}");
        assert!(seen.body().contains(&format!("|{host}|")), "{url}: {}", seen.body());
    }
    // Nobody to ask, and no rewrite.
    assert_eq!(probe(&client, "http://b.test/").code(), "resolve.unreachable");
}

/// RFC 9112 §3.2.2: a proxy gets the whole URL, and the name is its to look up.
#[test]
fn a_forward_proxy_is_asked_for_the_whole_url() {
    let modules: String =
        ["proxy", "proxy_http", "auth_basic", "authn_core", "authn_file", "authz_user"]
            .iter()
            .map(|name| {
                format!("LoadModule {name}_module /usr/lib/apache2/modules/mod_{name}.so\n")
            })
            .collect();
    let open = format!("{modules}ProxyRequests On\nProxyVia On\n");
    let origin = mirror();

    let asks = |proxy: &Running, credentials: Option<&str>, url: &str| -> Seen {
        let mut client = client();
        client.plan.route.proxy = Some((host(proxy.addr.ip()), proxy.addr.port()));
        let typed = credentials.map(|it| format!("http://{it}@a/").parse::<Target>().unwrap());
        let userinfo = typed.as_ref().and_then(|target| target.userinfo());
        client.plan.recipe = client.plan.recipe.proxied(userinfo);
        probe(&client, url)
    };

    let proxy = apache(&open, &[]);
    let url = origin.url("/x?y#z");
    let seen = asks(&proxy, None, &url);
    assert_eq!((seen.status(), seen.code()), (Some(200), ""));
    assert_eq!(seen.body(), format!("127.0.0.1|{}|/x?y", origin.addr));
    assert_eq!(seen.text("/request/request_target"), origin.url("/x?y"));
    assert_eq!(seen.text("/connect/peer"), proxy.addr.to_string());
    assert!(seen.field("via").unwrap().starts_with("1.1 "));

    // {SHA} of `secret`.
    let users = ("users", "ann:{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ=\n");
    let locked = format!(
        "{open}<Proxy \"*\">
            AuthType Basic
            AuthName r
            AuthBasicProvider file
            AuthUserFile {{dir}}/users
            Require valid-user
        </Proxy>"
    );
    let proxy = apache(&locked, &[users]);
    assert_eq!(asks(&proxy, None, &url).status(), Some(407));
    let seen = asks(&proxy, Some("ann:secret"), &url);
    assert_eq!(seen.status(), Some(200));
    assert!(!seen.record.to_string().contains("secret"), "{}", seen.record);
}

/// A redirect leaves a rewritten host for another, and what was secret stays behind.
#[test]
fn a_redirect_to_another_host_takes_no_credentials_along() {
    let there =
        Origin::start(LOOPBACK, Script::new().read().then(Script::status(200, "OK", ""))).unwrap();
    let here = format!("server {{ listen {{addr}}; return 302 {}; }}", there.url("/next"));
    let here = nginx(&here, &[]);
    let mut client = client();
    client.plan.follow = 1;
    client.plan.recipe = client.plan.recipe.field(b"Cookie: taste=good").unwrap();
    let url = here.url("/").replace("http://", "http://ann:secret@");
    let hops = chain(&client, &url);
    assert_eq!(hops.iter().map(Seen::status).collect::<Vec<_>>(), [Some(302), Some(200)]);
    let visits = there.wait(1, std::time::Duration::from_secs(20));
    let request = String::from_utf8(visits[0].octets.clone()).unwrap();
    assert!(request.starts_with("GET /next HTTP/1.1\r\n"), "{request}");
    assert!(!request.contains("Authorization") && !request.contains("Cookie"), "{request}");
}
