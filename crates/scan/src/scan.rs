//! The scan: sources, limits and a sink around one loop.

mod admission;

use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use fourstep_driver::{Finished, Job, Supply, Work};
use fourstep_probe::{Plan, Report};
use fourstep_target::{Scheme, Target};
use fourstep_terms::{Blame, Code, Time};
use slab::Slab;

use crate::done::Done;
use crate::entry::Entry;
use crate::held::Held;
use crate::limits::Limits;
use crate::pace::Pace;
use crate::retry::{LOCAL_TRIES, backoff, is_worth_retrying, local_backoff};
use crate::sink::Sink;
use crate::slots::Slots;
use crate::sources::{Sources, Taken};
use crate::standing::{Left, Standing};
use crate::tally::Tally;
use crate::window::Window;

/// Entries looked at before the loop gets its turn: lists may be full of what is not probed.
const LOOKS: usize = 64;

/// Which target is next, and when; and what becomes of what came back: the loop's [`Work`].
pub struct Scan<S> {
    sources: Sources,
    /// Whether the sources have nothing more, and whether that is because one broke.
    over: bool,
    broken: bool,
    limits: Limits,
    plan: Arc<Plan>,
    sink: S,
    /// When the sink wants to be called.
    due: Time,
    tally: Tally,
    /// Every entry that was taken and has no record. Each is in one place: under way (in the
    /// loop), in `ready`, in `again`, or waiting in `hosts` or `prefixes`.
    held: Slab<Held>,
    under_way: usize,
    /// Parked ones that were handed their slot.
    ready: VecDeque<usize>,
    /// Those that wait to be tried again.
    again: BinaryHeap<Reverse<(Time, usize)>>,
    hosts: Slots,
    prefixes: Slots,
    window: Window,
    pace: Pace,
    /// How many entries may wait: enough that a crowded host does not keep others from theirs, and
    /// few enough to hold them.
    may_wait: usize,
    /// What reports hold whose own target is wanted for another: none that is probed.
    nobody: Arc<Target>,
}

/// What is next in the scan's own queues and list.
enum Next {
    /// The entry with this key may begin.
    Begin(usize),
    /// It was dealt with, or has to wait: look on.
    Look,
    /// Give the loop its turn.
    Pause,
    /// Nothing before this moment.
    Nothing(Time),
}

impl<S: Sink> Scan<S> {
    /// A scan of what `sources` give, each probed by `plan`.
    pub fn new(sources: Sources, limits: Limits, plan: Arc<Plan>, sink: S) -> Scan<S> {
        Scan {
            sources,
            over: false,
            broken: false,
            plan,
            sink,
            due: Time::START,
            tally: Tally::default(),
            held: Slab::new(),
            under_way: 0,
            ready: VecDeque::new(),
            again: BinaryHeap::new(),
            hosts: Slots::new(limits.per_host),
            prefixes: Slots::new(limits.per_prefix),
            window: Window::new(limits.in_flight),
            pace: Pace::new(limits.rate),
            may_wait: limits.in_flight.saturating_mul(4).saturating_add(1024),
            nobody: Arc::new(Target::of_address(Scheme::Http, Ipv4Addr::UNSPECIFIED.into(), None)),
            limits,
        }
    }

    /// Where the reports go.
    pub fn sink(&self) -> &S {
        &self.sink
    }

    /// Where the reports go.
    pub fn sink_mut(&mut self) -> &mut S {
        &mut self.sink
    }

    /// Where the reports went.
    pub fn into_sink(self) -> S {
        self.sink
    }

    /// What came of it so far.
    pub fn tally(&self) -> &Tally {
        &self.tally
    }

    /// How it stands.
    pub fn standing(&self) -> Standing {
        let waiting = self.again.len();
        Standing {
            under_way: self.under_way,
            window: self.window.size(),
            parked: self.held.len() - self.under_way - waiting,
            waiting,
            seq: self.sources.seq(),
            passed_over: self.sources.passed_over(),
            over: self.over,
        }
    }

    /// Ends the scan, when its loop has ended: what waits to be tried again is reported as it was
    /// seen last; says what is left without a record.
    pub fn wind_up(&mut self, now: Time) -> Left {
        let unread = self.broken || !self.over && !self.sources.is_over();
        let mut left = Left { unread, unprobed: Done::default() };
        self.over = true;
        self.under_way = 0;
        self.ready.clear();
        self.again.clear();
        for held in self.held.drain().collect::<Vec<_>>() {
            if held.has_last() {
                self.write_last(now, held);
            } else {
                left.unprobed.insert(held.place.seq);
            }
        }
        left
    }

    /// Calls the sink, as it wanted.
    #[inline(never)]
    fn call_sink(&mut self, now: Time) {
        self.due = self.sink.due(now, self.standing(), &self.tally);
    }

    #[inline(never)]
    fn look(&mut self, now: Time) -> Next {
        if let Some(key) = self.ready.pop_front() {
            return self.admit(key);
        }
        let mut until = Time::NEVER;
        if let Some(Reverse((at, key))) = self.again.peek().copied() {
            if at <= now {
                self.again.pop();
                return self.admit(key);
            }
            until = at;
        }
        if self.over || self.held.len() - self.under_way >= self.may_wait {
            return Next::Nothing(until);
        }
        match self.sources.next() {
            Taken::Entry(Entry { place, target: Ok(target) }) => {
                let key = self.held.insert(Held::new(place, target));
                return self.admit(key);
            }
            Taken::Entry(Entry { place, target: Err(malformed) }) => {
                self.tally.malformed += 1;
                self.sink.malformed(now, place, *malformed);
            }
            Taken::Pause => return Next::Pause,
            Taken::Later => return Next::Nothing(until),
            Taken::Failed { feed, error } => {
                (self.over, self.broken) = (true, true);
                self.sink.broken(now, feed, error);
            }
            Taken::Other { seq, was, is } => {
                (self.over, self.broken) = (true, true);
                self.sink.other(now, seq, &was, &is);
            }
            Taken::End => self.over = true,
        }
        Next::Look
    }

    /// What `look` finds nearly always: nobody waits, and the next line is a target. It is the next
    /// to begin, unless its host or prefix is limited.
    #[inline(always)]
    fn look_at_list(&mut self) -> Option<Held> {
        let nobody_waits = self.ready.is_empty() && self.again.is_empty();
        if !nobody_waits || self.over || self.held.len() - self.under_way >= self.may_wait {
            return None;
        }
        let (place, target) = self.sources.next_as_typed()?;
        Some(Held::new(place, target))
    }

    /// Begins one that no limit holds up.
    #[inline(always)]
    fn begin_first(&mut self, now: Time, mut held: Held) -> Job {
        held.began = self.tally.begun;
        self.note_begin(now);
        let target = Arc::clone(&held.target);
        let number = self.held.insert(held) as u64;
        Job { number, target, plan: Arc::clone(&self.plan) }
    }

    #[inline(never)]
    fn begin(&mut self, now: Time, key: usize) -> Option<Job> {
        let held = self.held.get_mut(key)?;
        held.began = self.tally.begun;
        held.granted = false;
        if held.tries > held.retries {
            held.retries = held.tries;
            self.tally.retries += 1;
        }
        let target = Arc::clone(&held.target);
        self.note_begin(now);
        Some(Job { number: key as u64, target, plan: Arc::clone(&self.plan) })
    }

    /// One more is under way.
    #[inline(always)]
    fn note_begin(&mut self, now: Time) {
        self.tally.begun += 1;
        self.under_way += 1;
        self.pace.begin(now);
    }

    /// Reports an entry by a try that is its last.
    #[inline(always)]
    fn write(&mut self, now: Time, held: Held, done: Finished, lines: &str) {
        let tries = held.tries.max(1);
        if let Some(seen) = held.seen {
            for (hop, lines) in seen.chain {
                self.sink.report(now, held.place, tries, hop, &lines);
            }
        }
        self.tally.count(&done.report);
        self.sink.report(now, held.place, tries, done, lines);
    }

    /// A try has failed: it was the entry's last, or another follows.
    #[inline(never)]
    fn failed(&mut self, now: Time, key: usize, done: Finished, lines: &str) {
        let Some(held) = self.held.get_mut(key) else { return };
        let seq = held.place.seq;
        let (host, prefixes) = (held.host.take(), held.prefixes.take());
        let code = done.report.failure.as_ref().map(|failure| failure.code());
        let lacking =
            code.filter(|code| code.blame() == Blame::Local && *code != Code::LocalInterrupted);
        // When to try again; and whether this try came to an end of its own.
        let mut again = None;
        let mut whole = false;
        if let Some(code) = lacking {
            held.lacks += 1;
            if held.lacks <= LOCAL_TRIES {
                again = Some(now + local_backoff(held.lacks, seq));
                held.forget_try();
            }
            self.tally.count_local(code);
            self.window.lacked(held.began, self.under_way - 1, self.tally.begun);
        } else if code != Some(Code::LocalInterrupted) {
            whole = true;
            held.tries += 1;
            self.window.went_well();
            if held.tries <= u32::from(self.limits.retries) && is_worth_retrying(&done.report) {
                again = Some(now + backoff(self.limits.backoff, held.tries, seq));
            }
        }
        self.under_way -= 1;
        match again {
            Some(at) if whole => {
                held.keep_try(done, lines);
                self.again.push(Reverse((at, key)));
            }
            Some(at) => self.again.push(Reverse((at, key))),
            None => {
                let held = self.held.remove(key);
                // What this machine lacked, or that it was told to stop, says less of the target
                // than what was seen before.
                if !whole && held.has_last() {
                    self.write_last(now, held);
                } else {
                    self.write(now, held, done, lines);
                }
            }
        }
        self.release(host, prefixes);
    }

    /// Reports an entry by the last try that came to an end of its own.
    #[inline(never)]
    fn write_last(&mut self, now: Time, mut held: Held) {
        let Some(mut seen) = held.seen.take() else { return };
        let Some((done, lines)) = seen.last.pop() else { return };
        seen.chain = seen.last;
        seen.last = Vec::new();
        held.seen = Some(seen);
        self.write(now, held, done, &lines);
    }
}

impl<S: Sink> Work for Scan<S> {
    fn next(&mut self, now: Time) -> Supply {
        if now >= self.due {
            self.call_sink(now);
        }
        for _ in 0..LOOKS {
            if self.over && self.held.is_empty() {
                return Supply::End;
            }
            if self.under_way >= self.window.size() || !self.sink.has_room() {
                return Supply::Wait(self.due);
            }
            if self.pace.next() > now {
                return Supply::Wait(self.due.min(self.pace.next()));
            }
            let next = match self.look_at_list() {
                Some(held) if self.is_endless() => {
                    return Supply::Job(self.begin_first(now, held));
                }
                Some(held) => {
                    let key = self.held.insert(held);
                    self.admit(key)
                }
                None => self.look(now),
            };
            match next {
                Next::Begin(key) => {
                    if let Some(job) = self.begin(now, key) {
                        return Supply::Job(job);
                    }
                }
                Next::Look => {}
                Next::Pause => break,
                Next::Nothing(until) => return Supply::Wait(self.due.min(until)),
            }
        }
        Supply::Wait(now)
    }

    /// Names are known to a prefix only now.
    fn may_dial(&mut self, _: Time, number: u64, addresses: &[IpAddr]) -> bool {
        let key = usize::try_from(number).ok().filter(|_| !self.prefixes.are_endless());
        key.is_none_or(|key| self.may_reach(key, addresses))
    }

    /// Its target is what the next line of the list is read into.
    #[inline]
    fn spare(&mut self) -> Option<Box<Report>> {
        let mut report = self.sink.spare()?;
        let target = std::mem::replace(&mut report.target, Arc::clone(&self.nobody));
        self.sources.keep(target);
        Some(report)
    }

    fn done(&mut self, now: Time, mut done: Finished, lines: &str) {
        let Ok(key) = usize::try_from(done.number) else { return };
        let Some(held) = self.held.get_mut(key) else { return };
        done.number = held.place.seq;
        if done.report.next.is_some() {
            return held.keep_hop(done, lines);
        }
        if done.report.failure.is_some() {
            return self.failed(now, key, done, lines);
        }
        self.window.went_well();
        self.under_way -= 1;
        let mut held = self.held.remove(key);
        held.tries += 1;
        let (host, prefixes) = (held.host.take(), held.prefixes.take());
        self.write(now, held, done, lines);
        self.release(host, prefixes);
    }
}
