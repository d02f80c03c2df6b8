//! The test vectors of RFC 9460 appendix D, through the service bindings of `resolve`.

use std::fs;

use fourstep_resolve::Binding;

use super::{Counts, path};

/// A record in the presentation format and its RDATA.
type Vector = (String, Vec<u8>);

#[test]
#[ignore = "reads the corpora"]
fn svcb_vectors() {
    let mut counts = Counts::of("svcb-vectors");
    let texts = lines(&read("svcb_test_vectors.text"));
    let generic = lines(&read("svcb_test_vectors.generic"));
    assert_eq!(texts.len(), generic.len(), "the files have the same records in the same order");
    for vector in texts.into_iter().zip(generic.iter().map(|it| octets(it))) {
        counts.add(&format!("as files: {}", outcome(&vector)));
    }
    let appendix = read("rfc9460-appendix-d.md");
    let (good, bad) = appendix.split_once("## Failure cases").unwrap();
    for vector in good.split("{: title").flat_map(vectors) {
        counts.add(&format!("as written: {}", outcome(&vector)));
    }
    for record in lines(&indented(bad)) {
        let error = presentation(&record).parse::<Binding>().expect_err(&record);
        counts.add(&format!("failure cases: refused by {}", error.reference));
    }
    counts.hold();
}

fn outcome((text, rdata): &Vector) -> &'static str {
    let binding: Binding = text.parse().unwrap_or_else(|e| panic!("{text}: {e}"));
    assert_eq!(Binding::read(rdata).as_ref(), Ok(&binding), "{text}");
    assert_eq!(binding.to_string().parse().as_ref(), Ok(&binding), "{text}");
    let mut written = vec![];
    binding.write(&mut written);
    assert_eq!(&written, rdata, "{text}");
    if binding.is_alias() { "an alias, both ways" } else { "a service, both ways" }
}

/// Of a block of the appendix, each record in the presentation format with the octets below.
fn vectors(block: &str) -> Vec<Vector> {
    let lines = lines(&indented(block));
    let (generic, texts): (Vec<_>, Vec<_>) = lines.iter().partition(|it| it.starts_with("\\#"));
    let rdata = generic.first().map(|it| octets(it));
    let with = |text: &String| Some((presentation(text), rdata.clone()?));
    texts.into_iter().filter_map(with).collect()
}

/// `1 .` of `example.com. SVCB 1 .`
fn presentation(record: &str) -> String {
    record.split_ascii_whitespace().skip(2).collect::<Vec<_>>().join(" ")
}

/// The octets of `\# LENGTH HEX` (RFC 3597 §5).
fn octets(generic: &str) -> Vec<u8> {
    let mut words = generic.split_ascii_whitespace().skip(1);
    let length: usize = words.next().unwrap().parse().unwrap();
    let octets: Vec<u8> = words.map(|hex| u8::from_str_radix(hex, 16).unwrap()).collect();
    assert_eq!(octets.len(), length, "{generic}");
    octets
}

/// The records of a zone file: comments taken away, lines in parentheses joined. No vector has a
/// semicolon or a parenthesis of its own.
fn lines(text: &str) -> Vec<String> {
    let (mut lines, mut depth) = (vec![String::new()], 0);
    for line in text.lines() {
        let line = line.split(';').next().unwrap();
        let last = lines.last_mut().unwrap();
        last.push(' ');
        last.push_str(line);
        depth += line.matches('(').count();
        depth -= line.matches(')').count();
        if depth == 0 {
            lines.push(String::new());
        }
    }
    let bare = |line: String| line.replace(['(', ')'], " ").trim().to_owned();
    lines.into_iter().map(bare).filter(|line| !line.is_empty()).collect()
}

/// The examples of a text in Markdown; the octets of the last form, `\x00`, are those of the
/// generic one again.
fn indented(text: &str) -> String {
    let is_example = |line: &&str| line.starts_with("    ") && !line.contains("\\x");
    text.lines()
        .filter(is_example)
        .filter(|line| !line.contains(" # "))
        .collect::<Vec<_>>()
        .join("\n")
}

fn read(name: &str) -> String {
    let path = path("svcb-vectors").join(name);
    fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}
