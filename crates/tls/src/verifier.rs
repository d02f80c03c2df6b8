//! What rustls asks of whoever verifies: one for each session, so that it can keep what it saw.
//!
//! rustls shows the chain first and the signature over the handshake next, both before anything of
//! ours that is confidential has left. The chain is judged at the first question; what was found
//! counts at the second, once the peer has proved that it holds the key: what a record says of a
//! certificate that was refused is then still what this peer could show. A refusal is an alert.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use fourstep_terms::Code;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::WebPkiSupportedAlgorithms;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{CertificateError, DigitallySignedStruct, Error, SignatureScheme};
use x509_cert::der::asn1::AnyRef;
use x509_cert::der::{Decode, Encode};

use crate::chain::Chain;
use crate::config::Config;
use crate::error::TlsError;
use crate::view::View;

/// Verifies one session.
pub(crate) struct Verifier {
    config: Arc<Config>,
    /// What certificates are held against, as they write it.
    host: Arc<str>,
    wall: Duration,
    seen: Mutex<Seen>,
}

/// What was shown, and what was made of it.
#[derive(Default)]
pub(crate) struct Seen {
    pub(crate) chain: Chain,
    /// The first moment at which one of the chain expires: seconds since 1970.
    pub(crate) first_expiry: Option<u64>,
    pub(crate) ocsp_staple: bool,
    /// Whether what the server's own key signs cannot be checked.
    pub(crate) is_unchecked: bool,
    /// Whether it was looked at who signed the handshake.
    settled: bool,
    /// Whether it was the key of the chain's first.
    pub(crate) judged: bool,
    /// What is wrong with the chain, if it is theirs.
    pub(crate) reasons: Vec<TlsError>,
}

impl Verifier {
    pub(crate) fn new(config: &Arc<Config>, host: Arc<str>, wall: Duration) -> Verifier {
        let config = Arc::clone(config);
        Verifier { config, host, wall, seen: Mutex::default() }
    }

    /// Hands over what was seen, once it is known who signed the handshake.
    pub(crate) fn take(&self) -> Option<Seen> {
        let mut seen = self.seen();
        seen.settled.then(|| std::mem::take(&mut *seen))
    }

    /// The first reason to refuse the peer, of those that were found.
    pub(crate) fn refused<'a>(&self, reasons: &'a [TlsError]) -> Option<&'a TlsError> {
        reasons.iter().find(|reason| self.config.refuses(reason))
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether the handshake is signed by the key that the chain is of; and is it one to trust?
    fn signed(
        &self,
        signed: Result<HandshakeSignatureValid, Error>,
    ) -> Result<HandshakeSignatureValid, Error> {
        let mut seen = self.seen();
        if seen.chain.is_empty() {
            // rustls shows the chain first.
            return Err(CertificateError::UnknownIssuer.into());
        }
        seen.settled = true;
        // A signature that nobody can check says as much of the chain as one that is right.
        if signed.is_err() && !seen.is_unchecked {
            return signed;
        }
        seen.judged = true;
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
        let views =
            || std::iter::once(end_entity).chain(intermediates).map(|der| View::of(der).ok());
        *self.seen() = Seen {
            chain: Chain::of(end_entity, intermediates),
            first_expiry: views().flatten().map(|view| view.not_after).min(),
            ocsp_staple: !ocsp_response.is_empty(),
            is_unchecked: views().next().flatten().is_some_and(|leaf| leaf.is_unchecked()),
            reasons: self.config.trust.judge(end_entity, intermediates, &self.host, self.wall),
            ..Seen::default()
        };
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
    let key = match View::of(cert) {
        Ok(view) if is_unread => view.public_key(),
        _ => None,
    };
    let Some(key) = key else { return Err(error) };
    let (Ok(algorithm), Some(octets)) = (key.algorithm.to_der(), key.subject_public_key.as_bytes())
    else {
        return Err(error);
    };
    // webpki compares algorithms without their outer tag and length.
    let algorithm = AnyRef::from_der(&algorithm).map(|algorithm| algorithm.value());
    let algorithms = known.mapping.iter().filter(|(scheme, _)| *scheme == dss.scheme);
    let signed = algorithms.flat_map(|(_, algorithms)| algorithms.iter()).any(|known| {
        algorithm == Ok(known.public_key_alg_id().as_ref())
            && known.verify_signature(octets, message, dss.signature()).is_ok()
    });
    match signed {
        true => Ok(HandshakeSignatureValid::assertion()),
        false => Err(CertificateError::BadSignature.into()),
    }
}

impl fmt::Debug for Verifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Verifier").field("host", &self.host).finish_non_exhaustive()
    }
}
