//! Fields as they are given: `Name: value`, `Name:`, `Name;` (curl's forms).

use crate::error::RequestError;
use crate::method::is_token;

/// One thing said about the fields of one name.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Edit {
    /// A token, as given.
    pub(crate) name: Box<str>,
    /// The value to send; `None` removes the default of this name.
    pub(crate) value: Option<Box<[u8]>>,
}

impl Edit {
    pub(crate) fn is_named(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name)
    }
}

/// Fields whose values let in whoever reads them.
pub(crate) const CREDENTIALS: [&str; 3] = ["Authorization", "Proxy-Authorization", "Cookie"];

pub(crate) fn is_credential(name: &str) -> bool {
    CREDENTIALS.iter().any(|credential| credential.eq_ignore_ascii_case(name))
}

/// Reads one line.
pub(crate) fn read(line: &[u8]) -> Result<Edit, RequestError> {
    let end = line.iter().position(|&octet| !is_token(octet)).unwrap_or(line.len());
    let (name, rest) = line.split_at_checked(end).unwrap_or((line, &[]));
    // Tokens are ASCII.
    let name = str::from_utf8(name).unwrap_or_default();
    if name.is_empty() {
        return Err(RequestError::at(line, 0, "field line", "a field name", "RFC 9110 §5.1"));
    }
    let subject = || format!("field `{name}`");
    let value = match rest {
        [b':', value @ ..] => {
            check_value(line, end + 1, subject)?;
            Some(value.trim_ascii()).filter(|value| !value.is_empty())
        }
        [b';', blank @ ..] if blank.iter().all(|octet| b" \t".contains(octet)) => Some(&[][..]),
        // Also white space before the colon (RFC 9112 §5.1).
        _ => {
            let expected =
                "`:` and a value, `:` alone to remove the field, or `;` to leave it empty";
            return Err(RequestError::at(line, end, subject(), expected, "RFC 9112 §5.1"));
        }
    };
    if ["Content-Length", "Transfer-Encoding"].iter().any(|own| own.eq_ignore_ascii_case(name)) {
        let expected = "a field that does not frame the body: its length is counted";
        return Err(RequestError::at(line, 0, subject(), expected, "RFC 9112 §6"));
    }
    Ok(Edit { name: name.into(), value: value.map(Into::into) })
}

/// `field-value` (RFC 9110 §5.5): visible ASCII, space, tab, and octets beyond ASCII; from octet
/// `from` of what was given.
pub(crate) fn check_value(
    given: &[u8],
    from: usize,
    subject: impl Fn() -> String,
) -> Result<(), RequestError> {
    let unfit = |&(_, &octet): &(usize, &u8)| octet.is_ascii_control() && octet != b'\t';
    match given.iter().enumerate().skip(from).find(unfit) {
        None => Ok(()),
        Some((offset, _)) => {
            let expected = "no control character";
            Err(RequestError::at(given, offset, subject(), expected, "RFC 9110 §5.5"))
        }
    }
}
