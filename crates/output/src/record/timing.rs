//! How long each step took.

use fourstep_probe::{Mark, Report};
use fourstep_terms::Clock;

use super::json::Json;
use super::object::{members, object};
use super::room::Room;
use crate::lines::tree::Node;

/// How long each step took, in microseconds; null for one that was not begun.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Timing {
    pub(crate) resolve: Option<u64>,
    pub(crate) connect: Option<u64>,
    pub(crate) tls: Option<u64>,
    pub(crate) request: Option<u64>,
    pub(crate) wait: Option<u64>,
    /// Of the wait, what the path took and what is left.
    pub(crate) wait_network: Option<u64>,
    pub(crate) wait_server: Option<u64>,
    pub(crate) receive: Option<u64>,
    pub(crate) total: Option<u64>,
    /// Whose clock told when octets of the response came in.
    pub(crate) clock: Option<Clock>,
}

members!(Timing {
    resolve,
    connect,
    tls,
    request,
    wait,
    wait_network,
    wait_server,
    receive,
    total,
    clock
});

/// The section as it is written of a report: each step straight from its marks, when its turn comes.
pub(crate) struct Written<'a>(pub(crate) Option<&'a Report>);

impl Json for Written<'_> {
    #[inline(always)]
    fn write<'o>(&self, out: Room<'o>) -> Room<'o> {
        match self.0 {
            Some(report) => marked(Marks(report), out),
            None => unmarked(out),
        }
    }

    fn write_chosen<'o>(&self, asked: &Node, out: Room<'o>) -> Room<'o> {
        match self.0 {
            Some(report) => Marks(report).write_chosen(asked, out),
            None => Timing::default().write_chosen(asked, out),
        }
    }
}

/// Apart from the record, so that all registers are for nine numbers.
#[inline(never)]
fn marked<'o>(marks: Marks<'_>, out: Room<'o>) -> Room<'o> {
    marks.write(out)
}

#[cold]
fn unmarked(out: Room<'_>) -> Room<'_> {
    Timing::default().write(out)
}

/// The marks of a probe, by their microseconds. What took place took time.
#[derive(Clone, Copy)]
pub(crate) struct Marks<'a>(pub(crate) &'a Report);

object! {
    Marks<'_>: |marks| {
        within 320 {
            resolve: marks.span(Mark::Asked, Mark::Answered),
            connect: marks.span(Mark::Dialled, Mark::Connected),
            tls: marks.span(Mark::Greeted, Mark::Secured),
            request: marks.span(Mark::Offered, Mark::Sent),
            wait: marks.wait(),
            let waited = marks.waited();
            wait_network: waited.map(|(network, _)| network),
            wait_server: waited.map(|(_, server)| server),
            receive: marks.span(Mark::FirstOctet, Mark::LastOctet),
            total: marks.span(Mark::Started, Mark::Done),
        }
        [clock: marks.0.timeline.clock() => "kernel"],
    }
}

impl Marks<'_> {
    /// All of them at once.
    pub(crate) fn timing(self) -> Timing {
        let timings = self.0.timeline.timings_us();
        let us = |micros: Option<u64>| micros.map(|micros| micros.max(1));
        let (wait_network, wait_server) = self.waited().unzip();
        Timing {
            resolve: us(timings.resolve),
            connect: us(timings.connect),
            tls: us(timings.tls),
            request: us(timings.request),
            wait: us(timings.wait),
            wait_network,
            wait_server,
            receive: us(timings.receive),
            total: us(timings.total),
            clock: self.0.timeline.clock(),
        }
    }

    #[inline(always)]
    fn at(self, mark: Mark) -> Option<u64> {
        self.0.timeline.micros(mark)
    }

    /// From one mark to another; to the end of the probe, if that one was not reached.
    #[inline(always)]
    fn span(self, from: Mark, to: Mark) -> Option<u64> {
        match self.0.timeline.near(from, to) {
            Some(micros) => Some(micros.max(1)),
            None => self.far(self.at(from)?, to),
        }
    }

    #[cold]
    #[inline(never)]
    fn far(self, began: u64, to: Mark) -> Option<u64> {
        let ended = self.at(to).or_else(|| self.at(Mark::Done))?;
        Some(ended.saturating_sub(began).max(1))
    }

    /// A response that came before the request was wholly sent was not waited for.
    #[inline(always)]
    fn wait(self) -> Option<u64> {
        match self.span(Mark::Sent, Mark::FirstOctet) {
            None if self.at(Mark::Sent).is_none() => self.at(Mark::FirstOctet).map(|_| 1),
            wait => wait,
        }
    }

    /// [`Report::waited`] in whole microseconds, which are what it is made of.
    #[inline(always)]
    fn waited(self) -> Option<(u64, u64)> {
        let wait = match self.0.timeline.near(Mark::Sent, Mark::FirstOctet) {
            Some(wait) => wait,
            None => self.at(Mark::FirstOctet)?.saturating_sub(self.at(Mark::Sent)?),
        };
        let network = u64::from(self.0.tcp.as_ref()?.ended.min_rtt_us?.get()).min(wait);
        Some((network.max(1), (wait - network).max(1)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::drive::{Drive, began};
    use crate::golden;
    use crate::record::{Record, room};
    use crate::when::micros;
    use fourstep_probe::Plan;
    use std::time::Duration;

    #[test]
    fn what_took_place_is_not_0_and_no_part_is_longer_than_the_whole() {
        let mut at_once = Drive::start("http://192.0.2.1/", Plan::default());
        at_once.connected(0, 0, "192.0.2.9:1").sent(0, 0).received(0, 0, b"HTTP/1.1 204 X\r\n\r\n");
        let (at_once, _) = at_once.report();
        let cases = golden::cases();
        for report in cases.iter().map(|case| &case.report).chain([&at_once]) {
            let timing = Record::of(report, began(), None).timing_us();
            let total = timing.total.unwrap();
            let Timing { resolve, connect, tls, request, wait, receive, .. } = timing;
            let waited =
                report.waited().map(|waited| (micros(waited.network), micros(waited.server)));
            assert_eq!(timing.wait_network.zip(timing.wait_server), waited);
            let (us, steps) =
                (|took: Option<Duration>| took.map(micros), report.timeline.timings());
            let of_steps = [steps.resolve, steps.connect, steps.tls, steps.request].map(us);
            assert_eq!([resolve, connect, tls, request], of_steps);
            assert_eq!(
                [wait, receive, timing.total],
                [steps.wait, steps.receive, steps.total].map(us)
            );
            for part in [resolve, connect, tls, request, wait, receive].into_iter().flatten() {
                assert!((1..=total).contains(&part), "{timing:?}");
            }
            for part in [timing.wait_network, timing.wait_server].into_iter().flatten() {
                assert!((1..=wait.unwrap()).contains(&part), "{timing:?}");
            }
        }
        let timing = Record::of(&at_once, began(), None).timing_us();
        let one = Some(1);
        let all =
            Timing { resolve: one, connect: one, request: one, wait: one, receive: one, ..timing };
        assert_eq!((timing, timing.total), (all, one));
    }

    #[test]
    fn what_is_written_of_marks_is_their_timing() {
        let cases = golden::cases();
        let reports = cases.iter().map(|case| Some(&case.report));
        for report in reports.chain([None]) {
            let timing = report.map(|report| Marks(report).timing()).unwrap_or_default();
            let (mut want, mut got) = (Vec::new(), Vec::new());
            room::append(&timing, b"", &mut want);
            room::append(&Written(report), b"", &mut got);
            assert_eq!(str::from_utf8(&got), str::from_utf8(&want));
        }
    }
}
