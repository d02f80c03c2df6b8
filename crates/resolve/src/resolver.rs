//! The resolver: askers on one side, servers on the other.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use fourstep_terms::Time;

use crate::action::{Action, Channel, Input, Query, Ticket};
use crate::answer::{Answer, Family, Ignored, Transport};
use crate::cache::Cache;
use crate::channels::{Channels, Key};
use crate::config::Config;
use crate::endpoints::Endpoints;
use crate::exchange::{Exchange, Seen, Settled, Step};
use crate::id::Ids;
use crate::lookup::{Lookup, Want};
use crate::message::{Question, read};
use crate::search::candidates;
use crate::service::ServiceAnswer;
use crate::walk::u16_at;

/// Questions in, answers out, for any number of askers on one loop.
///
/// It holds no socket and no clock: [`Action`]s are appended to `out`, to be done in order, and
/// what comes of them is news for [`Resolver::handle`].
pub struct Resolver {
    config: Config,
    cache: Cache,
    channels: Channels,
    lookups: BTreeMap<Ticket, Lookup>,
    exchanges: BTreeMap<Key, Exchange>,
    /// The exchange that is under way for a question: equal questions share it.
    under_way: BTreeMap<Question, Key>,
    /// The deadline of each exchange.
    timers: BTreeSet<(Time, Key)>,
    next: Key,
    /// Names asked for, by which `rotate` counts.
    turns: usize,
    /// Of services, which goes first among equals.
    lots: Ids,
}

impl Resolver {
    /// A resolver. `seed` makes its ids unguessable: 16 octets of the system's randomness, drawn
    /// anew for each resolver.
    pub fn new(config: Config, seed: [u8; 16]) -> Resolver {
        Resolver {
            cache: Cache::new(config.cache_entries),
            config,
            channels: Channels::new(seed),
            lookups: BTreeMap::new(),
            exchanges: BTreeMap::new(),
            under_way: BTreeMap::new(),
            timers: BTreeSet::new(),
            next: 0,
            turns: 0,
            lots: Ids::new(seed),
        }
    }

    /// Asks for the addresses of a name. There is one answer for each family asked for, at once
    /// when nobody has to be asked: by an override, the hosts table, a name that never leaves
    /// this machine, the cache; and services, where they are wanted. A ticket that is still under way is forgotten first.
    pub fn ask(&mut self, now: Time, ticket: Ticket, query: &Query, out: &mut Vec<Action>) {
        self.forget(ticket, out);
        if let Some((addresses, from)) = self.config.known(&query.name, query.port) {
            for family in Family::ALL.into_iter().filter(|family| query.families.has(*family)) {
                let answer = Arc::new(Answer::given(&query.name, family, &addresses, from));
                out.push(Action::Answer { ticket, answer });
            }
            if query.https {
                out.push(Action::Services {
                    ticket,
                    answer: Arc::new(ServiceAnswer::unasked(query, from)),
                });
            }
            return;
        }
        let first = if self.config.rotate { self.turns } else { 0 };
        self.turns = self.turns.wrapping_add(1);
        let names = candidates(&query.name, self.config.ndots, &self.config.search);
        let draw = || self.lots.apart(u64::try_from(self.turns).unwrap_or_default());
        let endpoints = query.https.then(|| Endpoints::new(query, draw()));
        let mut lookup = Lookup::new(&query.name, names, query.families, first, endpoints);
        let mut wants = vec![];
        lookup.begin(&mut wants);
        self.lookups.insert(ticket, lookup);
        self.work(now, wants.into_iter().map(|want| (ticket, want)).collect(), out);
        self.show(ticket, out);
    }

    /// What was not taken for the questions of a ticket that are still under way: for an asker that
    /// will wait no longer. What a channel counts for all of its questions is told once.
    pub fn ignored(&self, ticket: Ticket) -> Ignored {
        let questions = self.lookups.get(&ticket).into_iter().flat_map(Lookup::questions);
        let under_way = questions.filter_map(|question| self.under_way.get(question));
        let exchanges = under_way.filter_map(|key| self.exchanges.get(key));
        exchanges.map(Exchange::ignored).fold(Ignored::default(), |all, one| Ignored {
            wrong_source: all.wrong_source.max(one.wrong_source),
            wrong_id: all.wrong_id.max(one.wrong_id),
            wrong_question: all.wrong_question.saturating_add(one.wrong_question),
            not_a_response: all.not_a_response.saturating_add(one.not_a_response),
            malformed: all.malformed.saturating_add(one.malformed),
        })
    }

    /// The asker is gone: it gets nothing more, and what nobody else waits for is let go.
    pub fn forget(&mut self, ticket: Ticket, out: &mut Vec<Action>) {
        if let Some(lookup) = self.lookups.remove(&ticket) {
            for question in lookup.questions() {
                self.leave(ticket, question, out);
            }
        }
    }

    /// Takes one piece of news in. News of channels that were closed is ignored.
    pub fn handle(&mut self, now: Time, input: Input<'_>, out: &mut Vec<Action>) {
        match input {
            Input::Tick => {}
            Input::Opened(channel) => self.channels.opened(channel, out),
            Input::Received { channel, from, octets } => {
                if !self.channels.is_from_its_server(channel, from) {
                    self.ignore(channel, Ignored { wrong_source: 1, ..Ignored::default() });
                } else if self.channels.transport(channel) == Some(Transport::Udp) {
                    self.message(now, channel, octets, out);
                } else {
                    let mut piece = octets;
                    while let Some(message) = self.channels.message(channel, piece) {
                        self.message(now, channel, &message, out);
                        piece = &[];
                    }
                }
            }
            Input::Closed(channel) => {
                let amid = self.channels.is_amid_message(channel);
                self.lost(now, channel, out, |exchange, which, config| {
                    exchange.closed(now, which, amid, config)
                });
            }
            Input::Failed(channel, fault) => {
                self.lost(now, channel, out, |exchange, which, config| {
                    exchange.failed(now, which, fault, config)
                })
            }
        }
        while let Some(&(due, key)) = self.timers.first()
            && due <= now
        {
            self.step(now, key, out, |exchange, config| exchange.timed_out(now, config));
        }
    }

    /// When to call [`Resolver::handle`] with a tick if nothing else happens;
    /// [`Time::NEVER`] when nobody waits. By then something is sent or somebody is answered.
    pub fn deadline(&self) -> Time {
        self.timers.first().map_or(Time::NEVER, |(due, _)| *due)
    }

    /// How it was configured.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// Channels that were opened and not closed.
    pub fn open_channels(&self) -> usize {
        self.channels.count()
    }

    /// One message on a channel, from its server.
    fn message(&mut self, now: Time, channel: Channel, octets: &[u8], out: &mut Vec<Action>) {
        let query = u16_at(octets, 0).and_then(|id| Some((id, self.channels.whose(channel, id)?)));
        let Some((id, key)) = query else {
            return self.ignore(channel, Ignored { wrong_id: 1, ..Ignored::default() });
        };
        let is_stream = self.channels.transport(channel) == Some(Transport::Tcp);
        self.step(now, key, out, |exchange, config| {
            match exchange.tries.iter().find(|it| (it.channel, it.id) == (channel, id)) {
                Some(&which) => {
                    let reading = read(octets, &exchange.question, is_stream);
                    exchange.read(now, which, reading, config)
                }
                None => Step::Wait,
            }
        });
    }

    /// A channel is of no use any more: everybody on it is told, then it is closed.
    fn lost(
        &mut self,
        now: Time,
        channel: Channel,
        out: &mut Vec<Action>,
        tell: impl Fn(&mut Exchange, crate::exchange::Try, &Config) -> Step,
    ) {
        let queries = self.channels.queries(channel);
        // First, so that nobody sends on it again.
        self.channels.close(channel, out);
        for (id, key) in queries {
            self.step(now, key, out, |exchange, config| {
                match exchange.tries.iter().find(|it| (it.channel, it.id) == (channel, id)) {
                    Some(&which) => tell(exchange, which, config),
                    None => Step::Wait,
                }
            });
        }
    }

    /// Counts a message that was not taken, for every question it may have been meant for.
    fn ignore(&mut self, channel: Channel, ignored: Ignored) {
        let mut queries = self.channels.queries(channel);
        // A question that was repeated is on it more than once.
        queries.dedup_by_key(|(_, key)| *key);
        for (_, key) in queries {
            if let Some(exchange) = self.exchanges.get_mut(&key) {
                exchange.ignore(ignored);
            }
        }
    }

    /// The one place where an exchange moves: does what it wants next, frees what it let go,
    /// keeps its timer, and takes it out when it is settled.
    fn step(
        &mut self,
        now: Time,
        key: Key,
        out: &mut Vec<Action>,
        turn: impl FnOnce(&mut Exchange, &Config) -> Step,
    ) {
        let Some(exchange) = self.exchanges.get_mut(&key) else { return };
        self.timers.remove(&(exchange.deadline, key));
        let turns = exchange.turns;
        let step = turn(exchange, &self.config);
        let mut content = vec![];
        if exchange.turns > turns {
            let lookups = &self.lookups;
            content = exchange.part(|ticket, question| {
                lookups.get(ticket).is_some_and(|it| it.insists_on(question))
            });
        }
        let so_far = (!content.is_empty()).then(|| exchange.so_far(now));
        let settled = match step {
            Step::Wait => None,
            Step::Settle(settled) => Some(settled),
            Step::Send(_) if exchange.waiting.is_empty() => Some(exchange.stop(now)),
            Step::Send(sending) => {
                if let Some(server) = sending.address(&self.config) {
                    let payload = sending.has_edns.then_some(self.config.edns_payload);
                    let question = &exchange.question;
                    let write = |id| question.write(id, payload);
                    let (channel, id) =
                        self.channels.send(server, sending.transport, key, write, out);
                    exchange.sent(now, sending, channel, id, self.config.timeout);
                }
                None
            }
        };
        for (channel, id) in std::mem::take(&mut exchange.let_go) {
            self.channels.release(channel, id, out);
        }
        match settled {
            None => {
                self.timers.insert((exchange.deadline, key));
                if let Some(so_far) = so_far {
                    let question = exchange.question.clone();
                    self.tell(now, &question, content, &so_far, out);
                }
            }
            Some(settled) => {
                if let Some(mut exchange) = self.exchanges.remove(&key) {
                    exchange.waiting.extend(content);
                    self.settle(now, exchange, &settled, out);
                }
            }
        }
    }

    /// An exchange is over: the cache and everybody who waits learn of it.
    fn settle(&mut self, now: Time, exchange: Exchange, settled: &Settled, out: &mut Vec<Action>) {
        let Exchange { question, waiting, .. } = exchange;
        self.under_way.remove(&question);
        if let Ok(finding) = &settled.result {
            self.cache.put(now, &question, finding, settled.seen.rcode);
        }
        self.tell(now, &question, waiting, settled, out);
    }

    /// Tells those who wait for a question what came of it.
    fn tell(
        &mut self,
        now: Time,
        question: &Question,
        waiting: Vec<Ticket>,
        settled: &Settled,
        out: &mut Vec<Action>,
    ) {
        let mut work = vec![];
        for &ticket in &waiting {
            if let Some(lookup) = self.lookups.get_mut(&ticket) {
                let mut wants = vec![];
                lookup.settled(question, settled, false, &mut wants);
                work.extend(wants.into_iter().map(|want| (ticket, want)));
            }
        }
        self.work(now, work, out);
        for ticket in waiting {
            self.show(ticket, out);
        }
    }

    /// Hands out services that an asker does not know yet.
    fn show(&mut self, ticket: Ticket, out: &mut Vec<Action>) {
        let Some(lookup) = self.lookups.get_mut(&ticket) else { return };
        if let Some(answer) = lookup.show() {
            out.push(Action::Services { ticket, answer });
            if lookup.is_over() {
                self.lookups.remove(&ticket);
            }
        }
    }

    /// Does what lookups want, and what comes of that from the cache. Ends: a lookup asks for at
    /// most [`crate::ALIASES`] targets of each of its candidates, and of each of its services.
    fn work(&mut self, now: Time, mut work: Vec<(Ticket, Want)>, out: &mut Vec<Action>) {
        work.reverse();
        while let Some((ticket, want)) = work.pop() {
            match want {
                Want::Deliver(answer) => {
                    out.push(Action::Answer { ticket, answer });
                    if self.lookups.get(&ticket).is_some_and(Lookup::is_over) {
                        self.lookups.remove(&ticket);
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
                        let mut wants = vec![];
                        lookup.seek(&target, port, known, &mut wants);
                        work.extend(wants.into_iter().rev().map(|want| (ticket, want)));
                    }
                }
                Want::Ask(question) => {
                    let settled = if let Some((finding, rcode)) = self.cache.get(now, &question) {
                        let seen = Seen { rcode, ..Seen::default() };
                        Settled { result: Ok(finding), seen }
                    } else if self.is_needless(ticket, &question) {
                        Settled::unasked()
                    } else {
                        self.join(now, ticket, question, out);
                        continue;
                    };
                    if let Some(lookup) = self.lookups.get_mut(&ticket) {
                        let mut wants = vec![];
                        lookup.settled(&question, &settled, true, &mut wants);
                        work.extend(wants.into_iter().rev().map(|want| (ticket, want)));
                    }
                }
            }
        }
    }

    /// Nobody asks it, and the one who wants it would not insist.
    fn is_needless(&self, ticket: Ticket, question: &Question) -> bool {
        !self.under_way.contains_key(question)
            && self.lookups.get(&ticket).is_some_and(|it| !it.insists_on(question))
    }

    /// Waits for a question that is under way, or puts it under way.
    fn join(&mut self, now: Time, ticket: Ticket, question: Question, out: &mut Vec<Action>) {
        // A question that was dropped between being wanted and being asked.
        let Some(lookup) = self.lookups.get(&ticket) else { return };
        if !lookup.questions().any(|asked| *asked == question) {
            return;
        }
        if let Some(exchange) =
            self.under_way.get(&question).and_then(|key| self.exchanges.get_mut(key))
        {
            if !exchange.waiting.contains(&ticket) {
                exchange.waiting.push(ticket);
            }
            return;
        }
        let key = self.next;
        self.next += 1;
        let mut exchange = Exchange::new(now, question.clone(), lookup.first, &self.config);
        exchange.waiting.push(ticket);
        self.exchanges.insert(key, exchange);
        self.under_way.insert(question, key);
        self.step(now, key, out, |exchange, config| exchange.advance(now, config));
    }

    /// Waits no more; an exchange that nobody waits for ends.
    fn leave(&mut self, ticket: Ticket, question: &Question, out: &mut Vec<Action>) {
        let Some(&key) = self.under_way.get(question) else { return };
        let Some(exchange) = self.exchanges.get_mut(&key) else { return };
        exchange.waiting.retain(|it| *it != ticket);
        if exchange.waiting.is_empty() {
            self.under_way.remove(question);
            if let Some(exchange) = self.exchanges.remove(&key) {
                self.timers.remove(&(exchange.deadline, key));
                for it in &exchange.tries {
                    self.channels.release(it.channel, it.id, out);
                }
            }
        }
    }
}
