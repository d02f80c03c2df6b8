//! From a name to the endpoints of its service: SVCB resolution (RFC 9460 §3).
//!
//! ```text
//!     _8443._https.a.test ──▶ HTTPS ──▶ 0 b.test ──▶ HTTPS ──▶ 1 c.test port=… ──▶ A, AAAA
//!     or a.test (§9.1)          │       AliasMode      │       ServiceMode          of c.test
//!                               └ no ──────────────────┴─▶ nothing, or b.test itself
//! ```
//!
//! Records speak for the candidate they are of as addresses do; else the addresses decide, and
//! whatever happens here is no failure of theirs. The addresses of an AliasMode target are asked
//! together with its HTTPS records, those of other targets when these are known.

use std::net::IpAddr;
use std::sync::Arc;

use fourstep_terms::Oddity;

use crate::action::Query;
use crate::answer::From;
use crate::binding::Binding;
use crate::error::{Defect, ResolveError};
use crate::exchange::Settled;
use crate::finding::What;
use crate::id::Ids;
use crate::lookup::{Lookup, Want};
use crate::message::{Question, Wanted};
use crate::name::Name;
use crate::params::Params;
use crate::service::{Service, ServiceAnswer};
use crate::sought::Target;
use crate::trail::Trail;

/// The most AliasMode records followed in a row; RFC 9460 §2.4.2 leaves the number to us.
pub const SERVICE_ALIASES: usize = 8;
/// The most services of an answer, in the order of their priorities; more are left out, so that
/// one record set makes us ask for no more than as many targets.
pub const SERVICES: usize = 16;
/// The port whose services stand under the name itself (RFC 9460 §9.1).
const HTTPS_PORT: u16 = 443;

/// The services of one asker's name under way.
#[derive(Debug)]
pub(crate) struct Endpoints {
    query: Query,
    /// For the shuffle within a priority (RFC 9460 §2.4.1).
    lots: Ids,
    /// The candidate that is asked for, and the name that is asked first for it.
    candidate: Option<(Name, Name)>,
    /// The question under way.
    asking: Option<Question>,
    trail: Trail,
    /// The last AliasMode target: the final $QNAME.
    alias: Option<Name>,
    aliases: usize,
    /// Records with their effective targets, in order.
    bindings: Vec<(Binding, Name)>,
    targets: Vec<Target>,
    has_records: bool,
    failure: Option<ResolveError>,
    is_unavailable: bool,
    /// The asker knows all that is known here.
    is_shown: bool,
}

impl Endpoints {
    pub(crate) fn new(query: &Query, lots: Ids) -> Endpoints {
        Endpoints {
            query: query.clone(),
            lots,
            candidate: None,
            asking: None,
            trail: Trail::new(),
            alias: None,
            aliases: 0,
            bindings: vec![],
            targets: vec![],
            has_records: false,
            failure: None,
            is_unavailable: false,
            is_shown: false,
        }
    }

    /// Step 1 and 2: asks for a candidate, the one before being none.
    pub(crate) fn ask(&mut self, candidate: &Name, wants: &mut Vec<Want>) {
        wants.extend(self.asking.take().map(Want::Drop));
        self.trail.restart();
        (self.failure, self.is_shown) = (None, false);
        let name = match self.query.port {
            HTTPS_PORT => Some(candidate.clone()),
            port => candidate.prefixed(&format!("_{port}._https")),
        };
        self.candidate = name.map(|name| (candidate.clone(), name));
        if let Some((_, name)) = &self.candidate {
            let question = Question::of(name, Wanted::Services);
            self.asking = Some(question.clone());
            wants.push(Want::Ask(question));
        }
    }

    /// The questions it waits for.
    pub(crate) fn questions(&self) -> impl Iterator<Item = &Question> {
        let lookups = self.targets.iter().filter_map(|target| target.lookup.as_ref());
        self.asking.iter().chain(lookups.flat_map(Lookup::addresses_asked))
    }

    /// Whether `question` is worth another query.
    pub(crate) fn insists_on(&self, question: &Question) -> bool {
        let mut lookups = self.targets.iter().filter_map(|target| target.lookup.as_ref());
        self.asking.as_ref() == Some(question) || lookups.any(|it| it.insists_on(question))
    }

    /// It is not known yet which records there are.
    pub(crate) fn is_open(&self) -> bool {
        self.asking.is_some()
    }

    /// The candidate has records: a service is meant to be there.
    pub(crate) fn has_records(&self) -> bool {
        self.has_records
    }

    /// Nothing is to come.
    pub(crate) fn is_over(&self) -> bool {
        self.is_shown && !self.is_open() && self.awaited() == 0
    }

    /// A question was settled; `cached`: earlier.
    pub(crate) fn settled(
        &mut self,
        question: &Question,
        settled: &Settled,
        cached: bool,
        wants: &mut Vec<Want>,
    ) {
        for target in &mut self.targets {
            let mut inner = vec![];
            if let Some(lookup) = &mut target.lookup {
                lookup.settled(question, settled, cached, &mut inner);
            }
            self.is_shown &= !target.take(inner, wants);
        }
        if self.asking.as_ref() != Some(question) {
            return;
        }
        let Some((_, begin)) = &self.candidate else { return };
        self.asking = None;
        self.trail.take(&settled.seen, cached);
        match settled.result.as_ref().map(|it| (&it.what, self.trail.follow(begin, it))) {
            Err(error) => self.failure = Some(error.clone()),
            Ok((_, Err(defect))) => self.stray(defect, wants),
            Ok((What::Elsewhere, Ok(()))) => {
                let name = self.trail.chain.last().unwrap_or(begin);
                return self.go_on(Question::of(name, Wanted::Services), wants);
            }
            Ok((What::Services(Err(oddity)), Ok(()))) => {
                self.has_records = true;
                self.trail.seen.oddities.push(*oddity);
            }
            Ok((What::Services(Ok(bindings)), Ok(()))) => {
                self.has_records = true;
                let aliases: Vec<&Binding> = bindings.iter().filter(|it| it.is_alias()).collect();
                // "If multiple are present, clients … SHOULD pick one at random" (§2.4.2).
                let lot = usize::from(self.lots.draw()) % aliases.len().max(1);
                match aliases.get(lot) {
                    Some(alias) => self.alias(&alias.target, wants),
                    None => self.bind(bindings),
                }
                if self.is_open() {
                    return;
                }
            }
            Ok((What::NoData | What::NoSuchName | What::Addresses(_), Ok(()))) => {}
        }
        self.conclude(wants);
    }

    /// The candidate's addresses do not exist, and so nothing at or below it (RFC 8020 §2).
    pub(crate) fn deny(&mut self, denial: &Trail, wants: &mut Vec<Want>) {
        if self.trail.chain.is_empty()
            && let Some(question) = self.asking.take()
        {
            wants.push(Want::Drop(question));
            self.trail.deny(denial);
            self.conclude(wants);
        }
    }

    /// Addresses of a target, if nobody has to be asked; else they are asked for.
    pub(crate) fn seek(
        &mut self,
        name: &Name,
        port: u16,
        known: Option<(Vec<IpAddr>, From)>,
        wants: &mut Vec<Want>,
    ) {
        let is_it = |it: &&mut Target| it.port == port && it.name == *name && it.lookup.is_none();
        let Some(target) = self.targets.iter_mut().find(is_it) else { return };
        let inner = target.seek(&self.query, known);
        self.is_shown &= !target.take(inner, wants);
    }

    /// What is known, if the asker does not know it yet.
    pub(crate) fn show(&mut self, typed: &str) -> Option<Arc<ServiceAnswer>> {
        if self.is_shown || self.is_open() {
            return None;
        }
        self.is_shown = true;
        let records = self
            .bindings
            .iter()
            .map(|(binding, target)| (Some(binding.priority), target, binding.params.clone()));
        let alias = self.alias.iter().map(|alias| (None, alias, Params::default()));
        let services = records.chain(alias).map(|(priority, name, params)| {
            let port = params.port.unwrap_or(self.query.port);
            let target = self.targets.iter().find(|it| it.name == *name && it.port == port);
            Service {
                priority,
                target: name.text(),
                port,
                params,
                is_own: self.is_own(name),
                answers: target.map_or(vec![], |target| target.answers.clone()),
                awaited: target.map_or(0, |target| target.awaited),
            }
        });
        let seen = self.trail.seen.clone();
        Some(Arc::new(ServiceAnswer {
            services: services.collect(),
            failure: self.failure.clone(),
            is_unavailable: self.is_unavailable,
            awaited: self.awaited(),
            from: self.trail.from(),
            name: self.candidate.as_ref().map_or(typed.into(), |(_, name)| name.text()),
            aliases: self.trail.chain.iter().map(Name::text).collect(),
            ttl_s: self.trail.ttl_s,
            rcode: seen.rcode,
            server: seen.server,
            transport: seen.transport,
            extended_errors: seen.extended_errors,
            ignored: seen.ignored,
            asked: seen.asked,
            oddities: seen.oddities,
        }))
    }

    /// Step 3: the target is asked instead, its addresses at once, as it may have no record.
    fn alias(&mut self, target: &Name, wants: &mut Vec<Want>) {
        let Some((_, begin)) = &self.candidate else { return };
        if target.is_root() {
            self.is_unavailable = true;
            self.alias = None;
        } else if self.trail.was_at(begin, target) {
            self.stray(Defect::AliasLoop, wants);
        } else if self.aliases == SERVICE_ALIASES {
            self.stray(Defect::TooManyAliases, wants);
        } else {
            self.aliases += 1;
            self.trail.chain.push(target.clone());
            self.alias = Some(target.clone());
            self.go_on(Question::of(target, Wanted::Services), wants);
            self.aim(wants);
        }
    }

    /// Step 4: the records that can be used, in order.
    fn bind(&mut self, bindings: &[Binding]) {
        let Some((_, begin)) = &self.candidate else { return };
        let owner = self.trail.chain.last().unwrap_or(begin);
        let oddities = &mut self.trail.seen.oddities;
        let mut odd = |rule, (says, reference)| {
            oddities.push(Oddity { rule, offset: 0, says, reference });
        };
        for binding in bindings {
            if let Some(why) = binding.params.conflict() {
                odd("inconsistent-service", why);
            } else if let Some(why) = binding.params.obstacle() {
                odd("unusable-service", why);
            } else {
                let target = if binding.target.is_root() { owner } else { &binding.target };
                self.bindings.push((binding.clone(), target.clone()));
            }
        }
        let lots = &mut self.lots;
        self.bindings.sort_by_cached_key(|(binding, _)| (binding.priority, lots.draw()));
        if self.bindings.len() > SERVICES {
            odd("too-many-services", ("services after the 16th were left out", "RFC 9460 §3"));
            self.bindings.truncate(SERVICES);
        }
    }

    /// Aliases without end: "the client MUST fall back … as if the origin's SVCB record did not
    /// exist" (RFC 9460 §3.1).
    fn stray(&mut self, defect: Defect, wants: &mut Vec<Want>) {
        let says = match defect {
            Defect::AliasLoop => "aliases lead back to a name already visited",
            _ => "more aliases in a row than are followed",
        };
        let (rule, reference) = ("endless-alias", "RFC 9460 §3.1");
        self.trail.seen.oddities.push(Oddity { rule, offset: 0, says, reference });
        self.alias = None;
        self.aim(wants);
    }

    /// One more question on the way.
    fn go_on(&mut self, question: Question, wants: &mut Vec<Want>) {
        self.asking = Some(question.clone());
        wants.push(Want::Ask(question));
    }

    /// All records are known.
    fn conclude(&mut self, wants: &mut Vec<Want>) {
        self.is_shown = false;
        self.aim(wants);
    }

    /// Looks up the targets that there are now, no others.
    fn aim(&mut self, wants: &mut Vec<Want>) {
        let port = |binding: &Binding| binding.params.port.unwrap_or(self.query.port);
        let bound = self.bindings.iter().map(|(binding, name)| (name.clone(), port(binding)));
        let all: Vec<(Name, u16)> =
            bound.chain(self.alias.clone().map(|name| (name, self.query.port))).collect();
        for target in &self.targets {
            if !all.contains(&(target.name.clone(), target.port))
                && let Some(lookup) = &target.lookup
            {
                wants.extend(lookup.addresses_asked().cloned().map(Want::Drop));
            }
        }
        self.targets.retain(|it| all.contains(&(it.name.clone(), it.port)));
        for (name, port) in all {
            let is_there = self.targets.iter().any(|it| it.name == name && it.port == port);
            if !is_there && !self.is_own(&name) {
                wants.push(Want::Seek(name.clone(), port));
                self.targets.push(Target::new(name, port, self.query.families));
            }
        }
    }

    /// Whether the asker's own questions for addresses are for this name: it is the candidate, or
    /// what CNAMEs made of it, which they follow too.
    fn is_own(&self, name: &Name) -> bool {
        let Some((candidate, begin)) = &self.candidate else { return false };
        name == candidate
            || candidate == begin && self.aliases == 0 && self.trail.chain.contains(name)
    }

    fn awaited(&self) -> usize {
        self.targets.iter().map(|target| target.awaited).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::action::Families;
    use crate::exchange::Seen;
    use crate::finding::Finding;

    /// The targets of a candidate's records, in the order for the `n`th asker.
    fn order(n: u64, records: &[&str]) -> Vec<Box<str>> {
        let query = Query { name: "a.test".into(), port: 443, families: Families::V4, https: true };
        let mut endpoints = Endpoints::new(&query, Ids::new([7; 16]).apart(n));
        let bindings: Vec<Binding> = records.iter().map(|it| it.parse().unwrap()).collect();
        let what = What::Services(Ok(bindings));
        let result = Ok(Finding { chain: vec![], what, ttl_s: Some(60) });
        endpoints.ask(&Name::parse("a.test").unwrap(), &mut vec![]);
        let question = endpoints.asking.clone().unwrap();
        let settled = Settled { result, seen: Seen::default() };
        endpoints.settled(&question, &settled, false, &mut vec![]);
        let services = endpoints.bindings.iter().map(|(_, target)| target.text());
        services.chain(endpoints.alias.iter().map(Name::text)).collect()
    }

    #[test]
    fn equals_take_turns() {
        // RFC 9460 §2.4.1, §2.4.2: askers are spread over records of one priority, and aliases.
        let rows: [(&[&str], [&str; 2]); 2] = [
            (&["1 b.test", "2 last.test", "1 c.test"], ["b.test", "c.test"]),
            (&["0 b.test", "1 last.test", "0 c.test"], ["b.test", "c.test"]),
        ];
        for (records, equals) in rows {
            let orders: Vec<_> = (0..200).map(|n| order(n, records)).collect();
            for name in equals {
                let first = orders.iter().filter(|order| &*order[0] == name).count();
                assert!((60..140).contains(&first), "{name} {first} times of 200");
            }
            let last = |order: &Vec<Box<str>>| order.len() == 1 || &*order[2] == "last.test";
            assert!(orders.iter().all(last), "{records:?}");
        }
    }
}
