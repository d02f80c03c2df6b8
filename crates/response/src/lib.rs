//! An HTTP/1 response, read as its octets arrive (RFC 9112).
//!
//! ```text
//!            ┌── Interim ──┐ 1xx but 101
//!            ▼             │
//!  octets ─▶ head ─────────┴─ Final ─▶ no body ──────────────────┐
//!            │ empty, cut,             Length ── Body… ──────────┤
//!            │ malformed,              Chunked ─ Body… trailers ─┼─▶ Complete
//!            ▼ too large               UntilClose  Body… ─ end ──┘
//!          error                       (faulty) ─▶ error
//! ```
//!
//! A [`Reader`] is handed whatever octets there are and gives back one [`Event`] at a time; body and
//! trailers are borrowed from those octets. What came at once needs no more than [`begin`]. It promises:
//!
//! - The events are the same wherever the stream is cut. Of a head that comes whole and as it should
//!   be each octet is looked at once, any other is searched for its end first. A head is copied into
//!   one allocation, with the places of its fields; a body never is.
//! - What is kept is bounded by [`Limits`].
//! - Where the body ends is decided by RFC 9112 §6.3, in its order: [`Framing`].
//! - What a strict reader refuses is read where the meaning is plain, and said: an
//!   [`Oddity`](fourstep_terms::Oddity). What could be read in two ways is
//!   [`ResponseError::Malformed`], with the octet and the clause. `fixtures/heads/DECISIONS.md`
//!   has them all.
//! - Framing that is faulty does not hide the head: [`Event::Final`] comes first, the error on the
//!   next call.
//!
//! It opens no socket and knows no clock: silence, resets and redirects are the caller's news,
//! which [`ResponseError`] has the words for. Content codings (gzip) are left as they are.
//!
//! ```
//! use fourstep_response::{Asked, Event, Framing, Limits, Reader};
//!
//! let octets = b"HTTP/1.1 503 Busy\r\nRetry-After: 120\r\nContent-Length: 4\r\n\r\nbusy";
//! let mut reader = Reader::new(Asked::Other, Limits::default());
//! let mut rest = &octets[..];
//! loop {
//!     let (taken, event) = reader.read(rest)?;
//!     rest = &rest[taken..];
//!     match event {
//!         Event::Interim(_) => {}
//!         Event::Final(head, framing) => {
//!             assert_eq!((head.status(), framing), (503, Some(Framing::Length(4))));
//!             assert_eq!(head.values("retry-after").next(), Some(&b"120"[..]));
//!         }
//!         Event::Body(octets) => assert_eq!(octets, b"busy"),
//!         Event::Complete { .. } => break,
//!         Event::More => unreachable!("here one would read from the socket"),
//!     }
//! }
//! # Ok::<(), fourstep_response::ResponseError>(())
//! ```

mod begin;
mod chunked;
mod error;
mod event;
mod fields;
mod framing;
mod head;
mod oddities;
mod parse;
mod places;
mod reader;
mod rules;
mod scan;
mod section;
mod sixteen;
mod status_line;
mod walk;

pub use begin::{Begun, begin};
pub use error::{Part, ResponseError};
pub use event::{Asked, Event, Limits, Progress, Stage};
pub use fields::Fields;
pub use framing::Framing;
pub use head::{Head, Version};
pub use reader::Reader;
