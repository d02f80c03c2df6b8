//! What a reply says of a question.

use std::net::IpAddr;

use fourstep_terms::Oddity;

use crate::answer::{Family, Rcode};
use crate::binding::Binding;
use crate::error::Defect;
use crate::message::{Question, Wanted};
use crate::name::Name;
use crate::reply::{Answering, Data, Reply};

/// The most aliases followed from a name to its addresses, over all replies (RFC 1034 §3.6.2
/// wants none in a row; BIND and unbound stop at 16 and 11).
pub const ALIASES: usize = 16;

/// What a server said of a question, as it can be cached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Finding {
    /// The aliases' targets, in order.
    pub(crate) chain: Vec<Name>,
    /// What was found at their end.
    pub(crate) what: What,
    /// How long it holds, in seconds; `None`: the reply does not say (RFC 2308 §5).
    pub(crate) ttl_s: Option<u32>,
}

/// What was found at the end of the aliases.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum What {
    Addresses(Addresses),
    /// HTTPS records, at least one; or why none of them counts: one is malformed (RFC 9460 §2.2).
    Services(Result<Vec<Binding>, Oddity>),
    /// Nothing in this reply: ask for the last target (RFC 1034 §5.3.3 step 4c).
    Elsewhere,
    /// The name is there, without a record of this type (RFC 2308 §2.2).
    NoData,
    /// The name is not there, nor any below it (RFC 2308 §2.1, RFC 8020 §2).
    NoSuchName,
}

/// Addresses, at least one, each once; in place, as long as it is the only one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Addresses {
    first: IpAddr,
    others: Vec<IpAddr>,
}

impl Addresses {
    pub(crate) fn of(first: IpAddr) -> Addresses {
        Addresses { first, others: vec![] }
    }

    fn add(&mut self, address: IpAddr) {
        if address != self.first && !self.others.contains(&address) {
            self.others.push(address);
        }
    }

    /// All of them, in order.
    pub(crate) fn list(&self) -> Vec<IpAddr> {
        let mut list = Vec::with_capacity(1 + self.others.len());
        list.push(self.first);
        list.extend_from_slice(&self.others);
        list
    }
}

/// Why a reply says nothing of the question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Useless {
    /// An RCODE other than NOERROR and NXDOMAIN.
    Rcode(Rcode),
    /// A referral.
    Referral,
    /// It says that it is cut, and nothing else.
    Truncated,
    /// Aliases without end.
    Aliases(Defect),
}

/// Reads a reply by RFC 1034 §5.3.3: from the name along the aliases to its addresses. Records
/// of other names are of no interest (RFC 5452 §6).
pub(crate) fn find(question: &Question, reply: &Reply<'_>) -> Result<Finding, Useless> {
    if reply.rcode != Rcode::NOERROR && reply.rcode != Rcode::NXDOMAIN {
        return Err(Useless::Rcode(reply.rcode));
    }
    if reply.is_referral && reply.rcode == Rcode::NOERROR {
        return Err(Useless::Referral);
    }
    let mut chain: Vec<Name> = vec![];
    let mut ttl_s = u32::MAX;
    loop {
        let name = chain.last().unwrap_or(&question.name);
        let found = match question.wanted {
            Wanted::Addresses(family) => addresses(answering(reply, question, name), family),
            Wanted::Services => services(answering(reply, question, name)),
        };
        if let Some((what, least)) = found {
            return Ok(Finding { chain, what, ttl_s: Some(ttl_s.min(least)) });
        }
        let Some((target, ttl)) = alias(answering(reply, question, name)) else { break };
        if target == question.name || chain.contains(&target) {
            return Err(Useless::Aliases(Defect::AliasLoop));
        }
        if chain.len() == ALIASES {
            return Err(Useless::Aliases(Defect::TooManyAliases));
        }
        ttl_s = ttl_s.min(ttl);
        chain.push(target);
    }
    // The end of the chain has no such record here. NXDOMAIN is about that end (RFC 6604 §3).
    let end = chain.last().unwrap_or(&question.name);
    let denial = reply.denial.filter(|(zone, _)| zone.name().is_some_and(|it| end.is_within(&it)));
    let what = match (reply.rcode, chain.is_empty(), denial) {
        (Rcode::NXDOMAIN, ..) => What::NoSuchName,
        (_, true, _) | (_, false, Some(_)) if reply.is_truncated() => {
            return Err(Useless::Truncated);
        }
        (_, true, _) | (_, false, Some(_)) => What::NoData,
        (_, false, None) => What::Elsewhere,
    };
    let ttl_s = match what {
        What::Elsewhere => Some(ttl_s),
        _ => denial.map(|(_, ttl)| ttl_s.min(ttl)),
    };
    Ok(Finding { chain, what, ttl_s })
}

/// The records of `name` that may answer, in order. What follows the question points to it, so that
/// its name is seldom compared.
fn answering<'m>(
    reply: &Reply<'m>,
    question: &Question,
    name: &Name,
) -> impl Iterator<Item = Answering<'m>> {
    let is_asked = *name == question.name;
    reply.answering().filter(move |it| is_asked && it.owner.is_asked() || it.owner.is(name))
}

/// The addresses among the records of a name, each once, and their least TTL.
fn addresses<'m>(
    records: impl Iterator<Item = Answering<'m>>,
    family: Family,
) -> Option<(What, u32)> {
    let (mut addresses, mut ttl_s) = (None, u32::MAX);
    for record in records {
        if let Data::Address(address) = record.data
            && family.holds(address)
        {
            ttl_s = ttl_s.min(record.ttl_s);
            addresses.get_or_insert_with(|| Addresses::of(address)).add(address);
        }
    }
    Some((What::Addresses(addresses?), ttl_s))
}

/// The HTTPS records among those of a name, and their least TTL. "If any RRs are malformed, the
/// client MUST reject the entire RRSet" (RFC 9460 §2.2).
fn services<'m>(records: impl Iterator<Item = Answering<'m>>) -> Option<(What, u32)> {
    let (mut bindings, mut ttl_s) = (Ok(vec![]), None);
    for record in records {
        if let Data::Service(rdata, at) = record.data {
            ttl_s = ttl_s.into_iter().chain([record.ttl_s]).min();
            match (Binding::read(rdata), &mut bindings) {
                (Ok(binding), Ok(bindings)) => bindings.push(binding),
                (Err(error), Ok(_)) => bindings = Err(error.oddity(at)),
                (_, Err(_)) => {}
            }
        }
    }
    Some((What::Services(bindings), ttl_s?))
}

/// The target that a name is an alias of; the first, where a server sends several against
/// RFC 2181 §10.1.
fn alias<'m>(mut records: impl Iterator<Item = Answering<'m>>) -> Option<(Name, u32)> {
    records.find_map(|record| match record.data {
        Data::Alias(target) => Some((target.name()?, record.ttl_s)),
        _ => None,
    })
}
