//! Whom a probe trusts: the conditions people know from badssl.com, and some more, each a
//! certificate that a real nginx shows.

use super::authority::{Leaf, Signer, ca, key, self_signed, server};
use super::site::{Shown, Site, files, lead, pem, probe, trusting};
use crate::real::command::records;
use fourstep::Report;
use fourstep::tls::Options;
use rcgen::{
    BasicConstraints, CertificateParams, CertificateRevocationListParams, DistinguishedName,
    ExtendedKeyUsagePurpose, GeneralSubtree, IsCa, KeyIdMethod, KeyPair, KeyUsagePurpose,
    NameConstraints, RevocationReason, RevokedCertParams, SerialNumber, date_time_ymd,
};
use serde_json::Value;

/// What was found wanting, as codes.
fn unverified(report: &Report) -> Vec<&'static str> {
    let tls = report.tls.as_ref().unwrap();
    tls.unverified().map(|code| code.as_str()).collect()
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
        permitted_subtrees: vec![GeneralSubtree::DnsName("in.test".into())],
        excluded_subtrees: vec![GeneralSubtree::DnsName("no.in.test".into())],
    });
    let fenced = root.sign_ca(fenced);

    let with = |change: &dyn Fn(&mut CertificateParams)| {
        let mut params = server(&["a.test"]);
        change(&mut params);
        params
    };
    let good = || server(&["a.test"]);
    let past = || with(&|p| p.not_after = date_time_ymd(2021, 1, 1));
    let future = || with(&|p| p.not_before = date_time_ymd(2039, 1, 1));
    let a_ca = || with(&|p| p.is_ca = IsCa::Ca(BasicConstraints::Unconstrained));
    let for_clients =
        || with(&|p| p.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth]);
    let no_signing = || with(&|p| p.key_usages = vec![KeyUsagePurpose::KeyAgreement]);
    let nameless = || with(&|p| p.distinguished_name = DistinguishedName::new());
    let thousand: Vec<String> = (0..1000).map(|n| format!("n{n}.a.test")).collect();
    let thousand = server(&thousand.iter().map(String::as_str).collect::<Vec<_>>());
    let named = |names: &[&str]| middle.sign(server(names));
    let keyed = |key: &KeyPair| middle.sign_key(good(), key);
    let made = |algorithm| KeyPair::generate_for(algorithm).unwrap();
    let rsa = |pem: &str| KeyPair::from_pem(pem).unwrap();
    let rsa_2048 = rsa(include_str!("../../../fixtures/tls/rsa-2048.pem"));
    let rsa_4096 = rsa(include_str!("../../../fixtures/tls/rsa-4096.pem"));
    let m: &[u8] = &middle.der;

    const NONE: &[&str] = &[];
    const UNTRUSTED: &[&str] = &["tls.untrusted"];
    const WRONG_NAME: &[&str] = &["tls.wrong-name"];
    type Row<'a> = (&'a str, &'a str, Leaf, Vec<&'a [u8]>, &'a [&'a str]);
    #[rustfmt::skip]
    let rows: Vec<Row<'_>> = vec![
        // condition, host, certificate, what is sent beside it, codes
        ("good", "a.test", middle.sign(good()), vec![m], NONE),
        ("right below the root", "a.test", root.sign(good()), vec![], NONE),
        ("the root sent along", "a.test", middle.sign(good()), vec![m, &root.der], NONE),
        ("in disorder", "a.test", middle.sign(good()), vec![&other_root.der, &root.der, m], NONE),
        ("ECDSA P-384", "a.test", keyed(&made(&rcgen::PKCS_ECDSA_P384_SHA384)), vec![m], NONE),
        ("Ed25519", "a.test", keyed(&made(&rcgen::PKCS_ED25519)), vec![m], NONE),
        ("RSA 2048", "a.test", keyed(&rsa_2048), vec![m], NONE),
        ("RSA 4096", "a.test", keyed(&rsa_4096), vec![m], NONE),
        // RFC 5280 §4.1.2.5
        ("expired", "a.test", middle.sign(past()), vec![m], &["tls.expired"]),
        ("not yet valid", "a.test", middle.sign(future()), vec![m], &["tls.not-yet-valid"]),
        ("expired intermediate", "a.test", past_middle.sign(good()), vec![&past_middle.der], &["tls.expired"]),
        // RFC 5280 §6.1
        ("self-signed", "a.test", self_signed(good()), vec![], UNTRUSTED),
        ("untrusted root", "a.test", other_root.sign(good()), vec![], UNTRUSTED),
        ("untrusted root, sent along", "a.test", other_root.sign(good()), vec![&other_root.der], UNTRUSTED),
        ("incomplete chain", "a.test", middle.sign(good()), vec![], UNTRUSTED),
        ("an issuer that is no CA", "a.test", bad_middle.sign(good()), vec![&bad_middle.der], UNTRUSTED),
        ("an issuer that may not sign", "a.test", silent_middle.sign(good()), vec![&silent_middle.der], UNTRUSTED),
        ("a CA as a server", "a.test", middle.sign(a_ca()), vec![m], UNTRUSTED),
        ("path too long", "a.test", below_short.sign(good()), vec![&below_short.der, &short.der], UNTRUSTED),
        // RFC 5280 §4.2.1.3, §4.2.1.12
        ("for clients", "a.test", middle.sign(for_clients()), vec![m], UNTRUSTED),
        ("a key that may not sign", "a.test", middle.sign(no_signing()), vec![m], UNTRUSTED),
        // RFC 5280 §4.2.1.10
        ("within name constraints", "x.in.test", fenced.sign(server(&["x.in.test"])), vec![&fenced.der], NONE),
        ("outside name constraints", "a.test", fenced.sign(good()), vec![&fenced.der], UNTRUSTED),
        ("excluded by name constraints", "no.in.test", fenced.sign(server(&["no.in.test"])), vec![&fenced.der], UNTRUSTED),
        // RFC 9525 §6
        ("wrong host", "b.test", named(&["a.test"]), vec![m], WRONG_NAME),
        ("common name alone", "leaf", named(&[]), vec![m], WRONG_NAME),
        ("no common name", "a.test", middle.sign(nameless()), vec![m], NONE),
        ("wildcard", "x.a.test", named(&["*.a.test"]), vec![m], NONE),
        ("wildcard, its own domain", "a.test", named(&["*.a.test"]), vec![m], WRONG_NAME),
        ("wildcard, two labels", "x.y.a.test", named(&["*.a.test"]), vec![m], WRONG_NAME),
        ("address", "192.0.2.1", named(&["192.0.2.1"]), vec![m], NONE),
        ("address of the other family", "2001:db8::1", named(&["2001:db8::1"]), vec![m], NONE),
        ("wrong address", "192.0.2.2", named(&["192.0.2.1"]), vec![m], WRONG_NAME),
        ("1000 names", "n999.a.test", middle.sign(thousand.clone()), vec![m], NONE),
        ("1000 wrong names", "n1000.a.test", middle.sign(thousand), vec![m], WRONG_NAME),
        // several at once
        ("expired, wrong host", "b.test", middle.sign(past()), vec![m], &["tls.expired", "tls.wrong-name"]),
        ("all of it", "b.test", self_signed(past()), vec![], &["tls.untrusted", "tls.expired", "tls.wrong-name"]),
    ];
    let shown: Vec<_> =
        rows.iter().map(|(_, _, leaf, more, _)| Shown::new(leaf.clone(), more)).collect();
    let site = Site::of(&shown);
    let trusted = pem("CERTIFICATE", &root.der);
    let (_folder, [ca]) = files([("root.pem", trusted.as_bytes())]);
    let lead = lead(&site.nginx);
    for (at, (condition, host, _, more, codes)) in rows.iter().enumerate() {
        let url = site.url(at, host);
        let code = codes.first().copied().unwrap_or_default();
        // The library: every reason, and what was shown, whatever was made of it.
        let seen = probe(&site.nginx, &trusting(&root.der), &url);
        assert_eq!(
            (seen.code(), &unverified(&seen.report)),
            (code, &codes.to_vec()),
            "{condition}"
        );
        let tls = seen.report.tls.as_ref().unwrap();
        assert_eq!(tls.verified, codes.is_empty(), "{condition}");
        assert_eq!(tls.chain.len(), 1 + more.len(), "{condition}");
        assert_eq!(seen.status(), codes.is_empty().then_some(200), "{condition}");
        // The insecure go on, and are told the same.
        let insecure = Options { insecure: true, ..trusting(&root.der) };
        let seen = probe(&site.nginx, &insecure, &url);
        assert_eq!((seen.status(), seen.code()), (Some(200), ""), "{condition}");
        assert_eq!(unverified(&seen.report), codes.to_vec(), "{condition}");
        // The command.
        let flags = ["--ca", &ca, "--connect-to", &lead, &url];
        let (exit, said) = records(&flags);
        let failure = &said[0]["failure"];
        assert_eq!(failure["code"].as_str().unwrap_or_default(), code, "{condition}");
        assert_eq!(exit, if code.is_empty() { 0 } else { 5 }, "{condition}");
        let (insecure_exit, insecure) = records(&[&["-k"], &flags[..]].concat());
        assert_eq!((insecure_exit, &insecure[0]["failure"]), (0, &Value::Null), "{condition}");
        for record in [&said[0], &insecure[0]] {
            let tls = &record["tls"];
            assert_eq!(tls["unverified"], Value::from(codes.to_vec()), "{condition}");
            assert_eq!(tls["verified"], codes.is_empty(), "{condition}");
            assert_eq!(tls["chain"].as_array().unwrap().len(), 1 + more.len(), "{condition}");
        }
    }
}

#[test]
fn the_bundled_and_the_system_trust_no_root_of_ours() {
    let root = Signer::root(ca("Root"));
    let site = Site::of(&[Shown::new(root.sign(server(&["a.test"])), &[])]);
    let (url, lead) = (site.url(0, "a.test"), lead(&site.nginx));
    for flags in [&[][..], &["--roots", "bundled"], &["--roots", "system"]] {
        let (exit, said) = records(&[flags, &["--connect-to", &lead, &url]].concat());
        assert_eq!((exit, &said[0]["failure"]["code"]), (5, &"tls.untrusted".into()), "{flags:?}");
    }
}

/// A folder of roots, among other files; and one that the server shows itself.
#[test]
fn roots_stand_in_files_and_folders() {
    let (root, other) = (Signer::root(ca("Root")), Signer::root(ca("Other")));
    let own = self_signed(server(&["a.test"]));
    let site =
        Site::of(&[Shown::new(root.sign(server(&["a.test"])), &[]), Shown::new(own.clone(), &[])]);
    let lead = lead(&site.nginx);
    let text = |der: &[u8]| pem("CERTIFICATE", der);
    let (folder, [root, other, own, _]) = files([
        ("roots/root.crt", text(&root.der).as_bytes()),
        ("roots/other.pem", text(&other.der).as_bytes()),
        ("own.der", &own.der),
        ("roots/README", b"words"),
    ]);
    let roots = folder.path().join("roots");
    let roots = roots.to_str().unwrap();
    let rows: [(&[&str], usize, i32); 7] = [
        // flags, which certificate, exit
        (&["--ca", &root], 0, 0),
        (&["--cacert", &other], 0, 5),
        (&["--ca", &other, "--ca", &root], 0, 0),
        (&["--ca", roots], 0, 0),
        (&["--capath", roots], 1, 5),
        (&["--ca", &own], 1, 0),
        (&["--ca", &own], 0, 5),
    ];
    for (flags, at, want) in rows {
        let url = site.url(at, "a.test");
        let (exit, said) = records(&[flags, &["--connect-to", &lead, &url]].concat());
        assert_eq!(exit, want, "{flags:?} {said:?}");
    }
}

fn revoking(signer: &Signer, serial: u64) -> String {
    let list = CertificateRevocationListParams {
        this_update: date_time_ymd(2026, 1, 1),
        next_update: date_time_ymd(2026, 2, 1), // past: what it revokes stays revoked
        crl_number: SerialNumber::from(1),
        issuing_distribution_point: None,
        revoked_certs: vec![RevokedCertParams {
            serial_number: SerialNumber::from(serial),
            revocation_time: date_time_ymd(2026, 1, 1),
            reason_code: Some(RevocationReason::KeyCompromise),
            invalidity_date: None,
        }],
        key_identifier_method: KeyIdMethod::Sha256,
    };
    list.signed_by(&signer.issuer).unwrap().pem().unwrap()
}

#[test]
fn revoked_certificates_are_known_by_the_lists() {
    let root = Signer::root(ca("Root"));
    let mut numbered = ca("Middle");
    numbered.serial_number = Some(SerialNumber::from(7));
    let middle = root.sign_ca(numbered);
    let mut params = server(&["a.test"]);
    params.serial_number = Some(SerialNumber::from(8));
    let site = Site::of(&[Shown::new(middle.sign_key(params, &key()), &[&middle.der])]);
    let (url, lead) = (site.url(0, "a.test"), lead(&site.nginx));
    let (_folder, [ca, leaf, its_issuer, another, root_another]) = files([
        ("root.pem", pem("CERTIFICATE", &root.der).as_bytes()),
        ("leaf.crl", revoking(&middle, 8).as_bytes()),
        ("middle.crl", revoking(&root, 7).as_bytes()),
        ("other.crl", revoking(&middle, 9).as_bytes()),
        ("root-other.crl", revoking(&root, 9).as_bytes()),
    ]);
    let rows: [(&[&str], i32, &str); 6] = [
        // flags, exit, code
        (&[], 0, ""),
        (&["--crl", &leaf], 5, "tls.revoked"),
        (&["--crl", &its_issuer], 5, "tls.revoked"),
        (&["--crl", &another], 0, ""),
        (&["--crl", &root_another, "--crlfile", &leaf], 5, "tls.revoked"),
        (&["--crl", &leaf, "-k"], 0, ""),
    ];
    for (flags, want, code) in rows {
        let (exit, said) =
            records(&[&["--ca", &ca, "--connect-to", &lead], flags, &[&*url]].concat());
        let failure = said[0]["failure"]["code"].as_str().unwrap_or_default();
        assert_eq!((exit, failure), (want, code), "{flags:?}");
    }
}
