//! The machine: octets in, events out.

mod heads;
mod keep;

use crate::chunked::{self, Chunks, LINE_LIMIT, Step};
use crate::error::{Part, ResponseError};
use crate::event::{Asked, Event, Limits, Progress, Stage};
use crate::fields::{self, Fields};
use crate::oddities::octets as count;
use crate::rules;
use crate::section::Section;
use fourstep_terms::Oddity;
use keep::{Cold, Gathered, malformed};
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
        // A `Head` counts in 32 bits.
        limits.head_bytes = limits.head_octets();
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

    #[inline]
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

    #[inline(never)]
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
    #[inline(never)]
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
