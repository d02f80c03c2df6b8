//! What a record says of what it means.

use fourstep_verdict::State;
use serde::Serialize;
use std::borrow::Cow;

use crate::when::rfc3339;

/// The `verdict` of a record: what the probe means, and on what evidence.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Verdict {
    pub(crate) state: &'static str,
    temporary: Option<bool>,
    retry_after_s: Option<u64>,
    retry_at: Option<String>,
    retry_from: Option<&'static str>,
    source: Source,
    hops: Vec<Hop>,
    pub(crate) evidence: Vec<Evidence>,
    /// For text: what it comes to.
    #[serde(skip)]
    pub(crate) sentence: String,
}

#[derive(Clone, Debug, Serialize)]
struct Source {
    name: Option<Cow<'static, str>>,
    role: Option<&'static str>,
    relation: &'static str,
    candidates: Vec<&'static str>,
    confidence: &'static str,
}

/// Something between us and whoever wrote the answer, the nearest first.
#[derive(Clone, Debug, Serialize)]
struct Hop {
    name: String,
    field: &'static str,
    protocol: Option<String>,
    program: Option<String>,
    error: Option<String>,
    received_status: Option<u16>,
    hit: Option<bool>,
    forwarded: Option<String>,
    detail: Option<String>,
}

#[derive(Clone, Debug, Serialize)]
pub(crate) struct Evidence {
    pub(crate) sign: &'static str,
    pub(crate) value: String,
    pub(crate) says: String,
    pub(crate) reference: &'static str,
}

impl From<fourstep_verdict::Verdict> for Verdict {
    fn from(verdict: fourstep_verdict::Verdict) -> Verdict {
        // A failure has a sentence and a hint already: what the verdict adds is when to come back.
        let adds = match verdict.state {
            State::Ok | State::Unknown => false,
            State::Unavailable => true,
            _ => verdict.status.is_some() && verdict.failure.is_none(),
        };
        let sentence = if adds { verdict.sentence() } else { String::new() };
        let source = verdict.source;
        Verdict {
            state: verdict.state.as_str(),
            temporary: verdict.temporary,
            retry_after_s: verdict.retry_after_s,
            retry_at: verdict.retry_at.map(rfc3339),
            retry_from: verdict.retry_from.map(|from| from.as_str()),
            source: Source {
                name: source.name,
                role: source.role.map(|role| role.as_str()),
                relation: source.relation.as_str(),
                candidates: source.candidates,
                confidence: source.confidence.as_str(),
            },
            hops: verdict
                .hops
                .into_iter()
                .map(|hop| Hop {
                    name: hop.name,
                    field: hop.field,
                    protocol: hop.protocol,
                    program: hop.program,
                    error: hop.error.map(|error| error.as_str().to_owned()),
                    received_status: hop.received_status,
                    hit: hop.hit,
                    forwarded: hop.forwarded,
                    detail: hop.detail,
                })
                .collect(),
            evidence: verdict
                .evidence
                .into_iter()
                .map(|seen| Evidence {
                    sign: seen.sign,
                    value: seen.value,
                    says: seen.says.into_owned(),
                    reference: seen.reference,
                })
                .collect(),
            sentence,
        }
    }
}
