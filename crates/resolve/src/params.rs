//! The parameters of a service (RFC 9460 §7, §8).

use std::borrow::Cow;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::answer::Family;

/// The registered SvcParamKeys that mean something to us (RFC 9460 §14.3.2).
pub(crate) const MANDATORY: u16 = 0;
pub(crate) const ALPN: u16 = 1;
pub(crate) const NO_DEFAULT_ALPN: u16 = 2;
pub(crate) const PORT: u16 = 3;
pub(crate) const IPV4HINT: u16 = 4;
pub(crate) const ECH: u16 = 5;
pub(crate) const IPV6HINT: u16 = 6;

/// Their names, by number.
pub(crate) const KEYS: [&str; 7] =
    ["mandatory", "alpn", "no-default-alpn", "port", "ipv4hint", "ech", "ipv6hint"];

/// The ALPN set that every https service has unless it says otherwise (RFC 9460 §9).
const DEFAULT_ALPN: &[u8] = b"http/1.1";

/// The parameters of a service: SvcParams by SvcParamKey (RFC 9460 §7).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Params {
    /// `mandatory`: keys that a client has to understand to use the record, rising (§8).
    pub mandatory: Vec<u16>,
    /// `alpn`: ALPN protocol identifiers, 1 to 255 octets each (§7.1).
    pub alpn: Vec<Box<[u8]>>,
    /// `no-default-alpn`: the default protocol, `http/1.1`, is not there (§7.1).
    pub no_default_alpn: bool,
    /// `port`: the port to connect to instead of the URL's (§7.2).
    pub port: Option<u16>,
    /// `ipv4hint`: addresses that may be used while the target's are not known (§7.3).
    pub ipv4hint: Vec<Ipv4Addr>,
    /// `ech`: an ECHConfigList as sent, not looked at (key 5, kept for it by §14.3.2).
    pub ech: Option<Box<[u8]>>,
    /// `ipv6hint`: like `ipv4hint` (§7.3).
    pub ipv6hint: Vec<Ipv6Addr>,
    /// Every other key with its value, by rising number.
    pub others: Vec<(u16, Box<[u8]>)>,
}

impl Params {
    /// Whether the service speaks a protocol, by its ALPN identifier: one of its SVCB ALPN set
    /// (RFC 9460 §7.1.2). A client that speaks none of a service's must not connect to it.
    pub fn speaks(&self, protocol: &[u8]) -> bool {
        protocol == DEFAULT_ALPN && !self.no_default_alpn
            || self.alpn.iter().any(|it| **it == *protocol)
    }

    /// The hints of one family.
    pub fn hints(&self, family: Family) -> Vec<IpAddr> {
        match family {
            Family::V4 => self.ipv4hint.iter().copied().map(IpAddr::from).collect(),
            Family::V6 => self.ipv6hint.iter().copied().map(IpAddr::from).collect(),
        }
    }

    /// Every key that is there, with its value, rising: as in RDATA.
    pub(crate) fn entries(&self) -> Vec<(u16, Vec<u8>)> {
        let numbers = self.mandatory.iter().flat_map(|key| key.to_be_bytes()).collect();
        let mut alpn = vec![];
        for id in &self.alpn {
            alpn.push(u8::try_from(id.len()).unwrap_or(u8::MAX));
            alpn.extend(&**id);
        }
        let v4 = self.ipv4hint.iter().flat_map(Ipv4Addr::octets).collect();
        let v6 = self.ipv6hint.iter().flat_map(Ipv6Addr::octets).collect();
        let port = self.port.map(|port| port.to_be_bytes().to_vec());
        let ours = [
            (MANDATORY, Some(numbers).filter(|it: &Vec<u8>| !it.is_empty())),
            (ALPN, Some(alpn).filter(|it| !it.is_empty())),
            (NO_DEFAULT_ALPN, self.no_default_alpn.then(Vec::new)),
            (PORT, port),
            (IPV4HINT, Some(v4).filter(|it: &Vec<u8>| !it.is_empty())),
            (ECH, self.ech.as_deref().map(<[u8]>::to_vec)),
            (IPV6HINT, Some(v6).filter(|it: &Vec<u8>| !it.is_empty())),
        ];
        let ours = ours.into_iter().filter_map(|(key, value)| Some((key, value?)));
        ours.chain(self.others.iter().map(|(key, value)| (*key, value.to_vec()))).collect()
    }

    /// Takes a value as it stands in RDATA, keys coming in rising order. An error is what is
    /// wrong with it, and by which clause.
    pub(crate) fn take(
        &mut self,
        key: u16,
        value: &[u8],
    ) -> Result<(), (&'static str, &'static str)> {
        match key {
            MANDATORY => {
                self.mandatory = numbers(value)
                    .filter(|keys| is_rising(keys) && !keys.contains(&MANDATORY))
                    .ok_or(("`mandatory` is no rising list of other keys", "RFC 9460 §8"))?;
            }
            ALPN => {
                let reference = "RFC 9460 §7.1.1";
                self.alpn = ids(value)
                    .ok_or(("`alpn` is no list of protocols, a length before each", reference))?;
            }
            NO_DEFAULT_ALPN if value.is_empty() => self.no_default_alpn = true,
            NO_DEFAULT_ALPN => return Err(("`no-default-alpn` has a value", "RFC 9460 §7.1.1")),
            PORT => {
                let octets = value.try_into();
                let octets = octets.map_err(|_| ("`port` is not two octets", "RFC 9460 §7.2"))?;
                self.port = Some(u16::from_be_bytes(octets));
            }
            IPV4HINT => {
                self.ipv4hint = addresses::<4, _>(value)
                    .ok_or(("`ipv4hint` is no list of addresses", "RFC 9460 §7.3"))?;
            }
            ECH => self.ech = Some(value.into()),
            IPV6HINT => {
                self.ipv6hint = addresses::<16, _>(value)
                    .ok_or(("`ipv6hint` is no list of addresses", "RFC 9460 §7.3"))?;
            }
            _ => self.others.push((key, value.into())),
        }
        Ok(())
    }

    /// What one parameter wants of the others and does not get: the record is not self-consistent
    /// (RFC 9460 §2.4.3).
    pub(crate) fn conflict(&self) -> Option<(&'static str, &'static str)> {
        let has = |key: &u16| self.entries().iter().any(|(it, _)| it == key);
        if self.no_default_alpn && self.alpn.is_empty() {
            Some(("`no-default-alpn` stands without `alpn`", "RFC 9460 §7.1.1"))
        } else if !self.mandatory.iter().all(has) {
            Some(("a key that is `mandatory` is not there", "RFC 9460 §8"))
        } else {
            None
        }
    }

    /// What keeps us from using the record (RFC 9460 §8): a mandatory key that we do not
    /// understand, `ech` among them; or a port that is none.
    pub(crate) fn obstacle(&self) -> Option<(&'static str, &'static str)> {
        if self.mandatory.iter().any(|key| *key > IPV6HINT || *key == ECH) {
            Some(("a mandatory key of an HTTPS record is not understood", "RFC 9460 §8"))
        } else if self.port == Some(0) {
            Some(("the port of an HTTPS record is 0", "RFC 9460 §8"))
        } else {
            None
        }
    }
}

/// The name of a key: `alpn`, or `key667` where it has none (RFC 9460 §2.1).
pub(crate) fn key_text(key: u16) -> Cow<'static, str> {
    match KEYS.get(usize::from(key)) {
        Some(name) => Cow::Borrowed(name),
        None => Cow::Owned(format!("key{key}")),
    }
}

/// Numbers of two octets, at least one.
fn numbers(value: &[u8]) -> Option<Vec<u16>> {
    let (chunks, []) = value.as_chunks() else { return None };
    (!chunks.is_empty()).then(|| chunks.iter().map(|octets| u16::from_be_bytes(*octets)).collect())
}

fn is_rising(keys: &[u16]) -> bool {
    keys.is_sorted_by(|a, b| a < b)
}

/// ALPN identifiers, a length before each; at least one, and none empty.
fn ids(mut value: &[u8]) -> Option<Vec<Box<[u8]>>> {
    let mut ids = vec![];
    while let Some((length, rest)) = value.split_first() {
        let (id, rest) = rest.split_at_checked(usize::from(*length))?;
        if id.is_empty() {
            return None;
        }
        ids.push(id.into());
        value = rest;
    }
    (!ids.is_empty()).then_some(ids)
}

/// Addresses of `N` octets, at least one.
fn addresses<const N: usize, A: From<[u8; N]>>(value: &[u8]) -> Option<Vec<A>> {
    let (chunks, []) = value.as_chunks() else { return None };
    (!chunks.is_empty()).then(|| chunks.iter().map(|octets| A::from(*octets)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_have_the_format_of_their_key() {
        let rows: [(u16, &[u8], bool); 25] = [
            // key, value, whether it has the format                       RFC 9460
            (MANDATORY, b"", false), // §8: at least one
            (MANDATORY, b"\0\x01\0\x04", true),
            (MANDATORY, b"\0\x04\0\x01", false), // strictly rising
            (MANDATORY, b"\0\x01\0\x01", false),
            (MANDATORY, b"\0\0", false), // never itself
            (MANDATORY, b"\0\x01\0", false),
            (ALPN, b"", false), // §7.1.1
            (ALPN, b"\x02h2", true),
            (ALPN, b"\x02h2\x01\xFF", true),
            (ALPN, b"\0", false),
            (ALPN, b"\x02h2\x03h3", false),
            (NO_DEFAULT_ALPN, b"", true), // §7.1.1
            (NO_DEFAULT_ALPN, b"\0", false),
            (PORT, b"", false), // §7.2
            (PORT, b"\0\x35", true),
            (PORT, b"\0\x35\0", false),
            (IPV4HINT, b"", false), // §7.3
            (IPV4HINT, b"\xC0\0\x02\x01", true),
            (IPV4HINT, b"\xC0\0\x02\x01\xC0", false),
            (ECH, b"", true), // §14.3.2: not ours to judge
            (IPV6HINT, b"", false),
            (IPV6HINT, &[0x20; 16], true),
            (IPV6HINT, &[0x20; 24], false),
            (667, b"", true), // §2.2: octets without a form
            (65535, b"x", true),
        ];
        for (key, value, want) in rows {
            assert_eq!(Params::default().take(key, value).is_ok(), want, "{key} {value:?}");
        }
    }

    #[test]
    fn a_record_is_usable_when_all_it_demands_is_understood() {
        let rows: [(Params, bool, bool); 8] = [
            // parameters, self-consistent, usable                         RFC 9460 §2.4.3, §8
            (Params::default(), true, true),
            (Params { no_default_alpn: true, ..Params::default() }, false, true),
            (
                Params { no_default_alpn: true, alpn: vec![b"h2"[..].into()], ..Params::default() },
                true,
                true,
            ),
            (Params { mandatory: vec![PORT], ..Params::default() }, false, true),
            (Params { mandatory: vec![PORT], port: Some(1), ..Params::default() }, true, true),
            (
                Params {
                    mandatory: vec![667],
                    others: vec![(667, [].into())],
                    ..Params::default()
                },
                true,
                false,
            ),
            (
                Params { mandatory: vec![ECH], ech: Some([].into()), ..Params::default() },
                true,
                false,
            ),
            (Params { port: Some(0), ..Params::default() }, true, false),
        ];
        for (params, consistent, usable) in rows {
            let got = (params.conflict().is_none(), params.obstacle().is_none());
            assert_eq!(got, (consistent, usable), "{params:?}");
        }
    }

    #[test]
    fn the_alpn_set_has_the_default_unless_told() {
        let set = |alpn: &[&str], no_default_alpn| Params {
            alpn: alpn.iter().map(|it| it.as_bytes().into()).collect(),
            no_default_alpn,
            ..Params::default()
        };
        let rows = [
            // parameters, protocol, whether it is spoken                    RFC 9460 §7.1.2, §9
            (set(&[], false), "http/1.1", true),
            (set(&["h2"], false), "http/1.1", true),
            (set(&["h2"], false), "h2", true),
            (set(&["h2"], true), "http/1.1", false),
            (set(&["h2", "http/1.1"], true), "http/1.1", true),
            (set(&[], false), "h2", false),
        ];
        for (params, protocol, want) in rows {
            assert_eq!(params.speaks(protocol.as_bytes()), want, "{params:?} {protocol}");
        }
    }
}
