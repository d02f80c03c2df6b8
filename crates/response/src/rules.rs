//! Every decision on octets that a strict reader refuses, by name.
//!
//! `fixtures/heads/DECISIONS.md` is this table in prose, with what other readers do; a test
//! holds the two together.

/// A rule that octets can break: read all the same ([`READ`]) or not ([`REFUSED`]).
#[derive(Debug)]
pub(crate) struct Rule {
    pub(crate) name: &'static str,
    /// What was found; of a rule that is not refused, also how it was read.
    pub(crate) says: &'static str,
    pub(crate) reference: &'static str,
}

/// A rule was broken `at` so many octets from the start of what was being read.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Misfit {
    pub(crate) rule: &'static Rule,
    pub(crate) at: usize,
}

impl Rule {
    pub(crate) const fn at(&'static self, at: usize) -> Misfit {
        Misfit { rule: self, at }
    }
}

macro_rules! rules {
    ($table:ident: $($rule:ident $name:literal $reference:literal $says:literal)*) => {
        $(pub(crate) static $rule: Rule = Rule { name: $name, says: $says, reference: $reference };)*
        #[cfg(test)]
        pub(crate) static $table: &[&Rule] = &[$(&$rule),*];
    };
}

rules! { READ:
    EMPTY_LINE "empty-line" "RFC 9112 §2.2"
        "an empty line before the status line was skipped"
    BARE_LF "bare-lf" "RFC 9112 §2.2"
        "a line that ends with LF alone was read as if it ended with CRLF"
    ODD_VERSION "odd-version" "RFC 9112 §2.3"
        "a version other than HTTP/1.0 and HTTP/1.1 was read as the nearer of the two"
    ICY "icy" "RFC 9112 §4"
        "ICY in place of a version was read as HTTP/1.0, as SHOUTcast servers mean it"
    STATUS_SPACE "status-space" "RFC 9112 §4"
        "other whitespace in the status line was read as the one SP that belongs there"
    MISSING_REASON "missing-reason" "RFC 9112 §4"
        "a status line that ends with the status code was read as if a SP and no reason followed"
    ODD_STATUS "odd-status" "RFC 9110 §15"
        "a status code outside 100 to 599 was read as a final one"
    SPACE_BEFORE_FIELDS "space-before-fields" "RFC 9112 §2.2"
        "a line that begins with whitespace, before the first field, was skipped"
    OBS_FOLD "obs-fold" "RFC 9112 §5.2"
        "a field value on several lines was joined with spaces"
    SPACE_BEFORE_COLON "space-before-colon" "RFC 9112 §5.1"
        "whitespace between a field's name and its colon was dropped"
    FIELD_NAME "field-name" "RFC 9110 §5.1"
        "a field name with octets that no token has was kept as sent"
    CONTROL_OCTET "control-octet" "RFC 9110 §5.5"
        "a control octet in a reason phrase or field value was kept as sent"
    REPEATED_LENGTH "repeated-length" "RFC 9112 §6.3"
        "the same Content-Length given more than once was read once"
    LENGTH_AND_CODING "length-and-coding" "RFC 9112 §6.3"
        "a Content-Length beside Transfer-Encoding was ignored; a smuggled response looks so"
    CODING_IN_OLD "coding-in-http10" "RFC 9112 §6.1"
        "Transfer-Encoding in a response older than HTTP/1.1 was obeyed"
    OTHER_CODING "other-coding" "RFC 9112 §6.1"
        "a transfer coding that was not asked for was left in the body"
    CHUNKED_NOT_LAST "chunked-not-last" "RFC 9112 §6.3"
        "with chunked not the last transfer coding, the body was read until the peer closes"
    CHUNKED_TWICE "chunked-twice" "RFC 9112 §6.1"
        "chunked named more than once was read once"
    IDENTITY_CODING "identity-coding" "RFC 9112 §7"
        "the transfer coding identity, which is no more, was ignored"
    EMPTY_CODING "empty-coding" "RFC 9112 §6.1"
        "a Transfer-Encoding that names none was ignored"
    FRAMED_NOTHING "framed-nothing" "RFC 9112 §6.3"
        "a length or transfer coding where no body can be was ignored"
    BODY_IN_205 "body-in-205" "RFC 9110 §15.3.6"
        "a 205 (Reset Content) with a body was read like any other response"
    CHUNK_SPACE "chunk-space" "RFC 9112 §7.1"
        "whitespace after a chunk size was skipped"
    CHUNK_BARE_LF "chunk-bare-lf" "RFC 9112 §7.1"
        "a LF alone around a chunk was read as CRLF"
    EXCESS "excess-octets" "RFC 9112 §6.3"
        "octets after the end of the response were not read"
}

rules! { REFUSED:
    NOT_HTTP "not-http" "RFC 9112 §4"
        "this does not begin as a status line does"
    VERSION "version" "RFC 9112 §2.3"
        "a version is a digit, a dot and a digit"
    STATUS_CODE "status-code" "RFC 9112 §4"
        "a status code is three digits"
    NUL "nul" "RFC 9110 §5.5"
        "a head has no NUL"
    BARE_CR "bare-cr" "RFC 9112 §2.2"
        "a CR stands before a LF only"
    NO_COLON "no-colon" "RFC 9112 §5"
        "a field line has a colon"
    EMPTY_NAME "empty-name" "RFC 9110 §5.1"
        "a field has a name before its colon"
    NAME_CONTROL "name-control" "RFC 9110 §5.1"
        "a field name has no control octet"
    BAD_LENGTH "bad-length" "RFC 9112 §6.3"
        "a Content-Length is digits only"
    UNEQUAL_LENGTHS "unequal-lengths" "RFC 9112 §6.3"
        "a Content-Length differs from the one before"
    CHUNKED_PARAMETER "chunked-parameter" "RFC 9112 §7.1"
        "chunked has no parameter"
    CHUNK_SIZE "chunk-size" "RFC 9112 §7.1"
        "a chunk begins with its size in hexadecimal digits"
    CHUNK_EXTENSION "chunk-extension" "RFC 9112 §7.1.1"
        "a chunk extension has no control octet"
    CHUNK_END "chunk-end" "RFC 9112 §7.1"
        "CRLF comes after the octets of a chunk"
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each rule is a row of the decisions table with its reference, and each row a rule.
    #[test]
    fn the_decisions_table_has_every_rule() {
        let page = include_str!("../../../fixtures/heads/DECISIONS.md");
        let rows = |heading: &str| -> Vec<(String, String)> {
            let (_, after) = page.split_once(heading).unwrap();
            let section = after.split("\n## ").next().unwrap();
            let rows = section.lines().filter(|line| line.starts_with("| `"));
            rows.map(|row| {
                let cells: Vec<&str> = row.split('|').map(str::trim).collect();
                (cells[1].trim_matches('`').to_owned(), cells[3].to_owned())
            })
            .collect()
        };
        for (table, heading) in [(READ, "\n## Read"), (REFUSED, "\n## Refused")] {
            let ours: Vec<_> =
                table.iter().map(|r| (r.name.to_owned(), r.reference.to_owned())).collect();
            assert_eq!(ours, rows(heading), "{heading}");
        }
    }
}
