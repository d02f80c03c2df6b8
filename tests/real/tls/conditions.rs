//! Whom a probe trusts: the conditions people know from badssl.com, and some more, each a chain
//! that real servers show.

use super::site::{Shown, Site, files, for_name, lead, mint, probe, root, trusting};
use crate::real::command::records;
use crate::servers::s_server;
use fourstep::Report;
use fourstep::tls::Options;
use fourstep_authority::{Authority, Chain, Signer};
use serde_json::Value;

/// What was found wanting, as codes.
fn unverified(report: &Report) -> Vec<&'static str> {
    let tls = report.tls.as_ref().unwrap();
    tls.unverified().map(|code| code.as_str()).collect()
}

/// The options of a probe that knows what there is to know of these certificates.
fn knowing(authority: &Authority) -> Options {
    let crls = vec![authority.revoked.clone().into_bytes()];
    Options { crls, ..trusting(&authority.root) }
}

/// nginx in TLS 1.3, by the library and by the command.
#[test]
fn every_condition_has_its_code() {
    let authority = Authority::new(mint());
    let shown: Vec<_> = authority.all().map(|(_, chain)| Shown::new(chain.clone())).collect();
    let site = Site::of(&shown);
    let (_folder, [ca, crl]) = files([
        ("root.pem", authority.root.pem().as_bytes()),
        ("revoked.crl", authority.revoked.as_bytes()),
    ]);
    let lead = lead(&site.nginx);
    for (at, (condition, chain)) in authority.all().enumerate() {
        let (name, code, codes) = (condition.name, condition.code(), condition.unverified);
        let url = site.url(at, condition.host);
        let sent = chain.certificates.len();
        // The library: every reason, and what was shown, whatever was made of it.
        let seen = probe(&site.nginx, &knowing(&authority), &url);
        assert_eq!((seen.code(), &*unverified(&seen.report)), (code, codes), "{name}");
        let tls = seen.report.tls.as_ref().unwrap();
        assert_eq!((tls.verified, tls.chain.len()), (codes.is_empty(), sent), "{name}");
        assert_eq!(tls.version, Some("TLSv1.3"), "{name}");
        assert_eq!(seen.status(), codes.is_empty().then_some(200), "{name}");
        // The insecure go on, and are told the same.
        let insecure = Options { insecure: true, ..knowing(&authority) };
        let seen = probe(&site.nginx, &insecure, &url);
        assert_eq!((seen.status(), seen.code()), (Some(200), ""), "{name}");
        assert_eq!(unverified(&seen.report), codes, "{name}");
        // The command.
        let flags = ["--ca", &ca, "--crl", &crl, "--connect-to", &lead, &url];
        let (exit, said) = records(&flags);
        let failure = &said[0]["failure"];
        assert_eq!(failure["code"].as_str().unwrap_or_default(), code, "{name}");
        assert_eq!(exit, if code.is_empty() { 0 } else { 5 }, "{name}");
        let (insecure_exit, insecure) = records(&[&["-k"], &flags[..]].concat());
        assert_eq!((insecure_exit, &insecure[0]["failure"]), (0, &Value::Null), "{name}");
        for record in [&said[0], &insecure[0]] {
            let tls = &record["tls"];
            assert_eq!(tls["unverified"], Value::from(codes), "{name}");
            assert_eq!(tls["verified"], codes.is_empty(), "{name}");
            assert_eq!(tls["chain"].as_array().unwrap().len(), sent, "{name}");
        }
    }
}

/// A server that speaks TLS 1.2 alone.
#[test]
fn every_condition_has_its_code_in_tls_1_2() {
    let authority = Authority::new(mint());
    for (condition, chain) in authority.all() {
        let (name, codes) = (condition.name, condition.unverified);
        let server = s_server(chain, &["-tls1_2"], &[]);
        let host = condition.host;
        let host = if host.contains(':') { format!("[{host}]") } else { host.to_owned() };
        let url = format!("https://{host}:{}/", server.addr.port());
        let seen = probe(&server, &knowing(&authority), &url);
        if name == "key-may-not-sign" {
            // OpenSSL knows it too: it has no suite of TLS 1.2 for such a key, and no certificate.
            assert_eq!(seen.code(), "tls.incompatible");
            continue;
        }
        assert_eq!((seen.code(), &*unverified(&seen.report)), (condition.code(), codes), "{name}");
        assert_eq!(seen.status(), codes.is_empty().then_some(200), "{name}");
        let tls = seen.report.tls.as_ref().unwrap();
        assert_eq!(tls.version, Some("TLSv1.2"), "{name}");
        assert_eq!(tls.chain.len(), chain.certificates.len(), "{name}");
    }
}

#[test]
fn the_bundled_and_the_system_trust_no_root_of_ours() {
    let site = Site::of(&[Shown::new(for_name(&root("Root"), "a.test"))]);
    let (url, lead) = (site.url(0, "a.test"), lead(&site.nginx));
    for flags in [&[][..], &["--roots", "bundled"], &["--roots", "system"]] {
        let (exit, said) = records(&[flags, &["--connect-to", &lead, &url]].concat());
        assert_eq!((exit, &said[0]["failure"]["code"]), (5, &"tls.untrusted".into()), "{flags:?}");
    }
}

/// A folder of roots, among other files; and one that the server shows itself.
#[test]
fn roots_stand_in_files_and_folders() {
    let (root, other) = (root("Root"), root("Other"));
    let own = Chain::self_signed(mint().server(&["a.test"]), mint());
    let shown = [Shown::new(for_name(&root, "a.test")), Shown::new(own.clone())];
    let site = Site::of(&shown);
    let lead = lead(&site.nginx);
    let (folder, [root, other, own, _]) = files([
        ("roots/root.crt", root.pem().as_bytes()),
        ("roots/other.pem", other.pem().as_bytes()),
        ("own.der", own.leaf()),
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

/// Lists in one file and in several, one of an issuer or more.
#[test]
fn revoked_certificates_are_known_by_the_lists() {
    let root = root("Root");
    let mut numbered = mint().ca("Middle");
    numbered.serial_number = Some(7.into());
    let middle = root.sign_ca(numbered, mint());
    let mut params = mint().server(&["a.test"]);
    params.serial_number = Some(8.into());
    let site = Site::of(&[Shown::new(middle.sign(params, mint()).and(&[&middle]))]);
    let (url, lead) = (site.url(0, "a.test"), lead(&site.nginx));
    let by = |signer: &Signer, serial: u64| signer.revoke(&[serial], mint()).into_bytes();
    let (_folder, [ca, leaf, its_issuer, another, all]) = files([
        ("root.pem", root.pem().as_bytes()),
        ("leaf.crl", &by(&middle, 8)),
        ("middle.crl", &by(&root, 7)),
        ("other.crl", &by(&middle, 9)),
        ("all.crl", &[by(&root, 9), by(&middle, 9), by(&middle, 8)].concat()),
    ]);
    let rows: [(&[&str], i32, &str); 7] = [
        // flags, exit, code
        (&[], 0, ""),
        (&["--crl", &leaf], 5, "tls.revoked"),
        (&["--crl", &its_issuer], 5, "tls.revoked"),
        (&["--crl", &another], 0, ""),
        (&["--crl", &another, "--crlfile", &leaf], 5, "tls.revoked"),
        (&["--crl", &all], 5, "tls.revoked"),
        (&["--crl", &leaf, "-k"], 0, ""),
    ];
    for (flags, want, code) in rows {
        let (exit, said) =
            records(&[&["--ca", &ca, "--connect-to", &lead], flags, &[&*url]].concat());
        let failure = said[0]["failure"]["code"].as_str().unwrap_or_default();
        assert_eq!((exit, failure), (want, code), "{flags:?}");
    }
}
