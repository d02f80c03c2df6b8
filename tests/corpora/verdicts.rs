//! Who wrote a reply: real ones, documented ones, and those of a test server that is none of them.
//!
//! Each suite's label is held against the verdict's source. A wrong name that is said to be certain
//! fails; the rest is counted.

use super::{Counts, octets, rows};
use fourstep_probe::{Plan, Probe, Received, Report};
use fourstep_response::{Asked, Event, Limits, Reader};
use fourstep_target::Target;
use fourstep_verdict::{Confidence, Relation, Source, Verdict};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// What a probe keeps of a body that came with a status that is not accepted.
const KEPT: usize = 4096;

/// The report of a reply; `None` when it has no final head.
fn report(reply: &[u8], asked: Asked, closes: bool) -> Option<Report> {
    let mut reader = Reader::new(asked, Limits::default());
    let mut received = Received::default();
    let mut rest = reply;
    while let Ok((taken, event)) = reader.read(rest) {
        rest = &rest[taken..];
        match event {
            Event::More => break,
            Event::Interim(_) => {}
            Event::Final(head, framing) => {
                received.head = Some(head);
                received.framing = framing;
            }
            Event::Body(octets) => {
                received.body_octets += octets.len() as u64;
                let room = KEPT.saturating_sub(received.body.len()).min(octets.len());
                received.body.extend(&octets[..room]);
            }
            Event::Complete { .. } => {
                received.complete = true;
                break;
            }
        }
    }
    received.complete |= closes && reader.end().is_ok();
    received.head.as_ref()?;
    let target = Target::parse(b"http://probe.test/").unwrap();
    let probe = Probe::new(Arc::new(target), Arc::new(Plan::default()));
    Some(Report { response: Some(received.into()), ..*probe.into_report() })
}

/// 2026-11-22T06:06:00Z, about when the replies were captured.
fn now() -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(1_795_327_560)
}

/// Labels that are not the name of a row.
fn name(label: &str) -> &str {
    match label {
        "tomcat10" => "tomcat",
        "jetty9" => "jetty",
        "caddy2.11" => "caddy",
        "micro-httpd" => "micro_httpd",
        "icecast2" => "icecast",
        "werkzeug-flask" => "werkzeug",
        // Its replies are empty; gunicorn's fields are all there is.
        "django-gunicorn" => "gunicorn",
        label => label,
    }
}

/// What the verdict made of a reply of `label`'s.
fn outcome(source: &Source, label: &str) -> String {
    let named = |name: &str| if name == label { "right" } else { "wrong" };
    match (source.relation, &source.name) {
        (Relation::OneOf, _) => {
            let among = source.candidates.contains(&label);
            format!("one-of, {}", if among { "among them" } else { "not among them" })
        }
        (relation, Some(name)) => {
            format!("{} {relation}, {}", named(name), source.confidence)
        }
        _ => "unknown".to_owned(),
    }
}

/// Who is taken for whom, and how often.
#[derive(Default)]
struct Confusion(BTreeMap<(String, String), usize>);

impl Confusion {
    fn add(&mut self, label: &str, source: &Source) {
        let got = match (source.relation, &source.name) {
            (Relation::OneOf, _) => format!("one of {}", source.candidates.join(", ")),
            (relation, Some(name)) => format!("{name}, {relation}, {}", source.confidence),
            _ => "unknown".to_owned(),
        };
        *self.0.entry((label.to_owned(), got)).or_default() += 1;
    }

    fn print(&self) {
        for ((label, got), n) in &self.0 {
            println!("{n:>4}  {label:<24} {got}");
        }
    }
}

#[test]
#[ignore = "needs the corpora: make corpora"]
fn captured_replies() {
    let (mut counts, mut confusion) = (Counts::of("verdict-captured"), Confusion::default());
    let mut wrong = Vec::new();
    for case in rows("captured-replies/replies.jsonl") {
        let id = case["id"].as_str().unwrap();
        let (label, kind) = id.split_once('/').unwrap();
        let head = octets(&case["request_b64"]).starts_with(b"HEAD ");
        let asked = if head { Asked::Head } else { Asked::Other };
        let reply = octets(&case["reply_b64"]);
        let Some(report) = report(&reply, asked, case["end"] == "eof") else {
            counts.add("no head");
            continue;
        };
        let verdict = Verdict::of(&report, now());
        if verdict.status.is_some_and(|status| status < 400) {
            assert_eq!(verdict.source, Source::UNKNOWN, "{id}");
            counts.add("accepted");
            continue;
        }
        let source = &verdict.source;
        confusion.add(label, source);
        // Whoever passes an answer on wrote none of it.
        let relayed = kind == "relay503";
        let outcome = outcome(source, name(label));
        counts.add(&format!("{}{outcome}", if relayed { "relayed: " } else { "" }));
        let certain = source.confidence == Confidence::Certain;
        let right = source.name.as_deref() == Some(name(label))
            && (source.relation == Relation::Relayed) == relayed;
        if certain && !right {
            wrong.push(format!("{id}: {source:?}"));
        }
        println!("{id}: {}", verdict.sentence());
    }
    confusion.print();
    assert!(wrong.is_empty(), "certain, and wrong:\n{}", wrong.join("\n"));
    counts.hold();
}

#[test]
#[ignore = "needs the corpora: make corpora"]
fn documented_503() {
    let (mut counts, mut confusion) = (Counts::of("verdict-documented"), Confusion::default());
    let mut wrong = Vec::new();
    for case in rows("documented-503/replies.jsonl") {
        let label = case["emitter"].as_str().unwrap();
        let fields: String = case["headers"]
            .as_array()
            .unwrap()
            .iter()
            .map(|line| line.as_str().unwrap())
            // The bodies are given without chunks, and some of them cut.
            .filter(|line| {
                let name = line.split(':').next().unwrap().to_ascii_lowercase();
                !matches!(name.as_str(), "transfer-encoding" | "content-length")
            })
            .map(|line| format!("{line}\r\n"))
            .collect();
        let head = format!("{}\r\n{fields}\r\n", case["status_line"].as_str().unwrap());
        let reply = [head.into_bytes(), octets(&case["body_b64"])].concat();
        let report = report(&reply, Asked::Other, true).unwrap();
        let verdict = Verdict::of(&report, now());
        confusion.add(label, &verdict.source);
        let outcome = outcome(&verdict.source, label);
        counts.add(&outcome);
        if verdict.source.confidence == Confidence::Certain && !outcome.starts_with("right") {
            wrong.push(format!("{label}: {:?}", verdict.source));
        }
        println!("{}: {}", case["id"], verdict.sentence());
    }
    confusion.print();
    assert!(wrong.is_empty(), "certain, and wrong:\n{}", wrong.join("\n"));
    counts.hold();
}

/// curl's test server is none of the table's emitters: nothing here is certain.
#[test]
#[ignore = "needs the corpora: make corpora"]
fn curl_replies() {
    let mut counts = Counts::of("verdict-curl");
    for case in rows("curl-replies/tests.jsonl") {
        for (part, reply) in case["reply"].as_object().unwrap() {
            let Some(report) = report(&octets(reply), Asked::Other, true) else {
                counts.add("no head");
                continue;
            };
            // What an accepted status would be taken for is of interest here, too.
            let source = Verdict::judged(&report, now(), false).source;
            assert_ne!(source.confidence, Confidence::Certain, "{part}: {source:?}");
            counts.add(&match &source.name {
                Some(name) => format!("{name} {}, {}", source.relation, source.confidence),
                None => source.relation.to_string(),
            });
        }
    }
    counts.hold();
}

/// Anything at all, as fields and as a body: no panic, and never certain.
#[test]
#[ignore = "needs the corpora: make corpora"]
fn fuzz_bytes() {
    let mut counts = Counts::of("verdict-fuzz");
    for case in rows("fuzz-bytes/inputs.jsonl") {
        let input = octets(&case["bytes_b64"]);
        let names: [&[u8]; 6] =
            [b"Via", b"Proxy-Status", b"Cache-Status", b"Retry-After", b"RateLimit", b"Date"];
        let line: Vec<u8> = input.iter().copied().filter(|octet| *octet >= b' ').collect();
        let fields: Vec<u8> =
            names.iter().flat_map(|name| [*name, b": ", &line, b"\r\n"].concat()).collect();
        let reply = [b"HTTP/1.1 503 x\r\n", &fields[..], b"\r\n", &input].concat();
        let Some(report) = report(&reply, Asked::Other, true) else {
            counts.add("no head");
            continue;
        };
        let verdict = Verdict::of(&report, now());
        assert_ne!(verdict.source.confidence, Confidence::Certain, "{}", verdict.sentence());
        let hops = if verdict.hops.is_empty() { "no hop" } else { "hops" };
        counts.add(&format!("{hops}, {}", verdict.source.relation));
    }
    counts.hold();
}
