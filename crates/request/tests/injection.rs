//! Whatever is handed in, another parser finds in the head exactly what was meant.

#![expect(clippy::indexing_slicing, reason = "a test ends where it fails")]

use fourstep_request::Recipe;
use fourstep_target::Target;
use proptest::prelude::*;

/// Octets, with more of those that an injection needs.
fn octets(most: usize) -> impl Strategy<Value = Vec<u8>> {
    let octet = prop_oneof![
        4 => b'a'..=b'e',
        1 => proptest::sample::select(b":;/ \t\r\n\0,".to_vec()),
        1 => any::<u8>(),
    ];
    proptest::collection::vec(octet, 0..most)
}

fn line() -> impl Strategy<Value = Vec<u8>> {
    let name = proptest::sample::select(vec![
        "Host",
        "host",
        "Accept",
        "Content-Length",
        "Transfer-Encoding",
        "Content-Type",
        "Cookie",
        "X",
    ]);
    let colon = proptest::sample::select(vec![":", ": ", ";", " :", ":\t"]);
    prop_oneof![
        octets(12),
        (name, colon, octets(8)).prop_map(|(n, c, v)| [n.as_bytes(), c.as_bytes(), &v].concat()),
    ]
}

/// The fields to be found, by a simpler model than the writer's: defaults, then what was given.
fn meant(
    target: &Target,
    lines: &[Vec<u8>],
    body: Option<&[u8]>,
    method: &str,
) -> Vec<(String, Vec<u8>)> {
    let mut given: Vec<(String, Option<Vec<u8>>)> = Vec::new();
    for line in lines {
        let end = line.iter().position(|octet| b":;".contains(octet)).unwrap_or(line.len());
        let name = String::from_utf8_lossy(&line[..end]).into_owned();
        let value = line[end + 1..].trim_ascii().to_vec();
        let removes = line[end] == b':' && value.is_empty();
        if removes {
            given.retain(|(other, _)| !other.eq_ignore_ascii_case(&name));
        }
        given.push((name, (!removes).then_some(value)));
    }
    let is = |name: &str, other: &str| name.eq_ignore_ascii_case(other);
    let mut fields = Vec::new();
    let length = body.map(|body| body.len().to_string());
    let agent = format!("fourstep/{}", env!("CARGO_PKG_VERSION"));
    let defaults = [
        ("Host", Some(target.authority())),
        ("User-Agent", Some(&agent)),
        ("Accept", Some("*/*")),
        ("Connection", Some("close")),
        ("Content-Type", body.map(|_| "application/x-www-form-urlencoded")),
        ("Content-Length", length.as_deref().or((method == "POST").then_some("0"))),
    ];
    for (name, value) in defaults {
        let Some(value) = value else { continue };
        if !given.iter().any(|(other, _)| is(other, name)) {
            fields.push((name.to_owned(), value.as_bytes().to_vec()));
        } else if name == "Host"
            && let Some((_, Some(value))) =
                given.iter().find(|(other, v)| is(other, name) && v.is_some())
        {
            fields.push((name.to_owned(), value.clone()));
        }
    }
    for (name, value) in given {
        if let Some(value) = value.filter(|_| !is(&name, "Host")) {
            fields.push((name, value));
        }
    }
    fields
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 2048, ..ProptestConfig::default() })]

    #[test]
    fn the_head_has_exactly_what_was_meant(
        lines in proptest::collection::vec(line(), 0..6),
        method in prop_oneof![Just(b"POST".to_vec()), octets(4)],
        request_target in octets(8),
        typed in octets(8),
        body in proptest::option::of(octets(8)),
    ) {
        let Ok(target) = Target::parse(&[b"a.test/".as_slice(), &typed].concat()) else { return Ok(()) };
        let mut recipe = Recipe::new();
        let mut taken = Vec::new();
        for line in lines {
            if let Ok(next) = recipe.clone().field(&line) {
                recipe = next;
                taken.push(line);
            }
        }
        if let Some(Ok(next)) = str::from_utf8(&method).ok().map(|method| recipe.clone().method(method)) {
            recipe = next;
        }
        let mut path = target.request_target().to_vec();
        if let Ok(next) = recipe.clone().request_target(&request_target) {
            recipe = next;
            path = request_target;
        }
        if let Some(body) = &body {
            recipe = recipe.body(body.as_slice().into());
        }

        let mut out = Vec::new();
        let written = recipe.write(&target, &mut out);
        let (head, rest) = out.split_at(written.head_octets);
        let mut lines = head.split(|&octet| octet == b'\n');
        let request_line = lines.next().unwrap();
        let want = [recipe.method_name().as_bytes(), b" ", &path, b" HTTP/1.1\r"].concat();
        prop_assert_eq!(request_line, want);

        // The fields alone: httparse refuses some octets of request targets that may be sent.
        let fields = &head[request_line.len() + 1..];
        let mut slots = [httparse::EMPTY_HEADER; 32];
        let (taken_octets, found) = match httparse::parse_headers(fields, &mut slots).unwrap() {
            httparse::Status::Complete(complete) => complete,
            httparse::Status::Partial => panic!("no end: {}", head.escape_ascii()),
        };
        prop_assert_eq!(taken_octets, fields.len());
        prop_assert_eq!(rest, body.as_deref().unwrap_or_default());
        let found: Vec<_> = found.iter().map(|f| (f.name.to_owned(), f.value.to_vec())).collect();
        prop_assert_eq!(found, meant(&target, &taken, body.as_deref(), recipe.method_name()));
    }
}
