//! Where an https service is to be had: HTTPS records, in the order RFC 9460 §3 tries them.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use fourstep_connect::{Candidate, Family, Move, Race, Standing};
use fourstep_resolve::{self as resolve, Families, SERVICE_DELAY, Service, ServiceAnswer};
use fourstep_terms::Time;

/// The protocol that we speak behind TLS, by its ALPN identifier.
pub(crate) const PROTOCOL: &[u8] = b"http/1.1";

/// The places to try, one after the other: each service that speaks our protocol, then the
/// name's own addresses, as if no record existed.
///
/// A race knows no such order, so it is given the addresses of one place at a time, and those of
/// the next when all of them have failed. Its IPv4 is settled last: until then it is not lost.
pub(crate) struct Services {
    families: Families,
    /// The query's port.
    port: u16,
    /// What is known of records.
    answer: Option<Arc<ServiceAnswer>>,
    /// The name's own addresses, and where we would send from.
    own: Vec<(IpAddr, Option<IpAddr>)>,
    /// Which answers for them are still to come.
    own_awaited: Vec<resolve::Family>,
    /// Which place is being tried; past the last service it is the name's own.
    turn: usize,
    /// The addresses that records led to, and when each was known.
    known: Vec<(IpAddr, Time)>,
    /// Until when records are waited for: a while after the first address (RFC 9460 §5.1).
    hold: Time,
    /// Whether nothing is left.
    over: bool,
}

impl Services {
    pub(crate) fn new(families: Families, port: u16) -> Services {
        let asked = resolve::Family::ALL.into_iter().filter(|family| families.has(*family));
        Services {
            families,
            port,
            answer: None,
            own: Vec::new(),
            own_awaited: asked.collect(),
            turn: 0,
            known: Vec::new(),
            hold: Time::NEVER,
            over: false,
        }
    }

    /// An answer for the name's own addresses of a family came, with these; maybe with none.
    pub(crate) fn own(
        &mut self,
        now: Time,
        family: resolve::Family,
        found: &[(IpAddr, Option<IpAddr>)],
    ) {
        self.own_awaited.retain(|awaited| *awaited != family);
        self.own.extend_from_slice(found);
        if !found.is_empty() {
            self.hold = self.hold.min(now + SERVICE_DELAY);
        }
    }

    /// News of the records. What comes after we went on without them is too late.
    pub(crate) fn learn(&mut self, now: Time, answer: &Arc<ServiceAnswer>) {
        if self.answer.is_some() || now < self.hold {
            self.answer = Some(Arc::clone(answer));
        }
        let services = self.usable().filter(|service| !service.is_own);
        let found: Vec<IpAddr> = services
            .flat_map(|service| self.families().flat_map(|family| service.addresses(family)))
            .collect();
        for ip in found {
            if self.known(ip).is_none() {
                self.known.push((ip, now));
            }
        }
    }

    /// Since when an address is known that a record led to.
    pub(crate) fn known(&self, ip: IpAddr) -> Option<Time> {
        self.known.iter().find(|(known, _)| *known == ip).map(|(_, at)| *at)
    }

    /// When the first of them was known.
    pub(crate) fn first_known(&self) -> Option<Time> {
        self.known.first().map(|(_, at)| *at)
    }

    /// The families that are looked for.
    fn families(&self) -> impl Iterator<Item = resolve::Family> + use<> {
        let families = self.families;
        resolve::Family::ALL.into_iter().filter(move |family| families.has(*family))
    }

    /// Whether every place was tried.
    pub(crate) fn are_over(&self) -> bool {
        self.over
    }

    /// Gives the race what there is to try now; says how it stands, and when to look again.
    pub(crate) fn feed(&mut self, now: Time, race: &mut Race, out: &mut Vec<Move>) -> Standing {
        if self.answer.is_none() && now < self.hold {
            return Standing::Running(self.hold);
        }
        loop {
            let (candidates, awaited) = self.place();
            // An IPv4 address waits a little for an IPv6 one that may still come (RFC 8305 §3).
            if !awaited.contains(&resolve::Family::V6) {
                race.settled(Family::V6);
            }
            for family in [Family::V6, Family::V4] {
                let of_family: Vec<Candidate> = candidates
                    .iter()
                    .filter(|candidate| Family::of(candidate.address.ip()) == family)
                    .copied()
                    .collect();
                race.found(now, family, &of_family);
            }
            let standing = race.tick(now, out);
            let runs = race.attempts().iter().any(|attempt| attempt.end.is_none());
            let idle = !runs && matches!(standing, Standing::Running(Time::NEVER));
            if !idle || !awaited.is_empty() || self.over {
                return standing;
            }
            match self.turn < self.usable().count() {
                true => self.turn += 1,
                false => {
                    self.over = true;
                    race.settled(Family::V4);
                }
            }
        }
    }

    /// The addresses of the place whose turn it is, and the families for which more may come.
    fn place(&self) -> (Vec<Candidate>, Vec<resolve::Family>) {
        let own = |port| {
            let candidate = |(ip, source): &(IpAddr, Option<IpAddr>)| Candidate {
                address: SocketAddr::new(*ip, port),
                source: *source,
            };
            (self.own.iter().map(candidate).collect(), self.own_awaited.clone())
        };
        match self.usable().nth(self.turn) {
            None => own(self.port),
            Some(service) if service.is_own => own(service.port),
            Some(service) => {
                let candidates = self
                    .families()
                    .flat_map(|family| service.addresses(family))
                    .map(|ip| Candidate {
                        address: SocketAddr::new(ip, service.port),
                        source: None,
                    })
                    .collect();
                let answered =
                    |family: &resolve::Family| service.answers.iter().any(|a| a.family == *family);
                let awaited = match service.awaited {
                    0 => Vec::new(),
                    _ => self.families().filter(|family| !answered(family)).collect(),
                };
                (candidates, awaited)
            }
        }
    }

    /// The services that may be tried at all: a client that speaks none of a service's protocols
    /// must leave it (RFC 9460 §7.1.2).
    fn usable(&self) -> impl Iterator<Item = &Service> {
        let services = self.answer.iter().flat_map(|answer| &answer.services);
        services.filter(|service| service.params.speaks(PROTOCOL))
    }
}
