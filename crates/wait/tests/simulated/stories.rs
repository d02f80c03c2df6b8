//! Servers that come back, and servers that do not.

use std::time::Duration;

use fourstep_terms::Time;
use fourstep_wait::{Patience, Reason, jitter_of};

use crate::world::{Does, Story, Waited, answers, at_s, s, waited};

/// A wait of a minute for this story.
fn minute(story: &Story) -> Waited {
    waited(1, story, Patience { whole: s(60), ..Patience::default() })
}

/// The looks began at these seconds, or up to a tenth and what the looks took later: the jitter of
/// one after another.
fn began(waited: &Waited, seconds: &[u64]) {
    let began: Vec<Time> = waited.looks.iter().map(|look| look.began).collect();
    let fits = |(began, second): (&Time, &u64)| {
        let latest = at_s(*second) + s(*second) / 10 + Duration::from_millis(500);
        (at_s(*second)..=latest).contains(began)
    };
    let all = began.len() == seconds.len() && began.iter().zip(seconds).all(fits);
    assert!(all, "{began:?}, not {seconds:?}");
}

fn ended(waited: &Waited) -> Result<(), Reason> {
    waited.end.unwrap_or_else(|| panic!("no end: {:?}", waited.looks)).1
}

#[test]
fn a_server_that_comes_back_after_its_retry_after() {
    let story =
        vec![(Time::START, answers(503, "Retry-After: 20\r\n")), (at_s(20), answers(200, ""))];
    let waited = minute(&story);
    began(&waited, &[0, 20]);
    assert_eq!(ended(&waited), Ok(()));
    let [first, second] = &waited.looks[..] else { panic!("{:?}", waited.looks) };
    let pause = second.began.since(first.ended);
    assert!(pause >= s(20) && pause <= s(20) + jitter_of(s(20)), "{pause:?}");
}

#[test]
fn a_server_that_lies_about_it_is_believed_each_time() {
    let busy = |fields| answers(503, fields);
    let story = vec![
        (Time::START, busy("Retry-After: 4\r\n")),
        // It is back too soon to be seen, and away again when it said that it would be there.
        (at_s(1), answers(200, "")),
        (at_s(3), busy("Retry-After: 7\r\n")),
        (at_s(10), busy("")),
        (at_s(14), answers(200, "")),
    ];
    let waited = minute(&story);
    // The last two pauses are those of nobody's asking: 1 s, then 2 s.
    began(&waited, &[0, 4, 11, 12, 14]);
    assert_eq!(ended(&waited), Ok(()));
}

#[test]
fn a_server_that_flaps_is_looked_at_as_often_as_at_first() {
    // Each change starts the pauses anew; only what stays the same is looked at less often.
    let story: Story = (0..30)
        .map(|n| (at_s(n), if n % 2 == 0 { Does::Refuses } else { answers(502, "") }))
        .chain([(at_s(30), answers(200, ""))])
        .collect();
    let waited = minute(&story);
    assert_eq!(ended(&waited), Ok(()));
    let reached = waited.looks.last().unwrap().began;
    assert!(reached < at_s(34), "{reached:?}");
    let steady = minute(&vec![(Time::START, Does::Refuses), (at_s(40), answers(200, ""))]);
    // 1, 2, 4, 8, 16 s, and then half a minute; each with its jitter.
    began(&steady, &[0, 1, 3, 7, 15, 31, 60]);
    assert_eq!(ended(&steady), Ok(()));
}

#[test]
fn a_date_is_read_by_the_clock_that_wrote_it() {
    for ahead_s in [0, 3_000, -3_000, 2] {
        let story =
            vec![(Time::START, Does::AsksDate(at_s(20), ahead_s)), (at_s(20), answers(200, ""))];
        let waited = minute(&story);
        began(&waited, &[0, 20]);
        assert_eq!(ended(&waited), Ok(()), "{ahead_s}");
    }
    // A moment that has passed is now, and now is not at once.
    let waited =
        minute(&vec![(Time::START, Does::AsksDate(Time::START, 0)), (at_s(5), answers(200, ""))]);
    began(&waited, &[0, 1, 2, 3, 4, 5]);
    assert_eq!(ended(&waited), Ok(()));
}

#[test]
fn come_back_at_once_is_no_hot_loop() {
    let waited = minute(&vec![(Time::START, answers(503, "Retry-After: 0\r\n"))]);
    assert_eq!(ended(&waited), Err(Reason::OutOfTime));
    for pair in waited.looks.windows(2) {
        let pause = pair[1].began.since(pair[0].ended);
        let is_last = pair[1].began == at_s(60);
        assert!(is_last || pause >= s(1), "{pause:?}");
        assert!(pause <= s(1) + jitter_of(s(1)), "{pause:?}");
    }
    assert!((54..=61).contains(&waited.looks.len()), "{}", waited.looks.len());
}

#[test]
fn what_is_asked_for_beyond_the_end_ends_it_at_once() {
    let waited = minute(&vec![
        (Time::START, Does::Refuses),
        (at_s(1), answers(503, "Retry-After: 600\r\n")),
    ]);
    let Err(Reason::TooLate { asked, left }) = ended(&waited) else { panic!("{:?}", waited.end) };
    assert_eq!(asked, s(600));
    assert!(left > s(58) && left < s(59), "{left:?}");
    assert!(waited.end.unwrap().0 < at_s(2));
}

#[test]
fn what_does_not_pass_is_not_waited_for() {
    let nowhere = vec![(Time::START, Does::HasNoName), (at_s(9), answers(200, ""))];
    let waited_for = minute(&nowhere);
    began(&waited_for, &[0]);
    assert_eq!(ended(&waited_for), Err(Reason::Hopeless));
    let patience = Patience { even_unreachable: true, whole: s(60), ..Patience::default() };
    let waited_for = waited(1, &nowhere, patience);
    began(&waited_for, &[0, 1, 3, 7, 15]);
    assert_eq!(ended(&waited_for), Ok(()));
    // A refusal may be of a server that starts.
    for status in [401, 403, 404, 410, 501] {
        let starting = vec![(Time::START, answers(status, "")), (at_s(2), answers(204, ""))];
        assert_eq!(ended(&minute(&starting)), Ok(()), "{status}");
    }
}

#[test]
fn there_is_one_last_look_at_the_end() {
    let rows = [
        // --for, --interval, back at → how it ends, when the last look begins
        (10, 1, 10_000, Ok(()), 10_000),
        (10, 60, 10_000, Ok(()), 10_000),
        (10, 60, 10_100, Err(Reason::OutOfTime), 10_000),
        (10, 1, 99_000, Err(Reason::OutOfTime), 10_000),
    ];
    for (whole, interval, back, want, last) in rows {
        let story = vec![(Time::START, Does::Refuses), (Time::from_millis(back), answers(200, ""))];
        let patience = Patience { whole: s(whole), interval: s(interval), ..Patience::default() };
        let waited = waited(1, &story, patience);
        assert_eq!(ended(&waited), want, "{whole} {interval} {back}");
        let began = waited.looks.last().unwrap().began;
        assert_eq!(began, Time::from_millis(last), "{:?}", waited.looks);
    }
}

#[test]
fn silence_takes_no_more_time_than_there_is() {
    for does in [Does::Drops, Does::Stalls] {
        // The look that is under way at the end was given what was left.
        let patience = Patience { whole: s(13), ..Patience::default() };
        let waited = waited(1, &vec![(Time::START, does.clone())], patience);
        let (end, how) = waited.end.unwrap();
        assert_eq!((how, end), (Err(Reason::OutOfTime), at_s(13)), "{does:?}");
        assert_eq!(waited.looks.len(), 2, "{does:?}");
    }
}

#[test]
fn faults_of_this_machine_are_tried_again_and_say_nothing_of_the_target() {
    let story = vec![(Time::START, Does::NoPorts), (at_s(20), answers(200, ""))];
    let waited = minute(&story);
    assert_eq!(ended(&waited), Ok(()));
    assert!(waited.looks[..waited.looks.len() - 1].iter().all(|look| !look.sight.is_known()));
    // Two reasons to look again are told apart: the local one does not start the pauses anew.
    let pauses: Vec<Duration> =
        waited.looks.windows(2).map(|pair| pair[1].began.since(pair[0].ended)).collect();
    assert!(pauses.windows(2).all(|pair| pair[1] > pair[0]), "{pauses:?}");
}
