//! What a probe saw, for people, programs and shells.
//!
//! ```text
//!                                   ┌─▶ Text       bars on one axis of time, a sentence, a hint
//!   Report ─┐                       ├─▶ Record     one line of JSON, its shape in SCHEMA
//!           ├─▶ Record::of ─▶ Record┼─▶ Lines      some fields of it, or a row of a table (CSV)
//!   start ──┘                       ├─▶ WriteOut   curl's --write-out
//!                                   └─▶ Sentence   one line of plain words
//!
//!   Lines, octets ─▶ Journal ─▶ which targets of a list have their records
//!   Report, Accept ─▶ exit::code
//! ```
//!
//! It promises that
//!
//! - every format is made from one [`Record`], so that no two of them disagree;
//! - names in the record are never changed or removed; what is absent is null, never 0; a step
//!   that took place took at least 1 µs, and none took longer than the whole;
//! - no octet of a peer reaches a terminal raw, in any format: control characters and the format
//!   characters of Unicode are escaped; a password is in none of them;
//! - a peer that was not verified is called so, also where the probe went on, and every reason with
//!   it; a certificate that expires within 14 days is warned of;
//! - field values that are not UTF-8 lose nothing (each octet above 0x7F becomes U+0080 to
//!   U+00FF), and are named among the oddities.
//!
//! It reads no clock: the moment a probe began is an argument. It writes to no file and knows no
//! terminal: whether there is colour, and how wide a line is, the caller says. What a report
//! *means* is not said here.
//!
//! ```
//! use std::time::{Duration, SystemTime};
//! use fourstep_output::{Accept, Record, Text, WriteOut, exit};
//! # use std::sync::Arc;
//! # use fourstep_probe::{Actions, Input, Plan, Probe};
//! # use fourstep_terms::{Fault, FaultKind, Leg, Time};
//! # let target = Arc::new("http://192.0.2.1:8080/".parse().unwrap());
//! # let (mut probe, mut out) = (Probe::new(target, Arc::new(Plan::default())), Actions::default());
//! # let _ = probe.handle(Time::START, Input::Start, &mut out);
//! # let fault = Fault { kind: FaultKind::Refused, os_error: Some(111) };
//! # let _ = probe.handle(Time::from_millis(2), Input::Failed { leg: Leg(0), fault }, &mut out);
//! # let report = probe.report();
//! // `report` is of a probe whose connection was refused.
//! let began = SystemTime::UNIX_EPOCH + Duration::from_micros(1_795_327_200_123_456);
//! let record = Record::of(report, began, None);
//!
//! assert!(record.to_json().starts_with(
//!     r#"{"target":"http://192.0.2.1:8080/","at":"2026-11-22T06:00:00.123456Z","#
//! ));
//! let text = Text::of(&record).width(60).to_string();
//! assert!(text.contains("Nothing listens at 192.0.2.1:8080: connection refused.\n"));
//!
//! assert_eq!(exit::code(report, &Accept::default()), 4);
//! let mut out = Vec::new();
//! WriteOut::parse("%{code} after %{time_total} s").unwrap().render(&record, 4, &mut out);
//! assert_eq!(out, b"connect.refused after 0.002000 s");
//! ```

mod accept;
pub mod exit;
mod journal;
mod lines;
mod octets;
mod palette;
mod record;
mod retry_after;
mod schema;
mod text;
mod when;
mod write_out;

pub use accept::{Accept, AcceptError};
pub use journal::{Journal, JournalEnd, JournalError, Kept};
pub use lines::{Fields, FieldsError, Lines, Sheet};
pub use palette::Palette;
pub use record::Record;
pub use retry_after::{RetryAfter, retry_after};
pub use schema::SCHEMA;
pub use text::{Sentence, Text};
pub use when::{Took, rfc3339};
pub use write_out::{WriteOut, WriteOutError};

#[cfg(test)]
mod drive;
#[cfg(test)]
mod golden;
#[cfg(test)]
mod server;
