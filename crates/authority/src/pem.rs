//! Certificates and keys as text (RFC 7468).

use data_encoding::BASE64;

/// PKCS #8 (RFC 5958 §2) of a key of Ed25519 (RFC 8410 §7), up to its 32 octets.
pub(crate) const ED25519: &[u8] =
    b"\x30\x2e\x02\x01\x00\x30\x05\x06\x03\x2b\x65\x70\x04\x22\x04\x20";

/// One block of text with this label (RFC 7468 §3).
pub fn pem(label: &str, der: &[u8]) -> String {
    let mut text = format!("-----BEGIN {label}-----\n");
    for line in der.chunks(48) {
        BASE64.encode_append(line, &mut text);
        text.push('\n');
    }
    text + "-----END " + label + "-----\n"
}

/// A key as OpenSSL 3.0 reads it. It knows PKCS #8 of version 1 alone, without the public key that
/// ring adds to one of Ed25519.
pub(crate) fn plain(key: &[u8]) -> Vec<u8> {
    let version_2 = key.get(5..).filter(|_| key.get(2..5) == Some(&[2, 1, 1]));
    match version_2.and_then(|rest| rest.strip_prefix(ED25519.get(5..)?)?.get(..32)) {
        Some(seed) => [ED25519, seed].concat(),
        None => key.to_vec(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_have_64_digits() {
        let text = pem("X", &[0; 49]);
        let want = format!("-----BEGIN X-----\n{}\nAA==\n-----END X-----\n", "A".repeat(64));
        assert_eq!(text, want);
    }

    #[test]
    fn a_key_of_ed25519_is_of_version_1() {
        let made = rcgen::KeyPair::generate_for(&rcgen::PKCS_ED25519).unwrap().serialize_der();
        assert_eq!((made[4], made.len() > 48), (1, true), "version 2, with the public key");
        let plain = plain(&made);
        assert_eq!((plain[4], plain.len()), (0, 48));
        assert!(made.windows(32).any(|seed| seed == &plain[16..]));
    }
}
