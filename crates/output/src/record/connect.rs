//! What connecting showed.

use std::net::SocketAddr;
use std::num::NonZeroI32;

use fourstep_probe::{Dialled, Endpoint, Mark, Report};
use fourstep_terms::{Code, Time};

use super::json::{Json, List, members, object};
use super::room::Room;
use crate::octets::Octets;
use crate::when::{micros, offset_micros};

/// The attempts, and the connection that came of them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Connect<'a> {
    pub(crate) peer: Option<&'a Endpoint>,
    pub(crate) local: Option<SocketAddr>,
    /// What the proxy answered when it was asked for a tunnel.
    pub(crate) tunnel: Option<Tunnel<'a>>,
    dialled: &'a [Dialled],
    began: Option<Time>,
}

/// The status line of the answer to CONNECT (RFC 9110 §9.3.6).
#[derive(Clone, Copy, Debug)]
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

members!(Tunnel<'_> { status, reason });
members!(Attempt<'_> { address, start_us, took_us, failure, os_error, abandoned });

impl Json for Connect<'_> {
    fn write<'o>(&self, out: Room<'o>) -> Room<'o> {
        object!(
            out,
            peer: self.peer,
            local: self.local,
            tunnel: self.tunnel,
            attempts: List(self.attempts()),
        )
    }
}

impl<'a> Connect<'a> {
    pub(crate) fn of(report: &'a Report) -> Option<Connect<'a>> {
        let connection = report.connect.as_ref()?;
        let answered = connection.tunnel.as_ref();
        Some(Connect {
            peer: connection.peer(),
            local: connection.local,
            tunnel: answered.map(|answered| Tunnel {
                status: answered.status,
                reason: Octets(&answered.reason),
            }),
            dialled: &connection.attempts,
            began: report.timeline.at(Mark::Started),
        })
    }

    /// In the order they were dialled.
    pub(crate) fn attempts(
        self,
    ) -> impl ExactSizeIterator<Item = Attempt<'a>> + DoubleEndedIterator + Clone {
        self.dialled.iter().map(move |dialled| Attempt {
            address: &dialled.to,
            start_us: offset_micros(dialled.started.since(self.began.unwrap_or(dialled.started))),
            took_us: micros(dialled.ended.since(dialled.started)),
            failure: dialled.failure,
            os_error: dialled.os_error.map(NonZeroI32::get),
            abandoned: dialled.failure.is_none() && self.peer != Some(&dialled.to),
        })
    }
}
