//! IPv4 addresses, and names that others would read as one.

use std::net::Ipv4Addr;

/// Reads four decimal numbers (RFC 3986 §3.2.2, `IPv4address`); else the index of the octet
/// that does not fit.
pub(crate) fn read(octets: &[u8]) -> Result<Ipv4Addr, usize> {
    let (address, length, start) = prefix(octets)?;
    match octets.get(length) {
        None => Ok(address),
        Some(b'.') => Err(length),
        Some(_) => Err(start),
    }
}

/// Reads the four numbers that `octets` begin with, in one pass: the address, how long it is and
/// where its last number begins; else the index of the octet that does not fit.
///
/// No leading zeros: to some readers `010` is eight (RFC 6943 §3.1.1).
pub(crate) fn prefix(octets: &[u8]) -> Result<(Ipv4Addr, usize, usize), usize> {
    let (mut address, mut dots) = (0_u32, 0);
    // The number under way, and where it begins.
    let (mut number, mut start) = (0_u32, 0);
    for (index, &octet) in octets.iter().enumerate() {
        let digit = octet.wrapping_sub(b'0');
        if digit < 10 {
            let has_zero = number == 0 && index > start;
            number = number * 10 + u32::from(digit);
            if has_zero || number > 255 {
                return Err(start);
            }
        } else if index == start || dots < 3 && octet != b'.' {
            return Err(start);
        } else if dots == 3 {
            return Ok((Ipv4Addr::from(address << 8 | number), index, start));
        } else {
            (address, dots) = (address << 8 | number, dots + 1);
            (number, start) = (0, index + 1);
        }
    }
    match octets.len() {
        end if end == start => Err(start),
        end if dots < 3 => Err(end),
        end => Ok((Ipv4Addr::from(address << 8 | number), end, start)),
    }
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
