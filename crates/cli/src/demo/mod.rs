//! `fourstep demo`: servers of its own on loopback, and one probe for each way that one can end.
//!
//! ```text
//!     cases   what the peer does · what is typed · what must come of it
//!       │            stage   the servers
//!       ▼              │
//!     probe ◀──────────┘     the same way through the house as `fourstep URL`
//!       ▼
//!     page                   what the probe said, and a table at the end
//! ```

mod cases;
mod page;
mod probe;
mod process;
mod stage;

use std::io::{self, IsTerminal};
use std::process::ExitCode;
use std::thread;

use fourstep::output::Palette;
use fourstep::output::exit::{ACCEPTED, NOT_ACCEPTED};
use fourstep::terms::Step;
use fourstep::{Code, Error};

use crate::args::DemoArgs;
use crate::exit::{say, written};
use crate::print::{WIDTH, is_coloured, width};
use cases::{CASES, Case, End, Twist};
use page::{Look, Page};
use probe::Outcome;
use stage::Stage;

/// Exits 0 when every case ended as announced.
pub(crate) fn run(args: &DemoArgs) -> anyhow::Result<ExitCode> {
    let stage = Stage::open().map_err(Error::System)?;
    let is_terminal = io::stdout().is_terminal();
    let look = Look {
        json: args.json,
        width: if is_terminal { width() } else { WIDTH },
        palette: Palette::new(is_coloured(args.color, is_terminal)),
    };
    let wrong = match show(&stage, look) {
        Ok(wrong) => wrong,
        Err(error) => return Ok(written(Err(error)).into()),
    };
    for case in &wrong {
        say(format_args!("not as announced: {}: {}", case.end, case.peer));
    }
    Ok(if wrong.is_empty() { ACCEPTED } else { NOT_ACCEPTED }.into())
}

/// Writes every case that can be shown here, in order; which did not end as announced.
fn show(stage: &Stage, look: Look) -> io::Result<Vec<&'static Case>> {
    let cases = CASES.iter().filter_map(|case| Some((case, probe::words(case, stage)?)));
    let cases: Vec<(&Case, Vec<String>)> = cases.collect();
    let mut stdout = io::stdout().lock();
    let mut page = Page::new(look, &mut stdout);
    page.head(cases.len())?;
    thread::scope(|scope| {
        let mut outcomes: Vec<Box<dyn FnOnce() -> Outcome>> = Vec::new();
        for (number, (case, words)) in (1..).zip(&cases) {
            let probe = move || probe::run(number, case, words, stage, look);
            outcomes.push(match case.twist {
                // Those that wait for a limit of time do it side by side.
                Twist::Waits => {
                    let probing = scope.spawn(probe);
                    Box::new(|| probing.join().unwrap_or_else(|_| Outcome::none(words, "a panic")))
                }
                _ => Box::new(probe),
            });
        }
        for ((case, _), outcome) in cases.iter().zip(outcomes) {
            page.case(case, outcome())?;
        }
        page.foot(&not_shown(stage))
    })
}

/// Whether this machine has every place that the case names.
fn can_be_shown(case: &Case, stage: &Stage) -> bool {
    probe::words(case, stage).is_some()
}

/// The codes that no case shows, and why, in the order of the table.
fn not_shown(stage: &Stage) -> Vec<(Code, &'static str)> {
    let shown = |code: &Code| {
        CASES.iter().any(|case| case.end == End::Failed(*code) && can_be_shown(case, stage))
    };
    Code::ALL.into_iter().filter(|code| !shown(code)).map(|code| (code, why_not(code))).collect()
}

/// Why a code is not shown.
fn why_not(code: Code) -> &'static str {
    match code {
        _ if code.step() == Some(Step::Tls) => {
            "it takes a server with a certificate, and this program makes none"
        }
        Code::ConnectDenied => "no file permission keeps root out; run the demo as another user",
        Code::ConnectSilent | Code::LocalPorts => {
            "this system lets any number of connections wait in line"
        }
        Code::LocalMemory => "to use up the kernel's memory would hurt every program here",
        _ => UNKNOWN,
    }
}

/// What a test forbids.
const UNKNOWN: &str = "nobody has thought of a case";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_has_one_case_or_a_reason_not_to() {
        for code in Code::ALL {
            match CASES.iter().filter(|case| case.end == End::Failed(code)).count() {
                0 => assert_ne!(why_not(code), UNKNOWN, "{code}"),
                cases => assert_eq!(cases, 1, "{code}"),
            }
        }
    }

    #[test]
    fn what_cannot_be_shown_here_has_a_reason() {
        let stage = Stage::open().unwrap();
        for (code, reason) in not_shown(&stage) {
            assert_ne!(reason, UNKNOWN, "{code}");
        }
        for case in CASES.iter().filter(|case| !can_be_shown(case, &stage)) {
            assert!(matches!(case.end, End::Failed(_)), "{}", case.typed);
        }
    }
}
