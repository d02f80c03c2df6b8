//! Queries as octets, and octets as what a stub resolver wants of them.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use fourstep_terms::Oddity;
use hickory_proto::op::{Edns, Message, MessageType, OpCode};
use hickory_proto::rr::rdata::opt::EdnsOption;
use hickory_proto::rr::{self, DNSClass, RData, RecordType};

use crate::answer::{ExtendedError, Family, Rcode};
use crate::name::Name;
use crate::walk::{self, Head, Section};

/// The numbers of RFC 1035 §3.2.2, RFC 3596 §2.1, RFC 6891 §6.1.1.
const A: u16 = 1;
const NS: u16 = 2;
const CNAME: u16 = 5;
const SOA: u16 = 6;
const AAAA: u16 = 28;
const OPT: u16 = 41;
/// The class Internet (RFC 1035 §3.2.4).
const IN: u16 = 1;
/// The option of an extended error (RFC 8914 §2).
const EXTENDED_ERROR: u16 = 15;

/// A name and the family asked for: what equal questions have in common.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Question {
    pub(crate) name: Name,
    pub(crate) family: Family,
}

impl Question {
    /// The number of the record type that is asked for.
    fn rtype(&self) -> u16 {
        match self.family {
            Family::V4 => A,
            Family::V6 => AAAA,
        }
    }

    /// A query for it with recursion desired; with an OPT record when `payload` octets can be
    /// taken in a datagram (RFC 6891 §6.2.3).
    pub(crate) fn write(&self, id: u16, payload: Option<u16>) -> Vec<u8> {
        let mut message = Message::new(id, MessageType::Query, OpCode::Query);
        message.metadata.recursion_desired = true;
        let name = rr::Name::from_labels(self.name.labels()).unwrap_or_default();
        message.add_query(hickory_proto::op::Query::query(name, RecordType::from(self.rtype())));
        if let Some(payload) = payload {
            let mut edns = Edns::new();
            edns.set_max_payload(payload).set_version(0);
            message.set_edns(edns);
        }
        message.to_vec().unwrap_or_default()
    }
}

/// What a message turned out to be for whoever asked `Question` and knows the id fits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Reading {
    /// Not a response to a standard query.
    NotAResponse,
    /// A response to another question (RFC 5452 §9.1).
    WrongQuestion,
    /// The right id, and no message.
    Malformed,
    /// The right answer, cut to fit (RFC 2181 §9): nothing in it is used.
    Truncated,
    /// The answer.
    Reply(Reply),
}

/// A response: what a stub resolver wants of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Reply {
    pub(crate) rcode: Rcode,
    /// The address and alias records of the answer section, in order.
    pub(crate) records: Vec<Record>,
    /// The zone that says "no" and for how many seconds that holds (RFC 2308 §3).
    pub(crate) denial: Option<(Name, u32)>,
    /// Neither an answer nor a "no", but other servers' names, from one that asks nobody.
    pub(crate) is_referral: bool,
    pub(crate) extended_errors: Vec<ExtendedError>,
    /// What had to be overlooked to read it.
    pub(crate) oddities: Vec<Oddity>,
}

/// A record of the answer section.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Record {
    pub(crate) owner: Name,
    pub(crate) ttl_s: u32,
    pub(crate) data: Data,
}

/// What a record says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Data {
    Address(IpAddr),
    Alias(Name),
}

/// Reads a message as the answer to `question`. On a stream a message is never truncated for us.
pub(crate) fn read(message: &[u8], question: &Question, is_stream: bool) -> Reading {
    let Some(head) = walk::head(message) else { return Reading::Malformed };
    if !head.is_response() {
        return Reading::NotAResponse;
    }
    let is_ours = match &head.question {
        Some(it) => it.name == question.name && it.rtype == question.rtype() && it.class == IN,
        // A server that cannot read a query may answer with a bare header. It can only cost us
        // this server, never give us an address.
        None => {
            let rcode = Rcode(head.rcode());
            head.counts == [0; 4] && rcode != Rcode::NOERROR && rcode != Rcode::NXDOMAIN
        }
    };
    if !is_ours {
        return Reading::WrongQuestion;
    }
    if head.is_truncated() && !is_stream {
        return Reading::Truncated;
    }
    match strict(message, &head).or_else(|| lenient(message, &head)) {
        Some(reply) => Reading::Reply(reply),
        None => Reading::Malformed,
    }
}

/// By hickory-proto, which reads every record and refuses the message when one is broken.
pub(crate) fn strict(octets: &[u8], head: &Head) -> Option<Reply> {
    let message = Message::from_vec(octets).ok()?;
    let mut reply = Reply::new(u16::from(message.metadata.response_code));
    for record in &message.answers {
        if record.dns_class != DNSClass::IN {
            continue;
        }
        let data = match &record.data {
            RData::A(a) => Data::Address(a.0.into()),
            RData::AAAA(a) => Data::Address(a.0.into()),
            RData::CNAME(target) => Data::Alias(ours(&target.0)?),
            _ => continue,
        };
        reply.records.push(Record { owner: ours(&record.name)?, ttl_s: ttl(record.ttl), data });
    }
    let mut refers = false;
    for record in &message.authorities {
        match &record.data {
            RData::SOA(soa) if reply.denial.is_none() => {
                reply.denial = Some((ours(&record.name)?, ttl(record.ttl.min(soa.minimum))));
            }
            RData::NS(_) => refers = true,
            _ => {}
        }
    }
    if let Some(edns) = &message.edns {
        for (_, option) in &edns.options().options {
            if let EdnsOption::Unknown(EXTENDED_ERROR, octets) = option {
                reply.extended_errors.extend(extended_error(octets));
            }
        }
    }
    reply.is_referral = reply.refers(head, refers);
    Some(reply)
}

/// By our own walk, which looks only at what is wanted: broken records of other kinds, and OPT
/// records that are too many or in the wrong place, are skipped, and that is said.
pub(crate) fn lenient(octets: &[u8], head: &Head) -> Option<Reply> {
    let mut reply = Reply::new(head.rcode());
    let mut has_opt = false;
    let mut refers = false;
    let mut oddity = Oddity {
        rule: "broken-record",
        offset: 0,
        says: "a record that is not needed cannot be read and was skipped",
        reference: "RFC 1035 §4.1.3",
    };
    head.records(octets, |record| {
        match (record.section, record.rtype) {
            (Section::Answer, A | AAAA | CNAME) if record.class == IN => {
                let data = match record.rtype {
                    A => Data::Address(
                        Ipv4Addr::from(<[u8; 4]>::try_from(record.rdata).ok()?).into(),
                    ),
                    AAAA => Data::Address(
                        Ipv6Addr::from(<[u8; 16]>::try_from(record.rdata).ok()?).into(),
                    ),
                    _ => {
                        let (target, after) = walk::name(octets, record.rdata_at)?;
                        if after != record.rdata_at + record.rdata.len() {
                            return None;
                        }
                        Data::Alias(target)
                    }
                };
                reply.records.push(Record { owner: record.owner, ttl_s: ttl(record.ttl), data });
            }
            (Section::Authority, SOA) if reply.denial.is_none() => {
                // MINIMUM is the last of the RDATA's fields (RFC 1035 §3.3.13).
                let minimum =
                    record.rdata.last_chunk().map(|octets| u32::from_be_bytes(*octets))?;
                reply.denial = Some((record.owner, ttl(record.ttl.min(minimum))));
            }
            (Section::Authority, NS) => refers = true,
            (Section::Additional, OPT) if !has_opt => {
                has_opt = true;
                // The TTL's first octet is the RCODE's upper eight bits (RFC 6891 §6.1.3).
                let [upper, ..] = record.ttl.to_be_bytes();
                reply.rcode.0 |= u16::from(upper) << 4;
                reply.extended_errors = extended_errors(record.rdata);
            }
            (section, OPT) => {
                oddity = Oddity {
                    rule: if section == Section::Additional {
                        "second-opt"
                    } else {
                        "misplaced-opt"
                    },
                    offset: u64::try_from(record.at).unwrap_or(u64::MAX),
                    says: "an OPT record that is one too many or in the wrong section was skipped",
                    reference: "RFC 6891 §6.1.1",
                };
            }
            _ => {}
        }
        Some(())
    })?;
    reply.is_referral = reply.refers(head, refers);
    reply.oddities.push(oddity);
    Some(reply)
}

impl Reply {
    fn new(rcode: u16) -> Reply {
        Reply {
            rcode: Rcode(rcode),
            records: vec![],
            denial: None,
            is_referral: false,
            extended_errors: vec![],
            oddities: vec![],
        }
    }

    /// A referral, of no use to a stub (RFC 1034 §4.3.1; RFC 2308 §2.2 tells it from NODATA by
    /// the missing SOA).
    fn refers(&self, head: &Head, names_servers: bool) -> bool {
        names_servers
            && self.records.is_empty()
            && self.denial.is_none()
            && !head.is_authoritative()
            && !head.offers_recursion()
    }
}

/// The options of an OPT record, a code and a length before each (RFC 6891 §6.1.2). Ends at the
/// first that does not fit.
fn extended_errors(mut rdata: &[u8]) -> Vec<ExtendedError> {
    let mut errors = vec![];
    while let (Some(code), Some(length)) = (walk::u16_at(rdata, 0), walk::u16_at(rdata, 2)) {
        let Some((option, rest)) =
            rdata.get(4..).and_then(|rest| rest.split_at_checked(usize::from(length)))
        else {
            break;
        };
        if code == EXTENDED_ERROR {
            errors.extend(extended_error(option));
        }
        rdata = rest;
    }
    errors
}

/// INFO-CODE and EXTRA-TEXT (RFC 8914 §2); `None` when even the code is cut.
fn extended_error(option: &[u8]) -> Option<ExtendedError> {
    let code = walk::u16_at(option, 0)?;
    // §2: the text may end in a NUL, which is not part of it.
    let text = option.get(2..)?;
    let text = text.strip_suffix(b"\0").unwrap_or(text);
    Some(ExtendedError { code, text: String::from_utf8_lossy(text).into() })
}

/// A TTL with its highest bit set is zero (RFC 2181 §8).
fn ttl(seconds: u32) -> u32 {
    if seconds > 0x7FFF_FFFF { 0 } else { seconds }
}

fn ours(name: &rr::Name) -> Option<Name> {
    Name::from_labels(name.iter())
}
