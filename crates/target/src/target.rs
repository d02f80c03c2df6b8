//! A target, parsed.

use crate::authority::Authority;
use crate::error::{Malformed, TargetError};
use crate::fix::{Fix, Fixes, NO_SCHEME, SPACE_AROUND};
use crate::host::Host;
use crate::octets::ends_authority;
use crate::piece::Piece;
use crate::plain::{self, Plain, PlainHost};
use crate::scheme::Scheme;
use crate::text::{Draft, Text};
use crate::userinfo::Userinfo;
use crate::{authority, path, scheme};
use std::borrow::Cow;
use std::fmt;
use std::net::Ipv4Addr;
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
}

/// What few targets have. A scan holds one for each probe under way: of most neither is kept.
#[derive(Clone, Default, PartialEq, Eq)]
struct Odd {
    userinfo: Option<Userinfo>,
    fixes: Cow<'static, [Fix]>,
}

impl Odd {
    /// Of a target that was typed without its scheme, as hosts of a list are.
    const NO_SCHEME: Odd = {
        const FIXES: &[Fix] = &[Fix::new(0, NO_SCHEME)];
        Odd { userinfo: None, fixes: Cow::Borrowed(FIXES) }
    };
}

impl Target {
    /// Memory for a target: nobody, asked for nothing.
    pub(crate) const BLANK: Target =
        Target { text: Text::BLANK, host: Host::V4(Ipv4Addr::UNSPECIFIED), odd: None };

    /// Reads what was typed.
    ///
    /// # Errors
    /// [`TargetError`] has the offset of the octet that does not fit and what was expected.
    pub fn parse(typed: &[u8]) -> Result<Target, TargetError> {
        match str::from_utf8(typed) {
            Ok(text) => text.parse(),
            Err(_) => Target::read(typed).map_err(|malformed| malformed.in_text(typed)),
        }
    }

    /// How many octets of text it has room for. One that was long has much, which is too much to
    /// keep for those to come.
    pub fn room(&self) -> usize {
        self.text.room()
    }

    /// Reads what most of a long list is; `None` for all else.
    fn read_plain(typed: &str) -> Option<Target> {
        let plain = plain::read(typed.as_bytes()).filter(|plain| plain.end == typed.len())?;
        Target::of_plain(typed, &plain)
    }

    /// What `typed` was found to be, all of it.
    fn of_plain(typed: &str, plain: &Plain) -> Option<Target> {
        let mut target = Target::BLANK;
        target.become_plain(typed, plain)?;
        Some(target)
    }

    /// The same, in the memory that is there.
    #[inline(always)]
    pub(crate) fn become_plain(&mut self, typed: &str, plain: &Plain) -> Option<()> {
        let Plain { scheme, ref host, port, path_at, .. } = *plain;
        match (*host, &mut self.host) {
            (PlainHost::V4(address), Host::V4(place)) => *place = address,
            (PlainHost::V4(address), place) => *place = Host::V4(address),
            (PlainHost::Name { from, to }, place) => {
                *place = Host::Name(typed.get(from..to)?.into());
            }
        }
        match (scheme, &mut self.odd) {
            (Some(_), None) => {}
            (Some(_), odd) => *odd = None,
            (None, Some(odd)) => **odd = Odd::NO_SCHEME,
            (None, odd) => *odd = Some(Box::new(Odd::NO_SCHEME)),
        }
        match scheme.is_some() && path_at < typed.len() {
            true => self.text.become_typed(typed, path_at),
            false => self.text.become_plain(scheme.is_some(), typed, path_at),
        }
        self.text.port = port;
        self.text.scheme = scheme.unwrap_or(Scheme::Http);
        Some(())
    }

    fn read(typed: &[u8]) -> Result<Target, Malformed> {
        let mut fixes = Fixes::default();
        let text = trim(typed, &mut fixes);
        let (scheme, rest) = scheme::read(text, &mut fixes)?;
        let (before, path) = rest.until(ends_authority);
        let authority = authority::read(before, scheme, &mut fixes)?;
        if fixes.count() == 0
            && let Some(text) = Text::of_plain(typed, scheme, &authority, path)
        {
            return Ok(Target::new(authority, text, fixes));
        }
        let mut draft = Draft::new(scheme, &authority, rest.octets.len());
        path::read(path, &mut draft.text, &mut fixes)?;
        Ok(Target::new(authority, draft.typed_as(typed), fixes))
    }

    /// One with nothing odd.
    pub(crate) fn of_parts(host: Host, text: Text) -> Target {
        Target { text, host, odd: None }
    }

    pub(crate) fn new(authority: Authority<'_>, text: Text, fixes: Fixes) -> Target {
        let Authority { userinfo, host, .. } = authority;
        let is_plain = userinfo.is_none() && fixes.count() == 0;
        let odd =
            (!is_plain).then(|| Box::new(Odd { userinfo, fixes: fixes.into_sorted().into() }));
        Target { text, host, odd }
    }

    /// http or https.
    pub fn scheme(&self) -> Scheme {
        self.text.scheme
    }

    /// Who is asked.
    pub fn host(&self) -> &Host {
        &self.host
    }

    /// The port to dial: the one typed, else the scheme's. Never 0.
    pub fn port(&self) -> u16 {
        self.explicit_port().unwrap_or(self.scheme().default_port())
    }

    /// The port, when one was typed.
    pub fn explicit_port(&self) -> Option<u16> {
        self.text.port.map(NonZeroU16::get)
    }

    /// The value of the Host field (RFC 9112 §3.2): host and port, without userinfo.
    ///
    /// The port is left out when it is the scheme's (RFC 9110 §4.2.3). An IPv6 address stands in
    /// brackets, without its zone (RFC 4007 §11.2). A dot at the end of the name stays: it is
    /// part of what was asked, and some servers tell the two apart.
    pub fn authority(&self) -> &str {
        self.text.authority()
    }

    /// Path and query, octet for octet as typed; begins with `/` (RFC 9112 §3.2.1).
    ///
    /// Only a space and octets beyond ASCII were percent-encoded, so all of it is visible ASCII.
    pub fn request_target(&self) -> &[u8] {
        self.text.request_target()
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
        self.scheme() == other.scheme() && self.host == other.host && self.port() == other.port()
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
        match Target::read_plain(typed) {
            Some(target) => Ok(target),
            None => {
                let octets = typed.as_bytes();
                Target::read(octets).map_err(|malformed| malformed.in_text(octets))
            }
        }
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
            .field("scheme", &self.scheme())
            .field("host", &self.host)
            .field("port", &self.explicit_port())
            .field("request_target", &str::from_utf8(self.request_target()).unwrap_or_default())
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

    /// What is read in one pass is read as by those who look at each part; and what most lists have
    /// is read in one pass.
    #[test]
    fn what_is_plain_says_the_same_part_by_part() {
        let (most, label) = (["a"; 127].join("."), "0".repeat(63));
        let schemes = ["http://", "https://", "", "//", "HTTP://", "http:", "ftp://"];
        let hosts = "1.2.3.4 255.255.255.0 256.1.1.1 1.2.3 1.2.3.4.5 01.2.3.4 1.2.3.4a a a.test \
            a-b.c_d.test a.test. a..b .a A.test 1e100.net a.1 a.0x1f a.0xg xn--a xn--bcher-kva.test \
            a.xn--b axn--b http https mailto a!b a%41 ä.test [::1]";
        let hosts = hosts.split(' ').map(str::to_owned);
        let long =
            [most.clone(), format!("a{most}"), format!("{label}.test"), format!("{label}0.test")];
        let ports = "/:1/:8080/:80/:443/:65535/:65536/:655350/:0/:01/:/:x".split('/');
        // What one leaves, the next is read into.
        let mut spare = Vec::new();
        let paths =
            " / /x /a/b.c?d=e&f /@: /%41 /x#y ?q @b /1234567%".split(' ').chain(["/ x", " "]);
        for host in hosts.chain(long) {
            for (scheme, port) in
                schemes.iter().flat_map(|scheme| ports.clone().map(move |port| (scheme, port)))
            {
                for path in paths.clone() {
                    let typed = [*scheme, &host, port, path].concat();
                    let lines = ["\n", "\r\nx", "", "\r", " \n", "#\n"].map(|end| {
                        let line = [&typed, end].concat();
                        let (target, next) = Target::parse_line(&line, &mut spare)?;
                        assert_eq!(next, typed.len() + end.trim_end_matches('x').len(), "{typed}");
                        let got = Some(Target::clone(&target));
                        spare.push(target);
                        got
                    });
                    let Some(got) = Target::read_plain(&typed) else {
                        assert_eq!(lines, [const { None }; 6], "{typed}");
                        continue;
                    };
                    let whole = Some(got.clone());
                    assert_eq!(lines, [whole.clone(), whole, None, None, None, None], "{typed}");
                    let want = Target::read(typed.as_bytes());
                    let want = want.unwrap_or_else(|_| panic!("it is refused: {typed}"));
                    assert_eq!(format!("{got:?}"), format!("{want:?}"), "{typed}");
                    assert_eq!(got.authority(), want.authority(), "{typed}");
                    assert_eq!(got.absolute(), want.absolute(), "{typed}");
                }
            }
        }
        for typed in
            ["http://192.0.2.1:81/x", "https://a.test/", "http://a.test", "a.test:81/x", "a", &most]
        {
            assert!(Target::read_plain(typed).is_some(), "{typed}");
        }
    }

    proptest::proptest! {
        #[test]
        fn what_is_plain_is_what_it_is_part_by_part(typed in "(https?://)?[a-z0-9.:/@%?A_x-]{0,24}") {
            if let Some(got) = Target::read_plain(&typed) {
                let want = Target::read(typed.as_bytes());
                let want = want.unwrap_or_else(|_| panic!("it is refused: {typed}"));
                assert_eq!(format!("{got:?}"), format!("{want:?}"), "{typed}");
            }
        }
    }
}
