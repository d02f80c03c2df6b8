//! What an asker gets of HTTPS records.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use fourstep_terms::Oddity;

use crate::action::Query;
use crate::answer::{Answer, ExtendedError, Family, From, Ignored, Rcode, Transport};
use crate::error::ResolveError;
use crate::params::Params;

/// How long an asker that has an address should wait for the [`ServiceAnswer`] before it
/// connects without (RFC 9460 §5.1, after the resolution delay of RFC 8305 §3).
pub const SERVICE_DELAY: Duration = Duration::from_millis(50);

/// Where a service is to be had: the answer to a [`crate::Query`] with `https`.
///
/// It comes when the HTTPS records are known, and anew, replacing the one before, each time that
/// more is known of their targets' addresses; the last has `awaited` 0. What an asker does:
///
/// 1. It waits for the first one, but no longer than [`SERVICE_DELAY`] once it has an address of
///    its own; then it may connect as if there were none. It sends nothing yet that a record
///    could change (RFC 9460 §5.1).
/// 2. It leaves out services that do not [speak](Params::speaks) its protocol (§7.1.2).
/// 3. It tries the others in order, each at its `port`, at its own [`Answer`]s' addresses where
///    `is_own`, else at [`Service::addresses`]; while those are empty and the service's `awaited`
///    is not 0, it waits.
/// 4. When all failed, or there are none, it connects to the name and port of the query, as if
///    no record existed (§3). What is said and verified in TLS and HTTP is the query's name in
///    any case (§2.3).
///
/// An HTTPS record that is not there, or could not be had, fails nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServiceAnswer {
    /// The endpoints, in the order to try them: by priority, within one shuffled (RFC 9460
    /// §2.4.1), last the end of an AliasMode chain (§3); at most [`crate::SERVICES`].
    pub services: Vec<Service>,
    /// Why it is not known whether there are records: never that there is none.
    pub failure: Option<ResolveError>,
    /// The owner says that the service is not to be had, by an AliasMode record with the target
    /// `.`; one may try without (RFC 9460 §2.5.1).
    pub is_unavailable: bool,
    /// How many answers for the targets' addresses are still to come.
    pub awaited: usize,
    /// Where it came from; the targets' addresses may be from elsewhere.
    pub from: From,
    /// The full name that was asked first, `_8443._https.` before it where the port is not 443
    /// (RFC 9460 §9.1); no dot at its end.
    pub name: Box<str>,
    /// The names it led to, in order, by CNAME and AliasMode records.
    pub aliases: Vec<Box<str>>,
    /// Seconds for which it holds: the least of aliases and records, or the negative answer's.
    pub ttl_s: Option<u32>,
    /// The RCODE of the last answer that was taken: NOERROR or NXDOMAIN where there is no record.
    pub rcode: Option<Rcode>,
    /// The server that gave it; `None` when none was asked or none answered.
    pub server: Option<SocketAddr>,
    /// How it came.
    pub transport: Option<Transport>,
    /// What servers added, in order, without repetitions.
    pub extended_errors: Vec<ExtendedError>,
    /// Messages that were not taken.
    pub ignored: Ignored,
    /// Queries sent for it, those for the targets' addresses not counted.
    pub asked: u32,
    /// Records that were malformed or cannot be used, and aliases not followed to their end.
    pub oddities: Vec<Oddity>,
}

/// An endpoint that offers the service (RFC 9460 §3).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Service {
    /// SvcPriority, from 1; `None`: the end of an AliasMode chain, which is tried last.
    pub priority: Option<u16>,
    /// The effective TargetName, safe to print, no dot at its end (RFC 9460 §2.5.2).
    pub target: Box<str>,
    /// The port to connect to: the record's, else the query's.
    pub port: u16,
    /// What the record says besides; nothing, at the end of an AliasMode chain.
    pub params: Params,
    /// The target is the query's own name: its addresses are those of the ask's [`Answer`]s.
    pub is_own: bool,
    /// What came for the target's addresses, at most one a family; nothing where `is_own`.
    pub answers: Vec<Arc<Answer>>,
    /// How many of those are still to come.
    pub awaited: usize,
}

impl ServiceAnswer {
    /// Where the addresses need no server: none is asked for records either.
    pub(crate) fn unasked(query: &Query, from: From) -> ServiceAnswer {
        ServiceAnswer {
            services: vec![],
            failure: None,
            is_unavailable: false,
            awaited: 0,
            from,
            name: query.name.strip_suffix('.').unwrap_or(&query.name).into(),
            aliases: vec![],
            ttl_s: None,
            rcode: None,
            server: None,
            transport: None,
            extended_errors: vec![],
            ignored: Ignored::default(),
            asked: 0,
            oddities: vec![],
        }
    }
}

impl Service {
    /// What is known of the target's addresses in a family: those that were answered; the hints
    /// while nothing was, or when the answer could not be had (RFC 9460 §7.3).
    pub fn addresses(&self, family: Family) -> Vec<IpAddr> {
        let answer = self.answers.iter().find(|answer| answer.family == family);
        match answer.map(|answer| &answer.result) {
            Some(Ok(addresses)) => addresses.clone(),
            Some(Err(ResolveError::NoSuchName { .. } | ResolveError::NoAddress { .. })) => vec![],
            Some(Err(_)) | None => self.params.hints(family),
        }
    }
}
