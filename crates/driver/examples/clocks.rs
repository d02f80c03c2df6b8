//! What many probes at once say that they waited, by the kernel's clock and by the loop's own.
//!
//!     cargo run --release -p fourstep-driver --example clocks -- URL [COUNT [IN_FLIGHT]]
//!
//! The more probes are in flight, the longer octets lie in the kernel until their turn comes: by
//! the loop's clock that is a part of the wait.
#![expect(clippy::print_stdout, reason = "an example prints what it found")]

use std::sync::Arc;

use fourstep_driver::{Driver, Job, Settings};
use fourstep_probe::{Parting, Plan};
use fourstep_target::Target;
use fourstep_terms::Clock;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let url = arguments.next().unwrap_or_else(|| "127.0.0.1:8080".into());
    let count: u64 = arguments.next().map_or(Ok(10_000), |count| count.parse())?;
    let in_flight: usize = arguments.next().map_or(Ok(1000), |many| many.parse())?;
    let target: Arc<Target> = Arc::new(url.parse()?);
    let plan = Arc::new(Plan { parting: Parting::Reset, ..Plan::default() });
    for clock in [Clock::Kernel, Clock::User] {
        let mut driver = Driver::new(Settings { in_flight, clock, ..Settings::default() })?;
        let job = |number| Job { number, target: Arc::clone(&target), plan: Arc::clone(&plan) };
        let (mut waits, mut rtts, mut stamped) = (Vec::new(), Vec::new(), 0);
        let began = std::time::Instant::now();
        let _ = driver.run((0..count).map(job), |done, _| {
            let report = done.report;
            waits.extend(report.timeline.timings().wait.filter(|_| report.answered()));
            rtts.extend(report.tcp.and_then(|tcp| tcp.ended.min_rtt_us).map(u32::from));
            stamped += u64::from(report.timeline.clock() == Some(Clock::Kernel));
        })?;
        let took = began.elapsed();
        waits.sort_unstable();
        rtts.sort_unstable();
        println!(
            "{clock}: {} of {count} answered in {} ms, {stamped} stamped; wait: median {} us, \
             99 of 100 within {} us; shortest round trip: median {} us",
            waits.len(),
            took.as_millis(),
            at(&waits, 50).unwrap_or_default().as_micros(),
            at(&waits, 99).unwrap_or_default().as_micros(),
            at(&rtts, 50).unwrap_or_default(),
        );
    }
    Ok(())
}

/// The value below which so many of a hundred are.
fn at<T: Copy>(sorted: &[T], percent: usize) -> Option<T> {
    sorted.get(sorted.len() * percent / 100).copied()
}
