//! The lines of `fixtures/exchanges`: what `--trace` prints and simnet replays.
//!
//! ```text
//! target http://a.test/x
//! option timeout 5s
//! @0 < start
//! @0 > ask a.test 80 A AAAA
//! @4 < answered A 192.0.2.1 ttl=60 from=192.0.2.9
//! @5 < answered AAAA resolve.no-address
//! @5 > dial 1 192.0.2.1:80
//! @16 < connected 1 from 192.0.2.9:40112
//! @16 > send 1 "GET /x HTTP/1.1\r\nHost: a.test\r\n\r\n"
//! @16 < sent 1
//! @50 < received 1 "HTTP/1.1 204 No Content\r\n\r\n"
//! @50 > hang-up 1
//! @50 = answered 204 framing=none
//! ```
//!
//! `@` is a moment in milliseconds from the start; `<` news, `>` what the machine asks for, `=`
//! the end. Octets stand in quotes with `\r`, `\n`, `\t`, `\\`, `\"` and `\xNN`; credentials are
//! `***`. A tick is a line only where it did something.
//!
//! The options and the news have all that the machine acts on, so that they can be read back and
//! replayed. An option is a flag of the command, left out where it is as usual. Behind `at=` stands
//! when octets came in, where the kernel said so: `received 1 at=49.9 "HTTP/1.1 …"`. Behind `from=`
//! stand the addresses this machine would send from, one for each that was answered, `-` where
//! there is none. Of an answer without addresses its code stands. `served` has the services of
//! HTTPS records, each with its port and what is known of its addresses, in the order they are
//! tried. The end says what was seen of TLS and of the response, then the code of the failure if
//! there is one, with its step where the code does not name it, and with the rule and the octet
//! where a response is malformed.

mod options;

use std::fmt::{self, Write};
use std::iter::{once, repeat};
use std::net::IpAddr;
use std::ops::Range;

use fourstep_resolve::{Answer, Families, Family, ServiceAnswer};
use fourstep_response::ResponseError;
use fourstep_terms::Time;

use crate::failure::Failure;
use crate::plan::Plan;
use crate::report::Report;
use crate::services::PROTOCOL;
use crate::turn::{Action, Actions, Input};

/// Writes the lines before the first news: the target, and what of the plan differs from the
/// default, a line each; the plan of a chain of redirects stands with its first target.
pub fn target(report: &Report, plan: &Plan, out: &mut String) {
    // Writing to a String cannot fail.
    let _ = writeln!(out, "target {}", report.target.shown());
    if report.hop == 0 {
        let _ = options::write(plan, out);
    }
}

/// Writes news as one line, with its line feed.
pub fn input(now: Time, input: &Input<'_>, out: &mut String) {
    let _ = write_input(now, input, out);
}

/// Writes all that was asked for in one turn, a line an action.
pub fn actions(now: Time, actions: &Actions, out: &mut String) {
    for action in &actions.list {
        let _ = write_action(now, action, actions, out);
    }
}

/// Writes how a probe ended, as one line.
pub fn end(now: Time, report: &Report, out: &mut String) {
    let _ = write_end(now, report, out);
}

fn write_input(now: Time, input: &Input<'_>, out: &mut String) -> fmt::Result {
    write!(out, "@{} < ", Millis(now))?;
    match input {
        Input::Start => out.write_str("start")?,
        Input::Answered { answer, sources } => write_answer(answer, sources, out)?,
        Input::Served { answer } => write_services(answer, out)?,
        Input::Connected { leg, local: Some(local) } => {
            write!(out, "connected {leg} from {local}")?;
        }
        Input::Connected { leg, local: None } => write!(out, "connected {leg}")?,
        Input::Failed { leg, fault } => {
            write!(out, "failed {leg} {}", fault.kind)?;
            if let Some(number) = fault.os_error {
                write!(out, " os={number}")?;
            }
        }
        Input::Sent { leg, left: 0 } => write!(out, "sent {leg}")?,
        Input::Sent { leg, left } => write!(out, "sent {leg} left={left}")?,
        Input::Received { leg, octets, at } => {
            write!(out, "received {leg} ")?;
            if let Some(at) = at {
                write!(out, "at={} ", Millis(*at))?;
            }
            quote(octets, 0, &[], out)?;
        }
        Input::Closed { leg } => write!(out, "closed {leg}")?,
        Input::Tick => out.write_str("tick")?,
        Input::Interrupt => out.write_str("interrupt")?,
    }
    out.write_char('\n')
}

fn write_services(answer: &ServiceAnswer, out: &mut String) -> fmt::Result {
    out.write_str("served")?;
    for service in &answer.services {
        write!(out, " {}:{}", service.target, service.port)?;
        for ip in Family::ALL.into_iter().flat_map(|family| service.addresses(family)) {
            write!(out, ",{ip}")?;
        }
        if !service.params.speaks(PROTOCOL) {
            out.write_str(",unusable")?;
        }
    }
    if let Some(error) = &answer.failure {
        write!(out, " {}", error.code())?;
    }
    if answer.awaited > 0 {
        write!(out, " awaited={}", answer.awaited)?;
    }
    Ok(())
}

fn write_answer(answer: &Answer, sources: &[Option<IpAddr>], out: &mut String) -> fmt::Result {
    write!(out, "answered {}", answer.family.record_type())?;
    match &answer.result {
        Ok(addresses) => {
            for address in addresses {
                write!(out, " {address}")?;
            }
        }
        Err(error) => write!(out, " {}", error.code())?,
    }
    if let Some(ttl) = answer.ttl_s {
        write!(out, " ttl={ttl}")?;
    }
    if sources.iter().any(Option::is_some) {
        for (source, before) in sources.iter().zip(once(" from=").chain(repeat(","))) {
            match source {
                Some(ip) => write!(out, "{before}{ip}")?,
                None => write!(out, "{before}-")?,
            }
        }
    }
    Ok(())
}

fn write_action(now: Time, action: &Action, all: &Actions, out: &mut String) -> fmt::Result {
    write!(out, "@{} > ", Millis(now))?;
    match action {
        Action::Ask(query) => {
            let types = match query.families {
                Families::V4 => "A",
                Families::V6 => "AAAA",
                Families::Both => "A AAAA",
            };
            let https = if query.https { " HTTPS" } else { "" };
            write!(out, "ask {} {} {types}{https}", query.name, query.port)?;
        }
        Action::Dial(leg, to) => write!(out, "dial {leg} {to}")?,
        Action::Send(leg, range) => {
            write!(out, "send {leg} ")?;
            let octets = all.octets.get(range.clone()).unwrap_or_default();
            quote(octets, range.start, &all.secrets, out)?;
        }
        Action::HangUp(leg) => write!(out, "hang-up {leg}")?,
    }
    out.write_char('\n')
}

fn write_end(now: Time, report: &Report, out: &mut String) -> fmt::Result {
    write!(out, "@{} =", Millis(now))?;
    if let Some(tls) = &report.tls {
        if let Some(version) = tls.version {
            write!(out, " {version}")?;
        }
        for (code, before) in tls.unverified().zip(once(" unverified=").chain(repeat(","))) {
            write!(out, "{before}{code}")?;
        }
    }
    if let Some(response) = &report.response {
        for (head, before) in response.interim.iter().zip(once(" interim=").chain(repeat(","))) {
            write!(out, "{before}{:03}", head.status())?;
        }
        if let Some(head) = &response.head {
            write!(out, " answered {:03}", head.status())?;
        }
        if let Some(framing) = response.framing {
            write!(out, " framing={}", framing.as_str())?;
        }
        if response.body_octets > 0 {
            write!(out, " body={}", response.body_octets)?;
        }
        if !response.trailers.is_empty() {
            write!(out, " trailers={}", response.trailers.len())?;
        }
        for oddity in &response.oddities {
            write!(out, " odd={}", oddity.rule)?;
        }
    }
    if let Some(failure) = &report.failure {
        write!(out, " {}", failure.code())?;
        if failure.code().step().is_none() {
            write!(out, " step={}", failure.step())?;
        }
        if let Failure::Response(ResponseError::Malformed { rule, offset, .. }) = &**failure {
            write!(out, " rule={rule} at={offset}")?;
        }
    }
    if let Some(hop) = &report.next {
        write!(out, " next {}", hop.target.shown())?;
    }
    out.write_char('\n')
}

/// Writes octets in quotes, as they stand in the lines.
pub fn octets(octets: &[u8], out: &mut String) {
    let _ = quote(octets, 0, &[], out);
}

/// Octets in quotes. `from` is where they stand in what `secrets` points into.
fn quote(octets: &[u8], from: usize, secrets: &[Range<usize>], out: &mut String) -> fmt::Result {
    out.write_char('"')?;
    for (at, octet) in (from..).zip(octets) {
        if let Some(secret) = secrets.iter().find(|secret| secret.contains(&at)) {
            if at == secret.start {
                out.write_str("***")?;
            }
            continue;
        }
        match octet {
            b'\r' => out.write_str("\\r")?,
            b'\n' => out.write_str("\\n")?,
            b'\t' => out.write_str("\\t")?,
            b'"' | b'\\' => write!(out, "\\{}", char::from(*octet))?,
            0x20..=0x7e => out.write_char(char::from(*octet))?,
            _ => write!(out, "\\x{octet:02x}")?,
        }
    }
    out.write_char('"')
}

/// A moment in milliseconds, with as many decimals as it needs, at most six.
struct Millis(Time);

impl fmt::Display for Millis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let nanos = self.0.as_nanos();
        let (whole, rest) = (nanos / 1_000_000, nanos % 1_000_000);
        match rest {
            0 => write!(f, "{whole}"),
            _ => {
                let decimals = format!("{rest:06}");
                write!(f, "{whole}.{}", decimals.trim_end_matches('0'))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_milliseconds_without_idle_zeros() {
        let rows = [(0, "0"), (262_000_000, "262"), (1_500_000, "1.5"), (1, "0.000001")];
        for (nanos, want) in rows {
            assert_eq!(Millis(Time::from_nanos(nanos)).to_string(), want);
        }
    }

    #[test]
    fn credentials_and_controls_are_never_shown() {
        let mut out = String::new();
        quote(b"A: secret\r\n\x1b[\"\\", 10, std::slice::from_ref(&(13..19)), &mut out).unwrap();
        assert_eq!(out, r#""A: ***\r\n\x1b[\"\\""#);
    }
}
