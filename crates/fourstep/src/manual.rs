//! One probe, walked through the house.
//!
//! We probe `http://a.test/x` and watch what passes between the machine and the world. Nothing
//! here touches a network: the machine is handed the news as lines, and what it asks for is
//! printed, in the format that `fourstep --trace` writes and `fixtures/exchanges` keeps.
//!
//! ```text
//! target http://a.test/x
//! ```
//!
//! The text is split, not rewritten: [`target`](crate::target) keeps the path octet for octet
//! and says of everything it had to change what and where. Userinfo is taken out of sight here
//! and never printed again.
//!
//! ```
//! let target: fourstep::target::Target = "HTTP://A.test/x/../y".parse()?;
//! assert_eq!(target.authority(), "a.test");
//! assert_eq!(target.request_target(), b"/x/../y");
//! # Ok::<(), fourstep::target::TargetError>(())
//! ```
//!
//! # 1. Resolve
//!
//! ```text
//! @0 < start
//! @0 > ask a.test 80 A AAAA
//! @4 < answered AAAA 2001:db8::1 ttl=60
//! ```
//!
//! The probe asks; one [`Resolver`](crate::resolve::Resolver) for the whole loop looks. It takes
//! the name from an override, the hosts table or its cache, or asks a server for A and AAAA at
//! once, with an EDNS record (RFC 6891), an id nobody can guess (RFC 5452 §4.3), and a source
//! port of the kernel's choosing. An answer counts when its id, its source and its question are
//! the ones asked (RFC 5452 §9.1); others are counted and reported. A truncated answer is asked
//! for again over TCP (RFC 7766 §5); aliases are followed sixteen steps (RFC 1034 §5.3.3); a name
//! that does not exist in one family does not exist in the other (RFC 8020 §2), unless an address
//! is already on its way (RFC 4074 §4.2).
//!
//! # 2. Connect
//!
//! ```text
//! @4 > dial 1 [2001:db8::1]:80
//! @6 < answered A 192.0.2.1 ttl=60
//! @254 > dial 2 192.0.2.1:80
//! @265 < connected 2 from 192.0.2.9:40112
//! @265 > hang-up 1
//! ```
//!
//! The first AAAA answer is dialled at once (RFC 8305 §3); had A come first, the
//! [`Race`](crate::connect::Race) would have waited 50 ms for it. Addresses are sorted by
//! RFC 6724 §6. The next attempt starts 250 ms after the last, or at its failure, but never
//! within 10 ms (RFC 8305 §5). The first leg that stands wins, the others are hung up in the same
//! turn, and the report keeps every attempt with its times and its own failure code.
//!
//! # 3. Request
//!
//! ```text
//! @265 > send 2 "GET /x HTTP/1.1\r\nHost: a.test\r\n…\r\n"
//! @265 < sent 2
//! ```
//!
//! A [`Recipe`](crate::request::Recipe) was checked when it was made, so writing it cannot fail
//! and cannot inject a field: Host first (RFC 9112 §3.2), then the defaults and what the user
//! added, Content-Length when there is a body. `sent` is news of its own: until the kernel has
//! taken the last octet, a reset is `request.reset`; after that it is `response.reset`.
//!
//! # 4. Response
//!
//! ```text
//! @301 < received 2 "HTTP/1.1 503 Service Unavailable\r\nRetry-After: 120\r\n\r\nbusy"
//! @301 < closed 2
//! @301 > hang-up 2
//! @301 = answered 503 body=4
//! ```
//!
//! The [`Reader`](crate::response::Reader) looks at each octet once, reads a head in place, and
//! copies it only when a read cuts it. Where the body ends is decided by RFC 9112 §6.3, item by
//! item; here nothing says so, and the close does (item 8). What a strict reader refuses and we
//! read is an oddity in the report; what cannot be read safely is `response.malformed` with the
//! octet and the rule.
//!
//! When octets came in is the kernel's to say, since a loop with many probes reads them later:
//! a trace has it as `received 2 at=300.2 "…"`, and
//! [`Timeline::clock`](crate::machine::Timeline::clock) says whether the times of a response are
//! the kernel's. [`Report::waited`](crate::Report::waited) tells the server's part of the wait from
//! the network's.
//!
//! # The report
//!
//! ```
//! use std::sync::Arc;
//! use fourstep::machine::{Actions, Input, Next, Plan, Probe};
//! use fourstep::terms::{Leg, Step, Time};
//!
//! let target = Arc::new("http://192.0.2.1/x".parse()?);
//! let (mut probe, mut out) = (Probe::new(target, Arc::new(Plan::default())), Actions::default());
//! let leg = Leg(0);
//! let octets = b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 120\r\n\r\nbusy";
//! let news = [
//!     (0, Input::Start),
//!     (11, Input::Connected { leg, local: None }),
//!     (11, Input::Sent { leg, left: 0 }),
//!     (47, Input::Received { leg, octets, at: None }),
//!     (47, Input::Closed { leg }),
//! ];
//! let ends = news.map(|(ms, input)| probe.handle(Time::from_millis(ms), input, &mut out));
//! assert_eq!(ends.last(), Some(&Next::Done));
//!
//! let report = probe.report();
//! assert_eq!((report.step, report.status()), (Step::Response, Some(503)));
//! let timings = report.timeline.timings();
//! assert_eq!(timings.connect.map(|took| took.as_millis()), Some(11));
//! assert_eq!(timings.wait.map(|took| took.as_millis()), Some(36));
//! # Ok::<(), fourstep::target::TargetError>(())
//! ```
//!
//! Every step has an error type of its own and every error one code of a closed table:
//! [`codes`](mod@codes). [`output`](crate::output) makes a report text or a record. Which clause
//! of which RFC is implemented where stands in REFERENCES.md.

#[doc = include_str!("../CODES.md")]
pub mod codes {}
