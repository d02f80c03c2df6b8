//! `fourstep scan`, ended before its time, and gone on with.

use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use fourstep_peer::{LOOPBACK, Origin, Script};
use serde_json::Value;

use super::lists::{Folder, by_place};
use super::signals::{await_request, kill};
use super::{exit, fourstep, run, stderr};

const MOST: Duration = Duration::from_secs(30);

/// An origin whose `/hop…` leads to `/end`.
fn origin() -> Origin {
    Origin::choose(LOOPBACK, |request| match request.path().starts_with("/hop") {
        true => {
            Script::new().write("HTTP/1.1 302 X\r\nLocation: /end\r\nContent-Length: 0\r\n\r\n")
        }
        false => Script::status(200, "OK", "x"),
    })
    .unwrap()
}

/// The records of a file, whose every line is one.
fn kept(path: &str) -> Vec<Value> {
    let text = fs::read_to_string(path).unwrap();
    assert!(text.is_empty() || text.ends_with('\n'), "a line is cut");
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn killed_at_any_moment_and_gone_on_with_every_target_has_one_record() {
    const TARGETS: u64 = 1500;
    let folder = Folder::new("kill");
    let origin = origin();
    for (path, flags) in [("/", &[][..]), ("/hop", &["-L"])] {
        let targets: Vec<_> = (1..=TARGETS).map(|n| origin.url(&format!("{path}{n}"))).collect();
        let list = folder.file("list", &targets.join("\n"));
        let output = folder.at(if flags.is_empty() { "plain" } else { "chains" });
        let args =
            [&["scan", "-s", "--per-host", "64", &list, "-o", &output, "--resume"], flags].concat();
        let mut pauses = 0;
        // Each round is killed after some more connections than the last: within blocks, between
        // them, and before the first.
        for more in [1, 30, 100, 220, 350] {
            let mut child = fourstep(&args).stderr(Stdio::null()).spawn().unwrap();
            origin.wait(origin.accepted() + more, MOST);
            child.kill().unwrap();
            pauses += u32::from(!child.wait().unwrap().success());
        }
        assert!(pauses > 0, "every round was done before it was killed");
        let cut = fs::read(&output).unwrap();
        let last = run(&args);
        assert_eq!(exit(&last), 0, "{}", stderr(&last));
        // What was whole stays as it was.
        let whole = cut.iter().rposition(|octet| *octet == b'\n').map_or(0, |at| at + 1);
        let now = fs::read(&output).unwrap();
        let same = now.iter().zip(&cut).take_while(|(now, cut)| now == cut).count();
        let chain = 4096;
        assert!(same + chain > whole, "{same} of {whole}");

        let records = kept(&output);
        let firsts: Vec<_> = records.iter().filter(|r| r["hop"] == 0).cloned().collect();
        let places = by_place(firsts);
        assert_eq!(places.len() as u64, TARGETS);
        for ((seq, record), target) in places.iter().zip(&targets) {
            assert_eq!(record["target"], **target, "{seq}");
        }
        if !flags.is_empty() {
            assert_eq!(records.len() as u64, 2 * TARGETS);
            for pair in records.chunks(2) {
                assert_eq!((&pair[0]["seq"], pair[1]["hop"].as_u64()), (&pair[1]["seq"], Some(1)));
            }
        }
        // Once more: nothing is left to do.
        let before = origin.accepted();
        assert_eq!(exit(&run(&args)), 0);
        assert_eq!((origin.accepted(), fs::read(&output).unwrap()), (before, now));
    }
}

#[test]
fn a_line_that_was_cut_is_dropped_and_said() {
    let folder = Folder::new("cut");
    let origin = origin();
    let targets: Vec<_> = (1..=3).map(|n| origin.url(&format!("/{n}"))).collect();
    let list = folder.file("list", &targets.join("\n"));
    let rows: &[&[&str]] = &[
        &[],
        &["--fields", "seq,response.status"],
        &["--csv"],
        &["--csv", "--fields", "line,seq"],
    ];
    for flags in rows {
        let output = folder.at("records");
        let args = [&["scan", &list, "-o", &output], *flags].concat();
        assert_eq!(exit(&run(&[&args[..], &["--overwrite"]].concat())), 0);
        let whole = fs::read(&output).unwrap();
        let count = origin.accepted();
        for cut in [1, 2, 4] {
            fs::write(&output, &whole[..whole.len() - cut]).unwrap();
            let last = run(&[&args[..], &["--resume"]].concat());
            assert_eq!(exit(&last), 0, "{}", stderr(&last));
            assert!(stderr(&last).contains("octets were cut short"), "{}", stderr(&last));
            let now = fs::read(&output).unwrap();
            let lines = |octets: &[u8]| octets.iter().filter(|octet| **octet == b'\n').count();
            assert_eq!(lines(&now), lines(&whole), "{flags:?} {cut}");
            let before = whole.len()
                - whole.iter().rev().skip(1).position(|octet| *octet == b'\n').unwrap()
                - 1;
            assert_eq!(now[..before], whole[..before]);
        }
        assert_eq!(origin.accepted(), count + 3, "{flags:?}");
    }
}

#[test]
fn two_runs_do_not_write_to_one_file() {
    let folder = Folder::new("two");
    let listener = std::net::TcpListener::bind(LOOPBACK).unwrap();
    let silent = format!("http://{}/", listener.local_addr().unwrap());
    let origin = origin();
    let list = folder.file("list", &format!("{}\n{silent}\n", origin.url("/1")));
    let output = folder.at("records");
    let args = ["scan", "-s", &list, "-o", &output];
    let mut child = fourstep(&args).spawn().unwrap();
    let stream = await_request(&listener);
    origin.wait(1, MOST);
    let asked = origin.accepted();
    for more in ["--resume", "--overwrite"] {
        let other = run(&[&args[..], &[more]].concat());
        assert_eq!(exit(&other), 8, "{more}: {}", stderr(&other));
        let says = format!("{output}: another run writes to it");
        assert!(stderr(&other).contains(&says), "{more}: {}", stderr(&other));
    }
    assert_eq!(origin.accepted(), asked, "nothing was probed");
    // A run that is killed leaves no lock behind.
    child.kill().unwrap();
    child.wait().unwrap();
    drop((stream, listener));
    assert_eq!(exit(&run(&[&args[..], &["--resume"]].concat())), 0);
    assert_eq!(by_place(kept(&output)).len(), 2);
}

#[test]
fn another_list_is_not_gone_on_with() {
    let folder = Folder::new("other");
    let origin = origin();
    let url = |n: u64| origin.url(&format!("/{n}\n"));
    let list = folder.file("list", &(1..=300).map(url).collect::<String>());
    let output = folder.at("records");
    let first = ["scan", "-s", "--per-host", "0", &list, "-o", &output];
    assert_eq!(exit(&run(&first)), 0);
    let whole = fs::read_to_string(&output).unwrap();
    let count = origin.accepted();
    let rows: [(String, &str); 4] = [
        ((0..=300).map(url).collect(), "its record 1 is of"),
        ((1..=299).map(url).collect(), "and the list ends before"),
        ((1..=280).chain(282..=400).map(url).collect(), "and the list has"),
        (String::new(), "its record 1 is of"),
    ];
    for (list, says) in rows {
        let other = folder.file("other", &list);
        let refused = run(&["scan", "-s", "--per-host", "0", &other, "-o", &output, "--resume"]);
        assert_eq!(exit(&refused), 2, "{}", stderr(&refused));
        assert!(stderr(&refused).contains(says), "{}", stderr(&refused));
        assert!(stderr(&refused).contains("not of this list"), "{}", stderr(&refused));
        assert_eq!(fs::read_to_string(&output).unwrap(), whole);
    }
    assert_eq!(origin.accepted(), count);
    // The same list, and more behind it.
    let longer = folder.file("longer", &(1..=310).map(url).collect::<String>());
    assert_eq!(exit(&run(&["scan", "-s", &longer, "-o", &output, "--resume"])), 0);
    assert_eq!(by_place(kept(&output)).len(), 310);
}

#[test]
fn a_signal_ends_it_and_the_rest_can_be_done_later() {
    let folder = Folder::new("signal");
    for (signal, code) in [("INT", 130), ("TERM", 143)] {
        let listener = std::net::TcpListener::bind(LOOPBACK).unwrap();
        let silent = format!("http://{}/", listener.local_addr().unwrap());
        let origin = origin();
        let list =
            folder.file("list", &format!("{silent}\n{}\n{}\n", origin.url("/1"), origin.url("/2")));
        let output = folder.at("records");
        let args = ["scan", &list, "-o", &output, "--overwrite", "--timeout", "20s"];
        let child = fourstep(&args).stderr(Stdio::piped()).spawn().unwrap();
        let stream = await_request(&listener);
        origin.wait(2, MOST);
        let asked = Instant::now();
        kill(&child, signal);
        let ended = child.wait_with_output().unwrap();
        let said = stderr(&ended);
        assert_eq!(exit(&ended), code, "{said}");
        assert!(asked.elapsed() < Duration::from_secs(2), "{:?}", asked.elapsed());
        assert!(said.contains(&format!("SIG{signal}: 1 probe not finished")), "{said}");
        assert_eq!(by_place(kept(&output)).into_keys().collect::<Vec<_>>(), [2, 3]);
        drop((stream, listener));
        // What it says is what goes on.
        let again =
            said.lines().find_map(|line| line.strip_prefix("fourstep: to go on: ")).unwrap();
        assert!(again.ends_with(" --resume") && !again.contains("--overwrite"), "{again}");
        let done = Command::new("sh").args(["-c", again]).output().unwrap();
        assert_eq!(exit(&done), 0, "{}", stderr(&done));
        assert_eq!(by_place(kept(&output)).len(), 3);
    }
}

#[test]
fn on_standard_output_what_was_interrupted_says_so() {
    let listener = std::net::TcpListener::bind(LOOPBACK).unwrap();
    let silent = format!("http://{}/", listener.local_addr().unwrap());
    let child = fourstep(&["scan", "-s", "--target", &silent])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let stream = await_request(&listener);
    kill(&child, "INT");
    let ended = child.wait_with_output().unwrap();
    assert_eq!(exit(&ended), 130, "{}", stderr(&ended));
    let record = super::records(&ended).pop().unwrap();
    assert_eq!(record["failure"]["code"], "local.interrupted");
    assert!(stderr(&ended).contains("SIGINT: 1 probe not finished"), "{}", stderr(&ended));
    drop(stream);
}

#[test]
fn a_password_is_not_in_what_is_said() {
    let listener = std::net::TcpListener::bind(LOOPBACK).unwrap();
    let address = listener.local_addr().unwrap();
    let folder = Folder::new("password");
    for (n, args) in [
        vec![
            "-u".to_owned(),
            "me:secret".to_owned(),
            "--target".to_owned(),
            format!("http://{address}/"),
        ],
        vec!["--target".to_owned(), format!("http://me:secret@{address}/")],
        vec![
            "-H".to_owned(),
            "Cookie: secret".to_owned(),
            "--target".to_owned(),
            format!("{address}"),
        ],
    ]
    .into_iter()
    .enumerate()
    {
        let output = folder.at(&n.to_string());
        let child =
            fourstep(&["scan", "-o", &output]).args(&args).stderr(Stdio::piped()).spawn().unwrap();
        let stream = await_request(&listener);
        kill(&child, "INT");
        let ended = child.wait_with_output().unwrap();
        assert!(!stderr(&ended).contains("secret"), "{}", stderr(&ended));
        assert!(stderr(&ended).contains("the same command with --resume"), "{}", stderr(&ended));
        drop(stream);
    }
}

#[test]
fn a_full_disk_loses_nothing_silently() {
    let origin = origin();
    let folder = Folder::new("full");
    let list =
        folder.file("list", &(1..=200).map(|n| origin.url(&format!("/{n}\n"))).collect::<String>());
    for args in [&["-o", "/dev/full"][..], &[]] {
        let full = fs::File::options().write(true).open("/dev/full").unwrap();
        let mut command = fourstep(&[&["scan", &list], args].concat());
        let ended = command.stdout(full).stderr(Stdio::piped()).spawn().unwrap();
        let ended = ended.wait_with_output().unwrap();
        assert_eq!(exit(&ended), 8, "{}", stderr(&ended));
        assert!(
            stderr(&ended).contains("No space left on device (os error 28); "),
            "{}",
            stderr(&ended)
        );
    }
    // A file system's own limit: the rest can be written when there is room again.
    let output = folder.at("records");
    let args = ["scan", "-s", &list, "-o", &output];
    let shell = format!(
        "trap '' XFSZ; ulimit -f 40; exec {} {}",
        env!("CARGO_BIN_EXE_fourstep"),
        args.join(" ")
    );
    let ended = Command::new("bash").args(["-c", &shell]).output().unwrap();
    assert_eq!(exit(&ended), 8, "{}", stderr(&ended));
    assert!(stderr(&ended).contains("File too large"), "{}", stderr(&ended));
    assert!(stderr(&ended).contains("fourstep: to go on: "), "{}", stderr(&ended));
    assert_eq!(exit(&run(&[&args[..], &["--resume"]].concat())), 0);
    assert_eq!(by_place(kept(&output)).len(), 200);
}

#[test]
fn a_reader_that_goes_ends_it() {
    let origin = origin();
    let folder = Folder::new("gone");
    let list = folder
        .file("list", &(1..=5000).map(|n| origin.url(&format!("/{n}\n"))).collect::<String>());
    let mut child =
        fourstep(&["scan", &list]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut out = BufReader::new(child.stdout.take().unwrap());
    let mut first = String::new();
    out.read_line(&mut first).unwrap();
    drop(out);
    let ended = child.wait_with_output().unwrap();
    assert_eq!(exit(&ended), 8, "{}", stderr(&ended));
    assert!(stderr(&ended).contains("nobody reads it any more"), "{}", stderr(&ended));
    assert!(origin.accepted() < 5000);
}

#[test]
fn a_slow_reader_loses_nothing_and_holds_nothing() {
    let origin = origin();
    let folder = Folder::new("slow");
    let list = folder
        .file("list", &(1..=2000).map(|n| origin.url(&format!("/{n}\n"))).collect::<String>());
    let mut child = fourstep(&["scan", "-s", "--in-flight", "8", &list])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut out = child.stdout.take().unwrap();
    // Nobody reads: the pipe fills, then the blocks before it, and then no probe is begun. A
    // record has 1,000 octets or more, and there is room for some 500,000 octets of them.
    origin.wait(100, MOST);
    let (mut octets, mut block, mut written) = (Vec::new(), [0; 4096], 0);
    loop {
        let count = out.read(&mut block).unwrap();
        if count == 0 {
            break;
        }
        written += block[..count].iter().map(|octet| u64::from(*octet == b'\n')).sum::<u64>();
        octets.extend_from_slice(&block[..count]);
        assert!(origin.accepted() < written + 600, "{written}");
    }
    assert_eq!(child.wait().unwrap().code(), Some(0));
    let lines = octets.lines().map(|line| serde_json::from_str(&line.unwrap()).unwrap());
    assert_eq!(by_place(lines.collect()).len(), 2000);
}

#[test]
fn an_input_that_breaks_is_said_and_what_was_read_is_probed() {
    let origin = origin();
    // It opens, and its first page cannot be read.
    let ended = run(&["scan", "--target", &origin.url("/1"), "/proc/self/mem"]);
    assert_eq!(exit(&ended), 8, "{}", stderr(&ended));
    assert_eq!(super::records(&ended).len(), 1);
    assert!(stderr(&ended).contains("/proc/self/mem: Input/output error"), "{}", stderr(&ended));
}
