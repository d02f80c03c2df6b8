//! Whether a chain may be trusted, and if not, every reason why.
//!
//! webpki stops at the first thing it finds wanting. A certificate can be expired, of nobody's
//! making and for another name at once, and whoever mends one wants to know of the others: so the
//! chain is looked at again at a moment when it was valid, and name and pins are looked at apart.

use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::Duration;

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::ServerCertVerifier;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{CertRevocationListError, CertificateError, Error};

use crate::certificate::names;
use crate::error::TlsError;
use crate::name;
use crate::pin::{Pin, sha256};
use crate::session::server_name;
use crate::view::View;

/// What a chain is held against.
pub(crate) struct Trust {
    /// Roots and revocation lists, and the rules of RFC 5280 §6.
    pub(crate) webpki: Arc<WebPkiServerVerifier>,
    /// The same with further lists, where an issuer has more than one.
    pub(crate) more: Vec<Arc<WebPkiServerVerifier>>,
    /// The digests of the roots that were handed in.
    pub(crate) roots: Vec<[u8; 32]>,
    pub(crate) pins: Vec<Pin>,
}

/// How many certificates of a chain are followed by name: webpki's six intermediates, the server's
/// own, a root that was sent along; and two more, for what is said of a chain that is too long.
const LONGEST_PATH: usize = 10;

impl Trust {
    /// Every reason not to trust `leaf`, with `rest` sent behind it, for `host` at `wall`, in the order
    /// of the codes.
    pub(crate) fn judge(
        &self,
        leaf: &CertificateDer<'_>,
        rest: &[CertificateDer<'_>],
        host: &str,
        wall: Duration,
    ) -> Vec<TlsError> {
        let name = server_name(host);
        let placeholder = ServerName::IpAddress(Ipv4Addr::UNSPECIFIED.into());
        let sought = name.as_ref().unwrap_or(&placeholder);
        let at = |moment: Duration| {
            let moment = UnixTime::since_unix_epoch(moment);
            let (mut end, mut strange) = (None, None);
            for verifier in std::iter::once(&self.webpki).chain(&self.more) {
                match verifier.verify_server_cert(leaf, rest, sought, &[], moment) {
                    Ok(_) => end = end.or(Some(Ok(()))),
                    // It is found last, and hides nothing that the next has to say.
                    Err(error) if is_of_name(&error) => end = Some(Err(error)),
                    // Of an issuer with two keys, old and new, each key has lists of its own.
                    Err(error) if is_of_another_key(&error) => strange = Some(Err(error)),
                    Err(error) => return Err(error),
                }
            }
            end.or(strange).unwrap_or(Ok(()))
        };
        let mut path = Path::of(leaf, rest);
        let mut reasons = Vec::new();
        let first = at(wall);
        // A server may show a root itself, as what `openssl req -x509` makes is one. webpki takes
        // no CA for a server; whoever was handed this very certificate to trust does.
        let is_root = first.is_err() && self.roots.contains(&sha256(leaf));
        if is_root {
            path.end_at_first();
            reasons.extend(path.untimely(wall));
        } else if let Err(error) = &first {
            match untimely(error, &path, wall) {
                None => reasons.extend(chain_reason(error, &path)),
                Some(late) => {
                    reasons.push(late);
                    reasons.extend(path.untimely(wall));
                    // What else is wrong, a moment shows at which time is not.
                    let told = |end: &Result<(), Error>| match end {
                        Ok(()) => true,
                        Err(error) => untimely(error, &path, wall).is_none(),
                    };
                    if let Some(Err(error)) = path.moments().map(at).find(told) {
                        reasons.extend(chain_reason(&error, &path));
                    }
                }
            }
        }
        reasons.extend(path.misused());
        if first.is_err() || name.is_none() {
            let is_right = match (&name, ParsedCertificate::try_from(leaf)) {
                (Some(name), Ok(leaf)) => rustls::client::verify_server_name(&leaf, name).is_ok(),
                // What webpki cannot read says nothing of names, and is untrusted but as a root.
                (Some(_), Err(_)) => !is_root,
                (None, _) => false,
            };
            if !is_right {
                let names = path.first().map(names).unwrap_or_default();
                reasons.push(TlsError::WrongName { wanted: host.into(), names });
            }
        }
        reasons.extend(self.wrong_pin(&path));
        reasons.sort_by_key(TlsError::code);
        reasons.dedup_by_key(|reason| reason.code());
        reasons
    }

    fn wrong_pin(&self, path: &Path<'_>) -> Option<TlsError> {
        if self.pins.is_empty() {
            return None;
        }
        let found = path.first().map(|leaf| Pin::of_key(leaf.key));
        if found.is_some_and(|found| self.pins.contains(&found)) {
            return None;
        }
        let found = found.map_or_else(|| "unreadable".into(), |pin| pin.to_string().into());
        Some(TlsError::WrongPin { found })
    }
}

/// The certificates that lead from the server's own toward a root, as far as they were sent; none
/// when the server's own cannot be read.
struct Path<'a>([Option<View<'a>>; LONGEST_PATH]);

impl<'a> Path<'a> {
    /// Follows issuers by their names. Of several with one name the first is taken: this decides
    /// what is said of a chain, never whether it is trusted.
    fn of(leaf: &'a CertificateDer<'_>, rest: &'a [CertificateDer<'_>]) -> Path<'a> {
        let mut path = Path([None; LONGEST_PATH]);
        let mut next = View::of(leaf).ok();
        for at in 0..LONGEST_PATH {
            let (Some(place), Some(view)) = (path.0.get_mut(at), next) else { break };
            *place = Some(view);
            let mut sent = rest.iter().filter_map(|der| View::of(der).ok());
            next = sent.find(|issuer| {
                issuer.subject == view.issuer && path.views().all(|known| known.der != issuer.der)
            });
        }
        path
    }

    fn views(&self) -> impl Iterator<Item = &View<'a>> {
        self.0.iter().map_while(Option::as_ref)
    }

    fn first(&self) -> Option<&View<'a>> {
        self.views().next()
    }

    fn last(&self) -> Option<&View<'a>> {
        self.views().last()
    }

    fn end_at_first(&mut self) {
        self.0.iter_mut().skip(1).for_each(|place| *place = None);
    }

    /// Whether the server's own certificate names itself as its issuer.
    fn is_self_signed(&self) -> bool {
        self.views().count() == 1 && self.first().is_some_and(|leaf| leaf.subject == leaf.issuer)
    }

    /// The subject of the server's own certificate, and who issued the last one of the path.
    fn ends(&self) -> (Box<str>, Box<str>) {
        let subject = self.first().map(|leaf| text(leaf.subject)).unwrap_or_default();
        (subject, self.last().map(|last| text(last.issuer)).unwrap_or_default())
    }

    /// What is early or late at `wall`.
    fn untimely(&self, wall: Duration) -> impl Iterator<Item = TlsError> {
        let now = wall.as_secs();
        let late = self.views().filter(move |view| !view.is_within(now));
        late.map(move |view| match view.not_after < now {
            true => expired(text(view.subject), view.not_after, wall),
            false => not_yet_valid(text(view.subject), view.not_before, wall),
        })
    }

    /// A key that does what its certificate does not allow, or that is too short to tell: webpki
    /// looks at neither.
    fn misused(&self) -> Option<TlsError> {
        let leaf = self.first()?;
        let says = if !leaf.may_sign {
            "the certificate's key may not sign a handshake"
        } else if leaf.is_unchecked() {
            "the certificate's key is too short, or too long, to be relied on"
        } else if self.views().skip(1).any(|issuer| !issuer.may_issue) {
            "an issuer's key may not sign certificates"
        } else {
            return None;
        };
        let (subject, issuer) = self.ends();
        Some(TlsError::Untrusted { says: says.into(), subject, issuer })
    }

    /// Moments at which the path may have been valid, the best first.
    fn moments(&self) -> impl Iterator<Item = Duration> {
        let latest_start = self.views().map(|view| view.not_before).max();
        let ends = self.first().map(|leaf| [leaf.not_after, leaf.not_before]);
        latest_start.into_iter().chain(ends.into_iter().flatten()).map(Duration::from_secs)
    }
}

/// A name in DER as text; empty when it cannot be read.
fn text(name: &[u8]) -> Box<str> {
    name::text(name).unwrap_or_default()
}

/// What a certificate's time says against it, when that is what the error is of.
fn untimely(error: &Error, path: &Path<'_>, wall: Duration) -> Option<TlsError> {
    let Error::InvalidCertificate(error) = error else { return None };
    let whose = |found: &dyn Fn(&View<'_>) -> bool| {
        let view = path.views().find(|view| found(view));
        view.map(|view| text(view.subject)).unwrap_or_default()
    };
    match error {
        CertificateError::ExpiredContext { not_after, .. } => {
            let end = not_after.as_secs();
            Some(expired(whose(&|view| view.not_after == end), end, wall))
        }
        CertificateError::NotValidYetContext { not_before, .. } => {
            let start = not_before.as_secs();
            Some(not_yet_valid(whose(&|view| view.not_before == start), start, wall))
        }
        _ => None,
    }
}

fn expired(subject: Box<str>, not_after: u64, wall: Duration) -> TlsError {
    let ago = wall.saturating_sub(Duration::from_secs(not_after));
    TlsError::Expired { subject, not_after, ago }
}

fn not_yet_valid(subject: Box<str>, not_before: u64, wall: Duration) -> TlsError {
    let left = Duration::from_secs(not_before).saturating_sub(wall);
    TlsError::NotYetValid { subject, not_before, left }
}

/// Whether the chain is good and the name is not.
fn is_of_name(error: &Error) -> bool {
    use CertificateError::{NotValidForName, NotValidForNameContext};
    matches!(error, Error::InvalidCertificate(NotValidForName | NotValidForNameContext { .. }))
}

/// Whether a list has the issuer's name, and another key signed it.
fn is_of_another_key(error: &Error) -> bool {
    matches!(error, Error::InvalidCertRevocationList(CertRevocationListError::BadSignature))
}

/// What an error of the chain means, time and name aside.
fn chain_reason(error: &Error, path: &Path<'_>) -> Option<TlsError> {
    if is_of_name(error) {
        return None;
    }
    let (subject, issuer) = path.ends();
    let says = match error {
        Error::InvalidCertificate(error) => match error {
            CertificateError::Revoked => return Some(TlsError::Revoked { subject }),
            CertificateError::UnknownIssuer => unknown_issuer(path),
            // Most that are self-signed say that they are CAs, since openssl makes them so.
            CertificateError::Other(_) if path.is_self_signed() => unknown_issuer(path),
            CertificateError::BadEncoding => "a certificate is not encoded as X.509 wants".into(),
            CertificateError::BadSignature => "a signature in the chain is wrong".into(),
            CertificateError::Expired => "a certificate ends before it begins".into(),
            CertificateError::InvalidPurpose | CertificateError::InvalidPurposeContext { .. } => {
                "a certificate of the chain is not for servers".into()
            }
            CertificateError::UnsupportedSignatureAlgorithmContext { .. }
            | CertificateError::UnsupportedSignatureAlgorithmForPublicKeyContext { .. } => {
                "a signature in the chain is of a kind that is not trusted".into()
            }
            CertificateError::Other(other) => phrase(&other.0.to_string()),
            other => phrase(&other.to_string()),
        },
        Error::InvalidCertRevocationList(error) => match error {
            CertRevocationListError::BadSignature => {
                "the issuer's key did not sign the revocation list of its name".into()
            }
            CertRevocationListError::IssuerInvalidForCrl => {
                "the issuer's key may not sign revocation lists".into()
            }
            other => format!("the revocation list cannot be used: {other:?}").into(),
        },
        other => phrase(&other.to_string()),
    };
    Some(TlsError::Untrusted { says, subject, issuer })
}

/// The three ways to have no issuer that is known, which people mend in three ways.
fn unknown_issuer(path: &Path<'_>) -> Box<str> {
    match path.views().count() {
        1 if path.is_self_signed() => "self-signed, and not among the roots",
        1 => "no root issued it, and no intermediate that did was sent",
        _ if path.last().is_some_and(|last| last.subject == last.issuer) => {
            "the root that was sent is not trusted"
        }
        _ => "the chain ends before a root that is trusted",
    }
    .into()
}

/// webpki's own words for what happens seldom, as phrases.
fn phrase(word: &str) -> Box<str> {
    match word {
        "CaUsedAsEndEntity" => "the certificate is a CA's, not a server's",
        "EndEntityUsedAsCa" => "an issuer in the chain is no CA",
        "NameConstraintViolation" => "a CA in the chain may not issue for this name",
        "PathLenConstraintViolated" | "MaximumPathDepthExceeded" => "the chain is too long",
        "UnsupportedCertVersion" => "a certificate is not of version 3",
        "UnsupportedCriticalExtension" => "a critical extension is unknown",
        "SignatureAlgorithmMismatch" => "a certificate names two signature algorithms",
        "InvalidSerialNumber" => "a serial number is too long, or negative",
        "ExtensionValueInvalid" | "MalformedExtensions" => "an extension is malformed",
        "InvalidNetworkMaskConstraint" | "MalformedNameConstraint" => {
            "a name constraint is malformed"
        }
        "MalformedDnsIdentifier" => "a name in a certificate is malformed",
        "UnsupportedNameType" => "a name in a certificate is of a kind that is unknown",
        "EmptyEkuExtension" => "a certificate is for no purpose at all",
        "MaximumSignatureChecksExceeded"
        | "MaximumPathBuildCallsExceeded"
        | "MaximumNameConstraintComparisonsExceeded" => "the chain is too tangled to follow",
        other => return crate::certificate::shown(other),
    }
    .into()
}
