//! The steps on one axis of time.

use std::fmt;
use std::time::Duration;

use fourstep_probe::{Failure, Mark, Report};
use fourstep_terms::Time;

use crate::palette::Palette;
use crate::when::Took;

/// What stands before a bar, and behind it: two spaces, the step, the time, the ends of the bar.
const FRAME: usize = 2 + 8 + 1 + 8 + 2 + 2;

/// A part of the time that a probe took.
struct Span {
    name: &'static str,
    /// Since the start.
    began: Duration,
    took: Duration,
    ended: bool,
}

/// Writes a line a step that was begun, each bar where its time lies within the whole; the bar of
/// a step that did not end, or ended without an address, has an `x` for its end.
pub(super) fn write(
    report: &Report,
    width: usize,
    palette: &Palette,
    f: &mut fmt::Formatter<'_>,
) -> fmt::Result {
    let columns = width.saturating_sub(FRAME).max(10);
    let total = report.timeline.timings().total.unwrap_or_default();
    for span in spans(report) {
        let style = if span.ended { palette.good } else { palette.bad };
        let (before, bar) = bar(&span, total, columns);
        let after = columns.saturating_sub(before + bar.len());
        let (name, took) = (span.name, Took(span.took));
        writeln!(f, "  {name:<8} {took:>8}  |{:before$}{style}{bar}{style:#}{:after$}|", "", "")?;
    }
    writeln!(f, "  {:<8} {:>8}", "total", Took(total))
}

/// How many columns stand before the bar, and the bar: at least one column, however short.
fn bar(span: &Span, total: Duration, columns: usize) -> (usize, String) {
    let column = |at: Duration| -> u128 {
        let columns = u128::try_from(columns).unwrap_or(u128::MAX);
        at.as_nanos().saturating_mul(columns) / total.as_nanos().max(1)
    };
    let place = |column: u128| usize::try_from(column).unwrap_or(columns).min(columns);
    let start = place(column(span.began)).min(columns.saturating_sub(1));
    let end = place(column(span.began + span.took)).max(start + 1);
    let length = end - start;
    match span.ended {
        true => (start, "=".repeat(length)),
        false => (start, format!("{}x", "=".repeat(length.saturating_sub(1)))),
    }
}

/// The steps that were begun, each as long as [`Timeline::timings`] says.
fn spans(report: &Report) -> impl Iterator<Item = Span> {
    let timeline = &report.timeline;
    let timings = timeline.timings();
    let no_address = matches!(report.failure.as_deref(), Some(Failure::Resolve(_)));
    let start = timeline.at(Mark::Started).unwrap_or(Time::START);
    // A response may come before the request is wholly sent; then nothing was waited for.
    let sent = if timeline.at(Mark::Sent).is_some() { Mark::Sent } else { Mark::FirstOctet };
    [
        ("resolve", timings.resolve, Mark::Asked, Mark::Answered),
        ("connect", timings.connect, Mark::Dialled, Mark::Connected),
        ("tls", timings.tls, Mark::Greeted, Mark::Secured),
        ("request", timings.request, Mark::Offered, Mark::Sent),
        ("wait", timings.wait, sent, Mark::FirstOctet),
        ("receive", timings.receive, Mark::FirstOctet, Mark::LastOctet),
    ]
    .into_iter()
    .filter_map(move |(name, took, from, to)| {
        let began = timeline.at(from)?.since(start);
        let ended = timeline.at(to).is_some() && !(no_address && to == Mark::Answered);
        Some(Span { name, began, took: took?, ended })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_lie_where_their_time_lies() {
        let rows = [
            // began, took, ended, of 100 ms on 10 columns
            (0, 100, true, (0, "==========")),
            (0, 0, true, (0, "=")),
            (50, 25, true, (5, "==")),
            (99, 1, true, (9, "=")),
            (100, 0, true, (9, "=")),
            (0, 100, false, (0, "=========x")),
            (40, 1, false, (4, "x")),
        ];
        for (began, took, ended, (before, want)) in rows {
            let ms = Duration::from_millis;
            let span = Span { name: "", began: ms(began), took: ms(took), ended };
            assert_eq!(bar(&span, ms(100), 10), (before, want.to_owned()), "{began} {took}");
        }
        let span = Span { name: "", began: Duration::ZERO, took: Duration::ZERO, ended: true };
        assert_eq!(bar(&span, Duration::ZERO, 10), (0, "=".to_owned()));
    }
}
