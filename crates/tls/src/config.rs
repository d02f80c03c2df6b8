//! Options, read and found usable: what every session of a run has in common.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use fourstep_terms::Code;
use rustls::client::WebPkiServerVerifier;
use rustls::crypto::{CryptoProvider, WebPkiSupportedAlgorithms};
use rustls::pki_types::{
    CertificateDer, CertificateRevocationListDer, PrivateKeyDer, ServerName, UnixTime,
};
use rustls::sign::CertifiedKey;
use rustls::{ClientConfig, RootCertStore, SupportedProtocolVersion};
use x509_cert::der::asn1::AnyRef;
use x509_cert::der::{Decode, SliceReader, Tag, Tagged};

use crate::error::{ConfigError, TlsError};
use crate::keylog::KeyLog;
use crate::options::{Identity, Options, Roots, Sni, Version};
use crate::pem;
use crate::pin::sha256;
use crate::session::canonical;
use crate::trust::Trust;

/// Options that were found usable; shared by every [`Session`](crate::Session).
pub struct Config {
    pub(crate) rustls: ClientConfig,
    pub(crate) trust: Trust,
    pub(crate) algorithms: WebPkiSupportedAlgorithms,
    pub(crate) sni: Sni,
    insecure: bool,
}

impl Config {
    /// Reads what was handed in; an error says which of it cannot be used, where and why.
    pub fn new(options: &Options) -> Result<Arc<Config>, ConfigError> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let algorithms = provider.signature_verification_algorithms;
        let (store, roots) = roots(&options.roots)?;
        let (webpki, more) = verifiers(store, &provider, &options.crls)?;
        if let Sni::Other(name) = &options.sni
            && !matches!(ServerName::try_from(&**name), Ok(ServerName::DnsName(_)))
        {
            return Err(ConfigError::new("server name", 0, "not a name that can be sent"));
        }
        let rustls = client(options, provider, Arc::clone(&webpki))?;
        let trust = Trust { webpki, more, roots, pins: options.pins.clone() };
        let (sni, insecure) = (options.sni.clone(), options.insecure);
        Ok(Arc::new(Config { rustls, trust, algorithms, sni, insecure }))
    }

    /// Every reason not to trust `chain`, certificates in DER and the server's own first, for `host`
    /// at `wall` since 1970: what a handshake that shows it would be refused for, in that order.
    ///
    /// Empty for a chain that may be trusted, and for none at all.
    pub fn judge(&self, chain: &[&[u8]], host: &str, wall: Duration) -> Vec<TlsError> {
        let chain: Vec<CertificateDer<'_>> = chain.iter().map(|der| (*der).into()).collect();
        let Some((leaf, rest)) = chain.split_first() else { return Vec::new() };
        self.trust.judge(leaf, rest, canonical(host), wall)
    }

    /// Whether a handshake ends for this reason.
    pub(crate) fn refuses(&self, reason: &TlsError) -> bool {
        !self.insecure || reason.code() == Code::TlsWrongPin
    }
}

/// What is in it may be a key, and is not shown.
impl fmt::Debug for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Config").field("insecure", &self.insecure).finish_non_exhaustive()
    }
}

/// rustls asks it when a session is taken up again, which we never do: there is no clock here.
#[derive(Debug)]
struct NoClock;

impl rustls::time_provider::TimeProvider for NoClock {
    fn current_time(&self) -> Option<UnixTime> {
        Some(UnixTime::since_unix_epoch(Duration::ZERO))
    }
}

fn client(
    options: &Options,
    provider: Arc<CryptoProvider>,
    webpki: Arc<WebPkiServerVerifier>,
) -> Result<ClientConfig, ConfigError> {
    let spoken =
        [(Version::Tls13, &rustls::version::TLS13), (Version::Tls12, &rustls::version::TLS12)];
    let wanted = options.oldest..=options.newest;
    let versions: Vec<&'static SupportedProtocolVersion> = spoken
        .into_iter()
        .filter_map(|(version, offered)| wanted.contains(&version).then_some(offered))
        .collect();
    let keys = provider.key_provider;
    let client = ClientConfig::builder_with_details(provider, Arc::new(NoClock))
        .with_protocol_versions(&versions)
        .map_err(|_| ConfigError::new("TLS versions", 0, "the oldest is newer than the newest"))?
        .with_webpki_verifier(webpki);
    let mut client = match &options.identity {
        None => client.with_no_client_auth(),
        Some(identity) => {
            let key = identity_key(identity)?;
            let key = keys.load_private_key(key).map_err(|_| {
                ConfigError::new("client key", 0, "not a key of RSA, P-256, P-384 or Ed25519")
            })?;
            let certified = CertifiedKey::new(identity_chain(identity)?, key);
            certified.keys_match().map_err(|_| {
                ConfigError::new("client key", 0, "it is not the key of the client certificate")
            })?;
            client.with_client_cert_resolver(Arc::new(rustls::sign::SingleCertAndKey::from(
                certified,
            )))
        }
    };
    client.alpn_protocols = options.alpn.iter().map(|protocol| protocol.to_vec()).collect();
    client.resumption = rustls::client::Resumption::disabled();
    client.enable_sni = options.sni != Sni::Absent;
    if let Some(sink) = &options.keylog {
        client.key_log = Arc::new(KeyLog(Arc::clone(sink)));
    }
    Ok(client)
}

const CERTIFICATE: &[&str] = &["CERTIFICATE", "X509 CERTIFICATE"];

/// The roots, and the digests of those that were handed in.
fn roots(roots: &Roots) -> Result<(RootCertStore, Vec<[u8; 32]>), ConfigError> {
    let mut store = RootCertStore::empty();
    let mut digests = Vec::new();
    match roots {
        Roots::Bundled => store.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned()),
        Roots::Given(texts) => {
            for text in texts {
                for block in pem::read_only("root certificates", CERTIFICATE, text)? {
                    let line = block.line;
                    digests.push(sha256(&block.der));
                    store.add(block.der.into()).map_err(|_| {
                        ConfigError::new("root certificates", line, "not a certificate of X.509")
                    })?;
                }
            }
        }
        Roots::System(texts) => {
            for text in texts {
                for block in pem::read("system roots", text).unwrap_or_default() {
                    let digest = sha256(&block.der);
                    // One that cannot be used must not stop the rest.
                    if store.add(block.der.into()).is_ok() {
                        digests.push(digest);
                    }
                }
            }
        }
    }
    if store.is_empty() {
        return Err(ConfigError::new("root certificates", 0, "there is none"));
    }
    Ok((store, digests))
}

/// webpki's rules with these roots and lists. webpki asks the first list it has of an issuer and no
/// other, and here each counts: so there are as many verifiers as an issuer has lists.
fn verifiers(
    roots: RootCertStore,
    provider: &Arc<CryptoProvider>,
    crls: &[Vec<u8>],
) -> Result<(Arc<WebPkiServerVerifier>, Vec<Arc<WebPkiServerVerifier>>), ConfigError> {
    let roots = Arc::new(roots);
    let build = |lists: Vec<CertificateRevocationListDer<'static>>| {
        WebPkiServerVerifier::builder_with_provider(Arc::clone(&roots), Arc::clone(provider))
            .with_crls(lists)
            .allow_unknown_revocation_status()
            .build()
    };
    let mut rounds: Vec<Vec<_>> = Vec::new();
    let mut seen: BTreeMap<Vec<u8>, usize> = BTreeMap::new();
    for text in crls {
        for block in pem::read_only("revocation list", &["X509 CRL"], text)? {
            let before = seen.entry(issuer(&block.der).unwrap_or_default()).or_default();
            let list = CertificateRevocationListDer::from(block.der);
            build(vec![list.clone()]).map_err(|_| {
                ConfigError::new("revocation list", block.line, "not a list of X.509 version 2")
            })?;
            match rounds.get_mut(*before) {
                Some(round) => round.push(list),
                None => rounds.push(vec![list]),
            }
            *before += 1;
        }
    }
    // Each was taken alone, and there is a root: nothing is left to complain of.
    let build = |lists| {
        build(lists).map_err(|error| ConfigError::new("revocation list", 0, &error.to_string()))
    };
    let mut rounds = rounds.into_iter();
    let first = build(rounds.next().unwrap_or_default())?;
    Ok((first, rounds.map(build).collect::<Result<_, _>>()?))
}

/// The issuer of a revocation list (RFC 5280 §5.1.2.3), in DER. The list itself may be long, and is
/// not read.
fn issuer(list: &[u8]) -> Option<Vec<u8>> {
    let list = AnyRef::decode(&mut SliceReader::new(list).ok()?).ok()?;
    let body = AnyRef::decode(&mut SliceReader::new(list.value()).ok()?).ok()?;
    let mut fields = SliceReader::new(body.value()).ok()?;
    let mut next = || AnyRef::decode(&mut fields).ok();
    let _version = next().filter(|version| version.tag() == Tag::Integer)?;
    let _signature = next()?;
    next().map(|issuer| issuer.value().to_vec())
}

fn identity_chain(identity: &Identity) -> Result<Vec<CertificateDer<'static>>, ConfigError> {
    // A key in the same file is usual, and is passed over.
    let blocks = pem::read("client certificate", &identity.chain)?;
    let is_certificate = |label: &str| label.is_empty() || CERTIFICATE.contains(&label);
    let chain: Vec<CertificateDer<'static>> = blocks
        .into_iter()
        .filter(|block| is_certificate(&block.label))
        .map(|block| block.der.into())
        .collect();
    if chain.is_empty() {
        return Err(ConfigError::new("client certificate", 0, "there is none"));
    }
    Ok(chain)
}

fn identity_key(identity: &Identity) -> Result<PrivateKeyDer<'static>, ConfigError> {
    let wrong = |line, says| ConfigError::new("client key", line, says);
    for block in pem::read("client key", &identity.key)? {
        return match &*block.label {
            "PRIVATE KEY" => Ok(PrivateKeyDer::Pkcs8(block.der.into())),
            "RSA PRIVATE KEY" => Ok(PrivateKeyDer::Pkcs1(block.der.into())),
            "EC PRIVATE KEY" => Ok(PrivateKeyDer::Sec1(block.der.into())),
            "ENCRYPTED PRIVATE KEY" => Err(wrong(block.line, "the key is encrypted")),
            "" => PrivateKeyDer::try_from(block.der)
                .map_err(|_| wrong(0, "not a key in PKCS #8, PKCS #1 or SEC 1")),
            _ => continue, // its certificate, or the parameters of its curve
        };
    }
    Err(wrong(0, "there is none"))
}
