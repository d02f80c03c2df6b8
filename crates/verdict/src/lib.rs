//! What a report means: which state a target is in, who said so, whether it passes, and when to
//! come back.
//!
//! ```text
//!     Report ─▶ Message ─▶ signs of the table ─▶ Source     who wrote it, or passed it on
//!        │         ├─────▶ Via, Proxy-Status … ─▶ Hop        what it came through
//!        │         └─────▶ Retry-After, Date … ─▶ retry      when to come back
//!        └─ Failure ─────────────────────────▶ State      and all with its Evidence
//! ```
//!
//! It promises that a verdict is never surer than its evidence: a name is certain only on two signs
//! that do not depend on each other (see [`Confidence`]), programs that cannot be told apart come as
//! [`Relation::OneOf`], and what nothing tells is `None`. The same report gives the same verdict
//! wherever it runs. Octets of a peer's are escaped before they become evidence, and no search in
//! them takes more than a time that grows with their number.
//!
//! The programs it knows stand in `fingerprints.txt`, one row each: what it takes to know one more is
//! a row, and no Rust. [`emitters`] lists them. The build reads the table (`build/main.rs`), so that a
//! verdict finds it ready, and a line that is wrong is an error of the compiler's.
//!
//! It reads no clock: the moment at which a probe was done is handed in. It leaves the shape of a
//! record to `output`, and what to do about a verdict to whoever asked.
//!
//! ```
//! use std::time::{Duration, UNIX_EPOCH};
//! use fourstep_verdict::{Confidence, RetryFrom, State, Verdict};
//! # use fourstep_probe::{Plan, Probe, Received, Report};
//! # use fourstep_response::{Asked, Event, Limits, Reader};
//! # let octets = b"HTTP/1.1 503 Service Unavailable\r\ncontent-length: 107\r\n\
//! #     cache-control: no-cache\r\ncontent-type: text/html\r\n\r\n";
//! # let body = b"<html><body><h1>503 Service Unavailable</h1>\n\
//! #     No server is available to handle this request.\n</body></html>\n";
//! # let mut reader = Reader::new(Asked::Head, Limits::default());
//! # let Ok((_, Event::Final(head, _))) = reader.read(octets) else { panic!() };
//! # let response = Received {
//! #     head: Some(head), body: body.to_vec(), body_octets: 107, complete: true,
//! #     ..Received::default()
//! # };
//! # let target = fourstep_target::Target::parse(b"http://a.test/").unwrap();
//! # let report = Report { response: Some(response.into()), ..*Probe::new(target.into(), Plan::default().into()).into_report() };
//! // `report` holds HAProxy's own page.
//! let verdict = Verdict::of(&report, UNIX_EPOCH + Duration::from_secs(784_111_777));
//! assert_eq!(verdict.state, State::Unavailable);
//! assert_eq!(verdict.source.name.as_deref(), Some("haproxy"));
//! assert_eq!(verdict.source.confidence, Confidence::Certain);
//! assert_eq!((verdict.retry_after_s, verdict.retry_from), (Some(30), Some(RetryFrom::Suggested)));
//! assert_eq!(verdict.finding(), "503 from haproxy: it has no live backend");
//! assert_eq!(
//!     verdict.sentence(),
//!     "503 from haproxy: it has no live backend. Temporary; no Retry-After, suggest 30 s.",
//! );
//! ```

mod bits;
mod cause;
mod code;
#[cfg(test)]
#[path = "../build/compile.rs"]
#[expect(dead_code, reason = "it is here for its tests, and for those of templates")]
mod compile;
mod decode;
mod evidence;
mod fields;
mod grounds;
mod hops;
mod http_date;
mod index;
mod message;
mod outlook;
mod parts;
mod present;
mod proxy_error;
mod rate_limit;
#[cfg(test)]
#[path = "../build/read.rs"]
#[expect(dead_code, reason = "it is here for its tests")]
mod read;
mod retry;
mod role;
mod sentence;
mod source;
mod speaks_for;
mod state;
mod table;
mod template;
#[cfg(test)]
mod testing;
mod verdict;

pub use cause::Cause;
pub use evidence::{Evidence, Words};
pub use grounds::Grounds;
pub use hops::{Hop, hops};
pub use http_date::http_date;
pub use parts::{Assemble, Lead, Parts, Said, Value};
pub use proxy_error::ProxyError;
pub use retry::RetryFrom;
pub use role::Role;
pub use source::{Confidence, Relation, Source};
pub use speaks_for::SpeaksFor;
pub use state::State;
pub use table::{Emitter, Sign, TABLE, emitters};
pub use verdict::Verdict;
