//! The way from a name to what was found, and what was seen on it.

use crate::answer::From;
use crate::error::Defect;
use crate::exchange::Seen;
use crate::finding::{ALIASES, Finding, What};
use crate::name::Name;

/// One question's way, over all that were asked for it.
#[derive(Clone, Debug)]
pub(crate) struct Trail {
    /// Aliases' targets, from the name asked first to here.
    pub(crate) chain: Vec<Name>,
    pub(crate) ttl_s: Option<u32>,
    /// Whether every finding on the way was in the cache.
    pub(crate) is_cached: bool,
    /// Over all candidates.
    pub(crate) seen: Seen,
}

impl Trail {
    pub(crate) fn new() -> Trail {
        Trail { chain: vec![], ttl_s: None, is_cached: true, seen: Seen::default() }
    }

    /// Starts from another name; what was seen before stays seen.
    pub(crate) fn restart(&mut self) {
        self.chain.clear();
        self.ttl_s = None;
    }

    /// Adds what was seen on the way.
    pub(crate) fn take(&mut self, seen: &Seen, cached: bool) {
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

    /// Another question's "no", at the end of its own way, answers this one.
    pub(crate) fn deny(&mut self, denial: &Trail) {
        let Seen { rcode, server, transport, .. } = denial.seen;
        self.chain.clone_from(&denial.chain);
        self.ttl_s = denial.ttl_s;
        self.is_cached = denial.is_cached;
        self.seen = Seen { rcode, server, transport, ..std::mem::take(&mut self.seen) };
    }

    /// Adds the aliases of a finding to those before, which must not come again.
    pub(crate) fn follow(&mut self, begin: &Name, finding: &Finding) -> Result<(), Defect> {
        for target in &finding.chain {
            if self.was_at(begin, target) {
                return Err(Defect::AliasLoop);
            }
            if self.chain.len() == ALIASES {
                return Err(Defect::TooManyAliases);
            }
            self.chain.push(target.clone());
        }
        self.ttl_s = match finding.what {
            What::Addresses(_) | What::Services(_) | What::Elsewhere => {
                self.ttl_s.into_iter().chain(finding.ttl_s).min()
            }
            What::NoData | What::NoSuchName => {
                finding.ttl_s.map(|ttl| self.ttl_s.map_or(ttl, |so_far| so_far.min(ttl)))
            }
        };
        Ok(())
    }

    /// Whether the way from `begin` has led through `name`.
    pub(crate) fn was_at(&self, begin: &Name, name: &Name) -> bool {
        name == begin || self.chain.contains(name)
    }

    pub(crate) fn from(&self) -> From {
        match self.is_cached && self.seen.asked == 0 && self.seen.rcode.is_some() {
            true => From::Cache,
            false => From::Dns,
        }
    }
}
