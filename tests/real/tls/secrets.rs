//! No key and no password is in anything that is written, whatever was asked for.

use super::site::{Shown, Site, files, for_name, lead, mint, root};
use crate::real::command::fourstep;
use crate::servers::s_server;
use fourstep_authority::pem;
use std::fs;

const PASSWORD: &str = "hunter2hunter2";

/// What a text must not hold: a key in the ways people write octets down, in parts as well.
fn needles(key: &[u8]) -> Vec<String> {
    // The private scalar of P-256 in PKCS #8 (RFC 5915 §3): 32 octets behind `04 20`.
    let at = key.windows(2).position(|two| two == [4, 32]).unwrap() + 2;
    let scalar = &key[at..at + 32];
    let hex = data_encoding::HEXLOWER.encode(scalar);
    let lists = [scalar[..4].to_vec(), scalar[28..].to_vec()];
    let base64 = pem("", key);
    base64
        .lines()
        .filter(|line| !line.starts_with('-'))
        .map(|line| line[..line.len().min(24)].to_owned())
        .chain([hex[..16].to_owned(), hex[48..].to_owned(), hex.to_uppercase()])
        .chain(lists.map(|four| format!("{four:?}").trim_matches(['[', ']']).to_owned()))
        .collect()
}

#[test]
fn no_key_and_no_password_is_in_any_output() {
    let root = root("Root");
    let ours = root.sign(mint().client("client"), mint());
    let trusted = root.pem();
    let chain = for_name(&root, "a.test");
    let strict = s_server(
        &chain,
        &["-Verify", "1", "-verify_return_error", "-CAfile", "{dir}/root.pem"],
        &[("root.pem", &trusted)],
    );
    let site = Site::of(&[Shown::new(chain)]);
    let (folder, [ca, certificate, key, broken]) = files([
        ("root.pem", trusted.as_bytes()),
        ("our.pem", ours.pem().as_bytes()),
        ("our.key", ours.key_pem().as_bytes()),
        ("broken.key", ours.key_pem().replacen("MI", "?", 1).as_bytes()),
    ]);
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let (trace, log) = (path("trace"), path("keys"));
    let at = |host: &str, port: u16| format!("https://me:{PASSWORD}@{host}:{port}/");
    let (port, strict_port) = (site.address(0).port(), strict.addr.port());
    let (here, there) = (lead(&site.nginx), lead(&strict));
    let basic = data_encoding::BASE64.encode(format!("me:{PASSWORD}").as_bytes());
    let me = ["--client-cert", &certificate, "--client-key", &key, "--keylog", &log];
    let ways: [(&[&str], &str, &str); 8] = [
        // flags, where to, what for
        (&["--ca", &ca], &here, &at("a.test", port)),
        (&["--ca", &ca, "--tls-max", "1.2"], &here, &at("a.test", port)),
        (&["--ca", &ca, "-X", "POST"], &here, &at("b.test", port)),
        (&["-k"], &here, &at("b.test", port)),
        (&["--ca", &ca], &there, &at("a.test", strict_port)),
        (&["--ca", &ca, "--alpn", "h9"], &here, &at("a.test", port)),
        (&["--ca", &key], &here, &at("a.test", port)), // misuse, and so are these:
        (&["--crl", &key], &here, &at("a.test", port)),
    ];
    let outputs: [&[&str]; 8] = [
        &[],
        &["-v"],
        &["--json"],
        &["-w", "%{json} %{url} %{errormsg}"],
        &["--head-raw", "--body"],
        &["-s"],
        &["--trace", "-v", "--color", "always"],
        &["--trace-to", &trace],
    ];
    let needles = needles(&ours.key);
    let mut said = Vec::new();
    for (flags, lead, url) in ways {
        for output in outputs {
            let done = fourstep(&[output, flags, &me, &["--connect-to", lead, url]].concat());
            let traced = fs::read(&trace).unwrap_or_default();
            let exit = done.status.code();
            said.extend([(flags, output, exit, done.stdout), (flags, output, exit, done.stderr)]);
            said.push((flags, output, exit, traced));
        }
    }
    let url = at("a.test", port);
    let done = fourstep(&[&me[..2], &["--client-key", &broken, &url]].concat());
    assert_eq!(done.status.code(), Some(2));
    said.push((&[], &[], Some(2), done.stderr));

    let written = fs::read_to_string(&log).unwrap();
    let secrets: Vec<_> = written.lines().filter_map(|line| line.split(' ').nth(2)).collect();
    assert!(secrets.len() > 20, "{written}");
    for (flags, output, exit, octets) in &said {
        let text = String::from_utf8_lossy(octets);
        let found = needles.iter().map(String::as_str).chain([PASSWORD, &*basic]);
        let found = found.chain(secrets.iter().copied()).find(|needle| text.contains(needle));
        assert_eq!(found, None, "{flags:?} {output:?} {exit:?}\n{text}");
    }
    // It was not all misuse.
    let exits: std::collections::BTreeSet<_> = said.iter().map(|said| said.2).collect();
    assert!(exits.is_superset(&[Some(0), Some(5), Some(2)].into()), "{exits:?}");
}
