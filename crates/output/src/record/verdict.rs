//! What a record says of what it means.

use std::fmt::{self, Write};
use std::mem::take;

use fourstep_verdict::{Evidence, Hop, ProxyError, Source, State, Verdict, Words};

use super::Record;
use super::json::{Json, Plain, object, quoted};
use super::room::Room;
use crate::when::Moment;

impl Json for Verdict<'_> {
    fn write<'o>(&self, out: Room<'o>) -> Room<'o> {
        object!(
            out,
            state: Plain(self.state.as_str()),
            temporary: self.temporary,
            retry_after_s: self.retry_after_s,
            retry_at: self.retry_at.map(Moment),
            retry_from: self.retry_from.map(|from| Plain(from.as_str())),
            source: self.source,
            hops: self.hops,
            evidence: self.evidence,
        )
    }
}

impl Json for Source {
    fn write<'o>(&self, out: Room<'o>) -> Room<'o> {
        if *self == Source::UNKNOWN {
            return out.put(
                b"{\"name\":null,\"role\":null,\"relation\":\"unknown\",\"candidates\":[],\
                \"confidence\":\"guess\"}",
            );
        }
        object!(
            out,
            name: self.name,
            role: self.role.map(|role| Plain(role.as_str())),
            relation: Plain(self.relation.as_str()),
            candidates: self.candidates,
            confidence: Plain(self.confidence.as_str()),
        )
    }
}

/// Something between us and whoever wrote the answer, the nearest first.
impl Json for Hop {
    fn write<'o>(&self, out: Room<'o>) -> Room<'o> {
        object!(
            out,
            name: self.name,
            field: self.field,
            protocol: self.protocol,
            program: self.program,
            error: self.error.as_ref().map(ProxyError::as_str),
            received_status: self.received_status,
            hit: self.hit,
            forwarded: self.forwarded,
            detail: self.detail,
        )
    }
}

/// The names of signs, and of clauses and sources, are ours: the table is built only if they are plain.
impl Json for Evidence<'_> {
    fn write<'o>(&self, out: Room<'o>) -> Room<'o> {
        object!(
            out,
            sign: Plain(self.sign()),
            value: self.value(),
            says: self.says(),
            reference: Plain(self.reference()),
        )
    }
}

quoted! {
    [] Words<'_>: |words, out| {
        let mut out = Pieces(out);
        // Where there is too little room is seen at the end.
        let _ = words.write_to(&mut out);
        out.0
    };
}

/// Text that comes piece by piece, mostly plain.
struct Pieces<'o>(Room<'o>);

impl Write for Pieces<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0 = take(&mut self.0).text(text.as_bytes());
        Ok(())
    }
}

impl Record<'_> {
    /// What it comes to, for people; `None` where that is said already. A failure has a sentence and a
    /// hint: what the verdict adds is when to come back.
    pub(crate) fn meaning(&self) -> Option<String> {
        let verdict = &self.verdict;
        let adds = match verdict.state {
            State::Ok | State::Unknown => false,
            State::Unavailable => true,
            _ => verdict.status.is_some() && verdict.failure.is_none(),
        };
        adds.then(|| verdict.sentence())
    }
}
