//! A format becomes pieces.

use super::variable::Variable;
use super::{Piece, WriteOutError};

pub(super) fn pieces(format: &str) -> Result<Vec<Piece>, WriteOutError> {
    let mut pieces = Vec::new();
    let mut text = String::new();
    let mut rest = format;
    while let Some(c) = rest.chars().next() {
        let offset = format.len() - rest.len();
        let (piece, length) = match c {
            '\\' => (None, escape(rest, &mut text)),
            '%' => match variable(rest, offset)? {
                Some((piece, length)) => (Some(piece), length),
                None => {
                    text.push('%');
                    (None, if rest.starts_with("%%") { 2 } else { 1 })
                }
            },
            _ => {
                text.push(c);
                (None, c.len_utf8())
            }
        };
        if let Some(piece) = piece {
            if !text.is_empty() {
                pieces.push(Piece::Text(std::mem::take(&mut text)));
            }
            pieces.push(piece);
        }
        rest = rest.get(length..).unwrap_or_default();
    }
    if !text.is_empty() {
        pieces.push(Piece::Text(text));
    }
    Ok(pieces)
}

/// Takes a backslash and what follows it; says how many octets that were.
fn escape(rest: &str, text: &mut String) -> usize {
    let plain = match rest.as_bytes().get(1) {
        Some(b'n') => '\n',
        Some(b't') => '\t',
        Some(b'r') => '\r',
        Some(b'\\') => '\\',
        _ => {
            text.push('\\');
            return 1;
        }
    };
    text.push(plain);
    2
}

/// A variable at the start of `rest`, and its length; `None`: the `%` begins none.
fn variable(rest: &str, offset: usize) -> Result<Option<(Piece, usize)>, WriteOutError> {
    const HEADER: &str = "header{";
    let (before, inner) = match (rest.strip_prefix("%{"), rest.strip_prefix("%header{")) {
        (Some(inner), _) => match inner.strip_prefix(HEADER) {
            None => (2, inner),
            Some(inner) => return header(inner, "}}", offset, 2 + HEADER.len()).map(Some),
        },
        (_, Some(inner)) => return header(inner, "}", offset, 1 + HEADER.len()).map(Some),
        (None, None) => return Ok(None),
    };
    let (name, _) = inner.split_once('}').ok_or(WriteOutError::Unclosed { offset: offset + 1 })?;
    match Variable::named(name) {
        Some(variable) => Ok(Some((Piece::Variable(variable), before + name.len() + 1))),
        None => Err(WriteOutError::Unknown { offset: offset + before, name: name.to_owned() }),
    }
}

/// A field's name up to `end`.
fn header(
    inner: &str,
    end: &str,
    offset: usize,
    before: usize,
) -> Result<(Piece, usize), WriteOutError> {
    let brace = offset + before - 1;
    let (name, _) = inner.split_once(end).ok_or(WriteOutError::Unclosed { offset: brace })?;
    Ok((Piece::Header(name.to_owned()), before + name.len() + end.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_format_is_read_as_curl_reads_it() {
        let text = |text: &str| Piece::Text(text.to_owned());
        let header = |name: &str| Piece::Header(name.to_owned());
        let unknown = |offset, name: &str| WriteOutError::Unknown { offset, name: name.to_owned() };
        let rows = [
            ("", Ok(vec![])),
            ("plain é", Ok(vec![text("plain é")])),
            (r"a\n\t\r\\b", Ok(vec![text("a\n\t\r\\b")])),
            (r"a\x\", Ok(vec![text(r"a\x\")])),
            ("100%% 5% %x %", Ok(vec![text("100% 5% %x %")])),
            (
                r"%{http_code}\n",
                Ok(vec![Piece::Variable(Variable::named("http_code").unwrap()), text("\n")]),
            ),
            ("%header{Retry-After}", Ok(vec![header("Retry-After")])),
            ("[%{header{server}}]", Ok(vec![text("["), header("server"), text("]")])),
            ("é%{nope}", Err(unknown(4, "nope"))),
            ("%{HTTP_CODE}", Err(unknown(2, "HTTP_CODE"))),
            ("%{}", Err(unknown(2, ""))),
            ("a%{http_code", Err(WriteOutError::Unclosed { offset: 2 })),
            ("%header{x", Err(WriteOutError::Unclosed { offset: 7 })),
            ("%{header{x}", Err(WriteOutError::Unclosed { offset: 8 })),
        ];
        for (format, want) in rows {
            assert_eq!(pieces(format), want, "{format:?}");
        }
    }
}
