//! One session: the peer's octets in, the octets for the peer and the plain text out.

use std::borrow::Cow;
use std::io::{Read, Write};
use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::Duration;

use rustls::client::ClientConnection;
use rustls::pki_types::{DnsName, IpAddr, ServerName};
use rustls::{Error, HandshakeKind, ProtocolVersion};

use crate::chain::Chain;
use crate::config::Config;
use crate::error::TlsError;
use crate::failure::meaning;
use crate::handshake::Handshake;
use crate::options::{Sni, Version};
use crate::records::{Records, begins_record};
use crate::verifier::Verifier;

/// What a session asks for: appended to, emptied by the caller.
#[derive(Debug, Default)]
pub struct Output {
    /// To be sent to the peer, after an error too: it holds the alert that says why.
    pub wire: Vec<u8>,
    /// What the peer sent, in the clear.
    pub plain: Vec<u8>,
}

/// How the peer's octets ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// With close_notify before the close (RFC 8446 §6.1): what came is all there was.
    Notified,
    /// Without: somebody may have cut it short.
    Cut,
}

/// The client's side of one TLS connection.
///
/// About 1,500 octets, and at the handshake's peak 10 KB of heap beside: box it, and drop it as soon
/// as the answer is in.
pub struct Session {
    connection: ClientConnection,
    verifier: Arc<Verifier>,
    /// Seconds since 1970, as certificates count.
    wall: u64,
    records: Records,
    first: First,
    handshake: Handshake,
    /// Octets that came, the handshake's and after.
    came: u64,
    phase: Phase,
    /// Whether the peer sent close_notify.
    notified: bool,
    /// Whether what the peer's key signs cannot be checked.
    is_unchecked: bool,
}

// A probe boxes one for its time in TLS; ten thousand at once are 15 MB.
const _: () = assert!(size_of::<Session>() <= 1536);

#[derive(Clone, Copy, PartialEq, Eq)]
enum Phase {
    Shaking,
    Established,
    Failed,
}

/// Whether the peer speaks TLS at all: its first octet says.
enum First {
    /// Not seen yet.
    Unseen,
    /// It is a record's.
    Record,
    /// It is not: what came, which is waited for as long as it may become `HTTP/`.
    Other(Vec<u8>),
}

/// What a response in the clear begins with (RFC 9112 §4).
const HTTP: &[u8] = b"HTTP/";
/// How many octets of what is not TLS are shown.
const SHOWN: usize = 32;

impl Session {
    /// A session with `host`, a name or an address as text; `wall` is the time since 1970 at which
    /// certificates are to be valid. Appends the first flight to `wire`.
    ///
    /// Fails only where rustls does: when the machine has no randomness to give.
    pub fn new(
        config: &Arc<Config>,
        host: &str,
        wall: Duration,
        wire: &mut Vec<u8>,
    ) -> Result<Session, TlsError> {
        let host: Arc<str> = canonical(host).into();
        let (text, is_sent) = match &config.sni {
            Sni::Host => (&host, true),
            Sni::Other(other) => (other, true),
            Sni::Absent => (&host, false),
        };
        let shown = server_name(text);
        let is_sent = is_sent && matches!(shown, Some(ServerName::DnsName(_)));
        let sni = is_sent.then(|| Arc::clone(text));
        let verifier = Arc::new(Verifier::new(config, Arc::clone(&host), wall));
        let mut client = config.rustls.clone();
        client.dangerous().set_certificate_verifier(Arc::clone(&verifier) as Arc<_>);
        // An address is never shown, so that any will do for a host that is no name.
        let shown = match shown {
            Some(name) => name.to_owned(),
            None => ServerName::IpAddress(Ipv4Addr::UNSPECIFIED.into()),
        };
        let mut connection = ClientConnection::new(Arc::new(client), shown)
            .map_err(|error| TlsError::Malformed { offset: 0, says: error.to_string().into() })?;
        // What is written is sent in the same call: nothing piles up that a limit would bound.
        connection.set_buffer_limit(None);
        let mut session = Session {
            connection,
            verifier,
            wall: wall.as_secs(),
            records: Records::default(),
            first: First::Unseen,
            handshake: Handshake { sni, ..Handshake::default() },
            came: 0,
            phase: Phase::Shaking,
            notified: false,
            is_unchecked: false,
        };
        session.send(wire);
        Ok(session)
    }

    /// Takes the peer's octets, however they are cut.
    ///
    /// While the handshake lasts they are read record by record, so that what comes out does not
    /// depend on the cut. No plain text comes out before chain, name and pins were found good, or
    /// [`insecure`](crate::Options::insecure) lets it. After an error there is nothing more to feed.
    pub fn feed(&mut self, octets: &[u8], out: &mut Output) -> Result<(), TlsError> {
        if !self.speaks_tls(octets)? {
            return Ok(());
        }
        let mut rest = octets;
        while !rest.is_empty() {
            let mut piece = rest;
            if self.phase == Phase::Shaking {
                (piece, rest) = self.records.cut(rest);
            } else {
                rest = &[];
            }
            self.take(piece, out)?;
        }
        Ok(())
    }

    /// Appends `plain`, encrypted, to `wire`. Before the session is established it is kept until
    /// then.
    pub fn write(&mut self, plain: &[u8], wire: &mut Vec<u8>) {
        // Without a limit its buffer takes all.
        let _ = self.connection.writer().write_all(plain);
        self.send(wire);
    }

    /// Appends our close_notify to `wire` (RFC 8446 §6.1).
    pub fn close(&mut self, wire: &mut Vec<u8>) {
        self.connection.send_close_notify();
        self.send(wire);
    }

    /// The peer closed the connection: how its octets ended, or that the handshake did not.
    pub fn closed(&mut self) -> Result<End, TlsError> {
        if let (First::Other(_), Phase::Shaking) = (&self.first, self.phase) {
            return Err(self.not_tls());
        }
        match self.phase {
            Phase::Established if self.notified => return Ok(End::Notified),
            Phase::Established => return Ok(End::Cut),
            Phase::Shaking | Phase::Failed => self.phase = Phase::Failed,
        }
        Err(TlsError::Closed { octets: self.handshake.octets_in })
    }

    /// Whether the handshake is done, and the peer is one to talk to.
    pub fn established(&self) -> bool {
        self.phase == Phase::Established
    }

    /// Whether the peer sent close_notify: no more plain text will come.
    pub fn has_ended(&self) -> bool {
        self.notified
    }

    /// What the handshake showed so far; once the session is established or failed, all it will.
    pub fn handshake(&self) -> &Handshake {
        &self.handshake
    }

    /// Takes out what the handshake showed: for the end of the handshake, however it ended.
    pub fn take_handshake(&mut self) -> Handshake {
        std::mem::take(&mut self.handshake)
    }

    /// The certificates that the peer showed, for whoever did not keep those of the handshake: while the
    /// session stands they are in its memory anyhow. Empty before the handshake is done.
    pub fn chain(&self) -> Chain {
        match self.connection.peer_certificates() {
            Some([leaf, rest @ ..]) => Chain::of(leaf, rest),
            _ => Chain::default(),
        }
    }

    /// Whether the first octet was a record's; `false` while that cannot be told.
    fn speaks_tls(&mut self, octets: &[u8]) -> Result<bool, TlsError> {
        let held = match (&mut self.first, octets.first()) {
            (First::Record, _) => return Ok(true),
            (First::Unseen, None) => return Ok(false),
            (First::Unseen, Some(&first)) if begins_record(first) => {
                self.first = First::Record;
                return Ok(true);
            }
            (First::Unseen, Some(_)) => octets.to_vec(),
            (First::Other(held), _) => [held, octets].concat(),
        };
        let waits = held.len() < HTTP.len() && HTTP.starts_with(&held);
        self.first = First::Other(held);
        if waits { Ok(false) } else { Err(self.not_tls()) }
    }

    /// Ends the handshake with a peer that speaks something else.
    fn not_tls(&mut self) -> TlsError {
        let First::Other(held) = &self.first else {
            return TlsError::Closed { octets: self.handshake.octets_in };
        };
        self.phase = Phase::Failed;
        self.handshake.octets_in = u64::try_from(held.len()).unwrap_or(u64::MAX);
        let shown = held.get(..SHOWN).unwrap_or(held);
        let shown = shown.escape_ascii().to_string().into();
        TlsError::NotTls { shown, http: held.starts_with(HTTP) }
    }

    /// Hands octets to rustls, and takes what comes of it.
    fn take(&mut self, mut piece: &[u8], out: &mut Output) -> Result<(), TlsError> {
        let shaking = self.phase == Phase::Shaking;
        let before = self.came;
        let octets = u64::try_from(piece.len()).unwrap_or(u64::MAX);
        self.came = before.saturating_add(octets);
        if shaking {
            self.handshake.octets_in = self.came;
        }
        while !piece.is_empty() {
            // Its buffer is emptied each time round, so it takes some.
            let taken = self.connection.read_tls(&mut piece).unwrap_or(0);
            let result = self.connection.process_new_packets();
            self.send(&mut out.wire);
            if shaking && result.is_ok() && !self.connection.is_handshaking() {
                self.phase = Phase::Established;
            }
            if shaking {
                self.learn();
            }
            match result {
                Ok(state) => {
                    self.notified = state.peer_has_closed();
                    if state.plaintext_bytes_to_read() > 0 {
                        let _ = self.connection.reader().read_to_end(&mut out.plain);
                    }
                }
                Err(error) => {
                    self.phase = Phase::Failed;
                    return Err(self.failure(error, before));
                }
            }
            if taken == 0 {
                break;
            }
        }
        Ok(())
    }

    /// Appends what rustls wants sent.
    fn send(&mut self, wire: &mut Vec<u8>) {
        let before = wire.len();
        while self.connection.wants_write() {
            // A vector takes all.
            if self.connection.write_tls(wire).is_err() {
                break;
            }
        }
        if self.phase == Phase::Shaking {
            let octets = u64::try_from(wire.len() - before).unwrap_or(u64::MAX);
            self.handshake.octets_out = self.handshake.octets_out.saturating_add(octets);
        }
    }

    /// Writes down what the handshake showed, record by record.
    fn learn(&mut self) {
        let (connection, facts) = (&self.connection, &mut self.handshake);
        let version = connection.protocol_version();
        facts.version = match version {
            Some(ProtocolVersion::TLSv1_3) => Some(Version::Tls13.as_str()),
            Some(ProtocolVersion::TLSv1_2) => Some(Version::Tls12.as_str()),
            _ => None,
        };
        facts.cipher =
            connection.negotiated_cipher_suite().and_then(|suite| suite.suite().as_str());
        facts.group =
            connection.negotiated_key_exchange_group().and_then(|group| group.name().as_str());
        if let (None, Some(name)) = (&facts.alpn, connection.alpn_protocol()) {
            facts.alpn = Some(protocol(name));
        }
        let kind = connection.handshake_kind();
        facts.resumed = kind == Some(HandshakeKind::Resumed);
        let done = self.phase == Phase::Established;
        facts.round_trips = u8::from(facts.octets_in > 0)
            + u8::from(kind == Some(HandshakeKind::FullWithHelloRetryRequest))
            + u8::from(done && version == Some(ProtocolVersion::TLSv1_2));
        if let Some(seen) = self.verifier.take() {
            facts.ocsp_staple = seen.ocsp_staple;
            facts.expires_in_days = seen.first_expiry.and_then(|first| {
                let left =
                    i64::try_from(first).ok()?.checked_sub(i64::try_from(self.wall).ok()?)?;
                Some(left.div_euclid(86_400))
            });
            facts.chain = seen.chain;
            self.is_unchecked = seen.is_unchecked;
            if seen.judged {
                facts.verified = seen.reasons.is_empty();
                facts.reasons = seen.reasons;
            }
        }
    }

    /// Why rustls stopped, at the record that begins at `offset`.
    fn failure(&self, error: Error, offset: u64) -> TlsError {
        if let Error::InvalidCertificate(_) = error {
            // What was found wanting says more than the error that stands for it.
            if let Some(reason) = self.verifier.refused(&self.handshake.reasons) {
                return reason.clone();
            }
            if self.is_unchecked {
                let says = "what the certificate's key signed cannot be checked".into();
                return TlsError::Malformed { offset, says };
            }
        }
        meaning(error, offset, self.connection.protocol_version().is_none())
    }
}

/// A protocol by its identifier, odd octets escaped (RFC 7301 §6 has no others).
fn protocol(id: &[u8]) -> Cow<'static, str> {
    match id {
        b"http/1.1" => "http/1.1".into(),
        b"h2" => "h2".into(),
        other => other.escape_ascii().to_string().into(),
    }
}

/// A host as certificates write it: without the dot that makes a name absolute (RFC 6066 §3), and
/// without the zone of an address.
pub(crate) fn canonical(host: &str) -> &str {
    let (address, _zone) = host.split_once('%').unwrap_or((host, ""));
    match address.parse::<std::net::IpAddr>() {
        Ok(_) => address,
        Err(_) => host.strip_suffix('.').unwrap_or(host),
    }
}

/// What certificates for a host so written are held against; `None` when there can be none.
pub(crate) fn server_name(host: &str) -> Option<ServerName<'_>> {
    match host.parse::<std::net::IpAddr>() {
        Ok(address) => Some(ServerName::IpAddress(IpAddr::from(address))),
        Err(_) => DnsName::try_from(host).ok().map(ServerName::DnsName),
    }
}
