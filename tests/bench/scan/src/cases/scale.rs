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
    for size in SIZES {
        lists::addresses(&bench.file(&format!("list-{size}")), size, Mode::Unavailable)?;
    }
    for _ in 0..bench.rounds {
        for (at, size) in SIZES.into_iter().enumerate() {
            // A run of the shortest list is over before the next sample: several are one.
            let runs = (100_000 / size).max(1);
            let _origin = Server::origin(&bench.programs, &bench.work)?;
            let list = bench.file(&format!("list-{size}"));
            for _ in 0..runs {
                let cost = bench.run(&line.clone().arg(list.display()))?;
                rates[at].push(size as f64 / cost.wall.as_secs_f64());
                peaks[at].push(cost.peak as f64);
            }
            std::fs::remove_file(bench.record_file())?;
        }
    }
    let rates = rates.map(median);
    let peaks = peaks.map(median);
    let rows: Vec<Vec<String>> = SIZES
        .iter()
        .zip(rates.iter().zip(&peaks))
        .map(|(size, (rate, peak))| {
            let (rate, of) = (number(*rate, 0), number(*rate / rates[0], 2));
            vec![
                number(*size as f64, 0),
                rate,
                of,
                table::octets(*peak),
                number(peak / peaks[0], 2),
            ]
        })
        .collect();
    table::print(
        "Long lists, full records, to a file",
        &["targets", "probes/s", "ratio", "peak", "ratio"],
        &rows,
    );
    bench.aim("scale: rate, 1,000,000 / 10,000 targets", rates[2] / rates[0], Bound::AtLeast(0.95));
    bench.aim("scale: peak memory, 1,000,000 / 10,000", peaks[2] / peaks[0], Bound::AtMost(1.1));
    bench.keep("scale", json!({"targets": SIZES, "probes_per_s": rates, "peak_octets": peaks}));
    Ok(())
}
