//! What a handshake showed: the `tls` of a record.

use std::borrow::Cow;
use std::sync::Arc;

use fourstep_terms::Code;

use crate::chain::Chain;
use crate::error::TlsError;

/// What a handshake showed, as far as it got: also when it was refused.
///
/// What was not negotiated yet is `None`. Early data and resumption are never used.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Handshake {
    /// The version: `TLSv1.3`.
    pub version: Option<&'static str>,
    /// The cipher suite: `TLS13_AES_256_GCM_SHA384`.
    pub cipher: Option<&'static str>,
    /// The group of the key exchange: `X25519`.
    pub group: Option<&'static str>,
    /// The protocol that the peer chose (RFC 7301 §3.1), its odd octets escaped.
    pub alpn: Option<Cow<'static, str>>,
    /// The name that was sent (RFC 6066 §3): none for an address, or if so configured.
    pub sni: Option<Arc<str>>,
    /// Whether an earlier session was taken up again.
    pub resumed: bool,
    /// The certificates.
    pub chain: Chain,
    /// Whole days from the handshake to the first moment that a certificate of the chain expires;
    /// negative when that has passed.
    pub expires_in_days: Option<i64>,
    /// Whether the server sent an OCSP response along (RFC 6066 §8). It is not looked into.
    pub ocsp_staple: bool,
    /// Whether chain, name and pins were looked at and nothing was found wanting.
    pub verified: bool,
    /// All that was found wanting, in the order of the codes; empty when verified, and when there
    /// was no certificate to look at.
    pub reasons: Vec<TlsError>,
    /// Octets of the handshake that came.
    pub octets_in: u64,
    /// Octets of the handshake that went out.
    pub octets_out: u64,
    /// How often we waited for the peer: 1 in TLS 1.3 (RFC 8446 §2), 2 after a HelloRetryRequest
    /// (RFC 8446 §2.1) and in TLS 1.2 (RFC 5246 §7.3).
    pub round_trips: u8,
}

impl Handshake {
    /// The codes of `reasons`: the record's `tls.unverified`.
    pub fn unverified(&self) -> impl Iterator<Item = Code> {
        self.reasons.iter().map(TlsError::code)
    }
}
