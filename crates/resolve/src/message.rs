//! Queries as octets, and octets as an answer to them or not.

use crate::answer::{Family, Rcode};
use crate::name::Name;
use crate::reply::Reply;
use crate::walk::Head;

/// The record types that are asked for (RFC 1035 §3.2.2, RFC 3596 §2.1, RFC 9460 §14.1).
pub(crate) const A: u16 = 1;
pub(crate) const AAAA: u16 = 28;
pub(crate) const HTTPS: u16 = 65;
/// The class Internet (RFC 1035 §3.2.4).
pub(crate) const IN: u16 = 1;

/// A name and what is asked of it: what equal questions have in common.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Question {
    pub(crate) name: Name,
    pub(crate) wanted: Wanted,
}

/// What is asked of a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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
    pub(crate) fn rtype(&self) -> u16 {
        match self.wanted {
            Wanted::Addresses(Family::V4) => A,
            Wanted::Addresses(Family::V6) => AAAA,
            Wanted::Services => HTTPS,
        }
    }

    /// A query for it with recursion desired (RFC 1035 §4.1.1); with an OPT record when `payload`
    /// octets can be taken in a datagram (RFC 6891 §6.2.3).
    pub(crate) fn write(&self, id: u16, payload: Option<u16>) -> Vec<u8> {
        const RD: [u8; 2] = [0x01, 0x00];
        let name = self.name.octets();
        let mut message = Vec::with_capacity(12 + name.len() + 4 + 11);
        message.extend_from_slice(&id.to_be_bytes());
        message.extend_from_slice(&RD);
        // One question, no answer, no authority, and the OPT record.
        message.extend_from_slice(&[0, 1, 0, 0, 0, 0, 0, u8::from(payload.is_some())]);
        message.extend_from_slice(name);
        message.extend_from_slice(&self.rtype().to_be_bytes());
        message.extend_from_slice(&IN.to_be_bytes());
        if let Some(payload) = payload {
            // The root's, OPT; its class is the payload, its TTL version 0 and no flag, and no
            // option follows (RFC 6891 §6.1.2, §6.1.3).
            let [high, low] = payload.to_be_bytes();
            message.extend_from_slice(&[0, 0, 41, high, low, 0, 0, 0, 0, 0, 0]);
        }
        message
    }
}

/// What a message turned out to be for whoever asked `Question` and knows the id fits.
#[derive(Debug)]
pub(crate) enum Reading<'m> {
    /// Not a response to a standard query.
    NotAResponse,
    /// A response to another question (RFC 5452 §9.1).
    WrongQuestion,
    /// The right id, and no message.
    Malformed,
    /// The right answer, cut to fit (RFC 2181 §9): nothing in it is used.
    Truncated,
    /// The answer.
    Reply(Reply<'m>),
}

/// Reads a message as the answer to `question`. On a stream there is nothing
/// larger to ask for, so a truncated message is read.
pub(crate) fn read<'m>(message: &'m [u8], question: &Question, is_stream: bool) -> Reading<'m> {
    let Some(head) = Head::read(message, &question.name) else { return Reading::Malformed };
    if !head.is_response() {
        return Reading::NotAResponse;
    }
    let is_ours = match &head.question {
        Some(it) => it.is_asked && it.rtype == question.rtype() && it.class == IN,
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
    Reply::read(head, question.wanted).map_or(Reading::Malformed, Reading::Reply)
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
