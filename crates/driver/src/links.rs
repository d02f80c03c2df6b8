//! The sockets of legs: one link each, in one slab for the loop.

use std::net::SocketAddr;

use fourstep_probe::{Endpoint, Parting, Spare, Tcp};
use fourstep_resolve::Family;
use fourstep_socket::{self as socket, Options, Stream};
use fourstep_terms::{Fault, FaultKind, Leg};
use mio::{Interest, Registry, Token};
use slab::Slab;

use crate::link::{Link, State};

/// Every link of the loop.
///
/// A connection that is thrown away with a reset leaves its socket here, for the next one: to make
/// a socket, have it watched and close it is a fifth of what a whole probe costs the kernel.
pub(crate) struct Links {
    slab: Slab<Link>,
    /// Counts the sockets.
    serial: u32,
    /// Whether sockets serve again.
    again: bool,
    /// The links whose sockets wait to, by family.
    spare: [Vec<Key>; 2],
    /// Those that were emptied in this turn: the poll may just have told of their old connections.
    emptied: Vec<(Family, Key)>,
    /// The link whose news is being looked at: of that one the poll has told all that it had.
    told: Option<Key>,
}

/// A link's place among them.
pub(crate) type Key = u32;

/// The most sockets of a family that wait: as many as connections may end before others begin.
const MOST_SPARE: usize = 1024;

impl Links {
    pub(crate) fn new(again: bool) -> Links {
        let (spare, emptied) = ([Vec::new(), Vec::new()], Vec::new());
        Links { slab: Slab::new(), serial: 0, again, spare, emptied, told: None }
    }

    /// A turn begins: all that the poll told in the last one has been looked at.
    pub(crate) fn turn(&mut self) {
        self.told = None;
        for (family, key) in self.emptied.drain(..) {
            waiting(&mut self.spare, family).push(key);
        }
    }

    /// Dials, and has the poll watch: the key of the link.
    #[inline(always)]
    pub(crate) fn dial(
        &mut self,
        owner: usize,
        leg: Leg,
        to: &Endpoint,
        options: &Options,
        registry: &Registry,
    ) -> Result<Key, Fault> {
        let again = if self.again { serves_again(to) } else { None };
        if let (Some(family), Endpoint::Ip(address)) = (again, to)
            && let Some(key) = waiting(&mut self.spare, family).pop()
            && let Some(link) = self.slab.get_mut(index(key))
        {
            return match link.redial(owner, leg, *address, options) {
                Ok(()) => Ok(key),
                Err(fault) => {
                    // One that cannot be dialled is closed.
                    self.close(key, false);
                    Err(fault)
                }
            };
        }
        self.open(owner, leg, to, again, options, registry)
    }

    /// Dials with a socket of its own.
    #[inline(never)]
    fn open(
        &mut self,
        owner: usize,
        leg: Leg,
        to: &Endpoint,
        again: Option<Family>,
        options: &Options,
        registry: &Registry,
    ) -> Result<Key, Fault> {
        let mut stream = match open(to, options) {
            // Those that wait are in the way now.
            Err(fault) if fault.kind == FaultKind::Descriptors && self.release() => {
                open(to, options)?
            }
            opened => opened?,
        };
        let place = self.slab.vacant_entry();
        // More than there can be descriptors.
        let key = Key::try_from(place.key()).map_err(|_| Fault::of(FaultKind::Descriptors))?;
        self.serial = self.serial.wrapping_add(1);
        registry
            .register(&mut stream, token(key, self.serial), Interest::READABLE | Interest::WRITABLE)
            .map_err(|error| socket::fault(&error))?;
        place.insert(Link::new(owner, leg, stream, self.serial, again));
        Ok(key)
    }

    /// Closes the sockets that wait: whether there were any.
    pub(crate) fn release(&mut self) -> bool {
        let mut any = false;
        self.turn();
        for key in self.spare.iter_mut().flat_map(std::mem::take) {
            any |= self.slab.try_remove(index(key)).is_some();
        }
        any
    }

    /// The link, if it is anybody's.
    pub(crate) fn get(&mut self, key: Key) -> Option<&mut Link> {
        self.slab.get_mut(index(key)).filter(|link| link.state != State::Spare)
    }

    /// The link that the poll tells of, and its key: its news is looked at now. `None` when that was
    /// hung up, in the same turn or, where a child of this process holds its descriptor as well, any
    /// time ago.
    ///
    /// Of a socket that was emptied the poll tells once that it is closed. If that comes when the
    /// next connection is dialled already, the socket is asked what is true: see [`Link::outcome`].
    #[inline]
    pub(crate) fn told_of(&mut self, told: Token) -> Option<(Key, &mut Link)> {
        let key = Key::try_from(told.0 & (usize::MAX >> KEY_BITS)).ok()?;
        let link = self.slab.get_mut(index(key))?;
        let is_its = link.token(key) == told && link.state != State::Spare;
        is_its.then(|| {
            self.told = Some(key);
            (key, link)
        })
    }

    /// Takes a link's connection down: what the kernel measured of it, if it stood.
    pub(crate) fn hang_up(
        &mut self,
        key: Key,
        parting: Parting,
        spare: &mut Spare,
    ) -> Option<Box<Tcp>> {
        let link = self.slab.get_mut(index(key)).filter(|link| link.state != State::Spare)?;
        let measured = link.measured().map(|measured| spare.tcp(measured));
        let reset = matches!(parting, Parting::Reset);
        if reset
            && self.again
            && link.is_up()
            && let Some(family) = link.again
        {
            let waiting = waiting(&mut self.spare, family);
            if waiting.len() + self.emptied.len() < MOST_SPARE {
                if link.empty().is_ok() {
                    match self.told == Some(key) {
                        true => waiting.push(key),
                        false => self.emptied.push((family, key)),
                    }
                    return measured;
                }
                // The system cannot: no socket serves again.
                self.again = false;
            }
        }
        self.close(key, reset);
        measured
    }

    #[inline(never)]
    fn close(&mut self, key: Key, reset: bool) {
        if let Some(link) = self.slab.try_remove(index(key)) {
            link.hang_up(reset);
        }
    }
}

/// The links of a family whose sockets wait.
fn waiting([v4, v6]: &mut [Vec<Key>; 2], family: Family) -> &mut Vec<Key> {
    match family {
        Family::V4 => v4,
        Family::V6 => v6,
    }
}

/// Where the socket of such a connection may serve again. One that was connected to a link-local
/// address stays with that link (RFC 4007 §6), and one that was to an IPv4-mapped address
/// (RFC 4291 §2.5.5.2) speaks IPv4 for good.
#[inline(always)]
fn serves_again(to: &Endpoint) -> Option<Family> {
    match to {
        Endpoint::Ip(SocketAddr::V4(_)) => Some(Family::V4),
        Endpoint::Ip(SocketAddr::V6(to)) if to.ip().is_unicast_link_local() => None,
        Endpoint::Ip(SocketAddr::V6(to)) if to.ip().to_ipv4_mapped().is_some() => None,
        Endpoint::Ip(SocketAddr::V6(_)) => Some(Family::V6),
        Endpoint::Unix(_) => None,
    }
}

fn open(to: &Endpoint, options: &Options) -> Result<Stream, Fault> {
    match to {
        Endpoint::Ip(address) => socket::dial(*address, options),
        Endpoint::Unix(path) => socket::dial_unix(path),
    }
}

fn index(key: Key) -> usize {
    usize::try_from(key).unwrap_or(usize::MAX)
}

/// The half of a token that is a link's key.
const KEY_BITS: u32 = usize::BITS / 2;

/// A link's name with the poll: its key, and before it its number, so that news of a link is not
/// taken for that of the next one with its key.
pub(crate) fn token(key: Key, serial: u32) -> Token {
    Token((index(serial) << KEY_BITS | index(key)) & LAST_TOKEN)
}

/// Whether it is a link that the poll tells of.
pub(crate) fn is_link(told: Token) -> bool {
    told.0 <= LAST_TOKEN
}

/// The last token of a link: below all tokens of channels, see there.
const LAST_TOKEN: usize = usize::MAX >> 2;

#[cfg(test)]
mod tests {
    use std::net::TcpListener;
    use std::time::Duration;

    use mio::{Events, Poll};

    use fourstep_terms::Clock;

    use super::*;
    use crate::job::Settings;
    use crate::link::Ready;

    /// Links, a poll, and somebody to connect to.
    struct Stage {
        links: Links,
        poll: Poll,
        listener: TcpListener,
    }

    impl Stage {
        fn new(again: bool) -> Stage {
            let listener = TcpListener::bind("127.0.0.1:0").expect("loopback");
            let links = Links::new(again);
            Stage { links, poll: Poll::new().expect("a poll"), listener }
        }

        /// Dials, and waits until the connection stands: its key.
        fn connect(&mut self) -> Key {
            let to = Endpoint::Ip(self.listener.local_addr().expect("it is bound"));
            let registry = self.poll.registry();
            let key =
                self.links.dial(7, Leg(0), &to, &Options::default(), registry).expect("a link");
            let mut events = Events::with_capacity(8);
            loop {
                self.poll.poll(&mut events, Some(Duration::from_secs(20))).expect("news");
                assert!(!events.is_empty(), "no news of a connection on loopback");
                for event in &events {
                    let told = self.links.told_of(event.token());
                    let Some((told, link)) = told else { continue };
                    if let Some(outcome) = link.outcome(Ready::of(event)) {
                        assert_eq!((told, outcome), (key, Ok(())));
                        assert!(link.stand(Clock::Kernel).is_some());
                        // Its news is another turn's.
                        self.links.told = None;
                        return key;
                    }
                }
            }
        }

        fn hang_up(&mut self, key: Key, parting: Parting) -> Option<Box<Tcp>> {
            self.links.hang_up(key, parting, &mut Spare::default())
        }
    }

    #[test]
    fn a_socket_serves_again_once_its_turn_is_over() {
        let mut stage = Stage::new(true);
        let first = stage.connect();
        assert!(stage.hang_up(first, Parting::Reset).is_some(), "what was measured");
        assert!(stage.links.get(first).is_none(), "it is nobody's");
        let second = stage.connect();
        assert_ne!(first, second, "the poll may still tell of the first connection");
        stage.links.turn();
        assert_eq!(stage.connect(), first);
        assert_eq!(stage.links.slab.len(), 2);

        let _ = stage.hang_up(first, Parting::Reset);
        assert!(stage.links.release(), "it is closed");
        assert!(!stage.links.release(), "there is no other");
        assert_eq!(stage.links.slab.len(), 1);
    }

    #[test]
    fn a_socket_serves_again_at_once_when_its_own_news_ended_its_connection() {
        let mut stage = Stage::new(true);
        let (first, second) = (stage.connect(), stage.connect());
        let told = stage.links.get(first).expect("it is connected").token(first);
        assert!(stage.links.told_of(told).is_some());
        let _ = stage.hang_up(second, Parting::Reset);
        let _ = stage.hang_up(first, Parting::Reset);
        assert_eq!(stage.connect(), first, "of the other one the poll may still tell");
        stage.links.turn();
        assert_eq!(stage.connect(), second);
    }

    #[test]
    fn what_may_not_serve_again_is_closed() {
        for (again, parting) in [(true, Parting::Close), (false, Parting::Reset)] {
            let mut stage = Stage::new(again);
            let first = stage.connect();
            let _ = stage.hang_up(first, parting);
            assert!(stage.links.slab.is_empty(), "{again} {parting:?}");
        }
        let rows = [
            ("192.0.2.1:80", Some(Family::V4)),
            ("[2001:db8::1]:80", Some(Family::V6)),
            ("[fe80::1%7]:80", None),
            ("[::ffff:192.0.2.1]:80", None),
        ];
        for (to, want) in rows {
            let to = Endpoint::Ip(to.parse().expect("it is one"));
            assert_eq!(serves_again(&to), want, "{to:?}");
        }
        let unix = Endpoint::Unix(std::path::Path::new("/run/a").into());
        assert_eq!(serves_again(&unix), None);
        let rows = [(None, true), (Some("192.0.2.2:0"), true), (Some("192.0.2.2:1024"), false)];
        for (source, want) in rows {
            let source = source.map(|source| source.parse().expect("it is one"));
            let sockets = Options { source, ..Options::default() };
            let settings = Settings { sockets, ..Settings::default() };
            assert_eq!(settings.serves_again(), want, "{source:?}");
            let settings = Settings { fresh_sockets: true, ..settings };
            assert!(!settings.serves_again(), "{source:?}");
        }
    }
}
