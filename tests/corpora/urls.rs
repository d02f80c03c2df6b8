//! URLs and hosts of web-platform-tests, through `Target::parse` and `Target::join`.
//!
//! They hold the WHATWG URL standard, which repairs more than we do. Where we differ, the rule
//! that made the difference is counted under its name; `fixtures/targets/DECISIONS.md` has a row
//! for each. A difference without a rule is counted as `unexplained`, and there is none.

use super::{Counts, path};
use fourstep_target::{Joined, Target, TargetError};
use serde_json::Value;
use std::fs;

const DECISIONS: &str = include_str!("../../fixtures/targets/DECISIONS.md");

/// What the suite wants, or what we read.
#[derive(Debug, PartialEq, Eq)]
enum Read {
    /// The host as in a URL, IPv6 in its canonical form, and the port to dial.
    Probed(String, u16),
    /// No URL, or none of http and https.
    Refused,
}

use Read::{Probed, Refused};

#[test]
#[ignore = "needs the corpora: make corpora"]
fn url_idna() {
    let mut counts = Counts::of("url-idna");
    let text = fs::read_to_string(path("url-idna/cases.jsonl")).unwrap();
    for line in text.lines() {
        // A lone surrogate is no text, and nobody can type it.
        let Ok(row) = serde_json::from_str::<Value>(line) else {
            counts.add("skipped: lone surrogate");
            continue;
        };
        let id = row["id"].as_str().unwrap();
        let (suite, _) = id.split_once(".json").unwrap();
        let typed = match suite {
            "percent-encoding" => {
                counts.add("skipped: no URL");
                continue;
            }
            "toascii" | "IdnaTestV2" => format!("http://{}/", row["input"].as_str().unwrap()),
            _ => row["input"].as_str().unwrap().to_owned(),
        };
        let (verb, got) = match row["base"].as_str() {
            None => ("parse", Target::parse(typed.as_bytes()).map(Joined::Target)),
            Some(base) if base.starts_with("http") => {
                ("join", Target::parse(base.as_bytes()).unwrap().join(typed.as_bytes()))
            }
            Some(_) => {
                counts.add("skipped: base of another scheme");
                continue;
            }
        };
        let want = wanted(&row);
        let outcome = match difference(&want, &got, &typed) {
            None => format!("{verb}: agree"),
            Some(rule) => {
                assert!(DECISIONS.contains(&format!("| `{rule}` |")), "{id}: no row for {rule}");
                format!("{verb}: decided {rule}")
            }
        };
        counts.add(&outcome);
    }
    counts.hold();
}

/// What the suite wants of this row.
fn wanted(row: &Value) -> Read {
    if let Some(output) = row.get("output") {
        return output.as_str().map_or(Refused, |host| probed("http:", host, ""));
    }
    if row["failure"] == true {
        return Refused;
    }
    match (row["protocol"].as_str(), row["hostname"].as_str(), row["port"].as_str()) {
        (Some(scheme @ ("http:" | "https:")), Some(host), Some(port)) => probed(scheme, host, port),
        (Some(_), ..) => Refused,
        // A suite of lengths says only that it is a URL.
        _ => probed("http:", row["input"].as_str().unwrap().strip_prefix("http://").unwrap(), ""),
    }
}

fn probed(scheme: &str, host: &str, port: &str) -> Read {
    let default = if scheme == "https:" { 443 } else { 80 };
    let host = host.strip_suffix('/').unwrap_or(host);
    let host = match host.strip_prefix('[').and_then(|host| host.strip_suffix(']')) {
        Some(v6) => format!("[{}]", v6.parse::<std::net::Ipv6Addr>().unwrap()),
        None => host.to_owned(),
    };
    Probed(host, port.parse().unwrap_or(default))
}

/// The rule behind a difference; `None` when there is none.
fn difference(want: &Read, got: &Result<Joined, TargetError>, typed: &str) -> Option<&'static str> {
    let target = match got {
        Err(error) => return (*want != Refused).then(|| error.rule()),
        Ok(Joined::OtherScheme(_)) => return (*want != Refused).then_some("other-scheme"),
        Ok(Joined::Target(target)) => target,
    };
    if *want == Probed(target.host().to_string(), target.port()) {
        return None;
    }
    let fixed = |rule| target.fixes().iter().any(|fix| fix.rule == rule);
    let rules = ["no-scheme", "host-fake-a-label"];
    let found = rules.into_iter().find(|rule| fixed(*rule));
    found.or(typed.contains('\\').then_some("path-backslash")).or(Some("unexplained"))
}
