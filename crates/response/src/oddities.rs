//! The oddities of one response.

use crate::rules::Rule;
use fourstep_terms::Oddity;

/// Each rule once, at the first place that breaks it: a thousand odd fields are one line to read,
/// and a peer cannot fill our memory with them. In the order of the places: they are not noted in
/// it, as a line's end is seen before the line is read.
#[derive(Default)]
pub(crate) struct Oddities(Vec<Oddity>);

impl Oddities {
    pub(crate) fn note(&mut self, rule: &'static Rule, offset: u64) {
        if !self.0.iter().any(|known| known.rule == rule.name) {
            let Rule { name, says, reference } = rule;
            let before = |known: &Oddity| (known.offset, known.rule) < (offset, *name);
            let at = self.0.partition_point(before);
            self.0.insert(at, Oddity { rule: name, offset, says, reference });
        }
    }

    pub(crate) fn forget_from(&mut self, offset: u64) {
        self.0.retain(|known| known.offset < offset);
    }

    pub(crate) fn as_slice(&self) -> &[Oddity] {
        &self.0
    }

    pub(crate) fn into_vec(self) -> Vec<Oddity> {
        self.0
    }
}

/// A length as a count of octets on the wire.
pub(crate) fn octets(len: usize) -> u64 {
    u64::try_from(len).unwrap_or(u64::MAX)
}
