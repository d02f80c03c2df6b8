//! Cells and rows as RFC 4180 has them, each row on one line.

use super::walk::inside;

/// The end of a row (RFC 4180 §2 item 1).
pub(crate) const END: &[u8] = b"\r\n";

/// Appends a JSON value to a cell, behind what is there already.
///
/// Null is nothing; a string stands without its quotes and otherwise as JSON escapes it, so that no
/// cell has a line of its own and none moves a terminal; lists and objects stand as JSON.
pub(crate) fn append(value: &[u8], cell: &mut Vec<u8>) {
    if value == b"null" {
        return;
    }
    if !cell.is_empty() {
        cell.extend_from_slice(b", ");
    }
    match inside(value) {
        None => cell.extend_from_slice(value),
        // A quote that stands in text needs no backslash here: it is doubled.
        Some(text) => {
            let mut rest = text.iter().peekable();
            while let Some(octet) = rest.next() {
                match (octet, rest.peek()) {
                    (b'\\', Some(b'"')) => {}
                    (b'\\', Some(b'\\')) => {
                        cell.extend_from_slice(br"\\");
                        rest.next();
                    }
                    _ => cell.push(*octet),
                }
            }
        }
    }
}

/// Appends a row.
pub(crate) fn row<'a>(cells: impl Iterator<Item = &'a [u8]>, out: &mut Vec<u8>) {
    for (n, cell) in cells.enumerate() {
        if n > 0 {
            out.push(b',');
        }
        // Items 5 to 7.
        if !cell.iter().any(|octet| matches!(octet, b',' | b'"' | b'\r' | b'\n')) {
            out.extend_from_slice(cell);
            continue;
        }
        out.push(b'"');
        for octet in cell {
            out.push(*octet);
            if *octet == b'"' {
                out.push(b'"');
            }
        }
        out.push(b'"');
    }
    out.extend_from_slice(END);
}

/// One cell of a row, counted from 0.
pub(crate) fn cell(row: &[u8], n: usize) -> Option<Vec<u8>> {
    let (mut cell, mut at, mut is_quoted) = (Vec::new(), 0, false);
    let mut rest = row.strip_suffix(END).unwrap_or(row).iter().peekable();
    while let Some(octet) = rest.next().filter(|_| at <= n) {
        match (octet, is_quoted) {
            (b'"', true) if rest.next_if_eq(&&b'"').is_some() => {
                cell.extend((at == n).then_some(b'"'));
            }
            (b'"', _) => is_quoted = !is_quoted,
            (b',', false) => at += 1,
            _ => cell.extend((at == n).then_some(*octet)),
        }
    }
    (at >= n).then_some(cell)
}

/// The text that a cell was written from.
pub(crate) fn text(cell: &[u8]) -> Option<String> {
    let mut json = vec![b'"'];
    for octet in cell {
        if *octet == b'"' {
            json.push(b'\\');
        }
        json.push(*octet);
    }
    json.push(b'"');
    serde_json::from_slice(&json).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_come_back() {
        let rows: [(&[&str], &str); 5] = [
            // JSON values, the row
            (&["1", r#""a""#, "null"], "1,a,"),
            (&[r#""a,b""#, r#""say \"hi\"""#], r#""a,b","say ""hi""""#),
            (&[r#""\\\"\n\u001b""#, "true"], r#""\\""\n\u001b",true"#),
            (&[r#"["x",1]"#], r#""[""x"",1]""#),
            (&[r#""""#, r#""é""#], ",é"),
        ];
        for (values, want) in rows {
            let mut cells = vec![Vec::new(); values.len()];
            for (value, cell) in values.iter().zip(&mut cells) {
                append(value.as_bytes(), cell);
            }
            let mut out = Vec::new();
            row(cells.iter().map(Vec::as_slice), &mut out);
            assert_eq!(str::from_utf8(&out).unwrap(), format!("{want}\r\n"));
            for (n, (value, written)) in values.iter().zip(&cells).enumerate() {
                let read = cell(&out, n).unwrap();
                assert_eq!(read, *written, "{want}");
                if let Ok(meant) = serde_json::from_str::<String>(value) {
                    assert_eq!(text(&read), Some(meant), "{want}");
                }
            }
            assert_eq!(cell(&out, values.len()), None, "{want}");
        }
    }

    #[test]
    fn several_values_share_a_cell() {
        let mut cell = Vec::new();
        for value in [r#""a""#, "null", r#""b""#] {
            append(value.as_bytes(), &mut cell);
        }
        assert_eq!(cell, b"a, b");
    }
}
