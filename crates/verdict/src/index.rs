//! Which signs of the table a message has: found by what stands in it, so that of all signs only
//! those are tried that may fit (see `build/index.rs`).

use crate::code::{EVERY, Gram, IN_BODY, IN_REASON, gram_slot, name_slot, of_short, of_status};
use std::ops::Range;

use crate::message::Message;
use crate::table::{
    Emitter, GRAM_SLOTS, GRAMS, Line, NAMES_BY_SLOT, Piece, Place, SEARCHED, SIGNS, Under, name,
};

/// The signs that a message has.
pub(crate) struct Found<'a> {
    pub(crate) message: &'a Message<'a>,
    found: Bits,
    /// All signs of those emitters that one of them tells of.
    signs: Vec<&'static Line>,
    /// Which names of the table its fields have, by number.
    names: u128,
    /// Which of them more than one field has.
    repeated: u128,
}

impl<'a> Found<'a> {
    /// Searches the message for the signs that tell.
    pub(crate) fn of(message: &'a Message<'a>) -> Found<'a> {
        let signs = Vec::new();
        let mut found = Found { message, found: Bits::default(), signs, names: 0, repeated: 0 };
        // Every fourth place is enough: in a body each sign is put away four times.
        let (places, _) = message.content.as_chunks();
        found.search(IN_BODY, &message.content, places.iter().copied());
        let reason = message.head.reason();
        found.search(IN_REASON, reason, grams(reason));
        for (name, value) in message.head.fields() {
            let Some(number) = number(name) else { continue };
            let bit = 1 << number;
            found.repeated |= found.names & bit;
            found.names |= bit;
            if number < SEARCHED {
                found.search(number, value, grams(value));
            }
        }
        found
    }

    /// Tries the signs that are put away under these octets of a text.
    fn search(&mut self, place: u8, text: &[u8], grams: impl Iterator<Item = Gram>) {
        let mut tried = Bits::default();
        self.try_under(EVERY, place, text, &mut tried);
        self.try_under(of_status(self.message.status()), place, text, &mut tried);
        if text.len() < 4 {
            self.try_under(of_short(text), place, text, &mut tried);
        }
        for gram in grams {
            self.try_under(gram, place, text, &mut tried);
        }
    }

    #[inline]
    fn try_under(&mut self, gram: Gram, place: u8, text: &[u8], tried: &mut Bits) {
        let slot = gram_slot(place, gram);
        let (Some(&from), Some(&to)) = (GRAM_SLOTS.get(slot), GRAM_SLOTS.get(slot + 1)) else {
            return;
        };
        // Mostly there is nothing.
        if from == to {
            return;
        }
        let under = GRAMS.get(usize::from(from)..usize::from(to)).unwrap_or_default();
        self.try_each(under, gram, place, text, tried);
    }

    #[inline(never)]
    fn try_each(&mut self, under: &[Under], gram: Gram, place: u8, text: &[u8], tried: &mut Bits) {
        // Signs with one template stand side by side.
        let mut last = None;
        for number in under.iter().filter(|it| it.gram == gram && it.place == place) {
            let number = number.sign;
            let Some(line) = SIGNS.get(usize::from(number)) else { continue };
            // Each once a text, whatever a peer repeats in it.
            if let Place::Body(it) | Place::Reason(it) | Place::Field(_, it) = line.place
                && line.holds_for(self.message.status())
                && tried.insert(number)
            {
                let fits = match last {
                    Some((template, fits)) if template == it => fits,
                    _ => self.fits(it, text),
                };
                last = Some((it, fits));
                if fits {
                    self.found.insert(number);
                }
            }
        }
    }

    fn fits(&self, template: Piece, text: &[u8]) -> bool {
        template.template().fits(text, self.message.blanks())
    }

    /// Weighs each emitter that a sign tells of, in the order of the table: by the range of its signs.
    pub(crate) fn weigh<T>(
        &mut self,
        weigh: impl Fn(Emitter, Range<usize>, &Found<'_>) -> T,
    ) -> Vec<T> {
        let (mut weighed, mut last) = (Vec::new(), None);
        for number in self.found.clone().ones() {
            let emitter = SIGNS.get(number).and_then(Line::emitter);
            let Some(emitter) = emitter.filter(|_| emitter != last) else { continue };
            last = Some(emitter);
            let from = self.signs.len();
            for (number, line) in emitter.lines() {
                if if line.tells { self.found.has(number) } else { self.has(line) } {
                    self.signs.push(line);
                }
            }
            weighed.push(weigh(emitter, from..self.signs.len(), self));
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
        let has = |names: u128, number: u8| names & (1 << number) != 0;
        line.holds_for(head.status())
            && match line.place {
                Place::Absent(name) => !has(self.names, name),
                Place::Repeated(name) => has(self.repeated, name),
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
                    has(self.names, number)
                        && head.values(name(number)).any(|value| self.fits(template, value))
                }
            }
    }
}

/// The octets of a text four by four, from each place on.
fn grams(text: &[u8]) -> impl Iterator<Item = Gram> {
    text.windows(4).filter_map(|gram| gram.try_into().ok())
}

/// The number that a name of a field has in the table.
fn number(named: &[u8]) -> Option<u8> {
    let (before, from) = NAMES_BY_SLOT.split_at_checked(name_slot(named))?;
    let mut numbers = from.iter().chain(before).take_while(|number| **number != u8::MAX);
    numbers.find(|number| is(name(**number), named)).copied()
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
    fn ones(self) -> impl Iterator<Item = usize> {
        self.0.into_iter().enumerate().flat_map(|(at, mut word)| {
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
        [found.found.clone().ones().collect(), tried.map(|(number, _)| number).collect()]
    }

    #[test]
    fn each_sign_is_found_wherever_its_text_stands() {
        for (number, line) in emitters().flat_map(|emitter| emitter.lines()) {
            let status = line.statuses().first().copied().unwrap_or(503).to_string();
            let blanks = Blanks { status: status.as_bytes(), reason: b"Busy" };
            for any in ["7", "77", "777", "7777", "77777"] {
                let example = |template: Piece| template.template().example(blanks, any);
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
