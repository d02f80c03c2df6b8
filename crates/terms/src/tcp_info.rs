//! What the kernel knows of a TCP connection.

use std::num::NonZeroU32;

/// A reading of what the kernel knows of one TCP connection: TCP_INFO in tcp(7).
///
/// Times are microseconds, absent until there is a sample: a segment that was sent twice gives
/// none (Karn's algorithm, RFC 6298 §3), unless timestamps tell which of the two was
/// acknowledged (RFC 7323 §4), and those count whole milliseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TcpInfo {
    /// SRTT, the smoothed round-trip time (RFC 6298 §2). Right after the handshake it is that of
    /// the SYN; later an acknowledgement that waited for the response makes it longer
    /// (RFC 9293 §3.8.6.3).
    pub rtt_us: Option<NonZeroU32>,
    /// RTTVAR, how far the samples stray from it (RFC 6298 §2).
    pub rttvar_us: Option<NonZeroU32>,
    /// The shortest round trip so far: what the path takes when nothing waits. Of a socket that
    /// carried another connection the kernel may tell that one's.
    pub min_rtt_us: Option<NonZeroU32>,
    /// Segments that were sent again, the SYN among them.
    pub retransmits: u32,
    /// The most octets of data that a segment takes on this path (RFC 9293 §3.7.1); 0 when it is
    /// not known.
    pub mss: u32,
}
