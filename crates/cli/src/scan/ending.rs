//! What is said when not every target got its record: why, how many, and how to go on.

use std::env;
use std::ffi::OsString;
use std::io;
use std::os::unix::ffi::OsStrExt;

use fourstep::output::exit;
use fourstep::scan::Left;
use fourstep::target::redact;

use super::blocks::Written;
use crate::args::scan::ScanArgs;
use crate::shell;

/// How a run ended.
pub(crate) struct Ending<'a> {
    /// The signal that ended it, and the exit code that says so.
    pub(crate) signal: Option<(&'static str, u8)>,
    /// Where records go, and whether that can be gone on with.
    pub(crate) output: &'a str,
    pub(crate) stays: bool,
    /// The input that could not be read on.
    pub(crate) broken: Option<(&'a str, io::Error)>,
    /// What became of the records; `None` when the writer did not come to its end.
    pub(crate) written: Option<Written>,
    /// Probes that were cut short.
    pub(crate) interrupted: u64,
    pub(crate) left: Left,
}

impl Ending<'_> {
    /// Whether every target has its record.
    pub(crate) fn is_complete(&self) -> bool {
        self.broken.is_none()
            && self.written.as_ref().is_some_and(|written| written.error.is_none())
            && self.interrupted == 0
            && self.left.is_empty()
    }

    pub(crate) fn exit(&self) -> u8 {
        match self.is_complete() {
            true => exit::ACCEPTED,
            false => self.signal.map_or(exit::LOCAL, |(_, code)| code),
        }
    }

    /// The lines that say so; none when all is well.
    pub(crate) fn words(&self, args: &ScanArgs) -> String {
        if self.is_complete() {
            return String::new();
        }
        let mut lines = Vec::new();
        if let Some((name, error)) = &self.broken {
            lines.push(format!("{name}: {error}; what stands behind was not read"));
        }
        match &self.written {
            None => {
                lines.push(format!("{}: stuck; what was on its way there is lost", self.output))
            }
            Some(Written { error: Some(error), lost }) => {
                let why = match error.kind() {
                    io::ErrorKind::BrokenPipe => "nobody reads it any more".to_owned(),
                    _ => error.to_string(),
                };
                let lost = count(*lost, "record is missing", "records are missing");
                lines.push(format!("{}: {why}; {lost} there", self.output));
            }
            Some(Written { error: None, .. }) => {}
        }
        let begun = self.interrupted + self.left.unprobed.count();
        let unread = if self.left.unread { ", and the list was not read to its end" } else { "" };
        if self.signal.is_some() || begun > 0 || self.left.unread {
            let why = self.signal.map_or(String::new(), |(name, _)| format!("{name}: "));
            lines.push(format!("{why}{} not finished{unread}", count(begun, "probe", "probes")));
        }
        lines.push(match (self.stays, command(env::args_os(), args)) {
            (true, Some(command)) => format!("to go on: {command}"),
            (true, None) => "to go on: the same command with --resume".to_owned(),
            (false, _) => "with --output FILE a run can be gone on with, by --resume".to_owned(),
        });
        lines.iter().map(|line| format!("fourstep: {line}\n")).collect()
    }
}

fn count(number: u64, one: &str, more: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { more })
}

/// What is typed to go on with a run of these words; `None` where a secret may stand among them.
fn command(words: impl IntoIterator<Item = OsString>, args: &ScanArgs) -> Option<String> {
    let request = &args.how.request;
    if request.user.is_some() || !request.header.is_empty() || !request.data.is_empty() {
        return None;
    }
    let words: Vec<OsString> = words.into_iter().filter(|word| word != "--overwrite").collect();
    if words.iter().any(|word| redact(word.as_bytes()).as_bytes() != word.as_bytes()) {
        return None;
    }
    let given = words.iter().map(|word| shell::quoted(&word.to_string_lossy()));
    let resume = (!args.records.resume).then(|| "--resume".to_owned());
    Some(given.chain(resume).collect::<Vec<_>>().join(" "))
}
