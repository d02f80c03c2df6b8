//! The race: RFC 8305 §3 to §5.

use crate::attempt::{Attempt, End, Ended};
use crate::error::ConnectError;
use crate::few::Few;
use crate::sort::{Candidate, Family, Rank};
use fourstep_terms::{Fault, Leg, Time};
use std::net::SocketAddr;
use std::time::Duration;

/// The waits of a race, and its length. Kept in microseconds; a longer wait than 71 minutes is
/// one of 71 minutes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pace {
    /// How long an A answer waits for the AAAA one: RFC 8305 §3 says 50 ms.
    pub resolution_delay: Duration,
    /// How long an attempt runs before the next one joins it: RFC 8305 §5 says 250 ms.
    pub attempt_delay: Duration,
    /// How long after an attempt began the next one may, though it ended: RFC 8305 §5 forbids
    /// less than 10 ms.
    pub attempt_floor: Duration,
    /// The most addresses that are dialled; at least one. Sixteen are all addresses of all but
    /// the oddest names, and a bound on what a hostile answer can make us do.
    pub attempts: u8,
}

impl Default for Pace {
    fn default() -> Pace {
        Pace {
            resolution_delay: Duration::from_millis(50),
            attempt_delay: Duration::from_millis(250),
            attempt_floor: Duration::from_millis(10),
            attempts: 16,
        }
    }
}

/// What the race asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Move {
    /// Begin to connect to the address; news of it comes under this leg.
    Dial(Leg, SocketAddr),
    /// Close the leg. News of it is ignored from now on.
    HangUp(Leg),
}

/// How the race stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Undecided. Call [`Race::tick`] at this moment; at [`Time::NEVER`] there is nothing to do
    /// but wait for news.
    Running(Time),
    /// This leg is connected; every other one was hung up.
    Won(Leg),
    /// Both families are settled, every address was tried, and none connected.
    Lost(ConnectError),
}

/// A race of one probe's attempts to connect (RFC 8305).
///
/// ```text
///     seats:  [ attempts, in the order of their legs | addresses that wait, in the order of ]
///             [ running or ended                     | RFC 6724 §6 and RFC 8305 §4          ]
///             0 .................................... dialled ......................... most
/// ```
#[derive(Clone, Debug)]
pub struct Race {
    seats: Few<Attempt>,
    /// Until when a lone A answer waits for the AAAA one.
    hold: Time,
    resolution_delay_us: u32,
    attempt_delay_us: u32,
    attempt_floor_us: u32,
    dialled: u8,
    /// How many seats there are; `dialled` once the race is over, so that nobody joins.
    most: u8,
    settled_v4: bool,
    settled_v6: bool,
}

// A million probes hold a million of them.
const _: () = assert!(size_of::<Race>() <= 96);

impl Default for Race {
    fn default() -> Race {
        Race::new(Pace::default())
    }
}

impl Race {
    /// A race at this pace, with nobody in it.
    pub fn new(pace: Pace) -> Race {
        Race {
            seats: Few::default(),
            hold: Time::START,
            resolution_delay_us: micros(pace.resolution_delay),
            attempt_delay_us: micros(pace.attempt_delay),
            attempt_floor_us: micros(pace.attempt_floor),
            dialled: 0,
            most: pace.attempts.max(1),
            settled_v4: false,
            settled_v6: false,
        }
    }

    /// Addresses have come for a family; call [`Race::tick`] next. What is known already is
    /// left out, what is too much forgotten.
    pub fn found(&mut self, now: Time, family: Family, candidates: &[Candidate]) {
        if candidates.is_empty() {
            return;
        }
        match family {
            // RFC 8305 §3: an A answer that comes first waits for the AAAA one, an AAAA answer
            // for nothing.
            Family::V6 => self.hold = Time::START,
            Family::V4 if self.settled_v6 || !self.seats.is_empty() => {}
            Family::V4 => self.hold = now + us(self.resolution_delay_us),
        }
        if let ([alone], true, 1..) = (candidates, self.seats.is_empty(), self.most) {
            self.seats = Few::One(Attempt::waiting(alone));
            return;
        }

        // Only the best of them can get a seat, so only they are compared with those seated.
        let mut sorted = candidates.to_vec();
        sorted.sort_by_key(Rank::of);
        let mut seats = std::mem::take(&mut self.seats).into_vec();
        let most = seats.len() + usize::from(self.most);
        for candidate in &sorted {
            if seats.len() < most && seats.iter().all(|seat| seat.address != candidate.address) {
                seats.push(Attempt::waiting(candidate));
            }
        }
        let (dialled, waiting) =
            seats.split_at_mut_checked(usize::from(self.dialled)).unwrap_or_default();
        waiting.sort_by_key(|seat| seat.rank);
        let turn = match (dialled.last(), waiting.first()) {
            (Some(last), _) => family_of(last).other(),
            (None, first) => first.map_or(family, family_of),
        };
        interleave(waiting, turn);
        seats.truncate(usize::from(self.most));
        self.seats = Few::Many(seats);
    }

    /// No more addresses will come for a family: it was answered, failed, or was never asked.
    /// Call [`Race::tick`] next.
    pub fn settled(&mut self, family: Family) {
        match family {
            Family::V4 => self.settled_v4 = true,
            Family::V6 => {
                self.settled_v6 = true;
                self.hold = Time::START;
            }
        }
    }

    /// A leg is connected: it wins, unless one has won or it was hung up.
    pub fn connected(&mut self, now: Time, leg: Leg, out: &mut Vec<Move>) -> Standing {
        if self.end(leg, End { at: now, how: Ended::Won }) {
            self.close(now, Ended::Abandoned, out);
        }
        self.tick(now, out)
    }

    /// A leg failed. The next address has its turn.
    pub fn failed(&mut self, now: Time, leg: Leg, fault: Fault, out: &mut Vec<Move>) -> Standing {
        self.end(leg, End { at: now, how: Ended::Failed(fault) });
        self.tick(now, out)
    }

    /// The moment of [`Standing::Running`] has come, or addresses have. Too early, it does
    /// nothing.
    pub fn tick(&mut self, now: Time, out: &mut Vec<Move>) -> Standing {
        while self.due() <= now {
            let leg = Leg(self.dialled);
            let Some(next) = self.seats.get_mut(usize::from(leg.0)) else { break };
            next.leg = leg;
            next.started = now;
            out.push(Move::Dial(leg, next.address));
            self.dialled = self.dialled.saturating_add(1);
        }
        self.standing()
    }

    /// The deadline has passed: what runs is hung up as silent, and what waits forgotten. Not
    /// for a race that was won.
    pub fn expire(&mut self, now: Time, out: &mut Vec<Move>) -> ConnectError {
        self.close(now, Ended::Silent, out);
        ConnectError::of(self.attempts())
    }

    /// Every attempt, in the order of the legs.
    pub fn attempts(&self) -> &[Attempt] {
        self.seats.split_at_checked(usize::from(self.dialled)).unwrap_or_default().0
    }

    /// When the first attempt began.
    pub fn first_dial(&self) -> Option<Time> {
        self.attempts().first().map(|first| first.started)
    }

    /// Ends a leg that runs; `false` when it does not: the news was on its way when we let go.
    fn end(&mut self, leg: Leg, end: End) -> bool {
        if leg.0 >= self.dialled {
            return false;
        }
        match self.seats.get_mut(usize::from(leg.0)) {
            Some(attempt) if attempt.end.is_none() => {
                attempt.end = Some(end);
                true
            }
            _ => false,
        }
    }

    /// Hangs up what runs, forgets what waits, and lets nobody join.
    fn close(&mut self, now: Time, how: Ended, out: &mut Vec<Move>) {
        self.most = self.dialled;
        self.seats.truncate(usize::from(self.most));
        self.settled_v4 = true;
        self.settled_v6 = true;
        for attempt in self.seats.iter_mut().filter(|seat| seat.end.is_none()) {
            attempt.end = Some(End { at: now, how });
            out.push(Move::HangUp(attempt.leg));
        }
    }

    /// When the next address is to be dialled; never, when none waits.
    fn due(&self) -> Time {
        if self.seats.len() <= usize::from(self.dialled) {
            return Time::NEVER;
        }
        let Some(last) = self.attempts().last() else { return self.hold };
        // RFC 8305 §5 wants the 10 ms against congestion. An attempt for which the kernel had no
        // route sent nothing that could congest, and a machine without IPv6 should not pay for
        // every AAAA record.
        let floor = self.attempts().iter().rfind(|attempt| !attempt.unsent());
        let floor = floor.map_or(Time::START, |sent| sent.started + us(self.attempt_floor_us));
        match last.end {
            Some(_) => floor,
            None => floor.max(last.started + us(self.attempt_delay_us)),
        }
    }

    fn standing(&self) -> Standing {
        let mut running = false;
        for attempt in self.attempts() {
            match attempt.end {
                Some(End { how: Ended::Won, .. }) => return Standing::Won(attempt.leg),
                Some(_) => {}
                None => running = true,
            }
        }
        match self.due() {
            Time::NEVER if self.settled_v4 && self.settled_v6 && !running => {
                Standing::Lost(ConnectError::of(self.attempts()))
            }
            due => Standing::Running(due),
        }
    }
}

/// Lets the families take turns, each in its own order (RFC 8305 §4, with a First Address Family
/// Count of 1), until one has no more.
fn interleave(mut waiting: &mut [Attempt], mut turn: Family) {
    while let Some(next) = waiting.iter().position(|seat| family_of(seat) == turn) {
        if let Some(up_to_next) = waiting.get_mut(..=next) {
            up_to_next.rotate_right(1);
        }
        waiting = waiting.split_first_mut().map_or(&mut [], |(_, rest)| rest);
        turn = turn.other();
    }
}

fn family_of(seat: &Attempt) -> Family {
    Family::of(seat.address.ip())
}

fn micros(wait: Duration) -> u32 {
    u32::try_from(wait.as_micros()).unwrap_or(u32::MAX)
}

fn us(micros: u32) -> Duration {
    Duration::from_micros(u64::from(micros))
}
