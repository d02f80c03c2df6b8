//! fourstep's scan and its peers, measured in turns on this machine: see ../README.md.
//!
//!     bench --programs DIR --work DIR [--rounds N] [--probes N] [CASE...]
//!
//! Prints tables, and writes them as JSON to `scan.json` in the work folder. Exits 0 when it could
//! measure, whatever it measured.

mod bench;
mod cases;
mod contestants;
mod lists;
mod machine;
mod namespace;
mod run;
mod servers;
mod table;

use std::path::PathBuf;

use bench::Bench;
use run::Result;
use serde_json::json;

/// What measures something and keeps what it found.
type Case = fn(&mut Bench) -> Result;

/// What can be measured, in the order of a full run.
const CASES: [(&str, Case); 8] = [
    ("rate", cases::rate::measure),
    ("calls", cases::calls::measure),
    ("timing", cases::timing::measure),
    ("memory", cases::memory::measure),
    ("names", cases::names::measure),
    ("deadlines", cases::deadlines::measure),
    ("scale", cases::scale::measure),
    ("complete", cases::complete::measure),
];

fn main() {
    if let Err(error) = measure() {
        eprintln!("bench: {error}");
        std::process::exit(1);
    }
}

fn measure() -> Result {
    let mut args = std::env::args().skip(1);
    let mut folders = [None, None];
    let (mut rounds, mut probes) = (5, None);
    let mut asked = Vec::new();
    while let Some(arg) = args.next() {
        let mut value = || args.next().ok_or(format!("{arg} needs a value"));
        match arg.as_str() {
            "--programs" => folders[0] = Some(PathBuf::from(value()?)),
            "--work" => folders[1] = Some(PathBuf::from(value()?)),
            "--rounds" => rounds = value()?.parse()?,
            "--probes" => probes = Some(value()?.parse()?),
            case if CASES.iter().any(|(name, _)| *name == case) => asked.push(arg),
            other => return Err(format!("no such case or flag: {other}").into()),
        }
    }
    let [Some(programs), Some(work)] = folders else {
        return Err(
            "usage: bench --programs DIR --work DIR [--rounds N] [--probes N] [CASE...]".into()
        );
    };
    let descriptors = run::prepare()?;
    let mut bench = Bench::new(programs, work, rounds);
    bench.probes = probes.unwrap_or(bench.probes);
    bench.weigh_record()?;
    let machine = machine::facts(&bench, descriptors);
    println!(
        "{} cores, {}, Linux {}, {} descriptors",
        machine["cores"],
        machine["cpu"].as_str().unwrap_or("?"),
        machine["kernel"].as_str().unwrap_or("?"),
        descriptors
    );
    for (name, case) in CASES {
        if asked.is_empty() || asked.iter().any(|asked| asked == name) {
            case(&mut bench).map_err(|error| format!("{name}: {error}"))?;
        }
    }
    // What is in memory stays there until it is removed; some cases keep no records.
    let _ = std::fs::remove_file(bench.record_file());
    bench.print_aims();
    let all = json!({"machine": machine, "aims": bench.aims(), "results": bench.results});
    let file = bench.file("scan.json");
    std::fs::write(&file, serde_json::to_string_pretty(&all)? + "\n")?;
    println!("\n{}", file.display());
    Ok(())
}
