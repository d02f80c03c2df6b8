//! Where the lines of exchanges go.

use std::fs::File;
use std::io::{self, Write};
use std::path::Path;

use anyhow::Context;

use crate::exit::say;

/// Where the lines of exchanges go.
pub(crate) struct Trace {
    /// Nowhere any more, once they could not be written.
    to: Option<Box<dyn Write + Send>>,
    is_file: bool,
}

impl Trace {
    /// To this file, or else to standard error, if that is asked for.
    pub(crate) fn open(to_stderr: bool, path: Option<&Path>) -> anyhow::Result<Option<Trace>> {
        let to: Box<dyn Write + Send> = match path {
            Some(path) => Box::new(File::create(path).with_context(|| {
                format!("--trace-to {}", path.to_string_lossy().escape_debug())
            })?),
            None if to_stderr => Box::new(io::stderr()),
            None => return Ok(None),
        };
        Ok(Some(Trace { to: Some(to), is_file: path.is_some() }))
    }

    /// Writes the lines of an exchange; that it cannot is said once.
    pub(crate) fn write(&mut self, lines: &str) {
        let Some(to) = &mut self.to else { return };
        if let Err(error) = to.write_all(lines.as_bytes()) {
            say(format_args!("the trace cannot be written: {error}"));
            self.to = None;
        }
    }

    /// Whether it was to be kept, and could not be: a failure.
    pub(crate) fn is_lost(&self) -> bool {
        self.is_file && self.to.is_none()
    }
}
