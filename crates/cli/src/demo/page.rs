//! The page: each case as it comes, and a table at the end.

use std::io::{self, Write};
use std::time::Duration;

use fourstep::Code;
use fourstep::output::Palette;
use fourstep::terms::Step;

use super::cases::{Case, End};
use super::probe::Outcome;

/// How the page looks.
#[derive(Clone, Copy, Debug)]
pub(super) struct Look {
    /// A record a case, and nothing else.
    pub(super) json: bool,
    /// Columns of a line.
    pub(super) width: usize,
    /// The colours.
    pub(super) palette: Palette,
}

/// Where the page is written, and what its table needs to remember.
pub(super) struct Page<'a> {
    look: Look,
    out: &'a mut dyn Write,
    part: Option<Part>,
    rows: Vec<Row>,
}

/// A line of the table.
struct Row {
    case: &'static Case,
    got: Option<End>,
    exit: u8,
    took: Option<Duration>,
}

impl Row {
    fn is_as_announced(&self) -> bool {
        self.got == Some(self.case.end)
    }
}

/// A part of the page: a step of the cycle, what comes of all steps, or this machine's own lacks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    Answered,
    Step(Step),
    Local,
}

impl<'a> Page<'a> {
    pub(super) fn new(look: Look, out: &'a mut dyn Write) -> Page<'a> {
        Page { look, out, part: None, rows: Vec::new() }
    }

    pub(super) fn head(&mut self, cases: usize) -> io::Result<()> {
        if self.look.json {
            return Ok(());
        }
        let strong = self.look.palette.strong;
        writeln!(
            self.out,
            "{strong}{cases} probes: one for each way that a probe can end{strong:#}\n\n\
             The servers are this program's own, on loopback; no network is needed. Of each case:\n\
             its code and what the peer does; the command; what the command says, without the\n\
             details; and its exit code."
        )
    }

    /// Writes a case and what came of it.
    pub(super) fn case(&mut self, case: &'static Case, outcome: Outcome) -> io::Result<()> {
        let Outcome { typed, got, exit, took, said } = outcome;
        let row = Row { case, got, exit, took };
        let is_as_announced = row.is_as_announced();
        self.rows.push(row);
        if self.look.json {
            self.out.write_all(said.as_bytes())?;
            return self.out.flush();
        }
        let part = Part::of(case.end);
        if self.part.replace(part) != Some(part) {
            self.rule(part.title())?;
        }
        let Palette { strong, faint, good, bad, .. } = self.look.palette;
        writeln!(self.out, "\n{strong}{}{strong:#}: {}", case.end, case.peer)?;
        writeln!(self.out, "{faint}${faint:#} {typed}")?;
        // Without blank lines, so that a case reads as one; and all of it behind its command.
        for line in said.lines().filter(|line| !line.is_empty()) {
            let indent = if line.starts_with(' ') { "" } else { "  " };
            writeln!(self.out, "{indent}{line}")?;
        }
        match (is_as_announced, got) {
            (true, _) => writeln!(self.out, "  {good}= {}, exit {exit}{good:#}", case.end)?,
            (false, Some(got)) => {
                writeln!(self.out, "  {bad}= {got}, exit {exit}: not as announced{bad:#}")?;
            }
            (false, None) => writeln!(self.out, "  {bad}= no probe: not as announced{bad:#}")?,
        }
        self.out.flush()
    }

    /// Writes the table and what was not shown; gives the cases that did not end as announced.
    pub(super) fn foot(
        mut self,
        not_shown: &[(Code, &'static str)],
    ) -> io::Result<Vec<&'static Case>> {
        let wrong = self.rows.iter().filter(|row| !row.is_as_announced());
        let wrong: Vec<_> = wrong.map(|row| row.case).collect();
        if self.look.json {
            return Ok(wrong);
        }
        self.table()?;
        self.absent(not_shown)?;
        let Palette { good, bad, .. } = self.look.palette;
        let count = self.rows.len();
        match wrong.len() {
            0 => writeln!(self.out, "\n{good}{count} cases, all as announced{good:#}")?,
            n => writeln!(self.out, "\n{bad}{count} cases, {n} not as announced{bad:#}")?,
        }
        self.out.flush()?;
        Ok(wrong)
    }

    fn table(&mut self) -> io::Result<()> {
        self.rule("in short")?;
        writeln!(self.out, "\n  {:<29}{:<29}{:>4}{:>14}", "announced", "got", "exit", "time")?;
        for row in &self.rows {
            let style = match row.is_as_announced() {
                true => Palette::PLAIN.bad,
                false => self.look.palette.bad,
            };
            let announced = row.case.end.to_string();
            let got = row.got.map_or_else(|| "no probe".to_owned(), |got| got.to_string());
            let (exit, took) = (row.exit, milliseconds(row.took));
            writeln!(self.out, "  {announced:<29}{style}{got:<29}{style:#}{exit:>4}{took:>14}")?;
        }
        Ok(())
    }

    /// The codes that no case shows, those with the same reason together.
    fn absent(&mut self, not_shown: &[(Code, &'static str)]) -> io::Result<()> {
        writeln!(self.out, "\nNot shown:")?;
        for same in not_shown.chunk_by(|(_, one), (_, other)| one == other) {
            let codes: Vec<&str> = same.iter().map(|(code, _)| code.as_str()).collect();
            let reason = same.first().map_or("", |(_, reason)| reason);
            let mut line = " ".to_owned();
            for word in format!("{}: {reason}", codes.join(", ")).split(' ') {
                if line.len() + word.len() >= self.look.width {
                    writeln!(self.out, "{line}")?;
                    line = "     ".to_owned();
                }
                line = line + " " + word;
            }
            writeln!(self.out, "{line}")?;
        }
        Ok(())
    }

    /// A line across the page.
    fn rule(&mut self, title: &str) -> io::Result<()> {
        let strong = self.look.palette.strong;
        let rest = "-".repeat(self.look.width.saturating_sub(title.len() + 4));
        writeln!(self.out, "\n{strong}-- {title} {rest}{strong:#}")
    }
}

impl Part {
    fn of(end: End) -> Part {
        match end {
            End::Answered(_) => Part::Answered,
            End::Failed(code) => code.step().map_or(Part::Local, Part::Step),
        }
    }

    fn title(self) -> &'static str {
        match self {
            Part::Answered => "answered: the whole way, to a status code",
            Part::Step(Step::Target) => "target: the URL is read",
            Part::Step(Step::Resolve) => "1 resolve: the name becomes addresses",
            Part::Step(Step::Connect) => "2 connect: an address becomes a socket",
            Part::Step(Step::Tls) => "tls: the handshake on that socket",
            Part::Step(Step::Request) => "3 request: octets out",
            Part::Step(Step::Response) => "4 response: octets in, a status code out",
            Part::Local => "local: what this machine lacked says nothing of the peer",
        }
    }
}

/// Milliseconds to the microsecond.
fn milliseconds(took: Option<Duration>) -> String {
    match took.map(|took| took.as_micros()) {
        Some(us) => format!("{}.{:03} ms", us / 1000, us % 1000),
        None => "-".to_owned(),
    }
}
