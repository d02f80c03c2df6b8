//! Results in the order of the targets, however they come.

use std::collections::VecDeque;

/// Holds back what comes before its turn.
pub(crate) struct InOrder<T> {
    /// Whose turn it is.
    turn: usize,
    /// What each place has to say; `true` behind its last word.
    held: Vec<VecDeque<(T, bool)>>,
    /// Which places have said their last word.
    said: Vec<bool>,
}

impl<T> InOrder<T> {
    /// Nothing yet, of so many places.
    pub(crate) fn new(places: usize) -> InOrder<T> {
        let held = std::iter::repeat_with(VecDeque::new).take(places).collect();
        InOrder { turn: 0, held, said: vec![false; places] }
    }

    /// A place says something, its last word perhaps.
    pub(crate) fn push(&mut self, place: usize, word: T, last: bool) {
        if let (Some(held), Some(said)) = (self.held.get_mut(place), self.said.get_mut(place)) {
            held.push_back((word, last));
            *said |= last;
        }
    }

    /// The next one whose turn it is.
    pub(crate) fn pop(&mut self) -> Option<(usize, T)> {
        let place = self.turn;
        let (word, last) = self.held.get_mut(place)?.pop_front()?;
        self.turn += usize::from(last);
        Some((place, word))
    }

    /// The places that have not said their last word.
    pub(crate) fn unfinished(&self) -> Vec<usize> {
        (0..).zip(&self.said).filter(|(_, said)| !**said).map(|(place, _)| place).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_waits_for_those_before_it() {
        let mut order = InOrder::new(3);
        let drain = |order: &mut InOrder<&'static str>| {
            std::iter::from_fn(|| order.pop()).map(|(_, word)| word).collect::<Vec<_>>()
        };
        order.push(1, "b", true);
        order.push(0, "a, first hop", false);
        assert_eq!(drain(&mut order), ["a, first hop"]);
        assert_eq!(order.unfinished(), [0, 2]);
        order.push(0, "a, last hop", true);
        assert_eq!(drain(&mut order), ["a, last hop", "b"]);
        order.push(2, "c", true);
        assert_eq!(drain(&mut order), ["c"]);
        assert!(order.unfinished().is_empty() && order.pop().is_none());
    }
}
