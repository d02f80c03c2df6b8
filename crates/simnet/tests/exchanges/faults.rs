//! Every exchange, with its n-th action failing: for every n, in every way.

use fourstep_probe::Action;
use fourstep_resolve::{Families, Family};
use fourstep_simnet::{News, Stage};
use fourstep_terms::{Code, Fault, FaultKind, Time};

use crate::case::{Case, Dated};

/// How an action fails.
#[derive(Clone, Copy, Debug)]
enum Fails {
    /// A dial or a send meets a fault.
    Leg(FaultKind),
    /// A question gets this for an answer, for each family.
    Question(Code),
}

const QUESTIONS: [Code; 10] = [
    Code::ResolveNoSuchName,
    Code::ResolveNoAddress,
    Code::ResolveServerFailure,
    Code::ResolveRefused,
    Code::ResolveSilent,
    Code::ResolveUnreachable,
    Code::ResolveMalformed,
    Code::LocalDescriptors,
    Code::LocalPorts,
    Code::LocalMemory,
];

/// One exchange, in which the n-th action fails.
struct Sabotage<'a> {
    case: &'a Case,
    stage: Stage,
    /// Actions until the one that fails.
    left: usize,
    fails: Fails,
    /// Whether it did.
    done: bool,
    /// Whether it was the question.
    of_question: bool,
}

impl Sabotage<'_> {
    fn feed(&mut self, now: Time, news: &News) {
        let list = match self.stage.tell(now, news) {
            Ok(true) => self.stage.asked().to_vec(),
            Ok(false) => return, // what failed took the peer's words
            Err(breach) => panic!("{}, {:?}: {breach}", self.case.name, self.fails),
        };
        // A failing action is news, fed after the list is done.
        let failed: Vec<News> = list.iter().flat_map(|action| self.fail(action)).collect();
        for news in failed {
            self.feed(now, &news);
        }
    }

    fn fail(&mut self, action: &Action) -> Vec<News> {
        if self.done || matches!(action, Action::HangUp(_)) {
            return vec![];
        }
        if self.left > 0 {
            self.left -= 1;
            return vec![];
        }
        self.done = true;
        match (action, self.fails) {
            (Action::Dial(leg, _) | Action::Send(leg, _), Fails::Leg(kind)) => {
                vec![News::Failed(*leg, Fault::of(kind))]
            }
            (Action::Ask(query), Fails::Question(code)) => {
                self.of_question = true;
                let families: &[Family] = match query.families {
                    Families::V4 => &[Family::V4],
                    Families::V6 => &[Family::V6],
                    Families::Both => &Family::ALL,
                };
                let services = News::no_services(code).filter(|_| query.https);
                let answers = families.iter().filter_map(|family| News::no_answer(*family, code));
                answers.chain(services).collect()
            }
            // The other kind of failing has this one.
            _ => {
                self.done = false;
                self.left = usize::MAX;
                vec![]
            }
        }
    }

    /// Plays the rest of the case's news, as far as it can still happen, then silence.
    fn play(&mut self) {
        for (now, news) in &self.case.news {
            self.pass(*now);
            let happens = match news {
                News::Answered(..) | News::Served(_) => !self.of_question,
                News::Sent(leg, _)
                | News::Received(leg, ..)
                | News::Spoken(leg, ..)
                | News::Closed(leg) => self.stage.holds(*leg) && self.stage.has_sent(),
                News::Connected(leg, _) | News::Failed(leg, _) => self.stage.holds(*leg),
                News::Start | News::Tick | News::Interrupt => true,
            };
            if happens && !self.stage.is_done() {
                self.feed(*now, news);
            }
        }
        self.pass(Time::NEVER);
    }

    /// As `Stage::pass`, but what a tick brings can fail too.
    fn pass(&mut self, until: Time) {
        while let Some(wake) = self.stage.wake().filter(|wake| *wake < until) {
            self.feed(wake.max(self.stage.now()), &News::Tick);
        }
    }
}

#[test]
fn whatever_fails_the_probe_ends_in_time_with_one_sound_report() {
    let mut runs = 0;
    for case in Case::all() {
        let legs = FaultKind::ALL.into_iter().map(Fails::Leg);
        for fails in legs.chain(QUESTIONS.into_iter().map(Fails::Question)) {
            for left in 0.. {
                let stage = case.stage();
                let mut sabotage =
                    Sabotage { case: &case, stage, left, fails, done: false, of_question: false };
                sabotage.play();
                let Sabotage { stage, done, left, .. } = sabotage;
                let lines = stage.lines().to_owned();
                if let Err(breach) = stage.finish() {
                    panic!("{}, {fails:?}: {breach}\n{lines}", case.name);
                }
                runs += usize::from(done);
                if !done && left < usize::MAX / 2 {
                    break; // there are no more actions
                }
            }
        }
    }
    assert!(runs > 1000, "{runs} runs");
}

/// The code that the failing of the only action of a kind must have.
#[test]
fn a_fault_has_the_code_of_the_step_it_hits() {
    let case = |name: &str| {
        let mut all = Case::all().into_iter();
        all.find(|case| case.name.starts_with(name)).unwrap()
    };
    let rows = [
        // file, the action that fails, how → code
        ("until-close.txt", 0, FaultKind::Refused, "connect.refused"),
        ("until-close.txt", 0, FaultKind::Reset, "connect.reset"),
        ("until-close.txt", 0, FaultKind::TimedOut, "connect.silent"),
        ("until-close.txt", 0, FaultKind::Unreachable, "connect.unreachable"),
        ("until-close.txt", 0, FaultKind::Denied, "connect.denied"),
        ("until-close.txt", 0, FaultKind::Descriptors, "local.descriptors step=connect"),
        ("until-close.txt", 1, FaultKind::Reset, "request.reset"),
        ("until-close.txt", 1, FaultKind::TimedOut, "request.silent"),
        ("until-close.txt", 1, FaultKind::Memory, "local.memory step=request"),
        // The network says so of a connection that stands: it is gone.
        ("until-close.txt", 1, FaultKind::Unreachable, "request.reset"),
    ];
    for (name, left, kind, want) in rows {
        let case = case(name);
        let fails = Fails::Leg(kind);
        let stage = case.stage();
        let mut sabotage =
            Sabotage { case: &case, stage, left, fails, done: false, of_question: false };
        sabotage.play();
        let end = crate::case::end(&sabotage.stage);
        assert!(end.ends_with(&format!("= {want}")), "{name} {left} {kind}: {end}");
    }
}

/// Late news: whatever comes after the end, nothing happens.
#[test]
fn after_the_end_nothing_happens() {
    for case in Case::all() {
        let mut stage = case.play(&case.news);
        let later = Time::from_millis(1_000_000);
        let legs = 0..=u8::MAX;
        let of_legs = legs.map(fourstep_terms::Leg).flat_map(|leg| {
            [
                News::Connected(leg, None),
                News::Sent(leg, 0),
                News::Received(leg, b"HTTP/1.1 200 OK\r\n\r\n".to_vec(), None),
                News::Closed(leg),
                News::Failed(leg, Fault::of(FaultKind::Reset)),
            ]
        });
        let own: Vec<News> = case.news.iter().map(|(_, news): &Dated| news.clone()).collect();
        for news in own.into_iter().chain(of_legs).chain([News::Tick, News::Interrupt]) {
            // The stage sees to it that nothing comes of it.
            case.ok(stage.tell(later, &news));
        }
        let report = case.ok(stage.finish());
        assert_eq!(report.timeline, case.report.timeline, "{}", case.name);
        assert_eq!(report.failure, case.report.failure, "{}", case.name);
    }
}
