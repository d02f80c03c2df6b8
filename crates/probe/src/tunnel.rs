//! A tunnel through a proxy, for a target that it may not look into (RFC 9110 §9.3.6).

use std::fmt;
use std::time::Duration;

use fourstep_request::Recipe;
use fourstep_response::{Asked, Event, Reader, ResponseError};
use fourstep_terms::{Code, Fault, FaultKind, Leg, Step, Time};

use crate::failure::Failure;
use crate::plan::Plan;
use crate::report::{Answered, Report};
use crate::timeline::{Mark, Timeline};
use crate::turn::{Action, Actions};

/// The phase between the connection to the proxy and the one to the target.
pub(crate) struct Tunnel {
    pub(crate) leg: Leg,
    reader: Box<Reader>,
}

/// What asking for the tunnel has come to.
pub(crate) enum Dug<'a> {
    More,
    /// It stands, and these octets already came through it.
    Through(&'a [u8]),
    Failed(TunnelError),
}

impl Tunnel {
    pub(crate) fn begin(
        leg: Leg,
        recipe: &Recipe,
        plan: &Plan,
        report: &Report,
        out: &mut Actions,
    ) -> Tunnel {
        let from = out.octets.len();
        let written = recipe.write(&report.target, &mut out.octets);
        out.secrets.extend(written.secrets);
        out.list.push(Action::Send(leg, from..out.octets.len()));
        Tunnel { leg, reader: Box::new(Reader::new(Asked::Connect, plan.limits)) }
    }

    pub(crate) fn received<'a>(&mut self, mut octets: &'a [u8], report: &mut Report) -> Dug<'a> {
        loop {
            match self.reader.read(octets) {
                Ok((_, Event::More)) => return Dug::More,
                Ok((taken, event)) => {
                    octets = octets.get(taken..).unwrap_or_default();
                    let Event::Final(head, _) = event else { continue };
                    let (status, reason) = (head.status(), Box::from(head.reason()));
                    let connection = report.connect.get_or_insert_default();
                    connection.tunnel = Some(Box::new(Answered { status, reason }));
                    return match status {
                        200..300 => Dug::Through(octets),
                        _ => Dug::Failed(TunnelError::Denied { status }),
                    };
                }
                Err(error) => return Dug::Failed(TunnelError::Malformed(error)),
            }
        }
    }
}

/// The connection to the proxy failed under us.
pub(crate) fn failed(fault: Fault) -> Failure {
    match fault.kind.is_local() {
        true => Failure::Local { step: Step::Connect, fault },
        false => Failure::Tunnel(TunnelError::Reset { fault }),
    }
}

/// The time for it is up.
pub(crate) fn expired(now: Time, timeline: &Timeline) -> Failure {
    let waited = now.since(timeline.at(Mark::Dialled).unwrap_or(now));
    Failure::Tunnel(TunnelError::Silent { waited })
}

/// Why a proxy gave no tunnel. All of them are failures to connect.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TunnelError {
    /// It answered with another status code than 2xx.
    Denied {
        /// Which: 407 wants credentials, 403 has a rule, 502 and 504 could not reach the target.
        status: u16,
    },
    /// It threw the connection away, or closed it, without an answer.
    Reset {
        /// What the system said.
        fault: Fault,
    },
    /// It did not answer.
    Silent {
        /// Since it was asked.
        waited: Duration,
    },
    /// Its answer cannot be read.
    Malformed(ResponseError),
}

impl TunnelError {
    /// Its code in the closed table: what the proxy met, as if we had met it.
    pub fn code(&self) -> Code {
        match self {
            TunnelError::Denied { status: 502 | 503 } => Code::ConnectUnreachable,
            TunnelError::Denied { status: 504 } | TunnelError::Silent { .. } => Code::ConnectSilent,
            TunnelError::Denied { .. } => Code::ConnectDenied,
            TunnelError::Reset { .. } | TunnelError::Malformed(_) => Code::ConnectReset,
        }
    }

    /// The operating system's error number, when a system call said so.
    pub fn os_error(&self) -> Option<i32> {
        match self {
            TunnelError::Reset { fault } => fault.os_error,
            _ => None,
        }
    }

    /// The proxy closed the connection in order.
    pub(crate) fn closed() -> TunnelError {
        TunnelError::Reset { fault: Fault::of(FaultKind::Reset) }
    }
}

impl fmt::Display for TunnelError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            TunnelError::Denied { status } => {
                write!(f, "the proxy answered {status} when asked for a tunnel")
            }
            TunnelError::Reset { .. } => f.write_str("the proxy hung up when asked for a tunnel"),
            TunnelError::Silent { waited } => {
                write!(f, "the proxy gave no tunnel within {} ms", waited.as_millis())
            }
            TunnelError::Malformed(error) => write!(f, "the proxy's answer: {error}"),
        }
    }
}

impl std::error::Error for TunnelError {}
