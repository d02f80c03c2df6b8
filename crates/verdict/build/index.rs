//! By what octets a sign is found, so that of the whole table only those are tried that may fit.
//!
//! A template fits no text that lacks one of its pieces. So each is put away under four octets of a
//! piece, those that the fewest other templates have; a text is walked once, and what is under its
//! octets is tried. In a body, where every fourth place is looked at, it is put away four times: one of
//! the four lies on such a place, wherever the piece stands.
//!
//! ```text
//!     template   …<center>nginx/{version}</center>…
//!     piece               "nginx/<"              found as "ginx", "nx/1" …
//!     body       ….|.<ce|nter|>ngi|nx/1|.22.|…   looked at
//! ```

use std::collections::BTreeMap;

use crate::code::{GRAM_BITS, IN_BODY, IN_REASON, gram_slot, name_slot};
use crate::read::{Emitter, Place, Sign};

/// Four octets of a text; all zero: every text.
pub(crate) type Gram = [u8; 4];

/// Where each sign that tells is put away, and each name of a field.
pub(crate) struct Index<'t> {
    /// The names that the table has, each once.
    pub(crate) names: Vec<&'t str>,
    pub(crate) name_seed: u32,
    /// By slot: the number of the name, or `u8::MAX`.
    pub(crate) name_slots: Vec<u8>,
    /// By slot: where its grams begin; and where the last ones end.
    pub(crate) gram_slots: Vec<u16>,
    /// The octets, where they stand, and the number of the sign.
    pub(crate) grams: Vec<(Gram, u8, u16)>,
}

impl<'t> Index<'t> {
    pub(crate) fn of(emitters: &[Emitter<'t>]) -> Result<Index<'t>, String> {
        let names = names(emitters);
        let (name_seed, name_slots) = place_names(&names)?;
        let signs = || emitters.iter().flat_map(|emitter| &emitter.signs);
        let mut common: BTreeMap<(u8, Gram), usize> = BTreeMap::new();
        for (place, pieces) in signs().filter_map(|sign| sought(sign, &names)) {
            for gram in pieces.iter().flat_map(|piece| piece.windows(4)).filter_map(gram) {
                *common.entry((place, gram)).or_default() += 1;
            }
        }
        let mut grams = Vec::new();
        for (number, sign) in (0..).zip(signs()) {
            let Some((place, pieces)) = sought(sign, &names) else { continue };
            let width = if place == IN_BODY { 7 } else { 4 };
            let cost = |window: &&[u8]| -> usize {
                let grams = window.windows(4).filter_map(gram);
                grams.filter_map(|gram| common.get(&(place, gram))).sum()
            };
            let rarest = pieces.iter().flat_map(|piece| piece.windows(width)).min_by_key(cost);
            match rarest {
                Some(window) => {
                    let windows = window.windows(4).filter_map(gram);
                    grams.extend(windows.map(|gram| (gram, place, number)));
                }
                None => grams.push(([0; 4], place, number)),
            }
        }
        grams.sort_by_key(|(gram, place, number)| (gram_slot(*place, *gram), *number));
        grams.dedup();
        let below =
            |slot| grams.partition_point(|(gram, place, _)| gram_slot(*place, *gram) < slot);
        let gram_slots: Result<_, _> =
            (0..=1 << GRAM_BITS).map(|slot| u16::try_from(below(slot))).collect();
        let gram_slots = gram_slots.map_err(|_| "more signs than the index can count")?;
        Ok(Index { names, name_seed, name_slots, gram_slots, grams })
    }

    /// The number of a name.
    pub(crate) fn name(&self, name: &str) -> u8 {
        number(&self.names, name)
    }
}

/// What octets a sign is looked for in, and the pieces that have to be there; `None` for a sign that
/// is looked for only when another one tells.
fn sought<'a>(sign: &'a Sign<'_>, names: &[&str]) -> Option<(u8, Vec<&'a [u8]>)> {
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
    sign.tells().then(|| (place, template.pieces().collect()))
}

fn gram(octets: &[u8]) -> Option<Gram> {
    octets.try_into().ok()
}

/// The names of fields that signs are looked for in, as the table first writes them.
fn names<'t>(emitters: &[Emitter<'t>]) -> Vec<&'t str> {
    let mut names: Vec<&str> = Vec::new();
    for sign in emitters.iter().flat_map(|emitter| &emitter.signs) {
        if let Place::Field(name, _) | Place::Absent(name) | Place::Repeated(name) = sign.place
            && !names.iter().any(|known| known.eq_ignore_ascii_case(name))
        {
            names.push(name);
        }
    }
    names
}

fn number(names: &[&str], name: &str) -> u8 {
    let at = names.iter().position(|known| known.eq_ignore_ascii_case(name));
    at.and_then(|at| u8::try_from(at).ok()).unwrap_or(u8::MAX)
}

/// Gives each name a slot of its own: some seed does it.
fn place_names(names: &[&str]) -> Result<(u32, Vec<u8>), String> {
    // 128 of them, as a message counts them in the bits of one number.
    if names.len() > 128 {
        return Err(format!("{} names of fields, and 128 can be counted", names.len()));
    }
    let slots = 1024;
    'seeds: for seed in 0..1_000_000 {
        let mut taken = vec![u8::MAX; slots];
        for (number, name) in (0..).zip(names) {
            match taken.get_mut(name_slot(name.as_bytes(), seed, slots)) {
                Some(slot) if *slot == u8::MAX => *slot = number,
                _ => continue 'seeds,
            }
        }
        return Ok((seed, taken));
    }
    Err("no seed gives each name a slot of its own".to_owned())
}
