//! What comes over the wire: cut anywhere, cut short, something else, or an alert.

use std::sync::Arc;

use fourstep_terms::Code;
use fourstep_tls::{Config, End, Identity, Options, Output, Session, Sni, TlsError, Version};
use rustls::ServerConfig;
use rustls::crypto::ring;
use rustls::server::WebPkiClientVerifier;

use crate::authority::{Leaf, NOW, Signer, ca, params, self_signed, server};
use crate::link::{self, Link, trusting};

/// A root, and a server's certificate for `a.test` by it.
fn pair() -> (Signer, Leaf) {
    let root = Signer::root(ca("Root"));
    let leaf = root.sign(server(&["a.test"]));
    (root, leaf)
}

const VERSIONS: [Version; 2] = [Version::Tls12, Version::Tls13];

fn only(version: Version, options: Options) -> Options {
    Options { oldest: version, newest: version, ..options }
}

#[test]
fn pieces_of_any_size_are_one_handshake() {
    let (root, leaf) = pair();
    for version in VERSIONS {
        let options = only(version, trusting(&root.der));
        let mut sizes = Vec::new();
        for piece in [1, 2, 3, 5, 64, 1000, usize::MAX] {
            let mut link = Link::new(&options, "a.test", link::server(&leaf, &[]));
            link.piece = piece;
            link.run().unwrap();
            link.exchange();
            let facts = link.session.handshake();
            let trips = if version == Version::Tls13 { 1 } else { 2 };
            assert_eq!((facts.version, facts.round_trips), (Some(version.as_str()), trips));
            sizes.push(facts.octets_out);
            // The signatures differ in length from run to run; tickets and data are no handshake.
            assert!((600..1100).contains(&facts.octets_in), "{}", facts.octets_in);
        }
        assert!(sizes.iter().all(|size| *size == sizes[0]), "{version:?}: {sizes:?}");
    }
}

#[test]
fn a_close_at_any_octet_of_the_handshake_is_closed() {
    let (root, leaf) = pair();
    let config = Config::new(&trusting(&root.der)).unwrap();
    let options = trusting(&root.der);
    let mut link = Link::new(&options, "a.test", link::server(&leaf, &[]));
    let flight = link.flight();
    // The same flight serves once: each cut takes a handshake of its own.
    for cut in (0..flight.len()).step_by(7) {
        let mut link = Link::new(&options, "a.test", link::server(&leaf, &[]));
        let flight = link.flight();
        link.session.feed(&flight[..cut.min(flight.len() / 2)], &mut link.out).unwrap();
        let octets = cut.min(flight.len() / 2) as u64;
        assert_eq!(link.session.closed(), Err(TlsError::Closed { octets }), "{cut}");
        assert!(!link.session.established());
    }
    let mut out = Output::default();
    let mut silent = Session::new(&config, "a.test", NOW, &mut out.wire).unwrap();
    assert_eq!(silent.closed(), Err(TlsError::Closed { octets: 0 }));
    assert_eq!(silent.handshake().round_trips, 0);
}

#[test]
fn a_flight_cut_in_two_anywhere_gives_the_same() {
    let (root, leaf) = pair();
    for version in VERSIONS {
        let options = only(version, trusting(&root.der));
        let mut cut = 0;
        loop {
            let mut link = Link::new(&options, "a.test", link::server(&leaf, &[]));
            let flight = link.flight();
            if cut > flight.len() {
                break;
            }
            let (first, rest) = flight.split_at(cut);
            link.session.feed(first, &mut link.out).unwrap();
            link.session.feed(rest, &mut link.out).unwrap();
            link.run().unwrap();
            assert!(link.session.handshake().verified, "{version:?} at {cut}");
            cut += 5;
        }
    }
}

#[test]
fn ends_are_told_apart() {
    let (root, leaf) = pair();
    let options = trusting(&root.der);
    let mut link = Link::new(&options, "a.test", link::server(&leaf, &[]));
    link.run().unwrap();
    assert_eq!((link.session.has_ended(), link.session.closed()), (false, Ok(End::Cut)));
    link.server.send_close_notify();
    link.run().unwrap();
    assert_eq!((link.session.has_ended(), link.session.closed()), (true, Ok(End::Notified)));
    // Ours is heard as well.
    link.session.close(&mut link.out.wire);
    let wire = std::mem::take(&mut link.out.wire);
    link.server.read_tls(&mut wire.as_slice()).unwrap();
    assert!(link.server.process_new_packets().unwrap().peer_has_closed());
}

#[test]
fn what_is_no_tls_is_shown() {
    let (root, _) = pair();
    let config = Config::new(&trusting(&root.der)).unwrap();
    let rows: [(&[u8], Code, &str); 14] = [
        // octets, code, message
        (
            b"HTTP/1.1 400 Bad Request\r\n\r\n",
            Code::TlsNotTls,
            r#"the peer answers HTTP in the clear: "HTTP/1.1 400 Bad Request\r\n\r\n""#,
        ),
        (b"HTTP/", Code::TlsNotTls, r#"the peer answers HTTP in the clear: "HTTP/""#),
        (b"HTTQ", Code::TlsNotTls, r#"the peer does not speak TLS: "HTTQ""#),
        (b"SSH-2.0-x\r\n", Code::TlsNotTls, r#"the peer does not speak TLS: "SSH-2.0-x\r\n""#),
        (b"\0\x1b[2J", Code::TlsNotTls, r#"the peer does not speak TLS: "\x00\x1b[2J""#),
        // RFC 8446 §5.1
        (b"\x16\x03\x03\0\x04\xff\0\0\0", Code::TlsMalformed, ""),
        (b"\x16\x03\x03\xff\xff\xff", Code::TlsMalformed, ""),
        (b"\x16\x09\x09\0\x01\xff", Code::TlsMalformed, ""),
        (b"\x17\x03\x03\0\x01\xff", Code::TlsMalformed, ""),
        // RFC 8446 §6.2
        (
            b"\x15\x03\x01\0\x02\x02\x46",
            Code::TlsIncompatible,
            "the peer speaks none of the versions offered: protocol_version",
        ),
        (
            b"\x15\x03\x03\0\x02\x02\x28",
            Code::TlsIncompatible,
            "the peer accepts none of the cipher suites, groups and signatures offered: handshake_failure",
        ),
        (
            b"\x15\x03\x03\0\x02\x02\x47",
            Code::TlsIncompatible,
            "the peer accepts none of the cipher suites, groups and signatures offered: insufficient_security",
        ),
        (
            b"\x15\x03\x03\0\x02\x02\x70",
            Code::TlsAlert,
            "the peer ended TLS: unrecognized_name (112)",
        ),
        (
            b"\x15\x03\x03\0\x02\x02\xfe",
            Code::TlsAlert,
            "the peer ended TLS: an alert without a name (254)",
        ),
    ];
    for (octets, code, message) in rows {
        for piece in [1, 2, 3, usize::MAX] {
            let mut out = Output::default();
            let mut session = Session::new(&config, "a.test", NOW, &mut out.wire).unwrap();
            let result = octets.chunks(piece).try_for_each(|piece| session.feed(piece, &mut out));
            let shown = octets.escape_ascii();
            let error = result.expect_err(&shown.to_string());
            assert_eq!(error.code(), code, "{error}: {} by {piece}", octets.escape_ascii());
            // What is shown is what had come.
            if piece == usize::MAX && !message.is_empty() {
                assert_eq!(error.to_string(), message);
            }
            assert!(out.plain.is_empty() && !session.established());
            assert!(session.feed(b"more", &mut out).is_err(), "after an error nothing is read");
        }
    }
    // Fewer than would decide, and a close.
    let mut out = Output::default();
    let mut session = Session::new(&config, "a.test", NOW, &mut out.wire).unwrap();
    session.feed(b"HTT", &mut out).unwrap();
    assert_eq!(session.closed(), Err(TlsError::NotTls { shown: "HTT".into(), http: false }));
}

#[test]
fn versions_and_suites_that_do_not_meet_are_incompatible() {
    let (root, leaf) = pair();
    let make = |versions: &[&'static rustls::SupportedProtocolVersion], suites: usize| {
        let mut provider = ring::default_provider();
        provider.cipher_suites.truncate(suites);
        let key = rustls::pki_types::PrivateKeyDer::Pkcs8(leaf.key.clone().into());
        ServerConfig::builder_with_provider(Arc::new(provider))
            .with_protocol_versions(versions)
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![leaf.der.clone().into()], key)
            .unwrap()
    };
    let rows = [
        (Version::Tls13, make(&[&rustls::version::TLS12], usize::MAX)),
        (Version::Tls12, make(&[&rustls::version::TLS13], usize::MAX)),
    ];
    for (version, server) in rows {
        let options = only(version, trusting(&root.der));
        let mut link = Link::new(&options, "a.test", server);
        let error = link.run().unwrap_err();
        assert_eq!(error.code(), Code::TlsIncompatible, "{error}");
    }
    // A ServerHello of TLS 1.0, as far as it is read (RFC 2246 §7.4.1.3).
    let hello = [&b"\x16\x03\x01\0\x2a\x02\0\0\x26\x03\x01"[..], &[7; 32], b"\0\0\x2f\0"].concat();
    let config = Config::new(&trusting(&root.der)).unwrap();
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
        let options = Options { sni: sni.clone(), alpn: alpn(offered), ..trusting(&root.der) };
        let mut server = link::server(&leaf, &[]);
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
    let clients = Signer::root(ca("Clients"));
    let mut wanted = params("me");
    wanted.extended_key_usages = vec![rcgen::ExtendedKeyUsagePurpose::ClientAuth];
    let me = clients.sign(wanted.clone());
    let stranger = self_signed(wanted);
    let asking = || {
        let mut roots = rustls::RootCertStore::empty();
        roots.add(clients.der.clone().into()).unwrap();
        let provider = Arc::new(ring::default_provider());
        let verifier =
            WebPkiClientVerifier::builder_with_provider(roots.into(), Arc::clone(&provider))
                .build()
                .unwrap();
        let key = rustls::pki_types::PrivateKeyDer::Pkcs8(leaf.key.clone().into());
        ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_client_cert_verifier(verifier)
            .with_single_cert(vec![leaf.der.clone().into()], key)
            .unwrap()
    };
    let identity = |leaf: &Leaf| Identity { chain: leaf.der.clone(), key: leaf.key.clone() };
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
        let options = Options { identity, ..only(version, trusting(&root.der)) };
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
    let other = Signer::root(ca("Other"));
    let options = Options { identity: Some(identity(&me)), ..trusting(&other.der) };
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
        ..trusting(&root.der)
    };
    let mut link = Link::new(&options, "a.test", link::server(&leaf, &[]));
    link.run().unwrap();
    let lines = lines.lock().unwrap();
    let labels: Vec<&str> = lines.iter().map(|line| line.split(' ').next().unwrap()).collect();
    assert!(labels.contains(&"CLIENT_HANDSHAKE_TRAFFIC_SECRET"), "{labels:?}");
    assert!(lines.iter().all(|line| line.split(' ').count() == 3));
}

#[test]
fn a_handshake_signed_by_another_key_is_malformed() {
    let (root, mut leaf) = pair();
    leaf.key = crate::authority::key().serialize_der();
    let key = ring::sign::any_supported_type(&rustls::pki_types::PrivateKeyDer::Pkcs8(
        leaf.key.clone().into(),
    ))
    .unwrap();
    let certified = rustls::sign::CertifiedKey::new(vec![leaf.der.clone().into()], key);
    for version in VERSIONS {
        for insecure in [false, true] {
            let resolver = rustls::sign::SingleCertAndKey::from(certified.clone());
            let server = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
                .with_safe_default_protocol_versions()
                .unwrap()
                .with_no_client_auth()
                .with_cert_resolver(Arc::new(resolver));
            let options = Options { insecure, ..only(version, trusting(&root.der)) };
            let mut link = Link::new(&options, "a.test", server);
            let error = link.run().unwrap_err();
            let says = "the handshake is not signed by the certificate's key";
            assert!(error.to_string().ends_with(says), "{error}");
            assert_eq!(error.code(), Code::TlsMalformed);
            assert!(link.session.closed().is_err(), "and what was shown is kept");
            let facts = link.session.handshake();
            assert_eq!((facts.verified, facts.chain.len(), facts.reasons.len()), (false, 1, 0));
        }
    }
}
