//! Waiting for servers, and running something then.

use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::process::ExitStatusExt;
use std::process::Stdio;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use fourstep_peer::{Held, LOOPBACK, NameServer, Origin, Script, Zone};
use serde_json::{Value, json};

use super::looks::{hold, looks};
use super::signals::kill;
use super::{exit, fourstep, records, run, stderr, stdout};

const OK: &str = "HTTP/1.1 204 No Content\r\n\r\n";

/// Answers so on each connection in turn; the last answer stays.
fn in_turn<const N: usize>(answers: [&'static str; N]) -> Origin {
    let turn = AtomicUsize::new(0);
    let origin = Origin::choose(LOOPBACK, move |_| {
        let turn = turn.fetch_add(1, Ordering::SeqCst);
        let answer = answers.get(turn).or(answers.last());
        Script::new().write(*answer.unwrap()).close()
    });
    origin.unwrap()
}

#[test]
fn a_server_that_is_down_for_two_seconds_is_waited_for() {
    let held = Held::refused(LOOPBACK).unwrap();
    let at = held.address();
    let begun = Instant::now();
    // A line for each look: 0 s, 0.4 s, 0.8 s, ...
    let paces = ["--interval", "400ms", "--max-interval", "400ms", "--for", "60s"];
    let mut child = fourstep(&[&["wait", "-v"], &paces[..], &[&held.url("/")]].concat())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines().map(Result::unwrap);
    while begun.elapsed() < Duration::from_secs(2) {
        let look = lines.find(|line| line.contains("connect.refused: nothing listens"));
        assert!(look.is_some());
    }
    drop(held);
    let origin = Origin::start(at, Script::answer(OK)).unwrap();
    let up = Instant::now();
    let rest: Vec<String> = lines.collect();
    assert_eq!(child.wait().unwrap().code(), Some(0), "{rest:?}");
    assert!(rest.last().unwrap().contains("  ok           204 No Content from "), "{rest:?}");
    // The next look, and no other: 0.4 s and a tenth of that; the rest is for a slow machine.
    assert_eq!(origin.wait(1, Duration::from_secs(5)).len(), 1);
    assert!(up.elapsed() < Duration::from_secs(5), "{:?}", up.elapsed());
}

#[test]
fn then_it_becomes_the_command() {
    let origin = in_turn(["HTTP/1.1 503 x\r\nRetry-After: 0\r\nContent-Length: 0\r\n\r\n", OK]);
    let url = origin.url("/");
    let wait = ["wait", "--interval", "10ms", &url, "--"];
    let child =
        fourstep(&[&wait[..], &["sh", "-c", "echo $$ $0 \"$1\"; exit 7", "a", "--b c"]].concat())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
    let id = child.id();
    let output = child.wait_with_output().unwrap();
    assert_eq!(exit(&output), 7, "{}", stderr(&output));
    // Its own process number, its own arguments; and nothing else on standard output.
    assert_eq!(stdout(&output), format!("{id} a --b c\n"));
    for line in [
        "to be ok\n",
        "  unavailable  503 ",
        "; it asks to come back at once: ",
        "  ok           204 ",
    ] {
        assert!(stderr(&output).contains(line), "{line}: {}", stderr(&output));
    }
    // With --json the records stand before.
    let output = run(&["wait", "--json", &url, "--", "echo", "{}"]);
    assert_eq!((records(&output).len(), records(&output).last()), (3, Some(&json!({}))));

    let rows =
        [("/nope/x", 127, "/nope/x: No such file"), ("/etc/passwd", 126, "Permission denied")];
    for (command, code, says) in rows {
        let output = run(&["wait", "-s", &url, "--", command]);
        assert_eq!(exit(&output), code, "{command}");
        assert!(stderr(&output).contains(says), "{}", stderr(&output));
    }
}

#[test]
fn the_command_has_its_signals_and_its_standard_input() {
    let origin = in_turn([OK]);
    let mut child = fourstep(&["wait", "-s", &origin.url("/"), "--", "cat"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(b"here\n").unwrap();
    let mut line = [0; 5];
    child.stdout.as_mut().unwrap().read_exact(&mut line).unwrap();
    assert_eq!(&line, b"here\n");
    // The handlers of the wait are gone: it ends by the signal itself.
    kill(&child, "INT");
    assert_eq!(child.wait().unwrap().signal(), Some(2));
    drop(stdin);
}

#[test]
fn it_ends_as_it_must() {
    let names = NameServer::start(LOOPBACK, Zone::new().a("there.test", [127, 0, 0, 1])).unwrap();
    let resolver = names.address().to_string();
    let refused = Held::refused(LOOPBACK).unwrap();
    let late = in_turn(["HTTP/1.1 429 x\r\nRetry-After: 600\r\nContent-Length: 0\r\n\r\n"]);
    let missing = in_turn(["HTTP/1.1 404 x\r\nContent-Length: 0\r\n\r\n"]);
    let up = in_turn([OK]);
    let (refused, late, missing, up) =
        (refused.url("/"), late.url("/"), missing.url("/"), up.url("/"));
    let nowhere = ["--resolver", &resolver, "http://nowhere.test/"];
    let brief = ["--for", "200ms", "--interval", "50ms"];
    let brief_and_nowhere = [&nowhere[..], &brief, &["--even-unreachable"]].concat();
    let rows: &[(&[&str], i32, &str)] = &[
        // arguments → exit code, what it says
        (&[&up], 0, "  ok           204 No Content from "),
        (&[&up, &up], 0, "  ok           http://127"),
        (&[&[&*refused][..], &brief].concat(), 1, "not ok after "),
        (&[&[&*refused][..], &brief].concat(), 1, "hint: is the service up"),
        (&[&[&*missing][..], &brief].concat(), 1, "looks: 404 from "),
        (&[&late], 1, "given up after 1 look: it asks to come back in 10m, and "),
        (&nowhere, 3, "given up after 1 look: this does not pass by waiting\n"),
        (&brief_and_nowhere, 1, "not ok after "),
        // One that cannot be reached ends it for all, and names what it was.
        (&[&nowhere[..], &[&refused]].concat(), 3, "nowhere.test/: given up after "),
        (&["--until", "rejected", &missing], 0, "  rejected     404 from "),
        (&["--until", "unavailable", &refused], 0, "  unavailable  connect.refused: "),
        (&["--accept", "404", &missing], 0, "  ok           404 x from "),
        (&["http://a.test:x/", &up], 2, "octet 14: expected a digit of the port"),
    ];
    for (arguments, code, says) in rows {
        let output = run(&[&["wait"], *arguments].concat());
        assert_eq!(exit(&output), *code, "{arguments:?}: {}", stderr(&output));
        assert!(stderr(&output).contains(says), "{arguments:?}: {}", stderr(&output));
        assert_eq!(stdout(&output), "", "{arguments:?}");
        let output = run(&[&["wait", "-s"], *arguments].concat());
        assert_eq!(exit(&output), *code, "-s {arguments:?}");
        assert!(*code == 2 || output.stderr.is_empty(), "-s {arguments:?}: {}", stderr(&output));
    }
}

#[test]
fn every_look_has_its_record_and_the_end_its_summary() {
    let busy = "HTTP/1.1 503 x\r\nContent-Length: 0\r\n\r\n";
    let origin = in_turn([busy, busy, OK]);
    let output = run(&["wait", "--json", "--interval", "20ms", &origin.url("/")]);
    assert_eq!((exit(&output), &*stderr(&output)), (0, ""));
    let (records, summary) = looks(&output);
    let seqs: Vec<_> = records.iter().map(|record| record["seq"].clone()).collect();
    assert_eq!(seqs, [1, 2, 3]);
    let states: Vec<_> = records.iter().map(|record| &record["verdict"]["state"]).collect();
    assert_eq!(states, ["unavailable", "unavailable", "ok"]);
    assert_eq!(
        (&summary["reached"], &summary["exit"], &summary["looks"]),
        (&json!(true), &json!(0), &json!(3))
    );
    assert_eq!(
        summary["targets"][0]["last"],
        json!({"state": "ok", "status": 204, "failure": null})
    );

    let refused = Held::refused(LOOPBACK).unwrap();
    let rows: [(&[&str], i32, &str, &str); 4] = [
        // arguments → exit code, how it ended, the state
        (&["--for", "100ms", &refused.url("/")], 1, "out-of-time", "unavailable"),
        (
            &["--for", "100ms", "--until", "ok,unavailable", &refused.url("/")],
            0,
            "reached",
            "unavailable",
        ),
        (&["http://a.test:x/"], 2, "broken-off", ""),
        (
            &["--follow", "1", "--for", "100ms", "--interval", "90ms", &refused.url("/")],
            1,
            "out-of-time",
            "unavailable",
        ),
    ];
    for (arguments, code, ended, state) in rows {
        let output = run(&[&["wait", "--json"], arguments].concat());
        assert_eq!(exit(&output), code, "{}", stderr(&output));
        let (records, summary) = looks(&output);
        assert!(!records.is_empty());
        let target = &summary["targets"][0];
        assert_eq!((&summary["exit"], &target["ended"]), (&json!(code), &json!(ended)));
        assert_eq!(target["last"]["state"].as_str().unwrap_or_default(), state);
    }
}

#[test]
fn a_signal_ends_it_and_what_is_known_is_said() {
    let origin = in_turn(["HTTP/1.1 404 x\r\nContent-Length: 0\r\n\r\n"]);
    for (signal, code) in [("INT", 130), ("TERM", 143)] {
        let mut child = fourstep(&["wait", &origin.url("/"), "--", "echo", "never"])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut err = BufReader::new(child.stderr.take().unwrap());
        let mut said = String::new();
        while !said.contains("  rejected     404 from ") {
            assert!(err.read_line(&mut said).unwrap() > 0);
        }
        kill(&child, signal);
        err.read_to_string(&mut said).unwrap();
        let output = child.wait_with_output().unwrap();
        assert_eq!((exit(&output), &*stdout(&output)), (code, ""));
        assert!(said.contains(&format!("fourstep: SIG{signal}: not ok after ")), "{said}");
    }
}

#[test]
fn what_makes_no_sense_is_misuse() {
    let rows: [(&[&str], &str); 6] = [
        (&["--interval", "0"], "--interval `0`: octet 0: expected more than 0"),
        (
            &["--max-interval", "500ms"],
            "--max-interval `500ms`: octet 0: expected no less than --interval",
        ),
        (&["--interval", "2m", "--max-interval", "1m"], "expected no less than --interval"),
        (&["--until", "ok,up"], "--until `ok,up`: octet 3: expected states with commas"),
        (&["--for", "5 m"], "--for `5 m`: octet 1"),
        (&["--accept", "2xx"], "--accept"),
    ];
    for (flags, says) in rows {
        let output = run(&[&["wait"], flags, &["http://127.0.0.1:1/"]].concat());
        assert_eq!(exit(&output), 2, "{flags:?}");
        assert!(stderr(&output).contains(says), "{}", stderr(&output));
    }
    assert_eq!(exit(&run(&["wait"])), 2);
    assert_eq!(exit(&run(&["wait", "--", "true"])), 2);
}

#[test]
fn a_summary_is_held_by_its_schema() {
    // What holds it would notice a summary that is not.
    let good = run(&["wait", "--json", "--for", "10ms", "http://a.test:x/"]);
    let (_, mut summary) = looks(&good);
    summary["targets"][0]["ended"] = Value::Null;
    assert!(hold(&json!({ "summary": summary })).is_err());
}
