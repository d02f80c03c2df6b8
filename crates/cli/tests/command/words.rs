//! The words that teach: help and the table of codes.

use std::io::Write;
use std::process::{Command, Stdio};

use fourstep::Code;
use fourstep::output::WriteOut;

use super::{exit, records, run, stdout};

/// What was promised.
const FLAGS: &[&str] = &[
    "-4, --ipv4",
    "-6, --ipv6",
    "--resolver",
    "--resolve",
    "--connect-to",
    "-x, --proxy",
    "--unix-socket",
    "--source",
    "--interface",
    "-k, --insecure",
    "--ca ",
    "--cacert",
    "--capath",
    "--roots",
    "--client-cert",
    "--client-key",
    "--sni",
    "--no-sni",
    "--tls-min",
    "--tls-max",
    "--alpn",
    "--keylog",
    "--pin",
    "--crl",
    "--tls-timeout",
    "-X, --method",
    "--request]",
    "-I, --head",
    "-H, --header",
    "-d, --data",
    "--data-file",
    "-u, --user",
    "-A, --user-agent",
    "-0, --http1.0",
    "--request-target",
    "--path-as-is",
    "--accept",
    "--follow",
    "--max-redirs",
    "-L, --location",
    "--max-head",
    "--max-fields",
    "--max-interim",
    "--max-body",
    "--keep-body",
    "-m, --timeout",
    "--max-time",
    "--resolve-timeout",
    "--connect-timeout",
    "--request-timeout",
    "--response-timeout",
    "--json",
    "-v, --verbose",
    "-w, --write-out",
    "--body",
    "--head-raw",
    "--trace",
    "--trace-to",
    "--color",
    "-s, --silent",
    "--quiet",
    "-h, --help",
    "-V, --version",
];

#[test]
fn help_has_every_flag() {
    for help in ["-h", "--help"] {
        let output = run(&[help]);
        assert_eq!(exit(&output), 0);
        let text = stdout(&output);
        for flag in FLAGS {
            assert!(text.contains(flag), "{help}: {flag}");
        }
        let steps = ["1 Resolve", "2 Connect", "TLS (", "3 Request", "4 Response", "Output"];
        let places = steps.map(|step| text.find(step).unwrap());
        assert!(places.is_sorted(), "{help}: {places:?}");
    }
}

#[test]
fn long_help_teaches() {
    let text = stdout(&run(&["--help"]));
    let words: Vec<&str> = text.split(|c: char| c.is_whitespace() || ",.".contains(c)).collect();
    for variable in WriteOut::variables() {
        assert!(words.contains(&variable), "{variable}");
    }
    assert!(text.contains("Examples, by step:") && text.contains("Exit codes:"));
}

#[test]
fn every_example_of_the_help_is_understood() {
    let text = stdout(&run(&["--help"]));
    let (_, examples) = text.split_once("Examples, by step:").unwrap();
    let (examples, _) = examples.split_once("Exit codes:").unwrap();
    let mut count = 0;
    for line in examples.lines().map(str::trim).filter(|line| line.starts_with("fourstep ")) {
        // Help at the end: all before it was read, nothing is probed.
        let (line, _) = line.split_once(['>', '|']).unwrap_or((line, ""));
        let command = line.trim_end_matches(" 2").replacen("fourstep", "\"$0\" -h", 1);
        let shell = Command::new("sh")
            .args(["-c", &command, env!("CARGO_BIN_EXE_fourstep")])
            .output()
            .unwrap();
        assert_eq!(exit(&shell), 0, "{line}: {shell:?}");
        count += 1;
    }
    assert!(count > 10);
}

#[test]
fn codes_has_every_row() {
    let text = stdout(&run(&["codes"]));
    let rows: Vec<&str> = text.lines().collect();
    assert_eq!(rows.len(), 2 * Code::ALL.len());
    for (code, row) in Code::ALL.iter().zip(rows.chunks(2)) {
        assert!(row[0].starts_with(&format!("{code} ")), "{row:?}");
        assert!(row[0].contains(&format!("blame {}", code.blame())), "{row:?}");
        assert!(row[0].ends_with(code.meaning()) && row[1].ends_with(code.hint()), "{row:?}");
    }
    let rows = records(&run(&["codes", "--json"]));
    assert_eq!(rows.len(), Code::ALL.len());
    for (code, row) in Code::ALL.iter().zip(&rows) {
        assert_eq!(row["code"], code.as_str());
        assert_eq!(row["blame"], code.blame().as_str());
        assert_eq!((&row["meaning"], &row["hint"]), (&code.meaning().into(), &code.hint().into()));
    }
}

#[test]
fn a_body_and_a_format_may_come_from_standard_input() {
    let mut child = super::fourstep(&["-w", "@-", "http://:x/"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(b"[%{code}]").unwrap();
    assert_eq!(stdout(&child.wait_with_output().unwrap()), "[target.malformed]");
}

#[test]
fn fingerprints_has_every_emitter() {
    let output = run(&["fingerprints"]);
    let text = stdout(&output);
    assert_eq!(exit(&output), 0);
    for emitter in fourstep::verdict::emitters() {
        assert!(text.contains(emitter.name()), "{}", emitter.name());
    }
}

#[test]
fn help_says_how_much_of_a_body_is_kept() {
    let text = stdout(&run(&["--help"]));
    let words: Vec<_> = text.split_whitespace().collect();
    assert!(words.join(" ").contains("[default: 4K, with --body all that is read]"), "{text}");
}
