//! Who wrote an answer: the signs, weighed.

use std::borrow::Cow;
use std::cmp::Reverse;
use std::fmt;

use crate::bits::Bits;
use crate::cause::Cause;
use crate::evidence::{Evidence, Fact};
use crate::grounds::Grounds;
use crate::hops::Hop;
use crate::message::Message;
use crate::present::Present;
use crate::role::Role;
use crate::table::{Emitter, Sign};

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
#[derive(Clone, Copy)]
struct Weighed {
    emitter: Emitter,
    /// The signs themselves, by their bits.
    signs: u64,
    own: u16,
    via: u16,
}

impl Weighed {
    /// `None` where it has too few points for a guess.
    fn of((emitter, signs): (Emitter, u64)) -> Option<Weighed> {
        let it = Weighed { emitter, signs, own: 0, via: 0 };
        let sum =
            |signs| emitter.these(signs).fold(0, |sum: u16, (_, it)| sum.saturating_add(it.points));
        let (masks, all) = (emitter.masks(), (it.own_signs(), it.carrying_signs()));
        // Most have, even if all of them counted.
        if sum(all.0).max(sum(all.1)) < Confidence::GUESS {
            return None;
        }
        let own = all.0 & it.counted() & masks.tells != 0 && signs & masks.not == 0;
        let via = all.1 & masks.tells != 0;
        Some(Weighed {
            own: if own { sum(it.strongest(all.0)) } else { 0 },
            via: if via { sum(it.strongest(all.1)) } else { 0 },
            ..it
        })
    }

    /// Those that speak for it as who wrote the message.
    fn own_signs(&self) -> u64 {
        self.signs & self.emitter.masks().own
    }

    /// Those that speak for it as who passed it on.
    fn carrying_signs(&self) -> u64 {
        self.signs & (self.emitter.masks().via | self.emitter.masks().relay)
    }

    /// Those that may count. The page of an emitter that only passed something on is that of another
    /// one like it further on; the fields may be of either.
    fn counted(&self) -> u64 {
        let masks = self.emitter.masks();
        let relayed = self.signs & masks.relay != 0;
        if relayed { !masks.own | masks.body } else { !0 }
    }

    /// Of these, which are all that speak for one of the two, those that count: of signs that say the
    /// same in other words the strongest.
    fn strongest(&self, signs: u64) -> u64 {
        let weaker = self.emitter.these(signs).filter(|(_, line)| line.stronger & signs != 0);
        weaker.fold(signs, |strongest, (bit, _)| strongest ^ bit) & self.counted()
    }

    /// Why the emitter answered so, as its strongest sign with a cause has it.
    fn cause(&self) -> Option<Cause> {
        let own = self.emitter.these(self.own_signs() & self.counted());
        let tells = own.filter(|(_, sign)| sign.cause.is_some());
        tells.max_by_key(|(_, sign)| sign.points)?.1.cause
    }

    /// Appends the strongest of these signs.
    fn evidence<'r>(&self, signs: u64, message: &Message<'_, 'r>, out: &mut Grounds<'r>) {
        let strongest = self.emitter.these(self.strongest(signs));
        strongest.for_each(|(_, sign)| {
            out.push(Evidence(Fact::Sign(Sign(sign), sign.seen(message))));
        });
    }
}

/// Who wrote this message, and why as far as that tells, by the signs in it that were found and by the
/// hops it names; what shows it is appended to `out`.
#[inline(never)]
pub(crate) fn source<'r>(
    message: Message<'_, 'r>,
    found: Option<&Bits>,
    hops: &[Hop],
    out: &mut Grounds<'r>,
) -> (Source, Option<Cause>) {
    let mut weighed: Vec<Weighed> = match found {
        Some(found) => Present::of(message, found).emitters().filter_map(Weighed::of).collect(),
        None => Vec::new(),
    };
    // Stable: of two rows with equal points the table's first stays first.
    weighed.sort_by_key(|it| Reverse(it.own));
    if let Some(top) = weighed.first().copied().filter(|it| it.own >= Confidence::LIKELY) {
        let cause = top.cause();
        let close =
            |it: &&Weighed| it.own >= Confidence::LIKELY && it.own.saturating_add(MARGIN) > top.own;
        let close = weighed.iter().take_while(close).count();
        let equals = weighed.get(..close).unwrap_or_default();
        for it in equals {
            it.evidence(it.own_signs(), &message, out);
        }
        if equals.len() > 1 {
            let role = Some(top.emitter.role());
            let role = role.filter(|role| equals.iter().all(|it| it.emitter.role() == *role));
            let one_of = Source { role, confidence: Confidence::Likely, ..one_of(equals) };
            return (one_of, cause);
        }
        for carrier in carriers(&mut weighed).iter().filter(|it| it.emitter != top.emitter) {
            carrier.evidence(carrier.carrying_signs(), &message, out);
        }
        return (named(&top, Relation::Emitted, top.own), cause);
    }
    if let Some(hop) = hops.iter().find(|hop| hop.error.is_some()) {
        // RFC 9209 §2.1.1: who names an error met it; the members nearer to us only pass it on.
        let error = hop.error.as_ref();
        let token = error.map(|error| error.as_str().into());
        out.push(Evidence(Fact::Hop { name: hop.name.as_str().into(), error: token }));
        return (of_hop(hop, Relation::Emitted), error.and_then(|error| error.cause()));
    }
    if weighed.iter().any(|it| it.via >= Confidence::GUESS)
        && let carriers @ [surest, ..] = carriers(&mut weighed)
    {
        for carrier in carriers {
            carrier.evidence(carrier.carrying_signs(), &message, out);
        }
        return (named(surest, Relation::Relayed, surest.via), None);
    }
    if let Some(hop) = hops.iter().find(|hop| hop.field == "Via") {
        out.push(Evidence(Fact::Hop { name: hop.name.as_str().into(), error: None }));
        return (of_hop(hop, Relation::Relayed), None);
    }
    match weighed.as_slice() {
        [top, ..] if top.own >= Confidence::GUESS => {
            top.evidence(top.own_signs(), &message, out);
            let equal = weighed.iter().take_while(|it| it.own == top.own).count();
            let source = match weighed.get(..equal) {
                Some(equals) if equal > 1 => one_of(equals),
                _ => named(top, Relation::Emitted, top.own),
            };
            (source, top.cause())
        }
        _ => (Source::UNKNOWN, None),
    }
}

/// Those that passed the message on, the surest first.
fn carriers(weighed: &mut [Weighed]) -> &[Weighed] {
    weighed.sort_by_key(|it| Reverse(it.via));
    let sure = weighed.iter().take_while(|it| it.via >= Confidence::GUESS).count();
    weighed.get(..sure).unwrap_or_default()
}

/// One of these, which cannot be told apart.
fn one_of(equals: &[Weighed]) -> Source {
    let candidates = equals.iter().map(|it| it.emitter.name()).collect();
    Source { relation: Relation::OneOf, candidates, ..Source::UNKNOWN }
}

/// An intermediary that names itself.
fn of_hop(hop: &Hop, relation: Relation) -> Source {
    Source {
        name: Some(hop.name.clone().into()),
        role: Some(Role::Proxy),
        relation,
        candidates: Vec::new(),
        confidence: Confidence::Likely,
    }
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
