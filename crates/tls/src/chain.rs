//! The certificates of a handshake, kept as they came.

use std::fmt;

use rustls::pki_types::CertificateDer;

use crate::certificate::Certificate;

/// The certificates that a peer showed, in the order they were sent; its own comes first.
///
/// They are kept in DER, in one piece, and read when they are asked for: of a thousand handshakes
/// few are looked at.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Chain {
    /// Each behind its length, four octets in the machine's own order.
    octets: Box<[u8]>,
    len: usize,
}

/// How long a length is.
const LENGTH: usize = size_of::<u32>();

impl Chain {
    pub(crate) fn of(leaf: &CertificateDer<'_>, rest: &[CertificateDer<'_>]) -> Chain {
        let all = || std::iter::once(leaf).chain(rest);
        let mut octets = Vec::with_capacity(all().map(|der| LENGTH + der.len()).sum());
        for der in all() {
            // A handshake message has a length of three octets (RFC 8446 §4).
            octets.extend(u32::try_from(der.len()).unwrap_or(u32::MAX).to_ne_bytes());
            octets.extend_from_slice(der);
        }
        Chain { octets: octets.into(), len: 1 + rest.len() }
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether none was shown.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Each in DER.
    pub fn der(&self) -> impl Iterator<Item = &[u8]> {
        let mut rest = &*self.octets;
        std::iter::from_fn(move || {
            let (length, octets) = rest.split_first_chunk::<LENGTH>()?;
            let length = usize::try_from(u32::from_ne_bytes(*length)).ok()?;
            let der;
            (der, rest) = octets.split_at_checked(length)?;
            Some(der)
        })
    }

    /// What each says of itself: read anew with every call.
    pub fn certificates(&self) -> impl Iterator<Item = Certificate> {
        self.der().map(Certificate::read)
    }
}

/// The subjects.
impl fmt::Debug for Chain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.certificates().map(|sent| sent.subject)).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_shown_is_kept_octet_for_octet() {
        let rows: [&[&[u8]]; 3] = [&[b"leaf"], &[b"leaf", b"", b"root"], &[b""]];
        for row in rows {
            let sent: Vec<CertificateDer<'_>> = row.iter().map(|der| (*der).into()).collect();
            let chain = Chain::of(&sent[0], &sent[1..]);
            assert_eq!((chain.der().collect::<Vec<_>>(), chain.len()), (row.to_vec(), row.len()));
        }
        assert!(Chain::default().is_empty() && Chain::default().der().next().is_none());
    }
}
