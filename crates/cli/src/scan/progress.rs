//! A line on a terminal that says how far the run is. A thread draws it, so that a terminal that
//! is stuck keeps no probe waiting.

use std::io::{self, IsTerminal};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread;
use std::time::{Duration, Instant};

use fourstep::scan::Standing;
use indicatif::{HumanCount, HumanDuration, ProgressBar, ProgressDrawTarget, ProgressStyle};

/// How often the line is drawn.
const EACH: Duration = Duration::from_millis(200);

/// How far the run is: written by the loop, read by whoever draws.
#[derive(Debug, Default)]
pub(crate) struct Progress {
    done: AtomicU64,
    failed: AtomicU64,
    in_flight: AtomicU64,
    /// Entries of the list that were met, and those of them that need no probe.
    met: AtomicU64,
    passed_over: AtomicU64,
    is_over: AtomicBool,
}

impl Progress {
    /// A target got its last record.
    pub(crate) fn end_target(&self, failed: bool) {
        self.done.fetch_add(1, Ordering::Relaxed);
        self.failed.fetch_add(u64::from(failed), Ordering::Relaxed);
    }

    /// How the scan stands.
    pub(crate) fn stands(&self, standing: Standing) {
        let in_flight = u64::try_from(standing.under_way).unwrap_or(u64::MAX);
        self.in_flight.store(in_flight, Ordering::Relaxed);
        self.met.store(standing.seq, Ordering::Relaxed);
        self.passed_over.store(standing.passed_over, Ordering::Relaxed);
        self.is_over.store(standing.over, Ordering::Relaxed);
    }
}

/// How much of the list was read, of how much.
pub(crate) struct Extent {
    pub(crate) taken: Arc<AtomicU64>,
    /// `None` when nobody knows: there is a pipe among the inputs.
    pub(crate) octets: Option<u64>,
    /// Of how many parts of the list one is probed.
    pub(crate) shards: u32,
}

/// The thread that draws.
pub(crate) struct Drawing {
    /// It stops when this end is dropped.
    stop: Sender<()>,
    stopped: mpsc::Receiver<()>,
}

impl Drawing {
    /// Draws on standard error, where that is a terminal; `None` where not.
    pub(crate) fn begin(progress: Arc<Progress>, extent: Extent) -> io::Result<Option<Drawing>> {
        if !io::stderr().is_terminal() {
            return Ok(None);
        }
        let (stop, stopping) = mpsc::channel();
        let (done, stopped) = mpsc::channel();
        thread::Builder::new().name("progress".into()).spawn(move || {
            let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
            let style = |template| ProgressStyle::with_template(template).ok();
            let (counted, endless) =
                (style("{bar:12} {percent:>3}% {wide_msg}"), style("{spinner} {wide_msg}"));
            let mut pace = Pace { at: Instant::now(), done: 0, rate: None };
            while stopping.recv_timeout(EACH) == Err(RecvTimeoutError::Timeout) {
                let done = progress.done.load(Ordering::Relaxed);
                let total = total(&progress, &extent);
                pace.look(Instant::now(), done);
                if let Some(style) = if total.is_some() { &counted } else { &endless } {
                    bar.set_style(style.clone());
                }
                if let Some(total) = total {
                    bar.set_length(total.max(done));
                }
                bar.set_position(done);
                bar.set_message(message(&progress, &pace, total));
                bar.tick();
            }
            bar.finish_and_clear();
            let _ = done.send(());
        })?;
        Ok(Some(Drawing { stop, stopped }))
    }

    /// Clears the line, unless the terminal is stuck.
    pub(crate) fn end(self) {
        drop(self.stop);
        let _ = self.stopped.recv_timeout(EACH);
    }
}

/// How many targets there are for this run, as far as that can be told: those that were met, and
/// for the rest of the list as many as for what was read.
fn total(progress: &Progress, extent: &Extent) -> Option<u64> {
    let met = progress.met.load(Ordering::Relaxed);
    let known = met.saturating_sub(progress.passed_over.load(Ordering::Relaxed));
    if progress.is_over.load(Ordering::Relaxed) {
        return Some(known);
    }
    let taken = extent.taken.load(Ordering::Relaxed);
    // When all is taken and there is still more, it is a block of addresses, and who knows how
    // large.
    let rest = extent.octets?.checked_sub(taken).filter(|rest| *rest > 0 && taken > 0)?;
    let parts = u128::from(taken) * u128::from(extent.shards.max(1));
    let unmet = u128::from(met) * u128::from(rest) / parts;
    known.checked_add(u64::try_from(unmet).ok()?)
}

/// How fast targets are done, of late.
struct Pace {
    at: Instant,
    done: u64,
    rate: Option<f64>,
}

impl Pace {
    fn look(&mut self, now: Instant, done: u64) {
        let passed = now.duration_since(self.at).as_secs_f64();
        if passed <= 0.0 {
            return;
        }
        let count = u32::try_from(done.saturating_sub(self.done)).unwrap_or(u32::MAX);
        let latest = f64::from(count) / passed;
        // Half of what is shown comes from the last second.
        self.rate = Some(self.rate.map_or(latest, |rate| rate + (latest - rate) * 0.13));
        (self.at, self.done) = (now, done);
    }
}

fn message(progress: &Progress, pace: &Pace, total: Option<u64>) -> String {
    let number = |of: &AtomicU64| HumanCount(of.load(Ordering::Relaxed)).to_string();
    let rate = pace.rate.unwrap_or(0.0);
    let mut message = format!(
        "{} done, {rate:.0}/s, {} in flight, {} failed",
        HumanCount(pace.done),
        number(&progress.in_flight),
        number(&progress.failed),
    );
    let left = total.and_then(|total| u32::try_from(total.checked_sub(pace.done)?).ok());
    if let Some(left) = left.filter(|_| rate > 0.0) {
        let time = Duration::try_from_secs_f64(f64::from(left) / rate).unwrap_or(Duration::MAX);
        message.push_str(&format!(", {:#} left", HumanDuration(time)));
    }
    message
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_total_is_said_only_where_it_can_be_told() {
        let rows = [
            // met, passed over, over, octets taken, octets, shards, total
            (100, 0, true, 0, None, 1, Some(100)),
            (100, 30, true, 0, None, 1, Some(70)),
            (100, 0, false, 0, None, 1, None),
            (100, 0, false, 500, Some(2000), 1, Some(400)),
            (100, 50, false, 500, Some(2000), 1, Some(350)),
            (100, 75, false, 500, Some(2000), 4, Some(100)),
            (100, 0, false, 2000, Some(2000), 1, None),
            (0, 0, false, 0, Some(2000), 1, None),
        ];
        for (seq, passed_over, over, taken, octets, shards, want) in rows {
            let progress = Progress::default();
            progress.stands(Standing { seq, passed_over, over, ..Standing::default() });
            let taken = Arc::new(AtomicU64::new(taken));
            let extent = Extent { taken, octets, shards };
            assert_eq!(total(&progress, &extent), want, "{seq} {over} {octets:?}");
        }
    }

    #[test]
    fn the_line_has_what_people_ask() {
        let progress = Progress::default();
        progress.stands(Standing { under_way: 256, ..Standing::default() });
        for n in 0..2000 {
            progress.end_target(n % 4 == 0);
        }
        let begin = Instant::now();
        let mut pace = Pace { at: begin, done: 0, rate: None };
        assert_eq!(message(&progress, &pace, None), "0 done, 0/s, 256 in flight, 500 failed");
        pace.look(begin + Duration::from_secs(4), 2000);
        assert_eq!(
            message(&progress, &pace, Some(5000)),
            "2,000 done, 500/s, 256 in flight, 500 failed, 6s left"
        );
    }
}
