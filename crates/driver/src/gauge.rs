//! What the kernel measures of a connection, whatever its socket carried before.

use fourstep_probe::Tcp;
use fourstep_terms::TcpInfo;

/// The reading when a connection stood, until there is the one of its end.
///
/// The kernel forgets an earlier connection of the same socket but for its shortest round trip: it
/// keeps the least of the last five minutes (net.ipv4.tcp_min_rtt_wlen in its
/// networking/ip-sysctl), and a socket may see a near peer and then a far one within that time.
/// When a connection stands there is one sample of it, the SYN's; what is less is not its own.
#[derive(Debug, Default)]
pub(crate) struct Gauge(Option<TcpInfo>);

impl Gauge {
    /// The reading when the connection stood.
    pub(crate) fn stands(read: Option<TcpInfo>) -> Gauge {
        Gauge(read)
    }

    /// Both readings, with the one of its end; `None` when there was none while it stood. `used`:
    /// its socket carried a connection before.
    ///
    /// Of a round trip that an earlier one hides no more is known than that it is no longer than
    /// the smoothed ones.
    pub(crate) fn ended(&self, used: bool, read: impl FnOnce() -> Option<TcpInfo>) -> Option<Tcp> {
        let (mut connected, mut ended) = (self.0?, read()?);
        if used {
            let least = std::mem::replace(&mut connected.min_rtt_us, connected.rtt_us);
            let earlier = least.filter(|least| connected.rtt_us.is_none_or(|rtt| *least < rtt));
            if earlier.is_some_and(|earlier| ended.min_rtt_us.is_none_or(|it| it >= earlier)) {
                let smoothed = [connected.rtt_us, ended.rtt_us];
                ended.min_rtt_us = smoothed.into_iter().flatten().min();
            }
        }
        Some(Tcp { connected, ended })
    }
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroU32;

    use super::*;

    fn info(rtt: u32, least: u32) -> TcpInfo {
        let (rtt_us, min_rtt_us) = (NonZeroU32::new(rtt), NonZeroU32::new(least));
        TcpInfo { rtt_us, min_rtt_us, ..TcpInfo::default() }
    }

    #[test]
    fn the_shortest_round_trip_is_the_connections_own() {
        // The socket is used; what the kernel says when it stands, and at the end: round trip and
        // shortest; what comes of it.
        let rows = [
            ("a socket of its own", false, (300, 300), (290, 280), (300, 280)),
            ("nothing shorter before", true, (300, 300), (290, 280), (300, 280)),
            ("shorter before", true, (300, 20), (290, 20), (300, 290)),
            ("shorter before, and longer since", true, (300, 20), (310, 20), (300, 300)),
            ("shorter before, and now shorter still", true, (300, 200), (260, 180), (300, 180)),
            ("what was before is too long ago", true, (300, 20), (310, 250), (300, 300)),
            ("the SYN was sent twice: no sample", true, (0, 20), (400, 20), (0, 400)),
        ];
        for (name, used, (rtt, least), (end, end_least), (stood, want)) in rows {
            let gauge = Gauge::stands(Some(info(rtt, least)));
            let tcp = gauge.ended(used, || Some(info(end, end_least))).expect("both were read");
            assert_eq!(tcp, Tcp { connected: info(rtt, stood), ended: info(end, want) }, "{name}");
        }
        assert_eq!(Gauge::stands(None).ended(true, || Some(info(1, 1))), None);
        assert_eq!(Gauge::stands(Some(info(1, 1))).ended(true, || None), None);
    }
}
