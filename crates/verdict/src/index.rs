//! Which signs of the table a message has: found by what stands in it, so that of all signs only
//! those are tried that may fit (see `build/index.rs`).

use std::ops::Range;

use crate::code::{BY_STATUS, Gram, gram_slot, name_slot, of_status, of_whole};
use crate::message::Message;
use crate::table::{
    ALWAYS, BODY, BODY_STRIDE, Emitter, FIELDS, GRAM_SLOTS, GRAMS, Line, NAME_MIX, NAMES_BY_SLOT,
    Piece, Place, REASON, SIGNS, Search, name,
};

/// The signs that a message has.
pub(crate) struct Found<'m, 'r> {
    pub(crate) message: &'m Message<'r>,
    found: Bits,
    /// All signs of those emitters that one of them tells of.
    signs: Vec<&'static Line>,
}

impl<'m, 'r> Found<'m, 'r> {
    /// Searches the message for the signs that tell.
    pub(crate) fn of(message: &'m Message<'r>) -> Found<'m, 'r> {
        let mut found = Found { message, found: Bits::default(), signs: Vec::new() };
        let (chunks, rest) = message.content.as_chunks::<BODY_STRIDE>();
        let grams = chunks.iter().filter_map(|chunk| chunk.first_chunk());
        found.search(&BODY, &message.content, grams.chain(rest.first_chunk()));
        let mut search = |search: &Search, text: &[u8]| {
            let places = text.windows(4).step_by(search.stride);
            found.search(search, text, places.filter_map(|gram| gram.try_into().ok()));
        };
        search(&REASON, message.head.reason());
        for (name, value) in message.head.fields() {
            if let Some(how) = searched(name) {
                search(how, value);
            }
        }
        found
    }

    /// Tries the signs that are put away under what this text has, and under these four octets of it.
    fn search<'t>(&mut self, search: &Search, text: &[u8], grams: impl Iterator<Item = &'t Gram>) {
        let (place, tried) = (search.place, &mut Bits::default());
        let (from, to) = search.always;
        for &sign in ALWAYS.get(usize::from(from)..usize::from(to)).unwrap_or_default() {
            self.try_sign(sign, text, &mut None, tried);
        }
        if search.by_status {
            self.try_under(of_status(self.message.status()), place, text, tried);
        }
        if text.first_chunk() == Some(&self.message.status) {
            self.try_under(BY_STATUS, place, text, tried);
        }
        self.try_under(of_whole(text), place, text, tried);
        grams.for_each(|gram| self.try_under(*gram, place, text, tried));
    }

    #[inline]
    fn try_under(&mut self, gram: Gram, place: u8, text: &[u8], tried: &mut Bits) {
        // Mostly there is nothing.
        match GRAM_SLOTS.get(gram_slot(place, gram)) {
            None | Some(0) => {}
            Some(behind) => self.try_each(*behind, gram, place, text, tried),
        }
    }

    /// Tries what is put away from there on; the first of all is the one behind 1.
    #[inline(never)]
    fn try_each(&mut self, behind: u16, gram: Gram, place: u8, text: &[u8], tried: &mut Bits) {
        let slot = gram_slot(place, gram);
        let from = GRAMS.get(usize::from(behind) - 1..).unwrap_or_default();
        let here = from.iter().take_while(|it| gram_slot(it.place, it.gram) == slot);
        // Signs with one template stand side by side.
        let mut last = None;
        for under in here.filter(|it| it.gram == gram && it.place == place) {
            self.try_sign(under.sign, text, &mut last, tried);
        }
    }

    /// `last`: the template that was tried last, and whether it fits.
    fn try_sign(
        &mut self,
        number: u16,
        text: &[u8],
        last: &mut Option<(Piece, bool)>,
        tried: &mut Bits,
    ) {
        let Some(line) = SIGNS.get(usize::from(number)) else { return };
        // Each once a text, whatever a peer repeats in it.
        if let Place::Body(it) | Place::Reason(it) | Place::Field(_, it) = line.place
            && line.holds_for(self.message.status())
            && tried.insert(number)
        {
            let fits = match *last {
                Some((template, fits)) if template == it => fits,
                _ => self.fits(it, text),
            };
            *last = Some((it, fits));
            if fits {
                self.found.insert(number);
            }
        }
    }

    fn fits(&self, template: Piece, text: &[u8]) -> bool {
        template.template().fits(text, self.message.blanks())
    }

    /// Weighs each emitter that a sign tells of, in the order of the table: by the range of its signs.
    pub(crate) fn weigh<T>(
        &mut self,
        weigh: impl Fn(Emitter, Range<usize>, &Found<'_, '_>) -> Option<T>,
    ) -> Vec<T> {
        let (mut weighed, mut last) = (Vec::new(), None);
        for number in self.found.clone().ones() {
            let emitter = SIGNS.get(number).and_then(Line::emitter);
            let Some(emitter) = emitter.filter(|_| emitter != last) else { continue };
            last = Some(emitter);
            let from = self.signs.len();
            self.signs.reserve(emitter.lines().len());
            for (number, line) in emitter.lines() {
                if if line.tells { self.found.has(number) } else { self.has(line) } {
                    self.signs.push(line);
                }
            }
            weighed.extend(weigh(emitter, from..self.signs.len(), self));
        }
        weighed
    }

    /// The signs of one emitter that the message has, the strongest first.
    pub(crate) fn signs(&self, range: &Range<usize>) -> &[&'static Line] {
        self.signs.get(range.clone()).unwrap_or_default()
    }

    /// Whether the message has this sign, as everything in it shows.
    fn has(&self, line: &Line) -> bool {
        let head = self.message.head;
        line.holds_for(head.status())
            && match line.place {
                Place::Absent(number) => head.values(name(number)).next().is_none(),
                Place::Repeated(number) => head.values(name(number)).nth(1).is_some(),
                Place::Length(length) => self.message.length() == Some(length),
                Place::OtherReason(reasons) => {
                    let reason = head.reason();
                    !reason.is_empty() && reasons.list().all(|known| known != reason)
                }
                Place::Order(names) => {
                    let is_hop = |name: &[u8]| name.eq_ignore_ascii_case(b"connection");
                    let mut fields = head.fields().map(|(name, _)| name).filter(|it| !is_hop(it));
                    names.list().all(|name| fields.next() == Some(name))
                }
                Place::Body(template) => self.fits(template, &self.message.content),
                Place::Reason(template) => self.fits(template, head.reason()),
                Place::Field(number, template) => {
                    head.values(name(number)).any(|value| self.fits(template, value))
                }
            }
    }
}

/// How a field is searched that has this name, if it is.
fn searched(named: &[u8]) -> Option<&'static Search> {
    let mut slot = name_slot(NAME_MIX, named);
    loop {
        // `u8::MAX` where there is none: most names are not searched.
        let number = *NAMES_BY_SLOT.get(slot)?;
        let search = FIELDS.get(usize::from(number))?;
        if is(name(number), named) {
            return Some(search);
        }
        slot = (slot + 1) % NAMES_BY_SLOT.len();
    }
}

/// Whether it is that name; mostly it is written alike, which is seen sooner.
fn is(name: &str, named: &[u8]) -> bool {
    name.as_bytes() == named || name.as_bytes().eq_ignore_ascii_case(named)
}

/// A set of signs, by their numbers.
#[derive(Clone, Default)]
struct Bits([u64; SIGNS.len().div_ceil(64)]);

impl Bits {
    /// Whether it was not there before.
    fn insert(&mut self, number: u16) -> bool {
        let Some(word) = self.0.get_mut(usize::from(number / 64)) else { return false };
        let bit = 1 << (number % 64);
        let new = *word & bit == 0;
        *word |= bit;
        new
    }

    fn has(&self, number: u16) -> bool {
        self.0.get(usize::from(number / 64)).is_some_and(|word| word & (1 << (number % 64)) != 0)
    }

    /// What is in it, in order.
    fn ones(&self) -> impl Iterator<Item = usize> {
        let some = self.0.iter().enumerate().filter(|(_, word)| **word != 0);
        some.flat_map(|(at, word)| {
            let mut word = *word;
            std::iter::from_fn(move || {
                let bit = word.trailing_zeros();
                word &= word.checked_sub(1)?;
                Some(at * 64 + usize::try_from(bit).ok()?)
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::emitters;
    use crate::template::Blanks;
    use crate::testing::report;

    /// The signs that tell, as the index finds them and as all of them tried one by one.
    fn both(status: &str, fields: &str, body: &str) -> [Vec<usize>; 2] {
        let report = report(status, fields, body);
        let message = Message::of(report.response.as_ref().unwrap()).unwrap();
        let found = Found::of(&message);
        let tried = SIGNS.iter().enumerate().filter(|(_, line)| line.tells && found.has(line));
        [found.found.ones().collect(), tried.map(|(number, _)| number).collect()]
    }

    #[test]
    fn each_sign_is_found_wherever_its_text_stands() {
        for (number, line) in emitters().flat_map(|emitter| emitter.lines()) {
            let status = line.statuses().first().copied().unwrap_or(503).to_string();
            let blanks = Blanks { status: status.as_bytes(), reason: b"Busy" };
            for any in (1..=17).map(|times| "7".repeat(times)) {
                let example = |template: Piece| template.template().example(blanks, &any);
                let [all, tried] = match line.place {
                    Place::Body(template) => {
                        both(&format!("{status} Busy"), "", &example(template))
                    }
                    Place::Reason(template) => {
                        both(&format!("{status} {}", example(template)), "", "")
                    }
                    Place::Field(number, template) => {
                        let field = format!("{}: {}", name(number), example(template));
                        both(&format!("{status} Busy"), &format!("A: 1\r\n{field}\r\n{field}"), "")
                    }
                    _ => continue,
                };
                assert!(all.contains(&usize::from(number)) || !line.tells, "{}", line.slot);
                assert_eq!(all, tried);
            }
        }
    }

    #[test]
    fn of_two_fields_with_one_name_each_is_looked_at() {
        let [found, tried] = both("503 x", "Server: nginx/1.9.3\r\nSERVER: Caddy\r\nB: 2", "");
        assert!(!found.is_empty());
        assert_eq!(found, tried);
    }
}
