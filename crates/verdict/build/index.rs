//! By what a sign is found, so that of the whole table only those are tried that may fit.
//!
//! A template without a hole fits one text, and is put away under what that has ([`of_whole`]). One
//! that begins with four octets or more is put away under these. Any other fits no text that lacks
//! one of its pieces: it is put away under four octets of a piece, those that the fewest others have.
//! Of a body only every eighth place is looked at: then it is put away eight times, as one of eight
//! places in a row is one of those, wherever the piece stands. What has no such piece is put away
//! under the status code or the reason phrase if it begins with that, or in a body under the octet of
//! it that is the rarest, or under the codes it holds for, or it is tried whatever comes.
//!
//! ```text
//!     template   {any}<h3>Guru Meditation:</h3>{any}
//!     piece           "ru Meditati"          found as "ru M", "u Me" … "tati"
//!     body       ....|....<h3>G|uru |Meditati|on:<|/h3>     looked at
//! ```

use std::collections::BTreeMap;

use crate::code::{
    AROUND, ASKED, BODY_BITS, BODY_STRIDE, BY_RARE, BY_REASON, BY_STATUS, Gram, NAME_BITS, REASON,
    STATUS, TEXT_BITS, body_slot, ends, name_slot, of_status, of_whole, text_slot,
};
use crate::compile::Template;
use crate::read::{Emitter, Place, Sign};

/// Where a text stands that a sign is looked for in: this is the body; a field has the number of its
/// name.
const IN_BODY: u8 = u8::MAX;
/// The reason phrase.
const IN_REASON: u8 = u8::MAX - 1;

/// The furthest apart that two places of other texts are which are looked at.
const WIDEST: usize = 16;

/// Where each sign that tells is put away, and each name of a field.
pub(crate) struct Index<'t> {
    /// The names that are known, each once: those that are asked for, then those whose absence or
    /// repetition is a sign, then the others whose values are searched, then the rest.
    pub(crate) names: Vec<&'t str>,
    /// By slot: the number of a name that is asked for or searched, or `u8::MAX`; and by what number
    /// the slot is told.
    pub(crate) name_mix: u64,
    pub(crate) name_slots: Vec<u8>,
    /// How the body is searched, the reason phrase, and each field by the number of its name.
    pub(crate) body: Search,
    pub(crate) reason: Search,
    pub(crate) fields: Vec<Search>,
    /// The octets that make a body one to look at more closely.
    pub(crate) rare: [u8; 2],
    /// By slot: behind how many its grams begin, and 1 more; 0 where there are none.
    pub(crate) body_slots: Vec<u16>,
    pub(crate) text_slots: Vec<u16>,
    pub(crate) grams: Vec<Under>,
}

/// A sign that is put away, and under what.
pub(crate) struct Under {
    pub(crate) key: Key,
    /// Where the text stands.
    pub(crate) place: u8,
    pub(crate) sign: u16,
    /// Whether the next is in another slot.
    pub(crate) last: bool,
    code: Vec<u8>,
}

/// Four octets that a text may have, and some that stand around them then.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Key {
    pub(crate) gram: Gram,
    pub(crate) around: Vec<u8>,
    /// How many of those come before the four.
    pub(crate) before: u8,
    /// Whether the text begins with them.
    pub(crate) begins: bool,
}

/// How a text is searched.
#[derive(Default)]
pub(crate) struct Search {
    pub(crate) place: u8,
    /// How far apart the places are that are looked at; `u16::MAX`: only the first is; 0: none is.
    pub(crate) stride: u16,
    /// Whether signs are put away under whole texts.
    pub(crate) whole: bool,
    /// Whether signs are put away under their status codes.
    pub(crate) by_status: bool,
    /// Whether there are templates that begin with the status code.
    pub(crate) begins: bool,
    /// The signs that are tried whatever comes.
    pub(crate) always: Vec<u16>,
}

/// By what a template is found.
enum By {
    Whole(Gram),
    Keys(Vec<Key>),
    Status,
    Reason,
    Rare(u8),
    Nothing,
}

impl<'t> Index<'t> {
    pub(crate) fn of(emitters: &[Emitter<'t>]) -> Result<Index<'t>, String> {
        let names = names(emitters);
        let signs: Vec<&Sign<'_>> = emitters.iter().flat_map(|emitter| &emitter.signs).collect();
        let (mut grams, mut rare) = (Vec::new(), Vec::new());
        let mut search = |place| put_away(place, &signs, &names, &mut grams, &mut rare);
        let (body, reason) = (search(IN_BODY), search(IN_REASON));
        let fields: Vec<Search> = (0..).take(names.len()).map(search).collect();
        if body.by_status || !body.always.is_empty() {
            return Err("a template of a body that has nothing to be found by".to_owned());
        }
        let rare = match rare[..] {
            [] => return Err("no short piece: the search for rare octets can go".to_owned()),
            [one] => [one, one],
            [one, other] => [one, other],
            _ => return Err(format!("more than two octets to look for in a body: {rare:?}")),
        };
        // Signs with one template stand side by side, so that it is tried once for all of them.
        let slot_of = |it: &Under| (it.place == IN_BODY, slot(it.place, it.key.gram));
        grams.sort_by(|one, other| {
            let order = |it: &Under| (slot_of(it), it.key.gram, it.place);
            let within = |it: &Under| (it.code.clone(), it.sign, it.key.clone());
            order(one).cmp(&order(other)).then_with(|| within(one).cmp(&within(other)))
        });
        grams.dedup_by(|one, other| {
            (one.place, one.sign, &one.key) == (other.place, other.sign, &other.key)
        });
        let mut next = None;
        for it in grams.iter_mut().rev() {
            it.last = next != Some(slot_of(it));
            next = Some(slot_of(it));
        }
        let slots = |of_body: bool, bits: u32| -> Result<Vec<u16>, String> {
            let mut slots = vec![0; 1 << bits];
            for (number, it) in grams.iter().enumerate().rev() {
                if let ((of, at), Ok(behind)) = (slot_of(it), u16::try_from(number + 1))
                    && of == of_body
                    && let Some(slot) = slots.get_mut(at)
                {
                    *slot = behind;
                }
            }
            match u16::try_from(grams.len()) {
                Ok(_) => Ok(slots),
                Err(_) => Err("more signs than the index can count".to_owned()),
            }
        };
        let (body_slots, text_slots) = (slots(true, BODY_BITS)?, slots(false, TEXT_BITS)?);
        let (name_mix, name_slots) = place_names(&names, &fields)?;
        Ok(Index {
            names,
            name_mix,
            name_slots,
            body,
            reason,
            fields,
            rare,
            body_slots,
            text_slots,
            grams,
        })
    }

    /// The number of a name.
    pub(crate) fn name(&self, name: &str) -> u8 {
        number(&self.names, name)
    }
}

fn slot(place: u8, gram: Gram) -> usize {
    if place == IN_BODY { body_slot(gram) } else { text_slot(place, gram) }
}

/// Puts the signs away that are sought in one place, and says how texts there are searched.
fn put_away(
    place: u8,
    signs: &[&Sign<'_>],
    names: &[&str],
    grams: &mut Vec<Under>,
    rare: &mut Vec<u8>,
) -> Search {
    let sought: Vec<(u16, &Sign<'_>, &Template)> = (0..)
        .zip(signs)
        .filter_map(|(number, sign)| Some((number, *sign, sought(sign, place, names)?)))
        .collect();
    let templates: Vec<&Template> = sought.iter().map(|(_, _, template)| *template).collect();
    let stride = match place {
        IN_BODY => BODY_STRIDE,
        _ => stride(&templates),
    };
    let (common, octets) = (common(&templates), octets(&templates));
    let mut search = Search { place, ..Search::default() };
    for (number, sign, template) in sought {
        let under = match under(template, stride, &common) {
            By::Nothing if place == IN_BODY => {
                rarest(template, &octets).map_or(By::Nothing, By::Rare)
            }
            under => under,
        };
        let under = match under {
            By::Whole(gram) => {
                search.whole = true;
                vec![gram.into()]
            }
            By::Keys(keys) => {
                search.stride = u16::try_from(stride).unwrap_or(u16::MAX);
                keys
            }
            By::Status => {
                search.begins = true;
                vec![BY_STATUS.into()]
            }
            By::Reason if place == IN_BODY => vec![BY_REASON.into()],
            By::Rare(octet) => {
                if !rare.contains(&octet) {
                    rare.push(octet);
                }
                vec![BY_RARE.into()]
            }
            By::Nothing | By::Reason if !sign.statuses.is_empty() => {
                search.by_status = true;
                sign.statuses.iter().map(|status| of_status(*status).into()).collect()
            }
            By::Nothing | By::Reason => {
                search.always.push(number);
                Vec::new()
            }
        };
        grams.extend(under.into_iter().map(|key| Under {
            key,
            place,
            sign: number,
            last: false,
            code: template.code(),
        }));
    }
    search
}

/// The grams that a template is put away under.
fn under(template: &Template, stride: usize, common: &BTreeMap<Gram, usize>) -> By {
    if let Some(whole) = template.whole() {
        return By::Whole(of_whole(whole));
    }
    let shared = |gram| common.get(&gram).copied().unwrap_or_default();
    let shared_by_any = |window: &[u8]| grams(window).map(shared).sum::<usize>();
    // As many grams as there are places from one that is looked at to the next.
    let windows = template.pieces().flat_map(|piece| {
        let windows = piece.windows(stride.saturating_add(3)).enumerate();
        windows.map(move |(at, window)| (piece, at, shared_by_any(window)))
    });
    let rarest = windows.min_by_key(|(.., shared)| *shared);
    let keys_there = |(piece, at, _): (&[u8], usize, usize)| keys(piece, at, at + stride, false);
    match (template.head().first_chunk(), rarest) {
        (Some(head), Some(rarest)) if shared(*head) * stride > rarest.2 => {
            By::Keys(keys_there(rarest))
        }
        (Some(_), _) => By::Keys(keys(template.head(), 0, 1, true)),
        (None, Some(rarest)) => By::Keys(keys_there(rarest)),
        (None, None) if template.begins_with(STATUS) => By::Status,
        (None, None) if template.begins_with(REASON) => By::Reason,
        (None, None) => By::Nothing,
    }
}

/// Under what a template is put away that has this piece: under each gram of it from there to there.
fn keys(piece: &[u8], from: usize, to: usize, begins: bool) -> Vec<Key> {
    let key = |(at, gram): (usize, Gram)| {
        let most = piece.len().min(AROUND);
        // As many before the gram as behind it.
        let first = at.saturating_sub(AROUND / 2 - 2).min(piece.len() - most);
        let around = piece.get(first..first + most).unwrap_or_default().to_vec();
        Key { gram, around, before: u8::try_from(at - first).unwrap_or_default(), begins }
    };
    grams(piece).enumerate().skip(from).take(to - from).map(key).collect()
}

impl From<Gram> for Key {
    fn from(gram: Gram) -> Key {
        Key { gram, ..Key::default() }
    }
}

/// The widest stride that overlooks none of these.
fn stride(sought: &[&Template]) -> usize {
    sought
        .iter()
        .filter(|template| template.whole().is_none() && template.head().len() < 4)
        .filter_map(|template| template.pieces().map(<[u8]>::len).max()?.checked_sub(3))
        .filter(|width| *width > 0)
        .min()
        .map_or(usize::from(u16::MAX), |width| width.min(WIDEST))
}

/// How many pieces have each gram.
fn common(sought: &[&Template]) -> BTreeMap<Gram, usize> {
    let mut common = BTreeMap::new();
    for gram in sought.iter().flat_map(|template| template.pieces()).flat_map(grams) {
        *common.entry(gram).or_default() += 1;
    }
    common
}

/// How often each octet stands in pieces.
fn octets(sought: &[&Template]) -> BTreeMap<u8, usize> {
    let mut octets = BTreeMap::new();
    for octet in sought.iter().flat_map(|template| template.pieces()).flatten() {
        *octets.entry(*octet).or_default() += 1;
    }
    octets
}

/// The octet of a template's pieces that is the rarest.
fn rarest(template: &Template, octets: &BTreeMap<u8, usize>) -> Option<u8> {
    template.pieces().flatten().copied().min_by_key(|octet| octets.get(octet))
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

/// The names of fields, as the table first writes them but for those that are asked for anyway.
fn names<'t>(emitters: &[Emitter<'t>]) -> Vec<&'t str> {
    let mut names = ASKED.to_vec();
    let signs = || emitters.iter().flat_map(|emitter| &emitter.signs);
    let is_counted = |sign: &Sign<'_>| matches!(sign.place, Place::Absent(_) | Place::Repeated(_));
    let sets: [&dyn Fn(&Sign<'_>) -> bool; 3] = [&is_counted, &|sign| sign.tells(), &|_| true];
    for is_in_set in sets {
        for sign in signs().filter(|sign| is_in_set(sign)) {
            if let Place::Field(name, _) | Place::Absent(name) | Place::Repeated(name) = sign.place
                && !names.iter().any(|known| known.eq_ignore_ascii_case(name))
            {
                names.push(name);
            }
        }
    }
    names
}

fn number(names: &[&str], name: &str) -> u8 {
    let at = names.iter().position(|known| known.eq_ignore_ascii_case(name));
    at.and_then(|at| u8::try_from(at).ok()).unwrap_or(u8::MAX)
}

/// Gives each name that is asked for or searched a slot of its own, and tells by what number.
fn place_names(names: &[&str], fields: &[Search]) -> Result<(u64, Vec<u8>), String> {
    // The last two numbers are those of the body and the reason phrase.
    if names.len() > 250 {
        return Err(format!("{} names of fields", names.len()));
    }
    let looked_for = |number: usize| {
        number < u64::BITS as usize || fields.get(number).is_some_and(Search::is_any)
    };
    let mixes = (1..100_000_u64).map(|number| number.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1);
    let mut placed = mixes.filter_map(|mix| {
        let mut slots = vec![u8::MAX; 1 << NAME_BITS];
        for (number, name) in names.iter().enumerate().filter(|(number, _)| looked_for(*number)) {
            let name = name.as_bytes();
            let slot = slots.get_mut(name_slot(mix, ends(name), name.len()))?;
            (*slot == u8::MAX).then_some(())?;
            *slot = u8::try_from(number).ok()?;
        }
        Some((mix, slots))
    });
    placed.next().ok_or_else(|| "no two names may be in one slot".to_owned())
}

impl Search {
    /// Whether there is anything to find.
    pub(crate) fn is_any(&self) -> bool {
        self.stride > 0 || self.whole || self.by_status || self.begins || !self.always.is_empty()
    }
}
