//! Who wrote an answer: the signs, weighed.

use std::borrow::Cow;
use std::cmp::Reverse;
use std::fmt;
use std::ops::Range;

use crate::cause::Cause;
use crate::evidence::{Evidence, Fact};
use crate::hops::Hop;
use crate::index::Found;
use crate::message::Message;
use crate::role::Role;
use crate::speaks_for::SpeaksFor;
use crate::table::{Emitter, Line, Place, Sign};

/// Who wrote an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// What it is called in the table, or what it calls itself in Via or Proxy-Status; `None` when
    /// nobody is named, or more than one could be.
    pub name: Option<Cow<'static, str>>,
    /// What it is; `None` when that is not known.
    pub role: Option<Role>,
    /// What it did with this answer.
    pub relation: Relation,
    /// The names that it could be, when they cannot be told apart; the likeliest first.
    pub candidates: Vec<&'static str>,
    /// How sure that is; [`Confidence::Guess`] when nothing is known.
    pub confidence: Confidence,
}

impl Source {
    /// Nobody is known.
    pub const UNKNOWN: Source = Source {
        name: None,
        role: None,
        relation: Relation::Unknown,
        candidates: Vec::new(),
        confidence: Confidence::Guess,
    };
}

/// What a source did with an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Relation {
    /// It wrote it.
    Emitted,
    /// It passed it on; somebody behind it wrote it.
    Relayed,
    /// One of the candidates wrote it, and nothing tells which.
    OneOf,
    /// Nothing tells.
    Unknown,
}

impl Relation {
    /// The word that records use.
    pub const fn as_str(self) -> &'static str {
        match self {
            Relation::Emitted => "emitted",
            Relation::Relayed => "relayed",
            Relation::OneOf => "one-of",
            Relation::Unknown => "unknown",
        }
    }
}

impl fmt::Display for Relation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// How sure a source is: the points of the signs that speak for it, those that say the same in
/// other words counted once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Confidence {
    /// At least 30 points: one weak sign, as a Server field that anybody can write.
    Guess,
    /// At least 60 points: one strong sign, as a page that nobody else is known to write.
    Likely,
    /// At least 100 points: two signs that do not depend on each other, one of them strong; or a
    /// field that nothing but the emitter's own error path writes.
    Certain,
}

impl Confidence {
    const GUESS: u16 = 30;
    const LIKELY: u16 = 60;
    const CERTAIN: u16 = 100;

    /// The word that records use.
    pub const fn as_str(self) -> &'static str {
        match self {
            Confidence::Guess => "guess",
            Confidence::Likely => "likely",
            Confidence::Certain => "certain",
        }
    }

    const fn of(points: u16) -> Confidence {
        match points {
            Confidence::CERTAIN.. => Confidence::Certain,
            Confidence::LIKELY.. => Confidence::Likely,
            _ => Confidence::Guess,
        }
    }
}

impl fmt::Display for Confidence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Rows whose points lie no further apart are not told apart.
const MARGIN: u16 = 25;

/// What the signs of one emitter are worth in one message.
#[derive(Clone)]
struct Weighed {
    emitter: Emitter,
    /// The signs themselves, in [`Found`].
    signs: Range<usize>,
    own: u16,
    via: u16,
    /// Whether it is known not to have written the message that came.
    relayed: bool,
}

/// What passes a response on.
const CARRIES: [SpeaksFor; 2] = [SpeaksFor::Via, SpeaksFor::Relay];

impl Weighed {
    /// `None` where it has too few points for a guess.
    fn of(emitter: Emitter, range: Range<usize>, found: &Found<'_, '_>) -> Option<Weighed> {
        let signs = found.signs(&range);
        // Most have, even if all of them counted.
        let (mut own, mut carries) = (0_u16, 0_u16);
        for sign in signs {
            match sign.speaks_for {
                SpeaksFor::Own => own = own.saturating_add(sign.points),
                SpeaksFor::Via | SpeaksFor::Relay => carries = carries.saturating_add(sign.points),
                SpeaksFor::Not => {}
            }
        }
        if own.max(carries) < Confidence::GUESS {
            return None;
        }
        let has = |what| signs.iter().any(|it| it.speaks_for == what);
        let relayed = has(SpeaksFor::Relay);
        let weighed = Weighed { emitter, signs: range, own: 0, via: 0, relayed };
        let counts = |it: &Line| weighed.counts(it);
        let tells = |it: &Line, carries| it.tells && CARRIES.contains(&it.speaks_for) == carries;
        let own = signs.iter().any(|it| tells(it, false) && counts(it)) && !has(SpeaksFor::Not);
        let via = signs.iter().any(|it| tells(it, true));
        let points = |what| {
            let points = strongest(signs, what).filter(|it| counts(it)).map(|sign| sign.points);
            points.fold(0_u16, u16::saturating_add)
        };
        Some(Weighed {
            own: if own { points(&[SpeaksFor::Own]) } else { 0 },
            via: if via { points(&CARRIES) } else { 0 },
            ..weighed
        })
    }

    /// Whether a sign may count. The page of an emitter that only passed something on is that of
    /// another one like it further on; the fields may be of either.
    fn counts(&self, sign: &Line) -> bool {
        !self.relayed || sign.speaks_for != SpeaksFor::Own || matches!(sign.place, Place::Body(_))
    }

    /// Why the emitter answered so, as its strongest sign with a cause has it.
    fn cause(&self, found: &Found<'_, '_>) -> Option<Cause> {
        let signs = found.signs(&self.signs).iter();
        let own = signs.filter(|sign| sign.speaks_for == SpeaksFor::Own);
        let tells = |sign: &&&Line| sign.cause.is_some() && self.counts(sign);
        own.filter(tells).max_by_key(|sign| sign.points)?.cause
    }

    fn evidence<'r>(&self, found: &Found<'_, 'r>, what: &[SpeaksFor], out: &mut Vec<Evidence<'r>>) {
        let strongest = strongest(found.signs(&self.signs), what);
        for sign in strongest.filter(|sign| self.counts(sign)) {
            out.push(Evidence(Fact::Sign(Sign(sign), sign.seen(found.message))));
        }
    }
}

/// The signs that speak for one of these, of each slot the strongest, which comes first.
fn strongest<'a>(
    signs: &'a [&'static Line],
    what: &'a [SpeaksFor],
) -> impl Iterator<Item = &'static Line> + 'a {
    let speaks = |sign: &Line| what.contains(&sign.speaks_for);
    signs
        .iter()
        .enumerate()
        .filter(move |(at, sign)| {
            let beats = |it: &&Line| it.slot == sign.slot && speaks(it);
            speaks(sign) && !signs.iter().take(*at).any(beats)
        })
        .map(|(_, sign)| *sign)
}

/// Who wrote this message, and why as far as that tells; what shows it is appended to `out`.
pub(crate) fn source<'r>(
    message: &Message<'r>,
    hops: &[Hop],
    out: &mut Vec<Evidence<'r>>,
) -> (Source, Option<Cause>) {
    let mut found = Found::of(message);
    let mut weighed = found.weigh(Weighed::of);
    // Stable: of two rows with equal points the table's first stays first.
    weighed.sort_by_key(|it| Reverse(it.own));
    let mut carriers: Vec<Weighed> =
        weighed.iter().filter(|it| it.via >= Confidence::GUESS).cloned().collect();
    carriers.sort_by_key(|it| Reverse(it.via));

    if let Some(top) = weighed.first().filter(|it| it.own >= Confidence::LIKELY) {
        top.evidence(&found, &[SpeaksFor::Own], out);
        let rivals: Vec<&Weighed> = weighed
            .iter()
            .skip(1)
            .filter(|it| it.own >= Confidence::LIKELY && it.own.saturating_add(MARGIN) > top.own)
            .collect();
        if rivals.is_empty() {
            for carrier in carriers.iter().filter(|it| it.emitter != top.emitter) {
                carrier.evidence(&found, &CARRIES, out);
            }
            return (named(top, Relation::Emitted, top.own), top.cause(&found));
        }
        for rival in &rivals {
            rival.evidence(&found, &[SpeaksFor::Own], out);
        }
        let roles = |role| rivals.iter().all(|it| it.emitter.role() == role);
        let role = Some(top.emitter.role()).filter(|role| roles(*role));
        let all = std::iter::once(top).chain(rivals.iter().copied());
        let one_of = Source {
            name: None,
            role,
            relation: Relation::OneOf,
            candidates: all.map(|it| it.emitter.name()).collect(),
            confidence: Confidence::Likely,
        };
        return (one_of, top.cause(&found));
    }
    if let Some(hop) = hops.iter().find(|hop| hop.error.is_some()) {
        // RFC 9209 §2.1.1: who names an error met it; the members nearer to us only pass it on.
        let error = hop.error.as_ref();
        let token = error.map(|error| error.as_str().into());
        out.push(Evidence(Fact::Hop { name: hop.name.as_str().into(), error: token }));
        let source = Source {
            name: Some(hop.name.clone().into()),
            role: Some(Role::Proxy),
            relation: Relation::Emitted,
            candidates: Vec::new(),
            confidence: Confidence::Likely,
        };
        return (source, error.and_then(|error| error.cause()));
    }
    if let Some(surest) = carriers.first() {
        for carrier in &carriers {
            carrier.evidence(&found, &CARRIES, out);
        }
        return (named(surest, Relation::Relayed, surest.via), None);
    }
    if let Some(hop) = hops.iter().find(|hop| hop.field == "Via") {
        out.push(Evidence(Fact::Hop { name: hop.name.as_str().into(), error: None }));
        let source = Source {
            name: Some(hop.name.clone().into()),
            role: Some(Role::Proxy),
            relation: Relation::Relayed,
            candidates: Vec::new(),
            confidence: Confidence::Likely,
        };
        return (source, None);
    }
    if let Some(top) = weighed.first().filter(|it| it.own >= Confidence::GUESS) {
        top.evidence(&found, &[SpeaksFor::Own], out);
        let cause = top.cause(&found);
        let rivals = weighed.iter().skip(1).filter(|it| it.own == top.own);
        let rivals: Vec<&Weighed> = rivals.collect();
        if rivals.is_empty() {
            return (named(top, Relation::Emitted, top.own), cause);
        }
        let all = std::iter::once(top).chain(rivals);
        let one_of = Source {
            relation: Relation::OneOf,
            candidates: all.map(|it| it.emitter.name()).collect(),
            ..Source::UNKNOWN
        };
        return (one_of, cause);
    }
    (Source::UNKNOWN, None)
}

fn named(weighed: &Weighed, relation: Relation, points: u16) -> Source {
    Source {
        name: Some(weighed.emitter.name().into()),
        role: Some(weighed.emitter.role()),
        relation,
        candidates: Vec::new(),
        confidence: Confidence::of(points),
    }
}
