//! The table of emitters: `fingerprints.txt`, as the build has read it (`build/main.rs`).

use std::borrow::Cow;
use std::fmt;

use crate::cause::Cause;
use crate::code::{AROUND, Gram};
use crate::evidence::Seen;
use crate::message::Message;
use crate::role::Role;
use crate::speaks_for::SpeaksFor;
use crate::template::{List, Template};

/// The table as it stands in the project. Its head says how it is written.
pub const TABLE: &str = include_str!("../fingerprints.txt");

include!(concat!(env!("OUT_DIR"), "/table.rs"));

/// A part of `TEXT`, `OCTETS` or `STATUSES`, from here to there.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Piece(u32, u32);

/// A row, as it lies in the program.
pub(crate) struct Row {
    name: Piece,
    title: Piece,
    source: Piece,
    /// What its signs say that are own, via and relay.
    says: [Piece; 3],
    role: Role,
    /// The numbers of its signs, from here to there.
    signs: (u16, u16),
    masks: Masks,
}

/// Signs of an emitter that are alike: a bit each, its first sign the lowest.
#[derive(Clone, Copy)]
pub(crate) struct Masks {
    /// Those that make it one to look at; other signs make a name surer or doubtful, and none by
    /// themselves.
    pub(crate) tells: u64,
    pub(crate) own: u64,
    pub(crate) via: u64,
    pub(crate) relay: u64,
    pub(crate) not: u64,
    /// Those of the body.
    pub(crate) body: u64,
}

/// A sign, as it lies in the program.
pub(crate) struct Line {
    pub(crate) speaks_for: SpeaksFor,
    pub(crate) points: u16,
    pub(crate) cause: Option<Cause>,
    emitter: u8,
    statuses: (u16, u16),
    /// The stronger signs of its emitter that say the same in other words, a bit each: only the
    /// strongest of them counts.
    pub(crate) stronger: u64,
    pub(crate) place: Place,
}

/// Where a sign is looked for. A name is the number of one in `NAMES`.
#[derive(Clone, Copy)]
pub(crate) enum Place {
    /// The body, as far as it was kept.
    Body(Piece),
    /// The reason phrase.
    Reason(Piece),
    /// A reason phrase that is none of these.
    OtherReason(Piece),
    /// The value of some field with this name.
    Field(u8, Piece),
    /// No field has this name.
    Absent(u8),
    /// More than one field has this name.
    Repeated(u8),
    /// The body has so many octets, or would if the request were no HEAD.
    Length(u64),
    /// The fields begin with these, in this order and case; Connection is passed over, which comes
    /// and goes with the request.
    Order(Piece),
}

/// A sign that is put away under four octets which a text may have: see `build/index.rs`.
pub(crate) struct Under {
    pub(crate) gram: Gram,
    /// Where the text stands.
    pub(crate) place: u8,
    /// Whether the next is in another slot.
    pub(crate) last: bool,
    pub(crate) sign: u16,
    /// What stands around them then: so many octets, of which so many come before.
    around: [u8; AROUND],
    length: u8,
    before: u8,
    /// Whether the text begins with that.
    begins: bool,
}

impl Under {
    /// Whether a text that has the four octets there has what stands around them.
    pub(crate) fn stands_in(&self, text: &[u8], at: usize) -> bool {
        let from = at.checked_sub(usize::from(self.before));
        let from = from.filter(|from| *from == 0 || !self.begins);
        let Some(text) = from.and_then(|from| text.get(from..)) else { return false };
        // Mostly the first eight tell that it does not.
        if let (8.., Some(first), Some(eight)) =
            (self.length, self.around.first_chunk::<8>(), text.first_chunk())
            && first != eight
        {
            return false;
        }
        text.starts_with(self.around.get(..usize::from(self.length)).unwrap_or_default())
    }
}

/// How a text is searched: see `build/index.rs`.
pub(crate) struct Search {
    /// Where it stands.
    pub(crate) place: u8,
    /// How far apart the places in it are that are looked at; 0: none is.
    pub(crate) stride: u16,
    /// Whether signs are put away under whole texts.
    pub(crate) whole: bool,
    /// Whether signs are put away under their status codes.
    pub(crate) by_status: bool,
    /// Whether there are templates that begin with the status code.
    pub(crate) begins: bool,
    /// Which of `ALWAYS` are tried, from here to there.
    pub(crate) always: (u16, u16),
    /// Whether there is anything to find; and otherwise than by octets that stand in the text.
    pub(crate) any: bool,
    pub(crate) otherwise: bool,
    /// Of a text that is as long as this more places are looked at than the first.
    pub(crate) far: u16,
}

/// A name of a field.
pub(crate) struct Name {
    /// Its ends in lower case: see `code::ends`.
    pub(crate) first: u64,
    pub(crate) last: u64,
    /// The bits of them that count: all but those of case.
    pub(crate) exact: (u64, u64),
    /// Its bit in the sets of `fields`; 0 where nobody asks whether it is there.
    pub(crate) bit: u64,
    pub(crate) number: u8,
    pub(crate) length: u8,
    text: Piece,
    /// How values are searched.
    pub(crate) search: Search,
}

impl Name {
    pub(crate) fn text(&self) -> &'static str {
        self.text.text()
    }
}

impl Piece {
    fn of<T>(self, whole: &'static [T]) -> &'static [T] {
        let at = |place: u32| usize::try_from(place).unwrap_or(usize::MAX);
        whole.get(at(self.0)..at(self.1)).unwrap_or_default()
    }

    fn text(self) -> &'static str {
        let at = |place: u32| usize::try_from(place).unwrap_or(usize::MAX);
        TEXT.get(at(self.0)..at(self.1)).unwrap_or_default()
    }

    pub(crate) fn template(self) -> Template {
        Template::of(self.of(OCTETS))
    }

    pub(crate) fn list(self) -> List {
        List(self.of(OCTETS))
    }
}

/// A name of a field, by its number.
pub(crate) fn name(number: u8) -> &'static str {
    NAMES.get(usize::from(number)).map_or("", Name::text)
}

/// A program or a service that writes responses or passes them on: a row of the table.
#[derive(Clone, Copy)]
pub struct Emitter(&'static Row);

impl Emitter {
    /// What verdicts call it: `haproxy`.
    pub fn name(self) -> &'static str {
        self.0.name.text()
    }

    /// What people call it.
    pub fn title(self) -> &'static str {
        self.0.title.text()
    }

    /// What it usually is.
    pub fn role(self) -> Role {
        self.0.role
    }

    /// Where its signs are known from.
    pub fn source(self) -> &'static str {
        self.0.source.text()
    }

    /// By what it is told, the strongest first.
    pub fn signs(self) -> impl ExactSizeIterator<Item = Sign> {
        self.lines().map(|(_, line)| Sign(line))
    }

    /// What a sign of it says that speaks for this.
    pub(crate) fn says(self, what: SpeaksFor) -> &'static str {
        let [own, via, relay] = self.0.says;
        match what {
            SpeaksFor::Own => own.text(),
            SpeaksFor::Via => via.text(),
            SpeaksFor::Relay => relay.text(),
            // It counts against the emitter, which then has no evidence.
            SpeaksFor::Not => "",
        }
    }

    /// The number of its first sign, and of that behind its last.
    pub(crate) fn first(self) -> u16 {
        self.0.signs.0
    }

    pub(crate) fn last(self) -> u16 {
        self.0.signs.1
    }

    pub(crate) fn masks(self) -> &'static Masks {
        &self.0.masks
    }

    /// Those of its signs whose bits are there, each with its bit.
    pub(crate) fn these(self, mut bits: u64) -> impl Iterator<Item = (u64, &'static Line)> {
        let lines = SIGNS.get(usize::from(self.first())..).unwrap_or_default();
        std::iter::from_fn(move || {
            let bit = bits & bits.wrapping_neg();
            let line = lines.get(usize::try_from(bits.trailing_zeros()).ok()?)?;
            bits ^= bit;
            (bit != 0).then_some((bit, line))
        })
    }

    /// Its signs, each with its number.
    pub(crate) fn lines(self) -> impl ExactSizeIterator<Item = (u16, &'static Line)> {
        let (from, to) = self.0.signs;
        let lines = SIGNS.get(usize::from(from)..usize::from(to)).unwrap_or_default();
        (from..to).zip(lines)
    }
}

impl PartialEq for Emitter {
    fn eq(&self, other: &Emitter) -> bool {
        std::ptr::eq(self.0, other.0)
    }
}

impl fmt::Debug for Emitter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Emitter({})", self.name())
    }
}

/// The emitters that are known, in the order of the table.
pub fn emitters() -> impl ExactSizeIterator<Item = Emitter> {
    EMITTERS.iter().map(Emitter)
}

/// One sign of an emitter: a line of the table.
#[derive(Clone, Copy)]
pub struct Sign(pub(crate) &'static Line);

impl Sign {
    /// What it is a sign of.
    pub fn speaks_for(self) -> SpeaksFor {
        self.0.speaks_for
    }

    /// How much it is worth: see [`Confidence`](crate::Confidence).
    pub fn points(self) -> u16 {
        self.0.points
    }

    /// The codes it holds for; empty: for all.
    pub fn statuses(self) -> &'static [u16] {
        self.0.statuses()
    }

    /// Why the emitter answered so, when this tells.
    pub fn cause(self) -> Option<Cause> {
        self.0.cause
    }

    /// What records call this kind of sign.
    pub fn kind(self) -> &'static str {
        self.0.kind()
    }

    pub(crate) fn place(self) -> Place {
        self.0.place
    }

    pub(crate) fn says(self) -> &'static str {
        self.0.emitter().map_or("", |emitter| emitter.says(self.0.speaks_for))
    }

    /// Where it is known from.
    pub(crate) fn source(self) -> &'static str {
        self.0.emitter().map_or("", Emitter::source)
    }
}

impl PartialEq for Sign {
    fn eq(&self, other: &Sign) -> bool {
        std::ptr::eq(self.0, other.0)
    }
}

impl Eq for Sign {}

impl fmt::Debug for Sign {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Sign({} {} {})", self.speaks_for(), self.points(), self.kind())
    }
}

impl Line {
    pub(crate) fn statuses(&self) -> &'static [u16] {
        let (from, to) = self.statuses;
        STATUSES.get(usize::from(from)..usize::from(to)).unwrap_or_default()
    }

    /// Whose sign it is.
    pub(crate) fn emitter(&self) -> Option<Emitter> {
        EMITTERS.get(usize::from(self.emitter)).map(Emitter)
    }

    pub(crate) fn holds_for(&self, status: u16) -> bool {
        let (from, to) = self.statuses;
        from == to || self.statuses().contains(&status)
    }

    /// What it was found in.
    pub(crate) fn seen<'r>(&self, message: &Message<'_, 'r>) -> Seen<'r> {
        let octets = match self.place {
            Place::Body(template) => match (template.template().gist(), message.content) {
                // Where the holes are nearly all of it, what stands in them says more.
                (gist, _) if gist.len() >= 8 => gist.into(),
                (_, Cow::Borrowed(content)) => Cow::Borrowed(*content),
                // It was decoded, and is not there for longer; no more of it is shown.
                (_, Cow::Owned(content)) => content.get(..320).unwrap_or(content).to_vec().into(),
            },
            Place::Reason(_) | Place::OtherReason(_) => message.head.reason().into(),
            Place::Field(number, template) => {
                let blanks = message.blanks();
                let fits = |value: &&[u8]| template.template().fits(value, &blanks);
                message.head.values(name(number)).find(fits).unwrap_or_default().into()
            }
            Place::Repeated(number) => {
                return Seen::Fields(message.head.values(name(number)).count());
            }
            Place::Absent(_) | Place::Length(_) | Place::Order(_) => Cow::default(),
        };
        Seen::Octets(octets)
    }

    /// What records call this kind of sign.
    pub(crate) fn kind(&self) -> &'static str {
        match self.place {
            Place::Body(_) => "body",
            Place::Reason(_) | Place::OtherReason(_) => "reason",
            Place::Field(..) => "field",
            Place::Absent(_) => "absent field",
            Place::Repeated(_) => "repeated field",
            Place::Length(_) => "length",
            Place::Order(_) => "field order",
        }
    }
}
