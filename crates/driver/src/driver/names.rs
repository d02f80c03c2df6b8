//! The resolver's part of the loop: its sockets, and what it answers.

use std::fs::File;
use std::io::{self, Read};
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use fourstep_probe::Input;
use fourstep_resolve::{self as resolve, Answer, Channel, Families, Ignored, Query, Ticket};
use fourstep_socket as socket;
use fourstep_terms::{FaultKind, Time};

use super::{Driver, News, READS_PER_TURN, Turn};
use crate::channels::Heard;

/// More addresses of one answer than this are tried in the order they came.
const RANKED_ADDRESSES: usize = 16;

impl Driver {
    /// Asks the resolver for a probe.
    #[cold]
    pub(super) fn ask(&mut self, key: usize, now: Time, query: &Query) {
        let Some(running) = self.probes.get_mut(key) else { return };
        running.asked = true;
        self.resolver.ask(now, Ticket(key), query, &mut self.asked);
        self.perform_asked(now);
    }

    /// Takes a probe's questions back: what the resolver has ignored meanwhile.
    #[cold]
    pub(super) fn forget(&mut self, key: usize) -> Ignored {
        let ignored = self.resolver.ignored(Ticket(key));
        self.resolver.forget(Ticket(key), &mut self.asked);
        self.perform_asked(self.clock.now());
        ignored
    }

    /// Hands a probe the answer to its question.
    #[cold]
    pub(super) fn answered(&mut self, key: usize, answer: &Arc<Answer>, turn: &mut Turn<'_>) {
        let now = self.clock.now();
        if !self.may_dial(key, now, answer, turn) {
            // Dropped unseen: the work gives it out again.
            return self.abandon(key, &mut turn.out.spare);
        }
        let sources = self.sources(key, answer);
        self.feed(key, now, Input::Answered { answer, sources: &sources }, turn);
    }

    /// Does what the resolver asks for. A failing action is news for it, and that may ask for
    /// more: it gives up on a server at each failure, so this ends.
    pub(super) fn perform_asked(&mut self, now: Time) {
        while !self.asked.is_empty() {
            let mut failed = Vec::new();
            let mut list = std::mem::take(&mut self.asked);
            for action in list.drain(..) {
                match action {
                    resolve::Action::Open { channel, transport, server } => {
                        let (options, registry) = (&self.name_sockets, self.poll.registry());
                        let lines = &mut self.channels;
                        let mut open = || lines.open(channel, transport, server, options, registry);
                        let opened = match open() {
                            // Sockets that wait for their next connection are in the way now.
                            Err(fault)
                                if fault.kind == FaultKind::Descriptors && self.links.release() =>
                            {
                                open()
                            }
                            opened => opened,
                        };
                        failed.extend(opened.err().map(|fault| (channel, fault)));
                    }
                    resolve::Action::Send { channel, octets } => {
                        if let Some(Err(fault)) =
                            self.channels.get(channel).map(|line| line.send(octets))
                        {
                            failed.push((channel, fault));
                        }
                    }
                    resolve::Action::Close { channel } => self.channels.close(channel),
                    resolve::Action::Answer { ticket: Ticket(key), answer } => {
                        self.news.push_back((key, News::Answered(answer)));
                    }
                    resolve::Action::Services { ticket: Ticket(key), answer } => {
                        self.news.push_back((key, News::Served(answer)));
                    }
                }
            }
            for (channel, fault) in failed {
                let input = resolve::Input::Failed(channel, fault);
                self.resolver.handle(now, input, &mut self.asked);
            }
            // The list goes back to where it was, unless a failure has begun another.
            if self.asked.is_empty() {
                self.asked = list;
            }
        }
    }

    /// Whether the work has a probe wait with the addresses it was given.
    fn may_dial(&self, key: usize, now: Time, answer: &Answer, turn: &mut Turn<'_>) -> bool {
        let (Ok(addresses), Some(running)) = (&answer.result, self.probes.get(key)) else {
            return true;
        };
        turn.work.may_dial(now, running.number, addresses)
    }

    /// For each address of an answer, the one this machine would send from (RFC 6724 §6), as far as
    /// that is known. Not asked of the system where there is nothing to choose from.
    fn sources(&mut self, key: usize, answer: &Answer) -> Vec<Option<IpAddr>> {
        let (Ok(addresses), Some(running)) = (&answer.result, self.probes.get(key)) else {
            return Vec::new();
        };
        if addresses.len() < 2 && running.probe.plan().families != Families::Both {
            return Vec::new();
        }
        let (links, options) = (&mut self.links, &self.settings.sockets);
        let source = |ip: &IpAddr| {
            // Any port will do: routes know addresses.
            let to = SocketAddr::new(*ip, 80);
            match socket::source_for(to, options) {
                // Sockets that wait for their next connection are in the way now.
                Err(_) if links.release() => socket::source_for(to, options).ok(),
                found => found.ok(),
            }
        };
        addresses.iter().take(RANKED_ADDRESSES).map_while(source).collect()
    }

    /// A channel of the resolver's has something to say.
    pub(super) fn hear(&mut self, channel: Channel, buffer: &mut [u8], turn: &mut Turn<'_>) {
        self.listen(channel, buffer);
        self.settle(turn);
    }

    fn listen(&mut self, channel: Channel, buffer: &mut [u8]) {
        for _ in 0..READS_PER_TURN {
            let Some(line) = self.channels.get(channel) else { return };
            let heard = line.hear(buffer);
            let now = self.clock.now();
            let input = match heard {
                Heard::Nothing => return,
                Heard::Opened => resolve::Input::Opened(channel),
                Heard::Octets(count, from) => {
                    let octets = buffer.get(..count).unwrap_or_default();
                    resolve::Input::Received { channel, from, octets }
                }
                Heard::End => resolve::Input::Closed(channel),
                Heard::Failed(fault) => resolve::Input::Failed(channel, fault),
            };
            let last = matches!(input, resolve::Input::Closed(_) | resolve::Input::Failed(..));
            self.resolver.handle(now, input, &mut self.asked);
            self.perform_asked(now);
            if last {
                return;
            }
        }
        self.talkative.push(channel);
    }
}

/// Randomness for the resolver's ids (RFC 5452 §4.3), from the system.
pub(super) fn seed() -> io::Result<[u8; 16]> {
    let mut seed = [0; 16];
    File::open("/dev/urandom")?.read_exact(&mut seed)?;
    Ok(seed)
}
