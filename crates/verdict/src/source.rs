//! Who wrote an answer: the signs, weighed.

use std::fmt;

use crate::cause::Cause;
use crate::evidence::Evidence;
use crate::hops::Hop;
use crate::message::Message;
use crate::table::{Emitter, Place, Sign, SpeaksFor, emitters};

/// Who wrote an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// What it is called in the table, or what it calls itself in Via or Proxy-Status; `None` when
    /// nobody is named, or more than one could be.
    pub name: Option<String>,
    /// What it is; `None` when that is not known.
    pub role: Option<Role>,
    /// What it did with this answer.
    pub relation: Relation,
    /// The names that it could be, when they cannot be told apart; the likeliest first.
    pub candidates: Vec<String>,
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

/// What kind of thing wrote an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Role {
    /// The server that the resource lives on (RFC 9110 §3.6).
    Origin,
    /// A program that runs in or behind the origin server.
    Application,
    /// A gateway or proxy (RFC 9110 §3.7).
    Proxy,
    /// A gateway that spreads requests over servers.
    LoadBalancer,
    /// A gateway near the client, run by somebody else than the origin.
    Cdn,
    /// Something on the way that is not part of the service.
    Network,
}

impl Role {
    const ALL: [Role; 6] = [
        Role::Origin,
        Role::Application,
        Role::Proxy,
        Role::LoadBalancer,
        Role::Cdn,
        Role::Network,
    ];

    /// The word that the table and records use.
    pub const fn as_str(self) -> &'static str {
        match self {
            Role::Origin => "origin",
            Role::Application => "application",
            Role::Proxy => "proxy",
            Role::LoadBalancer => "load-balancer",
            Role::Cdn => "cdn",
            Role::Network => "network",
        }
    }

    pub(crate) fn from_text(text: &str) -> Option<Role> {
        Role::ALL.into_iter().find(|role| role.as_str() == text)
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
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

/// The signs of one row in one message.
struct Weighed {
    emitter: &'static Emitter,
    own: u16,
    via: u16,
    found: Vec<(&'static Sign, String)>,
}

impl Weighed {
    fn of(emitter: &'static Emitter, message: &Message<'_>) -> Option<Weighed> {
        let mut found: Vec<(&Sign, String)> = Vec::new();
        for sign in &emitter.signs {
            if let Some(value) = sign.find(message) {
                found.push((sign, value));
            }
        }
        let has = |what| found.iter().any(|(sign, _)| sign.speaks_for == what);
        // Order, lengths and absences make a name surer, and none by themselves.
        let tells = |(sign, _): &(&Sign, String)| {
            let says = matches!(sign.place, Place::Body(_) | Place::Reason(_) | Place::Field(..));
            sign.speaks_for == SpeaksFor::Own && says
        };
        let own = if has(SpeaksFor::Not) || has(SpeaksFor::Relay) || !found.iter().any(tells) {
            0
        } else {
            points(&found, &[SpeaksFor::Own])
        };
        // What only tells that a response was passed on does not tell by whom.
        let names = |sign: &Sign| match sign.speaks_for {
            SpeaksFor::Via => true,
            SpeaksFor::Relay => matches!(sign.place, Place::Field(..)),
            SpeaksFor::Own | SpeaksFor::Not => false,
        };
        let via = if found.iter().any(|(sign, _)| names(sign)) {
            points(&found, &[SpeaksFor::Via, SpeaksFor::Relay])
        } else {
            0
        };
        (own > 0 || via > 0).then_some(Weighed { emitter, own, via, found })
    }

    /// Why the emitter answered so, as its strongest sign with a cause has it.
    fn cause(&self) -> Option<Cause> {
        let told = self.found.iter().filter(|(sign, _)| sign.speaks_for == SpeaksFor::Own);
        told.filter(|(sign, _)| sign.cause.is_some())
            .max_by_key(|(sign, _)| sign.points)
            .and_then(|(sign, _)| sign.cause)
    }

    fn evidence(&self, what: &[SpeaksFor], out: &mut Vec<Evidence>) {
        let mut found: Vec<_> =
            self.found.iter().filter(|(sign, _)| what.contains(&sign.speaks_for)).collect();
        found.sort_by_key(|(sign, _)| std::cmp::Reverse(sign.points));
        let mut slots = Vec::new();
        for (sign, value) in found {
            // One sign a slot, as in `points`.
            if slots.contains(&sign.slot()) {
                continue;
            }
            slots.push(sign.slot());
            let name = self.emitter.name;
            let says = match sign.speaks_for {
                SpeaksFor::Own => format!("{name} writes this"),
                SpeaksFor::Via => format!("{name} adds this to what passes through it"),
                SpeaksFor::Relay => format!("{name} got this answer from behind it"),
                SpeaksFor::Not => format!("{name} does not write this"),
            };
            out.push(Evidence {
                sign: sign.kind(),
                value: value.clone(),
                says: says.into(),
                reference: self.emitter.source,
            });
        }
    }
}

/// The points of the signs that speak for one of these, of each slot the most.
fn points(found: &[(&Sign, String)], what: &[SpeaksFor]) -> u16 {
    let mut slots: Vec<(_, u16)> = Vec::new();
    for (sign, _) in found.iter().filter(|(sign, _)| what.contains(&sign.speaks_for)) {
        match slots.iter_mut().find(|(slot, _)| *slot == sign.slot()) {
            Some((_, points)) => *points = sign.points.max(*points),
            None => slots.push((sign.slot(), sign.points)),
        }
    }
    slots.iter().map(|(_, points)| points).fold(0, |sum, points| sum.saturating_add(*points))
}

/// Who wrote this message, and why as far as that tells; what shows it is appended to `out`.
pub(crate) fn source(
    message: &Message<'_>,
    hops: &[Hop],
    out: &mut Vec<Evidence>,
) -> (Source, Option<Cause>) {
    let mut weighed: Vec<Weighed> =
        emitters().iter().filter_map(|emitter| Weighed::of(emitter, message)).collect();
    // Stable: of two rows with equal points the table's first stays first.
    weighed.sort_by_key(|it| std::cmp::Reverse(it.own));
    // Of equals the first, here as well: `max_by_key` gives the last.
    let carrier = weighed.iter().rev().max_by_key(|it| it.via);
    let carrier = carrier.filter(|it| it.via >= Confidence::GUESS);

    if let Some(top) = weighed.first().filter(|it| it.own >= Confidence::LIKELY) {
        top.evidence(&[SpeaksFor::Own], out);
        let rivals: Vec<&Weighed> = weighed
            .iter()
            .skip(1)
            .filter(|it| it.own >= Confidence::LIKELY && it.own.saturating_add(MARGIN) > top.own)
            .collect();
        if rivals.is_empty() {
            if let Some(carrier) = carrier.filter(|it| it.emitter.name != top.emitter.name) {
                carrier.evidence(&[SpeaksFor::Via, SpeaksFor::Relay], out);
            }
            return (named(top, Relation::Emitted, top.own), top.cause());
        }
        for rival in &rivals {
            rival.evidence(&[SpeaksFor::Own], out);
        }
        let roles = |role| rivals.iter().all(|it| it.emitter.role == role);
        let role = Some(top.emitter.role).filter(|role| roles(*role));
        let all = std::iter::once(top).chain(rivals.iter().copied());
        let one_of = Source {
            name: None,
            role,
            relation: Relation::OneOf,
            candidates: all.map(|it| it.emitter.name.to_owned()).collect(),
            confidence: Confidence::Likely,
        };
        return (one_of, top.cause());
    }
    if let Some(hop) = hops.iter().find(|hop| hop.error.is_some()) {
        // RFC 9209 §2.1.1: who names an error met it; the members nearer to us only pass it on.
        let error = hop.error.as_ref();
        out.push(Evidence {
            sign: "field",
            value: format!("Proxy-Status: {}; error={}", hop.name, hop.error_text()),
            says: format!("{} met this error itself", hop.name).into(),
            reference: "RFC 9209 §2.1.1",
        });
        let source = Source {
            name: Some(hop.name.clone()),
            role: Some(Role::Proxy),
            relation: Relation::Emitted,
            candidates: Vec::new(),
            confidence: Confidence::Likely,
        };
        return (source, error.and_then(|error| error.cause()));
    }
    if let Some(carrier) = carrier {
        carrier.evidence(&[SpeaksFor::Via, SpeaksFor::Relay], out);
        return (named(carrier, Relation::Relayed, carrier.via), None);
    }
    if let Some(hop) = hops.iter().find(|hop| hop.field == "Via") {
        out.push(Evidence {
            sign: "field",
            value: format!("Via: {}", hop.name),
            says: format!("{} passed this answer on", hop.name).into(),
            reference: "RFC 9110 §7.6.3",
        });
        let source = Source {
            name: Some(hop.name.clone()),
            role: Some(Role::Proxy),
            relation: Relation::Relayed,
            candidates: Vec::new(),
            confidence: Confidence::Likely,
        };
        return (source, None);
    }
    if let Some(top) = weighed.first().filter(|it| it.own >= Confidence::GUESS) {
        top.evidence(&[SpeaksFor::Own], out);
        let cause = top.cause();
        let rivals = weighed.iter().skip(1).filter(|it| it.own == top.own);
        let rivals: Vec<&Weighed> = rivals.collect();
        if rivals.is_empty() {
            return (named(top, Relation::Emitted, top.own), cause);
        }
        let all = std::iter::once(top).chain(rivals);
        let one_of = Source {
            relation: Relation::OneOf,
            candidates: all.map(|it| it.emitter.name.to_owned()).collect(),
            ..Source::UNKNOWN
        };
        return (one_of, cause);
    }
    (Source::UNKNOWN, None)
}

fn named(weighed: &Weighed, relation: Relation, points: u16) -> Source {
    Source {
        name: Some(weighed.emitter.name.to_owned()),
        role: Some(weighed.emitter.role),
        relation,
        candidates: Vec::new(),
        confidence: Confidence::of(points),
    }
}
