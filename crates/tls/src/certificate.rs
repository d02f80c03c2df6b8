//! What a certificate says of itself (RFC 5280 §4.1), for the record.

use std::net::IpAddr;

use x509_cert::der::Decode;
use x509_cert::der::asn1::ObjectIdentifier;
use x509_cert::ext::pkix::SubjectAltName;
use x509_cert::ext::pkix::name::GeneralName;
use x509_cert::spki::SubjectPublicKeyInfoRef;

use crate::name;
use crate::pin::{Pin, sha256};
use crate::view::{RSA, View, modulus_bits};

/// One certificate of a chain, as it was sent: its facts, believed or not.
///
/// Texts are the sender's, with control characters escaped. Of a certificate that cannot be read
/// there is the digest alone, and `fault` says why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Certificate {
    /// Whose it is, as RFC 4514 §2 writes names: `CN=a.test,O=A`. May be empty.
    pub subject: Box<str>,
    /// Who signed it.
    pub issuer: Box<str>,
    /// What it is for: its dNSNames and iPAddresses (RFC 5280 §4.2.1.6), in order.
    pub names: Vec<Box<str>>,
    /// The serial number, in lower case hexadecimal.
    pub serial: Box<str>,
    /// Its first second: seconds since 1970.
    pub not_before: u64,
    /// Its last second: seconds since 1970.
    pub not_after: u64,
    /// The kind of its key: `RSA`, `EC`, `Ed25519`, else the algorithm's OID.
    pub key: Box<str>,
    /// How long the key is, where that is known.
    pub key_bits: Option<u32>,
    /// Whether the key may sign handshakes: what a server's must be allowed (RFC 8446 §4.4.2.2).
    pub may_sign: bool,
    /// Whether the key may sign certificates: what an issuer's must be allowed (RFC 5280 §4.2.1.3).
    pub may_issue: bool,
    /// The SHA-256 of the whole.
    pub sha256: [u8; 32],
    /// The pin of its key; `None` when it cannot be read.
    pub pin: Option<Pin>,
    /// Why the rest is empty, if it is.
    pub fault: Option<Box<str>>,
}

impl Certificate {
    /// Reads one; never fails, see `fault`.
    pub fn read(der: &[u8]) -> Certificate {
        let mut certificate = Certificate {
            subject: "".into(),
            issuer: "".into(),
            names: Vec::new(),
            serial: "".into(),
            not_before: 0,
            not_after: 0,
            key: "".into(),
            key_bits: None,
            may_sign: true,
            may_issue: true,
            sha256: sha256(der),
            pin: None,
            fault: None,
        };
        if let Err(error) = View::of(der).and_then(|view| certificate.fill(&view)) {
            certificate.fault = Some(shown(&error.to_string()));
        }
        certificate
    }

    fn fill(&mut self, view: &View<'_>) -> x509_cert::der::Result<()> {
        let (subject, issuer) = (name::text(view.subject)?, name::text(view.issuer)?);
        (self.subject, self.issuer) = (subject, issuer);
        self.names = names(view);
        self.serial = hex(view.serial).into();
        (self.not_before, self.not_after) = (view.not_before, view.not_after);
        if let Some(key) = view.public_key() {
            (self.key, self.key_bits) = kind(&key);
        }
        (self.may_sign, self.may_issue) = (view.may_sign, view.may_issue);
        self.pin = Some(Pin::of_key(view.key));
        Ok(())
    }
}

/// The names that a certificate is for.
pub(crate) fn names(view: &View<'_>) -> Vec<Box<str>> {
    let Some(names) = view.extension(SUBJECT_ALT_NAME) else { return Vec::new() };
    let Ok(SubjectAltName(names)) = SubjectAltName::from_der(names) else { return Vec::new() };
    let named = |name: &GeneralName| match name {
        GeneralName::DnsName(name) => Some(shown(name.as_str())),
        GeneralName::IpAddress(octets) => {
            let octets = octets.as_bytes();
            let v4 = <[u8; 4]>::try_from(octets).map(IpAddr::from);
            let ip = v4.or_else(|_| <[u8; 16]>::try_from(octets).map(IpAddr::from)).ok()?;
            Some(ip.to_string().into())
        }
        _ => None,
    };
    names.iter().filter_map(named).collect()
}

const SUBJECT_ALT_NAME: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.17");
const EC: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");
const ED25519: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.101.112");
/// The named curves that certificates have (RFC 5480 §2.1.1.1), and their sizes.
const CURVES: [(ObjectIdentifier, u32); 3] = [
    (ObjectIdentifier::new_unwrap("1.2.840.10045.3.1.7"), 256),
    (ObjectIdentifier::new_unwrap("1.3.132.0.34"), 384),
    (ObjectIdentifier::new_unwrap("1.3.132.0.35"), 521),
];

fn kind(key: &SubjectPublicKeyInfoRef<'_>) -> (Box<str>, Option<u32>) {
    let parameters = || key.algorithm.parameters?.decode_as::<ObjectIdentifier>().ok();
    match key.algorithm.oid {
        RSA => ("RSA".into(), key.subject_public_key.as_bytes().and_then(modulus_bits)),
        EC => {
            let curve = CURVES.into_iter().find(|(oid, _)| parameters() == Some(*oid));
            ("EC".into(), curve.map(|(_, bits)| bits))
        }
        ED25519 => ("Ed25519".into(), Some(256)),
        oid => (oid.to_string().into(), None),
    }
}

/// A text of a peer's, its control characters escaped.
pub(crate) fn shown(text: &str) -> Box<str> {
    if !text.contains(char::is_control) {
        return text.into();
    }
    let escape = |c: char| match c.is_control() {
        true => c.escape_default().to_string(),
        false => c.to_string(),
    };
    text.chars().map(escape).collect::<String>().into()
}

pub(crate) fn hex(octets: &[u8]) -> String {
    use std::fmt::Write;
    octets.iter().fold(String::with_capacity(octets.len() * 2), |mut text, octet| {
        let _ = write!(text, "{octet:02x}");
        text
    })
}
