//! What an asker gets.

use std::borrow::Cow;
use std::fmt;
use std::net::{IpAddr, SocketAddr};

use fourstep_terms::Oddity;

use crate::error::ResolveError;

/// Which kind of address: the record type A or AAAA.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Family {
    /// IPv4, record type A (RFC 1035 §3.4.1).
    V4,
    /// IPv6, record type AAAA (RFC 3596 §2.1).
    V6,
}

impl Family {
    /// Both, IPv4 first.
    pub const ALL: [Family; 2] = [Family::V4, Family::V6];

    /// The record type that asks for it: `A` or `AAAA`.
    pub const fn record_type(self) -> &'static str {
        match self {
            Family::V4 => "A",
            Family::V6 => "AAAA",
        }
    }

    /// Whether `address` is of this family.
    pub const fn holds(self, address: IpAddr) -> bool {
        matches!((self, address), (Family::V4, IpAddr::V4(_)) | (Family::V6, IpAddr::V6(_)))
    }
}

impl fmt::Display for Family {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Family::V4 => "IPv4",
            Family::V6 => "IPv6",
        })
    }
}

/// How a query travelled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Transport {
    /// A datagram a message (RFC 1035 §4.2.1).
    Udp,
    /// A stream, each message behind its length in two octets (RFC 1035 §4.2.2).
    Tcp,
}

impl Transport {
    /// The word that records use.
    pub const fn as_str(self) -> &'static str {
        match self {
            Transport::Udp => "udp",
            Transport::Tcp => "tcp",
        }
    }
}

impl fmt::Display for Transport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Where an answer came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum From {
    /// A name server, asked for this answer or for another asker at the same time.
    Dns,
    /// The hosts table, or a name that never leaves this machine (RFC 6761 §6.3).
    Hosts,
    /// An [`crate::Override`].
    Override,
    /// A name server, asked earlier.
    Cache,
}

impl From {
    /// The word that records use.
    pub const fn as_str(self) -> &'static str {
        match self {
            From::Dns => "dns",
            From::Hosts => "hosts",
            From::Override => "override",
            From::Cache => "cache",
        }
    }
}

impl fmt::Display for From {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A response code: 4 bits of the header, 8 more in an OPT record (RFC 6895 §2.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Rcode(pub u16);

impl Rcode {
    /// No error (RFC 1035 §4.1.1).
    pub const NOERROR: Rcode = Rcode(0);
    /// The server could not read the query (RFC 1035 §4.1.1).
    pub const FORMERR: Rcode = Rcode(1);
    /// The server could not answer (RFC 1035 §4.1.1).
    pub const SERVFAIL: Rcode = Rcode(2);
    /// The name does not exist (RFC 1035 §4.1.1).
    pub const NXDOMAIN: Rcode = Rcode(3);
    /// The server does not know this kind of query (RFC 1035 §4.1.1).
    pub const NOTIMP: Rcode = Rcode(4);
    /// The server refuses (RFC 1035 §4.1.1).
    pub const REFUSED: Rcode = Rcode(5);

    /// Its name in the registry of RFC 6895 §2.3, in capitals; `RCODE12` where it has none.
    pub fn text(self) -> Cow<'static, str> {
        Cow::Borrowed(match self.0 {
            0 => "NOERROR",
            1 => "FORMERR",
            2 => "SERVFAIL",
            3 => "NXDOMAIN",
            4 => "NOTIMP",
            5 => "REFUSED",
            6 => "YXDOMAIN",
            7 => "YXRRSET",
            8 => "NXRRSET",
            9 => "NOTAUTH",
            10 => "NOTZONE",
            11 => "DSOTYPENI",
            16 => "BADVERS",
            17 => "BADKEY",
            18 => "BADTIME",
            19 => "BADMODE",
            20 => "BADNAME",
            21 => "BADALG",
            22 => "BADTRUNC",
            23 => "BADCOOKIE",
            other => return Cow::Owned(format!("RCODE{other}")),
        })
    }
}

impl fmt::Display for Rcode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text())
    }
}

/// More about a failure, in a server's own words (RFC 8914 §2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExtendedError {
    /// The INFO-CODE, a number of the registry of RFC 8914 §5.2.
    pub code: u16,
    /// The EXTRA-TEXT: UTF-8, octets that are not replaced, control characters as sent. Often empty.
    pub text: Box<str>,
}

/// Messages that came and were not taken, by reason (RFC 5452 §9.1).
///
/// A message of which nothing tells the question is counted for every question under way on its
/// channel.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ignored {
    /// Not from the address and port that was asked.
    pub wrong_source: u32,
    /// No query with this id is under way, or there is no id.
    pub wrong_id: u32,
    /// Its question is not the one that was asked.
    pub wrong_question: u32,
    /// A query (QR is 0), or another opcode than QUERY.
    pub not_a_response: u32,
    /// The right id and source, and it cannot be read. The server was given up.
    pub malformed: u32,
}

impl Ignored {
    /// How many in all.
    pub fn total(self) -> u32 {
        [self.wrong_source, self.wrong_id, self.wrong_question, self.not_a_response, self.malformed]
            .into_iter()
            .fold(0, u32::saturating_add)
    }

    /// Each reason with its count, reasons without a case left out.
    pub fn reasons(self) -> impl Iterator<Item = (&'static str, u32)> {
        [
            ("wrong-source", self.wrong_source),
            ("wrong-id", self.wrong_id),
            ("wrong-question", self.wrong_question),
            ("not-a-response", self.not_a_response),
            ("malformed", self.malformed),
        ]
        .into_iter()
        .filter(|(_, count)| *count > 0)
    }

    pub(crate) fn add(&mut self, more: Ignored) {
        self.wrong_source = self.wrong_source.saturating_add(more.wrong_source);
        self.wrong_id = self.wrong_id.saturating_add(more.wrong_id);
        self.wrong_question = self.wrong_question.saturating_add(more.wrong_question);
        self.not_a_response = self.not_a_response.saturating_add(more.not_a_response);
        self.malformed = self.malformed.saturating_add(more.malformed);
    }
}

/// The answer for one family of one name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The family that was asked for.
    pub family: Family,
    /// Its addresses, at least one, each once, in the order of the answer; or why there are none.
    pub result: Result<Vec<IpAddr>, ResolveError>,
    /// Where it came from.
    pub from: From,
    /// The full name that answered: after the search list, before aliases; no dot at its end.
    pub name: Box<str>,
    /// The aliases' targets, in order; the last is the name that has the addresses.
    pub cname: Vec<Box<str>>,
    /// Seconds for which it holds: the least of aliases and addresses, or the negative answer's
    /// (RFC 2308 §5). `None` where nothing says so.
    pub ttl_s: Option<u32>,
    /// The RCODE of the last answer that was taken.
    pub rcode: Option<Rcode>,
    /// The server that gave it; `None` when none was asked or none answered.
    pub server: Option<SocketAddr>,
    /// How it came.
    pub transport: Option<Transport>,
    /// What servers added, in order, without repetitions.
    pub extended_errors: Vec<ExtendedError>,
    /// Messages that were not taken.
    pub ignored: Ignored,
    /// Queries sent for it, whether or not they arrived and others wait for them too. One that the
    /// other family's NXDOMAIN made needless (RFC 8020 §2) is not counted.
    pub asked: u32,
    /// What was read though a strict reader refuses it.
    pub oddities: Vec<Oddity>,
}

impl Answer {
    /// The answer that needs no server: of all these addresses those of one family.
    pub(crate) fn given(name: &str, family: Family, addresses: &[IpAddr], from: From) -> Answer {
        let name: Box<str> = name.strip_suffix('.').unwrap_or(name).into();
        let ours: Vec<IpAddr> = addresses.iter().copied().filter(|it| family.holds(*it)).collect();
        let result = match (addresses.is_empty(), ours.is_empty()) {
            (true, _) => Err(ResolveError::NoSuchName { name: name.clone() }),
            (false, true) => Err(ResolveError::NoAddress { name: name.clone(), family }),
            (false, false) => Ok(ours),
        };
        Answer {
            family,
            result,
            from,
            name,
            cname: vec![],
            ttl_s: None,
            rcode: None,
            server: None,
            transport: None,
            extended_errors: vec![],
            ignored: Ignored::default(),
            asked: 0,
            oddities: vec![],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rcodes_have_the_names_of_the_registry() {
        // RFC 6895 §2.3; 24–3840 are unassigned.
        let rows = [(0, "NOERROR"), (3, "NXDOMAIN"), (16, "BADVERS"), (24, "RCODE24")];
        for (number, text) in rows {
            assert_eq!(Rcode(number).to_string(), text);
        }
    }

    #[test]
    fn reasons_name_what_was_counted() {
        let ignored = Ignored { wrong_id: 2, malformed: 1, ..Ignored::default() };
        assert_eq!(ignored.total(), 3);
        assert!(ignored.reasons().eq([("wrong-id", 2), ("malformed", 1)]));
    }
}
