//! What all cases share: where programs and files are, how often, and what was aimed at.

use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::{Map, Value, json};

use crate::run::{Cost, Line, Result, free_octets, run};
use crate::servers::{Mode, Server};
use crate::{lists, table};

/// Longer than any run takes on a machine that is fit to measure.
const LIMIT: Duration = Duration::from_secs(600);

pub struct Bench {
    /// Where this program and those built beside it are.
    pub programs: PathBuf,
    /// For lists and results.
    pub work: PathBuf,
    /// For records while they are measured: memory where there is some, since a disk's own load
    /// comes and goes.
    pub records: PathBuf,
    pub rounds: usize,
    pub in_flight: usize,
    /// Targets of a round.
    pub probes: u64,
    /// Octets of one record of fourstep's, with its end of line.
    pub record_octets: u64,
    /// Everything measured, by case.
    pub results: Map<String, Value>,
    aims: Vec<Aim>,
}

struct Aim {
    what: String,
    value: f64,
    bound: Bound,
}

#[derive(Clone, Copy)]
pub enum Bound {
    AtLeast(f64),
    AtMost(f64),
    /// A number to stand beside another.
    None,
}

impl Bench {
    pub fn new(programs: PathBuf, work: PathBuf, rounds: usize) -> Bench {
        let memory = PathBuf::from("/dev/shm");
        let records = if free_octets(&memory) > 4 << 30 { memory } else { work.clone() };
        Bench {
            programs,
            work,
            records,
            rounds,
            in_flight: 256,
            probes: 60_000,
            record_octets: 2_000,
            results: Map::new(),
            aims: Vec::new(),
        }
    }

    /// A program of this bench.
    pub fn ours(&self, name: &str) -> Line {
        Line::new(self.programs.join(name), &[])
    }

    /// `fourstep scan`, nothing held back: the servers are ours.
    pub fn scan(&self, in_flight: usize) -> Line {
        self.ours("fourstep")
            .arg("scan")
            .arg("--in-flight")
            .arg(in_flight)
            .arg("--per-host")
            .arg(0)
            .arg("--overwrite")
            .arg("--output")
            .arg(self.record_file().display())
    }

    pub fn record_file(&self) -> PathBuf {
        self.records.join("fourstep-bench.jsonl")
    }

    /// A file of this bench's own.
    pub fn file(&self, name: &str) -> PathBuf {
        self.work.join(name)
    }

    /// Weighs a record of fourstep's, so that who writes as much writes as much.
    pub fn weigh_record(&mut self) -> Result {
        let _origin = Server::origin(&self.programs, &self.work)?;
        let url = format!("http://{}:{}/1", lists::address(1), Mode::Unavailable.port());
        // It exits 1, for the status is not accepted.
        let said = run(&self.ours("fourstep").arg("--json").arg(url), LIMIT)?.stdout;
        if said.ends_with("}\n") {
            self.record_octets = said.len() as u64;
        }
        Ok(())
    }

    /// Runs it; an end other than 0 is an error.
    pub fn run(&self, line: &Line) -> Result<Cost> {
        run(line, LIMIT)?.checked(line)
    }

    /// Remembers a number and what it should be.
    pub fn aim(&mut self, what: impl Into<String>, value: f64, bound: Bound) {
        self.aims.push(Aim { what: what.into(), value, bound });
    }

    /// Keeps what a case measured.
    pub fn keep(&mut self, case: &str, value: Value) {
        self.results.insert(case.to_owned(), value);
    }

    /// Prints what was aimed at, and what was reached.
    pub fn print_aims(&self) {
        let rows: Vec<Vec<String>> = self.aims.iter().map(Aim::row).collect();
        if !rows.is_empty() {
            table::print("What was aimed at", &["", "measured", "aim", ""], &rows);
        }
    }

    pub fn aims(&self) -> Value {
        let aims = self.aims.iter().map(|aim| {
            let (what, value) = (&aim.what, aim.value);
            match aim.bound {
                Bound::AtLeast(bound) => {
                    json!({"what": what, "value": value, "at_least": bound, "met": value >= bound})
                }
                Bound::AtMost(bound) => {
                    json!({"what": what, "value": value, "at_most": bound, "met": value <= bound})
                }
                Bound::None => json!({"what": what, "value": value}),
            }
        });
        aims.collect()
    }
}

impl Aim {
    fn row(&self) -> Vec<String> {
        let (sign, bound, met) = match self.bound {
            Bound::AtLeast(bound) => ("≥ ", bound, self.value >= bound),
            Bound::AtMost(bound) => ("≤ ", bound, self.value <= bound),
            Bound::None => ("", f64::NAN, true),
        };
        let digits = if bound >= 100.0 { 0 } else { 2 };
        let met = match met {
            _ if self.value.is_nan() => "not measured",
            _ if bound.is_nan() => "",
            true => "met",
            false => "not met",
        };
        vec![
            self.what.clone(),
            table::number(self.value, digits),
            format!("{sign}{}", table::number(bound, digits)),
            met.to_owned(),
        ]
    }
}

/// The program of this name in PATH.
pub fn installed(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).map(|folder| folder.join(name)).find(|file| is_program(file))
}

fn is_program(file: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    file.metadata().is_ok_and(|facts| facts.is_file() && facts.permissions().mode() & 0o111 != 0)
}
