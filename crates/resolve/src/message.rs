//! Queries as octets, and octets as an answer to them or not.

use hickory_proto::op::{Edns, Message, MessageType, OpCode, Query};
use hickory_proto::rr::{self, RecordType};

use crate::answer::{Family, Rcode};
use crate::name::Name;
use crate::reply::{Reply, lenient, strict};
use crate::walk;

/// The record types that are asked for (RFC 1035 §3.2.2, RFC 3596 §2.1).
pub(crate) const A: u16 = 1;
pub(crate) const AAAA: u16 = 28;
/// The class Internet (RFC 1035 §3.2.4).
pub(crate) const IN: u16 = 1;

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_asks_one_question() {
        let question = Question { name: Name::parse("a.test").unwrap(), family: Family::V4 };
        let plain = b"\x12\x34\x01\0\0\x01\0\0\0\0\0\0\x01a\x04test\0\0\x01\0\x01";
        assert_eq!(question.write(0x1234, None), plain); // RFC 1035 §4.1
        let edns = question.write(0x1234, Some(1232));
        let (message, opt) = edns.split_at(plain.len());
        assert_eq!((message[11], opt), (1, &b"\0\0\x29\x04\xD0\0\0\0\0\0\0"[..])); // RFC 6891 §6.1.2
    }
}
