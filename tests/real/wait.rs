//! Waiting for real servers.

use super::command::{command, fourstep};
use crate::servers::nginx;
use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::process::Stdio;

/// nginx says 503, as long as a file is there, and when to come back.
#[test]
fn maintenance_with_a_retry_after_is_waited_for() {
    let config = "server {
        listen {addr};
        add_header Retry-After 2 always;
        if (-f {dir}/down) { return 503; }
        return 204;
    }";
    let server = nginx(config, &[("down", "")]);
    let mut child = command(&["wait", "--for", "1m", &server.url("/"), "--", "sh", "-c", "exit 7"])
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stderr = BufReader::new(child.stderr.take().unwrap());
    let mut said = String::new();
    while !said.contains("  unavailable  ") {
        assert!(stderr.read_line(&mut said).unwrap() > 0, "{said}");
    }
    fs::remove_file(server.folder().join("down")).unwrap();
    stderr.read_to_string(&mut said).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(7), "{said}");
    let [_, busy, up] = &said.lines().collect::<Vec<_>>()[..] else { panic!("{said}") };
    assert!(busy.contains("503 from nginx: "), "{said}");
    assert!(busy.contains("; it asks for 2 s: next look in 2."), "{said}");
    assert!(up.contains("  ok           204 No Content from "), "{said}");
    // Not before it was asked to: 2 s, and up to a tenth of that.
    let seconds: Vec<f64> =
        [busy, up].map(|line| line.split_whitespace().nth(1).unwrap().parse().unwrap()).to_vec();
    assert!(seconds[1] - seconds[0] >= 1.9, "{said}");
}

/// One target that is there, and one whose name is not: at once, for both.
#[test]
fn a_name_that_is_not_there_is_not_waited_for() {
    let names = crate::servers::nsd("", &[]);
    let resolver = names.addr.to_string();
    let missing = "http://missing.zone.test./";
    let done = fourstep(&["wait", "--resolver", &resolver, missing]);
    let said = String::from_utf8(done.stderr).unwrap();
    assert_eq!(done.status.code(), Some(3), "{said}");
    assert!(said.contains("given up after 1 look: this does not pass by waiting"), "{said}");
}
