//! A field section, walked through line by line; what most lines are like is taken in few steps.

use crate::framing::Glance;
use crate::head::{bit, bit_of};
use crate::places::{Place, place};
use crate::scan;
use crate::status_line::Ows;

/// What is found on the way through a field section.
pub(crate) struct Walk<'a> {
    /// What is to be read.
    rest: &'a [u8],
    /// Where that ends, in the octets of the head.
    end: usize,
    /// The bits of the names.
    pub(crate) names: u64,
    pub(crate) glance: Glance,
    pub(crate) is_plain: bool,
}

/// How far it came.
pub(crate) enum Way {
    /// To behind the blank line; so many fields come before it.
    Through(usize),
    /// There is no place for one more field.
    Full,
}

impl<'a> Walk<'a> {
    /// Begins at a section that stands there in its head. `is_plain`: so far it is.
    pub(crate) fn new(section: &'a [u8], begin: usize, is_plain: bool) -> Walk<'a> {
        let end = begin + section.len();
        Walk { rest: section, end, names: 0, glance: Glance::default(), is_plain }
    }

    /// The head, of octets that begin with it: all before what is still to be read.
    #[inline(always)]
    pub(crate) fn head<'o>(&self, octets: &'o [u8]) -> Option<&'o [u8]> {
        octets.get(..octets.len().checked_sub(self.rest.len())?)
    }

    /// Goes on, to behind the blank line or until the places are full, of which so many are taken.
    /// `None` if a line is not as it should be.
    ///
    /// A function of its own: what its loop looks at fits into the registers.
    #[inline(never)]
    pub(crate) fn lines(&mut self, places: &mut [Place], taken: usize) -> Option<Way> {
        let most = places.len();
        let mut free = places.get_mut(taken..)?.iter_mut();
        let (mut rest, mut names) = (self.rest, self.names);
        loop {
            let Some((name, value, after)) = usual_line(rest, &mut self.is_plain) else {
                if let Some(after) = scan::after_line_end(rest) {
                    (self.rest, self.names) = (after, names);
                    return Some(Way::Through(most - free.len()));
                }
                (self.rest, self.names) = (rest, names);
                let Some(free) = free.next() else { return Some(Way::Full) };
                self.any_line(free)?;
                (rest, names) = (self.rest, self.names);
                continue;
            };
            let Some(free) = free.next() else {
                (self.rest, self.names) = (rest, names);
                return Some(Way::Full);
            };
            let begin = self.end - rest.len();
            *free = place((begin, name), (begin + name + 2, value));
            names |= bit_of(*rest.first()?, name);
            if asks_for_more(name) {
                let (own, behind) = rest.split_at_checked(name).filter(|_| name > 0)?;
                let (_, behind) = behind.split_at_checked(2)?;
                self.glance.see(own, behind.get(..value)?);
            }
            rest = after;
        }
    }

    /// Takes any line that is as it should be.
    #[inline(never)]
    fn any_line(&mut self, free: &mut Place) -> Option<()> {
        let Line { name, before, value, after } = match last_line(self.rest, &mut self.is_plain) {
            Some(line) => line,
            None => any_line(self.rest, &mut self.is_plain)?,
        };
        let begin = self.end - self.rest.len();
        *free = place((begin, name.len()), (begin + name.len() + before, value.len()));
        self.names |= bit(name)?;
        self.glance.see(name, value);
        self.rest = after;
        Some(())
    }
}

/// A field line, taken apart.
struct Line<'a> {
    name: &'a [u8],
    /// The octets between name and value.
    before: usize,
    value: &'a [u8],
    after: &'a [u8],
}

/// The line that these octets begin with, if it is as it should be.
fn any_line<'a>(octets: &'a [u8], is_plain: &mut bool) -> Option<Line<'a>> {
    let (name, rest) = octets.split_at_checked(scan::token(octets))?;
    let (text, after) = scan::text(rest.strip_prefix(b":")?, 0, is_plain)?;
    let begun = text.trim_ascii_start_ows();
    let before = 1 + text.len() - begun.len();
    Some(Line { name, before, value: begun.trim_ascii_end_ows(), after })
}

/// The same if it is a usual one near the end of the octets, which is read with zeros behind.
fn last_line<'a>(octets: &'a [u8], is_plain: &mut bool) -> Option<Line<'a>> {
    let mut window = [0; scan::SHORT];
    window.get_mut(..octets.len())?.copy_from_slice(octets);
    let (name, value, _) = usual_line(&window, is_plain)?;
    let (name, rest) = octets.split_at_checked(name)?;
    let (value, after) = rest.get(2..)?.split_at_checked(value)?;
    Some(Line { name, before: 2, value, after: after.get(2..)? })
}

/// Whether more is to be done with a name of so many octets than to tell where it stands: it may say
/// where the body ends, or there is none.
#[inline(always)]
const fn asks_for_more(name: usize) -> bool {
    const LENGTHS: u64 = 1 | 1 << Glance::LENGTHS[0] | 1 << Glance::LENGTHS[1];
    name < 64 && LENGTHS >> name & 1 == 1
}

/// The lengths of name and value of the line that these octets begin with, and what follows it, if
/// it is a usual one. `None` tells nothing of it.
#[inline(always)]
fn usual_line<'a>(octets: &'a [u8], is_plain: &mut bool) -> Option<(usize, usize, &'a [u8])> {
    let window = octets.first_chunk::<{ scan::SHORT }>()?;
    // Each place in the window is known to be there, and needs no check.
    let begun = scan::word(window.first_chunk()?);
    let (colon, value) = window.get(begun..)?.split_first_chunk()?;
    let (length, ends) = scan::short(value.first_chunk()?)?;
    let is_bare = |octet: Option<&u8>| octet.is_some_and(|octet| *octet > b' ');
    let (name, known) = if *colon == *b": " {
        let value = octets.get(begun + 2..)?;
        if ends {
            // Behind an empty one is the CR, in front of it the SP.
            let is_bare = is_bare(value.first()) && is_bare(window.get(begun + 1 + length));
            return is_bare.then_some((begun, length, value.get(length + 2..)?));
        }
        (begun, length)
    } else {
        let more = octets.get(16..).filter(|_| begun == 16)?;
        (begun + scan::word(more.first_chunk()?), 0)
    };
    let value = octets.get(name..)?.strip_prefix(b": ")?;
    let (value, after) = scan::text(value, known, is_plain)?;
    (is_bare(value.first()) && is_bare(value.last())).then_some((name, value.len(), after))
}
