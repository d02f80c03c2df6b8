//! A request as octets (RFC 9110, RFC 9112).
//!
//! ```text
//!     Recipe ── what to ask, of any number of targets
//!        │ write(&target, &mut out)
//!        ▼
//!     GET /x?q HTTP/1.1␍␊              method, request target, version     RFC 9112 §3
//!     Host: a.test:8080␍␊              first, from the target              RFC 9112 §3.2
//!     Authorization: Basic ***␍␊       when the target has userinfo        RFC 7617 §2
//!     User-Agent: fourstep/0.1.0␍␊  ┐
//!     Accept: */*␍␊                 │ unless a field of that name
//!     Connection: close␍␊           │ was given or removed
//!     Content-Type: …␍␊             ┘
//!     Content-Length: 3␍␊              always the writer's own             RFC 9110 §8.6
//!     X-Mine: v␍␊                      fields as given, in their order
//!     ␍␊
//!     a=b                              the body
//! ```
//!
//! It promises that
//! - nothing handed in can inject a line or a field: CR, LF, NUL and the other control octets,
//!   and names that are no token, are refused with their offset (RFC 9110 §5.5, RFC 9112 §11.1);
//! - the body's length is what Content-Length says: neither that field nor Transfer-Encoding can
//!   be given or removed (RFC 9112 §6);
//! - there is at most one Host (RFC 9112 §3.2);
//! - [`Written::secrets`] says where credentials stand in what was written, and `{:?}` of a
//!   [`Recipe`] hides them.
//!
//! What is odd but harmless is sent as asked, since a probe may want to see what a server makes of
//! it: no Host at all (`Host:`), any token as a method, any octets but controls as a value.
//!
//! It sends nothing, and it does not open tunnels: for an https target through a proxy, `CONNECT`
//! is a request of its own.
//!
//! ```
//! use fourstep_request::Recipe;
//! use fourstep_target::Target;
//!
//! let recipe = Recipe::new().field(b"Accept:")?.field(b"X-Mine: v")?;
//! let mut out = Vec::new();
//! let written = recipe.write(&Target::parse(b"http://a.test:8080/x?q")?, &mut out);
//! assert!(out.starts_with(b"GET /x?q HTTP/1.1\r\nHost: a.test:8080\r\nUser-Agent: fourstep/"));
//! assert!(out.ends_with(b"\r\nConnection: close\r\nX-Mine: v\r\n\r\n"));
//! assert_eq!(&out[written.request_target], b"/x?q");
//!
//! let error = Recipe::new().field(b"X-Mine: v\r\nX-Evil: w").unwrap_err();
//! assert_eq!(error.offset(), 9);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod error;
mod field;
mod method;
mod recipe;
mod redirect;
mod version;
mod write;

pub use error::RequestError;
pub use method::Asks;
pub use recipe::Recipe;
pub use version::Version;
pub use write::Written;
