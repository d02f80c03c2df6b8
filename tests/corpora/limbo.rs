//! x509-limbo's chains through [`fourstep_tls::Config::judge`].

use super::{Counts, rows};
use fourstep_terms::Code;
use fourstep_tls::{Config, Options, Roots};
use serde_json::Value;
use std::collections::BTreeSet;
use std::time::Duration;

/// The cases that come out as the suite wants, and those of `fixtures/tls/LIMBO.md`.
#[test]
#[ignore = "needs the corpora: make corpora"]
fn x509_limbo() {
    let mut counts = Counts::of("x509-limbo");
    let mut differ = BTreeSet::new();
    for case in rows("x509-limbo/cases.jsonl") {
        let (id, group) = (text(&case["id"]), text(&case["id"]).split("::").next().unwrap());
        if case["validation_kind"] != "SERVER" {
            counts.add(&format!("{group}: not asked, a client's chain"));
            continue;
        }
        let verdict = judge(&case);
        let trusted = verdict == "trusted";
        let agree = trusted == (case["expected_result"] == "SUCCESS");
        if !agree {
            differ.insert(format!("| `{id}` | {verdict} |"));
        }
        counts.add(&format!("{group}: {}, {verdict}", if agree { "as wanted" } else { "unlike" }));
    }
    let decided: BTreeSet<String> = include_str!("../../fixtures/tls/LIMBO.md")
        .lines()
        .filter(|line| line.starts_with("| `"))
        .map(|line| line.split_inclusive('|').take(3).collect())
        .collect();
    assert_eq!(decided, differ, "fixtures/tls/LIMBO.md has the left, this run gave the right");
    counts.hold();
}

/// The codes of all that is wrong.
fn judge(case: &Value) -> String {
    let texts = |value: &Value| -> Vec<Vec<u8>> {
        value.as_array().unwrap().iter().map(|pem| text(pem).as_bytes().to_vec()).collect()
    };
    let options = Options {
        roots: Roots::Given(texts(&case["trusted_certs"])),
        crls: texts(&case["crls"]),
        ..Options::default()
    };
    let config = match Config::new(&options) {
        Ok(config) => config,
        Err(error) => return error.what().to_owned() + " refused",
    };
    let leaf = text(&case["peer_certificate"]).as_bytes().to_vec();
    let chain = [vec![leaf], texts(&case["untrusted_intermediates"])];
    let chain: Vec<Vec<u8>> = chain.concat().iter().map(|pem| der(pem)).collect();
    let chain: Vec<&[u8]> = chain.iter().map(Vec::as_slice).collect();
    let host = case["expected_peer_name"]["value"].as_str();
    // Without a moment of its own a case is of the day the suite was taken.
    let wall = case["validation_time"].as_str().map_or(DAY, seconds);
    let reasons = config.judge(&chain, host.unwrap_or("none.invalid"), Duration::from_secs(wall));
    let codes: Vec<&str> = reasons
        .iter()
        .map(|reason| reason.code())
        .filter(|code| host.is_some() || *code != Code::TlsWrongName)
        .map(Code::as_str)
        .collect();
    if codes.is_empty() { "trusted".to_owned() } else { codes.join(" ") }
}

/// 2025-06-01.
const DAY: u64 = 1_748_736_000;

/// `2024-01-01T00:00:00+00:00` as seconds since 1970.
fn seconds(date: &str) -> u64 {
    let date: jiff::Timestamp = date.parse().unwrap();
    date.as_second().try_into().unwrap()
}

fn der(pem: &[u8]) -> Vec<u8> {
    let text = std::str::from_utf8(pem).unwrap();
    let body: String = text.lines().filter(|line| !line.starts_with("-----")).collect();
    data_encoding::BASE64.decode(body.as_bytes()).unwrap()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("no text: {value}"))
}
