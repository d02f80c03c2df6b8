//! Every move of an origin, as a plain client sees it.

use fourstep_peer::{Ending, Held, LOOPBACK, Move, Origin, Place, Script};
use std::io::{self, ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::os::unix::net::UnixStream;
use std::time::{Duration, Instant};

const GET: &[u8] = b"GET / HTTP/1.1\r\nHost: a.test\r\n\r\n";
const SOON: Duration = Duration::from_millis(20);
const SILENCE: Duration = Duration::from_millis(300);
const LONG: Duration = Duration::from_secs(10);

/// Connects, writes, and reads until the end or so long a silence.
fn ask(at: SocketAddr, octets: &[u8], silence: Duration) -> (Vec<u8>, io::Result<()>) {
    let mut response = Vec::new();
    let end = (|| {
        let mut client = TcpStream::connect_timeout(&at, LONG)?;
        client.set_read_timeout(Some(silence))?;
        client.write_all(octets)?;
        client.read_to_end(&mut response)?;
        Ok(())
    })();
    (response, end)
}

#[test]
fn every_move_shows() {
    let rows = [
        // script → octets received, how the stream ended, how the visit ended
        (Script::new().read(), &b""[..], Ok(()), Ending::Played),
        (Script::new().read().close().write("a"), b"", Ok(()), Ending::Played),
        (Script::answer("abc"), b"abc", Ok(()), Ending::Played),
        (Script::new().read().write_slowly("abc", SOON), b"abc", Ok(()), Ending::Played),
        (Script::new().read().flood("ab", 5), b"ababa", Ok(()), Ending::Played),
        (Script::new().read().flood("", 5), b"", Ok(()), Ending::Played),
        (Script::new().read().wait(SOON).write("a"), b"a", Ok(()), Ending::Played),
        (Script::new().read().write("a").half_close().stall(), b"a", Ok(()), Ending::PeerClosed),
        (Script::new().write("a").stall(), b"a", Err(ErrorKind::WouldBlock), Ending::PeerClosed),
        (Script::new().stall(), b"", Err(ErrorKind::WouldBlock), Ending::PeerClosed),
        (Script::new().read().reset(), b"", Err(ErrorKind::ConnectionReset), Ending::Played),
        // A second request never comes.
        (Script::new().read().read(), b"", Err(ErrorKind::WouldBlock), Ending::PeerClosed),
    ];
    for (script, octets, end, ending) in rows {
        let origin = Origin::start(LOOPBACK, script.clone()).unwrap();
        let silence = if end == Err(ErrorKind::WouldBlock) { SILENCE } else { LONG };
        let (response, ended) = ask(origin.address(), GET, silence);
        assert_eq!(response, octets, "{script:?}");
        assert_eq!(ended.map_err(|error| error.kind()), end, "{script:?}");
        let visits = origin.wait(1, LONG);
        assert_eq!(visits[0].ending, Some(ending), "{script:?}");
        assert_eq!(origin.accepted(), 1, "{script:?}");
    }
}

#[test]
fn requests_are_read_to_their_end_and_kept_for_tests() {
    let script = || Script::new().read().write("1").read().write("2");
    let rows: [&[&[u8]]; 3] = [
        // One write with both, two writes, and a body that comes late.
        &[b"GET /a HTTP/1.1\r\n\r\nGET /b HTTP/1.1\r\n\r\n"],
        &[b"GET /a HTTP/1.1\r\n\r", b"\nGET /b HTTP/1.1\r\n\r\n"],
        &[b"PUT /a HTTP/1.1\r\nContent-Length: 3\r\n\r\na", b"bc", b"GET /b HTTP/1.1\r\n\r\n"],
    ];
    for writes in rows {
        let origin = Origin::start(LOOPBACK, script()).unwrap();
        let mut client = TcpStream::connect(origin.address()).unwrap();
        client.set_read_timeout(Some(LONG)).unwrap();
        for octets in writes {
            client.write_all(octets).unwrap();
        }
        let mut response = String::new();
        client.read_to_string(&mut response).unwrap();
        assert_eq!(response, "12");
        let visit = origin.wait(1, LONG).remove(0);
        assert_eq!(visit.octets, writes.concat());
        assert_eq!(visit.from, Some(client.local_addr().unwrap()));
    }
}

#[test]
fn a_request_chooses_its_script() {
    let origin = Origin::choose(LOOPBACK, |request| match (request.method(), request.path()) {
        ("GET", "/") => Script::status(200, "OK", request.field("host").unwrap_or("none")),
        ("POST", _) => Script::status(201, "Created", request.body()),
        _ => Script::status(404, "Not Found", ""),
    })
    .unwrap();
    let rows: [(&[u8], &str); 3] = [
        (GET, "HTTP/1.1 200 OK\r\nContent-Length: 6\r\nConnection: close\r\n\r\na.test"),
        (
            b"POST /x HTTP/1.1\r\nContent-Length: 2\r\n\r\nhi",
            "HTTP/1.1 201 Created\r\nContent-Length: 2\r\nConnection: close\r\n\r\nhi",
        ),
        (
            b"GET http://a.test/y HTTP/1.1\r\n\r\n",
            "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
        ),
    ];
    for (request, want) in rows {
        let (response, end) = ask(origin.address(), request, LONG);
        assert!(end.is_ok(), "{want}");
        assert_eq!(response, want.as_bytes());
    }
    assert_eq!(origin.wait(3, LONG).len(), 3);
    assert!(origin.url("/x").ends_with(&format!(":{}/x", origin.port())));
}

#[test]
fn what_real_servers_do_not_do() {
    let origin = Origin::silent(LOOPBACK).unwrap();
    assert_eq!(ask(origin.address(), GET, SILENCE).1.unwrap_err().kind(), ErrorKind::WouldBlock);
    assert_eq!(origin.wait(1, LONG)[0].octets, GET);

    let origin = Origin::reset(LOOPBACK).unwrap();
    let reset = ask(origin.address(), GET, LONG).1.unwrap_err().kind();
    assert!(matches!(reset, ErrorKind::ConnectionReset | ErrorKind::BrokenPipe), "{reset:?}");

    let origin = Origin::deaf(LOOPBACK).unwrap();
    let mut client = TcpStream::connect(origin.address()).unwrap();
    client.set_write_timeout(Some(Duration::from_millis(200))).unwrap();
    // Our own send buffer grows to net.ipv4.tcp_wmem's last, some megabytes.
    let stuck = client.write_all(&vec![b'a'; 32 * 1024 * 1024]).unwrap_err();
    assert_eq!(stuck.kind(), ErrorKind::WouldBlock);
    assert_eq!(origin.visits()[0].octets, b"");
}

#[test]
fn nobody_gets_a_connection_at_a_held_address() {
    for ip in ["127.0.0.1:0", "127.0.0.2:0", "[::1]:0"] {
        let at: SocketAddr = ip.parse().unwrap();
        let held = Held::refused(at).unwrap();
        let refused = TcpStream::connect(held.address()).unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::ConnectionRefused, "{ip}");
        let client = std::net::UdpSocket::bind(at).unwrap();
        client.set_read_timeout(Some(LONG)).unwrap();
        client.connect(held.address()).unwrap();
        client.send(b"x").unwrap();
        assert_eq!(client.recv(&mut [0]).unwrap_err().kind(), ErrorKind::ConnectionRefused, "{ip}");
        assert!(std::net::TcpListener::bind(held.address()).is_err(), "{ip}");

        let held = Held::full(at).unwrap();
        let pending = TcpStream::connect_timeout(&held.address(), Duration::from_millis(200));
        assert_eq!(pending.unwrap_err().kind(), ErrorKind::TimedOut, "{ip}");
    }
}

#[test]
fn dropping_ends_every_script_at_once() {
    let rows = [
        Move::Read,
        Move::Wait(LONG),
        Move::Stall,
        Move::Ignore,
        Move::Drip(b"a".to_vec(), LONG),
        Move::WriteSlowly(b"ab".to_vec(), LONG),
        Move::Flood(b"a".to_vec(), u64::MAX),
    ];
    for step in rows {
        let origin = Origin::start(LOOPBACK, Script::new().with(step.clone())).unwrap();
        let address = origin.address();
        let mut client = TcpStream::connect(address).unwrap();
        // The first octet, where there is one, tells that the script is under way.
        client.set_read_timeout(Some(SOON)).unwrap();
        let _ = client.read(&mut [0]);
        let before = Instant::now();
        drop(origin);
        assert!(before.elapsed() < Duration::from_secs(2), "{step:?}");
        let closed = TcpStream::connect(address).unwrap_err();
        assert_eq!(closed.kind(), ErrorKind::ConnectionRefused, "{step:?}");
    }
}

#[test]
fn clients_that_hang_up_are_told_apart() {
    let origin = Origin::start(LOOPBACK, Script::new().stall()).unwrap();
    let client = TcpStream::connect(origin.address()).unwrap();
    client.shutdown(Shutdown::Write).unwrap();
    assert_eq!(origin.wait(1, LONG)[0].ending, Some(Ending::PeerClosed));

    let mut client = TcpStream::connect(origin.address()).unwrap();
    client.write_all(b"x").unwrap();
    socket2::SockRef::from(&client).set_linger(Some(Duration::ZERO)).unwrap();
    drop(client);
    assert_eq!(origin.wait(2, LONG)[1].ending, Some(Ending::PeerReset));
}

#[test]
fn every_place_is_listened_at() {
    fn check<A: Place>(
        at: A,
        connect: impl Fn(&A) -> io::Result<Box<dyn Read>>,
    ) -> io::Result<String> {
        let origin = Origin::start(at, Script::new().write("a"))?;
        let mut read = String::new();
        connect(&origin.address())?.read_to_string(&mut read)?;
        Ok(read)
    }
    for ip in ["127.0.0.1:0", "127.0.0.3:0", "[::1]:0"] {
        let at: SocketAddr = ip.parse().unwrap();
        let read = check(at, |at| Ok(Box::new(TcpStream::connect(at)?)));
        assert_eq!(read.unwrap(), "a", "{ip}");
    }
    let path = std::env::temp_dir().join(format!("fourstep-peer-{}.sock", std::process::id()));
    let read = check(path.clone(), |path| Ok(Box::new(UnixStream::connect(path)?)));
    assert_eq!(read.unwrap(), "a");
    assert!(!path.exists(), "the socket is removed in the end");
}
