//! A password is shown nowhere, and what is sent can end no line.

use fourstep_target::{Target, redact};
use proptest::prelude::*;

/// Whatever octets, with more of those that mean something.
fn typed() -> impl Strategy<Value = Vec<u8>> {
    let octet = prop_oneof![
        Just(b":/?#[]@%.\\ \r\n\0".to_vec()).prop_flat_map(proptest::sample::select),
        b'0'..=b'9',
        b'a'..=b'f',
        any::<u8>(),
    ];
    let prefix =
        proptest::sample::select(vec!["", "http://", "//", "https://u:p@", "http://[::1%"]);
    (prefix, proptest::collection::vec(octet, 0..24))
        .prop_map(|(prefix, rest)| [prefix.as_bytes(), &rest].concat())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 1024, ..ProptestConfig::default() })]

    #[test]
    fn what_parses_can_be_sent(typed in typed()) {
        match Target::parse(&typed) {
            Err(error) => prop_assert!(error.offset() <= typed.len()),
            Ok(target) => {
                let visible = |octets: &[u8]| octets.iter().all(u8::is_ascii_graphic);
                prop_assert!(visible(target.request_target()) && visible(target.authority().as_bytes()));
                prop_assert!(target.request_target().starts_with(b"/"));
                let host = target.host();
                let authority = match target.explicit_port() {
                    Some(port) if port != target.scheme().default_port() => format!("{host}:{port}"),
                    _ => host.to_string(),
                };
                prop_assert_eq!(target.authority(), authority);
                // A host called http would pass for a scheme without its slashes.
                let authority = ["//", target.authority()].concat();
                let again = Target::parse(authority.as_bytes()).unwrap();
                prop_assert_eq!(again.host().to_string(), target.host().to_string());
                prop_assert!(target.fixes().iter().all(|fix| fix.offset <= typed.len()));
                prop_assert!(target.fixes().is_sorted_by_key(|fix| fix.offset));
                let again = Target::parse(target.absolute().as_bytes()).unwrap();
                prop_assert_eq!(again.absolute(), target.absolute());
            }
        }
        prop_assert!(!redact(&typed).contains(char::is_control));
    }

    #[test]
    fn what_joins_can_be_sent(base in typed(), reference in typed()) {
        let Ok(base) = Target::parse(&base) else { return Ok(()) };
        if let Ok(fourstep_target::Joined::Target(target)) = base.join(&reference) {
            prop_assert!(target.request_target().starts_with(b"/"));
            prop_assert!(target.request_target().iter().all(u8::is_ascii_graphic));
        }
    }

    #[test]
    fn a_password_is_never_shown(
        before in "(http://|HTTPS://|//|| http:/|ftp://)",
        password in "[Z:/?#@\\\\ %]{0,4}ZZ[Z:/?#@\\\\ %\r\n]{0,4}",
        after in "a\\.test(:80|:x|/x|\\\\|)",
    ) {
        // No letter Z but in the password.
        let typed = format!("{before}me:{password}@{after}");
        prop_assume!(!typed.starts_with("me://")); // a scheme and its user
        let parsed = Target::parse(typed.as_bytes());
        if let Ok(target) = &parsed
            && (target.userinfo().is_none() || target.authority().contains('z'))
        {
            return Ok(()); // of `me:x@ZZ/@a.test` the host is ZZ
        }
        prop_assert!(!redact(typed.as_bytes()).contains('Z'), "{}", redact(typed.as_bytes()));
        match parsed {
            Err(error) => prop_assert!(!error.to_string().contains("`Z`"), "{}", error),
            Ok(target) => {
                let shown = format!("{target} {target:?} {}", target.absolute());
                prop_assert!(!shown.contains('Z'), "{}", shown);
            }
        }
    }
}

#[test]
fn credentials() {
    let rows = [
        // typed, user, password, Basic                               (RFC 7617 §2)
        (
            "http://Aladdin:open%20sesame@a/",
            "Aladdin",
            Some("open sesame"),
            "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==",
        ),
        ("http://me@a/", "me", None, "Basic bWU6"),
        ("http://me:@a/", "me", Some(""), "Basic bWU6"),
        ("http://:x@a/", "", Some("x"), "Basic Ong="),
        ("http://me:a:b%40@a/", "me", Some("a:b@"), "Basic bWU6YTpiQA=="),
        ("http://test:123£@a/", "test", Some("123£"), "Basic dGVzdDoxMjPCow=="), // RFC 7617 §2.1
    ];
    for (typed, user, password, basic) in rows {
        let target: Target = typed.parse().unwrap();
        let userinfo = target.userinfo().unwrap();
        assert_eq!(userinfo.user(), user.as_bytes(), "{typed}");
        assert_eq!(userinfo.password(), password.map(str::as_bytes), "{typed}");
        assert_eq!(userinfo.basic(), basic, "{typed}");
    }
}
