//! Which part of the list is ours.

use std::error::Error;
use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use fourstep_target::Host;

use crate::siphash::siphash;

/// One of several parts of a list, chosen by a keyed hash of the host: all ports and paths of a
/// host are in one part, and stay there when the list grows.
///
/// The hash is SipHash-2-4 under the key `fourstep scan 01`, of a name's A-labels in small letters
/// without the dot at its end, of an address's octets; the part is the hash modulo the number of
/// parts, from 0. A line that cannot be read goes by its octets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shard {
    /// From 1.
    index: u32,
    count: u32,
}

/// What is no shard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ShardError {
    /// What could have stood there, as a phrase.
    pub expected: &'static str,
}

impl Shard {
    /// The part `index` of `count`, from 1; `None` when there is none such.
    pub fn new(index: u32, count: u32) -> Option<Shard> {
        (1..=count).contains(&index).then_some(Shard { index, count })
    }

    /// The part of one pod of an Indexed Job of Kubernetes: `index` as the pod's environment has
    /// it in `JOB_COMPLETION_INDEX`, from 0; `count` as the job's `completions`.
    ///
    /// # Errors
    /// They are no numbers, or the index is not below the count.
    pub fn of_job(index: &str, count: &str) -> Result<Shard, ShardError> {
        let read = |text: &str, expected| number(text).ok_or(ShardError { expected });
        let count = read(count, "the number of completions, from 1")?;
        let index = read(index, "a completion index, from 0")?;
        let shard = index.checked_add(1).and_then(|index| Shard::new(index, count));
        shard.ok_or(ShardError { expected: "a completion index below the number of completions" })
    }

    /// Which part, from 1.
    pub fn index(self) -> u32 {
        self.index
    }

    /// Of how many.
    pub fn count(self) -> u32 {
        self.count
    }

    /// Whether what has this hash is in this part.
    pub(crate) fn holds(self, hash: u64) -> bool {
        hash % u64::from(self.count) == u64::from(self.index) - 1
    }
}

impl FromStr for Shard {
    type Err = ShardError;

    fn from_str(text: &str) -> Result<Shard, ShardError> {
        let parts = text.split_once('/').and_then(|(i, n)| Some((number(i)?, number(n)?)));
        let shard = parts.and_then(|(index, count)| Shard::new(index, count));
        shard.ok_or(ShardError { expected: "I/N, with I from 1 to N" })
    }
}

/// Digits only: `parse` would take a sign.
fn number(text: &str) -> Option<u32> {
    text.bytes().all(|octet| octet.is_ascii_digit()).then(|| text.parse().ok())?
}

impl fmt::Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.index, self.count)
    }
}

impl fmt::Display for ShardError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "expected {}", self.expected)
    }
}

impl Error for ShardError {}

/// The two words of `fourstep scan 01`, first octet lowest.
const KEY: (u64, u64) = (u64::from_le_bytes(*b"fourstep"), u64::from_le_bytes(*b" scan 01"));

/// What a host is known by: the same for all its ports and paths.
pub(crate) fn host_hash(host: &Host) -> u64 {
    match host {
        Host::Name(name) => {
            let name = name.as_bytes();
            siphash(KEY, name.strip_suffix(b".").unwrap_or(name))
        }
        Host::V4(address) => address_hash((*address).into()),
        Host::V6(address, _) => address_hash((*address).into()),
    }
}

/// What an address is known by. One of version 4 that is written as one of version 6
/// (RFC 4291 §2.5.5.2) is the same host.
pub(crate) fn address_hash(address: IpAddr) -> u64 {
    match address.to_canonical() {
        IpAddr::V4(address) => siphash(KEY, &address.octets()),
        IpAddr::V6(address) => siphash(KEY, &address.octets()),
    }
}

/// What a line that cannot be read is known by.
pub(crate) fn line_hash(octets: &[u8]) -> u64 {
    siphash(KEY, octets)
}

#[cfg(test)]
mod tests {
    use super::*;
    use fourstep_target::Target;

    #[test]
    fn parts_as_they_are_written() {
        let rows = [
            ("1/1", Some((1, 1))),
            ("3/8", Some((3, 8))),
            ("8/8", Some((8, 8))),
            ("0/8", None),
            ("9/8", None),
            ("1/0", None),
            ("+1/8", None),
            ("1", None),
            ("1/", None),
            ("/8", None),
            ("1/8/8", None),
            ("1/4294967296", None),
        ];
        for (text, want) in rows {
            let got = text.parse().ok().map(|shard: Shard| (shard.index(), shard.count()));
            assert_eq!(got, want, "{text}");
        }
        let jobs =
            [("0", "3", Some((1, 3))), ("2", "3", Some((3, 3))), ("3", "3", None), ("", "3", None)];
        for (index, count, want) in jobs {
            let got = Shard::of_job(index, count).ok().map(|shard| (shard.index, shard.count));
            assert_eq!(got, want, "{index} of {count}");
        }
    }

    #[test]
    fn a_host_is_in_one_part_whatever_its_port_or_path_and_for_ever() {
        let rows = [
            // The parts of 1,000,000 that these hosts are in, from 0.
            ("http://a.test/", 875_979),
            ("https://A.test.:8443/x?y", 875_979),
            ("http://user:secret@a.test", 875_979),
            ("http://b.test/", 572_060),
            ("http://192.0.2.1:81/", 416_118),
            ("http://[::ffff:192.0.2.1]/", 416_118),
            ("http://[2001:db8::1]/", 258_792),
            ("http://[2001:db8::1%25eth0]/", 258_792),
        ];
        for (text, want) in rows {
            let target = Target::parse(text.as_bytes()).unwrap();
            assert_eq!(host_hash(target.host()) % 1_000_000, want, "{text}");
        }
    }
}
