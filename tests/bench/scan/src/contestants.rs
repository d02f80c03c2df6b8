//! Who takes part, and how each is told to do the same work: connect, GET, read to the end of the
//! body, close; no connection used twice.

use std::path::{Path, PathBuf};

use crate::bench::{Bench, installed};
use crate::run::Line;
use crate::servers::Mode;

/// One that is measured.
pub struct Contestant {
    pub name: &'static str,
    /// What it leaves out or does besides.
    pub note: &'static str,
    /// `None`: it is not there.
    pub line: Option<Line>,
    /// Whether it can be told how many probes; else it runs for a time.
    pub counted: bool,
}

/// The names that are measured against each other.
pub const LIMIT: &str = "C epoll loop";
pub const LIMIT_RECORD: &str = "C, with record";
pub const LIMIT_SAME: &str = "C, with times and record";
pub const REUSED: &str = "C, reused";
pub const REUSED_RECORD: &str = "C, reused, with record";
pub const REUSED_SAME: &str = "C, reused, with times and record";
pub const FOURSTEP: &str = "fourstep scan";
pub const FOURSTEP_USER: &str = "fourstep scan --clock user";
pub const WRK: &str = "wrk";

/// All of them, for `probes` probes of `list`; those that take one URL get its first host's.
pub fn all(bench: &Bench, list: &Path, probes: u64, mode: Mode) -> Vec<Contestant> {
    let list = list.display().to_string();
    let url = format!("http://{}:{}/", crate::lists::address(0), mode.port());
    let k = bench.in_flight;
    let record = bench.record_octets.to_string();
    let out = bench.record_file().display().to_string();
    let limit = |args: &[&str]| {
        let mut line = bench.ours("limit").arg("-k").arg(k);
        line.args.extend(args.iter().map(|arg| (*arg).to_owned()));
        Some(line.arg(&list))
    };
    let of = |name, note, line| Contestant { name, note, line, counted: true };
    let program = |name: &str| installed(name).map(|file| Line::new(file, &[]));
    let close = "Connection: close";
    vec![
        of(LIMIT, "the limit: a bare loop", limit(&[])),
        of(LIMIT_RECORD, "the same octets written", limit(&["-r", &record, "-o", &out])),
        of(
            LIMIT_SAME,
            "and kernel time stamps, TCP_INFO twice",
            limit(&["-t", "-r", &record, "-o", &out]),
        ),
        of(REUSED, "a socket's next connection, not a new socket", limit(&["-d"])),
        of(REUSED_RECORD, "the same octets written", limit(&["-d", "-r", &record, "-o", &out])),
        of(
            REUSED_SAME,
            "and kernel time stamps, TCP_INFO twice",
            limit(&["-d", "-t", "-r", &record, "-o", &out]),
        ),
        of(FOURSTEP, "full records", scan(bench, &[]).map(|line| line.arg(&list))),
        of(
            FOURSTEP_USER,
            "full records",
            scan(bench, &["--clock", "user"]).map(|line| line.arg(&list)),
        ),
        of(
            "fourstep, linked",
            "no list, limits, record",
            built(bench, "linked").map(|line| line.arg("probes").arg(k).arg(&list)),
        ),
        Contestant {
            name: WRK,
            note: "no list, no record",
            line: program("wrk").map(|line| {
                line.arg("-t1").arg(format!("-c{k}")).arg("-d3s").arg("-H").arg(close).arg(&url)
            }),
            counted: false,
        },
        of(
            "ab",
            "no list, no record; HTTP/1.0",
            program("ab")
                .map(|line| line.arg("-q").arg("-n").arg(probes).arg("-c").arg(k).arg(&url)),
        ),
        of(
            "h2load --h1",
            "no list, no record",
            program("h2load").map(|line| {
                let line = line.arg("--h1").arg("-t1").arg("-n").arg(probes).arg("-c").arg(k);
                line.arg("-H").arg(close).arg(&url)
            }),
        ),
        of(
            "oha",
            "no list, no record",
            program("oha").map(|line| {
                let line = line.arg("--no-tui").arg("--disable-keepalive");
                line.arg("-n").arg(probes).arg("-c").arg(k).arg(&url)
            }),
        ),
        of("hyper", "no record", built(bench, "peer-hyper").map(|line| line.arg(k).arg(&list))),
        of("reqwest", "no record", built(bench, "peer-reqwest").map(|line| line.arg(k).arg(&list))),
    ]
}

/// `fourstep scan` with these flags; `None` when the command has none.
pub fn scan(bench: &Bench, flags: &[&str]) -> Option<Line> {
    let mut line = bench.scan(bench.in_flight);
    line.args.extend(flags.iter().map(|flag| (*flag).to_owned()));
    has_scan(&line.program).then_some(line)
}

fn has_scan(fourstep: &Path) -> bool {
    let help = std::process::Command::new(fourstep).args(["scan", "--help"]).output();
    // One without it takes `scan` for a host's name.
    help.is_ok_and(|out| String::from_utf8_lossy(&out.stdout).contains("fourstep scan"))
}

/// A program of the bench, when it was built.
pub fn built(bench: &Bench, name: &str) -> Option<Line> {
    let file: PathBuf = bench.programs.join(name);
    file.is_file().then(|| Line::new(file, &[]))
}
