//! What the poll tells of a link.

use fourstep_probe::Input;
use fourstep_terms::Leg;

use super::{Driver, READS_PER_TURN, Turn};
use crate::link::{Got, Link, Ready};
use crate::links::Key;

impl Driver {
    /// A leg's socket has something to say.
    pub(super) fn link_ready(&mut self, at: Key, ready: Ready, turn: &mut Turn<'_>) {
        let Some(link) = self.links.turn_of(at) else { return };
        let (key, leg) = (link.owner(), link.leg);
        if !link.is_up() {
            let now = self.clock.now();
            let Some(outcome) = link.outcome(ready) else { return };
            match outcome {
                Ok(()) => {
                    let local = self.links.stand(at);
                    self.feed(key, now, Input::Connected { leg, local }, turn);
                }
                Err(fault) => self.feed(key, now, Input::Failed { leg, fault }, turn),
            }
            self.settle(turn);
            // What could not be sent is news of its own.
            if !ready.to_read {
                return;
            }
        }
        let Some(link) = self.live(at, key, leg) else { return };
        // What is left is to be sent, or met a fault, which is told when all was read.
        let is_faulty = link.has_left() && self.send_more(at, key, leg, turn);
        // The poll tells again when there is more to read: none of it is asked for in vain.
        if !ready.to_read && !is_faulty {
            return;
        }
        let mut buffer = std::mem::take(&mut self.buffer);
        self.read(at, key, leg, &mut buffer, turn);
        self.buffer = buffer;
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

    fn read(&mut self, at: Key, key: usize, leg: Leg, buffer: &mut [u8], turn: &mut Turn<'_>) {
        for _ in 0..READS_PER_TURN {
            let Some(link) = self.live(at, key, leg) else { return };
            let got = link.read(buffer);
            // A peer that stops reading may have said why: what it wrote comes before the fault
            // that our own writing met.
            let fault = link.fault();
            let (now, came) = match got {
                Got::Octets(_, Some(stamp)) => self.clock.now_and(stamp),
                _ => (self.clock.now(), None),
            };
            let input = match got {
                Got::Octets(count, _) => {
                    let octets = buffer.get(..count).unwrap_or_default();
                    self.feed(key, now, Input::Received { leg, octets, at: came }, turn);
                    // What it sent in answer is sent: news of that comes before more octets.
                    self.settle(turn);
                    continue;
                }
                Got::Nothing => match fault {
                    Some(fault) => Input::Failed { leg, fault },
                    None => return,
                },
                Got::End => match fault {
                    Some(fault) => Input::Failed { leg, fault },
                    None => Input::Closed { leg },
                },
                Got::Failed(fault) => Input::Failed { leg, fault },
            };
            return self.feed(key, now, input, turn);
        }
        self.hungry.push(at);
    }

    /// The link, if it is still that leg of that probe's and stands.
    fn live(&mut self, at: Key, key: usize, leg: Leg) -> Option<&mut Link> {
        self.links.get(at).filter(|link| link.is_up() && link.owner() == key && link.leg == leg)
    }
}
