//! What a record says of what it means.

use fourstep_verdict::{Evidence, Hop, Piece, ProxyError, Source, State, Verdict, Words};

use super::Record;
use super::json::{Plain, quoted};
use super::object::object;
use crate::when::Moment;

object! {
    Verdict<'_>: |verdict| {
        state: Plain(verdict.state.as_str()),
        temporary: verdict.temporary,
        retry_after_s: verdict.retry_after_s,
        retry_at: verdict.retry_at.map(Moment),
        retry_from: verdict.retry_from.map(|from| Plain(from.as_str())),
        source: verdict.source,
        hops: verdict.hops,
        evidence: verdict.evidence,
    }
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
    Evidence<'_>: |evidence| {
        sign: Plain(evidence.sign()),
        value: evidence.value(),
        says: evidence.says(),
        reference: Plain(evidence.reference()),
    }
}

quoted! {
    [] Words<'_>: |words, out| words.fold(out, |out, piece| match piece {
        Piece::Ours(text) => out.word(text.as_bytes()),
        Piece::Printable(octets) => out.text(octets),
        Piece::Text(text) => out.text(text.as_bytes()),
        Piece::Number(number) => out.digits(number),
    });
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
