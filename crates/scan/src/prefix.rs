//! What neighbours share.

use std::net::IpAddr;

use crate::mix::mix;

/// What the /24 (IPv4) or /48 (IPv6) of an address is known by: the least that is announced to the
/// world, and so what shares a link. An address of version 4 that is written as one of version 6
/// (RFC 4291 §2.5.5.2) is one of version 4.
pub(crate) fn prefix(address: IpAddr) -> u64 {
    let word = match address.to_canonical() {
        IpAddr::V4(address) => {
            let [a, b, c, _] = address.octets();
            u64::from_be_bytes([0, 0, 0, 0, 4, a, b, c])
        }
        IpAddr::V6(address) => {
            let [a, b, c, d, e, f, ..] = address.octets();
            u64::from_be_bytes([0, 6, a, b, c, d, e, f])
        }
    };
    mix(word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_in_one_prefix() {
        let rows = [
            ("192.0.2.0", "192.0.2.255", true),
            ("192.0.2.0", "192.0.3.0", false),
            ("192.0.2.1", "::ffff:192.0.2.9", true),
            ("2001:db8:1::", "2001:db8:1:ffff:ffff:ffff:ffff:ffff", true),
            ("2001:db8:1::", "2001:db8:2::", false),
            ("0.0.0.1", "::1", false),
        ];
        for (one, other, same) in rows {
            let [a, b] = [one, other].map(|address| prefix(address.parse().unwrap()));
            assert_eq!(a == b, same, "{one} {other}");
        }
    }
}
