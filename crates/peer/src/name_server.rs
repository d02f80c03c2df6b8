//! A name server that answers from a zone, and misbehaves as the zone says.

use crate::accept::{Acceptor, Connection, Host};
use crate::asked::{Asked, Log};
use crate::place::sealed::Listen;
use crate::reply::{Sending, form_err, reply};
use crate::stop::Stop;
use crate::zone::{Decoy, Manner, Tcp, Zone};
use hickory_proto::op::{Message, MessageType};
use socket2::Socket;
use std::io::{self, Read, Write};
use std::net::{IpAddr, Ipv4Addr, SocketAddr, UdpSocket};
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

/// How often a port that UDP got may be taken for TCP before we give up.
const PORT_TRIES: usize = 16;

/// The longest that the UDP thread waits for a datagram before it looks at the bell again, should
/// the datagram that wakes it be lost.
const IDLE: Duration = Duration::from_secs(1);

/// The queue of TCP connections not accepted yet.
const BACKLOG: i32 = 128;

/// A name server over UDP and TCP on one port, that answers from a [`Zone`].
///
/// Dropping it closes everything and joins every thread, at once. An answer that is larger than
/// the question allows over UDP is truncated (RFC 6891 §6.2.3, RFC 2181 §9).
///
/// ```
/// use fourstep_peer::{LOOPBACK, NameServer, Zone};
/// use std::{net::UdpSocket, time::Duration};
///
/// let server = NameServer::start(LOOPBACK, Zone::new().a("a.test", [192, 0, 2, 1]))?;
/// let client = UdpSocket::bind("127.0.0.1:0")?;
/// client.set_read_timeout(Some(Duration::from_secs(5)))?;
/// client.send_to(b"\x12\x34\x01\0\0\x01\0\0\0\0\0\0\x01a\x04test\0\0\x01\0\x01", server.address())?;
/// let mut answer = [0; 512];
/// let length = client.recv(&mut answer)?;
/// assert!(answer[..length].starts_with(b"\x12\x34\x81\x80"));
/// assert!(answer[..length].ends_with(&[192, 0, 2, 1]));
/// assert_eq!(server.asked()[0].name, "a.test.");
/// # Ok::<(), std::io::Error>(())
/// ```
pub struct NameServer {
    address: SocketAddr,
    knows: Arc<Knows>,
    udp: Arc<UdpSocket>,
    datagrams: Option<JoinHandle<()>>,
    /// The TCP side: accepting, or a bound socket that does not listen.
    _tcp: Stream,
}

enum Stream {
    Accepts { _acceptor: Acceptor<SocketAddr> },
    Refuses { _bound: Socket },
}

/// What both transports share.
struct Knows {
    zone: Zone,
    log: Log,
    stop: Stop,
}

impl NameServer {
    /// Serves a zone at this address; port 0 is any free one.
    ///
    /// # Errors
    /// What bind(2) and listen(2) say; [`io::ErrorKind::InvalidInput`] for a name of the zone that
    /// is no domain name (RFC 1035 §2.3.4).
    pub fn start(at: SocketAddr, zone: Zone) -> io::Result<NameServer> {
        if let Some(name) = zone.bad_name() {
            let says = format!("`{}` is no domain name", name.escape_debug());
            return Err(io::Error::new(io::ErrorKind::InvalidInput, says));
        }
        let (udp, bound, address) = both(at)?;
        let decoy = |manner: &Manner| *manner == Manner::Decoy(Decoy::OtherSource);
        let other = if zone.every_manner().any(decoy) { Some(elsewhere(address)?) } else { None };
        let knows = Arc::new(Knows { zone, log: Log::default(), stop: Stop::default() });
        let tcp = match knows.zone.over_tcp() {
            Tcp::Refuses => Stream::Refuses { _bound: bound },
            Tcp::Answers | Tcp::Closes | Tcp::Silent => {
                bound.listen(BACKLOG)?;
                Stream::Accepts { _acceptor: Acceptor::start(bound, address, Arc::clone(&knows))? }
            }
        };
        let udp = Arc::new(udp);
        let datagrams = thread::Builder::new().name("peer-dns-udp".into()).spawn({
            let (knows, udp) = (Arc::clone(&knows), Arc::clone(&udp));
            move || Datagrams { knows: &knows, udp: &udp, other, due: Vec::new() }.run()
        })?;
        Ok(NameServer { address, knows, udp, datagrams: Some(datagrams), _tcp: tcp })
    }

    /// Where it listens, with the port that the system chose if it was asked to.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The last 4,096 questions that came, oldest first, answered or not.
    pub fn asked(&self) -> Vec<Asked> {
        self.knows.log.asked()
    }

    /// The same, once `count` questions came, or `most` has passed.
    pub fn wait(&self, count: u64, most: Duration) -> Vec<Asked> {
        self.knows.log.wait(count, most)
    }
}

impl Drop for NameServer {
    fn drop(&mut self) {
        self.knows.stop.ring();
        // Wakes the thread that waits for datagrams; it may be awake, and IDLE is the longest
        // that a lost one costs.
        let _ = self.udp.send_to(&[], self.address);
        if let Some(thread) = self.datagrams.take() {
            let _ = thread.join();
        }
    }
}

impl Knows {
    /// What to send for these octets.
    fn reply(&self, octets: &[u8], from: SocketAddr, over_tcp: bool) -> Vec<Sending> {
        let Ok(query) = Message::from_vec(octets) else {
            let octets = form_err(octets);
            return octets
                .map(|octets| Sending { octets, ..Sending::default() })
                .into_iter()
                .collect();
        };
        if query.metadata.message_type != MessageType::Query {
            return Vec::new();
        }
        let seen = self.log.note(&query, from, over_tcp);
        reply(&self.zone, &query, over_tcp, seen)
    }
}

/// The UDP side.
struct Datagrams<'a> {
    knows: &'a Knows,
    udp: &'a UdpSocket,
    /// Where decoys from another source are sent from.
    other: Option<UdpSocket>,
    /// What is to be sent later, in no order.
    due: Vec<(Instant, SocketAddr, Sending)>,
}

impl Datagrams<'_> {
    fn run(mut self) {
        let mut buffer = vec![0; usize::from(u16::MAX)];
        while !self.knows.stop.is_rung() {
            let wait = self.send_due();
            let _ = self.udp.set_read_timeout(Some(wait));
            // A time-out is no error here, nor is the ICMP of a client that is gone.
            let Ok((length, from)) = self.udp.recv_from(&mut buffer) else { continue };
            let now = Instant::now();
            let octets = buffer.get(..length).unwrap_or_default();
            for sending in self.knows.reply(octets, from, false) {
                self.due.push((now + sending.after, from, sending));
            }
        }
    }

    /// Sends what is due, in the order it became so; says how long to wait for the next.
    fn send_due(&mut self) -> Duration {
        self.due.sort_by_key(|(at, ..)| *at);
        let now = Instant::now();
        let count = self.due.partition_point(|(at, ..)| *at <= now);
        for (_, to, sending) in self.due.drain(..count) {
            let socket = self.other.as_ref().filter(|_| sending.elsewhere).unwrap_or(self.udp);
            let _ = socket.send_to(sent(&sending), to);
        }
        let next = self.due.first().map_or(IDLE, |(at, ..)| at.saturating_duration_since(now));
        next.clamp(Duration::from_millis(1), IDLE)
    }
}

/// The TCP side (RFC 1035 §4.2.2): each message behind its length, in two octets.
impl Host for Knows {
    fn converse(&self, connection: &Connection<'_>) {
        let mut socket = connection.socket;
        match self.zone.over_tcp() {
            Tcp::Closes | Tcp::Refuses => {}
            Tcp::Silent => drop(io::copy(&mut socket, &mut io::sink())),
            Tcp::Answers => drop(self.messages(connection)),
        }
    }
}

impl Knows {
    fn messages(&self, connection: &Connection<'_>) -> io::Result<()> {
        let mut socket = connection.socket;
        let from = socket.peer_addr()?.as_socket().ok_or(io::ErrorKind::NotConnected)?;
        loop {
            let mut length = [0; 2];
            socket.read_exact(&mut length)?;
            let mut octets = vec![0; usize::from(u16::from_be_bytes(length))];
            socket.read_exact(&mut octets)?;
            for sending in self.reply(&octets, from, true) {
                if connection.stop.wait(sending.after) {
                    return Ok(());
                }
                let length = u16::try_from(sending.octets.len()).unwrap_or(u16::MAX);
                socket.write_all(&[&length.to_be_bytes()[..], sent(&sending)].concat())?;
                if sending.cut {
                    return Ok(());
                }
            }
        }
    }
}

fn sent(sending: &Sending) -> &[u8] {
    let length = if sending.cut { sending.octets.len() / 2 } else { sending.octets.len() };
    sending.octets.get(..length).unwrap_or_default()
}

/// A UDP socket and a bound TCP socket on one port.
fn both(at: SocketAddr) -> io::Result<(UdpSocket, Socket, SocketAddr)> {
    let mut tries = 0;
    loop {
        let udp = UdpSocket::bind(at)?;
        let address = udp.local_addr()?;
        match address.bind() {
            Ok((tcp, _)) => return Ok((udp, tcp, address)),
            // Another port may be free of both.
            Err(_) if at.port() == 0 && tries < PORT_TRIES => tries += 1,
            Err(error) => return Err(error),
        }
    }
}

/// A socket that a client tells from the server's: at the next address, on the same port if that
/// is free. IPv6 has one loopback address, so there only the port differs.
fn elsewhere(server: SocketAddr) -> io::Result<UdpSocket> {
    match server.ip() {
        IpAddr::V4(ip) => {
            let next = Ipv4Addr::from_bits(ip.to_bits().wrapping_add(1));
            UdpSocket::bind((next, server.port())).or_else(|_| UdpSocket::bind((next, 0)))
        }
        ip @ IpAddr::V6(_) => UdpSocket::bind((ip, 0)),
    }
}
