//! Ways to a server that speaks TLS, and what stands there when none does.

use super::site::{Shown, Site, files, for_name, lead, mint, root, trusting};
use crate::real::command::{fourstep, records};
use crate::real::{Seen, chain, client, probe};
use crate::servers::{apache, busybox, haproxy, lighttpd, nginx, s_server};
use fourstep::Client;
use fourstep::target::Host;
use fourstep_authority::Signer;
use fourstep_peer::{LOOPBACK, Origin, Script};
use std::net::{IpAddr, SocketAddr};

/// A client that goes through a proxy.
fn through(proxy: SocketAddr, root: &Signer) -> Client {
    let mut client = client();
    let IpAddr::V4(ip) = proxy.ip() else { panic!("{proxy}") };
    client.plan.route.proxy = Some((Host::V4(ip), proxy.port()));
    client.plan.recipe = client.plan.recipe.proxied(None);
    client.speak_tls(&trusting(root)).unwrap();
    client
}

/// RFC 9110 §9.3.6.
#[test]
fn a_proxy_digs_a_tunnel() {
    let root = root("Root");
    // The proxy resolves the name, and knows this one alone.
    let shown = Shown::new(root.sign(mint().server(&["localhost", "127.0.0.1"]), mint()));
    let modules = "LoadModule proxy_module /usr/lib/apache2/modules/mod_proxy.so
        LoadModule proxy_connect_module /usr/lib/apache2/modules/mod_proxy_connect.so
        ProxyRequests On
        AllowCONNECT 1-65535";
    let proxy = apache(modules, &[]);
    let site = Site::of(&[shown]);
    let at = site.address(0);
    let url = format!("https://{at}/");
    let seen = probe(&through(proxy.addr, &root), &url);
    assert_eq!(seen.code(), "tls.wrong-name", "{:?}", seen.report.failure);
    let connect = seen.report.connect.as_ref().unwrap();
    assert_eq!(connect.tunnel.as_ref().map(|answered| answered.status), Some(200));

    let (_folder, [trusted]) = files([("root.pem", root.pem().as_bytes())]);
    let flags = ["-x", &proxy.url("/"), "--ca", &trusted, "-k", "--body", &url];
    let done = fourstep(&flags);
    let said = String::from_utf8(done.stdout).unwrap();
    assert_eq!((done.status.code(), &*said), (Some(0), "|TLSv1.3|http/1.1|"));
}

#[test]
fn what_a_proxy_answers_instead_of_a_tunnel_is_shown() {
    let root = root("Root");
    let answer = |head: &str| Script::answer(format!("{head}\r\nContent-Length: 0\r\n\r\n"));
    let tunnel = || Script::new().read().write("HTTP/1.1 200 OK\r\n\r\n");
    let rows = [
        // what the proxy does, code, exit, the status it answered
        (answer("HTTP/1.1 407 Proxy Authentication Required"), "connect.denied", 4, Some(407)),
        (answer("HTTP/1.1 403 Forbidden"), "connect.denied", 4, Some(403)),
        (answer("HTTP/1.1 502 Bad Gateway"), "connect.unreachable", 4, Some(502)),
        (answer("HTTP/1.1 503 Service Unavailable"), "connect.unreachable", 4, Some(503)),
        (answer("HTTP/1.1 504 Gateway Timeout"), "connect.silent", 4, Some(504)),
        (Script::new().read().close(), "connect.reset", 4, None),
        (Script::answer("SSH-2.0-OpenSSH_9.2\r\n"), "connect.reset", 4, None),
        // A tunnel, and what stands at its end.
        (tunnel().hear().close(), "tls.closed", 5, Some(200)),
        (tunnel().write("SSH-2.0-x\r\n").hear().close(), "tls.not-tls", 5, Some(200)),
    ];
    for (script, code, want, status) in rows {
        let origin = Origin::start(LOOPBACK, script).unwrap();
        let seen = probe(&through(origin.address(), &root), "https://a.test/");
        assert_eq!(seen.code(), code, "{:?}", seen.report.failure);
        let tunnel = seen.report.connect.as_ref().unwrap().tunnel.as_ref();
        assert_eq!(tunnel.map(|answered| answered.status), status, "{code}");
        let asked = String::from_utf8_lossy(&origin.visits()[0].octets).into_owned();
        assert!(asked.starts_with("CONNECT a.test:443 HTTP/1.1\r\nHost: a.test\r\n"), "{asked}");

        let (exit, said) = records(&["-x", &origin.url(""), "https://a.test/"]);
        assert_eq!((exit, &said[0]["failure"]["code"]), (want, &code.into()), "{said:?}");
        if let (4, Some(status)) = (want, status) {
            let message = said[0]["failure"]["message"].as_str().unwrap();
            assert!(message.contains(&status.to_string()), "{message}");
        }
    }
}

/// The proxy's credentials are for the proxy, and shown to nobody else.
#[test]
fn credentials_for_a_proxy_go_to_the_proxy() {
    let denied = "HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n";
    let origin = Origin::start(LOOPBACK, Script::answer(denied)).unwrap();
    let proxy = format!("http://me:hunter2@{}", origin.address());
    let (exit, _) = records(&["-x", &proxy, "-u", "you:secret", "https://a.test/"]);
    let asked = String::from_utf8_lossy(&origin.visits()[0].octets).into_owned();
    assert_eq!(exit, 4);
    assert!(asked.contains("Proxy-Authorization: Basic bWU6aHVudGVyMg==\r\n"), "{asked}");
    assert!(!asked.contains("\r\nAuthorization:"), "{asked}");
}

/// RFC 8446 §5.1: what begins as no record is no TLS, and is HTTP if it begins so.
#[test]
fn https_where_http_is_spoken_is_recognised() {
    let servers = [
        nginx("server { listen {addr}; return 204; }", &[]),
        apache("", &[]),
        haproxy("listen l\n    bind {addr}\n    http-request return status 200", &[]),
        lighttpd("", &[]),
        busybox("", &[]),
    ];
    for server in servers {
        let url = server.url("/").replacen("http", "https", 1);
        let (exit, said) = records(&[&url]);
        let failure = &said[0]["failure"];
        assert_eq!((exit, &failure["code"]), (5, &"tls.not-tls".into()), "{said:?}");
        assert_eq!(failure["hint"], "try http:// on this port");
        let said = String::from_utf8(fourstep(&[&url]).stdout).unwrap();
        let want = format!("{} speaks HTTP without TLS on this port.\n", server.addr);
        assert!(said.contains(&want), "{said}");
    }
}

/// No clause says what a server of TLS does with HTTP: some say so in HTTP, some in TLS, some close.
#[test]
fn http_where_tls_is_spoken_is_recognised() {
    let root = root("Root");
    let chain = for_name(&root, "a.test");
    let (certificate, key) = (chain.pem(), chain.key_pem());
    let both = format!("{certificate}{key}");
    let files = [("own.pem", &*certificate), ("own.key", &*key), ("both.pem", &*both)];
    let site = Site::of(&[Shown::new(chain.clone())]);
    let modules = "LoadModule ssl_module /usr/lib/apache2/modules/mod_ssl.so
        SSLEngine on
        SSLCertificateFile {dir}/own.pem
        SSLCertificateKeyFile {dir}/own.key";
    let bind = "bind {addr} ssl crt {dir}/both.pem";
    let haproxy =
        haproxy(&format!("listen l\n    {bind}\n    http-request return status 200"), &files);
    let apache = apache(modules, &files);
    let openssl = s_server(&chain, &[], &[]);
    // What is no TLS is answered with an alert by some, GnuTLS among them.
    let alert = Script::new().hear().write([21, 3, 3, 0, 2, 2, 10]).close();
    let gnutls = Origin::start(LOOPBACK, alert).unwrap();
    let says = "; this port speaks TLS: try https://.\n";
    let rows = [
        // where, exit, code, what is said
        (site.address(0), 1, "", says),
        (apache.addr, 1, "", says),
        (haproxy.addr, 7, "response.empty", "; if the port speaks TLS, try https://\n"),
        (openssl.addr, 7, "response.empty", "; if the port speaks TLS, try https://\n"),
        (
            gnutls.address(),
            7,
            "response.malformed",
            " speaks TLS on this port, and was asked in HTTP.\n",
        ),
    ];
    for (address, want, code, says) in rows {
        let url = format!("http://{address}/");
        let (exit, said) = records(&[&url]);
        let failure = said[0]["failure"]["code"].as_str().unwrap_or_default();
        assert_eq!((exit, failure), (want, code), "{said:?}");
        let text = String::from_utf8(fourstep(&[&url]).stdout).unwrap();
        assert!(text.contains(says), "{text}");
    }
}

/// RFC 9110 §15.4: from http to https and back, each hop with what it showed.
#[test]
fn redirects_lead_to_https_and_back() {
    let root = root("Root");
    let leaf = for_name(&root, "a.test");
    let lands = nginx("server { listen {addr}; return 200 landed; }", &[]);
    let back = format!("return 302 http://{}/;", lands.addr);
    let site = Site::of(&[Shown::new(leaf).with(&back)]);
    let to = format!("return 301 {}/;", site.url(0, "a.test").trim_end_matches('/'));
    let leaves = nginx(&format!("server {{ listen {{addr}}; {to} }}"), &[]);
    let (_folder, [trusted]) = files([("root.pem", root.pem().as_bytes())]);
    let from = leaves.url("/");

    // One rewrite for the one name: the addresses lead where they say.
    let lead = format!("a.test{}", &lead(&site.nginx)[1..].replacen(':', "::", 1));
    let led = ["--ca", &trusted, "--connect-to", &lead];
    let (exit, hops) = records(&[&led[..], &["-L", &from]].concat());
    let said: Vec<_> = hops.iter().map(|hop| hop["response"]["status"].as_u64()).collect();
    assert_eq!((exit, said), (0, vec![Some(301), Some(302), Some(200)]));
    // Without trust the chain ends at the hop that has none.
    let (exit, hops) = records(&["--connect-to", &lead, "-L", &from]);
    assert_eq!((exit, hops.len()), (5, 2));
    assert_eq!(hops[1]["failure"]["code"], "tls.untrusted");

    let mut client = super::site::led(&site.nginx, &trusting(&root));
    client.plan.route.rewrites[0].host = Some(Host::Name("a.test".into()));
    client.plan.follow = 3;
    let hops = chain(&client, &from);
    let secured = |hop: &Seen| hop.report.tls.as_ref().map(|tls| tls.verified);
    assert_eq!(hops.iter().map(secured).collect::<Vec<_>>(), [None, Some(true), None]);
}
