//! How looks read: one line each.

use std::fmt::Write;
use std::time::Duration;

use fourstep::output::{Palette, Sentence};
use fourstep::verdict::{State, Verdict};

use super::rounds::Look;

/// The longest of the words for states.
const WIDEST: usize = "unavailable".len();

/// Columns that names are lined up in; a longer one shifts its line.
const NAME: usize = 48;

/// How lines are written.
#[derive(Clone, Debug)]
pub(super) struct Page {
    pub(super) palette: Palette,
    /// Whether every look has its line, and each that shows something new what it rests on.
    pub(super) verbose: bool,
    /// Whether there are any.
    pub(super) silent: bool,
    /// What targets are called; none where there is only one.
    pub(super) names: Vec<String>,
}

impl Page {
    /// Whether a look has a line.
    pub(super) fn has(&self, changed: bool) -> bool {
        !self.silent && (changed || self.verbose)
    }

    /// `unavailable  http://a.test/  connect.refused: Nothing listens at ...`, without its end.
    pub(super) fn line(&self, look: &Look<'_>) -> String {
        let mut line = self.state(look.verdict.state) + "  ";
        if let Some(name) = self.names.get(look.place) {
            let lengths = self.names.iter().map(|name| name.chars().count());
            let width = lengths.max().unwrap_or_default().min(NAME);
            // Writing to a String cannot fail.
            let _ = write!(line, "{name:width$}  ");
        }
        line.push_str(&says(look));
        line
    }

    /// A state in its colour, as wide as the widest.
    fn state(&self, state: State) -> String {
        let Palette { good, warn, bad, .. } = self.palette;
        let style = match state {
            State::Ok => good,
            State::Rejected | State::Unknown => warn,
            State::Unavailable | State::Unreachable | State::Untrusted | State::Broken => bad,
        };
        format!("{style}{:WIDEST$}{style:#}", state.as_str())
    }

    /// What a look that showed something new rests on, a line each.
    pub(super) fn evidence(&self, verdict: &Verdict<'_>, changed: bool) -> String {
        let mut lines = String::new();
        for evidence in verdict.evidence.iter().filter(|_| self.verbose && changed) {
            let (faint, sign) = (self.palette.faint, evidence.sign());
            let (value, says, reference) =
                (evidence.value(), evidence.says(), evidence.reference());
            let _ =
                writeln!(lines, "          {sign}: {value}: {says} {faint}({reference}){faint:#}");
        }
        lines
    }
}

/// What a look found, in words without a stop.
pub(super) fn says(look: &Look<'_>) -> String {
    let verdict = look.verdict;
    let told = match (verdict.status, verdict.failure) {
        (Some(_), _) if verdict.state != State::Ok => verdict.finding(),
        (_, Some(code)) => format!("{code}: {}", lower(&Sentence::of(look.record).to_string())),
        _ => Sentence::of(look.record).to_string(),
    };
    told.trim_end_matches('.').to_owned()
}

/// The first letter in lower case.
fn lower(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_lowercase().chain(letters).collect())
}

/// A while as people read it: `3.2 s`, `5m 02s`, `3h 00m`.
pub(super) fn span(time: Duration) -> String {
    let seconds = time.as_secs();
    match seconds {
        0..100 => format!("{:.1} s", time.as_secs_f64()),
        100..6_000 => format!("{}m {:02}s", seconds / 60, seconds % 60),
        6_000..360_000 => format!("{}h {:02}m", seconds / 3_600, seconds / 60 % 60),
        _ => format!("{}d {:02}h", seconds / 86_400, seconds / 3_600 % 24),
    }
}

/// What a server asks for: `it asks for 2m`.
pub(super) fn asks(pause: Duration) -> String {
    match pause.is_zero() {
        true => "it asks to come back at once".to_owned(),
        false => format!("it asks for {}", limit(pause)),
    }
}

/// A limit as people type it: `5 s`, `5m`, `1h`; [`span`] where it is none of these.
pub(super) fn limit(time: Duration) -> String {
    let seconds = time.as_secs();
    match (time.subsec_nanos(), seconds) {
        (0, 1..) if seconds.is_multiple_of(3_600) => format!("{}h", seconds / 3_600),
        (0, 1..) if seconds.is_multiple_of(60) => format!("{}m", seconds / 60),
        (0, 1..100) => format!("{seconds} s"),
        _ => span(time),
    }
}

/// Text cut to so many columns, so that a terminal does not break it.
pub(super) fn cut(text: &str, columns: usize) -> String {
    text.chars().take(columns.saturating_sub(1)).collect()
}

/// A part of a whole, rounded down: only what is all of it is 100 %.
pub(super) fn percent(part: f64) -> String {
    let text = format!("{:.3}", (part * 100_000.0).floor() / 1_000.0);
    format!("{} %", text.trim_end_matches('0').trim_end_matches('.'))
}

/// `1 look`, `2 looks`.
pub(super) fn count(n: u64, what: &str) -> String {
    format!("{n} {what}{}", if n == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_while_reads_well() {
        let rows = [
            (0, "0.0 s"),
            (3_240, "3.2 s"),
            (99_900, "99.9 s"),
            (302_000, "5m 02s"),
            (5_999_000, "99m 59s"),
            (10_800_000, "3h 00m"),
            (360_000_000, "4d 04h"),
        ];
        for (millis, want) in rows {
            assert_eq!(span(Duration::from_millis(millis)), want);
        }
        let rows = [
            (500, "0.5 s"),
            (5_000, "5 s"),
            (300_000, "5m"),
            (7_200_000, "2h"),
            (130_000, "2m 10s"),
        ];
        for (millis, want) in rows {
            assert_eq!(limit(Duration::from_millis(millis)), want);
        }
        let rows = [(1.0, "100 %"), (0.999_999_9, "99.999 %"), (0.987, "98.7 %"), (0.0, "0 %")];
        for (part, want) in rows {
            assert_eq!(percent(part), want);
        }
        assert_eq!((cut("abc", 3), cut("é", 9)), ("ab".into(), "é".into()));
    }
}
