//! What it was measured on: a ratio says little without it.

use std::fs;
use std::process::Command;

use serde_json::{Value, json};

use crate::bench::Bench;

/// Programs whose versions are told, and how each is asked.
const VERSIONS: [(&str, &str); 6] = [
    ("curl", "--version"),
    ("wrk", "--version"),
    ("ab", "-V"),
    ("h2load", "--version"),
    ("oha", "--version"),
    ("cc", "--version"),
];

pub fn facts(bench: &Bench, descriptors: u64) -> Value {
    let read = |file: &str| fs::read_to_string(file).unwrap_or_default().trim().to_owned();
    let cpu = read("/proc/cpuinfo");
    let model = cpu.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": "));
    let fourstep = bench.ours("fourstep").program.display().to_string();
    let versions = VERSIONS.iter().copied().chain([(fourstep.as_str(), "--version")]);
    let versions: serde_json::Map<String, Value> = versions
        .map(|(program, flag)| {
            let name = program.rsplit('/').next().unwrap_or(program);
            (name.to_owned(), json!(version(program, flag)))
        })
        .collect();
    json!({
        "cores": cpu.lines().filter(|line| line.starts_with("processor")).count(),
        "cpu": model.map(|(_, model)| model),
        "kernel": read("/proc/sys/kernel/osrelease"),
        "load": read("/proc/loadavg"),
        "descriptors": descriptors,
        "somaxconn": read("/proc/sys/net/core/somaxconn"),
        "ports": read("/proc/sys/net/ipv4/ip_local_port_range"),
        "records_in": bench.records.display().to_string(),
        "record_octets": bench.record_octets,
        "versions": versions,
    })
}

/// The first line of what it says; wrk says it with exit code 1.
fn version(program: &str, flag: &str) -> Option<String> {
    let out = Command::new(program).arg(flag).output().ok()?;
    let text = [out.stdout, out.stderr].concat();
    let text = String::from_utf8_lossy(&text).into_owned();
    text.lines().find(|line| !line.trim().is_empty()).map(str::to_owned)
}
