//! One hop of one file, to be played in other ways than it is written.

use std::sync::Arc;

use fourstep_probe::{Hop, Plan, Probe, Report};
use fourstep_simnet::{News, Script, Stage, Ticks, replay};
use fourstep_terms::Time;

use crate::fixtures::scripts;

/// News, and when.
pub(crate) type Dated = (Time, News);

pub(crate) struct Case {
    pub(crate) name: String,
    pub(crate) plan: Arc<Plan>,
    script: Arc<Script>,
    begin: Begin,
    /// What happened, without ticks: they come when they are asked for.
    pub(crate) news: Vec<Dated>,
    /// The `=` line, as it is written.
    pub(crate) end: String,
    pub(crate) report: Box<Report>,
}

enum Begin {
    Target(Arc<fourstep_target::Target>),
    Hop(Box<Hop>),
}

impl Case {
    pub(crate) fn all() -> Vec<Case> {
        scripts().iter().flat_map(|(_, _, script)| Case::of(script)).collect()
    }

    fn of(script: &Script) -> Vec<Case> {
        let replayed = replay(script, Ticks::AsAsked).unwrap_or_else(|error| panic!("{error}"));
        let mut ends = replayed.text.lines().filter(|line| is_end(line));
        let shared = Arc::new(script.clone());
        let mut before: Option<Box<Hop>> = None;
        let mut cases = Vec::new();
        for (hop, report) in script.hops.iter().zip(replayed.reports) {
            let next = report.next.clone();
            cases.push(Case {
                name: format!("{}:{}", script.name, hop.line),
                plan: Arc::clone(&script.plan),
                script: Arc::clone(&shared),
                begin: match before {
                    None => Begin::Target(Arc::clone(&hop.target)),
                    Some(hop) => Begin::Hop(hop),
                },
                news: hop
                    .news
                    .iter()
                    .filter(|(_, news, _)| !matches!(news, News::Tick))
                    .map(|(now, news, _)| (*now, news.clone()))
                    .collect(),
                end: ends.next().unwrap().to_owned(),
                report,
            });
            before = next;
        }
        cases
    }

    pub(crate) fn stage(&self) -> Stage {
        let plan = Arc::clone(&self.plan);
        let probe = match &self.begin {
            Begin::Target(target) => Probe::new(Arc::clone(target), plan),
            Begin::Hop(hop) => Probe::follow(hop.clone(), plan),
        };
        Stage::new(probe, &self.plan).facing(&self.script).traced()
    }

    /// Plays this news instead of the case's own, until the probe is done.
    pub(crate) fn play(&self, news: &[Dated]) -> Stage {
        let mut stage = self.stage();
        for (now, news) in news {
            self.ok(stage.pass(*now));
            self.ok(stage.tell(*now, news));
        }
        self.ok(stage.pass(Time::NEVER));
        stage
    }

    pub(crate) fn ok<T, E: std::fmt::Display>(&self, result: Result<T, E>) -> T {
        result.unwrap_or_else(|error| panic!("{}: {error}", self.name))
    }
}

pub(crate) fn is_end(line: &str) -> bool {
    line.split(' ').nth(1) == Some("=")
}

/// The last line of a stage: how it ended.
pub(crate) fn end(stage: &Stage) -> &str {
    stage.lines().lines().next_back().filter(|line| is_end(line)).unwrap_or("no end")
}
