//! Servers of chance: whatever they do, no look is early, none is late, and the end is right.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use fourstep_simnet::Random;
use fourstep_terms::Time;
use fourstep_verdict::State;
use fourstep_wait::{Patience, Reason, Sight, Then, jitter_of};

use crate::world::{Does, Look, Story, Waited, answers, s, waited};

/// So many servers. Each runs in milliseconds.
const SERVERS: u64 = 600;

fn one_of<T: Clone>(random: &mut Random, of: &[T]) -> T {
    of[usize::try_from(random.below(of.len() as u64)).unwrap()].clone()
}

/// A server that does up to a dozen things one after another.
fn story(random: &mut Random) -> Story {
    let mut now = Time::START;
    let mut story = vec![];
    for _ in 0..=random.below(12) {
        let retry = match random.below(5) {
            0 => "Retry-After: 0\r\n".to_owned(),
            1 => "Retry-After: soon\r\n".to_owned(),
            2 => format!("Retry-After: {}\r\n", random.below(90)),
            _ => String::new(),
        };
        let does = match random.below(12) {
            0..4 => answers(one_of(random, &[429, 500, 502, 503]), &retry),
            4 => answers(one_of(random, &[401, 404]), &retry),
            5 => Does::AsksDate(now + s(random.below(60)), one_of(random, &[0, 900, -900])),
            6 | 7 => Does::Refuses,
            8 => Does::Resets,
            9 => one_of(random, &[Does::Drops, Does::Stalls]),
            10 => one_of(random, &[Does::NoPorts, Does::HasNoName, Does::Refuses]),
            _ => answers(200, ""),
        };
        story.push((now, does));
        now = now + Duration::from_millis(random.below(40_000));
    }
    story
}

fn patience(random: &mut Random) -> Patience {
    let interval = Duration::from_millis(50 + random.below(5_000));
    Patience {
        whole: Duration::from_millis(100 + random.below(180_000)),
        interval,
        max_interval: interval * u32::try_from(1 + random.below(40)).unwrap(),
        even_unreachable: random.below(2) == 0,
        ..Patience::default()
    }
}

/// The pause that doubles, as a reader of the manual would count it: anew whenever the target
/// shows something else.
fn doubling(looks: &[Look], patience: &Patience) -> Duration {
    let mut pause = patience.interval;
    let mut shown: Option<Sight> = None;
    let (last, before) = looks.split_last().unwrap();
    for look in before {
        if look.sight.is_known() && shown.replace(look.sight) != Some(look.sight) {
            pause = patience.interval;
        }
        if look.asked.is_none() {
            pause = (pause * 2).min(patience.max_interval);
        }
    }
    match last.sight.is_known() && shown != Some(last.sight) {
        true => patience.interval,
        false => pause,
    }
}

fn hold(waited: &Waited, patience: &Patience) {
    let looks = &waited.looks;
    let end = Time::START + patience.whole;
    assert_eq!(looks[0].began, Time::START);
    for (n, pair) in looks.windows(2).enumerate() {
        let [before, next] = pair else { unreachable!() };
        let pause = match before.asked {
            Some(asked) => asked.max(patience.interval),
            None => doubling(&looks[..=n], patience),
        };
        let (earliest, latest) = (before.ended + pause, before.ended + pause + jitter_of(pause));
        // Not before it was asked for, not even at the end.
        assert!(next.began >= before.ended + before.asked.unwrap_or_default(), "{n} early");
        assert!(next.began >= earliest.min(end), "{n} early");
        assert!(next.began <= latest.min(end), "{n} late");
        assert!(matches!(before.then, Then::Again { at, .. } if at == next.began), "{n}");
    }
    let (last, over) = (looks.last().unwrap(), waited.end);
    let (ended, how) = over.unwrap_or_else(|| panic!("no end"));
    assert!(ended <= end + patience.last_look(), "{ended:?}");
    match how {
        Ok(()) => assert_eq!(last.sight.state, State::Ok),
        Err(Reason::OutOfTime) => {
            // There was a look when the time was over, or next to it.
            let near = patience.interval.min(patience.last_look());
            assert!(last.ended + near >= end, "given up early");
        }
        Err(Reason::TooLate { asked, left }) => {
            assert_eq!((Some(asked), last.ended + left), (last.asked, end));
            assert!(asked > left);
        }
        Err(Reason::Hopeless) => {
            assert_eq!(last.sight.state, State::Unreachable);
            assert!(!patience.even_unreachable);
        }
    }
    // Whatever was ok was taken at once.
    assert!(looks.iter().rev().skip(1).all(|look| look.sight.state != State::Ok));
}

#[test]
fn whatever_a_server_does_no_look_is_early_and_none_is_late() {
    let mut ends = [0_u32; 4];
    for seed in 0..SERVERS {
        let mut random = Random::new(seed);
        let (story, patience) = (story(&mut random), patience(&mut random));
        let waited = waited(seed, &story, patience.clone());
        let said = catch_unwind(AssertUnwindSafe(|| hold(&waited, &patience)));
        assert!(said.is_ok(), "seed {seed}: {patience:?}\n{story:#?}\n{:#?}", waited.looks);
        ends[match waited.end.unwrap().1 {
            Ok(()) => 0,
            Err(Reason::OutOfTime) => 1,
            Err(Reason::TooLate { .. }) => 2,
            Err(Reason::Hopeless) => 3,
        }] += 1;
    }
    // Each way to end was met often enough to mean something.
    assert!(ends.iter().all(|count| *count > 10), "{ends:?}");
}
