//! Text with holes: what an emitter writes, but for the parts that differ from reply to reply.

use memchr::{memchr2, memmem};

/// Text with holes, as a line of the table writes it:
///
/// ```text
/// <center><h1>{status} {text}</h1></center>\r\n<hr><center>nginx/{version}</center>{any}
/// ```
///
/// | hole | what may stand there |
/// |---|---|
/// | `{any}` | anything, nothing too |
/// | `{text}` | anything up to `<`, `>` or the end of the line, nothing too |
/// | `{version}` | one or more of letters, digits and `. + ~ _ -` |
/// | `{digits}` | one or more digits |
/// | `{status}` | the status code of this response |
/// | `{reason}` | its reason phrase |
///
/// A `{` that no letter follows is one. The rest stands as it is, with `\r`, `\n`, `\t`, `\s` for a space at an end, `\\` and `\{`. The
/// whole text has to fit: a template that may start or end anywhere begins or ends with `{any}`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Template {
    /// What stands between one `{any}` and the next; never empty.
    segments: Vec<Vec<Part>>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Octets(Box<[u8]>),
    Status,
    Reason,
    Hole(Class),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Class {
    Text,
    Version,
    Digits,
}

impl Class {
    const fn has(self, octet: u8) -> bool {
        match self {
            Class::Text => !matches!(octet, b'<' | b'>' | b'\r' | b'\n'),
            Class::Version => {
                octet.is_ascii_alphanumeric() || matches!(octet, b'.' | b'+' | b'~' | b'_' | b'-')
            }
            Class::Digits => octet.is_ascii_digit(),
        }
    }

    const fn may_be_empty(self) -> bool {
        matches!(self, Class::Text)
    }
}

/// The most octets that a hole but `{any}` takes: what an emitter fills in is short, and a text made
/// to begin a segment at every octet is still read in a time that grows with its length.
const HOLE: usize = 512;

/// What stands in `{status}` and `{reason}`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Blanks<'a> {
    pub(crate) status: &'a [u8],
    pub(crate) reason: &'a [u8],
}

impl Template {
    /// Reads a template; says what is wrong with it.
    pub(crate) fn parse(text: &str) -> Result<Template, String> {
        let mut segments = vec![Vec::new()];
        let mut octets = Vec::new();
        let mut push = |octets: &mut Vec<u8>, part: Option<Part>| {
            let Some(segment) = segments.last_mut() else { return };
            if !octets.is_empty() {
                segment.push(Part::Octets(std::mem::take(octets).into_boxed_slice()));
            }
            match part {
                Some(part) => segment.push(part),
                None => segments.push(Vec::new()),
            }
        };
        let mut rest = text;
        loop {
            // Most of a template stands as it is: run by run, as the whole table is read in the time
            // of one probe.
            let run = memchr2(b'\\', b'{', rest.as_bytes()).unwrap_or(rest.len());
            let (plain, special) = rest.split_at_checked(run).unwrap_or((rest, ""));
            octets.extend_from_slice(plain.as_bytes());
            rest = special;
            let Some(c) = rest.chars().next() else { break };
            rest = rest.strip_prefix(c).unwrap_or_default();
            match c {
                '\\' => {
                    let escaped = rest.chars().next().ok_or("a \\ at the end")?;
                    rest = rest.strip_prefix(escaped).unwrap_or_default();
                    octets.push(match escaped {
                        'r' => b'\r',
                        'n' => b'\n',
                        't' => b'\t',
                        's' => b' ',
                        '\\' => b'\\',
                        '{' => b'{',
                        _ => return Err(format!("no such escape: \\{escaped}")),
                    });
                }
                // What no letter follows is no hole: JSON is full of them.
                '{' if rest.starts_with(|c: char| c.is_ascii_lowercase()) => {
                    let (name, after) = rest.split_once('}').ok_or("a { that is not closed")?;
                    rest = after;
                    let part = match name {
                        "any" => None,
                        "text" => Some(Part::Hole(Class::Text)),
                        "version" => Some(Part::Hole(Class::Version)),
                        "digits" => Some(Part::Hole(Class::Digits)),
                        "status" => Some(Part::Status),
                        "reason" => Some(Part::Reason),
                        _ => return Err(format!("no such hole: {{{name}}}")),
                    };
                    push(&mut octets, part);
                }
                c => octets.extend(c.encode_utf8(&mut [0; 4]).bytes()),
            }
        }
        let template = {
            if !octets.is_empty()
                && let Some(segment) = segments.last_mut()
            {
                segment.push(Part::Octets(octets.into_boxed_slice()));
            }
            Template { segments }
        };
        let adjacent = |segment: &Vec<Part>| {
            segment.windows(2).any(|pair| matches!(pair, [Part::Hole(_), Part::Hole(_)]))
        };
        if template.segments.iter().any(adjacent) {
            return Err("two holes with nothing between them".to_owned());
        }
        Ok(template)
    }

    /// Whether the whole text fits.
    ///
    /// Each segment is taken where it fits first, so the work grows with the length of the text
    /// and of the template, whatever a peer wrote.
    pub(crate) fn fits(&self, text: &[u8], blanks: Blanks<'_>) -> bool {
        let Some((first, others)) = self.segments.split_first() else { return text.is_empty() };
        let Some(mut rest) = prefix(first, text, blanks) else { return false };
        let Some((last, middle)) = others.split_last() else { return rest.is_empty() };
        for segment in middle {
            let Some(after) = starts(segment, rest, blanks)
                .find_map(|at| prefix(segment, rest.get(at..)?, blanks))
            else {
                return false;
            };
            rest = after;
        }
        last.is_empty()
            || starts(last, rest, blanks).any(|at| {
                let tail = rest.get(at..).unwrap_or_default();
                prefix(last, tail, blanks).is_some_and(<[u8]>::is_empty)
            })
    }

    /// The longest piece of it that stands as it is; for people.
    pub(crate) fn gist(&self) -> &[u8] {
        let pieces = self.segments.iter().flatten().filter_map(|part| match part {
            Part::Octets(octets) => Some(&**octets),
            Part::Status | Part::Reason | Part::Hole(_) => None,
        });
        pieces.max_by_key(|octets| octets.len()).unwrap_or_default()
    }
}

/// The octets that a part stands for; `None` for a hole.
fn fixed<'a>(part: &'a Part, blanks: Blanks<'a>) -> Option<&'a [u8]> {
    match part {
        Part::Octets(octets) => Some(octets),
        Part::Status => Some(blanks.status),
        Part::Reason => Some(blanks.reason),
        Part::Hole(_) => None,
    }
}

/// Where a segment may begin: at its first fixed part, or anywhere.
fn starts<'a>(
    segment: &'a [Part],
    text: &'a [u8],
    blanks: Blanks<'a>,
) -> Box<dyn Iterator<Item = usize> + 'a> {
    match segment.first().and_then(|part| fixed(part, blanks)) {
        Some(octets) => Box::new(memmem::find_iter(text, octets)),
        None => Box::new(0..=text.len()),
    }
}

/// What is left of a text that begins as the segment does.
fn prefix<'a>(segment: &[Part], text: &'a [u8], blanks: Blanks<'_>) -> Option<&'a [u8]> {
    let mut rest = text;
    let mut parts = segment.iter().peekable();
    while let Some(part) = parts.next() {
        rest = match part {
            Part::Hole(class) => {
                let run = rest.iter().take(HOLE).take_while(|octet| class.has(**octet)).count();
                // A hole ends where the next part begins, if that can stand in the hole as well.
                let len = match parts.peek().and_then(|next| fixed(next, blanks)) {
                    Some(next) => {
                        let to = run.saturating_add(next.len()).min(rest.len());
                        memmem::find(rest.get(..to)?, next)?
                    }
                    None => run,
                };
                if len == 0 && !class.may_be_empty() {
                    return None;
                }
                rest.get(len..)?
            }
            part => rest.strip_prefix(fixed(part, blanks)?)?,
        };
    }
    Some(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_whole_text_fits_or_does_not() {
        let rows = [
            // template, text, whether it fits
            ("", "", true),
            ("", "a", false),
            ("ab", "ab", true),
            ("ab", "abc", false),
            ("{any}", "", true),
            ("{any}", "a\r\n", true),
            ("a{any}", "abc", true),
            ("a{any}", "bac", false),
            ("{any}c", "abc", true),
            ("{any}c", "abcd", false),
            ("{any}b{any}", "abc", true),
            ("a{any}c{any}e", "abcde", true),
            ("a{any}c{any}e", "aecd", false),
            ("{any}ab", "aab ab", true),
            ("{any}a{digits}b", "a1 a2b", true),
            ("{any}a{digits}b{any}", "ab a2b c", true),
            ("nginx/{version}", "nginx/1.22.1", true),
            ("nginx/{version}", "nginx/", false),
            ("nginx/{version}", "nginx/1 2", false),
            ("a{version}.x", "a1.2.x", true),
            ("<b>{text}</b>", "<b></b>", true),
            ("<b>{text}</b>", "<b>a b</b>", true),
            ("<b>{text}</b>", "<b>a\nb</b>", false),
            ("<b>{text}</b>", "<b><i></b>", false),
            ("{digits}", "12", true),
            ("{digits}", "", false),
            ("{digits}", "1a", false),
            ("Error {status} {reason}!", "Error 503 Too Busy!", true),
            ("Error {status} {reason}!", "Error 502 Too Busy!", false),
            ("{text}{status}{text}", "Estado HTTP 503 – no", true),
            (r"a\r\n\{\\\s", "a\r\n{\\ ", true),
            (r#"{"status":{status}}"#, r#"{"status":503}"#, true),
            ("é{any}", "é", true),
        ];
        let blanks = Blanks { status: b"503", reason: b"Too Busy" };
        for (template, text, fits) in rows {
            let read = Template::parse(template).unwrap();
            assert_eq!(read.fits(text.as_bytes(), blanks), fits, "{template:?} {text:?}");
        }
    }

    #[test]
    fn a_text_made_to_be_slow_is_read_in_time() {
        let template = Template::parse("{any} by {text} (squid{text}){any}").unwrap();
        let blanks = Blanks { status: b"503", reason: b"" };
        // Without a bound on holes each start would be read on to the end.
        let text = b" by".repeat(1 << 15);
        assert!(!template.fits(&text, blanks));
        let long = [b"<b>", "x".repeat(HOLE + 1).as_bytes(), b"</b>"].concat();
        assert!(!Template::parse("<b>{text}</b>").unwrap().fits(&long, blanks));
    }

    #[test]
    fn what_is_no_template_is_refused() {
        for text in ["{any", "{anything}", r"a\", r"\q", "{text}{digits}"] {
            assert!(Template::parse(text).is_err(), "{text}");
        }
    }
}
