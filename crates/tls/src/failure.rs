//! What rustls's errors mean, in the words of the closed table of codes.

use rustls::{AlertDescription, CertificateError, Error, PeerIncompatible};

use crate::alert;
use crate::error::TlsError;

/// What `error` means, in the record that begins at `offset`, before ServerHello or after.
pub(crate) fn meaning(error: Error, offset: u64, before_hello: bool) -> TlsError {
    let malformed = |says: String| TlsError::Malformed { offset, says: says.into() };
    match error {
        Error::AlertReceived(alert) => heard(alert, before_hello),
        Error::PeerIncompatible(lack) => TlsError::Incompatible { says: lacking(&lack) },
        Error::InvalidCertificate(CertificateError::BadSignature) => {
            malformed("the handshake is not signed by the certificate's key".into())
        }
        Error::InvalidCertificate(error) => {
            malformed(format!("the certificate's key cannot be read: {error}"))
        }
        error => malformed(error.to_string()),
    }
}

/// What an alert of the peer's means (RFC 8446 §6.2).
fn heard(alert: AlertDescription, before_hello: bool) -> TlsError {
    let name = alert::name(alert);
    let says = match alert {
        AlertDescription::ProtocolVersion => "the peer speaks none of the versions offered",
        // After ServerHello they are of something else: of a client certificate, most often.
        AlertDescription::HandshakeFailure | AlertDescription::InsufficientSecurity
            if before_hello =>
        {
            "the peer accepts none of the cipher suites, groups and signatures offered"
        }
        _ => return TlsError::Alert { name, number: alert.into() },
    };
    TlsError::Incompatible { says: format!("{says}: {name}").into() }
}

fn lacking(lack: &PeerIncompatible) -> Box<str> {
    match lack {
        PeerIncompatible::ServerDoesNotSupportTls12Or13 => {
            "the peer speaks neither TLS 1.2 nor TLS 1.3".into()
        }
        PeerIncompatible::ServerTlsVersionIsDisabledByOurConfig => {
            "the peer chose a version that was not to be spoken".into()
        }
        other => format!("nothing in common: {other:?}").into(),
    }
}
