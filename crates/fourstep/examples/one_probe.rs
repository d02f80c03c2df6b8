//! One probe, and what it says.
//!
//!     cargo run --example one_probe -- http://example.com/
#![expect(clippy::print_stdout, reason = "an example prints what it found")]

use std::time::Duration;

use fourstep::machine::Timings;

fn main() -> Result<(), fourstep::Error> {
    let url = std::env::args().nth(1).unwrap_or_else(|| "http://example.com/".into());

    // The short way is `fourstep::probe(&url)?`; a client has options.
    let mut client = fourstep::Client::new()?;
    client.plan.deadlines.total = Duration::from_secs(5);
    let report = client.probe(&url)?;

    let Timings { resolve, connect, wait, total, .. } = report.timeline.timings();
    for (step, took) in [("resolve", resolve), ("connect", connect), ("wait", wait)] {
        match took {
            Some(took) => println!("{step:8} {:>8.3} ms", took.as_secs_f64() * 1e3),
            None => println!("{step:8} not begun"),
        }
    }
    println!("{:8} {:>8.3} ms", "total", total.unwrap_or_default().as_secs_f64() * 1e3);
    match (report.status(), &report.failure) {
        (Some(status), None) => println!("answered {status}"),
        (status, Some(failure)) => {
            println!("{} at step {}: {failure}", failure.code(), failure.step());
            println!("try: {}", failure.hint());
            // An answer can be there and be incomplete.
            status.into_iter().for_each(|status| println!("after status {status}"));
        }
        (None, None) => println!("neither answered nor failed"),
    }
    Ok(())
}
