//! What the poll tells of a link.

use fourstep_probe::{Action, Input, Next};
use fourstep_terms::Leg;
use mio::Token;

use super::{Driver, READS_PER_TURN, Turn};
use crate::link::{Got, Link, Ready};
use crate::links::Key;

impl Driver {
    /// A leg's socket has something to say.
    #[inline]
    pub(super) fn link_ready(
        &mut self,
        told: Token,
        ready: Ready,
        buffer: &mut [u8],
        turn: &mut Turn<'_>,
    ) {
        // The poll tells again when there is more to read: none of it is asked for in vain.
        match ready.to_read {
            true => self.readable(told, ready, buffer, turn),
            false => self.writable(told, ready, turn),
        }
    }

    /// There is nothing to read: mostly a connection stands.
    #[inline(never)]
    fn writable(&mut self, told: Token, ready: Ready, turn: &mut Turn<'_>) {
        let now = self.clock.now();
        let Some((at, link)) = self.links.told_of(told) else { return };
        let (key, leg) = (link.owner(), link.leg);
        if link.is_up() {
            // What it meets is told when all was read.
            if link.has_left() && self.send_more(at, key, leg, turn) {
                self.hungry.push(told);
            }
            return;
        }
        let Some(outcome) = link.outcome(ready) else { return };
        let input = match outcome {
            Ok(()) => Input::Connected { leg, local: link.stand(self.settings.clock) },
            Err(fault) => Input::Failed { leg, fault },
        };
        let Some(running) = self.probes.get_mut(key).filter(|_| !self.settings.trace) else {
            self.feed(key, now, input, turn);
            return self.settle(turn);
        };
        let next = running.probe.handle(now, input, &mut turn.out);
        // Mostly the request is to go out, and nothing else is to be done before.
        if let ([Action::Send(to, range)], Next::Wait(_)) = (turn.out.list.as_slice(), next)
            && *to == leg
            && self.news.is_empty()
        {
            let range = range.clone();
            take_only(&mut turn.out.list);
            let octets = turn.out.octets.get(range).unwrap_or_default();
            let (left, sent) = link.send(octets, &self.clock);
            if link.fault().is_some() {
                self.hungry.push(told);
            }
            turn.out.octets.clear();
            turn.out.secrets.clear();
            let next = running.probe.handle(sent, Input::Sent { leg, left }, &mut turn.out);
            match next {
                // An earlier tick is set.
                Next::Wait(wake) if wake >= running.armed && turn.out.list.is_empty() => {}
                _ => self.act(key, sent, next, turn),
            }
        } else {
            self.act(key, now, next, turn);
        }
        self.settle(turn);
    }

    /// There is something to read, or to be told by reading.
    #[inline(never)]
    fn readable(&mut self, told: Token, ready: Ready, buffer: &mut [u8], turn: &mut Turn<'_>) {
        let Some((at, mut link)) = self.links.told_of(told) else { return };
        let (key, leg) = (link.owner(), link.leg);
        if !link.is_up() || link.has_left() {
            self.before_reading(told, ready, turn);
            match self.live(at, key, leg) {
                Some(live) => link = live,
                None => return,
            }
        }
        for _ in 0..READS_PER_TURN {
            let (count, stamp) = match link.read(buffer) {
                Got::Octets(count, stamp) => (count, stamp),
                other => return self.read_out(at, other, turn),
            };
            let (now, came) = match stamp {
                Some(stamp) => self.clock.now_and(stamp.nanos()),
                None => (self.clock.now(), None),
            };
            let octets = buffer.get(..count).unwrap_or_default();
            let input = Input::Received { leg, octets, at: came };
            match self.probes.get_mut(key) {
                Some(running) if !self.settings.trace => {
                    let next = running.probe.handle(now, input, &mut turn.out);
                    // Mostly that was all of the response.
                    if let ([Action::HangUp(_)], Next::Done) = (turn.out.list.as_slice(), next) {
                        take_only(&mut turn.out.list);
                        self.finish(key, now, turn);
                        return self.settle(turn);
                    }
                    self.act(key, now, next, turn);
                }
                _ => self.feed(key, now, input, turn),
            }
            // What it sent in answer is sent: news of that comes before more octets.
            self.settle(turn);
            match self.live(at, key, leg) {
                Some(live) => link = live,
                None => return,
            }
        }
        self.hungry.push(told);
    }

    /// What comes before that: news of the dialling, and what was left to be sent.
    #[cold]
    fn before_reading(&mut self, told: Token, ready: Ready, turn: &mut Turn<'_>) {
        let Some((at, link)) = self.links.told_of(told) else { return };
        let (key, leg) = (link.owner(), link.leg);
        if !link.is_up() {
            self.writable(told, ready, turn);
        }
        if self.live(at, key, leg).is_some_and(|link| link.has_left()) {
            self.send_more(at, key, leg, turn);
        }
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

/// Takes the one action off its list, which its caller has seen to be a send or a hanging up: there is
/// nothing in it to be dropped, and to drop nothing takes a call as well.
fn take_only(list: &mut Vec<Action>) {
    std::mem::forget(list.pop());
}
