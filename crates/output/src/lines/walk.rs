//! A walk through JSON that was written here: values are found, not understood.

/// The members of an object, in order: the name as it stands between its quotes, and the value.
/// Of what is no object, and behind what is cut, there are none.
pub(crate) fn members(object: &[u8]) -> Members<'_> {
    Members(object.strip_prefix(b"{").unwrap_or_default())
}

/// The items of a list, in order.
pub(crate) fn items(list: &[u8]) -> Items<'_> {
    Items(list.strip_prefix(b"[").unwrap_or_default())
}

/// The value of an object's member.
pub(crate) fn member<'a>(object: &'a [u8], name: &str) -> Option<&'a [u8]> {
    members(object).find(|(own, _)| *own == name.as_bytes()).map(|(_, value)| value)
}

/// What stands between the quotes of a string; `None` for any other value.
#[inline]
pub(crate) fn inside(value: &[u8]) -> Option<&[u8]> {
    value.strip_prefix(b"\"")?.strip_suffix(b"\"")
}

pub(crate) struct Members<'a>(&'a [u8]);

impl<'a> Iterator for Members<'a> {
    type Item = (&'a [u8], &'a [u8]);

    fn next(&mut self) -> Option<(&'a [u8], &'a [u8])> {
        let (name, rest) = string(self.0)?;
        let (value, rest) = value(rest.strip_prefix(b":")?)?;
        self.0 = rest.strip_prefix(b",").unwrap_or_default();
        Some((inside(name)?, value))
    }
}

pub(crate) struct Items<'a>(&'a [u8]);

impl<'a> Iterator for Items<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        let (value, rest) = value(self.0)?;
        self.0 = rest.strip_prefix(b",").unwrap_or_default();
        Some(value)
    }
}

/// Splits behind the first value.
fn value(text: &[u8]) -> Option<(&[u8], &[u8])> {
    match text.first()? {
        b'"' => string(text),
        b'{' | b'[' => nest(text),
        b',' | b'}' | b']' => None,
        _ => {
            let ends = |octet: &u8| matches!(octet, b',' | b'}' | b']');
            text.split_at_checked(text.iter().position(ends).unwrap_or(text.len()))
        }
    }
}

/// Splits behind a string: its first quote that no backslash stands before.
fn string(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let mut length = 1;
    let mut rest = text.strip_prefix(b"\"")?;
    loop {
        let at = rest.iter().position(|octet| matches!(octet, b'"' | b'\\'))?;
        if rest.get(at) == Some(&b'"') {
            return text.split_at_checked(length + at + 1);
        }
        length += at + 2;
        rest = rest.get(at + 2..)?;
    }
}

/// Splits behind a list or an object, whatever is inside.
fn nest(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let (mut at, mut depth) = (0, 0_usize);
    loop {
        let rest = text.get(at..)?;
        match rest.first()? {
            b'"' => {
                at += string(rest)?.0.len();
                continue;
            }
            b'{' | b'[' => depth += 1,
            b'}' | b']' => depth -= 1,
            _ => {}
        }
        at += 1;
        if depth == 0 {
            return text.split_at_checked(at);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::drive::began;
    use crate::{Record, golden};
    use serde_json::Value;

    #[test]
    fn every_value_of_every_record_is_found() {
        for case in golden::cases() {
            let text = Record::of(&case.report, began(), Some(1)).to_json();
            walk(text.as_bytes(), &serde_json::from_str(&text).unwrap());
        }
    }

    fn walk(text: &[u8], want: &Value) {
        assert_eq!(serde_json::from_slice::<Value>(text).unwrap(), *want);
        if let Value::Object(map) = want {
            assert_eq!(members(text).count(), map.len());
            for (name, value) in members(text) {
                walk(value, &want[str::from_utf8(name).unwrap()]);
            }
        }
        if let Value::Array(list) = want {
            assert_eq!(items(text).count(), list.len());
            for (item, want) in items(text).zip(list) {
                walk(item, want);
            }
        }
    }

    #[test]
    fn what_is_cut_has_no_more_than_is_there() {
        let text = br#"{"a":"\"\\","b":[1,{"c":"]}"}],"d":null,"e":{}}"#;
        let whole: Vec<_> = members(text).collect();
        let names: Vec<_> = whole.iter().map(|(name, _)| *name).collect();
        assert_eq!(names, [b"a", b"b", b"d", b"e"]);
        for cut in 0..text.len() {
            let found: Vec<_> = members(text.get(..cut).unwrap()).collect();
            // A number or a word that is cut cannot be told from a whole one.
            let sure = found.len().saturating_sub(1);
            assert_eq!(found.get(..sure), whole.get(..sure), "{cut}");
        }
        for odd in [&b""[..], b"{", b"[", b"x", b"\"", b"]", b"{\"a", b"{\"a\"", b"[,", b"{,"] {
            assert_eq!(
                (members(odd).count(), items(odd).count()),
                (0, 0),
                "{}",
                odd.escape_ascii()
            );
        }
    }
}
