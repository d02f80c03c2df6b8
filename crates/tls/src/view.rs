//! A certificate, read in place (RFC 5280 §4.1): what a handshake needs to know of it, and where
//! the rest is. Nothing is allocated, since every handshake reads a chain, and most texts of it are
//! never looked at.

use x509_cert::der::asn1::{AnyRef, ObjectIdentifier, UintRef};
use x509_cert::der::{Decode, Reader, Result, SliceReader, Tag, TagNumber, Tagged};
use x509_cert::ext::pkix::KeyUsage;
use x509_cert::spki::SubjectPublicKeyInfoRef;
use x509_cert::time::Time;

/// The parts of a certificate, each as it stands in there.
#[derive(Clone, Copy)]
pub(crate) struct View<'a> {
    /// The whole.
    pub(crate) der: &'a [u8],
    /// The contents of the INTEGER.
    pub(crate) serial: &'a [u8],
    /// A Name, in DER.
    pub(crate) issuer: &'a [u8],
    /// Seconds since 1970.
    pub(crate) not_before: u64,
    /// Seconds since 1970.
    pub(crate) not_after: u64,
    /// A Name, in DER.
    pub(crate) subject: &'a [u8],
    /// SubjectPublicKeyInfo, in DER.
    pub(crate) key: &'a [u8],
    /// The contents of Extensions; empty where there are none.
    extensions: &'a [u8],
    /// Whether the key may sign handshakes, and certificates. Without the extension it may do
    /// anything (RFC 5280 §4.2.1.3).
    pub(crate) may_sign: bool,
    pub(crate) may_issue: bool,
}

impl<'a> View<'a> {
    pub(crate) fn of(der: &'a [u8]) -> Result<View<'a>> {
        let mut reader = SliceReader::new(der)?;
        let mut view = reader.sequence(|certificate| {
            let view = certificate.sequence(View::body)?;
            let _signature_algorithm = certificate.tlv_bytes()?;
            let _signature = certificate.tlv_bytes()?;
            Ok::<_, x509_cert::der::Error>(view)
        })?;
        reader.finish()?;
        view.der = der;
        if let Some(usage) = view.extension(KEY_USAGE) {
            let usage = KeyUsage::from_der(usage)?;
            (view.may_sign, view.may_issue) = (usage.digital_signature(), usage.key_cert_sign());
        }
        Ok(view)
    }

    fn body(body: &mut SliceReader<'a>) -> Result<View<'a>> {
        if is_specific(Tag::peek(body)?, TagNumber(0)) {
            let _version = body.tlv_bytes()?;
        }
        let serial = AnyRef::decode(body)?;
        serial.tag().assert_eq(Tag::Integer)?;
        let _signature = body.tlv_bytes()?;
        let issuer = body.tlv_bytes()?;
        let (first, last) = body.sequence(|validity| {
            Ok::<_, x509_cert::der::Error>((Time::decode(validity)?, Time::decode(validity)?))
        })?;
        let subject = body.tlv_bytes()?;
        let key = body.tlv_bytes()?;
        let mut extensions: &[u8] = &[];
        while !body.is_finished() {
            // Before them there may be unique identifiers, which nobody uses.
            let part = AnyRef::decode(body)?;
            if is_specific(part.tag(), TagNumber(3)) {
                extensions = AnyRef::from_der(part.value())?.value();
            }
        }
        Ok(View {
            der: &[],
            serial: serial.value(),
            issuer,
            not_before: first.to_unix_duration().as_secs(),
            not_after: last.to_unix_duration().as_secs(),
            subject,
            key,
            extensions,
            may_sign: true,
            may_issue: true,
        })
    }

    /// The value of the first extension of this kind.
    pub(crate) fn extension(&self, wanted: ObjectIdentifier) -> Option<&'a [u8]> {
        let mut extensions = SliceReader::new(self.extensions).ok()?;
        while !extensions.is_finished() {
            let found = extensions.sequence(|extension| {
                let kind = ObjectIdentifier::decode(extension)?;
                if Tag::peek(extension)? == Tag::Boolean {
                    let _critical = extension.tlv_bytes()?;
                }
                Ok::<_, x509_cert::der::Error>((kind, AnyRef::decode(extension)?.value()))
            });
            match found {
                Ok((kind, value)) if kind == wanted => return Some(value),
                Ok(_) => {}
                Err(_) => return None,
            }
        }
        None
    }

    /// Its key, and the algorithm of that; `None` when they cannot be read.
    pub(crate) fn public_key(&self) -> Option<SubjectPublicKeyInfoRef<'a>> {
        SubjectPublicKeyInfoRef::from_der(self.key).ok()
    }

    /// Whether what its key signs cannot be checked: ring takes RSA keys of 2048 to 8192 bits.
    pub(crate) fn is_unchecked(&self) -> bool {
        let Some(key) = self.public_key().filter(|key| key.algorithm.oid == RSA) else {
            return false;
        };
        let bits = key.subject_public_key.as_bytes().and_then(modulus_bits);
        !bits.is_some_and(|bits| (2048..=8192).contains(&bits))
    }

    /// Whether `at`, seconds since 1970, is within its time (RFC 5280 §4.1.2.5: ends included).
    pub(crate) fn is_within(&self, at: u64) -> bool {
        (self.not_before..=self.not_after).contains(&at)
    }
}

pub(crate) const RSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");
const KEY_USAGE: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.15");

fn is_specific(tag: Tag, wanted: TagNumber) -> bool {
    matches!(tag, Tag::ContextSpecific { number, .. } if number == wanted)
}

/// How many bits the modulus of an RSAPublicKey has (RFC 8017 §A.1.1).
pub(crate) fn modulus_bits(key: &[u8]) -> Option<u32> {
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
