//! A target that is not probed, and why.

use std::borrow::Cow;
use std::time::SystemTime;

use fourstep::Error;
use fourstep::output::Record;
use fourstep::target::redact;

/// A target that is not probed.
pub(crate) struct Refusal {
    /// As it was typed, without its password.
    shown: String,
    error: Error,
    /// The column of `shown` at which it went wrong.
    column: Option<usize>,
}

impl Refusal {
    pub(crate) fn new(typed: &[u8], error: Error) -> Refusal {
        let shown = redact(typed);
        let column = match &error {
            Error::Target(error) => column(typed, error.offset(), &shown),
            _ => None,
        };
        Refusal { shown, error, column }
    }

    /// The record of a target that was not probed.
    pub(crate) fn record(&self, at: SystemTime, seq: Option<u64>) -> Record<'_> {
        Record::malformed(Cow::Borrowed(self.shown.as_str()), &self.error, at, seq)
    }

    /// What went wrong, and below the target a mark where.
    pub(crate) fn message(&self) -> String {
        let Refusal { shown, error, .. } = self;
        let Error::Target(malformed) = error else { return error.to_string() };
        let reference = malformed.reference();
        match self.column {
            Some(column) => {
                format!("{malformed} ({reference})\n  {shown}\n  {:column$}^", "")
            }
            None => format!("{malformed} ({reference})\n  {shown}"),
        }
    }
}

/// Where an octet of what was typed stands in what is shown; of a password, where its `***` does.
fn column(typed: &[u8], offset: usize, shown: &str) -> Option<usize> {
    let before = redact(typed.get(..offset)?);
    let at = if shown.starts_with(&before) { before.len() } else { shown.find("***")? };
    Some(shown.get(..at)?.chars().count())
}

#[cfg(test)]
mod tests {
    use super::*;
    use fourstep::Client;

    #[test]
    fn the_mark_stands_below_the_octet() {
        let rows: [(&str, &str); 8] = [
            ("http://a.test:80800/", "http://a.test:80800/\n                ^"),
            ("http://", "http://\n         ^"),
            ("", "\n  ^"),
            ("http://me:secret@a.test:x/", "http://me:***@a.test:x/\n                       ^"),
            ("http://me:sec\nret@a.test/", "http://me:***@a.test/\n            ^"),
            ("http://é\u{1B}/", "http://é\\u{1b}/\n          ^"),
            ("ftp://a.test/", "ftp://a.test/\n  ^"),
            ("http://[::1/", "http://[::1/\n             ^"),
        ];
        for (typed, want) in rows {
            let error = Client::target(typed.as_bytes()).unwrap_err();
            let message = Refusal::new(typed.as_bytes(), error).message();
            let (_, picture) = message.split_once("\n  ").unwrap();
            assert_eq!(picture, want, "{typed:?}: {message}");
            assert!(!message.contains("sec"), "{message}");
        }
    }
}
