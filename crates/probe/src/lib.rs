//! One probe through the whole cycle, as one machine.
//!
//! ```text
//!   Idle ─Start▶ Reach (asking + racing) ─▶ Secure (TLS) ─▶ Exchange (send, head, body) ─▶ Done
//!                  └─────────── any failure, or a deadline, or an interrupt ───────────────▶ Done
//! ```
//!
//! A [`Probe`] is handed [`Input`]s with the moment they came at, appends what it wants done to
//! the caller's [`Actions`], and says with [`Next`] when to call again. At the end there is a
//! [`Report`]: which step it reached, what each one showed, when, and what failed.
//!
//! It promises that news of a leg that was hung up is ignored, that an early tick does nothing,
//! that every leg was hung up when it is done, and that it is done by its deadline whatever the
//! network says. It holds no socket, no clock and no buffer; looking a name up is an action like
//! any other, done by one resolver for all probes of a loop.
//!
//! What the steps know stands in their own crates: `resolve`, `connect`, `tls`, `request`,
//! `response`.
//! What a report means is left to those above.
//!
//! ```
//! use std::sync::Arc;
//! use fourstep_probe::{Action, Actions, Input, Next, Plan, Probe};
//! use fourstep_terms::{Leg, Time};
//!
//! let target = Arc::new("http://192.0.2.1/".parse().unwrap());
//! let mut probe = Probe::new(target, Arc::new(Plan::default()));
//! let mut out = Actions::default();
//!
//! let _ = probe.handle(Time::START, Input::Start, &mut out);
//! assert!(matches!(out.list[..], [Action::Dial(Leg(0), _)]));
//!
//! out.clear();
//! let news = Input::Connected { leg: Leg(0), local: None };
//! let _ = probe.handle(Time::from_millis(12), news, &mut out);
//! assert!(out.octets.starts_with(b"GET / HTTP/1.1\r\nHost: 192.0.2.1\r\n"));
//!
//! out.clear();
//! let _ = probe.handle(Time::from_millis(12), Input::Sent { leg: Leg(0), left: 0 }, &mut out);
//! let octets = b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n";
//! let news = Input::Received { leg: Leg(0), octets, at: None };
//! assert_eq!(probe.handle(Time::from_millis(40), news, &mut out), Next::Done);
//! assert_eq!(probe.report().status(), Some(503));
//! ```

mod alone;
mod exchange;
mod failure;
mod plan;
mod probe;
mod reach;
mod redirect;
mod report;
mod route;
mod secure;
mod services;
mod spare;
mod timeline;
pub mod trace;
mod tunnel;
mod turn;

pub use failure::{Failure, SendError};
pub use fourstep_connect::Few;
pub use plan::{Deadlines, Keep, Parting, Plan};
pub use probe::Probe;
pub use redirect::Hop;
pub use report::{
    Answered, Connection, Dialled, Named, Received, Report, Resolved, Sent, Tcp, Trailer, Waited,
};
pub use route::{Endpoint, Rewrite, Route};
pub use spare::Spare;
pub use timeline::{Mark, Timeline, Timings};
pub use tunnel::TunnelError;
pub use turn::{Action, Actions, Input, Next};
