//! Which signs of the table a message has: found by what stands in it, so that of all signs only
//! those are tried that may fit (see `build/index.rs`).

use fourstep_response::Head;
use memchr::memchr2;

use crate::bits::Bits;
use crate::code::{
    BODY_STRIDE, BY_RARE, BY_REASON, BY_STATUS, Gram, body_slot, of_status, of_whole, text_slot,
};
use crate::table::{
    ALWAYS, BODY, BODY_SLOTS, GRAMS, Piece, Place, RARE, SIGNS, Search, TEXT_SLOTS, Under,
};
use crate::template::Blanks;

/// Finds the signs that tell, text by text. Mostly there is nothing to try, and that is soon seen.
#[derive(Debug)]
pub(crate) struct Hits<'r> {
    head: &'r Head,
    /// What was tried, if anything was.
    tries: Option<Tries<'r>>,
}

impl<'r> Hits<'r> {
    pub(crate) const fn of(head: &'r Head) -> Hits<'r> {
        Hits { head, tries: None }
    }

    /// The signs that were found, if any were.
    pub(crate) fn found(&self) -> Option<&Bits> {
        self.tries.as_ref().map(|tries| &tries.found).filter(|found| found.is_any())
    }

    /// Searches the reason phrase, or the value of a field.
    #[inline]
    pub(crate) fn search(&mut self, how: &Search, text: &[u8]) {
        let is_behind = |gram| behind_text(how.place, gram) > 0;
        if how.otherwise
            || how.whole && is_behind(of_whole(text))
            || how.by_status && is_behind(of_status(self.head.status()))
            || text.len() >= usize::from(how.far)
            || how.stride > 0 && text.first_chunk().is_some_and(|gram| is_behind(*gram))
        {
            self.search_closely(how, text);
        }
    }

    /// The same, where something is put away in one of the slots: maybe under other octets.
    #[inline(never)]
    fn search_closely(&mut self, how: &Search, text: &[u8]) {
        let any = |gram| is_under(slot_of_text(how.place, gram), how.place, gram, text, 0);
        if how.otherwise
            || how.whole && any(of_whole(text))
            || how.by_status && any(of_status(self.head.status()))
            || text.len() >= usize::from(how.far)
            || how.stride > 0 && text.first_chunk().is_some_and(|gram| any(*gram))
        {
            self.tries().text(how, text);
        }
    }

    /// Searches the body, many places at once.
    #[inline]
    pub(crate) fn search_body(&mut self, text: &[u8]) {
        if let Some(tries) = &mut self.tries {
            tries.begin();
        }
        let first = text.first();
        if first.is_some_and(u8::is_ascii_digit)
            || self.head.reason().first().is_none_or(|octet| Some(octet) == first)
            || memchr2(RARE[0], RARE[1], text).is_some()
            || behind_body(of_whole(text)) > 0
        {
            self.tries().body(text);
        }
        let (blocks, rest) = text.as_chunks::<{ 8 * BODY_STRIDE }>();
        let mut at = 0;
        for block in blocks {
            if behind_any(block) > 0 {
                self.search_part(text, at, at + block.len());
            }
            at += block.len();
        }
        if behind_any(rest) > 0 {
            self.search_part(text, at, text.len());
        }
    }

    /// Tries what is found by the octets of a body from here to there.
    #[inline(never)]
    fn search_part(&mut self, text: &[u8], mut at: usize, to: usize) {
        while at < to
            && let Some(gram) = text.get(at..).and_then(|rest| rest.first_chunk())
        {
            let behind = behind_body(*gram);
            if behind > 0 && is_under(slot(behind), BODY.place, *gram, text, at) {
                self.tries().try_each(slot(behind), BODY.place, *gram, text, at);
            }
            at += BODY_STRIDE;
        }
    }

    #[inline(never)]
    fn tries(&mut self) -> &mut Tries<'r> {
        self.tries.get_or_insert_with(|| Tries::of(self.head))
    }
}

/// What is put away in the slot of these octets, and maybe of others; mostly nothing.
#[inline]
fn slot_of_body(gram: Gram) -> &'static [Under] {
    slot(behind_body(gram))
}

/// The same for another text.
#[inline]
fn slot_of_text(place: u8, gram: Gram) -> &'static [Under] {
    slot(behind_text(place, gram))
}

/// What is put away from there on, the first of all being behind 1.
#[inline]
fn slot(behind: u16) -> &'static [Under] {
    match usize::from(behind).checked_sub(1) {
        Some(from) => GRAMS.get(from..).unwrap_or_default(),
        None => &[],
    }
}

/// Whether something in a slot is put away under these octets, as the text has them there.
fn is_under(mut slot: &[Under], place: u8, gram: Gram, text: &[u8], at: usize) -> bool {
    while let [first, rest @ ..] = slot {
        if first.gram == gram && first.place == place && first.stands_in(text, at) {
            return true;
        }
        slot = if first.last { &[] } else { rest };
    }
    false
}

/// Where in a body it is looked.
#[inline]
fn places(octets: &[u8]) -> impl Iterator<Item = &Gram> {
    octets.chunks(BODY_STRIDE).filter_map(|chunk| chunk.first_chunk())
}

/// Not 0 if anything may be put away under what stands there.
#[inline]
fn behind_any(octets: &[u8]) -> u16 {
    places(octets).fold(0, |any, gram| any | behind_body(*gram))
}

/// Behind how many grams those begin that a body's may be among, and 1 more; mostly 0: there are none.
#[inline]
fn behind_body(gram: Gram) -> u16 {
    BODY_SLOTS.get(body_slot(gram)).map_or(0, |behind| *behind)
}

/// The same for another text.
#[inline]
fn behind_text(place: u8, gram: Gram) -> u16 {
    TEXT_SLOTS.get(text_slot(place, gram)).map_or(0, |behind| *behind)
}

/// Tries what may fit.
#[derive(Debug)]
struct Tries<'r> {
    status: u16,
    blanks: Blanks<'r>,
    found: Bits,
    /// Those that were tried in this text.
    tried: Bits,
}

impl<'r> Tries<'r> {
    fn of(head: &'r Head) -> Tries<'r> {
        let (found, tried) = (Bits::default(), Bits::default());
        Tries { status: head.status(), blanks: Blanks::of(head), found, tried }
    }

    /// Begins another text.
    fn begin(&mut self) {
        if self.tried.is_any() {
            self.tried = Bits::default();
        }
    }

    /// Searches the reason phrase, or the value of a field.
    #[inline(never)]
    fn text(&mut self, how: &Search, text: &[u8]) {
        self.begin();
        let place = how.place;
        let (from, to) = how.always;
        for &sign in ALWAYS.get(usize::from(from)..usize::from(to)).unwrap_or_default() {
            self.try_sign(sign, text, &mut None);
        }
        if how.by_status {
            self.try_text(place, of_status(self.status), text, 0);
        }
        if how.begins && text.first_chunk() == Some(&self.blanks.status) {
            self.try_text(place, BY_STATUS, text, 0);
        }
        if how.whole {
            self.try_text(place, of_whole(text), text, 0);
        }
        if how.stride > 0 {
            let mut at = 0;
            while let Some(gram) = text.get(at..).and_then(|rest| rest.first_chunk()) {
                self.try_text(place, *gram, text, at);
                at += usize::from(how.stride);
            }
        }
    }

    /// Tries what is not found by octets that stand anywhere in a body.
    #[inline(never)]
    fn body(&mut self, text: &[u8]) {
        if text.first_chunk() == Some(&self.blanks.status) {
            self.try_body(BY_STATUS, text);
        }
        if text.starts_with(self.blanks.reason) {
            self.try_body(BY_REASON, text);
        }
        if memchr2(RARE[0], RARE[1], text).is_some() {
            self.try_body(BY_RARE, text);
        }
        self.try_body(of_whole(text), text);
    }

    fn try_body(&mut self, gram: Gram, text: &[u8]) {
        self.try_each(slot_of_body(gram), BODY.place, gram, text, 0);
    }

    fn try_text(&mut self, place: u8, gram: Gram, text: &[u8], at: usize) {
        self.try_each(slot_of_text(place, gram), place, gram, text, at);
    }

    /// Tries what is put away in a slot under these octets, as the text has them there.
    fn try_each(&mut self, slot: &[Under], place: u8, gram: Gram, text: &[u8], at: usize) {
        // Signs with one template stand side by side.
        let mut last = None;
        for under in slot {
            if under.gram == gram && under.place == place && under.stands_in(text, at) {
                self.try_sign(under.sign, text, &mut last);
            }
            if under.last {
                break;
            }
        }
    }

    /// `last`: the template that was tried last, and whether it fits.
    fn try_sign(&mut self, number: u16, text: &[u8], last: &mut Option<(Piece, bool)>) {
        let Some(line) = SIGNS.get(usize::from(number)) else { return };
        // Each once a text, whatever a peer repeats in it.
        if let Place::Body(it) | Place::Reason(it) | Place::Field(_, it) = line.place
            && line.holds_for(self.status)
            && self.tried.insert(number)
        {
            let fits = match *last {
                Some((template, fits)) if template == it => fits,
                _ => it.template().fits(text, &self.blanks),
            };
            *last = Some((it, fits));
            if fits {
                self.found.insert(number);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fields::Fields;
    use crate::message::Message;
    use crate::present::Present;
    use crate::table::{Line, REASON, emitters, name};
    use crate::template::Blanks;
    use crate::testing::report;

    /// The signs that tell, as the index finds them and as all of them tried one by one.
    fn both(status: &str, fields: &str, body: &str) -> [Vec<u16>; 2] {
        let report = report(status, fields, body);
        let received = report.response.as_ref().unwrap();
        let head = received.head.as_ref().unwrap();
        let mut hits = Hits::of(head);
        hits.search(&REASON, head.reason());
        let fields = Fields::of(head, |how, value| hits.search(how, value));
        hits.search_body(&received.body);
        let content = received.body.as_slice().into();
        let mut present = Present::of(Message::of(head, received, &fields, &content), Bits::NONE);
        let tried = telling().filter(|(_, line)| present.has(line));
        let found = hits.found().unwrap_or(Bits::NONE);
        [found.ones().collect(), tried.map(|(number, _)| number).collect()]
    }

    fn telling() -> impl Iterator<Item = (u16, &'static Line)> {
        let lines = emitters().flat_map(|emitter| {
            let tells = emitter.masks().tells;
            emitter.lines().enumerate().filter(move |(at, _)| tells & (1 << at) != 0)
        });
        lines.map(|(_, line)| line)
    }

    #[test]
    fn each_sign_is_found_wherever_its_text_stands() {
        for (number, line) in telling() {
            let status = line.statuses().first().copied().unwrap_or(503).to_string();
            let blanks = Blanks { status: status.as_bytes().try_into().unwrap(), reason: b"Busy" };
            for any in (1..=17).map(|times| "7".repeat(times)) {
                let example = |template: Piece| template.template().example(&blanks, &any);
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
                assert!(all.contains(&number), "{number}");
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
