//! What a probe may do and keep: settings that any number of probes share.

use std::sync::Arc;
use std::time::Duration;

use fourstep_connect::Pace;
use fourstep_request::Recipe;
use fourstep_resolve::Families;
use fourstep_response::Limits;

use crate::route::Route;

/// The settings of a probe, shared by all that are alike; the target is apart.
#[derive(Clone, Debug)]
pub struct Plan {
    /// What to ask for.
    pub recipe: Recipe,
    /// How TLS is spoken; `None`: not at all, and an https target fails to begin.
    pub tls: Option<Arc<fourstep_tls::Config>>,
    /// Where to connect, when that is not where the target says.
    pub route: Route,
    /// Which kinds of address to look for.
    pub families: Families,
    /// How attempts to connect are paced (RFC 8305 §5).
    pub pace: Pace,
    /// How long each step, and the whole, may take.
    pub deadlines: Deadlines,
    /// How large a response may be.
    pub limits: Limits,
    /// What of the response stays in the report.
    pub keep: Keep,
    /// How a connection ends when the probe is done with it.
    pub parting: Parting,
    /// How many redirects may be followed; 0: none is (RFC 9110 §15.4).
    pub follow: u16,
}

impl Default for Plan {
    fn default() -> Plan {
        Plan {
            recipe: Recipe::new(),
            tls: None,
            route: Route::default(),
            families: Families::Both,
            pace: Pace::default(),
            deadlines: Deadlines::default(),
            limits: Limits::default(),
            keep: Keep::default(),
            parting: Parting::Close,
            follow: 0,
        }
    }
}

/// How long each step may take, from its begin; [`Duration::MAX`] lifts a limit.
///
/// Whichever runs out first ends the probe, and the step under way then names the failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Deadlines {
    /// The whole probe. By default 30 s.
    pub total: Duration,
    /// From the first question to an address. By default only the resolver's own limits hold.
    pub resolve: Duration,
    /// From the first dial to a connection. By default 10 s.
    pub connect: Duration,
    /// The TLS handshake.
    pub tls: Duration,
    /// Until the kernel has taken the whole request.
    pub request: Duration,
    /// From there until the response is complete.
    pub response: Duration,
}

impl Default for Deadlines {
    fn default() -> Deadlines {
        Deadlines {
            total: Duration::from_secs(30),
            resolve: Duration::MAX,
            connect: Duration::from_secs(10),
            tls: Duration::MAX,
            request: Duration::MAX,
            response: Duration::MAX,
        }
    }
}

/// What of a response stays in the report. Every field of the final head always does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Keep {
    /// The octets of the body kept, from its begin; all are counted.
    pub body_octets: usize,
}

impl Default for Keep {
    /// 4 KiB of the body.
    fn default() -> Keep {
        Keep { body_octets: 4096 }
    }
}

/// How a connection ends when the probe is done with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Parting {
    /// In order, with a FIN. Leaves TIME_WAIT on this side when the peer has not closed first.
    Close,
    /// At once, with a RST: no TIME_WAIT, so a mass run does not use up its ports.
    Reset,
}
