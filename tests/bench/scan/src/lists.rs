//! Lists of targets, made by rules, so that a record can be held against the line it came from.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

use crate::run::Result;
use crate::servers::Mode;

/// Distinct hosts of every list: enough for the ports towards each to suffice.
pub const HOSTS: u64 = 4000;

/// The address of host N, as c/names.c has it.
pub fn address(host: u64) -> String {
    format!("127.{}.{}.{}", 1 + host / 62_500 % 250, host / 250 % 250, 1 + host % 250)
}

/// `count` targets by address, all of one behaviour, each with a path of its own.
pub fn addresses(file: &Path, count: u64, mode: Mode) -> Result {
    in_turns(file, count, [mode, mode])
}

/// The same with two behaviours, one line each.
pub fn in_turns(file: &Path, count: u64, modes: [Mode; 2]) -> Result {
    write(file, count, |seq| {
        let mode = modes[usize::from(seq % 2 == 0)];
        format!("http://{}:{}/{seq}", address(seq % HOSTS), mode.port())
    })
}

/// The same as a file of curl's (`-K`).
pub fn for_curl(file: &Path, count: u64, mode: Mode) -> Result {
    write(file, count, |seq| {
        let (address, port) = (address(seq % HOSTS), mode.port());
        format!("url = http://{address}:{port}/{seq}\noutput = /dev/null")
    })
}

/// What is to become of a line of the mixed list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fate {
    Status(u16),
    Code(&'static str),
}

/// Every kind of end in one list: of each twenty targets one is refused, one silent, one reset,
/// one empty, one malformed and one of no such name; nine are 503 and five 200. By name, on
/// [`HOSTS`] hosts.
pub fn mixed(file: &Path, count: u64) -> Result {
    write(file, count, |seq| mixed_line(seq).0)
}

/// A line of the mixed list, and what is to become of it.
pub fn mixed_line(seq: u64) -> (String, Fate) {
    // A multiplier without a factor in common with 20 and 4,000 walks through all of them, and
    // neighbours in the list are not neighbours in kind.
    let kind = seq.wrapping_mul(7) % 20;
    let host = seq.wrapping_mul(1_237).wrapping_add(seq / 4000) % HOSTS;
    let (mode, fate) = match kind {
        0 => (Mode::Refused, Fate::Code("connect.refused")),
        1 => (Mode::Silent, Fate::Code("response.silent")),
        2 => (Mode::Reset, Fate::Code("response.reset")),
        3 => (Mode::Malformed, Fate::Code("response.malformed")),
        4 => {
            let line = format!("http://nx{host}.bench.test/{seq}");
            return (line, Fate::Code("resolve.no-such-name"));
        }
        5 => (Mode::Empty, Fate::Code("response.empty")),
        6..11 => (Mode::Ok, Fate::Status(200)),
        _ => (Mode::Unavailable, Fate::Status(503)),
    };
    (format!("http://h{host}.bench.test:{}/{seq}", mode.port()), fate)
}

fn write(file: &Path, count: u64, line: impl Fn(u64) -> String) -> Result {
    let mut out = BufWriter::new(File::create(file)?);
    for seq in 1..=count {
        writeln!(out, "{}", line(seq))?;
    }
    Ok(out.flush()?)
}
