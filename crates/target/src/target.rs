//! A target, parsed.

use crate::authority::Authority;
use crate::error::{Malformed, TargetError};
use crate::fix::{Fix, Fixes, SPACE_AROUND};
use crate::host::Host;
use crate::octets::{ends_authority, is_path_or_query};
use crate::piece::Piece;
use crate::scheme::Scheme;
use crate::text::{Draft, Text};
use crate::userinfo::Userinfo;
use crate::{authority, ipv4, path, port, scheme};
use std::fmt;
use std::num::NonZeroU16;
use std::str::FromStr;

/// Whom to ask and for what: an http or https URI as people type it, read once.
///
/// Two targets are equal when everything of them is, what was typed included; see
/// [`Target::origin_eq`] for a comparison that means something on the wire.
#[derive(Clone, PartialEq, Eq)]
pub struct Target {
    text: Text,
    host: Host,
    odd: Option<Box<Odd>>,
    port: Option<NonZeroU16>,
    scheme: Scheme,
}

/// What few targets have. A scan holds one for each probe under way: of most neither is kept.
#[derive(Clone, Default, PartialEq, Eq)]
struct Odd {
    userinfo: Option<Userinfo>,
    fixes: Box<[Fix]>,
}

impl Target {
    /// Reads what was typed.
    ///
    /// # Errors
    /// [`TargetError`] has the offset of the octet that does not fit and what was expected.
    pub fn parse(typed: &[u8]) -> Result<Target, TargetError> {
        match Target::read_plain(typed) {
            Some(target) => Ok(target),
            None => Target::read(typed).map_err(|malformed| malformed.in_text(typed)),
        }
    }

    /// Reads what most of a long list is, in one pass: a whole URL of an address of version 4, with
    /// nothing to change and nothing to hide. `None` for all else.
    fn read_plain(typed: &[u8]) -> Option<Target> {
        let (scheme, rest) = match typed.strip_prefix(b"http://") {
            Some(rest) => (Scheme::Http, rest),
            None => (Scheme::Https, typed.strip_prefix(b"https://")?),
        };
        let (address, rest, _) = ipv4::prefix(rest).ok()?;
        let (port, path) = match rest {
            [b':', digits @ ..] => port::prefix(digits)?,
            _ => (None, rest),
        };
        let is_plain = path.first() == Some(&b'/')
            && port.is_none_or(|port| port.get() != scheme.default_port())
            && path.iter().all(|octet| is_path_or_query(*octet));
        let text = is_plain.then(|| Text::as_typed(typed, typed.len() - path.len()))??;
        Some(Target { text, host: Host::V4(address), odd: None, port, scheme })
    }

    fn read(typed: &[u8]) -> Result<Target, Malformed> {
        let mut fixes = Fixes::default();
        let text = trim(typed, &mut fixes);
        let (scheme, rest) = scheme::read(text, &mut fixes)?;
        let (before, path) = rest.until(ends_authority);
        let authority = authority::read(before, scheme, &mut fixes)?;
        if fixes.count() == 0
            && let Some(text) = Text::of_plain(typed, &authority, path)
        {
            return Ok(Target::new(scheme, authority, text, fixes));
        }
        let mut draft = Draft::new(scheme, &authority, rest.octets.len());
        path::read(path, &mut draft.text, &mut fixes)?;
        Ok(Target::new(scheme, authority, draft.typed_as(typed), fixes))
    }

    pub(crate) fn new(
        scheme: Scheme,
        authority: Authority<'_>,
        text: Text,
        fixes: Fixes,
    ) -> Target {
        let Authority { userinfo, host, port, .. } = authority;
        let is_plain = userinfo.is_none() && fixes.count() == 0;
        let odd = (!is_plain).then(|| Box::new(Odd { userinfo, fixes: fixes.into_sorted() }));
        Target { scheme, host, port: port.and_then(NonZeroU16::new), text, odd }
    }

    /// http or https.
    pub fn scheme(&self) -> Scheme {
        self.scheme
    }

    /// Who is asked.
    pub fn host(&self) -> &Host {
        &self.host
    }

    /// The port to dial: the one typed, else the scheme's. Never 0.
    pub fn port(&self) -> u16 {
        self.explicit_port().unwrap_or(self.scheme.default_port())
    }

    /// The port, when one was typed.
    pub fn explicit_port(&self) -> Option<u16> {
        self.port.map(NonZeroU16::get)
    }

    /// The value of the Host field (RFC 9112 §3.2): host and port, without userinfo.
    ///
    /// The port is left out when it is the scheme's (RFC 9110 §4.2.3). An IPv6 address stands in
    /// brackets, without its zone (RFC 4007 §11.2). A dot at the end of the name stays: it is
    /// part of what was asked, and some servers tell the two apart.
    pub fn authority(&self) -> &str {
        self.text.authority(self.scheme)
    }

    /// Path and query, octet for octet as typed; begins with `/` (RFC 9112 §3.2.1).
    ///
    /// Only a space and octets beyond ASCII were percent-encoded, so all of it is visible ASCII.
    pub fn request_target(&self) -> &[u8] {
        self.text.request_target().as_bytes()
    }

    /// User and password, when they were typed and not empty.
    pub fn userinfo(&self) -> Option<&Userinfo> {
        self.odd.as_ref()?.userinfo.as_ref()
    }

    /// What was typed, as text: a password as `***`, control characters escaped. The record's
    /// `target`. Of a target made by [`Target::join`], its absolute form.
    pub fn shown(&self) -> &str {
        self.text.shown()
    }

    /// What is not as it was typed, or was read leniently: at most one a rule, by offset.
    pub fn fixes(&self) -> &[Fix] {
        self.odd.as_ref().map_or(&[], |odd| &odd.fixes)
    }

    /// The absolute-form of the request target, as proxies want it (RFC 9112 §3.2.2): no userinfo
    /// and no fragment.
    pub fn absolute(&self) -> String {
        self.text.absolute().to_owned()
    }

    /// Whether both have one origin: the same scheme, host and port (RFC 9110 §4.3.1).
    ///
    /// `a.test.` and `a.test` are two hosts here: a search list can lead them apart.
    pub fn origin_eq(&self, other: &Target) -> bool {
        self.scheme == other.scheme && self.host == other.host && self.port() == other.port()
    }

    /// Takes the credentials of the target this one, which has none, was reached from.
    pub(crate) fn inherit_userinfo(&mut self, from: &Target) {
        if let Some(userinfo) = from.userinfo() {
            self.odd.get_or_insert_default().userinfo = Some(userinfo.clone());
        }
    }
}

/// The text without white space around it.
pub(crate) fn trim<'a>(typed: &'a [u8], fixes: &mut Fixes) -> Piece<'a> {
    let text = Piece::whole(typed).trimmed();
    if text.octets.len() < typed.len() {
        let before = if text.at == 0 { text.octets.len() } else { 0 };
        fixes.note(before, SPACE_AROUND);
    }
    text
}

impl FromStr for Target {
    type Err = TargetError;

    fn from_str(typed: &str) -> Result<Target, TargetError> {
        Target::parse(typed.as_bytes())
    }
}

/// [`Target::shown`].
impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.shown())
    }
}

/// Without the password.
impl fmt::Debug for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Target")
            .field("shown", &self.shown())
            .field("scheme", &self.scheme)
            .field("host", &self.host)
            .field("port", &self.explicit_port())
            .field("request_target", &self.text.request_target())
            .field("userinfo", &self.userinfo())
            .field("fixes", &self.fixes())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A scan holds a target for each probe under way.
    #[test]
    fn a_plain_target_is_one_text_of_few_octets() {
        let target = Target::parse(b"http://127.1.2.3:21001/12345").unwrap();
        let Target { text, host: Host::V4(_), odd: None, .. } = &target else {
            panic!("it allocates more than its text: {target:?}")
        };
        assert_eq!(text.octets(), target.shown().len());
        assert!(size_of::<Target>() + text.octets() <= 120, "{}", size_of::<Target>());
    }

    /// What is read in one pass is read as by those who look at each part.
    #[test]
    fn addresses_are_read_as_other_hosts_are() {
        let hosts = ["127.0.0.1", "1.2.3.4", "255.255.255.255", "0.0.0.0"];
        let ports = ["", ":8080", ":65535", ":80", ":443", ":0", ":080", ":65536", ":", ":8x"];
        let paths = ["", "/", "/x", "/x?y=z", "?q", "#f", "/a%20b", "/a b", "/@", "@b", "."];
        for scheme in ["http://", "https://", "HTTP://", "//", ""] {
            for (host, port, path) in hosts
                .iter()
                .flat_map(|host| ports.map(|port| (host, port)))
                .flat_map(|(host, port)| paths.map(|path| (host, port, path)))
            {
                let typed = [scheme, host, port, path].concat();
                let got = Target::parse(typed.as_bytes());
                // A name as long, so that offsets are the same.
                let name = host.replace(|c: char| c.is_ascii_digit(), "n");
                let want = Target::parse([scheme, &name, port, path].concat().as_bytes());
                match (got, want) {
                    (Ok(got), Ok(want)) => {
                        let as_name = |text: &str| text.replacen(host, &name, 1);
                        assert!(path == "@b" || matches!(got.host(), Host::V4(_)), "{typed}");
                        assert_eq!(as_name(got.authority()), want.authority(), "{typed}");
                        assert_eq!(as_name(&got.absolute()), want.absolute(), "{typed}");
                        assert_eq!(as_name(got.shown()), want.shown(), "{typed}");
                        assert_eq!(got.request_target(), want.request_target(), "{typed}");
                        assert_eq!(got.explicit_port(), want.explicit_port(), "{typed}");
                        assert_eq!(got.fixes(), want.fixes(), "{typed}");
                    }
                    (Err(got), Err(want)) => assert_eq!(got, want, "{typed}"),
                    // `1.2.3.4.` ends in a number, and is no name.
                    (got, want) => assert!(path == "." && got.is_err(), "{got:?} {want:?}"),
                }
            }
        }
    }
}
