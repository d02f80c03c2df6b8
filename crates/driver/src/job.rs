//! What goes into the loop and what comes out of it.

use std::sync::Arc;
use std::time::SystemTime;

use fourstep_probe::{Endpoint, Plan, Report};
use fourstep_target::Target;
use fourstep_terms::Clock;

use crate::excluded::Excluded;

/// One target to probe.
#[derive(Clone, Debug)]
pub struct Job {
    /// The asker's number for it; it comes back with every report.
    pub number: u64,
    /// What to probe.
    pub target: Arc<Target>,
    /// How.
    pub plan: Arc<Plan>,
}

/// One probe that is done. A job whose redirects are followed has one for each hop, in order.
#[derive(Debug)]
pub struct Finished {
    /// The job's number.
    pub number: u64,
    /// When the probe began, by the wall clock.
    pub at: SystemTime,
    /// What it saw.
    pub report: Box<Report>,
}

/// How a run of the loop ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub enum Ran {
    /// Every job got its reports.
    All,
    /// It was interrupted: probes under way were reported as such, later jobs were not begun.
    Interrupted,
}

/// Settings of a loop.
#[derive(Clone, Debug)]
pub struct Settings {
    /// How sockets of probes are tuned. The resolver's use the interface, not the source.
    pub sockets: fourstep_socket::Options,
    /// How names are looked up.
    pub names: fourstep_resolve::Config,
    /// The most probes under way at once, for jobs of an iterator; at least 1.
    pub in_flight: usize,
    /// Whose clock tells when octets came in. The kernel's also brings what it measured of each
    /// connection, [`Report::tcp`]; together they cost two system calls a probe and one a socket.
    /// Where the kernel says nothing, this process's own clock does.
    pub clock: Clock,
    /// Whether every connection gets a socket of its own. Else one that was thrown away with a
    /// reset ([`Parting::Reset`](fourstep_probe::Parting::Reset)) leaves its socket to the next,
    /// which is a quarter faster; and its peer can foresee the initial sequence number of that one
    /// (RFC 9293 §3.4.1; see [`Stream::dissolve`](fourstep_socket::Stream::dissolve)).
    pub fresh_sockets: bool,
    /// What is never dialled.
    pub excluded: Arc<Excluded>,
    /// Whether to write down the lines of every exchange.
    pub trace: bool,
}

impl Settings {
    /// Whether a connection may leave its socket to the next: one that is bound to a port keeps it.
    pub(crate) fn serves_again(&self) -> bool {
        !self.fresh_sockets && self.sockets.source.is_none_or(|source| source.port() == 0)
    }

    /// Whether what is dialled is excluded.
    pub(crate) fn excludes(&self, to: &Endpoint) -> bool {
        match to {
            Endpoint::Ip(address) => self.excluded.covers_address(address.ip()),
            Endpoint::Unix(_) => false,
        }
    }
}

/// Sockets as the system makes them, the resolver as it comes without files, 256 at once, the
/// kernel's clock.
impl Default for Settings {
    fn default() -> Settings {
        Settings {
            sockets: fourstep_socket::Options::default(),
            names: fourstep_resolve::Config::default(),
            in_flight: 256,
            clock: Clock::Kernel,
            fresh_sockets: false,
            excluded: Arc::default(),
            trace: false,
        }
    }
}
