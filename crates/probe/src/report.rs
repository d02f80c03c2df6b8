//! All that one probe saw.

use std::borrow::Cow;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use fourstep_connect::{Attempt, Ended, Few};
use fourstep_resolve::{Answer, Ignored, ServiceAnswer};
use fourstep_response::{Framing, OwnedHead};
use fourstep_target::Target;
use fourstep_terms::{Code, Fault, FaultKind, Oddity, Step, TcpInfo, Time};
use fourstep_tls::Handshake;

use crate::failure::Failure;
use crate::reach::dial_code;
use crate::redirect::Hop;
use crate::route::Endpoint;
use crate::timeline::{Mark, Timeline};

/// All that one probe saw: which step it reached, what each showed, when, and what failed.
#[derive(Clone, Debug)]
pub struct Report {
    /// What was probed.
    pub target: Arc<Target>,
    /// Its place in a chain of redirects, from 0.
    pub hop: u16,
    /// The last step begun.
    pub step: Step,
    /// Why it did not end well. With a final head in [`Report::response`] the response was
    /// answered and is incomplete or unreadable; without, the probe failed.
    pub failure: Option<Failure>,
    /// When each step began and ended.
    pub timeline: Timeline,
    /// What was resolved; `None` before that step began.
    pub resolve: Option<Resolved>,
    /// What was dialled; `None` before that step began.
    pub connect: Option<Connection>,
    /// What the TLS handshake showed, refused or not; `None` before its end.
    pub tls: Option<Box<Handshake>>,
    /// What was sent; `None` before that step began.
    pub request: Option<Sent>,
    /// What was received; `None` before its first octet.
    pub response: Option<Received>,
    /// What the kernel measured of the connection that was used; `None` without one, and for a unix
    /// socket. The caller of the probe writes it down: it has the socket.
    pub tcp: Option<Tcp>,
    /// Where the response redirects to, when the plan follows it: the next probe of the chain.
    pub next: Option<Box<Hop>>,
}

impl Report {
    /// Whether a whole final response head was read.
    pub fn answered(&self) -> bool {
        self.head().is_some()
    }

    /// The final head.
    pub fn head(&self) -> Option<&OwnedHead> {
        self.response.as_ref()?.head.as_ref()
    }

    /// The request target, as it was sent (RFC 9112 §3.2); `None` when nothing was.
    pub fn request_target(&self) -> Option<&[u8]> {
        let sent = self.request.as_ref()?;
        Some(sent.other_target.as_deref().unwrap_or(self.target.request_target()))
    }

    /// The status code of the final response (RFC 9110 §15).
    pub fn status(&self) -> Option<u16> {
        Some(self.head()?.status())
    }

    /// How the wait for the first octet was spent: [`Timings::wait`](crate::Timings::wait), split.
    /// `None` where there was none, or the round trip is not known.
    pub fn waited(&self) -> Option<Waited> {
        let sent = self.timeline.at(Mark::Sent)?;
        let wait = self.timeline.at(Mark::FirstOctet)?.since(sent);
        let rtt_us = self.tcp?.ended.min_rtt_us?.get();
        let network = Duration::from_micros(rtt_us.into()).min(wait);
        Some(Waited { network, server: wait.saturating_sub(network) })
    }
}

/// What the kernel measured of a connection, twice.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tcp {
    /// When it stood: the round trip of the SYN, and how often it was sent again. A SYN that a full
    /// backlog drops is sent again after a second (RFC 6298 §2).
    pub connected: TcpInfo,
    /// When the probe hung it up.
    pub ended: TcpInfo,
}

/// How the wait for the first octet of a response was spent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Waited {
    /// On the path, there and back: the shortest round trip of the connection, and no more than
    /// the wait. The end of the path is [`Connection::peer`], which may be a proxy.
    pub network: Duration,
    /// The rest: the peer, whatever stands behind it, and what the path took longer than at best.
    pub server: Duration,
}

/// What looking the name up showed.
#[derive(Clone, Debug)]
pub enum Resolved {
    /// The host is an address: there was nothing to ask.
    Literal(SocketAddr),
    /// The name was asked for.
    Name {
        /// As it was asked, before any search list.
        name: Box<str>,
        /// What came, and when, in order of arrival: at most one answer a family.
        answers: Vec<(Time, Arc<Answer>)>,
        /// What HTTPS records said, as last known; `None` when they were not asked for, or did not
        /// come in time.
        services: Option<Arc<ServiceAnswer>>,
        /// Messages that were not taken for questions still open when the probe was done; those of
        /// answers stand in the answers. The loop writes it down: it has the resolver.
        ignored: Ignored,
    },
}

/// The attempts to connect.
#[derive(Clone, Debug, Default)]
pub struct Connection {
    /// Where the connection that was used leads; `None` when there was none.
    pub peer: Option<Endpoint>,
    /// This side's address of it; `None` for a unix socket.
    pub local: Option<SocketAddr>,
    /// How a proxy answered when it was asked for a tunnel (RFC 9110 §9.3.6): its status code and
    /// reason phrase.
    pub tunnel: Option<(u16, Box<[u8]>)>,
    /// Every attempt, in the order they were dialled.
    pub attempts: Few<Dialled>,
}

/// One attempt to connect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dialled {
    /// Where to.
    pub to: Endpoint,
    /// When it was dialled.
    pub started: Time,
    /// When it stood, failed, or was given up.
    pub ended: Time,
    /// Why it did not stand; `None` for the one that was used, and for one that was given up
    /// because another stood first (its address is not [`Connection::peer`]).
    pub failure: Option<Code>,
    /// The operating system's error number.
    pub os_error: Option<i32>,
}

impl Dialled {
    pub(crate) fn of(attempt: &Attempt, now: Time) -> Dialled {
        let fault = match attempt.end.map(|end| end.how) {
            Some(Ended::Failed(fault)) => Some(fault),
            Some(Ended::Silent) => Some(Fault::of(FaultKind::TimedOut)),
            Some(Ended::Won | Ended::Abandoned) | None => None,
        };
        Dialled {
            to: Endpoint::Ip(attempt.address),
            started: attempt.started,
            ended: attempt.ended().unwrap_or(now),
            failure: fault.map(dial_code),
            os_error: fault.and_then(|fault| fault.os_error),
        }
    }
}

/// The request as it was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sent {
    /// The method (RFC 9110 §9).
    pub method: Cow<'static, str>,
    /// The request target on the wire (RFC 9112 §3.2) where that is not the target's own: see
    /// [`Report::request_target`].
    pub other_target: Option<Box<[u8]>>,
    /// Octets of the whole request.
    pub octets: usize,
    /// Octets of it that the kernel had not taken when the probe ended.
    pub left: usize,
}

/// One field of a trailer section: its name and its value, as sent.
pub type Trailer = (Box<[u8]>, Box<[u8]>);

/// The response as it was received.
#[derive(Clone, Debug, Default)]
pub struct Received {
    /// The heads of interim responses (RFC 9110 §15.2), in order.
    pub interim: Vec<OwnedHead>,
    /// The final head; `None` when it did not come, or not whole.
    pub head: Option<OwnedHead>,
    /// How the end of the body is known; `None` without a final head, or when the fields that say
    /// it contradict each other.
    pub framing: Option<Framing>,
    /// The first octets of the body, as many as the plan keeps; without chunk framing.
    pub body: Vec<u8>,
    /// Octets of the body, after dechunking.
    pub body_octets: u64,
    /// The trailer section of a chunked body (RFC 9110 §6.5).
    pub trailers: Vec<Trailer>,
    /// What was read though a strict reader refuses it.
    pub oddities: Vec<Oddity>,
    /// Whether the message came whole (RFC 9112 §8).
    pub complete: bool,
}
