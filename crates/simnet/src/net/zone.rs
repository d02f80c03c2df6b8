//! A name server: messages in, messages out (RFC 1035 §4.1).

use std::collections::BTreeMap;
use std::net::IpAddr;

/// What the server says of a name.
#[derive(Clone, Debug)]
pub enum Said {
    /// These addresses, each in the answer of its type; none of a type is NODATA (RFC 2308 §2.2).
    Addresses(Vec<IpAddr>),
    /// This RCODE.
    Rcode(u8),
    /// Nothing.
    Nothing,
    /// Over UDP that the answer does not fit, over TCP these addresses (RFC 7766 §5).
    Truncated(Vec<IpAddr>),
    /// The right id and question, and then no message.
    Nonsense,
}

/// The names of one server; others are answered with NXDOMAIN.
#[derive(Clone, Debug, Default)]
pub struct Zone(BTreeMap<String, Said>);

/// Type A (RFC 1035 §3.2.2) and type AAAA (RFC 3596 §2.1).
const TYPES: [(u16, bool); 2] = [(1, true), (28, false)];

/// The RCODE of a name that is not there (RFC 1035 §4.1.1).
const NXDOMAIN: u8 = 3;

impl Zone {
    /// Says this of a name: lower case, no dot at its end.
    pub fn say(&mut self, name: &str, said: Said) {
        self.0.insert(name.into(), said);
    }

    /// The answer to a query, if there is one.
    pub fn answer(&self, query: &[u8], is_stream: bool) -> Option<Vec<u8>> {
        let (name, question) = question(query)?;
        let (record_type, _) = question.split_last_chunk::<4>()?.1.split_first_chunk::<2>()?;
        let record_type = u16::from_be_bytes(*record_type);
        let (_, is_v4) = *TYPES.iter().find(|(number, _)| *number == record_type)?;
        let none = Vec::new();
        let (rcode, truncated, addresses) = match self.0.get(&name) {
            None => (NXDOMAIN, false, &none),
            Some(Said::Nothing) => return None,
            Some(Said::Rcode(rcode)) => (*rcode, false, &none),
            Some(Said::Truncated(_)) if !is_stream => (0, true, &none),
            Some(Said::Addresses(addresses) | Said::Truncated(addresses)) => (0, false, addresses),
            Some(Said::Nonsense) => (0, false, &none),
        };
        let addresses: Vec<&IpAddr> = addresses.iter().filter(|ip| ip.is_ipv4() == is_v4).collect();
        let is_nonsense = matches!(self.0.get(&name), Some(Said::Nonsense));
        let count = u16::try_from(addresses.len()).ok()? + u16::from(is_nonsense);
        let mut out = query.get(..2)?.to_vec();
        // QR, RD and perhaps TC; RA and the RCODE; one question.
        out.extend([0x81 | u8::from(truncated) << 1, 0x80 | rcode, 0, 1]);
        out.extend(count.to_be_bytes());
        out.extend([0; 4]);
        out.extend(question);
        for ip in addresses {
            // The name by a pointer to the question's; the type; IN; 60 s.
            out.extend([0xc0, 12]);
            out.extend(record_type.to_be_bytes());
            out.extend([0, 1, 0, 0, 0, 60]);
            match ip {
                IpAddr::V4(v4) => out.extend([0, 4].iter().chain(&v4.octets())),
                IpAddr::V6(v6) => out.extend([0, 16].iter().chain(&v6.octets())),
            }
        }
        Some(out)
    }
}

/// The name of a query's question as text, and the question's octets.
fn question(query: &[u8]) -> Option<(String, &[u8])> {
    let body = query.get(12..)?;
    let mut name = String::new();
    let mut at = 0;
    loop {
        let length = usize::from(*body.get(at)?);
        let label = body.get(at + 1..at + 1 + length)?;
        at += 1 + length;
        if length == 0 {
            return Some((name, body.get(..at + 4)?));
        }
        if !name.is_empty() {
            name.push('.');
        }
        name.push_str(std::str::from_utf8(label).ok()?);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_of_the_type_that_was_asked() {
        let mut zone = Zone::default();
        let both = vec!["192.0.2.1".parse().unwrap(), "2001:db8::1".parse().unwrap()];
        zone.say("a.test", Said::Addresses(both.clone()));
        zone.say("b.test", Said::Truncated(both));
        zone.say("c.test", Said::Nothing);
        let query = |name: u8, kind: u8| {
            let head = [0x12, 0x34, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 1, name];
            [&head[..], b"\x04test\0\0", &[kind], b"\0\x01"].concat()
        };
        let rows = [
            // name, type, stream → flags and RCODE, answers
            (b'a', 1, false, Some((0x8180, 1))),
            (b'a', 28, false, Some((0x8180, 1))),
            (b'b', 1, false, Some((0x8380, 0))),
            (b'b', 1, true, Some((0x8180, 1))),
            (b'c', 1, false, None),
            (b'x', 1, false, Some((0x8183, 0))),
        ];
        for (name, kind, is_stream, want) in rows {
            let answer = zone.answer(&query(name, kind), is_stream);
            let number = |octets: &[u8]| u16::from_be_bytes([octets[0], octets[1]]);
            let is = answer.map(|octets| (number(&octets[2..]), number(&octets[6..])));
            assert_eq!(is, want, "{} {kind}", char::from(name));
        }
        assert_eq!(zone.answer(b"", false), None);
        assert_eq!(zone.answer(&query(b'a', 1)[..20], false), None);
    }
}
