//! How the command ends when there is no report to say so.

use std::env;
use std::io::{self, Write};
use std::process::ExitCode;

use fourstep::output::exit::{ACCEPTED, LOCAL, MISUSE};
use fourstep::target::redact;

/// Writes a line to standard error. That it cannot be written changes nothing.
pub(crate) fn say(line: impl std::fmt::Display) {
    let _ = writeln!(io::stderr(), "fourstep: {line}");
}

/// Nothing was probed: misuse, unless it is this machine's fault.
pub(crate) fn error(error: &anyhow::Error) -> ExitCode {
    let ours = error.downcast_ref::<fourstep::Error>();
    match ours {
        // It says its causes itself.
        Some(error) => say(error),
        None => say(format_args!("{error:#}")),
    }
    match ours.is_none_or(fourstep::Error::is_misuse) {
        true => MISUSE.into(),
        false => LOCAL.into(),
    }
}

/// The command line was not understood, or help was asked for.
pub(crate) fn usage(error: &clap::Error) -> ExitCode {
    if !error.use_stderr() {
        // A pager that is closed early is no failure.
        return written(error.print()).into();
    }
    let mut text = error.to_string();
    // What is quoted may be a URL with a password, at a place where none was expected.
    for typed in env::args_os().skip(1) {
        let typed = typed.to_string_lossy();
        let shown = redact(typed.as_bytes());
        if shown != typed {
            text = text.replace(&*typed, &shown);
        }
    }
    let _ = write!(io::stderr(), "{text}");
    MISUSE.into()
}

/// Whether a result could be written: a reader that has gone is no failure of ours.
pub(crate) fn written(result: io::Result<()>) -> u8 {
    match result {
        Ok(()) => ACCEPTED,
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => ACCEPTED,
        Err(error) => {
            say(format_args!("standard output: {error}"));
            LOCAL
        }
    }
}
