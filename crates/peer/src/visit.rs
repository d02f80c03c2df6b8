//! What an origin remembers of its connections.

use crate::stop::lock;
use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::{Condvar, Mutex, PoisonError};
use std::time::Duration;

/// The most connections that are remembered; the oldest are forgotten first.
const VISITS_MOST: usize = 1024;

/// The most octets that are remembered of each.
const OCTETS_MOST: usize = 64 * 1024;

/// One connection, as the origin saw it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Visit {
    /// Counted from 0 in the order of acceptance.
    pub id: u64,
    /// The client's address; `None` on a unix socket.
    pub from: Option<SocketAddr>,
    /// What it sent, as far as the script read it; the first 64 KiB.
    pub octets: Vec<u8>,
    /// How it ended; `None` while it lasts.
    pub ending: Option<Ending>,
}

/// How a connection ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Ending {
    /// The script came to its end, or to a move that closes.
    Played,
    /// The client closed first.
    PeerClosed,
    /// The client threw the connection away.
    PeerReset,
}

/// The visits, shared by the threads that play them.
#[derive(Default)]
pub(crate) struct Ledger {
    page: Mutex<Page>,
    ended: Condvar,
}

#[derive(Default)]
struct Page {
    begun: u64,
    ended: u64,
    visits: VecDeque<Visit>,
}

impl Ledger {
    pub(crate) fn begin(&self, id: u64, from: Option<SocketAddr>) {
        let mut page = lock(&self.page);
        page.begun += 1;
        if page.visits.len() == VISITS_MOST {
            page.visits.pop_front();
        }
        page.visits.push_back(Visit { id, from, octets: Vec::new(), ending: None });
    }

    pub(crate) fn received(&self, id: u64, octets: &[u8]) {
        self.change(id, |visit| {
            let room = OCTETS_MOST.saturating_sub(visit.octets.len()).min(octets.len());
            visit.octets.extend_from_slice(octets.get(..room).unwrap_or_default());
        });
    }

    /// How the play ended; the connection still has to be closed.
    pub(crate) fn played(&self, id: u64, ending: Ending) {
        self.change(id, |visit| visit.ending = Some(ending));
    }

    pub(crate) fn closed(&self) {
        lock(&self.page).ended += 1;
        self.ended.notify_all();
    }

    pub(crate) fn begun(&self) -> u64 {
        lock(&self.page).begun
    }

    pub(crate) fn visits(&self) -> Vec<Visit> {
        lock(&self.page).visits.iter().cloned().collect()
    }

    /// The visits, once `count` of them are over or `most` has passed.
    pub(crate) fn wait(&self, count: u64, most: Duration) -> Vec<Visit> {
        let page = lock(&self.page);
        let (page, _) = self
            .ended
            .wait_timeout_while(page, most, |page| page.ended < count)
            .unwrap_or_else(PoisonError::into_inner);
        page.visits.iter().cloned().collect()
    }

    fn change(&self, id: u64, change: impl FnOnce(&mut Visit)) {
        if let Some(visit) = lock(&self.page).visits.iter_mut().rev().find(|visit| visit.id == id) {
            change(visit);
        }
    }
}
