//! Records read back: which targets of a list have theirs, and where the next one goes.

use std::fmt;
use std::mem;

use crate::lines::walk::member;
use crate::lines::{Lines, Shape, csv};

/// A line longer than this is no record: the head that it has room for is 256 KiB by default.
const LINE_OCTETS: usize = 64 << 20;

/// Reads the lines of a scan that was cut, block by block, and holds no more than one of them.
///
/// ```
/// use fourstep_output::{Journal, Lines};
///
/// let lines = Lines::json(Some("target,seq".parse()?));
/// let mut journal = Journal::new(&lines, false)?;
/// let mut done = Vec::new();
/// for block in [&b"{\"target\":\"a\",\"seq\":2}\n{\"target\":\"b\",\"se"[..], b"q\":1}\n{\"tar"] {
///     journal.feed(block, |kept| done.push((kept.seq, kept.target())))?;
/// }
/// let end = journal.end(|kept| done.push((kept.seq, kept.target())));
/// assert_eq!(done, [(2, Some("a".to_owned())), (1, Some("b".to_owned()))]);
/// assert_eq!((end.kept_octets, end.cut_octets), (46, 5));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// All records of one target stand together: it is handed over when those of another begin, or
/// the end shows that there are no more of it.
#[derive(Clone, Debug)]
pub struct Journal {
    shape: Shape,
    follows: bool,
    /// What stands above the records.
    head: Vec<u8>,
    /// The begin of a line whose end is still to come.
    begun: Vec<u8>,
    lines: u64,
    /// Octets of whole lines.
    octets: u64,
    /// The target whose records were read last.
    open: Option<Open>,
}

#[derive(Clone, Debug, Default)]
struct Open {
    seq: u64,
    target: Option<Vec<u8>>,
    /// Octets before its first record.
    start: u64,
    /// Its last record, when redirects are followed.
    last: Vec<u8>,
}

/// A target that has its records.
#[derive(Clone, Copy, Debug)]
pub struct Kept<'a> {
    /// Its place in the list.
    pub seq: u64,
    shape: &'a Shape,
    target: Option<&'a [u8]>,
}

impl Kept<'_> {
    /// The target as records show it; `None` when that is not among the fields.
    pub fn target(&self) -> Option<String> {
        match self.shape {
            Shape::Table(_) => csv::text(self.target?),
            Shape::Whole | Shape::Chosen(_) => serde_json::from_slice(self.target?).ok(),
        }
    }
}

/// What of the octets is worth keeping.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct JournalEnd {
    /// Whole lines: the next record goes behind them.
    pub kept_octets: u64,
    /// What stands behind: a line that was cut, and redirects of a target whose last is not there.
    pub cut_octets: u64,
}

impl Journal {
    /// A reader of what `lines` wrote. `follows`: redirects may have been followed, so that a
    /// target may have several records, and the last target not all of them.
    ///
    /// # Errors
    /// `seq` is not among the fields, so nothing tells which targets have their records.
    pub fn new(lines: &Lines, follows: bool) -> Result<Journal, JournalError> {
        if let Shape::Chosen(fields) | Shape::Table(fields) = &lines.shape
            && !fields.has("seq")
        {
            return Err(JournalError::NoSeq);
        }
        let mut head = Vec::new();
        lines.head(&mut head);
        Ok(Journal {
            shape: lines.shape.clone(),
            follows,
            head,
            begun: Vec::new(),
            lines: 0,
            octets: 0,
            open: None,
        })
    }

    /// Takes the next octets, and hands over each target whose records are whole.
    ///
    /// # Errors
    /// A line is no record of this shape: it was not written by such a scan.
    pub fn feed(
        &mut self,
        mut octets: &[u8],
        mut each: impl FnMut(Kept<'_>),
    ) -> Result<(), JournalError> {
        while let Some(end) = octets.iter().position(|octet| *octet == b'\n') {
            let (line, rest) = octets.split_at_checked(end + 1).unwrap_or((octets, b""));
            octets = rest;
            if self.begun.is_empty() {
                self.line(line, &mut each)?;
            } else {
                let mut whole = mem::take(&mut self.begun);
                whole.extend_from_slice(line);
                self.line(&whole, &mut each)?;
                whole.clear();
                self.begun = whole;
            }
        }
        self.begun.extend_from_slice(octets);
        match self.begun.len() <= LINE_OCTETS && self.may_begin(&self.begun) {
            true => Ok(()),
            // A table begins with its header.
            false if matches!(self.shape, Shape::Table(_)) && self.lines == 0 => {
                Err(JournalError::OtherFields)
            }
            false => Err(JournalError::NoRecord { line: self.lines + 1 }),
        }
    }

    /// Nothing comes any more: hands over the last target, if its records are whole.
    pub fn end(mut self, mut each: impl FnMut(Kept<'_>)) -> JournalEnd {
        let cut = u64::try_from(self.begun.len()).unwrap_or(u64::MAX);
        let Some(open) = self.open.take() else {
            return JournalEnd { kept_octets: self.octets, cut_octets: cut };
        };
        if self.follows && !self.is_last(&open.last) {
            let kept_octets = open.start;
            return JournalEnd { kept_octets, cut_octets: cut + (self.octets - kept_octets) };
        }
        each(open.kept(&self.shape));
        JournalEnd { kept_octets: self.octets, cut_octets: cut }
    }

    /// Takes a whole line, with its end.
    fn line(&mut self, line: &[u8], each: &mut impl FnMut(Kept<'_>)) -> Result<(), JournalError> {
        self.lines += 1;
        let start = self.octets;
        self.octets += u64::try_from(line.len()).unwrap_or(u64::MAX);
        if self.lines == 1 && !self.head.is_empty() {
            return match line == self.head {
                true => Ok(()),
                false => Err(JournalError::OtherFields),
            };
        }
        let seq = self.value(line, "seq").filter(|_| self.may_begin(line));
        let seq = seq.and_then(|seq| str::from_utf8(&seq).ok()?.parse().ok());
        let seq: u64 = seq.ok_or(JournalError::NoRecord { line: self.lines })?;
        if self.lines == 1 && !self.has_our_fields(line) {
            return Err(JournalError::OtherFields);
        }
        if self.open.as_ref().is_none_or(|open| open.seq != seq) {
            let target = self.value(line, "target");
            let next = Open { seq, target, start, last: Vec::new() };
            if let Some(open) = self.open.replace(next) {
                each(open.kept(&self.shape));
            }
        }
        if let Some(open) = self.open.as_mut().filter(|_| self.follows) {
            open.last.clear();
            open.last.extend_from_slice(line);
        }
        Ok(())
    }

    /// Whether a line may begin so.
    fn may_begin(&self, line: &[u8]) -> bool {
        let begin: &[u8] = match &self.shape {
            Shape::Table(_) if self.octets == 0 => &self.head,
            Shape::Table(_) => return true,
            Shape::Whole | Shape::Chosen(_) => b"{\"",
        };
        line.iter().zip(begin).all(|(have, want)| have == want)
    }

    /// Whether a record is the last of its target for sure: no redirect, or one that was not to be
    /// followed further.
    fn is_last(&self, line: &[u8]) -> bool {
        let is_there = |name| self.value(line, name).map(|value| !matches!(&*value, b"" | b"null"));
        let Some(status) = self.value(line, "response.status") else { return false };
        let redirects = matches!(&*status, [b'3', _, _]);
        !redirects || is_there("failure").or_else(|| is_there("failure.code")) == Some(true)
    }

    /// Whether a record has the fields that are written now, and no others.
    fn has_our_fields(&self, line: &[u8]) -> bool {
        let line = line.strip_suffix(b"\n").unwrap_or(line);
        let has = |name| member(line, name).is_some();
        match &self.shape {
            // The header has told.
            Shape::Table(_) => true,
            Shape::Whole => ["at", "outcome", "timing_us", "response"].into_iter().all(has),
            Shape::Chosen(fields) => {
                let mut same = Vec::new();
                fields.tree.project(line, &mut same);
                let mut names = fields.names().map(|name| name.split('.').next().unwrap_or(name));
                same == line && names.all(has)
            }
        }
    }

    /// The value with this name: JSON, or a cell. `None` when it is not among the fields.
    fn value(&self, line: &[u8], name: &str) -> Option<Vec<u8>> {
        if let Shape::Table(fields) = &self.shape {
            return csv::cell(line, fields.names().position(|own| own == name)?);
        }
        // Behind null there is null.
        let step = |value, name| if value == b"null" { Some(value) } else { member(value, name) };
        let record = line.strip_suffix(b"\n").filter(|line| line.ends_with(b"}"))?;
        name.split('.').try_fold(record, step).map(<[u8]>::to_vec)
    }
}

impl Open {
    fn kept<'a>(&'a self, shape: &'a Shape) -> Kept<'a> {
        Kept { seq: self.seq, shape, target: self.target.as_deref() }
    }
}

/// Why a scan cannot go on behind these octets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum JournalError {
    /// `seq` is not among the fields, so nothing tells which targets have their records.
    NoSeq,
    /// The records there have other fields than the ones to come.
    OtherFields,
    /// A line, counted from 1, that is no record of a list.
    NoRecord {
        /// Which.
        line: u64,
    },
}

impl fmt::Display for JournalError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            JournalError::NoSeq => {
                f.write_str("without `seq` among the fields nothing tells which targets are done")
            }
            JournalError::OtherFields => f.write_str("its records have other fields"),
            JournalError::NoRecord { line } => write!(f, "line {line} is no record of a scan"),
        }
    }
}

impl std::error::Error for JournalError {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::drive::{Drive, began};
    use crate::{Record, golden};
    use fourstep_probe::{Plan, Report};

    type Targets = Vec<(u64, Option<String>)>;
    type Written<'a> = &'a [(u64, &'a Report)];

    /// What a scan wrote: a record for each, with its place.
    fn written(mut lines: Lines, records: Written<'_>) -> (Lines, Vec<u8>) {
        let mut out = Vec::new();
        lines.head(&mut out);
        for (seq, report) in records {
            lines.write(&Record::of(report, began(), Some(*seq)), &mut out);
        }
        (lines, out)
    }

    /// Reads it back in blocks of so many octets.
    fn read(
        lines: &Lines,
        follows: bool,
        octets: &[u8],
        block: usize,
    ) -> Result<(Targets, JournalEnd), JournalError> {
        let mut journal = Journal::new(lines, follows)?;
        let mut kept = Vec::new();
        for block in octets.chunks(block) {
            journal.feed(block, |one| kept.push((one.seq, one.target())))?;
        }
        let end = journal.end(|one| kept.push((one.seq, one.target())));
        Ok((kept, end))
    }

    fn shapes() -> Vec<Lines> {
        let some = || Some("response.status,target,seq,failure.code".parse().unwrap());
        vec![Lines::json(None), Lines::json(some()), Lines::csv(None), Lines::csv(some())]
    }

    #[test]
    fn cut_anywhere_every_whole_line_counts_and_no_other() {
        let cases = golden::cases();
        let reports = || cases.iter().map(|case| &case.report);
        let records: Vec<_> = [7, 1, 900].into_iter().zip(reports()).collect();
        for lines in shapes() {
            let (lines, octets) = written(lines, &records);
            let heads = usize::from(!octets.starts_with(b"{"));
            for cut in 0..=octets.len() {
                let (have, _) = octets.split_at(cut);
                let whole = have.iter().rposition(|octet| *octet == b'\n').map_or(0, |at| at + 1);
                let count = have.iter().filter(|octet| **octet == b'\n').count();
                let want: Vec<_> = records
                    .iter()
                    .take(count.saturating_sub(heads))
                    .map(|(seq, report)| (*seq, Some(report.target.shown().to_owned())))
                    .collect();
                let (kept, end) = read(&lines, false, have, 1 + cut % 97).unwrap();
                assert_eq!(kept, want, "{cut}");
                let counted = (end.kept_octets, end.cut_octets);
                assert_eq!(counted, (whole as u64, (cut - whole) as u64), "{cut}");
            }
        }
    }

    fn answered(octets: &[u8], plan: Plan) -> Report {
        let mut drive = Drive::start("http://192.0.2.1/", plan);
        drive.connected(1, 0, "192.0.2.9:1").sent(2, 0).received(3, 0, octets);
        drive.report().0
    }

    #[test]
    fn a_chain_that_may_go_on_is_cut_off() {
        let follow = |follow| Plan { follow, ..Plan::default() };
        let see_other =
            |place| format!("HTTP/1.1 303 X\r\nLocation: {place}\r\nContent-Length: 0\r\n\r\n");
        let next = &answered(see_other("/next").as_bytes(), follow(2));
        let loops = &answered(see_other("/").as_bytes(), follow(2));
        let last = &answered(b"HTTP/1.1 204 X\r\n\r\n", follow(2));
        let cases = golden::cases();
        let refused = cases.iter().find(|case| case.name == "connect-refused").unwrap();
        let rows: [(Written<'_>, &[u64], usize); 7] = [
            // records, targets kept, records cut off
            (&[(4, next), (4, last), (2, last)], &[4, 2], 0),
            (&[(4, next), (4, last), (2, next)], &[4], 1),
            (&[(4, last), (2, next), (2, next)], &[4], 2),
            (&[(2, next)], &[], 1),
            (&[(4, last), (2, next), (2, last)], &[4, 2], 0),
            (&[(4, last), (2, next), (2, loops)], &[4, 2], 0),
            (&[(4, last), (2, next), (2, &refused.report)], &[4, 2], 0),
        ];
        for lines in shapes() {
            for (records, want, cut) in rows {
                let (lines, octets) = written(lines.clone(), records);
                let (kept, end) = read(&lines, true, &octets, 4096).unwrap();
                let seqs: Vec<_> = kept.iter().map(|(seq, _)| *seq).collect();
                assert_eq!((&*seqs, end.cut_octets > 0), (want, cut > 0), "{records:?}");
                let whole = written(lines, &records[..records.len() - cut]).1.len();
                assert_eq!(end.kept_octets, whole as u64);
            }
            // Nobody said that redirects are followed: each is an answer.
            let (lines, octets) = written(lines, &[(2, next)]);
            assert_eq!(read(&lines, false, &octets, 9).unwrap().1.cut_octets, 0);
        }
        // Where the status is not among the fields, nothing tells that the last is the last.
        let (lines, octets) =
            written(Lines::json(Some("seq".parse().unwrap())), &[(4, last), (2, last)]);
        assert_eq!(read(&lines, true, &octets, 9).unwrap().0, [(4, None)]);
    }

    #[test]
    fn what_is_no_scan_is_not_gone_on_with() {
        use JournalError::{NoRecord, OtherFields};
        let json = || Lines::json(None);
        let some = |names: &str| Some(names.parse().unwrap());
        let report = &golden::cases().pop().unwrap().report;
        let (_, whole) = written(json(), &[(1, report)]);
        let (_, table) = written(Lines::csv(None), &[(1, report)]);
        let rows: [(Lines, &[u8], JournalError); 10] = [
            (json(), b"export PATH=/bin\n", NoRecord { line: 1 }),
            (json(), b"no line feed", NoRecord { line: 1 }),
            (json(), b"{\"a\":1}\n", NoRecord { line: 1 }),
            (json(), b"{\"seq\":null}\n", NoRecord { line: 1 }),
            (json(), b"{\"seq\":1}\n", OtherFields),
            (json(), &[&whole[..], b"\n"].concat(), NoRecord { line: 2 }),
            (json(), &[&whole[..], &[0; 9]].concat(), NoRecord { line: 2 }),
            (Lines::json(some("seq,target")), &whole, OtherFields),
            (Lines::csv(some("seq,target")), &table, OtherFields),
            (Lines::csv(None), b"seq;target", OtherFields),
        ];
        for (lines, octets, want) in rows {
            let got = read(&lines, false, octets, 5);
            assert_eq!(got, Err(want), "{}", octets.escape_ascii());
        }
        let lines = Lines::json(some("target"));
        assert_eq!(Journal::new(&lines, false).err(), Some(JournalError::NoSeq));
    }
}
