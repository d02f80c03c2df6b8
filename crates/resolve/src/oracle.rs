//! Our reading of messages beside hickory-proto's: where it reads one, we read the same; where it
//! refuses one, we refuse it too, or say what we overlooked.

use hickory_proto::op::Message;
use hickory_proto::rr::rdata::opt::EdnsOption;
use hickory_proto::rr::{self, DNSClass, RData};

use crate::answer::{ExtendedError, Family};
use crate::message::Wanted;
use crate::name::Name;
use crate::reply::{Data, Reply, extended_error, ttl};
use crate::spelled::Spelled;
use crate::walk::Head;

/// What the messages here answer.
fn asked() -> Name {
    Name::parse("a.test").unwrap()
}

/// What is taken from a response.
#[derive(Debug, PartialEq)]
struct Told {
    rcode: u16,
    /// Owner, TTL, and the address or target.
    records: Vec<(Name, u32, Says)>,
    denial: Option<(Name, u32)>,
    refers: bool,
    extended_errors: Vec<ExtendedError>,
}

#[derive(Debug, PartialEq)]
enum Says {
    Address(std::net::IpAddr),
    Alias(Name),
}

fn theirs(octets: &[u8]) -> Option<Told> {
    let name = |name: &rr::Name| Name::from_labels(name.iter()).unwrap();
    let message = Message::from_vec(octets).ok()?;
    let mut records = vec![];
    for record in message.answers.iter().filter(|it| it.dns_class == DNSClass::IN) {
        let says = match &record.data {
            RData::A(a) => Says::Address(a.0.into()),
            RData::AAAA(a) => Says::Address(a.0.into()),
            RData::CNAME(target) => Says::Alias(name(&target.0)),
            _ => continue,
        };
        records.push((name(&record.name), ttl(record.ttl), says));
    }
    let denial = message.authorities.iter().find_map(|record| match &record.data {
        RData::SOA(soa) => Some((name(&record.name), ttl(record.ttl).min(ttl(soa.minimum)))),
        _ => None,
    });
    let refers = message.authorities.iter().any(|record| matches!(record.data, RData::NS(_)));
    let options = message.edns.iter().flat_map(|edns| &edns.options().options);
    let extended_errors = options.filter_map(|(_, option)| match option {
        EdnsOption::Unknown(15, octets) => extended_error(octets),
        _ => None,
    });
    let asks_others = message.metadata.authoritative || message.metadata.recursion_available;
    Some(Told {
        rcode: message.metadata.response_code.into(),
        refers: refers && records.is_empty() && denial.is_none() && !asks_others,
        records,
        denial,
        extended_errors: extended_errors.collect(),
    })
}

fn ours(reply: &Reply<'_>) -> Told {
    let name = |it: Spelled<'_>| it.name().unwrap();
    let records = reply.answering().filter_map(|it| {
        let says = match it.data {
            Data::Address(address) => Says::Address(address),
            Data::Alias(target) => Says::Alias(name(target)),
            Data::Service(..) => return None,
        };
        Some((name(it.owner), it.ttl_s, says))
    });
    Told {
        rcode: reply.rcode.0,
        records: records.collect(),
        denial: reply.denial.map(|(zone, ttl)| (name(zone), ttl)),
        refers: reply.is_referral,
        extended_errors: reply.extended_errors.clone(),
    }
}

/// What becomes of a message on both sides, or how they differ.
fn compare(octets: &[u8]) -> Result<&'static str, String> {
    let Some(head) =
        Head::read(octets, &asked()).filter(|it| it.is_response() && it.question.is_some())
    else {
        return Ok("not looked at");
    };
    let reply = Reply::read(head, Wanted::Addresses(Family::V4));
    let unsaid = reply.as_ref().is_some_and(|it| it.oddities.is_empty());
    match (theirs(octets), reply) {
        (Some(theirs), Some(reply)) if theirs == ours(&reply) && unsaid => Ok("read"),
        (None, Some(_)) if !unsaid => Ok("read with an oddity"),
        (None, None) => Ok("refused"),
        (theirs, reply) => Err(format!("{octets:02x?}\ntheirs {theirs:?}\nours {reply:?}")),
    }
}

type Records = &'static [&'static [u8]];

/// What both read: a clause, the counts of answers, authorities and additionals, and the records.
const SEEDS: [(&str, [u8; 3], Records); 10] = [
    ("RFC 1035 §3.4.1", [1, 0, 0], &[ADDRESS]),
    ("RFC 1035 §3.3.1", [2, 0, 0], &[ALIAS, ADDRESS]),
    ("RFC 2308 §2.2", [0, 1, 0], &[SOA]),
    ("RFC 6891 §6.1.1", [1, 0, 1], &[ADDRESS, OPT]),
    ("RFC 8914 §2", [0, 0, 1], &[OPT_EXTENDED]),
    ("RFC 1035 §3.2.4", [2, 0, 0], &[OTHER_CLASS, ADDRESS]),
    ("RFC 1034 §4.3.1", [0, 1, 0], &[NS]),
    ("RFC 2782", [2, 0, 0], &[SRV, ADDRESS]),
    ("RFC 1035 §3.3.14", [2, 0, 1], &[TXT, MX, AAAA]),
    ("RFC 1035 §4.1.3", [1, 0, 0], &[ADDRESS, b"octets after the message"]),
];
const ADDRESS: &[u8] = b"\xC0\x0C\0\x01\0\x01\0\0\0\x3C\0\x04\xC0\0\x02\x01";
const ALIAS: &[u8] = b"\xC0\x0C\0\x05\0\x01\0\0\0\x3C\0\x04\x01b\xC0\x0E";
const SOA: &[u8] =
    b"\xC0\x0E\0\x06\0\x01\0\0\0\x3C\0\x16\0\0\0\0\0\x01\0\0\0\x02\0\0\0\x03\0\0\0\x04\0\0\0\x1E";
const OPT: &[u8] = b"\0\0\x29\x04\xD0\0\0\0\0\0\0";
const OPT_EXTENDED: &[u8] = b"\0\0\x29\x04\xD0\x01\0\0\0\0\x08\0\x0F\0\x04\0\x06no";
const OTHER_CLASS: &[u8] = b"\xC0\x0C\0\x01\0\x03\0\0\0\x3C\0\x04\xC0\0\x02\x09";
const NS: &[u8] = b"\xC0\x0E\0\x02\0\x01\0\0\0\x3C\0\x05\x02ns\xC0\x0E";
const SRV: &[u8] = b"\xC0\x0C\0\x21\0\x01\0\0\0\x3C\0\x09\0\0\0\0\x01\xBB\x01b\0";
const TXT: &[u8] = b"\xC0\x0C\0\x10\0\x01\0\0\0\x3C\0\x05\x01a\x02bc";
const MX: &[u8] = b"\xC0\x0C\0\x0F\0\x01\0\0\0\x3C\0\x05\0\x0A\x01b\0";
const AAAA: &[u8] =
    b"\xC0\x0C\0\x1C\0\x01\0\0\0\x3C\0\x10\x20\x01\x0D\xB8\0\0\0\0\0\0\0\0\0\0\0\x01";
const BROKEN_SRV: &[u8] = b"\xC0\x0C\0\x21\0\x01\0\0\0\x3C\0\x01\0";

/// The answer to `a.test A`: its header's counts, then what stands after the question.
fn answer(counts: [u8; 3], records: &[&[u8]]) -> Vec<u8> {
    let [answers, authorities, additionals] = counts;
    let head = [0, 7, 0x81, 0x80, 0, 1, 0, answers, 0, authorities, 0, additionals];
    [&[&head[..], b"\x01a\x04test\0\0\x01\0\x01"], records].concat().concat()
}

#[test]
fn both_read_what_is_whole() {
    for (reference, counts, records) in SEEDS {
        assert_eq!(compare(&answer(counts, records)), Ok("read"), "{reference}");
    }
}

#[test]
fn what_only_we_read_has_an_oddity() {
    let rows: [(&str, [u8; 3], Records, u64); 4] = [
        // rule, counts, records, where
        ("second-opt", [1, 0, 2], &[ADDRESS, OPT, OPT], 51),
        ("misplaced-opt", [2, 0, 0], &[OPT, ADDRESS], 24),
        ("misplaced-opt", [1, 1, 0], &[ADDRESS, OPT], 40),
        ("broken-record", [2, 0, 0], &[BROKEN_SRV, ADDRESS], 0),
    ];
    for (rule, counts, records, offset) in rows {
        let octets = answer(counts, records);
        assert_eq!(compare(&octets), Ok("read with an oddity"), "{rule}");
        let head = Head::read(&octets, &asked()).unwrap();
        let reply = Reply::read(head, Wanted::Addresses(Family::V4)).unwrap();
        let odd: Vec<_> = reply.oddities.iter().map(|it| (it.rule, it.offset)).collect();
        assert_eq!((odd, ours(&reply).records.len()), (vec![(rule, offset)], 1));
    }
}

#[test]
fn both_read_the_same_of_messages_with_an_octet_changed() {
    let mut seen = std::collections::BTreeMap::new();
    for (_, counts, records) in SEEDS {
        let octets = answer(counts, records);
        for at in 2..octets.len() {
            for to in 0..=u8::MAX {
                let mut octets = octets.clone();
                octets[at] = to;
                if is_decided(&octets) {
                    continue;
                }
                *seen
                    .entry(compare(&octets).unwrap_or_else(|e| panic!("{at} {to}: {e}")))
                    .or_insert(0) += 1;
            }
        }
    }
    assert!(seen.len() == 4 && seen.values().all(|count| *count > 1_000), "{seen:?}");
}

/// Where we decided against hickory-proto: options of an OPT record that break off are said, and those
/// before them count; types beyond `shape`, and the values in RDATA of others, are not looked at.
fn is_decided(octets: &[u8]) -> bool {
    let Some(head) = Head::read(octets, &asked()) else { return false };
    head.records().flatten().any(|record| match record.rtype {
        41 => {
            let options = Message::from_vec(octets).ok().and_then(|it| it.edns);
            let theirs = options.map_or(0, |edns| edns.options().options.len());
            let mut rest = record.rdata;
            let mut ours = 0;
            while let Some((option, behind)) =
                rest.split_first_chunk::<4>().and_then(|(head, rest)| {
                    rest.split_at_checked(usize::from(u16::from_be_bytes([head[2], head[3]])))
                })
            {
                (rest, ours) = (behind, ours + 1);
                let _ = option;
            }
            !rest.is_empty() || ours != theirs && record.rdata.starts_with(&[0, 8])
        }
        24 | 25 | 35 | 37 | 62 | 64 | 65 | 250 | 257 | 65305 => true,
        _ => false,
    })
}

mod corpora {
    use std::path::{Path, PathBuf};

    use super::*;

    /// The octets of other people's messages: `../shared/corpora`, or the folder that
    /// `FOURSTEP_CORPORA` names.
    #[test]
    #[ignore = "needs the corpora: make corpora"]
    #[expect(clippy::disallowed_methods, reason = "other people's octets are not kept in the code")]
    fn both_read_the_same_of_other_peoples_messages() {
        let root = option_env!("FOURSTEP_CORPORA").map_or_else(
            || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/corpora"),
            PathBuf::from,
        );
        let text = std::fs::read(root.join("dns-wire/packets.jsonl"));
        let text = String::from_utf8(text.unwrap()).unwrap();
        let mut differ = vec![];
        for line in text.lines() {
            let (_, wire) = line.split_once("\"wire_b64\": \"").unwrap();
            let mut octets = base64(wire.split_once('"').unwrap().0);
            // As a response to a standard query, so that it is looked at.
            if let Some(flags) = octets.get_mut(2) {
                *flags = *flags & 0b0000_0101 | 0b1000_0000;
            }
            if !is_decided(&octets) {
                differ.extend(compare(&octets).err());
            }
        }
        assert!(differ.is_empty(), "{}: {}", differ.len(), differ.join("\n\n"));
    }

    fn base64(text: &str) -> Vec<u8> {
        const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        let sextets = text.bytes().filter_map(|letter| LETTERS.iter().position(|it| *it == letter));
        let bits: Vec<bool> = sextets
            .flat_map(|sextet| (0..6).rev().map(move |bit| sextet >> bit & 1 == 1))
            .collect();
        let octet = |bits: &[bool]| bits.iter().fold(0, |octet, bit| octet << 1 | u8::from(*bit));
        bits.chunks_exact(8).map(octet).collect()
    }
}
