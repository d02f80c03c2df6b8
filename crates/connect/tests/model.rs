//! Every race of two IPv6 and two IPv4 addresses, over all that can become of an attempt and
//! many ways for the answers to come: what the crate promises must hold in each.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test")]

use fourstep_connect::{Attempt, Candidate, Ended, Family, Move, Race, Standing};
use fourstep_terms::{Fault, FaultKind, Leg, Time};
use std::collections::BTreeMap;
use std::net::SocketAddr;

/// What becomes of an attempt, so many milliseconds after it was dialled.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Fate {
    Connects(u64),
    Refuses(u64),
    /// There is no route: the kernel says so at once.
    NoRoute,
    Never,
}
const FATES: [Fate; 7] = [
    Fate::Connects(1),
    Fate::Connects(300),
    Fate::Refuses(0),
    Fate::Refuses(30),
    Fate::Refuses(255),
    Fate::NoRoute,
    Fate::Never,
];

/// When a family's answer comes, and with how many addresses.
const ANSWERS: [(u64, usize); 6] = [(0, 2), (20, 2), (0, 0), (120, 2), (30, 1), (700, 2)];

#[derive(Clone, Copy, Debug)]
enum News {
    Answer(Family),
    Of(Leg, Fate),
}

struct World {
    fates: BTreeMap<SocketAddr, Fate>,
    v6: Vec<SocketAddr>,
    v6_at: u64,
    v4: Vec<SocketAddr>,
    v4_at: u64,
    /// What will happen, by millisecond and by number.
    coming: BTreeMap<(u64, usize), News>,
    numbered: usize,
    /// By leg: how often it failed or was hung up, that we saw.
    let_go: BTreeMap<Leg, u32>,
    /// When addresses came, one entry an address.
    found: Vec<u64>,
}

const DEADLINE: u64 = 5_000;
/// 255, 250 and 10 ms, 4 times: no race of ours lasts longer unless it hangs.
const TURNS: usize = 60;

impl World {
    fn comes(&mut self, ms: u64, news: News) {
        self.numbered += 1;
        self.coming.insert((ms, self.numbered), news);
    }

    fn candidates(&self, addresses: &[SocketAddr]) -> Vec<Candidate> {
        let of = |address: &SocketAddr| Candidate {
            address: *address,
            source: (self.fates[address] != Fate::NoRoute).then(|| address.ip()),
        };
        addresses.iter().map(of).collect()
    }

    /// Runs the race to its end, calling it when it asks to be called and when there is news;
    /// at the same moment the clock's turn is before the news, or after it.
    fn run(mut self, clock_first: bool) {
        let (mut race, mut out) = (Race::default(), Vec::new());
        let mut wake = Time::NEVER;
        for _ in 0..TURNS {
            let next = self.coming.first_key_value().map(|(key, news)| (*key, *news));
            let ms = next.map_or(Time::NEVER, |((ms, _), _)| Time::from_millis(ms));
            let tick = wake < ms || (wake == ms && clock_first);
            let now = wake.min(ms);
            if now >= Time::from_millis(DEADLINE) {
                race.expire(Time::from_millis(DEADLINE), &mut out);
                self.obey(DEADLINE, &mut out);
                return self.check(&race, false);
            }
            let at = now.as_nanos() / 1_000_000;
            let standing = if tick {
                race.tick(now, &mut out)
            } else {
                let ((_, number), news) = next.unwrap();
                self.coming.remove(&(at, number));
                self.tell(&mut race, now, news, &mut out)
            };
            self.obey(at, &mut out);
            match standing {
                Standing::Running(again) => {
                    assert!(again > now, "the moment to call again has passed");
                    wake = again;
                }
                Standing::Won(leg) => {
                    assert_eq!(race.attempts()[usize::from(leg.0)].end.unwrap().how, Ended::Won);
                    return self.old_news(race, now);
                }
                Standing::Lost(_) => {
                    assert_eq!(race.attempts().len(), self.found.len(), "untried");
                    return self.check(&race, false);
                }
            }
        }
        panic!("a race without end");
    }

    fn tell(&mut self, race: &mut Race, now: Time, news: News, out: &mut Vec<Move>) -> Standing {
        match news {
            News::Answer(family) => {
                let addresses = if family == Family::V6 { &self.v6 } else { &self.v4 };
                let came = now.as_nanos() / 1_000_000;
                self.found.extend(addresses.iter().map(|_| came));
                race.found(now, family, &self.candidates(addresses));
                race.settled(family);
                race.tick(now, out)
            }
            News::Of(leg, Fate::Connects(_)) => race.connected(now, leg, out),
            News::Of(leg, fate) => {
                let unreachable = fate == Fate::NoRoute;
                let kind = if unreachable { FaultKind::Unreachable } else { FaultKind::Refused };
                *self.let_go.entry(leg).or_default() += 1;
                race.failed(now, leg, Fault::of(kind), out)
            }
        }
    }

    fn obey(&mut self, ms: u64, out: &mut Vec<Move>) {
        for step in out.drain(..) {
            match step {
                Move::Dial(leg, to) => match self.fates[&to] {
                    Fate::Never => {}
                    Fate::NoRoute => self.comes(ms, News::Of(leg, Fate::NoRoute)),
                    fate @ (Fate::Connects(after) | Fate::Refuses(after)) => {
                        self.comes(ms + after, News::Of(leg, fate));
                    }
                },
                Move::HangUp(leg) => *self.let_go.entry(leg).or_default() += 1,
            }
        }
    }

    /// What was on its way when the race was won changes nothing.
    fn old_news(mut self, mut race: Race, now: Time) {
        let (won, mut out) = (race.tick(now, &mut Vec::new()), Vec::new());
        let let_go = self.let_go.clone();
        for (_, news) in std::mem::take(&mut self.coming) {
            assert_eq!(self.tell(&mut race, now, news, &mut out), won);
        }
        assert_eq!((race.tick(Time::NEVER, &mut out), out.len()), (won, 0));
        self.let_go = let_go;
        self.check(&race, true);
    }

    fn check(&self, race: &Race, won: bool) {
        let attempts = race.attempts();
        let winners = attempts.iter().filter(|one| one.end.unwrap().how == Ended::Won);
        assert_eq!(winners.count(), usize::from(won));
        for (nth, attempt) in attempts.iter().enumerate() {
            let winner = attempt.end.unwrap().how == Ended::Won;
            assert_eq!(usize::from(attempt.leg.0), nth);
            let times = self.let_go.get(&attempt.leg).copied().unwrap_or(0);
            assert_eq!(times, u32::from(!winner), "let go of {attempt:?}");
            self.check_start(attempts, nth);
        }
    }

    /// Not too early, and not later than need be.
    fn check_start(&self, attempts: &[Attempt], nth: usize) {
        let ms = |time: Time| time.as_nanos() / 1_000_000;
        let start = ms(attempts[nth].started);
        let came = self.found[nth]; // the nth address to come
        let Some(last) = nth.checked_sub(1).map(|last| &attempts[last]) else {
            let held = self.v4_at + 50;
            let first = match (self.v6.is_empty(), self.v4.is_empty()) {
                (true, _) => self.v6_at.clamp(self.v4_at, held),
                (false, true) => self.v6_at,
                (false, false) => self.v6_at.min(held),
            };
            return assert_eq!(start, first, "the first of {attempts:?}");
        };
        let routed = |one: &&Attempt| self.fates[&one.address] != Fate::NoRoute;
        let sent = attempts[..nth].iter().rfind(routed).map(|sent| ms(sent.started));
        let floor = sent.map_or(0, |sent| sent + 10);
        let free = last.ended().map(ms).unwrap_or(DEADLINE).min(ms(last.started) + 250);
        assert_eq!(start, free.max(floor).max(came), "attempt {nth} of {attempts:?}");
    }
}

#[test]
fn promises_hold_in_every_race() {
    let address = |text: &str| -> SocketAddr { text.parse().unwrap() };
    let all = ["[2001:db8::1]:80", "[2001:db8::2]:80", "192.0.2.1:80", "192.0.2.2:80"].map(address);
    for ((v6_at, v6), (v4_at, v4)) in pairs(&ANSWERS) {
        for ((a, b), (c, d)) in pairs(&pairs(&FATES)) {
            for clock_first in [false, true] {
                let mut world = World {
                    fates: all.into_iter().zip([a, b, c, d]).collect(),
                    v6: all[..v6].to_vec(),
                    v6_at,
                    v4: all[2..2 + v4].to_vec(),
                    v4_at,
                    coming: BTreeMap::new(),
                    numbered: 0,
                    let_go: BTreeMap::new(),
                    found: Vec::new(),
                };
                world.comes(v6_at, News::Answer(Family::V6));
                world.comes(v4_at, News::Answer(Family::V4));
                world.run(clock_first);
            }
        }
    }
}

fn pairs<T: Copy>(all: &[T]) -> Vec<(T, T)> {
    all.iter().flat_map(|one| all.iter().map(|other| (*one, *other))).collect()
}
