//! Waiting for a certificate: only for one that is not valid yet.

use super::site::{Shown, Site, files, lead, mint};
use crate::real::command::fourstep;
use fourstep_authority::Authority;

#[test]
fn trust_that_failed_is_not_waited_for() {
    let authority = Authority::new(mint());
    let shown: Vec<_> = authority.all().map(|(_, chain)| Shown::new(chain.clone())).collect();
    let site = Site::of(&shown);
    let (_folder, [ca, crl]) = files([
        ("root.pem", authority.root.pem().as_bytes()),
        ("revoked.crl", authority.revoked.as_bytes()),
    ]);
    let lead = lead(&site.nginx);
    for (at, (condition, _)) in authority.all().enumerate() {
        let url = site.url(at, condition.host);
        let brief = ["--for", "500ms", "--interval", "100ms"];
        let trust = ["--ca", &ca, "--crl", &crl, "--connect-to", &lead, &url];
        let done = fourstep(&[&["wait"], &brief[..], &trust].concat());
        let said = String::from_utf8(done.stderr).unwrap();
        let (exit, says) = match condition.code() {
            "" => (0, "  ok           200 OK from "),
            "tls.not-yet-valid" => (1, "not ok after "),
            _ => (5, "given up after 1 look: this does not pass by waiting"),
        };
        assert_eq!(done.status.code(), Some(exit), "{}: {said}", condition.name);
        assert!(said.contains(says), "{}: {said}", condition.name);
        // Whoever does not care reaches it.
        let done = fourstep(&[&["wait", "-k"], &brief[..], &trust].concat());
        assert_eq!(done.status.code(), Some(0), "{}", condition.name);
    }
}
