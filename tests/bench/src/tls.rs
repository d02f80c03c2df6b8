//! Handshakes in memory: ours, and bare rustls doing the same.
//!
//! ```text
//!     client ── octets ──▶ server (rustls, not measured)
//!        ◀───── octets ──┘
//! ```
//!
//! Both clients trust one root, offer `http/1.1`, never resume, and are shown the same chain of two
//! certificates of P-256. Only what the client does is measured: every call of it stands in
//! [`measured`], which callgrind is told to collect in, and which reads the heap where a program has
//! set [`HEAP`].

use std::io::{Read, Write};
use std::sync::atomic::{AtomicI64, Ordering::Relaxed};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use fourstep_authority::{Authority, Mint};
use fourstep_tls::{Config, Options, Output, Roots, Session, Version};
use rustls::crypto::ring;
use rustls::pki_types::{PrivateKeyDer, ServerName, UnixTime};
use rustls::{ClientConfig, ClientConnection, RootCertStore, ServerConfig, ServerConnection};

/// The moment at which certificates are to be valid.
const WALL: Duration = Duration::from_secs(1_780_272_000);

/// Blocks allocated so far, and octets that are allocated now.
pub static HEAP: OnceLock<fn() -> (i64, i64)> = OnceLock::new();

/// What the clients allocated in all, and hold.
pub static BLOCKS: AtomicI64 = AtomicI64::new(0);
pub static OCTETS: AtomicI64 = AtomicI64::new(0);

/// Does what is to be counted.
#[inline(never)]
pub fn measured<T>(work: impl FnOnce() -> T) -> T {
    let Some(heap) = HEAP.get() else { return work() };
    let (blocks, octets) = heap();
    let done = work();
    let (blocks_after, octets_after) = heap();
    BLOCKS.fetch_add(blocks_after - blocks, Relaxed);
    OCTETS.fetch_add(octets_after - octets, Relaxed);
    done
}

/// A client of TLS.
pub trait Client: Sized {
    /// Begins; its first flight is in `wire`.
    fn begin(world: &World, wire: &mut Vec<u8>) -> Self;
    /// Takes what came; what it has to say is in `wire`.
    fn feed(&mut self, octets: &[u8], wire: &mut Vec<u8>);
    /// Whether the handshake is done, and the peer trusted.
    fn is_done(&self) -> bool;
    /// Hands over what a report needs of it.
    fn end(&mut self) {}
}

/// What all handshakes of one version have in common.
pub struct World {
    ours: Arc<Config>,
    bare: Arc<ClientConfig>,
    server: Arc<ServerConfig>,
}

impl World {
    pub fn new(version: Version) -> World {
        let authority = Authority::new(&Mint::at(WALL));
        let (_, chain) = authority.find("good").expect("it is among the conditions");
        let certificates = chain.certificates.iter().map(|der| der.clone().into()).collect();
        let provider = Arc::new(ring::default_provider());
        let mut server = ServerConfig::builder_with_provider(Arc::clone(&provider))
            .with_safe_default_protocol_versions()
            .expect("ring has suites for both")
            .with_no_client_auth()
            .with_single_cert(certificates, PrivateKeyDer::Pkcs8(chain.key.clone().into()))
            .expect("a chain and its key");
        server.alpn_protocols = vec![b"http/1.1".to_vec()];
        server.send_tls13_tickets = 0;
        let roots = Roots::Given(vec![authority.root.der().to_vec()]);
        let options = Options { roots, oldest: version, newest: version, ..Options::default() };
        let mut store = RootCertStore::empty();
        store.add(authority.root.der().to_vec().into()).expect("a root");
        let versions = match version {
            Version::Tls12 => &rustls::version::TLS12,
            Version::Tls13 => &rustls::version::TLS13,
        };
        let mut bare = ClientConfig::builder_with_details(provider, Arc::new(Then))
            .with_protocol_versions(&[versions])
            .expect("ring has suites for it")
            .with_root_certificates(store)
            .with_no_client_auth();
        bare.alpn_protocols = vec![b"http/1.1".to_vec()];
        bare.resumption = rustls::client::Resumption::disabled();
        World {
            ours: Config::new(&options).expect("a root"),
            bare: Arc::new(bare),
            server: Arc::new(server),
        }
    }

    /// One handshake; the client, when it is done.
    pub fn shake<C: Client>(&self) -> C {
        let mut server = ServerConnection::new(Arc::clone(&self.server)).expect("a session");
        // What both are given to write into is there before, as in the loop.
        let mut wire = Vec::with_capacity(4096);
        let mut client = measured(|| C::begin(self, &mut wire));
        let mut flight = Vec::with_capacity(8192);
        while !client.is_done() || server.is_handshaking() {
            let mut sent = wire.as_slice();
            while !sent.is_empty() {
                server.read_tls(&mut sent).expect("from memory");
                server.process_new_packets().expect("a client that knows TLS");
            }
            wire.clear();
            flight.clear();
            while server.wants_write() {
                server.write_tls(&mut flight).expect("to memory");
            }
            measured(|| client.feed(&flight, &mut wire));
        }
        measured(|| client.end());
        client
    }
}

/// Time stands still for rustls.
#[derive(Debug)]
struct Then;

impl rustls::time_provider::TimeProvider for Then {
    fn current_time(&self) -> Option<UnixTime> {
        Some(UnixTime::since_unix_epoch(WALL))
    }
}

/// fourstep's session, boxed as a probe has it, and its handshake as a report keeps it.
pub struct Ours {
    session: Box<Session>,
    shown: Option<Box<fourstep_tls::Handshake>>,
    out: Output,
}

impl Client for Ours {
    fn begin(world: &World, wire: &mut Vec<u8>) -> Ours {
        let session = Session::new(&world.ours, "a.test", WALL, wire).expect("randomness");
        Ours { session: Box::new(session), shown: None, out: Output::default() }
    }

    fn feed(&mut self, octets: &[u8], wire: &mut Vec<u8>) {
        std::mem::swap(&mut self.out.wire, wire);
        self.session.feed(octets, &mut self.out).expect("a chain to trust");
        std::mem::swap(&mut self.out.wire, wire);
    }

    fn is_done(&self) -> bool {
        self.session.established()
    }

    fn end(&mut self) {
        let mut shown = Box::new(self.session.take_handshake());
        assert!(shown.verified && shown.chain.len() == 2);
        // As a probe does: it asks the session for it at the end.
        shown.chain = fourstep_tls::Chain::default();
        self.shown = Some(shown);
    }
}

/// rustls, and nothing around it.
pub struct Bare(Box<ClientConnection>);

impl Client for Bare {
    fn begin(world: &World, wire: &mut Vec<u8>) -> Bare {
        // As everybody has it who is told the name when running.
        let name = ServerName::try_from("a.test".to_owned()).expect("a name");
        let mut client = ClientConnection::new(Arc::clone(&world.bare), name).expect("randomness");
        while client.wants_write() {
            client.write_tls(wire).expect("to memory");
        }
        Bare(Box::new(client))
    }

    fn feed(&mut self, mut octets: &[u8], wire: &mut Vec<u8>) {
        while !octets.is_empty() {
            self.0.read_tls(&mut octets).expect("from memory");
            self.0.process_new_packets().expect("a chain to trust");
        }
        while self.0.wants_write() {
            self.0.write_tls(wire).expect("to memory");
        }
    }

    fn is_done(&self) -> bool {
        !self.0.is_handshaking()
    }
}

/// An origin that speaks TLS: answers each request with `response`, and ends in order. One
/// connection at a time is enough for those that come in turns.
pub fn serve(listener: std::net::TcpListener, server: Arc<ServerConfig>, response: Vec<u8>) {
    for stream in listener.incoming() {
        let (Ok(mut stream), Ok(mut session)) =
            (stream, ServerConnection::new(Arc::clone(&server)))
        else {
            return;
        };
        let _ = stream.set_nodelay(true);
        let mut tls = rustls::Stream::new(&mut session, &mut stream);
        let mut head = [0; 4096];
        // A client that is gone is no fault of an origin's.
        if tls.read(&mut head).is_ok_and(|octets| octets > 0) {
            let _ = tls.write_all(&response);
        }
        session.send_close_notify();
        let _ = session.write_tls(&mut stream);
    }
}
