//! A service's target: another name, whose addresses are sought.

use std::net::IpAddr;
use std::sync::Arc;

use crate::action::{Families, Query};
use crate::answer::{Answer, Family, From};
use crate::lookup::{Lookup, Want};
use crate::name::Name;

/// A target with what came of the questions for its addresses.
#[derive(Debug)]
pub(crate) struct Target {
    pub(crate) name: Name,
    pub(crate) port: u16,
    /// `None` before it is known whether servers have to be asked, and where they have not.
    pub(crate) lookup: Option<Lookup>,
    pub(crate) answers: Vec<Arc<Answer>>,
    /// Families whose answers are to come.
    pub(crate) awaited: usize,
}

impl Target {
    pub(crate) fn new(name: Name, port: u16, families: Families) -> Target {
        let awaited = if families == Families::Both { 2 } else { 1 };
        Target { name, port, lookup: None, answers: vec![], awaited }
    }

    /// Looks it up for who asked `query`, or takes the addresses for which nobody has to be asked.
    pub(crate) fn seek(&mut self, query: &Query, known: Option<(Vec<IpAddr>, From)>) -> Vec<Want> {
        let mut wants = vec![];
        let (name, families) = (self.name.text(), query.families);
        if let Some((addresses, from)) = known {
            for family in Family::ALL.into_iter().filter(|it| families.has(*it)) {
                let answer = Answer::given(&name, family, &addresses, from);
                wants.push(Want::Deliver(Arc::new(answer)));
            }
        } else {
            let mut lookup = Lookup::new();
            lookup.renew(&name, families, 0, None).push(self.name.clone());
            lookup.begin(&mut wants);
            self.lookup = Some(lookup);
        }
        wants
    }

    /// Keeps what is delivered here, passes the rest on; whether anything was.
    pub(crate) fn take(&mut self, inner: Vec<Want>, wants: &mut Vec<Want>) -> bool {
        let before = self.answers.len();
        for want in inner {
            match want {
                Want::Deliver(answer) => self.answers.push(answer),
                other => wants.push(other),
            }
        }
        let news = self.answers.len() - before;
        self.awaited = self.awaited.saturating_sub(news);
        news > 0
    }
}
