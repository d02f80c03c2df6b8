//! Handshakes in memory, against rustls's server and certificates made on the spot.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod link;
mod offers;
mod options;
mod trust;
mod wire;
