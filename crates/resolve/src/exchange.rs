//! One question and the servers it is put to, until one answers.
//!
//! ```text
//!              ┌────────── next server, next round ──────────┐
//!              ▼                                              │
//!     ──▶ asked over UDP ── silence, failure, no message ─────┤
//!           │   │   └─ TC ──▶ asked over TCP ── any trouble ──┤
//!           │   └─ FORMERR ──▶ asked without EDNS, once ──────┤
//!           ▼                                                 ▼
//!         found                                nobody left: what says most
//! ```
//!
//! The times are those of resolv.conf(5): each server is waited for `timeout`; after the last
//! comes the first again, `attempts` rounds in all. A server that failed is not asked again. An
//! answer that comes after its time, while others are asked, is still welcome.

use std::net::SocketAddr;
use std::time::Duration;

use fourstep_terms::{Fault, FaultKind, Oddity, Time};

use crate::action::{Channel, Ticket};
use crate::answer::{ExtendedError, Ignored, Rcode, Transport};
use crate::config::Config;
use crate::error::{Defect, ResolveError};
use crate::finding::{Finding, Useless, find};
use crate::id::Digest;
use crate::message::{Question, Reading};
use crate::reply::Reply;

/// One question under way.
#[derive(Debug)]
pub(crate) struct Exchange {
    pub(crate) question: Question,
    pub(crate) digest: Digest,
    /// Who waits for it.
    pub(crate) waiting: Vec<Ticket>,
    /// Queries that may still be answered.
    pub(crate) tries: Vec<Try>,
    /// Queries that are not waited for any more, for the owner of the channels to take.
    pub(crate) let_go: Vec<(Channel, u16)>,
    /// When the current one has had its time.
    pub(crate) deadline: Time,
    begun: Time,
    /// The place in the list of servers to start from (`rotate`).
    first: usize,
    /// Turns taken, over all rounds.
    pub(crate) turns: usize,
    current: Option<(Channel, u16)>,
    servers: Vec<Standing>,
    trouble: Option<ResolveError>,
    seen: Seen,
}

/// A query sent.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Try {
    pub(crate) channel: Channel,
    pub(crate) id: u16,
    transport: Transport,
    server: usize,
    has_edns: bool,
}

/// What a server showed itself to be.
#[derive(Clone, Copy, Debug, Default)]
struct Standing {
    is_out: bool,
    is_plain: bool,
}

/// What was seen on the way, whatever the outcome.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Seen {
    pub(crate) asked: u32,
    pub(crate) ignored: Ignored,
    pub(crate) rcode: Option<Rcode>,
    pub(crate) server: Option<SocketAddr>,
    pub(crate) transport: Option<Transport>,
    pub(crate) extended_errors: Vec<ExtendedError>,
    pub(crate) oddities: Vec<Oddity>,
}

/// The end of an exchange.
#[derive(Clone, Debug)]
pub(crate) struct Settled {
    pub(crate) result: Result<Finding, ResolveError>,
    pub(crate) seen: Seen,
}

impl Settled {
    /// What comes of a question that nobody asks.
    pub(crate) fn unasked() -> Settled {
        let error = ResolveError::Silent { asked: 0, waited: Duration::ZERO };
        Settled { result: Err(error), seen: Seen::default() }
    }
}

/// What is to be done next.
#[derive(Debug)]
pub(crate) enum Step {
    /// Send a query.
    Send(Sending),
    /// Wait until the deadline.
    Wait,
    /// It is over.
    Settle(Result<Finding, ResolveError>),
}

/// A query to be sent.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sending {
    server: usize,
    pub(crate) transport: Transport,
    pub(crate) has_edns: bool,
}

impl Sending {
    pub(crate) fn address(self, config: &Config) -> Option<SocketAddr> {
        config.servers.get(self.server).copied()
    }
}

impl Exchange {
    pub(crate) fn new(question: Question, digest: Digest) -> Exchange {
        Exchange {
            question,
            digest,
            waiting: vec![],
            tries: vec![],
            let_go: vec![],
            deadline: Time::NEVER,
            begun: Time::START,
            first: 0,
            turns: 0,
            current: None,
            servers: vec![],
            trouble: None,
            seen: Seen::default(),
        }
    }

    /// Another question, in the lists of one that is over.
    pub(crate) fn renew(mut self: Box<Self>, question: Question, digest: Digest) -> Box<Exchange> {
        let Exchange { waiting, tries, let_go, servers, .. } = *self;
        *self = Exchange { waiting, tries, let_go, servers, ..Exchange::new(question, digest) };
        self.waiting.clear();
        self.tries.clear();
        self.let_go.clear();
        self
    }

    /// The first server's turn, which is the one at `first`.
    pub(crate) fn begin(&mut self, now: Time, first: usize, config: &Config) -> Step {
        self.begun = now;
        self.first = first;
        self.servers.clear();
        self.servers.resize(config.servers.len(), Standing::default());
        self.advance(now, config)
    }

    /// The next server's turn; over when none is left.
    fn advance(&mut self, now: Time, config: &Config) -> Step {
        self.current = None;
        let servers = self.servers.len();
        while self.turns < servers.saturating_mul(usize::from(config.attempts.max(1))) {
            let server = (self.first + self.turns) % servers;
            self.turns += 1;
            if let Some(Standing { is_out: false, is_plain }) = self.servers.get(server) {
                let transport = if config.use_vc { Transport::Tcp } else { Transport::Udp };
                let has_edns = !is_plain && config.edns_payload > 0;
                return Step::Send(Sending { server, transport, has_edns });
            }
        }
        let error = match self.trouble.take() {
            None if servers == 0 => {
                ResolveError::Unreachable { server: None, fault: Fault::of(FaultKind::Unreachable) }
            }
            // Told from here, so that it has all queries and all the time in it.
            None | Some(ResolveError::Silent { .. }) => self.silence(now),
            Some(error) => error,
        };
        self.settle(Err(error))
    }

    /// A query was sent, to be waited for.
    pub(crate) fn sent(
        &mut self,
        now: Time,
        sending: Sending,
        channel: Channel,
        id: u16,
        wait: Duration,
    ) {
        let Sending { server, transport, has_edns } = sending;
        self.tries.push(Try { channel, id, transport, server, has_edns });
        self.current = Some((channel, id));
        self.deadline = now + wait;
        self.seen.asked = self.seen.asked.saturating_add(1);
    }

    /// A message with the id of `which` came on its channel.
    pub(crate) fn read(
        &mut self,
        now: Time,
        which: Try,
        reading: Reading<'_>,
        config: &Config,
    ) -> Step {
        let Some(server) = config.servers.get(which.server).copied() else { return Step::Wait };
        let again =
            |transport, has_edns| Step::Send(Sending { server: which.server, transport, has_edns });
        match reading {
            Reading::NotAResponse => {
                self.ignore(Ignored { not_a_response: 1, ..Ignored::default() });
                Step::Wait
            }
            Reading::WrongQuestion => {
                self.ignore(Ignored { wrong_question: 1, ..Ignored::default() });
                Step::Wait
            }
            Reading::Malformed => {
                self.ignore(Ignored { malformed: 1, ..Ignored::default() });
                let defect = Defect::Message;
                self.give_up(
                    now,
                    which,
                    ResolveError::Malformed { server: Some(server), defect },
                    config,
                )
            }
            Reading::Truncated => {
                self.end(which);
                again(Transport::Tcp, which.has_edns)
            }
            Reading::Reply(reply) => {
                self.note(&reply, server, which.transport);
                let error = match find(&self.question, &reply) {
                    Ok(finding) => return self.settle(Ok(finding)),
                    Err(Useless::Aliases(defect)) => {
                        // The zone's fault: other servers have the same one.
                        let server = Some(server);
                        return self.settle(Err(ResolveError::Malformed { server, defect }));
                    }
                    // It may be too old for the OPT record (RFC 6891 §7).
                    Err(Useless::Rcode(Rcode::FORMERR)) if which.has_edns => {
                        if let Some(standing) = self.servers.get_mut(which.server) {
                            standing.is_plain = true;
                        }
                        self.end(which);
                        return again(which.transport, false);
                    }
                    Err(Useless::Truncated) => {
                        let defect = Defect::Truncated;
                        ResolveError::Malformed { server: Some(server), defect }
                    }
                    Err(Useless::Rcode(Rcode::REFUSED)) => ResolveError::Refused { server },
                    Err(Useless::Rcode(rcode)) => ResolveError::ServerFailure { server, rcode },
                    Err(Useless::Referral) => {
                        ResolveError::ServerFailure { server, rcode: Rcode::NOERROR }
                    }
                };
                self.give_up(now, which, error, config)
            }
        }
    }

    /// The channel of `which` failed.
    pub(crate) fn failed(&mut self, now: Time, which: Try, fault: Fault, config: &Config) -> Step {
        let server = config.servers.get(which.server).copied();
        let error = match fault.kind {
            kind if kind.is_local() => ResolveError::Local { fault },
            FaultKind::TimedOut => self.silence(now),
            _ => ResolveError::Unreachable { server, fault },
        };
        self.give_up(now, which, error, config)
    }

    /// The server closed the stream of `which`; `amid` a message or between two.
    pub(crate) fn closed(&mut self, now: Time, which: Try, amid: bool, config: &Config) -> Step {
        let server = config.servers.get(which.server).copied();
        let error = if amid {
            ResolveError::Malformed { server, defect: Defect::Cut }
        } else {
            ResolveError::Unreachable { server, fault: Fault::of(FaultKind::Reset) }
        };
        self.give_up(now, which, error, config)
    }

    /// The current query has had its time. A stream is given up, a datagram may still come.
    pub(crate) fn timed_out(&mut self, now: Time, config: &Config) -> Step {
        let silence = self.silence(now);
        self.mark(silence);
        let current = self.tries.iter().find(|it| self.current == Some((it.channel, it.id)));
        if let Some(&stream) = current.filter(|it| it.transport == Transport::Tcp) {
            self.end(stream);
        }
        self.advance(now, config)
    }

    /// What it is for those who do not wait for the next turn.
    pub(crate) fn so_far(&self, now: Time) -> Settled {
        Settled { result: Err(self.silence(now)), seen: self.seen.clone() }
    }

    /// Those who do not insist on another turn wait no more.
    pub(crate) fn part(&mut self, insists: impl Fn(&Ticket, &Question) -> bool) -> Vec<Ticket> {
        let question = &self.question;
        self.waiting.extract_if(.., |ticket| !insists(ticket, question)).collect()
    }

    /// Nobody insists on another turn.
    pub(crate) fn stop(&mut self, now: Time) -> Result<Finding, ResolveError> {
        self.let_all_go();
        Err(self.silence(now))
    }

    /// What was seen, once it is over.
    pub(crate) fn take_seen(&mut self) -> Seen {
        std::mem::take(&mut self.seen)
    }

    /// What was not taken so far.
    pub(crate) fn ignored(&self) -> Ignored {
        self.seen.ignored
    }

    /// Counts what was not taken.
    pub(crate) fn ignore(&mut self, ignored: Ignored) {
        self.seen.ignored.add(ignored);
    }

    /// The server of `which` is not asked again; if it was the one waited for, the next is.
    fn give_up(&mut self, now: Time, which: Try, error: ResolveError, config: &Config) -> Step {
        if let Some(standing) = self.servers.get_mut(which.server) {
            standing.is_out = true;
        }
        self.mark(error);
        let is_current = self.current == Some((which.channel, which.id));
        self.end(which);
        if is_current { self.advance(now, config) } else { Step::Wait }
    }

    /// No answer to `which` is expected any more.
    fn end(&mut self, which: Try) {
        self.tries.retain(|it| (it.channel, it.id) != (which.channel, which.id));
        self.let_go.push((which.channel, which.id));
    }

    /// Keeps the error that says most; of equals, the first.
    fn mark(&mut self, error: ResolveError) {
        if self.trouble.as_ref().is_none_or(|kept| error.weight() > kept.weight()) {
            self.trouble = Some(error);
        }
    }

    fn silence(&self, now: Time) -> ResolveError {
        ResolveError::Silent { asked: self.seen.asked, waited: now.since(self.begun) }
    }

    fn note(&mut self, reply: &Reply<'_>, server: SocketAddr, transport: Transport) {
        self.seen.rcode = Some(reply.rcode);
        self.seen.server = Some(server);
        self.seen.transport = Some(transport);
        for error in &reply.extended_errors {
            if !self.seen.extended_errors.contains(error) {
                self.seen.extended_errors.push(error.clone());
            }
        }
        self.seen.oddities.extend(&reply.oddities);
    }

    fn settle(&mut self, result: Result<Finding, ResolveError>) -> Step {
        self.let_all_go();
        Step::Settle(result)
    }

    fn let_all_go(&mut self) {
        self.let_go.extend(self.tries.drain(..).map(|it| (it.channel, it.id)));
    }
}
