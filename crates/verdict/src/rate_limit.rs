//! When a quota is renewed: RateLimit fields, and those that vendors had before.

use fourstep_response::Head;
use sfv::{Dictionary, Item, List, ListEntry, Parser};

use crate::evidence::{Evidence, Fact};
use crate::grounds::Grounds;
use crate::retry::{Clock, LONGEST_S, digits};

/// The draft that defines RateLimit and RateLimit-Policy.
const DRAFT: &str = "draft-ietf-httpapi-ratelimit-headers";
/// What has no document of its own, or as many as vendors.
const VENDOR: &str = "the vendor's manual";

/// Seconds until a quota that is used up is renewed; `None` when no field says so.
pub(crate) fn rate_limit(head: &Head, clock: Clock, out: &mut Grounds<'_>) -> Option<u64> {
    let (name, value, seconds) = standard(head)
        .map(|(value, seconds)| ("RateLimit", value, seconds))
        .or_else(|| vendors(head, clock))?;
    let seconds = seconds.min(LONGEST_S);
    let value = value.into_boxed_slice();
    out.push(Evidence(Fact::Quota { name, value, seconds }));
    Some(seconds)
}

/// Where a field with this name is defined.
pub(crate) fn defined(name: &str) -> &'static str {
    if name.starts_with("RateLimit") { DRAFT } else { VENDOR }
}

/// `RateLimit: "default";r=0;t=30`: of the policies with nothing remaining, the last to be renewed.
/// Its seventh draft wrote `limit=100, remaining=0, reset=30`.
fn standard(head: &Head) -> Option<(Vec<u8>, u64)> {
    head.values("RateLimit").next()?;
    let lines: Vec<&[u8]> = head.values("RateLimit").collect();
    let value = lines.join(&b", "[..]);
    let whole = |item: &Item, name: &str| item.params.get(name)?.as_integer().map(i64::from);
    let list: List = Parser::new(&value).parse().unwrap_or_default();
    let longest = list
        .iter()
        .filter_map(|entry| match entry {
            ListEntry::Item(item) if whole(item, "r").is_none_or(|left| left <= 0) => {
                whole(item, "t").and_then(|seconds| u64::try_from(seconds).ok())
            }
            ListEntry::Item(_) | ListEntry::InnerList(_) => None,
        })
        .max();
    if let Some(seconds) = longest {
        return Some((value, seconds));
    }
    let dictionary: Dictionary = Parser::new(&value).parse().unwrap_or_default();
    let member = |name: &str| match dictionary.get(name)? {
        ListEntry::Item(item) => item.bare_item.as_integer().map(i64::from),
        ListEntry::InnerList(_) => None,
    };
    if member("remaining").is_some_and(|left| left > 0) {
        return None;
    }
    let seconds = u64::try_from(member("reset")?).ok()?;
    Some((value, seconds))
}

/// How a vendor's field says it.
#[derive(Clone, Copy)]
enum Unit {
    /// Seconds from now, or a Unix time in seconds or milliseconds: what it can be is told by its
    /// size, since no quota lasts 30 years.
    SecondsOrEpoch,
    /// Milliseconds from now.
    Millis,
    /// `1.5`, `20ms`, `6m0s`: seconds with a fraction, or numbers with units.
    Span,
}

/// The fields that are in use, with the one that says how much is left, where there is one. Those
/// that say no more than when to come back stand first.
const FIELDS: [(&str, Option<&str>, Unit); 9] = [
    ("Retry-After-Ms", None, Unit::Millis),
    ("X-Ms-Retry-After-Ms", None, Unit::Millis),
    ("X-Retry-After", None, Unit::SecondsOrEpoch),
    ("RateLimit-Reset", Some("RateLimit-Remaining"), Unit::SecondsOrEpoch),
    ("X-RateLimit-Reset-After", Some("X-RateLimit-Remaining"), Unit::Span),
    ("X-RateLimit-Reset", Some("X-RateLimit-Remaining"), Unit::SecondsOrEpoch),
    ("X-Rate-Limit-Reset", Some("X-Rate-Limit-Remaining"), Unit::SecondsOrEpoch),
    ("X-RateLimit-Reset-Requests", Some("X-RateLimit-Remaining-Requests"), Unit::Span),
    ("X-RateLimit-Reset-Tokens", Some("X-RateLimit-Remaining-Tokens"), Unit::Span),
];

fn vendors(head: &Head, clock: Clock) -> Option<(&'static str, Vec<u8>, u64)> {
    FIELDS.iter().find_map(|(name, remaining, unit)| {
        let value = head.values(name).next()?;
        let left = remaining.and_then(|name| head.values(name).next()).and_then(digits);
        if left.is_some_and(|left| left > 0) {
            return None;
        }
        let seconds = match unit {
            Unit::SecondsOrEpoch => match digits(value)? {
                millis @ 1_000_000_000_000.. => clock.until_epoch(millis.div_ceil(1000)),
                seconds @ 1_000_000_000.. => clock.until_epoch(seconds),
                seconds => seconds,
            },
            Unit::Millis => digits(value)?.div_ceil(1000),
            Unit::Span => span(str::from_utf8(value).ok()?.trim())?,
        };
        Some((*name, value.to_vec(), seconds))
    })
}

/// Whole seconds, rounded up, of `1.5`, `20ms`, `1h2m3.4s`.
fn span(text: &str) -> Option<u64> {
    let (mut millis, mut rest) = (0_u64, text);
    if rest.is_empty() {
        return None;
    }
    while !rest.is_empty() {
        let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
        let (number, after) = rest.split_at_checked(end)?;
        let end = after.find(|c: char| c.is_ascii_digit()).unwrap_or(after.len());
        let (unit, after) = after.split_at_checked(end)?;
        let scale = match unit {
            "ms" => 1,
            "" | "s" => 1_000,
            "m" => 60_000,
            "h" => 3_600_000,
            "d" => 86_400_000,
            _ => return None,
        };
        let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
        let whole = digits(whole.as_bytes())?;
        let thousandths = match fraction {
            "" => 0,
            fraction => digits(format!("{fraction:0<3}").get(..3)?.as_bytes())?,
        };
        let part =
            whole.saturating_mul(scale).saturating_add(thousandths.saturating_mul(scale) / 1_000);
        millis = millis.saturating_add(part);
        rest = after;
    }
    Some(millis.div_ceil(1000))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans() {
        let rows = [
            ("1", Some(1)),
            ("1.5", Some(2)),
            ("0.2", Some(1)),
            ("20ms", Some(1)),
            ("6m0s", Some(360)),
            ("1h2m3.4s", Some(3724)),
            ("1d", Some(86_400)),
            ("", None),
            ("s", None),
            ("-1", None),
            ("1x", None),
            ("1..2", None),
        ];
        for (text, want) in rows {
            assert_eq!(span(text), want, "{text:?}");
        }
    }
}
