//! A password is sent, and shown nowhere.

use std::fs;
use std::path::Path;
use std::time::Duration;

use fourstep::target::Target;
use fourstep_peer::{Held, LOOPBACK, Origin, Script};

use super::run;

const PASSWORD: &str = "hunter2hunter2";

#[test]
fn a_password_is_shown_nowhere() {
    let target: Target = format!("http://me:{PASSWORD}@a.test/").parse().unwrap();
    let basic = target.userinfo().unwrap().basic();
    let base64 = basic.strip_prefix("Basic ").unwrap();
    let origin =
        Origin::start(LOOPBACK, Script::answer("HTTP/1.0 204 No Content\r\n\r\n")).unwrap();
    let refused = Held::refused(LOOPBACK).unwrap();
    let trace =
        Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{}.trace", std::process::id()));
    let at = |address| format!("http://me:{PASSWORD}@{address}/");
    let (good, bad) = (at(origin.address()), at(refused.address()));
    let (user, plain) = (format!("me:{PASSWORD}"), origin.url("/"));
    let field = format!("Authorization: {basic}");
    let everything = "%{json} %{url} %{url_effective} %{errormsg} %{redirect_url}";
    let ways: &[&[&str]] = &[
        &[&good],
        &["-u", &user, &plain],
        &["-H", &field, &plain],
        &["-x", &good, "http://a.test/"],
        &["-x", &good, "-H", &field, "http://a.test/"],
        // Not probed, or not answered.
        &[&bad],
        &["-x", &bad, "http://a.test/"],
        &[&format!("http://me:{PASSWORD}@a.test:x/")],
        &[&bad.replacen("http", "https", 1)],
        &["-x", &format!("http://me:{PASSWORD}@:x"), "http://a.test/"],
        &["-x", &format!("https://me:{PASSWORD}@a.test"), "http://a.test/"],
        &["-u", &format!("me:{PASSWORD}\n"), &plain],
        &["-H", &format!("Authorization: {PASSWORD}\n"), &plain],
        // Where no URL is expected.
        &["--color", &good, &plain],
        &["--bogus", &good],
        &["--json", "--body", &good],
    ];
    let outputs: &[&[&str]] = &[
        &[],
        &["-v"],
        &["--json"],
        &["-w", everything],
        &["--head-raw", "--body"],
        &["-s"],
        &["--trace", "-v", "--color", "always"],
        &["--trace-to", trace.to_str().unwrap()],
    ];
    for way in ways {
        for flags in outputs {
            let output = run(&[*flags, *way].concat());
            let traced = fs::read(&trace).unwrap_or_default();
            for octets in [output.stdout, output.stderr, traced] {
                let shown = String::from_utf8_lossy(&octets);
                assert!(!shown.contains(PASSWORD), "{way:?} {flags:?} {shown}");
                assert!(!shown.contains(base64), "{way:?} {flags:?} {shown}");
            }
        }
    }
    // The first five ways, each with all outputs, did send it.
    let sent = u64::try_from(5 * outputs.len()).unwrap();
    let visits = origin.wait(sent, Duration::from_secs(60));
    let with =
        visits.iter().filter(|visit| String::from_utf8_lossy(&visit.octets).contains(base64));
    assert_eq!(with.count(), 5 * outputs.len());
}
