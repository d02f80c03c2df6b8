//! Which probes are tried again, and when.

use std::time::Duration;

use fourstep_probe::Report;
use fourstep_terms::Code;

use crate::mix::mix;

/// How often a probe is begun again for want of something of this machine's. With the waits
/// between them half a minute at most: what is lacking then will not come back by waiting.
pub(crate) const LOCAL_TRIES: u32 = 10;

/// The wait after the first local fault, and the longest.
const LOCAL_BACKOFF: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(5));

/// The longest wait before a retry, unless the first is longer.
const LONGEST: Duration = Duration::from_secs(60);

/// Whether another try may show something else: the probe failed, and by a cause that may have
/// been the moment's.
///
/// Worth it is silence at any step, a connection thrown away, cut or closed before an answer, and
/// a name server that failed or did not answer. Not worth it is what was said clearly (refused,
/// denied, unreachable, NXDOMAIN), what will be the same again (TLS alerts and certificates,
/// malformed or too large responses), and any answer: a 503 or 429 asks for less, not for more.
pub fn is_worth_retrying(report: &Report) -> bool {
    !report.answered() && report.failure.as_ref().is_some_and(|failure| may_pass(failure.code()))
}

/// A variant that joins the table has to be thought about here.
const fn may_pass(code: Code) -> bool {
    match code {
        Code::ResolveServerFailure
        | Code::ResolveSilent
        | Code::ResolveUnreachable
        | Code::ConnectSilent
        | Code::ConnectReset
        | Code::TlsSilent
        | Code::TlsClosed
        | Code::TlsReset
        | Code::RequestReset
        | Code::RequestSilent
        | Code::ResponseEmpty
        | Code::ResponseSilent
        | Code::ResponseStalled
        | Code::ResponseReset
        | Code::ResponseCut => true,
        Code::TargetMalformed
        | Code::ResolveNoSuchName
        | Code::ResolveNoAddress
        | Code::ResolveRefused
        | Code::ResolveMalformed
        | Code::ConnectRefused
        | Code::ConnectUnreachable
        | Code::ConnectDenied
        | Code::TlsAlert
        | Code::TlsNotTls
        | Code::TlsMalformed
        | Code::TlsUntrusted
        | Code::TlsExpired
        | Code::TlsNotYetValid
        | Code::TlsRevoked
        | Code::TlsWrongName
        | Code::TlsWrongPin
        | Code::TlsIncompatible
        | Code::ResponseMalformed
        | Code::ResponseTooLarge
        | Code::ResponseRedirectLoop
        | Code::ResponseRedirectLimit
        | Code::ResponseRedirectMalformed
        // These are tried again whatever the limits say, and apart.
        | Code::LocalDescriptors
        | Code::LocalPorts
        | Code::LocalMemory
        | Code::LocalInterrupted => false,
    }
}

/// The wait before retry number `nth`, from 1, of the entry at `seq`.
pub(crate) fn backoff(first: Duration, nth: u32, seq: u64) -> Duration {
    wait(first, first.max(LONGEST), nth, seq)
}

/// The wait after local fault number `nth`, from 1, of the entry at `seq`.
pub(crate) fn local_backoff(nth: u32, seq: u64) -> Duration {
    wait(LOCAL_BACKOFF.0, LOCAL_BACKOFF.1, nth, seq)
}

/// Twice as long each time, `longest` at most, and of that between half and all: those that
/// failed together are not to come back together. The chance hangs on the entry, so that a run
/// can be repeated.
fn wait(first: Duration, longest: Duration, nth: u32, seq: u64) -> Duration {
    let doublings = nth.saturating_sub(1).min(31);
    let whole = first.saturating_mul(1 << doublings).min(longest);
    let half = whole / 2;
    let chance = mix(seq ^ u64::from(nth) << 56);
    let spread = u64::try_from(half.as_nanos()).unwrap_or(u64::MAX).saturating_add(1);
    half + Duration::from_nanos(chance % spread)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_a_limit_and_differ() {
        let second = Duration::from_secs(1);
        for (nth, whole) in [(1, 1), (2, 2), (3, 4), (6, 32), (7, 60), (50, 60), (255, 60)] {
            let whole = Duration::from_secs(whole);
            let waits = [1, 2, 3, 4].map(|seq| backoff(second, nth, seq));
            for wait in waits {
                assert!(whole / 2 <= wait && wait <= whole, "{nth}: {wait:?}");
            }
            assert!(waits.iter().any(|wait| *wait != waits[0]), "{nth}: {waits:?}");
            assert_eq!(waits[0], backoff(second, nth, 1));
        }
        // A first wait beyond the limit stays, and none is none.
        assert!(backoff(second * 600, 3, 1) >= second * 300);
        assert_eq!(backoff(Duration::ZERO, 3, 1), Duration::ZERO);
        let all: Duration = (1..=LOCAL_TRIES).map(|nth| local_backoff(nth, 9)).sum();
        assert!((second * 15..second * 32).contains(&all), "{all:?}");
    }

    #[test]
    fn clear_answers_are_not_asked_for_again() {
        let again: Vec<&str> =
            Code::ALL.into_iter().filter(|code| may_pass(*code)).map(Code::as_str).collect();
        assert_eq!(
            again.join(" "),
            "resolve.server-failure resolve.silent resolve.unreachable connect.silent \
             connect.reset tls.silent tls.closed tls.reset request.reset request.silent \
             response.empty response.silent response.stalled response.reset response.cut"
        );
    }
}
