//! When each step of one probe began and ended.

use std::fmt;
use std::time::Duration;

use fourstep_terms::{Clock, Time};

/// A place on the [`Timeline`]. Each is reached at most once, and marked when it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    /// The probe began.
    Started,
    /// The first question was asked; for an address that needs none, the moment it was taken.
    Asked,
    /// The answer whose address was used came in.
    Answered,
    /// The first connection was dialled.
    Dialled,
    /// The connection that was used stood.
    Connected,
    /// The first octet of the TLS handshake was offered to the kernel.
    Greeted,
    /// The TLS handshake was done, and the peer one to talk to.
    Secured,
    /// The first octet of the request was offered to the kernel.
    Offered,
    /// The kernel was given the last octet of the request, and took it.
    Sent,
    /// The first octet of the response came in; over TLS, the octets that opened its first record.
    /// See [`Timeline::clock`].
    FirstOctet,
    /// The last octet of the response came in.
    LastOctet,
    /// The probe was done; where octets ended it, the moment they came in.
    Done,
}

impl Mark {
    /// Every mark, in the order they are declared.
    pub const ALL: [Mark; 12] = [
        Mark::Started,
        Mark::Asked,
        Mark::Answered,
        Mark::Dialled,
        Mark::Connected,
        Mark::Greeted,
        Mark::Secured,
        Mark::Offered,
        Mark::Sent,
        Mark::FirstOctet,
        Mark::LastOctet,
        Mark::Done,
    ];
}

/// The moments a probe marked. One function of the machine writes it, everybody reads it.
///
/// A million probes in flight hold a million of them: all but [`Mark::Started`] are kept as whole
/// microseconds since it, in 32 bits. What comes after 35 minutes is kept to a millisecond, and
/// what comes after 25 days is held at 25 days.
#[derive(Clone, PartialEq, Eq)]
pub struct Timeline {
    started: Time,
    /// When each mark after that one was reached: see [`pack`].
    later: [u32; LATER],
    clock: Option<Clock>,
}

/// The marks after [`Mark::Started`].
const LATER: usize = Mark::Done as usize;

/// Of a mark: not reached.
const NONE: u32 = u32::MAX;

/// Of a mark: it counts in units of 1,024 microseconds.
const COARSE: u32 = 1 << 31;

const _: () = assert!(size_of::<Timeline>() <= 56);

/// Nanoseconds, as microseconds in 32 bits. Both ways round down, so that later never looks earlier.
#[inline(always)]
fn pack(nanos: u64) -> u32 {
    // Divided in 32 bits, where most marks are.
    u32::try_from(nanos).map_or_else(|_| pack_late(nanos / 1000), |nanos| nanos / 1000)
}

/// The same of microseconds that come four seconds after the begin or later.
#[cold]
fn pack_late(micros: u64) -> u32 {
    match u32::try_from(micros) {
        Ok(micros @ 0..COARSE) => micros,
        _ => u32::try_from(micros >> 10).unwrap_or(NONE).min(NONE ^ COARSE ^ 1) | COARSE,
    }
}

/// What [`pack`] has packed, if it was.
#[inline(always)]
fn unpack(packed: u32) -> Option<u64> {
    match packed {
        0..COARSE => Some(packed.into()),
        NONE => None,
        COARSE.. => Some(unpack_coarse(packed)),
    }
}

/// The same of what few probes live to see.
#[cold]
fn unpack_coarse(packed: u32) -> u64 {
    u64::from(packed ^ COARSE) << 10
}

impl Default for Timeline {
    fn default() -> Timeline {
        Timeline { started: Time::NEVER, later: [NONE; LATER], clock: None }
    }
}

impl fmt::Debug for Timeline {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let marks = Mark::ALL.iter().filter_map(|mark| Some((mark, self.at(*mark)?)));
        f.debug_map().entries(marks).finish()
    }
}

impl Timeline {
    /// When `mark` was reached, in whole microseconds after [`Mark::Started`]; `None` when it was
    /// not.
    pub fn at(&self, mark: Mark) -> Option<Time> {
        let nanos = self.started.as_nanos().saturating_add(self.micros(mark)? * 1000);
        Some(Time::from_nanos(nanos))
    }

    /// The same, since [`Mark::Started`].
    pub fn micros(&self, mark: Mark) -> Option<u64> {
        let Some(place) = (mark as usize).checked_sub(1) else {
            return (self.started != Time::NEVER).then_some(0);
        };
        unpack(*self.later.get(place)?)
    }

    /// Microseconds from one mark to another, where both were reached within the first 35 minutes: mostly
    /// that is seen at once. Else see [`Timeline::micros`].
    #[inline(always)]
    pub fn near(&self, from: Mark, to: Mark) -> Option<u64> {
        let packed = |mark: Mark| match (mark as usize).checked_sub(1) {
            Some(place) => self.later.get(place).copied().unwrap_or(NONE),
            None => 0,
        };
        let (from, to) = (packed(from), packed(to));
        (from | to < COARSE).then(|| to.saturating_sub(from).into())
    }

    /// Whose clock told [`Mark::FirstOctet`]; `None` before it. Every other mark is by the caller's
    /// own, but those of octets that came in ([`Mark::LastOctet`], [`Mark::Done`]), which the
    /// kernel may have told likewise.
    ///
    /// The kernel tells when the last segment came in of all that one read brought: the first octet
    /// may have come earlier, by at most the time between the segments of that read, and never
    /// later.
    pub fn clock(&self) -> Option<Clock> {
        self.clock
    }

    /// Octets of the response came in.
    pub(crate) fn came(&mut self, at: Time, clock: Clock) {
        if self.clock.is_none() {
            self.mark(Mark::FirstOctet, at);
            self.clock = Some(clock);
        }
    }

    /// Marks `mark`, unless it was marked before: the first time counts.
    pub(crate) fn mark(&mut self, mark: Mark, now: Time) {
        if self.micros(mark).is_none() {
            self.move_mark(mark, now);
        }
    }

    /// The same for several that are reached at one moment, none of them [`Mark::Started`].
    #[inline]
    pub(crate) fn mark_all<const N: usize>(&mut self, marks: [Mark; N], now: Time) {
        let packed = pack(self.nanos(now));
        for mark in marks {
            let place = (mark as usize).checked_sub(1);
            match place.and_then(|place| self.later.get_mut(place)) {
                Some(later) if *later == NONE => *later = packed,
                _ => {}
            }
        }
    }

    /// Marks `mark` anew: what is used may turn out later than what came first.
    pub(crate) fn move_mark(&mut self, mark: Mark, now: Time) {
        let Some(place) = (mark as usize).checked_sub(1) else { return self.started = now };
        let packed = pack(self.nanos(now));
        if let Some(later) = self.later.get_mut(place) {
            *later = packed;
        }
    }

    /// Since [`Mark::Started`].
    #[inline(always)]
    fn nanos(&self, now: Time) -> u64 {
        now.as_nanos().saturating_sub(self.started.as_nanos())
    }

    /// How long each step took. A step that did not end has the time spent in it.
    pub fn timings(&self) -> Timings {
        let us = |micros: Option<u64>| micros.map(Duration::from_micros);
        let Timings { resolve, connect, tls, request, wait, receive, total } = self.timings_us();
        Timings {
            resolve: us(resolve),
            connect: us(connect),
            tls: us(tls),
            request: us(request),
            wait: us(wait),
            receive: us(receive),
            total: us(total),
        }
    }

    /// The same in microseconds.
    pub fn timings_us(&self) -> Timings<u64> {
        let end = self.micros(Mark::Done);
        let span = |from: Mark, to: Mark| {
            let began = self.micros(from)?;
            Some(self.micros(to).or(end)?.saturating_sub(began))
        };
        Timings {
            resolve: span(Mark::Asked, Mark::Answered),
            connect: span(Mark::Dialled, Mark::Connected),
            tls: span(Mark::Greeted, Mark::Secured),
            request: span(Mark::Offered, Mark::Sent),
            wait: self.wait(end),
            receive: span(Mark::FirstOctet, Mark::LastOctet),
            total: span(Mark::Started, Mark::Done),
        }
    }

    /// From the last octet of the request to the first of the response. A response that came
    /// before the request was wholly sent was not waited for.
    fn wait(&self, end: Option<u64>) -> Option<u64> {
        match (self.micros(Mark::Sent), self.micros(Mark::FirstOctet)) {
            (Some(sent), Some(first)) => Some(first.saturating_sub(sent)),
            (Some(sent), None) => Some(end?.saturating_sub(sent)),
            (None, Some(_)) => Some(0),
            (None, None) => None,
        }
    }
}

/// How long each step took; `None` for a step that was not begun.
///
/// Resolving and connecting may overlap (RFC 8305 §3), so the parts may add up to more than the
/// total; none of them is longer than it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Timings<T = Duration> {
    /// From the first question to the answer that was used.
    pub resolve: Option<T>,
    /// From the first dial to the connection that was used.
    pub connect: Option<T>,
    /// From the first octet of the handshake to its last.
    pub tls: Option<T>,
    /// From the first octet offered to the kernel to the last.
    pub request: Option<T>,
    /// From there to the first octet of the response.
    pub wait: Option<T>,
    /// From the first octet of the response to the last.
    pub receive: Option<T>,
    /// From start to done.
    pub total: Option<T>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn timeline(marks: &[(Mark, u64)]) -> Timeline {
        let mut timeline = Timeline::default();
        for (mark, ms) in marks {
            timeline.mark(*mark, Time::from_millis(*ms));
        }
        timeline
    }

    #[test]
    fn a_step_that_did_not_end_has_the_time_spent_in_it() {
        use Mark::*;
        let ms = |n| Some(Duration::from_millis(n));
        let rows = [
            (
                "nothing begun",
                vec![(Started, 0), (Done, 0)],
                Timings { total: ms(0), ..Timings::default() },
            ),
            (
                "silence after the question",
                vec![(Started, 0), (Asked, 1), (Done, 9)],
                Timings { resolve: ms(8), total: ms(9), ..Timings::default() },
            ),
            (
                "dialled while an answer was out",
                vec![(Started, 0), (Asked, 0), (Answered, 4), (Dialled, 4), (Done, 9)],
                Timings { resolve: ms(4), connect: ms(5), total: ms(9), ..Timings::default() },
            ),
            (
                "answered before all was sent",
                vec![
                    (Started, 0),
                    (Dialled, 0),
                    (Connected, 1),
                    (Offered, 1),
                    (FirstOctet, 3),
                    (Done, 5),
                ],
                Timings {
                    connect: ms(1),
                    request: ms(4),
                    wait: ms(0),
                    receive: ms(2),
                    total: ms(5),
                    ..Timings::default()
                },
            ),
        ];
        for (name, marks, want) in rows {
            assert_eq!(timeline(&marks).timings(), want, "{name}");
        }
    }

    #[test]
    fn what_is_near_is_told_at_once_and_nothing_else_is() {
        use Mark::{Done, Sent, Started};
        let late = u64::from(COARSE) / 1000; // milliseconds
        let rows = [
            // marks at milliseconds, from, to, microseconds
            (vec![(Started, 5), (Sent, 7), (Done, 9)], Sent, Done, Some(2000)),
            (vec![(Started, 5), (Sent, 7), (Done, 9)], Started, Done, Some(4000)),
            (vec![(Started, 5), (Sent, 7), (Done, 9)], Done, Sent, Some(0)),
            (vec![(Started, 5), (Done, 9)], Sent, Done, None),
            (vec![(Started, 5), (Sent, 7)], Sent, Done, None),
            (vec![(Started, 0), (Sent, 0), (Done, late)], Sent, Done, Some(late * 1000)),
            (vec![(Started, 0), (Sent, 0), (Done, late + 1)], Sent, Done, None),
        ];
        for (marks, from, to, want) in rows {
            assert_eq!(timeline(&marks).near(from, to), want, "{marks:?} {from:?} {to:?}");
        }
    }

    #[test]
    fn the_first_mark_counts() {
        let twice = timeline(&[(Mark::Started, 2), (Mark::Dialled, 3), (Mark::Dialled, 7)]);
        assert_eq!(twice.at(Mark::Dialled), Some(Time::from_millis(3)));
        assert_eq!((twice.at(Mark::Sent), Timeline::default().at(Mark::Started)), (None, None));

        let mut at_once = twice;
        at_once.mark_all([Mark::Dialled, Mark::Connected], Time::from_millis(9));
        assert_eq!(at_once.at(Mark::Dialled), Some(Time::from_millis(3)));
        assert_eq!(at_once.at(Mark::Connected), Some(Time::from_millis(9)));
    }

    #[test]
    fn marks_are_whole_microseconds_for_half_an_hour_and_ordered_for_25_days() {
        const DAY: u64 = 86_400 * 1_000_000_000;
        const FINE: u64 = (1 << 31) * 1000;
        const UNIT: u64 = 1024 * 1000;
        let rows = [
            // started, marked, read; in nanoseconds
            (5, 5 + 1999, 5 + 1000),
            (5, 4, 5),
            (5, 5 + (1 << 32) - 1, 5 + 4_294_967_000),
            (5, 5 + (1 << 32) + 704, 5 + 4_294_968_000),
            (DAY, DAY + FINE - 1, DAY + FINE - 1000),
            (DAY, DAY + FINE, DAY + FINE),
            (DAY, DAY + FINE + UNIT - 1, DAY + FINE),
            (DAY, DAY + FINE + UNIT, DAY + FINE + UNIT),
            (DAY, DAY + (1 << 42) * 1000, DAY + ((1 << 31) - 2) * UNIT),
            (DAY, 26 * DAY, DAY + 25 * DAY / UNIT * UNIT),
            (DAY, 99 * DAY, DAY + ((1 << 31) - 2) * UNIT),
        ];
        for (started, marked, read) in rows {
            let mut timeline = Timeline::default();
            timeline.mark(Mark::Started, Time::from_nanos(started));
            timeline.mark(Mark::Done, Time::from_nanos(marked));
            assert_eq!(timeline.at(Mark::Done), Some(Time::from_nanos(read)), "{started} {marked}");
        }
    }
}
