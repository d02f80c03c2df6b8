//! What comes over the wire: cut anywhere, cut short, something else, or an alert.

use std::io::Write;
use std::sync::Arc;

use fourstep_terms::Code;
use fourstep_tls::{Config, End, Options, Output, Session, TlsError, Version};
use rustls::ServerConfig;
use rustls::crypto::ring;

use crate::link::{self, Link, MINT, NOW, only, pair, trusting};

const VERSIONS: [Version; 2] = [Version::Tls12, Version::Tls13];

#[test]
fn pieces_of_any_size_are_one_handshake() {
    let (root, leaf) = pair();
    for version in VERSIONS {
        let options = only(version, trusting(&root));
        let mut sizes = Vec::new();
        for piece in [1, 2, 3, 5, 64, 1000, usize::MAX] {
            let mut link = Link::new(&options, "a.test", link::server(&leaf));
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
    let config = Config::new(&trusting(&root)).unwrap();
    for version in VERSIONS {
        let options = only(version, trusting(&root));
        // The same flight serves once: each cut takes a handshake of its own.
        for cut in 0.. {
            let mut link = Link::new(&options, "a.test", link::server(&leaf));
            let flight = link.flight();
            // In TLS 1.2 the peer has more to say.
            let is_whole = cut >= flight.len();
            if is_whole && (version == Version::Tls13 || cut > flight.len()) {
                break;
            }
            link.session.feed(&flight[..cut], &mut link.out).unwrap();
            let octets = u64::try_from(cut).unwrap();
            assert_eq!(link.session.closed(), Err(TlsError::Closed { octets }), "{version:?}");
            assert!(!link.session.established());
        }
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
        let options = only(version, trusting(&root));
        let mut cut = 0;
        loop {
            let mut link = Link::new(&options, "a.test", link::server(&leaf));
            let flight = link.flight();
            if cut > flight.len() {
                break;
            }
            // And what comes after it, which in TLS 1.2 is a part of the handshake too.
            for flight in [flight, Vec::new()] {
                let flight = if flight.is_empty() { link.flight() } else { flight };
                let (first, rest) = flight.split_at(cut.min(flight.len()));
                link.session.feed(first, &mut link.out).unwrap();
                link.session.feed(rest, &mut link.out).unwrap();
            }
            link.run().unwrap();
            assert!(link.session.handshake().verified, "{version:?} at {cut}");
            cut += 1;
        }
    }
}

#[test]
fn ends_are_told_apart() {
    let (root, leaf) = pair();
    let options = trusting(&root);
    let mut link = Link::new(&options, "a.test", link::server(&leaf));
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
fn plain_text_of_any_length_goes_both_ways() {
    let (root, leaf) = pair();
    let mut link = Link::new(&trusting(&root), "a.test", link::server(&leaf));
    link.server.set_buffer_limit(None);
    // What is written before the session stands waits for it.
    let body: Vec<u8> = (0..300_000_u32).flat_map(u32::to_be_bytes).collect();
    link.session.write(&body, &mut link.out.wire);
    assert!(link.out.wire.len() < 1000);
    link.server.writer().write_all(&body).unwrap();
    link.run().unwrap();
    assert!(link.heard == body && link.out.plain == body);
}

#[test]
fn what_a_handshake_showed_is_there_in_the_middle() {
    let (root, leaf) = pair();
    let mut link = Link::new(&trusting(&root), "a.test", link::server(&leaf));
    let flight = link.flight();
    link.session.feed(&flight[..200], &mut link.out).unwrap();
    let facts = link.session.handshake();
    assert_eq!((facts.version, facts.octets_in), (Some("TLSv1.3"), 200));
    assert_eq!((facts.verified, facts.chain.len()), (false, 0));
    // In TLS 1.2 the peer has shown all it has, and may fall silent then.
    let options = only(Version::Tls12, trusting(&root));
    let mut link = Link::new(&options, "a.test", link::server(&leaf));
    link.turn().unwrap();
    let facts = link.session.handshake();
    assert_eq!((facts.version, facts.round_trips), (Some("TLSv1.2"), 1));
    assert_eq!((facts.verified, facts.chain.len()), (true, 1));
    assert!(!link.session.established());
}

#[test]
fn a_staple_is_noticed() {
    let (root, leaf) = pair();
    let (chain, key) = link::shown(&leaf);
    for version in VERSIONS {
        let server = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert_with_ocsp(chain.clone(), key.clone_key(), vec![7])
            .unwrap();
        let mut link = Link::new(&only(version, trusting(&root)), "a.test", server);
        link.run().unwrap();
        assert!(link.session.handshake().ocsp_staple, "{version:?}");
    }
}

#[test]
fn what_is_no_tls_is_shown() {
    let (root, _) = pair();
    let config = Config::new(&trusting(&root)).unwrap();
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
fn a_handshake_signed_by_another_key_is_malformed() {
    let (root, mut leaf) = pair();
    leaf.key = MINT.key().serialize_der();
    let (chain, key) = link::shown(&leaf);
    let certified =
        rustls::sign::CertifiedKey::new(chain, ring::sign::any_supported_type(&key).unwrap());
    for version in VERSIONS {
        for insecure in [false, true] {
            let resolver = rustls::sign::SingleCertAndKey::from(certified.clone());
            let server = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
                .with_safe_default_protocol_versions()
                .unwrap()
                .with_no_client_auth()
                .with_cert_resolver(Arc::new(resolver));
            let options = Options { insecure, ..only(version, trusting(&root)) };
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
