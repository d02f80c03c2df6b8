//! Queries as octets, and octets as an answer to them or not.

use hickory_proto::op::{Edns, Message, MessageType, OpCode, Query};
use hickory_proto::rr::{self, RecordType};

use crate::answer::{Family, Rcode};
use crate::name::Name;
use crate::reply::{Reply, lenient, strict, walked};
use crate::walk;

/// The record types that are asked for (RFC 1035 §3.2.2, RFC 3596 §2.1, RFC 9460 §14.1).
pub(crate) const A: u16 = 1;
pub(crate) const AAAA: u16 = 28;
pub(crate) const HTTPS: u16 = 65;
/// The class Internet (RFC 1035 §3.2.4).
pub(crate) const IN: u16 = 1;

/// A name and what is asked of it: what equal questions have in common.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Question {
    pub(crate) name: Name,
    pub(crate) wanted: Wanted,
}

/// What is asked of a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Wanted {
    /// Its addresses of one family: A or AAAA.
    Addresses(Family),
    /// Where its service is to be had: HTTPS.
    Services,
}

impl Question {
    pub(crate) fn of(name: &Name, wanted: Wanted) -> Question {
        Question { name: name.clone(), wanted }
    }

    /// The number of the record type that is asked for.
    fn rtype(&self) -> u16 {
        match self.wanted {
            Wanted::Addresses(Family::V4) => A,
            Wanted::Addresses(Family::V6) => AAAA,
            Wanted::Services => HTTPS,
        }
    }

    /// A query for it with recursion desired; with an OPT record when `payload` octets can be
    /// taken in a datagram (RFC 6891 §6.2.3).
    pub(crate) fn write(&self, id: u16, payload: Option<u16>) -> Vec<u8> {
        let mut message = Message::new(id, MessageType::Query, OpCode::Query);
        message.metadata.recursion_desired = true;
        let name = rr::Name::from_labels(self.name.labels()).unwrap_or_default();
        message.add_query(Query::query(name, RecordType::from(self.rtype())));
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

/// Reads a message as the answer to `question`. On a stream there is nothing
/// larger to ask for, so a truncated message is read.
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
    let reply = match question.wanted {
        Wanted::Addresses(_) => strict(message, &head).or_else(|| lenient(message, &head)),
        // hickory-proto refuses a whole message for one malformed HTTPS record, and some that are
        // well formed: of those the walk hands us the RDATA.
        Wanted::Services => walked(message, &head),
    };
    match reply {
        Some(reply) => Reading::Reply(reply),
        None => Reading::Malformed,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_asks_one_question() {
        let name = Name::parse("a.test").unwrap();
        let question = Question::of(&name, Wanted::Addresses(Family::V4));
        let plain = b"\x12\x34\x01\0\0\x01\0\0\0\0\0\0\x01a\x04test\0\0\x01\0\x01";
        assert_eq!(question.write(0x1234, None), plain); // RFC 1035 §4.1
        let edns = question.write(0x1234, Some(1232));
        let (message, opt) = edns.split_at(plain.len());
        assert_eq!((message[11], opt), (1, &b"\0\0\x29\x04\xD0\0\0\0\0\0\0"[..])); // RFC 6891 §6.1.2
        let https = Question::of(&name, Wanted::Services).write(0x1234, None);
        assert_eq!(https[20..], [0, 65, 0, 1]); // RFC 9460 §14.1
    }
}
