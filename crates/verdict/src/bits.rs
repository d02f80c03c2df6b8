//! Sets of signs.

use crate::table::SIGNS;

/// A set of signs, by their numbers.
#[derive(Clone, Debug, Default)]
pub(crate) struct Bits {
    words: [u64; SIGNS.len().div_ceil(64)],
    any: bool,
}

impl Bits {
    /// Nothing is in it.
    #[cfg(test)]
    pub(crate) const NONE: &Bits = &Bits { words: [0; SIGNS.len().div_ceil(64)], any: false };

    pub(crate) const fn is_any(&self) -> bool {
        self.any
    }

    /// Whether it was not there before.
    pub(crate) fn insert(&mut self, number: u16) -> bool {
        self.any = true;
        let Some(word) = self.words.get_mut(usize::from(number / 64)) else { return false };
        let bit = 1 << (number % 64);
        let new = *word & bit == 0;
        *word |= bit;
        new
    }

    /// Those of the 64 from this number on, that being the lowest bit.
    pub(crate) fn from(&self, number: u16) -> u64 {
        let word = |at: u16| self.words.get(usize::from(at)).map_or(0, |word| *word);
        let (at, by) = (number / 64, u32::from(number % 64));
        (word(at) >> by) | word(at + 1).checked_shl(64 - by).unwrap_or_default()
    }

    /// The first that is not below this number.
    pub(crate) fn next(&self, number: u16) -> Option<u16> {
        let (at, by) = (number / 64, u32::from(number % 64));
        let words = (at..).zip(self.words.iter().skip(usize::from(at)));
        let below = |here| if here == at { !(!0 << by) } else { 0 };
        let mut some = words.map(|(here, word)| (here, word & !below(here)));
        let (here, word) = some.find(|(_, word)| *word != 0)?;
        Some(here * 64 + u16::try_from(word.trailing_zeros()).ok()?)
    }

    /// What is in it, in order.
    #[cfg(test)]
    pub(crate) fn ones(&self) -> impl Iterator<Item = u16> {
        std::iter::successors(self.next(0), |last| self.next(last + 1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_put_in_is_in_it() {
        let mut bits = Bits::default();
        assert!(!bits.is_any() && bits.ones().next().is_none());
        for number in [700, 0, 63, 64, 130] {
            assert!(bits.insert(number) && !bits.insert(number));
        }
        assert!(bits.is_any());
        assert_eq!(bits.ones().collect::<Vec<_>>(), [0, 63, 64, 130, 700]);
        assert_eq!(bits.next(65), Some(130));
        assert_eq!(bits.next(701), None);
        for (from, want) in
            [(0, 1 | 1 << 63), (1, 1 << 62 | 1 << 63), (63, 3), (67, 1 << 63), (690, 1 << 10)]
        {
            assert_eq!(bits.from(from), want, "{from}");
        }
    }
}
