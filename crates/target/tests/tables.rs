//! The tables of fixtures/targets: typed → what is sent and dialled, or where it stops.

#![expect(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test ends where it fails"
)]

use fourstep_target::{Host, Joined, Target, TargetError};

const DECISIONS: &str = include_str!("../../../fixtures/targets/DECISIONS.md");

/// The rows of a table, split into `N` columns; the first is what was typed.
fn rows<const N: usize>(table: &str) -> Vec<(Vec<u8>, [&str; N])> {
    let lines = table.lines().filter(|line| !line.is_empty() && !is_comment(line));
    lines
        .map(|line| {
            let columns: Vec<_> = line.split('\t').collect();
            let columns: [&str; N] = columns.try_into().unwrap_or_else(|_| panic!("{line}"));
            (octets(columns[0]), columns)
        })
        .collect()
}

/// `#s` is a reference.
fn is_comment(line: &str) -> bool {
    line.starts_with("# ")
}

/// `\xNN` is an octet, `\\` a backslash, `-` nothing.
fn octets(text: &str) -> Vec<u8> {
    let (mut octets, mut rest) = (Vec::new(), text.as_bytes());
    if rest == b"-" {
        return octets;
    }
    while let [first, after @ ..] = rest {
        let (octet, length) = match after {
            [b'\\', ..] if *first == b'\\' => (b'\\', 2),
            [b'x', digits @ ..] if *first == b'\\' => {
                let digits = str::from_utf8(&digits[..2]).unwrap();
                (u8::from_str_radix(digits, 16).unwrap(), 4)
            }
            _ => (*first, 1),
        };
        octets.push(octet);
        rest = &rest[length..];
    }
    octets
}

/// Host and port as one would dial them: with the zone, for eyes only.
fn dial(target: &Target) -> String {
    match target.host() {
        Host::V6(address, Some(zone)) => format!("[{address}%{zone}] {}", target.port()),
        host => format!("{host} {}", target.port()),
    }
}

fn assert_decided(rule: &str) {
    assert!(DECISIONS.contains(&format!("\n| `{rule}` |")), "no row for {rule}");
}

#[test]
fn accepted() {
    for (typed, [text, absolute, want, fixes]) in
        rows(include_str!("../../../fixtures/targets/accepted.txt"))
    {
        let target = Target::parse(&typed).unwrap_or_else(|error| panic!("{text}: {error}"));
        assert_eq!(target.absolute().as_bytes(), octets(absolute), "{text}");
        assert_eq!(dial(&target), want, "{text}");
        let got: Vec<_> =
            target.fixes().iter().map(|fix| format!("{}@{}", fix.rule, fix.offset)).collect();
        assert_eq!(got.join(" "), fixes.trim_start_matches('-'), "{text}");
        target.fixes().iter().for_each(|fix| assert_decided(fix.rule));
        // What is sent leads to the same place when it is typed.
        let again = Target::parse(target.absolute().as_bytes()).unwrap();
        assert_eq!(again.absolute(), target.absolute(), "{text}");
    }
}

#[test]
fn refused() {
    for (typed, [text, offset, rule]) in rows(include_str!("../../../fixtures/targets/refused.txt"))
    {
        let error = Target::parse(&typed).expect_err(text);
        assert_eq!((error.offset().to_string().as_str(), error.rule()), (offset, rule), "{text}");
        assert!(error.offset() <= typed.len(), "{text}");
        assert_decided(rule);
        let message = error.to_string();
        let start = format!("octet {offset}: expected {}, found ", error.expected());
        assert!(message.starts_with(&start) && !message.contains(char::is_control), "{message}");
    }
}

#[test]
fn joined() {
    let base = Target::parse(b"http://a/b/c/d;p?q").unwrap();
    for (reference, [text, want]) in rows(include_str!("../../../fixtures/targets/join.txt")) {
        let got = match base.join(&reference) {
            Ok(Joined::Target(target)) => target.absolute(),
            Ok(Joined::OtherScheme(scheme)) => format!("other {scheme}"),
            Err(error) => format!("refused {} {}", error.offset(), error.rule()),
        };
        assert_eq!(got.as_bytes(), octets(want), "{text}");
    }
}

#[test]
fn found() {
    let rows: [(&[u8], &str); 5] = [
        (b"http://a:0/", "`0`"),
        (b"http://a:\xC3\xBC/", "`\u{FC}`"),
        (b"http://a:\xFF/", "`\\xff`"),
        (b"http://", "the end"),
        (b"http://me:se/cret@a/", "an octet that is not shown"),
    ];
    for (typed, want) in rows {
        assert_eq!(
            Target::parse(typed).as_ref().map_err(TargetError::found),
            Err(want),
            "{}",
            typed.escape_ascii()
        );
    }
}
