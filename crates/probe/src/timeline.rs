//! When each step of one probe began and ended.

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

/// The moments a probe marked. One function of the machine writes it, everybody reads it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Timeline {
    marks: [Time; Mark::Done as usize + 1],
    clock: Option<Clock>,
}

impl Default for Timeline {
    fn default() -> Timeline {
        Timeline { marks: [Time::NEVER; Mark::Done as usize + 1], clock: None }
    }
}

impl Timeline {
    /// When `mark` was reached; `None` when it was not.
    pub fn at(&self, mark: Mark) -> Option<Time> {
        self.marks.get(mark as usize).copied().filter(|at| *at != Time::NEVER)
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
        if self.at(Mark::FirstOctet).is_none() {
            self.mark(Mark::FirstOctet, at);
            self.clock = Some(clock);
        }
    }

    /// Marks `mark`, unless it was marked before: the first time counts.
    pub(crate) fn mark(&mut self, mark: Mark, now: Time) {
        if let Some(at) = self.marks.get_mut(mark as usize)
            && *at == Time::NEVER
        {
            *at = now;
        }
    }

    /// Marks `mark` anew: what is used may turn out later than what came first.
    pub(crate) fn move_mark(&mut self, mark: Mark, now: Time) {
        if let Some(at) = self.marks.get_mut(mark as usize) {
            *at = now;
        }
    }

    /// How long each step took. A step that did not end has the time spent in it.
    pub fn timings(&self) -> Timings {
        let end = self.at(Mark::Done);
        let span = |from: Mark, to: Mark| {
            let began = self.at(from)?;
            Some(self.at(to).or(end)?.since(began))
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
    fn wait(&self, end: Option<Time>) -> Option<Duration> {
        match (self.at(Mark::Sent), self.at(Mark::FirstOctet)) {
            (Some(sent), Some(first)) => Some(first.since(sent)),
            (Some(sent), None) => Some(end?.since(sent)),
            (None, Some(_)) => Some(Duration::ZERO),
            (None, None) => None,
        }
    }
}

/// How long each step took; `None` for a step that was not begun.
///
/// Resolving and connecting may overlap (RFC 8305 §3), so the parts may add up to more than the
/// total; none of them is longer than it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Timings {
    /// From the first question to the answer that was used.
    pub resolve: Option<Duration>,
    /// From the first dial to the connection that was used.
    pub connect: Option<Duration>,
    /// From the first octet of the handshake to its last.
    pub tls: Option<Duration>,
    /// From the first octet offered to the kernel to the last.
    pub request: Option<Duration>,
    /// From there to the first octet of the response.
    pub wait: Option<Duration>,
    /// From the first octet of the response to the last.
    pub receive: Option<Duration>,
    /// From start to done.
    pub total: Option<Duration>,
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
    fn the_first_mark_counts() {
        let twice = timeline(&[(Mark::Dialled, 3), (Mark::Dialled, 7)]);
        assert_eq!(twice.at(Mark::Dialled), Some(Time::from_millis(3)));
        assert_eq!(twice.at(Mark::Sent), None);
    }
}
