//! A server that changes as time passes, and whoever waits for it.

use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use fourstep_probe::{Deadlines, Plan, Report};
use fourstep_simnet::{Act, Conduct, Host, Net, Said, Supply, Work};
use fourstep_target::Target;
use fourstep_terms::{FaultKind, Time};
use fourstep_verdict::{RetryFrom, Verdict};
use fourstep_wait::{Next, Patience, Reason, Sight, Then, Wait};

/// What a server does for a while.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Does {
    /// Answers this status, with these fields.
    Answers(u16, String),
    /// Answers 503, with a Retry-After that is the date of this moment, and a Date of its own
    /// clock, which is so many seconds ahead of ours.
    AsksDate(Time, i64),
    Refuses,
    Resets,
    Drops,
    /// Takes the request and says nothing.
    Stalls,
    /// This machine has no port left.
    NoPorts,
    /// Its name does not exist.
    HasNoName,
}

/// What it does from which moment on; the first from the begin.
pub(crate) type Story = Vec<(Time, Does)>;

pub(crate) fn at_s(second: u64) -> Time {
    Time::from_millis(second * 1_000)
}

pub(crate) fn s(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

pub(crate) fn answers(status: u16, fields: &str) -> Does {
    Does::Answers(status, fields.to_owned())
}

/// What it does at a moment.
pub(crate) fn does(story: &Story, now: Time) -> &Does {
    let begun = story.iter().take_while(|(from, _)| *from <= now);
    &begun.last().unwrap_or(&story[0]).1
}

/// Sun, 22 Nov 2026 06:00:00 GMT: the begin of every run.
pub(crate) fn wall(now: Time) -> SystemTime {
    UNIX_EPOCH + s(1_795_327_200) + now.since(Time::START)
}

/// An IMF-fixdate (RFC 9110 §5.6.7) of a moment of the run's first day.
fn date(now: Time, ahead_s: i64) -> String {
    let second = now.as_nanos() / 1_000_000_000;
    let second = 21_600 + i64::try_from(second).unwrap() + ahead_s;
    let (h, m, s) = (second / 3600, second / 60 % 60, second % 60);
    format!("Sun, 22 Nov 2026 {h:02}:{m:02}:{s:02} GMT")
}

pub(crate) fn host(does: &Does, now: Time) -> Host {
    let answer = |status: u16, fields: &str| {
        let head = format!("HTTP/1.1 {status:03} x\r\nContent-Length: 0\r\n{fields}\r\n");
        Host::that(vec![Act::Say(head.into_bytes())])
    };
    match does {
        Does::Answers(status, fields) => answer(*status, fields),
        Does::AsksDate(back, ahead_s) => {
            let (date, back) = (date(now, *ahead_s), date(*back, *ahead_s));
            answer(503, &format!("Date: {date}\r\nRetry-After: {back}\r\n"))
        }
        Does::Refuses => Host::new(Conduct::Fails(FaultKind::Refused)),
        Does::Resets => Host::that(vec![Act::Reset]),
        Does::Stalls => Host::that(vec![]),
        Does::NoPorts => Host::new(Conduct::Fails(FaultKind::Ports)),
        Does::Drops | Does::HasNoName => Host::new(Conduct::Drops),
    }
}

/// A network with a server that behaves so, at `a.test`.
pub(crate) fn net(seed: u64, story: &Story) -> Net {
    let mut net = Net::new(seed);
    let host_story = story.clone();
    net.host_by("192.0.2.1:80".parse().unwrap(), move |now| host(does(&host_story, now), now));
    let name_story = story.clone();
    net.name_by("a.test", move |now| match does(&name_story, now) {
        Does::HasNoName => Said::Rcode(3),
        _ => Said::Addresses(vec!["192.0.2.1".parse().unwrap()]),
    });
    net
}

/// One look: when it began, when it was over, what it showed and what became of that.
#[derive(Clone, Debug)]
pub(crate) struct Look {
    pub(crate) began: Time,
    pub(crate) ended: Time,
    pub(crate) sight: Sight,
    /// What the server asked for.
    pub(crate) asked: Option<Duration>,
    pub(crate) then: Then,
}

/// A wait, and all that it did.
pub(crate) struct Waited {
    wait: Wait,
    target: Arc<Target>,
    plan: Plan,
    began: Time,
    pub(crate) looks: Vec<Look>,
    /// How it ended, and when.
    pub(crate) end: Option<(Time, Result<(), Reason>)>,
}

impl Work for Waited {
    fn next(&mut self, now: Time) -> Supply {
        match self.wait.next(now) {
            Next::Look { target, within } => {
                self.began = now;
                let mut plan = self.plan.clone();
                plan.deadlines.total = plan.deadlines.total.min(within);
                Supply::Job(target, Arc::clone(&self.target), Arc::new(plan))
            }
            Next::Rest(until) => Supply::Wait(until),
            Next::Over => Supply::End,
        }
    }

    fn done(&mut self, now: Time, target: usize, report: Box<Report>) {
        let verdict = Verdict::of(&report, wall(now));
        let then = self.wait.saw(now, target, &verdict).then;
        let asked = verdict.retry_after_s.filter(|_| verdict.retry_from == Some(RetryFrom::Server));
        self.looks.push(Look {
            began: self.began,
            ended: now,
            sight: Sight::of(&verdict),
            asked: asked.map(s),
            then,
        });
        match then {
            Then::Reached => self.end = Some((now, Ok(()))),
            Then::GaveUp(reason) => self.end = Some((now, Err(reason))),
            Then::Again { .. } => {}
        }
    }
}

/// Waits for the server of this story, with probes that take 10 s at most.
pub(crate) fn waited(seed: u64, story: &Story, patience: Patience) -> Waited {
    let deadlines = Deadlines { total: s(10), ..Deadlines::default() };
    let mut waited = Waited {
        wait: Wait::new(Time::START, 1, patience, seed),
        target: Arc::new("http://a.test/".parse().unwrap()),
        plan: Plan { deadlines, ..Plan::default() },
        began: Time::START,
        looks: vec![],
        end: None,
    };
    net(seed, story).work(&mut waited).unwrap_or_else(|breach| panic!("{breach}"));
    waited
}
