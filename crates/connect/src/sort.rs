//! Destination address selection: RFC 6724 §6.
//!
//! The RFC gives ten rules that compare two destinations. Each that can be followed here looks
//! at one destination and its source alone, so a destination's [`Rank`] is a tuple with a field a
//! rule, and the order of the tuples is the order of the RFC: total, hence safe to sort by.

use std::cmp::Reverse;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

/// An address that could be dialled, and what is known of the way to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// Where to.
    pub address: SocketAddr,
    /// The address the kernel would send from: RFC 6724's `Source(D)`. `None`: it has none to
    /// offer, so there is no route; or nobody asked it, which is read the same.
    pub source: Option<IpAddr>,
}

/// An address family. An IPv4-mapped IPv6 address leaves this machine as IPv4 and counts as it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Family {
    /// IPv4, the A record.
    V4,
    /// IPv6, the AAAA record.
    V6,
}

impl Family {
    /// The family of an address.
    pub const fn of(address: IpAddr) -> Family {
        match address.to_canonical() {
            IpAddr::V4(_) => Family::V4,
            IpAddr::V6(_) => Family::V6,
        }
    }

    /// The other one.
    pub const fn other(self) -> Family {
        match self {
            Family::V4 => Family::V6,
            Family::V6 => Family::V4,
        }
    }
}

/// Puts the candidates in the order of RFC 6724 §6, the best first. Where no rule prefers one,
/// the order they came in stays (rule 10).
///
/// ```
/// use fourstep_connect::{Candidate, sort};
/// let of = |address: &str, source: &str| Candidate {
///     address: address.parse().unwrap(),
///     source: source.parse().ok(),
/// };
/// let mut two = [of("[2001:db8::1]:80", ""), of("192.0.2.1:80", "192.0.2.9")];
/// sort(&mut two);
/// assert!(two[0].address.is_ipv4()); // rule 1: there is no way to the other one
/// ```
pub fn sort(candidates: &mut [Candidate]) {
    candidates.sort_by_key(Rank::of);
}

/// Where a destination stands by RFC 6724 §6; less is better. The fields are the rules, in order.
///
/// Left out, because what they ask is not known here:
/// rule 3 (avoid deprecated source addresses) and rule 4 (prefer home addresses), which the
/// kernel minds when it chooses the source, and rule 7 (prefer native transport), which would
/// need the list of tunnels; the policy table already marks 6to4 and Teredo down.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Rank {
    /// Rule 1: avoid unusable destinations. No source, no way.
    pub(crate) unusable: bool,
    /// Rule 2: prefer matching scope.
    scope_differs: bool,
    /// Rule 5: prefer matching label.
    label_differs: bool,
    /// Rule 6: prefer higher precedence.
    precedence: Reverse<u8>,
    /// Rule 8: prefer smaller scope.
    scope: u8,
    /// Rule 9: use the longest matching prefix. IPv6 only, see [`common_prefix`].
    prefix: Reverse<u8>,
}

impl Rank {
    pub(crate) fn of(candidate: &Candidate) -> Rank {
        let destination = candidate.address.ip().to_canonical();
        let source = candidate.source.map(|source| source.to_canonical());
        let (precedence, label) = policy(destination);
        Rank {
            unusable: source.is_none(),
            scope_differs: source.is_none_or(|source| scope(source) != scope(destination)),
            label_differs: source.is_none_or(|source| policy(source).1 != label),
            precedence: Reverse(precedence),
            scope: scope(destination),
            prefix: Reverse(source.map_or(0, |source| common_prefix(source, destination))),
        }
    }
}

/// The scope of an address, numbered as in multicast addresses (RFC 6724 §3.1, RFC 4291 §2.7).
fn scope(address: IpAddr) -> u8 {
    const LINK_LOCAL: u8 = 0x2;
    const SITE_LOCAL: u8 = 0x5;
    const GLOBAL: u8 = 0xe;
    match address {
        // RFC 6724 §3.2: private addresses (RFC 1918) are global here.
        IpAddr::V4(v4) if v4.is_loopback() || v4.is_link_local() => LINK_LOCAL,
        IpAddr::V4(_) => GLOBAL,
        IpAddr::V6(v6) => match v6.segments() {
            [0xff00..=0xffff, ..] => v6.octets()[1] & 0xf,
            [0xfe80..=0xfebf, ..] => LINK_LOCAL,
            [0xfec0..=0xfeff, ..] => SITE_LOCAL,
            // RFC 6724 §3.4: the loopback address has link-local scope.
            _ if v6.is_loopback() => LINK_LOCAL,
            _ => GLOBAL,
        },
    }
}

/// The default policy table (RFC 6724 §2.1), the longest prefix first: prefix, its length in
/// bits, precedence, label.
const POLICY: [(Ipv6Addr, u8, u8, u8); 9] = [
    (Ipv6Addr::LOCALHOST, 128, 50, 0),
    (Ipv4Addr::UNSPECIFIED.to_ipv6_mapped(), 96, 35, 4),
    (Ipv6Addr::UNSPECIFIED, 96, 1, 3), // IPv4-compatible, RFC 4291 §2.5.5.1
    (Ipv6Addr::new(0x2001, 0, 0, 0, 0, 0, 0, 0), 32, 5, 5), // Teredo, RFC 4380
    (Ipv6Addr::new(0x2002, 0, 0, 0, 0, 0, 0, 0), 16, 30, 2), // 6to4, RFC 3056
    (Ipv6Addr::new(0x3ffe, 0, 0, 0, 0, 0, 0, 0), 16, 1, 12), // 6bone, RFC 3701
    (Ipv6Addr::new(0xfec0, 0, 0, 0, 0, 0, 0, 0), 10, 1, 11), // site-local, RFC 3879
    (Ipv6Addr::new(0xfc00, 0, 0, 0, 0, 0, 0, 0), 7, 3, 13), // unique local, RFC 4193
    (Ipv6Addr::UNSPECIFIED, 0, 40, 1),
];

/// Precedence and label of an address (RFC 6724 §2.1). IPv4 is looked up as IPv4-mapped.
fn policy(address: IpAddr) -> (u8, u8) {
    let bits = v6_bits(address);
    let row = POLICY.iter().find(|(prefix, length, ..)| {
        (prefix.to_bits() ^ bits).leading_zeros() >= u32::from(*length)
    });
    row.map_or((40, 1), |&(_, _, precedence, label)| (precedence, label))
}

/// How many leading bits the two have in common, up to the length of the source's prefix
/// (RFC 6724 §2.2): an IPv6 subnet is taken for a /64 (RFC 4291 §2.5.4).
///
/// IPv4 destinations are all alike here. Outside of one's own subnet a common IPv4 prefix says
/// nothing of nearness, and it would undo the rotation by which name servers spread the load;
/// glibc counts it only within the subnet, whose mask is not known here.
fn common_prefix(source: IpAddr, destination: IpAddr) -> u8 {
    match (source, destination) {
        (IpAddr::V6(source), IpAddr::V6(destination)) => {
            let common = (source.to_bits() ^ destination.to_bits()).leading_zeros().min(64);
            u8::try_from(common).unwrap_or(64)
        }
        _ => 0,
    }
}

fn v6_bits(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(v4) => v4.to_ipv6_mapped().to_bits(),
        IpAddr::V6(v6) => v6.to_bits(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scope_precedence_and_label() {
        let rows = [
            // address, scope (RFC 6724 §3.1, §3.2), precedence, label (RFC 6724 §2.1)
            ("::1", 0x2, 50, 0),
            ("2001:db8::1", 0xe, 40, 1),
            ("192.0.2.1", 0xe, 35, 4),
            ("10.0.0.1", 0xe, 35, 4),
            ("127.0.0.1", 0x2, 35, 4),
            ("169.254.1.1", 0x2, 35, 4),
            ("2002:c000:201::1", 0xe, 30, 2),
            ("2001::1", 0xe, 5, 5),
            ("2001:0:ffff::1", 0xe, 5, 5),
            ("2001:1::1", 0xe, 40, 1),
            ("fc00::1", 0xe, 3, 13),
            ("fdff::1", 0xe, 3, 13),
            ("::192.0.2.1", 0xe, 1, 3),
            ("::2", 0xe, 1, 3),
            ("fec0::1", 0x5, 1, 11),
            ("feff::1", 0x5, 1, 11),
            ("3ffe::1", 0xe, 1, 12),
            ("fe80::1", 0x2, 40, 1),
            ("febf::1", 0x2, 40, 1),
            ("ff01::1", 0x1, 40, 1),
            ("ff02::1", 0x2, 40, 1),
            ("ff3e::1", 0xe, 40, 1),
        ];
        for (text, want, precedence, label) in rows {
            let address: IpAddr = text.parse().unwrap();
            assert_eq!(scope(address), want, "{text}");
            assert_eq!(policy(address), (precedence, label), "{text}");
        }
    }
}
