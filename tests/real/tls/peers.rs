//! What the two sides agree on: versions, suites, protocols and names; and who we are.

use super::site::{Shown, Site, files, for_name, lead, mint, probe, root, trusting};
use crate::real::command::{fourstep, records};
use crate::servers::s_server;
use fourstep::tls::{Identity, Options, Pin, Sni, Version};
use fourstep_authority::{Chain, Signer};
use std::fs;

#[test]
fn versions_suites_and_groups_in_common_are_needed() {
    let root = root("Root");
    let chain = for_name(&root, "a.test");
    let (any, old, new) = (Options::default(), &["-tls1_2"][..], &["-tls1_3"][..]);
    let newest = Options { oldest: Version::Tls13, ..any.clone() };
    let oldest = Options { newest: Version::Tls12, ..any.clone() };
    let weak = ["-cipher", "DEFAULT@SECLEVEL=0"];
    let v1_0 = [&["-tls1"][..], &weak].concat();
    let v1_1 = [&["-tls1_1"][..], &weak].concat();
    let suite = ["-tls1_2", "-cipher", "ECDHE-ECDSA-AES128-SHA"];
    let group = ["-tls1_3", "-groups", "P-521"];
    let another = ["-groups", "P-384"];
    let rows: [(&[&str], &Options, &str, &str); 11] = [
        // what the server speaks, what we do, the version, the code
        (&[], &any, "TLSv1.3", ""),
        (old, &any, "TLSv1.2", ""),
        (new, &any, "TLSv1.3", ""),
        (&[], &oldest, "TLSv1.2", ""),
        (&another, &any, "TLSv1.3", ""), // after a HelloRetryRequest (RFC 8446 §4.1.4)
        (old, &newest, "", "tls.incompatible"),
        (new, &oldest, "", "tls.incompatible"),
        (&v1_0, &any, "", "tls.incompatible"),
        (&v1_1, &any, "", "tls.incompatible"),
        (&suite, &any, "", "tls.incompatible"),
        (&group, &any, "", "tls.incompatible"),
    ];
    for (speaks, options, version, code) in rows {
        let server = s_server(&chain, speaks, &[]);
        let options = Options { roots: trusting(&root).roots, ..options.clone() };
        let url = format!("https://a.test:{}/", server.addr.port());
        let seen = probe(&server, &options, &url);
        assert_eq!(seen.code(), code, "{speaks:?} {:?}", seen.report.failure);
        assert_eq!(seen.status(), code.is_empty().then_some(200), "{speaks:?}");
        let tls = seen.report.tls.as_ref().unwrap();
        assert_eq!(tls.version.unwrap_or_default(), version, "{speaks:?}");
        assert_eq!(tls.cipher.is_some() && tls.group.is_some(), code.is_empty(), "{speaks:?}");
    }
}

#[test]
fn the_command_sets_versions_names_and_protocols() {
    let root = root("Root");
    let site = Site::of(&[Shown::new(for_name(&root, "a.test"))]);
    let (_folder, [trusted]) = files([("root.pem", root.pem().as_bytes())]);
    let (url, lead) = (site.url(0, "a.test"), lead(&site.nginx));
    let rows: [(&[&str], &str); 9] = [
        // flags, what the server says of the handshake, or the code
        (&[], "a.test|TLSv1.3|http/1.1|"),
        (&["--tls-max", "1.2"], "a.test|TLSv1.2|http/1.1|"),
        (&["--tls-min", "1.3"], "a.test|TLSv1.3|http/1.1|"),
        (&["--sni", "b.test"], "b.test|TLSv1.3|http/1.1|"),
        (&["--no-sni"], "|TLSv1.3|http/1.1|"),
        (&["--alpn", ""], "a.test|TLSv1.3||"),
        (&["--alpn", "h9,http/1.0"], "a.test|TLSv1.3|http/1.0|"),
        (&["--alpn", "h9"], "tls.alert"), // no_application_protocol (RFC 7301 §3.2)
        (&["--tls-timeout", "0.000001ms"], "tls.silent"),
    ];
    for (flags, want) in rows {
        let led = ["--ca", &trusted, "--connect-to", &lead];
        let format = "%{code}";
        let shape: &[&str] = if want.contains('|') { &["--body"] } else { &["-w", format] };
        let done = fourstep(&[&led, flags, shape, &[&*url]].concat());
        let exit = if want.contains('|') { 0 } else { 5 };
        let said = String::from_utf8(done.stdout).unwrap();
        assert_eq!((done.status.code(), &*said), (Some(exit), want), "{flags:?}");
    }
}

#[test]
fn a_name_that_is_sent_is_not_the_one_that_is_verified() {
    let root = root("Root");
    let site = Site::of(&[Shown::new(for_name(&root, "a.test"))]);
    let sni = Sni::Other("a.test".into());
    let options = Options { sni, ..trusting(&root) };
    let seen = probe(&site.nginx, &options, &site.url(0, "b.test"));
    assert_eq!(seen.code(), "tls.wrong-name");
    let tls = seen.report.tls.as_ref().unwrap();
    let own = tls.chain.certificates().next().unwrap();
    assert_eq!((tls.sni.as_deref(), &*own.names[0]), (Some("a.test"), "a.test"));
}

/// RFC 8446 §4.3.2: a server may ask who we are, and what it makes of the answer comes late.
#[test]
fn a_server_may_ask_who_we_are() {
    let (root, other) = (root("Root"), root("Other"));
    let by = |signer: &Signer| signer.sign(mint().client("client"), mint());
    let (ours, others) = (by(&root), by(&other));
    let trusted = root.pem();
    let chain = for_name(&root, "a.test");
    let known = [("root.pem", &*trusted)];
    // nginx says it in HTTP, others in TLS; in TLS 1.3 after our side is done.
    let asks = "ssl_verify_client on; ssl_client_certificate {dir}/root.pem;";
    let site = Site::with(&[Shown::new(chain.clone()).with(asks)], &known);
    let strict = ["-Verify", "1", "-verify_return_error", "-CAfile", "{dir}/root.pem"];
    let strict_new = s_server(&chain, &strict, &known);
    let strict_old = s_server(&chain, &[&["-tls1_2"][..], &strict].concat(), &known);
    let identity = |me: &Chain| Some(Identity { chain: me.pem().into(), key: me.key_pem().into() });
    let rows = [
        // who we say we are, status of nginx, code of the others
        (identity(&ours), 200, ""),
        (identity(&others), 400, "tls.alert"),
        (None, 400, "tls.alert"),
    ];
    for (identity, status, code) in rows {
        let options = Options { identity, ..trusting(&root) };
        let seen = probe(&site.nginx, &options, &site.url(0, "a.test"));
        assert_eq!((seen.status(), seen.code()), (Some(status), ""));
        for server in [&strict_new, &strict_old] {
            let url = format!("https://a.test:{}/", server.addr.port());
            let seen = probe(server, &options, &url);
            assert_eq!(seen.code(), code, "{:?}", seen.report.failure);
            assert_eq!(seen.status(), code.is_empty().then_some(200));
            // Also when the request was written by then.
            let step = seen.report.failure.as_ref().and_then(|failure| failure.code().step());
            assert_eq!(
                step.map(|step| step.as_str()).unwrap_or_default(),
                &code[..code.len().min(3)]
            );
        }
    }

    // What to do about it.
    let lead_there = lead(&strict_new);
    let url = format!("https://a.test:{}/", strict_new.addr.port());
    let (_folder, [ca]) = files([("root.pem", trusted.as_bytes())]);
    let (exit, said) = records(&["--ca", &ca, "--connect-to", &lead_there, &url]);
    let hint = said[0]["failure"]["hint"].as_str().unwrap();
    assert!(exit == 5 && hint.contains("--client-cert FILE"), "{said:?}");

    // The command: apart, and both in one file.
    let both = ours.key_pem() + &ours.pem();
    let (_folder, [ca, certificate, key, both, wrong]) = files([
        ("root.pem", trusted.as_bytes()),
        ("our.der", ours.leaf()),
        ("our.key", ours.key_pem().as_bytes()),
        ("both.pem", both.as_bytes()),
        ("wrong.key", others.key_pem().as_bytes()),
    ]);
    let (url, lead) = (site.url(0, "a.test"), lead(&site.nginx));
    let led = ["--ca", &ca, "--connect-to", &lead, "--body", &url];
    let ways: [&[&str]; 3] = [
        &["--client-cert", &certificate, "--client-key", &key],
        &["--cert", &certificate, "--key", &key],
        &["--client-cert", &both],
    ];
    for flags in ways {
        let done = fourstep(&[flags, &led].concat());
        let said = String::from_utf8(done.stdout).unwrap();
        assert!(said.ends_with("|CN=client"), "{flags:?} {said}");
    }
    let done =
        fourstep(&[&["--client-cert", &certificate, "--client-key", &wrong], &led[..]].concat());
    let said = String::from_utf8(done.stderr).unwrap();
    let want = format!("--client-key {wrong}: client key: it is not the key of the client cert");
    assert_eq!(done.status.code(), Some(2));
    assert!(said.contains(&want), "{said}");
}

#[test]
fn a_pin_is_kept_to() {
    let root = root("Root");
    let site = Site::of(&[Shown::new(for_name(&root, "a.test"))]);
    let (url, lead) = (site.url(0, "a.test"), lead(&site.nginx));
    let seen = probe(&site.nginx, &trusting(&root), &url);
    let own = seen.report.tls.as_ref().unwrap().chain.certificates().next().unwrap();
    let right = own.pin.unwrap().to_string();
    let wrong = Pin::of_digest([7; 32]).to_string();
    let both = format!("{wrong};{right}");
    let (_folder, [ca]) = files([("root.pem", root.pem().as_bytes())]);
    let rows: [(&[&str], i32, &str); 6] = [
        // flags, exit, code
        (&["--ca", &ca, "--pin", &right], 0, ""),
        (&["--ca", &ca, "--pin", &both], 0, ""),
        (&["--ca", &ca, "--pin", &wrong, "--pinnedpubkey", &right], 0, ""),
        (&["--ca", &ca, "--pin", &wrong], 5, "tls.wrong-pin"),
        (&["-k", "--pin", &wrong], 5, "tls.wrong-pin"),
        (&["-k", "--pin", &right], 0, ""),
    ];
    for (flags, want, code) in rows {
        let (exit, said) = records(&[flags, &["--connect-to", &lead, &url]].concat());
        let failure = said[0]["failure"]["code"].as_str().unwrap_or_default();
        assert_eq!((exit, failure), (want, code), "{flags:?}");
    }
}

#[test]
fn a_key_log_is_its_owners_and_has_every_session() {
    use std::os::unix::fs::PermissionsExt;
    let root = root("Root");
    let site = Site::of(&[Shown::new(for_name(&root, "a.test"))]);
    let (folder, [ca]) = files([("root.pem", root.pem().as_bytes())]);
    let log = folder.path().join("keys");
    let (url, lead) = (site.url(0, "a.test"), lead(&site.nginx));
    let flags = ["--ca", &ca, "--connect-to", &lead, "--keylog", log.to_str().unwrap()];
    for version in ["1.2", "1.3"] {
        let (exit, _) = records(&[&flags[..], &["--tls-max", version, &url]].concat());
        assert_eq!(exit, 0);
    }
    let written = fs::read_to_string(&log).unwrap();
    let labels: Vec<_> = written.lines().map(|line| line.split(' ').next().unwrap()).collect();
    assert_eq!(labels.iter().filter(|label| **label == "CLIENT_RANDOM").count(), 1, "{written}");
    assert!(labels.contains(&"CLIENT_TRAFFIC_SECRET_0"), "{written}");
    assert!(labels.contains(&"SERVER_HANDSHAKE_TRAFFIC_SECRET"), "{written}");
    assert_eq!(fs::metadata(&log).unwrap().permissions().mode() & 0o777, 0o600);
}
