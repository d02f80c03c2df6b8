//! Every reason to refuse a target: its name, what was expected, the clause behind it.

/// Rule, expected, reference.
pub(crate) type Refusal = (&'static str, &'static str, &'static str);

// The whole.
pub(crate) const CONTROL: Refusal = ("control", "no control character", "RFC 3986 §2");
pub(crate) const SCHEME_OTHER: Refusal =
    ("scheme-other", "http://, https:// or host:port", "RFC 9110 §4.2");
pub(crate) const SCHEME_SLASHES: Refusal =
    ("scheme-slashes", "`//` after the scheme", "RFC 9110 §4.2");

// The authority.
pub(crate) const BACKSLASH: Refusal =
    ("backslash", "`/` before the path, no `\\`", "RFC 3986 §3.2");
pub(crate) const USERINFO_AT: Refusal =
    ("userinfo-at", "`%40` for an `@` in the userinfo", "RFC 3986 §3.2.1");
pub(crate) const USERINFO_OCTET: Refusal =
    ("userinfo-octet", "no control character in userinfo, and no `:` in the user", "RFC 7617 §2");
pub(crate) const AFTER_ADDRESS: Refusal =
    ("after-address", "`:` and a port, or the path", "RFC 3986 §3.2");

// The port.
pub(crate) const PORT_DIGIT: Refusal = ("port-digit", "a digit of the port", "RFC 3986 §3.2.3");
pub(crate) const PORT_RANGE: Refusal = ("port-range", "a port from 1 to 65535", "RFC 3986 §3.2.3");
pub(crate) const PORT_ZERO: Refusal = ("port-zero", "a port from 1 to 65535", "RFC 6335 §6");

// A name.
pub(crate) const HOST_EMPTY: Refusal = ("host-empty", "a host", "RFC 9110 §4.2.1");
pub(crate) const HOST_OCTET: Refusal =
    ("host-octet", "a letter, a digit, `-`, `_` or `.` of a host", "RFC 3986 §3.2.2");
pub(crate) const HOST_SPACE: Refusal = ("host-space", "no space in the host", "RFC 3986 §3.2.2");
pub(crate) const HOST_TRIPLET: Refusal =
    ("host-triplet", "two hexadecimal digits after `%`", "RFC 3986 §3.2.2");
pub(crate) const HOST_UTF8: Refusal = ("host-utf8", "UTF-8 in the host", "RFC 3986 §3.2.2");
pub(crate) const HOST_IDNA: Refusal = ("host-idna", "a label that IDNA allows", "RFC 5891 §5.4");
pub(crate) const HOST_NUMBER: Refusal = (
    "host-number",
    "an IPv4 address of four decimal numbers: readers disagree about others",
    "RFC 6943 §3.1.1",
);
pub(crate) const LABEL_EMPTY: Refusal =
    ("label-empty", "a label of the host: one octet at least", "RFC 1035 §2.3.1");
pub(crate) const LABEL_LONG: Refusal =
    ("label-long", "`.` after a label of 63 octets at most", "RFC 1035 §2.3.4");
pub(crate) const HOST_LONG: Refusal =
    ("host-long", "a host of 253 octets at most", "RFC 1035 §2.3.4");

// An address in brackets.
pub(crate) const V6_BRACKET: Refusal =
    ("v6-bracket", "`[` before an IPv6 address", "RFC 3986 §3.2.2");
pub(crate) const V6_END: Refusal = ("v6-end", "`]` after the IPv6 address", "RFC 3986 §3.2.2");
pub(crate) const V6_FUTURE: Refusal =
    ("v6-future", "an IPv6 address: no later version is known", "RFC 3986 §3.2.2");
pub(crate) const V6_ZONE: Refusal = ("v6-zone", "the name of a zone, as in `%eth0`", "RFC 6874 §2");
pub(crate) const V6_DIGIT: Refusal = ("v6-digit", "a hexadecimal digit", "RFC 4291 §2.2");
pub(crate) const V6_COLON: Refusal = ("v6-colon", "a hexadecimal digit or `:`", "RFC 4291 §2.2");
pub(crate) const V6_GROUP: Refusal =
    ("v6-group", "`:` after four hexadecimal digits", "RFC 4291 §2.2");
pub(crate) const V6_SHORT: Refusal =
    ("v6-short", "eight groups in the IPv6 address, or `::` once", "RFC 4291 §2.2");
pub(crate) const V6_LONG: Refusal =
    ("v6-long", "the end: an IPv6 address has eight groups", "RFC 4291 §2.2");
pub(crate) const V6_GAPS: Refusal = ("v6-gaps", "one `::` at most", "RFC 4291 §2.2");
pub(crate) const V6_V4: Refusal =
    ("v6-v4", "four decimal numbers at the end of the IPv6 address", "RFC 4291 §2.2");
