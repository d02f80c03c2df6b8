//! Test material made by others, through our parsers.
//!
//! It lives beside the project (`../shared/corpora`, or the folder that `FOURSTEP_CORPORA` names)
//! and none of its octets are kept here; only what we make of them is, as counts in `counts.txt`.
//! Each suite has a FORMAT.txt that says what its fields mean. The tests here are ignored unless
//! asked for: `make corpora`.

mod curl_replies;
mod dates;
mod dns;
mod heads;
mod limbo;
mod svcb;
mod urls;
mod verdicts;

use serde_json::Value;
use std::path::{Path, PathBuf};
use std::{env, fs};

/// The file `name` of the corpora: `llhttp/cases.jsonl`.
pub(crate) fn path(name: &str) -> PathBuf {
    let root = env::var_os("FOURSTEP_CORPORA").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/corpora"),
        PathBuf::from,
    );
    root.join(name)
}

/// The rows of a file of JSON lines.
pub(crate) fn rows(name: &str) -> Vec<Value> {
    let path = path(name);
    let text = fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    text.lines()
        .enumerate()
        .map(|(n, line)| {
            serde_json::from_str(line).unwrap_or_else(|e| panic!("{name}:{}: {e}", n + 1))
        })
        .collect()
}

/// The octets of a field that holds base64.
pub(crate) fn octets(value: &Value) -> Vec<u8> {
    let text = value.as_str().unwrap_or_else(|| panic!("no base64 text: {value}"));
    data_encoding::BASE64.decode(text.as_bytes()).unwrap_or_else(|e| panic!("{e}: {text}"))
}

/// How many rows of a suite came out how, held against `counts.txt`.
///
/// Any difference fails, a better count too: whoever changes a count writes the new one down.
/// A suite's name has no space; an outcome may.
pub(crate) struct Counts {
    suite: &'static str,
    outcomes: Vec<(String, usize)>,
}

impl Counts {
    pub(crate) fn of(suite: &'static str) -> Counts {
        Counts { suite, outcomes: Vec::new() }
    }

    /// One more row came out so.
    pub(crate) fn add(&mut self, outcome: &str) {
        match self.outcomes.iter_mut().find(|(o, _)| o == outcome) {
            Some((_, n)) => *n += 1,
            None => self.outcomes.push((outcome.to_owned(), 1)),
        }
    }

    /// Prints the counts and holds them against the file.
    pub(crate) fn hold(mut self) {
        self.outcomes.sort();
        let now: String =
            self.outcomes.iter().map(|(o, n)| format!("{} {o} = {n}\n", self.suite)).collect();
        print!("{now}");
        let prefix = format!("{} ", self.suite);
        let held: String = include_str!("counts.txt")
            .lines()
            .filter(|line| line.starts_with(&prefix))
            .map(|line| format!("{line}\n"))
            .collect();
        assert_eq!(held, now, "tests/corpora/counts.txt has the left, this run gave the right");
    }
}
