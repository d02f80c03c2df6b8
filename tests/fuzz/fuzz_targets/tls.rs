//! A hostile server: nothing of it ends in a panic, and nothing but an untouched handshake lets
//! plain text through.
//!
//! The first octet says what the rest is: what a server sends; a certificate; or changes to what a
//! good server sends, three octets each: where (two, big-endian) and by what (exclusive or).
#![no_main]

use std::io::Write;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use fourstep_authority::{Mint, Signer};
use fourstep_terms::Code;
use fourstep_tls::{Certificate, Config, Options, Output, Roots, Session, TlsError};
use libfuzzer_sys::fuzz_target;
use rustls::pki_types::PrivateKeyDer;
use rustls::{ServerConfig, ServerConnection};

const WALL: Duration = Duration::from_secs(1_780_272_000);

/// What every run has in common: a root, and a server's certificate by it.
struct World {
    config: Arc<Config>,
    leaf: Vec<u8>,
    server: Arc<ServerConfig>,
}

fn world() -> &'static World {
    static WORLD: OnceLock<World> = OnceLock::new();
    WORLD.get_or_init(|| {
        let mint = Mint::at(WALL);
        let root = Signer::root(mint.ca("Root"), &mint);
        let chain = root.sign(mint.server(&["a.test"]), &mint);
        let leaf = chain.leaf().to_vec();
        let key = PrivateKeyDer::Pkcs8(chain.key.into());
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let server = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![leaf.clone().into()], key)
            .unwrap();
        let options = Options { roots: Roots::Given(vec![root.der().to_vec()]), ..Options::default() };
        World { config: Config::new(&options).unwrap(), leaf, server: Arc::new(server) }
    })
}

fuzz_target!(|octets: &[u8]| {
    let Some((how, rest)) = octets.split_first() else { return };
    match how % 3 {
        0 => raw(rest, usize::from(how / 3) + 1),
        1 => certificate(rest),
        _ => changed(rest, usize::from(how / 3) + 1),
    }
});

/// Anything at all: the same error whole and in pieces, and no plain text.
fn raw(octets: &[u8], piece: usize) {
    let codes = [usize::MAX, piece].map(|piece| {
        let mut out = Output::default();
        let mut session = Session::new(&world().config, "a.test", WALL, &mut out.wire).unwrap();
        let result = octets.chunks(piece).try_for_each(|piece| session.feed(piece, &mut out));
        assert!(out.plain.is_empty() && !session.established() && !session.handshake().verified);
        let error = result.err().or_else(|| session.closed().err()).unwrap();
        assert!(!error.to_string().contains(char::is_control));
        error.code()
    });
    assert_eq!(codes[0], codes[1]);
}

/// A certificate of the fuzzer's making, alone and beside a good one.
fn certificate(der: &[u8]) {
    let world = world();
    let facts = Certificate::read(der);
    let texts = facts.names.iter().chain([&facts.subject, &facts.issuer]);
    assert!(texts.into_iter().all(|text| !text.contains(char::is_control)));
    let reasons = world.config.judge(&[der], "a.test", WALL);
    assert!(der == world.leaf || !reasons.is_empty(), "trusted");
    assert!(reasons.is_sorted_by_key(TlsError::code));
    assert_eq!(world.config.judge(&[&world.leaf, der], "a.test", WALL), []);
}

/// A good server whose octets are changed on the way.
fn changed(changes: &[u8], piece: usize) {
    let world = world();
    let mut server = ServerConnection::new(Arc::clone(&world.server)).unwrap();
    let mut out = Output::default();
    let mut session = Session::new(&world.config, "a.test", WALL, &mut out.wire).unwrap();
    let mut at = 0;
    let mut result = Ok(());
    let mut said = false;
    for _ in 0..8 {
        let wire = std::mem::take(&mut out.wire);
        let mut rest = wire.as_slice();
        while !rest.is_empty() && server.read_tls(&mut rest).is_ok() {
            if server.process_new_packets().is_err() {
                break;
            }
        }
        if !said && !server.is_handshaking() {
            said = true;
            server.writer().write_all(b"plain").unwrap();
        }
        let mut flight = Vec::new();
        while server.wants_write() {
            server.write_tls(&mut flight).unwrap();
        }
        for change in changes.chunks_exact(3) {
            let place = usize::from(u16::from_be_bytes([change[0], change[1]]));
            if let Some(octet) = place.checked_sub(at).and_then(|place| flight.get_mut(place)) {
                *octet ^= change[2];
            }
        }
        at += flight.len();
        result = flight.chunks(piece).try_for_each(|piece| session.feed(piece, &mut out));
        if result.is_err() || flight.is_empty() && out.wire.is_empty() {
            break;
        }
    }
    let facts = session.handshake();
    assert_eq!(session.established() && result.is_ok(), facts.verified && result.is_ok());
    assert!(out.plain.is_empty() || out.plain == b"plain");
    assert!(facts.verified || out.plain.is_empty());
    if changes.len() < 3 {
        assert_eq!((result, out.plain.as_slice()), (Ok(()), &b"plain"[..]));
    } else if let Err(error) = result {
        // No certificate was touched unseen: in TLS 1.3 it comes encrypted.
        assert!(error.code() < Code::TlsUntrusted || error.code() == Code::TlsIncompatible);
    }
}
