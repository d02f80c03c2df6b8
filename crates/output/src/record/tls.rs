//! What the handshake showed.

use std::time::SystemTime;

use fourstep_terms::Code;
use fourstep_tls::{Certificate, Handshake, Pin};

use super::json::{self, Json};
use super::object::members;
use super::room::Room;
use crate::when::{days_until, rfc3339_unix};

/// What the handshake showed, as far as it got; null what was not agreed on.
#[derive(Clone, Debug)]
pub(crate) struct Tls<'a> {
    pub(crate) version: Option<&'static str>,
    pub(crate) cipher: Option<&'static str>,
    pub(crate) group: Option<&'static str>,
    pub(crate) alpn: Option<&'a str>,
    pub(crate) sni: Option<&'a str>,
    pub(crate) resumed: bool,
    /// Never sent (RFC 8446 §8: it can be replayed).
    early_data: bool,
    pub(crate) verified: bool,
    pub(crate) unverified: Vec<Code>,
    /// The same in words.
    pub(crate) reasons: Vec<String>,
    pub(crate) expires_in_days: Option<i64>,
    pub(crate) ocsp_staple: bool,
    pub(crate) octets_in: u64,
    pub(crate) octets_out: u64,
    pub(crate) round_trips: u8,
    pub(crate) chain: Vec<Shown>,
}

/// One certificate as it was sent; of one that cannot be read only the digest, and the fault.
#[derive(Clone, Debug)]
pub(crate) struct Shown {
    pub(crate) subject: Option<Box<str>>,
    pub(crate) issuer: Option<Box<str>>,
    pub(crate) names: Vec<Box<str>>,
    pub(crate) serial: Option<Box<str>>,
    pub(crate) not_before: Option<String>,
    pub(crate) not_after: Option<String>,
    pub(crate) expires_in_days: Option<i64>,
    pub(crate) key: Option<Box<str>>,
    pub(crate) key_bits: Option<u32>,
    pub(crate) sha256: String,
    pub(crate) pin: Option<Pin>,
    pub(crate) fault: Option<Box<str>>,
}

members!(Tls<'_> {
    version, cipher, group, alpn, sni, resumed, early_data, verified, unverified, reasons,
    expires_in_days, ocsp_staple, octets_in, octets_out, round_trips, chain
});
members!(Shown {
    subject,
    issuer,
    names,
    serial,
    not_before,
    not_after,
    expires_in_days,
    key,
    key_bits,
    sha256,
    pin,
    fault
});

impl Json for Pin {
    fn write<'o>(&self, out: Room<'o>) -> Room<'o> {
        json::Shown(self).write(out)
    }
}

impl<'a> Tls<'a> {
    /// `at` is when the probe began, which is when certificates are to be valid.
    #[inline(never)]
    pub(crate) fn of(handshake: &'a Handshake, at: SystemTime) -> Tls<'a> {
        Tls {
            version: handshake.version,
            cipher: handshake.cipher,
            group: handshake.group,
            alpn: handshake.alpn.as_deref(),
            sni: handshake.sni.as_deref(),
            resumed: handshake.resumed,
            early_data: false,
            verified: handshake.verified,
            unverified: handshake.unverified().collect(),
            reasons: handshake.reasons.iter().map(ToString::to_string).collect(),
            expires_in_days: handshake.expires_in_days,
            ocsp_staple: handshake.ocsp_staple,
            octets_in: handshake.octets_in,
            octets_out: handshake.octets_out,
            round_trips: handshake.round_trips,
            chain: handshake.chain.certificates().map(|sent| Shown::of(sent, at)).collect(),
        }
    }
}

impl Shown {
    fn of(sent: Certificate, at: SystemTime) -> Shown {
        let is_read = sent.fault.is_none();
        Shown {
            not_before: is_read.then(|| rfc3339_unix(sent.not_before)),
            not_after: is_read.then(|| rfc3339_unix(sent.not_after)),
            expires_in_days: is_read.then(|| days_until(sent.not_after, at)).flatten(),
            subject: is_read.then_some(sent.subject),
            issuer: is_read.then_some(sent.issuer),
            names: sent.names,
            serial: is_read.then_some(sent.serial),
            key: is_read.then_some(sent.key),
            key_bits: sent.key_bits,
            sha256: sent.sha256.iter().map(|octet| format!("{octet:02x}")).collect(),
            pin: sent.pin,
            fault: sent.fault,
        }
    }
}
