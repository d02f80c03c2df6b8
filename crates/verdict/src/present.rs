//! What of the signs of an emitter a message has.

use crate::bits::Bits;
use crate::message::Message;
use crate::table::{Emitter, Line, NAMES, Piece, Place, SIGNS, name};

/// Answers which signs a message has, given those of them that the index has found.
pub(crate) struct Present<'m, 'r> {
    pub(crate) message: Message<'m, 'r>,
    found: &'m Bits,
    /// The list of reason phrases that was looked into last, and whether the message's is another.
    reasons: Option<(Piece, bool)>,
}

impl<'m, 'r> Present<'m, 'r> {
    pub(crate) const fn of(message: Message<'m, 'r>, found: &'m Bits) -> Present<'m, 'r> {
        Present { message, found, reasons: None }
    }

    /// The emitters that a sign tells of, in the order of the table, each with its signs.
    pub(crate) fn emitters(&mut self) -> impl Iterator<Item = (Emitter, u64)> {
        let mut next = 0;
        std::iter::from_fn(move || {
            let number = self.found.next(next)?;
            let emitter = SIGNS.get(usize::from(number))?.emitter()?;
            next = emitter.last();
            Some((emitter, self.signs(emitter)))
        })
    }

    /// The signs of an emitter that the message has: a bit each, the strongest the lowest.
    fn signs(&mut self, emitter: Emitter) -> u64 {
        let tells = emitter.masks().tells;
        let mut present = self.found.from(emitter.first()) & tells;
        let all = !(!0 << 1 << (emitter.lines().len().saturating_sub(1)));
        for (bit, line) in emitter.these(all & !tells) {
            present |= if self.has(line) { bit } else { 0 };
        }
        present
    }

    /// Whether the message has this sign, as everything in it shows.
    pub(crate) fn has(&mut self, line: &Line) -> bool {
        let (head, fields) = (self.message.head, self.message.fields);
        let bit = |number: u8| NAMES.get(usize::from(number)).map_or(0, |name| name.bit);
        let fits = |it: Piece, text: &[u8]| it.template().fits(text, &self.message.blanks());
        line.holds_for(head.status())
            && match line.place {
                Place::Absent(number) => !fields.has(bit(number)),
                Place::Repeated(number) => head.values(name(number)).nth(1).is_some(),
                Place::Length(length) => self.message.length() == Some(length),
                Place::OtherReason(reasons) => self.is_other(reasons),
                Place::Order(names) => {
                    let is_hop = |name: &[u8]| name.eq_ignore_ascii_case(b"connection");
                    let mut fields = head.fields().map(|(name, _)| name).filter(|it| !is_hop(it));
                    names.list().all(|name| fields.next() == Some(name))
                }
                Place::Body(template) => fits(template, self.message.content),
                Place::Reason(template) => fits(template, head.reason()),
                Place::Field(number, template) => {
                    head.values(name(number)).any(|value| fits(template, value))
                }
            }
    }

    /// Whether there is a reason phrase that is none of these. Programs with one ancestor have one
    /// list.
    fn is_other(&mut self, reasons: Piece) -> bool {
        if let Some((known, is_other)) = self.reasons
            && known == reasons
        {
            return is_other;
        }
        let reason = self.message.head.reason();
        let is_other = !reason.is_empty() && reasons.list().all(|known| known != reason);
        self.reasons = Some((reasons, is_other));
        is_other
    }
}
