//! Watches over servers that fare so and so.

use std::sync::Arc;
use std::time::Duration;

use fourstep_probe::{Deadlines, Plan, Report};
use fourstep_simnet::{Supply, Work};
use fourstep_target::Target;
use fourstep_terms::Time;
use fourstep_verdict::{State, Verdict};
use fourstep_wait::{Next, Outage, Rhythm, Sum, Watch, jitter_of};

use crate::world::{Does, Story, answers, at_s, net, s, wall};

struct Watched {
    watch: Watch,
    target: Arc<Target>,
    /// When looks began, and which of them showed something new.
    began: Vec<Time>,
    changes: Vec<(Time, State)>,
}

impl Work for Watched {
    fn next(&mut self, now: Time) -> Supply {
        match self.watch.next(now) {
            Next::Look { target, .. } => {
                self.began.push(now);
                let deadlines = Deadlines { total: s(5), ..Deadlines::default() };
                let plan = Arc::new(Plan { deadlines, ..Plan::default() });
                Supply::Job(target, Arc::clone(&self.target), plan)
            }
            Next::Rest(until) => Supply::Wait(until),
            Next::Over => Supply::End,
        }
    }

    fn done(&mut self, now: Time, target: usize, report: Box<Report>) {
        let verdict = Verdict::of(&report, wall(now));
        let timings = report.timeline.timings();
        let told = self.watch.saw(now, target, &verdict, timings.total, timings.wait);
        if told.changed {
            self.changes.push((*self.began.last().unwrap(), verdict.state));
        }
    }
}

/// Watches the server of this story for a while, once a second.
fn watched(story: &Story, whole: Duration) -> (Watched, Sum) {
    let rhythm = Rhythm { interval: s(1), whole };
    let mut watched = Watched {
        watch: Watch::new(Time::START, 1, rhythm, 1),
        target: Arc::new("http://a.test/".parse().unwrap()),
        began: vec![],
        changes: vec![],
    };
    net(1, story).work(&mut watched).unwrap_or_else(|breach| panic!("{breach}"));
    let sum = watched.watch.tally(0).unwrap().sum(Time::START + whole);
    (watched, sum)
}

#[test]
fn looks_keep_their_beat_and_outages_their_length() {
    let story = vec![
        (Time::START, answers(200, "")),
        (at_s(100), answers(503, "")),
        (at_s(104), Does::Refuses),
        (at_s(110), answers(200, "")),
        (at_s(300), answers(502, "")),
        (at_s(303), answers(200, "")),
    ];
    let (watched, sum) = watched(&story, s(1_000));
    let beats: Vec<Time> = (0..1_000).map(at_s).collect();
    assert_eq!(watched.began, beats);
    use State::{Ok, Unavailable};
    let changes = [(0, Ok), (100, Unavailable), (104, Unavailable), (110, Ok), (300, Unavailable)];
    let changes: Vec<_> =
        changes.into_iter().chain([(303, Ok)]).map(|(n, it)| (at_s(n), it)).collect();
    assert_eq!(watched.changes, changes);
    assert_eq!((sum.ok, sum.not_ok, sum.unknown), (s(987), s(13), s(0)));
    assert_eq!((sum.of_time(), sum.of_looks()), (Some(0.987), Some(0.987)));
    assert_eq!((sum.outages, sum.current), (2, None));
    assert_eq!(sum.longest, Some(Outage { from: at_s(100), lasted: s(10) }));
    let total = sum.total.unwrap();
    assert!(total.p50 >= Duration::from_millis(20) && total.max < Duration::from_millis(40));
}

#[test]
fn a_server_that_asks_to_be_left_alone_is() {
    let story = vec![(at_s(0), answers(429, "Retry-After: 30\r\n")), (at_s(30), answers(200, ""))];
    let (watched, sum) = watched(&story, s(40));
    let pause = watched.began[1].since(Time::START);
    assert!(pause >= s(30) && pause <= s(31) + jitter_of(s(30)), "{pause:?}");
    // The outage lasts until it was seen to be over.
    assert_eq!((sum.outages, sum.not_ok), (1, pause));
}

#[test]
fn a_look_that_takes_long_is_one_outage_from_its_begin_and_starves_no_other() {
    let story = vec![
        (Time::START, answers(200, "")),
        (at_s(10), Does::Stalls),
        (at_s(18), answers(200, "")),
    ];
    let (watched, sum) = watched(&story, s(30));
    // Two looks of 5 s each, begun when the one before was over.
    assert_eq!(watched.changes[1], (at_s(10), State::Unavailable));
    assert!(watched.began.windows(2).all(|pair| pair[1].since(pair[0]) >= s(1)));
    assert_eq!((sum.outages, sum.longest.unwrap().lasted), (1, s(10)));
}

#[test]
fn the_look_that_is_under_way_at_the_end_is_waited_for() {
    let story = vec![(Time::START, answers(200, "")), (at_s(2), Does::Stalls)];
    let (watched, sum) = watched(&story, Duration::from_millis(2_500));
    assert_eq!(watched.began, [Time::START, at_s(1), at_s(2)]);
    assert_eq!((sum.looks, sum.outages), (3, 1));
}

#[test]
fn what_this_machine_lacks_is_no_outage() {
    let story = vec![
        (Time::START, answers(200, "")),
        (at_s(10), Does::NoPorts),
        (at_s(15), answers(200, "")),
    ];
    let (_, sum) = watched(&story, s(20));
    assert_eq!((sum.ok, sum.not_ok, sum.unknown), (s(15), s(0), s(5)));
    assert_eq!((sum.of_time(), sum.outages), (Some(1.0), 0));
}
