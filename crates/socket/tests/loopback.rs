//! Real sockets on loopback: what the system says is what we say. Nothing sleeps: a poll with a
//! limit waits for news.
#![expect(clippy::unwrap_used, reason = "a test")]

use fourstep_socket::{
    Options, Stamp, Stamping, Stream, datagram, dial, dial_unix, fault, source_for,
};
use fourstep_terms::{Fault, FaultKind};
use mio::{Events, Interest, Poll, Token};
use socket2::{Domain, SockRef, Socket, Type};
use std::io::{self, ErrorKind, Read, Write};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, Shutdown, SocketAddr, TcpListener, UdpSocket};
use std::os::unix::net::UnixListener;
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

/// Longer than any news on loopback takes.
const LIMIT: Duration = Duration::from_secs(10);
const BOTH: [&str; 2] = ["127.0.0.1:0", "[::1]:0"];

/// Whether this machine has IPv6; where it has none, IPv4 alone is tried.
fn here(local: &str) -> bool {
    UdpSocket::bind(local).is_ok()
}

/// Polls until `done` says something, or the limit has passed without news.
fn until<S: mio::event::Source, T>(
    socket: &mut S,
    limit: Duration,
    mut done: impl FnMut(&mut S) -> Option<T>,
) -> Option<T> {
    let (mut poll, mut events) = (Poll::new().unwrap(), Events::with_capacity(8));
    let both = Interest::READABLE | Interest::WRITABLE;
    poll.registry().register(socket, Token(0), both).unwrap();
    let found = loop {
        match done(socket) {
            Some(found) => break Some(found),
            None => poll.poll(&mut events, Some(limit)).unwrap(),
        }
        if events.is_empty() {
            break None;
        }
    };
    poll.registry().deregister(socket).unwrap();
    found
}

fn outcome(stream: &mut Stream) -> Result<(), Fault> {
    until(stream, LIMIT, |stream| stream.outcome()).unwrap()
}

fn connected(to: SocketAddr) -> Stream {
    let mut stream = dial(to, &Options::default()).unwrap();
    assert_eq!(outcome(&mut stream), Ok(()));
    stream
}

/// Reads to the end, or to the error.
fn read_all(stream: &mut Stream) -> (Vec<u8>, Option<io::Error>) {
    let mut octets = Vec::new();
    let end = until(stream, LIMIT, |stream| {
        let mut some = [0; 16];
        loop {
            match stream.read(&mut some) {
                Ok(0) => return Some(None),
                Ok(many) => octets.extend(some.iter().take(many)),
                Err(error) if error.kind() == ErrorKind::WouldBlock => return None,
                Err(error) => return Some(Some(error)),
            }
        }
    });
    (octets, end.unwrap())
}

/// A port of this address where nobody listens, and nobody will while the socket is held.
fn closed(local: &str) -> (Socket, SocketAddr) {
    let local: SocketAddr = local.parse().unwrap();
    let socket = Socket::new(Domain::for_address(local), Type::STREAM, None).unwrap();
    socket.bind(&local.into()).unwrap();
    let address = socket.local_addr().unwrap().as_socket().unwrap();
    (socket, address)
}

fn refused() -> Fault {
    Fault { kind: FaultKind::Refused, os_error: Some(libc::ECONNREFUSED) }
}

#[test]
fn connects_writes_reads_and_ends() {
    for local in BOTH.into_iter().filter(|local| here(local)) {
        let listener = TcpListener::bind(local).unwrap();
        let mut stream = connected(listener.local_addr().unwrap());
        let (mut peer, from) = listener.accept().unwrap();
        assert_eq!(stream.local_addr(), Some(from));
        assert_eq!(stream.peer_addr(), Some(listener.local_addr().unwrap()));

        assert_eq!(stream.read(&mut [0]).unwrap_err().kind(), ErrorKind::WouldBlock);
        stream.write_all(b"to the peer").unwrap();
        stream.shutdown(Shutdown::Write).unwrap();
        let mut octets = Vec::new();
        peer.read_to_end(&mut octets).unwrap();
        assert_eq!(octets, b"to the peer");
        peer.write_all(b"and back").unwrap();
        drop(peer);
        let (octets, error) = read_all(&mut stream);
        assert_eq!((octets.as_slice(), error.map(|error| fault(&error))), (&b"and back"[..], None));
        stream.hang_up(false);
    }
}

#[test]
fn a_port_where_nobody_listens_refuses() {
    for local in BOTH.into_iter().filter(|local| here(local)) {
        let (_held, address) = closed(local);
        // The kernel may say so at once, or as news.
        let said = dial(address, &Options::default()).and_then(|mut stream| outcome(&mut stream));
        assert_eq!(said, Err(refused()), "{address}");
    }
}

#[test]
fn a_full_queue_of_connections_is_silence() {
    let listener = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
    listener.bind(&SocketAddr::from((Ipv4Addr::LOCALHOST, 0)).into()).unwrap();
    listener.listen(0).unwrap();
    let address = listener.local_addr().unwrap().as_socket().unwrap();
    let mut kept = vec![connected(address)];
    let pending = (0..8).any(|_| {
        let mut stream = dial(address, &Options::default()).unwrap();
        let said = until(&mut stream, Duration::from_millis(100), |stream| stream.outcome());
        kept.push(stream);
        said.is_none()
    });
    assert!(pending, "eight connections in a queue for one");
    let last = kept.pop().unwrap();
    assert_eq!((last.peer_addr(), last.outcome()), (None, None));
}

#[test]
fn hanging_up_with_abort_resets_and_without_does_not() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    for abort in [false, true] {
        let stream = connected(listener.local_addr().unwrap());
        let (mut peer, _) = listener.accept().unwrap();
        peer.set_read_timeout(Some(LIMIT)).unwrap();
        stream.hang_up(abort);
        let read = peer.read(&mut [0]).map_err(|error| fault(&error).kind);
        assert_eq!(read, if abort { Err(FaultKind::Reset) } else { Ok(0) }, "abort: {abort}");
    }
}

#[test]
fn a_reset_is_one_and_so_is_a_write_after_it() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let mut stream = connected(listener.local_addr().unwrap());
    let (peer, _) = listener.accept().unwrap();
    SockRef::from(&peer).set_linger(Some(Duration::ZERO)).unwrap();
    drop(peer);
    let (_, error) = read_all(&mut stream);
    let reset = |number| Fault { kind: FaultKind::Reset, os_error: Some(number) };
    assert_eq!(fault(&error.unwrap()), reset(libc::ECONNRESET));
    assert_eq!(fault(&stream.write(b"x").unwrap_err()), reset(libc::EPIPE));
}

#[test]
fn a_reset_is_told_by_outcome_too() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let mut stream = dial(listener.local_addr().unwrap(), &Options::default()).unwrap();
    let (peer, _) = listener.accept().unwrap();
    SockRef::from(&peer).set_linger(Some(Duration::ZERO)).unwrap();
    drop(peer);
    let said = outcome(&mut stream).unwrap_err();
    assert_eq!(said, Fault { kind: FaultKind::Reset, os_error: Some(libc::ECONNRESET) });
}

#[test]
fn an_address_without_a_way_is_unreachable() {
    let from = |source: &str| Options { source: source.parse().ok(), ..Options::default() };
    let rows = [
        // destination, options
        ("127.0.0.1:80", from("[::1]:0")), // a source of the other family
        ("[::1]:80", from("127.0.0.1:0")),
        ("255.255.255.255:80", from("any")), // TCP has no broadcast
        ("[fe80::1]:80", from("any")),       // link-local without a zone
    ];
    for (to, options) in rows {
        let said = dial(to.parse().unwrap(), &options).map(drop).unwrap_err();
        assert_eq!((said.kind, said.os_error.is_some()), (FaultKind::Unreachable, true), "{to}");
    }
}

#[test]
fn the_source_is_the_one_asked_for() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let (held, port) = closed("127.0.0.3:0");
    drop(held);
    for source in ["127.0.0.2:0".parse().unwrap(), port] {
        let options = Options { source: Some(source), ..Options::default() };
        options.check().unwrap();
        let mut stream = dial(listener.local_addr().unwrap(), &options).unwrap();
        assert_eq!(outcome(&mut stream), Ok(()));
        let local = stream.local_addr().unwrap();
        assert_eq!(local.ip(), source.ip());
        assert!(source.port() == 0 || source.port() == local.port());
        assert_eq!(listener.accept().unwrap().1, local);
    }
}

#[test]
fn the_kernel_says_where_it_would_send_from() {
    let any = Options::default();
    let other = Options { source: Some("127.0.0.2:0".parse().unwrap()), ..Options::default() };
    let rows = [
        ("127.0.0.1:80", &any, Some(IpAddr::V4(Ipv4Addr::LOCALHOST))),
        ("[::1]:80", &any, here("[::1]:0").then_some(IpAddr::V6(Ipv6Addr::LOCALHOST))),
        ("127.0.0.1:80", &other, Some(IpAddr::V4(Ipv4Addr::new(127, 0, 0, 2)))),
        ("[::1]:80", &other, None),
        ("[fe80::1]:80", &any, None),
    ];
    for (to, options, want) in rows {
        assert_eq!(source_for(to.parse().unwrap(), options), Ok(want), "{to} {options:?}");
    }
}

#[test]
fn datagrams_come_and_go_and_a_refusal_is_news() {
    for local in BOTH.into_iter().filter(|local| here(local)) {
        let server = UdpSocket::bind(local).unwrap();
        let address = server.local_addr().unwrap();
        let mut socket = datagram(address, &Options::default()).unwrap();
        let mut octets = [0; 16];
        let error = socket.recv_from(&mut octets).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::WouldBlock);

        socket.send_to(b"question", address).unwrap();
        server.set_read_timeout(Some(LIMIT)).unwrap();
        let (many, from) = server.recv_from(&mut octets).unwrap();
        assert_eq!(octets.get(..many), Some(&b"question"[..]));
        assert_eq!(from.port(), socket.local_addr().unwrap().port());
        // Unconnected: an answer from elsewhere is seen, with where it came from.
        let stranger = UdpSocket::bind(local).unwrap();
        stranger.send_to(b"answer", from).unwrap();
        let heard = until(&mut socket, LIMIT, |socket| socket.recv_from(&mut octets).ok());
        assert_eq!(heard, Some((6, stranger.local_addr().unwrap())));

        drop(server);
        socket.send_to(b"question", address).unwrap();
        let error = until(&mut socket, LIMIT, |socket| match socket.recv_from(&mut octets) {
            Err(error) if error.kind() == ErrorKind::WouldBlock => None,
            heard => Some(heard.unwrap_err()),
        });
        assert_eq!(fault(&error.unwrap()), refused(), "{address}");
    }
}

#[test]
fn every_datagram_socket_has_a_port_of_its_own() {
    let server = "127.0.0.1:53".parse().unwrap();
    let source = Some("127.0.0.2:7".parse().unwrap());
    let options = Options { source, ..Options::default() };
    let [one, other] = [(); 2].map(|()| datagram(server, &options).unwrap());
    let [one, other] = [one.local_addr().unwrap(), other.local_addr().unwrap()];
    assert_eq!([one.ip(), other.ip()], [IpAddr::V4(Ipv4Addr::new(127, 0, 0, 2)); 2]);
    assert!(one.port() != other.port() && one.port() != 7);
}

/// A folder that is gone after the test.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Folder {
        let path = std::env::temp_dir().join(format!("fourstep-{}-{name}", std::process::id()));
        std::fs::create_dir(&path).unwrap();
        Folder(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

#[test]
fn unix_sockets() {
    let folder = Folder::new("unix");
    let path = folder.0.join("socket");
    let listener = UnixListener::bind(&path).unwrap();
    let mut stream = dial_unix(&path).unwrap();
    assert_eq!(outcome(&mut stream), Ok(()));
    assert_eq!((stream.local_addr(), stream.peer_addr()), (None, None));
    let (mut peer, _) = listener.accept().unwrap();
    peer.write_all(b"hello").unwrap();
    drop(peer);
    let (octets, error) = read_all(&mut stream);
    assert_eq!((octets.as_slice(), error.map(|error| fault(&error))), (&b"hello"[..], None));
    stream.hang_up(true);

    let plain = folder.0.join("plain");
    std::fs::write(&plain, b"").unwrap();
    let refusals = [
        (folder.0.join("missing"), libc::ENOENT),
        (plain.join("below"), libc::ENOTDIR),
        (plain, libc::ECONNREFUSED),
    ];
    for (path, number) in refusals {
        let want = Fault { kind: FaultKind::Refused, os_error: Some(number) };
        assert_eq!(dial_unix(&path).unwrap_err(), want, "{}", path.display());
    }
    drop(listener);
    assert_eq!(dial_unix(&path).unwrap_err(), refused(), "nobody listens any more");
    let long = folder.0.join("x".repeat(200));
    assert_eq!(dial_unix(&long).unwrap_err(), Fault::of(FaultKind::Unreachable));
}

#[test]
fn a_full_unix_socket_is_silence() {
    let folder = Folder::new("full");
    let path = folder.0.join("socket");
    let listener = Socket::new(Domain::UNIX, Type::STREAM, None).unwrap();
    listener.bind(&socket2::SockAddr::unix(&path).unwrap()).unwrap();
    listener.listen(0).unwrap();
    let mut kept = Vec::new();
    let said = (0..8).find_map(|_| dial_unix(&path).map(|stream| kept.push(stream)).err());
    let want = Fault { kind: FaultKind::TimedOut, os_error: Some(libc::EAGAIN) };
    assert_eq!(said, Some(want));
}

#[test]
fn a_unix_socket_may_be_forbidden() {
    use std::os::unix::fs::PermissionsExt;
    let folder = Folder::new("denied");
    let path = folder.0.join("socket");
    let _listener = UnixListener::bind(&path).unwrap();
    std::fs::set_permissions(&path, PermissionsExt::from_mode(0o000)).unwrap();
    std::fs::set_permissions(&folder.0, PermissionsExt::from_mode(0o755)).unwrap();
    // Root may write to what it likes, so this thread asks as nobody.
    #[expect(unsafe_code, reason = "std has no way to change one thread's file system user")]
    // SAFETY: takes a number and changes this thread alone.
    unsafe {
        libc::setfsuid(65534);
    }
    let want = Fault { kind: FaultKind::Denied, os_error: Some(libc::EACCES) };
    assert_eq!(dial_unix(&path).unwrap_err(), want);
}

/// Reads once there is something: how many octets, and when they came in.
fn receive(stream: &mut Stream, into: &mut [u8]) -> (usize, Option<Stamp>) {
    until(stream, LIMIT, |stream| match stream.receive(into) {
        Err(error) if error.kind() == ErrorKind::WouldBlock => None,
        got => Some(got.unwrap()),
    })
    .unwrap()
}

#[test]
fn the_kernel_says_when_octets_came_in() {
    let _stamping = Stamping::begin().unwrap();
    for local in BOTH.into_iter().filter(|local| here(local)) {
        let listener = TcpListener::bind(local).unwrap();
        let mut into = [0; 16];
        // The kernel begins to stamp a moment after it is asked to.
        let found = (0..1000).find_map(|_| {
            let mut stream = connected(listener.local_addr().unwrap());
            let (mut peer, _) = listener.accept().unwrap();
            let before = SystemTime::now();
            peer.write_all(b"octets").unwrap();
            // Asked when they are there already: what is stamped is every packet.
            stream.stamp().unwrap();
            let (count, at) = receive(&mut stream, &mut into);
            assert_eq!(count, 6);
            Some((before, at?, SystemTime::now(), stream, peer))
        });
        let (before, at, after, mut stream, peer) = found.expect("a thousand reads, and no stamp");
        let at = SystemTime::UNIX_EPOCH + at.since_1970();
        assert!(before <= at && at <= after, "{before:?} {at:?} {after:?}");
        drop(peer);
        assert_eq!(receive(&mut stream, &mut into), (0, None));

        let mut unasked = connected(listener.local_addr().unwrap());
        let (mut peer, _) = listener.accept().unwrap();
        peer.write_all(b"unasked").unwrap();
        assert_eq!(receive(&mut unasked, &mut into), (7, None));
    }
}

#[test]
fn the_kernel_knows_the_path() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let mut stream = connected(listener.local_addr().unwrap());
    let info = stream.tcp_info().unwrap();
    assert!(info.rtt_us.is_some() && info.rttvar_us.is_some() && info.mss > 0, "{info:?}");
    assert_eq!((info.min_rtt_us, info.retransmits), (info.rtt_us, 0));

    let (peer, _) = listener.accept().unwrap();
    SockRef::from(&peer).set_linger(Some(Duration::ZERO)).unwrap();
    drop(peer);
    assert!(read_all(&mut stream).1.is_some());
    assert_eq!(stream.tcp_info().unwrap().rtt_us, info.rtt_us, "also when it has failed");
}

/// A listener whose queue is full drops the SYN, and the kernel sends it again after a second
/// (RFC 6298 §2): the connection stands late, and only TCP_INFO tells why.
#[test]
fn a_syn_that_was_sent_again_is_counted() {
    let listener = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
    listener.bind(&SocketAddr::from((Ipv4Addr::LOCALHOST, 0)).into()).unwrap();
    listener.listen(0).unwrap();
    let address = listener.local_addr().unwrap().as_socket().unwrap();
    let mut kept = vec![connected(address)];
    let mut dropped = (0..8)
        .find_map(|_| {
            let mut stream = dial(address, &Options::default()).unwrap();
            let limit = Duration::from_millis(100);
            match until(&mut stream, limit, |stream| stream.outcome()) {
                None => Some(stream),
                Some(_) => {
                    kept.push(stream);
                    None
                }
            }
        })
        .expect("eight connections in a queue for one");
    for _ in &kept {
        listener.accept().unwrap();
    }
    assert_eq!(outcome(&mut dropped), Ok(()));
    let info = dropped.tcp_info().unwrap();
    assert!(info.retransmits > 0, "{info:?}");
    assert_eq!(kept.iter().map(|one| one.tcp_info().unwrap().retransmits).max(), Some(0));
}

#[test]
fn the_second_write_does_not_wait() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    for (wanted, states) in [(true, [false, false, true, true]), (false, [false; 4])] {
        let options = Options { nodelay: wanted, ..Options::default() };
        let mut stream = dial(listener.local_addr().unwrap(), &options).unwrap();
        assert_eq!(outcome(&mut stream), Ok(()));
        let (peer, _) = listener.accept().unwrap();
        for state in states {
            assert_eq!(SockRef::from(&stream).tcp_nodelay().unwrap(), state);
            stream.write_all(b"x").unwrap();
        }
        drop(peer);
    }
}

#[test]
fn one_socket_carries_one_connection_after_the_other() {
    for local in BOTH.into_iter().filter(|local| here(local)) {
        let (one, two) = (TcpListener::bind(local).unwrap(), TcpListener::bind(local).unwrap());
        let mut stream = connected(one.local_addr().unwrap());
        let (mut first, from) = one.accept().unwrap();
        first.write_all(b"left unread").unwrap();
        stream.write_all(b"a").unwrap();
        assert_eq!(first.read(&mut [0; 2]).unwrap(), 1);

        stream.dissolve().unwrap();
        let reset = first.read(&mut [0; 2]).unwrap_err();
        assert_eq!(reset.kind(), ErrorKind::ConnectionReset, "no FIN, whatever was left unread");
        assert_eq!(stream.peer_addr(), None);

        stream.redial(two.local_addr().unwrap(), &Options::default()).unwrap();
        assert_eq!(outcome(&mut stream), Ok(()));
        let (mut second, anew) = two.accept().unwrap();
        assert_eq!(stream.local_addr(), Some(anew));
        assert_ne!(from, anew, "another port");
        stream.write_all(b"b").unwrap();
        let mut some = [0; 2];
        assert_eq!((second.read(&mut some).unwrap(), some), (1, [b'b', 0]));
        drop(second);
        assert_eq!(read_all(&mut stream).0, b"", "nothing of the first connection");
        stream.hang_up(true);
    }
}

#[test]
fn a_socket_that_failed_can_be_dialled_anew() {
    let refusing = TcpListener::bind(BOTH[0]).unwrap().local_addr().unwrap();
    let listener = TcpListener::bind(BOTH[0]).unwrap();
    let mut stream = dial(refusing, &Options::default()).unwrap();
    assert_eq!(outcome(&mut stream).unwrap_err().kind, FaultKind::Refused);
    stream.dissolve().unwrap();
    stream.redial(listener.local_addr().unwrap(), &Options::default()).unwrap();
    assert_eq!(outcome(&mut stream), Ok(()));
    // A peer that resets leaves no error behind for the next one.
    let (peer, _) = listener.accept().unwrap();
    SockRef::from(&peer).set_linger(Some(Duration::ZERO)).unwrap();
    drop(peer);
    let (_, error) = read_all(&mut stream);
    assert_eq!(error.unwrap().kind(), ErrorKind::ConnectionReset);
    stream.dissolve().unwrap();
    stream.redial(refusing, &Options::default()).unwrap();
    assert_eq!(outcome(&mut stream).unwrap_err().kind, FaultKind::Refused);

    let path = std::env::temp_dir().join(format!("fourstep-redial-{}", std::process::id()));
    let unix = UnixListener::bind(&path).unwrap();
    let refused = dial_unix(&path).unwrap().dissolve().unwrap_err();
    std::fs::remove_file(&path).unwrap();
    assert_eq!(refused.kind(), ErrorKind::Unsupported);
    drop(unix);
}
