//! Looks at targets, one after another, as a course of them asks for: what `wait` and `watch` do
//! alike.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use fourstep::Code;
use fourstep::driver::{Finished, Interrupter, Job, Supply, Work};
use fourstep::machine::Timings;
use fourstep::output::{Accept, Record};
use fourstep::terms::Time;
use fourstep::verdict::Verdict;
use fourstep::wait::Next;

use super::outlet::Outlet;
use crate::trace::Trace;

/// How often the line is drawn that says how things stand.
const BEAT: Duration = Duration::from_secs(1);

/// Who says when to look, and makes something of what is seen.
pub(super) trait Course {
    /// What to do at this moment.
    fn next(&mut self, now: Time) -> Next;

    /// A look is over.
    fn saw(&mut self, now: Time, look: &Look<'_>, outlet: &Outlet);

    /// How things stand, in a line.
    fn stands(&self, now: Time) -> String;
}

/// A look that is over.
pub(super) struct Look<'a> {
    /// The place of its target, from 0.
    pub(super) place: usize,
    /// When it began.
    pub(super) at: SystemTime,
    pub(super) record: &'a Record<'a>,
    pub(super) verdict: &'a Verdict<'a>,
    pub(super) timings: Timings,
    /// What to try about its failure.
    pub(super) hint: Option<&'static str>,
}

/// Looks as a course asks for them, each with its record where those are wanted.
pub(super) struct Rounds<C> {
    pub(super) course: C,
    pub(super) outlet: Outlet,
    /// A job for each place.
    jobs: Vec<Job>,
    accept: Accept,
    is_json: bool,
    trace: Option<Trace>,
    interrupter: Interrupter,
    /// Looks begun, and the number of the one under way at each place.
    begun: u64,
    numbers: Vec<u64>,
    under_way: usize,
    /// The most that may be.
    room: usize,
    /// When the live line is drawn next; `None`: never.
    beat: Option<Time>,
}

/// How looks are shown.
pub(super) struct Shown {
    pub(super) accept: Accept,
    pub(super) is_json: bool,
    pub(super) is_live: bool,
    pub(super) trace: Option<Trace>,
}

impl<C: Course> Rounds<C> {
    pub(super) fn new(
        course: C,
        jobs: Vec<Job>,
        room: usize,
        shown: Shown,
        outlet: Outlet,
        interrupter: Interrupter,
    ) -> Rounds<C> {
        let Shown { accept, is_json, is_live, trace } = shown;
        Rounds {
            course,
            outlet,
            numbers: vec![0; jobs.len()],
            jobs,
            accept,
            is_json,
            trace,
            interrupter,
            begun: 0,
            under_way: 0,
            room,
            beat: is_live.then_some(Time::START),
        }
    }

    /// Whether the trace was to be kept and could not be.
    pub(super) fn lost_trace(&self) -> bool {
        self.trace.as_ref().is_some_and(Trace::is_lost)
    }

    fn look(&mut self, place: usize, within: Duration) -> Option<Job> {
        let mut job = self.jobs.get(place)?.clone();
        if within < job.plan.deadlines.total {
            let mut plan = (*job.plan).clone();
            plan.deadlines.total = within;
            job.plan = Arc::new(plan);
        }
        self.begun += 1;
        self.under_way += 1;
        if let Some(number) = self.numbers.get_mut(place) {
            *number = self.begun;
        }
        Some(job)
    }

    /// Draws the live line when it is time; when it is time again.
    fn draw(&mut self, now: Time) -> Time {
        let Some(beat) = self.beat else { return Time::NEVER };
        if now < beat {
            return beat;
        }
        self.outlet.live(self.course.stands(now));
        self.beat = Some(now + BEAT);
        now + BEAT
    }
}

impl<C: Course> Work for Rounds<C> {
    fn next(&mut self, now: Time) -> Supply {
        let beat = self.draw(now);
        if self.under_way >= self.room {
            return Supply::Wait(beat);
        }
        match self.course.next(now) {
            Next::Look { target, within } => {
                self.look(target, within).map_or(Supply::End, Supply::Job)
            }
            Next::Rest(until) => Supply::Wait(until.min(beat)),
            Next::Over => {
                if self.under_way > 0 {
                    // Whatever they would show changes nothing.
                    self.interrupter.interrupt();
                }
                Supply::End
            }
        }
    }

    fn done(&mut self, now: Time, done: Finished, lines: &str) {
        if let Some(trace) = &mut self.trace {
            trace.write(lines);
        }
        let Finished { number, at, report } = done;
        let place = usize::try_from(number).unwrap_or(usize::MAX);
        let seq = self.numbers.get(place).copied();
        let record = Record::judged(&report, at, seq, &self.accept);
        if self.is_json {
            let mut line = Vec::new();
            record.to_json_line(&mut line);
            self.outlet.out(line);
        }
        if report.next.is_some() {
            return;
        }
        self.under_way = self.under_way.saturating_sub(1);
        let failure = report.failure.as_deref();
        if failure.is_some_and(|failure| failure.code() == Code::LocalInterrupted) {
            return;
        }
        let timings = report.timeline.timings();
        let received = at.checked_add(timings.total.unwrap_or_default()).unwrap_or(at);
        let accepted = report.status().is_some_and(|status| self.accept.accepts(status));
        let verdict = Verdict::judged(&report, received, accepted);
        let hint = failure.map(fourstep::Failure::hint);
        let look = Look { place, at, record: &record, verdict: &verdict, timings, hint };
        self.course.saw(now, &look, &self.outlet);
        if self.beat.is_some() {
            self.outlet.live(self.course.stands(now));
        }
    }
}
