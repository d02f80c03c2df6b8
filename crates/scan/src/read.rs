//! From a line to the entry or entries it stands for.

use std::net::Ipv6Addr;
use std::sync::Arc;

use fourstep_target::{Host, Scheme, Target, TargetError, redact};

use crate::block::{self, Block};
use crate::entry::{Malformed, Unreadable};
use crate::lines::Line;
use crate::ports::Port;

/// The most characters of a line too long that are shown.
const SHOWN_CHARACTERS: usize = 200;

/// What a line stands for.
#[derive(Debug)]
pub(crate) enum Meaning<'a> {
    /// A target.
    Target(Typed<'a>),
    /// A block of addresses.
    Block(Block),
    /// What cannot be read.
    Malformed(Box<Malformed>),
    /// Nothing: a comment or a blank line.
    Nothing,
}

/// What is to be read as a target.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Typed<'a> {
    pub(crate) octets: &'a [u8],
    /// The same, where it is known to be text.
    text: Option<&'a str>,
    /// Where in its line it stands.
    at: usize,
}

/// What a line stands for, as far as it shows without reading a target.
///
/// A comment begins with `#`, at the begin of a line or after white space; without that white
/// space it is a fragment.
pub(crate) fn meaning<'a>(line: &Line<'a>) -> Meaning<'a> {
    if line.is_long {
        let shown = redact(line.octets);
        let shown = shown.chars().take(SHOWN_CHARACTERS).chain(['…']).collect::<String>();
        let why = Unreadable::TooLong { limit: crate::lines::LINE_OCTETS };
        return Meaning::Malformed(Box::new(Malformed { shown: shown.into(), why }));
    }
    let comment = if line.has_hash { comment(line.octets) } else { None };
    let said = match comment {
        Some(end) => line.octets.get(..end).unwrap_or_default(),
        None => line.octets,
    };
    let octets = said.trim_ascii_start();
    let at = said.len() - octets.len();
    let octets = octets.trim_ascii_end();
    match block::read(octets) {
        _ if octets.is_empty() => Meaning::Nothing,
        None => {
            let text = line.text.and_then(|text| text.get(at..at + octets.len()));
            Meaning::Target(Typed { octets, text, at })
        }
        Some(Ok(block)) => Meaning::Block(block),
        Some(Err((offset, expected))) => {
            let why = Unreadable::Block { offset: at + offset, expected };
            Meaning::Malformed(Box::new(Malformed { shown: redact(octets).into(), why }))
        }
    }
}

/// Where a comment begins.
fn comment(octets: &[u8]) -> Option<usize> {
    memchr::memchr_iter(b'#', octets).find(|&at| {
        let before = at.checked_sub(1).and_then(|before| octets.get(before));
        before.is_none_or(|before| b" \t".contains(before))
    })
}

/// Reads a target.
pub(crate) fn target(typed: Typed<'_>) -> Read {
    let target = match typed.text {
        Some(text) => text.parse(),
        None => Target::parse(typed.octets),
    };
    match target {
        Ok(target) => Ok(Arc::new(target)),
        Err(error) => {
            let target = bracketed(typed.octets).map(Arc::new);
            target.ok_or_else(|| malformed(typed.octets, typed.at, error))
        }
    }
}

/// Reads a target that nobody typed as it is.
fn made(octets: &[u8]) -> Read {
    target(Typed { octets, text: None, at: 0 })
}

/// A target, or what is wrong with the line.
pub(crate) type Read = Result<Arc<Target>, Box<Malformed>>;

fn malformed(text: &[u8], at: usize, error: TargetError) -> Box<Malformed> {
    let why = Unreadable::Target { offset: at + error.offset(), error };
    Box::new(Malformed { shown: redact(text).into(), why })
}

/// A URL has brackets around an address of version 6, since a port may follow; in a list of
/// addresses none does.
fn bracketed(text: &[u8]) -> Option<Target> {
    let address = text.split(|octet| *octet == b'%').next()?;
    std::str::from_utf8(address).ok()?.parse::<Ipv6Addr>().ok()?;
    Target::parse(&[b"[", text, b"]"].concat()).ok()
}

/// A target's text, to be had with other schemes and ports: where these go.
#[derive(Clone, Debug)]
pub(crate) struct Base {
    text: Box<[u8]>,
    has_scheme: bool,
    /// Where the authority ends, without a colon that no port follows.
    port_at: usize,
    /// Where the path begins.
    path_at: usize,
}

impl Base {
    /// Of a text that was read as `target`.
    pub(crate) fn of(text: &[u8], target: &Target) -> Base {
        let text: Box<[u8]> = match target.host() {
            Host::V6(..) if !text.contains(&b'[') => [b"[", text, b"]"].concat().into(),
            _ => text.into(),
        };
        let has_scheme = target.fixes().iter().all(|fix| fix.rule != "no-scheme");
        let slashes = text.windows(2).position(|pair| pair == b"//");
        let authority_at = match slashes {
            Some(at) if has_scheme || at == 0 => at + 2,
            _ => 0,
        };
        let authority = text.get(authority_at..).unwrap_or_default();
        let length = authority.iter().position(|octet| b"/?#".contains(octet));
        let path_at = authority_at + length.unwrap_or(authority.len());
        let colon = path_at.checked_sub(1).filter(|at| text.get(*at) == Some(&b':'));
        Base { text, has_scheme, port_at: colon.unwrap_or(path_at), path_at }
    }

    /// The target at another port, spoken to by `scheme` when the text has none of its own.
    pub(crate) fn at(&self, scheme: Scheme, port: Option<Port>) -> Read {
        let after_scheme = if self.text.starts_with(b"//") { ":" } else { "://" };
        let prefix = match self.has_scheme {
            true => String::new(),
            false => [scheme.as_str(), after_scheme].concat(),
        };
        let part = |from, to| self.text.get(from..to).unwrap_or_default();
        let port = port.map(|port| format!(":{}", port.number));
        let port = match &port {
            Some(port) => port.as_bytes(),
            None => part(self.port_at, self.path_at),
        };
        let after = part(self.path_at, self.text.len());
        made(&[prefix.as_bytes(), part(0, self.port_at), port, after].concat())
    }
}

/// How what has no scheme is spoken to: as the port of the list says, as the scope says, at 443 by
/// https, whose port it is (RFC 9110 §4.2.2), else by http.
pub(crate) fn scheme_for(port: Option<Port>, scope: Option<Scheme>) -> Scheme {
    let registered = match port {
        Some(Port { number: 443, .. }) => Scheme::Https,
        _ => Scheme::Http,
    };
    port.and_then(|port| port.scheme).or(scope).unwrap_or(registered)
}
