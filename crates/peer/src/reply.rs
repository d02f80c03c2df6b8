//! What is sent for one query: the zone's answer, changed by the manners of its name.

use crate::answer::{answer, bare, empty, record};
use crate::zone::{Decoy, Manner, Zone, absolute};
use hickory_proto::op::{Message, MessageType, ResponseCode};
use hickory_proto::rr::rdata::opt::EdnsOption;
use hickory_proto::rr::{RData, RecordType};
use std::net::{Ipv4Addr, Ipv6Addr};
use std::time::Duration;

/// The most octets over UDP without EDNS (RFC 1035 §4.2.1).
const PLAIN_MOST: usize = 512;

/// The octets of a header (RFC 1035 §4.1.1).
const HEADER: usize = 12;

/// EDNS option code of an extended error (RFC 8914 §2).
const EXTENDED_ERROR: u16 = 15;

/// The addresses of decoys (RFC 5737 §3, RFC 3849 §2).
const DECOY_V4: Ipv4Addr = Ipv4Addr::new(203, 0, 113, 66);
const DECOY_V6: Ipv6Addr = Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 0xbad);

/// One message on its way out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Sending {
    pub(crate) octets: Vec<u8>,
    /// How long after the query.
    pub(crate) after: Duration,
    /// From the server's other socket.
    pub(crate) elsewhere: bool,
    /// Only the first half, and over TCP a close.
    pub(crate) cut: bool,
}

/// What to send for a query that came `seen` times before.
pub(crate) fn reply(zone: &Zone, query: &Message, over_tcp: bool, seen: u32) -> Vec<Sending> {
    let Some(question) = query.queries.first() else {
        return encode(&answer(zone, query, false)).map(Sending::of).into_iter().collect();
    };
    let manners: Vec<&Manner> = zone.manners(&question.name, question.query_type).collect();
    let one_link = manners.contains(&&Manner::OneLink);
    let mut message = answer(zone, query, one_link);
    let (mut sendings, mut last) = (Vec::new(), Sending::default());
    let (mut instead, mut truncated) = (None, false);
    for manner in manners {
        match manner {
            Manner::OneLink => {}
            Manner::Rcode(rcode) => {
                let edns = message.edns.take();
                message = bare(query);
                message.edns = edns;
                message.metadata.response_code = response_code(*rcode);
            }
            Manner::Extended(code, text) => extend(&mut message, *code, text),
            Manner::OldServer if query.edns.is_some() => {
                message = bare(query);
                message.metadata.response_code = ResponseCode::FormErr;
            }
            Manner::OldServer => {}
            Manner::Truncated => truncated = true,
            Manner::Late(pause) => last.after = *pause,
            Manner::DropFirst(count) if seen < *count => return sendings,
            Manner::DropFirst(_) => {}
            Manner::Silent => return sendings,
            Manner::Decoy(_) if over_tcp => {}
            Manner::Decoy(kind) => sendings.extend(decoy(*kind, query)),
            Manner::PointerLoop => instead = pointer_loop(query),
            Manner::Raw(octets) => instead = Some(with_id(query, octets)),
            Manner::Cut => last.cut = true,
        }
    }
    let most = query.edns.as_ref().map_or(0, |edns| usize::from(edns.max_payload()));
    let Some(mut octets) = instead.or_else(|| encode(&message)) else { return sendings };
    if !over_tcp && (truncated || octets.len() > most.max(PLAIN_MOST)) {
        message.metadata.truncation = true;
        message.answers.clear();
        message.authorities.clear();
        octets = encode(&message).unwrap_or_default();
    }
    last.octets = octets;
    sendings.push(last);
    sendings
}

/// FORMERR to octets that cannot be read but have an id and are no response.
pub(crate) fn form_err(octets: &[u8]) -> Option<Vec<u8>> {
    let (header, _) = octets.split_first_chunk::<HEADER>()?;
    let [high, low, flags, ..] = *header;
    if flags & 0x80 != 0 {
        return None;
    }
    Some(vec![high, low, 0x80, 0x01, 0, 0, 0, 0, 0, 0, 0, 0])
}

impl Sending {
    fn of(octets: Vec<u8>) -> Sending {
        Sending { octets, ..Sending::default() }
    }
}

fn encode(message: &Message) -> Option<Vec<u8>> {
    message.to_vec().ok()
}

fn response_code(rcode: u16) -> ResponseCode {
    let [high, low] = (rcode << 4).to_be_bytes();
    ResponseCode::from(high, low >> 4)
}

fn extend(message: &mut Message, code: u16, text: &str) {
    if let Some(edns) = &mut message.edns {
        let mut octets = code.to_be_bytes().to_vec();
        octets.extend_from_slice(text.as_bytes());
        edns.options_mut().insert(EdnsOption::Unknown(EXTENDED_ERROR, octets));
    }
}

fn decoy(kind: Decoy, query: &Message) -> Option<Sending> {
    let mut message = empty(query);
    if kind == Decoy::OtherId {
        message.metadata.id ^= 0x5555;
    }
    if kind == Decoy::NotAResponse {
        message.metadata.message_type = MessageType::Query;
    }
    let question = message.queries.first_mut()?;
    if kind == Decoy::OtherQuestion {
        question.name = absolute("not-asked.test")?;
    }
    let data = match question.query_type {
        RecordType::AAAA => RData::AAAA(DECOY_V6.into()),
        _ => RData::A(DECOY_V4.into()),
    };
    let owner = question.name.clone();
    message.answers.push(record(&owner, 60, data));
    let octets = match kind {
        Decoy::Garbage => with_id(query, &[0xff; 40]),
        _ => encode(&message)?,
    };
    Some(Sending { elsewhere: kind == Decoy::OtherSource, ..Sending::of(octets) })
}

/// The question, then an answer whose owner name is a pointer to itself.
fn pointer_loop(query: &Message) -> Option<Vec<u8>> {
    let mut octets = encode(&bare(query))?;
    // ANCOUNT, the header's octets 6 and 7 (RFC 1035 §4.1.1).
    *octets.get_mut(7)? = 1;
    let here = u16::try_from(octets.len()).ok()? | 0xc000;
    octets.extend_from_slice(&here.to_be_bytes());
    // Type A, class IN, TTL 60, four octets of address.
    octets.extend_from_slice(&[0, 1, 0, 1, 0, 0, 0, 60, 0, 4]);
    octets.extend_from_slice(&DECOY_V4.octets());
    Some(octets)
}

fn with_id(query: &Message, octets: &[u8]) -> Vec<u8> {
    [&query.metadata.id.to_be_bytes()[..], octets].concat()
}
