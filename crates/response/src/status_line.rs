//! The first line (RFC 9112 §4).
//!
//! httparse reads two versions and hides a reason with octets above 0x7F; a probe wants to know
//! what it met, so this line is read here.

use crate::head::Version;
use crate::rules::{self, Misfit};
use memchr::memchr2;

/// A status line, taken apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct StatusLine {
    pub(crate) version: Version,
    pub(crate) status: u16,
    /// Where the reason phrase begins; it ends with the line.
    pub(crate) reason: u32,
}

/// How a head can begin; the octet after ICY keeps a word that begins so apart.
const BEGINNINGS: [&[u8]; 2] = [b"HTTP/", b"ICY "];
/// One empty line may come before (RFC 9112 §2.2).
const EMPTY_LINES: [&[u8]; 2] = [b"\r\n", b"\n"];
/// So many octets tell whether it is a status line.
pub(crate) const TELLING: usize = 5;

/// Whether these first octets can begin a status line, as far as they go.
pub(crate) fn begins(first: &[u8], empty_line_allowed: bool) -> Result<(), Misfit> {
    let lines = if empty_line_allowed { &EMPTY_LINES[..] } else { &[] };
    let fits = |beginning: &&[u8]| first.iter().zip(*beginning).take_while(|(a, b)| a == b).count();
    let mut furthest = 0;
    for beginning in BEGINNINGS.iter().chain(lines) {
        let same = fits(beginning);
        if same == first.len().min(beginning.len()) {
            return Ok(());
        }
        furthest = furthest.max(same);
    }
    Err(rules::NOT_HTTP.at(furthest))
}

/// Where the reason phrase of a plain line begins: behind `HTTP/1.1 200 `.
pub(crate) const PLAIN: usize = 13;

/// Reads what stands before the reason phrase, if it is as it should be: the minor version and the
/// status code.
#[inline(always)]
pub(crate) fn plain(octets: &[u8; PLAIN]) -> Option<(u8, u16)> {
    let (protocol, rest) = octets.split_first_chunk::<4>()?;
    let (rest, end) = rest.split_first_chunk()?;
    // Of each digit its value is left, of all else nothing. What is added carries a digit that is
    // too great into bits that must not be there.
    let left = u64::from_le_bytes(*rest) ^ u64::from_le_bytes(*b"/1.0 000");
    let wrong = (left | left.wrapping_add(0x0606_0200_0000_0000)) & 0xF0F0_F8FF_FEFF_FFFF;
    let [_, _, _, minor, _, hundreds, tens, ones] = left.to_le_bytes();
    let is_plain = *protocol == *b"HTTP" && wrong == 0 && hundreds != 0 && end == b" ";
    let [hundreds, tens, ones] = [hundreds, tens, ones].map(u16::from);
    is_plain.then_some((minor, hundreds * 100 + tens * 10 + ones))
}

/// Reads a line without its line end; `odd` hears of what a strict reader refuses.
pub(crate) fn read(line: &[u8], mut odd: impl FnMut(Misfit)) -> Result<StatusLine, Misfit> {
    match memchr2(0, b'\r', line) {
        Some(at) if line.get(at) == Some(&0) => return Err(rules::NUL.at(at)),
        Some(at) => return Err(rules::BARE_CR.at(at)),
        None => {}
    }
    let at = |rest: &[u8]| line.len() - rest.len();

    let (version, rest) = match line {
        [
            b'H',
            b'T',
            b'T',
            b'P',
            b'/',
            major @ b'0'..=b'9',
            b'.',
            minor @ b'0'..=b'9',
            rest @ ..,
        ] => (Version::Http(major - b'0', minor - b'0'), rest),
        [b'I', b'C', b'Y', rest @ ..] => (Version::Icy, rest),
        _ => return Err(version_misfit(line)),
    };
    match version {
        Version::Http(1, 0 | 1) => {}
        Version::Http(..) => odd(rules::ODD_VERSION.at(5)),
        Version::Icy => odd(rules::ICY.at(0)),
    }

    let code = rest.trim_ascii_start_ows();
    match rest.len() - code.len() {
        0 if rest.is_empty() => return Err(rules::STATUS_CODE.at(at(rest))),
        0 => return Err(rules::VERSION.at(at(rest))),
        1 if rest.first() == Some(&b' ') => {}
        _ => odd(rules::STATUS_SPACE.at(at(rest))),
    }

    let mut status = 0;
    let mut rest = code;
    for _ in 0..3 {
        match rest {
            [digit @ b'0'..=b'9', after @ ..] => {
                status = status * 10 + u16::from(digit - b'0');
                rest = after;
            }
            _ => return Err(rules::STATUS_CODE.at(at(rest))),
        }
    }
    if !(100..600).contains(&status) {
        odd(rules::ODD_STATUS.at(at(code)));
    }

    let reason = match rest {
        [] => {
            odd(rules::MISSING_REASON.at(at(rest)));
            rest
        }
        [b' ', reason @ ..] => reason,
        [b'\t', reason @ ..] => {
            odd(rules::STATUS_SPACE.at(at(rest)));
            reason
        }
        _ => return Err(rules::STATUS_CODE.at(at(rest))),
    };
    if let Some(n) = reason.iter().position(|&c| is_control(c)) {
        odd(rules::CONTROL_OCTET.at(at(reason) + n));
    }
    let reason = u32::try_from(at(reason)).unwrap_or(u32::MAX);
    Ok(StatusLine { version, status, reason })
}

/// The first octet that keeps `line` from being `HTTP/d.d`.
fn version_misfit(line: &[u8]) -> Misfit {
    let digit = |c: &u8| c.is_ascii_digit();
    let fits: [&dyn Fn(&u8) -> bool; 3] = [&digit, &|&c| c == b'.', &digit];
    let after = line.get(TELLING..).unwrap_or_default();
    let same = after.iter().zip(fits).take_while(|(c, fit)| fit(c)).count();
    rules::VERSION.at(TELLING + same)
}

/// A control octet that no reason phrase or field value has (RFC 9110 §5.5); HTAB may be there.
pub(crate) const fn is_control(octet: u8) -> bool {
    octet.is_ascii_control() && octet != b'\t'
}

/// OWS is SP and HTAB only (RFC 9110 §5.6.3); what the standard library trims is more.
pub(crate) trait Ows {
    fn trim_ascii_start_ows(&self) -> &[u8];
    fn trim_ascii_end_ows(&self) -> &[u8];
}

impl Ows for [u8] {
    fn trim_ascii_start_ows(&self) -> &[u8] {
        let mut rest = self;
        while let [b' ' | b'\t', after @ ..] = rest {
            rest = after;
        }
        rest
    }

    fn trim_ascii_end_ows(&self) -> &[u8] {
        let mut rest = self;
        while let [before @ .., b' ' | b'\t'] = rest {
            rest = before;
        }
        rest
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scan;

    #[test]
    fn a_status_line_is_read_or_refused_with_its_octet() {
        type Want = Result<
            (&'static str, u16, &'static [u8], &'static [&'static str]),
            (&'static str, usize),
        >;
        #[rustfmt::skip]
        let rows: [(&[u8], Want); 28] = [
            // RFC 9112 §4
            (b"HTTP/1.1 200 OK", Ok(("HTTP/1.1", 200, b"OK", &[]))),
            (b"HTTP/1.0 404 Not Found", Ok(("HTTP/1.0", 404, b"Not Found", &[]))),
            (b"HTTP/1.1 200 ", Ok(("HTTP/1.1", 200, b"", &[]))),
            (b"HTTP/1.1 200  OK ", Ok(("HTTP/1.1", 200, b" OK ", &[]))), // SP is of the phrase
            (b"HTTP/1.1 200 \xe9t\xe9", Ok(("HTTP/1.1", 200, b"\xe9t\xe9", &[]))), // obs-text
            (b"HTTP/1.1 200", Ok(("HTTP/1.1", 200, b"", &["missing-reason"]))),
            (b"HTTP/1.1  200 OK", Ok(("HTTP/1.1", 200, b"OK", &["status-space"]))),
            (b"HTTP/1.1\t200\tOK", Ok(("HTTP/1.1", 200, b"OK", &["status-space", "status-space"]))),
            (b"HTTP/1.1 200 O\x01K", Ok(("HTTP/1.1", 200, b"O\x01K", &["control-octet"]))),
            (b"HTTP/1.1 200X", Err(("status-code", 12))),
            (b"HTTP/1.1 2000 OK", Err(("status-code", 12))),
            (b"HTTP/1.1 20 OK", Err(("status-code", 11))),
            (b"HTTP/1.1 -20 OK", Err(("status-code", 9))),
            (b"HTTP/1.1 ", Err(("status-code", 9))),
            (b"HTTP/1.1", Err(("status-code", 8))),
            // RFC 9110 §15
            (b"HTTP/1.1 000 X", Ok(("HTTP/1.1", 0, b"X", &["odd-status"]))),
            (b"HTTP/1.1 099 X", Ok(("HTTP/1.1", 99, b"X", &["odd-status"]))),
            (b"HTTP/1.1 999 X", Ok(("HTTP/1.1", 999, b"X", &["odd-status"]))),
            // RFC 9112 §2.3
            (b"HTTP/1.2 200 OK", Ok(("HTTP/1.2", 200, b"OK", &["odd-version"]))),
            (b"HTTP/2.0 200 OK", Ok(("HTTP/2.0", 200, b"OK", &["odd-version"]))),
            (b"HTTP/0.9 200 OK", Ok(("HTTP/0.9", 200, b"OK", &["odd-version"]))),
            (b"ICY 200 OK", Ok(("ICY", 200, b"OK", &["icy"]))),
            (b"HTTP/2 200 OK", Err(("version", 6))),
            (b"HTTP/11.1 200 OK", Err(("version", 6))),
            (b"HTTP/1.10 200 OK", Err(("version", 8))),
            (b"HTTP/x", Err(("version", 5))),
            // RFC 9112 §2.2, RFC 9110 §5.5
            (b"HTTP/1.1 200 OK\rX", Err(("bare-cr", 15))),
            (b"HTTP/1.1 2\x0000 OK", Err(("nul", 10))),
        ];
        for (line, want) in rows {
            let mut odd = Vec::new();
            let got = read(line, |seen| odd.push(seen.rule.name));
            let shown = line.escape_ascii();
            let as_it_should_be = got.as_ref().ok().filter(|_| odd.is_empty()).copied();
            let seen = line.split_first_chunk().and_then(|(start, reason)| {
                let (minor, status) = plain(start)?;
                scan::text(&[reason, b"\r\n"].concat(), 0, &mut true)?;
                Some(StatusLine { version: Version::Http(1, minor), status, reason: 13 })
            });
            assert_eq!(seen, as_it_should_be, "{shown}");
            match (got, want) {
                (Ok(got), Ok((version, status, reason, oddities))) => {
                    assert_eq!(got.version.to_string(), version, "{shown}");
                    assert_eq!(
                        (got.status, &line[got.reason as usize..]),
                        (status, reason),
                        "{shown}"
                    );
                    assert_eq!(odd, oddities, "{shown}");
                }
                (Err(got), Err(want)) => assert_eq!((got.rule.name, got.at), want, "{shown}"),
                (got, want) => panic!("{shown}: {got:?}, want {want:?}"),
            }
        }
    }

    #[test]
    fn a_plain_start_is_read_alike_whatever_octet_stands_where() {
        for (at, octet) in (0..PLAIN).flat_map(|at| (0..=u8::MAX).map(move |octet| (at, octet))) {
            for start in [b"HTTP/1.1 199 ", b"HTTP/1.0 500 "] {
                let mut start = *start;
                start[at] = octet;
                let mut odd = 0;
                let read = read(&start, |_| odd += 1).ok().filter(|_| odd == 0);
                let want = read.map(|line| (line.version, line.status));
                let got = plain(&start).map(|(minor, status)| (Version::Http(1, minor), status));
                assert_eq!(got, want, "{}", start.escape_ascii());
            }
        }
    }

    #[test]
    fn the_first_octets_tell() {
        let rows: [(&[u8], bool, Option<usize>); 14] = [
            // first octets, an empty line is allowed, misfit at
            (b"", true, None),
            (b"H", true, None),
            (b"HTTP/", true, None),
            (b"HTTP/9", true, None),
            (b"ICY 2", true, None),
            (b"\r", true, None),
            (b"\r\nSSH", true, None), // the next line is looked at when it is its turn
            (b"\n", false, Some(0)),
            (b"\rX", true, Some(1)),
            (b"SSH-2", true, Some(0)),
            (b"HTTPE", true, Some(4)),
            (b"http/", true, Some(0)),
            (b"ICYX", true, Some(3)),
            (b"\x15\x03\x01", true, Some(0)), // a TLS alert
        ];
        for (first, allowed, want) in rows {
            let got = begins(first, allowed).err().map(|misfit| misfit.at);
            assert_eq!(got, want, "{}", first.escape_ascii());
        }
    }
}
