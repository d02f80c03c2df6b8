//! Handshakes in memory, against rustls's server and certificates made on the spot.

mod authority;
mod link;
mod trust;
mod wire;
