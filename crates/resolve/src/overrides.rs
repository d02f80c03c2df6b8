//! Addresses given by hand: the forms of curl's `--resolve`.

use std::fmt;
use std::net::{IpAddr, Ipv6Addr};

/// Addresses for a host and port, given by hand: they settle every question for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Override {
    host: Box<str>,
    port: u16,
    addresses: Vec<IpAddr>,
}

/// Why a text is no [`Override`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OverrideError {
    /// Octets from the beginning to what does not fit.
    pub offset: usize,
    /// What should stand there.
    pub expected: &'static str,
}

impl Override {
    /// Reads `HOST:PORT:ADDR[,ADDR]…`. The host may be `*` for every host, or an IPv6 address in
    /// brackets; so may the addresses be. A `+` before it (curl: the entry ages like any other)
    /// is accepted and means nothing here: an override lasts as long as the resolver. curl's
    /// `-HOST:PORT`, which takes an entry away, is refused.
    pub fn parse(text: &str) -> Result<Override, OverrideError> {
        let at = |rest: &str| text.len() - rest.len();
        let wrong = |rest: &str, expected| OverrideError { offset: at(rest), expected };
        let entry = text.strip_prefix('+').unwrap_or(text);
        let (host, rest) = match entry.strip_prefix('[') {
            Some(bracketed) => {
                let (host, rest) = bracketed.split_once(']').ok_or_else(|| wrong("", "`]`"))?;
                host.parse::<Ipv6Addr>().map_err(|_| wrong(bracketed, "an IPv6 address"))?;
                (host, rest.strip_prefix(':').ok_or_else(|| wrong(rest, "`:` and a port"))?)
            }
            None => entry.split_once(':').ok_or_else(|| wrong("", "`:` and a port"))?,
        };
        if host.is_empty() || host.starts_with('-') {
            return Err(wrong(entry, "a host"));
        }
        let (port, list) = rest.split_once(':').ok_or_else(|| wrong("", "`:` and an address"))?;
        let number = port.parse().ok().filter(|it| *it != 0 && !port.starts_with('+'));
        let number = number.ok_or_else(|| wrong(rest, "a port from 1 to 65535"))?;
        let mut addresses = vec![];
        let mut after = list;
        loop {
            let (address, next) = match after.split_once(',') {
                Some((address, next)) => (address, Some(next)),
                None => (after, None),
            };
            let bare = address.strip_prefix('[').and_then(|it| it.strip_suffix(']'));
            let parsed = match bare {
                Some(v6) => v6.parse::<Ipv6Addr>().map(IpAddr::from),
                None => address.parse::<IpAddr>(),
            };
            let parsed = parsed.map_err(|_| wrong(after, "an IP address"))?;
            if !addresses.contains(&parsed) {
                addresses.push(parsed);
            }
            match next {
                Some(next) => after = next,
                None => break,
            }
        }
        let host = host.strip_suffix('.').unwrap_or(host).to_ascii_lowercase().into();
        Ok(Override { host, port: number, addresses })
    }

    /// The host it is for, in lower case; `*` for all.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The port it is for.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The addresses, at least one, in the order given.
    pub fn addresses(&self) -> &[IpAddr] {
        &self.addresses
    }

    /// Whether it settles questions for this host and port. Case and a dot at the end make no
    /// difference.
    pub fn is_for(&self, host: &str, port: u16) -> bool {
        let host = host.strip_suffix('.').unwrap_or(host);
        self.port == port && (&*self.host == "*" || self.host.eq_ignore_ascii_case(host))
    }
}

impl std::error::Error for OverrideError {}

impl fmt::Display for OverrideError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "octet {}: expected {}", self.offset, self.expected)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_forms_of_curl_are_read() {
        type Want = Result<(&'static str, u16, &'static [&'static str]), usize>;
        let rows: [(&str, Want); 18] = [
            // typed, host, port, addresses | the offset of what does not fit
            ("a.test:80:192.0.2.1", Ok(("a.test", 80, &["192.0.2.1"]))),
            ("A.Test.:80:192.0.2.1,2001:db8::1", Ok(("a.test", 80, &["192.0.2.1", "2001:db8::1"]))),
            (
                "a.test:80:[2001:db8::1],192.0.2.1",
                Ok(("a.test", 80, &["2001:db8::1", "192.0.2.1"])),
            ),
            ("a.test:80:2001:db8::1", Ok(("a.test", 80, &["2001:db8::1"]))),
            ("*:443:127.0.0.1", Ok(("*", 443, &["127.0.0.1"]))),
            ("+a.test:80:192.0.2.1", Ok(("a.test", 80, &["192.0.2.1"]))),
            ("[2001:db8::2]:80:192.0.2.1", Ok(("2001:db8::2", 80, &["192.0.2.1"]))),
            ("a:1:192.0.2.1,192.0.2.1", Ok(("a", 1, &["192.0.2.1"]))),
            ("-a.test:80", Err(0)),
            ("-a.test:80:192.0.2.1", Err(0)),
            (":80:192.0.2.1", Err(0)),
            ("a.test", Err(6)),
            ("a.test:80", Err(9)),
            ("a.test:x:192.0.2.1", Err(7)),
            ("a.test:0:192.0.2.1", Err(7)),
            ("a.test:80:", Err(10)),
            ("a.test:80:192.0.2.1,", Err(20)),
            ("[2001:db8::2:80", Err(15)),
        ];
        for (text, want) in rows {
            let got = Override::parse(text);
            match (&got, want) {
                (Ok(over), Ok((host, port, addresses))) => {
                    assert_eq!((over.host(), over.port()), (host, port), "{text}");
                    assert!(
                        over.addresses()
                            .iter()
                            .map(ToString::to_string)
                            .eq(addresses.iter().map(|a| (*a).to_owned())),
                        "{text}"
                    );
                }
                (Err(error), Err(offset)) => assert_eq!(error.offset, offset, "{text}"),
                _ => panic!("{text}: {got:?}"),
            }
        }
    }

    #[test]
    fn an_override_is_for_one_port_and_any_spelling_of_a_host() {
        let over = Override::parse("a.test:80:192.0.2.1").unwrap();
        let all = Override::parse("*:80:192.0.2.1").unwrap();
        let rows = [
            ("A.test.", 80, true, true),
            ("a.test", 81, false, false),
            ("b.test", 80, false, true),
        ];
        for (host, port, one, every) in rows {
            assert_eq!((over.is_for(host, port), all.is_for(host, port)), (one, every), "{host}");
        }
    }
}
