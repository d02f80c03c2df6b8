//! IPv6 addresses as text.

use crate::error::Malformed;
use crate::ipv4;
use crate::piece::Piece;
use crate::refusal::{V6_COLON, V6_DIGIT, V6_GAPS, V6_GROUP, V6_LONG, V6_SHORT, V6_V4};
use std::net::Ipv6Addr;

/// Reads the three forms of RFC 4291 §2.2: eight groups, `::` for some of them once, and an IPv4
/// address for the last two. The standard library reads the same and does not say where it
/// stopped; a test holds the two together.
pub(crate) fn read(text: Piece<'_>) -> Result<Ipv6Addr, Malformed> {
    let mut groups = Groups::default();
    let mut rest = text;
    if let Some(after) = rest.without(b"::") {
        groups.gap = Some(0);
        rest = after;
    }
    let mut more = !rest.is_empty() || groups.gap.is_none();
    while more {
        let (digits, after) = rest.until(|octet| !octet.is_ascii_hexdigit());
        if groups.are_full() {
            return Err(rest.refuse(0, V6_LONG));
        }
        if after.octets.first() == Some(&b'.') {
            groups.push_v4(rest)?;
            break;
        }
        groups.push(digits)?;
        (rest, more) = groups.separator(after)?;
    }
    groups.address().ok_or_else(|| text.refuse(text.octets.len(), V6_SHORT))
}

#[derive(Default)]
struct Groups {
    groups: [u16; 8],
    count: usize,
    /// How many groups stand before `::`.
    gap: Option<usize>,
}

impl Groups {
    /// `::` stands for at least one group.
    fn are_full(&self) -> bool {
        self.count + usize::from(self.gap.is_some()) >= self.groups.len()
    }

    fn push(&mut self, digits: Piece<'_>) -> Result<(), Malformed> {
        if digits.octets.len() > 4 {
            return Err(digits.refuse(4, V6_GROUP));
        }
        if digits.is_empty() {
            return Err(digits.refuse(0, V6_DIGIT));
        }
        let digits = digits.octets.iter().filter_map(|octet| char::from(*octet).to_digit(16));
        self.append(digits.fold(0, |group, digit| group << 4 | u16::try_from(digit).unwrap_or(0)));
        Ok(())
    }

    fn push_v4(&mut self, rest: Piece<'_>) -> Result<(), Malformed> {
        let address = ipv4::read(rest.octets).map_err(|index| rest.refuse(index, V6_V4))?;
        let [a, b, c, d] = address.octets();
        self.append(u16::from_be_bytes([a, b]));
        if self.are_full() {
            return Err(rest.refuse(0, V6_LONG));
        }
        self.append(u16::from_be_bytes([c, d]));
        Ok(())
    }

    fn append(&mut self, group: u16) {
        if let Some(place) = self.groups.get_mut(self.count) {
            *place = group;
            self.count += 1;
        }
    }

    /// What follows a group: nothing, `:`, or `::`. Also says whether a group must follow.
    fn separator<'a>(&mut self, after: Piece<'a>) -> Result<(Piece<'a>, bool), Malformed> {
        if after.is_empty() {
            return Ok((after, false));
        }
        if let Some(rest) = after.without(b"::") {
            if self.gap.is_some() {
                return Err(after.refuse(1, V6_GAPS));
            }
            if self.are_full() {
                return Err(after.refuse(0, V6_LONG));
            }
            self.gap = Some(self.count);
            return Ok((rest, !rest.is_empty()));
        }
        match after.without(b":") {
            Some(rest) => Ok((rest, true)),
            None => Err(after.refuse(0, V6_COLON)),
        }
    }

    fn address(mut self) -> Option<Ipv6Addr> {
        if let Some(gap) = self.gap {
            let written = self.groups.get_mut(gap..)?;
            let zeros = 8 - self.count;
            written.rotate_right(zeros);
            self.count = 8;
        }
        (self.count == 8).then(|| Ipv6Addr::from(self.groups))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn says_where() {
        let rows = [
            // typed, the index that does not fit                       (RFC 4291 §2.2)
            ("", 0),
            (":", 0),
            (":::", 2),
            ("1", 1),
            ("1:", 2),
            ("::1::", 4),
            ("::12345", 6),
            ("::g", 2),
            ("1:2:3:4:5:6:7", 13),
            ("1:2:3:4:5:6:7:8:9", 16),
            ("1:2:3:4:5:6:7:8::", 15),
            ("1:2:3:4:5:6:7::8", 15),
            ("::1.2.3", 7),
            ("::1.2.3.256", 8),
            ("1:2:3:4:5:6:7:1.2.3.4", 14),
            ("::1.2.3.4:5", 8),
        ];
        for (typed, want) in rows {
            let error = read(Piece::whole(typed.as_bytes())).unwrap_err();
            assert_eq!(error.offset, want, "{typed}: {}", error.refusal.1);
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn reads_what_std_reads(typed in "(([0-9a-f]{1,4}|):{1,2}){0,9}([0-9A-F]{0,5}|[0-9]{1,3}\\.1\\.2\\.[0-9]{1,3})") {
            let got = read(Piece::whole(typed.as_bytes())).ok();
            prop_assert_eq!(got, typed.parse().ok());
        }

        #[test]
        fn reads_what_std_writes(groups: [u16; 8], zeros: u8) {
            let mut groups = groups;
            for (n, group) in groups.iter_mut().enumerate() {
                if zeros >> n & 1 == 1 { *group = 0; }
            }
            let address = Ipv6Addr::from(groups);
            prop_assert_eq!(read(Piece::whole(address.to_string().as_bytes())), Ok(address));
        }
    }
}
