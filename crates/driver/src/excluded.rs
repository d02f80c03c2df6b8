//! Networks and names that no socket is ever opened to.

use std::collections::HashSet;
use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use fourstep_target::{Host, Target};

/// Networks and names that no socket is ever opened to, whatever leads there: a name that
/// resolves into an excluded network, a redirect, a rewritten port.
///
/// One entry a line: an address, a network as `192.0.2.0/24` or `2001:db8::/32` (RFC 4632 §3.1,
/// RFC 4291 §2.3), or a name, which covers the names below it as well. Empty lines and what
/// follows a `#` do not count. An address of an excluded IPv4 network is excluded in its
/// IPv4-mapped form too (RFC 4291 §2.5.5.2).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Excluded {
    /// First and last addresses, as numbers; sorted, apart from each other.
    v4: Vec<(u128, u128)>,
    v6: Vec<(u128, u128)>,
    names: HashSet<Box<str>>,
}

/// A line that is no entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExcludedError {
    /// The line, from 1.
    pub line: usize,
    /// What stands there, as text.
    pub found: String,
    /// What is wrong with it.
    pub says: &'static str,
}

impl Excluded {
    /// Reads a list.
    pub fn parse(text: &str) -> Result<Excluded, ExcludedError> {
        let mut excluded = Excluded::default();
        for (place, line) in text.lines().enumerate() {
            let entry = line.split('#').next().unwrap_or_default().trim();
            if entry.is_empty() {
                continue;
            }
            excluded.add(entry).map_err(|says| ExcludedError {
                line: place + 1,
                found: entry.escape_debug().to_string(),
                says,
            })?;
        }
        for ranges in [&mut excluded.v4, &mut excluded.v6] {
            merge(ranges);
        }
        Ok(excluded)
    }

    fn add(&mut self, entry: &str) -> Result<(), &'static str> {
        let (address, length) = match entry.split_once('/') {
            Some((address, length)) => (address, Some(length)),
            None => (entry, None),
        };
        let Ok(address) = address.parse::<IpAddr>() else {
            return match length {
                Some(_) => Err("expected an address before the `/`"),
                None => self.add_name(entry),
            };
        };
        let bits = if address.is_ipv4() { 32 } else { 128 };
        let length = match length.map(str::parse::<u32>) {
            None => bits,
            Some(Ok(length)) if length <= bits => length,
            Some(_) if bits == 32 => return Err("expected a prefix length from 0 to 32"),
            Some(_) => return Err("expected a prefix length from 0 to 128"),
        };
        let rest = (!0_u128).checked_shr(128 - bits + length).unwrap_or(0);
        let first = number(address) & !rest;
        if first != number(address) {
            return Err("expected a network, but bits are set behind the prefix");
        }
        let ranges = if address.is_ipv4() { &mut self.v4 } else { &mut self.v6 };
        ranges.push((first, first | rest));
        Ok(())
    }

    fn add_name(&mut self, entry: &str) -> Result<(), &'static str> {
        let name = entry.strip_prefix("*.").unwrap_or(entry);
        let target: Option<Target> = name.parse().ok();
        let plain = |target: &Target| {
            target.request_target() == b"/"
                && target.explicit_port().is_none()
                && target.userinfo().is_none()
                && !name.contains('/')
        };
        match target.as_ref().filter(|target| plain(target)).map(Target::host) {
            Some(Host::Name(name)) => {
                self.names.insert(name.trim_end_matches('.').into());
                Ok(())
            }
            _ => Err("expected an address, a network or a name"),
        }
    }

    /// Whether nothing is excluded.
    pub fn is_empty(&self) -> bool {
        self.v4.is_empty() && self.v6.is_empty() && self.names.is_empty()
    }

    /// Whether this address is excluded.
    pub fn covers_address(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        let ranges = if address.is_ipv4() { &self.v4 } else { &self.v6 };
        let address = number(address);
        let before = ranges.partition_point(|(first, _)| *first <= address);
        let nearest = before.checked_sub(1).and_then(|place| ranges.get(place));
        nearest.is_some_and(|(_, last)| address <= *last)
    }

    /// Whether this name, or one above it, is excluded. `name` is in lower case, in its A-labels.
    pub fn covers_name(&self, name: &str) -> bool {
        if self.names.is_empty() {
            return false;
        }
        let name = name.trim_end_matches('.');
        let above = name.match_indices('.').filter_map(|(dot, _)| name.get(dot + 1..));
        std::iter::once(name).chain(above).any(|name| self.names.contains(name))
    }

    /// Whether this host is excluded as it is written.
    pub fn covers(&self, host: &Host) -> bool {
        match host {
            Host::Name(name) => self.covers_name(name),
            Host::V4(address) => self.covers_address((*address).into()),
            Host::V6(address, _) => self.covers_address((*address).into()),
        }
    }
}

fn number(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(address) => Ipv4Addr::to_bits(address).into(),
        IpAddr::V6(address) => Ipv6Addr::to_bits(address),
    }
}

/// Sorts ranges, and makes one of those that touch.
fn merge(ranges: &mut Vec<(u128, u128)>) {
    ranges.sort_unstable();
    ranges.dedup_by(|next, kept| {
        let touches = next.0 <= kept.1.saturating_add(1);
        if touches {
            kept.1 = kept.1.max(next.1);
        }
        touches
    });
}

impl fmt::Display for ExcludedError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}: `{}`", self.line, self.says, self.found)
    }
}

impl std::error::Error for ExcludedError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn networks_and_names_cover_what_lies_in_them() {
        let list = "# ours\n192.0.2.0/25\r\n192.0.2.128/25 # the rest\n198.51.100.7\n\
                    2001:db8::/32\n\nexample.org\n*.Example.NET.\nbücher.example\n";
        let excluded = Excluded::parse(list).unwrap();
        assert_eq!(excluded.v4.len(), 2, "neighbours are one range");
        let addresses = [
            ("192.0.2.0", true),
            ("192.0.2.255", true),
            ("192.0.1.255", false),
            ("192.0.3.0", false),
            ("198.51.100.7", true),
            ("198.51.100.8", false),
            ("2001:db8:ffff::1", true),
            ("2001:db9::", false),
            // RFC 4291 §2.5.5.2: the same host.
            ("::ffff:192.0.2.9", true),
            ("::192.0.2.9", false),
        ];
        for (address, want) in addresses {
            assert_eq!(excluded.covers_address(address.parse().unwrap()), want, "{address}");
        }
        let names = [
            ("example.org", true),
            ("example.org.", true),
            ("www.example.org", true),
            ("notexample.org", false),
            ("org", false),
            ("a.b.example.net", true),
            ("xn--bcher-kva.example", true),
        ];
        for (name, want) in names {
            assert_eq!(excluded.covers_name(name), want, "{name}");
        }
    }

    #[test]
    fn everything_is_a_network_of_length_0() {
        let excluded = Excluded::parse("0.0.0.0/0\n::/0").unwrap();
        for address in ["0.0.0.0", "255.255.255.255", "::", "ffff::1"] {
            assert!(excluded.covers_address(address.parse().unwrap()), "{address}");
        }
        assert!(!Excluded::default().covers_address(IpAddr::V4(Ipv4Addr::LOCALHOST)));
    }

    #[test]
    fn a_line_that_is_no_entry_is_refused_with_its_place() {
        let rows = [
            ("192.0.2.0/33", "prefix length"),
            ("192.0.2.0/", "prefix length"),
            ("192.0.2.1/24", "bits are set"),
            ("2001:db8::/129", "prefix length"),
            ("example.org/24", "address before"),
            ("http://example.org/", "address before"),
            ("example.org:80", "a name"),
            ("a b", "a name"),
        ];
        for (line, says) in rows {
            let error = Excluded::parse(&format!("# a list\n{line}\n")).unwrap_err();
            assert_eq!(error.line, 2, "{line}");
            assert!(error.to_string().contains(says), "{line}: {error}");
        }
    }
}
