//! What every report must agree with itself in.

use std::time::Duration;

use fourstep_probe::{Endpoint, Failure, Mark, Report, Timings};
use fourstep_resolve::Answer;
use fourstep_target::Scheme;
use fourstep_terms::Step;

use crate::stage::Breach;

const MICROSECOND: Duration = Duration::from_micros(1);

/// Holds the report of a probe that is done against itself: steps, marks, failure and parts.
/// `dialled` is how many legs there were.
pub fn check(report: &Report, dialled: usize) -> Result<(), Breach> {
    let at = |mark| report.timeline.at(mark);
    let (head, response) = (report.head(), report.response.as_ref());
    let complete = response.is_some_and(|response| response.complete);
    let left = report.request.as_ref().map(|request| request.left);
    let attempts = report.connect.as_ref().map_or(0, |connect| connect.attempts.len());
    let peer = report.connect.as_ref().and_then(|connect| connect.peer());
    let failure = report.failure.as_deref();
    let timings = report.timeline.timings();
    let Timings { resolve, connect, tls, request, wait, receive, total } = timings;
    let parts = [resolve, connect, tls, request, wait, receive];
    let is_https = report.target.scheme() == Scheme::Https;
    let ready = if is_https { Mark::Secured } else { Mark::Connected };
    let reached = match () {
        // In TLS 1.3 the peer may refuse us when our side is done (RFC 8446 §4.4.2.4).
        () if matches!(failure, Some(Failure::Tls(_))) => Step::Tls,
        () if at(Mark::Sent).or(at(Mark::FirstOctet)).is_some() => Step::Response,
        () if at(Mark::Offered).is_some() => Step::Request,
        () if at(Mark::Greeted).is_some() => Step::Tls,
        () if at(Mark::Dialled).is_some() => Step::Connect,
        () => Step::Resolve,
    };
    let rows = [
        ("it began and ended", at(Mark::Started).is_some() && at(Mark::Done).is_some()),
        ("no step takes longer than all", parts.iter().flatten().all(|&part| Some(part) <= total)),
        ("marks stand in order", in_order(report)),
        ("the step is the last one begun", report.step == reached),
        ("what fails has begun", failure.is_none_or(|failure| failure.step() <= report.step)),
        (
            "a code names its step",
            failure.is_none_or(|f| f.code().step().is_none_or(|step| step == f.step())),
        ),
        ("either it failed or it is complete", failure.is_none() <= (complete && head.is_some())),
        ("a redirect followed is no failure", report.next.is_none() || failure.is_none()),
        ("a connection stands where it was dialled", (dialled > 0) == at(Mark::Dialled).is_some()),
        ("every attempt is told", attempts == dialled),
        ("the answer with the peer's address is the one that was used", used(report)),
        ("connected has a peer", peer.is_some() >= at(Mark::Connected).is_some()),
        (
            "a peer is connected, but where a proxy gave no tunnel to it",
            peer.is_none() || at(Mark::Connected).is_some() || is_https && failure.is_some(),
        ),
        (
            "https shakes hands",
            at(Mark::Greeted).is_some() == (is_https && at(Mark::Connected).is_some()),
        ),
        ("a handshake shows what it showed", report.tls.is_some() == at(Mark::Greeted).is_some()),
        ("what is ready offers a request", at(ready).is_some() == at(Mark::Offered).is_some()),
        ("what is offered is told", left.is_some() == at(Mark::Offered).is_some()),
        ("sent leaves nothing", (left == Some(0)) == at(Mark::Sent).is_some()),
        ("an octet is a response", response.is_some() == at(Mark::FirstOctet).is_some()),
        ("a first octet has a clock", response.is_some() == report.timeline.clock().is_some()),
        ("complete has a last octet", complete == at(Mark::LastOctet).is_some()),
        ("complete has a head", !complete || head.is_some()),
        (
            "no more of a body is kept than came",
            response.is_none_or(|r| u64::try_from(r.body.len()).is_ok_and(|n| n <= r.body_octets)),
        ),
    ];
    match rows.iter().find(|(_, holds)| !holds) {
        Some((rule, _)) => Err(Breach(format!("{rule}: not so in {report:?}"))),
        None => Ok(()),
    }
}

/// Whether resolving is said to have ended with the answer that has the peer's address.
fn used(report: &Report) -> bool {
    let peer = report.connect.as_ref().and_then(|connect| connect.peer());
    let (Some(Endpoint::Ip(peer)), Some(named)) = (peer, report.named()) else { return true };
    let has = |answer: &Answer| answer.result.as_ref().is_ok_and(|ips| ips.contains(&peer.ip()));
    let answered = report.timeline.at(Mark::Answered);
    match named.answers.iter().find(|(_, answer)| has(answer)) {
        // Marks are whole microseconds.
        Some((at, _)) => answered.is_some_and(|mark| mark <= *at && *at < mark + MICROSECOND),
        // It is a service's, which may be known before any address of the name.
        None => named.services.is_some() && answered.is_some(),
    }
}

/// Marks that can only follow each other.
fn in_order(report: &Report) -> bool {
    use Mark::{Connected, Dialled, Done, Greeted, Offered, Secured, Sent, Started};
    let orders: [&[Mark]; 3] = [
        &[Started, Mark::Asked, Mark::Answered, Connected, Done],
        &[Started, Dialled, Connected, Greeted, Secured, Offered, Sent, Done],
        &[Offered, Mark::FirstOctet, Mark::LastOctet, Done],
    ];
    orders.iter().all(|marks| {
        let reached: Vec<_> = marks.iter().filter_map(|mark| report.timeline.at(*mark)).collect();
        reached.is_sorted()
    })
}
