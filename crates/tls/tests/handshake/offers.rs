//! What a session offers and shows, and what comes of it with a server that wants something else.

use std::sync::Arc;

use fourstep_authority::{Chain, Signer};
use fourstep_terms::Code;
use fourstep_tls::{Config, Identity, Options, Output, Session, Sni, TlsError, Version};
use rustls::ServerConfig;
use rustls::crypto::ring;
use rustls::server::WebPkiClientVerifier;

use crate::link::{self, Link, MINT, NOW, only, pair, trusting};

#[test]
fn versions_and_suites_that_do_not_meet_are_incompatible() {
    let (root, leaf) = pair();
    let make = |versions: &[&'static rustls::SupportedProtocolVersion], suites: usize| {
        let mut provider = ring::default_provider();
        provider.cipher_suites.truncate(suites);
        let (chain, key) = link::shown(&leaf);
        ServerConfig::builder_with_provider(Arc::new(provider))
            .with_protocol_versions(versions)
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(chain, key)
            .unwrap()
    };
    let rows = [
        (Version::Tls13, make(&[&rustls::version::TLS12], usize::MAX)),
        (Version::Tls12, make(&[&rustls::version::TLS13], usize::MAX)),
    ];
    for (version, server) in rows {
        let options = only(version, trusting(&root));
        let mut link = Link::new(&options, "a.test", server);
        let error = link.run().unwrap_err();
        assert_eq!(error.code(), Code::TlsIncompatible, "{error}");
    }
    // A ServerHello of TLS 1.0, as far as it is read (RFC 2246 §7.4.1.3).
    let hello = [&b"\x16\x03\x01\0\x2a\x02\0\0\x26\x03\x01"[..], &[7; 32], b"\0\0\x2f\0"].concat();
    let config = Config::new(&trusting(&root)).unwrap();
    let mut out = Output::default();
    let mut session = Session::new(&config, "a.test", NOW, &mut out.wire).unwrap();
    let error = session.feed(&hello, &mut out).unwrap_err();
    assert_eq!(error.code(), Code::TlsIncompatible, "{error}");
}

#[test]
fn names_and_protocols_are_offered_as_told() {
    let (root, leaf) = pair();
    let alpn = |names: &[&str]| names.iter().map(|name| name.as_bytes().into()).collect::<Vec<_>>();
    type Row<'a> = (&'a str, Sni, &'a [&'a str], Option<&'a str>, Option<&'a str>, Option<Code>);
    let rows: [Row<'_>; 7] = [
        // host, what is shown, protocols offered, name seen, protocol chosen, failure
        ("a.test", Sni::Host, &["http/1.1"], Some("a.test"), Some("http/1.1"), None),
        ("a.test.", Sni::Host, &["h2", "http/1.1"], Some("a.test"), Some("http/1.1"), None),
        ("a.test", Sni::Absent, &[], None, None, None),
        (
            "a.test",
            Sni::Other("b.test".into()),
            &["http/1.1"],
            Some("b.test"),
            Some("http/1.1"),
            None,
        ),
        (
            "b.test",
            Sni::Other("a.test".into()),
            &[],
            Some("a.test"),
            None,
            Some(Code::TlsWrongName),
        ),
        ("192.0.2.1", Sni::Host, &[], None, None, Some(Code::TlsWrongName)),
        ("a.test", Sni::Host, &["h3"], Some("a.test"), None, Some(Code::TlsAlert)), // RFC 7301 §3.2
    ];
    for (host, sni, offered, seen, chosen, failure) in rows {
        let options = Options { sni: sni.clone(), alpn: alpn(offered), ..trusting(&root) };
        let mut server = link::server(&leaf);
        server.alpn_protocols = vec![b"http/1.1".to_vec()];
        let mut link = Link::new(&options, host, server);
        let result = link.run();
        assert_eq!(result.err().map(|error| error.code()), failure, "{host} {sni:?}");
        assert_eq!(link.session.handshake().sni.as_deref(), seen, "{host} {sni:?}");
        assert_eq!(link.server.server_name(), seen);
        if failure.is_none() {
            assert_eq!(link.session.handshake().alpn.as_deref(), chosen, "{host} {sni:?}");
        }
    }
}

#[test]
fn a_client_certificate_is_shown_to_who_asks_and_is_trusted() {
    let (root, leaf) = pair();
    let clients = Signer::root(MINT.ca("Clients"), &MINT);
    let me = clients.sign(MINT.client("me"), &MINT);
    let stranger = Chain::self_signed(MINT.client("me"), &MINT);
    let asking = || {
        let mut roots = rustls::RootCertStore::empty();
        roots.add(clients.der().to_vec().into()).unwrap();
        let provider = Arc::new(ring::default_provider());
        let verifier =
            WebPkiClientVerifier::builder_with_provider(roots.into(), Arc::clone(&provider))
                .build()
                .unwrap();
        let (chain, key) = link::shown(&leaf);
        ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_client_cert_verifier(verifier)
            .with_single_cert(chain, key)
            .unwrap()
    };
    let identity = |me: &Chain| Identity { chain: me.leaf().to_vec(), key: me.key.clone() };
    let rows = [
        // version, who we are, the alert
        (Version::Tls13, Some(identity(&me)), None),
        (Version::Tls12, Some(identity(&me)), None),
        (Version::Tls13, None, Some("certificate_required")),
        (Version::Tls12, None, Some("certificate_required")),
        (Version::Tls13, Some(identity(&stranger)), Some("unknown_ca")),
        (Version::Tls12, Some(identity(&stranger)), Some("unknown_ca")),
    ];
    for (version, identity, want) in rows {
        let options = Options { identity, ..only(version, trusting(&root)) };
        let mut link = Link::new(&options, "a.test", asking());
        let alert = match link.run() {
            Ok(()) => None,
            Err(TlsError::Alert { name, .. }) => Some(name),
            Err(error) => panic!("{error}"),
        };
        assert_eq!(alert, want, "{version:?}");
        // In TLS 1.3 the alert comes after our side is done.
        assert!(link.session.handshake().verified, "{version:?}");
        let done = want.is_none() || version == Version::Tls13;
        assert_eq!(
            link.session.handshake().round_trips,
            match (version, done) {
                (Version::Tls12, true) => 2,
                _ => 1,
            }
        );
    }
    // A server that is not trusted learns nothing of us.
    let other = Signer::root(MINT.ca("Other"), &MINT);
    let options = Options { identity: Some(identity(&me)), ..trusting(&other) };
    let mut link = Link::new(&options, "a.test", asking());
    assert_eq!(link.run().unwrap_err().code(), Code::TlsUntrusted);
    assert!(link.server.peer_certificates().is_none());
}

#[test]
fn a_key_log_has_a_line_a_secret() {
    let (root, leaf) = pair();
    let lines = Arc::new(std::sync::Mutex::new(Vec::new()));
    let sink = Arc::clone(&lines);
    let options = Options {
        keylog: Some(Arc::new(move |line: &str| sink.lock().unwrap().push(line.to_owned()))),
        ..trusting(&root)
    };
    let mut link = Link::new(&options, "a.test", link::server(&leaf));
    link.run().unwrap();
    let lines = lines.lock().unwrap();
    let labels: Vec<&str> = lines.iter().map(|line| line.split(' ').next().unwrap()).collect();
    assert!(labels.contains(&"CLIENT_HANDSHAKE_TRAFFIC_SECRET"), "{labels:?}");
    assert!(lines.iter().all(|line| line.split(' ').count() == 3));
}
