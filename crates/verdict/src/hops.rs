//! The hops between us and the origin: Via, Proxy-Status, Cache-Status.

use fourstep_response::Head;
use sfv::{BareItem, Item, List, ListEntry, Parser};

use crate::message::shown;
use crate::proxy_error::ProxyError;

/// One intermediary on the way, as far as it tells of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hop {
    /// What it calls itself: a host, a pseudonym, the name of a service.
    pub name: String,
    /// The field that names it: `Via`, `Proxy-Status` or `Cache-Status`; the first of them when it
    /// stands in several.
    pub field: &'static str,
    /// The version of HTTP in which it received the answer: `1.1` (Via).
    pub protocol: Option<String>,
    /// The program it runs, when it says so: `squid/5.7` (a comment in Via).
    pub program: Option<String>,
    /// What it met when it asked further on (Proxy-Status).
    pub error: Option<ProxyError>,
    /// The status code that it received itself, when that is not what it sent (Proxy-Status).
    pub received_status: Option<u16>,
    /// Whether its cache had the answer (Cache-Status).
    pub hit: Option<bool>,
    /// Why it had to ask further on: `uri-miss`, `stale`, … (Cache-Status).
    pub forwarded: Option<String>,
    /// What it adds in words, for people (Proxy-Status and Cache-Status).
    pub detail: Option<String>,
}

/// More hops than anybody has: what follows is left out.
const MOST: usize = 32;
/// The longest name that is shown.
const NAME: usize = 64;

impl Hop {
    fn named(name: String, field: &'static str) -> Hop {
        Hop {
            name,
            field,
            protocol: None,
            program: None,
            error: None,
            received_status: None,
            hit: None,
            forwarded: None,
            detail: None,
        }
    }
}

/// The hops that an answer came through, the nearest to us first.
///
/// All three fields list the hop nearest to the origin first (RFC 9110 §7.6.3, RFC 9209 §2,
/// RFC 9211 §2); hops of one name are one hop. Who adds none of these fields is not listed.
///
/// A line of Proxy-Status or Cache-Status that is no list is passed over, as RFC 9651 §4.2 wants.
pub fn hops(head: &Head) -> Vec<Hop> {
    let mut hops = via(head);
    for (field, read) in
        [("Proxy-Status", proxy_status as fn(&Item, &mut Hop)), ("Cache-Status", cache_status)]
    {
        let members = members(head, field);
        for item in members.iter().rev() {
            let Some(name) = text(&item.bare_item) else { continue };
            let name = shown(name.as_bytes(), NAME);
            let at = hops.iter().position(|hop| hop.name.eq_ignore_ascii_case(&name));
            let at = at.unwrap_or(hops.len());
            if at == hops.len() && at < MOST {
                hops.push(Hop::named(name, field));
            }
            if let Some(hop) = hops.get_mut(at) {
                read(item, hop);
            }
        }
    }
    hops
}

/// `Via: 1.0 fred, HTTP/1.1 p.example.net (Apache/1.1)` (RFC 9110 §7.6.3), nearest first.
fn via(head: &Head) -> Vec<Hop> {
    let mut hops = Vec::new();
    for line in head.values("Via") {
        for member in split(line) {
            let member = shown(member, 256);
            let (outside, comment) = match member.split_once('(') {
                Some((outside, comment)) => {
                    (outside, Some(comment.trim_end().trim_end_matches(')').to_owned()))
                }
                None => (member.as_str(), None),
            };
            let mut words = outside.split_whitespace();
            let (Some(protocol), Some(name)) = (words.next(), words.next()) else { continue };
            hops.push(Hop {
                protocol: Some(protocol.to_owned()),
                program: comment.filter(|comment| !comment.is_empty()),
                ..Hop::named(shown(name.as_bytes(), NAME), "Via")
            });
        }
    }
    hops.reverse();
    hops.truncate(MOST);
    hops
}

/// The members of a list, cut at the commas outside comments and quotes (RFC 9110 §5.6.1).
fn split(line: &[u8]) -> impl Iterator<Item = &[u8]> {
    let (mut depth, mut quoted) = (0_usize, false);
    line.split(move |octet| {
        match octet {
            b'"' if depth == 0 => quoted = !quoted,
            b'(' if !quoted => depth = depth.saturating_add(1),
            b')' if !quoted => depth = depth.saturating_sub(1),
            b',' => return depth == 0 && !quoted,
            _ => {}
        }
        false
    })
    .map(<[u8]>::trim_ascii)
    .filter(|member| !member.is_empty())
}

/// The items of a list that a field holds, its lines taken as one (RFC 9651 §4.2).
fn members(head: &Head, field: &str) -> Vec<Item> {
    if head.values(field).next().is_none() {
        return Vec::new();
    }
    let lines: Vec<&[u8]> = head.values(field).collect();
    let list: List = Parser::new(&lines.join(&b", "[..])).parse().unwrap_or_default();
    let items = list.into_iter().filter_map(|entry| match entry {
        ListEntry::Item(item) => Some(item),
        ListEntry::InnerList(_) => None,
    });
    items.collect()
}

/// RFC 9209 §2.1.
fn proxy_status(item: &Item, hop: &mut Hop) {
    let parameter = |name: &str| item.params.get(name);
    hop.error = parameter("error").and_then(text).map(|token| ProxyError::of(&token));
    let received = parameter("received-status").and_then(|value| value.as_integer());
    hop.received_status = received.and_then(|code| u16::try_from(i64::from(code)).ok());
    if let Some(details) = parameter("details").and_then(text) {
        hop.detail = Some(shown(details.as_bytes(), 200));
    }
}

/// RFC 9211 §2.1–2.8.
fn cache_status(item: &Item, hop: &mut Hop) {
    let parameter = |name: &str| item.params.get(name);
    hop.forwarded = parameter("fwd").and_then(text);
    // `hit` and `fwd` exclude each other (RFC 9211 §2.1).
    hop.hit = match parameter("hit").and_then(|value| value.as_boolean()) {
        Some(hit) => Some(hit),
        None => hop.forwarded.is_some().then_some(false),
    };
    if let Some(detail) = parameter("detail").and_then(text) {
        hop.detail.get_or_insert_with(|| shown(detail.as_bytes(), 200));
    }
}

/// A string or a token.
fn text(value: &BareItem) -> Option<String> {
    value
        .as_string()
        .map(|text| text.as_str().to_owned())
        .or_else(|| value.as_token().map(|token| token.as_str().to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::head;

    fn names(fields: &str) -> Vec<String> {
        hops(&head("503 x", fields)).into_iter().map(|hop| hop.name).collect()
    }

    #[test]
    fn via_nearest_first() {
        let rows: [(&str, &[&str]); 8] = [
            // fields, names   (RFC 9110 §7.6.3)
            ("", &[]),
            ("Via: 1.1 inner", &["inner"]),
            ("Via: 1.0 fred, 1.1 p.example.net", &["p.example.net", "fred"]),
            ("Via: 1.1 inner\r\nVia: 1.1 varnish (Varnish/7.1)", &["varnish", "inner"]),
            ("Via: 1.1 a (x, y), 1.1 b", &["b", "a"]),
            ("Via: http/1.1 traffic_server (ApacheTrafficServer/9.2.9)", &["traffic_server"]),
            ("Via: nonsense", &[]),
            ("Via: , ,1.1 a,", &["a"]),
        ];
        for (fields, want) in rows {
            assert_eq!(names(fields), want, "{fields}");
        }
        let hop = &hops(&head("503 x", "Via: 1.1 a.test (squid/5.7)"))[0];
        assert_eq!(hop.protocol.as_deref(), Some("1.1"));
        assert_eq!(hop.program.as_deref(), Some("squid/5.7"));
    }

    #[test]
    fn structured_fields_name_hops_too() {
        let rows: [(&str, &[&str]); 6] = [
            // fields, names   (RFC 9209 §2, RFC 9211 §2)
            (
                "Proxy-Status: r34.example.net; error=http_request_error, ExampleCDN",
                &["ExampleCDN", "r34.example.net"],
            ),
            (
                "Cache-Status: OriginCache; hit; ttl=1100, \"CDN Company Here\"; hit; ttl=545",
                &["CDN Company Here", "OriginCache"],
            ),
            ("Via: 1.1 edge\r\nCache-Status: Edge; fwd=uri-miss", &["edge"]),
            ("Proxy-Status: a\r\nProxy-Status: b", &["b", "a"]),
            ("Proxy-Status: \"a", &[]), // no list: passed over (RFC 9651 §4.2)
            ("Cache-Status: (a b)", &[]),
        ];
        for (fields, want) in rows {
            assert_eq!(names(fields), want, "{fields}");
        }
        let fields = "Proxy-Status: p; error=connection_refused; received-status=502; details=\"x\"\r\n\
                      Cache-Status: p; fwd=stale; detail=y";
        let hop = &hops(&head("503 x", fields))[0];
        assert_eq!(hop.error.as_ref().map(ProxyError::as_str), Some("connection_refused"));
        assert_eq!((hop.received_status, hop.hit), (Some(502), Some(false)));
        assert_eq!(hop.forwarded.as_deref(), Some("stale"));
        assert_eq!(hop.detail.as_deref(), Some("x"));
    }
}
