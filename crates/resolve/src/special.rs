//! Names that never leave this machine.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// The addresses of a special-use name; none for one that must not be asked for; `None` for a
/// name like any other.
pub(crate) fn addresses(name: &str) -> Option<Vec<IpAddr>> {
    // RFC 6761 §6.3 item 3: always the loopback addresses, never a query.
    if ends_with(name, b"localhost") {
        return Some(vec![Ipv4Addr::LOCALHOST.into(), Ipv6Addr::LOCALHOST.into()]);
    }
    // RFC 7686 §2 items 2 and 3: an error, never a query.
    ends_with(name, b"onion").then(Vec::new)
}

/// Whether this is the name's last label.
fn ends_with(name: &str, label: &[u8]) -> bool {
    let split = name.len().checked_sub(label.len());
    split.and_then(|at| name.as_bytes().split_at_checked(at)).is_some_and(|(before, last)| {
        last.eq_ignore_ascii_case(label) && before.last().is_none_or(|octet| *octet == b'.')
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn special_names_are_known_by_their_last_label() {
        let rows = [
            ("", None),
            ("localhost", Some(2)),
            ("a.LocalHost", Some(2)),
            ("mylocalhost", None),
            ("localhost.test", None),
            ("x.onion", Some(0)),
            ("onion.test", None),
        ];
        for (name, want) in rows {
            assert_eq!(addresses(name).map(|it| it.len()), want, "{name}");
        }
    }
}
