//! The loop that moves octets: sockets and time below, the machines above.
//!
//! ```text
//!            ┌── poll ── links (legs) ────▶ Probe ── Ask ──▶ Resolver
//!   jobs ──▶ │                                ▲                 │ ▲
//!            ├── poll ── channels ────────────┼─────────────────┼─┘
//!            └── timers ──────────────────────┘ ◀── answers ────┘
//!                                             └──▶ reports
//! ```
//!
//! One loop serves one probe and a million: what differs is the [`Work`] it is handed. It reads
//! the clock once a turn, right after the system call that brought the news, and passes the moment
//! down; it opens what the machines ask for and feeds them what comes. It knows nothing of names,
//! races or responses.
//!
//! It promises that a job has exactly one report a hop, whatever happens; that one probe's flood
//! does not starve the others; that an interrupt ends it at once, with a report for each probe
//! under way; and that the wait for a response is the network's and the server's, not that of its
//! own queue: octets came in when the kernel says so ([`Settings::clock`]), and a request was out
//! just before the write that took its last octet. What a loop is late for is the rest: that a
//! connection stands it sees when its turn comes ([`Report::tcp`](fourstep_probe::Report::tcp) has
//! the round trip of the SYN).
//!
//! ```
//! use std::sync::Arc;
//! use fourstep_driver::{Driver, Job, Settings};
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let listener = std::net::TcpListener::bind("127.0.0.1:0")?;
//! let target = format!("http://{}/", listener.local_addr()?).parse()?;
//! drop(listener); // Nobody listens there now.
//!
//! let mut driver = Driver::new(Settings::default())?;
//! let job = Job { number: 1, target: Arc::new(target), plan: Arc::default() };
//! let mut codes = Vec::new();
//! let ran = driver.run([job], |done, _| codes.extend(done.report.failure.map(|f| f.code())))?;
//! assert_eq!(ran, fourstep_driver::Ran::All);
//! assert_eq!(codes, ["connect.refused"]);
//! # Ok(())
//! # }
//! ```

mod alarm;
mod channels;
mod clock;
mod driver;
mod excluded;
mod gauge;
mod job;
mod link;
mod links;
mod timers;
mod work;

pub use driver::{Driver, Interrupter};
pub use excluded::{Excluded, ExcludedError};
pub use job::{Finished, Job, Ran, Settings};
pub use work::{Supply, Work};
