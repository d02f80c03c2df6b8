//! What a host is known by while probes of it are under way.

use std::net::IpAddr;

use fourstep_target::Host;

use crate::mix::mix;

/// A host's key among [`Slots`](crate::slots::Slots): the same for all its ports and paths, and
/// for an address of version 4 that is written as one of version 6 (RFC 4291 §2.5.5.2).
///
/// Every target asks for it and nobody keeps it, where [`host_hash`](crate::shard::host_hash) decides
/// for ever and so takes its time. Hosts that shared a key would share their limit, no more.
pub(crate) fn host_key(host: &Host) -> u64 {
    match host {
        Host::Name(name) => name_key(name.strip_suffix('.').unwrap_or(name).as_bytes()),
        Host::V4(address) => mix(address.to_bits().into()),
        Host::V6(address, _) => match address.to_canonical() {
            IpAddr::V4(address) => mix(address.to_bits().into()),
            IpAddr::V6(address) => {
                let bits = address.to_bits();
                [bits >> 64, bits].iter().fold(0, |key, bits| mix(key ^ low(*bits)))
            }
        },
    }
}

/// The low half.
fn low(bits: u128) -> u64 {
    u64::try_from(bits & u128::from(u64::MAX)).unwrap_or_default()
}

fn name_key(name: &[u8]) -> u64 {
    let (words, rest) = name.as_chunks();
    let mut last = [0; 8];
    last.iter_mut().zip(rest).for_each(|(to, from)| *to = *from);
    let words = words.iter().chain([&last]);
    words.fold(0, |key, word| mix(key ^ u64::from_be_bytes(*word)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use fourstep_target::Target;
    use std::collections::BTreeMap;

    #[test]
    fn a_host_has_one_key_and_no_other_has_it() {
        let hosts = [
            ["http://a.test/", "https://A.test.:8443/x?y", "a.test"],
            ["b.test", "b.test:81", "b.test."],
            ["a.test.example", "a.test.example", "a.test.example"],
            ["a.test.e", "a.test.e/x", "a.test.e."],
            [
                "a.test.example.long.enough",
                "a.test.example.long.enough:1",
                "a.test.example.LONG.enough",
            ],
            ["192.0.2.1", "192.0.2.1:81", "[::ffff:192.0.2.1]"],
            ["1.2.0.192", "1.2.0.192/x", "[::ffff:1.2.0.192]"],
            ["[2001:db8::1]", "[2001:db8::1%25eth0]", "[2001:DB8::1]:80"],
            ["[1::2001:db8:0:0]", "[1::2001:db8:0:0]", "[1::2001:db8:0:0]"],
            ["[::192.0.2.1]", "[::c000:201]", "[::c000:201]:8"],
        ];
        let mut keys = BTreeMap::new();
        for (number, typed) in hosts.iter().enumerate() {
            for typed in typed {
                let target: Target = typed.parse().unwrap();
                let of = *keys.entry(host_key(target.host())).or_insert(number);
                assert_eq!(of, number, "{typed}");
            }
        }
        assert_eq!(keys.len(), hosts.len());
    }
}
