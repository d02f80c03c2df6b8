//! What a reader keeps beside its state: a section that a read cut, oddities, the error that
//! ended it. Most responses need none of it, so it lies behind one pointer.

use super::{OVER, Reader};
use crate::error::{Part, ResponseError};
use crate::fields::Refused;
use crate::oddities::{Oddities, octets as count};
use crate::rules::{self, Misfit};
use crate::section::Section;
use std::mem;

/// What most responses never need.
#[derive(Default)]
pub(super) struct Cold {
    /// The section that a read cut, so far; once whole, until the next call.
    pub(super) kept: Vec<u8>,
    kept_is_whole: bool,
    /// The last section that was folded, with its lines joined, until the next call.
    pub(super) unfolded: Vec<u8>,
    pub(super) oddities: Oddities,
    /// What ended the reading.
    pub(super) failed: Option<ResponseError>,
}

/// What a piece did for the section that is being read.
pub(super) enum Gathered {
    /// It is whole with so many octets of the piece: see `Reader::whole`.
    Whole(usize),
    /// It is not whole, and the piece is kept.
    Cut,
    /// It is not whole, and as large as it may be.
    Full,
}

impl Reader {
    /// Searches a piece for the end of the section that is being read, and takes it.
    pub(super) fn gather(&mut self, octets: &[u8]) -> Gathered {
        let room = self.limits.head_bytes.saturating_sub(self.kept().len());
        let piece = octets.get(..room).unwrap_or(octets);
        let found = self.section.search(piece);
        if let Some(at) = found.bare_lf {
            self.note(rules::BARE_LF.at(at), self.taken);
        }
        let here = piece.get(..found.end.unwrap_or(piece.len())).unwrap_or_default();
        self.taken = self.taken.saturating_add(count(here.len()));
        if !here.is_empty() && (found.end.is_none() || !self.kept().is_empty()) {
            self.cold().kept.extend_from_slice(here);
        }
        match found.end {
            Some(end) => {
                self.section = Section::new();
                if let Some(cold) = &mut self.cold {
                    cold.kept_is_whole = true;
                }
                Gathered::Whole(end)
            }
            None if octets.len() >= room => Gathered::Full,
            None => Gathered::Cut,
        }
    }

    /// The section that `gather` found whole.
    pub(super) fn whole<'a>(&'a self, octets: &'a [u8], end: usize) -> &'a [u8] {
        match self.kept() {
            [] => octets.get(..end).unwrap_or_default(),
            kept => kept,
        }
    }

    /// Lets go of a section that was given.
    #[inline(never)]
    pub(super) fn forget(&mut self) {
        if let Some(cold) = &mut self.cold {
            cold.unfolded = Vec::new();
            if mem::take(&mut cold.kept_is_whole) {
                cold.kept = Vec::new();
            }
        }
    }

    pub(super) fn or_full(&mut self, gathered: &Gathered, part: Part) -> Result<(), ResponseError> {
        match gathered {
            Gathered::Full => Err(self.too_large(part, count(self.limits.head_bytes))),
            Gathered::Whole(_) | Gathered::Cut => Ok(()),
        }
    }

    pub(super) fn kept(&self) -> &[u8] {
        self.cold.as_ref().map_or(&[], |cold| &cold.kept)
    }

    pub(super) fn unfolded(&self) -> &[u8] {
        self.cold.as_ref().map_or(&[], |cold| &cold.unfolded)
    }

    pub(super) fn cold(&mut self) -> &mut Cold {
        self.cold.get_or_insert_default()
    }

    /// Notes what was seen in octets that begin at `begin`.
    pub(super) fn note(&mut self, seen: Misfit, begin: u64) {
        self.cold().oddities.note(seen.rule, begin.saturating_add(count(seen.at)));
    }

    /// Gives the error that ended the reading.
    #[inline(never)]
    pub(super) fn check(&self) -> Result<(), ResponseError> {
        match self.cold.as_ref().and_then(|cold| cold.failed.as_ref()) {
            None => Ok(()),
            Some(error) => Err(error.clone()),
        }
    }

    /// Ends the reading; gives the error back.
    pub(super) fn fail(&mut self, error: ResponseError) -> ResponseError {
        self.state = OVER;
        self.cold().failed = Some(error.clone());
        error
    }

    /// Ends the reading where the first line can be the reason: how much behind it was searched
    /// depends on how the stream was cut, so what was noted there is forgotten.
    pub(super) fn fail_early(&mut self, error: ResponseError) -> ResponseError {
        if let ResponseError::Malformed { offset, .. } = error {
            self.cold().oddities.forget_from(offset);
        }
        self.fail(error)
    }

    pub(super) fn too_large(&mut self, part: Part, limit: u64) -> ResponseError {
        self.fail(ResponseError::TooLarge { part, limit })
    }

    pub(super) fn refusal(&self, refused: Refused, begin: u64, octets: &[u8]) -> ResponseError {
        match refused {
            Refused::Misfit(misfit) => malformed(misfit, begin, octets),
            Refused::TooManyFields => {
                ResponseError::TooLarge { part: Part::Fields, limit: count(self.limits.fields) }
            }
        }
    }
}

/// The most octets that a message shows.
pub(super) const SHOWN: usize = 32;

/// A misfit in octets that begin at `begin`, with what was found there.
pub(super) fn malformed(misfit: Misfit, begin: u64, octets: &[u8]) -> ResponseError {
    let found = octets.get(misfit.at..).unwrap_or_default();
    refused_at(misfit, begin.saturating_add(count(misfit.at)), found)
}

pub(super) fn refused_at(misfit: Misfit, offset: u64, found: &[u8]) -> ResponseError {
    let shown = found.get(..SHOWN).unwrap_or(found).escape_ascii().to_string();
    let rules::Rule { name: rule, says, reference } = misfit.rule;
    ResponseError::Malformed { offset, rule, says, reference, shown: shown.into() }
}
