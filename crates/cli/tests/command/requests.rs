//! What the flags put on the wire.

use std::fs;
use std::path::Path;

use fourstep_peer::{LOOPBACK, Origin, Script};

use super::{exit, run, stderr};

#[test]
fn flags_become_octets() {
    let origin =
        Origin::start(LOOPBACK, Script::answer("HTTP/1.0 204 No Content\r\n\r\n")).unwrap();
    let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{}.data", std::process::id()));
    fs::write(&file, b"a=1\r\nb=2\n\0\xFF").unwrap();
    let (file, url) = (file.to_str().unwrap(), origin.url("/a/../b//c"));
    let at_file = format!("@{file}");
    let rows: &[(&[&str], &[u8], &[u8])] = &[
        // flags, how the request begins, how it ends
        (&[], b"GET /a/../b//c HTTP/1.1\r\nHost: 127.0.0.1:", b"\r\nConnection: close\r\n\r\n"),
        (&["--path-as-is", "-I"], b"HEAD /a/../b//c HTTP/1.1\r\n", b"\r\n\r\n"),
        (&["-0", "-X", "PURGE"], b"PURGE /a/../b//c HTTP/1.0\r\n", b"\r\n\r\n"),
        (&["--request", "OPTIONS", "--request-target", "*"], b"OPTIONS * HTTP/1.1\r\n", b"\r\n"),
        (&["-H", "X-A: 1", "-H", "X-A: 2"], b"GET ", b"\r\nX-A: 1\r\nX-A: 2\r\n\r\n"),
        (&["-H", "Connection:", "-A", ""], b"GET ", b"\r\nAccept: */*\r\n\r\n"),
        (&["-H", "Host: b.test"], b"GET /a/../b//c HTTP/1.1\r\nHost: b.test\r\n", b""),
        (&["-d", "a=1", "-d", "b=2"], b"POST ", b"\r\nContent-Length: 7\r\n\r\na=1&b=2"),
        (&["-d", &at_file], b"POST ", b"\r\n\r\na=1b=2\xFF"),
        (&["--data-file", file], b"POST ", b"\r\nContent-Length: 11\r\n\r\na=1\r\nb=2\n\0\xFF"),
        (&["-X", "PUT", "-d", ""], b"PUT ", b"\r\nContent-Length: 0\r\n\r\n"),
        (&["-u", "Aladdin:open sesame"], b"GET ", b"Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==\r\n\r\n"),
        (
            &["-u", "me:x", "-H", "Authorization: Bearer y"],
            b"GET ",
            b"Authorization: Bearer y\r\n\r\n",
        ),
    ];
    for (n, (flags, begin, end)) in (1..).zip(rows) {
        let output = run(&[*flags, &[&url]].concat());
        assert_eq!(exit(&output), 0, "{flags:?} {}", stderr(&output));
        let visits = origin.wait(n, std::time::Duration::from_secs(60));
        let octets = &visits.last().unwrap().octets;
        let shown = octets.escape_ascii();
        assert!(octets.starts_with(begin) && octets.ends_with(end), "{flags:?} {shown}");
        let credentials = octets.windows(15).filter(|at| at == b"\r\nAuthorization").count();
        assert!(credentials <= 1, "{shown}");
    }
}

#[test]
fn a_proxy_is_asked_in_absolute_form() {
    let proxy = Origin::start(LOOPBACK, Script::answer("HTTP/1.0 204 No Content\r\n\r\n")).unwrap();
    let by = format!("http://me:x@{}", proxy.address());
    assert_eq!(exit(&run(&["-x", &by, "http://a.test/x"])), 0);
    let octets = &proxy.wait(1, std::time::Duration::from_secs(60))[0].octets;
    let shown = octets.escape_ascii().to_string();
    assert!(octets.starts_with(b"GET http://a.test/x HTTP/1.1\r\nHost: a.test\r\n"), "{shown}");
    assert!(shown.contains(r"\r\nProxy-Authorization: Basic bWU6eA==\r\n"), "{shown}");
}
