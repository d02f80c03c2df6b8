//! What one connection in flight takes: `held IN_FLIGHT LIST` probes a list of silent targets, as
//! many as are in flight, and prints the most octets that were allocated at once.

use std::alloc::{GlobalAlloc, Layout, System};
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::time::Duration;

use fourstep_driver::{Driver, Job, Settings};
use fourstep_probe::{Deadlines, Keep, Parting, Plan};
use fourstep_resolve::Families;

/// The system's allocator, with a count of what is out: what was asked for, not what it rounds to.
struct Counting;

static NOW: AtomicUsize = AtomicUsize::new(0);
static MOST: AtomicUsize = AtomicUsize::new(0);

// SAFETY: every call is passed on as it came.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let now = NOW.fetch_add(layout.size(), Relaxed) + layout.size();
        MOST.fetch_max(now, Relaxed);
        // SAFETY: the caller's promises are the ones wanted here.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, place: *mut u8, layout: Layout) {
        NOW.fetch_sub(layout.size(), Relaxed);
        // SAFETY: as above.
        unsafe { System.dealloc(place, layout) }
    }

    unsafe fn realloc(&self, place: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // A large one moves by its pages: old and new are not there at once.
        NOW.fetch_add(size, Relaxed);
        let now = NOW.fetch_sub(layout.size(), Relaxed) - layout.size();
        MOST.fetch_max(now, Relaxed);
        // SAFETY: as above.
        unsafe { System.realloc(place, layout, size) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [in_flight, list] = args.as_slice() else {
        return Err("usage: held IN_FLIGHT LIST".into());
    };
    let in_flight: usize = in_flight.parse()?;
    // Long enough for all to stand at once.
    let all = Duration::from_secs(5);
    let deadlines = Deadlines { connect: all, response: all, ..Deadlines::default() };
    let plan = Arc::new(Plan {
        families: Families::V4,
        keep: Keep { body_octets: 0, ..Keep::default() },
        parting: Parting::Reset,
        deadlines,
        ..Plan::default()
    });
    // The list itself is nobody's connection.
    let lines = BufReader::new(File::open(list)?).lines().map_while(Result::ok);
    let mut driver = Driver::new(Settings { in_flight, ..Settings::default() })?;
    // A target belongs to the list, yet stands as long as its probe: it counts.
    let jobs = lines.zip(1..).filter_map(|(line, number)| {
        let target = Arc::new(line.parse().ok()?);
        Some(Job { number, target, plan: Arc::clone(&plan) })
    });
    let mut silent = 0;
    let _ = driver.run(jobs, |done, _| {
        let code = done.report.failure.map(|failure| failure.code().as_str());
        silent += usize::from(code == Some("response.silent"));
    })?;
    if silent != in_flight {
        return Err(format!("{silent} of {in_flight} were silent").into());
    }
    println!("{}", MOST.load(Relaxed));
    Ok(())
}
