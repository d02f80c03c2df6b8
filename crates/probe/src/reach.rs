//! Reaching a peer: asking for addresses and racing for a connection, at once (RFC 8305 §3).

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use fourstep_connect::{Candidate, ConnectError, Family, Few, Move, Race, Standing};
use fourstep_resolve::{Answer, Families, Ignored, Query, ResolveError, ServiceAnswer};
use fourstep_target::{Host, Scheme};
use fourstep_terms::{Code, Fault, Leg, Time};

use crate::failure::Failure;
use crate::plan::Plan;
use crate::report::{Dialled, Named, Report, Resolved};
use crate::route::Endpoint;
use crate::services::Services;
use crate::timeline::{Mark, Timeline};
use crate::turn::{Action, Actions};

/// The phase before a connection to a name stands.
pub(crate) struct Reach {
    /// Of its addresses, as they are found.
    race: Race,
    /// The port to dial at whatever addresses are found.
    port: u16,
    /// How many answers are still to come.
    awaited: u8,
    /// When the race wants its next tick.
    wake: Time,
    /// For https: the places that HTTPS records name.
    services: Option<Box<Services>>,
}

/// What the reaching has come to.
pub(crate) enum Reached {
    /// Nothing is dialled yet.
    Asking,
    /// Something was dialled.
    Dialling,
    /// Nothing is left to try.
    Failed(Failure),
}

impl Reach {
    /// Asks for the addresses of a name.
    pub(crate) fn begin(
        now: Time,
        name: Box<str>,
        port: u16,
        plan: &Plan,
        report: &mut Report,
        out: &mut Actions,
    ) -> Reach {
        report.timeline.mark(Mark::Asked, now);
        let families = plan.families;
        // Records speak of the URL's own name and port (RFC 9460 §9.1): where we were told to
        // connect elsewhere, they do not count.
        let target = &report.target;
        let https = target.scheme() == Scheme::Https
            && target.port() == port
            && matches!(target.host(), Host::Name(own) if *own == name);
        out.list.push(Action::Ask(Query { name: name.clone(), port, families, https }));
        report.resolve = Some(Resolved::Name(Box::new(Named {
            name,
            answers: Few::default(),
            services: None,
            ignored: Ignored::default(),
        })));
        let mut race = Race::new(plan.pace);
        match families {
            // Its services settle them.
            _ if https => {}
            Families::Both => {}
            Families::V4 => race.settled(Family::V6),
            Families::V6 => race.settled(Family::V4),
        }
        Reach {
            race,
            port,
            awaited: if families == Families::Both { 2 } else { 1 },
            wake: Time::NEVER,
            services: https.then(|| Box::new(Services::new(families, port))),
        }
    }

    pub(crate) fn answered(
        &mut self,
        now: Time,
        answer: &Arc<Answer>,
        sources: &[Option<IpAddr>],
        report: &mut Report,
        out: &mut Actions,
    ) -> Reached {
        let Some(Resolved::Name(named)) = &mut report.resolve else { return self.asking() };
        // Two answers to one question of ours would be the resolver's mistake: the first counts.
        if named.answers.iter().any(|(_, seen)| seen.family == answer.family) {
            return self.asking();
        }
        self.awaited = self.awaited.saturating_sub(1);
        named.answers.push((now, Arc::clone(answer)));
        let mut sources = sources.iter().copied();
        let found: Few<(IpAddr, Option<IpAddr>)> =
            (answer.result.iter().flatten()).map(|ip| (*ip, sources.next().flatten())).collect();
        if !found.is_empty() {
            report.timeline.mark(Mark::Answered, now);
        }
        match &mut self.services {
            Some(services) => services.own(now, answer.family, &found),
            None => {
                let family = match answer.family {
                    fourstep_resolve::Family::V4 => Family::V4,
                    fourstep_resolve::Family::V6 => Family::V6,
                };
                let candidate = |(ip, source): &(IpAddr, Option<IpAddr>)| Candidate {
                    address: SocketAddr::new(*ip, self.port),
                    source: *source,
                };
                let candidates: Few<Candidate> = found.iter().map(candidate).collect();
                self.race.found(now, family, &candidates);
                self.race.settled(family);
                if self.awaited == 0
                    && let Some(failure) = nothing_found(report)
                {
                    report.timeline.mark(Mark::Answered, now);
                    return Reached::Failed(failure);
                }
            }
        }
        self.look(now, report, out)
    }

    /// News of the HTTPS records.
    pub(crate) fn served(
        &mut self,
        now: Time,
        answer: &Arc<ServiceAnswer>,
        report: &mut Report,
        out: &mut Actions,
    ) -> Reached {
        let Some(services) = &mut self.services else { return self.asking() };
        services.learn(now, answer);
        if let Some(at) = services.first_known() {
            report.timeline.mark(Mark::Answered, at);
        }
        if let Some(Resolved::Name(named)) = &mut report.resolve {
            named.services = Some(Arc::clone(answer));
        }
        self.look(now, report, out)
    }

    /// Goes on with what is known, and sees whether anything is left.
    fn look(&mut self, now: Time, report: &mut Report, out: &mut Actions) -> Reached {
        let reached = self.tick(now, out);
        let over = self.services.as_ref().is_some_and(|services| services.are_over());
        match reached {
            // Lost, and not for want of connections: there was no address to begin with.
            Reached::Failed(_) if over && self.race.first_dial().is_none() => {
                report.timeline.mark(Mark::Answered, now);
                nothing_found(report).map_or(reached, Reached::Failed)
            }
            reached => reached,
        }
    }

    /// Whether `leg` was one of ours and is now the probe's connection.
    pub(crate) fn connected(
        &mut self,
        now: Time,
        leg: Leg,
        local: Option<SocketAddr>,
        report: &mut Report,
        out: &mut Actions,
    ) -> bool {
        let mut moves = std::mem::take(&mut out.moves);
        let standing = self.race.connected(now, leg, &mut moves);
        push(moves, out);
        let Standing::Won(won) = standing else { return false };
        let Some(attempt) = self.race.attempts().get(usize::from(won.0)) else { return false };
        used(attempt.address.ip(), self.services.as_deref(), report);
        let connection = report.connect.get_or_insert_default();
        connection.attempts = self.attempts(now);
        connection.used = Some(won);
        connection.local = local;
        true
    }

    pub(crate) fn failed(
        &mut self,
        now: Time,
        leg: Leg,
        fault: Fault,
        out: &mut Actions,
    ) -> Reached {
        // Its socket is of no more use: with many addresses that fail, the descriptors would pile up
        // until the probe is done.
        if self.race.attempts().iter().any(|a| a.leg == leg && a.end.is_none()) {
            out.list.push(Action::HangUp(leg));
        }
        let mut moves = std::mem::take(&mut out.moves);
        let mut standing = self.race.failed(now, leg, fault, &mut moves);
        if let Some(services) = &mut self.services {
            standing = services.feed(now, &mut self.race, &mut moves);
        }
        push(moves, out);
        self.stand(standing)
    }

    pub(crate) fn tick(&mut self, now: Time, out: &mut Actions) -> Reached {
        let mut moves = std::mem::take(&mut out.moves);
        let standing = match &mut self.services {
            Some(services) => services.feed(now, &mut self.race, &mut moves),
            None => self.race.tick(now, &mut moves),
        };
        push(moves, out);
        self.stand(standing)
    }

    /// When this phase must be over, apart from the whole.
    pub(crate) fn deadline(plan: &Plan, timeline: &Timeline) -> Time {
        let asked = timeline.at(Mark::Asked);
        match (timeline.at(Mark::Dialled), timeline.at(Mark::Answered)) {
            (Some(dialled), _) => dialled + plan.deadlines.connect,
            // An address is known and the race waits for a better one.
            (None, Some(_)) => Time::NEVER,
            (None, None) => asked.map_or(Time::NEVER, |asked| asked + plan.deadlines.resolve),
        }
    }

    /// When the race wants a tick.
    pub(crate) fn wake(&self) -> Time {
        self.wake
    }

    /// The time is up: which step it was up for.
    pub(crate) fn expired(&mut self, now: Time, timeline: &Timeline, out: &mut Actions) -> Failure {
        if self.race.first_dial().is_some() {
            let mut moves = std::mem::take(&mut out.moves);
            let error = self.race.expire(now, &mut moves);
            push(moves, out);
            return Failure::Connect(error);
        }
        let waited = now.since(timeline.at(Mark::Asked).unwrap_or(now));
        Failure::Resolve(ResolveError::Silent { asked: self.awaited.into(), waited })
    }

    /// Lets everything go; what was seen of the attempts stays in the report.
    pub(crate) fn abandon(self, now: Time, report: &mut Report, out: &mut Actions) {
        let Some(connection) = &mut report.connect else { return };
        connection.attempts = self.attempts(now);
        let running = self.race.attempts().iter().filter(|attempt| attempt.end.is_none());
        out.list.extend(running.map(|attempt| Action::HangUp(attempt.leg)));
    }

    fn attempts(&self, now: Time) -> Few<Dialled> {
        self.race.attempts().iter().map(|attempt| Dialled::of(attempt, now)).collect()
    }

    fn stand(&mut self, standing: Standing) -> Reached {
        match standing {
            Standing::Running(wake) => {
                self.wake = wake;
                self.asking()
            }
            // Told by `connected`, which returns before it asks here.
            Standing::Won(_) => Reached::Dialling,
            Standing::Lost(error) => Reached::Failed(Failure::Connect(error)),
        }
    }

    fn asking(&self) -> Reached {
        match self.race.first_dial() {
            None => Reached::Asking,
            Some(_) => Reached::Dialling,
        }
    }
}

/// The answer that was used is the one with the address that won; it may not be the first that
/// came, and may be one for a service's target.
fn used(ip: IpAddr, services: Option<&Services>, report: &mut Report) {
    let Some(Resolved::Name(named)) = &report.resolve else { return };
    let has = |answer: &Answer| answer.result.as_ref().is_ok_and(|list| list.contains(&ip));
    let own = named.answers.iter().find(|(_, answer)| has(answer)).map(|(at, _)| *at);
    if let Some(at) = own.or_else(|| services?.known(ip)) {
        report.timeline.move_mark(Mark::Answered, at);
    }
}

/// Why no answer had an address; `None` when one had.
fn nothing_found(report: &Report) -> Option<Failure> {
    let Some(Resolved::Name(named)) = &report.resolve else { return None };
    let Named { name, answers, .. } = &**named;
    let none = |answer: &Answer| answer.result.as_ref().map_or(true, Vec::is_empty);
    if !answers.iter().all(|(_, answer)| none(answer)) {
        return None;
    }
    let errors = answers.iter().filter_map(|(_, answer)| answer.result.as_ref().err());
    // An answer that is none and no error either would be the resolver's mistake.
    let error = most_telling(errors).cloned().or_else(|| {
        let (_, last) = answers.last()?;
        Some(ResolveError::NoAddress { name: name.clone(), family: last.family })
    });
    error.map(Failure::Resolve)
}

/// Of what two families failed by, what says most of the name. That it does not exist holds for
/// every type (RFC 8020 §2); that it has no record of one type says nothing of the other, so any
/// other error of the other comes first.
fn most_telling<'a>(errors: impl Iterator<Item = &'a ResolveError>) -> Option<&'a ResolveError> {
    errors.min_by_key(|error| match error.code() {
        Code::ResolveNoSuchName => 0,
        Code::ResolveNoAddress => 2,
        _ => 1,
    })
}

/// What a fault means while connecting.
pub(crate) fn dial_code(fault: Fault) -> Code {
    ConnectError::alone(None, fault, Duration::ZERO).code()
}

/// Hands on what a race asks for; the empty list is there for the next time.
fn push(mut moves: Vec<Move>, out: &mut Actions) {
    out.list.extend(moves.drain(..).map(|step| match step {
        Move::Dial(leg, address) => Action::Dial(leg, Endpoint::Ip(address)),
        Move::HangUp(leg) => Action::HangUp(leg),
    }));
    out.moves = moves;
}
