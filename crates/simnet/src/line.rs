//! The lines of an exchange, read: the other half of `fourstep_probe::trace`.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use fourstep_probe::{Input, trace};
use fourstep_resolve::{Answer, Family, ServiceAnswer};
use fourstep_terms::{Code, Fault, FaultKind, Leg, Time};

use crate::answers::{answer, answered, resolve_error, served, services};
use crate::tls::{Speech, speech};

/// News for a probe that owns what it says: what stands behind `<` on a line.
#[derive(Clone, Debug)]
pub enum News {
    /// `start`
    Start,
    /// `answered A 192.0.2.1 ttl=60 from=192.0.2.9` or `answered AAAA resolve.no-address`
    Answered(Arc<Answer>, Vec<Option<IpAddr>>),
    /// `served svc.test:8443,192.0.2.7` or `served resolve.silent`
    Served(Arc<ServiceAnswer>),
    /// `connected 1 from 192.0.2.9:40112`
    Connected(Leg, Option<SocketAddr>),
    /// `failed 1 refused os=111`
    Failed(Leg, Fault),
    /// `sent 1 left=20`
    Sent(Leg, usize),
    /// `received 1 "HTTP/1.1 200 OK\r\n"`, with `at=49.9` before the octets when the kernel said
    /// when they came in
    Received(Leg, Vec<u8>, Option<Time>),
    /// `received 1 tls flight`: what the peer's side of TLS makes of it
    Spoken(Leg, Vec<Speech>, Option<Time>),
    /// `closed 1`
    Closed(Leg),
    /// `tick`
    Tick,
    /// `interrupt`
    Interrupt,
}

impl News {
    /// As the machine takes it; `None` for what only a [`Stage`](crate::Stage) has the octets of.
    pub fn input(&self) -> Option<Input<'_>> {
        Some(match self {
            News::Start => Input::Start,
            News::Answered(answer, sources) => Input::Answered { answer, sources },
            News::Served(answer) => Input::Served { answer },
            News::Connected(leg, local) => Input::Connected { leg: *leg, local: *local },
            News::Failed(leg, fault) => Input::Failed { leg: *leg, fault: *fault },
            News::Sent(leg, left) => Input::Sent { leg: *leg, left: *left },
            News::Received(leg, octets, at) => Input::Received { leg: *leg, octets, at: *at },
            News::Spoken(..) => return None,
            News::Closed(leg) => Input::Closed { leg: *leg },
            News::Tick => Input::Tick,
            News::Interrupt => Input::Interrupt,
        })
    }

    /// The leg it is of.
    pub fn leg(&self) -> Option<Leg> {
        match self {
            News::Connected(leg, _)
            | News::Failed(leg, _)
            | News::Sent(leg, _)
            | News::Received(leg, ..)
            | News::Spoken(leg, ..)
            | News::Closed(leg) => Some(*leg),
            News::Start | News::Answered(..) | News::Served(_) | News::Tick | News::Interrupt => {
                None
            }
        }
    }

    /// An answer that only says why there is no address, as [`News::Answered`].
    pub fn no_answer(family: Family, code: Code) -> Option<News> {
        let error = resolve_error(code, family)?;
        Some(News::Answered(Arc::new(answer(family, Err(error), None)), Vec::new()))
    }

    /// News that HTTPS records could not be had, as [`News::Served`].
    pub fn no_services(code: Code) -> Option<News> {
        let failure = resolve_error(code, Family::V4)?;
        Some(News::Served(Arc::new(services(Vec::new(), Some(failure)))))
    }
}

/// One line behind its `@`: a moment, what kind it is, and the rest.
pub(crate) fn split(line: &str) -> Option<(Time, char, &str)> {
    let (moment, rest) = line.strip_prefix('@')?.split_once(' ')?;
    let mut chars = rest.chars();
    let kind = chars.next().filter(|kind| "<>=".contains(*kind))?;
    let rest = chars.as_str();
    Some((millis(moment)?, kind, rest.strip_prefix(' ').unwrap_or(rest)))
}

/// News, as it stands behind `<`; `host` is the name that is probed.
pub(crate) fn news(text: &str, host: &str) -> Result<News, &'static str> {
    let (verb, rest) = text.split_once(' ').unwrap_or((text, ""));
    let mut words = rest.split(' ').filter(|word| !word.is_empty());
    let news = match verb {
        "start" => News::Start,
        "tick" => News::Tick,
        "interrupt" => News::Interrupt,
        "answered" => return answered(rest),
        "served" => return served(rest, host),
        "received" => {
            let (number, rest) = rest.split_once(' ').ok_or("expected a leg and octets")?;
            let (at, octets) = match rest.strip_prefix("at=") {
                None => (None, rest),
                Some(rest) => {
                    let (at, octets) = rest.split_once(' ').ok_or("expected octets in quotes")?;
                    (Some(millis(at).ok_or("expected `at=` and milliseconds")?), octets)
                }
            };
            let leg = leg(Some(number))?;
            return Ok(match octets.strip_prefix("tls ") {
                Some(spoken) => News::Spoken(leg, speech(spoken)?, at),
                None => News::Received(leg, unquote(octets)?, at),
            });
        }
        "closed" => News::Closed(leg(words.next())?),
        "connected" => {
            let leg = leg(words.next())?;
            match words.next() {
                None => News::Connected(leg, None),
                Some("from") => {
                    let local = words.next().and_then(|word| word.parse().ok());
                    News::Connected(leg, Some(local.ok_or("expected an address and a port")?))
                }
                Some(_) => return Err("expected `from`"),
            }
        }
        "failed" => {
            let leg = leg(words.next())?;
            let word = words.next();
            let kind = FaultKind::ALL.into_iter().find(|kind| Some(kind.as_str()) == word);
            let kind = kind.ok_or("expected a fault: refused, reset, timed-out, …")?;
            let os_error = match words.next().map(|word| value(word, "os=")) {
                None => None,
                Some(number) => Some(number.ok_or("expected `os=` and a number")?),
            };
            News::Failed(leg, Fault { kind, os_error })
        }
        "sent" => {
            let leg = leg(words.next())?;
            match words.next().map(|word| value(word, "left=")) {
                None => News::Sent(leg, 0),
                Some(left) => News::Sent(leg, left.ok_or("expected `left=` and a number")?),
            }
        }
        _ => return Err("no such news"),
    };
    match words.next() {
        None => Ok(news),
        Some(_) => Err("more words than this news has"),
    }
}

pub(crate) fn value<T: std::str::FromStr>(word: &str, key: &str) -> Option<T> {
    word.strip_prefix(key)?.parse().ok()
}

fn leg(word: Option<&str>) -> Result<Leg, &'static str> {
    let number = word.and_then(|word| word.parse::<u8>().ok());
    number.and_then(|number| number.checked_sub(1)).map(Leg).ok_or("expected a leg, from 1")
}

/// Milliseconds with at most six decimals.
fn millis(text: &str) -> Option<Time> {
    let (whole, decimals) = text.split_once('.').unwrap_or((text, ""));
    let digits = |text: &str| text.bytes().all(|octet| octet.is_ascii_digit());
    if whole.is_empty() || decimals.len() > 6 || !digits(whole) || !digits(decimals) {
        return None;
    }
    let nanos = format!("{decimals:0<6}").parse::<u64>().ok()?;
    Some(Time::from_nanos(whole.parse::<u64>().ok()?.checked_mul(1_000_000)?.checked_add(nanos)?))
}

/// Octets in quotes.
pub(crate) fn quote(octets: &[u8]) -> String {
    let mut quoted = String::new();
    trace::octets(octets, &mut quoted);
    quoted
}

/// The same, read.
pub(crate) fn unquote(text: &str) -> Result<Vec<u8>, &'static str> {
    let inner = text.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
    let mut rest = inner.ok_or("expected octets in quotes")?.bytes();
    let mut octets = Vec::new();
    while let Some(octet) = rest.next() {
        octets.push(match octet {
            b'\\' => match rest.next() {
                Some(b'r') => b'\r',
                Some(b'n') => b'\n',
                Some(b't') => b'\t',
                Some(same @ (b'\\' | b'"')) => same,
                Some(b'x') => {
                    let mut digit = || char::from(rest.next()?).to_digit(16);
                    let octet = digit().zip(digit()).map(|(high, low)| high * 16 + low);
                    let octet = octet.and_then(|octet| u8::try_from(octet).ok());
                    octet.ok_or("expected two hexadecimal digits behind \\x")?
                }
                _ => return Err("expected r, n, t, x, a quote or a backslash behind a backslash"),
            },
            b'"' => return Err("a quote within octets needs a backslash"),
            0x20..=0x7e => octet,
            _ => return Err("other octets than printable ASCII are written \\xNN"),
        });
    }
    Ok(octets)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_trace_writes_is_read_back() {
        let lines = [
            "@0 < start",
            "@4 < answered A 192.0.2.1 192.0.2.2 ttl=60 from=192.0.2.9,-",
            "@4.000001 < answered AAAA resolve.no-address",
            "@4.5 < answered AAAA local.descriptors",
            "@4.5 < served a.test:8443 svc.test:443,192.0.2.7,2001:db8::7,unusable",
            "@4.5 < served resolve.silent",
            "@4.5 < served",
            "@16 < connected 1 from [2001:db8::9]:40112",
            "@16 < connected 1 from [fe80::9%2]:40112",
            "@16 < connected 16",
            "@17 < failed 2 timed-out os=110",
            "@17 < failed 3 memory",
            "@18 < sent 1 left=20",
            "@18 < sent 1",
            r#"@50 < received 1 "\x00\r\n\t\\\"\xff a""#,
            r#"@50 < received 1 at=49.000001 "at=1""#,
            "@50 < closed 1",
            "@18446744073709.551614 < tick",
            "@51 < interrupt",
        ];
        for line in lines {
            let (now, kind, rest) = split(line).unwrap();
            assert_eq!(kind, '<');
            let mut out = String::new();
            trace::input(now, &news(rest, "a.test").unwrap().input().unwrap(), &mut out);
            assert_eq!(out, format!("{line}\n"));
        }
    }

    #[test]
    fn what_is_no_line_is_refused() {
        let rows = [
            "begin",
            "start now",
            "answered MX 192.0.2.1",
            "answered A",
            "answered A 2001:db8::1",
            "answered A 192.0.2.1 resolve.silent",
            "answered A connect.refused",
            "answered A 192.0.2.1 ttl=x",
            "answered A 192.0.2.1 from=x",
            "connected",
            "connected 0",
            "connected 256",
            "connected 1 to 192.0.2.1:80",
            "connected 1 from 192.0.2.1",
            "failed 1",
            "failed 1 broken",
            "failed 1 reset 104",
            "sent 1 20",
            "received 1",
            "received 1 x",
            r#"received 1 "a"b""#,
            r#"received 1 at="a""#,
            r#"received 1 at=x "a""#,
            "received 1 at=1",
            "received 1 tls hello",
            "received 1 tls 7",
            r#"received 1 tls "a"#,
            "served svc.test",
            "served svc.test:443,x",
            "served connect.refused",
            r#"received 1 "\q""#,
            r#"received 1 "\x4""#,
            "received 1 \"é\"",
        ];
        for row in rows {
            assert!(news(row, "a.test").is_err(), "{row}");
        }
        for line in ["", "@", "@x < tick", "@1.1234567 < tick", "@1 ? tick", "@.5 < tick"] {
            assert!(split(line).is_none(), "{line}");
        }
    }
}
