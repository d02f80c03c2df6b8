//! Which target is next and when, one rule at a time.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod common;

use std::io;
use std::sync::Arc;
use std::time::Duration;

use common::{End, finished};
use fourstep_driver::{Finished, Job, Supply, Work};
use fourstep_probe::Plan;
use fourstep_scan::{
    Feed, Given, Limits, Malformed, Place, Pull, Scan, Scope, Sink, Sources, Span, Standing, Tally,
};
use fourstep_target::Target;
use fourstep_terms::{Code, Time};

/// What was written, as text: `seq×tries code` or `seq×tries status`, a `+` behind a hop that others
/// follow.
#[derive(Default)]
struct Sheet {
    lines: Vec<String>,
    full: bool,
    called: Vec<u64>,
}

impl Sink for Sheet {
    fn report(&mut self, _: Time, place: Place, tries: u32, done: Finished, lines: &str) {
        let what = match &done.report.failure {
            Some(failure) => failure.code().to_string(),
            None => done.report.status().unwrap_or_default().to_string(),
        };
        let more = if done.report.next.is_some() { "+" } else { "" };
        self.lines.push(format!("{}×{tries} {what}{more}{lines}", place.seq));
    }

    fn malformed(&mut self, _: Time, place: Place, malformed: Malformed) {
        self.lines.push(format!("{} {}: {}", place.seq, malformed.shown, malformed.why));
    }

    fn broken(&mut self, _: Time, feed: u32, error: io::Error) {
        self.lines.push(format!("feed {feed}: {}", error.kind()));
    }

    fn has_room(&self) -> bool {
        !self.full
    }

    fn due(&mut self, now: Time, standing: Standing, tally: &Tally) -> Time {
        assert!(tally.entries() <= standing.seq);
        self.called.push(now.as_nanos() / 1_000_000);
        now + Duration::from_secs(1)
    }
}

/// A loop by hand: nothing happens but what the test says.
struct Hand {
    scan: Scan<Sheet>,
    now: Time,
    /// What the scan said when it gave no more.
    supply: Option<Supply>,
}

impl Hand {
    fn new(text: &str, limits: Limits) -> Hand {
        Hand::of(Given::octets(text.into()), limits)
    }

    fn of(feed: impl Feed + 'static, limits: Limits) -> Hand {
        let sources = Sources::new(vec![Box::new(feed)], Scope::default());
        let scan = Scan::new(sources, limits, Arc::new(Plan::default()), Sheet::default());
        Hand { scan, now: Time::START, supply: None }
    }

    /// Every job that may begin now.
    fn begin(&mut self) -> Vec<(u64, Arc<Target>)> {
        let mut jobs = Vec::new();
        loop {
            match self.scan.next(self.now) {
                Supply::Job(Job { number, target, .. }) => jobs.push((number, target)),
                Supply::Wait(until) if until <= self.now => {}
                other => {
                    self.supply = Some(other);
                    return jobs;
                }
            }
        }
    }

    /// The hosts of every job that may begin now.
    fn hosts(&mut self) -> (Vec<(u64, Arc<Target>)>, String) {
        let jobs = self.begin();
        let hosts: Vec<&str> = jobs.iter().map(|(_, target)| target.authority()).collect();
        let hosts = hosts.join(" ");
        (jobs, hosts)
    }

    fn end(&mut self, (number, target): &(u64, Arc<Target>), end: End) {
        self.scan.done(self.now, finished(*number, target, end), "");
    }

    fn pass(&mut self, time: Duration) {
        self.now = self.now + time;
    }

    fn may_dial(&mut self, job: &(u64, Arc<Target>), addresses: &[&str]) -> bool {
        let addresses: Vec<_> = addresses.iter().map(|address| address.parse().unwrap()).collect();
        self.scan.may_dial(self.now, job.0, &addresses)
    }

    fn lines(&self) -> Vec<&str> {
        self.scan.sink().lines.iter().map(String::as_str).collect()
    }

    fn waits_until(&self) -> Option<Time> {
        match self.supply {
            Some(Supply::Wait(until)) => Some(until),
            _ => None,
        }
    }

    fn has_ended(&self) -> bool {
        matches!(self.supply, Some(Supply::End))
    }
}

const SECOND: Duration = Duration::from_secs(1);

fn limits() -> Limits {
    Limits { in_flight: 10, per_host: 0, ..Limits::default() }
}

#[test]
fn a_crowded_host_keeps_nobody_from_theirs() {
    let text = format!("{}b.test\n", "a.test\n".repeat(100));
    let mut hand = Hand::new(&text, Limits { per_host: 4, ..limits() });
    let (jobs, hosts) = hand.hosts();
    assert_eq!(hosts, "a.test a.test a.test a.test b.test");
    let standing = hand.scan.standing();
    assert_eq!((standing.under_way, standing.parked, standing.seq), (5, 96, 101));
    assert!(standing.over, "the list was read to its end");
    // Who waited longest is next, and nobody without a slot.
    hand.end(&jobs[0], End::Answered);
    hand.end(&jobs[4], End::Answered);
    let (next, hosts) = hand.hosts();
    assert_eq!(hosts, "a.test");
    hand.end(&next[0], End::Answered);
    assert_eq!(hand.lines(), ["1×1 200", "101×1 200", "5×1 200"]);
}

#[test]
fn what_is_parked_is_bounded() {
    let mut hand = Hand::new(&"a.test\n".repeat(20_000), Limits { per_host: 2, ..limits() });
    let mut begun = 0;
    let mut jobs = hand.begin();
    while let Some(job) = jobs.pop() {
        begun += 1;
        let standing = hand.scan.standing();
        assert!(standing.parked <= 4 * 10 + 1024, "{standing:?}");
        assert!(standing.under_way <= 2);
        hand.end(&job, End::Answered);
        jobs.extend(hand.begin());
    }
    assert!(hand.has_ended());
    assert_eq!((begun, hand.lines().len()), (20_000, 20_000));
}

#[test]
fn it_ends_when_every_entry_has_its_record() {
    let mut hand = Hand::new("# none\n", limits());
    assert!(hand.begin().is_empty() && hand.has_ended());
    let mut hand = Hand::new("a.test\nhttp://a b/\n", limits());
    let jobs = hand.begin();
    assert!(!hand.has_ended());
    hand.end(&jobs[0], End::Refused);
    assert!(hand.begin().is_empty() && hand.has_ended());
    let want =
        ["2 http://a b/: octet 8: expected no space in the host, found ` `", "1×1 connect.refused"];
    assert_eq!(hand.lines(), want);
    assert!(hand.scan.wind_up(hand.now).is_empty());
}

#[test]
fn what_may_pass_is_tried_again_later_each_time() {
    let mut hand = Hand::new("a.test\nb.test\n", Limits { retries: 2, ..limits() });
    let mut jobs = hand.begin();
    hand.end(&jobs.pop().unwrap(), End::Refused);
    for (half, whole) in [(500, 1000), (1000, 2000)] {
        hand.end(&jobs.pop().unwrap(), End::Silent);
        assert!(hand.begin().is_empty());
        assert_eq!(hand.scan.standing().waiting, 1);
        // The sink may want to be called before.
        let begun = hand.now;
        while jobs.is_empty() {
            let until = hand.waits_until().unwrap();
            assert!(until > hand.now);
            hand.now = until;
            jobs = hand.begin();
        }
        let waited = hand.now.since(begun).as_millis();
        assert!((half..=whole).contains(&waited), "{waited} ms");
    }
    assert_eq!(hand.lines(), ["2×1 connect.refused"]);
    hand.end(&jobs.pop().unwrap(), End::Silent);
    assert_eq!(hand.lines(), ["2×1 connect.refused", "1×3 request.silent"]);
    assert_eq!((hand.scan.tally().begun(), hand.scan.tally().retries()), (4, 2));
}

#[test]
fn a_want_of_this_machines_is_not_the_targets() {
    let mut hand = Hand::new("a.test\n", limits());
    for _ in 0..4 {
        let jobs = hand.begin();
        hand.end(&jobs[0], End::Lacking);
        assert!(hand.lines().is_empty());
        assert!(hand.begin().is_empty(), "not at once");
        hand.pass(SECOND * 5);
    }
    let jobs = hand.begin();
    hand.end(&jobs[0], End::Answered);
    assert_eq!(hand.lines(), ["1×1 200"]);
    let tally = hand.scan.tally();
    assert_eq!((tally.local_faults(), tally.local_fault(Code::LocalDescriptors)), (4, 4));
    assert_eq!(tally.code(Code::LocalDescriptors), 0);
}

#[test]
fn a_want_that_stays_is_reported_in_the_end() {
    let mut hand = Hand::new("a.test\n", Limits { retries: 3, ..limits() });
    for _ in 0..10 {
        let jobs = hand.begin();
        hand.end(&jobs[0], End::Lacking);
        hand.pass(SECOND * 5);
    }
    assert!(hand.lines().is_empty());
    let jobs = hand.begin();
    hand.end(&jobs[0], End::Lacking);
    assert_eq!(hand.lines(), ["1×1 local.descriptors"]);
    // With something seen before, that is what is reported.
    let mut hand = Hand::new("a.test\n", Limits { retries: 3, ..limits() });
    let jobs = hand.begin();
    hand.end(&jobs[0], End::Silent);
    for _ in 0..11 {
        hand.pass(SECOND * 5);
        let jobs = hand.begin();
        hand.end(&jobs[0], End::Lacking);
    }
    assert_eq!(hand.lines(), ["1×1 request.silent"]);
}

#[test]
fn fewer_are_under_way_while_this_machine_lacks_something() {
    let mut hand = Hand::new(&"a.test\n".repeat(500), limits());
    let jobs = hand.begin();
    assert_eq!(jobs.len(), 10);
    // One want that three meet.
    jobs[..3].iter().for_each(|job| hand.end(job, End::Lacking));
    assert_eq!(hand.scan.standing().window, 5);
    assert!(hand.begin().is_empty(), "seven are under way");
    jobs[3..].iter().for_each(|job| hand.end(job, End::Answered));
    assert_eq!(hand.scan.standing().window, 6, "five went well");
    for _ in 0..10 {
        let jobs = hand.begin();
        jobs.iter().for_each(|job| hand.end(job, End::Answered));
    }
    assert_eq!(hand.scan.standing().window, 10);
}

#[test]
fn hops_are_reported_together_and_a_chain_is_tried_again_from_its_begin() {
    let mut hand = Hand::new("a.test\nb.test\n", Limits { retries: 1, ..limits() });
    let jobs = hand.begin();
    hand.end(&jobs[0], End::Redirected);
    hand.end(&jobs[1], End::Redirected);
    hand.end(&jobs[1], End::Redirected);
    assert!(hand.lines().is_empty());
    hand.end(&jobs[1], End::Answered);
    assert_eq!(hand.lines(), ["2×1 302+", "2×1 302+", "2×1 200"]);
    hand.end(&jobs[0], End::Silent);
    hand.pass(SECOND);
    let jobs = hand.begin();
    hand.end(&jobs[0], End::Redirected);
    hand.end(&jobs[0], End::Refused);
    assert_eq!(hand.lines()[3..], ["1×2 302+", "1×2 connect.refused"]);
}

#[test]
fn after_an_interrupt_what_was_seen_is_reported_and_the_rest_is_named() {
    let text = "a.test\nb.test\nc.test\nd.test\ne.test\ne.test\nf.test\n".to_owned();
    let text = text + &"g.test\n".repeat(3000);
    let limits = Limits { in_flight: 5, per_host: 1, retries: 1, ..limits() };
    let mut hand = Hand::new(&text, limits);
    let jobs = hand.begin();
    assert_eq!(jobs.len(), 5);
    hand.end(&jobs[0], End::Silent);
    hand.pass(SECOND);
    // The first is tried again; the third waits for that, the second since something was lacking.
    let again = hand.begin();
    assert_eq!(again[0].1.authority(), "a.test");
    hand.end(&jobs[2], End::Silent);
    hand.end(&jobs[1], End::Lacking);
    jobs[3..].iter().chain(&again).for_each(|job| hand.end(job, End::Interrupted));
    let left = hand.scan.wind_up(hand.now);
    let mut lines: Vec<&str> = hand.lines();
    lines.sort_unstable();
    let want = [
        "1×1 request.silent",
        "3×1 request.silent",
        "4×1 local.interrupted",
        "5×1 local.interrupted",
    ];
    assert_eq!(lines, want);
    assert!(left.unprobed.contains(2) && left.unread, "{left:?}");
    let standing = hand.scan.standing();
    assert_eq!(left.unprobed.count() + 4, standing.seq);
    assert_eq!((standing.under_way, standing.parked, standing.waiting), (0, 0, 0));
}

#[test]
fn neighbours_share_the_limit_of_their_prefix() {
    let text = "192.0.2.1\n192.0.2.2\n192.0.2.3\n198.51.100.1\n[2001:db8:1::1]\n[2001:db8:1:2::]\n[2001:db8:2::]\n";
    let mut hand = Hand::new(text, Limits { per_prefix: 1, ..limits() });
    let (jobs, hosts) = hand.hosts();
    assert_eq!(hosts, "192.0.2.1 198.51.100.1 [2001:db8:1::1] [2001:db8:2::]");
    hand.end(&jobs[0], End::Answered);
    hand.end(&jobs[2], End::Answered);
    assert_eq!(hand.hosts().1, "192.0.2.2 [2001:db8:1:2::]");
}

#[test]
fn a_name_waits_for_its_prefix_when_its_addresses_are_known() {
    let mut hand =
        Hand::new("a.test\nb.test\nc.test\nd.test\n", Limits { per_prefix: 1, ..limits() });
    let (jobs, hosts) = hand.hosts();
    assert_eq!(hosts, "a.test b.test c.test d.test");
    assert!(hand.may_dial(&jobs[0], &["192.0.2.1"]));
    assert!(!hand.may_dial(&jobs[1], &["192.0.2.2"]));
    assert!(!hand.may_dial(&jobs[2], &["198.51.100.7", "192.0.2.3"]), "any may be dialled");
    assert!(hand.may_dial(&jobs[3], &["203.0.113.1"]), "another prefix");
    // A second answer stops nothing.
    assert!(hand.may_dial(&jobs[0], &["2001:db8::1", "203.0.113.1"]));
    let standing = hand.scan.standing();
    assert_eq!((standing.under_way, standing.parked), (2, 2));
    assert!(hand.begin().is_empty());

    hand.end(&jobs[0], End::Answered);
    let (next, hosts) = hand.hosts();
    assert_eq!(hosts, "b.test");
    assert!(hand.may_dial(&next[0], &["192.0.2.2"]), "it holds the slot already");
    hand.end(&next[0], End::Answered);
    let (next, hosts) = hand.hosts();
    assert_eq!(hosts, "c.test");
    assert!(hand.may_dial(&next[0], &["198.51.100.7", "192.0.2.3"]), "it holds both");
    hand.end(&next[0], End::Answered);
    hand.end(&jobs[3], End::Answered);
    assert!(hand.begin().is_empty() && hand.has_ended());
    assert_eq!(hand.scan.tally().bounced(), 2);
    assert_eq!(hand.lines(), ["1×1 200", "2×1 200", "3×1 200", "4×1 200"]);
}

#[test]
fn a_name_goes_beyond_no_limit_however_often_it_was_taken_back() {
    let limits = Limits { in_flight: 50, per_prefix: 1, ..limits() };
    let mut hand = Hand::new(&(0..=40).map(|n| format!("n{n}.test\n")).collect::<String>(), limits);
    let mut jobs = hand.begin();
    let mut name = jobs.remove(0);
    // Whenever it asks it is answered otherwise, and another is there already.
    for (turn, other) in jobs.iter().enumerate() {
        let address = ["192.0.2.1", "198.51.100.1"][turn % 2];
        assert!(hand.may_dial(other, &[address]), "{turn}: what it held was given back");
        assert!(!hand.may_dial(&name, &[address]), "{turn}");
        assert!(hand.begin().is_empty());
        hand.end(other, End::Answered);
        name = hand.begin().pop().unwrap();
    }
    assert!(hand.may_dial(&name, &["198.51.100.1"]));
    hand.end(&name, End::Answered);
    assert_eq!(hand.scan.tally().bounced(), 40);
    assert!(hand.begin().is_empty() && hand.has_ended());
}

#[test]
fn probes_begin_evenly() {
    let mut hand =
        Hand::new(&"a.test\n".repeat(50), Limits { rate: Some(4.0), in_flight: 50, ..limits() });
    let mut begun = Vec::new();
    while begun.len() < 8 {
        begun.extend(hand.begin().iter().map(|_| hand.now.as_nanos() / 1_000_000));
        hand.now = hand.waits_until().unwrap();
    }
    assert_eq!(begun, [0, 250, 500, 750, 1000, 1250, 1500, 1750]);
    // What a stall missed is not made up for.
    hand.pass(SECOND * 60);
    assert_eq!(hand.begin().len(), 1);
}

#[test]
fn a_full_sink_stops_what_begins_and_not_what_comes() {
    let mut hand = Hand::new("a.test\nb.test\nhttp://a b/\n", Limits { in_flight: 1, ..limits() });
    let jobs = hand.begin();
    hand.scan.sink_mut().full = true;
    hand.end(&jobs[0], End::Answered);
    assert!(hand.begin().is_empty());
    assert_eq!(hand.lines(), ["1×1 200"]);
    hand.scan.sink_mut().full = false;
    assert_eq!(hand.hosts().1, "b.test");
}

#[test]
fn the_sink_is_called_when_it_wants_to_be() {
    let mut hand = Hand::new("a.test\n", limits());
    for ms in [0, 10, 999, 1000, 1500, 2000, 5000] {
        hand.now = Time::from_millis(ms);
        hand.begin();
    }
    assert_eq!(hand.scan.sink().called, [0, 1000, 2000, 5000]);
    assert_eq!(hand.waits_until(), Some(Time::from_millis(6000)));
}

#[test]
fn an_input_that_breaks_ends_the_list_but_not_what_is_under_way() {
    struct Broken(u8);
    impl Feed for Broken {
        fn pull(&mut self) -> Pull {
            self.0 += 1;
            match self.0 {
                1 => Pull::Octets(b"a.test\nb.te".to_vec()),
                2 => Pull::Later,
                _ => Pull::Failed(io::ErrorKind::TimedOut.into()),
            }
        }
    }
    let mut hand = Hand::of(Broken(0), limits());
    let (jobs, hosts) = hand.hosts();
    assert_eq!(hosts, "a.test");
    assert_eq!(hand.waits_until(), Some(Time::START + SECOND), "until the sink is due");
    assert!(hand.begin().is_empty());
    assert_eq!(hand.lines(), ["feed 0: timed out"]);
    hand.end(&jobs[0], End::Answered);
    assert!(hand.begin().is_empty() && hand.has_ended());
    let left = hand.scan.wind_up(hand.now);
    assert!(left.unread && left.unprobed.is_empty());
}

#[test]
fn the_tally_adds_up() {
    let text = "http://a b/\na.test\nb.test\nc.test\nd.test\ne.test\n";
    let mut hand = Hand::new(text, limits());
    let jobs = hand.begin();
    let ends = [End::Answered, End::Answered, End::Refused, End::Silent, End::Interrupted];
    jobs.iter().zip(ends).for_each(|(job, end)| hand.end(job, end));
    let tally = hand.scan.tally();
    assert_eq!(
        (tally.entries(), tally.answered(), tally.failed(), tally.malformed()),
        (6, 2, 3, 1)
    );
    let codes: Vec<String> = tally.codes().map(|(code, count)| format!("{code} {count}")).collect();
    assert_eq!(
        codes,
        ["target.malformed 1", "connect.refused 1", "request.silent 1", "local.interrupted 1"]
    );
    assert_eq!(tally.classes().collect::<Vec<_>>(), [(2, 2)]);
    assert_eq!((tally.sent(), tally.lost(), tally.local_faults()), (2, 0, 0));
    // The answered ones: connected after 12 ms, the response 28 ms later, at once whole.
    let spans = Span::ALL.map(|span| {
        let spread = tally.spread(span);
        (span.as_str(), spread.count(), spread.quantile(0.5).as_micros())
    });
    assert_eq!(
        spans,
        [
            ("resolve", 3, 0),
            ("connect", 2, 12_007),
            ("tls", 0, 0),
            ("wait", 2, 28_015),
            ("receive", 2, 0),
            ("total", 3, 40_031),
        ]
    );
}
