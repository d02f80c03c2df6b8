//! The machine: octets in, events out.

mod keep;

use crate::chunked::{self, Chunks, LINE_LIMIT, Step};
use crate::error::{Part, ResponseError};
use crate::event::{Asked, Event, Limits, Progress, Stage};
use crate::fields::{self, Fields};
use crate::framing::Framing;
use crate::head::Head;
use crate::oddities::octets as count;
use crate::parse;
use crate::rules::{self, Misfit};
use crate::section::Section;
use crate::status_line::{self, TELLING};
use fourstep_terms::Oddity;
use keep::{Cold, Gathered, SHOWN, malformed, refused_at};
use std::mem;

/// Reads one response: interim heads, the final head, body, trailers.
///
/// After an error every call gives the same error.
pub struct Reader {
    limits: Limits,
    state: State,
    /// The octets taken: the offset of the next one.
    taken: u64,
    /// The octets of the body given so far.
    body: u64,
    cold: Option<Box<Cold>>,
    /// Of the head or trailers that are being read.
    section: Section,
    asked: Asked,
    interims: u8,
}

// A mass run holds one for each target in flight.
const _: () = assert!(size_of::<Reader>() <= 88);

/// What is expected next.
#[derive(Clone, Copy)]
enum State {
    Head(Start),
    /// So many octets of the body, at least one.
    Length(u64),
    Chunks(Chunks),
    Trailers,
    UntilClose,
    /// Nothing: what comes is no part of the response, but a tunnel's where there is one.
    /// `said`: that it is complete.
    Ended {
        said: bool,
        tunnel: bool,
    },
}

/// Nothing, and nothing to say.
const OVER: State = State::Ended { said: true, tunnel: false };

/// What the start of a head has been through.
#[derive(Clone, Copy, Default)]
struct Start {
    /// An empty line came before it.
    skipped: bool,
    /// Its first line came whole and is a status line.
    checked: bool,
}

type Read<'a> = Result<(usize, Event<'a>), ResponseError>;

impl Reader {
    /// A reader for the answer to one request.
    pub fn new(asked: Asked, mut limits: Limits) -> Reader {
        // An `OwnedHead` counts in 32 bits.
        limits.head_bytes = limits.head_bytes.min(usize::try_from(u32::MAX).unwrap_or(usize::MAX));
        Reader {
            limits,
            state: State::Head(Start::default()),
            taken: 0,
            body: 0,
            cold: None,
            section: Section::new(),
            asked,
            interims: 0,
        }
    }

    /// Reads up to one event; says how many of the octets it took. Call again with the rest until
    /// it says [`Event::More`], or [`Event::Complete`]: what follows that is no part of the
    /// response, and noted as an oddity unless it is a tunnel's.
    ///
    /// # Errors
    /// `Malformed` or `TooLarge`, now and from then on.
    pub fn read<'a>(&'a mut self, octets: &'a [u8]) -> Read<'a> {
        if self.cold.is_some() {
            self.check()?;
            self.forget();
        }
        match self.state {
            State::Head(start) => self.read_head(octets, start),
            State::Length(left) => Ok(self.read_length(octets, left)),
            State::Chunks(chunks) => self.read_chunks(octets, chunks),
            State::Trailers => self.read_trailers(octets, 0),
            State::UntilClose => self.read_until_close(octets),
            State::Ended { said, tunnel } => {
                self.state = State::Ended { said: true, tunnel };
                if !octets.is_empty() && !tunnel {
                    self.note(rules::EXCESS.at(0), self.taken);
                }
                Ok(if said {
                    (octets.len(), Event::More)
                } else {
                    (0, Event::Complete { trailers: Fields::default() })
                })
            }
        }
    }

    /// Says what the peer's close means (RFC 9112 §8): the end of the body, or a loss.
    ///
    /// # Errors
    /// `Empty` or `Cut`; or what [`Reader::read`] found before.
    pub fn end(&mut self) -> Result<Event<'static>, ResponseError> {
        self.check()?;
        let (part, missing) = match self.state {
            State::Ended { .. } | State::UntilClose => {
                self.state = OVER;
                return Ok(Event::Complete { trailers: Fields::default() });
            }
            State::Head(_) if self.taken == 0 => return Err(self.fail(ResponseError::Empty)),
            State::Head(_) => (Part::Head, None),
            State::Length(left) => (Part::Body, Some(left)),
            State::Chunks(_) => (Part::Body, None),
            State::Trailers => (Part::Trailers, None),
        };
        Err(self.fail(ResponseError::Cut { octets: self.taken, part, missing }))
    }

    /// What was read though a strict reader refuses it, each rule once.
    pub fn oddities(&self) -> &[Oddity] {
        self.cold.as_ref().map_or(&[], |cold| cold.oddities.as_slice())
    }

    /// Takes the oddities away.
    pub fn take_oddities(&mut self) -> Vec<Oddity> {
        self.cold.as_mut().map_or_else(Vec::new, |cold| mem::take(&mut cold.oddities).into_vec())
    }

    /// How far it has come.
    pub fn progress(&self) -> Progress {
        let stage = match self.state {
            State::Head(_) if self.taken == 0 => Stage::Nothing,
            State::Head(_) => Stage::Head,
            State::Length(_) | State::Chunks(_) | State::Trailers | State::UntilClose => {
                Stage::Body
            }
            State::Ended { .. } => Stage::Done,
        };
        Progress { octets: self.taken, stage }
    }

    /// The octets of the body so far: after dechunking, before any content decoding.
    pub const fn body_octets(&self) -> u64 {
        self.body
    }

    fn read_head<'a>(&'a mut self, octets: &'a [u8], mut start: Start) -> Read<'a> {
        let kept = self.kept().len();
        let begin = self.taken.saturating_sub(count(kept));
        if kept == 0 && !start.skipped {
            let room = octets.get(..self.limits.head_bytes).unwrap_or(octets);
            if let Some((head, glance)) = parse::strict(room, self.limits.fields) {
                let end = head.octets().len();
                self.taken = self.taken.saturating_add(count(end));
                let (asked, note) = (self.asked, |misfit| self.note(misfit, begin));
                let framing = parse::framing(glance, asked, &head, note);
                return self.leave_head(head, framing, begin).map(|event| (end, event));
            }
        }
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
            let (taken, event) = self.read_head(rest, start)?;
            return Ok((end + taken, event));
        }

        let mut odd = Vec::new();
        let whole = self.whole(octets, end);
        let parsed = parse::read(whole, self.asked, self.limits.fields, |misfit| odd.push(misfit));
        let parsed = parsed.map_err(|refused| self.refusal(refused, begin, whole));
        odd.into_iter().for_each(|misfit| self.note(misfit, begin));
        let (head, framing) = parsed.map_err(|error| self.fail_early(error))?;
        self.leave_head(head, framing, begin).map(|event| (end, event))
    }

    /// Goes on to what comes after a head that began there. A fault of its framing is kept for the
    /// next call.
    fn leave_head<'a>(
        &mut self,
        head: Head,
        framing: Result<Framing, Misfit>,
        begin: u64,
    ) -> Result<Event<'a>, ResponseError> {
        if let 100 | 102..=199 = head.status() {
            self.interims = self.interims.saturating_add(1);
            if self.interims > self.limits.interim {
                return Err(self.too_large(Part::Interim, self.limits.interim.into()));
            }
            self.state = State::Head(Start::default());
            return Ok(Event::Interim(head));
        }
        match framing {
            Ok(framing) => self.state = self.body_state(framing, head.status()),
            Err(misfit) => _ = self.fail(malformed(misfit, begin, head.octets())),
        }
        Ok(Event::Final(head, framing.ok()))
    }

    /// What comes after the final head.
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

    fn read_length<'a>(&mut self, octets: &'a [u8], left: u64) -> (usize, Event<'a>) {
        let here = at_most(octets, left);
        let left = left.saturating_sub(count(here.len()));
        self.state = match left {
            0 => State::Ended { said: false, tunnel: false },
            _ => State::Length(left),
        };
        self.give(here)
    }

    fn read_until_close<'a>(&mut self, octets: &'a [u8]) -> Read<'a> {
        let here = at_most(octets, self.limits.body_bytes.saturating_sub(self.body));
        if here.is_empty() && !octets.is_empty() {
            return Err(self.too_large(Part::Body, self.limits.body_bytes));
        }
        Ok(self.give(here))
    }

    fn read_chunks<'a>(&'a mut self, octets: &'a [u8], mut chunks: Chunks) -> Read<'a> {
        let mut at = 0;
        loop {
            let rest = octets.get(at..).unwrap_or_default();
            let mut odd = Vec::new();
            let step = chunks.read(rest, |misfit| odd.push(misfit));
            odd.into_iter().for_each(|misfit| self.note(misfit, self.taken));
            let (taken, step) = step.map_err(|refused| match refused {
                chunked::Refused::Misfit(misfit) => self.fail(malformed(misfit, self.taken, rest)),
                chunked::Refused::LongLine => self.too_large(Part::ChunkLine, LINE_LIMIT.into()),
            })?;
            at += taken;
            self.state = State::Chunks(chunks);
            match step {
                Step::Data(octets) => {
                    let (_, event) = self.give(rest.get(..octets).unwrap_or_default());
                    return Ok((at, event));
                }
                Step::Chunk(size) => {
                    self.taken += count(taken);
                    if self.body.saturating_add(size) > self.limits.body_bytes {
                        return Err(self.too_large(Part::Body, self.limits.body_bytes));
                    }
                }
                Step::Last => {
                    self.taken += count(taken);
                    self.state = State::Trailers;
                    return self.read_trailers(octets, at);
                }
                Step::More => {
                    self.taken += count(taken);
                    return Ok((at, Event::More));
                }
            }
        }
    }

    /// Reads trailers that begin, or go on, `at` so many octets.
    fn read_trailers<'a>(&'a mut self, octets: &'a [u8], at: usize) -> Read<'a> {
        let rest = octets.get(at..).unwrap_or_default();
        let begin = self.taken.saturating_sub(count(self.kept().len()));
        let end = match self.gather(rest) {
            Gathered::Whole(end) => end,
            gathered => {
                self.or_full(&gathered, Part::Trailers)?;
                return Ok((octets.len(), Event::More));
            }
        };
        let mut odd = Vec::new();
        let whole = self.whole(rest, end);
        let folded = fields::check(whole, self.limits.fields, |misfit| odd.push(misfit))
            .map_err(|refused| self.refusal(refused, begin, whole));
        let unfolded = matches!(folded, Ok(true)).then(|| fields::unfold(whole));
        odd.into_iter().for_each(|misfit| self.note(misfit, begin));
        folded.map_err(|error| self.fail(error))?;
        if let Some(unfolded) = unfolded {
            self.cold().unfolded = unfolded;
        }
        self.state = OVER;
        if rest.len() > end {
            self.note(rules::EXCESS.at(0), self.taken);
        }
        let section = match self.unfolded() {
            [] => self.whole(rest, end),
            unfolded => unfolded,
        };
        Ok((at + end, Event::Complete { trailers: Fields::of(section) }))
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

    /// Takes a piece of the body.
    fn give<'a>(&mut self, octets: &'a [u8]) -> (usize, Event<'a>) {
        self.taken = self.taken.saturating_add(count(octets.len()));
        self.body = self.body.saturating_add(count(octets.len()));
        (octets.len(), if octets.is_empty() { Event::More } else { Event::Body(octets) })
    }
}

/// The first octets, no more than so many.
fn at_most(octets: &[u8], most: u64) -> &[u8] {
    usize::try_from(most).ok().and_then(|most| octets.get(..most)).unwrap_or(octets)
}
