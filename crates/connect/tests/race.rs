//! The race, turn by turn: RFC 8305 §3 to §5.
//!
//! A letter is an IPv6 address, `a` being `[2001:db8::a]:80`; a digit an IPv4 one, `1` being
//! `192.0.2.1:80`. An exclamation mark after it: there is no route.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test")]

use Want::{Idle, Lost, Until, Won};
use fourstep_connect::{
    Attempt, Candidate, ConnectError, Ended, Family, Move, Pace, Race, Standing,
};
use fourstep_terms::{Code, Fault, FaultKind, Leg, Time};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

/// What happens in a turn; every one but `Tick` is followed by a tick.
#[derive(Debug)]
enum News {
    /// AAAA: these addresses, and the answer is complete.
    Aaaa(&'static str),
    /// A: these addresses, and the answer is complete.
    A(&'static str),
    /// These addresses, and more may come.
    Part(Family, &'static str),
    Tick,
    Connected(char),
    Failed(char, FaultKind),
}
use News::{A, Aaaa, Connected, Failed, Part, Tick};

/// How the race stands then.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Want {
    /// Running, to be called at this millisecond.
    Until(u64),
    /// Running, and only news can move it.
    Idle,
    Won(char),
    Lost(Code),
}

/// millisecond, news, moves (`+a` dials, `-a` hangs up), standing
type Turn = (u64, News, &'static str, Want);

fn address(name: char) -> SocketAddr {
    let last = u8::try_from(name.to_digit(36).unwrap()).unwrap();
    let ip = match name {
        '0'..='9' => IpAddr::from(Ipv4Addr::new(192, 0, 2, last)),
        _ => Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, u16::from(last)).into(),
    };
    SocketAddr::new(ip, 80)
}

fn name(of: SocketAddr) -> char {
    let last = match of.ip() {
        IpAddr::V4(v4) => u32::from(v4.octets()[3]),
        IpAddr::V6(v6) => u32::from(v6.segments()[7]),
    };
    char::from_digit(last, 36).unwrap()
}

fn candidates(names: &str) -> Vec<Candidate> {
    let mut all: Vec<Candidate> = Vec::new();
    for name in names.chars() {
        match name {
            '!' => all.last_mut().unwrap().source = None,
            _ => {
                let address = address(name);
                let source = match address {
                    SocketAddr::V4(_) => IpAddr::from(Ipv4Addr::new(192, 0, 2, 99)),
                    SocketAddr::V6(_) => Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 99).into(),
                };
                all.push(Candidate { address, source: Some(source) });
            }
        }
    }
    all
}

fn leg(race: &Race, of: char) -> Leg {
    race.attempts().iter().find(|attempt| name(attempt.address) == of).unwrap().leg
}

fn play(why: &str, race: &mut Race, turns: &[Turn]) {
    for (ms, news, want_moves, want) in turns {
        let (now, mut out) = (Time::from_millis(*ms), Vec::new());
        let answer = |race: &mut Race, family, names, out: &mut Vec<Move>| {
            race.found(now, family, &candidates(names));
            race.settled(family);
            race.tick(now, out)
        };
        let standing = match news {
            Aaaa(names) => answer(race, Family::V6, names, &mut out),
            A(names) => answer(race, Family::V4, names, &mut out),
            Part(family, names) => {
                race.found(now, *family, &candidates(names));
                race.tick(now, &mut out)
            }
            Tick => race.tick(now, &mut out),
            Connected(of) => race.connected(now, leg(race, *of), &mut out),
            Failed(of, kind) => race.failed(now, leg(race, *of), Fault::of(*kind), &mut out),
        };
        let attempts = race.attempts();
        let moves: Vec<String> = out
            .iter()
            .map(|step| match step {
                Move::Dial(_, to) => format!("+{}", name(*to)),
                Move::HangUp(leg) => format!("-{}", name(attempts[usize::from(leg.0)].address)),
            })
            .collect();
        let got = match standing {
            Standing::Running(Time::NEVER) => Idle,
            Standing::Running(until) => Until(until.as_nanos() / 1_000_000),
            Standing::Won(leg) => Won(name(attempts[usize::from(leg.0)].address)),
            Standing::Lost(error) => Lost(error.code()),
        };
        assert_eq!((moves.join(" ").as_str(), got), (*want_moves, *want), "{why}: @{ms} {news:?}");
    }
}

#[test]
fn turn_by_turn() {
    use FaultKind::{Refused, Unreachable};
    let rows: &[(&str, &[Turn])] = &[
        (
            "RFC 8305 §3: an AAAA answer waits for nothing",
            &[
                (0, Aaaa("a"), "+a", Idle),
                (1, A("1"), "", Until(250)),
                (250, Tick, "+1", Idle),
                (260, Connected('1'), "-a", Won('1')),
            ],
        ),
        (
            "RFC 8305 §3: an A answer waits 50 ms for the AAAA one",
            &[
                (0, A("1"), "", Until(50)),
                (49, Tick, "", Until(50)),
                (50, Tick, "+1", Idle),
                (70, Connected('1'), "", Won('1')),
            ],
        ),
        (
            "RFC 8305 §3: and goes behind it if it comes",
            &[(0, A("1"), "", Until(50)), (49, Aaaa("a"), "+a", Until(299))],
        ),
        (
            "RFC 8305 §3: a negative AAAA answer ends the wait",
            &[(0, A("1"), "", Until(50)), (20, Aaaa(""), "+1", Idle)],
        ),
        (
            "RFC 8305 §3: so does one that came before",
            &[(0, Aaaa(""), "", Idle), (20, A("1"), "+1", Idle)],
        ),
        (
            "RFC 8305 §3: more of the same answer does not begin the wait anew",
            &[
                (0, Part(Family::V4, "1"), "", Until(50)),
                (40, Part(Family::V4, "2"), "", Until(50)),
                (50, Tick, "+1", Until(300)),
            ],
        ),
        (
            "RFC 8305 §5: a late answer joins what waits, its family next",
            &[
                (0, A("123"), "", Until(50)),
                (50, Tick, "+1", Until(300)),
                (80, Aaaa("ab"), "", Until(300)),
                (300, Tick, "+a", Until(550)),
                (550, Tick, "+2", Until(800)),
                (800, Tick, "+b", Until(1050)),
                (1050, Tick, "+3", Idle),
            ],
        ),
        (
            "RFC 8305 §5: a late answer is dialled at once when its time is past",
            &[(0, Aaaa("a"), "+a", Idle), (400, A("12"), "+1", Until(650))],
        ),
        (
            "RFC 8305 §4: families take turns",
            &[
                (0, A("12"), "", Until(50)),
                (0, Aaaa("abc"), "+a", Until(250)),
                (250, Tick, "+1", Until(500)),
                (500, Tick, "+b", Until(750)),
                (750, Tick, "+2", Until(1000)),
                (1000, Tick, "+c", Idle),
            ],
        ),
        (
            "RFC 8305 §4: the family of the best address first, RFC 6724 §6 rule 1",
            &[
                (0, A("12"), "", Until(50)),
                (0, Aaaa("a!b!"), "+1", Until(250)),
                (250, Tick, "+a", Until(500)),
                (500, Tick, "+2", Until(750)),
                (750, Tick, "+b", Idle),
            ],
        ),
        (
            "RFC 8305 §5: a tick that comes late starts one attempt, not all",
            &[(0, Aaaa("abc"), "+a", Until(250)), (9000, Tick, "+b", Until(9250))],
        ),
        (
            "RFC 8305 §5: a refusal lets the next go, but not within 10 ms",
            &[
                (0, Aaaa("abc"), "+a", Until(250)),
                (0, Failed('a', Refused), "", Until(10)),
                (9, Tick, "", Until(10)),
                (10, Tick, "+b", Until(260)),
                (40, Failed('b', Refused), "+c", Idle),
            ],
        ),
        (
            "only the last attempt's failure does: an older one's takes no time from the last",
            &[
                (0, Aaaa("abc"), "+a", Until(250)),
                (250, Tick, "+b", Until(500)),
                (255, Failed('a', Refused), "", Until(500)),
                (258, Failed('b', Refused), "", Until(260)),
                (260, Tick, "+c", Idle),
            ],
        ),
        (
            "an attempt without a route sent nothing, so nothing need be waited for",
            &[
                (0, Aaaa("a!b!"), "+a", Until(250)),
                (1, A("1"), "", Until(250)),
                (2, Failed('a', Unreachable), "+1", Until(252)),
                (3, Failed('1', Refused), "", Until(12)),
                (12, Tick, "+b", Idle),
                (12, Failed('b', Unreachable), "", Lost(Code::ConnectRefused)),
            ],
        ),
        (
            "and the 10 ms after the attempt before it still stand",
            &[
                (0, Aaaa("a"), "+a", Idle),
                (0, Failed('a', Refused), "", Idle),
                (10, A("1!2"), "+2", Until(260)),
                (11, Failed('2', Refused), "", Until(20)),
                (20, Tick, "+1", Idle),
                (20, Failed('1', Unreachable), "", Lost(Code::ConnectRefused)),
            ],
        ),
        (
            "a router's word is no lack of a route",
            &[(0, Aaaa("ab"), "+a", Until(250)), (1, Failed('a', Unreachable), "", Until(10))],
        ),
        (
            "the winner hangs up every other leg that runs, once",
            &[
                (0, Aaaa("abc"), "+a", Until(250)),
                (250, Tick, "+b", Until(500)),
                (300, Failed('b', Refused), "+c", Idle),
                (310, Connected('c'), "-a", Won('c')),
                (311, Connected('a'), "", Won('c')),
                (312, Failed('a', Refused), "", Won('c')),
                (313, A("12"), "", Won('c')),
            ],
        ),
        (
            "news of an attempt that ended is old",
            &[
                (0, Aaaa("ab"), "+a", Until(250)),
                (20, Failed('a', Refused), "+b", Idle),
                (21, Connected('a'), "", Idle),
                (22, Failed('a', Refused), "", Idle),
            ],
        ),
        (
            "lost only when both families are settled",
            &[
                (0, Aaaa("a"), "+a", Idle),
                (20, Failed('a', Refused), "", Idle),
                (900, A(""), "", Lost(Code::ConnectRefused)),
                (901, Tick, "", Lost(Code::ConnectRefused)),
            ],
        ),
        (
            "no address at all",
            &[(0, Aaaa(""), "", Idle), (5, A(""), "", Lost(Code::ConnectUnreachable))],
        ),
        (
            "an address is dialled once",
            &[
                (0, Part(Family::V6, "aab"), "+a", Until(250)),
                (5, Aaaa("bac"), "", Until(250)),
                (250, Tick, "+b", Until(500)),
                (500, Tick, "+c", Idle),
            ],
        ),
    ];
    for (why, turns) in rows {
        play(why, &mut Race::default(), turns);
    }
}

#[test]
fn a_race_has_so_many_seats() {
    let pace = Pace { attempts: 3, ..Pace::default() };
    let rows: &[(&str, &[Turn])] = &[
        (
            "the best get them, and both families",
            &[
                (0, A("12345"), "", Until(50)),
                (1, Aaaa("abcde"), "+a", Until(251)),
                (251, Tick, "+1", Until(501)),
                (501, Tick, "+b", Idle),
                (502, Connected('b'), "-a -1", Won('b')),
            ],
        ),
        (
            "and the best is the best of all that came",
            &[
                (0, Aaaa("a!b!c!d!e"), "+e", Until(250)),
                (250, Tick, "+a", Until(500)),
                (500, Tick, "+b", Idle),
            ],
        ),
        (
            "who comes late takes one from those who wait",
            &[
                (0, Aaaa("abcde"), "+a", Until(250)),
                (1, A("12345"), "", Until(250)),
                (250, Tick, "+1", Until(500)),
                (500, Tick, "+b", Idle),
            ],
        ),
    ];
    for (why, turns) in rows {
        play(why, &mut Race::new(pace), turns);
    }
    let none = Pace { attempts: 0, ..Pace::default() };
    play("one at least", &mut Race::new(none), &[(0, Aaaa("ab"), "+a", Idle)]);
}

#[test]
fn the_pace_is_the_callers() {
    let ms = Duration::from_millis;
    let turns: &[(Pace, &[Turn])] = &[
        (Pace { resolution_delay: Duration::ZERO, ..Pace::default() }, &[(0, A("1"), "+1", Idle)]),
        (Pace { attempt_delay: ms(3), ..Pace::default() }, &[(0, Aaaa("ab"), "+a", Until(10))]),
        (
            Pace { attempt_delay: Duration::MAX, ..Pace::default() },
            &[
                (0, Aaaa("ab"), "+a", Until(4_294_967)), // 2³² µs
            ],
        ),
        (
            Pace { attempt_delay: ms(0), attempt_floor: ms(0), ..Pace::default() },
            &[(0, Aaaa("abc"), "+a +b +c", Idle)],
        ),
    ];
    for (pace, turns) in turns {
        play("pace", &mut Race::new(*pace), turns);
    }
}

#[test]
fn the_deadline_makes_the_running_silent() {
    let (mut race, mut out) = (Race::default(), Vec::new());
    play(
        "deadline",
        &mut race,
        &[
            (5, Aaaa("abc"), "+a", Until(255)),
            (25, Failed('a', FaultKind::Refused), "+b", Until(275)),
            (275, Tick, "+c", Idle),
        ],
    );
    assert_eq!(race.first_dial(), Some(Time::from_millis(5)));
    let error = race.expire(Time::from_millis(1005), &mut out);
    assert_eq!(out, [Move::HangUp(Leg(1)), Move::HangUp(Leg(2))]);
    assert_eq!(error.to_string(), "refused by [2001:db8::a]:80 (3 tried)");
    assert_eq!(error.tried().unwrap().waited, Duration::from_secs(1));
    let ends: Vec<_> = race.attempts().iter().map(|attempt| attempt.end.unwrap().how).collect();
    assert_eq!(ends, [Ended::Failed(Fault::of(FaultKind::Refused)), Ended::Silent, Ended::Silent]);
    assert_eq!(race.attempts().last().and_then(Attempt::ended), Some(Time::from_millis(1005)));

    play(
        "after it",
        &mut race,
        &[
            (1006, Connected('b'), "", Lost(Code::ConnectRefused)),
            (1007, A("1"), "", Lost(Code::ConnectRefused)),
        ],
    );
    out.clear();
    race.expire(Time::from_millis(1008), &mut out);
    assert_eq!(out, []);

    let mut race = Race::default();
    race.found(Time::START, Family::V4, &candidates("1"));
    assert_eq!(race.expire(Time::from_millis(20), &mut out), ConnectError::NoAddress);
    assert_eq!((race.first_dial(), race.attempts(), out.len()), (None, &[][..], 0));
    race.found(Time::from_millis(30), Family::V4, &candidates("1"));
    assert_eq!(race.tick(Time::NEVER, &mut out), Standing::Lost(ConnectError::NoAddress));
}
