//! IPv4 addresses, and names that others would read as one.

use crate::octets::{NO_DIGIT, digit};
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

/// The longest address, and what stands behind it.
const ROOM: usize = "255.255.255.255/".len();

/// The address that `octets` begin with, and what follows it, where so many follow that none of its
/// numbers has to be asked whether they end: as on nearly all lines of a list. `None` says nothing.
#[inline(always)]
pub(crate) fn with_room(octets: &[u8]) -> Option<(Ipv4Addr, &[u8])> {
    let room = octets.first_chunk()?;
    let (a, at) = number(room, 0)?;
    let (b, at) = number(room, after_dot(room, at)?)?;
    let (c, at) = number(room, after_dot(room, at)?)?;
    let (d, at) = number(room, after_dot(room, at)?)?;
    Some((Ipv4Addr::from(a << 24 | b << 16 | c << 8 | d), octets.get(at..)?))
}

/// The number that stands at `at`, as `prefix` reads it, and where it ends.
#[inline(always)]
fn number(room: &[u8; ROOM], at: usize) -> Option<(u32, usize)> {
    let digit = |at: usize| room.get(at).map_or(NO_DIGIT, |octet| digit(*octet));
    match (digit(at), digit(at + 1), digit(at + 2)) {
        (NO_DIGIT.., ..) => None,
        (a, NO_DIGIT.., _) => Some((a, at + 1)),
        (0, ..) => None,
        (a, b, NO_DIGIT..) => Some((a * 10 + b, at + 2)),
        (a, b, c) => Some((a * 100 + b * 10 + c, at + 3)).filter(|(number, _)| *number < 256),
    }
}

#[inline(always)]
fn after_dot(room: &[u8; ROOM], at: usize) -> Option<usize> {
    (room.get(at) == Some(&b'.')).then_some(at + 1)
}

/// Reads the four numbers that `octets` begin with, in one pass: the address, what follows it and
/// where its last number begins; else the index of the octet that does not fit.
///
/// No leading zeros: to some readers `010` is eight (RFC 6943 §3.1.1). A zero is read alone, so
/// that what follows it does not fit.
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
    fn with_room_they_are_the_same() {
        let mut read = 0;
        let numbers = ["0", "1", "9", "10", "25", "99", "100", "199", "249", "255"];
        let odd = ["256", "260", "300", "999", "00", "01", "1000", "", "a", "1a", ":"];
        for (number, is_odd) in
            numbers.map(|n| (n, false)).into_iter().chain(odd.map(|n| (n, true)))
        {
            for (place, other) in (0..4).flat_map(|place| numbers.map(|other| (place, other))) {
                let mut numbers = [other; 4];
                numbers[place] = number;
                for after in [":80/a/long/path", "/a/long/path/it/is", "\n192.0.2.1\n192.0.2.1"] {
                    let typed = [&numbers.join("."), after].concat();
                    let Some((got, rest)) = with_room(typed.as_bytes()) else {
                        assert!(is_odd, "{typed}");
                        continue;
                    };
                    read += 1;
                    let want = prefix(typed.as_bytes()).map(|(address, rest, _)| (address, rest));
                    assert_eq!(Ok((got, rest)), want, "{typed}");
                }
            }
        }
        assert!(read >= 1200, "{read}");
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
