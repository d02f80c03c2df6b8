//! What a record says of what it means.

use fourstep_verdict::{
    Assemble, Evidence, Grounds, Hop, Lead, Parts, ProxyError, RetryFrom, Said, Source, State,
    Value, Verdict,
};

use super::Record;
use super::json::{Json, Name, Plain, Shown, list, quoted};
use super::object::{Chosen, object};
use super::room::Room;
use super::word::words;
use crate::lines::tree::Node;
use crate::when::{Dated, Day, Moment};

/// The verdict as it is written of a record: judged on the way.
pub(crate) struct Written<'a>(pub(crate) &'a Record<'a>, pub(crate) &'a Day);

impl Json for Written<'_> {
    #[inline(always)]
    fn write<'o>(&self, out: Room<'o>) -> Room<'o> {
        let mut verdict = Verdict::none();
        self.0.judge(&mut verdict);
        Judged(&verdict, self.1).write(out)
    }

    fn write_chosen<'o>(&self, asked: &Node, out: Room<'o>) -> Room<'o> {
        Judged(&self.0.verdict(), self.1).write_chosen(asked, out)
    }
}

/// A verdict, and the day of its record.
struct Judged<'a>(&'a Verdict<'a>, &'a Day);

object! {
    Judged<'_>: |Judged(verdict, day)| {
        within 192 {
            state: verdict.state,
            temporary: verdict.temporary,
            retry_after_s: verdict.retry_after_s,
            retry_at: verdict.retry_at.map(|at| Dated(Moment(at), day)),
            retry_from: verdict.retry_from,
        }
        source: verdict.source,
        hops: verdict.hops,
        evidence: verdict.evidence,
    }
}

words! {
    State: Ok, Rejected, Unavailable, Unreachable, Untrusted, Broken, Unknown;
    RetryFrom: Server, Suggested;
}

object! {
    Source: |source| {
        if *source == Source::UNKNOWN, [
            name: source.name => null,
            role: source.role.map(|role| Plain(role.as_str())) => null,
            relation: Plain(source.relation.as_str()) => "unknown",
            candidates: source.candidates => [],
            confidence: Plain(source.confidence.as_str()) => "guess"
        ],
    }
}

// Something between us and whoever wrote the answer, the nearest first.
object! {
    Hop: |hop| {
        name: hop.name,
        field: hop.field,
        protocol: hop.protocol,
        program: hop.program,
        error: hop.error.as_ref().map(ProxyError::as_str),
        received_status: hop.received_status,
        hit: hop.hit,
        forwarded: hop.forwarded,
        detail: hop.detail,
    }
}

// The names of signs, and of clauses and sources, are ours: the table is built only if they are plain.
object! {
    Parts<'_>: |parts| {
        sign: Plain(parts.sign),
        value: parts.value,
        says: parts.says,
        reference: Plain(parts.reference),
    }
}

quoted! {
    [] Value<'_>: |value, out| {
        let out = match value.lead {
            Lead::Words(words) => out.word(words.as_bytes()),
            Lead::Status(code) => out.digits(code.into()).put(b" "),
            Lead::Field(name) => out.word(name.as_bytes()).put(b": "),
        };
        if value.may_be_quoted { out.text(value.octets) } else { out.word(value.octets) }
    };
    [] Said: |said, out| {
        let out = out.word(said.words.as_bytes());
        match said.number {
            Some((number, after)) => out.digits(number).word(after.as_bytes()),
            None => out,
        }
    };
}

/// Writes parts.
struct Into<'o>(Room<'o>);

impl<'o> Assemble for Into<'o> {
    type Whole = Room<'o>;

    #[inline(always)]
    fn assemble(self, parts: Parts<'_>) -> Room<'o> {
        parts.write(self.0)
    }

    #[inline(always)]
    fn assemble_short(self, parts: Parts<'_>) -> Room<'o> {
        // With the names of its members.
        self.0.within::<480>(
            #[inline(always)]
            |out| parts.write(out),
        )
    }
}

impl Json for Evidence<'_> {
    #[inline]
    fn write<'o>(&self, out: Room<'o>) -> Room<'o> {
        self.assemble(Into(out)).unwrap_or_else(|Into(out)| rare(self, out))
    }

    fn write_chosen<'o>(&self, asked: &Node, out: Room<'o>) -> Room<'o> {
        InWords(self).write_chosen(asked, out)
    }
}

impl Json for Grounds<'_> {
    fn write<'o>(&self, out: Room<'o>) -> Room<'o> {
        list(self.iter(), out)
    }

    #[inline(always)]
    fn write_member<'o, N: Name>(&self, out: Room<'o>) -> Room<'o> {
        if self.is_empty() { out.put(N::EMPTY) } else { self.write(out.put(N::VALUE)) }
    }

    fn write_chosen<'o>(&self, asked: &Node, out: Room<'o>) -> Room<'o> {
        list(self.iter().map(|item| Chosen(item, asked)), out)
    }
}

#[cold]
fn rare<'o>(evidence: &Evidence<'_>, out: Room<'o>) -> Room<'o> {
    InWords(evidence).write(out)
}

/// Evidence whose texts are made as they are written.
struct InWords<'a>(&'a Evidence<'a>);

object! {
    InWords<'_>: |evidence| {
        sign: Plain(evidence.0.sign()),
        value: Shown(evidence.0.value()),
        says: Shown(evidence.0.says()),
        reference: Plain(evidence.0.reference()),
    }
}

impl Record<'_> {
    /// What it comes to, for people; `None` where that is said already. A failure has a sentence and a
    /// hint: what the verdict adds is when to come back.
    pub(crate) fn meaning(&self) -> Option<String> {
        let verdict = self.verdict();
        let adds = match verdict.state {
            State::Ok | State::Unknown => false,
            State::Unavailable => true,
            _ => verdict.status.is_some() && verdict.failure.is_none(),
        };
        adds.then(|| verdict.sentence())
    }
}
