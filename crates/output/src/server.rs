//! A TLS server in memory for tests: its certificates are the same octets in every run, for an
//! Ed25519 key made of a number, and the signatures with it, are.

use std::io::{Read, Write};
use std::sync::Arc;
use std::time::Duration;

use fourstep_tls::{Config, Options, Roots};
use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, PKCS_ED25519, SanType, SerialNumber, date_time_ymd,
};
use rustls::crypto::ring;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::{ServerConfig, ServerConnection};

use crate::drive::began;

/// The first and the last day of a certificate: year, month, day.
pub(crate) type Days = [(i32, u8, u8); 2];

/// The server's side of one connection.
pub(crate) struct Server(ServerConnection);

/// The PKCS #8 of the Ed25519 key whose octets are all `seed`.
fn key(seed: u8) -> PrivatePkcs8KeyDer<'static> {
    let mut der = b"\x30\x2e\x02\x01\x00\x30\x05\x06\x03\x2b\x65\x70\x04\x22\x04\x20".to_vec();
    der.extend([seed; 32]);
    der.into()
}

fn pair(seed: u8) -> KeyPair {
    KeyPair::from_pkcs8_der_and_sign_algo(&key(seed), &PKCS_ED25519).unwrap()
}

fn params(name: &str, seed: u8, days: Days) -> CertificateParams {
    let mut params = CertificateParams::default();
    let [not_before, not_after] = days.map(|(year, month, day)| date_time_ymd(year, month, day));
    (params.not_before, params.not_after) = (not_before, not_after);
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, name);
    params.serial_number = Some(SerialNumber::from(vec![0x10, seed]));
    params
}

fn root() -> (CertificateParams, Vec<u8>) {
    let mut params = params("Root of the tests", 1, [(2020, 1, 1), (2040, 1, 1)]);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    let der = params.self_signed(&pair(1)).unwrap().der().to_vec();
    (params, der)
}

/// What trusts the root of every [`Server`], or the bundled roots alone.
pub(crate) fn config(trusting: bool, insecure: bool) -> Arc<Config> {
    let roots = if trusting { Roots::Given(vec![root().1]) } else { Roots::Bundled };
    Config::new(&Options { roots, insecure, ..Options::default() }).unwrap()
}

/// The time at which every probe of the tests wants certificates to be valid.
pub(crate) fn wall() -> Duration {
    began().duration_since(std::time::SystemTime::UNIX_EPOCH).unwrap()
}

impl Server {
    /// One that shows a certificate for these names, valid on these days, and its issuer.
    pub(crate) fn new(names: &[&str], days: Days) -> Server {
        let (issuer, root) = root();
        let mut params = params(names[0], 2, days);
        params.subject_alt_names =
            names.iter().map(|name| SanType::DnsName((*name).try_into().unwrap())).collect();
        let leaf = params.signed_by(&pair(2), &Issuer::new(issuer, pair(1))).unwrap();
        let chain = vec![leaf.der().clone(), CertificateDer::from(root)];
        let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(chain, PrivateKeyDer::Pkcs8(key(2)))
            .unwrap();
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        config.send_tls13_tickets = 0;
        Server(ServerConnection::new(Arc::new(config)).unwrap())
    }

    /// Takes what the probe sent; gives what it sends back.
    pub(crate) fn feed(&mut self, mut wire: &[u8]) -> Vec<u8> {
        while !wire.is_empty() {
            self.0.read_tls(&mut wire).unwrap();
            // Its complaint comes as an alert.
            let _ = self.0.process_new_packets();
        }
        let _ = self.0.reader().read(&mut [0; 4096]);
        self.flight()
    }

    /// Sends this, and that it was the last.
    pub(crate) fn answer(&mut self, plain: &[u8]) -> Vec<u8> {
        self.0.writer().write_all(plain).unwrap();
        self.0.send_close_notify();
        self.flight()
    }

    fn flight(&mut self) -> Vec<u8> {
        let mut flight = Vec::new();
        while self.0.wants_write() {
            self.0.write_tls(&mut flight).unwrap();
        }
        flight
    }
}
