//! Output in a shape of the user's own: curl's `--write-out`.

mod parse;
mod variable;

use std::fmt;

use crate::record::Record;
use variable::Variable;

/// A format with variables, read once and rendered for any number of records.
///
/// ```
/// use fourstep_output::{Record, WriteOut};
/// use std::time::SystemTime;
///
/// let format = WriteOut::parse(r"%{http_code} %{code}\n")?;
/// let at = SystemTime::UNIX_EPOCH;
/// let record = Record::malformed("http://a.test:x/", "octet 14: expected a port", at, None);
/// let mut out = Vec::new();
/// format.render(&record, 2, &mut out);
/// assert_eq!(out, b"000 target.malformed\n");
///
/// let error = WriteOut::parse("%{http_coed}").unwrap_err();
/// assert!(error.to_string().starts_with("octet 2: no variable `http_coed`; there are "));
/// # Ok::<(), fourstep_output::WriteOutError>(())
/// ```
///
/// What is known: `%{name}` for each of [`WriteOut::variables`]; `%header{Name}` or
/// `%{header{Name}}`, the first value of a field; `%%`; and `\n`, `\t`, `\r`, `\\`. Another
/// character behind a backslash stands with it, and a `%` before anything else is a `%`, as in
/// curl. Times are seconds since the start. What is absent is empty, a number 0, `http_code` 000.
/// Of a peer's octets, control and format characters are escaped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WriteOut(Vec<Piece>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Piece {
    Text(String),
    Variable(Variable),
    /// The first value of the field with this name.
    Header(String),
}

impl WriteOut {
    /// Reads a format.
    ///
    /// # Errors
    /// An unknown variable, or one whose brace is not closed.
    pub fn parse(format: &str) -> Result<WriteOut, WriteOutError> {
        parse::pieces(format).map(WriteOut)
    }

    /// The names of all variables, in the order of the manual.
    pub fn variables() -> impl Iterator<Item = &'static str> {
        Variable::ALL.iter().map(|(name, _)| *name)
    }

    /// Appends what the format says of `record`; `exit` is the probe's exit code.
    pub fn render(&self, record: &Record<'_>, exit: u8, out: &mut Vec<u8>) {
        for piece in &self.0 {
            match piece {
                Piece::Text(text) => out.extend_from_slice(text.as_bytes()),
                Piece::Variable(variable) => variable.render(record, exit, out),
                Piece::Header(name) => variable::header(record, name, out),
            }
        }
    }
}

/// Why a format cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum WriteOutError {
    /// There is no such variable.
    Unknown {
        /// Octets before its name.
        offset: usize,
        /// The name.
        name: String,
    },
    /// A brace is not closed.
    Unclosed {
        /// Octets before it.
        offset: usize,
    },
}

impl fmt::Display for WriteOutError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            WriteOutError::Unclosed { offset } => {
                write!(f, "octet {offset}: this brace is not closed")
            }
            WriteOutError::Unknown { offset, name } => {
                let name = crate::octets::Cut(name, 40);
                write!(f, "octet {offset}: no variable `{name}`; there are header{{NAME}}")?;
                WriteOut::variables().try_for_each(|name| write!(f, ", {name}"))
            }
        }
    }
}

impl std::error::Error for WriteOutError {}
