//! The lines of `fixtures/dns`: conversations with name servers, one event a line.
//!
//! ```text
//! # what it shows, which clause, where its octets come from
//! conf options attempts:1                        a line of resolv.conf(5)
//! hosts 192.0.2.1 a.test                         a line of hosts(5)
//! override a.test:80:192.0.2.1                   curl's --resolve
//! @0 < ask 7 a.test both                         at 0 ms: ticket 7, v4 | v6 | both; then `https`
//!                                                for services too, `a.test:8443` for a port
//! @0 > open 0 udp 192.0.2.53:53                  what the resolver does: channel 0
//! @0 > send 0 a.test A edns                      edns | plain: with an OPT record or without
//! @5 < received 0 from 192.0.2.53:53 a.test A NOERROR answer="a.test 60 A 192.0.2.1"
//! @5 > close 0
//! @5 = answer 7 A 192.0.2.1 ttl=60
//! ```
//!
//! Further news: `opened 0`, `closed 0`, `failed 0 refused`, `forget 7`, `tick`. Further words of
//! `received`, in any order: `answer=`, `authority=` and `additional=` (records, joined by `; `),
//! `ede="6 text"`, `aa`, `tc`, `ra`, `query` (QR is 0), `id+1`, `bare` (no question),
//! `question="b.test A"` (another one), `opt` (one more OPT record), `cut=1,7` (a stream, in
//! pieces) and `end` (whose last piece never comes), `octets="…"` (the message in hex behind its id
//! instead of all that). The question before them tells which query's id it has.
//!
//! `= services 7 [1 b.test:443 alpn=h2 A=192.0.2.1] name=a.test` is a service each in brackets:
//! its priority or `alias`, its target, its parameters, `own` for the name that was asked for,
//! the addresses to use; then `unavailable`, `failure`, `awaited` (addresses to come), `aliases`.
//! An answer shows its `name`, and what is not as usual: `cname`, `ttl`, `from`, `rcode`, `by`
//! (server and transport), `asked` (how often, if not once), `ignored`, `ede`, `odd`.
//! `FOURSTEP_BLESS=1 cargo test -p fourstep-resolve` writes what the resolver does behind the news
//! of each file, to be read before it is believed.

mod line;
mod reply;

pub(crate) use line::{Event, Queries, Script, shown};
