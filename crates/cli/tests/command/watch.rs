//! Watching servers.

use std::io::{BufRead, BufReader, Read};
use std::process::Stdio;

use fourstep_peer::{Held, LOOPBACK, Origin, Script};
use serde_json::json;

use super::looks::looks;
use super::signals::kill;
use super::{exit, fourstep, run, stderr, stdout};

const OK: &str = "HTTP/1.1 204 No Content\r\n\r\n";

fn up() -> Origin {
    Origin::start(LOOPBACK, Script::answer(OK)).unwrap()
}

#[test]
fn changes_are_lines_and_the_end_is_a_tally() {
    let held = Held::refused(LOOPBACK).unwrap();
    let (at, url) = (held.address(), held.url("/"));
    let mut child = fourstep(&["watch", "--interval", "50ms", &url])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut out = BufReader::new(child.stdout.take().unwrap());
    let mut said = String::new();
    let mut next = |said: &mut String| {
        let mut line = String::new();
        assert!(out.read_line(&mut line).unwrap() > 0, "{said}");
        said.push_str(&line);
        line
    };
    assert!(next(&mut said).contains("Z  unavailable  connect.refused: nothing listens at "));
    drop(held);
    let origin = Origin::start(at, Script::answer(OK)).unwrap();
    let line = next(&mut said);
    assert!(line.contains("Z  ok           204 No Content from "), "{line}");
    assert!(line.contains("; unavailable for 0."), "{line}");
    drop(origin);
    assert!(next(&mut said).contains("; ok for 0."), "{said}");
    kill(&child, "INT");
    out.read_to_string(&mut said).unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!((exit(&output), &*stderr(&output)), (130, ""));
    for line in [
        &url,
        "  looks  ",
        " ok, ",
        "  availability  ",
        "  outages       2, the longest ",
        "; in one for ",
        "  total         p50 ",
    ] {
        assert!(said.contains(line), "{line}: {said}");
    }
}

#[test]
fn the_exit_code_says_whether_there_was_an_outage() {
    let (up, down) = (up(), Held::refused(LOOPBACK).unwrap());
    let (up, down) = (up.url("/"), down.url("/"));
    let rows: [(&[&str], i32); 4] = [
        (&[&up], 0),
        (&[&up, &down], 1),
        (&["--accept", "200", &up], 1),
        (&["http://a.test:x/"], 2),
    ];
    for (arguments, code) in rows {
        let output =
            run(&[&["watch", "--for", "600ms", "--interval", "200ms"], arguments].concat());
        assert_eq!(exit(&output), code, "{arguments:?}: {}", stderr(&output));
        let output =
            run(&[&["watch", "-s", "--for", "600ms", "--interval", "200ms"], arguments].concat());
        assert_eq!((exit(&output), &*stdout(&output)), (code, ""), "-s {arguments:?}");
    }
}

#[test]
fn every_look_has_its_record_and_the_end_its_summary() {
    let (up, down) = (up(), Held::refused(LOOPBACK).unwrap());
    let output = run(&[
        "watch",
        "--json",
        "--for",
        "120ms",
        "--interval",
        "50ms",
        &up.url("/"),
        &down.url("/"),
    ]);
    assert_eq!((exit(&output), &*stderr(&output)), (1, ""));
    let (records, summary) = looks(&output);
    assert_eq!(summary["looks"], records.len());
    let targets = summary["targets"].as_array().unwrap();
    assert_eq!(targets[0]["availability"], json!({"time": 1.0, "looks": 1.0}));
    assert_eq!(targets[1]["availability"], json!({"time": 0.0, "looks": 0.0}));
    assert_eq!(
        (&targets[0]["outages"]["count"], &targets[1]["outages"]["count"]),
        (&json!(0), &json!(1))
    );
    assert_eq!(targets[0]["timing_us"]["total"]["count"], targets[0]["looks"]);
    assert_eq!(targets[1]["timing_us"]["total"], json!(null));
    // The tally's moments are those of the records.
    let first = records.iter().find(|record| record["verdict"]["state"] == "unavailable").unwrap();
    assert_eq!(targets[1]["outages"]["longest"]["from"], first["at"]);
}

#[test]
fn it_ends_when_nobody_reads() {
    let up = up();
    let mut child = fourstep(&["watch", "--json", "--interval", "20ms", &up.url("/")])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    // The reader is gone.
    assert_eq!(child.wait().unwrap().code(), Some(0));
}
