//! The resolver: askers on one side, servers on the other.

mod wants;

use std::sync::Arc;

use fourstep_terms::Time;

use crate::action::{Action, Channel, Input, Query, Ticket};
use crate::answer::{Answer, Family, Ignored, Transport};
use crate::cache::Cache;
use crate::channels::{Channels, Key};
use crate::config::Config;
use crate::endpoints::Endpoints;
use crate::exchange::{Exchange, Settled, Step};
use crate::id::{Digest, Ids};
use crate::index::Index;
use crate::lookup::{Lookup, Want};
use crate::message::{Question, read};
use crate::search::candidates;
use crate::service::ServiceAnswer;
use crate::timers::Timers;
use crate::walk::u16_at;

/// So many exchanges, and lookups, that are over are kept for their lists.
const SPARE: usize = 256;

/// Questions in, answers out, for any number of askers on one loop.
///
/// It holds no socket and no clock: [`Action`]s are appended to `out`, to be done in order, and
/// what comes of them is news for [`Resolver::handle`].
pub struct Resolver {
    config: Config,
    cache: Cache,
    channels: Channels,
    lookups: Index<Ticket, Box<Lookup>>,
    exchanges: Index<Key, Box<Exchange>>,
    /// The exchange that is under way for a question: equal questions share it. Of two with one
    /// digest, only the first can be shared.
    under_way: Index<Digest, Key>,
    /// The deadlines of exchanges.
    timers: Timers,
    next: Key,
    /// Exchanges and lookups that are over, for their lists.
    #[expect(clippy::vec_box, reason = "the boxes go back into the map")]
    spare: Vec<Box<Exchange>>,
    #[expect(clippy::vec_box, reason = "the boxes go back into the map")]
    over: Vec<Box<Lookup>>,
    /// Lists that are empty between two turns.
    wants: Vec<Want>,
    work: Vec<(Ticket, Want)>,
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
            lookups: Index::default(),
            exchanges: Index::default(),
            under_way: Index::default(),
            timers: Timers::default(),
            next: 0,
            spare: vec![],
            over: vec![],
            wants: vec![],
            work: vec![],
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
        let draw = || self.lots.apart(u64::try_from(self.turns).unwrap_or_default());
        let endpoints = query.https.then(|| Endpoints::new(query, draw()));
        let mut lookup = self.over.pop().unwrap_or_else(|| Box::new(Lookup::new()));
        let names = lookup.renew(&query.name, query.families, first, endpoints);
        candidates(&query.name, self.config.ndots, &self.config.search, names);
        lookup.begin(&mut self.wants);
        self.lookups.insert(ticket, lookup);
        let mut work = std::mem::take(&mut self.work);
        work.extend(self.wants.drain(..).rev().map(|want| (ticket, want)));
        self.work(now, work, out);
        self.show(ticket, out);
    }

    /// What was not taken for the questions of a ticket that are still under way: for an asker that
    /// will wait no longer. What a channel counts for all of its questions is told once.
    pub fn ignored(&self, ticket: Ticket) -> Ignored {
        let questions = self.lookups.get(&ticket).into_iter().flat_map(|it| it.questions());
        let exchanges = questions.filter_map(|question| {
            self.exchanges.get(&self.shared(self.channels.digest(question), question)?)
        });
        exchanges.map(|it| it.ignored()).fold(Ignored::default(), |all, one| Ignored {
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
            self.shelve(lookup);
        }
    }

    /// Takes one piece of news in. News of channels that were closed is ignored.
    pub fn handle(&mut self, now: Time, input: Input<'_>, out: &mut Vec<Action>) {
        match input {
            Input::Tick => {}
            Input::Opened(channel) => self.channels.opened(channel, out),
            Input::Received { channel, from, octets } => {
                match self.channels.transport(channel, from) {
                    None => self.ignore(channel, Ignored { wrong_source: 1, ..Ignored::default() }),
                    Some(Transport::Udp) => self.message(now, channel, octets, false, out),
                    Some(Transport::Tcp) => {
                        let mut piece = octets;
                        while let Some(message) = self.channels.message(channel, piece) {
                            self.message(now, channel, &message, true, out);
                            piece = &[];
                        }
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
        while let Some((due, key)) = self.timers.first()
            && due <= now
        {
            self.step(now, key, out, |exchange, config| exchange.timed_out(now, config));
        }
    }

    /// When to call [`Resolver::handle`] with a tick if nothing else happens;
    /// [`Time::NEVER`] when nobody waits. By then something is sent or somebody is answered.
    pub fn deadline(&self) -> Time {
        self.timers.first().map_or(Time::NEVER, |(due, _)| due)
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
    fn message(
        &mut self,
        now: Time,
        channel: Channel,
        octets: &[u8],
        is_stream: bool,
        out: &mut Vec<Action>,
    ) {
        let query = u16_at(octets, 0).and_then(|id| Some((id, self.channels.whose(channel, id)?)));
        let Some((id, key)) = query else {
            return self.ignore(channel, Ignored { wrong_id: 1, ..Ignored::default() });
        };
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
        let (turns, deadline) = (exchange.turns, exchange.deadline);
        let step = turn(exchange, &self.config);
        let mut content = vec![];
        // On its first turn everybody insists: else it would not have been begun.
        if turns > 0 && exchange.turns > turns {
            let lookups = &self.lookups;
            content = exchange.part(|ticket, question| {
                lookups.get(ticket).is_some_and(|it| it.insists_on(question))
            });
        }
        let so_far = (!content.is_empty()).then(|| exchange.so_far(now));
        let result = match step {
            Step::Wait => None,
            Step::Settle(result) => Some(result),
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
        for (channel, id) in exchange.let_go.drain(..) {
            self.channels.release(channel, id, out);
        }
        match result {
            None => {
                let told = so_far.map(|so_far| (so_far, exchange.question.clone()));
                if exchange.deadline != deadline {
                    self.timers.put(exchange.deadline, key);
                    self.pass_timers(key);
                }
                if let Some((so_far, question)) = told {
                    self.tell(now, &question, &content, &so_far, out);
                }
            }
            Some(result) => {
                let settled = Settled { result, seen: exchange.take_seen() };
                exchange.waiting.extend(content);
                self.settle(now, key, &settled, out);
            }
        }
    }

    /// An exchange is over: the cache and everybody who waits learn of it.
    fn settle(&mut self, now: Time, key: Key, settled: &Settled, out: &mut Vec<Action>) {
        let Some(exchange) = self.remove(key) else { return };
        let question = &exchange.question;
        if let Ok(finding) = &settled.result {
            self.cache.put(now, exchange.digest, question, finding, settled.seen.rcode);
        }
        self.tell(now, question, &exchange.waiting, settled, out);
        self.keep(exchange);
    }

    /// Takes an exchange out of the maps.
    fn remove(&mut self, key: Key) -> Option<Box<Exchange>> {
        let exchange = self.exchanges.remove(&key)?;
        if self.under_way.get(&exchange.digest) == Some(&key) {
            self.under_way.remove(&exchange.digest);
        }
        self.pass_timers(key);
        Some(exchange)
    }

    /// Keeps an exchange that is over for the next one.
    fn keep(&mut self, exchange: Box<Exchange>) {
        if self.spare.len() < SPARE {
            self.spare.push(exchange);
        }
    }

    /// Keeps a lookup that is over for the next one.
    fn shelve(&mut self, lookup: Box<Lookup>) {
        if self.over.len() < SPARE {
            self.over.push(lookup);
        }
    }

    /// The exchange under way for this very question.
    fn shared(&self, digest: Digest, question: &Question) -> Option<Key> {
        let key = *self.under_way.get(&digest)?;
        self.exchanges.get(&key).is_some_and(|it| it.question == *question).then_some(key)
    }

    /// Has the soonest timer be one that somebody waits for, after `key` is over or waits anew.
    fn pass_timers(&mut self, key: Key) {
        let exchanges = &self.exchanges;
        let is_first = self.timers.first().is_some_and(|(_, first)| first == key);
        if is_first || self.timers.is_crowded(exchanges.len()) {
            self.timers.pass(exchanges.len(), |due, key| {
                exchanges.get(&key).is_some_and(|exchange| exchange.deadline == due)
            });
        }
    }

    /// Tells those who wait for a question what came of it.
    fn tell(
        &mut self,
        now: Time,
        question: &Question,
        waiting: &[Ticket],
        settled: &Settled,
        out: &mut Vec<Action>,
    ) {
        let mut work = std::mem::take(&mut self.work);
        for ticket in waiting.iter().rev() {
            if let Some(lookup) = self.lookups.get_mut(ticket) {
                lookup.settled(question, settled, false, &mut self.wants);
                work.extend(self.wants.drain(..).rev().map(|want| (*ticket, want)));
            }
        }
        self.work(now, work, out);
        for ticket in waiting {
            self.show(*ticket, out);
        }
    }

    /// Hands out services that an asker does not know yet.
    fn show(&mut self, ticket: Ticket, out: &mut Vec<Action>) {
        let Some(lookup) = self.lookups.get_mut(&ticket) else { return };
        if let Some(answer) = lookup.show() {
            out.push(Action::Services { ticket, answer });
            if lookup.is_over()
                && let Some(lookup) = self.lookups.remove(&ticket)
            {
                self.shelve(lookup);
            }
        }
    }
}
