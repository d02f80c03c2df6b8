//! What a name server remembers of the questions that came.

use crate::stop::lock;
use hickory_proto::op::Message;
use std::collections::{BTreeMap, VecDeque};
use std::net::SocketAddr;
use std::sync::{Condvar, Mutex, PoisonError};
use std::time::Duration;

/// The most questions that are remembered; the oldest are forgotten first.
const ASKED_MOST: usize = 4096;

/// One question, as it came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// The name with its last dot, in the case it was asked in; empty when there was no question.
    pub name: String,
    /// The record type by number: 1 for A, 28 for AAAA (RFC 1035 §3.2.2, RFC 3596 §2.1).
    pub record_type: u16,
    /// The id (RFC 1035 §4.1.1).
    pub id: u16,
    /// Who asked.
    pub from: SocketAddr,
    /// Whether over TCP.
    pub over_tcp: bool,
    /// The UDP payload size that the OPT record offered (RFC 6891 §6.2.3); `None` without one.
    pub payload: Option<u16>,
    /// Whether recursion was desired.
    pub recursion_desired: bool,
}

#[derive(Default)]
pub(crate) struct Log {
    page: Mutex<Page>,
    came: Condvar,
}

#[derive(Default)]
struct Page {
    total: u64,
    asked: VecDeque<Asked>,
    /// How often each name and type was asked for.
    counts: BTreeMap<(String, u16), u32>,
}

impl Log {
    /// Notes a question; says how often the same came before.
    pub(crate) fn note(&self, query: &Message, from: SocketAddr, over_tcp: bool) -> u32 {
        let question = query.queries.first();
        let asked = Asked {
            name: question.map(|question| question.name.to_ascii()).unwrap_or_default(),
            record_type: question.map_or(0, |question| question.query_type.into()),
            id: query.metadata.id,
            from,
            over_tcp,
            payload: query.edns.as_ref().map(|edns| edns.max_payload()),
            recursion_desired: query.metadata.recursion_desired,
        };
        let mut page = lock(&self.page);
        page.total += 1;
        if page.asked.len() == ASKED_MOST {
            page.asked.pop_front();
        }
        let count =
            page.counts.entry((asked.name.to_ascii_lowercase(), asked.record_type)).or_default();
        let seen = *count;
        *count = count.saturating_add(1);
        page.asked.push_back(asked);
        self.came.notify_all();
        seen
    }

    pub(crate) fn asked(&self) -> Vec<Asked> {
        lock(&self.page).asked.iter().cloned().collect()
    }

    /// The questions, once `count` came or `most` has passed.
    pub(crate) fn wait(&self, count: u64, most: Duration) -> Vec<Asked> {
        let page = lock(&self.page);
        let (page, _) = self
            .came
            .wait_timeout_while(page, most, |page| page.total < count)
            .unwrap_or_else(PoisonError::into_inner);
        page.asked.iter().cloned().collect()
    }
}
