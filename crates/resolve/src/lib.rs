//! Name to addresses: a stub resolver (RFC 1034 §5.3.1, RFC 1035 §7) without a socket.
//!
//! ```text
//!                 ask(name) ┌──────────────── Resolver ────────────────┐
//!     the asker ───────────▶│ override · hosts · cache                 │ Open, Send, Close
//!               ◀───────────│   │ none of these                        │──────────────────▶ the
//!      Answer, one a family │   ▼                                      │                   driver's
//!      Services             │ lookup ──▶ exchange ──▶ channels         │◀────────────────── sockets
//!                           │ candidates,  a question   ids, ports,    │ Received, Failed, …
//!                           │ families,    and its      streams        │
//!                           │ endpoints    servers                     │
//!                           └──────────────────────────────────────────┘
//! ```
//!
//! A name that was typed stands for one or more candidates ([`Config::search`]). For each, A and
//! AAAA are asked together, each an exchange with one server after the other by resolv.conf(5):
//! over UDP with an OPT record (RFC 6891), over TCP where the answer was cut (RFC 7766 §5). A
//! message is taken for the answer when its id, source and question are right (RFC 5452 §9.1).
//! NXDOMAIN for one family settles the other (RFC 8020 §2), unless that one's query was sent and
//! its answer comes within its time: some servers deny every name without AAAA (RFC 4074 §4.2).
//! Aliases are followed in the answer (RFC 1034 §3.6.2), and asked for where it ends with one.
//! Who goes to an https URL has HTTPS records asked for too (RFC 9460 §3), and the addresses of
//! the names they lead to: a [`ServiceAnswer`] is the endpoints in the order to try them.
//!
//! It promises
//! - that every ask is answered exactly once for each family, at the latest when its servers have
//!   had their time: nothing a server sends can make it hang, loop or panic;
//! - that HTTPS records fail no address, and delay at most the step to the next name of a search
//!   list;
//! - that an early tick does nothing, news of a closed channel is ignored, and each channel that
//!   was opened is closed once;
//! - that equal questions under way are asked once, and what is known is asked for again only
//!   when its TTL is over (RFC 2308 for what is known not to be);
//! - that all it learnt on the way is in the [`Answer`]: what was ignored and why, what servers
//!   said of their failures (RFC 8914), TTLs, aliases, what it overlooked to read an answer.
//!
//! It leaves to others the sockets, each with a random source port; the clock; the files it is
//! configured from; the order of the addresses (RFC 6724: `connect`); DNSSEC, which a stub
//! leaves to its server (RFC 4035 §4.9).
//!
//! ```
//! use fourstep_resolve::{Action, Config, Families, Query, Resolver, Ticket, Transport};
//! use fourstep_terms::Time;
//!
//! let server = "192.0.2.53:53".parse().unwrap();
//! let mut resolver = Resolver::new(Config { servers: vec![server], ..Config::default() }, [7; 16]);
//! let query = Query { name: "a.test".into(), port: 80, families: Families::V4, https: false };
//! let mut out = vec![];
//! resolver.ask(Time::START, Ticket(1), &query, &mut out);
//!
//! let [Action::Open { transport: Transport::Udp, .. }, Action::Send { octets, .. }] = &out[..] else {
//!     panic!("{out:?}");
//! };
//! assert_eq!(&octets[2..12], [1, 0, 0, 1, 0, 0, 0, 0, 0, 1]); // RD, a question, an OPT record
//! assert_eq!(&octets[12..24], b"\x01a\x04test\x00\x00\x01\x00\x01"); // a.test A IN
//! assert_eq!(resolver.deadline(), Time::from_millis(5_000));
//! ```

mod action;
mod answer;
mod binding;
mod cache;
mod channels;
mod config;
mod endpoints;
mod error;
mod exchange;
mod finding;
mod hosts;
mod id;
mod index;
mod lookup;
mod message;
mod name;
#[cfg(test)]
mod oracle;
mod overrides;
mod params;
mod presentation;
mod reply;
mod resolver;
mod search;
mod service;
mod shape;
mod sought;
mod special;
mod spelled;
mod timers;
mod trail;
mod walk;

pub use action::{Action, Channel, Families, Input, Query, Ticket};
pub use answer::{Answer, ExtendedError, Family, From, Ignored, Rcode, Transport};
pub use binding::{Binding, BindingError};
pub use config::{Config, Warning};
pub use endpoints::{SERVICE_ALIASES, SERVICES};
pub use error::{Defect, ResolveError};
pub use finding::ALIASES;
pub use hosts::Hosts;
pub use overrides::{Override, OverrideError};
pub use params::Params;
pub use resolver::Resolver;
pub use service::{SERVICE_DELAY, Service, ServiceAnswer};
