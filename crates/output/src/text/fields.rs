//! The fields of a response, those that matter or all.

use std::fmt;

use super::{INDENT, Text};
use crate::octets::Cut;
use crate::record::Section;
use crate::retry_after::retry_after;
use crate::when::rfc3339_second;

/// Fields that say something of the exchange, not of the content alone. Small letters, in order.
const TELLING: [&str; 20] = [
    "age",                // RFC 9111 §5.1
    "allow",              // RFC 9110 §10.2.1
    "cache-status",       // RFC 9211 §2
    "connection",         // RFC 9110 §7.6.1
    "content-encoding",   // RFC 9110 §8.4
    "content-length",     // RFC 9110 §8.6
    "content-range",      // RFC 9110 §14.4
    "content-type",       // RFC 9110 §8.3
    "date",               // RFC 9110 §6.6.1
    "location",           // RFC 9110 §10.2.2
    "proxy-authenticate", // RFC 9110 §11.7.1
    "proxy-status",       // RFC 9209 §2
    "refresh",            // browsers' own
    "retry-after",        // RFC 9110 §10.2.3
    "server",             // RFC 9110 §10.2.4
    "transfer-encoding",  // RFC 9112 §6.1
    "upgrade",            // RFC 9110 §7.8
    "via",                // RFC 9110 §7.6.3
    "www-authenticate",   // RFC 9110 §11.6.1
    "x-cache",            // caches' own, before RFC 9211
];

/// Writes one field a line, in the order they came.
pub(super) fn write(
    text: &Text<'_>,
    fields: Section<'_>,
    f: &mut fmt::Formatter<'_>,
) -> fmt::Result {
    let mut left = 0;
    for (name, value) in fields.iter() {
        let lower = name.to_ascii_lowercase();
        if !text.verbose && TELLING.binary_search(&&*lower).is_err() {
            left += 1;
            continue;
        }
        let room = text.room(name.len() + 2);
        write!(f, "{:INDENT$}{}: {}", "", Cut(&name, text.room(2)), Cut(&value, room))?;
        if lower == "retry-after" {
            back(text, &value, f)?;
        }
        writeln!(f)?;
    }
    match left {
        0 => Ok(()),
        1 => writeln!(f, "{:INDENT$}(and 1 more field: --verbose)", ""),
        n => writeln!(f, "{:INDENT$}(and {n} more fields: --verbose)", ""),
    }
}

/// When to come back, in the form that the value does not have itself.
fn back(text: &Text<'_>, value: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    match retry_after(value.as_bytes(), text.record.received().into()) {
        Some(retry) => {
            write!(f, " (in {} s, at {})", retry.wait.as_secs(), rfc3339_second(retry.at))
        }
        None => f.write_str(" (neither seconds nor a date)"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_can_be_searched() {
        assert!(TELLING.is_sorted());
        assert!(TELLING.iter().all(|name| *name == name.to_ascii_lowercase()));
    }
}
