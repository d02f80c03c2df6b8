//! A service binding: the RDATA of an HTTPS record, octet by octet.
//!
//! ```text
//!     SvcPriority │ TargetName      │ SvcParam …                     RFC 9460 §2.2
//!     2 octets      labels, as they   SvcParamKey, length, SvcParamValue
//!     0: AliasMode  are               2 octets     2 octets
//! ```

use std::fmt;

use fourstep_terms::Oddity;

use crate::name::Name;
use crate::params::Params;

/// A service binding: what an HTTPS record says (RFC 9460 §2).
///
/// `FromStr` and `Display` are the presentation format of §2.1: `1 svc.test. alpn=h2 port=8443`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Binding {
    /// SvcPriority: the smaller, the sooner to be tried; 0 is AliasMode (§2.4.1).
    pub priority: u16,
    pub(crate) target: Name,
    /// The SvcParams; of an AliasMode record none, whatever it has (§2.4.2).
    pub params: Params,
}

/// Why octets or a text are no [`Binding`]: the record is malformed (RFC 9460 §2.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BindingError {
    /// Octets from the beginning to what does not fit.
    pub offset: usize,
    /// What is wrong there, in plain words.
    pub says: &'static str,
    /// The clause that it is wrong by.
    pub reference: &'static str,
}

impl Binding {
    /// Reads RDATA. It ends where `rdata` ends; nothing in it is compressed.
    pub fn read(rdata: &[u8]) -> Result<Binding, BindingError> {
        let wrong = |rest: &[u8], says| BindingError {
            offset: rdata.len() - rest.len(),
            says,
            reference: "RFC 9460 §2.2",
        };
        let Some((priority, rest)) = rdata.split_first_chunk() else {
            return Err(wrong(rdata, "an HTTPS record ends within its priority"));
        };
        let priority = u16::from_be_bytes(*priority);
        let Some((target, mut rest)) = Name::read(rest) else {
            return Err(wrong(rest, "the target of an HTTPS record is no uncompressed name"));
        };
        let mut params = Params::default();
        // "In AliasMode, recipients MUST ignore any SvcParams that are present" (§2.4.2).
        let mut last = None;
        while priority > 0 && !rest.is_empty() {
            let Some((key, value, after)) = param(rest) else {
                return Err(wrong(rest, "an HTTPS record ends within a parameter"));
            };
            if last.is_some_and(|last| key <= last) {
                let says = "the parameters of an HTTPS record are not in strictly rising order";
                return Err(wrong(rest, says));
            }
            params
                .take(key, value)
                .map_err(|(says, reference)| BindingError { reference, ..wrong(rest, says) })?;
            (last, rest) = (Some(key), after);
        }
        Ok(Binding { priority, target, params })
    }

    /// Appends it as RDATA.
    pub fn write(&self, out: &mut Vec<u8>) {
        out.extend(self.priority.to_be_bytes());
        out.extend(self.target.octets());
        for (key, value) in self.params.entries() {
            out.extend(key.to_be_bytes());
            out.extend(u16::try_from(value.len()).unwrap_or(u16::MAX).to_be_bytes());
            out.extend(value);
        }
    }

    /// TargetName, safe to print and without a dot at its end; `.` stands for the owner of the
    /// record, or in AliasMode for no service at all (RFC 9460 §2.5).
    pub fn target(&self) -> Box<str> {
        self.target.text()
    }

    /// AliasMode: the target is to be asked instead (RFC 9460 §2.4.2).
    pub fn is_alias(&self) -> bool {
        self.priority == 0
    }
}

/// A SvcParam: its key, its value, and what stands after it.
fn param(octets: &[u8]) -> Option<(u16, &[u8], &[u8])> {
    let (key, rest) = octets.split_first_chunk()?;
    let (length, rest) = rest.split_first_chunk()?;
    let (value, rest) = rest.split_at_checked(usize::from(u16::from_be_bytes(*length)))?;
    Some((u16::from_be_bytes(*key), value, rest))
}

impl BindingError {
    /// As it is told of a message in which the RDATA begins at `at`.
    pub(crate) fn oddity(self, at: usize) -> Oddity {
        let offset = u64::try_from(at + self.offset).unwrap_or(u64::MAX);
        Oddity { rule: "malformed-service", offset, says: self.says, reference: self.reference }
    }
}

impl std::error::Error for BindingError {}

impl fmt::Display for BindingError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "octet {}: {}", self.offset, self.says)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Everything that RFC 9460 defines, and one key that it does not.
    const WHOLE: &[u8] = b"\0\x10\x03svc\x04test\0\0\0\0\x04\0\x01\0\x04\0\x01\0\x06\x02h2\x02h3\
        \0\x02\0\0\0\x03\0\x02\x20\xFB\0\x04\0\x04\xC0\0\x02\x01\0\x05\0\x02\xFE\x0D\
        \0\x06\0\x10\x20\x01\x0D\xB8\0\0\0\0\0\0\0\0\0\0\0\x01\x02\x9B\0\x01!";

    #[test]
    fn what_was_read_is_written_again() {
        let rows: [(&str, &[u8]); 5] = [
            ("RFC 9460 §2.5.2", b"\0\x01\0"),
            ("RFC 9460 §2.4.2", b"\0\0\x03svc\x04test\0"),
            ("RFC 9460 §2.5.1", b"\0\0\0"),
            ("RFC 9460 §14.3.2", b"\xFF\xFF\0\xFF\xFF\0\0"),
            ("RFC 9460 §7", WHOLE),
        ];
        for (reference, octets) in rows {
            let mut out = vec![];
            Binding::read(octets).unwrap().write(&mut out);
            assert_eq!(out, octets, "{reference}");
        }
    }

    #[test]
    fn a_record_cut_anywhere_is_malformed_or_has_fewer_parameters() {
        // Where a parameter ends, so may the record.
        let ends = [12, 20, 30, 34, 40, 48, 54, 74, WHOLE.len()];
        for to in 0..=WHOLE.len() {
            let read = Binding::read(&WHOLE[..to]);
            assert_eq!(read.is_ok(), ends.contains(&to), "{to}: {read:?}");
        }
    }

    #[test]
    fn malformed_records_say_where() {
        let rows: [(&[u8], usize, &str); 8] = [
            // octets, where, by which clause
            (b"\0", 0, "RFC 9460 §2.2"),
            (b"\0\x01\x03sv", 2, "RFC 9460 §2.2"),
            (b"\0\x01\xC0\x00", 2, "RFC 9460 §2.2"), // a compressed target
            (b"\0\x01\0\0\x03\0\x02\0\x35\0\x01\0\x03\x02h2", 9, "RFC 9460 §2.2"), // falling
            (b"\0\x01\0\0\x03\0\x02\0\x35\0\x03\0\x02\0\x35", 9, "RFC 9460 §2.2"), // twice
            (b"\0\x01\0\0\x03\0\x03\0\x35", 3, "RFC 9460 §2.2"), // longer than the record
            (b"\0\x01\0\0\x03\0\x01\x35", 3, "RFC 9460 §7.2"),
            (b"\0\x01\0\0\x02\0\x01!", 3, "RFC 9460 §7.1.1"),
        ];
        for (octets, offset, reference) in rows {
            let error = Binding::read(octets).unwrap_err();
            assert_eq!((error.offset, error.reference), (offset, reference), "{octets:?}");
        }
    }

    #[test]
    fn an_alias_has_no_parameters_whatever_it_has() {
        // RFC 9460 §2.4.2; half a parameter is none either.
        let alias = Binding::read(b"\0\0\x03svc\x04test\0\0\x03\0\x02").unwrap();
        assert_eq!((alias.is_alias(), alias.params), (true, Params::default()));
    }
}
