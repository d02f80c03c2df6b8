//! The peer's side of TLS, in memory.
//!
//! What a handshake sends is random, so no file can hold its octets and be replayed. A file says
//! instead what they are: which chain the peer shows, when it speaks and how much of what it has to
//! say comes at a time; and of ours, what the peer makes of them.
//!
//! ```text
//! peer good 1.3 alpn=http/1.1
//! @12 > send 1 tls client-hello name=a.test alpn=http/1.1
//! @24 < received 1 tls flight 100
//! @25 < received 1 tls flight
//! @25 > send 1 tls finished
//! @26 > send 1 tls "GET / HTTP/1.1\r\n…"
//! @40 < received 1 tls "HTTP/1.1 204 No Content\r\n\r\n" close-notify
//! ```

use std::io::{Read, Write};
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use fourstep_authority::{Authority, Mint};
use rustls::crypto::ring;
use rustls::pki_types::{PrivateKeyDer, UnixTime};
use rustls::server::{Accepted, Acceptor, WebPkiClientVerifier};
use rustls::{AlertDescription, Error, RootCertStore, ServerConfig, ServerConnection};

use crate::line::{quote, unquote};

/// The moment at which certificates are valid in simulated time: 2026-06-01.
pub(crate) const WALL: Duration = Duration::from_secs(1_780_272_000);

/// The certificates of every peer; Ed25519 throughout, so that their lengths are always the same.
pub(crate) fn authority() -> &'static Authority {
    static AUTHORITY: LazyLock<Authority> =
        LazyLock::new(|| Authority::new(&Mint::repeatable(WALL)));
    &AUTHORITY
}

/// How a peer speaks TLS: the `peer` line of a file.
#[derive(Clone, Debug)]
pub(crate) struct Peer(Arc<ServerConfig>);

/// What the octets of one read are, in TLS.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Speech {
    /// `flight`: what the peer's TLS has to say by now; `flight 100`: the first octets of it, and the
    /// rest is kept.
    Flight(Option<usize>),
    /// `"…"`: this text, encrypted.
    Plain(Vec<u8>),
    /// `close-notify` (RFC 8446 §6.1).
    CloseNotify,
}

impl Default for Peer {
    /// One that shows a good chain, and speaks every version and whatever protocol is offered.
    fn default() -> Peer {
        Peer(Arc::new(config("good", &[]).unwrap_or_else(|says| unreachable(&says))))
    }
}

#[expect(clippy::panic, reason = "the usual chain is among the conditions")]
fn unreachable(says: &str) -> ServerConfig {
    panic!("{says}")
}

impl Peer {
    /// Reads what stands behind `peer`: a condition, and what else is special: `1.2`, `1.3`,
    /// `alpn=PROTOCOL`, `p-384` (that group alone), `asks` (for a client certificate), `tickets`.
    pub(crate) fn read(text: &str) -> Result<Peer, String> {
        let words: Vec<&str> = text.split(' ').collect();
        let (condition, rest) = words.split_first().ok_or("expected a condition")?;
        Ok(Peer(Arc::new(config(condition, rest)?)))
    }
}

fn config(condition: &str, words: &[&str]) -> Result<ServerConfig, String> {
    let authority = authority();
    let (_, chain) = authority.find(condition).ok_or("no such condition")?;
    let mut provider = ring::default_provider();
    let mut versions = vec![&rustls::version::TLS13, &rustls::version::TLS12];
    let (mut alpn, mut asks, mut tickets) = (Vec::new(), false, 0);
    for word in words {
        match *word {
            "1.2" => versions = vec![&rustls::version::TLS12],
            "1.3" => versions = vec![&rustls::version::TLS13],
            "p-384" => provider.kx_groups = vec![ring::kx_group::SECP384R1],
            "asks" => asks = true,
            "tickets" => tickets = 2,
            _ => alpn.push(word.strip_prefix("alpn=").ok_or("no such word")?.into()),
        }
    }
    let says = |error: &dyn std::fmt::Display| error.to_string();
    let provider = Arc::new(provider);
    let builder = ServerConfig::builder_with_details(Arc::clone(&provider), Arc::new(Always))
        .with_protocol_versions(&versions)
        .map_err(|error| says(&error))?;
    let builder = match asks {
        false => builder.with_no_client_auth(),
        true => {
            let mut roots = RootCertStore::empty();
            roots.add(authority.root.der().to_vec().into()).map_err(|error| says(&error))?;
            let verifier = WebPkiClientVerifier::builder_with_provider(roots.into(), provider);
            builder.with_client_cert_verifier(verifier.build().map_err(|error| says(&error))?)
        }
    };
    let certificates = chain.certificates.iter().map(|der| der.clone().into()).collect();
    let key = PrivateKeyDer::Pkcs8(chain.key.clone().into());
    let mut config = builder.with_single_cert(certificates, key).map_err(|error| says(&error))?;
    config.alpn_protocols = alpn;
    config.send_tls13_tickets = tickets;
    Ok(config)
}

/// Time stands still for a peer.
#[derive(Debug)]
struct Always;

impl rustls::time_provider::TimeProvider for Always {
    fn current_time(&self) -> Option<UnixTime> {
        Some(UnixTime::since_unix_epoch(WALL))
    }
}

/// The peer's side of one leg.
pub(crate) struct Server {
    peer: Peer,
    state: State,
    /// What it has to say and was not yet heard to.
    pending: Vec<u8>,
}

enum State {
    Greeting(Box<Acceptor>),
    Talking(Box<ServerConnection>),
    /// It gave up, or could not go on.
    Over,
}

impl Server {
    /// A peer whose leg just brought its first octets of TLS.
    pub(crate) fn new(peer: &Peer) -> Server {
        let state = State::Greeting(Box::default());
        Server { peer: peer.clone(), state, pending: Vec::new() }
    }

    /// Takes what we sent; what it is, in words.
    pub(crate) fn hear(&mut self, octets: &[u8]) -> String {
        let (mut words, mut rest) = (Vec::new(), octets);
        while !rest.is_empty() {
            let left = rest.len();
            match &mut self.state {
                State::Greeting(acceptor) => {
                    let _ = acceptor.read_tls(&mut rest);
                    match acceptor.accept() {
                        Ok(None) => {}
                        Ok(Some(accepted)) => words.push(self.greeted(accepted)),
                        Err((_, alert)) => self.give_up(alert),
                    }
                }
                State::Talking(connection) => {
                    let _ = connection.read_tls(&mut rest);
                    if listen(connection, &mut words).is_err() {
                        while connection.wants_write() {
                            let _ = connection.write_tls(&mut self.pending);
                        }
                        self.state = State::Over;
                    }
                }
                State::Over => break,
            }
            if rest.len() == left {
                break;
            }
        }
        if words.is_empty() {
            words = records(octets).map(str::to_owned).collect();
        }
        words.join(" ")
    }

    fn greeted(&mut self, accepted: Accepted) -> String {
        let mut words = "client-hello".to_owned();
        let hello = accepted.client_hello();
        if let Some(name) = hello.server_name() {
            words.push_str(" name=");
            words.push_str(name);
        }
        for (n, protocol) in hello.alpn().into_iter().flatten().enumerate() {
            words.push_str(if n == 0 { " alpn=" } else { "," });
            words.push_str(&protocol.escape_ascii().to_string());
        }
        match accepted.into_connection(Arc::clone(&self.peer.0)) {
            Ok(mut connection) => {
                connection.set_buffer_limit(None);
                self.state = State::Talking(Box::new(connection));
            }
            Err((_, alert)) => self.give_up(alert),
        }
        words
    }

    fn give_up(&mut self, mut alert: rustls::server::AcceptedAlert) {
        // A vector takes all.
        let _ = alert.write_all(&mut self.pending);
        self.state = State::Over;
    }

    /// What comes of it when the peer says this; nothing when it has nothing to say.
    pub(crate) fn say(&mut self, speech: &[Speech]) -> Vec<u8> {
        let mut said = Vec::new();
        for speech in speech {
            if let State::Talking(connection) = &mut self.state {
                match speech {
                    Speech::Flight(_) => {}
                    Speech::Plain(octets) => drop(connection.writer().write_all(octets)),
                    // rustls holds an alert behind it for a fault of ours.
                    Speech::CloseNotify if connection.is_handshaking() => {}
                    Speech::CloseNotify => connection.send_close_notify(),
                }
                while connection.wants_write() {
                    let _ = connection.write_tls(&mut self.pending);
                }
            }
            let most = match speech {
                Speech::Flight(Some(most)) => *most,
                _ => usize::MAX,
            };
            said.extend(self.pending.drain(..most.min(self.pending.len())));
        }
        said
    }
}

/// What the connection makes of what it read; an error ends it.
fn listen(connection: &mut ServerConnection, words: &mut Vec<String>) -> Result<(), Error> {
    let was_handshaking = connection.is_handshaking();
    let state = connection.process_new_packets().inspect_err(|error| {
        words.push(match error {
            Error::AlertReceived(alert) => format!("alert {}", name(*alert)),
            _ => "refused".to_owned(),
        });
    })?;
    if was_handshaking && !connection.is_handshaking() {
        if connection.peer_certificates().is_some() {
            words.push("certificate".to_owned());
        }
        words.push("finished".to_owned());
    }
    let mut plain = Vec::new();
    // Whoever closed, in order or not: what came stands.
    let _ = connection.reader().read_to_end(&mut plain);
    if !plain.is_empty() {
        words.push(quote(&plain));
    }
    if state.peer_has_closed() {
        words.push("close-notify".to_owned());
    }
    Ok(())
}

/// The kinds of the records that `octets` are (RFC 8446 §5.1): what is left to say of those that
/// bring nothing about, and of those that come too late.
fn records(mut octets: &[u8]) -> impl Iterator<Item = &'static str> {
    std::iter::from_fn(move || {
        let (head, rest) = octets.split_at_checked(5)?;
        let [kind, _, _, high, low] = *head else { return None };
        octets = rest.get(usize::from(u16::from_be_bytes([high, low]))..).unwrap_or_default();
        Some(match kind {
            20 => "change-cipher-spec",
            21 => "alert",
            22 => "handshake",
            _ => "application-data",
        })
    })
}

/// `certificate_expired`, as RFC 8446 §6.2 writes it.
fn name(alert: AlertDescription) -> String {
    let (mut name, mut last) = (String::new(), 'A');
    for c in format!("{alert:?}").chars() {
        if c.is_uppercase() && last.is_lowercase() {
            name.push('_');
        }
        name.push(c.to_ascii_lowercase());
        last = c;
    }
    name
}

/// Reads what stands behind `received 1 tls`.
pub(crate) fn speech(text: &str) -> Result<Vec<Speech>, &'static str> {
    let mut speech = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let end = match rest.strip_prefix('"') {
            Some(inner) => closing(inner).ok_or("a quote is not closed")? + 2,
            None => rest.find(' ').unwrap_or(rest.len()),
        };
        let (word, after) = rest.split_at_checked(end).ok_or("expected a word")?;
        rest = after.strip_prefix(' ').unwrap_or(after);
        speech.push(match word {
            "flight" => Speech::Flight(None),
            "close-notify" => Speech::CloseNotify,
            _ if word.starts_with('"') => Speech::Plain(unquote(word)?),
            _ => match (speech.last_mut(), word.parse()) {
                (Some(Speech::Flight(most @ None)), Ok(octets)) => {
                    *most = Some(octets);
                    continue;
                }
                _ => return Err("expected flight, octets in quotes, or close-notify"),
            },
        });
    }
    Ok(speech)
}

/// Where the quote is that ends `inner`.
fn closing(inner: &str) -> Option<usize> {
    let mut escaped = false;
    inner.bytes().position(|octet| {
        let is_end = octet == b'"' && !escaped;
        escaped = octet == b'\\' && !escaped;
        is_end
    })
}

/// The same, as it is written.
pub(crate) fn write_speech(speech: &[Speech]) -> String {
    let word = |speech: &Speech| match speech {
        Speech::Flight(None) => "flight".to_owned(),
        Speech::Flight(Some(most)) => format!("flight {most}"),
        Speech::Plain(octets) => quote(octets),
        Speech::CloseNotify => "close-notify".to_owned(),
    };
    speech.iter().map(word).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_back() {
        let rows = ["flight", "flight 100", r#"flight "a \" b" "" close-notify"#, r#""\\" flight"#];
        for row in rows {
            assert_eq!(write_speech(&speech(row).unwrap()), row);
        }
    }

    #[test]
    fn alerts_have_the_names_of_the_rfc() {
        let rows = [
            (AlertDescription::UnknownCA, "unknown_ca"),
            (AlertDescription::CertificateExpired, "certificate_expired"),
            (AlertDescription::NoApplicationProtocol, "no_application_protocol"),
        ];
        for (alert, want) in rows {
            assert_eq!(name(alert), want);
        }
    }

    #[test]
    fn a_peer_is_read_or_refused() {
        let rows = [
            ("good", true),
            ("expired 1.2 alpn=http/1.1 p-384 asks tickets", true),
            ("", false),
            ("bad", false),
            ("good 1.1", false),
        ];
        for (row, is_one) in rows {
            assert_eq!(Peer::read(row).is_ok(), is_one, "{row}");
        }
    }
}
