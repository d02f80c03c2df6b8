//! The examples of the facade, run as a reader would run them.

use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};

use fourstep_peer::{Held, LOOPBACK, NameServer, Origin, Script, Zone};

/// Runs an example with these arguments and this input: what it printed.
fn example(name: &str, arguments: &[&str], input: &[u8]) -> String {
    let mut child = Command::new(built(name))
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::inherit())
        .spawn()
        .unwrap_or_else(|error| panic!("{name}: {error}: build it with `cargo build --examples`"));
    child.stdin.take().expect("it is piped").write_all(input).unwrap();
    let done = child.wait_with_output().unwrap();
    assert!(done.status.success(), "{name} ended with {}", done.status);
    String::from_utf8(done.stdout).unwrap()
}

/// Where cargo put it: beside the folder that this test's own program is in.
fn built(name: &str) -> PathBuf {
    let deps = std::env::current_exe().unwrap();
    let profile = deps.parent().and_then(|deps| deps.parent()).expect("…/debug/deps/all-…");
    profile.join("examples").join(name)
}

fn origin() -> Origin {
    let hello = Script::status(503, "Service Unavailable", "busy");
    Origin::start(LOOPBACK, Script::new().read().then(hello)).unwrap()
}

#[test]
fn one_probe_tells_how_far_it_got() {
    let origin = origin();
    let said = example("one_probe", &[&origin.url("/")], b"");
    assert!(said.contains("connect") && said.ends_with("answered 503\n"), "{said}");

    let refused = Held::refused(LOOPBACK).unwrap();
    let said = example("one_probe", &[&refused.url("/")], b"");
    assert!(said.contains("connect.refused at step connect"), "{said}");
}

#[test]
fn a_thousand_probes_are_counted() {
    let origin = origin();
    assert_eq!(example("thousand", &[&origin.url("/")], b""), " 1000 503\n");
}

#[test]
fn a_server_that_is_busy_once_is_waited_for() {
    let busy = "HTTP/1.1 503 Busy\r\nRetry-After: 1\r\nContent-Length: 0\r\n\r\n";
    let asked = AtomicBool::new(false);
    let origin = Origin::choose(LOOPBACK, move |_| match asked.swap(true, Ordering::SeqCst) {
        false => Script::new().write(busy).close(),
        true => Script::status(200, "OK", "hello"),
    });
    let said = example("wait", &[&origin.unwrap().url("/")], b"");
    let (first, second) = said.split_once('\n').unwrap();
    assert!(first.starts_with("503 from ") && first.contains(": again in 1."), "{said}");
    assert_eq!(second, "200: ok: reached\n");
}

#[test]
fn a_head_is_parsed_without_a_socket() {
    let said = example("parse_head", &[], b"HTTP/1.1 503 Busy\r\nRetry-After: 5\r\n\r\nwait");
    // How many pieces the body comes in depends on how the reads fell.
    let body = said.lines().filter_map(|line| line.strip_prefix("body, ")?.split(' ').next());
    assert_eq!(body.filter_map(|octets| octets.parse::<usize>().ok()).sum::<usize>(), 4, "{said}");
    assert!(
        said.starts_with("status 503\n  Retry-After: 5\nbody framed by until-close\n"),
        "{said}"
    );
    assert!(said.ends_with("complete\n"), "{said}");
    assert!(
        example("parse_head", &[], b"SSH-2.0-x\r\n").starts_with("response.malformed: octet 0")
    );
}

#[test]
fn a_name_is_looked_up_over_a_socket_of_the_examples_own() {
    let zone = Zone::new().a("www.test", [192, 0, 2, 1]).cname("alias.test", "www.test");
    let server = NameServer::start(LOOPBACK, zone).unwrap();
    let at = server.address().to_string();
    let said = example("resolve_name", &["alias.test.", &at], b"");
    assert!(said.contains("IPv4 192.0.2.1\n"), "{said}");
    assert!(said.contains("IPv6 resolve.no-address"), "{said}");
    let said = example("resolve_name", &["nobody.test.", &at], b"");
    assert!(said.contains("IPv4 resolve.no-such-name"), "{said}");
}

#[test]
fn the_machine_is_driven_over_sockets_of_the_examples_own() {
    let origin = origin();
    let at = origin.address().to_string();
    assert_eq!(example("own_sockets", &[&at], b""), "answered 503\n");
    let refused = Held::refused(LOOPBACK).unwrap().address().to_string();
    let said = example("own_sockets", &[&refused], b"");
    assert!(said.starts_with("connect.refused: refused by 127.0.0.1:"), "{said}");
}
