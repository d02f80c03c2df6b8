//! What was read though a strict reader refuses it.

/// Something in a peer's octets that a strict reader refuses and we read, said openly.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Oddity {
    /// A stable name, in words joined by hyphens: `bare-lf`, `missing-reason`.
    pub rule: &'static str,
    /// Where: octets from the first one of the response (or of the message it stands in), from 0.
    pub offset: u64,
    /// One plain sentence without a stop: what was there and how it was read.
    pub says: &'static str,
    /// The clause that forbids or discourages it: `RFC 9112 §2.2`.
    pub reference: &'static str,
}
