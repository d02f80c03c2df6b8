//! What resolving showed, of up to two answers: one a family.

use std::collections::BTreeMap;
use std::fmt;
use std::net::{IpAddr, SocketAddr};

use fourstep_probe::{Connection, Endpoint, Failure, Few, Named, Report, Resolved};
use fourstep_resolve::{Family, Rcode};

use super::address::First;
use super::json::{self, Json};
use super::object::members;
use super::response::Oddity;
use super::room::Room;
use crate::lines::tree::Node;

/// What looking the name up showed.
#[derive(Clone, Debug)]
pub(crate) struct Resolve<'a> {
    pub(crate) name: Host<'a>,
    /// The name that answered: with a search list it may be longer than the one asked for.
    pub(crate) full_name: Option<&'a str>,
    /// Null while no answer counts.
    pub(crate) from: Option<&'static str>,
    /// Of all answers, in order of arrival.
    pub(crate) addresses: Few<Host<'a>>,
    pub(crate) cname: &'a [Box<str>],
    /// The least of the answers that gave addresses; where none did, of the others.
    pub(crate) ttl_s: Option<u32>,
    pub(crate) rcode: Option<Rcode>,
    pub(crate) server: Option<SocketAddr>,
    pub(crate) transport: Option<&'static str>,
    pub(crate) extended_errors: Vec<ExtendedError<'a>>,
    /// Messages that came and were not taken, by reason; of both questions together,
    /// those that tell no question once.
    pub(crate) ignored: BTreeMap<&'static str, u32>,
    pub(crate) oddities: Vec<Oddity<'a>>,
    /// The services that HTTPS records name, in the order to try them (RFC 9460 §3); null when they
    /// were not asked for, or did not come in time.
    pub(crate) services: Option<Vec<Service<'a>>>,
}

members!(Resolve<'_> {
    name, full_name, from, addresses, cname, ttl_s, rcode, server, transport, extended_errors, ignored,
    oddities, services
});

/// What was looked up, or what was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Host<'a> {
    Name(&'a str),
    /// With a scope, unless it is 0: which of the interfaces with such an address (RFC 4007 §11).
    Ip(IpAddr, u32),
}

impl fmt::Display for Host<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Host::Name(name) => f.write_str(name),
            Host::Ip(ip, 0) => ip.fmt(f),
            Host::Ip(ip, scope) => write!(f, "{ip}%{scope}"),
        }
    }
}

impl Json for Host<'_> {
    fn write<'o>(&self, out: Room<'o>) -> Room<'o> {
        match self {
            Host::Name(name) => name.write(out),
            Host::Ip(ip, 0) => ip.write(out),
            Host::Ip(..) => json::Shown(self).write(out),
        }
    }
}

/// The section as it is written of a report, given the text of the first attempt's end. An address is
/// its own answer: all the rest of it is known.
pub(crate) struct Written<'a>(pub(crate) Option<&'a Report>, pub(crate) Option<&'a First>);

impl Json for Written<'_> {
    fn write<'o>(&self, out: Room<'o>) -> Room<'o> {
        let resolve = self.0.and_then(|report| report.resolve.as_ref());
        let (Some(first), Some(Resolved::Literal)) = (self.1, resolve) else {
            return made(self.0, out);
        };
        out.within::<320>(|out| {
            let out = first.write_ip(out.put(b"{\"name\":"));
            let out = out.put(br#","full_name":null,"from":"literal","addresses":["#);
            // In two pieces: the compiler calls a function for one.
            first
                .write_ip(out)
                .put(br#"],"cname":[],"ttl_s":null,"rcode":null,"server":null,"transport":null"#)
                .put(br#","extended_errors":[],"ignored":{},"oddities":[],"services":null}"#)
        })
    }

    fn write_chosen<'o>(&self, asked: &Node, out: Room<'o>) -> Room<'o> {
        self.0.and_then(Resolve::of).write_chosen(asked, out)
    }
}

/// Apart, as it takes much of the stack.
#[inline(never)]
fn made<'o>(report: Option<&Report>, out: Room<'o>) -> Room<'o> {
    report.and_then(Resolve::of).write(out)
}

/// The address that was the target.
fn literal(report: &Report) -> Option<Host<'_>> {
    let Resolved::Literal = report.resolve.as_ref()? else { return None };
    match report.connect.as_ref()?.attempts.first()?.to.address()? {
        SocketAddr::V4(v4) => Some(Host::Ip(IpAddr::V4(*v4.ip()), 0)),
        SocketAddr::V6(v6) => Some(Host::Ip(IpAddr::V6(*v6.ip()), v6.scope_id())),
    }
}

impl Json for Rcode {
    fn write<'o>(&self, out: Room<'o>) -> Room<'o> {
        json::Shown(self).write(out)
    }
}

/// One service that an HTTPS record names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Service<'a> {
    /// Null for the end of an AliasMode chain.
    pub(crate) priority: Option<u16>,
    pub(crate) target: &'a str,
    pub(crate) port: u16,
    /// Beside the default, `http/1.1`, unless `no_default_alpn`.
    pub(crate) alpn: Vec<String>,
    pub(crate) no_default_alpn: bool,
    pub(crate) ipv4hint: Vec<String>,
    pub(crate) ipv6hint: Vec<String>,
    /// The target's, or the hints while those are not known; empty for the name that was asked for.
    pub(crate) addresses: Vec<String>,
    pub(crate) ech: bool,
}

members!(Service<'_> {
    priority, target, port, alpn, no_default_alpn, ipv4hint, ipv6hint, addresses, ech
});

impl<'a> Service<'a> {
    fn of(service: &'a fourstep_resolve::Service) -> Service<'a> {
        let params = &service.params;
        Service {
            priority: service.priority,
            target: &service.target,
            port: service.port,
            alpn: params.alpn.iter().map(|id| id.escape_ascii().to_string()).collect(),
            no_default_alpn: params.no_default_alpn,
            ipv4hint: params.ipv4hint.iter().map(|ip| ip.to_string()).collect(),
            ipv6hint: params.ipv6hint.iter().map(|ip| ip.to_string()).collect(),
            addresses: Family::ALL
                .into_iter()
                .filter(|_| !service.is_own)
                .flat_map(|family| service.addresses(family))
                .map(|ip| ip.to_string())
                .collect(),
            ech: params.ech.is_some(),
        }
    }
}

/// What a server added in its own words (RFC 8914 §2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ExtendedError<'a> {
    pub(crate) code: u16,
    pub(crate) text: &'a str,
}

members!(ExtendedError<'_> { code, text });

impl<'a> Resolve<'a> {
    pub(crate) fn of(report: &'a Report) -> Option<Resolve<'a>> {
        let connection = report.connect.as_ref();
        if let Some(host) = literal(report) {
            return Some(Resolve::literal(host));
        }
        let Named { name, answers, services, ignored: open } = report.named()?;
        // The answer that counts is the one whose address was used, or else whose addresses were
        // tried; if there were none, the one whose error is the probe's.
        let peer = connection.and_then(Connection::peer);
        let used = answers.iter().map(|(_, answer)| answer).find(|answer| {
            match (peer, report.failure.as_deref(), &answer.result) {
                (Some(Endpoint::Ip(peer)), _, _) => answer.family.holds(peer.ip()),
                (_, Some(Failure::Resolve(error)), Err(own)) => own == error,
                (_, _, result) => result.is_ok(),
            }
        });
        let found = |wanted: bool| {
            let answers = answers.iter().filter(move |(_, answer)| answer.result.is_ok() == wanted);
            answers.filter_map(|(_, answer)| answer.ttl_s).min()
        };
        let mut resolve = Resolve {
            name: Host::Name(name),
            full_name: used.map(|answer| &*answer.name),
            from: used.map(|answer| answer.from.as_str()),
            addresses: Few::default(),
            cname: used.map_or(&[], |answer| &answer.cname),
            ttl_s: found(true).or_else(|| found(false)),
            rcode: used.and_then(|answer| answer.rcode),
            server: used.and_then(|answer| answer.server),
            transport: used.and_then(|answer| answer.transport).map(|by| by.as_str()),
            extended_errors: Vec::new(),
            ignored: BTreeMap::new(),
            oddities: Vec::new(),
            services: services
                .as_ref()
                .map(|answer| answer.services.iter().map(Service::of).collect()),
        };
        let found = answers.iter().flat_map(|(_, answer)| answer.result.iter().flatten());
        resolve.addresses = found.map(|ip| Host::Ip(*ip, 0)).collect();
        if let Some(services) = services {
            resolve.oddities.extend(services.oddities.iter().map(Oddity::of));
        }
        for (_, answer) in answers {
            for error in &answer.extended_errors {
                let error = ExtendedError { code: error.code, text: &error.text };
                if !resolve.extended_errors.contains(&error) {
                    resolve.extended_errors.push(error);
                }
            }
            resolve.oddities.extend(answer.oddities.iter().map(Oddity::of));
        }
        // Of the answers, and of the questions that were still open at the end.
        let ignored = answers.iter().map(|(_, answer)| answer.ignored).chain([*open]);
        for (reason, count) in ignored.flat_map(|ignored| ignored.reasons()) {
            let so_far = resolve.ignored.entry(reason).or_default();
            *so_far = match reason {
                // It tells no question, so both counted it.
                "wrong-source" | "wrong-id" => count.max(*so_far),
                _ => so_far.saturating_add(count),
            };
        }
        Some(resolve)
    }

    fn literal(host: Host<'a>) -> Resolve<'a> {
        Resolve {
            name: host,
            full_name: None,
            from: Some("literal"),
            addresses: Few::One(host),
            cname: &[],
            ttl_s: None,
            rcode: None,
            server: None,
            transport: None,
            extended_errors: Vec::new(),
            ignored: BTreeMap::new(),
            oddities: Vec::new(),
            services: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::drive::{Drive, answer};
    use crate::record::room;
    use fourstep_probe::{Plan, Route};
    use fourstep_resolve::{Answer, Family, Ignored};
    use fourstep_terms::{Fault, FaultKind};

    fn v6(ttl_s: u32, addresses: &[&str]) -> Answer {
        let server = "[2001:db8::53]:53".parse().ok();
        Answer { ttl_s: Some(ttl_s), server, ..answer(Family::V6, addresses) }
    }

    fn v4(ttl_s: u32, addresses: &[&str]) -> Answer {
        Answer { ttl_s: Some(ttl_s), ..answer(Family::V4, addresses) }
    }

    fn resolve(
        answers: [Answer; 2],
        then: impl FnOnce(&mut Drive),
        check: impl FnOnce(Resolve<'_>),
    ) {
        let mut drive = Drive::start("http://a.test/", Plan::default());
        for answer in answers {
            drive.answered(1000, answer);
        }
        then(&mut drive);
        let (report, _) = drive.report();
        check(Resolve::of(&report).unwrap());
    }

    #[test]
    fn two_answers_become_one() {
        let refused = Fault::of(FaultKind::Refused);
        // The second address stands: its answer counts, the addresses of both are there.
        resolve(
            [v6(60, &["2001:db8::1"]), v4(30, &["192.0.2.1"])],
            |drive| _ = drive.failed(1100, 0, refused).tick(20_000).connected(21_000, 1, ""),
            |resolve| {
                let addresses: Vec<_> = resolve.addresses.iter().map(Host::to_string).collect();
                assert_eq!(addresses, ["2001:db8::1", "192.0.2.1"]);
                assert_eq!(resolve.server, Some("192.0.2.53:53".parse().unwrap()));
                assert_eq!(resolve.ttl_s, Some(30));
            },
        );
        // Nothing stands: what had addresses counts, and its TTL.
        resolve(
            [v6(5, &[]), v4(30, &["192.0.2.1"])],
            |drive| _ = drive.failed(1100, 0, refused),
            |resolve| {
                assert_eq!(resolve.server, Some("192.0.2.53:53".parse().unwrap()));
                assert_eq!((resolve.ttl_s, resolve.from), (Some(30), Some("dns")));
            },
        );
        // Neither has an address: the one whose error is the probe's.
        resolve(
            [v6(5, &[]), v4(30, &[])],
            |_| (),
            |resolve| {
                assert_eq!(resolve.server, Some("[2001:db8::53]:53".parse().unwrap()));
                assert_eq!(resolve.ttl_s, Some(5));
                assert!(resolve.addresses.is_empty());
            },
        );
    }

    #[test]
    fn what_was_ignored_is_counted_together() {
        // What tells no question was counted for both; the v6 query was a while longer under way.
        let v4_ignored = Ignored {
            wrong_source: 1,
            wrong_id: 2,
            wrong_question: 1,
            not_a_response: 1,
            malformed: 2,
        };
        let v6_ignored = Ignored { wrong_id: 3, ..v4_ignored };
        let want = [
            ("malformed", 4),
            ("not-a-response", 2),
            ("wrong-id", 3),
            ("wrong-question", 2),
            ("wrong-source", 1),
        ];
        resolve(
            [
                Answer { ignored: v6_ignored, ..v6(5, &[]) },
                Answer { ignored: v4_ignored, ..v4(5, &[]) },
            ],
            |_| (),
            |resolve| assert!(resolve.ignored.into_iter().eq(want)),
        );
    }

    #[test]
    fn an_address_is_its_own_answer() {
        let zones = vec![("lo".into(), 1)];
        let plan = Plan { route: Route { zones, ..Route::default() }, ..Plan::default() };
        let (report, _) = Drive::start("http://[fe80::1%lo]/", plan).report();
        let resolve = Resolve::of(&report).unwrap();
        assert_eq!((&*resolve.name.to_string(), resolve.from), ("fe80::1%1", Some("literal")));
        assert_eq!(resolve.addresses[..], [resolve.name]);
        let (report, _) = Drive::start("http://192.0.2.1/", Plan::default()).report();
        let (resolve, first) = (Resolve::of(&report).unwrap(), First::of(&report).unwrap());
        let (mut whole, mut known) = (Vec::new(), Vec::new());
        room::append(&resolve, b"", &mut whole);
        room::append(&Written(Some(&report), Some(&first)), b"", &mut known);
        assert_eq!(str::from_utf8(&known), str::from_utf8(&whole));
    }
}
