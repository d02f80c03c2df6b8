//! Whom to ask and how: resolv.conf(5).

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV6};
use std::time::Duration;

use crate::answer::From;
use crate::hosts::Hosts;
use crate::overrides::Override;
use crate::special;

/// The port of a name server (RFC 1035 §4.2).
const PORT: u16 = 53;

/// Whom to ask and how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// The name servers, in the order in which they are asked. Default: 127.0.0.1:53.
    pub servers: Vec<SocketAddr>,
    /// Domains below which a name is looked for, in order.
    pub search: Vec<Box<str>>,
    /// A name with at least so many dots is tried as it is first. Default 1.
    pub ndots: u8,
    /// How long a server is waited for before the next is asked. Default 5 s.
    pub timeout: Duration,
    /// How often the servers are gone through, at least once. Default 2.
    pub attempts: u8,
    /// Each name starts at the next server, so that they share the load.
    pub rotate: bool,
    /// Ask over TCP only.
    pub use_vc: bool,
    /// The largest datagram taken, told to servers (RFC 6891 §6.2.3); 0 sends no OPT record.
    /// Default 1232: with its headers it fits into IPv6's least MTU of 1280 octets (RFC 8200 §5).
    pub edns_payload: u16,
    /// The hosts table.
    pub hosts: Hosts,
    /// Addresses that were given by hand; of several for a name the last counts, and one for
    /// every host only where none is for the name, as with curl.
    pub overrides: Vec<Override>,
    /// Answers kept at most; 0 keeps none. Default 10,000.
    pub cache_entries: usize,
}

/// The defaults of resolv.conf(5).
impl Default for Config {
    fn default() -> Config {
        Config {
            servers: vec![SocketAddr::new(Ipv4Addr::LOCALHOST.into(), PORT)],
            search: vec![],
            ndots: 1,
            timeout: Duration::from_secs(5),
            attempts: 2,
            rotate: false,
            use_vc: false,
            edns_payload: 1232,
            hosts: Hosts::default(),
            overrides: vec![],
            cache_entries: 10_000,
        }
    }
}

/// A line of a file, or a part of it, that was not understood and was skipped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Warning {
    /// The line, counted from 1.
    pub line: usize,
    /// What was not understood, control characters escaped, at most 60 characters.
    pub shown: Box<str>,
    /// What is wrong with it.
    pub says: &'static str,
}

impl Config {
    /// Addresses that no server is asked for, most particular first.
    pub(crate) fn known(&self, name: &str, port: u16) -> Option<(Vec<IpAddr>, From)> {
        let name = name.strip_suffix('.').unwrap_or(name);
        let overs = self.overrides.iter().rev().filter(|it| it.is_for(name, port));
        // The first of the least: the last one given for the host itself, else for all hosts.
        if let Some(over) = overs.min_by_key(|over| over.host() == "*") {
            return Some((over.addresses().to_vec(), From::Override));
        }
        let listed = self.hosts.get(name);
        let addresses = if listed.is_empty() { special::addresses(name)? } else { listed.to_vec() };
        Some((addresses, From::Hosts))
    }

    /// Reads the octets of a resolv.conf file: what it does not say keeps its default, what is
    /// not understood is skipped with a warning. `zone_index` gives the number of an interface
    /// (`fe80::1%eth0`, RFC 4007 §11.2), `None` where there is none of that name.
    ///
    /// As glibc does, the last of `search` and `domain` counts, ndots is at most 15, timeout 30
    /// and attempts 5. Unlike it, every `nameserver` is taken, not the first three.
    pub fn parse_resolv_conf(
        text: &[u8],
        zone_index: impl Fn(&str) -> Option<u32>,
    ) -> (Config, Vec<Warning>) {
        let mut config = Config { servers: vec![], ..Config::default() };
        let mut warnings = vec![];
        for (at, line) in text.split(|octet| *octet == b'\n').enumerate() {
            let mut warn = |says, what: &[u8]| {
                warnings.push(Warning { line: at + 1, shown: shown(what), says });
            };
            let Ok(said) = std::str::from_utf8(line) else {
                warn("not UTF-8", line);
                continue;
            };
            // A comment mark counts at the beginning of a line; glibc ends values there too.
            let said = said.split(['#', ';']).next().unwrap_or_default();
            let mut words = said.split_ascii_whitespace();
            match words.next() {
                None => {}
                Some("nameserver") => match words.next().map(|word| server(word, &zone_index)) {
                    Some(Some(server)) => config.servers.push(server),
                    _ => warn("no address of a name server", line),
                },
                Some("domain") => config.search = words.next().map(Box::from).into_iter().collect(),
                Some("search") => config.search = words.map(Box::from).collect(),
                Some("options") => {
                    for word in words {
                        if let Err(says) = config.option(word) {
                            warn(says, word.as_bytes());
                        }
                    }
                }
                Some("sortlist") => warn("sortlist is not supported", line),
                Some(_) => warn("an unknown keyword", line),
            }
        }
        if config.servers.is_empty() {
            config.servers = Config::default().servers;
        }
        (config, warnings)
    }

    /// Reads a name server as people type it: `192.0.2.53`, `192.0.2.53:5353`, `2001:db8::53`,
    /// `[2001:db8::53]:5353`, `fe80::53%eth0`, `[fe80::53%eth0]:5353`. The port is 53 if none is
    /// given.
    pub fn parse_server(
        text: &str,
        zone_index: impl Fn(&str) -> Option<u32>,
    ) -> Option<SocketAddr> {
        let (host, port) = match text.strip_prefix('[') {
            Some(bracketed) => match bracketed.split_once(']')? {
                (host, "") => (host, PORT),
                (host, rest) => (host, port(rest.strip_prefix(':')?)?),
            },
            None => match text.split_once(':') {
                Some((host, typed)) if !typed.contains(':') => (host, port(typed)?),
                _ => (text, PORT),
            },
        };
        let mut server = server(host, &zone_index)?;
        server.set_port(port);
        Some(server)
    }

    /// One word of an `options` line.
    fn option(&mut self, word: &str) -> Result<(), &'static str> {
        let number = |most: u8| {
            let (_, digits) = word.split_once(':').unwrap_or_default();
            digits.parse::<u64>().map(|it| u8::try_from(it).unwrap_or(u8::MAX).min(most))
        };
        let not_a_number = |_| "not a number";
        match word.split(':').next().unwrap_or_default() {
            "ndots" => self.ndots = number(15).map_err(not_a_number)?,
            "timeout" => {
                let seconds = number(30).map_err(not_a_number)?;
                self.timeout = Duration::from_secs(seconds.max(1).into());
            }
            "attempts" => self.attempts = number(5).map_err(not_a_number)?.max(1),
            "rotate" => self.rotate = true,
            "use-vc" => self.use_vc = true,
            // What these ask for is so in any case, or is about other programs.
            "edns0"
            | "single-request"
            | "single-request-reopen"
            | "trust-ad"
            | "no-reload"
            | "no-aaaa"
            | "debug"
            | "inet6"
            | "ip6-bytestring"
            | "ip6-dotint"
            | "no-ip6-dotint"
            | "no-check-names"
            | "no-tld-query"
            | "insecure1"
            | "insecure2" => {}
            _ => return Err("an unknown option"),
        }
        Ok(())
    }
}

/// An address, with a zone if it has one (RFC 4007 §11.2), and port 53.
fn server(text: &str, zone_index: &impl Fn(&str) -> Option<u32>) -> Option<SocketAddr> {
    match text.split_once('%') {
        None => Some(SocketAddr::new(text.parse::<IpAddr>().ok()?, PORT)),
        Some((address, zone)) => {
            let index = zone.parse().ok().or_else(|| zone_index(zone))?;
            Some(SocketAddrV6::new(address.parse::<Ipv6Addr>().ok()?, PORT, 0, index).into())
        }
    }
}

fn port(text: &str) -> Option<u16> {
    text.parse().ok().filter(|port| *port != 0)
}

fn shown(what: &[u8]) -> Box<str> {
    let text = String::from_utf8_lossy(what);
    text.trim().chars().take(60).flat_map(char::escape_default).collect::<String>().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn zones(name: &str) -> Option<u32> {
        (name == "eth0").then_some(2)
    }

    #[test]
    fn resolv_conf_is_read_leniently() {
        let default = Config::default;
        let servers = |list: &[&str]| list.iter().map(|s| s.parse().unwrap()).collect();
        let search = |list: &[&str]| list.iter().map(|s| (*s).into()).collect();
        let rows: Vec<(&str, Config, usize)> = vec![
            // file, what it says, warnings                                   resolv.conf(5)
            ("", default(), 0),
            (
                "nameserver 192.0.2.1\n nameserver\t2001:db8::1 \r\n",
                Config { servers: servers(&["192.0.2.1:53", "[2001:db8::1]:53"]), ..default() },
                0,
            ),
            (
                "nameserver fe80::1%eth0\nnameserver fe80::2%7",
                Config { servers: servers(&["[fe80::1%2]:53", "[fe80::2%7]:53"]), ..default() },
                0,
            ),
            ("nameserver fe80::1%nope\nnameserver x\nnameserver", default(), 3),
            (
                "domain a.test\nsearch b.test c.test",
                Config { search: search(&["b.test", "c.test"]), ..default() },
                0,
            ),
            (
                "search b.test c.test\ndomain a.test",
                Config { search: search(&["a.test"]), ..default() },
                0,
            ),
            (
                "options ndots:3 timeout:2 attempts:4 rotate use-vc edns0",
                Config {
                    ndots: 3,
                    timeout: Duration::from_secs(2),
                    attempts: 4,
                    rotate: true,
                    use_vc: true,
                    ..default()
                },
                0,
            ),
            (
                "options ndots:99 timeout:99 attempts:999",
                Config { ndots: 15, timeout: Duration::from_secs(30), attempts: 5, ..default() },
                0,
            ),
            (
                "options timeout:0 attempts:0",
                Config { timeout: Duration::from_secs(1), attempts: 1, ..default() },
                0,
            ),
            ("options ndots: timeout:x foo", default(), 3),
            (
                "# nameserver 192.0.2.1\n; x\nnameserver 192.0.2.2 # why",
                Config { servers: servers(&["192.0.2.2:53"]), ..default() },
                0,
            ),
            ("sortlist 192.0.2.0\nfoo bar", default(), 2),
        ];
        for (text, want, warnings) in rows {
            let (config, said) = Config::parse_resolv_conf(text.as_bytes(), zones);
            assert_eq!((config, said.len()), (want, warnings), "{text:?}: {said:?}");
        }
        let (_, said) = Config::parse_resolv_conf(b"\n\xFF\x1b", zones);
        assert_eq!((said[0].line, &*said[0].shown), (2, "\\u{fffd}\\u{1b}"));
    }

    #[test]
    fn servers_are_read_as_people_type_them() {
        let rows = [
            ("192.0.2.53", Some("192.0.2.53:53")),
            ("192.0.2.53:5353", Some("192.0.2.53:5353")),
            ("2001:db8::53", Some("[2001:db8::53]:53")),
            ("[2001:db8::53]", Some("[2001:db8::53]:53")),
            ("[2001:db8::53]:5353", Some("[2001:db8::53]:5353")),
            ("fe80::53%eth0", Some("[fe80::53%2]:53")),
            ("[fe80::53%eth0]:5353", Some("[fe80::53%2]:5353")),
            ("192.0.2.53:0", None),
            ("192.0.2.53:x", None),
            ("192.0.2.53%eth0", None),
            ("dns.test", None),
            ("[192.0.2.53", None),
            ("", None),
        ];
        for (text, want) in rows {
            let want = want.map(|it| it.parse().unwrap());
            assert_eq!(Config::parse_server(text, zones), want, "{text}");
        }
    }
}
