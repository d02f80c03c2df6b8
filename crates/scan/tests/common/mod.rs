//! Reports as probes make them.

#![expect(clippy::unwrap_used, reason = "a test")]

use std::sync::{Arc, LazyLock};
use std::time::{Duration, SystemTime};

use fourstep_driver::Finished;
use fourstep_probe::{Actions, Failure, Input, Plan, Probe, Report, SendError};
use fourstep_target::Target;
use fourstep_terms::{Fault, FaultKind, Leg, Step, Time};

/// How a probe ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// With a 200.
    Answered,
    /// With a redirect that is followed: one more hop comes.
    Redirected,
    /// By a cause that may pass.
    Silent,
    /// By a cause that will not.
    Refused,
    /// For want of a descriptor.
    Lacking,
    /// By being told to stop.
    Interrupted,
}

static ANSWERED: LazyLock<Box<Report>> =
    LazyLock::new(|| exchange(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"));
static REDIRECTED: LazyLock<Box<Report>> = LazyLock::new(|| {
    exchange(b"HTTP/1.1 302 Found\r\nLocation: /next\r\nContent-Length: 0\r\n\r\n")
});
static REFUSED: LazyLock<Box<Report>> = LazyLock::new(|| {
    let (mut probe, mut out) = begun();
    let fault = Fault { kind: FaultKind::Refused, os_error: Some(111) };
    let news = Input::Failed { leg: Leg(0), fault };
    let _ = probe.handle(Time::from_millis(1), news, &mut out);
    probe.into_report()
});

/// What a probe of `target` that ended so has seen.
pub(crate) fn report(target: &Arc<Target>, end: End) -> Box<Report> {
    let failed = |failure| {
        let probe = Probe::new(Arc::clone(target), Arc::default());
        let mut report = probe.into_report();
        report.failure = Some(Box::new(failure));
        report
    };
    let mut report = match end {
        End::Answered => ANSWERED.clone(),
        End::Redirected => REDIRECTED.clone(),
        End::Refused => REFUSED.clone(),
        End::Silent => {
            let waited = Duration::from_secs(1);
            failed(Failure::Request(SendError::Silent { waited, left: 9 }))
        }
        End::Lacking => {
            let fault = Fault { kind: FaultKind::Descriptors, os_error: Some(24) };
            failed(Failure::Local { step: Step::Connect, fault })
        }
        End::Interrupted => failed(Failure::Interrupted { step: Step::Connect }),
    };
    report.target = Arc::clone(target);
    report
}

/// The same, of job `number`.
pub(crate) fn finished(number: u64, target: &Arc<Target>, end: End) -> Finished {
    Finished { number, at: SystemTime::UNIX_EPOCH, report: report(target, end) }
}

fn begun() -> (Probe, Actions) {
    let target: Target = "http://192.0.2.1/".parse().unwrap();
    let plan = Plan { follow: 5, ..Plan::default() };
    let (mut probe, mut out) = (Probe::new(Arc::new(target), Arc::new(plan)), Actions::default());
    let _ = probe.handle(Time::START, Input::Start, &mut out);
    (probe, out)
}

fn exchange(response: &[u8]) -> Box<Report> {
    let (mut probe, mut out) = begun();
    let news = Input::Connected { leg: Leg(0), local: None };
    let _ = probe.handle(Time::from_millis(12), news, &mut out);
    let _ = probe.handle(Time::from_millis(12), Input::Sent { leg: Leg(0), left: 0 }, &mut out);
    let news = Input::Received { leg: Leg(0), octets: response, at: None };
    let _ = probe.handle(Time::from_millis(40), news, &mut out);
    let report = probe.into_report();
    assert!(report.answered());
    report
}
