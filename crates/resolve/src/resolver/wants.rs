//! What lookups want, and where they get it from.

use fourstep_terms::Time;

use super::Resolver;
use crate::action::{Action, Ticket};
use crate::exchange::{Exchange, Seen, Settled};
use crate::id::Digest;
use crate::lookup::Want;
use crate::message::Question;

impl Resolver {
    /// Does what lookups want, the last of the list first, and what comes of that from the cache. Ends: a lookup asks for at
    /// most [`crate::ALIASES`] targets of each of its candidates, and of each of its services.
    pub(super) fn work(&mut self, now: Time, mut work: Vec<(Ticket, Want)>, out: &mut Vec<Action>) {
        while let Some((ticket, want)) = work.pop() {
            match want {
                Want::Deliver(answer) => {
                    out.push(Action::Answer { ticket, answer });
                    if self.lookups.get(&ticket).is_some_and(|it| it.is_over())
                        && let Some(lookup) = self.lookups.remove(&ticket)
                    {
                        self.shelve(lookup);
                    }
                }
                Want::Drop(question) => {
                    // A target's addresses and its own may be one question.
                    let lookup = self.lookups.get(&ticket);
                    if !lookup.is_some_and(|it| it.questions().any(|asked| *asked == question)) {
                        self.leave(ticket, &question, out);
                    }
                }
                Want::Seek(target, port) => {
                    let known = self.config.known(&target.text(), port);
                    if let Some(lookup) = self.lookups.get_mut(&ticket) {
                        lookup.seek(&target, port, known, &mut self.wants);
                        work.extend(self.wants.drain(..).rev().map(|want| (ticket, want)));
                    }
                }
                Want::Ask(question) => {
                    let digest = self.channels.digest(&question);
                    let known = self.cache.get(now, digest, &question);
                    let settled = if let Some((finding, rcode)) = known {
                        let seen = Seen { rcode, ..Seen::default() };
                        Settled { result: Ok(finding), seen }
                    } else if self.is_needless(ticket, digest, &question) {
                        Settled::unasked()
                    } else {
                        self.join(now, ticket, digest, question, out);
                        continue;
                    };
                    if let Some(lookup) = self.lookups.get_mut(&ticket) {
                        lookup.settled(&question, &settled, true, &mut self.wants);
                        work.extend(self.wants.drain(..).rev().map(|want| (ticket, want)));
                    }
                }
            }
        }
        self.work = work;
    }

    /// Nobody asks it, and the one who wants it would not insist.
    fn is_needless(&self, ticket: Ticket, digest: Digest, question: &Question) -> bool {
        self.lookups.get(&ticket).is_some_and(|it| !it.insists_on(question))
            && self.shared(digest, question).is_none()
    }

    /// Waits for a question that is under way, or puts it under way.
    fn join(
        &mut self,
        now: Time,
        ticket: Ticket,
        digest: Digest,
        question: Question,
        out: &mut Vec<Action>,
    ) {
        // A question that was dropped between being wanted and being asked.
        let Some(lookup) = self.lookups.get(&ticket) else { return };
        if !lookup.questions().any(|asked| *asked == question) {
            return;
        }
        let first = lookup.first;
        let shared = self.shared(digest, &question);
        if let Some(exchange) = shared.and_then(|key| self.exchanges.get_mut(&key)) {
            if !exchange.waiting.contains(&ticket) {
                exchange.waiting.push(ticket);
            }
            return;
        }
        let key = self.next;
        self.next += 1;
        let mut exchange = match self.spare.pop() {
            Some(spare) => spare.renew(question, digest),
            None => Box::new(Exchange::new(question, digest)),
        };
        exchange.waiting.push(ticket);
        self.exchanges.insert(key, exchange);
        self.under_way.entry(digest).or_insert(key);
        self.step(now, key, out, |exchange, config| exchange.begin(now, first, config));
    }

    /// Waits no more; an exchange that nobody waits for ends.
    pub(super) fn leave(&mut self, ticket: Ticket, question: &Question, out: &mut Vec<Action>) {
        let digest = self.channels.digest(question);
        let Some(key) = self.under_way.get(&digest).copied() else { return };
        let Some(exchange) = self.exchanges.get_mut(&key).filter(|it| it.question == *question)
        else {
            return;
        };
        exchange.waiting.retain(|it| *it != ticket);
        if exchange.waiting.is_empty()
            && let Some(exchange) = self.remove(key)
        {
            for it in &exchange.tries {
                self.channels.release(it.channel, it.id, out);
            }
            self.keep(exchange);
        }
    }
}
