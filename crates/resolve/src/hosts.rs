//! The hosts table: hosts(5), RFC 952.

use std::collections::BTreeMap;
use std::net::IpAddr;

/// Names and their addresses, as a hosts file lists them.
///
/// A name that is listed is settled for both families: no server is asked for the one that is
/// missing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hosts {
    addresses: BTreeMap<Box<str>, Vec<IpAddr>>,
}

impl Hosts {
    /// Reads the octets of a hosts file: on each line an address and its names; `#` begins a
    /// comment. Lines that are anything else are skipped, as every system does. An address with
    /// a zone is skipped too: a name gives no zone to dial with.
    pub fn parse(text: &[u8]) -> Hosts {
        let mut hosts = Hosts::default();
        for line in text.split(|octet| *octet == b'\n') {
            let line = line.split(|octet| *octet == b'#').next().unwrap_or_default();
            let Ok(line) = std::str::from_utf8(line) else { continue };
            let mut words = line.split_ascii_whitespace();
            let Some(Ok(address)) = words.next().map(str::parse) else { continue };
            for name in words {
                hosts.insert(name, address);
            }
        }
        hosts
    }

    /// Adds an address to a name, behind those it has.
    pub fn insert(&mut self, name: &str, address: IpAddr) {
        let addresses = self.addresses.entry(key(name)).or_default();
        if !addresses.contains(&address) {
            addresses.push(address);
        }
    }

    /// The addresses of a name, in the order of the file; none when it is not listed. Case and a
    /// dot at the end make no difference.
    pub fn get(&self, name: &str) -> &[IpAddr] {
        let name = name.strip_suffix('.').unwrap_or(name);
        let addresses = match name.bytes().any(|octet| octet.is_ascii_uppercase()) {
            true => self.addresses.get(&key(name)),
            false => self.addresses.get(name),
        };
        addresses.map_or(&[], Vec::as_slice)
    }

    /// Names listed.
    pub fn len(&self) -> usize {
        self.addresses.len()
    }

    /// Whether no name is listed.
    pub fn is_empty(&self) -> bool {
        self.addresses.is_empty()
    }
}

fn key(name: &str) -> Box<str> {
    name.strip_suffix('.').unwrap_or(name).to_ascii_lowercase().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hosts_file_is_read() {
        let hosts = Hosts::parse(
            b"127.0.0.1\tlocalhost  Loop\n::1 localhost # 192.0.2.9 x\n\n#192.0.2.1 c\n\
              192.0.2.1 b.test. b\r\n192.0.2.2 b\n192.0.2.1 b\nnot-an-address d\n\
              fe80::1%lo e\n\xFF f\n192.0.2.3",
        );
        let rows: [(&str, &[&str]); 7] = [
            ("localhost", &["127.0.0.1", "::1"]),
            ("LOOP.", &["127.0.0.1"]),
            ("b", &["192.0.2.1", "192.0.2.2"]),
            ("b.test", &["192.0.2.1"]),
            ("x", &[]),
            ("d", &[]),
            ("e", &[]),
        ];
        for (name, want) in rows {
            assert!(
                hosts
                    .get(name)
                    .iter()
                    .map(ToString::to_string)
                    .eq(want.iter().map(|w| (*w).to_owned())),
                "{name}"
            );
        }
        assert_eq!((hosts.len(), hosts.is_empty()), (4, false));
    }
}
