//! `fourstep fingerprints`: the table by which the source of a response is told.

use std::io::{self, Write};
use std::process::ExitCode;

use fourstep::verdict::TABLE;

use crate::exit;

pub(crate) fn run() -> ExitCode {
    let mut stdout = io::stdout().lock();
    exit::written(stdout.write_all(TABLE.as_bytes()).and_then(|()| stdout.flush())).into()
}
