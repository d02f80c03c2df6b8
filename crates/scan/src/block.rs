//! Blocks of addresses: `192.0.2.0/24`, `2001:db8::/120`, `[2001:db8::]/120:8080`.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// A block of addresses as its prefix says (RFC 4632 §3.1, RFC 4291 §2.3), and the port when one
/// follows. Bits beyond the prefix do not count: `192.0.2.77/24` is `192.0.2.0/24`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Block {
    first: IpAddr,
    /// How many bits are free.
    free: u32,
    pub(crate) port: Option<u16>,
}

/// Where a block stops being one: the octet, and what could have stood there.
pub(crate) type BlockError = (usize, &'static str);

const V4_LENGTH: &str = "a prefix length from 0 to 32";
const V6_LENGTH: &str = "a prefix length from 0 to 128";
const PORT: &str = "a port from 1 to 65535";

/// Reads a block; `None` when the text is something else: no address before its first `/`, or not
/// only digits and a port after it. (`http://192.0.2.0/24` is a URL with a path.)
pub(crate) fn read(text: &[u8]) -> Option<Result<Block, BlockError>> {
    // Most lines end here: `http:` has an `h`.
    let is_address =
        |octet: &u8| octet.is_ascii_hexdigit() || matches!(octet, b'.' | b':' | b'[' | b']');
    let slash = text.iter().position(|octet| !is_address(octet))?;
    let (before, after) = text.split_at_checked(slash)?;
    let after = after.strip_prefix(b"/")?;
    if !after.first()?.is_ascii_digit()
        || !after.iter().all(|octet| octet.is_ascii_digit() || *octet == b':')
    {
        return None;
    }
    let address = address(before)?;
    let after = std::str::from_utf8(after).ok()?;
    Some(read_rest(address, after).map_err(|(at, expected)| (slash + 1 + at, expected)))
}

fn read_rest(address: IpAddr, after: &str) -> Result<Block, BlockError> {
    let (length, port) = match after.split_once(':') {
        None => (after, None),
        Some((length, port)) => (length, Some(port)),
    };
    let (bits, expected) = match address {
        IpAddr::V4(_) => (u32::BITS, V4_LENGTH),
        IpAddr::V6(_) => (u128::BITS, V6_LENGTH),
    };
    // A zero before the length could be octal to its reader.
    let plain = length.len() == 1 || !length.starts_with('0');
    let length = length.parse().ok().filter(|length: &u32| plain && *length <= bits);
    let free = bits - length.ok_or((0, expected))?;
    let port = match port {
        None => None,
        Some(port) => {
            let number = port.parse().ok().filter(|number| *number > 0);
            let at = after.len() - port.len();
            Some(number.ok_or((at, PORT))?)
        }
    };
    Ok(Block { first: first(address, free), free, port })
}

/// An address, bare or, of version 6, in brackets.
fn address(text: &[u8]) -> Option<IpAddr> {
    let text = std::str::from_utf8(text).ok()?;
    match text.strip_prefix('[').and_then(|text| text.strip_suffix(']')) {
        Some(inside) => inside.parse::<Ipv6Addr>().ok().map(IpAddr::V6),
        None => text.parse().ok(),
    }
}

/// The first address: the free bits are 0.
fn first(address: IpAddr, free: u32) -> IpAddr {
    match address {
        IpAddr::V4(address) => {
            let bits = u32::from(address);
            Ipv4Addr::from(bits & u32::MAX.checked_shl(free).unwrap_or(0)).into()
        }
        IpAddr::V6(address) => {
            let bits = u128::from(address);
            Ipv6Addr::from(bits & u128::MAX.checked_shl(free).unwrap_or(0)).into()
        }
    }
}

impl Block {
    /// The number of the last address; the first has 0. All are visited, the first and the last
    /// too: "network" and "broadcast" say nothing where the block is no one's subnet.
    pub(crate) fn last(&self) -> u128 {
        u128::MAX.checked_shr(u128::BITS - self.free).unwrap_or(0)
    }

    /// The address with this number, at most [`Block::last`].
    pub(crate) fn address(&self, number: u128) -> IpAddr {
        match self.first {
            IpAddr::V4(first) => {
                // Out of range only when the number is: then the addresses are over.
                let number = u32::try_from(number).unwrap_or(u32::MAX);
                Ipv4Addr::from(u32::from(first) | number).into()
            }
            IpAddr::V6(first) => Ipv6Addr::from(u128::from(first) | number).into(),
        }
    }

    /// What tells this block from others: the seed of its order.
    pub(crate) fn tag(&self) -> u128 {
        let bits = match self.first {
            IpAddr::V4(first) => u32::from(first).into(),
            IpAddr::V6(first) => u128::from(first),
        };
        bits ^ u128::from(self.free)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_a_block() {
        let rows: [(&str, Option<Result<&str, usize>>); 26] = [
            // text → first, last, port; or the offset of what does not fit; or no block
            ("192.0.2.0/24", Some(Ok("192.0.2.0 192.0.2.255"))),
            ("192.0.2.77/24", Some(Ok("192.0.2.0 192.0.2.255"))),
            ("192.0.2.77/32", Some(Ok("192.0.2.77 192.0.2.77"))),
            ("192.0.2.77/31", Some(Ok("192.0.2.76 192.0.2.77"))),
            ("0.0.0.0/0", Some(Ok("0.0.0.0 255.255.255.255"))),
            ("192.0.2.0/24:8080", Some(Ok("192.0.2.0 192.0.2.255 8080"))),
            ("2001:db8::/120", Some(Ok("2001:db8:: 2001:db8::ff"))),
            ("2001:db8::/120:443", Some(Ok("2001:db8:: 2001:db8::ff 443"))),
            ("[2001:db8::]/64", Some(Ok("2001:db8:: 2001:db8::ffff:ffff:ffff:ffff"))),
            ("[2001:db8::]/128:80", Some(Ok("2001:db8:: 2001:db8:: 80"))),
            ("::/0", Some(Ok(":: ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"))),
            ("192.0.2.0/33", Some(Err(10))),
            ("192.0.2.0/024", Some(Err(10))),
            ("192.0.2.0/99999999999", Some(Err(10))),
            ("2001:db8::/129", Some(Err(11))),
            ("192.0.2.0/24:", Some(Err(13))),
            ("192.0.2.0/24:0", Some(Err(13))),
            ("192.0.2.0/24:65536", Some(Err(13))),
            ("192.0.2.0/24:80:81", Some(Err(13))),
            // Something else: a target, or nothing that can be read.
            ("192.0.2.0", None),
            ("192.0.2.0/", None),
            ("192.0.2.0/24/", None),
            ("192.0.2.0/index", None),
            ("192.0.2.0:80/24", None),
            ("http://192.0.2.0/24", None),
            ("a.test/24", None),
        ];
        for (text, want) in rows {
            let shown = |block: Block| {
                let port = block.port.map(|port| format!(" {port}")).unwrap_or_default();
                format!("{} {}{port}", block.address(0), block.address(block.last()))
            };
            let got = read(text.as_bytes()).map(|got| got.map(shown).map_err(|(at, _)| at));
            assert_eq!(got, want.map(|want| want.map(str::to_owned)), "{text}");
        }
    }
}
