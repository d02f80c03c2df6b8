//! A thousand probes on one loop, and a count of how they ended.
//!
//!     cargo run --example thousand -- http://127.0.0.1:8080/
#![expect(clippy::print_stdout, reason = "an example prints what it found")]

use std::collections::BTreeMap;

use fourstep::driver::{Job, Ran};
use fourstep::machine::Parting;

fn main() -> Result<(), fourstep::Error> {
    let url = std::env::args().nth(1).unwrap_or_else(|| "http://127.0.0.1:8080/".into());
    let mut client = fourstep::Client::new()?;
    // Many short connections: leave no TIME_WAIT behind, and have at most 100 open.
    client.plan.parting = Parting::Reset;
    client.settings.in_flight = 100;

    // Target and plan are shared: a job is a number and two pointers.
    let first = client.job(1, fourstep::Client::target(url.as_bytes())?)?;
    let jobs = (1..=1000).map(|number| Job { number, ..first.clone() });

    let mut ends = BTreeMap::new();
    let ran = client.run(jobs, |done| {
        let end = match (&done.report.failure, done.report.status()) {
            (Some(failure), _) => failure.code().to_string(),
            (None, status) => format!("{}", status.unwrap_or_default()),
        };
        *ends.entry(end).or_insert(0) += 1;
    })?;
    assert_eq!(ran, Ran::All);
    for (end, count) in ends {
        println!("{count:5} {end}");
    }
    Ok(())
}
