//! Which full names a name that was typed may mean.

use crate::name::Name;

/// Appends the names to ask for, in order, by resolv.conf(5): a dot at the end makes the name absolute;
/// else one with at least `ndots` dots is tried as it is first and then below each domain of the
/// search list, and one with fewer is tried as it is last. Names that cannot be are left out.
pub(crate) fn candidates(typed: &str, ndots: u8, search: &[Box<str>], once: &mut Vec<Name>) {
    let as_it_is = Name::parse(typed);
    if typed.ends_with('.') || search.is_empty() {
        return once.extend(as_it_is);
    }
    let below = search.iter().filter_map(|domain| Name::parse(domain)?.prefixed(typed));
    let dots = typed.bytes().filter(|octet| *octet == b'.').count();
    let all: Vec<Name> = if dots >= usize::from(ndots) {
        as_it_is.into_iter().chain(below).collect()
    } else {
        below.chain(as_it_is).collect()
    };
    // A search list may name the root, or a domain twice.
    for name in all {
        if !once.contains(&name) {
            once.push(name);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn candidates_follow_resolv_conf() {
        let rows: [(&str, u8, &[&str], &[&str]); 9] = [
            // typed, ndots, search list, asked in this order             resolv.conf(5)
            ("a", 1, &["x.test", "y.test"], &["a.x.test", "a.y.test", "a"]),
            ("a.b", 1, &["x.test"], &["a.b", "a.b.x.test"]),
            ("a.b", 2, &["x.test"], &["a.b.x.test", "a.b"]),
            ("a", 0, &["x.test"], &["a", "a.x.test"]),
            ("a.", 1, &["x.test"], &["a"]),
            ("a.b.", 5, &["x.test"], &["a.b"]),
            ("a", 1, &[".", "x.test", "x.test."], &["a", "a.x.test"]),
            ("a", 1, &[], &["a"]),
            ("a..b", 1, &["x.test"], &[]),
        ];
        for (typed, ndots, search, want) in rows {
            let search: Vec<Box<str>> = search.iter().map(|s| (*s).into()).collect();
            let mut got = vec![];
            candidates(typed, ndots, &search, &mut got);
            let got: Vec<_> = got.iter().map(Name::text).collect();
            assert!(got.iter().map(|n| &**n).eq(want.iter().copied()), "{typed} {ndots}: {got:?}");
        }
        let near = "a".repeat(63);
        let near = [near.as_str(), &near, &near, &"a".repeat(60)].join(".");
        let mut got = vec![];
        candidates(&near, 1, &["x.test".into()], &mut got);
        assert_eq!(got.len(), 1, "too long below x.test");
    }
}
