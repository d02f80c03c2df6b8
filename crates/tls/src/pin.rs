//! Pins: which public keys alone are accepted.

use std::fmt;
use std::str::FromStr;

use crate::error::ConfigError;
use crate::pem;

/// The SHA-256 of a certificate's SubjectPublicKeyInfo, in DER.
///
/// As text it is `sha256//` and base64, the form of curl's `--pinnedpubkey`. What is hashed is what
/// RFC 7469 §2.4 hashes: the key with its algorithm, so that a renewed certificate keeps its pin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pin([u8; 32]);

impl Pin {
    /// The pin with this digest.
    pub const fn of_digest(digest: [u8; 32]) -> Pin {
        Pin(digest)
    }

    /// The pin of this SubjectPublicKeyInfo.
    pub(crate) fn of_key(spki: &[u8]) -> Pin {
        Pin(sha256(spki))
    }

    /// Several pins, joined by `;` as curl wants them.
    pub fn list(text: &str) -> Result<Vec<Pin>, ConfigError> {
        text.split(';').map(str::parse).collect()
    }
}

impl FromStr for Pin {
    type Err = ConfigError;

    fn from_str(text: &str) -> Result<Pin, ConfigError> {
        let wrong = |says| ConfigError::new("pin", 0, says);
        let digest = text
            .strip_prefix("sha256//")
            .ok_or_else(|| wrong("it does not begin with sha256//"))?;
        let digest = pem::base64(digest.as_bytes())
            .ok_or_else(|| wrong("no padded base64 after sha256//"))?;
        let digest = digest.try_into().map_err(|_| wrong("not 32 octets in base64"))?;
        Ok(Pin(digest))
    }
}

impl fmt::Display for Pin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "sha256//{}", pem::to_base64(&self.0))
    }
}

pub(crate) fn sha256(octets: &[u8]) -> [u8; 32] {
    let mut digest = [0; 32];
    let made = ring::digest::digest(&ring::digest::SHA256, octets);
    for (to, from) in digest.iter_mut().zip(made.as_ref()) {
        *to = *from;
    }
    digest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pin_is_sha256_and_32_octets() {
        let good = "sha256//47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="; // of no octets
        assert_eq!(Pin::of_key(b""), good.parse().unwrap());
        assert_eq!(Pin::of_key(b"").to_string(), good);
        assert_eq!(Pin::list(&format!("{good};{good}")).unwrap().len(), 2);
        let rows = [
            (
                "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=",
                "pin: it does not begin with sha256//",
            ),
            ("sha256//47DEQpj8HBSa", "pin: not 32 octets in base64"),
            (
                "sha256//47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU",
                "pin: no padded base64 after sha256//",
            ),
            ("", "pin: it does not begin with sha256//"),
        ];
        for (text, want) in rows {
            assert_eq!(text.parse::<Pin>().unwrap_err().to_string(), want, "{text}");
        }
    }
}
