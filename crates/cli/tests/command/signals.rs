//! An end that the user asks for.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use fourstep_peer::{LOOPBACK, Origin, Script};

use super::{exit, fourstep, records, stderr};

/// Waits until a whole request has come.
pub(crate) fn await_request(listener: &TcpListener) -> TcpStream {
    let (stream, _) = listener.accept().unwrap();
    let mut lines = BufReader::new(&stream).lines();
    assert!(lines.any(|line| line.unwrap().is_empty()), "no end of the head");
    stream
}

/// Answers, and closes.
pub(crate) fn answer(mut stream: TcpStream, octets: &str) {
    stream.write_all(octets.as_bytes()).unwrap();
}

pub(crate) fn kill(child: &Child, signal: &str) {
    let command = format!("kill -{signal} {}", child.id());
    assert!(Command::new("sh").args(["-c", &command]).status().unwrap().success());
}

#[test]
fn what_is_known_is_written_and_what_was_left_said() {
    for (signal, code) in [("INT", 130), ("TERM", 143)] {
        let listener = TcpListener::bind(LOOPBACK).unwrap();
        let origin =
            Origin::start(LOOPBACK, Script::answer("HTTP/1.0 204 No Content\r\n\r\n")).unwrap();
        let silent = format!("http://{}/", listener.local_addr().unwrap());
        let mut child = fourstep(&["--json", &origin.url("/"), &silent, "http://a.test:x/"])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        // The first is printed, the second is under way.
        let mut out = BufReader::new(child.stdout.take().unwrap());
        let mut first = String::new();
        out.read_line(&mut first).unwrap();
        let stream = await_request(&listener);
        kill(&child, signal);
        let mut rest = String::new();
        out.read_to_string(&mut rest).unwrap();
        let mut output = child.wait_with_output().unwrap();
        output.stdout = [first, rest].concat().into_bytes();
        assert_eq!(exit(&output), code, "{}", stderr(&output));
        let codes: Vec<_> = records(&output)
            .iter()
            .map(|record| record.pointer("/failure/code").cloned().unwrap_or_default())
            .collect();
        assert_eq!(
            codes,
            [serde_json::Value::Null, "local.interrupted".into(), "target.malformed".into()]
        );
        let says = format!("fourstep: SIG{signal}: 1 of 3 probes not finished\n");
        assert!(stderr(&output).contains(&says), "{}", stderr(&output));
        drop(stream);
    }
}

#[test]
fn a_second_signal_ends_it_at_once() {
    let body = "x".repeat(1 << 20);
    let origin =
        Origin::start(LOOPBACK, Script::new().read().then(Script::status(200, "OK", body)));
    let origin = origin.unwrap();
    let mut child = fourstep(&["--body", &origin.url("/")]).stdout(Stdio::piped()).spawn().unwrap();
    // It writes more than a pipe holds, and nobody reads on: it cannot end by itself.
    let mut out = child.stdout.take().unwrap();
    out.read_exact(&mut [0; 1]).unwrap();
    let status = loop {
        match child.try_wait().unwrap() {
            Some(status) => break status,
            None => kill(&child, "INT"),
        }
    };
    assert_eq!(status.code(), Some(130));
}

/// One whose body is more than a pipe holds.
fn large() -> Origin {
    let body = "x".repeat(1 << 20);
    Origin::start(LOOPBACK, Script::new().read().then(Script::status(200, "OK", body))).unwrap()
}

#[test]
fn a_reader_that_is_slow_keeps_no_probe_waiting() {
    let origin = large();
    let listener = TcpListener::bind(LOOPBACK).unwrap();
    let second = format!("http://{}/", listener.local_addr().unwrap());
    let (body, format) = ("--body", "%{http_code} %{exitcode}\n");
    let mut child = fourstep(&[body, "-w", format, &origin.url("/"), &second])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stream = await_request(&listener);
    let mut out = child.stdout.take().unwrap();
    out.read_exact(&mut [0; 1]).unwrap();
    // The pipe is full and nobody reads it. Still the second answer is taken, and its connection
    // closed: the loop is not waiting for the reader.
    stream.write_all(b"HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n").unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    assert_eq!(stream.read(&mut [0; 1]).unwrap(), 0);
    let mut rest = String::new();
    out.read_to_string(&mut rest).unwrap();
    assert!(rest.ends_with("x200 0\n201 0\n"), "{:?}", rest.get(rest.len() - 40..));
    let output = child.wait_with_output().unwrap();
    assert_eq!((exit(&output), &*stderr(&output)), (0, ""));
}

#[test]
fn a_reader_that_is_stuck_is_not_waited_for() {
    let origin = large();
    let listener = TcpListener::bind(LOOPBACK).unwrap();
    let silent = format!("http://{}/", listener.local_addr().unwrap());
    // While a probe is under way, and when all are done and only the writer is left.
    for second in [&silent, &origin.url("/")] {
        let mut child = fourstep(&["--body", &origin.url("/"), second])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut out = child.stdout.take().unwrap();
        out.read_exact(&mut [0; 1]).unwrap();
        let asked = Instant::now();
        kill(&child, "INT");
        let output = child.wait_with_output().unwrap();
        assert_eq!(exit(&output), 130, "{}", stderr(&output));
        assert!(asked.elapsed() < Duration::from_secs(2), "{:?}", asked.elapsed());
        drop(out);
    }
}
