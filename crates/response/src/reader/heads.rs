//! Heads: read in one pass where they come whole, gathered and walked where not.

use super::keep::{Gathered, SHOWN, malformed, refused_at};
use super::{OVER, Read, Reader, Start, State};
use crate::chunked::Chunks;
use crate::error::{Part, ResponseError};
use crate::event::{Asked, Event, Limits};
use crate::fields;
use crate::framing::Framing;
use crate::head::Head;
use crate::oddities::octets as count;
use crate::parse;
use crate::rules::{self, Misfit};
use crate::status_line::{self, TELLING};

impl Reader {
    #[inline(never)]
    pub(super) fn read_head<'a>(&'a mut self, octets: &'a [u8], start: Start) -> Read<'a> {
        if self.kept().is_empty() && !start.skipped {
            let room = octets.get(..self.limits.head_bytes).unwrap_or(octets);
            let Limits { fields, .. } = self.limits;
            let mut head = None;
            let seen = parse::strict(room, self.asked, fields, &mut Vec::new(), &mut head);
            if let Some(head) = head {
                return self.take_head(head, seen);
            }
        }
        self.gather_head(octets, start)
    }

    /// A reader for what follows a head that [`begin`](crate::begin()) has found, with the framing
    /// that it told.
    pub fn behind(asked: Asked, limits: Limits, head: &Head, framing: Framing) -> Reader {
        let mut reader = Reader::new(asked, limits);
        reader.taken = count(head.octets().len());
        reader.state = reader.body_state(framing, head.status());
        reader
    }

    /// Takes a head that came whole.
    fn take_head<'a>(&mut self, head: Head, seen: Option<Framing>) -> Read<'a> {
        let (begin, end) = (self.taken, head.octets().len());
        self.taken = self.taken.saturating_add(count(end));
        match seen {
            Some(framing) if head.status() >= 200 => {
                self.state = self.body_state(framing, head.status());
                Ok((end, Event::Final(head, Some(framing))))
            }
            _ => self.leave_strict(head, begin, end),
        }
    }

    /// The same where it does not tell at a glance what comes after it.
    #[inline(never)]
    fn leave_strict<'a>(&mut self, head: Head, begin: u64, taken: usize) -> Read<'a> {
        let framing = parse::framing(self.asked, &head, |misfit| self.note(misfit, begin));
        self.leave_head(head, framing, begin, taken)
    }

    /// Reads a head that does not come whole, or not as it should be.
    #[inline(never)]
    fn gather_head<'a>(&'a mut self, octets: &'a [u8], mut start: Start) -> Read<'a> {
        let begin = self.taken.saturating_sub(count(self.kept().len()));
        self.check_beginning(octets, begin, start)?;
        let end = match self.gather(octets) {
            Gathered::Whole(end) => end,
            gathered => {
                // The first line is looked at as soon as it is whole: a peer that speaks
                // something else need not send an empty line, ever.
                if self.section.lined && !start.checked {
                    self.check_first_line(begin)?;
                    start.checked = true;
                }
                self.state = State::Head(start);
                self.or_full(&gathered, Part::Head)?;
                return Ok((octets.len(), Event::More));
            }
        };
        if let b"\r\n" | b"\n" = self.whole(octets, end) {
            self.note(rules::EMPTY_LINE.at(0), begin);
            self.forget();
            let rest = octets.get(end..).unwrap_or_default();
            let start = Start { skipped: true, checked: false };
            self.state = State::Head(start);
            let (taken, event) = self.gather_head(rest, start)?;
            return Ok((end + taken, event));
        }

        let mut odd = Vec::new();
        let whole = self.whole(octets, end);
        let parsed =
            parse::lenient(whole, self.asked, self.limits.fields, |misfit| odd.push(misfit));
        let parsed = parsed.map_err(|refused| self.refusal(refused, begin, whole));
        odd.into_iter().for_each(|misfit| self.note(misfit, begin));
        let (head, framing) = parsed.map_err(|error| self.fail_early(error))?;
        self.leave_head(head, framing, begin, end)
    }

    /// Goes on to what comes after a head that began there. A fault of its framing is kept for the
    /// next call.
    fn leave_head<'a>(
        &mut self,
        head: Head,
        framing: Result<Framing, Misfit>,
        begin: u64,
        taken: usize,
    ) -> Read<'a> {
        if let 100 | 102..=199 = head.status() {
            self.interims = self.interims.saturating_add(1);
            if self.interims > self.limits.interim {
                return Err(self.too_large(Part::Interim, self.limits.interim.into()));
            }
            self.state = State::Head(Start::default());
            return Ok((taken, Event::Interim(head)));
        }
        match framing {
            Ok(framing) => self.state = self.body_state(framing, head.status()),
            Err(misfit) => _ = self.fail(malformed(misfit, begin, head.octets())),
        }
        Ok((taken, Event::Final(head, framing.ok())))
    }

    /// What comes after the final head.
    #[inline]
    fn body_state(&mut self, framing: Framing, status: u16) -> State {
        match framing {
            Framing::Absent => {
                let tunnel = status == 101 || self.asked == Asked::Connect && status / 100 == 2;
                State::Ended { said: false, tunnel }
            }
            Framing::Length(0) => State::Ended { said: false, tunnel: false },
            Framing::Length(n) if n > self.limits.body_bytes => {
                self.too_large(Part::Body, self.limits.body_bytes);
                OVER
            }
            Framing::Length(n) => State::Length(n),
            Framing::Chunked => State::Chunks(Chunks::new()),
            Framing::UntilClose => State::UntilClose,
        }
    }

    /// Refuses what does not begin as a status line, at its first wrong octet.
    fn check_beginning(
        &mut self,
        octets: &[u8],
        begin: u64,
        start: Start,
    ) -> Result<(), ResponseError> {
        if self.kept().len() >= TELLING {
            return Ok(());
        }
        let first: Vec<u8>;
        let first = if self.kept().is_empty() {
            octets.get(..TELLING).unwrap_or(octets)
        } else {
            first = self.kept().iter().chain(octets).copied().take(SHOWN).collect();
            &first
        };
        status_line::begins(first, !start.skipped).map_err(|misfit| {
            let found = if self.kept().is_empty() { octets } else { first };
            let offset = begin.saturating_add(count(misfit.at));
            self.fail(refused_at(misfit, offset, found))
        })
    }

    /// Refuses a first line that is no status line, before the head is whole.
    fn check_first_line(&mut self, begin: u64) -> Result<(), ResponseError> {
        let mut odd = Vec::new();
        let line = fields::split_line(self.kept()).map_or(&b""[..], |(line, _)| line);
        let read = status_line::read(line, |misfit| odd.push(misfit))
            .map_err(|misfit| malformed(misfit, begin, self.kept()));
        odd.into_iter().for_each(|misfit| self.note(misfit, begin));
        read.map(|_| ()).map_err(|error| self.fail_early(error))
    }
}
