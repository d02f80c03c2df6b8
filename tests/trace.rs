//! A trace of the command is an exchange: replayed, the machine does the same again.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use fourstep_peer::{Held, LOOPBACK, Origin, Script};
use fourstep_simnet::{Script as Exchange, Ticks, replay};

/// The trace that the command writes when it is run with these arguments.
fn trace(name: &str, arguments: &[&str]) -> String {
    let deps = std::env::current_exe().unwrap();
    let profile = deps.parent().and_then(|deps| deps.parent()).expect("…/debug/deps/all-…");
    let file: PathBuf = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("trace-{name}.txt"));
    let path = file.to_str().unwrap();
    Command::new(profile.join("fourstep"))
        .args([&["--silent", "--trace-to", path], arguments].concat())
        .status()
        .unwrap_or_else(|error| panic!("{error}: build it with `cargo build -p fourstep-cli`"));
    fs::read_to_string(&file).unwrap()
}

#[test]
fn a_trace_of_the_command_replays_to_the_same_lines() {
    let origin = Origin::choose(LOOPBACK, |request| match request.path() {
        "/chunked" => Script::new()
            .write("HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 OK\r\n")
            .wait(Duration::from_millis(5))
            .write("Transfer-Encoding: chunked\r\n\r\n5\r\nhel")
            .wait(Duration::from_millis(5))
            .write("lo\r\n0\r\nX-Sum: 5\r\n\r\n"),
        "/old" => {
            Script::new().write("HTTP/1.1 302 Found\r\nLocation: /new\r\nContent-Length: 0\r\n\r\n")
        }
        "/stall" => Script::new().write("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf").stall(),
        "/reset" => Script::new().reset(),
        "/garbage" => Script::new().write("\x00\x01 no \"HTTP\" \\ at all\r\n"),
        _ => Script::status(200, "OK", "hello"),
    })
    .unwrap();
    let refused = Held::refused(LOOPBACK).unwrap();
    let at = origin.address();
    let url = |path: &str| origin.url(path);
    let credentials = format!("http://ann:hunter2@{at}/");
    let named = format!("http://a.test:{}/", at.port());
    let resolve = format!("a.test:{}:127.0.0.1,::1", at.port());
    let elsewhere = format!("b.test:80:{at}");
    let rows: [(&str, &[&str]); 13] = [
        ("plain", &[&url("/")]),
        ("chunked", &["-4", &url("/chunked")]),
        ("credentials", &["-H", "Cookie: a=hunter2", &credentials]),
        ("post", &["-d", "a=\"b\"", "-H", "Accept:", &url("/")]),
        ("header", &["-H", "X-A: ä", "-H", "X-B;", "-H", "User-Agent: me", &url("/")]),
        ("head", &["-I", "--http1.0", &url("/")]),
        ("redirect", &["--follow", "3", "-d", "a", &url("/old")]),
        ("stall", &["--timeout", "120ms", &url("/stall")]),
        ("reset", &[&url("/reset")]),
        ("garbage", &["--max-head", "9000", &url("/garbage")]),
        ("refused", &[&refused.url("/")]),
        ("named", &["--resolve", &resolve, &named]),
        ("elsewhere", &["--connect-to", &elsewhere, "http://b.test/"]),
    ];
    for (name, arguments) in rows {
        let traced = trace(name, arguments);
        assert!(!traced.contains("hunter2") && !traced.contains("aHVudGVyMg"), "{traced}");
        let exchange =
            Exchange::parse(name, &traced).unwrap_or_else(|error| panic!("{error}\n{traced}"));
        let replayed =
            replay(&exchange, Ticks::AsWritten).unwrap_or_else(|error| panic!("{error}\n{traced}"));
        assert_eq!(replayed.text, traced, "{name}");
    }
}
