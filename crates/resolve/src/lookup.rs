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
//! NXDOMAIN is about the name, so it answers for its services and its other family too
//! (RFC 8020 §2); but some servers say it of every name without AAAA records (RFC 4074 §4.2), so
//! addresses that are on their way are waited for, once, and count. Services speak for a candidate too,
//! whether or not it has addresses. When all candidates said no, the error is `NoAddress` with
//! the first name that exists, else `NoSuchName` with the name as it was typed.

use std::net::IpAddr;
use std::sync::Arc;

use fourstep_terms::Oddity;

use crate::action::Families;
use crate::answer::{Answer, Family, From};
use crate::endpoints::Endpoints;
use crate::error::ResolveError;
use crate::exchange::Settled;
use crate::finding::{Finding, What};
use crate::message::{Question, Wanted};
use crate::name::Name;
use crate::service::ServiceAnswer;
use crate::trail::Trail;

/// Addresses of one family and NXDOMAIN for the other, of one name.
const HALF_DENIED: Oddity = Oddity {
    rule: "nxdomain-for-one-family",
    offset: 0,
    says: "the name is said not to exist for one family, and has addresses of the other",
    reference: "RFC 4074 §4.2",
};

/// One asker's name under way.
#[derive(Debug)]
pub(crate) struct Lookup {
    typed: String,
    candidates: Vec<Name>,
    /// The place of the candidate that is asked for.
    at: usize,
    /// This candidate is the one.
    is_decided: bool,
    halves: Vec<Half>,
    /// Its services, where they are wanted.
    endpoints: Option<Endpoints>,
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
    trail: Trail,
    /// The other family's way to NXDOMAIN, which settles this one too unless its answer comes.
    denial: Option<Trail>,
    has_addresses: bool,
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
    /// Ask for the addresses of a service's target, unless they are known.
    Seek(Name, u16),
    /// Hand this to the asker.
    Deliver(Arc<Answer>),
}

impl Lookup {
    /// A lookup of no name, to be [made one](Lookup::renew).
    pub(crate) fn new() -> Lookup {
        Lookup {
            typed: String::new(),
            candidates: vec![],
            at: 0,
            is_decided: false,
            halves: vec![],
            endpoints: None,
            first: 0,
        }
    }

    /// Another name, in the lists of one that is over. Its candidates are to be filled in.
    pub(crate) fn renew(
        &mut self,
        typed: &str,
        families: Families,
        first: usize,
        endpoints: Option<Endpoints>,
    ) -> &mut Vec<Name> {
        self.typed.clear();
        self.typed.push_str(typed.strip_suffix('.').unwrap_or(typed));
        (self.at, self.is_decided, self.first) = (0, false, first);
        self.endpoints = endpoints;
        self.halves.clear();
        let halves = Family::ALL.into_iter().filter(|family| families.has(*family));
        self.halves.extend(halves.map(|family| Half {
            family,
            state: State::Over,
            exists: None,
            trail: Trail::new(),
            denial: None,
            has_addresses: false,
        }));
        self.candidates.clear();
        &mut self.candidates
    }

    /// Asks for the first candidate.
    pub(crate) fn begin(&mut self, wants: &mut Vec<Want>) {
        self.ask(wants);
    }

    /// The questions it waits for.
    pub(crate) fn questions(&self) -> impl Iterator<Item = &Question> {
        self.addresses_asked().chain(self.endpoints.iter().flat_map(Endpoints::questions))
    }

    /// Those for addresses of its own.
    pub(crate) fn addresses_asked(&self) -> impl Iterator<Item = &Question> {
        self.halves.iter().filter_map(|half| match &half.state {
            State::Asking(question) => Some(question),
            State::No { .. } | State::Over => None,
        })
    }

    /// Whether `question` is worth another query. One for addresses of a name that another answer
    /// denied is not.
    pub(crate) fn insists_on(&self, question: &Question) -> bool {
        let is_it = |half: &Half| matches!(&half.state, State::Asking(asked) if asked == question);
        self.halves.iter().any(|half| half.denial.is_none() && is_it(half))
            || self.endpoints.as_ref().is_some_and(|it| it.insists_on(question))
    }

    /// Everything was answered.
    pub(crate) fn is_over(&self) -> bool {
        self.halves.iter().all(|half| half.state == State::Over)
            && self.endpoints.as_ref().is_none_or(Endpoints::is_over)
    }

    /// The services of the candidate that turned out to be the one, as far as they are known and
    /// were not shown.
    pub(crate) fn show(&mut self) -> Option<Arc<ServiceAnswer>> {
        let is_over = self.halves.iter().all(|half| half.state == State::Over);
        let is_the_one = self.is_decided || self.candidates.len() <= 1 || is_over;
        self.endpoints.as_mut().filter(|_| is_the_one)?.show(&self.typed)
    }

    /// Addresses of a service's target, if they are known; else they are asked for.
    pub(crate) fn seek(
        &mut self,
        target: &Name,
        port: u16,
        known: Option<(Vec<IpAddr>, From)>,
        wants: &mut Vec<Want>,
    ) {
        if let Some(endpoints) = &mut self.endpoints {
            endpoints.seek(target, port, known, wants);
        }
    }

    /// A question it waits for was settled; `cached`: earlier.
    pub(crate) fn settled(
        &mut self,
        question: &Question,
        settled: &Settled,
        cached: bool,
        wants: &mut Vec<Want>,
    ) {
        if let Some(endpoints) = &mut self.endpoints {
            endpoints.settled(question, settled, cached, wants);
            self.is_decided |= endpoints.has_records();
        }
        self.take(question, settled, cached, wants);
        self.proceed(wants);
    }

    /// Takes an answer for one family.
    fn take(
        &mut self,
        question: &Question,
        settled: &Settled,
        cached: bool,
        wants: &mut Vec<Want>,
    ) {
        let others_have_addresses = self.halves.iter().any(|half| half.has_addresses);
        let is_it = |half: &&mut Half| matches!(&half.state, State::Asking(it) if it == question);
        let Some(half) = self.halves.iter_mut().find(is_it) else { return };
        let Some(candidate) = self.candidates.get(self.at) else { return };
        half.trail.take(&settled.seen, cached);
        let finding = settled.result.as_ref().map_err(ResolveError::clone).and_then(|finding| {
            let malformed = |defect| ResolveError::Malformed { server: None, defect };
            half.trail.follow(candidate, finding).map(|()| finding).map_err(malformed)
        });
        let denial = half.denial.take();
        let finding = match (finding, &denial) {
            // Its own answer led nowhere.
            (Err(_) | Ok(Finding { what: What::Elsewhere, .. }), Some(denial)) => {
                half.state = State::No { is_there: false };
                return half.trail.deny(denial);
            }
            (Err(error), None) => {
                self.is_decided = true;
                return half.deliver(Err(error), candidate.text(), wants);
            }
            (Ok(finding), _) => finding,
        };
        match &finding.what {
            What::Addresses(addresses) => {
                self.is_decided = true;
                half.has_addresses = true;
                half.trail.seen.oddities.extend(denial.map(|_| HALF_DENIED));
                half.deliver(Ok(addresses.list()), candidate.text(), wants);
            }
            What::Elsewhere => {
                let name = half.trail.chain.last().unwrap_or(candidate);
                let question = Question::of(name, Wanted::Addresses(half.family));
                half.state = State::Asking(question.clone());
                wants.push(Want::Ask(question));
            }
            // No question for addresses finds records of another type.
            What::NoData | What::Services(_) => {
                half.exists.get_or_insert_with(|| candidate.text());
                half.state = State::No { is_there: true };
            }
            What::NoSuchName => {
                half.state = State::No { is_there: false };
                let denial = half.trail.clone();
                if let Some(endpoints) = &mut self.endpoints
                    && denial.chain.is_empty()
                {
                    endpoints.deny(&denial, wants);
                }
                if others_have_addresses {
                    half.trail.seen.oddities.push(HALF_DENIED);
                }
                // What is on its way is waited for; what is not asked yet will not be.
                for other in &mut self.halves {
                    if let State::Asking(_) = other.state {
                        other.denial = Some(denial.clone());
                    }
                }
            }
        }
    }

    /// Where the answers of all lead: this candidate, the next, or the end.
    fn proceed(&mut self, wants: &mut Vec<Want>) {
        let all_said_no = self.halves.iter().all(|half| matches!(half.state, State::No { .. }));
        let may_have_services = self.endpoints.as_ref().is_some_and(Endpoints::is_open);
        // With one candidate there is nothing to wait for.
        if self.is_decided || self.candidates.len() == 1 {
            self.conclude(wants);
        } else if !all_said_no || may_have_services {
        } else if self.at + 1 < self.candidates.len() {
            self.at += 1;
            self.ask(wants);
        } else {
            self.exhaust(wants);
        }
    }

    /// Asks every half for the current candidate; without one, no name can be meant.
    fn ask(&mut self, wants: &mut Vec<Want>) {
        let Some(name) = self.candidates.get(self.at) else {
            for half in &mut self.halves {
                let name: Box<str> = self.typed.as_str().into();
                half.deliver(Err(ResolveError::NoSuchName { name: name.clone() }), name, wants);
            }
            return;
        };
        for half in &mut self.halves {
            let question = Question::of(name, Wanted::Addresses(half.family));
            half.trail.restart();
            half.denial = None;
            half.state = State::Asking(question.clone());
            wants.push(Want::Ask(question));
        }
        if let Some(endpoints) = &mut self.endpoints {
            endpoints.ask(name, wants);
        }
    }

    /// This candidate is the one: halves that have no address for it say so.
    fn conclude(&mut self, wants: &mut Vec<Want>) {
        let Some(candidate) = self.candidates.get(self.at) else { return };
        for half in &mut self.halves {
            let State::No { is_there } = half.state else { continue };
            let (name, family) = (candidate.text(), half.family);
            let error = match is_there {
                true => ResolveError::NoAddress { name: name.clone(), family },
                false => ResolveError::NoSuchName { name: name.clone() },
            };
            half.deliver(Err(error), name, wants);
        }
    }

    /// No candidate has an address.
    fn exhaust(&mut self, wants: &mut Vec<Want>) {
        for half in &mut self.halves {
            // What the last candidate's answer said is not about the name that is reported.
            half.trail.restart();
            let (error, name) = match half.exists.take() {
                Some(name) => {
                    (ResolveError::NoAddress { name: name.clone(), family: half.family }, name)
                }
                None => {
                    let name: Box<str> = self.typed.as_str().into();
                    (ResolveError::NoSuchName { name: name.clone() }, name)
                }
            };
            half.deliver(Err(error), name, wants);
        }
    }
}

impl Half {
    /// Hands out the answer for `name`, with all that was seen on the way to it.
    fn deliver(
        &mut self,
        result: Result<Vec<IpAddr>, ResolveError>,
        name: Box<str>,
        wants: &mut Vec<Want>,
    ) {
        let from = self.trail.from();
        let seen = std::mem::take(&mut self.trail.seen);
        self.state = State::Over;
        wants.push(Want::Deliver(Arc::new(Answer {
            family: self.family,
            result,
            from,
            name,
            cname: self.trail.chain.iter().map(Name::text).collect(),
            ttl_s: self.trail.ttl_s,
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
