//! Watching how targets fare.

use std::time::Duration;

use fourstep_terms::Time;
use fourstep_verdict::{RetryFrom, Verdict};

use crate::agenda::{Agenda, Next};
use crate::jitter::Jitter;
use crate::sight::Sight;
use crate::tally::Tally;

/// How often is looked, and how long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rhythm {
    /// From the beginning of a look to that of the next.
    pub interval: Duration,
    /// How long looks are begun; [`Duration::MAX`]: without end. One that is under way then is
    /// waited for.
    pub whole: Duration,
}

/// A watch on one target or several.
///
/// Each is looked at once an interval, and when a look takes longer, as soon as it is over. A
/// server that asks to be left alone is, for as long as it asks.
#[derive(Clone, Debug)]
pub struct Watch {
    rhythm: Rhythm,
    end: Time,
    agenda: Agenda,
    jitter: Jitter,
    courses: Vec<Course>,
    /// Looks begun that are not over.
    looking: usize,
}

/// How one target fares.
#[derive(Clone, Debug, Default)]
struct Course {
    /// When the look under way, or the last one, was to begin, and when it did.
    due: Time,
    began: Time,
    seen: Option<Sight>,
    tally: Tally,
}

/// What a look at a target says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Told {
    /// Whether the look before showed something else, or there was none.
    pub changed: bool,
    /// What the look before showed.
    pub before: Option<Sight>,
    /// When it is looked at again.
    pub at: Time,
    /// How long from now the server asks to be left alone, if it does.
    pub asked: Option<Duration>,
}

impl Watch {
    /// Begins to watch so many targets, all of which are looked at at once. The seed decides by
    /// how much a pause that was asked for is stretched.
    pub fn new(now: Time, targets: usize, rhythm: Rhythm, seed: u64) -> Watch {
        Watch {
            end: now + rhythm.whole,
            agenda: Agenda::new(now, targets),
            jitter: Jitter(seed),
            courses: vec![Course::default(); targets],
            looking: 0,
            rhythm,
        }
    }

    /// What to do at this moment. Ask again after each look that is begun, after each that ends,
    /// and when a rest is over.
    pub fn next(&mut self, now: Time) -> Next {
        if now >= self.end {
            return if self.looking == 0 { Next::Over } else { Next::Rest(Time::NEVER) };
        }
        let Some((due, target)) = self.agenda.take(now) else {
            return Next::Rest(self.agenda.next().min(self.end));
        };
        if let Some(course) = self.courses.get_mut(target) {
            (course.due, course.began) = (due, now);
        }
        self.looking += 1;
        Next::Look { target, within: Duration::MAX }
    }

    /// A look at a target is over: what it showed, how long the whole took, and how long its
    /// response was waited for.
    pub fn saw(
        &mut self,
        now: Time,
        target: usize,
        verdict: &Verdict<'_>,
        total: Option<Duration>,
        wait: Option<Duration>,
    ) -> Told {
        let sight = Sight::of(verdict);
        let Some(course) = self.courses.get_mut(target) else {
            return Told { changed: false, before: None, at: Time::NEVER, asked: None };
        };
        self.looking = self.looking.saturating_sub(1);
        course.tally.add(course.began, sight.state, total, wait);
        let before = course.seen.replace(sight);
        let mut at = (course.due + self.rhythm.interval).max(now);
        let asked = verdict.retry_after_s.map(Duration::from_secs);
        let asked = asked.filter(|_| verdict.retry_from == Some(RetryFrom::Server));
        if let Some(asked) = asked.filter(|asked| now + *asked > at) {
            at = now + self.jitter.stretch(asked);
        }
        self.agenda.add(at, target);
        Told { changed: before != Some(sight), before, at, asked }
    }

    /// What the looks at a target add up to.
    pub fn tally(&self, target: usize) -> Option<&Tally> {
        self.courses.get(target).map(|course| &course.tally)
    }

    /// What was last seen of a target.
    pub fn sight(&self, target: usize) -> Option<Sight> {
        self.courses.get(target).and_then(|course| course.seen)
    }
}
