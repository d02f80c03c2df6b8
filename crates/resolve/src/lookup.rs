//! One asker's name: its candidates, its aliases, both families.
//!
//! ```text
//!     candidate ──▶ A ────▶ alias ──▶ alias ──▶ addresses │ no │ error
//!        ▲     └──▶ AAAA ─▶ …                              │
//!        └──────── both say no: the next of the search list┘
//! ```
//!
//! A candidate on which one family has addresses, or fails, is the one: the search ends, so
//! that both families speak of the same host (RFC 1535 tells what comes of guessing on).
//! NXDOMAIN is about the name, so it answers for the other family too (RFC 8020 §2). When all
//! candidates said no, the error is `NoAddress` with the first name that exists, else
//! `NoSuchName` with the name as it was typed.

use std::net::IpAddr;
use std::sync::Arc;

use crate::action::Families;
use crate::answer::{Answer, Family, From};
use crate::error::{Defect, ResolveError};
use crate::exchange::{Seen, Settled};
use crate::finding::{ALIASES, Finding, What};
use crate::message::Question;
use crate::name::Name;

/// One asker's name under way.
#[derive(Debug)]
pub(crate) struct Lookup {
    typed: Box<str>,
    candidates: Vec<Name>,
    /// The place of the candidate that is asked for.
    at: usize,
    /// This candidate is the one.
    is_decided: bool,
    halves: Vec<Half>,
    /// Where the rotation of servers starts.
    pub(crate) first: usize,
}

/// One family of it.
#[derive(Debug)]
struct Half {
    family: Family,
    state: State,
    /// The first candidate that exists without an address of this family.
    exists: Option<Box<str>>,
    /// From the candidate to here.
    chain: Vec<Name>,
    ttl_s: Option<u32>,
    /// Whether every finding on the way was in the cache.
    is_cached: bool,
    /// Over all candidates.
    seen: Seen,
}

#[derive(Debug, PartialEq, Eq)]
enum State {
    /// A question is under way.
    Asking(Question),
    /// This candidate has no address, or is not there at all; nothing is said before the other
    /// family's answer is known, if there are more candidates.
    No { is_there: bool },
    /// Answered.
    Over,
}

/// What a lookup wants done.
#[derive(Debug)]
pub(crate) enum Want {
    /// Ask this, and tell the family's half what came.
    Ask(Question),
    /// The question does not matter any more.
    Drop(Question),
    /// Hand this to the asker.
    Deliver(Arc<Answer>),
}

impl Lookup {
    pub(crate) fn new(
        typed: &str,
        candidates: Vec<Name>,
        families: Families,
        first: usize,
    ) -> Lookup {
        let halves = Family::ALL.into_iter().filter(|family| families.has(*family));
        let halves = halves.map(|family| Half {
            family,
            state: State::Over,
            exists: None,
            chain: vec![],
            ttl_s: None,
            is_cached: true,
            seen: Seen::default(),
        });
        Lookup {
            typed: typed.strip_suffix('.').unwrap_or(typed).into(),
            candidates,
            at: 0,
            is_decided: false,
            halves: halves.collect(),
            first,
        }
    }

    /// Asks for the first candidate.
    pub(crate) fn begin(&mut self, wants: &mut Vec<Want>) {
        self.ask(wants);
    }

    /// The questions it waits for.
    pub(crate) fn questions(&self) -> impl Iterator<Item = &Question> {
        self.halves.iter().filter_map(|half| match &half.state {
            State::Asking(question) => Some(question),
            State::No { .. } | State::Over => None,
        })
    }

    /// Everything was answered.
    pub(crate) fn is_over(&self) -> bool {
        self.halves.iter().all(|half| half.state == State::Over)
    }

    /// A question it waits for was settled; `cached`: earlier.
    pub(crate) fn settled(
        &mut self,
        question: &Question,
        settled: &Settled,
        cached: bool,
        wants: &mut Vec<Want>,
    ) {
        let asking = State::Asking(question.clone());
        let Some(at) = self.halves.iter().position(|half| half.state == asking) else { return };
        let Some(candidate) = self.candidates.get(self.at).cloned() else { return };
        let Some(half) = self.halves.get_mut(at) else { return };
        half.take(&settled.seen, cached);
        match &settled.result {
            Err(error) => {
                self.is_decided = true;
                half.deliver(Err(error.clone()), candidate.text(), wants);
            }
            Ok(finding) => match half.follow(&candidate, finding) {
                Err(defect) => {
                    self.is_decided = true;
                    let error = ResolveError::Malformed { server: None, defect };
                    half.deliver(Err(error), candidate.text(), wants);
                }
                Ok(()) => match &finding.what {
                    What::Addresses(addresses) => {
                        self.is_decided = true;
                        half.deliver(Ok(addresses.clone()), candidate.text(), wants);
                    }
                    What::Elsewhere => {
                        let name = half.chain.last().cloned().unwrap_or(candidate);
                        let question = Question { name, family: half.family };
                        half.state = State::Asking(question.clone());
                        wants.push(Want::Ask(question));
                        return;
                    }
                    What::NoData => {
                        half.exists.get_or_insert_with(|| candidate.text());
                        half.state = State::No { is_there: true };
                    }
                    What::NoSuchName => {
                        half.state = State::No { is_there: false };
                        self.deny_others(wants);
                    }
                },
            },
        }
        let all_said_no = self.halves.iter().all(|half| matches!(half.state, State::No { .. }));
        // With one candidate there is nothing to wait for.
        if self.is_decided || self.candidates.len() == 1 {
            self.conclude(wants);
        } else if all_said_no && self.at + 1 < self.candidates.len() {
            self.at += 1;
            self.ask(wants);
        } else if all_said_no {
            self.exhaust(wants);
        }
    }

    /// Asks every half for the current candidate; without one, no name can be meant.
    fn ask(&mut self, wants: &mut Vec<Want>) {
        let Some(name) = self.candidates.get(self.at) else {
            for half in &mut self.halves {
                let error = ResolveError::NoSuchName { name: self.typed.clone() };
                half.deliver(Err(error), self.typed.clone(), wants);
            }
            return;
        };
        for half in &mut self.halves {
            let question = Question { name: name.clone(), family: half.family };
            half.chain.clear();
            half.ttl_s = None;
            half.state = State::Asking(question.clone());
            wants.push(Want::Ask(question));
        }
    }

    /// The name is not there: halves that still ask for it need not.
    fn deny_others(&mut self, wants: &mut Vec<Want>) {
        let denied = State::No { is_there: false };
        let Some(denier) = self.halves.iter().find(|half| half.state == denied) else { return };
        let (chain, ttl_s, is_cached) = (denier.chain.clone(), denier.ttl_s, denier.is_cached);
        let Seen { rcode, server, transport, .. } = denier.seen;
        for half in &mut self.halves {
            if let State::Asking(question) = &half.state {
                wants.push(Want::Drop(question.clone()));
                half.state = State::No { is_there: false };
                half.chain.clone_from(&chain);
                half.ttl_s = ttl_s;
                half.is_cached = is_cached;
                half.seen = Seen { rcode, server, transport, ..std::mem::take(&mut half.seen) };
            }
        }
    }

    /// This candidate is the one: halves that have no address for it say so.
    fn conclude(&mut self, wants: &mut Vec<Want>) {
        let Some(name) = self.candidates.get(self.at).map(Name::text) else { return };
        for half in &mut self.halves {
            let error = match half.state {
                State::No { is_there: true } => {
                    ResolveError::NoAddress { name: name.clone(), family: half.family }
                }
                State::No { is_there: false } => ResolveError::NoSuchName { name: name.clone() },
                State::Asking(_) | State::Over => continue,
            };
            half.deliver(Err(error), name.clone(), wants);
        }
    }

    /// No candidate has an address.
    fn exhaust(&mut self, wants: &mut Vec<Want>) {
        for half in &mut self.halves {
            // What the last candidate's answer said is not about the name that is reported.
            half.chain.clear();
            half.ttl_s = None;
            let (error, name) = match half.exists.take() {
                Some(name) => {
                    (ResolveError::NoAddress { name: name.clone(), family: half.family }, name)
                }
                None => (ResolveError::NoSuchName { name: self.typed.clone() }, self.typed.clone()),
            };
            half.deliver(Err(error), name, wants);
        }
    }
}

impl Half {
    /// Adds what was seen on the way.
    fn take(&mut self, seen: &Seen, cached: bool) {
        self.is_cached &= cached;
        self.seen.asked = self.seen.asked.saturating_add(seen.asked);
        self.seen.ignored.add(seen.ignored);
        self.seen.rcode = seen.rcode;
        self.seen.server = seen.server;
        self.seen.transport = seen.transport;
        for error in &seen.extended_errors {
            if !self.seen.extended_errors.contains(error) {
                self.seen.extended_errors.push(error.clone());
            }
        }
        self.seen.oddities.extend(&seen.oddities);
    }

    /// Adds the aliases of a finding to those before, which must not come again.
    fn follow(&mut self, candidate: &Name, finding: &Finding) -> Result<(), Defect> {
        for target in &finding.chain {
            if target == candidate || self.chain.contains(target) {
                return Err(Defect::AliasLoop);
            }
            if self.chain.len() == ALIASES {
                return Err(Defect::TooManyAliases);
            }
            self.chain.push(target.clone());
        }
        self.ttl_s = match finding.what {
            What::Addresses(_) | What::Elsewhere => {
                self.ttl_s.into_iter().chain(finding.ttl_s).min()
            }
            What::NoData | What::NoSuchName => {
                finding.ttl_s.map(|ttl| self.ttl_s.map_or(ttl, |so_far| so_far.min(ttl)))
            }
        };
        Ok(())
    }

    /// Hands out the answer for `name`, with all that was seen on the way to it.
    fn deliver(
        &mut self,
        result: Result<Vec<IpAddr>, ResolveError>,
        name: Box<str>,
        wants: &mut Vec<Want>,
    ) {
        let seen = std::mem::take(&mut self.seen);
        self.state = State::Over;
        wants.push(Want::Deliver(Arc::new(Answer {
            family: self.family,
            result,
            from: if self.is_cached && seen.asked == 0 && seen.rcode.is_some() {
                From::Cache
            } else {
                From::Dns
            },
            name,
            cname: self.chain.iter().map(Name::text).collect(),
            ttl_s: self.ttl_s,
            rcode: seen.rcode,
            server: seen.server,
            transport: seen.transport,
            extended_errors: seen.extended_errors,
            ignored: seen.ignored,
            asked: seen.asked,
            oddities: seen.oddities,
        })));
    }
}
