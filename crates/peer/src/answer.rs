//! The plain answer of a zone to a question, as RFC 1034 §4.3.2 has it.

use crate::zone::{Data, Zone, absolute};
use hickory_proto::op::{Edns, Message, MessageType, ResponseCode};
use hickory_proto::rr::{DNSClass, Name, RData, Record, RecordType, rdata};

/// The most links of a chain of aliases in one answer.
const LINKS_MOST: usize = 64;

/// The UDP payload that we say we take (the default since the DNS flag day of 2020).
const PAYLOAD: u16 = 1232;

/// The response to `query` with its id, its question and no record, not even an OPT.
pub(crate) fn bare(query: &Message) -> Message {
    let mut message =
        Message::new(query.metadata.id, MessageType::Response, query.metadata.op_code);
    message.metadata.recursion_desired = query.metadata.recursion_desired;
    message.metadata.recursion_available = true;
    message.queries.clone_from(&query.queries);
    message
}

/// The same, with an OPT when the query has one (RFC 6891 §6.1.1).
pub(crate) fn empty(query: &Message) -> Message {
    let mut message = bare(query);
    if query.edns.is_some() {
        let mut edns = Edns::new();
        edns.set_max_payload(PAYLOAD);
        message.edns = Some(edns);
    }
    message
}

/// The whole answer; with `one_link`, no more than one alias of it.
pub(crate) fn answer(zone: &Zone, query: &Message, one_link: bool) -> Message {
    let mut message = empty(query);
    let Some(question) = query.queries.first() else {
        message.metadata.response_code = ResponseCode::FormErr;
        return message;
    };
    if question.query_class != DNSClass::IN {
        message.metadata.response_code = ResponseCode::NotImp;
        return message;
    }
    let (mut owner, kind) = (question.name.clone(), question.query_type);
    let mut passed = Vec::new();
    for _ in 0..LINKS_MOST {
        let Some(records) = zone.records(&owner) else {
            // Also at the end of a chain: the RCODE is that of its last name (RFC 2308 §2.1).
            message.metadata.response_code = ResponseCode::NXDomain;
            message.authorities.push(soa(zone, &owner));
            return message;
        };
        let alias = records.iter().find_map(|entry| match &entry.data {
            Data::Cname(target) if kind != RecordType::CNAME => Some((entry, absolute(target)?)),
            _ => None,
        });
        let Some((entry, target)) = alias else {
            let wanted = records.iter().filter(|entry| entry.data.kind() == kind);
            let wanted = wanted.filter_map(|entry| Some((entry.ttl_s, entry.data.wire()?)));
            message.answers.extend(wanted.map(|(ttl_s, data)| record(&owner, ttl_s, data)));
            if message.answers.len() == passed.len() {
                message.authorities.push(soa(zone, &owner));
            }
            return message;
        };
        let link = RData::CNAME(rdata::CNAME(target.clone()));
        message.answers.push(record(&owner, entry.ttl_s, link));
        passed.push(owner);
        if one_link || passed.contains(&target) {
            return message;
        }
        owner = target;
    }
    message
}

/// A record of class IN.
pub(crate) fn record(owner: &Name, ttl_s: u32, data: RData) -> Record {
    Record::from_rdata(owner.clone(), ttl_s, data)
}

/// The SOA of a negative answer (RFC 2308 §3), of the topmost domain above `name`.
fn soa(zone: &Zone, name: &Name) -> Record {
    let apex = name.trim_to(1);
    let data = rdata::SOA::new(apex.clone(), apex.clone(), 1, 3600, 600, 86400, zone.soa_ttl_s());
    record(&apex, zone.soa_ttl_s(), RData::SOA(data))
}
