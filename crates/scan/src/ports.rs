//! `--ports`: which ports of each host.

use std::error::Error;
use std::fmt;
use std::str::FromStr;

use fourstep_target::Scheme;

/// The ports that each entry without a port of its own is probed at, in the order given:
/// `80,443,8000-8010`. A scheme may stand before a port: `https:8443`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ports(Vec<Port>);

/// One port, and how it is spoken to when the entry does not say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Port {
    pub(crate) number: u16,
    pub(crate) scheme: Option<Scheme>,
}

/// Where a list of ports stops being one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PortsError {
    /// The octet that does not fit, from 0.
    pub offset: usize,
    /// What could have stood there, as a phrase.
    pub expected: &'static str,
}

impl Ports {
    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none: then each entry is one, at its own port or its scheme's.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The port at `index`.
    pub(crate) fn get(&self, index: usize) -> Option<Port> {
        self.0.get(index).copied()
    }
}

impl FromStr for Ports {
    type Err = PortsError;

    fn from_str(text: &str) -> Result<Ports, PortsError> {
        let mut ports = Vec::new();
        let mut seen = std::collections::BTreeSet::new();
        let mut offset = 0;
        for item in text.split(',') {
            let refuse = |at: usize, expected| PortsError { offset: offset + at, expected };
            let (scheme, at) = match item.split_once(':') {
                None => (None, 0),
                Some(("http", _)) => (Some(Scheme::Http), 5),
                Some(("https", _)) => (Some(Scheme::Https), 6),
                Some(_) => return Err(refuse(0, "a port, `http:` or `https:`")),
            };
            let range = item.get(at..).unwrap_or_default();
            let (first, last) = match range.split_once('-') {
                None => (range, None),
                Some((first, last)) => (first, Some(last)),
            };
            let read = |text: &str, at: usize| {
                let number = text.parse::<u16>().ok().filter(|port| *port > 0);
                number
                    .filter(|_| text.bytes().all(|octet| octet.is_ascii_digit()))
                    .ok_or(refuse(at, "a port from 1 to 65535"))
            };
            let from = read(first, at)?;
            let to = match last {
                None => from,
                Some(last) => {
                    let at = at + first.len() + 1;
                    let to = read(last, at)?;
                    if to < from {
                        return Err(refuse(at, "a port after the first of the range"));
                    }
                    to
                }
            };
            // One that stands twice counts once: no target is probed twice.
            let new =
                (from..=to).filter(|number| seen.insert((*number, scheme.map(Scheme::as_str))));
            ports.extend(new.map(|number| Port { number, scheme }));
            offset += item.len() + 1;
        }
        Ok(Ports(ports))
    }
}

impl fmt::Display for PortsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "octet {}: expected {}", self.offset, self.expected)
    }
}

impl Error for PortsError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_ranges_and_schemes() {
        let rows: [(&str, Result<&str, usize>); 17] = [
            // text, ports or the offset of what does not fit
            ("80", Ok("80")),
            ("80,443", Ok("80 443")),
            ("443,80", Ok("443 80")),
            ("8000-8003,80", Ok("8000 8001 8002 8003 80")),
            ("80,79-81,80", Ok("80 79 81")),
            ("https:8443,http:443,443", Ok("https:8443 http:443 443")),
            ("https:1-2", Ok("https:1 https:2")),
            ("65535", Ok("65535")),
            ("", Err(0)),
            ("80,", Err(3)),
            ("0", Err(0)),
            ("80,65536", Err(3)),
            ("80, 443", Err(3)),
            ("+80", Err(0)),
            ("https:90-80", Err(9)),
            ("80-", Err(3)),
            ("80,ftp:21", Err(3)),
        ];
        for (text, want) in rows {
            let shown = |ports: Ports| {
                let each = ports.0.iter().map(|port| match port.scheme {
                    Some(scheme) => format!("{scheme}:{}", port.number),
                    None => port.number.to_string(),
                });
                each.collect::<Vec<_>>().join(" ")
            };
            let got = text.parse().map(shown).map_err(|error: PortsError| error.offset);
            assert_eq!(got, want.map(str::to_owned), "{text}");
        }
    }
}
