//! The kernel's `struct tcp_info`, read.

use crate::sys;
use fourstep_terms::TcpInfo;
use std::num::NonZeroU32;
use std::os::fd::AsRawFd;

/// Octets of the kernel's structure that we read, in words of four; it grows at its end, so the
/// place of a field never changes (include/uapi/linux/tcp.h).
const WORDS: usize = 38;

const SND_MSS: usize = 4;
const RTT: usize = 17;
const RTTVAR: usize = 18;
const TOTAL_RETRANS: usize = 25;
/// Since Linux 4.6.
const MIN_RTT: usize = 37;

/// What the kernel knows of a TCP connection now; `None` when this is none.
#[inline]
pub(crate) fn read(socket: &impl AsRawFd) -> Option<TcpInfo> {
    let mut words = [0; WORDS];
    sys::tcp_info(socket, &mut words).ok()?;
    Some(of(&words))
}

/// What the words of it say; those that a kernel does not have are 0.
fn of(words: &[u32; WORDS]) -> TcpInfo {
    let rtt_us = NonZeroU32::new(words[RTT]);
    TcpInfo {
        rtt_us,
        // What it begins with is no measurement (RFC 6298 §2.1).
        rttvar_us: rtt_us.and_then(|_| NonZeroU32::new(words[RTTVAR])),
        // All ones is the least of no samples.
        min_rtt_us: NonZeroU32::new(words[MIN_RTT]).filter(|least| *least != NonZeroU32::MAX),
        retransmits: words[TOTAL_RETRANS],
        mss: words[SND_MSS],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_kernel_does_not_tell_is_absent() {
        let mut words = [0; WORDS];
        words[SND_MSS] = 1448;
        words[RTTVAR] = 250_000;
        words[TOTAL_RETRANS] = 2;
        words[MIN_RTT] = u32::MAX;
        let none = TcpInfo { retransmits: 2, mss: 1448, ..TcpInfo::default() };
        assert_eq!(of(&words), none, "the SYN was sent three times, without timestamps: no sample");

        (words[RTT], words[RTTVAR], words[MIN_RTT]) = (11_800, 200, 11_700);
        let us = NonZeroU32::new;
        let all =
            TcpInfo { rtt_us: us(11_800), rttvar_us: us(200), min_rtt_us: us(11_700), ..none };
        assert_eq!(of(&words), all);
        // Linux 4.5 has 37 words, older ones fewer.
        let rows = [
            (37, TcpInfo { min_rtt_us: None, ..all }),
            (25, TcpInfo { min_rtt_us: None, retransmits: 0, ..all }),
            (0, TcpInfo::default()),
        ];
        for (had, want) in rows {
            words[had..].fill(0);
            assert_eq!(of(&words), want, "{had} words");
        }
    }
}
