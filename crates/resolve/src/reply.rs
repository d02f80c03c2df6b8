//! What a stub resolver wants of a response.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use fourstep_terms::Oddity;
use hickory_proto::op::Message;
use hickory_proto::rr::rdata::opt::EdnsOption;
use hickory_proto::rr::{self, DNSClass, RData};

use crate::answer::{ExtendedError, Rcode};
use crate::binding::{Binding, BindingError};
use crate::message::{A, AAAA, HTTPS, IN};
use crate::name::Name;
use crate::walk::{self, Head, Section};

/// Further numbers of RFC 1035 §3.2.2, and RFC 6891 §6.1.1.
const NS: u16 = 2;
const CNAME: u16 = 5;
const SOA: u16 = 6;
const OPT: u16 = 41;
/// The option of an extended error (RFC 8914 §2).
const EXTENDED_ERROR: u16 = 15;

/// A response: what a stub resolver wants of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Reply {
    pub(crate) rcode: Rcode,
    /// The address, alias and HTTPS records of the answer section, in order.
    pub(crate) records: Vec<Record>,
    /// The zone that says "no" and for how many seconds that holds (RFC 2308 §3).
    pub(crate) denial: Option<(Name, u32)>,
    /// Neither an answer nor a "no", but other servers' names, from one that asks nobody.
    pub(crate) is_referral: bool,
    /// It says that it is cut (TC).
    pub(crate) is_truncated: bool,
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
    /// An HTTPS record; or what is wrong with it, and where its RDATA begins.
    Service(Result<Binding, (BindingError, usize)>),
}

/// By hickory-proto, which reads every record and refuses the message when one is broken.
pub(crate) fn strict(octets: &[u8], head: &Head) -> Option<Reply> {
    let message = Message::from_vec(octets).ok()?;
    let mut reply = Reply::new(u16::from(message.metadata.response_code), head);
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

/// By our own walk, for a message that hickory-proto refused: what it stumbled over is said.
pub(crate) fn lenient(octets: &[u8], head: &Head) -> Option<Reply> {
    let mut reply = walked(octets, head)?;
    if reply.oddities.is_empty() {
        reply.oddities.push(Oddity {
            rule: "broken-record",
            offset: 0,
            says: "a record that is not needed cannot be read and was skipped",
            reference: "RFC 1035 §4.1.3",
        });
    }
    Some(reply)
}

/// By our own walk, which looks only at what is wanted: broken records of other kinds, and OPT
/// records that are too many or in the wrong place, are skipped, and the latter is said.
pub(crate) fn walked(octets: &[u8], head: &Head) -> Option<Reply> {
    let mut reply = Reply::new(head.rcode(), head);
    let mut has_opt = false;
    let mut refers = false;
    head.records(octets, |record| {
        match (record.section, record.rtype) {
            (Section::Answer, HTTPS) if record.class == IN => {
                let data = Data::Service(
                    Binding::read(record.rdata).map_err(|error| (error, record.rdata_at)),
                );
                reply.records.push(Record { owner: record.owner, ttl_s: ttl(record.ttl), data });
            }
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
                reply.oddities = vec![Oddity {
                    rule: if section == Section::Additional {
                        "second-opt"
                    } else {
                        "misplaced-opt"
                    },
                    offset: u64::try_from(record.at).unwrap_or(u64::MAX),
                    says: "an OPT record that is one too many or in the wrong section was skipped",
                    reference: "RFC 6891 §6.1.1",
                }];
            }
            _ => {}
        }
        Some(())
    })?;
    reply.is_referral = reply.refers(head, refers);
    Some(reply)
}

impl Reply {
    fn new(rcode: u16, head: &Head) -> Reply {
        Reply {
            rcode: Rcode(rcode),
            records: vec![],
            denial: None,
            is_referral: false,
            is_truncated: head.is_truncated(),
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::answer::Family;
    use crate::message::{Question, Reading, Wanted, read};

    fn question() -> Question {
        Question::of(&Name::parse("a.test").unwrap(), Wanted::Addresses(Family::V4))
    }

    /// The answer to `question`: its header's counts, then what stands after the question.
    fn answer(counts: [u8; 3], records: &[&[u8]]) -> Vec<u8> {
        let [answers, authorities, additionals] = counts;
        let head = [0, 7, 0x81, 0x80, 0, 1, 0, answers, 0, authorities, 0, additionals];
        [&[&head[..], b"\x01a\x04test\0\0\x01\0\x01"], records].concat().concat()
    }

    type Records = &'static [&'static [u8]];

    const ADDRESS: &[u8] = b"\xC0\x0C\0\x01\0\x01\0\0\0\x3C\0\x04\xC0\0\x02\x01";
    const ALIAS: &[u8] = b"\xC0\x0C\0\x05\0\x01\0\0\0\x3C\0\x04\x01b\xC0\x0E";
    const SOA_RECORD: &[u8] =
        b"\xC0\x0E\0\x06\0\x01\0\0\0\x3C\0\x16\0\0\0\0\0\x01\0\0\0\x02\0\0\0\x03\0\0\0\x04\0\0\0\x1E";
    const OPT_RECORD: &[u8] = b"\0\0\x29\x04\xD0\0\0\0\0\0\0";
    const OPT_EXTENDED: &[u8] = b"\0\0\x29\x04\xD0\x01\0\0\0\0\x08\0\x0F\0\x04\0\x06no";
    const BROKEN_SRV: &[u8] = b"\xC0\x0C\0\x21\0\x01\0\0\0\x3C\0\x01\0";
    const OTHER_CLASS: &[u8] = b"\xC0\x0C\0\x01\0\x03\0\0\0\x3C\0\x04\xC0\0\x02\x09";

    #[test]
    fn hickory_and_the_walk_read_the_same() {
        let rows: [(&str, [u8; 3], Records); 9] = [
            ("RFC 1035 §3.4.1", [1, 0, 0], &[ADDRESS]),
            ("RFC 1035 §3.3.1", [2, 0, 0], &[ALIAS, ADDRESS]),
            ("RFC 2308 §2.2", [0, 1, 0], &[SOA_RECORD]),
            ("RFC 6891 §6.1.1", [1, 0, 1], &[ADDRESS, OPT_RECORD]),
            ("RFC 8914 §2", [0, 0, 1], &[OPT_EXTENDED]),
            ("RFC 1035 §3.2.4", [2, 0, 0], &[OTHER_CLASS, ADDRESS]),
            ("RFC 1035 §4.1.1", [2, 0, 0], &[ADDRESS]), // one record is missing
            ("RFC 1035 §4.1.4", [1, 0, 0], &[b"\xC0\x40"]),
            ("RFC 1035 §4.1.3", [1, 0, 0], &[ADDRESS, b"octets after the message"]),
        ];
        for (reference, counts, records) in rows {
            let octets = answer(counts, records);
            let head = walk::head(&octets).unwrap();
            assert_eq!(strict(&octets, &head), walked(&octets, &head), "{reference}");
        }
    }

    #[test]
    fn the_walk_reads_what_hickory_refuses() {
        let rows: [(&str, [u8; 3], Records, u64); 4] = [
            // rule, counts, records, where
            ("second-opt", [1, 0, 2], &[ADDRESS, OPT_RECORD, OPT_RECORD], 51),
            ("misplaced-opt", [2, 0, 0], &[OPT_RECORD, ADDRESS], 24),
            ("misplaced-opt", [1, 1, 0], &[ADDRESS, OPT_RECORD], 40),
            ("broken-record", [2, 0, 0], &[BROKEN_SRV, ADDRESS], 0),
        ];
        for (rule, counts, records, offset) in rows {
            let octets = answer(counts, records);
            let head = walk::head(&octets).unwrap();
            assert_eq!(strict(&octets, &head), None, "{rule}");
            let Reading::Reply(reply) = read(&octets, &question(), false) else { panic!("{rule}") };
            let odd: Vec<_> = reply.oddities.iter().map(|it| (it.rule, it.offset)).collect();
            assert_eq!((odd, reply.records.len()), (vec![(rule, offset)], 1), "{rule}");
        }
    }

    #[test]
    fn a_message_cut_anywhere_is_malformed() {
        let octets = answer([2, 1, 1], &[ALIAS, ADDRESS, SOA_RECORD, OPT_EXTENDED]);
        for to in 0..octets.len() {
            assert_eq!(read(&octets[..to], &question(), false), Reading::Malformed, "{to}");
        }
        assert!(matches!(read(&octets, &question(), false), Reading::Reply(_)));
    }

    #[test]
    fn an_extended_error_is_read_with_care() {
        type Want = Option<(u16, &'static str)>;
        let rows: [(&[u8], Want); 6] = [
            // option, INFO-CODE and EXTRA-TEXT                                 RFC 8914 §2
            (b"", None),
            (b"\0", None),
            (b"\0\x06", Some((6, ""))),
            (b"\0\x06bogus", Some((6, "bogus"))),
            (b"\0\x06bogus\0", Some((6, "bogus"))),
            (b"\x12\x34\xFF", Some((0x1234, "\u{FFFD}"))),
        ];
        for (option, want) in rows {
            let got = extended_error(option);
            assert_eq!(got.as_ref().map(|it| (it.code, &*it.text)), want, "{option:?}");
        }
        // A length that lies ends the list (RFC 6891 §6.1.2).
        assert_eq!(extended_errors(b"\0\x0F\0\x02\0\x06\0\x0F\0\x09\0\x07").len(), 1);
    }
}
