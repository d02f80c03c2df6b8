//! What a certificate says of itself (RFC 5280 §4.1), for the record.

use std::net::IpAddr;

use rustls::pki_types::CertificateDer;
use x509_cert::certificate::{CertificateInner, Raw};
use x509_cert::der::asn1::{ObjectIdentifier, UintRef};
use x509_cert::der::{Decode, Encode, Reader, SliceReader};
use x509_cert::ext::pkix::name::GeneralName;
use x509_cert::ext::pkix::{KeyUsage, SubjectAltName};
use x509_cert::spki::SubjectPublicKeyInfoOwned;

use crate::name;
use crate::pin::{Pin, sha256};

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
        match parse(der) {
            Ok(parsed) => certificate.fill(&parsed),
            Err(error) => certificate.fault = Some(shown(&error.to_string())),
        }
        certificate
    }

    fn fill(&mut self, parsed: &Parsed) {
        let body = parsed.tbs_certificate();
        self.subject = name::text(body.subject());
        self.issuer = name::text(body.issuer());
        self.names = names(parsed);
        self.serial = hex(body.serial_number().as_bytes()).into();
        self.not_before = body.validity().not_before.to_unix_duration().as_secs();
        self.not_after = body.validity().not_after.to_unix_duration().as_secs();
        (self.key, self.key_bits) = key(body.subject_public_key_info());
        // Without the extension a key may do anything (RFC 5280 §4.2.1.3).
        if let Ok(Some((_, usage))) = body.get_extension::<KeyUsage>() {
            (self.may_sign, self.may_issue) = (usage.digital_signature(), usage.key_cert_sign());
        }
        let spki = body.subject_public_key_info().to_der();
        self.pin = spki.ok().map(|spki: Vec<u8>| Pin::of_key(&spki));
    }

    /// Whether what its key signs cannot be checked: ring takes RSA keys of 2048 to 8192 bits.
    pub(crate) fn is_unchecked(&self) -> bool {
        &*self.key == "RSA" && !self.key_bits.is_some_and(|bits| (2048..=8192).contains(&bits))
    }

    /// Whether `at`, seconds since 1970, is within its time (RFC 5280 §4.1.2.5: ends included).
    pub(crate) fn is_within(&self, at: u64) -> bool {
        (self.not_before..=self.not_after).contains(&at)
    }
}

/// The profile that refuses least: what is wrong with a certificate is for webpki to say.
type Parsed = CertificateInner<Raw>;

fn parse(der: &[u8]) -> Result<Parsed, x509_cert::der::Error> {
    Parsed::from_der(der)
}

/// The key of a certificate, as DER and as the octets that its algorithm works on.
pub(crate) struct Key {
    /// AlgorithmIdentifier without its outer tag and length, which is how webpki compares them.
    pub(crate) algorithm: Vec<u8>,
    pub(crate) octets: Vec<u8>,
}

impl Key {
    /// `None` when the certificate cannot be read.
    pub(crate) fn of(certificate: &CertificateDer<'_>) -> Option<Key> {
        let parsed = parse(certificate).ok()?;
        let spki = parsed.tbs_certificate().subject_public_key_info();
        let algorithm = spki.algorithm.to_der().ok()?;
        let mut reader = SliceReader::new(&algorithm).ok()?;
        let header = x509_cert::der::Header::decode(&mut reader).ok()?;
        let algorithm = reader.read_slice(header.length()).ok()?.to_vec();
        Some(Key { algorithm, octets: spki.subject_public_key.as_bytes()?.to_vec() })
    }
}

fn names(parsed: &Parsed) -> Vec<Box<str>> {
    let Ok(Some((_, SubjectAltName(names)))) = parsed.tbs_certificate().get_extension() else {
        return Vec::new();
    };
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

const RSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");
const EC: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");
const ED25519: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.101.112");
/// The named curves that certificates have (RFC 5480 §2.1.1.1), and their sizes.
const CURVES: [(ObjectIdentifier, u32); 3] = [
    (ObjectIdentifier::new_unwrap("1.2.840.10045.3.1.7"), 256),
    (ObjectIdentifier::new_unwrap("1.3.132.0.34"), 384),
    (ObjectIdentifier::new_unwrap("1.3.132.0.35"), 521),
];

fn key(spki: &SubjectPublicKeyInfoOwned) -> (Box<str>, Option<u32>) {
    let parameters = || spki.algorithm.parameters.as_ref()?.decode_as::<ObjectIdentifier>().ok();
    match spki.algorithm.oid {
        RSA => ("RSA".into(), spki.subject_public_key.as_bytes().and_then(modulus_bits)),
        EC => {
            let curve = CURVES.into_iter().find(|(oid, _)| parameters() == Some(*oid));
            ("EC".into(), curve.map(|(_, bits)| bits))
        }
        ED25519 => ("Ed25519".into(), Some(256)),
        oid => (oid.to_string().into(), None),
    }
}

/// How many bits the modulus of an RSAPublicKey has (RFC 8017 §A.1.1).
fn modulus_bits(key: &[u8]) -> Option<u32> {
    let mut reader = SliceReader::new(key).ok()?;
    let modulus = reader
        .sequence(|inner| {
            let modulus = UintRef::decode(inner)?;
            UintRef::decode(inner)?;
            Ok::<_, x509_cert::der::Error>(modulus)
        })
        .ok()?;
    let octets = modulus.as_bytes();
    let spare = octets.first()?.leading_zeros();
    u32::try_from(octets.len()).ok()?.checked_mul(8)?.checked_sub(spare)
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
