//! What to ask next when the answer points elsewhere.

use crate::field::Edit;
use crate::recipe::Recipe;

/// Fields that speak of the body: dropped with it (RFC 9110 §15.4, item 5 of the list). TE is not
/// one: it speaks of the response (RFC 9110 §10.1.4).
const OF_THE_BODY: [&str; 4] = ["Digest", "Last-Modified", "Expect", "Trailer"];

/// Fields that were meant for one origin (RFC 9110 §15.4, items 2 and 3 of the list).
const OF_THE_ORIGIN: [&str; 3] = ["Authorization", "Cookie", "Host"];

impl Recipe {
    /// The recipe for the target that a redirect names (RFC 9110 §15.4).
    ///
    /// 303 makes a GET of everything but HEAD, 301 and 302 make one of POST, as the web expects
    /// (RFC 9110 §15.4.2, §15.4.3); then the body goes, and the fields that speak of it. Other statuses keep
    /// the method. An overridden request target belongs to the first request only. To another
    /// origin go no Authorization, no Cookie, and no Host that was given.
    pub fn redirected(&self, status: u16, same_origin: bool) -> Recipe {
        let mut next = self.clone();
        next.request_target = None;
        let becomes_get = match (status, self.method_name()) {
            (303, method) => !matches!(method, "GET" | "HEAD"),
            (301 | 302, method) => method == "POST",
            _ => false,
        };
        if becomes_get {
            next.method = None;
            next.body = None;
            next.drop_given(|name| {
                is_any(name, &OF_THE_BODY) || name.to_ascii_lowercase().starts_with("content-")
            });
        }
        if !same_origin {
            next.drop_given(|name| is_any(name, &OF_THE_ORIGIN));
        }
        next.changed()
    }

    /// Drops what was given under these names; a default that was removed stays so.
    fn drop_given(&mut self, unwanted: impl Fn(&str) -> bool) {
        self.edits.retain(|Edit { name, value }| value.is_none() || !unwanted(name));
    }
}

fn is_any(name: &str, names: &[&str]) -> bool {
    names.iter().any(|other| other.eq_ignore_ascii_case(name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use fourstep_target::Target;

    #[test]
    fn methods_and_bodies() {
        let rows = [
            // method, body, status → method, body                  (RFC 9110 §15.4)
            ("GET", false, 301, "GET", false),
            ("HEAD", false, 301, "HEAD", false),
            ("POST", true, 301, "GET", false), // §15.4.2
            ("POST", true, 302, "GET", false), // §15.4.3
            ("PUT", true, 302, "PUT", true),
            ("PUT", true, 303, "GET", false), // §15.4.4
            ("HEAD", false, 303, "HEAD", false),
            ("POST", true, 307, "POST", true), // §15.4.8
            ("POST", true, 308, "POST", true), // §15.4.9
            ("post", true, 301, "post", true), // another method: RFC 9110 §9.1
        ];
        for (method, body, status, want_method, want_body) in rows {
            let mut recipe = Recipe::new().method(method).unwrap();
            recipe.body = body.then(|| b"b".as_slice().into());
            let next = recipe.redirected(status, true);
            let got = (next.method_name(), next.body.is_some());
            assert_eq!(got, (want_method, want_body), "{method} {body} {status}");
        }
    }

    #[test]
    fn fields() {
        let recipe = Recipe::new()
            .body(b"b".as_slice().into())
            .field(b"authorization: x")
            .and_then(|r| r.field(b"Cookie: x"))
            .and_then(|r| r.field(b"Host: x"))
            .and_then(|r| r.field(b"content-type: x"))
            .and_then(|r| r.field(b"Accept:"))
            .and_then(|r| r.field(b"Trailer: x"))
            .and_then(|r| r.field(b"TE: x"))
            .and_then(|r| r.request_target(b"*"))
            .unwrap();
        let target = Target::parse(b"a.test/x").unwrap();
        let rows = [
            (303, true, "GET /x ", "authorization,Cookie,Host,TE"),
            (303, false, "GET /x ", "TE"),
            (307, true, "POST /x ", "authorization,Cookie,Host,content-type,Trailer,TE"),
            (307, false, "POST /x ", "content-type,Trailer,TE"),
        ];
        for (status, same_origin, line, given) in rows {
            let next = recipe.redirected(status, same_origin);
            let kept = next.edits.iter().filter(|edit| edit.value.is_some());
            let names = kept.map(|edit| &*edit.name).collect::<Vec<_>>().join(",");
            assert_eq!(names, given, "{status} {same_origin}");
            assert!(!next.keeps_default("Accept"));
            let mut out = Vec::new();
            next.write(&target, &mut out);
            assert!(out.starts_with(line.as_bytes()), "{status}: {}", out.escape_ascii());
        }
    }
}
