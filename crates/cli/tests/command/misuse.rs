//! What is refused: where, and with which exit code.

use fourstep_peer::{LOOPBACK, Origin, Script};

use super::{exit, records, run, stderr, stdout};

#[test]
fn a_malformed_url_says_at_which_octet() {
    let rows = [
        // typed, the offset, what stands below
        ("http://a.test:80800/", 14, "  http://a.test:80800/\n                ^\n"),
        ("http://a b/", 8, "  http://a b/\n          ^\n"),
        ("http://[::1", 11, "  http://[::1\n             ^\n"),
        ("http://a.test/\r\nX-Evil: v", 14, "\\r\\nX-Evil: v\n                ^\n"),
        (
            "http://me:hunter2@a.test:x/",
            25,
            "  http://me:***@a.test:x/\n                       ^\n",
        ),
    ];
    for (typed, offset, picture) in rows {
        let output = run(&[typed]);
        let said = stderr(&output);
        assert_eq!(exit(&output), 2, "{typed:?} {said}");
        assert_eq!(stdout(&output), "", "{typed:?}");
        assert!(said.contains(&format!("octet {offset}: expected ")), "{typed:?} {said}");
        assert!(said.ends_with(picture), "{typed:?} {said}");
        assert!(!said.contains("hunter2"), "{said}");
    }
}

#[test]
fn other_urls_are_still_probed() {
    let origin =
        Origin::start(LOOPBACK, Script::answer("HTTP/1.0 204 No Content\r\n\r\n")).unwrap();
    let url = origin.url("/");
    let output = run(&["--json", "http://a.test:x/", &url, "ftp://a.test/", &url]);
    let records = records(&output);
    assert_eq!(exit(&output), 2);
    let column = |pointer: &str| -> Vec<String> {
        records.iter().map(|record| record.pointer(pointer).unwrap().to_string()).collect()
    };
    let (typed, code) = ("\"http://a.test:x/\"", "\"target.malformed\"");
    let url = format!("{url:?}");
    assert_eq!(column("/target"), [typed, &url, "\"ftp://a.test/\"", &url]);
    assert_eq!(column("/step"), ["\"target\"", "\"response\"", "\"target\"", "\"response\""]);
    assert_eq!(column("/outcome"), ["\"failed\"", "\"answered\"", "\"failed\"", "\"answered\""]);
    assert_eq!(column("/seq"), ["1", "2", "3", "4"]);
    for refused in [&records[0], &records[2]] {
        assert_eq!(refused.pointer("/failure/code").unwrap().to_string(), code);
        assert_eq!(refused.pointer("/failure/blame").unwrap(), "misuse");
        assert!(refused.pointer("/timing_us/total").unwrap().is_null());
    }
}

#[test]
fn flags_are_refused_with_a_reason() {
    let rows: &[(&[&str], &str)] = &[
        (&["--timeout", "5x"], "--timeout `5x`: octet 1: expected ms, s, m or h"),
        (&["--max-body", "8Q"], "--max-body `8Q`: octet 1: expected K, M, G or nothing"),
        (&["--max-interim", "256"], "--max-interim `256`: octet 0: expected a smaller number"),
        (&["--follow", "-1"], ""),
        (&["--accept", "20"], "--accept: octet 2: expected a status code of three digits"),
        (&["-H", "X-A: v\r\nX-Evil: w"], "--header: field `X-A`: octet 6: "),
        (&["-H", "X A: v"], "--header: "),
        (&["-X", "GE T"], "--method: method: octet 2: "),
        (&["-A", "a\nb"], "--user-agent: user agent: octet 1: "),
        (&["--request-target", "/ HTTP/1.1"], "--request-target: request target: octet 1: "),
        (&["-u", "me"], "--user: expected USER:PASS"),
        (&["-u", "me:x", "-X", "TRACE"], "--user: TRACE "),
        (&["--resolver", "dns.test"], "--resolver `dns.test`: expected an address"),
        (&["--resolve", "a.test:x:192.0.2.1"], "--resolve `a.test:x:192.0.2.1`: octet 7: "),
        (&["--connect-to", "a:b:c:d"], "--connect-to `a:b:c:d`: octet 2: expected a port"),
        (&["--proxy", "https://p.test"], "--proxy: TLS to a proxy is not spoken yet"),
        (&["--tls-min", "1.1"], "--tls-min `1.1`: octet 0: expected 1.2 or 1.3"),
        (&["--alpn", "h2,"], "--alpn `h2,`: octet 3: expected a protocol of 1 to 255 octets"),
        (&["--pin", "sha1//x"], "--pin `sha1//x`: pin: it does not begin with sha256//"),
        (&["--ca", "/nope"], "--ca: /nope: No such file"),
        (&["--crl", "/nope"], "--crl: /nope: No such file"),
        (&["--client-cert", "/nope"], "--client-cert: /nope: No such file"),
        (&["--client-key", "/nope"], "--client-cert"),
        (&["--ca", "/nope", "--roots", "system"], "cannot be used with"),
        (&["--sni", "a.test", "--no-sni"], "cannot be used with"),
        (&["--source", "a.test"], "--source `a.test`: expected an address"),
        // What was typed may come from elsewhere: it does not move the terminal.
        (&["--resolver", "\u{1b}[2J"], "--resolver `\\u{1b}[2J`: expected"),
        (&["--resolve", "\u{1b}[2J"], "--resolve `\\u{1b}[2J`: octet "),
        (&["--connect-to", "\u{1b}[2J"], "--connect-to `\\u{1b}[2J`: octet 0: "),
        (&["--source", "\u{1b}[2J"], "--source `\\u{1b}[2J`: expected an address"),
        (&["--source", "192.0.2.77"], "192.0.2.77 is not an address of this machine\n"),
        (&["--interface", "nope0"], "there is no interface `nope0`"),
        (&["-w", "%{nope}"], "--write-out: octet 2: no variable `nope`"),
        (&["-d", "@/nope"], "--data: /nope: "),
        (&["--trace-to", "/nope/x"], "--trace-to /nope/x: "),
        (&["--json", "--body"], "'--json' cannot be used with '--body'"),
        (&["-I", "-d", "x"], "cannot be used with"),
        (&["--bogus"], "unexpected argument '--bogus'"),
    ];
    for (flags, says) in rows {
        let output = run(&[&flags[..], &["http://127.0.0.1:1/"]].concat());
        assert_eq!((exit(&output), &*stdout(&output)), (2, ""), "{flags:?} {}", stderr(&output));
        assert!(stderr(&output).contains(says), "{flags:?} {}", stderr(&output));
    }
    let output = run(&["http://[fe80::1%nope0]/"]);
    assert_eq!(exit(&output), 2);
    assert!(stderr(&output).contains("there is no interface `nope0`"), "{}", stderr(&output));
}

#[test]
fn what_no_path_could_help_is_not_blamed_on_it() {
    let (long, fits) = (format!("/{}", "x".repeat(107)), format!("/{}", "x".repeat(106)));
    let (v4, v6, local) = ("http://127.0.0.1:1/", "http://[::1]:1/", "http://[fe80::1]:1/");
    let rows: &[(&[&str], i32, &str)] = &[
        (&["--unix-socket", &long, v4], 2, "--unix-socket: the path has 108 octets"),
        (&["--unix-socket", &fits, v4], 4, ""),
        (&["--source", "127.0.0.1", v6], 2, "--source 127.0.0.1: [::1] is of the other family"),
        (&["--source", "::1", v4, v6], 2, "--source ::1: 127.0.0.1 is of the other family"),
        (&["--source", "127.0.0.1", v4], 4, ""),
        (&["--source", "127.0.0.1", "--connect-to", "::127.0.0.1:", v6], 4, ""),
        (&["--source", "127.0.0.1", "-x", "http://[::1]:1", v4], 2, "of the other family"),
        (&[local], 2, "[fe80::1] is link-local: add %interface"),
        (&["--connect-to", "::[fe80::1]:", v4], 2, "[fe80::1] is link-local"),
        (&["--unix-socket", &fits, local], 4, ""),
    ];
    for (args, code, says) in rows {
        let output = run(args);
        assert_eq!(exit(&output), *code, "{args:?} {}", stderr(&output));
        assert!(stderr(&output).contains(says), "{args:?} {}", stderr(&output));
        assert!(*code != 2 || stdout(&output).is_empty(), "{args:?}");
    }
}

/// What is in a file, or does not go together, is looked at when a target may speak TLS.
#[test]
fn what_tls_cannot_use_is_named_with_its_flag_and_file() {
    let key = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/tls/rsa-2048.pem");
    let text = concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml");
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/examples");
    let rows: &[(&[&str], &str)] = &[
        (&["--ca", key], "--ca FILE: root certificates: line 1: a block of another kind: PRIVATE"),
        (&["--ca", text], "--ca FILE: root certificates: neither PEM nor DER"),
        (&["--ca", folder], "--ca FILE: no file there holds a certificate"),
        (&["--crl", key], "--crl FILE: revocation list: line 1: a block of another kind: PRIVATE"),
        (&["--client-cert", key], "--client-cert FILE: client certificate: there is none"),
        (&["--client-cert", text], "--client-cert FILE: client "),
        (&["--sni", "a b"], "--sni `a b`: server name: not a name that can be sent"),
        (&["--tls-min", "1.3", "--tls-max", "1.2"], "--tls-min, --tls-max: TLS versions: "),
        (&["--keylog", "/nope/x"], "--keylog /nope/x: No such file"),
    ];
    for (flags, says) in rows {
        let says = says.replace("FILE", flags[1]);
        for urls in [&["https://127.0.0.1:1/"][..], &["-L", "http://127.0.0.1:1/"]] {
            let output = run(&[flags, urls].concat());
            let said = stderr(&output);
            assert_eq!((exit(&output), &*stdout(&output)), (2, ""), "{flags:?} {said}");
            assert!(said.contains(&says), "{flags:?} {said}");
        }
    }
    // A target that cannot speak TLS has no use for it.
    assert_eq!(exit(&run(&["--keylog", "/nope/x", "http://127.0.0.1:1/"])), 4);
}

#[test]
fn the_word_of_a_command_is_no_host() {
    let rows: &[(&[&str], &str)] = &[
        (&["-v", "scan"], "`scan` is a command"),
        (&["http://127.0.0.1:1/", "watch"], "`watch` is a command and stands alone"),
        (&["-v", "codes"], "`codes` is a command"),
        (&["help"], "fourstep --help"),
    ];
    for (args, says) in rows {
        let output = run(args);
        assert_eq!((exit(&output), &*stdout(&output)), (2, ""), "{args:?}");
        assert!(stderr(&output).contains(says), "{args:?} {}", stderr(&output));
    }
}
