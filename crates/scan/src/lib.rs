//! Which target is next, and when; and what becomes of what came back.
//!
//! ```text
//!     Feed ─┐                                     ┌─ again ◀── backoff ───┐
//!     Feed ─┼─▶ Sources ──▶ one entry at a time ──┼─▶ limits ──▶ loop ────┼──▶ Sink
//!     Feed ─┘   lines, blocks, ports              └─ parked ◀── no slot   └──▶ Tally
//!               shard, what is done                  host, prefix
//! ```
//!
//! A [`Scan`] is the loop's [`Work`](fourstep_driver::Work): asked what to begin, it takes the next
//! entry from its [`Sources`], if the [`Limits`] and the [`Sink`] allow; told how a probe ended, it
//! reports that, or tries again.
//!
//! It promises that
//! - every entry has exactly one record, or is named in [`Left`]: none is lost, none is reported
//!   twice, whatever fails, is taken back or tried again (a model of the loop holds it to that);
//! - memory hangs on what is under way, not on the list: at most 4 entries for each probe that may
//!   be under way, and 1,024, wait for their host, their prefix or another try; of a block nothing
//!   is held, since its [order](Scope::seed) can be computed at any place;
//! - the same list, ports and seed give every entry the same [place](Place), in every shard and
//!   when the scan is resumed: a record's `seq` says all that a resume must know ([`Done`]);
//! - what this machine lacks is not the target's: it slows the scan, the probe is begun again, and
//!   only the eleventh time it is reported, as `local.*`;
//! - probes begin evenly ([`Limits::rate`]), at most so many at once at one host or in one prefix;
//!   a crowded one holds up no other;
//! - times are arguments and chance hangs on seeds: a run can be repeated.
//!
//! It leaves files, threads, clocks and signals to whoever runs the loop; what a report means to
//! `verdict`, what a record looks like to `output`; and what must never be dialled to the driver,
//! whose dial no way leads around.
//!
//! # The list
//!
//! One entry a line: a URL, `host[:port]`, an address, or a block. White space around it, CRLF and
//! U+FEFF at the begin are left out; a comment begins with `#`, at the begin of the line or after
//! white space. A line has 65,536 octets at most. One that cannot be read is an entry too: a
//! [`Malformed`] one.
//!
//! | a line | stands for |
//! |---|---|
//! | `http://a.test/x`, `a.test:81` | that URL; its own scheme and port stand whatever the [`Scope`] says |
//! | `a.test/x` with [`Ports`] | one entry a port, in their order |
//! | `192.0.2.1`, `[2001:db8::1]:81`, `2001:db8::1` | that address |
//! | `192.0.2.0/24`, `2001:db8::/120:81` | every address of the block, the first and the last too, at each port, in a random order |
//! | `http://192.0.2.0/24` | a URL whose path is `/24` |
//!
//! What stands for one entry is shown as typed; of several, each is a whole URL.
//!
//! # Example
//!
//! ```
//! use std::sync::Arc;
//! use fourstep_driver::{Driver, Finished, Ran, Settings};
//! use fourstep_probe::Plan;
//! use fourstep_scan::{Given, Limits, Malformed, Place, Scan, Scope, Sink, Sources};
//! use fourstep_terms::{Code, Time};
//!
//! struct Print;
//!
//! impl Sink for Print {
//!     fn report(&mut self, _: Time, place: Place, _: u32, done: Finished, _: &str) {
//!         println!("{} {} {:?}", place.seq, done.report.target, done.report.status());
//!     }
//!     fn malformed(&mut self, _: Time, place: Place, malformed: Malformed) {
//!         println!("{} line {}: {}", place.seq, place.line, malformed.why);
//!     }
//!     fn broken(&mut self, _: Time, _: u32, error: std::io::Error) {
//!         println!("{error}");
//!     }
//!     fn has_room(&self) -> bool {
//!         true
//!     }
//! }
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! // Two addresses where nobody listens, and what is no target.
//! let list = Given::lines(["127.0.0.2/31:1", "http://a b/"]);
//! let sources = Sources::new(vec![Box::new(list)], Scope::default());
//! let mut scan = Scan::new(sources, Limits::default(), Arc::new(Plan::default()), Print);
//! let ran = Driver::new(Settings::default())?.work(&mut scan)?;
//! assert_eq!(ran, Ran::All);
//! assert_eq!(scan.tally().code(Code::ConnectRefused), 2);
//! assert_eq!(scan.tally().malformed(), 1);
//! assert!(scan.wind_up(Time::NEVER).is_empty());
//! # Ok(())
//! # }
//! ```

mod block;
mod done;
mod entry;
mod feed;
mod held;
mod host;
mod limits;
mod lines;
mod mix;
mod pace;
mod permutation;
mod ports;
mod prefix;
mod read;
mod retry;
mod scan;
mod shard;
mod sink;
mod siphash;
mod slots;
mod sources;
mod spread;
mod standing;
mod tally;
mod unfold;
mod window;

pub use done::Done;
pub use entry::{Entry, Malformed, Place, Unreadable};
pub use feed::{Feed, Given, Pull};
pub use limits::Limits;
pub use ports::{Ports, PortsError};
pub use retry::is_worth_retrying;
pub use scan::Scan;
pub use shard::{Shard, ShardError};
pub use sink::Sink;
pub use sources::{Scope, Sources, Taken};
pub use spread::Spread;
pub use standing::{Left, Standing};
pub use tally::{Span, Tally};
