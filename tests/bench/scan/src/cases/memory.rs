//! Memory: what is resident at the usual load, and what one more connection takes.

use serde_json::json;

use crate::bench::{Bench, Bound};
use crate::contestants;
use crate::lists;
use crate::run::Result;
use crate::servers::{Mode, Server};
use crate::table::{self, number, octets};

/// Connections held at once by silent servers; the difference is what each takes. Tables grow by
/// doubling: these nearly fill theirs.
const FEW: u64 = 1_000;
const MANY: u64 = 8_000;

pub fn measure(bench: &mut Bench) -> Result {
    let _origin = Server::origin(&bench.programs, &bench.work)?;
    let mut rows = Vec::new();
    let mut result = serde_json::Map::new();

    let list = bench.file("list-memory");
    lists::addresses(&list, 40_000, Mode::Unavailable)?;
    if let Some(line) = contestants::scan(bench, &[]) {
        let peak = bench.run(&line.arg(list.display()))?.peak as f64;
        rows.push(vec![
            format!("fourstep scan, {} in flight, resident", bench.in_flight),
            octets(peak),
        ]);
        result.insert("resident_octets".into(), json!(peak));
        let what = format!("memory: resident, {} in flight, MB", bench.in_flight);
        bench.aim(what, peak / 1024.0 / 1024.0, Bound::AtMost(8.0));
    }

    // Counted by an allocator of its own, in the loop without list and writer.
    let mut allocated = [0.0; 2];
    let mut resident = [f64::NAN; 2];
    for (at, count) in [FEW, MANY].into_iter().enumerate() {
        let list = bench.file(&format!("list-held-{count}"));
        lists::addresses(&list, count, Mode::Silent)?;
        let held = bench.ours("held").arg(count).arg(list.display());
        allocated[at] = bench.run(&held)?.stdout.trim().parse()?;
        bench.in_flight = usize::try_from(count)?;
        if let Some(line) = contestants::scan(bench, &["--response-timeout", "5s"]) {
            resident[at] = bench.run(&line.arg(list.display()))?.peak as f64;
        }
        bench.in_flight = 256;
    }
    let more = (MANY - FEW) as f64;
    let allocated = (allocated[1] - allocated[0]) / more;
    let resident = (resident[1] - resident[0]) / more;
    rows.push(vec!["one more connection, allocated".into(), format!("{} B", number(allocated, 0))]);
    rows.push(vec!["one more connection, resident".into(), format!("{} B", number(resident, 0))]);
    result.insert("connection_allocated_octets".into(), json!(allocated));
    result.insert("connection_resident_octets".into(), json!(resident));
    bench.aim("memory: one plain connection, allocated, B", allocated, Bound::AtMost(600.0));

    // A line for each version: its name, allocations of ours and bare, their ratio, octets held.
    let sessions = bench.run(&bench.ours("tls_heap"))?.stdout;
    for line in sessions.lines().skip(1) {
        let mut words = line.split_whitespace();
        let (Some(version), Some(held)) = (words.next(), words.nth(3)) else {
            return Err(format!("no octets held in: {line}").into());
        };
        let octets = allocated + held.parse::<f64>()?;
        rows.push(vec![format!("the same with {version}"), format!("{} B", number(octets, 0))]);
        result.insert(format!("connection_allocated_octets_{version}"), json!(octets));
        let what = format!("memory: one connection with {version}, allocated, B");
        bench.aim(what, octets, Bound::AtMost(10.0 * 1024.0));
    }
    table::print("Memory", &["", ""], &rows);
    bench.keep("memory", result.into());
    Ok(())
}
