//! Scripted peers on loopback: servers that do what real ones do, and what real ones don't.
//!
//! ```text
//!     Script ──▶ Origin       a list of moves: read, write, drip, stall, cut, flood, reset
//!     Zone   ──▶ NameServer   records, and manners: silent, late, truncated, false, broken
//!                Held         an address that refuses, or where every dial stays pending
//! ```
//!
//! It promises that a peer listens once its constructor returns; that it does exactly what its
//! script or zone says and remembers what came ([`Visit`], [`Asked`]); that dropping it ends every
//! conversation, frees its ports and joins its threads at once. Nothing sleeps and nothing is
//! looked up: each wait is one on a socket or a condition, with an end.
//!
//! It leaves HTTP to whoever writes the script: an origin reads no more of a request than where
//! it ends. Speed is not its business: a thread for each connection.
//!
//! ```
//! use fourstep_peer::{LOOPBACK, NameServer, Origin, Script, Zone};
//! use std::time::Duration;
//!
//! // An origin that answers /, cuts the body of /cut, and drips everything else.
//! let origin = Origin::choose(LOOPBACK, |request| match request.path() {
//!     "/" => Script::status(200, "OK", "hello"),
//!     "/cut" => Script::new().write("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf").close(),
//!     _ => Script::new().drip("HTTP/1.1 200 OK\r\n", Duration::from_millis(10)),
//! })?;
//! // A name server that knows where it is, once.
//! let zone = Zone::new().a("www.test", [127, 0, 0, 1]).cname("alias.test", "www.test");
//! let name_server = NameServer::start(LOOPBACK, zone)?;
//! assert_ne!(origin.address(), name_server.address());
//! # Ok::<(), std::io::Error>(())
//! ```

mod accept;
mod answer;
mod asked;
mod hold;
mod name_server;
mod origin;
mod place;
mod play;
mod reply;
mod request;
mod script;
mod stop;
mod visit;
mod zone;

pub use asked::Asked;
pub use hold::Held;
pub use name_server::NameServer;
pub use origin::Origin;
pub use place::{LOOPBACK, Place};
pub use request::Request;
pub use script::{Move, Script};
pub use visit::{Ending, Visit};
pub use zone::{Decoy, Manner, On, Tcp, Zone};
