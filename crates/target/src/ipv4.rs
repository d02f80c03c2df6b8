//! IPv4 addresses, and names that others would read as one.

use std::net::Ipv4Addr;

/// Reads four decimal numbers (RFC 3986 §3.2.2, `IPv4address`); else the index of the octet
/// that does not fit.
pub(crate) fn read(octets: &[u8]) -> Result<Ipv4Addr, usize> {
    match prefix(octets)? {
        (address, [], _) => Ok(address),
        (_, rest @ [b'.', ..], _) => Err(octets.len() - rest.len()),
        (_, _, start) => Err(start),
    }
}

/// Reads the four numbers that `octets` begin with, in one pass: the address, what follows it and
/// where its last number begins; else the index of the octet that does not fit.
///
/// No leading zeros: to some readers `010` is eight (RFC 6943 §3.1.1). A zero is read alone, so
/// that what follows it does not fit.
#[inline]
pub(crate) fn prefix(octets: &[u8]) -> Result<(Ipv4Addr, &[u8], usize), usize> {
    let (mut address, mut at) = (0, 0);
    for dots in 0..4 {
        let start = at;
        let Some(first @ b'0'..=b'9') = octets.get(at) else { return Err(start) };
        let mut number = u32::from(first - b'0');
        at += 1;
        while let Some(octet @ b'0'..=b'9') = octets.get(at)
            && (1..=25).contains(&number)
        {
            number = number * 10 + u32::from(octet - b'0');
            at += 1;
        }
        if number > 255 {
            return Err(start);
        }
        address = address << 8 | number;
        match octets.get(at) {
            _ if dots == 3 => {
                let rest = octets.get(at..).unwrap_or_default();
                return Ok((Ipv4Addr::from(address), rest, start));
            }
            Some(b'.') => at += 1,
            Some(_) => return Err(start),
            None => break,
        }
    }
    Err(octets.len())
}

/// Whether the last label is a number, decimal or hexadecimal: then it is no name, for no
/// top-level domain is (RFC 1123 §2.1), and `inet_aton` would read an address from it.
pub(crate) fn ends_in_number(name: &[u8]) -> bool {
    let name = name.strip_suffix(b".").unwrap_or(name);
    let last = name.rsplit(|&octet| octet == b'.').next().unwrap_or_default();
    match last {
        [b'0', b'x' | b'X', digits @ ..] => digits.iter().all(u8::is_ascii_hexdigit),
        [] => false,
        digits => digits.iter().all(u8::is_ascii_digit),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn four_decimal_numbers() {
        let rows = [
            // typed, the index that does not fit                 (RFC 3986 §3.2.2)
            ("1.2.3.4", Ok([1, 2, 3, 4])),
            ("0.0.0.0", Ok([0; 4])),
            ("255.255.255.255", Ok([255; 4])),
            ("256.1.1.1", Err(0)),
            ("1.2.3.04", Err(6)), // RFC 6943 §3.1.1
            ("1.2.3.1000", Err(6)),
            ("1.2..4", Err(4)),
            ("1.2.3", Err(5)),
            ("127.1", Err(5)),
            ("1.2.3.4.5", Err(7)),
            ("1.2.3.4.", Err(7)),
            ("0x7f.0.0.1", Err(0)),
            ("", Err(0)),
        ];
        for (typed, want) in rows {
            let got = read(typed.as_bytes());
            assert_eq!(got, want.map(Ipv4Addr::from), "{typed}");
            assert_eq!(got.ok(), typed.parse().ok(), "std: {typed}");
        }
    }

    #[test]
    fn numbers_at_the_end() {
        let rows = [
            ("127.1", true),
            ("0x7f.1", true),
            ("foo.0x", true),
            ("foo.0Xff", true),
            ("1.2.3.4.", true),
            ("2130706433", true),
            ("1e100.net", false),
            ("1.com", false),
            ("0xg", false),
            ("a", false),
            ("", false),
        ];
        for (name, want) in rows {
            assert_eq!(ends_in_number(name.as_bytes()), want, "{name}");
        }
    }
}
