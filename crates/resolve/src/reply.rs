//! What a stub resolver wants of a response.
//!
//! One walk over the message tells whether it can be read and what all of it says; the records that
//! answer are looked for in another, by whoever follows the aliases (`finding`). Nothing of a plain
//! answer is copied.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use fourstep_terms::Oddity;

use crate::answer::{ExtendedError, Rcode};
use crate::message::{A, AAAA, HTTPS, IN, Wanted};
use crate::shape;
use crate::spelled::Spelled;
use crate::walk::{self, Head, Record, Section};

/// Further numbers of RFC 1035 §3.2.2, of RFC 6891 §6.1.1, and of the signatures of RFC 2931 §3 and
/// RFC 8945 §4.2.
const NS: u16 = 2;
const CNAME: u16 = 5;
const SOA: u16 = 6;
const SIG: u16 = 24;
const OPT: u16 = 41;
const TSIG: u16 = 250;
/// The option of an extended error (RFC 8914 §2).
const EXTENDED_ERROR: u16 = 15;

const BROKEN: Oddity = Oddity {
    rule: "broken-record",
    offset: 0,
    says: "a record that is not needed cannot be read and was skipped",
    reference: "RFC 1035 §4.1.3",
};

/// A response that can be read.
#[derive(Clone, Debug)]
pub(crate) struct Reply<'m> {
    head: Head<'m>,
    pub(crate) rcode: Rcode,
    /// The zone that says "no" and for how many seconds that holds (RFC 2308 §3).
    pub(crate) denial: Option<(Spelled<'m>, u32)>,
    /// Neither an answer nor a "no", but other servers' names, from one that asks nobody.
    pub(crate) is_referral: bool,
    pub(crate) extended_errors: Vec<ExtendedError>,
    /// What had to be overlooked to read it.
    pub(crate) oddities: Vec<Oddity>,
}

/// A record of the answer section that may answer.
#[derive(Debug)]
pub(crate) struct Answering<'m> {
    pub(crate) owner: Spelled<'m>,
    pub(crate) ttl_s: u32,
    pub(crate) data: Data<'m>,
}

/// What it says.
#[derive(Debug)]
pub(crate) enum Data<'m> {
    Address(IpAddr),
    Alias(Spelled<'m>),
    /// The RDATA of an HTTPS record, and where it begins.
    Service(&'m [u8], usize),
}

impl<'m> Reply<'m> {
    /// Reads a response; `None` when it breaks, or a record of it that is needed does. Broken
    /// records of other kinds, and OPT records that are too many or in the wrong place, are
    /// skipped, and that is said.
    pub(crate) fn read(head: Head<'m>, wanted: Wanted) -> Option<Reply<'m>> {
        let mut reply = Reply {
            head,
            rcode: Rcode(head.rcode()),
            denial: None,
            is_referral: false,
            extended_errors: vec![],
            oddities: vec![],
        };
        let mut is_whole = head.question.is_none_or(|it| it.is_clean);
        let (mut has_records, mut has_opt, mut refers) = (false, false, false);
        for record in head.records() {
            let record = record?;
            is_whole &= record.owner.is_clean;
            match (record.section, record.rtype) {
                (Section::Answer, HTTPS) if record.class == IN && wanted == Wanted::Services => {
                    has_records = true;
                }
                (Section::Answer, A | AAAA | CNAME) if record.class == IN => {
                    let data = data(head.message(), &record)?;
                    is_whole &= !matches!(data, Data::Alias(target) if !target.is_clean);
                    has_records = true;
                }
                (Section::Authority, SOA) => {
                    is_whole &= fits(head.message(), &record);
                    if reply.denial.is_none() {
                        // MINIMUM is the last of the RDATA's fields (RFC 1035 §3.3.13).
                        let minimum = u32::from_be_bytes(*record.rdata.last_chunk()?);
                        reply.denial = Some((record.owner, ttl(record.ttl).min(ttl(minimum))));
                    }
                }
                (Section::Additional, OPT) if !has_opt => {
                    has_opt = true;
                    // The TTL's first octet is the RCODE's upper eight bits (RFC 6891 §6.1.3).
                    let [upper, ..] = record.ttl.to_be_bytes();
                    reply.rcode.0 |= u16::from(upper) << 4;
                    is_whole &= extended_errors(record.rdata, &mut reply.extended_errors);
                    is_whole &= record.owner.is_root();
                }
                (section, OPT) => reply.oddities = vec![misplaced(section, record.at)],
                // Signatures come last of all (RFC 2931 §3, RFC 8945 §5.1).
                (Section::Answer | Section::Authority, SIG | TSIG) => is_whole = false,
                (section, rtype) => {
                    refers |= section == Section::Authority && rtype == NS;
                    is_whole &= fits(head.message(), &record);
                }
            }
        }
        // Of HTTPS records the whole set counts, or none does (RFC 9460 §2.2): that is seen to.
        if !is_whole && reply.oddities.is_empty() && wanted != Wanted::Services {
            reply.oddities.push(BROKEN);
        }
        // A referral is of no use to a stub (RFC 1034 §4.3.1); RFC 2308 §2.2 tells it from NODATA
        // by the missing SOA.
        reply.is_referral = refers
            && !has_records
            && reply.denial.is_none()
            && !head.is_authoritative()
            && !head.offers_recursion();
        Some(reply)
    }

    /// The address, alias and HTTPS records of the answer section, in order.
    pub(crate) fn answering(&self) -> impl Iterator<Item = Answering<'m>> + use<'m> {
        let message = self.head.message();
        self.head.answers().flatten().filter_map(move |record| {
            let data = data(message, &record).filter(|_| record.class == IN)?;
            Some(Answering { owner: record.owner, ttl_s: ttl(record.ttl), data })
        })
    }

    /// It says that it is cut (TC).
    pub(crate) fn is_truncated(&self) -> bool {
        self.head.is_truncated()
    }
}

/// What a record says that may answer; `None` of one that cannot, or cannot be read.
fn data<'m>(message: &'m [u8], record: &Record<'m>) -> Option<Data<'m>> {
    match record.rtype {
        A => {
            let octets = <[u8; 4]>::try_from(record.rdata).ok()?;
            Some(Data::Address(Ipv4Addr::from(octets).into()))
        }
        AAAA => {
            let octets = <[u8; 16]>::try_from(record.rdata).ok()?;
            Some(Data::Address(Ipv6Addr::from(octets).into()))
        }
        CNAME => {
            let (target, after) = Spelled::read_behind(message, record.rdata_at)?;
            (after == record.rdata_at + record.rdata.len()).then_some(Data::Alias(target))
        }
        HTTPS => Some(Data::Service(record.rdata, record.rdata_at)),
        _ => None,
    }
}

fn fits(message: &[u8], record: &Record<'_>) -> bool {
    let end = record.rdata_at + record.rdata.len();
    shape::fits(message, record.rtype, record.rdata_at, end)
}

/// An OPT record that is not the one that counts.
fn misplaced(section: Section, at: usize) -> Oddity {
    Oddity {
        rule: if section == Section::Additional { "second-opt" } else { "misplaced-opt" },
        offset: u64::try_from(at).unwrap_or(u64::MAX),
        says: "an OPT record that is one too many or in the wrong section was skipped",
        reference: "RFC 6891 §6.1.1",
    }
}

/// Takes the extended errors of an OPT record's options, a code and a length before each (RFC 6891
/// §6.1.2); whether all of them fit: it ends at the first that does not.
fn extended_errors(mut rdata: &[u8], errors: &mut Vec<ExtendedError>) -> bool {
    while let Some(([c, ode, l, ength], rest)) = rdata.split_first_chunk() {
        let length = u16::from_be_bytes([*l, *ength]);
        let Some((option, rest)) = rest.split_at_checked(usize::from(length)) else { break };
        if u16::from_be_bytes([*c, *ode]) == EXTENDED_ERROR {
            errors.extend(extended_error(option));
        }
        rdata = rest;
    }
    rdata.is_empty()
}

/// INFO-CODE and EXTRA-TEXT (RFC 8914 §2); `None` when even the code is cut.
pub(crate) fn extended_error(option: &[u8]) -> Option<ExtendedError> {
    let code = walk::u16_at(option, 0)?;
    // §2: the text may end in a NUL, which is not part of it.
    let text = option.get(2..)?;
    let text = text.strip_suffix(b"\0").unwrap_or(text);
    Some(ExtendedError { code, text: String::from_utf8_lossy(text).into() })
}

/// A TTL with its highest bit set is zero (RFC 2181 §8).
pub(crate) fn ttl(seconds: u32) -> u32 {
    if seconds > 0x7FFF_FFFF { 0 } else { seconds }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::answer::Family;
    use crate::message::{Question, Reading, read};
    use crate::name::Name;

    fn question() -> Question {
        Question::of(&Name::parse("a.test").unwrap(), Wanted::Addresses(Family::V4))
    }

    /// The answer to `question`: its header's counts, then what stands after the question.
    fn answer(counts: [u8; 3], records: &[&[u8]]) -> Vec<u8> {
        let [answers, authorities, additionals] = counts;
        let head = [0, 7, 0x81, 0x80, 0, 1, 0, answers, 0, authorities, 0, additionals];
        [&[&head[..], b"\x01a\x04test\0\0\x01\0\x01"], records].concat().concat()
    }

    const ADDRESS: &[u8] = b"\xC0\x0C\0\x01\0\x01\0\0\0\x3C\0\x04\xC0\0\x02\x01";
    const ALIAS: &[u8] = b"\xC0\x0C\0\x05\0\x01\0\0\0\x3C\0\x04\x01b\xC0\x0E";
    const SOA_RECORD: &[u8] =
        b"\xC0\x0E\0\x06\0\x01\0\0\0\x3C\0\x16\0\0\0\0\0\x01\0\0\0\x02\0\0\0\x03\0\0\0\x04\0\0\0\x1E";
    const OPT_EXTENDED: &[u8] = b"\0\0\x29\x04\xD0\x01\0\0\0\0\x08\0\x0F\0\x04\0\x06no";

    #[test]
    fn a_message_cut_anywhere_is_malformed() {
        let octets = answer([2, 1, 1], &[ALIAS, ADDRESS, SOA_RECORD, OPT_EXTENDED]);
        for to in 0..octets.len() {
            let reading = read(&octets[..to], &question(), false);
            assert!(matches!(reading, Reading::Malformed), "{to}: {reading:?}");
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
        let mut errors = vec![];
        assert!(!extended_errors(b"\0\x0F\0\x02\0\x06\0\x0F\0\x09\0\x07", &mut errors));
        assert_eq!(errors.len(), 1);
    }
}
