//! How far names and texts go: each octet of a head is looked at here, once.

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
#[inline(always)]
pub(crate) fn token(octets: &[u8]) -> usize {
    let mut length = 0;
    let (eights, _) = octets.as_chunks::<8>();
    for eight in eights {
        // A loop of known length is unrolled: three instructions an octet.
        for (n, octet) in eight.iter().enumerate() {
            if TCHAR.get(usize::from(*octet)) == Some(&false) {
                return length + n;
            }
        }
        length += 8;
    }
    token_from(octets, length)
}

/// The same octet by octet, from there on.
#[cold]
fn token_from(octets: &[u8], at: usize) -> usize {
    let rest = octets.get(at..).unwrap_or_default();
    at + rest.iter().take_while(|octet| is_tchar(**octet)).count()
}

/// The line up to its CR LF, and what follows that, if the line is of the octets that a field value
/// or a reason phrase has: no control but HTAB (RFC 9110 §5.5, RFC 9112 §4). `plain` is put out if
/// not all of it is printable ASCII.
#[inline(always)]
pub(crate) fn text<'a>(octets: &'a [u8], plain: &mut bool) -> Option<(&'a [u8], &'a [u8])> {
    let mut length = 0;
    let (sixteens, _) = octets.as_chunks::<16>();
    for sixteen in sixteens {
        let odd = bits(sixteen, |octet| !is_printable(octet));
        if odd != 0 {
            length += odd.trailing_zeros() as usize;
            let (text, end) = octets.split_at_checked(length)?;
            if let Some(after) = after_line_end(end) {
                return Some((text, after));
            }
            break;
        }
        length += 16;
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

/// A bit for each octet that has a property, the lowest for the first.
///
/// Compilers know this tree for what vector instructions do at once, if the property is to be in one
/// range.
#[inline(always)]
fn bits(sixteen: &[u8; 16], has: impl Fn(u8) -> bool) -> u32 {
    let one = |n: usize| u32::from(sixteen.get(n).is_some_and(|octet| has(*octet)));
    let two = |n: usize| one(2 * n) | one(2 * n + 1) << 1;
    let four = |n: usize| two(2 * n) | two(2 * n + 1) << 2;
    let eight = |n: usize| four(2 * n) | four(2 * n + 1) << 4;
    eight(0) | eight(1) << 8
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
                    let is_text = |c: u8| c == b'\t' || c >= b' ' && c != 0x7f;
                    let ended = [&octets, &b"\r\nb"[..]].concat();
                    let mut plain = true;
                    let want = octets.iter().all(|c| is_text(*c));
                    let want = want.then_some((&octets[..], &b"b"[..]));
                    assert_eq!(text(&ended, &mut plain), want, "{shown}");
                    let all = octets.iter().all(|c| is_printable(*c));
                    assert!(want.is_none() || plain == all, "{shown}");
                    assert_eq!(text(&octets, &mut plain), None, "{shown}");
                }
            }
        }
    }
}
