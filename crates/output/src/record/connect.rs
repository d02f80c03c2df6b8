//! What connecting showed.

use std::net::SocketAddr;
use std::num::NonZeroI32;

use fourstep_probe::{Answered, Connection, Dialled, Endpoint, Mark, Report};
use fourstep_terms::{Code, Leg, Time};

use super::address::{First, Place};
use super::json::{Json, List};
use super::object::{members, object};
use super::room::Room;
use crate::lines::tree::Node;
use crate::octets::Octets;

/// The attempts, and the connection that came of them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Connect<'a> {
    connection: &'a Connection,
    began: Option<Time>,
    /// The first attempt's end as text, where that was made.
    first: Option<&'a First>,
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
    place: Place<'a>,
    /// Since the probe began.
    pub(crate) start_us: u64,
    pub(crate) took_us: u64,
    pub(crate) failure: Option<Code>,
    pub(crate) os_error: Option<i32>,
    /// Given up before it stood or failed: another stood first, or the probe ended.
    pub(crate) abandoned: bool,
}

members!(Tunnel<'_> { status, reason });

object! {
    Attempt<'_>: |Self { address: _, place, start_us, took_us, failure, os_error, abandoned }| {
        address: place,
        within 96 { start_us: start_us, took_us: took_us, }
        // Of the one that stands.
        [failure: failure => null, os_error: os_error => null, abandoned: abandoned => false],
    }
}

object! {
    Connect<'_>: |connect| {
        peer: connect.place(),
        local: connect.connection.local.as_ref(),
        tunnel: connect.tunnel(),
        attempts: Attempts(*connect),
    }
}

impl<'a> Connect<'a> {
    #[inline]
    pub(crate) fn of(report: &'a Report) -> Option<Connect<'a>> {
        let connection = report.connect.as_ref()?;
        Some(Connect { connection, began: report.timeline.at(Mark::Started), first: None })
    }

    /// The same, given the text of the first attempt's end.
    #[inline]
    pub(crate) fn with(self, first: Option<&'a First>) -> Connect<'a> {
        Connect { first, ..self }
    }

    #[inline]
    fn place(self) -> Option<Place<'a>> {
        match (self.first, self.connection.used) {
            (Some(first), Some(Leg(0))) => Some(Place::First(first)),
            _ => self.peer().map(Place::End),
        }
    }

    pub(crate) fn peer(self) -> Option<&'a Endpoint> {
        self.connection.peer()
    }

    pub(crate) fn local(self) -> Option<SocketAddr> {
        self.connection.local
    }

    /// What the proxy answered when it was asked for a tunnel.
    pub(crate) fn tunnel(self) -> Option<Tunnel<'a>> {
        let Answered { status, reason } = self.connection.tunnel.as_deref()?;
        Some(Tunnel { status: *status, reason: Octets(reason) })
    }

    /// In the order they were dialled.
    pub(crate) fn attempts(
        self,
    ) -> impl ExactSizeIterator<Item = Attempt<'a>> + DoubleEndedIterator + Clone {
        let attempts = self.connection.attempts.iter().enumerate();
        attempts.map(move |(at, dialled)| self.attempt(at, dialled))
    }

    #[inline(always)]
    fn attempt(self, at: usize, dialled: &'a Dialled) -> Attempt<'a> {
        let used = self.connection.used.map(|leg| usize::from(leg.0));
        // The peer may have been dialled twice.
        let is_peer = used == Some(at) || is_end(self.peer(), dialled);
        let attempt = Attempt::of(dialled, self.began, is_peer);
        match self.first {
            Some(first) if at == 0 => Attempt { place: Place::First(first), ..attempt },
            _ => attempt,
        }
    }
}

/// The attempts as they are written: mostly one.
struct Attempts<'a>(Connect<'a>);

impl Json for Attempts<'_> {
    #[inline]
    fn write<'o>(&self, out: Room<'o>) -> Room<'o> {
        match &*self.0.connection.attempts {
            [only] => self.0.attempt(0, only).write(out.put(b"[")).put(b"]"),
            _ => several(self.0, out),
        }
    }

    fn write_chosen<'o>(&self, asked: &Node, out: Room<'o>) -> Room<'o> {
        List(self.0.attempts()).write_chosen(asked, out)
    }
}

#[inline(never)]
fn several<'o>(connect: Connect<'_>, out: Room<'o>) -> Room<'o> {
    List(connect.attempts()).write(out)
}

/// Whether that is where an attempt led.
#[inline(never)]
fn is_end(peer: Option<&Endpoint>, dialled: &Dialled) -> bool {
    peer == Some(&dialled.to)
}

impl<'a> Attempt<'a> {
    #[inline]
    fn of(dialled: &'a Dialled, began: Option<Time>, is_peer: bool) -> Attempt<'a> {
        let began = began.unwrap_or(dialled.started).as_nanos();
        // Counted as marks are, so that no attempt is longer than the step it is of.
        let since = |at: Time| at.as_nanos().saturating_sub(began) / 1000;
        let (start_us, end_us) = (since(dialled.started), since(dialled.ended));
        Attempt {
            address: &dialled.to,
            place: Place::End(&dialled.to),
            start_us,
            took_us: end_us.saturating_sub(start_us).max(1),
            failure: dialled.failure,
            os_error: dialled.os_error.map(NonZeroI32::get),
            abandoned: dialled.failure.is_none() && !is_peer,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_attempt_ends_within_the_step_it_is_of() {
        // In nanoseconds: when the probe began, the attempt began, and it ended; start and length in µs.
        let rows = [
            (700, 700, 100_900, 0, 100),
            (0, 1_900, 2_100, 1, 1),
            (0, 999, 1_000, 0, 1),
            (500, 500, 500, 0, 1),
            (0, 3_000, 10_000_003_000, 3, 10_000_000),
        ];
        for (began, started, ended, start_us, took_us) in rows {
            let [began, started, ended] = [began, started, ended].map(Time::from_nanos);
            let to = Endpoint::Ip(([192, 0, 2, 1], 80).into());
            let dialled = Dialled { to, started, ended, failure: None, os_error: None };
            let attempt = Attempt::of(&dialled, Some(began), true);
            assert_eq!((attempt.start_us, attempt.took_us), (start_us, took_us), "{dialled:?}");
        }
    }
}
