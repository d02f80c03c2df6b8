//! TLS as a step that explains itself (RFC 8446, RFC 5246): octets to octets, over rustls.
//!
//! ```text
//!  Options ─▶ Config ┐
//!     host, wall ────┴▶ Session ── wire ──▶ peer
//!                          ▲                  │
//!                          └────── feed ◀─────┘
//!                          │
//!                          ├─▶ established ─▶ plain text, both ways ─▶ End
//!                          ├─▶ TlsError      what went wrong, one code each
//!                          └─▶ Handshake     what was shown: also when it was refused
//! ```
//!
//! A [`Session`] is fed whatever octets there are and appends what it wants sent. It promises:
//!
//! - What comes out is the same wherever the stream is cut.
//! - No plain text is let through, and no client certificate shown, before the peer has proved
//!   that it holds the key of its certificate, and chain, name and pins were found good.
//! - A refusal names every reason ([`Handshake::reasons`]), not the first alone; the failure is the
//!   first of them in the order of the codes. [`Options::insecure`] goes on, and reports the same.
//! - No key is in an error, a `Debug` text or a [`Handshake`].
//!
//! It opens no socket, reads no file and knows no clock: the moment at which certificates are to
//! be valid is handed in, so a test of today holds next year. Silence and resets are the caller's
//! news, which [`TlsError`] has the words for. Randomness is the one thing drawn here, by ring:
//! what a key exchange is worth hangs on it, and no caller should be able to hand in less.
//!
//! Sessions are never resumed and early data is never sent: a probe wants to see the whole of it.
//!
//! ```
//! use fourstep_tls::{Config, Options, Output, Session, TlsError};
//! use std::time::Duration;
//!
//! let config = Config::new(&Options::default())?;
//! let (mut out, wall) = (Output::default(), Duration::from_secs(1_795_000_000));
//! let mut session = Session::new(&config, "a.test", wall, &mut out.wire)?;
//! assert_eq!(out.wire[0], 22); // the ClientHello, a handshake record
//!
//! let error = session.feed(b"HTTP/1.1 400 Bad Request\r\n\r\n", &mut out).unwrap_err();
//! assert!(matches!(error, TlsError::NotTls { http: true, .. }));
//! assert_eq!(error.code().as_str(), "tls.not-tls");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod alert;
mod certificate;
mod chain;
mod config;
mod error;
mod failure;
mod handshake;
mod keylog;
mod name;
mod options;
mod pem;
mod pin;
mod records;
mod session;
mod trust;
mod verifier;
mod view;

pub use certificate::Certificate;
pub use chain::Chain;
pub use config::Config;
pub use error::{ConfigError, TlsError};
pub use handshake::Handshake;
pub use keylog::KeyLogSink;
pub use options::{Identity, Options, Roots, Sni, Version};
pub use pin::Pin;
pub use session::{End, Output, Session};
