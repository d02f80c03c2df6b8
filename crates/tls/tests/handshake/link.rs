//! A session and a server, joined by nothing but octets.

use std::io::{Read, Write};
use std::sync::Arc;
use std::time::Duration;

use fourstep_authority::{Chain, Mint, Signer};
use fourstep_tls::{Config, Options, Output, Roots, Session, TlsError, Version};
use rustls::crypto::ring;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection};

/// The moment of all tests: 2026-06-01.
pub(crate) const NOW: Duration = Duration::from_secs(1_780_272_000);

/// What certificates say then.
pub(crate) static MINT: Mint = Mint::at(NOW);

/// A root, and a server's certificate for `a.test` by it.
pub(crate) fn pair() -> (Signer, Chain) {
    let root = Signer::root(MINT.ca("Root"), &MINT);
    let chain = root.sign(MINT.server(&["a.test"]), &MINT);
    (root, chain)
}

/// A chain and its key, as rustls takes them.
pub(crate) fn shown(chain: &Chain) -> (Vec<CertificateDer<'static>>, PrivateKeyDer<'static>) {
    let certificates = chain.certificates.iter().map(|der| der.clone().into()).collect();
    (certificates, PrivateKeyDer::Pkcs8(chain.key.clone().into()))
}

/// A server that shows this chain.
pub(crate) fn server(chain: &Chain) -> ServerConfig {
    let (certificates, key) = shown(chain);
    ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(certificates, key)
        .unwrap()
}

pub(crate) fn trusting(root: &Signer) -> Options {
    trusting_der(root.der())
}

pub(crate) fn trusting_der(root: &[u8]) -> Options {
    Options { roots: Roots::Given(vec![root.to_vec()]), ..Options::default() }
}

/// The same in one version alone.
pub(crate) fn only(version: Version, options: Options) -> Options {
    Options { oldest: version, newest: version, ..options }
}

/// Both ends of a connection.
pub(crate) struct Link {
    pub(crate) session: Session,
    pub(crate) out: Output,
    pub(crate) server: ServerConnection,
    /// The plain text that the server took.
    pub(crate) heard: Vec<u8>,
    /// How the server's octets are cut.
    pub(crate) piece: usize,
}

impl Link {
    pub(crate) fn new(options: &Options, host: &str, server: ServerConfig) -> Link {
        let config = Config::new(options).unwrap();
        let mut out = Output::default();
        let session = Session::new(&config, host, NOW, &mut out.wire).unwrap();
        let server = ServerConnection::new(Arc::new(server)).unwrap();
        Link { session, out, server, heard: Vec::new(), piece: usize::MAX }
    }

    /// One flight each way; `false` when nobody had anything to say.
    pub(crate) fn turn(&mut self) -> Result<bool, TlsError> {
        let flight = self.flight();
        let silent = flight.is_empty();
        for piece in flight.chunks(self.piece) {
            self.session.feed(piece, &mut self.out)?;
        }
        Ok(!silent || !self.out.wire.is_empty())
    }

    /// Gives the server what the session wants sent; what the server answers.
    pub(crate) fn flight(&mut self) -> Vec<u8> {
        let wire = std::mem::take(&mut self.out.wire);
        let mut rest = wire.as_slice();
        while !rest.is_empty() {
            self.server.read_tls(&mut rest).unwrap();
            // Its complaint comes as an alert.
            let _ = self.server.process_new_packets();
            let _ = self.server.reader().read_to_end(&mut self.heard);
        }
        let mut flight = Vec::new();
        while self.server.wants_write() {
            self.server.write_tls(&mut flight).unwrap();
        }
        flight
    }

    /// Until nobody has anything more to say.
    pub(crate) fn run(&mut self) -> Result<(), TlsError> {
        while self.turn()? {}
        Ok(())
    }

    /// Plain text both ways.
    pub(crate) fn exchange(&mut self) {
        self.session.write(b"ping", &mut self.out.wire);
        self.server.writer().write_all(b"pong").unwrap();
        self.run().unwrap();
        assert_eq!(
            (self.heard.as_slice(), self.out.plain.as_slice()),
            (&b"ping"[..], &b"pong"[..])
        );
    }
}
