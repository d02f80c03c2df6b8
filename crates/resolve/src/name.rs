//! A domain name as questions and answers have it.

use std::sync::Arc;

/// An absolute domain name: labels behind their lengths, the root's empty one last, uncompressed
/// (RFC 1035 §3.1), letters in lower case so that equal names are equal (RFC 4343 §3).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Name(Arc<[u8]>);

/// The most octets a name has (RFC 1035 §2.3.4).
const OCTETS: usize = 255;
/// The most octets a label has (RFC 1035 §2.3.4).
const LABEL: usize = 63;

impl Name {
    /// The name with these labels; `None` when one is empty or anything is too long.
    pub(crate) fn from_labels<'a>(labels: impl Iterator<Item = &'a [u8]>) -> Option<Name> {
        let mut octets = [0; OCTETS];
        let mut end = 0;
        for label in labels {
            if label.is_empty() || label.len() > LABEL {
                return None;
            }
            let (length, room) = octets.get_mut(end..)?.split_first_mut()?;
            *length = u8::try_from(label.len()).ok()?;
            let room = room.get_mut(..label.len())?;
            room.copy_from_slice(label);
            room.make_ascii_lowercase();
            end += 1 + label.len();
        }
        // The root's label is there already: an octet of zero.
        octets.get(..=end).map(|octets| Name(octets.into()))
    }

    /// The name that `octets` begin with, uncompressed, and what stands behind it.
    pub(crate) fn read(octets: &[u8]) -> Option<(Name, &[u8])> {
        let mut labels = vec![];
        let mut rest = octets;
        loop {
            let (length, tail) = rest.split_first()?;
            // A longer one would be a pointer, or a label type that is reserved (RFC 1035 §4.1.4).
            let length = usize::from(*length);
            let (label, tail) = tail.split_at_checked(length).filter(|_| length <= LABEL)?;
            rest = tail;
            if label.is_empty() {
                return Some((Name::from_labels(labels.into_iter())?, rest));
            }
            labels.push(label);
        }
    }

    /// As it stands in RDATA (RFC 1035 §3.1).
    pub(crate) fn octets(&self) -> &[u8] {
        &self.0
    }

    /// Whether it is the root, which has no label.
    pub(crate) fn is_root(&self) -> bool {
        self.0.len() == 1
    }

    /// The absolute name that `text` spells, with or without its last dot; no escapes.
    pub(crate) fn parse(text: &str) -> Option<Name> {
        match text.strip_suffix('.').unwrap_or(text) {
            "" if text == "." => Name::from_labels(std::iter::empty()),
            "" => None,
            relative => Name::from_labels(relative.as_bytes().split(|octet| *octet == b'.')),
        }
    }

    /// `text` below this name.
    pub(crate) fn prefixed(&self, text: &str) -> Option<Name> {
        Name::from_labels(text.split('.').map(str::as_bytes).chain(self.labels()))
    }

    /// Its labels, without the root's.
    pub(crate) fn labels(&self) -> impl Iterator<Item = &[u8]> {
        let mut rest = &*self.0;
        std::iter::from_fn(move || {
            let (length, tail) = rest.split_first()?;
            let (label, tail) = tail.split_at_checked(usize::from(*length))?;
            rest = tail;
            (!label.is_empty()).then_some(label)
        })
    }

    /// Whether it is `zone` or below it.
    pub(crate) fn is_within(&self, zone: &Name) -> bool {
        let (ours, theirs) = (self.labels().count(), zone.labels().count());
        ours >= theirs && self.labels().skip(ours.saturating_sub(theirs)).eq(zone.labels())
    }

    /// As text without the last dot; octets that are not graphic ASCII, dots and backslashes
    /// escaped (RFC 1035 §5.1), so that it is safe to print. The root is `.`.
    pub(crate) fn text(&self) -> Box<str> {
        // Unless something is escaped, a dot stands for each length but the first, and nothing for
        // the root's.
        let mut text = String::with_capacity(self.0.len().saturating_sub(2).max(1));
        for label in self.labels() {
            if !text.is_empty() {
                text.push('.');
            }
            for octet in label {
                match octet {
                    b'.' | b'\\' => text.extend(['\\', char::from(*octet)]),
                    b'!'..=b'~' => text.push(char::from(*octet)),
                    other => text.push_str(&format!("\\{other:03}")),
                }
            }
        }
        if text.is_empty() {
            text.push('.');
        }
        text.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_and_written() {
        let long = "a".repeat(64);
        let longest =
            format!("{}.{}.{}.{}", "a".repeat(63), "b".repeat(63), "c".repeat(63), "d".repeat(61));
        let rows = [
            // typed, as text                           RFC 1035 §2.3.1, §2.3.4
            ("A.Test.", Some("a.test")),
            ("a.test", Some("a.test")),
            ("_x.a-b.test", Some("_x.a-b.test")),
            (".", Some(".")),
            ("", None),
            ("a..test", None),
            (".test", None),
            (long.as_str(), None),
            (longest.as_str(), Some(longest.as_str())), // 255 octets
        ];
        for (typed, want) in rows {
            assert_eq!(Name::parse(typed).map(|n| n.text()).as_deref(), want, "{typed}");
        }
        assert_eq!(Name::parse(&format!("{longest}d")), None, "256 octets");
    }

    #[test]
    fn odd_octets_are_escaped() {
        let name = Name::from_labels([&b"a.b\\"[..], b"\x1b[1m", "\u{e9}".as_bytes()].into_iter());
        assert_eq!(&*name.unwrap().text(), r"a\.b\\.\027[1m.\195\169");
    }

    #[test]
    fn a_zone_holds_itself_and_what_is_below() {
        let rows = [
            ("a.test", "test", true),
            ("test", "test", true),
            ("atest", "test", false),
            ("test", "a.test", false),
            ("a.test", ".", true),
        ];
        for (name, zone, want) in rows {
            let (name, zone) = (Name::parse(name).unwrap(), Name::parse(zone).unwrap());
            assert_eq!(name.is_within(&zone), want, "{name:?} {zone:?}");
        }
    }
}
