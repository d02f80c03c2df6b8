//! By what a sign is found, so that of the whole table only those are tried that may fit.
//!
//! A template without a hole fits one text, and is put away under what that has ([`of_whole`]). One
//! that begins with four octets or more is put away under these. Any other fits no text that lacks
//! one of its pieces: it is put away under four octets of a piece, those that the fewest others have.
//! Where all such pieces are long, only every eighth place, say, is looked at: then it is put away
//! eight times, as one of eight places in a row is one of those, wherever the piece stands. What has
//! no such piece either begins with the status code, or is under those it holds for, or is tried
//! whatever comes.
//!
//! ```text
//!     template   {any}<h3>Guru Meditation:</h3>{any}
//!     piece           "ru Meditati"          found as "ru M", "u Me" … "tati"
//!     body       ....|....<h3>G|uru |Meditati|on:<|/h3>     looked at
//! ```

use std::collections::BTreeMap;

use crate::code::{
    BY_STATUS, GRAM_BITS, Gram, NAME_BITS, gram_slot, name_slot, of_status, of_whole,
};
use crate::compile::Template;
use crate::read::{Emitter, Place, Sign};

/// Where a text stands that a sign is looked for in: this is the body; a field has the number of its
/// name.
const IN_BODY: u8 = u8::MAX;
/// The reason phrase.
const IN_REASON: u8 = u8::MAX - 1;

/// The furthest apart that two places are which are looked at, and pieces that let it be so.
const WIDEST: usize = 16;

/// Where each sign that tells is put away, and each name of a field.
pub(crate) struct Index<'t> {
    /// The names that the table has, each once; the first of them are those of fields whose values
    /// are searched.
    pub(crate) names: Vec<&'t str>,
    pub(crate) searched: usize,
    /// By slot: the number of a name that is searched, or `u8::MAX`; and by what the slot is told.
    pub(crate) name_mix: u32,
    pub(crate) name_slots: Vec<u8>,
    /// How the body is searched, the reason phrase, and each field.
    pub(crate) searches: Vec<Search>,
    /// By slot: behind how many its grams begin, and 1 more; 0 where there are none.
    pub(crate) gram_slots: Vec<u16>,
    /// The octets, where they stand, and the number of the sign.
    pub(crate) grams: Vec<(Gram, u8, u16)>,
}

/// How a text is searched.
pub(crate) struct Search {
    pub(crate) place: u8,
    /// How far apart the places are that are looked at; `u16::MAX`: only the first is.
    pub(crate) stride: u16,
    /// Whether signs are put away under their status codes.
    pub(crate) by_status: bool,
    /// The signs that are tried whatever comes.
    pub(crate) always: Vec<u16>,
}

impl<'t> Index<'t> {
    pub(crate) fn of(emitters: &[Emitter<'t>]) -> Result<Index<'t>, String> {
        let (names, searched) = names(emitters);
        let (name_mix, name_slots) = place_names(&names, searched)?;
        let (mut grams, mut searches) = (Vec::new(), Vec::new());
        let fields = (0..).take(searched);
        let signs: Vec<&Sign<'_>> = emitters.iter().flat_map(|emitter| &emitter.signs).collect();
        let statuses = |number: u16| {
            let sign = signs.get(usize::from(number));
            sign.map(|sign| sign.statuses.as_slice()).unwrap_or_default()
        };
        for place in [IN_BODY, IN_REASON].into_iter().chain(fields) {
            let sought: Vec<(u16, &Template)> = (0..)
                .zip(&signs)
                .filter_map(|(number, sign)| Some((number, sought(sign, place, &names)?)))
                .collect();
            let (stride, by_status, always) = (stride(&sought), false, Vec::new());
            let mut search = Search { place, stride, by_status, always };
            let common = common(&sought);
            for (number, template) in sought {
                let statuses = statuses(number);
                match under(template, search.stride, &common) {
                    None if !statuses.is_empty() => {
                        search.by_status = true;
                        let under = statuses.iter().map(|status| of_status(*status));
                        grams.extend(under.map(|gram| (gram, place, template.code(), number)));
                    }
                    Some(under) => grams.extend(
                        under.into_iter().map(|gram| (gram, place, template.code(), number)),
                    ),
                    None => search.always.push(number),
                }
            }
            searches.push(search);
        }
        // Signs with one template stand side by side, so that it is tried once for all of them.
        grams.sort_by_cached_key(|(gram, place, code, number)| {
            (gram_slot(*place, *gram), *gram, *place, code.clone(), *number)
        });
        grams.dedup();
        let grams: Vec<_> =
            grams.into_iter().map(|(gram, place, _, number)| (gram, place, number)).collect();
        let slots: Vec<usize> =
            grams.iter().map(|(gram, place, _)| gram_slot(*place, *gram)).collect();
        let first = |slot| {
            slots
                .binary_search(&slot)
                .map_or(0, |_| slots.partition_point(|other| *other < slot) + 1)
        };
        let gram_slots: Result<_, _> =
            (0..1 << GRAM_BITS).map(|slot| u16::try_from(first(slot))).collect();
        let gram_slots = gram_slots.map_err(|_| "more signs than the index can count")?;
        Ok(Index { names, searched, name_mix, name_slots, searches, gram_slots, grams })
    }

    /// The number of a name.
    pub(crate) fn name(&self, name: &str) -> u8 {
        number(&self.names, name)
    }
}

/// The grams that a template is put away under; `None`: it has to be tried whatever comes.
fn under(template: &Template, stride: u16, common: &BTreeMap<Gram, usize>) -> Option<Vec<Gram>> {
    if let Some(whole) = template.whole() {
        return Some(vec![of_whole(whole)]);
    }
    let stride = usize::from(stride);
    let shared = |gram| common.get(&gram).copied().unwrap_or_default();
    let shared_by_any = |window: &[u8]| grams(window).map(shared).sum::<usize>();
    // As many grams as there are places from one that is looked at to the next.
    let windows = template.pieces().flat_map(|piece| piece.windows(stride.saturating_add(3)));
    let rarest = windows.min_by_key(|window| shared_by_any(window));
    match (template.head().first_chunk(), rarest) {
        (Some(head), Some(rarest)) if shared(*head) * stride > shared_by_any(rarest) => {
            Some(grams(rarest).collect())
        }
        (Some(head), _) => Some(vec![*head]),
        (None, Some(rarest)) => Some(grams(rarest).collect()),
        (None, None) => template.begins_with_status().then(|| vec![BY_STATUS]),
    }
}

/// The widest stride that overlooks none of these.
fn stride(sought: &[(u16, &Template)]) -> u16 {
    let sought = sought.iter().map(|(_, template)| template);
    sought
        .filter(|template| template.whole().is_none() && template.head().len() < 4)
        .filter_map(|template| template.pieces().map(<[u8]>::len).max()?.checked_sub(3))
        .filter(|width| *width > 0)
        .min()
        .map_or(u16::MAX, |width| u16::try_from(width.min(WIDEST)).unwrap_or(1))
}

/// How many pieces have each gram.
fn common(sought: &[(u16, &Template)]) -> BTreeMap<Gram, usize> {
    let mut common = BTreeMap::new();
    for gram in sought.iter().flat_map(|(_, template)| template.pieces()).flat_map(grams) {
        *common.entry(gram).or_default() += 1;
    }
    common
}

/// What is sought for a sign in this place; `None` where it is not, or only when another one tells.
fn sought<'a>(sign: &'a Sign<'_>, place: u8, names: &[&str]) -> Option<&'a Template> {
    let (own, template) = match &sign.place {
        Place::Body(template) => (IN_BODY, template),
        Place::Reason(template) => (IN_REASON, template),
        Place::Field(name, template) => (number(names, name), template),
        Place::OtherReason(_)
        | Place::Absent(_)
        | Place::Repeated(_)
        | Place::Length(_)
        | Place::Order(_) => return None,
    };
    (own == place && sign.tells()).then_some(template)
}

fn grams(octets: &[u8]) -> impl Iterator<Item = Gram> {
    octets.windows(4).filter_map(|gram| gram.try_into().ok())
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

/// Gives each name that is searched its slot, or the next that is free, and tells by what number:
/// of many that are tried one that has the fewest names stand behind theirs, mostly none.
fn place_names(names: &[&str], searched: usize) -> Result<(u32, Vec<u8>), String> {
    // The last two numbers are those of the body and the reason phrase.
    if names.len() > 250 {
        return Err(format!("{} names of fields", names.len()));
    }
    let mixes = (0..1_000_u32).map(|number| number.wrapping_mul(0x9E37_79B9) | 1);
    let placed = mixes.map(|mix| {
        let (mut slots, mut behind) = (vec![u8::MAX; 1 << NAME_BITS], 0);
        for (number, name) in (0..).zip(names).take(searched) {
            let own = name_slot(mix, name.as_bytes());
            let mut places = (own..slots.len()).chain(0..own);
            let free = places.position(|slot| slots.get(slot) == Some(&u8::MAX));
            let step = free.unwrap_or_default();
            behind += step;
            if let Some(slot) = slots.get_mut((own + step) % (1 << NAME_BITS)) {
                *slot = number;
            }
        }
        (behind, mix, slots)
    });
    let best = placed.min_by_key(|(behind, ..)| *behind);
    best.map(|(_, mix, slots)| (mix, slots)).ok_or_else(|| "no slots".to_owned())
}
