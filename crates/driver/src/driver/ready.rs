//! What the poll tells of a link.

use fourstep_probe::Input;
use fourstep_terms::Leg;

use super::{Driver, READS_PER_TURN, Turn};
use crate::link::{Got, Link, Ready};
use crate::links::Key;

impl Driver {
    /// A leg's socket has something to say.
    #[inline]
    pub(super) fn link_ready(
        &mut self,
        at: Key,
        ready: Ready,
        buffer: &mut [u8],
        turn: &mut Turn<'_>,
    ) {
        let Some(link) = self.links.turn_of(at) else { return };
        let is_up = link.is_up() || self.dialled(at, ready, turn);
        // The poll tells again when there is more to read: none of it is asked for in vain.
        if is_up {
            self.up(at, ready, buffer, turn);
        }
    }

    /// News of the dialling: whether the connection stands and there is more news.
    #[inline(never)]
    fn dialled(&mut self, at: Key, ready: Ready, turn: &mut Turn<'_>) -> bool {
        let now = self.clock.now();
        let Some(link) = self.links.get(at) else { return false };
        let (key, leg) = (link.owner(), link.leg);
        let Some(outcome) = link.outcome(ready) else { return false };
        let input = match outcome {
            Ok(()) => Input::Connected { leg, local: link.stand(self.settings.clock) },
            Err(fault) => Input::Failed { leg, fault },
        };
        self.feed(key, now, input, turn);
        self.settle(turn);
        // What could not be sent is news of its own.
        ready.to_read && self.live(at, key, leg).is_some()
    }

    /// News of a connection that stands.
    #[inline(never)]
    fn up(&mut self, at: Key, ready: Ready, buffer: &mut [u8], turn: &mut Turn<'_>) {
        let Some(mut link) = self.links.get(at) else { return };
        let (key, leg) = (link.owner(), link.leg);
        // What is left is to be sent, or met a fault, which is told when all was read.
        if link.has_left() {
            let is_faulty = self.send_more(at, key, leg, turn);
            match self.live(at, key, leg).filter(|_| is_faulty || ready.to_read) {
                Some(live) => link = live,
                None => return,
            }
        } else if !ready.to_read {
            return;
        }
        for _ in 0..READS_PER_TURN {
            let (count, stamp) = match link.read(buffer) {
                Got::Octets(count, stamp) => (count, stamp),
                other => return self.read_out(at, other, turn),
            };
            let (now, came) = match stamp {
                Some(stamp) => self.clock.now_and(stamp),
                None => (self.clock.now(), None),
            };
            let octets = buffer.get(..count).unwrap_or_default();
            self.feed(key, now, Input::Received { leg, octets, at: came }, turn);
            // What it sent in answer is sent: news of that comes before more octets.
            self.settle(turn);
            match self.live(at, key, leg) {
                Some(live) => link = live,
                None => return,
            }
        }
        self.hungry.push(at);
    }

    /// There are no more octets to read now, or ever.
    #[inline(never)]
    fn read_out(&mut self, at: Key, got: Got, turn: &mut Turn<'_>) {
        let now = self.clock.now();
        let Some(link) = self.links.get(at) else { return };
        let (key, leg) = (link.owner(), link.leg);
        // A peer that stops reading may have said why: what it wrote comes before the fault that
        // our own writing met.
        let input = match (got, link.fault()) {
            (Got::Failed(fault), _) | (_, Some(fault)) => Input::Failed { leg, fault },
            (Got::End, None) => Input::Closed { leg },
            (Got::Nothing | Got::Octets(..), None) => return,
        };
        self.feed(key, now, input, turn);
        self.settle(turn);
    }

    /// Sends what is left of what a leg was to send: whether that met a fault, now or before.
    #[cold]
    fn send_more(&mut self, at: Key, key: usize, leg: Leg, turn: &mut Turn<'_>) -> bool {
        let clock = self.clock;
        let Some(link) = self.live(at, key, leg) else { return false };
        if link.is_sending() {
            let (left, sent) = link.send_more(&clock);
            self.feed(key, sent, Input::Sent { leg, left }, turn);
            self.settle(turn);
        }
        self.live(at, key, leg).is_some_and(|link| link.fault().is_some())
    }

    /// The link, if it is still that leg of that probe's and stands.
    fn live(&mut self, at: Key, key: usize, leg: Leg) -> Option<&mut Link> {
        self.links.get(at).filter(|link| link.is_up() && link.owner() == key && link.leg == leg)
    }
}
