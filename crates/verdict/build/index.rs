//! By what octets a sign is found, so that of the whole table only those are tried that may fit.
//!
//! A template fits no text that lacks one of its pieces. So each is put away under four octets of a
//! piece, those that the fewest other templates have; a text is walked once, and what is under its
//! octets is tried. In a body, where every fourth place is looked at, it is put away four times: one of
//! the four lies on such a place, wherever the piece stands. What has no piece of that length is under
//! its status codes, or is a short text and under that, or is tried whatever comes.
//!
//! ```text
//!     template   …<center>nginx/{version}</center>…
//!     piece               "nginx/<"              found as "ginx", "nx/1" …
//!     body       ….|.<ce|nter|>ngi|nx/1|.22.|…   looked at
//! ```

use std::collections::BTreeMap;

use crate::code::{
    EVERY, GRAM_BITS, Gram, IN_BODY, IN_REASON, gram_slot, name_slot, of_short, of_status,
};
use crate::compile::Template;
use crate::read::{Emitter, Place, Sign};

/// Where each sign that tells is put away, and each name of a field.
pub(crate) struct Index<'t> {
    /// The names that the table has, each once; the first of them are those of fields whose values
    /// are searched.
    pub(crate) names: Vec<&'t str>,
    pub(crate) searched: usize,
    /// By slot: the number of the name, or `u8::MAX`.
    pub(crate) name_slots: Vec<u8>,
    /// By slot: where its grams begin; and where the last ones end.
    pub(crate) gram_slots: Vec<u16>,
    /// The octets, where they stand, and the number of the sign.
    pub(crate) grams: Vec<(Gram, u8, u16)>,
}

impl<'t> Index<'t> {
    pub(crate) fn of(emitters: &[Emitter<'t>]) -> Result<Index<'t>, String> {
        let (names, searched) = names(emitters);
        let name_slots = place_names(&names)?;
        let signs = || emitters.iter().flat_map(|emitter| &emitter.signs);
        let mut common: BTreeMap<(u8, Gram), usize> = BTreeMap::new();
        for (place, template) in signs().filter_map(|sign| sought(sign, &names)) {
            for gram in template.pieces().flat_map(|piece| piece.windows(4)).filter_map(gram) {
                *common.entry((place, gram)).or_default() += 1;
            }
        }
        let mut grams = Vec::new();
        for (number, sign) in (0..).zip(signs()) {
            let Some((place, template)) = sought(sign, &names) else { continue };
            let width = if place == IN_BODY { 7 } else { 4 };
            let cost = |window: &&[u8]| -> usize {
                let grams = window.windows(4).filter_map(gram);
                grams.filter_map(|gram| common.get(&(place, gram))).sum()
            };
            let windows = template.pieces().flat_map(|piece| piece.windows(width));
            let under: Vec<Gram> = match (windows.min_by_key(cost), template.whole()) {
                (Some(rarest), _) => rarest.windows(4).filter_map(gram).collect(),
                (None, _) if !sign.statuses.is_empty() => {
                    sign.statuses.iter().map(|status| of_status(*status)).collect()
                }
                (None, Some(whole)) if whole.len() < 4 => vec![of_short(whole)],
                _ => vec![EVERY],
            };
            grams.extend(under.into_iter().map(|gram| (gram, place, template.code(), number)));
        }
        // Signs with one template stand side by side, so that it is tried once for all of them.
        grams.sort_by_cached_key(|(gram, place, code, number)| {
            (gram_slot(*place, *gram), *gram, *place, code.clone(), *number)
        });
        grams.dedup();
        let grams: Vec<_> =
            grams.into_iter().map(|(gram, place, _, number)| (gram, place, number)).collect();
        let below =
            |slot| grams.partition_point(|(gram, place, _)| gram_slot(*place, *gram) < slot);
        let gram_slots: Result<_, _> =
            (0..=1 << GRAM_BITS).map(|slot| u16::try_from(below(slot))).collect();
        let gram_slots = gram_slots.map_err(|_| "more signs than the index can count")?;
        Ok(Index { names, searched, name_slots, gram_slots, grams })
    }

    /// The number of a name.
    pub(crate) fn name(&self, name: &str) -> u8 {
        number(&self.names, name)
    }
}

/// Where a sign is looked for, and by what; `None` for a sign that is looked for only when another one
/// tells.
fn sought<'a>(sign: &'a Sign<'_>, names: &[&str]) -> Option<(u8, &'a Template)> {
    let (place, template) = match &sign.place {
        Place::Body(template) => (IN_BODY, template),
        Place::Reason(template) => (IN_REASON, template),
        Place::Field(name, template) => (number(names, name), template),
        Place::OtherReason(_)
        | Place::Absent(_)
        | Place::Repeated(_)
        | Place::Length(_)
        | Place::Order(_) => return None,
    };
    sign.tells().then_some((place, template))
}

fn gram(octets: &[u8]) -> Option<Gram> {
    octets.try_into().ok()
}

/// The names of fields, as the table first writes them, and how many are of those whose values are
/// searched, which come first.
fn names<'t>(emitters: &[Emitter<'t>]) -> (Vec<&'t str>, usize) {
    let (mut names, mut searched) = (Vec::<&str>::new(), 0);
    let signs = || emitters.iter().flat_map(|emitter| &emitter.signs);
    for only_searched in [true, false] {
        for sign in signs().filter(|sign| sign.tells() || !only_searched) {
            if let Place::Field(name, _) | Place::Absent(name) | Place::Repeated(name) = sign.place
                && !names.iter().any(|known| known.eq_ignore_ascii_case(name))
            {
                names.push(name);
                searched += usize::from(only_searched);
            }
        }
    }
    (names, searched)
}

fn number(names: &[&str], name: &str) -> u8 {
    let at = names.iter().position(|known| known.eq_ignore_ascii_case(name));
    at.and_then(|at| u8::try_from(at).ok()).unwrap_or(u8::MAX)
}

/// Gives each name its slot, or the next that is free.
fn place_names(names: &[&str]) -> Result<Vec<u8>, String> {
    // 128 of them, as a message counts them in the bits of one number.
    if names.len() > 128 {
        return Err(format!("{} names of fields, and 128 can be counted", names.len()));
    }
    // Twice as many, so that a name that is not there soon comes upon a free one.
    let mut slots = vec![u8::MAX; 256];
    for (number, name) in (0..).zip(names) {
        let behind = (0..256).map(|step| (name_slot(name.as_bytes()) + step) % 256);
        let free = behind.into_iter().find(|slot| slots.get(*slot) == Some(&u8::MAX));
        if let Some(slot) = free.and_then(|free| slots.get_mut(free)) {
            *slot = number;
        }
    }
    Ok(slots)
}
