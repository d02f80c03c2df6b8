//! What is found wanting in a chain: the conditions people know from badssl.com, and some more.

use fourstep_terms::Code;
use fourstep_tls::{Handshake, Options, Roots, TlsError};
use rcgen::{
    BasicConstraints, CertificateParams, CertificateRevocationListParams, CidrSubnet,
    DistinguishedName, ExtendedKeyUsagePurpose, GeneralSubtree, IsCa, KeyIdMethod, KeyPair,
    KeyUsagePurpose, NameConstraints, RevocationReason, RevokedCertParams, SerialNumber,
    date_time_ymd,
};

use crate::authority::{Leaf, Signer, ca, self_signed, server};
use crate::link::{self, Link, trusting};

/// A handshake with a server that shows these; both TLS versions agree on it.
fn shake(
    options: &Options,
    host: &str,
    leaf: &Leaf,
    more: &[&[u8]],
) -> (Result<(), TlsError>, Handshake) {
    let mut link = Link::new(options, host, link::server(leaf, more));
    let result = link.run();
    assert_eq!(result.is_ok(), link.session.established());
    assert_eq!(result.is_ok(), !link.server.is_handshaking(), "the server hears of a refusal");
    let newest = link.session.into_handshake();
    let old = Options { newest: fourstep_tls::Version::Tls12, ..options.clone() };
    let mut link = Link::new(&old, host, link::server(leaf, more));
    assert_eq!(link.run(), result, "in TLS 1.2");
    let older = link.session.into_handshake();
    assert_eq!((&older.chain, &older.reasons), (&newest.chain, &newest.reasons), "in TLS 1.2");
    (result, newest)
}

/// What is wrong, as codes; with the failure's code, and what `insecure` makes of it, held to it.
fn wrong(options: &Options, host: &str, leaf: &Leaf, more: &[&[u8]]) -> Vec<&'static str> {
    let (result, facts) = shake(options, host, leaf, more);
    let codes: Vec<Code> = facts.unverified().collect();
    assert_eq!(result.as_ref().err(), facts.reasons.first(), "the failure is the first reason");
    assert_eq!(facts.verified, codes.is_empty());
    assert_eq!(facts.chain.len(), 1 + more.len(), "the chain is there when it was refused too");
    let insecure = Options { insecure: true, ..options.clone() };
    let (result, facts) = shake(&insecure, host, leaf, more);
    assert_eq!(result, Ok(()), "insecure goes on");
    assert!(codes.iter().copied().eq(facts.unverified()), "and says the same");
    codes.into_iter().map(Code::as_str).collect()
}

#[test]
fn every_condition_has_its_code() {
    let root = Signer::root(ca("Root"));
    let middle = root.sign_ca(ca("Middle"));
    let other_root = Signer::root(ca("Other"));
    let mut end = ca("Past");
    end.not_after = date_time_ymd(2021, 1, 1);
    let past_middle = root.sign_ca(end);
    let bad_middle = root.sign_ca(server(&["middle.test"]));
    let mut silent = ca("No signing");
    silent.key_usages = vec![KeyUsagePurpose::CrlSign];
    let silent_middle = root.sign_ca(silent);
    let mut short = ca("Short");
    short.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    let short = root.sign_ca(short);
    let below_short = short.sign_ca(ca("Below"));
    let mut fenced = ca("Fenced");
    fenced.name_constraints = Some(NameConstraints {
        permitted_subtrees: vec![
            GeneralSubtree::DnsName("in.test".into()),
            GeneralSubtree::IpAddress(CidrSubnet::from_v4_prefix([192, 0, 2, 0], 24)),
        ],
        excluded_subtrees: vec![GeneralSubtree::DnsName("no.in.test".into())],
    });
    let fenced = root.sign_ca(fenced);

    let with = |change: &dyn Fn(&mut CertificateParams)| {
        let mut params = server(&["a.test"]);
        change(&mut params);
        params
    };
    let good = || server(&["a.test"]);
    let past = || with(&|p| p.not_after = date_time_ymd(2026, 5, 31));
    let future = || with(&|p| p.not_before = date_time_ymd(2026, 6, 2));
    let thousand: Vec<String> = (0..1000).map(|n| format!("n{n}.a.test")).collect();
    let thousand = server(&thousand.iter().map(String::as_str).collect::<Vec<_>>());
    let named = |names: &[&str]| middle.sign(server(names));
    let m: &[u8] = &middle.der;

    const NONE: &[&str] = &[];
    const UNTRUSTED: &[&str] = &["tls.untrusted"];
    const WRONG_NAME: &[&str] = &["tls.wrong-name"];
    type Row<'a> = (&'a str, &'a str, Leaf, Vec<&'a [u8]>, &'a [&'a str]);
    #[rustfmt::skip]
    let rows: Vec<Row<'_>> = vec![
        // condition, host, certificate, what is sent beside it, codes
        ("good", "a.test", middle.sign(good()), vec![m], NONE),
        ("good, its host absolute", "a.test.", middle.sign(good()), vec![m], NONE),
        ("right below the root", "a.test", root.sign(good()), vec![], NONE),
        ("the root sent along", "a.test", middle.sign(good()), vec![m, &root.der], NONE),
        ("in disorder", "a.test", middle.sign(good()), vec![&other_root.der, &root.der, m], NONE),
        ("an expired one that is not needed", "a.test", middle.sign(good()), vec![m, &past_middle.der], NONE),
        // RFC 5280 §4.1.2.5
        ("expired", "a.test", middle.sign(past()), vec![m], &["tls.expired"]),
        ("not yet valid", "a.test", middle.sign(future()), vec![m], &["tls.not-yet-valid"]),
        ("expired intermediate", "a.test", past_middle.sign(good()), vec![&past_middle.der], &["tls.expired"]),
        ("early below late", "a.test", past_middle.sign(future()), vec![&past_middle.der], &["tls.expired", "tls.not-yet-valid"]),
        // RFC 5280 §6.1
        ("self-signed", "a.test", self_signed(good()), vec![], UNTRUSTED),
        ("untrusted root", "a.test", other_root.sign(good()), vec![], UNTRUSTED),
        ("untrusted root, sent along", "a.test", other_root.sign(good()), vec![&other_root.der], UNTRUSTED),
        ("incomplete chain", "a.test", middle.sign(good()), vec![], UNTRUSTED),
        ("an issuer that is no CA", "a.test", bad_middle.sign(good()), vec![&bad_middle.der], UNTRUSTED),
        ("a CA as a server", "a.test", middle.sign(with(&|p| p.is_ca = IsCa::Ca(BasicConstraints::Unconstrained))), vec![m], UNTRUSTED),
        ("path too long", "a.test", below_short.sign(good()), vec![&below_short.der, &short.der], UNTRUSTED),
        // RFC 5280 §4.2.1.3, §4.2.1.12
        ("for clients", "a.test", middle.sign(with(&|p| p.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth])), vec![m], UNTRUSTED),
        ("for anything", "a.test", middle.sign(with(&|p| p.extended_key_usages.clear())), vec![m], NONE),
        ("a key that may not sign", "a.test", middle.sign(with(&|p| p.key_usages = vec![KeyUsagePurpose::KeyAgreement])), vec![m], UNTRUSTED),
        ("a key that may", "a.test", middle.sign(with(&|p| p.key_usages = vec![KeyUsagePurpose::DigitalSignature])), vec![m], NONE),
        ("an issuer that may not sign", "a.test", silent_middle.sign(good()), vec![&silent_middle.der], UNTRUSTED),
        // RFC 5280 §4.2.1.10
        ("within name constraints", "x.in.test", fenced.sign(server(&["x.in.test", "192.0.2.1"])), vec![&fenced.der], NONE),
        ("outside name constraints", "a.test", fenced.sign(good()), vec![&fenced.der], UNTRUSTED),
        ("excluded by name constraints", "no.in.test", fenced.sign(server(&["no.in.test"])), vec![&fenced.der], UNTRUSTED),
        ("address outside name constraints", "198.51.100.1", fenced.sign(server(&["198.51.100.1"])), vec![&fenced.der], UNTRUSTED),
        // RFC 9525 §6
        ("wrong host", "b.test", named(&["a.test"]), vec![m], WRONG_NAME),
        ("one of two names", "b.test", named(&["a.test", "b.test"]), vec![m], NONE),
        ("common name alone", "leaf", named(&[]), vec![m], WRONG_NAME),
        ("no common name", "a.test", middle.sign(with(&|p| p.distinguished_name = DistinguishedName::new())), vec![m], NONE),
        ("wildcard", "x.a.test", named(&["*.a.test"]), vec![m], NONE),
        ("wildcard, its own domain", "a.test", named(&["*.a.test"]), vec![m], WRONG_NAME),
        ("wildcard, two labels", "x.y.a.test", named(&["*.a.test"]), vec![m], WRONG_NAME),
        ("address", "192.0.2.1", named(&["192.0.2.1"]), vec![m], NONE),
        ("address of the other family", "2001:db8::1", named(&["2001:db8::1", "192.0.2.1"]), vec![m], NONE),
        ("wrong address", "192.0.2.2", named(&["192.0.2.1"]), vec![m], WRONG_NAME),
        ("a name that no certificate can have", "a..test", named(&["a.test"]), vec![m], WRONG_NAME),
        ("1000 names", "n999.a.test", middle.sign(thousand.clone()), vec![m], NONE),
        ("1000 wrong names", "n1000.a.test", middle.sign(thousand), vec![m], WRONG_NAME),
        // several at once
        ("expired, wrong host", "b.test", middle.sign(past()), vec![m], &["tls.expired", "tls.wrong-name"]),
        ("expired, incomplete", "a.test", middle.sign(past()), vec![], &["tls.untrusted", "tls.expired"]),
        ("all of it", "b.test", self_signed(past()), vec![], &["tls.untrusted", "tls.expired", "tls.wrong-name"]),
        ("early, wrong host", "b.test", self_signed(future()), vec![], &["tls.untrusted", "tls.not-yet-valid", "tls.wrong-name"]),
    ];
    let options = trusting(&root.der);
    for (condition, host, leaf, more, want) in rows {
        assert_eq!(wrong(&options, host, &leaf, &more), want, "{condition}");
    }
}

#[test]
fn keys_of_every_usual_kind_are_named_and_accepted() {
    let root = Signer::root(ca("Root"));
    let rsa = |file: &str| KeyPair::from_pem(file).unwrap();
    let made = |algorithm| KeyPair::generate_for(algorithm).unwrap();
    let rows = [
        (rsa(include_str!("../../../../fixtures/tls/rsa-2048.pem")), "RSA", 2048),
        (rsa(include_str!("../../../../fixtures/tls/rsa-4096.pem")), "RSA", 4096),
        (made(&rcgen::PKCS_ECDSA_P256_SHA256), "EC", 256),
        (made(&rcgen::PKCS_ECDSA_P384_SHA384), "EC", 384),
        (made(&rcgen::PKCS_ED25519), "Ed25519", 256),
    ];
    for (key, kind, bits) in rows {
        let leaf = root.sign_key(server(&["a.test"]), &key);
        let (result, facts) = shake(&trusting(&root.der), "a.test", &leaf, &[]);
        assert_eq!(result, Ok(()), "{kind} {bits}");
        assert_eq!((&*facts.chain[0].key, facts.chain[0].key_bits), (kind, Some(bits)));
    }
}

fn revoking(signer: &Signer, serials: &[u64]) -> Vec<u8> {
    let list = CertificateRevocationListParams {
        this_update: date_time_ymd(2026, 1, 1),
        next_update: date_time_ymd(2026, 2, 1), // past: what it revokes stays revoked
        crl_number: SerialNumber::from(1),
        issuing_distribution_point: None,
        revoked_certs: serials
            .iter()
            .map(|serial| RevokedCertParams {
                serial_number: SerialNumber::from(*serial),
                revocation_time: date_time_ymd(2026, 1, 1),
                reason_code: Some(RevocationReason::KeyCompromise),
                invalidity_date: None,
            })
            .collect(),
        key_identifier_method: KeyIdMethod::Sha256,
    };
    list.signed_by(&signer.issuer).unwrap().pem().unwrap().into_bytes()
}

#[test]
fn revoked_certificates_are_known_by_the_lists() {
    let root = Signer::root(ca("Root"));
    let mut numbered = ca("Middle");
    numbered.serial_number = Some(SerialNumber::from(7));
    let middle = root.sign_ca(numbered);
    let leaf = |end: i32| {
        let mut params = server(&["a.test"]);
        params.serial_number = Some(SerialNumber::from(8));
        params.not_after = date_time_ymd(end, 1, 1);
        middle.sign(params)
    };
    type Row<'a> = (&'a str, Vec<Vec<u8>>, i32, &'a str, &'a [&'a str]);
    let rows: [Row<'_>; 7] = [
        // condition, lists, year of the end, host, codes
        ("no list", vec![], 2040, "a.test", &[]),
        ("another's serial", vec![revoking(&middle, &[9])], 2040, "a.test", &[]),
        ("another issuer's list", vec![revoking(&root, &[8])], 2040, "a.test", &[]),
        ("revoked", vec![revoking(&middle, &[9, 8])], 2040, "a.test", &["tls.revoked"]),
        ("its issuer revoked", vec![revoking(&root, &[7])], 2040, "a.test", &["tls.revoked"]),
        (
            "two lists in one",
            vec![[revoking(&root, &[]), revoking(&middle, &[8])].concat()],
            2040,
            "a.test",
            &["tls.revoked"],
        ),
        (
            "expired, revoked, wrong host",
            vec![revoking(&middle, &[8])],
            2025,
            "b.test",
            &["tls.expired", "tls.revoked", "tls.wrong-name"],
        ),
    ];
    for (condition, crls, end, host, want) in rows {
        let options = Options { crls, ..trusting(&root.der) };
        assert_eq!(wrong(&options, host, &leaf(end), &[&middle.der]), want, "{condition}");
    }
}

#[test]
fn a_pin_is_kept_to_by_the_insecure_too() {
    let leaf = self_signed(server(&["a.test"]));
    let root = Signer::root(ca("Root"));
    let insecure = Options { insecure: true, ..trusting(&root.der) };
    let (result, facts) = shake(&insecure, "a.test", &leaf, &[]);
    assert_eq!(result, Ok(()));
    let right = facts.chain[0].pin.unwrap();
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
        let options = Options { insecure, pins: pins.clone(), ..trusting(&root.der) };
        let (result, facts) = shake(&options, "a.test", &leaf, &[]);
        assert_eq!(result.err().map(|error| error.code()), failure, "{insecure} {pins:?}");
        assert!(facts.unverified().eq(unverified.iter().copied()), "{insecure} {pins:?}");
    }
}

#[test]
fn a_certificate_that_is_a_root_itself_is_trusted() {
    let own = self_signed(server(&["a.test"]));
    assert_eq!(wrong(&trusting(&own.der), "a.test", &own, &[]), [""; 0]);
    // What `openssl req -x509` makes is a CA as well.
    let mut params = ca("a.test");
    params.subject_alt_names = server(&["a.test"]).subject_alt_names;
    params.key_usages.clear();
    let own = self_signed(params.clone());
    assert_eq!(wrong(&trusting(&own.der), "a.test", &own, &[]), [""; 0]);
    assert_eq!(wrong(&trusting(&own.der), "b.test", &own, &[]), ["tls.wrong-name"]);
    params.not_after = date_time_ymd(2025, 1, 1);
    let own = self_signed(params);
    assert_eq!(wrong(&trusting(&own.der), "b.test", &own, &[]), ["tls.expired", "tls.wrong-name"]);
}

#[test]
fn messages_say_whose_and_since_when() {
    let root = Signer::root(ca("Root"));
    let mut params = server(&["a.test", "b.test"]);
    params.not_after = date_time_ymd(2026, 5, 20);
    let leaf = root.sign(params);
    let other = Signer::root(ca("Other"));
    let options = Options { roots: Roots::Given(vec![other.der.clone()]), ..Options::default() };
    let (_, facts) = shake(&options, "c.test", &leaf, &[]);
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
