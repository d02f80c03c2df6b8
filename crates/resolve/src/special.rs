//! Names that never leave this machine.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// The addresses of a special-use name; none for one that must not be asked for; `None` for a
/// name like any other.
pub(crate) fn addresses(name: &str) -> Option<Vec<IpAddr>> {
    let label = name.rsplit('.').next()?;
    // RFC 6761 §6.3 item 3: always the loopback addresses, never a query.
    if label.eq_ignore_ascii_case("localhost") {
        return Some(vec![Ipv4Addr::LOCALHOST.into(), Ipv6Addr::LOCALHOST.into()]);
    }
    // RFC 7686 §2 items 2 and 3: an error, never a query.
    label.eq_ignore_ascii_case("onion").then(Vec::new)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn special_names_are_known_by_their_last_label() {
        let rows = [
            ("localhost", Some(2)),
            ("a.LocalHost", Some(2)),
            ("localhost.test", None),
            ("x.onion", Some(0)),
            ("onion.test", None),
        ];
        for (name, want) in rows {
            assert_eq!(addresses(name).map(|it| it.len()), want, "{name}");
        }
    }
}
