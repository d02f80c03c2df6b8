//! All that one probe saw.

use std::borrow::Cow;
use std::net::SocketAddr;
use std::num::NonZeroI32;
use std::sync::Arc;
use std::time::Duration;

use fourstep_connect::{Attempt, Ended, Few};
use fourstep_request::Recipe;
use fourstep_resolve::{Answer, Ignored, ServiceAnswer};
use fourstep_response::{Framing, Head};
use fourstep_target::Target;
use fourstep_terms::{Code, Fault, FaultKind, Leg, Oddity, Step, TcpInfo, Time};
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
    pub failure: Option<Box<Failure>>,
    /// When each step began and ended.
    pub timeline: Timeline,
    /// What was resolved; `None` before that step began.
    pub resolve: Option<Resolved>,
    /// What was dialled; `None` before that step began.
    pub connect: Option<Connection>,
    /// What the TLS handshake showed, refused or not; `None` before its end. Of a session that stands
    /// the certificates come with the end of the probe.
    pub tls: Option<Box<Handshake>>,
    /// What was sent; `None` before that step began.
    pub request: Option<Sent>,
    /// What was received; `None` before its first octet.
    pub response: Option<Box<Received>>,
    /// What the kernel measured of the connection that was used; `None` without one, and for a unix
    /// socket. The caller of the probe writes it down: it has the socket.
    pub tcp: Option<Box<Tcp>>,
    /// Where the response redirects to, when the plan follows it: the next probe of the chain.
    pub next: Option<Box<Hop>>,
}

// A million probes in flight hold a million of them: what is there only at the end, or seldom, lies
// behind a pointer.
const _: () = assert!(size_of::<Report>() <= 264);

impl Report {
    /// The report of a probe that has not begun.
    pub(crate) fn new(target: Arc<Target>, hop: u16) -> Report {
        Report {
            target,
            hop,
            step: Step::Resolve,
            failure: None,
            timeline: Timeline::default(),
            resolve: None,
            connect: None,
            tls: None,
            request: None,
            response: None,
            tcp: None,
            next: None,
        }
    }

    /// Whether a whole final response head was read.
    pub fn answered(&self) -> bool {
        self.head().is_some()
    }

    /// The final head.
    pub fn head(&self) -> Option<&Head> {
        self.response.as_ref()?.head.as_ref()
    }

    /// What the questions for the name showed; `None` where there was none to ask for.
    pub fn named(&self) -> Option<&Named> {
        match self.resolve.as_ref()? {
            Resolved::Literal => None,
            Resolved::Name(named) => Some(named),
        }
    }

    /// The request target, as it was sent (RFC 9112 §3.2); `None` when nothing was.
    pub fn request_target(&self) -> Option<&[u8]> {
        let other = self.request.as_ref()?.other.as_deref();
        let request_target = other.and_then(|other| other.request_target.as_deref());
        Some(request_target.unwrap_or(self.target.request_target()))
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
        let rtt_us = self.tcp.as_ref()?.ended.min_rtt_us?.get();
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
    /// the wait. The end of the path is [`Connection::peer()`], which may be a proxy.
    pub network: Duration,
    /// The rest: the peer, whatever stands behind it, and what the path took longer than at best.
    pub server: Duration,
}

/// What looking the name up showed.
#[derive(Clone, Debug)]
pub enum Resolved {
    /// The host is an address: there was nothing to ask. It is that of the one attempt in
    /// [`Connection::attempts`].
    Literal,
    /// The name was asked for.
    Name(Box<Named>),
}

/// What the questions for a name showed.
#[derive(Clone, Debug)]
pub struct Named {
    /// As it was asked, before any search list.
    pub name: Box<str>,
    /// What came, and when, in order of arrival: at most one answer a family.
    pub answers: Few<(Time, Arc<Answer>)>,
    /// What HTTPS records said, as last known; `None` when they were not asked for, or did not
    /// come in time.
    pub services: Option<Arc<ServiceAnswer>>,
    /// Messages that were not taken for questions still open when the probe was done; those of
    /// answers stand in the answers. The loop writes it down: it has the resolver.
    pub ignored: Ignored,
}

/// The attempts to connect.
#[derive(Clone, Debug, Default)]
pub struct Connection {
    /// Every attempt, in the order they were dialled, which is that of their legs.
    pub attempts: Few<Dialled>,
    /// Which of them is the connection that was used; `None` when there was none.
    pub used: Option<Leg>,
    /// This side's address of it; `None` for a unix socket.
    pub local: Option<SocketAddr>,
    /// How a proxy answered when it was asked for a tunnel.
    pub tunnel: Option<Box<Answered>>,
}

impl Connection {
    /// Where the connection that was used leads; `None` when there was none.
    pub fn peer(&self) -> Option<&Endpoint> {
        Some(&self.attempts.get(usize::from(self.used?.0))?.to)
    }
}

/// How a proxy answered when it was asked for a tunnel (RFC 9110 §9.3.6).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answered {
    /// The status code.
    pub status: u16,
    /// The reason phrase, as sent.
    pub reason: Box<[u8]>,
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
    /// because another stood first (it is not [`Connection::used`]).
    pub failure: Option<Code>,
    /// The operating system's error number; there is none that is 0.
    pub os_error: Option<NonZeroI32>,
}

impl Dialled {
    /// An attempt that begins now, and has not ended.
    pub(crate) fn begun(to: Endpoint, now: Time) -> Dialled {
        Dialled { to, started: now, ended: now, failure: None, os_error: None }
    }

    /// The same, ended.
    pub(crate) fn end(&mut self, now: Time, fault: Option<Fault>) {
        self.ended = now;
        self.failure = fault.map(dial_code);
        self.os_error = fault.and_then(|fault| fault.os_error).and_then(NonZeroI32::new);
    }

    pub(crate) fn of(attempt: &Attempt, now: Time) -> Dialled {
        let fault = match attempt.end.map(|end| end.how) {
            Some(Ended::Failed(fault)) => Some(fault),
            Some(Ended::Silent) => Some(Fault::of(FaultKind::TimedOut)),
            Some(Ended::Won | Ended::Abandoned) | None => None,
        };
        let mut dialled = Dialled::begun(Endpoint::Ip(attempt.address), attempt.started);
        dialled.end(attempt.ended().unwrap_or(now), fault);
        dialled
    }
}

/// The request as it was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sent {
    /// Octets of the whole request.
    pub octets: usize,
    /// Octets of it that the kernel had not taken when the probe ended.
    pub left: usize,
    /// What tells it from a plain GET; mostly nothing does.
    pub(crate) other: Option<Box<Unlike>>,
}

/// What is not as in a plain GET.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Unlike {
    pub(crate) method: Cow<'static, str>,
    /// The request target on the wire, where that is not the target's own.
    pub(crate) request_target: Option<Box<[u8]>>,
}

impl Unlike {
    #[inline(never)]
    fn of(recipe: &Recipe, request_target: &[u8]) -> Unlike {
        let method = match recipe.method_name() {
            // Most probes that do not ask with GET ask with this.
            "HEAD" => Cow::Borrowed("HEAD"),
            method => Cow::Owned(method.to_owned()),
        };
        let own = recipe.asks_in_origin_form();
        Unlike { method, request_target: (!own).then(|| request_target.into()) }
    }
}

impl Sent {
    /// So many octets, asked by this recipe, with this request target.
    pub(crate) fn of<'a>(
        octets: usize,
        recipe: &Recipe,
        request_target: impl FnOnce() -> &'a [u8],
    ) -> Sent {
        let other = match recipe.gets_in_origin_form() {
            true => None,
            false => Some(Box::new(Unlike::of(recipe, request_target()))),
        };
        Sent { octets, left: octets, other }
    }

    /// The method (RFC 9110 §9).
    pub fn method(&self) -> &str {
        self.other.as_ref().map_or("GET", |other| &other.method)
    }
}

/// One field of a trailer section: its name and its value, as sent.
pub type Trailer = (Box<[u8]>, Box<[u8]>);

/// The response as it was received.
#[derive(Clone, Debug, Default)]
pub struct Received {
    /// The heads of interim responses (RFC 9110 §15.2), in order.
    pub interim: Vec<Head>,
    /// The final head; `None` when it did not come, or not whole.
    pub head: Option<Head>,
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
