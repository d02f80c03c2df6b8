//! Words of ours that are short: what a state is called, or who says something.

use super::room::Room;

/// A short word of ours between quotes, and how many octets of it count: written in one copy of a known
/// length.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Word([u8; 16], usize);

impl Word {
    /// A word of up to 13 octets: a longer one is an error of the compiler's.
    pub(crate) const fn of(word: &str) -> Word {
        let (mut octets, mut count, mut rest) = ([b'"'; 16], 1, word.as_bytes());
        let (_, mut to) = octets.split_at_mut(1);
        while let ([first, more @ ..], Some((place, behind))) = (rest, to.split_first_mut()) {
            *place = *first;
            (to, rest, count) = (behind, more, count + 1);
        }
        assert!(count < 15);
        Word(octets, count + 1)
    }

    #[inline(always)]
    pub(crate) fn write<'o>(&self, out: Room<'o>) -> Room<'o> {
        // As the compiler then sees, there are no more.
        out.put_first(self.0, self.1 & 15)
    }
}

/// What is one of a few short words.
macro_rules! words {
    ($($type:ident: $($variant:ident),*;)*) => {
        $(impl $crate::record::json::Json for $type {
            #[inline(always)]
            fn write<'o>(
                &self,
                out: $crate::record::room::Room<'o>,
            ) -> $crate::record::room::Room<'o> {
                let word: &$crate::record::word::Word = match self {
                    $($type::$variant => {
                        const { &$crate::record::word::Word::of($type::$variant.as_str()) }
                    })*
                };
                word.write(out)
            }
        })*
    };
}
pub(crate) use words;

#[cfg(test)]
mod tests {
    use fourstep_verdict::State;

    use crate::record::room::append;

    #[test]
    fn each_is_written_as_it_is_called() {
        for state in State::ALL {
            let mut out = Vec::new();
            append(&state, b"", &mut out);
            assert_eq!(String::from_utf8(out).unwrap(), format!("\"{state}\""));
        }
    }
}
