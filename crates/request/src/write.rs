//! The octets.

use crate::field::is_credential;
use crate::method::{Asks, expects_content};
use crate::recipe::Recipe;
use fourstep_target::Target;
use std::ops::Range;

const USER_AGENT: &str = concat!("fourstep/", env!("CARGO_PKG_VERSION"));

/// What was appended to the caller's buffer. Ranges are indices into that buffer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    /// Octets of the head, with its blank line.
    pub head_octets: usize,
    /// Octets of head and body.
    pub octets: usize,
    /// Where the request target stands.
    pub request_target: Range<usize>,
    /// Where credentials stand, in their order: the values of Authorization, Proxy-Authorization
    /// and Cookie.
    pub secrets: Vec<Range<usize>>,
}

impl Written {
    /// The request as a trace may show it: `***` for each of [`Written::secrets`].
    ///
    /// `out` is the buffer that was written to.
    pub fn redacted(&self, out: &[u8]) -> Vec<u8> {
        let start = out.len().saturating_sub(self.octets);
        let mut shown = Vec::with_capacity(self.octets);
        let mut from = start;
        for secret in &self.secrets {
            shown.extend_from_slice(out.get(from..secret.start).unwrap_or_default());
            shown.extend_from_slice(b"***");
            from = secret.end;
        }
        shown.extend_from_slice(out.get(from..).unwrap_or_default());
        shown
    }
}

/// What is the same in each request of a recipe, so it is written once. Between its pieces stand
/// the request target and what else a target changes.
#[derive(Clone, Default, PartialEq, Eq)]
pub(crate) struct Mould {
    /// What the method is.
    pub(crate) asks: Asks,
    /// Whether it is GET.
    pub(crate) gets: bool,
    /// The method, up to the request target.
    opening: Vec<u8>,
    /// The rest of the request line, and the Host field: whole, or as far as its value where that is
    /// the target's.
    middle: Vec<u8>,
    /// Whether it is.
    own_host: bool,
    /// From the end of the line before the fields that no target changes to the blank line.
    tail: Vec<u8>,
    /// Where credentials stand in the tail.
    secrets: Vec<Range<usize>>,
    /// The same once more, if it is short, and nothing but a request target of the target's own, its
    /// host and the tail belong to the request, none of it secret: as of nearly all.
    plain: Option<Plain>,
}

/// The opening and the middle.
#[derive(Clone, PartialEq, Eq)]
struct Plain {
    opening: Block<16>,
    middle: Block<32>,
}

/// A few octets in a block that is copied as a whole: that takes two moves, where a length that only
/// the run knows takes a call.
#[derive(Clone, PartialEq, Eq)]
struct Block<const N: usize> {
    octets: [u8; N],
    length: usize,
}

impl Mould {
    fn plain(&self) -> Option<Plain> {
        Some(Plain { opening: Block::of(&self.opening)?, middle: Block::of(&self.middle)? })
    }
}

impl<const N: usize> Block<N> {
    fn of(piece: &[u8]) -> Option<Block<N>> {
        let mut octets = [0; N];
        octets.get_mut(..piece.len())?.copy_from_slice(piece);
        Some(Block { octets, length: piece.len() })
    }

    #[inline(always)]
    fn push(&self, out: &mut Vec<u8>) {
        let end = out.len() + self.length;
        out.extend_from_slice(&self.octets);
        out.truncate(end);
    }
}

impl Recipe {
    /// Appends the request for this target to `out`.
    pub fn write(&self, target: &Target, out: &mut Vec<u8>) -> Written {
        let Some(plain) = self.mould.plain.as_ref().filter(|_| target.userinfo().is_none()) else {
            return self.write_any(target, out);
        };
        let start = out.len();
        plain.opening.push(out);
        let from = out.len();
        out.extend_from_slice(target.request_target());
        let request_target = from..out.len();
        plain.middle.push(out);
        out.extend_from_slice(target.authority().as_bytes());
        out.extend_from_slice(&self.mould.tail);
        let octets = out.len() - start;
        Written { head_octets: octets, octets, request_target, secrets: Vec::new() }
    }

    #[inline(never)]
    fn write_any(&self, target: &Target, out: &mut Vec<u8>) -> Written {
        let start = out.len();
        let mould = &self.mould;
        let mut head = Head { out, secrets: Vec::new() };
        head.push(&mould.opening);
        let from = head.out.len();
        self.write_request_target(target, &mut head);
        let request_target = from..head.out.len();
        head.push(&mould.middle);
        if mould.own_host {
            head.push(target.authority().as_bytes());
        }
        // CONNECT is for the proxy, and the credentials of the target are not (RFC 9110 §9.3.6).
        if let Some(userinfo) = target.userinfo()
            && !self.is_trace()
            && self.asks() != Asks::Connect
            && self.keeps_default("Authorization")
        {
            head.field("Authorization", userinfo.basic().as_bytes());
        }
        let from = head.out.len();
        head.push(&mould.tail);
        if !mould.secrets.is_empty() {
            head.secrets.extend(mould.secrets.iter().map(|it| from + it.start..from + it.end));
        }
        let Head { out, secrets } = head;
        let head_octets = out.len() - start;
        if let Some(body) = &self.body {
            out.extend_from_slice(body);
        }
        Written { head_octets, octets: out.len() - start, request_target, secrets }
    }

    /// The recipe after a change: with the mould that belongs to it.
    pub(crate) fn changed(mut self) -> Recipe {
        let mut mould = Mould {
            asks: Asks::by(self.method_name()),
            gets: self.method_name() == "GET",
            opening: [self.method_name().as_bytes(), b" "].concat(),
            middle: [b" ", self.version.as_str().as_bytes()].concat(),
            ..Mould::default()
        };
        // First, so that a server sees at once whom it is for (RFC 9110 §7.2).
        let mut middle = Head { out: &mut mould.middle, secrets: Vec::new() };
        if let Some(host) = self.given("Host").next() {
            middle.field("Host", host);
        } else if self.keeps_default("Host") {
            middle.push(b"\r\nHost: ");
            mould.own_host = true;
        }
        let mut tail = Head { out: &mut mould.tail, secrets: Vec::new() };
        self.write_own_fields(&mut tail);
        tail.push(b"\r\n\r\n");
        mould.secrets = tail.secrets;
        let is_plain = mould.own_host && mould.secrets.is_empty() && self.body.is_none();
        self.mould = mould;
        self.mould.plain = self.mould.plain().filter(|_| is_plain && self.asks_in_origin_form());
        self
    }

    /// RFC 9112 §3.2.
    fn write_request_target(&self, target: &Target, head: &mut Head<'_>) {
        match &self.request_target {
            Some(request_target) => head.push(request_target),
            // authority-form: the port always stands (RFC 9112 §3.2.3).
            None if self.asks() == Asks::Connect => {
                head.push(format!("{}:{}", target.host(), target.port()).as_bytes());
            }
            // absolute-form (RFC 9112 §3.2.2).
            None if self.proxy.is_some() => head.push(target.absolute().as_bytes()),
            // origin-form (RFC 9112 §3.2.1).
            None => head.push(target.request_target()),
        }
    }

    /// TRACE sends back what it gets: no credentials of ours in it (RFC 9110 §9.3.8).
    fn is_trace(&self) -> bool {
        self.method_name() == "TRACE"
    }

    fn write_own_fields(&self, head: &mut Head<'_>) {
        let mut default = |name: &str, value: Option<&str>| {
            if let Some(value) = value.filter(|_| self.keeps_default(name)) {
                head.field(name, value.as_bytes());
            }
        };
        let proxy = self.proxy.as_ref().filter(|_| !self.is_trace());
        default("Proxy-Authorization", proxy.and_then(|proxy| proxy.credentials.as_deref()));
        let user_agent = self.user_agent.as_deref().unwrap_or(USER_AGENT);
        default("User-Agent", Some(user_agent).filter(|text| !text.is_empty()));
        default("Accept", Some("*/*"));
        default("Connection", Some("close"));
        if let Some(body) = &self.body {
            default("Content-Type", Some("application/x-www-form-urlencoded"));
            default("Content-Length", Some(&body.len().to_string()));
        } else if expects_content(self.method_name()) {
            default("Content-Length", Some("0"));
        }
        for edit in self.edits.iter().filter(|edit| !edit.is_named("Host")) {
            if let Some(value) = &edit.value {
                head.field(&edit.name, value);
            }
        }
    }
}

/// A head while it is written.
struct Head<'a> {
    out: &'a mut Vec<u8>,
    secrets: Vec<Range<usize>>,
}

impl Head<'_> {
    fn push(&mut self, octets: &[u8]) {
        self.out.extend_from_slice(octets);
    }

    /// Ends the line before, and writes `name: value` (RFC 9112 §5); before an empty value no space
    /// stands.
    fn field(&mut self, name: &str, value: &[u8]) {
        self.push(b"\r\n");
        self.push(name.as_bytes());
        self.push(if value.is_empty() { b":" } else { b": " });
        let from = self.out.len();
        self.push(value);
        if is_credential(name) && !value.is_empty() {
            self.secrets.push(from..self.out.len());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::RequestError;
    use crate::version::Version;

    type Step = fn(Recipe) -> Result<Recipe, RequestError>;

    #[test]
    fn what_is_plain_is_written_as_anything_is() {
        let rows: [(Step, bool); 12] = [
            // recipe, whether it is plain
            (Ok, true),
            (|r| Ok(r.version(Version::Http10)), true),
            (|r| r.method("PROPFIND"), true),
            (|r| r.method("PUT")?.field(b"X: y"), true),
            (|r| r.user_agent(&"x".repeat(300)), true),
            (|r| r.method("A-RATHER-LONG-METHOD"), false),
            (|r| r.request_target(b"*"), false),
            (|r| r.field(b"Host: b.test"), false),
            (|r| r.field(b"Cookie: a=b"), false),
            (|r| Ok(r.body(b"a=b".as_slice().into())), false),
            (|r| Ok(r.proxied(None)), false),
            (|r| r.method("CONNECT"), false),
        ];
        for (step, is_plain) in rows {
            let recipe = step(Recipe::new()).unwrap();
            assert_eq!(recipe.mould.plain.is_some(), is_plain, "{recipe:?}");
            for target in ["http://192.0.2.1:8080/x?y", "a.test", "https://u:p@a.test/"] {
                let target = target.parse().unwrap();
                let (mut got, mut want) = (b"before".to_vec(), b"before".to_vec());
                let written = recipe.write(&target, &mut got);
                assert_eq!(written, recipe.write_any(&target, &mut want), "{recipe:?} {target}");
                assert_eq!(got, want, "{recipe:?} {target}");
            }
        }
    }
}
