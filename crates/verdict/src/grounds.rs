//! What a verdict rests on, in order.

use std::array;

use crate::evidence::Evidence;

/// How many stand in place: the status, two of who wrote it or of its clock, and when to come back.
const FEW: usize = 4;

/// Pieces of evidence, in order. Mostly they are few, and need no heap.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grounds<'r> {
    /// The first of them, those that are there before those that are not.
    first: [Option<Evidence<'r>>; FEW],
    more: Vec<Evidence<'r>>,
}

impl<'r> Grounds<'r> {
    /// There are none.
    pub(crate) const NONE: Grounds<'r> = Grounds { first: [const { None }; FEW], more: Vec::new() };

    /// The same where it is to stand: a constant is copied whole, and all that counts of a place where
    /// none stands is that.
    #[inline(always)]
    pub(crate) fn none() -> Grounds<'r> {
        Grounds { first: array::from_fn(|_| None), more: Vec::new() }
    }

    /// Puts one behind the others.
    #[inline]
    pub(crate) fn push(&mut self, evidence: Evidence<'r>) {
        match self.first.iter_mut().find(|place| place.is_none()) {
            Some(place) => *place = Some(evidence),
            None => self.more.push(evidence),
        }
    }

    /// The one with so many before it.
    #[inline]
    pub fn get(&self, at: usize) -> Option<&Evidence<'r>> {
        match self.first.get(at) {
            Some(place) => place.as_ref(),
            None => self.more.get(at - FEW),
        }
    }

    /// All of them, the strongest first for each thing that they tell.
    #[inline]
    pub fn iter(&self) -> Iter<'_, 'r> {
        Iter { grounds: self, at: 0 }
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.first.iter().flatten().count() + self.more.len()
    }

    /// Whether there are none.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.get(0).is_none()
    }
}

impl<'g, 'r> IntoIterator for &'g Grounds<'r> {
    type Item = &'g Evidence<'r>;
    type IntoIter = Iter<'g, 'r>;

    fn into_iter(self) -> Iter<'g, 'r> {
        self.iter()
    }
}

/// Pieces of evidence, one after the other.
#[derive(Clone, Debug)]
pub struct Iter<'g, 'r> {
    grounds: &'g Grounds<'r>,
    at: usize,
}

impl<'g, 'r> Iterator for Iter<'g, 'r> {
    type Item = &'g Evidence<'r>;

    #[inline]
    fn next(&mut self) -> Option<&'g Evidence<'r>> {
        let next = self.grounds.get(self.at)?;
        self.at += 1;
        Some(next)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::Fact;

    #[test]
    fn they_stand_in_the_order_in_which_they_came() {
        let mut grounds = Grounds::none();
        for count in 0..2 * FEW {
            assert_eq!((grounds.is_empty(), grounds.len()), (count == 0, count));
            assert_eq!(grounds.iter().count(), count);
            grounds.push(Evidence(Fact::Retries { count: 2, longest: count as u64 }));
            for (at, evidence) in grounds.iter().enumerate() {
                assert_eq!(*evidence, Evidence(Fact::Retries { count: 2, longest: at as u64 }));
            }
        }
        assert_eq!(grounds.get(2 * FEW), None);
    }
}
