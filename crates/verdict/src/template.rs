//! Text with holes: what an emitter writes, but for the parts that differ from reply to reply.

use memchr::memchr_iter;

use fourstep_response::Head;

use crate::code;

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
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Template(Parts);

/// A part of a template.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    Octets(&'static [u8]),
    Any,
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

/// Of each octet the classes that have it, a bit each.
static CLASSES: [u8; 256] = {
    let mut all = [0; 256];
    let mut rest: &mut [u8] = &mut all;
    let mut octet = 0_u8;
    while let [first, more @ ..] = rest {
        *first = Class::Text.bit_if(!matches!(octet, b'<' | b'>' | b'\r' | b'\n'))
            | Class::Version.bit_if(
                octet.is_ascii_alphanumeric() || matches!(octet, b'.' | b'+' | b'~' | b'_' | b'-'),
            )
            | Class::Digits.bit_if(octet.is_ascii_digit());
        octet = octet.wrapping_add(1);
        rest = more;
    }
    all
};

impl Class {
    const fn of(code: u8) -> Option<Class> {
        match code {
            code::TEXT => Some(Class::Text),
            code::VERSION => Some(Class::Version),
            code::DIGITS => Some(Class::Digits),
            _ => None,
        }
    }

    const fn bit_if(self, has: bool) -> u8 {
        match (self, has) {
            (_, false) => 0,
            (Class::Text, _) => 1,
            (Class::Version, _) => 2,
            (Class::Digits, _) => 4,
        }
    }

    fn has(self, octet: u8) -> bool {
        CLASSES.get(usize::from(octet)).is_some_and(|classes| classes & self.bit_if(true) != 0)
    }

    /// How many octets from the first on are of this class.
    fn run(self, octets: &[u8]) -> usize {
        let (mut run, mut rest) = (0, octets);
        // Eight at a time, as text is long.
        while let (Class::Text, Some((eight, after))) = (self, rest.split_first_chunk()) {
            let ends = ends_of_text(u64::from_le_bytes(*eight));
            if ends != 0 {
                return run + ends.trailing_zeros() as usize / 8;
            }
            (run, rest) = (run + eight.len(), after);
        }
        run + rest.iter().position(|octet| !self.has(*octet)).unwrap_or(rest.len())
    }

    const fn may_be_empty(self) -> bool {
        matches!(self, Class::Text)
    }
}

/// The highest bit of each octet that no text has, `<`, `>`, CR and LF; and maybe of some behind the
/// first of them: a borrow goes on only from there.
const fn ends_of_text(octets: u64) -> u64 {
    const fn all(octet: u8) -> u64 {
        u64::from_le_bytes([octet; 8])
    }
    const fn zeros(octets: u64) -> u64 {
        octets.wrapping_sub(all(1)) & !octets
    }
    // The two brackets differ in one bit.
    let brackets = zeros((octets | all(b'<' ^ b'>')) ^ all(b'>'));
    (brackets | zeros(octets ^ all(b'\r')) | zeros(octets ^ all(b'\n'))) & all(0x80)
}

/// Entries that are still to come, each behind its length.
#[derive(Clone, Copy, Debug)]
pub(crate) struct List(pub(crate) &'static [u8]);

impl Iterator for List {
    type Item = &'static [u8];

    #[inline]
    fn next(&mut self) -> Option<&'static [u8]> {
        let (length, rest) = self.0.split_first()?;
        let (entry, rest) = rest.split_at_checked(usize::from(*length))?;
        self.0 = rest;
        Some(entry)
    }
}

/// Parts that are still to come, as the build has written them down: see `code`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Parts(&'static [u8]);

impl Iterator for Parts {
    type Item = Part;

    fn next(&mut self) -> Option<Part> {
        let (code, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(match *code {
            code::ANY => Part::Any,
            code::STATUS => Part::Status,
            code::REASON => Part::Reason,
            code::OCTETS => {
                let mut list = List(rest);
                let octets = list.next()?;
                self.0 = list.0;
                Part::Octets(octets)
            }
            hole => Part::Hole(Class::of(hole)?),
        })
    }
}

/// The most octets that a hole but `{any}` takes: what an emitter fills in is short, and a text made
/// to begin a segment at every octet is still read in a time that grows with its length.
const HOLE: usize = 512;

/// What stands in `{status}` and `{reason}`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Blanks<'a> {
    /// In three digits.
    pub(crate) status: [u8; 3],
    pub(crate) reason: &'a [u8],
}

impl<'r> Blanks<'r> {
    pub(crate) fn of(head: &'r Head) -> Blanks<'r> {
        let (hundreds, rest) = (head.status() / 100, head.status() % 100);
        let digits = [hundreds, rest / 10, rest % 10];
        let status = digits.map(|digit| b'0'.wrapping_add(digit.to_le_bytes()[0]));
        Blanks { status, reason: head.reason() }
    }

    /// The octets that a part stands for; `None` for a hole.
    fn fill(&self, part: Part) -> Option<&[u8]> {
        match part {
            Part::Octets(octets) => Some(octets),
            Part::Status => Some(&self.status),
            Part::Reason => Some(self.reason),
            Part::Any | Part::Hole(_) => None,
        }
    }
}

impl Template {
    /// The template that the build has written down.
    pub(crate) const fn of(code: &'static [u8]) -> Template {
        Template(Parts(code))
    }

    /// Whether the whole text fits.
    #[inline]
    pub(crate) fn fits(self, text: &[u8], blanks: &Blanks<'_>) -> bool {
        // Mostly the first octet tells that it does not.
        let first = match self.0.0 {
            [code::OCTETS, _, first, ..] => Some(first),
            [code::STATUS, ..] => blanks.status.first(),
            [code::REASON, ..] => blanks.reason.first(),
            _ => None,
        };
        (first.is_none() || first == text.first()) && self.fits_whole(text, blanks)
    }

    /// Each segment, up to the next `{any}`, is taken where it fits first, so the work grows with the
    /// length of the text and of the template, whatever a peer wrote.
    fn fits_whole(self, text: &[u8], blanks: &Blanks<'_>) -> bool {
        let Some((mut rest, mut parts)) = prefix(self.0, text, blanks) else { return false };
        // Behind an `{any}`:
        while let Some(segment) = parts {
            if segment.0.is_empty() {
                return true;
            }
            let ends = |(left, after): &(&[u8], Option<Parts>)| after.is_some() || left.is_empty();
            let tail = |at| prefix(segment, rest.get(at..)?, blanks).filter(ends);
            let taken = match segment.clone().next().and_then(|part| blanks.fill(part)) {
                Some(octets) => starts(rest, octets).find_map(tail),
                None => (0..=rest.len()).find_map(tail),
            };
            let Some((left, after)) = taken else { return false };
            (rest, parts) = (left, after);
        }
        rest.is_empty()
    }

    /// A text that fits, with this in place of each `{any}`.
    #[cfg(test)]
    pub(crate) fn example(self, blanks: &Blanks<'_>, any: &str) -> String {
        let fill = |part| match part {
            Part::Any => any.as_bytes(),
            Part::Hole(_) => b"7",
            part => blanks.fill(part).unwrap(),
        };
        String::from_utf8(self.0.flat_map(fill).copied().collect()).unwrap()
    }

    /// The longest piece of it that stands as it is; for people.
    pub(crate) fn gist(self) -> &'static [u8] {
        let pieces = self.0.filter_map(|part| match part {
            Part::Octets(octets) => Some(octets),
            Part::Any | Part::Status | Part::Reason | Part::Hole(_) => None,
        });
        pieces.max_by_key(|octets| octets.len()).unwrap_or_default()
    }
}

/// Where in a text these octets begin. A search made ready for them would cost more than it saves:
/// pages are short.
fn starts<'a>(text: &'a [u8], octets: &'a [u8]) -> impl Iterator<Item = usize> + 'a {
    let nothing = octets.is_empty().then_some(0);
    let found = octets.first().map(|first| memchr_iter(*first, text)).into_iter().flatten();
    // Many a `<` is another tag's: the last octet tells before all are compared.
    let last = octets.len().saturating_sub(1);
    let is_start = move |at: &usize| {
        text.get(at.saturating_add(last)) == octets.last()
            && text.get(*at..).is_some_and(|text| text.starts_with(octets))
    };
    nothing.into_iter().chain(found.filter(is_start))
}

/// What is left of a text that begins as a segment does, and of the template if an `{any}` follows.
fn prefix<'a>(
    Parts(mut code): Parts,
    text: &'a [u8],
    blanks: &Blanks<'_>,
) -> Option<(&'a [u8], Option<Parts>)> {
    let mut rest = text;
    loop {
        let hole;
        (hole, code) = match *code {
            [] => return Some((rest, None)),
            [code::ANY, ref after @ ..] => return Some((rest, Some(Parts(after)))),
            [code::OCTETS, length, ref after @ ..] => {
                let (octets, after) = after.split_at_checked(usize::from(length))?;
                (rest, code) = (rest.strip_prefix(octets)?, after);
                continue;
            }
            [first, ref after @ ..] => (first, after),
        };
        let Some(class) = Class::of(hole) else {
            let octets = if hole == code::STATUS { &blanks.status } else { blanks.reason };
            rest = rest.strip_prefix(octets)?;
            continue;
        };
        let most = rest.get(..HOLE).unwrap_or(rest);
        let run = class.run(most);
        // A hole ends where the next part begins, if that can stand in the hole as well.
        let next = match code {
            [code::OCTETS, _, first, ..] if !class.has(*first) => None,
            _ => Parts(code).next().and_then(|next| blanks.fill(next)),
        };
        let len = match next {
            Some(next) if next.first().is_none_or(|first| class.has(*first)) => {
                let to = run.saturating_add(next.len()).min(rest.len());
                starts(rest.get(..to)?, next).next()?
            }
            _ => run,
        };
        if len == 0 && !class.may_be_empty() {
            return None;
        }
        rest = rest.get(len..)?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compile;

    fn read(template: &str) -> Template {
        Template::of(compile::Template::parse(template).unwrap().code().leak())
    }

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
        let blanks = Blanks { status: *b"503", reason: b"Too Busy" };
        for (template, text, fits) in rows {
            assert_eq!(
                read(template).fits(text.as_bytes(), &blanks),
                fits,
                "{template:?} {text:?}"
            );
        }
    }

    #[test]
    fn text_ends_at_the_first_octet_that_it_cannot_have() {
        for length in 0..20 {
            for at in 0..length {
                for octet in 0..=u8::MAX {
                    let mut text = vec![b'x'; length];
                    text[at] = octet;
                    let want = if b"<>\r\n".contains(&octet) { at } else { length };
                    assert_eq!(Class::Text.run(&text), want, "{octet} at {at} of {length}");
                }
            }
        }
    }

    #[test]
    fn a_text_made_to_be_slow_is_read_in_time() {
        let template = read("{any} by {text} (squid{text}){any}");
        let blanks = Blanks { status: *b"503", reason: b"" };
        // Without a bound on holes each start would be read on to the end.
        let text = b" by".repeat(1 << 15);
        assert!(!template.fits(&text, &blanks));
        let long = [b"<b>", "x".repeat(HOLE + 1).as_bytes(), b"</b>"].concat();
        assert!(!read("<b>{text}</b>").fits(&long, &blanks));
    }
}
