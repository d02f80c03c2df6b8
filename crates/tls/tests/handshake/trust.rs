//! What is found wanting in a chain: the conditions people know from badssl.com, and some more.

use fourstep_authority::rcgen::date_time_ymd;
use fourstep_authority::{Authority, Chain, Signer};
use fourstep_terms::Code;
use fourstep_tls::{Handshake, Options, TlsError};

use crate::link::{self, Link, MINT, pair, trusting, trusting_der};

/// A handshake with a server that shows these; both TLS versions agree on it.
fn shake(options: &Options, host: &str, chain: &Chain) -> (Result<(), TlsError>, Handshake) {
    let mut link = Link::new(options, host, link::server(chain));
    let result = link.run();
    assert_eq!(result.is_ok(), link.session.established());
    assert_eq!(result.is_ok(), !link.server.is_handshaking(), "the server hears of a refusal");
    let newest = link.session.take_handshake();
    let old = Options { newest: fourstep_tls::Version::Tls12, ..options.clone() };
    let mut link = Link::new(&old, host, link::server(chain));
    assert_eq!(link.run(), result, "in TLS 1.2");
    let older = link.session.take_handshake();
    assert_eq!((&older.chain, &older.reasons), (&newest.chain, &newest.reasons), "in TLS 1.2");
    (result, newest)
}

/// What is wrong, as codes; with the failure's code, and what `insecure` makes of it, held to it.
fn wrong(options: &Options, host: &str, chain: &Chain) -> Vec<&'static str> {
    let (result, facts) = shake(options, host, chain);
    let codes: Vec<Code> = facts.unverified().collect();
    assert_eq!(result.as_ref().err(), facts.reasons.first(), "the failure is the first reason");
    assert_eq!(facts.verified, codes.is_empty());
    assert_eq!(
        facts.chain.len(),
        chain.certificates.len(),
        "the chain is there when it was refused too"
    );
    let insecure = Options { insecure: true, ..options.clone() };
    let (result, facts) = shake(&insecure, host, chain);
    assert_eq!(result, Ok(()), "insecure goes on");
    assert!(codes.iter().copied().eq(facts.unverified()), "and says the same");
    codes.into_iter().map(Code::as_str).collect()
}

#[test]
fn every_condition_has_its_code() {
    let authority = Authority::new(&MINT);
    let crls = vec![authority.revoked.clone().into_bytes()];
    let options = Options { crls, ..trusting(&authority.root) };
    for (condition, chain) in authority.all() {
        let wrong = wrong(&options, condition.host, chain);
        assert_eq!(wrong, condition.unverified, "{}", condition.name);
    }
}

#[test]
fn hosts_are_names_as_certificates_have_them() {
    let (root, chain) = pair();
    let rows: [(&str, &[&str]); 4] = [
        ("a.test.", &[]), // the dot that makes it absolute is no part of it
        ("A.Test", &[]),
        ("a..test", &["tls.wrong-name"]),
        ("192.0.2.1%lo", &["tls.wrong-name"]),
    ];
    for (host, want) in rows {
        assert_eq!(wrong(&trusting(&root), host, &chain), want, "{host}");
    }
}

#[test]
fn keys_of_every_usual_kind_are_named() {
    let authority = Authority::new(&MINT);
    let rows = [
        ("rsa-2048", "RSA", 2048),
        ("rsa-4096", "RSA", 4096),
        ("ecdsa-p256", "EC", 256),
        ("ecdsa-p384", "EC", 384),
        ("ed25519", "Ed25519", 256),
    ];
    for (name, kind, bits) in rows {
        let (_, chain) = authority.find(name).unwrap();
        let (_, facts) = shake(&trusting(&authority.root), "a.test", chain);
        let own = facts.chain.certificates().next().unwrap();
        assert_eq!((&*own.key, own.key_bits), (kind, Some(bits)), "{name}");
    }
}

#[test]
fn revoked_certificates_are_known_by_the_lists() {
    let root = Signer::root(MINT.ca("Root"), &MINT);
    let mut numbered = MINT.ca("Middle");
    numbered.serial_number = Some(7.into());
    let middle = root.sign_ca(numbered, &MINT);
    let mut params = MINT.server(&["a.test"]);
    params.serial_number = Some(8.into());
    let chain = middle.sign(params, &MINT).and(&[&middle]);
    let by = |signer: &Signer, serials: &[u64]| signer.revoke(serials, &MINT);
    // An issuer that has two keys, old and new, signs lists with both.
    let old = Signer::root(MINT.ca("Middle"), &MINT);
    let rows: [(&str, Vec<String>, &[&str]); 11] = [
        // condition, lists, codes
        ("no list", vec![], &[]),
        ("another's serial", vec![by(&middle, &[9])], &[]),
        ("another issuer's list", vec![by(&root, &[8])], &[]),
        ("revoked", vec![by(&middle, &[9, 8])], &["tls.revoked"]),
        ("its issuer revoked", vec![by(&root, &[7])], &["tls.revoked"]),
        ("two lists in one", vec![by(&root, &[]) + &by(&middle, &[8])], &["tls.revoked"]),
        ("the first of an issuer's", vec![by(&middle, &[8]), by(&middle, &[9])], &["tls.revoked"]),
        (
            "the last of an issuer's",
            vec![by(&middle, &[9]), by(&middle, &[]) + &by(&root, &[9]), by(&middle, &[8])],
            &["tls.revoked"],
        ),
        ("by another key alone", vec![by(&old, &[8])], &["tls.untrusted"]),
        ("by another key, and by its own", vec![by(&old, &[8]), by(&middle, &[9])], &[]),
        ("by its own, and another key", vec![by(&middle, &[8]), by(&old, &[])], &["tls.revoked"]),
    ];
    for (condition, crls, want) in rows {
        let crls = crls.into_iter().map(String::into_bytes).collect();
        let options = Options { crls, ..trusting(&root) };
        assert_eq!(wrong(&options, "a.test", &chain), want, "{condition}");
        let both = [want, &["tls.wrong-name"]].concat();
        assert_eq!(wrong(&options, "b.test", &chain), both, "{condition}, for another host");
    }
}

#[test]
fn a_pin_is_kept_to_by_the_insecure_too() {
    let leaf = Chain::self_signed(MINT.server(&["a.test"]), &MINT);
    let root = Signer::root(MINT.ca("Root"), &MINT);
    let insecure = Options { insecure: true, ..trusting(&root) };
    let (result, facts) = shake(&insecure, "a.test", &leaf);
    assert_eq!(result, Ok(()));
    let right = facts.chain.certificates().next().unwrap().pin.unwrap();
    let wrong = fourstep_tls::Pin::of_digest([7; 32]);
    let rows: [(bool, Vec<_>, Option<Code>, &[Code]); 5] = [
        // insecure, pins, failure, unverified
        (true, vec![right], None, &[Code::TlsUntrusted]),
        (true, vec![wrong, right], None, &[Code::TlsUntrusted]),
        (true, vec![wrong], Some(Code::TlsWrongPin), &[Code::TlsUntrusted, Code::TlsWrongPin]),
        (false, vec![right], Some(Code::TlsUntrusted), &[Code::TlsUntrusted]),
        (false, vec![wrong], Some(Code::TlsUntrusted), &[Code::TlsUntrusted, Code::TlsWrongPin]),
    ];
    for (insecure, pins, failure, unverified) in rows {
        let options = Options { insecure, pins: pins.clone(), ..trusting(&root) };
        let (result, facts) = shake(&options, "a.test", &leaf);
        assert_eq!(result.err().map(|error| error.code()), failure, "{insecure} {pins:?}");
        assert!(facts.unverified().eq(unverified.iter().copied()), "{insecure} {pins:?}");
    }
}

#[test]
fn a_certificate_that_is_a_root_itself_is_trusted() {
    let own = Chain::self_signed(MINT.server(&["a.test"]), &MINT);
    assert_eq!(wrong(&trusting_der(own.leaf()), "a.test", &own), [""; 0]);
    // What `openssl req -x509` makes is a CA as well.
    let mut params = MINT.ca("a.test");
    params.subject_alt_names = MINT.server(&["a.test"]).subject_alt_names;
    params.key_usages.clear();
    let own = Chain::self_signed(params.clone(), &MINT);
    assert_eq!(wrong(&trusting_der(own.leaf()), "a.test", &own), [""; 0]);
    assert_eq!(wrong(&trusting_der(own.leaf()), "b.test", &own), ["tls.wrong-name"]);
    params.not_after = date_time_ymd(2025, 1, 1);
    let own = Chain::self_signed(params, &MINT);
    assert_eq!(wrong(&trusting_der(own.leaf()), "b.test", &own), ["tls.expired", "tls.wrong-name"]);
}

#[test]
fn messages_say_whose_and_since_when() {
    let root = Signer::root(MINT.ca("Root"), &MINT);
    let mut params = MINT.server(&["a.test", "b.test"]);
    params.not_after = date_time_ymd(2026, 5, 20);
    let leaf = root.sign(params, &MINT);
    let other = Signer::root(MINT.ca("Other"), &MINT);
    let (_, facts) = shake(&trusting(&other), "c.test", &leaf);
    let says: Vec<String> = facts.reasons.iter().map(TlsError::to_string).collect();
    assert_eq!(
        says,
        [
            "no root issued it, and no intermediate that did was sent: \
             shown for CN=leaf, issued by CN=Root",
            "the certificate of CN=leaf expired 12 days ago",
            "the certificate is not for c.test but for a.test, b.test",
        ]
    );
    assert_eq!(facts.expires_in_days, Some(-12));
    assert_eq!(facts.version, Some("TLSv1.3"));
    assert_eq!((facts.round_trips, facts.ocsp_staple, facts.resumed), (1, false, false));
}
