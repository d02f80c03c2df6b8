//! `join` against another reader of RFC 3986.

#![expect(clippy::panic, reason = "a test ends where it fails")]

use fluent_uri::resolve::Resolver;
use fluent_uri::{Uri, UriRef};
use fourstep_target::{Joined, Target};
use proptest::prelude::*;

fn target(joined: Joined) -> Target {
    match joined {
        Joined::Target(target) => target,
        Joined::OtherScheme(scheme) => panic!("{scheme}"),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 1024, ..ProptestConfig::default() })]

    #[test]
    fn as_fluent_uri(
        // It takes `%2e` for a dot, and dots out of the base; RFC 3986 §5.2.2 does neither.
        base in "http://a(:81)?(/(b|;c|%2f)){0,4}/b?(\\?[q/.]{0,3})?",
        reference in "(http://b/|//b/|http://b|//b|/)?((\\.|\\.\\.|\\.\\.\\.|g|;x=1|%2F|a:b|)/){0,5}(\\.|\\.\\.|g)?(\\?[y/.]{0,3})?(#s)?",
    ) {
        let ours = Target::parse(base.as_bytes()).unwrap();
        let text = ours.absolute();
        let theirs = Uri::parse(text.as_str()).unwrap();
        let Ok(uri) = UriRef::parse(reference.as_str()) else { return Ok(()) };
        let resolver = Resolver::with_base(theirs);
        let want = resolver.resolve(&uri);
        let got = ours.join(reference.as_bytes());
        // Empty hosts and other schemes are no errors to a reader of URIs in general.
        let (Ok(want), Ok(Joined::Target(got))) = (want, got) else { return Ok(()) };
        let path = match want.path().as_str() { "" => "/", path => path };
        let query = want.query().map_or(String::new(), |query| format!("?{query}"));
        let request_target = format!("{path}{query}");
        prop_assert_eq!(str::from_utf8(got.request_target()).unwrap(), request_target);
        prop_assert_eq!(got.authority(), want.authority().unwrap().as_str());
    }
}

#[test]
fn what_stays_with_an_origin() {
    let rows = [
        // base, reference → user, zone
        ("http://me:x@a.test/b", "/c", Some("me"), None),
        ("http://me:x@a.test/b", "http://a.test/c", Some("me"), None),
        ("http://me:x@a.test/b", "http://you:y@a.test/c", Some("me"), None), // RFC 9110 §4.2.4
        ("http://me:x@a.test/b", "https://a.test/c", None, None),
        ("http://me:x@a.test/b", "http://a.test:81/c", None, None),
        ("http://me:x@a.test/b", "//b.test/c", None, None),
        ("http://a.test/b", "http://you:y@a.test/c", None, None),
        ("http://me@[fe80::1%lo]/", "/c", Some("me"), Some("lo")),
        ("http://me@[fe80::1%lo]/", "http://[FE80::1]/c", Some("me"), Some("lo")),
        ("http://me@[fe80::1%lo]/", "http://[fe80::2]/c", None, None),
    ];
    for (base, reference, user, zone) in rows {
        let target =
            target(Target::parse(base.as_bytes()).unwrap().join(reference.as_bytes()).unwrap());
        assert_eq!(
            target.userinfo().map(|u| u.user()),
            user.map(str::as_bytes),
            "{base} {reference}"
        );
        assert_eq!(target.host().zone(), zone, "{base} {reference}");
        assert_eq!(target.shown(), target.absolute(), "{base} {reference}");
    }
}

#[test]
fn offsets_are_in_the_reference() {
    let base = Target::parse(b"http://a.test/").unwrap();
    let joined = target(base.join(b" //b.test/x y#z").unwrap());
    let fixes: Vec<_> = joined.fixes().iter().map(|fix| (fix.rule, fix.offset)).collect();
    assert_eq!(fixes, [("space-around", 0), ("space", 11), ("fragment", 13)]);
}
