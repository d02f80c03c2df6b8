//! Every manner of a name server, as a plain client sees it.

use fourstep_peer::{Decoy, LOOPBACK, Manner, NameServer, On, Tcp, Zone};
use hickory_proto::op::{Edns, Message, MessageType, OpCode, Query, ResponseCode};
use hickory_proto::rr::rdata::opt::{EdnsCode, EdnsOption};
use hickory_proto::rr::{Name, RecordType};
use std::io::{self, ErrorKind, Read, Write};
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream, UdpSocket};
use std::time::{Duration, Instant};

const LONG: Duration = Duration::from_secs(10);
const SHORT: Duration = Duration::from_millis(200);
const ID: u16 = 0x1234;

fn question(name: &str, kind: RecordType, edns: bool) -> Vec<u8> {
    let mut message = Message::new(ID, MessageType::Query, OpCode::Query);
    message.metadata.recursion_desired = true;
    message.add_query(Query::query(Name::from_ascii(name).unwrap_or_default(), kind));
    if edns {
        let mut offer = Edns::new();
        offer.set_max_payload(1232);
        message.edns = Some(offer);
    }
    message.to_vec().unwrap_or_default()
}

/// The datagrams that come for a question, until there were `count` or a short silence.
fn udp(at: SocketAddr, octets: &[u8], count: usize) -> io::Result<Vec<(SocketAddr, Vec<u8>)>> {
    let any = if at.is_ipv4() { "127.0.0.1:0" } else { "[::1]:0" };
    let client = UdpSocket::bind(any)?;
    client.set_read_timeout(Some(if count == 0 { SHORT } else { LONG }))?;
    client.send_to(octets, at)?;
    let (mut datagrams, mut buffer) = (Vec::new(), [0; 4096]);
    while datagrams.len() < count.max(1) {
        match client.recv_from(&mut buffer) {
            Ok((length, from)) => {
                datagrams.push((from, buffer.iter().take(length).copied().collect()))
            }
            Err(error) if error.kind() == ErrorKind::WouldBlock => break,
            Err(error) => return Err(error),
        }
    }
    Ok(datagrams)
}

/// The message that comes over TCP, unless there is so long a silence.
fn tcp(at: SocketAddr, octets: &[u8], silence: Duration) -> io::Result<Vec<u8>> {
    let mut client = TcpStream::connect(at)?;
    client.set_read_timeout(Some(silence))?;
    client.write_all(&u16::try_from(octets.len()).unwrap_or(0).to_be_bytes())?;
    client.write_all(octets)?;
    let mut length = [0; 2];
    client.read_exact(&mut length)?;
    let mut answer = vec![0; usize::from(u16::from_be_bytes(length))];
    client.read_exact(&mut answer)?;
    Ok(answer)
}

fn shown(message: &Message) -> String {
    let records = message.answers.iter().map(|record| format!("{} {}", record.name, record.data));
    let negative = message.authorities.iter().map(|record| format!("{}", record.record_type()));
    let records: Vec<String> = records.chain(negative).collect();
    format!("{} {}", u16::from(message.metadata.response_code), records.join(", "))
}

#[test]
fn a_zone_answers_plainly() {
    let zone = Zone::new()
        .a("a.test", [192, 0, 2, 1])
        .a("a.test", [192, 0, 2, 2])
        .aaaa("a.test", Ipv6Addr::LOCALHOST)
        .cname("www.test.", "a.test")
        .cname("far.test", "www.test")
        .cname("out.test", "nowhere.test")
        .cname("me.test", "me.test")
        .cname("left.test", "right.test")
        .cname("right.test", "left.test")
        .txt("text.test", "hello")
        .a("x.y.test", [192, 0, 2, 3]);
    let server = NameServer::start(LOOPBACK, zone).unwrap();
    let rows = [
        // question → RCODE, answers, types in the authority section
        ("a.test.", RecordType::A, "0 a.test. 192.0.2.1, a.test. 192.0.2.2"),
        ("A.tEsT.", RecordType::AAAA, "0 A.tEsT. ::1"),
        ("www.test.", RecordType::AAAA, "0 www.test. a.test., a.test. ::1"),
        ("far.test.", RecordType::CNAME, "0 far.test. www.test."),
        (
            "far.test.",
            RecordType::A,
            "0 far.test. www.test., www.test. a.test., a.test. 192.0.2.1, a.test. 192.0.2.2",
        ),
        ("out.test.", RecordType::A, "3 out.test. nowhere.test., SOA"),
        ("me.test.", RecordType::A, "0 me.test. me.test."),
        ("left.test.", RecordType::A, "0 left.test. right.test., right.test. left.test."),
        ("text.test.", RecordType::TXT, "0 text.test. hello"),
        ("text.test.", RecordType::A, "0 SOA"), // RFC 2308 §2.2
        ("y.test.", RecordType::A, "0 SOA"),    // RFC 4592 §2.2.2
        ("nobody.test.", RecordType::A, "3 SOA"), // RFC 2308 §2.1
    ];
    for (name, kind, want) in rows {
        let octets = question(name, kind, true);
        let datagrams = udp(server.address(), &octets, 1).unwrap();
        let message = Message::from_vec(&datagrams[0].1).unwrap();
        assert_eq!(shown(&message), want, "{name} {kind}");
        assert_eq!(message.metadata.id, ID, "{name} {kind}");
        assert!(message.edns.is_some(), "{name} {kind}");
        assert_eq!(tcp(server.address(), &octets, LONG).unwrap(), datagrams[0].1, "{name} {kind}");
    }
    let asked = server.asked();
    assert_eq!((asked[2].name.as_str(), asked[2].record_type), ("A.tEsT.", 28));
    assert!(!asked[2].over_tcp && asked[3].over_tcp && asked[3].payload == Some(1232));
}

#[test]
fn every_manner_shows() {
    let at = On::Any;
    let zone = Zone::new()
        .cname("link.test", "a.test")
        .behave("link.test", at, Manner::OneLink)
        .behave("fail.test", at, Manner::Rcode(2))
        .behave("fail.test", at, Manner::Extended(9, "no key".into()))
        .behave("bad.test", at, Manner::Rcode(16))
        .a("old.test", [192, 0, 2, 1])
        .behave("old.test", at, Manner::OldServer)
        .behave("mute.test", at, Manner::Silent)
        .a("a.test", [192, 0, 2, 1])
        .a("cut.test", [192, 0, 2, 1])
        .behave("cut.test", at, Manner::Truncated)
        .behave("raw.test", at, Manner::Raw(vec![7; 3]))
        .behave("loop.test", at, Manner::PointerLoop)
        .a("half.test", [192, 0, 2, 1])
        .behave("half.test", at, Manner::Cut)
        .behave("only6.test", On::A, Manner::Rcode(4));
    let server = NameServer::start(LOOPBACK, zone).unwrap();
    let ask = |name: &str, edns| {
        udp(server.address(), &question(name, RecordType::A, edns), 1).unwrap().remove(0).1
    };
    let rows = [
        ("link.test.", true, "0 link.test. a.test."),
        ("fail.test.", true, "2 "),
        ("fail.test.", false, "2 "),
        ("bad.test.", true, "16 "),
        ("old.test.", true, "1 "),
        ("old.test.", false, "0 old.test. 192.0.2.1"),
        ("cut.test.", true, "0 "),
        ("only6.test.", true, "4 "),
    ];
    for (name, edns, want) in rows {
        let message = Message::from_vec(&ask(name, edns)).unwrap();
        assert_eq!(shown(&message), want, "{name}");
        assert_eq!(message.metadata.truncation, name == "cut.test.", "{name}");
        assert_eq!(message.edns.is_some(), edns && name != "old.test.", "{name}");
    }
    let message = Message::from_vec(&ask("fail.test.", true)).unwrap();
    let extended = message.edns.unwrap().option(EdnsCode::Unknown(15)).cloned();
    assert_eq!(extended, Some(EdnsOption::Unknown(15, b"\0\x09no key".to_vec())));

    let whole = tcp(server.address(), &question("cut.test.", RecordType::A, true), LONG).unwrap();
    assert_eq!(shown(&Message::from_vec(&whole).unwrap()), "0 cut.test. 192.0.2.1");
    assert_eq!(ask("raw.test.", true), [0x12, 0x34, 7, 7, 7]);
    assert!(Message::from_vec(&ask("loop.test.", true)).is_err());
    assert!(Message::from_vec(&ask("half.test.", true)).is_err());
    let half = tcp(server.address(), &question("half.test.", RecordType::A, true), LONG);
    assert_eq!(half.unwrap_err().kind(), ErrorKind::UnexpectedEof);
    let mute = question("mute.test.", RecordType::A, true);
    assert_eq!(udp(server.address(), &mute, 0).unwrap(), []);
    assert_eq!(tcp(server.address(), &mute, SHORT).unwrap_err().kind(), ErrorKind::WouldBlock);
}

#[test]
fn decoys_come_first() {
    for ip in ["127.0.0.1:0", "[::1]:0"] {
        let decoys = [
            Decoy::OtherSource,
            Decoy::OtherId,
            Decoy::OtherQuestion,
            Decoy::NotAResponse,
            Decoy::Garbage,
        ];
        let zone = Zone::new().a("a.test", [192, 0, 2, 1]);
        let zone = decoys
            .iter()
            .fold(zone, |zone, decoy| zone.behave("a.test", On::Any, Manner::Decoy(*decoy)));
        let server = NameServer::start(ip.parse().unwrap(), zone).unwrap();
        let datagrams =
            udp(server.address(), &question("a.test.", RecordType::A, false), 6).unwrap();
        let read = |at: usize| Message::from_vec(&datagrams[at].1).ok();
        let others = datagrams.iter().filter(|(from, _)| *from != server.address()).count();
        assert_eq!((datagrams.len(), others), (6, 1), "{ip}");
        assert_ne!(datagrams[0].0, server.address(), "{ip}");
        assert_eq!(shown(&read(0).unwrap()), "0 a.test. 203.0.113.66", "{ip}");
        assert_ne!(read(1).unwrap().metadata.id, ID, "{ip}");
        assert_eq!(read(2).unwrap().queries[0].name.to_ascii(), "not-asked.test.", "{ip}");
        assert_eq!(read(3).unwrap().metadata.message_type, MessageType::Query, "{ip}");
        assert!(read(4).is_none(), "{ip}");
        assert_eq!(shown(&read(5).unwrap()), "0 a.test. 192.0.2.1", "{ip}");
    }
}

#[test]
fn answers_come_late_or_not_at_first() {
    let late = Duration::from_millis(150);
    let zone = Zone::new()
        .a("a.test", [192, 0, 2, 1])
        .aaaa("a.test", Ipv6Addr::LOCALHOST)
        .behave("a.test", On::Aaaa, Manner::Late(late))
        .a("third.test", [192, 0, 2, 1])
        .behave("third.test", On::Any, Manner::DropFirst(2));
    let server = NameServer::start(LOOPBACK, zone).unwrap();
    // Asked together: the A record overtakes.
    let client = UdpSocket::bind("127.0.0.1:0").unwrap();
    client.set_read_timeout(Some(LONG)).unwrap();
    let start = Instant::now();
    let mut buffer = [0; 512];
    for kind in [RecordType::AAAA, RecordType::A] {
        client.send_to(&question("a.test.", kind, true), server.address()).unwrap();
    }
    for want in [RecordType::A, RecordType::AAAA] {
        let length = client.recv(&mut buffer).unwrap();
        let message = Message::from_vec(&buffer[..length]).unwrap();
        assert_eq!(message.queries[0].query_type, want);
    }
    assert!(start.elapsed() >= late);

    let third = question("third.test.", RecordType::A, true);
    let counts = [0, 0, 1].map(|count| udp(server.address(), &third, count).unwrap().len());
    assert_eq!(counts, [0, 0, 1]);
    assert_eq!(server.wait(5, LONG).len(), 5);
}

#[test]
fn what_is_too_large_is_truncated() {
    let zone = (0..60).fold(Zone::new(), |zone, last| zone.a("a.test", [192, 0, 2, last]));
    let server = NameServer::start(LOOPBACK, zone).unwrap();
    for edns in [false, true] {
        let octets = question("a.test.", RecordType::A, edns);
        let datagram = udp(server.address(), &octets, 1).unwrap().remove(0).1;
        let message = Message::from_vec(&datagram).unwrap();
        // 60 records are 984 octets: more than 512, less than what EDNS offers.
        assert_eq!((message.metadata.truncation, message.answers.is_empty()), (!edns, !edns));
        let whole = Message::from_vec(&tcp(server.address(), &octets, LONG).unwrap()).unwrap();
        assert_eq!(whole.answers.len(), 60);
    }
}

#[test]
fn tcp_does_what_the_zone_says() {
    let rows = [
        (Tcp::Refuses, ErrorKind::ConnectionRefused),
        (Tcp::Closes, ErrorKind::UnexpectedEof),
        (Tcp::Silent, ErrorKind::WouldBlock),
    ];
    for (over_tcp, want) in rows {
        let zone = Zone::new().a("a.test", [192, 0, 2, 1]).tcp(over_tcp);
        let server = NameServer::start(LOOPBACK, zone).unwrap();
        let octets = question("a.test.", RecordType::A, true);
        let silence = if over_tcp == Tcp::Silent { SHORT } else { LONG };
        let kind = tcp(server.address(), &octets, silence).unwrap_err().kind();
        // A close with our question unread is a reset, or a broken pipe for who writes late.
        let reset = matches!(kind, ErrorKind::ConnectionReset | ErrorKind::BrokenPipe);
        assert!(kind == want || reset && over_tcp == Tcp::Closes, "{over_tcp:?} {kind:?}");
        assert_eq!(udp(server.address(), &octets, 1).unwrap().len(), 1, "{over_tcp:?}");
    }
}

#[test]
fn octets_that_are_no_question() {
    let zone = Zone::new().otherwise(On::Any, Manner::Rcode(5));
    let server = NameServer::start(LOOPBACK, zone).unwrap();
    let mut response = question("a.test.", RecordType::A, false);
    response[2] |= 0x80;
    for octets in [&b""[..], b"\x12", &[0xff; 40], &response] {
        assert_eq!(udp(server.address(), octets, 0).unwrap(), [], "{octets:?}");
    }
    let cut = question("a.test.", RecordType::A, false);
    let datagrams = udp(server.address(), &cut[..cut.len() - 1], 1).unwrap();
    let message = Message::from_vec(&datagrams[0].1).unwrap();
    assert_eq!(message.metadata.response_code, ResponseCode::FormErr);
    assert_eq!(server.asked(), []);
    let datagrams = udp(server.address(), &cut, 1).unwrap();
    assert_eq!(shown(&Message::from_vec(&datagrams[0].1).unwrap()), "5 ");
}

#[test]
fn a_server_ends_at_once_and_says_what_is_wrong_with_a_zone() {
    let zone = Zone::new().behave("a.test", On::Any, Manner::Late(LONG));
    let server = NameServer::start(LOOPBACK, zone).unwrap();
    let address = server.address();
    let octets = question("a.test.", RecordType::A, true);
    let mut client = TcpStream::connect(address).unwrap();
    client
        .write_all(&[&u16::try_from(octets.len()).unwrap().to_be_bytes()[..], &octets].concat())
        .unwrap();
    assert_eq!(server.wait(1, LONG).len(), 1);
    let before = Instant::now();
    drop(server);
    assert!(before.elapsed() < Duration::from_secs(2));
    assert!(TcpStream::connect(address).is_err());
    drop(UdpSocket::bind(address).unwrap());

    let long = "a".repeat(64);
    for zone in [Zone::new().a(&long, Ipv4Addr::LOCALHOST), Zone::new().cname("a.test", &long)] {
        let error = NameServer::start(LOOPBACK, zone).err().unwrap();
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
        assert_eq!(error.to_string(), format!("`{long}` is no domain name"));
    }
}
