//! Hosts that behave by script.

use std::time::Duration;

use fourstep_terms::FaultKind;

/// A host at one address and port.
#[derive(Clone, Debug)]
pub struct Host {
    /// How long octets travel, one way; a connection takes twice that, and a little more by
    /// chance.
    pub latency: Duration,
    /// What it does with a connection.
    pub conduct: Conduct,
}

/// What a host does when it is dialled.
#[derive(Clone, Debug)]
pub enum Conduct {
    /// The dial meets this after a round trip.
    Fails(FaultKind),
    /// It drops every packet.
    Drops,
    /// It accepts, and takes so many octets of the request, or all; then it does this, and then
    /// nothing more.
    Serves {
        /// Octets of the request that are taken; `None`: all.
        takes: Option<usize>,
        /// What it does, in order, when those have arrived.
        acts: Vec<Act>,
    },
}

/// One thing a host does on a connection.
#[derive(Clone, Debug)]
pub enum Act {
    /// Writes these octets; the network delivers them in pieces, by chance.
    Say(Vec<u8>),
    /// Waits.
    Wait(Duration),
    /// Throws the connection away.
    Reset,
    /// Closes it in order.
    Close,
}

impl Host {
    /// A host that does this, 5 ms away.
    pub const fn new(conduct: Conduct) -> Host {
        Host { latency: Duration::from_millis(5), conduct }
    }

    /// A host that takes the whole request, and then does this.
    pub const fn that(acts: Vec<Act>) -> Host {
        Host::new(Conduct::Serves { takes: None, acts })
    }
}
