//! What a probe's end means to a shell.

use fourstep_probe::Report;
use fourstep_terms::{Blame, Code, Step};

use crate::accept::Accept;

/// Answered, with a status that is accepted.
pub const ACCEPTED: u8 = 0;
/// Answered, with another.
pub const NOT_ACCEPTED: u8 = 1;
/// The command or a target cannot be understood.
pub const MISUSE: u8 = 2;
/// This machine lacked something, or was interrupted.
pub const LOCAL: u8 = 8;

/// The exit code of one probe. With several, the highest counts; of a chain of redirects, the
/// last hop's.
///
/// | code | means |
/// |---|---|
/// | 0 | answered with an accepted status |
/// | 1 | answered with another status |
/// | 2 | misuse |
/// | 3–7 | failed at resolve, connect, tls, request, response: also with a status in hand |
/// | 8 | this machine's own fault |
pub fn code(report: &Report, accept: &Accept) -> u8 {
    match (&report.failure, report.status()) {
        (Some(failure), _) => of_failure(failure.code()),
        (None, Some(status)) if accept.accepts(status) => ACCEPTED,
        (None, Some(_)) => NOT_ACCEPTED,
        // A probe that has not ended says nothing of its target.
        (None, None) => LOCAL,
    }
}

/// The exit code of a failure.
pub fn of_failure(code: Code) -> u8 {
    match (code.blame(), code.step()) {
        (Blame::Misuse, _) | (_, Some(Step::Target)) => MISUSE,
        (Blame::Local, _) | (_, None) => LOCAL,
        (_, Some(Step::Resolve)) => 3,
        (_, Some(Step::Connect)) => 4,
        (_, Some(Step::Tls)) => 5,
        (_, Some(Step::Request)) => 6,
        (_, Some(Step::Response)) => 7,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_exits_by_its_step() {
        for code in Code::ALL {
            let want = match code.as_str().split_once('.').unwrap().0 {
                "target" => 2,
                "resolve" => 3,
                "connect" => 4,
                "tls" => 5,
                "request" => 6,
                "response" => 7,
                "local" => 8,
                step => panic!("{step}"),
            };
            assert_eq!(of_failure(code), want, "{code}");
        }
    }
}
