//! What the kernel measured, and whose the wait was.

use std::fmt;
use std::num::NonZeroU32;
use std::time::Duration;

use super::Text;
use crate::record::{Tcp, Timing};
use crate::when::Took;

/// Writes what was sent again, which nobody else would tell; and the round trips, when all that
/// there is is wanted.
pub(super) fn write(text: &Text<'_>, tcp: &Tcp, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let took = |us: NonZeroU32| Took(Duration::from_micros(us.get().into()));
    let mut step = "tcp";
    if let (true, Some(rtt), Some(least)) = (text.verbose, tcp.rtt_us, tcp.min_rtt_us) {
        let (rtt, least) = (took(rtt), took(least));
        match tcp.connect_rtt_us.map(took) {
            Some(first) => {
                let trips = format_args!("round trip {rtt}; first {first}, shortest {least}");
                text.line(step, f, trips)?;
            }
            None => text.line(step, f, format_args!("round trip {rtt}; shortest {least}"))?,
        }
        step = "";
    }
    let warn = text.palette.warn;
    let (syn, rest) = (tcp.syn_retransmits, tcp.retransmits.saturating_sub(tcp.syn_retransmits));
    if syn > 0 {
        let times = if syn == 1 { "time" } else { "times" };
        let again = format_args!("{warn}SYN sent again, {syn} {times}{warn:#}");
        text.line(step, f, format_args!("{again}: it was lost, or a full queue dropped it"))?;
        step = "";
    }
    if rest > 0 {
        let segments = if rest == 1 { "segment" } else { "segments" };
        text.line(step, f, format_args!("{warn}{rest} {segments} sent again{warn:#}"))?;
    }
    Ok(())
}

/// Writes how the wait was spent, and by whose clock that is.
pub(super) fn write_wait(
    text: &Text<'_>,
    timing: &Timing,
    f: &mut fmt::Formatter<'_>,
) -> fmt::Result {
    let Some(clock) = timing.clock else { return Ok(()) };
    let took = |us| Took(Duration::from_micros(us));
    match (timing.wait_network.map(took), timing.wait_server.map(took)) {
        (Some(network), Some(server)) => {
            let split = format_args!("network {network}, server {server} (clock: {clock})");
            text.line("wait", f, split)
        }
        _ => text.line("wait", f, format_args!("(clock: {clock})")),
    }
}
