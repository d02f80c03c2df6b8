//! What was changed, or read leniently.

/// One thing that is not sent as it was typed, or that a strict reader refuses and we read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fix {
    /// Where: octets from the first one typed, from 0. Of several alike, the first.
    pub offset: usize,
    /// A stable name, in words joined by hyphens: `fragment`, `host-a-labels`.
    pub rule: &'static str,
    /// One plain sentence without a stop: what was there and what was made of it.
    pub says: &'static str,
    /// The clause behind it: `RFC 9112 §3.2`.
    pub reference: &'static str,
}

impl Fix {
    pub(crate) const fn new(offset: usize, (rule, says, reference): Rule) -> Fix {
        Fix { offset, rule, says, reference }
    }
}

/// The kinds of fix: rule, what it says, reference.
pub(crate) type Rule = (&'static str, &'static str, &'static str);

pub(crate) const SPACE_AROUND: Rule =
    ("space-around", "white space around the target is left out", "RFC 3986 Appendix C");
pub(crate) const NO_SCHEME: Rule =
    ("no-scheme", "no scheme was typed: http is taken", "RFC 9110 §4.2.1");
pub(crate) const SCHEME_CASE: Rule =
    ("scheme-case", "capitals in the scheme are read as small letters", "RFC 3986 §3.1");
pub(crate) const USERINFO_EMPTY: Rule =
    ("userinfo-empty", "empty userinfo is left out", "RFC 3986 §3.2.1");
pub(crate) const USERINFO_OCTETS: Rule = (
    "userinfo-octets",
    "octets that userinfo should percent-encode are taken as they stand",
    "RFC 3986 §3.2.1",
);
pub(crate) const USERINFO_DROPPED: Rule =
    ("userinfo-dropped", "userinfo in a reference from a peer is not used", "RFC 9110 §4.2.4");
pub(crate) const HOST_CASE: Rule =
    ("host-case", "capitals in the host are written as small letters", "RFC 3986 §3.2.2");
pub(crate) const HOST_PERCENT: Rule =
    ("host-percent", "percent-encoding in the host is decoded", "RFC 3986 §3.2.2");
pub(crate) const HOST_A_LABELS: Rule = (
    "host-a-labels",
    "letters beyond ASCII in the host are written as A-labels",
    "RFC 5890 §2.3.2.1",
);
pub(crate) const HOST_FAKE_A_LABEL: Rule = (
    "host-fake-a-label",
    "a label begins with xn-- and is no A-label: it is asked for as typed",
    "RFC 5891 §5.3",
);
pub(crate) const HOST_ADDRESS_FORM: Rule =
    ("host-address-form", "the IPv6 address is written in its canonical form", "RFC 5952 §4");
pub(crate) const PORT_EMPTY: Rule =
    ("port-empty", "no digits follow the colon: the scheme's port is taken", "RFC 3986 §3.2.3");
pub(crate) const PORT_ZEROS: Rule =
    ("port-zeros", "zeros before the port are left out", "RFC 3986 §3.2.3");
pub(crate) const PORT_DEFAULT: Rule =
    ("port-default", "the scheme's own port is left out of the Host field", "RFC 9110 §4.2.3");
pub(crate) const SPACE: Rule =
    ("space", "a space in the path or query is sent as %20", "RFC 9112 §3.2");
pub(crate) const NON_ASCII: Rule =
    ("non-ascii", "octets beyond ASCII in the path or query are percent-encoded", "RFC 3986 §2.5");
pub(crate) const NO_URI_OCTET: Rule = (
    "no-uri-octet",
    "octets that no URI has in its path or query are sent as typed",
    "RFC 3986 §3.3",
);
pub(crate) const FRAGMENT: Rule =
    ("fragment", "the fragment is not sent: it is for the reader of the answer", "RFC 9110 §7.1");

/// The fixes of one target: at most one a rule, in the order of their offsets.
#[derive(Default)]
pub(crate) struct Fixes(Vec<Fix>);

impl Fixes {
    /// Notes a fix, unless one of its rule stands already.
    pub(crate) fn note(&mut self, offset: usize, rule: Rule) {
        if !self.0.iter().any(|fix| fix.rule == rule.0) {
            // Most targets have none, most others one.
            self.0.reserve_exact(1);
            self.0.push(Fix::new(offset, rule));
        }
    }

    /// How many there are.
    pub(crate) fn count(&self) -> usize {
        self.0.len()
    }

    pub(crate) fn into_sorted(mut self) -> Vec<Fix> {
        self.0.sort_by_key(|fix| fix.offset);
        self.0
    }
}
