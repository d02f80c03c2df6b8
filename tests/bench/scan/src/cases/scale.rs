//! From ten thousand targets to a million: neither slower nor larger.

use serde_json::json;

use crate::bench::{Bench, Bound};
use crate::contestants;
use crate::lists;
use crate::run::Result;
use crate::servers::{Mode, Server};
use crate::table::{self, median, number};

const SIZES: [u64; 3] = [10_000, 100_000, 1_000_000];

pub fn measure(bench: &mut Bench) -> Result {
    let Some(line) = contestants::scan(bench, &[]) else {
        println!("\nScale: this fourstep has no scan");
        return Ok(());
    };
    let mut rates = [const { Vec::new() }; SIZES.len()];
    let mut peaks = [const { Vec::new() }; SIZES.len()];
    let mut cpu = [const { Vec::new() }; SIZES.len()];
    for size in SIZES {
        lists::addresses(&bench.file(&format!("list-{size}")), size, Mode::Unavailable)?;
    }
    // A million takes a minute: three are enough.
    for _ in 0..bench.rounds.min(3) {
        for (at, size) in SIZES.into_iter().enumerate() {
            // A run of the shortest list is over before the next sample: several are one.
            let runs = (100_000 / size).max(1);
            let _origin = Server::origin(&bench.programs, &bench.work)?;
            let list = bench.file(&format!("list-{size}"));
            for _ in 0..runs {
                let cost = bench.run(&line.clone().arg(list.display()))?;
                rates[at].push(size as f64 / cost.wall.as_secs_f64());
                peaks[at].push(cost.peak as f64);
                cpu[at].push(cost.cpu().as_secs_f64() * 1e6 / size as f64);
            }
            std::fs::remove_file(bench.record_file())?;
        }
    }
    let rates = rates.map(median);
    let peaks = peaks.map(median);
    let cpu = cpu.map(median);
    let row = |at: usize| {
        vec![
            number(SIZES[at] as f64, 0),
            number(rates[at], 0),
            number(rates[at] / rates[0], 2),
            number(cpu[at], 1),
            number(cpu[0] / cpu[at], 2),
            table::octets(peaks[at]),
            number(peaks[at] / peaks[0], 2),
        ]
    };
    let rows: Vec<Vec<String>> = (0..SIZES.len()).map(row).collect();
    let head = ["targets", "probes/s", "ratio", "CPU µs", "ratio", "peak", "ratio"];
    table::print("Long lists, full records, to a file", &head, &rows);
    bench.aim("scale: rate, 1,000,000 / 10,000 targets", rates[2] / rates[0], Bound::AtLeast(0.95));
    bench.aim("scale: rate by CPU, 1,000,000 / 10,000", cpu[0] / cpu[2], Bound::AtLeast(0.95));
    bench.aim("scale: peak memory, 1,000,000 / 10,000", peaks[2] / peaks[0], Bound::AtMost(1.1));
    bench.keep(
        "scale",
        json!({"targets": SIZES, "probes_per_s": rates, "cpu_us": cpu, "peak_octets": peaks}),
    );
    Ok(())
}
