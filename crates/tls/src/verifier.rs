//! What rustls asks of whoever verifies: one for each session, so that it can keep what it saw.
//!
//! rustls shows the chain first and the signature over the handshake next, both before anything of
//! ours that is confidential has left. The chain is kept at the first question and judged at the
//! second, once the peer has proved that it holds the key: what a record says of a certificate
//! that was refused is then still what this peer could show. A refusal is sent as an alert.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use fourstep_terms::Code;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::WebPkiSupportedAlgorithms;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{CertificateError, DigitallySignedStruct, Error, SignatureScheme};

use crate::certificate::{Certificate, Key};
use crate::config::Config;
use crate::error::TlsError;

/// Verifies one session.
pub(crate) struct Verifier {
    config: Arc<Config>,
    /// What certificates are held against; `None` when none could be for such a host.
    host: Option<ServerName<'static>>,
    wanted: Box<str>,
    wall: Duration,
    seen: Mutex<Seen>,
}

/// What was shown, and what was made of it.
#[derive(Default)]
pub(crate) struct Seen {
    chain: Vec<CertificateDer<'static>>,
    pub(crate) facts: Vec<Certificate>,
    pub(crate) ocsp_staple: bool,
    /// Whether the handshake was signed by the key of the chain's first.
    pub(crate) judged: bool,
    pub(crate) reasons: Vec<TlsError>,
}

impl Verifier {
    pub(crate) fn new(
        config: &Arc<Config>,
        host: Option<ServerName<'static>>,
        wanted: &str,
        wall: Duration,
    ) -> Verifier {
        let (config, wanted) = (Arc::clone(config), wanted.into());
        Verifier { config, host, wanted, wall, seen: Mutex::default() }
    }

    /// Hands over what was seen.
    pub(crate) fn take(&self) -> Seen {
        std::mem::take(&mut *self.seen.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// The first reason to refuse the peer, of those that were found.
    pub(crate) fn refused<'a>(&self, reasons: &'a [TlsError]) -> Option<&'a TlsError> {
        reasons.iter().find(|reason| self.config.refuses(reason))
    }

    /// Whether the handshake is signed by the key that the chain is of; and is it one to trust?
    fn signed(
        &self,
        signed: Result<HandshakeSignatureValid, Error>,
    ) -> Result<HandshakeSignatureValid, Error> {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        // A signature that nobody can check says as much of the chain as one that is right.
        if signed.is_err() && !seen.facts.first().is_some_and(Certificate::is_unchecked) {
            return signed;
        }
        seen.judged = true;
        let (host, trust) = (self.host.as_ref(), &self.config.trust);
        seen.reasons = trust.judge(&seen.chain, &seen.facts, host, &self.wanted, self.wall);
        match self.refused(&seen.reasons) {
            None => signed,
            Some(reason) => Err(refusal(reason.code()).into()),
        }
    }
}

/// rustls's error whose alert fits best (RFC 8446 §6.2).
fn refusal(code: Code) -> CertificateError {
    match code {
        Code::TlsUntrusted => CertificateError::UnknownIssuer,
        Code::TlsExpired => CertificateError::Expired,
        Code::TlsNotYetValid => CertificateError::NotValidYet,
        Code::TlsRevoked => CertificateError::Revoked,
        _ => CertificateError::NotValidForName,
    }
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let chain = std::iter::once(end_entity).chain(intermediates);
        seen.chain = chain.map(|der| der.clone().into_owned()).collect();
        seen.facts = seen.chain.iter().map(|der| Certificate::read(der)).collect();
        seen.ocsp_staple = !ocsp_response.is_empty();
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let known = &self.config.algorithms;
        let signed = rustls::crypto::verify_tls12_signature(message, cert, dss, known);
        self.signed(signed.or_else(|error| unread(error, message, cert, dss, known)))
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let known = &self.config.algorithms;
        let signed = rustls::crypto::verify_tls13_signature(message, cert, dss, known);
        self.signed(signed.or_else(|error| unread(error, message, cert, dss, known)))
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.config.algorithms.supported_schemes()
    }
}

/// Checks the signature where webpki could not read the certificate: one of version 1, say, of an
/// old device. It will not be trusted, and `insecure` may still go on.
fn unread(
    error: Error,
    message: &[u8],
    cert: &CertificateDer<'_>,
    dss: &DigitallySignedStruct,
    known: &WebPkiSupportedAlgorithms,
) -> Result<HandshakeSignatureValid, Error> {
    let is_unread = matches!(
        error,
        Error::InvalidCertificate(CertificateError::BadEncoding | CertificateError::Other(_))
    );
    let key = if is_unread { Key::of(cert) } else { None };
    let Some(key) = key else { return Err(error) };
    let algorithms = known.mapping.iter().filter(|(scheme, _)| *scheme == dss.scheme);
    let signed = algorithms.flat_map(|(_, algorithms)| algorithms.iter()).any(|algorithm| {
        algorithm.public_key_alg_id().as_ref() == key.algorithm
            && algorithm.verify_signature(&key.octets, message, dss.signature()).is_ok()
    });
    match signed {
        true => Ok(HandshakeSignatureValid::assertion()),
        false => Err(CertificateError::BadSignature.into()),
    }
}

impl fmt::Debug for Verifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Verifier").field("wanted", &self.wanted).finish_non_exhaustive()
    }
}
