//! What the handshake showed: a line for it, warnings, and the chain.

use std::fmt;

use fourstep_terms::Code;

use super::sentence::list;
use super::{INDENT, Text};
use crate::octets::{Cut, Shown as Escaped};
use crate::record::{Shown, Tls};

/// Who expires in fewer days than these is warned of.
const SOON: i64 = 14;

/// The handshake on one line if that is wide enough, the warnings, and with verbose text the chain.
pub(super) fn write(text: &Text<'_>, tls: &Tls<'_>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let agreed = [tls.version, tls.cipher, tls.group, tls.alpn];
    let agreed: Vec<_> =
        agreed.into_iter().flatten().map(|word| Escaped(word).to_string()).collect();
    let agreed = match &agreed[..] {
        [] => "nothing agreed on".to_owned(),
        agreed => agreed.join(", "),
    };
    let (style, verified) = match &tls.unverified[..] {
        [] if tls.verified => (text.palette.good, "verified".to_owned()),
        [] if tls.chain.is_empty() => (text.palette.warn, "no certificate shown".to_owned()),
        [] => (text.palette.bad, "not verified".to_owned()),
        codes => (text.palette.bad, format!("not verified: {}", list(codes))),
    };
    if INDENT + agreed.len() + 2 + verified.len() <= text.width {
        text.line("tls", f, format_args!("{agreed}, {style}{verified}{style:#}"))?;
    } else {
        text.line("tls", f, format_args!("{agreed}"))?;
        text.line("", f, format_args!("{style}{verified}{style:#}"))?;
    }
    if text.verbose {
        handshake(text, tls, f)?;
    }
    warnings(text, tls, f)?;
    if text.verbose {
        for (place, sent) in tls.chain.iter().enumerate() {
            certificate(text, place, sent, f)?;
        }
    }
    Ok(())
}

/// Why not to trust the peer, where the failure does not say it; and who expires soon.
pub(super) fn warnings(text: &Text<'_>, tls: &Tls<'_>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let warn = text.palette.warn;
    let said = text.record.failure().map(|failure| failure.message);
    for reason in tls.reasons.iter().filter(|reason| Some(*reason) != said.as_ref()) {
        let reason = Escaped(reason);
        text.line("warning", f, format_args!("{warn}not verified{warn:#}: {reason}"))?;
    }
    match tls.expires_in_days {
        // Where it matters the failure, or a reason above, has said so.
        Some(..0) if tls.unverified.contains(&Code::TlsExpired) => Ok(()),
        Some(days @ ..SOON) => {
            let expiry = expiry(days);
            text.line("warning", f, format_args!("a certificate {warn}{expiry}{warn:#}"))
        }
        _ => Ok(()),
    }
}

/// What is left, or past, in whole days: `days` is rounded down, so -1 is less than a day ago.
fn expiry(days: i64) -> String {
    match days {
        -1 => "expired less than a day ago".to_owned(),
        -2 => "expired 1 day ago".to_owned(),
        ..-2 => format!("expired {} days ago", days.unsigned_abs().saturating_sub(1)),
        0 => "expires in less than a day".to_owned(),
        1 => "expires in 1 day".to_owned(),
        _ => format!("expires in {days} days"),
    }
}

/// What else there is to say of the handshake.
fn handshake(text: &Text<'_>, tls: &Tls<'_>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    match tls.sni {
        Some(name) => text.line("", f, format_args!("server name sent: {}", Escaped(name)))?,
        None => text.line("", f, format_args!("no server name sent"))?,
    }
    let (octets_in, octets_out) = (tls.octets_in, tls.octets_out);
    let trips = match tls.round_trips {
        1 => "1 round trip".to_owned(),
        trips => format!("{trips} round trips"),
    };
    let octets = format_args!("{trips}, {octets_out} octets out, {octets_in} in");
    text.line("", f, octets)?;
    let staple = if tls.ocsp_staple { "an OCSP response" } else { "no OCSP response" };
    let resumed = if tls.resumed { "resumed" } else { "not resumed" };
    text.line("", f, format_args!("{resumed}, {staple} sent along"))
}

/// One certificate, and where it stands in the chain.
fn certificate(
    text: &Text<'_>,
    place: usize,
    sent: &Shown,
    f: &mut fmt::Formatter<'_>,
) -> fmt::Result {
    let step = if place == 0 { "chain" } else { "" };
    if let Some(fault) = &sent.fault {
        text.line(step, f, format_args!("{place} cannot be read: {}", Escaped(fault)))?;
        return writeln!(f, "{:INDENT$}  sha256 {}", "", sent.sha256);
    }
    let (subject, issuer) = (named(sent.subject.as_deref()), named(sent.issuer.as_deref()));
    let (subject, issuer) = (Cut(subject, text.room(2)), Cut(issuer, text.room(10)));
    text.line(step, f, format_args!("{place} {subject}"))?;
    let mut more = |what: fmt::Arguments<'_>| writeln!(f, "{:INDENT$}  {what}", "");
    more(format_args!("issued by {issuer}"))?;
    if !sent.names.is_empty() {
        more(format_args!("for {}", Cut(&sent.names.join(", "), text.room(6))))?;
    }
    let (from, to) = (sent.not_before.as_deref(), sent.not_after.as_deref());
    let (from, to) = (from.unwrap_or_default(), to.unwrap_or_default());
    more(format_args!(
        "valid {from} to {to}, {}",
        sent.expires_in_days.map_or_else(String::new, expiry)
    ))?;
    let key = Escaped(sent.key.as_deref().unwrap_or_default());
    match sent.key_bits {
        Some(bits) => more(format_args!("key {key}, {bits} bits"))?,
        None => more(format_args!("key {key}"))?,
    }
    more(format_args!("serial {}", sent.serial.as_deref().unwrap_or_default()))?;
    more(format_args!("sha256 {}", sent.sha256))?;
    match &sent.pin {
        Some(pin) => more(format_args!("pin {pin}")),
        None => Ok(()),
    }
}

/// A name may be empty (RFC 5280 §4.1.2.6).
fn named(name: Option<&str>) -> &str {
    name.filter(|name| !name.is_empty()).unwrap_or("nobody")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_counted_as_people_do() {
        let rows = [
            (-7, "expired 6 days ago"),
            (-2, "expired 1 day ago"),
            (-1, "expired less than a day ago"),
            (0, "expires in less than a day"),
            (1, "expires in 1 day"),
            (89, "expires in 89 days"),
        ];
        for (days, want) in rows {
            assert_eq!(expiry(days), want);
        }
    }
}
