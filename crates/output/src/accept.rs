//! Which status codes are welcome.

use std::fmt;
use std::str::FromStr;

/// The status codes that count as success: codes and ranges, `200-299,401`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Accept(Box<[(u16, u16)]>);

impl Accept {
    /// Reads codes and ranges of codes, three digits each, with commas between them.
    ///
    /// # Errors
    /// [`AcceptError`] has the offset of what does not fit.
    pub fn parse(text: &str) -> Result<Accept, AcceptError> {
        let mut at = 0;
        let mut ranges = Vec::new();
        for item in text.split(',') {
            let wrong = |offset, expected| AcceptError { offset, expected };
            let (first, last) = item.split_once('-').unwrap_or((item, item));
            let last_at = if first.len() < item.len() { at + first.len() + 1 } else { at };
            let first = code(first).map_err(|within| wrong(at + within, DIGITS))?;
            let last = code(last).map_err(|within| wrong(last_at + within, DIGITS))?;
            if last < first {
                return Err(wrong(last_at, "a code not below the first of its range"));
            }
            ranges.push((first, last));
            at += item.len() + 1;
        }
        Ok(Accept(ranges.into()))
    }

    /// Whether `status` is one of them.
    pub fn accepts(&self, status: u16) -> bool {
        self.0.iter().any(|(first, last)| (*first..=*last).contains(&status))
    }
}

/// 200 to 399: the request succeeded, or is to be completed elsewhere (RFC 9110 §15).
impl Default for Accept {
    fn default() -> Accept {
        Accept(Box::new([(200, 399)]))
    }
}

impl FromStr for Accept {
    type Err = AcceptError;

    fn from_str(text: &str) -> Result<Accept, AcceptError> {
        Accept::parse(text)
    }
}

/// As it is typed.
impl fmt::Display for Accept {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (n, (first, last)) in self.0.iter().enumerate() {
            let comma = if n == 0 { "" } else { "," };
            write!(f, "{comma}{first:03}")?;
            if first != last {
                write!(f, "-{last:03}")?;
            }
        }
        Ok(())
    }
}

const DIGITS: &str = "a status code of three digits";

/// Three digits (RFC 9112 §4), or how many octets fit.
fn code(text: &str) -> Result<u16, usize> {
    let digits = text.bytes().take(3).take_while(u8::is_ascii_digit).count();
    match text.parse() {
        Ok(code) if digits == 3 && text.len() == 3 => Ok(code),
        _ => Err(digits),
    }
}

/// Why a text names no status codes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AcceptError {
    offset: usize,
    expected: &'static str,
}

impl AcceptError {
    /// Octets before the one that does not fit.
    pub fn offset(&self) -> usize {
        self.offset
    }
}

impl fmt::Display for AcceptError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "octet {}: expected {}", self.offset, self.expected)
    }
}

impl std::error::Error for AcceptError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_codes_and_ranges() {
        let rows = [
            // text, accepted, not accepted
            ("200-399", &[200, 204, 301, 399][..], &[199, 400, 0][..]),
            ("200-299,401", &[200, 299, 401], &[300, 400, 402]),
            ("503", &[503], &[502, 504]),
            ("000-999", &[0, 99, 777, 999], &[]),
        ];
        for (text, yes, no) in rows {
            let accept = Accept::parse(text).unwrap();
            assert!(yes.iter().all(|status| accept.accepts(*status)), "{text}");
            assert!(!no.iter().any(|status| accept.accepts(*status)), "{text}");
            assert_eq!(accept.to_string(), text);
        }
        assert_eq!(Accept::default(), Accept::parse("200-399").unwrap());
    }

    #[test]
    fn says_where_it_is_no_code() {
        let rows = [
            ("", 0),
            ("20", 2),
            ("2000", 3),
            ("200,", 4),
            ("200,4x1", 5),
            ("200-", 4),
            ("200-29", 6),
            ("200--299", 4),
            ("300-200", 4),
            ("200, 401", 4),
            ("+20", 0),
            ("２00", 0),
        ];
        for (text, offset) in rows {
            assert_eq!(Accept::parse(text).map_err(|e| e.offset()), Err(offset), "{text:?}");
        }
        let error = Accept::parse("200-29x").unwrap_err();
        assert_eq!(error.to_string(), "octet 6: expected a status code of three digits");
    }
}
