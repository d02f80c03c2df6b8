//! What people type as a target becomes a [`Target`], or says at which octet it cannot.
//!
//! ```text
//!     http://user:secret@Bücher.example:8080/a/../b?q#top
//!     └─┬─┘  └────┬────┘ └─────┬──────┘ └┬─┘└───┬───┘└┬─┘
//!    scheme   userinfo       host       port    │   fragment, dropped
//!     §3.1     §3.2.1       §3.2.2    §3.2.3    └── path and query, sent octet for octet
//!
//!    dial   xn--bcher-kva.example, port 8080        shown  http://user:***@Bücher.example:8080/…
//!    send   GET /a/../b?q                           fixes  host-a-labels, fragment
//!           Host: xn--bcher-kva.example:8080
//! ```
//!
//! (Sections of RFC 3986, the syntax of URIs; RFC 9110 §4.2 has the http and https schemes.)
//!
//! It promises that
//! - the path and query are sent as typed: dots, double slashes, odd octets, the case of
//!   `%2f`; only a space and octets beyond ASCII are percent-encoded, since a request line
//!   cannot carry them (RFC 9112 §3.2);
//! - whatever was changed or read leniently is named in [`Target::fixes`], with its offset;
//! - a target that readers disagree about (`127.1`, `010.0.0.1`, `a@b@c`, `\` before the path)
//!   is refused, not guessed: [`TargetError`] has the offset and what was expected;
//! - no control octet passes, so nothing here can end a line of a request;
//! - a password is shown nowhere: not by [`Target::shown`], `{:?}`, an error, or [`redact`].
//!
//! It does not look names up (`resolve`), nor write requests (`request`). A unix socket is an
//! option beside a target, not a scheme. Every decision has a row in
//! `fixtures/targets/DECISIONS.md`.
//!
//! ```
//! use fourstep_target::{Scheme, Target};
//!
//! let target = Target::parse(b"EXAMPLE.com:8080/a/../b?q#top")?;
//! assert_eq!(target.scheme(), Scheme::Http);
//! assert_eq!(target.authority(), "example.com:8080");
//! assert_eq!(target.request_target(), b"/a/../b?q");
//! assert!(target.fixes().iter().any(|fix| fix.rule == "fragment" && fix.offset == 25));
//!
//! let error = Target::parse(b"http://a.test:80800/").unwrap_err();
//! assert_eq!(error.to_string(), "octet 14: expected a port from 1 to 65535, found `8`");
//! # Ok::<(), fourstep_target::TargetError>(())
//! ```

mod address;
mod authority;
mod error;
mod fix;
mod host;
mod ipv4;
mod ipv6;
mod join;
mod line;
mod name;
mod octets;
mod path;
mod piece;
mod plain;
mod port;
mod refusal;
mod scheme;
mod shown;
mod target;
mod text;
mod userinfo;

pub use error::TargetError;
pub use fix::Fix;
pub use host::Host;
pub use join::Joined;
pub use scheme::Scheme;
pub use shown::redact;
pub use target::Target;
pub use userinfo::Userinfo;
