//! Why there is no TLS, in plain words.

use std::fmt;

use fourstep_tls::TlsError;

use crate::octets::{Cut, Shown};
use crate::when::Took;

/// How much of a name, or of a reason, stands in a sentence.
const SHOWN: usize = 200;

pub(super) fn write(peer: &str, error: &TlsError, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    match error {
        TlsError::Silent { waited, .. } => {
            write!(f, "{peer} did not finish the TLS handshake within {}.", Took(*waited))
        }
        TlsError::Closed { octets: 0 } => {
            write!(f, "{peer} closed the connection without an octet of a TLS handshake.")
        }
        TlsError::Closed { .. } => {
            write!(f, "{peer} closed the connection in the middle of the TLS handshake.")
        }
        TlsError::Reset { .. } => {
            write!(f, "{peer} threw the connection away during the TLS handshake.")
        }
        TlsError::Alert { name, number } => {
            write!(f, "{peer} ended TLS with the alert {name} ({number}).")
        }
        TlsError::NotTls { http: true, .. } => {
            write!(f, "{peer} speaks HTTP without TLS on this port.")
        }
        TlsError::NotTls { http: false, shown } => {
            write!(f, "{peer} does not speak TLS on this port; it sent \"{}\".", Shown(shown))
        }
        TlsError::Malformed { offset, says } => {
            let says = Cut(says, SHOWN);
            write!(f, "What {peer} sent cannot be read as TLS: octet {offset}: {says}.")
        }
        TlsError::Untrusted { says, issuer, .. } => {
            let (says, issuer) = (Cut(says, SHOWN), Cut(named(issuer), SHOWN));
            write!(f, "{peer} is not to be trusted: {says}; the issuer is {issuer}.")
        }
        TlsError::WrongPin { found } => {
            let found = Shown(found);
            write!(f, "{peer} is not to be trusted: its key is none of those pinned, but {found}.")
        }
        TlsError::Incompatible { says } => {
            write!(f, "{peer} and this probe have no TLS in common: {}.", Cut(says, SHOWN))
        }
        // These say themselves how long ago, how soon, and which names.
        _ => write!(f, "{peer} is not to be trusted: {}.", Shown(&error.to_string())),
    }
}

/// A name may be empty (RFC 5280 §4.1.2.6).
fn named(name: &str) -> &str {
    if name.is_empty() { "nobody" } else { name }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    struct Sentence(TlsError);

    impl fmt::Display for Sentence {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            write("192.0.2.1:443", &self.0, f)
        }
    }

    #[test]
    fn every_error_is_a_plain_sentence() {
        let ago = Duration::from_secs(5 * 86_400);
        let rows = [
            (
                TlsError::Silent { octets: 0, waited: Duration::from_secs(10) },
                "did not finish the TLS handshake within 10.0 s.",
            ),
            (
                TlsError::Closed { octets: 0 },
                "closed the connection without an octet of a TLS handshake.",
            ),
            (
                TlsError::Closed { octets: 7 },
                "closed the connection in the middle of the TLS handshake.",
            ),
            (
                TlsError::Reset { octets: 7, os_error: Some(104) },
                "threw the connection away during the TLS handshake.",
            ),
            (
                TlsError::Alert { name: "certificate_required", number: 116 },
                "ended TLS with the alert certificate_required (116).",
            ),
            (
                TlsError::NotTls { shown: "HTTP/1.1 400".into(), http: true },
                "speaks HTTP without TLS on this port.",
            ),
            (
                TlsError::NotTls { shown: r"SSH-2.0-x\r\n".into(), http: false },
                r#"does not speak TLS on this port; it sent "SSH-2.0-x\r\n"."#,
            ),
            (
                TlsError::Untrusted {
                    says: "no root is known".into(),
                    subject: "CN=a.test".into(),
                    issuer: "CN=\u{1b}[2J".into(),
                },
                r"is not to be trusted: no root is known; the issuer is CN=\u{1b}[2J.",
            ),
            (
                TlsError::Expired { subject: "CN=a.test".into(), not_after: 0, ago },
                "is not to be trusted: the certificate of CN=a.test expired 5 days ago.",
            ),
            (
                TlsError::NotYetValid { subject: "".into(), not_before: 0, left: ago },
                "is not to be trusted: the certificate of nobody is valid in 5 days.",
            ),
            (
                TlsError::Revoked { subject: "CN=a.test".into() },
                "is not to be trusted: revoked by the list: the certificate of CN=a.test, or an \
                 issuer's.",
            ),
            (
                TlsError::WrongName {
                    wanted: "a.test".into(),
                    names: vec!["b.test".into(), "*.b.test".into()],
                },
                "is not to be trusted: the certificate is not for a.test but for b.test, \
                 *.b.test.",
            ),
            (
                TlsError::WrongPin { found: "sha256//x".into() },
                "is not to be trusted: its key is none of those pinned, but sha256//x.",
            ),
            (
                TlsError::Incompatible { says: "the peer speaks TLS 1.0 alone".into() },
                "and this probe have no TLS in common: the peer speaks TLS 1.0 alone.",
            ),
        ];
        for (error, want) in rows {
            assert_eq!(Sentence(error).to_string(), format!("192.0.2.1:443 {want}"));
        }
        let malformed = TlsError::Malformed { offset: 5, says: "no such message".into() };
        assert_eq!(
            Sentence(malformed).to_string(),
            "What 192.0.2.1:443 sent cannot be read as TLS: octet 5: no such message."
        );
    }
}
