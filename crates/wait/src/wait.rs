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
    pub fn saw(&mut self, now: Time, target: usize, verdict: &Verdict) -> Seen {
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

    fn then(&mut self, now: Time, target: usize, verdict: &Verdict) -> Then {
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
        if let Some(asked) = asked.filter(|asked| *asked > left) {
            return Then::GaveUp(Reason::TooLate { asked, left });
        }
        // Another look so soon after this one would be no later look.
        if left < patience.interval.min(patience.last_look()) {
            return Then::GaveUp(Reason::OutOfTime);
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
fn is_hopeless(verdict: &Verdict, even_unreachable: bool) -> bool {
    let lasts = verdict.temporary == Some(false);
    match verdict.state {
        State::Untrusted => lasts,
        State::Unreachable => lasts && !even_unreachable,
        State::Ok | State::Rejected | State::Unavailable | State::Broken | State::Unknown => false,
    }
}
