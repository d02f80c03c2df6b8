//! Which step failed is in the exit code, and the flags that lead around each.

use std::path::Path;

use fourstep_peer::{Held, LOOPBACK, NameServer, Origin, Script, Zone};

use super::{exit, fourstep, records, run, stderr, stdout};

const NO_CONTENT: &str = "HTTP/1.0 204 No Content\r\n\r\n";

#[test]
fn the_exit_code_says_which_step() {
    let refused = Held::refused(LOOPBACK).unwrap();
    let silent = Origin::silent(LOOPBACK).unwrap();
    let origin = Origin::choose(LOOPBACK, |request| match request.path() {
        "/" => Script::status(200, "OK", "hello"),
        "/empty" => Script::new().close(),
        "/cut" => Script::new().write("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf").close(),
        _ => Script::status(404, "Not Found", ""),
    })
    .unwrap();
    let clear = Script::new().hear().write("HTTP/1.0 400 Bad Request\r\n\r\n").close();
    let clear = Origin::start(LOOPBACK, clear).unwrap();
    let clear = clear.url("/").replacen("http", "https", 1);
    let name_server = NameServer::start(LOOPBACK, Zone::new()).unwrap();
    let resolver = name_server.address().to_string();
    let url = |path: &str| origin.url(path);
    let rows: &[(i32, &str, &[&str])] = &[
        (0, "", &[&url("/")]),
        (1, "", &[&url("/nope")]),
        (0, "", &["--accept", "404", &url("/nope")]),
        (2, "target.malformed", &["http://:x/"]),
        (3, "resolve.no-such-name", &["--resolver", &resolver, "http://nope.test./"]),
        (4, "connect.refused", &[&refused.url("/")]),
        (5, "tls.not-tls", &[&clear]),
        (
            5,
            "tls.silent",
            &["--tls-timeout", "50ms", &silent.url("/").replacen("http", "https", 1)],
        ),
        (7, "response.empty", &[&url("/empty")]),
        (7, "response.cut", &[&url("/cut")]),
        (7, "response.silent", &["--timeout", "50ms", &silent.url("/")]),
        (7, "response.silent", &["--response-timeout", "0.05", "-m", "0", &silent.url("/")]),
        // The highest of several.
        (7, "", &[&url("/"), &url("/cut"), &refused.url("/")]),
    ];
    for (code, failure, args) in rows {
        let output = run(&[&["-w", "%{code} %{exitcode}\n"], *args].concat());
        assert_eq!(exit(&output), *code, "{args:?}");
        if !failure.is_empty() {
            assert_eq!(stdout(&output), format!("{failure} {code}\n"), "{args:?}");
        }
    }
}

#[test]
fn a_lack_of_this_machine_is_8() {
    let command =
        format!("ulimit -n 4; exec {} http://127.0.0.1:1/", env!("CARGO_BIN_EXE_fourstep"));
    let output = std::process::Command::new("sh").args(["-c", &command]).output().unwrap();
    assert_eq!(exit(&output), 8, "{output:?}");
    assert!(output.stdout.is_empty());
}

#[test]
fn names_are_looked_up_as_flags_say() {
    let origin = Origin::start(LOOPBACK, Script::answer(NO_CONTENT)).unwrap();
    let zone = Zone::new().a("www.test", [127, 0, 0, 1]).cname("alias.test", "www.test");
    let name_server = NameServer::start(LOOPBACK, zone).unwrap();
    let (port, resolver) = (origin.port(), name_server.address().to_string());
    let resolve = format!("www.test:{port}:127.0.0.1");
    let connect_to = format!("www.test:1:127.0.0.1:{port}");
    let at = |host: &str| format!("http://{host}:{port}/");
    let rows: &[(&str, &[&str])] = &[
        ("\"dns\"", &["--resolver", &resolver, &at("alias.test.")]),
        ("\"dns\"", &["-4", "--resolver", &resolver, &at("alias.test.")]),
        ("\"override\"", &["--resolve", &resolve, &at("www.test")]),
        ("\"literal\"", &[&at("127.0.0.1")]),
        ("\"literal\"", &["--connect-to", &connect_to, "http://www.test:1/"]),
    ];
    for (from, args) in rows {
        let output = run(&[&["--json"], *args].concat());
        assert_eq!(exit(&output), 0, "{args:?} {}", stdout(&output));
        let record = &records(&output)[0];
        assert_eq!(record.pointer("/resolve/from").unwrap().to_string(), *from, "{args:?}");
        let peer = record.pointer("/connect/peer").unwrap();
        assert_eq!(peer, &format!("127.0.0.1:{port}"), "{args:?}");
    }
    let output = run(&["-6", "--json", "--resolver", &resolver, &at("www.test.")]);
    let record = &records(&output)[0];
    assert_eq!(record.pointer("/failure/code").unwrap(), "resolve.no-address");
    assert_eq!(exit(&output), 3);
}

#[test]
fn sockets_are_bound_and_unix_sockets_dialled() {
    let origin = Origin::start(LOOPBACK, Script::answer(NO_CONTENT)).unwrap();
    assert_eq!(exit(&run(&["--source", "127.0.0.2", &origin.url("/")])), 0);
    let from = origin.visits()[0].from.unwrap();
    assert_eq!(from.ip().to_string(), "127.0.0.2");

    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{}.sock", std::process::id()));
    let unix = Origin::start(path.clone(), Script::answer(NO_CONTENT)).unwrap();
    let output = run(&["--json", "--unix-socket", path.to_str().unwrap(), "http://a.test/x"]);
    assert_eq!(exit(&output), 0);
    let peer = records(&output)[0].pointer("/connect/peer").unwrap().clone();
    assert_eq!(peer, format!("unix:{}", path.display()));
    assert!(unix.visits()[0].octets.starts_with(b"GET /x HTTP/1.1\r\nHost: a.test\r\n"));
}

#[test]
fn redirects_are_a_record_a_hop() {
    let to = |path| format!("HTTP/1.1 302 Found\r\nLocation: {path}\r\nContent-Length: 0\r\n\r\n");
    let origin = Origin::choose(LOOPBACK, move |request| match request.path() {
        "/old" => Script::new().write(to("/new")).close(),
        "/loop" => Script::new().write(to("/loop")).close(),
        _ => Script::status(404, "Not Found", "gone"),
    })
    .unwrap();
    type Hops = &'static [(i64, i64)];
    let rows: &[(&[&str], &str, i32, Hops)] = &[
        // flags, path, exit, (hop, status) of each record
        (&[], "/old", 0, &[(0, 302)]),
        (&["-L"], "/old", 1, &[(0, 302), (1, 404)]),
        (&["--follow", "1"], "/old", 1, &[(0, 302), (1, 404)]),
        (&["-L", "--max-redirs", "0"], "/old", 0, &[(0, 302)]),
        (&["-L"], "/loop", 7, &[(0, 302)]),
    ];
    for (flags, path, code, hops) in rows {
        let output = run(&[&["--json", &*origin.url(path)], *flags].concat());
        let got: Vec<_> = records(&output)
            .iter()
            .map(|record| {
                let number = |pointer| record.pointer(pointer).unwrap().as_i64().unwrap();
                (number("/hop"), number("/response/status"))
            })
            .collect();
        assert_eq!((exit(&output), &got[..]), (*code, *hops), "{flags:?} {path}");
    }
    // The body, and the line of -w, are the last hop's.
    let output = run(&["-L", "--body", "-w", " %{num_redirects}", &origin.url("/old")]);
    assert_eq!(stdout(&output), "gone 1");
}

/// As other programs have it: a file that cannot be written is no reason not to probe, for nobody
/// asked this one for it.
#[test]
fn the_environment_may_ask_for_a_key_log() {
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let path = dir.join(format!("{}.keys", std::process::id()));
    let log = path.to_str().unwrap();
    let refused = Held::refused(LOOPBACK).unwrap();
    let (https, http) = (refused.url("/").replacen("http", "https", 1), refused.url("/"));
    let rows = [
        // where the log is to be, URL, what is said of it
        ("/nope/x", &https, "SSLKEYLOGFILE /nope/x: No such file"),
        ("/nope/x", &http, ""),
        (log, &http, ""),
        ("", &https, ""),
    ];
    for (log, url, says) in rows {
        let output = fourstep(&[url]).env("SSLKEYLOGFILE", log).output().unwrap();
        let said = stderr(&output);
        assert_eq!((exit(&output), said.contains(says)), (4, true), "{log} {said}");
        assert_eq!(said.is_empty(), says.is_empty(), "{log} {said}");
        assert!(!path.exists());
    }
    assert_eq!(exit(&fourstep(&[&https]).env("SSLKEYLOGFILE", log).output().unwrap()), 4);
    assert!(path.exists());
    std::fs::remove_file(path).unwrap();
}
