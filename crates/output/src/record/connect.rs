//! What connecting showed.

use std::net::SocketAddr;
use std::num::NonZeroI32;
use std::time::Duration;

use fourstep_probe::{Endpoint, Few, Mark, Report};
use fourstep_terms::Code;

use super::json::members;
use crate::octets::Octets;
use crate::when::{micros, offset_micros};

/// The attempts, and the connection that came of them.
#[derive(Clone, Debug)]
pub(crate) struct Connect<'a> {
    pub(crate) peer: Option<&'a Endpoint>,
    pub(crate) local: Option<SocketAddr>,
    /// What the proxy answered when it was asked for a tunnel.
    pub(crate) tunnel: Option<Tunnel<'a>>,
    /// In the order they were dialled.
    pub(crate) attempts: Few<Attempt<'a>>,
}

/// The status line of the answer to CONNECT (RFC 9110 §9.3.6).
#[derive(Clone, Debug)]
pub(crate) struct Tunnel<'a> {
    pub(crate) status: u16,
    pub(crate) reason: Octets<'a>,
}

/// One attempt.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Attempt<'a> {
    pub(crate) address: &'a Endpoint,
    /// Since the probe began.
    pub(crate) start_us: u64,
    pub(crate) took_us: u64,
    pub(crate) failure: Option<Code>,
    pub(crate) os_error: Option<i32>,
    /// Given up before it stood or failed: another stood first, or the probe ended.
    pub(crate) abandoned: bool,
}

members!(Connect<'_> { peer, local, tunnel, attempts });
members!(Tunnel<'_> { status, reason });
members!(Attempt<'_> { address, start_us, took_us, failure, os_error, abandoned });

impl<'a> Connect<'a> {
    pub(crate) fn of(report: &'a Report) -> Option<Connect<'a>> {
        let connection = report.connect.as_ref()?;
        let peer = connection.peer();
        let began = report.timeline.at(Mark::Started);
        let attempts = connection.attempts.iter().map(|dialled| {
            let since_start = began.map_or(Duration::ZERO, |began| dialled.started.since(began));
            Attempt {
                address: &dialled.to,
                start_us: offset_micros(since_start),
                took_us: micros(dialled.ended.since(dialled.started)),
                failure: dialled.failure,
                os_error: dialled.os_error.map(NonZeroI32::get),
                abandoned: dialled.failure.is_none() && peer != Some(&dialled.to),
            }
        });
        Some(Connect {
            peer,
            local: connection.local,
            tunnel: connection.tunnel.as_ref().map(|answered| Tunnel {
                status: answered.status,
                reason: Octets(&answered.reason),
            }),
            attempts: attempts.collect(),
        })
    }
}
