//! Where a Location leads: reference resolution (RFC 3986 §5.2).

use crate::authority::Authority;
use crate::error::{Malformed, TargetError};
use crate::fix::{Fixes, USERINFO_DROPPED};
use crate::host::Host;
use crate::octets::ends_authority;
use crate::piece::Piece;
use crate::refusal::SCHEME_SLASHES;
use crate::scheme::Scheme;
use crate::shown::escape;
use crate::target::{Target, trim};
use crate::text::Draft;
use crate::{authority, path, scheme};

/// What a reference leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Joined {
    /// A target that can be probed.
    Target(Target),
    /// A URI of another scheme, whose name this is, in small letters: `ftp`, `mailto`.
    OtherScheme(String),
}

impl Target {
    /// Resolves a reference, such as the value of a Location field (RFC 9110 §10.2.2), against
    /// this target, which is its base (RFC 3986 §5.2).
    ///
    /// Dot segments are removed here, and only here: what a person typed keeps its dots. A scheme
    /// without `//` (`http:g`) is refused, as RFC 3986 §5.4.2 wants of strict readers. Userinfo in
    /// the reference is dropped (RFC 9110 §4.2.4); that of the base stays with its origin, and
    /// so does its zone, of which the peer cannot know.
    ///
    /// # Errors
    /// [`TargetError`], with the offset in `reference`.
    pub fn join(&self, reference: &[u8]) -> Result<Joined, TargetError> {
        self.resolve(reference).map_err(|malformed| malformed.in_text(reference))
    }

    // The branches stand in the order of the pseudocode in RFC 3986 §5.2.2.
    fn resolve(&self, reference: &[u8]) -> Result<Joined, Malformed> {
        let mut fixes = Fixes::default();
        let text = trim(reference, &mut fixes);
        let (word, rest) = scheme::split(text);
        let is_scheme = word.octets.first().is_some_and(u8::is_ascii_alphabetic);
        if let Some(after) = rest.without(b":").filter(|_| is_scheme) {
            let Some(scheme) = Scheme::named(word.octets) else {
                return Ok(Joined::OtherScheme(escape(&word.octets.to_ascii_lowercase())));
            };
            let rest = after.without(b"//").ok_or_else(|| after.refuse(0, SCHEME_SLASHES))?;
            return self.elsewhere(scheme, rest, fixes);
        }
        if let Some(rest) = text.without(b"//") {
            return self.elsewhere(self.scheme(), rest, fixes);
        }
        let relative = path::without_fragment(text, &mut fixes)?;
        let (path, query) = relative.until(|octet| octet == b'?');
        let base = Piece::whole(self.request_target());
        let (base_path, base_query) = base.until(|octet| octet == b'?');
        let mut merged = Vec::new();
        if path.is_empty() {
            merged.extend_from_slice(base_path.octets);
            if query.is_empty() {
                merged.extend_from_slice(base_query.octets);
            }
        } else {
            if path.octets.first() != Some(&b'/') {
                // The base's path up to its last slash (RFC 3986 §5.2.3).
                let last = base_path.octets.iter().rposition(|&octet| octet == b'/');
                let (kept, _) = base_path.cut(last.map_or(0, |index| index + 1));
                merged.extend_from_slice(kept.octets);
            }
            path::push(path, &mut merged, &mut fixes);
            merged = remove_dot_segments(&merged);
        }
        path::push(query, &mut merged, &mut fixes);
        let authority = Authority {
            userinfo: None,
            host: self.host().clone(),
            port: self.explicit_port(),
            verbatim: Some(self.authority().as_bytes()),
        };
        Ok(self.arrive(self.scheme(), authority, &merged, fixes))
    }

    /// The reference has an authority of its own.
    fn elsewhere(
        &self,
        scheme: Scheme,
        rest: Piece<'_>,
        mut fixes: Fixes,
    ) -> Result<Joined, Malformed> {
        let (typed, rest) = rest.until(ends_authority);
        let mut authority = authority::read(typed, scheme, &mut fixes)?;
        if authority.userinfo.take().is_some() {
            fixes.note(typed.at, USERINFO_DROPPED);
        }
        if let (Host::V6(ours, zone), Host::V6(theirs, none @ None)) =
            (self.host(), &mut authority.host)
            && ours == theirs
        {
            none.clone_from(zone);
        }
        let mut request_target = Vec::new();
        path::read(rest, &mut request_target, &mut fixes)?;
        let (path, query) = Piece::whole(&request_target).until(|octet| octet == b'?');
        let mut merged = remove_dot_segments(path.octets);
        merged.extend_from_slice(query.octets);
        Ok(self.arrive(scheme, authority, &merged, fixes))
    }

    fn arrive(
        &self,
        scheme: Scheme,
        authority: Authority<'_>,
        request_target: &[u8],
        fixes: Fixes,
    ) -> Joined {
        let mut draft = Draft::new(scheme, &authority, request_target.len());
        draft.text.extend_from_slice(request_target);
        let mut target = Target::new(authority, draft.shown_as_it_is(), fixes);
        if self.origin_eq(&target) {
            target.inherit_userinfo(self);
        }
        Joined::Target(target)
    }
}

/// Takes `.` and `..` out of a path (RFC 3986 §5.2.4), its steps by their letters.
fn remove_dot_segments(path: &[u8]) -> Vec<u8> {
    let mut input = path;
    let mut output = Vec::with_capacity(path.len());
    while !input.is_empty() {
        if let Some(rest) = input.strip_prefix(b"../").or_else(|| input.strip_prefix(b"./")) {
            input = rest; // A
        } else if let Some(rest) = after_segment(input, b"/.") {
            input = rest; // B
        } else if let Some(rest) = after_segment(input, b"/..") {
            input = rest; // C
            output.truncate(output.iter().rposition(|&octet| octet == b'/').unwrap_or(0));
        } else if input == b"." || input == b".." {
            input = b""; // D
        } else {
            let start = usize::from(input.starts_with(b"/")); // E
            let length = input.iter().skip(start).position(|&octet| octet == b'/');
            let (segment, rest) = length
                .and_then(|length| input.split_at_checked(start + length))
                .unwrap_or((input, b""));
            output.extend_from_slice(segment);
            input = rest;
        }
    }
    output
}

/// What follows this whole segment; `/` when it was the last.
fn after_segment<'a>(input: &'a [u8], segment: &[u8]) -> Option<&'a [u8]> {
    match input.strip_prefix(segment)? {
        b"" => Some(b"/"),
        rest => Some(rest).filter(|rest| rest.starts_with(b"/")),
    }
}
