//! Whatever is typed: no panic, and what parses can be sent and leads back to itself.
//! The octets after the first line end are a Location to join.
#![no_main]

use fourstep_target::{Joined, Target, redact};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|octets: &[u8]| {
    let mut lines = octets.splitn(2, |&octet| octet == b'\n');
    let (typed, reference) = (lines.next().unwrap_or_default(), lines.next().unwrap_or_default());
    assert!(!redact(typed).contains(char::is_control));
    match Target::parse(typed) {
        Err(error) => {
            assert!(error.offset() <= typed.len());
            assert!(!error.to_string().contains(char::is_control));
        }
        Ok(target) => {
            check(&target, typed.len());
            if let Ok(Joined::Target(next)) = target.join(reference) {
                check(&next, reference.len());
                let scheme_and_host =
                    (target.scheme(), target.host()) == (next.scheme(), next.host());
                assert!(
                    next.userinfo().is_none() || scheme_and_host && target.port() == next.port()
                );
            }
        }
    }
});

fn check(target: &Target, length: usize) {
    // Nothing that ends a request target or a line (RFC 9112 §3).
    assert!(target.request_target().starts_with(b"/"));
    assert!(target.request_target().iter().all(u8::is_ascii_graphic));
    assert!(target.authority().bytes().all(|octet| octet.is_ascii_graphic()));
    assert!(!target.shown().contains(char::is_control));
    assert!(target.fixes().iter().all(|fix| fix.offset <= length));
    let again = Target::parse(["//", target.authority()].concat().as_bytes()).unwrap();
    assert_eq!(again.host().to_string(), target.host().to_string());
    let again = Target::parse(target.absolute().as_bytes()).unwrap();
    assert_eq!(again.absolute(), target.absolute());
    assert_eq!(again.port(), target.port());
}
