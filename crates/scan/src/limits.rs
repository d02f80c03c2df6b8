//! How much at once, and how fast.

use std::time::Duration;

/// How much at once, how fast, and how often again. 0 lifts a limit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Limits {
    /// The most probes under way at once; at least 1.
    pub in_flight: usize,
    /// Probes begun a second, paced evenly; `None`, or what is no number above 0: as fast as they
    /// go. By default none.
    pub rate: Option<f64>,
    /// The most probes under way at one host: a name, or an address. By default 4.
    pub per_host: u32,
    /// The most probes under way in one /24 (IPv4) or /48 (IPv6). By default no limit.
    pub per_prefix: u32,
    /// How often a probe is tried again when that may help: see [`crate::is_worth_retrying`]. By
    /// default never.
    pub retries: u8,
    /// The time before the first retry; each further one waits twice as long, 60 s at most, and
    /// somewhat less by chance. By default 1 s.
    pub backoff: Duration,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            in_flight: 256,
            rate: None,
            per_host: 4,
            per_prefix: 0,
            retries: 0,
            backoff: Duration::from_secs(1),
        }
    }
}
