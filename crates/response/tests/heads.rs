//! The files of fixtures/heads, each case fed in every way; what comes out is held as text.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "a test: it reads files, and a panic is a failure"
)]

use fourstep_response::{Asked, Event, Head, Limits, Reader, ResponseError};
use std::fs;
use std::path::PathBuf;

/// One case of a file.
#[derive(Default)]
struct Case {
    name: String,
    from: bool,
    asked: Option<Asked>,
    limits: Option<Limits>,
    octets: Vec<u8>,
    /// The peer does not close.
    open: bool,
    want: Vec<String>,
}

#[test]
fn each_case_comes_out_as_written_however_it_is_cut() {
    let mut cases = 0;
    for (file, case) in read_cases() {
        let place = format!("{file}: {}", case.name);
        assert!(case.from, "{place}: no `from` line");
        assert_eq!(feed(&case, &[&case.octets]), case.want, "{place}");
        let single: Vec<&[u8]> = case.octets.chunks(1).collect();
        assert_eq!(feed(&case, &single), case.want, "{place}, octet by octet");
        for cut in 0..=case.octets.len() {
            let (a, b) = case.octets.split_at(cut);
            assert_eq!(feed(&case, &[a, b]), case.want, "{place}, cut at {cut}");
        }
        // What comes after the end changes nothing but that it came.
        let ends = case.want.iter().any(|line| line == "complete");
        let by_close = case.want.iter().any(|line| line.ends_with(" until-close"));
        if ends && !by_close {
            for after in [&b"HTTP/1.1 200 OK\r\n\r\n"[..], b"\0", b"\r\n"] {
                let longer = feed(&case, &[&[&case.octets, after].concat()]);
                let but_excess = |lines: &[String]| -> Vec<String> {
                    let excess = |line: &&String| !line.starts_with("oddity excess-octets");
                    lines.iter().filter(excess).cloned().collect()
                };
                assert_eq!(but_excess(&longer), but_excess(&case.want), "{place}, octets after");
            }
        }
        cases += 1;
    }
    assert!(cases >= 80, "{cases} cases");
}

/// Feeds pieces to a reader; tells what came out in the words of the files.
fn feed(case: &Case, pieces: &[&[u8]]) -> Vec<String> {
    let asked = case.asked.unwrap_or(Asked::Other);
    let mut reader = Reader::new(asked, case.limits.unwrap_or_default());
    let (mut lines, mut body) = (Vec::new(), Vec::new());
    let end = read_all(&mut reader, case, pieces, &mut lines, &mut body);
    if !body.is_empty() {
        lines.push(format!("body \"{}\"", body.escape_ascii()));
    }
    match end {
        Ok(end) => lines.extend(end),
        Err(error) => {
            lines.push(match &error {
                ResponseError::Malformed { offset, rule, .. } => {
                    format!("malformed {rule} {offset}")
                }
                error => format!("{} {error}", error.code()),
            });
            let again = reader.read(b"HTTP/1.1 200 OK\r\n\r\n").unwrap_err();
            assert_eq!(again, error, "an error stays");
        }
    }
    let oddities = reader.oddities().iter();
    lines.extend(oddities.map(|oddity| format!("oddity {} {}", oddity.rule, oddity.offset)));
    assert_eq!(reader.body_octets(), u64::try_from(body.len()).unwrap());
    lines
}

fn read_all(
    reader: &mut Reader,
    case: &Case,
    pieces: &[&[u8]],
    lines: &mut Vec<String>,
    body: &mut Vec<u8>,
) -> Result<Vec<String>, ResponseError> {
    let mut end = Vec::new();
    for piece in pieces {
        let mut rest = *piece;
        loop {
            let (taken, event) = reader.read(rest)?;
            rest = &rest[taken..];
            match event {
                Event::More => break,
                Event::Interim(head) => show_head("interim", &head, "", lines),
                Event::Final(head, framing) => {
                    let framing = framing.map_or("unknown", |framing| framing.as_str());
                    show_head("final", &head, framing, lines);
                }
                Event::Body(octets) => body.extend(octets),
                Event::Complete { trailers } => {
                    end.push("complete".to_owned());
                    show_fields("trailer", trailers, &mut end);
                }
            }
        }
        assert!(rest.is_empty(), "More, and octets left");
    }
    if !case.open && end.is_empty() {
        assert!(matches!(reader.end()?, Event::Complete { .. }));
        end.push("complete".to_owned());
    }
    Ok(end)
}

fn show_head(kind: &str, head: &Head, framing: &str, lines: &mut Vec<String>) {
    let reason = head.reason().escape_ascii();
    let line = format!("{kind} {} {:03} \"{reason}\" {framing}", head.version(), head.status());
    lines.push(line.trim_end().to_owned());
    show_fields("field", head.fields(), lines);
}

fn show_fields<'a>(
    kind: &str,
    fields: impl Iterator<Item = (&'a [u8], &'a [u8])>,
    lines: &mut Vec<String>,
) {
    for (name, value) in fields {
        let line = format!("{kind} {}: {}", name.escape_ascii(), value.escape_ascii());
        lines.push(line.trim_end().to_owned());
    }
}

/// Reads the files: see fixtures/heads/README.md.
fn read_cases() -> Vec<(String, Case)> {
    let folder = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/heads"));
    let mut files: Vec<_> = fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "txt"))
        .collect();
    files.sort();
    let mut cases = Vec::new();
    for path in files {
        let file = path.file_name().unwrap().to_string_lossy().into_owned();
        let first = cases.len();
        for line in fs::read_to_string(&path).unwrap().lines() {
            let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
            if word == "==" {
                cases.push((file.clone(), Case { name: rest.to_owned(), ..Case::default() }));
            } else if let Some((_, case)) = cases.get_mut(first..).and_then(|own| own.last_mut()) {
                case.take(word, rest).unwrap_or_else(|| panic!("{file}: {line}"));
            } else {
                assert!(matches!(word, "" | "#"), "{file}: {line}");
            }
        }
    }
    cases
}

impl Case {
    /// Takes one line of a file.
    fn take(&mut self, word: &str, rest: &str) -> Option<()> {
        match (word, rest) {
            ("" | "#", _) => {}
            ("from", _) => self.from = true,
            ("asked", "HEAD") => self.asked = Some(Asked::Head),
            ("asked", "CONNECT") => self.asked = Some(Asked::Connect),
            ("limits", _) => {
                let mut limits = Limits::default();
                for pair in rest.split(' ') {
                    let (name, number) = pair.split_once('=')?;
                    match name {
                        "head" => limits.head_bytes = number.parse().ok()?,
                        "fields" => limits.fields = number.parse().ok()?,
                        "interim" => limits.interim = number.parse().ok()?,
                        "body" => limits.body_bytes = number.parse().ok()?,
                        _ => return None,
                    }
                }
                self.limits = Some(limits);
            }
            ("<", _) => self.octets.extend(unescape(rest)?),
            ("open", "") => self.open = true,
            (">", _) => self.want.push(rest.to_owned()),
            _ => return None,
        }
        Some(())
    }
}

/// The octets that `escape_ascii` writes so.
fn unescape(text: &str) -> Option<Vec<u8>> {
    let mut octets = Vec::new();
    let mut rest = text.bytes();
    while let Some(octet) = rest.next() {
        octets.push(match octet {
            b'\\' => match rest.next()? {
                b'r' => b'\r',
                b'n' => b'\n',
                b't' => b'\t',
                b'x' => {
                    let digits = [rest.next()?, rest.next()?];
                    u8::from_str_radix(str::from_utf8(&digits).ok()?, 16).ok()?
                }
                other => other,
            },
            octet => octet,
        });
    }
    Some(octets)
}
