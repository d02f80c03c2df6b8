//! Waiting until targets are as they should be.

use std::time::Duration;

use fourstep_terms::Time;
use fourstep_verdict::{RetryFrom, State, Verdict};

use crate::agenda::{Agenda, Next};
use crate::jitter::Jitter;
use crate::patience::Patience;
use crate::sight::Sight;

/// A wait for one target or several, until each has been in one of the states wanted.
///
/// A target that was is looked at no more. One that is given up for another reason than the time
/// ends the wait for all, since not all can be reached any more.
#[derive(Clone, Debug)]
pub struct Wait {
    patience: Patience,
    /// When the last looks begin.
    end: Time,
    /// When they must be over.
    last: Time,
    agenda: Agenda,
    jitter: Jitter,
    courses: Vec<Course>,
    /// How many of them have an end.
    ended: usize,
    /// Whether one of them was given up before the time was over.
    is_lost: bool,
}

/// How one target fares.
#[derive(Clone, Debug)]
struct Course {
    /// The pause before the next look, where nobody asks for another.
    pause: Duration,
    /// What was seen of the target, and what was last seen at all.
    known: Option<Sight>,
    seen: Option<Sight>,
    /// How it ended; `None` for as long as it is waited for.
    end: Option<Result<(), Reason>>,
}

/// What a look at a target comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seen {
    /// Whether the look before showed something else, or there was none.
    pub changed: bool,
    /// What becomes of the target.
    pub then: Then,
}

/// What becomes of a target.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Then {
    /// It is as it should be.
    Reached,
    /// It is looked at again.
    Again {
        /// When.
        at: Time,
        /// How long from now the server asks to be left alone, if it does.
        asked: Option<Duration>,
    },
    /// It is not waited for any longer.
    GaveUp(Reason),
}

/// Why a target is not waited for any longer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// The time is over, and this was the last look.
    OutOfTime,
    /// The server asks to come back when the time will be over.
    TooLate {
        /// How long from now.
        asked: Duration,
        /// How much is left.
        left: Duration,
    },
    /// This does not pass by itself: there is no such name, or whoever answers is not to be
    /// trusted.
    Hopeless,
}

impl Wait {
    /// Begins to wait for so many targets, all of which are looked at at once. The seed decides
    /// by how much pauses are stretched.
    pub fn new(now: Time, targets: usize, patience: Patience, seed: u64) -> Wait {
        let course = Course { pause: patience.interval, known: None, seen: None, end: None };
        let end = now + patience.whole;
        Wait {
            end,
            last: end + patience.last_look(),
            agenda: Agenda::new(now, targets),
            jitter: Jitter(seed),
            courses: vec![course; targets],
            ended: 0,
            is_lost: false,
            patience,
        }
    }

    /// What to do at this moment. Ask again after each look that is begun, after each that ends,
    /// and when a rest is over.
    pub fn next(&mut self, now: Time) -> Next {
        if self.is_lost || self.ended == self.courses.len() {
            return Next::Over;
        }
        if now >= self.last {
            // Only a look that took more than its time brings it here.
            for course in self.courses.iter_mut().filter(|course| course.end.is_none()) {
                course.end = Some(Err(Reason::OutOfTime));
            }
            self.ended = self.courses.len();
            return Next::Over;
        }
        match self.agenda.take(now) {
            Some((_, target)) => {
                let least = self.patience.last_look();
                Next::Look { target, within: self.end.since(now).max(least) }
            }
            None => Next::Rest(self.agenda.next().min(self.last)),
        }
    }

    /// A look at a target is over: what it means.
    pub fn saw(&mut self, now: Time, target: usize, verdict: &Verdict<'_>) -> Seen {
        let sight = Sight::of(verdict);
        let Some(course) = self.courses.get_mut(target) else {
            return Seen { changed: false, then: Then::GaveUp(Reason::OutOfTime) };
        };
        let changed = course.seen.replace(sight) != Some(sight);
        if sight.is_known() && course.known.replace(sight) != Some(sight) {
            course.pause = self.patience.interval;
        }
        let then = self.then(now, target, verdict);
        match then {
            Then::Again { at, .. } => self.agenda.add(at, target),
            Then::Reached => self.end(target, Ok(())),
            Then::GaveUp(reason) => self.end(target, Err(reason)),
        }
        Seen { changed, then }
    }

    /// How the wait for a target ended; `None` for as long as it lasts, and where it was broken
    /// off since another target cannot be reached.
    pub fn ended(&self, target: usize) -> Option<Result<(), Reason>> {
        self.courses.get(target).and_then(|course| course.end)
    }

    /// What was last seen of a target; faults of this machine do not count.
    pub fn sight(&self, target: usize) -> Option<Sight> {
        self.courses.get(target).and_then(|course| course.known)
    }

    fn then(&mut self, now: Time, target: usize, verdict: &Verdict<'_>) -> Then {
        let patience = &self.patience;
        if patience.until.holds(verdict.state) {
            return Then::Reached;
        }
        if is_hopeless(verdict, patience.even_unreachable) {
            return Then::GaveUp(Reason::Hopeless);
        }
        let left = self.end.since(now);
        let asked = verdict.retry_after_s.map(Duration::from_secs);
        let asked = asked.filter(|_| verdict.retry_from == Some(RetryFrom::Server));
        // Another look so soon after this one would be no later look.
        if left < patience.interval.min(patience.last_look()) {
            return Then::GaveUp(Reason::OutOfTime);
        }
        if let Some(asked) = asked.filter(|asked| *asked > left) {
            return Then::GaveUp(Reason::TooLate { asked, left });
        }
        let pause = match (asked, self.courses.get_mut(target)) {
            (Some(asked), _) => asked.max(patience.interval),
            (None, Some(course)) => {
                let longer = patience.longer(course.pause);
                std::mem::replace(&mut course.pause, longer)
            }
            (None, None) => patience.interval,
        };
        let at = (now + self.jitter.stretch(pause)).min(self.end);
        Then::Again { at, asked }
    }

    fn end(&mut self, target: usize, end: Result<(), Reason>) {
        let Some(course) = self.courses.get_mut(target) else { return };
        self.ended += usize::from(course.end.is_none());
        course.end = Some(end);
        self.is_lost |= matches!(end, Err(Reason::TooLate { .. } | Reason::Hopeless));
    }
}

/// Whether waiting cannot help. A refusal is waited out even where it will not pass by itself: a
/// server that starts may refuse (401, 404) what it will answer later.
fn is_hopeless(verdict: &Verdict<'_>, even_unreachable: bool) -> bool {
    let lasts = verdict.temporary == Some(false);
    match verdict.state {
        State::Untrusted => lasts,
        State::Unreachable => lasts && !even_unreachable,
        State::Ok | State::Rejected | State::Unavailable | State::Broken | State::Unknown => false,
    }
}

#[cfg(test)]
mod tests {
    use fourstep_terms::Code;

    use super::*;
    use crate::goal::Goal;

    fn ok() -> Verdict<'static> {
        Verdict { state: State::Ok, status: Some(200), ..Verdict::UNKNOWN }
    }

    fn down() -> Verdict<'static> {
        let failure = Some(Code::ConnectRefused);
        Verdict { state: State::Unavailable, failure, ..Verdict::UNKNOWN }
    }

    fn gone(state: State, temporary: Option<bool>) -> Verdict<'static> {
        Verdict { state, temporary, ..Verdict::UNKNOWN }
    }

    fn ms(millis: u64) -> Time {
        Time::from_millis(millis)
    }

    fn begin(targets: usize, patience: Patience) -> Wait {
        let mut wait = Wait::new(Time::START, targets, patience, 1);
        for target in 0..targets {
            assert!(matches!(wait.next(ms(0)), Next::Look { target: own, .. } if own == target));
        }
        wait
    }

    #[test]
    fn what_is_wanted_is_reached_and_what_does_not_pass_is_given_up() {
        let lasts = Some(false);
        let rows = [
            // until, even unreachable, verdict → what becomes of it; `None`: it is looked at again
            ("ok", false, ok(), Some(Then::Reached)),
            ("ok", false, down(), None),
            ("unavailable", false, down(), Some(Then::Reached)),
            ("unavailable", false, ok(), None),
            ("ok,rejected", false, gone(State::Rejected, lasts), Some(Then::Reached)),
            // A 404 is waited out, and so is what cannot be read.
            ("ok", false, gone(State::Rejected, lasts), None),
            ("ok", false, gone(State::Broken, lasts), None),
            ("ok", false, gone(State::Unreachable, lasts), Some(Then::GaveUp(Reason::Hopeless))),
            ("ok", true, gone(State::Unreachable, lasts), None),
            ("ok", false, gone(State::Unreachable, None), None),
            ("ok", true, gone(State::Untrusted, lasts), Some(Then::GaveUp(Reason::Hopeless))),
            // Not yet valid: it will be.
            ("ok", false, gone(State::Untrusted, None), None),
            ("untrusted", false, gone(State::Untrusted, lasts), Some(Then::Reached)),
            ("ok", false, Verdict::UNKNOWN, None),
        ];
        for (until, even_unreachable, verdict, want) in rows {
            let until_states = Goal::parse(until).unwrap();
            let patience =
                Patience { until: until_states, even_unreachable, ..Patience::default() };
            let seen = begin(1, patience).saw(ms(10), 0, &verdict);
            let again = matches!(seen.then, Then::Again { .. });
            assert_eq!(Some(seen.then).filter(|_| !again), want, "{until} {verdict:?}");
            assert!(seen.changed);
        }
    }

    #[test]
    fn each_target_is_reached_once_and_all_must_be() {
        let mut wait = begin(2, Patience::default());
        assert_eq!(wait.saw(ms(5), 1, &ok()).then, Then::Reached);
        assert!(matches!(wait.next(ms(5)), Next::Rest(_)));
        let Then::Again { at, .. } = wait.saw(ms(9), 0, &down()).then else { panic!() };
        assert_eq!(wait.next(ms(9)), Next::Rest(at));
        assert!(matches!(wait.next(at), Next::Look { target: 0, .. }));
        assert!(!wait.saw(at, 0, &down()).changed);
        assert!(matches!(wait.next(ms(9_999)), Next::Look { target: 0, .. }));
        assert_eq!(wait.saw(ms(9_999), 0, &ok()).then, Then::Reached);
        assert_eq!((wait.next(ms(9_999)), wait.ended(0)), (Next::Over, Some(Ok(()))));
    }

    #[test]
    fn one_that_cannot_be_reached_ends_it_for_all() {
        let mut wait = begin(2, Patience::default());
        wait.saw(ms(5), 0, &gone(State::Untrusted, Some(false)));
        assert_eq!(wait.next(ms(5)), Next::Over);
        assert_eq!((wait.ended(0), wait.ended(1)), (Some(Err(Reason::Hopeless)), None));
    }

    #[test]
    fn the_end_of_the_time_is_each_ones_own() {
        let whole = Duration::from_secs(10);
        let mut wait = begin(2, Patience { whole, ..Patience::default() });
        wait.saw(ms(5), 0, &down());
        wait.saw(ms(9_500), 1, &down());
        // The second was looked at just now; the first again at the end, and it may take 1 s.
        assert_eq!(wait.ended(1), Some(Err(Reason::OutOfTime)));
        let within = Duration::from_secs(1);
        assert_eq!(wait.next(ms(10_000)), Next::Look { target: 0, within });
        assert_eq!(wait.next(ms(10_000)), Next::Rest(ms(11_000)));
        // One that takes longer yet is not waited for.
        assert_eq!(wait.next(ms(11_000)), Next::Over);
        assert_eq!(wait.ended(0), Some(Err(Reason::OutOfTime)));
        assert_eq!(wait.sight(0), Some(Sight::of(&down())));
    }

    #[test]
    fn a_fault_of_ours_is_not_what_is_known_of_the_target() {
        let mut wait = begin(1, Patience::default());
        let local = Verdict { failure: Some(Code::LocalPorts), ..Verdict::UNKNOWN };
        let steps = [(down(), true), (local.clone(), true), (local, false), (down(), true)];
        for (n, (verdict, changed)) in (1..).zip(steps) {
            assert_eq!(wait.saw(ms(n), 0, &verdict).changed, changed, "{n}");
            assert_eq!(wait.sight(0), Some(Sight::of(&down())));
        }
        assert!(matches!(wait.next(ms(9_000)), Next::Look { .. }));
    }
}
