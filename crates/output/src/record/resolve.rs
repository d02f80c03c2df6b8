//! What resolving showed, of up to two answers: one a family.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};

use fourstep_probe::{Endpoint, Failure, Report, Resolved};
use serde::Serialize;

use super::Word;
use super::response::Oddity;

/// What looking the name up showed.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Resolve<'a> {
    pub(crate) name: Cow<'a, str>,
    /// The name that answered: with a search list it may be longer than the one asked for.
    pub(crate) full_name: Option<&'a str>,
    /// Null while no answer counts.
    pub(crate) from: Option<&'static str>,
    /// Of all answers, in order of arrival.
    pub(crate) addresses: Vec<Cow<'a, str>>,
    pub(crate) cname: &'a [Box<str>],
    /// The least of the answers that gave addresses; where none did, of the others.
    pub(crate) ttl_s: Option<u32>,
    pub(crate) rcode: Option<String>,
    pub(crate) server: Option<Word<SocketAddr>>,
    pub(crate) transport: Option<&'static str>,
    pub(crate) extended_errors: Vec<ExtendedError<'a>>,
    /// Messages that came and were not taken, by reason; of both questions together.
    pub(crate) ignored: BTreeMap<&'static str, u32>,
    pub(crate) oddities: Vec<Oddity<'a>>,
}

/// What a server added in its own words (RFC 8914 §2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct ExtendedError<'a> {
    pub(crate) code: u16,
    pub(crate) text: &'a str,
}

impl<'a> Resolve<'a> {
    pub(crate) fn of(report: &'a Report) -> Option<Resolve<'a>> {
        let (name, answers) = match report.resolve.as_ref()? {
            Resolved::Literal(address) => return Some(Resolve::literal(*address)),
            Resolved::Name { name, answers } => (name, answers),
        };
        // The answer that counts is the one whose address was used, or else whose addresses were
        // tried; if there were none, the one whose error is the probe's.
        let peer = report.connect.as_ref().and_then(|connection| connection.peer.as_ref());
        let used = answers.iter().map(|(_, answer)| answer).find(|answer| {
            match (peer, &report.failure, &answer.result) {
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
            name: Cow::Borrowed(name),
            full_name: used.map(|answer| &*answer.name),
            from: used.map(|answer| answer.from.as_str()),
            addresses: Vec::new(),
            cname: used.map_or(&[], |answer| &answer.cname),
            ttl_s: found(true).or_else(|| found(false)),
            rcode: used.and_then(|answer| answer.rcode).map(|rcode| rcode.to_string()),
            server: used.and_then(|answer| answer.server).map(Word),
            transport: used.and_then(|answer| answer.transport).map(|by| by.as_str()),
            extended_errors: Vec::new(),
            ignored: BTreeMap::new(),
            oddities: Vec::new(),
        };
        for (_, answer) in answers {
            let addresses = answer.result.iter().flatten();
            resolve.addresses.extend(addresses.map(|ip| Cow::Owned(ip.to_string())));
            for error in &answer.extended_errors {
                let error = ExtendedError { code: error.code, text: &error.text };
                if !resolve.extended_errors.contains(&error) {
                    resolve.extended_errors.push(error);
                }
            }
            for (reason, count) in answer.ignored.reasons() {
                let sum = resolve.ignored.entry(reason).or_default();
                *sum = sum.saturating_add(count);
            }
            resolve.oddities.extend(answer.oddities.iter().map(Oddity::of));
        }
        Some(resolve)
    }

    fn literal(address: SocketAddr) -> Resolve<'a> {
        let text = match address {
            // The scope says which of the interfaces with such an address (RFC 4007 §11).
            SocketAddr::V6(v6) if v6.scope_id() != 0 => format!("{}%{}", v6.ip(), v6.scope_id()),
            _ => IpAddr::to_string(&address.ip()),
        };
        Resolve {
            name: Cow::Owned(text.clone()),
            full_name: None,
            from: Some("literal"),
            addresses: vec![Cow::Owned(text)],
            cname: &[],
            ttl_s: None,
            rcode: None,
            server: None,
            transport: None,
            extended_errors: Vec::new(),
            ignored: BTreeMap::new(),
            oddities: Vec::new(),
        }
    }
}
