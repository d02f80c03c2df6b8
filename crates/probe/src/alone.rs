//! Reaching the one place there is: an address that was given, or a unix socket. Nothing to ask, and
//! nothing to race; all there is to know of it stands in the report.

use std::net::SocketAddr;

use fourstep_connect::{ConnectError, Few};
use fourstep_terms::{Fault, Leg, Step, Time};

use crate::failure::Failure;
use crate::plan::Plan;
use crate::report::{Connection, Dialled, Report, Resolved};
use crate::route::Endpoint;
use crate::timeline::{Mark, Timeline};
use crate::turn::{Action, Actions};

/// The only leg.
pub(crate) const LEG: Leg = Leg(0);

/// Dials it.
#[inline]
pub(crate) fn dial(now: Time, to: Endpoint, report: &mut Report, out: &mut Actions) {
    report.step = Step::Connect;
    match &to {
        Endpoint::Ip(_) => {
            report.resolve.get_or_insert(Resolved::Literal);
            report.timeline.mark_all([Mark::Asked, Mark::Answered, Mark::Dialled], now);
        }
        Endpoint::Unix(_) => report.timeline.mark(Mark::Dialled, now),
    }
    out.list.push(Action::Dial(LEG, to.clone()));
    report.connect.get_or_insert_with(|| {
        let attempts = Few::One(Dialled::begun(to, now));
        Connection { attempts, ..Connection::default() }
    });
}

/// When it must stand.
#[inline]
pub(crate) fn deadline(plan: &Plan, timeline: &Timeline) -> Time {
    timeline.at(Mark::Dialled).map_or(Time::NEVER, |dialled| dialled + plan.deadlines.connect)
}

/// Whether `leg` was it and is now the probe's connection.
pub(crate) fn connected(
    now: Time,
    leg: Leg,
    local: Option<SocketAddr>,
    report: &mut Report,
) -> bool {
    let Some(connection) = report.connect.as_mut().filter(|_| leg == LEG) else { return false };
    connection.attempts.iter_mut().for_each(|attempt| attempt.ended = now);
    connection.used = Some(leg);
    connection.local = local;
    true
}

/// It failed.
pub(crate) fn failed(now: Time, fault: Fault, report: &mut Report) -> Failure {
    let attempt = report.connect.as_mut().and_then(|it| it.attempts.first_mut());
    Failure::Connect(attempt.map_or(ConnectError::NoAddress, |attempt| {
        attempt.end(now, Some(fault));
        ConnectError::alone(attempt.to.address(), fault, now.since(attempt.started))
    }))
}

/// Lets it go.
pub(crate) fn abandon(now: Time, report: &mut Report, out: &mut Actions) {
    let attempts = report.connect.iter_mut().flat_map(|it| it.attempts.iter_mut());
    attempts.for_each(|attempt| attempt.ended = now);
    out.list.push(Action::HangUp(LEG));
}
