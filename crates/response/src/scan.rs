//! How far names and texts go: each octet of a head is looked at here, once.

use crate::sixteen;

/// Whether an octet is a tchar (RFC 9110 §5.6.2).
static TCHAR: [bool; 256] = {
    let mut table = [false; 256];
    let mut rest: &mut [bool] = &mut table;
    let mut octet = 0;
    while let [is, after @ ..] = rest {
        *is = is_tchar(octet);
        octet = octet.wrapping_add(1);
        rest = after;
    }
    table
};

/// The octets of the token that these begin with, which ends before the first that is no tchar.
pub(crate) fn token(octets: &[u8]) -> usize {
    let mut length = 0;
    while let Some(next) = octets.get(length..).and_then(<[u8]>::first_chunk) {
        let here = word(next);
        length += here;
        if here < 16 {
            break;
        }
    }
    let rest = octets.get(length..).unwrap_or_default();
    let is_tchar = |octet: &&u8| TCHAR.get(usize::from(**octet)) == Some(&true);
    length + rest.iter().take_while(is_tchar).count()
}

/// The letters and `-` that these begin with, up to 16: most names have nothing else.
#[inline(always)]
pub(crate) fn word(octets: &[u8; 17]) -> usize {
    let [sixteen @ .., _] = octets;
    let mut others = sixteen::no_letters(sixteen);
    loop {
        // Of 17 octets there is one at any place that comes out here.
        let length = sixteen::first(others);
        match octets.get(length) {
            Some(b'-') if length < 16 => others &= others - 1,
            _ => return length,
        }
    }
}

/// So many octets hold a name of up to 16, `: `, as much of a value and a line end.
pub(crate) const SHORT: usize = 36;

/// How many of these octets are printable, up to 16, and whether a line end follows.
#[inline(always)]
pub(crate) fn short(octets: &[u8; 18]) -> Option<(usize, bool)> {
    let length = sixteen::first(sixteen::not_printable(octets.first_chunk()?));
    let end: &[u8; 2] = octets.get(length..)?.first_chunk()?;
    // Arrays are compared at once.
    Some((length, *end == *b"\r\n"))
}

/// The line up to its CR LF, and what follows that, if the line is of the octets that a field value
/// or a reason phrase has: no control but HTAB (RFC 9110 §5.5, RFC 9112 §4). So many of them are
/// known to be printable. `plain` is put out if not all of it is printable ASCII.
#[inline(always)]
pub(crate) fn text<'a>(
    octets: &'a [u8],
    known: usize,
    plain: &mut bool,
) -> Option<(&'a [u8], &'a [u8])> {
    let mut length = known;
    let (sixteens, _) = octets.get(known..)?.as_chunks();
    for sixteen in sixteens {
        let here = sixteen::first(sixteen::not_printable(sixteen));
        length += here;
        if here < 16 {
            let (text, end) = octets.split_at_checked(length)?;
            if let Some(after) = after_line_end(end) {
                return Some((text, after));
            }
            break;
        }
    }
    text_from(octets, length, plain)
}

/// The same octet by octet, from there on.
#[cold]
fn text_from<'a>(octets: &'a [u8], at: usize, plain: &mut bool) -> Option<(&'a [u8], &'a [u8])> {
    let is_text = |octet: &u8| match octet {
        b'\t' | 0x80.. => {
            *plain = false;
            true
        }
        octet => is_printable(*octet),
    };
    let rest = octets.get(at..)?;
    let (text, end) =
        octets.split_at_checked(at + rest.iter().copied().take_while(is_text).count())?;
    Some((text, after_line_end(end)?))
}

/// What stands behind the CR LF that these octets begin with.
#[inline(always)]
pub(crate) fn after_line_end(octets: &[u8]) -> Option<&[u8]> {
    let (two, after) = octets.split_first_chunk()?;
    // Arrays are compared at once.
    (*two == *b"\r\n").then_some(after)
}

pub(crate) const fn is_printable(octet: u8) -> bool {
    matches!(octet, b' '..=b'~')
}

/// tchar of RFC 9110 §5.6.2.
pub(crate) const fn is_tchar(octet: u8) -> bool {
    octet.is_ascii_alphanumeric()
        || matches!(octet, b'!' | b'#' | b'$' | b'%' | b'&' | b'\'' | b'*' | b'+' | b'-' | b'.')
        || matches!(octet, b'^' | b'_' | b'`' | b'|' | b'~')
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each octet at each place, among others of every kind behind it: what is marked because of
    /// a neighbour would be seen.
    #[test]
    fn each_octet_ends_what_it_is_not_part_of_at_each_place() {
        for odd in 0..=u8::MAX {
            for at in 0..20 {
                for behind in [0, b' ', b'~', 0x7f, 0x80, 0xff] {
                    let mut octets = [b'a'; 20];
                    octets[at] = odd;
                    octets[at + 1..].fill(behind);
                    let first = |from: usize, fits: fn(u8) -> bool| {
                        let rest = octets[from..].iter();
                        from + rest.take_while(|octet| fits(**octet)).count()
                    };
                    let shown = octets.escape_ascii();
                    assert_eq!(token(&octets), first(0, is_tchar), "{shown}");
                    let of_word = |octet: u8| octet.is_ascii_alphabetic() || octet == b'-';
                    let begun = octets.first_chunk().unwrap();
                    assert_eq!(word(begun), first(0, of_word).min(16), "{shown}");
                    let mut line: [u8; 18] = *octets.first_chunk().unwrap();
                    let length = first(0, is_printable).min(16);
                    assert_eq!(short(&line), Some((length, false)), "{shown}");
                    line[length..length + 2].copy_from_slice(b"\r\n");
                    assert_eq!(short(&line), Some((length, true)), "{shown}");
                    let is_text = |c: u8| c == b'\t' || c >= b' ' && c != 0x7f;
                    let ended = [&octets, &b"\r\nb"[..]].concat();
                    let mut plain = true;
                    let want = octets.iter().all(|c| is_text(*c));
                    let want = want.then_some((&octets[..], &b"b"[..]));
                    assert_eq!(text(&ended, 0, &mut plain), want, "{shown}");
                    let all = octets.iter().all(|c| is_printable(*c));
                    assert!(want.is_none() || plain == all, "{shown}");
                    assert_eq!(text(&octets, 0, &mut plain), None, "{shown}");
                }
            }
        }
    }
}
