//! What a name server knows, and how it misbehaves, as data.

use hickory_proto::rr::{Name, RData, RecordType, rdata};
use std::collections::BTreeMap;
use std::net::{Ipv4Addr, Ipv6Addr};
use std::time::Duration;

/// The names a [`NameServer`](crate::NameServer) answers for.
///
/// A name with records answers with those of the asked type, or with none of them (NODATA,
/// RFC 2308 §2.2); a CNAME is followed as far as the zone knows (RFC 1034 §4.3.2), and once
/// around a loop; any other name does not exist (NXDOMAIN, RFC 2308 §2.1). Both kinds of "no"
/// carry an SOA. Names compare without regard to case (RFC 4343 §3), their last dot is optional.
///
/// ```
/// use fourstep_peer::{Manner, On, Zone};
/// use std::{net::Ipv6Addr, time::Duration};
///
/// let zone = Zone::new()
///     .a("www.test", [127, 0, 0, 1])
///     .aaaa("www.test", Ipv6Addr::LOCALHOST)
///     .cname("alias.test", "www.test")
///     .a("half-late.test", [127, 0, 0, 1])
///     .behave("half-late.test", On::Aaaa, Manner::Late(Duration::from_millis(200)))
///     .behave("dead.test", On::Any, Manner::Rcode(2));
/// # let _ = zone;
/// ```
#[derive(Clone, Debug)]
pub struct Zone {
    names: BTreeMap<String, Node>,
    otherwise: Vec<(On, Manner)>,
    ttl_s: u32,
    tcp: Tcp,
}

/// The questions that a [`Manner`] is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum On {
    /// Those for A records.
    A,
    /// Those for AAAA records.
    Aaaa,
    /// All of them.
    Any,
}

/// One way to answer other than plainly. A name may have several: they are applied in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Manner {
    /// Answers with the CNAME alone, not with what the zone knows of its target.
    OneLink,
    /// Answers with this RCODE and no record (RFC 1035 §4.1.1; above 15 it needs EDNS, RFC 6891
    /// §6.1.3).
    Rcode(u16),
    /// Adds an extended error (RFC 8914 §2): its INFO-CODE and EXTRA-TEXT. Left out when the
    /// question came without EDNS.
    Extended(u16, String),
    /// FORMERR without an OPT when the question has one, as servers from before EDNS do
    /// (RFC 6891 §7).
    OldServer,
    /// Over UDP no record and the TC bit (RFC 2181 §9); the whole answer over TCP.
    Truncated,
    /// Each answer comes this much later.
    Late(Duration),
    /// The first so many questions for the name and type get no answer, over UDP and TCP together.
    DropFirst(u32),
    /// No answer. A [`Decoy`] named before it is still sent.
    Silent,
    /// Over UDP, a false answer before the true one.
    Decoy(Decoy),
    /// The owner name of the answer is a compression pointer to itself (RFC 1035 §4.1.4).
    PointerLoop,
    /// The id of the question, then these octets in place of the rest of the answer.
    Raw(Vec<u8>),
    /// Over TCP, the first half of the answer and then a close. Over UDP, the first half.
    Cut,
}

/// A false answer. Where it has an address it is 203.0.113.66 or 2001:db8::bad (RFC 5737 §3,
/// RFC 3849 §2): nobody who takes answers with care reports those (RFC 5452 §9.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decoy {
    /// From another address (127.0.0.2 for 127.0.0.1; on IPv6 from another port).
    OtherSource,
    /// With an id that was not asked with.
    OtherId,
    /// To a question that was not asked.
    OtherQuestion,
    /// A query, not a response: the QR bit is clear.
    NotAResponse,
    /// The right id, then octets that are no message.
    Garbage,
}

/// What the server does over TCP.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tcp {
    /// Answers (RFC 7766 §5).
    #[default]
    Answers,
    /// Does not listen: the port refuses, and nobody else can take it.
    Refuses,
    /// Accepts and closes.
    Closes,
    /// Accepts, reads and never answers.
    Silent,
}

#[derive(Clone, Debug, Default)]
struct Node {
    records: Vec<Entry>,
    manners: Vec<(On, Manner)>,
}

/// A record without its owner name.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) ttl_s: u32,
    pub(crate) data: Data,
}

#[derive(Clone, Debug)]
pub(crate) enum Data {
    A(Ipv4Addr),
    Aaaa(Ipv6Addr),
    Cname(String),
    Txt(String),
}

impl Default for Zone {
    fn default() -> Zone {
        Zone { names: BTreeMap::new(), otherwise: Vec::new(), ttl_s: 60, tcp: Tcp::Answers }
    }
}

impl Zone {
    /// A zone without a name; records will have a TTL of 60 seconds.
    pub fn new() -> Zone {
        Zone::default()
    }

    /// The TTL of the records added after this, and of the SOA of negative answers, in seconds.
    #[must_use]
    pub fn ttl(mut self, seconds: u32) -> Zone {
        self.ttl_s = seconds;
        self
    }

    /// Adds an A record.
    #[must_use]
    pub fn a(self, name: &str, address: impl Into<Ipv4Addr>) -> Zone {
        self.record(name, Data::A(address.into()))
    }

    /// Adds an AAAA record.
    #[must_use]
    pub fn aaaa(self, name: &str, address: impl Into<Ipv6Addr>) -> Zone {
        self.record(name, Data::Aaaa(address.into()))
    }

    /// Adds a CNAME record.
    #[must_use]
    pub fn cname(self, name: &str, target: &str) -> Zone {
        self.record(name, Data::Cname(target.into()))
    }

    /// Adds a TXT record of one string, of at most 255 octets. With nothing else the name exists
    /// and has no address.
    #[must_use]
    pub fn txt(self, name: &str, text: &str) -> Zone {
        self.record(name, Data::Txt(text.into()))
    }

    /// Adds a manner to a name, which may have no record.
    #[must_use]
    pub fn behave(mut self, name: &str, on: On, manner: Manner) -> Zone {
        self.names.entry(key(name)).or_default().manners.push((on, manner));
        self
    }

    /// Adds a manner to all names that have none of their own.
    #[must_use]
    pub fn otherwise(mut self, on: On, manner: Manner) -> Zone {
        self.otherwise.push((on, manner));
        self
    }

    /// What the server does over TCP.
    #[must_use]
    pub fn tcp(mut self, tcp: Tcp) -> Zone {
        self.tcp = tcp;
        self
    }

    pub(crate) fn over_tcp(&self) -> Tcp {
        self.tcp
    }

    pub(crate) fn soa_ttl_s(&self) -> u32 {
        self.ttl_s
    }

    /// The name's records; `None` when there is no such name.
    pub(crate) fn records(&self, name: &Name) -> Option<&[Entry]> {
        let name = key(&name.to_ascii());
        if let Some(node) = self.names.get(&name).filter(|node| !node.records.is_empty()) {
            return Some(&node.records);
        }
        // An empty non-terminal exists (RFC 4592 §2.2.2).
        let below = format!(".{name}");
        self.names.keys().any(|other| other.ends_with(&below)).then_some(&[])
    }

    /// The manners for a question, in order.
    pub(crate) fn manners(&self, name: &Name, kind: RecordType) -> impl Iterator<Item = &Manner> {
        let own = self.names.get(&key(&name.to_ascii())).map(|node| node.manners.as_slice());
        let manners = own.filter(|own| !own.is_empty()).unwrap_or(&self.otherwise);
        manners.iter().filter(move |(on, _)| on.covers(kind)).map(|(_, manner)| manner)
    }

    pub(crate) fn every_manner(&self) -> impl Iterator<Item = &Manner> {
        let own = self.names.values().flat_map(|node| &node.manners);
        own.chain(&self.otherwise).map(|(_, manner)| manner)
    }

    /// A name that is no domain name (RFC 1035 §2.3.4), if there is one.
    pub(crate) fn bad_name(&self) -> Option<&str> {
        let targets = self.names.values().flat_map(|node| &node.records).filter_map(|entry| {
            if let Data::Cname(target) = &entry.data { Some(target) } else { None }
        });
        self.names.keys().chain(targets).find(|name| Name::from_ascii(name).is_err()).map(|n| &**n)
    }

    fn record(mut self, name: &str, data: Data) -> Zone {
        let entry = Entry { ttl_s: self.ttl_s, data };
        self.names.entry(key(name)).or_default().records.push(entry);
        self
    }
}

impl On {
    fn covers(self, kind: RecordType) -> bool {
        match self {
            On::A => kind == RecordType::A,
            On::Aaaa => kind == RecordType::AAAA,
            On::Any => true,
        }
    }
}

impl Data {
    pub(crate) fn kind(&self) -> RecordType {
        match self {
            Data::A(_) => RecordType::A,
            Data::Aaaa(_) => RecordType::AAAA,
            Data::Cname(_) => RecordType::CNAME,
            Data::Txt(_) => RecordType::TXT,
        }
    }

    /// As it stands in a message; `None` for a bad name, which a server refuses to start with.
    pub(crate) fn wire(&self) -> Option<RData> {
        Some(match self {
            Data::A(address) => RData::A((*address).into()),
            Data::Aaaa(address) => RData::AAAA((*address).into()),
            Data::Cname(target) => RData::CNAME(rdata::CNAME(absolute(target)?)),
            Data::Txt(text) => RData::TXT(rdata::TXT::new(vec![text.clone()])),
        })
    }
}

/// The name with its root label.
pub(crate) fn absolute(name: &str) -> Option<Name> {
    let mut name = Name::from_ascii(name).ok()?;
    name.set_fqdn(true);
    Some(name)
}

fn key(name: &str) -> String {
    name.strip_suffix('.').unwrap_or(name).to_ascii_lowercase()
}
