//! What the kernel measured of the connection.

use std::num::NonZeroU32;

use fourstep_probe as probe;

use super::object::object;

/// A reading of TCP_INFO when the connection was hung up, and what is only seen at its begin.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Tcp {
    pub(crate) rtt_us: Option<NonZeroU32>,
    pub(crate) rttvar_us: Option<NonZeroU32>,
    pub(crate) min_rtt_us: Option<NonZeroU32>,
    /// That of the SYN.
    pub(crate) connect_rtt_us: Option<NonZeroU32>,
    pub(crate) retransmits: u32,
    /// How many of them were before the connection stood.
    pub(crate) syn_retransmits: u32,
    pub(crate) mss: Option<NonZeroU32>,
}

object! {
    Tcp: |Self {
        rtt_us, rttvar_us, min_rtt_us, connect_rtt_us, retransmits, syn_retransmits, mss
    }| {
        within 256 {
            rtt_us: rtt_us,
            rttvar_us: rttvar_us,
            min_rtt_us: min_rtt_us,
            connect_rtt_us: connect_rtt_us,
            [retransmits: retransmits => 0, syn_retransmits: syn_retransmits => 0],
            mss: mss,
        }
    }
}

impl Tcp {
    pub(crate) fn of(tcp: &probe::Tcp) -> Tcp {
        let probe::Tcp { connected, ended } = tcp;
        Tcp {
            rtt_us: ended.rtt_us,
            rttvar_us: ended.rttvar_us,
            min_rtt_us: ended.min_rtt_us,
            connect_rtt_us: connected.rtt_us,
            retransmits: ended.retransmits,
            syn_retransmits: connected.retransmits,
            mss: NonZeroU32::new(ended.mss),
        }
    }
}
