//! Certificates for probing: a root, and a chain for every condition that a probe tells apart.
//!
//! ```text
//!   Mint, at a moment ─▶ Signer: Root, Middle, Other, …
//!                           │ sign
//!   CONDITIONS ─────────────┴▶ Authority ─▶ a Chain for each condition
//!                                        ─▶ the root to trust, the lists of what was revoked
//! ```
//!
//! [`CONDITIONS`] is the one list: the handshakes in memory, the real servers, the conversations of
//! simnet and the files of `make certificates` all take from it, and each holds what it sees
//! against the codes that stand there.
//!
//! For development only. Everything is made on the spot, for a moment that is handed in: no key is
//! kept, and nothing expires.
//!
//! ```
//! use fourstep_authority::{Authority, Mint};
//! use std::time::Duration;
//!
//! let authority = Authority::new(&Mint::at(Duration::from_secs(1_780_272_000)));
//! let (condition, chain) = authority.find("expired-and-wrong-host").unwrap();
//! assert_eq!(condition.host, "b.test");
//! assert_eq!(condition.unverified, ["tls.expired", "tls.wrong-name"]);
//! assert_eq!(chain.certificates.len(), 2); // the server's own, and its issuer's
//! ```

mod authority;
mod condition;
mod mint;
mod pem;
mod signer;
mod workshop;

pub use authority::Authority;
pub use condition::{CONDITIONS, Condition};
pub use mint::Mint;
pub use pem::pem;
pub use rcgen;
pub use signer::{Chain, Signer};
