//! Waits until a target answers as it should, and obeys what it asks for meanwhile.
//!
//!     cargo run --example wait -- http://127.0.0.1:8080/
#![expect(clippy::print_stdout, reason = "an example prints what it found")]

use std::time::SystemTime;

use fourstep::driver::{Finished, Job, Supply, Work};
use fourstep::terms::Time;
use fourstep::verdict::Verdict;
use fourstep::wait::{Next, Patience, Then, Wait};

/// One target that is waited for: the loop asks it what to probe, and tells it what came of that.
struct Waiting {
    wait: Wait,
    job: Job,
}

impl Work for Waiting {
    fn next(&mut self, now: Time) -> Supply {
        match self.wait.next(now) {
            // `within` is how much time is left; a probe has a limit of its own, too.
            Next::Look { .. } => Supply::Job(self.job.clone()),
            Next::Rest(until) => Supply::Wait(until),
            Next::Over => Supply::End,
        }
    }

    fn done(&mut self, now: Time, done: Finished, _trace: &str) {
        let verdict = Verdict::of(&done.report, SystemTime::now());
        let then = match self.wait.saw(now, 0, &verdict).then {
            Then::Reached => "reached".to_owned(),
            Then::Again { at, .. } => format!("again in {:.1} s", at.since(now).as_secs_f64()),
            Then::GaveUp(reason) => format!("given up: {reason:?}"),
        };
        println!("{}: {then}", verdict.finding());
    }
}

fn main() -> Result<(), fourstep::Error> {
    let url = std::env::args().nth(1).unwrap_or_else(|| "http://127.0.0.1:8080/".into());
    let client = fourstep::Client::new()?;
    let job = client.job(0, fourstep::Client::target(url.as_bytes())?)?;
    // The loop's clock begins with the loop.
    let mut driver = client.driver()?;
    let wait = Wait::new(Time::START, 1, Patience::default(), 0);
    let _ran = driver.work(&mut Waiting { wait, job }).map_err(fourstep::Error::System)?;
    Ok(())
}
