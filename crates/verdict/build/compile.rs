//! A template of the table, made ready for the program.

use crate::code;

/// A template as the program has it: see `src/code.rs`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Template {
    /// What stands as it is, and between two such pieces a hole.
    parts: Vec<Part>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Octets(Vec<u8>),
    Hole(u8),
}

impl Template {
    /// Reads a template as `src/template.rs` says it is written; says what is wrong with it.
    pub(crate) fn parse(text: &str) -> Result<Template, String> {
        let mut parts: Vec<Part> = Vec::new();
        let mut rest = text.chars();
        while let Some(c) = rest.next() {
            let part = match c {
                '\\' => match rest.next().ok_or("a \\ at the end")? {
                    'r' => '\r'.into(),
                    'n' => '\n'.into(),
                    't' => '\t'.into(),
                    's' => ' '.into(),
                    c @ ('\\' | '{') => c.into(),
                    c => return Err(format!("no such escape: \\{c}")),
                },
                // What no letter follows is no hole: JSON is full of them.
                '{' if rest.as_str().starts_with(|c: char| c.is_ascii_lowercase()) => {
                    let (name, after) =
                        rest.as_str().split_once('}').ok_or("a { that is not closed")?;
                    rest = after.chars();
                    Part::Hole(hole(name).ok_or(format!("no such hole: {{{name}}}"))?)
                }
                c => c.into(),
            };
            match (parts.last_mut(), part) {
                (Some(Part::Octets(before)), Part::Octets(octets)) => before.extend(octets),
                (Some(Part::Hole(a)), Part::Hole(b)) if is_class(*a) && is_class(b) => {
                    return Err("two holes with nothing between them".to_owned());
                }
                (_, part) => parts.push(part),
            }
        }
        Ok(Template { parts })
    }

    /// The pieces that stand as they are.
    pub(crate) fn pieces(&self) -> impl Iterator<Item = &[u8]> {
        self.parts.iter().filter_map(|part| match part {
            Part::Octets(octets) => Some(&**octets),
            Part::Hole(_) => None,
        })
    }

    /// The whole, if all of it stands as it is.
    pub(crate) fn whole(&self) -> Option<&[u8]> {
        match &self.parts[..] {
            [] => Some(&[]),
            [Part::Octets(octets)] => Some(octets),
            _ => None,
        }
    }

    /// What it begins with that stands as it is.
    pub(crate) fn head(&self) -> &[u8] {
        match self.parts.first() {
            Some(Part::Octets(octets)) => octets,
            _ => &[],
        }
    }

    /// Whether it begins with this hole.
    pub(crate) fn begins_with(&self, hole: u8) -> bool {
        matches!(self.parts.first(), Some(Part::Hole(first)) if *first == hole)
    }

    /// As the program reads it.
    pub(crate) fn code(&self) -> Vec<u8> {
        let mut code = Vec::new();
        for part in &self.parts {
            match part {
                Part::Hole(hole) => code.push(*hole),
                Part::Octets(octets) => {
                    for octets in octets.chunks(usize::from(u8::MAX)) {
                        code.push(code::OCTETS);
                        code.extend(counted(octets));
                    }
                }
            }
        }
        code
    }
}

/// A list as the program reads it: its entries, each behind its length.
pub(crate) fn list(entries: &[&str]) -> Vec<u8> {
    entries.iter().flat_map(|entry| counted(entry.as_bytes())).collect()
}

fn counted(octets: &[u8]) -> Vec<u8> {
    let length = u8::try_from(octets.len()).unwrap_or(u8::MAX);
    [&[length], octets].concat()
}

impl From<char> for Part {
    fn from(c: char) -> Part {
        Part::Octets(c.encode_utf8(&mut [0; 4]).as_bytes().to_vec())
    }
}

fn hole(name: &str) -> Option<u8> {
    Some(match name {
        "any" => code::ANY,
        "text" => code::TEXT,
        "version" => code::VERSION,
        "digits" => code::DIGITS,
        "status" => code::STATUS,
        "reason" => code::REASON,
        _ => return None,
    })
}

/// Whether a hole ends where its octets do: of two such, nothing tells where the first ends.
fn is_class(hole: u8) -> bool {
    matches!(hole, code::TEXT | code::VERSION | code::DIGITS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_template_is_refused() {
        for text in ["{any", "{anything}", r"a\", r"\q", "{text}{digits}"] {
            assert!(Template::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_template_is_its_parts_one_after_the_other() {
        let rows: [(&str, &[u8]); 5] = [
            ("", b""),
            ("{any}", b"\x01"),
            (r"a\r\{b", b"\x00\x04a\r{b"),
            ("{status}: {text}!", b"\x05\x00\x02: \x02\x00\x01!"),
            (r#"{"é"{any}"#, b"\x00\x05{\"\xC3\xA9\"\x01"),
        ];
        for (text, code) in rows {
            assert_eq!(Template::parse(text).unwrap().code(), code, "{text}");
        }
    }
}
