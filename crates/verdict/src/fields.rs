//! The fields of a head that anything here asks for, found in one walk over it.

use fourstep_response::Head;

use crate::code::{ASKED, ends, name_slot};
use crate::table::{NAME_MIX, NAMES, NAMES_BY_SLOT, Name, Search};

/// Of so many of the names that are asked for, from the first on, the first value is kept.
const KEPT: usize = 3;

/// Which fields a head has, of those that are asked for, and the first values of some.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Fields<'r> {
    there: u64,
    repeated: u64,
    kept: [&'r [u8]; KEPT],
}

/// Names by their bits.
pub(crate) type Names = u64;

pub(crate) const DATE: Names = bit("Date");
pub(crate) const AGE: Names = bit("Age");
pub(crate) const RETRY_AFTER: Names = bit("Retry-After");
pub(crate) const CONTENT_ENCODING: Names = bit("Content-Encoding");
/// Those in which hops name themselves.
pub(crate) const HOPS: Names = bit("Via") | bit("Proxy-Status") | bit("Cache-Status");
/// Those that tell when a quota is renewed: these and all that follow.
pub(crate) const QUOTAS: Names = !(bit("RateLimit") - 1) & !(!0 << ASKED.len());

/// The bit of a name that is asked for.
const fn bit(name: &str) -> Names {
    let (mut bit, mut names) = (1, ASKED.as_slice());
    while let [first, rest @ ..] = names {
        if same(first.as_bytes(), name.as_bytes()) {
            break;
        }
        (bit, names) = (bit << 1, rest);
    }
    bit
}

const fn same(mut one: &[u8], mut other: &[u8]) -> bool {
    while let ([a, after @ ..], [b, rest @ ..]) = (one, other)
        && *a == *b
    {
        (one, other) = (after, rest);
    }
    one.is_empty() && other.is_empty()
}

impl<'r> Fields<'r> {
    /// There are none, or nothing is known of them yet.
    pub(crate) const NONE: Fields<'r> = Fields { there: 0, repeated: 0, kept: [&[]; KEPT] };

    /// Walks over a head; gives out each value that is searched for signs, and how.
    #[inline]
    pub(crate) fn walk(
        &mut self,
        head: &'r Head,
        mut searched: impl FnMut(&'static Search, &'r [u8]),
    ) {
        for (name, value) in head.fields() {
            let Some(known) = known(name) else { continue };
            match self.kept.get_mut(usize::from(known.number)) {
                Some(first) if self.there & known.bit == 0 => *first = value,
                Some(_) => self.repeated |= known.bit,
                None => {}
            }
            self.there |= known.bit;
            if known.search.any {
                searched(&known.search, value);
            }
        }
    }

    /// The same of a head of which only the fields are asked for.
    #[cfg(test)]
    pub(crate) fn of(
        head: &'r Head,
        searched: impl FnMut(&'static Search, &'r [u8]),
    ) -> Fields<'r> {
        let mut fields = Fields::NONE;
        fields.walk(head, searched);
        fields
    }

    /// Whether one of these is there.
    pub(crate) const fn has(&self, names: Names) -> bool {
        self.there & names != 0
    }

    /// Whether this, of which the first value is kept, is there more than once.
    pub(crate) const fn repeats(&self, name: Names) -> bool {
        self.repeated & name != 0
    }

    /// The first value of a field that is among those kept.
    pub(crate) fn first(&self, name: Names) -> Option<&'r [u8]> {
        let value = self.kept.get(name.trailing_zeros() as usize).copied();
        value.filter(|_| self.has(name))
    }
}

/// The name of a field, if it is one that is asked for or searched: one look at one place.
#[inline]
fn known(name: &[u8]) -> Option<&'static Name> {
    let (first, last) = ends(name);
    let slot = name_slot(NAME_MIX, (first, last), name.len());
    // `u8::MAX` where there is none.
    let known = NAMES.get(usize::from(*NAMES_BY_SLOT.get(slot)?))?;
    let differs = ((first ^ known.first) & known.exact.0) | ((last ^ known.last) & known.exact.1);
    let is = differs == 0
        && usize::from(known.length) == name.len()
        // The ends are all of it, or meet.
        && (name.len() <= 16 || known.text().as_bytes().eq_ignore_ascii_case(name));
    is.then_some(known)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::head;

    #[test]
    fn each_name_is_known_in_any_case() {
        for name in NAMES.iter().filter(|name| name.bit > 0 || name.search.any) {
            let text = name.text();
            for spelled in [text.to_owned(), text.to_uppercase(), text.to_lowercase()] {
                assert!(known(spelled.as_bytes()).is_some_and(|it| it.number == name.number));
            }
            for at in 0..text.len() {
                let (mut other, octet) = (text.as_bytes().to_vec(), text.as_bytes()[at]);
                for odd in (0..=u8::MAX).filter(|odd| !odd.eq_ignore_ascii_case(&octet)) {
                    other[at] = odd;
                    assert!(known(&other).is_none_or(|it| it.number != name.number), "{other:?}");
                }
            }
            assert!(known(format!("{text}s").as_bytes()).is_none_or(|it| it.number != name.number));
        }
        assert!(known(b"").is_none());
    }

    #[test]
    fn each_name_has_its_bit() {
        let rows = [
            ("Date", DATE),
            ("Age", AGE),
            ("Retry-After", RETRY_AFTER),
            ("Content-Encoding", CONTENT_ENCODING),
            ("Via", HOPS),
            ("Proxy-Status", HOPS),
            ("Cache-Status", HOPS),
        ];
        let quotas = ASKED.iter().skip(rows.len()).map(|name| (*name, QUOTAS));
        for (name, bits) in rows.into_iter().chain(quotas) {
            let fields = Fields::of(&head("503 x", &format!("{name}: 1")), |_, _| {}).there;
            assert_eq!(fields & bits, fields, "{name}");
            assert_eq!(fields.count_ones(), 1, "{name}");
        }
    }

    #[test]
    fn one_walk_tells_what_is_there() {
        let head = head("503 x", "date: a\r\nDATE: b\r\nVia: c\r\nX: d\r\nServer: e");
        let mut searched = Vec::new();
        let fields = Fields::of(&head, |_, value| searched.push(value));
        assert_eq!(fields.first(DATE), Some(&b"a"[..]));
        assert_eq!(fields.first(AGE), None);
        assert!(fields.repeats(DATE) && !fields.repeats(AGE) && fields.has(HOPS));
        assert!(!fields.has(QUOTAS) && !fields.has(RETRY_AFTER | CONTENT_ENCODING));
        assert_eq!(searched, [&b"c"[..], b"e"]);
    }
}
