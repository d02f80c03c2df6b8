//! What goes into a [`Reader`](crate::Reader) beside octets, and what comes out of it.

use crate::fields::Fields;
use crate::framing::Framing;
use crate::head::Head;

/// The request's method, as far as the end of the response depends on it (RFC 9112 §6.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked {
    /// HEAD: the answer has the fields of a body and no body (item 1).
    Head,
    /// CONNECT: after a 2xx head the connection is a tunnel (item 2).
    Connect,
    /// Any other method.
    Other,
}

/// How much is read before it is too much ([`ResponseError::TooLarge`](crate::ResponseError)).
///
/// HTTP sets none of these (RFC 9110 §2.3): they keep one peer from filling our memory. The number
/// itself is still allowed; the greatest one of the type lifts the limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The octets of one head with its blank line, and of a trailer section. 256 KiB: curl has
    /// 300 KiB, nginx 4 or 8 KiB for an upstream's. Above `u32::MAX` it means `u32::MAX`.
    pub head_bytes: usize,
    /// The fields of one head, and of a trailer section. 1,000.
    pub fields: usize,
    /// The interim responses before the final one. 16.
    pub interim: u8,
    /// The octets of the body, after dechunking. 8 MiB.
    pub body_bytes: u64,
}

impl Limits {
    /// [`Limits::head_bytes`], as far as a head can count.
    pub(crate) fn head_octets(&self) -> usize {
        self.head_bytes.min(usize::try_from(u32::MAX).unwrap_or(usize::MAX))
    }
}

impl Default for Limits {
    fn default() -> Limits {
        Limits { head_bytes: 256 << 10, fields: 1000, interim: 16, body_bytes: 8 << 20 }
    }
}

/// One piece of news; body and trailers are borrowed from the octets that brought them.
#[derive(Clone, Debug)]
pub enum Event<'a> {
    /// All octets are taken and tell nothing new: bring more, or call `end`.
    More,
    /// The head of an interim response (1xx but 101, RFC 9110 §15.2).
    Interim(Head),
    /// The head of the final response, and where its body ends; `None` when that cannot be known:
    /// the next call says why.
    ///
    /// 101 is final too: what follows it is not HTTP (RFC 9110 §15.2.2).
    Final(Head, Option<Framing>),
    /// A piece of the body, dechunked. Never empty.
    Body(&'a [u8]),
    /// The response is whole.
    Complete {
        /// The fields after the last chunk (RFC 9112 §7.1.2); mostly none.
        trailers: Fields<'a>,
    },
}

/// How far a response has come: what its silence means depends on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// The octets of the response taken so far, interim responses and chunk sizes with them.
    pub octets: u64,
    /// What they amount to.
    pub stage: Stage,
}

/// What the octets so far amount to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// No octet came.
    Nothing,
    /// An octet came, no final head.
    Head,
    /// The final head is read, the response is not whole.
    Body,
    /// Nothing more is expected: the response is whole, or cannot be read.
    Done,
}
