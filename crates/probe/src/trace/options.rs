//! The `option` lines of a trace: what of a plan differs from the default and changes the lines.

use std::fmt::{self, Write};
use std::time::Duration;

use fourstep_resolve::Families;
use fourstep_target::Host;

use super::quote;
use crate::plan::{Deadlines, Plan};
use crate::route::{Rewrite, Route};

pub(super) fn write(plan: &Plan, out: &mut String) -> fmt::Result {
    let Plan { recipe, route, families, pace, deadlines, limits, follow, .. } = plan;
    let mut proxy_credentials = "";
    for (name, value) in recipe.changes() {
        match name {
            "proxied" if value.is_empty() => {}
            "proxied" => proxy_credentials = "***@",
            _ => {
                write!(out, "option {name} ")?;
                write_octets(&value, name == "body", out)?;
                out.write_char('\n')?;
            }
        }
    }
    write_route(route, proxy_credentials, out)?;
    match families {
        Families::Both => {}
        Families::V4 => out.write_str("option families A\n")?,
        Families::V6 => out.write_str("option families AAAA\n")?,
    }
    let default = Plan::default();
    let Deadlines { total, resolve, connect, tls, request, response } = *deadlines;
    let (theirs, their_pace) = (default.deadlines, default.pace);
    let durations = [
        ("timeout", total, theirs.total),
        ("resolve-timeout", resolve, theirs.resolve),
        ("connect-timeout", connect, theirs.connect),
        ("tls-timeout", tls, theirs.tls),
        ("request-timeout", request, theirs.request),
        ("response-timeout", response, theirs.response),
        ("resolution-delay", pace.resolution_delay, their_pace.resolution_delay),
        ("attempt-delay", pace.attempt_delay, their_pace.attempt_delay),
        ("attempt-floor", pace.attempt_floor, their_pace.attempt_floor),
    ];
    for (name, is, _) in durations.iter().filter(|(_, is, usual)| is != usual) {
        write!(out, "option {name} ")?;
        write_duration(*is, out)?;
    }
    let wide = |number: usize| u64::try_from(number).unwrap_or(u64::MAX);
    let numbers = [
        ("attempts", pace.attempts.into(), their_pace.attempts.into()),
        ("max-head", wide(limits.head_bytes), wide(default.limits.head_bytes)),
        ("max-fields", wide(limits.fields), wide(default.limits.fields)),
        ("max-interim", limits.interim.into(), default.limits.interim.into()),
        ("max-body", limits.body_bytes, default.limits.body_bytes),
        ("follow", u64::from(*follow), default.follow.into()),
    ];
    for (name, is, _) in numbers.iter().filter(|(_, is, usual)| is != usual) {
        writeln!(out, "option {name} {is}")?;
    }
    Ok(())
}

fn write_route(route: &Route, proxy_credentials: &str, out: &mut String) -> fmt::Result {
    let Route { unix, proxy, rewrites, zones } = route;
    if let Some(path) = unix {
        out.write_str("option unix-socket ")?;
        write_octets(path.as_os_str().as_encoded_bytes(), false, out)?;
        out.write_char('\n')?;
    }
    if let Some((host, port)) = proxy {
        writeln!(out, "option proxy {proxy_credentials}{}:{port}", Zoned(host))?;
    }
    for Rewrite { host, port, to_host, to_port } in rewrites {
        out.write_str("option connect-to ")?;
        write_place(host.as_ref(), *port, out)?;
        out.write_char(' ')?;
        write_place(to_host.as_ref(), *to_port, out)?;
        out.write_char('\n')?;
    }
    zones.iter().try_for_each(|(zone, scope)| writeln!(out, "option zone {zone} {scope}"))
}

/// `HOST:PORT`; what is not said is left out.
fn write_place(host: Option<&Host>, port: Option<u16>, out: &mut String) -> fmt::Result {
    host.map_or(Ok(()), |host| write!(out, "{}", Zoned(host)))?;
    out.write_char(':')?;
    port.map_or(Ok(()), |port| write!(out, "{port}"))
}

/// As they stand when they are plain text, else in quotes.
fn write_octets(octets: &[u8], always_quoted: bool, out: &mut String) -> fmt::Result {
    let is_plain = octets.iter().all(|octet| matches!(octet, 0x20..=0x7e));
    match std::str::from_utf8(octets) {
        Ok(text) if is_plain && !always_quoted && !text.starts_with('"') => out.write_str(text),
        _ => quote(octets, 0, &[], out),
    }
}

/// `2s`, `250ms`, `1500ns`; `0` for no limit.
fn write_duration(duration: Duration, out: &mut String) -> fmt::Result {
    match (duration.as_nanos(), duration) {
        (_, Duration::MAX) => writeln!(out, "0"),
        (nanos, _) if nanos % 1_000_000 != 0 => writeln!(out, "{nanos}ns"),
        (nanos, _) if nanos % 1_000_000_000 != 0 || nanos == 0 => {
            writeln!(out, "{}ms", nanos / 1_000_000)
        }
        (_, whole) => writeln!(out, "{}s", whole.as_secs()),
    }
}

/// A host as one types it, with its zone.
struct Zoned<'a>(&'a Host);

impl fmt::Display for Zoned<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Host::V6(address, Some(zone)) => write!(f, "[{address}%25{zone}]"),
            host => host.fmt(f),
        }
    }
}
