//! The sockets of the resolver: which query is on which, under which id.
//!
//! A UDP channel carries up to [`QUERIES`] queries to one server and is then let go, so that
//! source ports keep changing and few ids are valid on one port at a time; it is closed as soon
//! as nothing on it is waited for. A TCP channel carries one query.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use crate::action::{Action, Channel};
use crate::answer::Transport;
use crate::id::{Digest, Ids};
use crate::index::Index;
use crate::message::Question;

/// Queries that a UDP channel carries before another takes its place.
///
/// RFC 5452 §9.2 wants source ports that cannot be predicted, and several at once. What a forged
/// answer has to hit is the port, one of some 2¹⁵, the id, one of 2¹⁶ that no hash of others
/// foretells, and the question; and since equal questions are one query here (§5), it is one id of
/// one port, however many queries share the port. What sharing gives away is time: who found the port
/// out has need of the id only for as long as the port is used, which is until it carried so many
/// queries, or nothing more is expected on it. A socket a query costs half as much again as the
/// query; one for 64, nothing to speak of.
pub(crate) const QUERIES: u16 = 64;

/// The number of an exchange.
pub(crate) type Key = u64;

/// All channels.
pub(crate) struct Channels {
    ids: Ids,
    next: u32,
    lines: Index<Channel, Line>,
    /// The UDP channel to each server that has room.
    roomy: BTreeMap<SocketAddr, Channel>,
}

/// One channel.
struct Line {
    server: SocketAddr,
    transport: Transport,
    carried: u16,
    /// Whose query each id is: no id is on a channel twice at a time. In no order.
    queries: Vec<(u16, Key)>,
    /// Of a stream: what to send once it is open; then what came.
    held: Vec<u8>,
    /// How many octets of what came were given as messages.
    given: usize,
    is_open: bool,
}

impl Channels {
    pub(crate) fn new(seed: [u8; 16]) -> Channels {
        Channels { ids: Ids::new(seed), next: 0, lines: Index::default(), roomy: BTreeMap::new() }
    }

    /// What stands for a question, by the seed of the ids.
    pub(crate) fn digest(&self, question: &Question) -> Digest {
        self.ids.digest(question)
    }

    /// Sends the query that `write` makes of an id, on a channel with room or a new one.
    pub(crate) fn send(
        &mut self,
        server: SocketAddr,
        transport: Transport,
        key: Key,
        write: impl FnOnce(u16) -> Vec<u8>,
        out: &mut Vec<Action>,
    ) -> (Channel, u16) {
        let roomy = match transport {
            Transport::Udp => self.roomy.get(&server).copied(),
            Transport::Tcp => None,
        };
        let channel = roomy.unwrap_or_else(|| {
            let channel = Channel(self.next);
            self.next = self.next.wrapping_add(1);
            out.push(Action::Open { channel, transport, server });
            if transport == Transport::Udp {
                self.roomy.insert(server, channel);
            }
            channel
        });
        let line = self.lines.entry(channel).or_insert(Line {
            server,
            transport,
            carried: 0,
            queries: vec![],
            held: vec![],
            given: 0,
            is_open: transport == Transport::Udp,
        });
        line.carried += 1;
        if line.carried >= QUERIES {
            self.roomy.remove(&server);
        }
        // At most QUERIES of 65,536 are taken, so a free one is soon drawn.
        let mut id = self.ids.draw();
        while line.place(id).is_some() {
            id = id.wrapping_add(1);
        }
        line.queries.push((id, key));
        let message = write(id);
        match transport {
            Transport::Udp => out.push(Action::Send { channel, octets: message }),
            Transport::Tcp => {
                let length = u16::try_from(message.len()).unwrap_or(u16::MAX);
                line.held.extend(length.to_be_bytes());
                line.held.extend(message);
            }
        }
        (channel, id)
    }

    /// A stream is open: what it was opened for goes out.
    pub(crate) fn opened(&mut self, channel: Channel, out: &mut Vec<Action>) {
        if let Some(line) = self.lines.get_mut(&channel)
            && !line.is_open
        {
            line.is_open = true;
            out.push(Action::Send { channel, octets: std::mem::take(&mut line.held) });
        }
    }

    /// How a channel talks, if it was opened to `from` (RFC 5452 §9.1).
    pub(crate) fn transport(&self, channel: Channel, from: SocketAddr) -> Option<Transport> {
        let line = self.lines.get(&channel)?;
        // Not flow label and scope: the system fills them in as it likes.
        let is_it = (line.server.ip(), line.server.port()) == (from.ip(), from.port());
        is_it.then_some(line.transport)
    }

    /// Takes octets of a stream in; gives the next whole message (RFC 7766 §8), if there is one.
    pub(crate) fn message(&mut self, channel: Channel, octets: &[u8]) -> Option<Vec<u8>> {
        let line = self.lines.get_mut(&channel).filter(|line| line.is_open)?;
        line.held.extend(octets);
        let rest = line.held.get(line.given..).unwrap_or_default();
        let message = rest.split_first_chunk().and_then(|(length, rest)| {
            rest.get(..usize::from(u16::from_be_bytes(*length))).map(<[u8]>::to_vec)
        });
        match &message {
            Some(message) => line.given += 2 + message.len(),
            // Once a piece, not once a message: a piece may be full of empty ones.
            None => drop(line.held.drain(..std::mem::take(&mut line.given))),
        }
        message
    }

    /// Whether a stream stands inside a message.
    pub(crate) fn is_amid_message(&self, channel: Channel) -> bool {
        self.lines.get(&channel).is_some_and(|line| line.is_open && !line.held.is_empty())
    }

    /// Whose query has this id on this channel.
    pub(crate) fn whose(&self, channel: Channel, id: u16) -> Option<Key> {
        let line = self.lines.get(&channel)?;
        line.queries.get(line.place(id)?).map(|(_, key)| *key)
    }

    /// Every query on a channel, oldest exchange first.
    pub(crate) fn queries(&self, channel: Channel) -> Vec<(u16, Key)> {
        let line = self.lines.get(&channel);
        let mut queries: Vec<_> = line.map_or(vec![], |line| line.queries.clone());
        queries.sort_unstable_by_key(|(id, key)| (*key, *id));
        queries
    }

    /// A query is not waited for any more; a channel without one is closed.
    pub(crate) fn release(&mut self, channel: Channel, id: u16, out: &mut Vec<Action>) {
        if let Some(line) = self.lines.get_mut(&channel) {
            if let Some(place) = line.place(id) {
                line.queries.swap_remove(place);
            }
            if line.queries.is_empty() {
                self.close(channel, out);
            }
        }
    }

    /// Closes a channel, whatever is on it.
    pub(crate) fn close(&mut self, channel: Channel, out: &mut Vec<Action>) {
        if let Some(line) = self.lines.remove(&channel) {
            if self.roomy.get(&line.server) == Some(&channel) {
                self.roomy.remove(&line.server);
            }
            out.push(Action::Close { channel });
        }
    }

    /// Channels that are open.
    pub(crate) fn count(&self) -> usize {
        self.lines.len()
    }
}

impl Line {
    /// Where the query with this id stands.
    fn place(&self, id: u16) -> Option<usize> {
        self.queries.iter().position(|(it, _)| *it == id)
    }
}
