//! What comes out, and in which order.

use std::fs;
use std::io::Read;
use std::net::TcpListener;
use std::path::Path;
use std::process::Stdio;

use fourstep_peer::{LOOPBACK, Origin, Script};

use super::signals::{answer, await_request};
use super::{exit, fourstep, records, run, stderr, stdout};

#[test]
fn help_that_cannot_be_written_is_said() {
    let full = fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let output = fourstep(&["--help"]).stdout(full).output().unwrap();
    assert_eq!(exit(&output), 8, "{}", stderr(&output));
}

#[test]
fn the_record_has_the_names_of_the_design() {
    let origin =
        Origin::start(LOOPBACK, Script::new().read().then(Script::status(503, "Busy", "x")));
    let origin = origin.unwrap();
    let output = run(&["--json", &origin.url("/x")]);
    assert_eq!((exit(&output), &*stderr(&output)), (1, ""));
    let [record] = &records(&output)[..] else { panic!("{}", stdout(&output)) };
    let rows = [
        ("/target", format!("{:?}", origin.url("/x"))),
        ("/outcome", "\"answered\"".into()),
        ("/step", "\"response\"".into()),
        ("/failure", "null".into()),
        ("/timing_us/tls", "null".into()),
        ("/resolve/from", "\"literal\"".into()),
        ("/connect/peer", format!("{:?}", origin.address().to_string())),
        ("/connect/attempts/0/failure", "null".into()),
        ("/tls", "null".into()),
        ("/request/method", "\"GET\"".into()),
        ("/request/request_target", "\"/x\"".into()),
        ("/response/version", "\"HTTP/1.1\"".into()),
        ("/response/status", "503".into()),
        ("/response/reason", "\"Busy\"".into()),
        ("/response/fields/0", r#"["Content-Length","1"]"#.into()),
        ("/response/interim", "[]".into()),
        ("/response/framing", "\"length\"".into()),
        ("/response/body_octets", "1".into()),
        ("/response/complete", "true".into()),
        ("/hop", "0".into()),
        ("/seq", "null".into()),
    ];
    for (pointer, want) in rows {
        let got = record.pointer(pointer).unwrap_or_else(|| panic!("no {pointer}"));
        assert_eq!(got.to_string(), want, "{pointer}");
    }
    for step in ["resolve", "connect", "request", "wait", "receive", "total"] {
        let us = record.pointer(&format!("/timing_us/{step}")).unwrap().as_u64();
        assert!(us.is_some_and(|us| us > 0), "{step}");
    }
}

#[test]
fn urls_are_printed_in_the_order_given() {
    let listen = || TcpListener::bind(LOOPBACK).unwrap();
    let (first, second) = (listen(), listen());
    let url = |listener: &TcpListener| format!("http://{}/", listener.local_addr().unwrap());
    let (first_url, second_url) = (url(&first), url(&second));
    let child = fourstep(&["-w", "%{url} %{http_code}\n", &first_url, &second_url])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    // Both are asked before either is answered, and the first one is answered last.
    let (first, second) = (await_request(&first), await_request(&second));
    answer(second, "HTTP/1.0 201 Created\r\n\r\n");
    answer(first, "HTTP/1.0 200 OK\r\n\r\n");
    let output = child.wait_with_output().unwrap();
    assert_eq!(stdout(&output), format!("{first_url} 200\n{second_url} 201\n"));
}

#[test]
fn the_octets_themselves_go_to_a_pipe() {
    const HEADS: &str = "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n\
        HTTP/1.1 200 OK\r\nX-Bell: \u{9B}2J\r\nTransfer-Encoding: chunked\r\n\r\n";
    let chunks = b"3\r\n\x00\x1b\xff\r\n4;x=y\r\nabc\n\r\n0\r\n\r\n";
    let script = Script::answer([HEADS.as_bytes(), chunks].concat());
    let origin = Origin::start(LOOPBACK, script).unwrap();
    let url = origin.url("/");
    let heads = HEADS.as_bytes();
    let body = b"\x00\x1b\xffabc\n";
    let rows: &[(&[&str], Vec<u8>)] = &[
        (&["--body"], body.to_vec()),
        (&["--head-raw"], heads.to_vec()),
        (&["--head-raw", "--body"], [heads, body].concat()),
        (&["--body", "-w", "%{size_download}"], [&body[..], b"7"].concat()),
        (&["--body", "--keep-body", "4"], body[..4].to_vec()),
        (&["--body", "--color", "always"], body.to_vec()),
        (&["-s"], Vec::new()),
        (&["-s", "--body"], body.to_vec()),
    ];
    for (flags, want) in rows {
        let output = run(&[*flags, &[&url]].concat());
        assert_eq!(output.stdout, *want, "{flags:?} {}", output.stdout.escape_ascii());
        assert_eq!((exit(&output), &*stderr(&output)), (0, ""), "{flags:?}");
    }
    // Nothing else has a raw octet of the peer's.
    for flags in [&["-v"][..], &["--json"], &["--trace", "-v"], &["-w", "%header{X-Bell}\n"]] {
        let output = run(&[flags, &[&url]].concat());
        let both = [output.stdout, output.stderr].concat();
        let text = String::from_utf8(both).unwrap();
        assert!(!text.chars().any(|c| c.is_control() && c != '\n'), "{flags:?} {text:?}");
    }
}

#[test]
fn colour_is_asked_for() {
    let origin =
        Origin::start(LOOPBACK, Script::answer("HTTP/1.0 204 No Content\r\n\r\n")).unwrap();
    let url = origin.url("/");
    for (when, coloured) in [("auto", false), ("never", false), ("always", true)] {
        let output = run(&["--color", when, &url]);
        assert_eq!(stdout(&output).contains('\u{1B}'), coloured, "{when}");
    }
}

#[test]
fn the_trace_goes_where_it_is_told() {
    let origin =
        Origin::start(LOOPBACK, Script::answer("HTTP/1.0 204 No Content\r\n\r\n")).unwrap();
    let url = origin.url("/");
    let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{}.lines", std::process::id()));
    let output = run(&["-s", "--trace", &url]);
    assert!(stderr(&output).starts_with(&format!("target {url}\n@0 < start\n")));
    assert!(stdout(&output).is_empty());
    let output = run(&["-s", "--trace-to", file.to_str().unwrap(), &url]);
    assert_eq!((stdout(&output), stderr(&output)), (String::new(), String::new()));
    let lines = fs::read_to_string(&file).unwrap();
    assert!(lines.lines().last().unwrap().contains(" = answered 204"), "{lines}");
    // One that cannot be kept is a lack of this machine's; the result stands all the same.
    for urls in [&[&*url][..], &[&url, &url]] {
        let flags = ["-w", "%{http_code}", "--trace-to", "/dev/full"];
        let output = run(&[&flags[..], urls].concat());
        assert_eq!((exit(&output), stdout(&output)), (8, "204".repeat(urls.len())));
        let said = stderr(&output);
        assert_eq!(said.matches("the trace cannot be written").count(), 1, "{said}");
    }
}

#[test]
fn a_failure_is_explained_where_only_a_part_was_asked_for() {
    let origin = Origin::start(LOOPBACK, Script::new().read().close()).unwrap();
    let url = origin.url("/");
    let output = run(&["--body", &url]);
    assert_eq!((exit(&output), &*stdout(&output)), (7, ""));
    assert!(stderr(&output).starts_with("fourstep: response.empty: "), "{}", stderr(&output));
    assert_eq!(stderr(&run(&["-s", "--body", &url])), "");
}

#[test]
fn a_reader_that_has_gone_is_no_failure() {
    let listener = TcpListener::bind(LOOPBACK).unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    let spawn = || fourstep(&[&url]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
    let mut child = spawn().unwrap();
    drop(child.stdout.take());
    answer(await_request(&listener), "HTTP/1.0 200 OK\r\n\r\n");
    let output = child.wait_with_output().unwrap();
    assert_eq!((exit(&output), &*stderr(&output)), (0, ""));

    // One that reads a little only: more than a pipe holds is written.
    let mut child = fourstep(&["codes"]).stdout(Stdio::piped()).spawn().unwrap();
    child.stdout.take().unwrap().read_exact(&mut [0; 10]).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

#[test]
fn whose_clock_is_asked_for() {
    let script = Script::new().read().then(Script::status(200, "OK", "hi"));
    let origin = Origin::start(LOOPBACK, script).unwrap();
    let url = origin.url("/");
    let run = |clock: &[&str]| run(&[clock, &["--json", &url]].concat());
    let user = records(&run(&["--clock", "user"])).remove(0);
    assert_eq!(
        (&user["timing_us"]["clock"], &user["tcp"]),
        (&"user".into(), &serde_json::Value::Null)
    );
    assert_eq!(user["timing_us"]["wait_network"], serde_json::Value::Null);

    // The kernel begins to stamp a moment after it is asked to, which may be too late for one.
    let kernel = records(&run(&[])).remove(0);
    let clock = &kernel["timing_us"]["clock"];
    assert!(clock == "kernel" || clock == "user", "{kernel}");
    assert!(kernel["tcp"]["min_rtt_us"].is_u64() && kernel["tcp"]["retransmits"] == 0, "{kernel}");
    let us = |name: &str| kernel["timing_us"][name].as_u64().unwrap();
    assert!(us("wait_network") <= us("wait") && us("wait_server") <= us("wait"), "{kernel}");
}
