//! Memory that serves again.

use std::mem::forget;
use std::sync::Arc;

use fourstep_connect::Few;
use fourstep_target::Target;
use fourstep_terms::Step;

use crate::report::{Connection, Dialled, Received, Report, Resolved, Tcp};
use crate::route::Endpoint;
use crate::timeline::Timeline;

/// What reports that nobody needs any more leave to those to come: their memory, as much as a turn of
/// the loop may want. Of what they say nothing stays but, until they serve again, the target.
#[derive(Clone, Debug, Default)]
#[expect(clippy::vec_box, reason = "the boxes are what is kept")]
pub struct Spare {
    reports: Vec<Box<Report>>,
    received: Vec<Box<Received>>,
    tcp: Vec<Box<Tcp>>,
    heads: Vec<Vec<u8>>,
}

/// How many of each are kept: as many as may end in one turn, mostly.
const MOST: usize = 64;

/// A head or a body that took more room than this gives it back.
const ROOM_OCTETS: usize = 8 * 1024;

impl Spare {
    /// Keeps what a report is made of, or lets it go where there is enough.
    pub fn keep(&mut self, mut report: Box<Report>) {
        if let Some(mut received) = report.response.take() {
            if let Some(head) = received.head.take() {
                self.keep_head(head.into_room());
            }
            clear(&mut received);
            put(&mut self.received, received);
        }
        if let Some(tcp) = report.tcp.take() {
            put(&mut self.tcp, tcp);
        }
        empty(&mut report);
        put(&mut self.reports, report);
    }

    /// Keeps memory for a head.
    #[inline]
    pub(crate) fn keep_head(&mut self, room: Vec<u8>) {
        if (1..=ROOM_OCTETS).contains(&room.capacity()) {
            put(&mut self.heads, room);
        }
    }

    /// A report of which nothing is known yet, in memory that is there or new.
    #[inline]
    pub(crate) fn report(&mut self, target: Arc<Target>) -> Box<Report> {
        match self.reports.pop() {
            Some(mut spare) => {
                spare.target = target;
                spare
            }
            None => Box::new(Report::new(target, 0)),
        }
    }

    /// What was received: nothing yet.
    pub(crate) fn received(&mut self) -> Box<Received> {
        self.received.pop().unwrap_or_default()
    }

    /// For a head.
    #[inline]
    pub(crate) fn head(&mut self) -> Vec<u8> {
        self.heads.pop().unwrap_or_default()
    }

    /// What the kernel measured of a connection.
    pub fn tcp(&mut self, measured: Tcp) -> Box<Tcp> {
        match self.tcp.pop() {
            Some(mut spare) => {
                *spare = measured;
                spare
            }
            None => Box::new(measured),
        }
    }
}

/// Keeps one more, if there is not enough.
#[inline(always)]
fn put<T>(pool: &mut Vec<T>, one: T) {
    if pool.len() < MOST {
        pool.push(one);
    }
}

/// As [`Report::new`] has it, but in place: most of it is not there to be dropped.
fn empty(report: &mut Report) {
    let Report {
        target: _,
        hop,
        step,
        failure,
        timeline,
        resolve,
        connect,
        tls,
        request,
        response,
        tcp,
        next,
    } = report;
    (*hop, *step, *timeline) = (0, Step::Resolve, Timeline::default());
    *request = None;
    // Mostly there was an address, and it was dialled once: that leaves nothing to be dropped.
    match resolve {
        Some(Resolved::Name(_)) => *resolve = None,
        Some(Resolved::Literal) | None => forget(resolve.take()),
    }
    match connect {
        Some(Connection { attempts: Few::One(dialled), used: _, local: _, tunnel: None })
            if is_bare(dialled) =>
        {
            forget(connect.take());
        }
        _ => *connect = None,
    }
    none(failure);
    none(tls);
    none(response);
    none(tcp);
    none(next);
}

/// Whether there is nothing in it to be dropped.
fn is_bare(dialled: &Dialled) -> bool {
    // Every field is named, so that one which is added has to be thought of here.
    let Dialled { to, started: _, ended: _, failure: _, os_error: _ } = dialled;
    matches!(to, Endpoint::Ip(_))
}

/// Drops what seldom is there: to drop nothing takes a call as well.
#[inline(always)]
fn none<T>(seldom: &mut Option<T>) {
    if seldom.is_some() {
        *seldom = None;
    }
}

/// As if nothing had been received.
fn clear(received: &mut Received) {
    let Received { interim, head, framing, body, body_octets, trailers, oddities, complete } =
        received;
    (*head, *framing, *body_octets, *complete) = (None, None, 0, false);
    body.clear();
    if body.capacity() > ROOM_OCTETS {
        *body = Vec::new();
    }
    gone(interim);
    gone(trailers);
    gone(oddities);
}

/// Lets go of what seldom is there.
#[inline(always)]
fn gone<T>(seldom: &mut Vec<T>) {
    if seldom.capacity() > 0 {
        *seldom = Vec::new();
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use fourstep_response::{Asked, Limits, begin};
    use fourstep_terms::Time;

    use super::*;
    use crate::failure::Failure;
    use crate::report::Answered;
    use crate::timeline::Mark;

    fn target() -> Arc<Target> {
        Arc::new("http://192.0.2.1/".parse().unwrap())
    }

    #[test]
    fn memory_serves_again_and_says_nothing() {
        let mut spare = Spare::default();
        let mut first = spare.report(target());
        first.response = Some(spare.received());
        let received = first.response.as_mut().unwrap();
        received.body.extend(b"octets");
        (received.body_octets, received.complete) = (6, true);
        received.trailers.push(Default::default());
        let octets = b"HTTP/1.1 304 Not Modified\r\n\r\n";
        let (limits, head) = (Limits::default(), &mut received.head);
        begin(Asked::Other, &limits, octets, &mut Vec::new(), head);
        first.tcp = Some(spare.tcp(Tcp::default()));
        (first.hop, first.step) = (2, Step::Response);
        first.timeline.mark(Mark::Started, Time::START);
        first.failure = Some(Box::new(Failure::Interrupted { step: Step::Response }));
        (first.resolve, first.connect) = (Some(Resolved::Literal), Some(Connection::default()));
        let place = |report: &Report| std::ptr::from_ref(report).addr();
        let was = place(&first);
        spare.keep(first);

        let second = spare.report(target());
        assert_eq!(place(&second), was);
        assert_eq!(format!("{second:?}"), format!("{:?}", Report::new(target(), 0)));
        let received = spare.received();
        assert!(received.body.capacity() >= 6 && spare.head().capacity() >= octets.len());
        assert_eq!(format!("{received:?}"), format!("{:?}", Received::default()));
    }

    #[test]
    fn whatever_was_dialled_is_let_go() {
        let path: Arc<Path> = Path::new("/run/app.sock").into();
        let dialled = |to| Dialled::begun(to, Time::START);
        let address = || dialled(Endpoint::Ip("192.0.2.1:80".parse().unwrap()));
        let unix = || dialled(Endpoint::Unix(Arc::clone(&path)));
        let tunnel = Some(Box::new(Answered { status: 502, reason: b"No".as_slice().into() }));
        let of = |attempts| Connection { attempts, ..Connection::default() };
        let connections = [
            of(Few::One(address())),
            of(Few::One(unix())),
            of(Few::Many(vec![address(), unix()])),
            Connection { tunnel, ..of(Few::One(address())) },
        ];
        let mut spare = Spare::default();
        for connection in connections {
            let mut report = spare.report(target());
            report.connect = Some(connection);
            spare.keep(report);
            let next = spare.report(target());
            assert_eq!(format!("{next:?}"), format!("{:?}", Report::new(target(), 0)));
            spare.keep(next);
        }
        assert_eq!(Arc::strong_count(&path), 1, "nothing is left of any");
    }

    #[test]
    fn no_more_is_kept_than_a_turn_may_want() {
        let mut spare = Spare::default();
        for octets in 0..2 * MOST {
            let mut report = Box::new(Report::new(target(), 0));
            let body = Vec::with_capacity(if octets == 0 { 2 * ROOM_OCTETS } else { 8 });
            report.response = Some(Box::new(Received { body, ..Received::default() }));
            report.tcp = Some(Box::default());
            spare.keep(report);
        }
        assert_eq!(
            (spare.reports.len(), spare.received.len(), spare.tcp.len()),
            (MOST, MOST, MOST)
        );
        assert!(spare.received.iter().all(|received| received.body.capacity() <= ROOM_OCTETS));
    }
}
