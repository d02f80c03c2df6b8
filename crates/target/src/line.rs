//! A line of a list.

use crate::plain::{self, Plain};
use crate::target::Target;
use std::sync::Arc;

impl Target {
    /// Reads the target that the first line of `list` is, as most lines of most lists are one and
    /// nothing else; and says where the next line begins (after LF or CRLF).
    ///
    /// `None` says nothing about the line, which is to be cut out and parsed then: it may have white
    /// space, a comment, what is to be fixed or is wrong, or no end.
    ///
    /// Of the `spare` targets the last becomes it, unless somebody else holds it: a scan of a long
    /// list needs no more memory than for the targets that are under way.
    ///
    /// ```
    /// use fourstep_target::Target;
    ///
    /// let list = "http://192.0.2.1:8080/x\na.test\n";
    /// let mut spare = Vec::new();
    /// let (target, next) = Target::parse_line(list, &mut spare).unwrap();
    /// assert_eq!((target.shown(), next), ("http://192.0.2.1:8080/x", 24));
    /// spare.push(target);
    /// let (target, _) = Target::parse_line(&list[next..], &mut spare).unwrap();
    /// assert_eq!((target.shown(), spare.len()), ("a.test", 0));
    /// assert!(Target::parse_line("a.test # a comment\n", &mut spare).is_none());
    /// ```
    #[inline(always)]
    pub fn parse_line(list: &str, spare: &mut Vec<Arc<Target>>) -> Option<(Arc<Target>, usize)> {
        match plain::read_address(list.as_bytes()) {
            Some(plain) => Target::take_line(list, &plain, spare),
            None => Target::parse_other_line(list, spare),
        }
    }

    #[inline(never)]
    fn parse_other_line(list: &str, spare: &mut Vec<Arc<Target>>) -> Option<(Arc<Target>, usize)> {
        Target::take_line(list, &plain::read(list.as_bytes())?, spare)
    }

    /// Takes what a line was found to begin with, if nothing else stands on it.
    #[inline(always)]
    fn take_line(
        list: &str,
        plain: &Plain,
        spare: &mut Vec<Arc<Target>>,
    ) -> Option<(Arc<Target>, usize)> {
        let (typed, rest) = list.split_at_checked(plain.end)?;
        let next = match rest.as_bytes() {
            [b'\n', ..] => plain.end + 1,
            [b'\r', b'\n', ..] => plain.end + 2,
            _ => return None,
        };
        let mut target = spare.pop().unwrap_or_else(|| Arc::new(Target::BLANK));
        let place = match Arc::get_mut(&mut target) {
            Some(place) => place,
            None => {
                target = Arc::new(Target::BLANK);
                Arc::get_mut(&mut target)?
            }
        };
        place.become_plain(typed, plain)?;
        Some((target, next))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_that_somebody_holds_is_not_read_into() {
        let mut spare = Vec::new();
        let (first, _) = Target::parse_line("http://a.test/a/long/path\n", &mut spare).unwrap();
        spare.push(Arc::clone(&first));
        let (second, _) = Target::parse_line("http://b.test/\n", &mut spare).unwrap();
        assert_eq!(
            (first.shown(), second.shown()),
            ("http://a.test/a/long/path", "http://b.test/")
        );
        assert!(spare.is_empty());
        let (memory, room) = (Arc::as_ptr(&second), second.room());
        spare.push(second);
        let (third, _) = Target::parse_line("http://c.test/\n", &mut spare).unwrap();
        assert_eq!((Arc::as_ptr(&third), third.room()), (memory, room));
    }
}
