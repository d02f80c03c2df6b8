//! A hand-rolled HTTP probe on raw sockets: how far a request gets, what every step showed, how
//! long each took, what stopped it, and what that means.
//!
//! ```text
//!     1 resolve    name → addresses
//!     2 connect    addresses → a socket, and for https TLS on it
//!     3 request    octets out
//!     4 response   octets in, status out
//! ```
//!
//! One probe in one line, blocking:
//!
//! ```no_run
//! let report = fourstep::probe("http://example.com/")?;
//! match &report.failure {
//!     None => println!("answered {:?}", report.status()),
//!     Some(failure) => println!("{}: {failure} ({})", failure.code(), failure.hint()),
//! }
//! # Ok::<(), fourstep::Error>(())
//! ```
//!
//! With options, or for many targets on one loop, there is [`Client`]. Over sockets of your own,
//! drive [`machine::Probe`] by hand. Each step is a crate of its own and stands here as a module:
//! [`target`], [`resolve`], [`connect`], [`tls`], [`request`], [`response`]; use one alone to parse a
//! response head or to look a name up. What a report means is [`verdict`]'s to say, and [`wait`] says
//! when to look again. [`manual`] walks one probe through the house.
//!
//! A probe that fails is a report that says so, with a stable [`Code`]; an [`Error`]
//! means that no probe was made.

mod client;
mod error;
pub mod manual;
pub mod system;

pub use client::Client;
pub use error::Error;

/// The machine: one probe, from its first question to its report.
pub use fourstep_probe as machine;

pub use fourstep_connect as connect;
pub use fourstep_driver as driver;
pub use fourstep_output as output;
pub use fourstep_request as request;
pub use fourstep_resolve as resolve;
pub use fourstep_response as response;
pub use fourstep_scan as scan;
pub use fourstep_socket as socket;
pub use fourstep_target as target;
pub use fourstep_terms as terms;
pub use fourstep_tls as tls;
pub use fourstep_verdict as verdict;
pub use fourstep_wait as wait;

pub use fourstep_probe::{Failure, Plan, Report};
pub use fourstep_terms::Code;

/// Probes one target with the defaults, and waits for the report.
///
/// The name is looked up as this machine does (`/etc/hosts`, `/etc/resolv.conf`); the whole may
/// take 30 seconds; redirects are not followed. For anything else see [`Client`].
///
/// # Errors
/// The target cannot be read, or this machine cannot begin a probe. That the
/// target cannot be reached is no error: see [`Report::failure`].
pub fn probe(target: &str) -> Result<Report, Error> {
    Client::new()?.probe(target)
}
