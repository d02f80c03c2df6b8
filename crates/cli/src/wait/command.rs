//! What is run when the wait is over.

use std::ffi::OsString;
use std::io;
use std::os::unix::process::CommandExt;
use std::process::Command;

use crate::exit::say;

/// There it is, and cannot be run; it is not there: what shells exit with (POSIX sh §2.8.2).
const CANNOT_RUN: u8 = 126;
const NOT_FOUND: u8 = 127;

/// Runs it in place of this process, so that it has its number, its terminal, its children and
/// every signal, and whoever waits for this process sees how it ends. When that cannot be, an exit
/// code.
pub(super) fn become_it(command: &[OsString]) -> Option<u8> {
    let (program, arguments) = command.split_first()?;
    // Handlers of signals go with the program (execve(2)); what is open is closed by its flag.
    let error = Command::new(program).args(arguments).exec();
    say(format_args!("{}: {error}", program.to_string_lossy().escape_debug()));
    match error.kind() {
        io::ErrorKind::NotFound => Some(NOT_FOUND),
        _ => Some(CANNOT_RUN),
    }
}
