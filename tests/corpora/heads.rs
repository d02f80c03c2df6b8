//! Responses of seven suites through [`fourstep_response::Reader`].

use super::{Counts, octets, rows};
use fourstep_response::{Asked, Event, Limits, Reader, ResponseError};
use serde_json::Value;
use std::collections::BTreeMap;
use std::fmt;

/// What came out of one stream of octets.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Outcome {
    status: Option<u16>,
    fields: Vec<(Vec<u8>, Vec<u8>)>,
    body: Vec<u8>,
    /// The rule of a malformed response, else the code; `None`: whole, or not closed.
    error: Option<String>,
    whole: bool,
    oddities: Vec<&'static str>,
}

/// `200/5`, or why not.
impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.error, self.status) {
            (Some(error), _) => write!(f, "{error}"),
            (None, Some(status)) => write!(f, "{status:03}/{}", self.body.len()),
            (None, None) => write!(f, "nothing"),
        }
    }
}

/// Reads a reply that comes in pieces of so many octets, and then a close if there is one.
fn read(reply: &[u8], asked: Asked, closes: bool, piece: usize) -> Outcome {
    let mut reader = Reader::new(asked, Limits::default());
    let mut outcome = Outcome::default();
    let result = read_into(&mut outcome, &mut reader, reply, closes, piece);
    outcome.error = result.err().map(|error| match error {
        ResponseError::Malformed { rule, .. } => rule.to_owned(),
        error => error.code().to_string(),
    });
    outcome.oddities = reader.oddities().iter().map(|oddity| oddity.rule).collect();
    outcome
}

fn read_into(
    outcome: &mut Outcome,
    reader: &mut Reader,
    reply: &[u8],
    closes: bool,
    piece: usize,
) -> Result<(), ResponseError> {
    for mut rest in reply.chunks(piece) {
        loop {
            let (taken, event) = reader.read(rest)?;
            rest = &rest[taken..];
            match event {
                Event::More => break,
                Event::Interim(_) => {}
                Event::Final(head, _) => {
                    outcome.status = Some(head.status());
                    outcome.fields = head.fields().map(|(n, v)| (n.into(), v.into())).collect();
                }
                Event::Body(octets) => outcome.body.extend(octets),
                Event::Complete { .. } => outcome.whole = true,
            }
        }
    }
    if closes && !outcome.whole {
        reader.end()?;
        outcome.whole = true;
    }
    Ok(())
}

/// Reads a reply whole and in pieces of several lengths: the outcome is one.
fn read_cut(reply: &[u8], asked: Asked, closes: bool) -> Outcome {
    let outcome = read(reply, asked, closes, usize::MAX);
    for piece in [1, 2, 3, 7, 64, 1000] {
        assert_eq!(read(reply, asked, closes, piece), outcome, "in pieces of {piece}");
    }
    outcome
}

/// What a case of a suite came out as, in a word for the counts.
fn word(outcome: &Outcome) -> String {
    match (&outcome.error, outcome.oddities.as_slice()) {
        (Some(error), _) => format!("refused, {error}"),
        (None, _) if outcome.status.is_none() => "more is wanted".to_owned(),
        (None, []) => "read".to_owned(),
        (None, odd) => format!("read, {}", odd.join(" ")),
    }
}

/// llhttp's own expectations: status, fields and body of the first message, and its error.
#[test]
#[ignore = "needs the corpora: make corpora"]
fn llhttp() {
    let mut counts = Counts::of("llhttp");
    for case in rows("llhttp/cases.jsonl") {
        if case["kind"] != "response" {
            continue;
        }
        let id = case["id"].as_str().unwrap();
        let log: Vec<&str> =
            case["log"].as_array().unwrap().iter().map(|line| line.as_str().unwrap()).collect();
        // Its harness can say that there is no body, as after HEAD.
        let head = log.iter().any(|line| line.ends_with("skip body"));
        let asked = if head { Asked::Head } else { Asked::Other };
        let outcome = read_cut(&octets(&case["input_b64"]), asked, false);
        let first = log.iter().position(|line| line.ends_with("message complete"));
        let first = log.get(..first.map_or(log.len(), |n| n + 1)).unwrap();
        let reads = first.iter().any(|line| line.contains("headers complete"))
            && !first.iter().any(|line| line.contains(" error code="));
        if reads && outcome.error.is_none() {
            let spans = |name: &str| -> String {
                let mark = format!("span[{name}]=\"");
                let parts = first.iter().filter_map(|line| line.split_once(&mark));
                parts.map(|(_, text)| text.strip_suffix('"').unwrap()).collect()
            };
            let joined = |parts: Vec<&[u8]>| String::from_utf8(parts.concat()).unwrap();
            let status = case["statuses"][0].as_u64().map(|n| n as u16);
            assert_eq!(outcome.status, status, "{id}");
            let names = outcome.fields.iter().map(|(name, _)| name.as_slice()).collect();
            assert_eq!(joined(names), spans("header_field"), "{id}");
            // Its spans keep the whitespace after a value.
            let bare = |text: String| text.replace([' ', '\t'], "");
            let values = outcome.fields.iter().map(|(_, value)| value.as_slice()).collect();
            assert_eq!(bare(joined(values)), bare(spans("header_value")), "{id}");
            // It logs the line ends of a body apart.
            let body = joined(vec![&outcome.body]).replace(['\r', '\n'], "");
            assert_eq!(body, spans("body").replace("\\r", "").replace("\\n", ""), "{id}");
        }
        let mode = if case["mode"] == "response" { "strict" } else { "lenient" };
        let verdict = match (reads, outcome.error.is_none()) {
            (true, true) => "both read".to_owned(),
            (false, false) => "both refuse".to_owned(),
            (true, false) => format!("it alone reads: {}", word(&outcome)),
            (false, true) => format!("it alone refuses: {}", word(&outcome)),
        };
        counts.add(&format!("{mode}: {verdict}"));
    }
    counts.hold();
}

/// What browsers are asked to make of odd heads; a list of decisions, not of faults.
#[test]
#[ignore = "needs the corpora: make corpora"]
fn wpt_h1() {
    let mut counts = Counts::of("wpt-h1");
    for case in rows("wpt-h1/cases.jsonl") {
        let outcome = read_cut(&octets(&case["input_b64"]), Asked::Other, true);
        let (group, want) = (case["group"].as_str().unwrap(), &case["wpt_expect"]);
        let agrees = match (want.as_str(), want["body_bytes"].as_u64(), want["status"].as_u64()) {
            (Some(error), ..) => {
                assert!(error.starts_with("network-error"), "{error}");
                outcome.error.is_some()
            }
            (_, Some(body), _) => outcome.whole && outcome.body.len() as u64 == body,
            (.., Some(status)) => outcome.status.map(u64::from) == Some(status),
            _ => panic!("{want}"),
        };
        let agrees = if agrees { "as browsers" } else { "unlike browsers" };
        counts.add(&format!("{group}, {agrees}: {}", word(&outcome)));
    }
    counts.hold();
}

/// The tests of httparse, picohttpparser and http-parser.
#[test]
#[ignore = "needs the corpora: make corpora"]
fn http1_parsers() {
    let mut counts = Counts::of("http1-parsers");
    for case in rows("http1-parsers/cases.jsonl") {
        let (parser, _) = case["id"].as_str().unwrap().split_once('/').unwrap();
        let expect = &case["expect"];
        let (input, asked) = match case["kind"].as_str().unwrap() {
            "response" => (octets(&case["input_b64"]), Asked::Other),
            "headers" => (
                [b"HTTP/1.1 200 OK\r\n".to_vec(), octets(&case["input_b64"])].concat(),
                Asked::Head,
            ),
            "chunked-body-args" => {
                let args = case["source_args"].as_str().unwrap();
                let (body, want) = args.rsplit_once(", ").unwrap();
                assert_eq!(want, "-1", "an error is expected");
                let body: String = serde_json::from_str(body).unwrap();
                let head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
                let outcome = read_cut(format!("{head}{body}").as_bytes(), Asked::Other, false);
                let like = if outcome.error.is_some() { "as" } else { "unlike" };
                counts.add(&format!("{parser}, chunks, {like} it: {}", word(&outcome)));
                continue;
            }
            _ => continue,
        };
        let outcome = read_cut(&input, asked, false);
        let head = outcome.status.is_some();
        let agrees = match expect.as_str() {
            Some("complete" | "Ok(Complete(all))") => head,
            Some("incomplete" | "Ok(Status::Partial)" | "Ok(crate::Status::Partial)") => {
                !head && outcome.error.is_none()
            }
            Some(error) => {
                assert!(error == "error" || error.starts_with("Err("), "{error}");
                outcome.error.is_some()
            }
            None => {
                let want = |name: &str| expect[name].as_str().unwrap();
                let fields = outcome.fields.len().to_string();
                want("status_code") == outcome.status.unwrap_or(0).to_string()
                    && want("num_headers") == fields
            }
        };
        let like = if agrees { "as it" } else { "unlike it" };
        counts.add(&format!("{parser}, {like}: {}", word(&outcome)));
    }
    counts.hold();
}

/// Real replies of real servers: the status is right, and the end is known.
#[test]
#[ignore = "needs the corpora: make corpora"]
fn captured_replies() {
    let mut counts = Counts::of("captured-replies");
    for case in rows("captured-replies/replies.jsonl") {
        let head = octets(&case["request_b64"]).starts_with(b"HEAD ");
        let asked = if head { Asked::Head } else { Asked::Other };
        let outcome = read_cut(&octets(&case["reply_b64"]), asked, case["end"] == "eof");
        if outcome.error.is_none() || outcome.status.is_some() {
            let status = case["status"].as_u64().map(|n| n as u16);
            assert_eq!(outcome.status, status, "{}", case["id"]);
        }
        let end = if case["end"] == "eof" { "closed" } else { "open" };
        let whole = if outcome.whole || outcome.error.is_some() { "" } else { " so far" };
        counts.add(&format!("{end}: {}{whole}", word(&outcome)));
    }
    counts.hold();
}

/// curl's test server's replies, against the exit codes that curl's tests accept.
#[test]
#[ignore = "needs the corpora: make corpora"]
fn curl_replies() {
    let mut counts = Counts::of("curl-replies");
    for case in rows("curl-replies/tests.jsonl") {
        let Some(reply) = case["reply"].get("data") else { continue };
        if case["probe_fit"] != true {
            continue;
        }
        let command = case["command"].as_str().unwrap();
        let head = command.split(' ').any(|word| matches!(word, "-I" | "--head"));
        let asked = if head { Asked::Head } else { Asked::Other };
        let outcome = read_cut(&octets(reply), asked, true);
        let codes: Vec<u64> = case["expect_errorcode"]
            .as_array()
            .unwrap()
            .iter()
            .map(|code| code.as_u64().unwrap())
            .collect();
        let want = match codes.as_slice() {
            [0, ..] => "whole",
            [1 | 8 | 56 | 61 | 100, ..] => "a framing complaint",
            [18 | 52, ..] => "an early close",
            _ => "other",
        };
        counts.add(&format!("curl has {want}: {}", word(&outcome)));
    }
    counts.hold();
}

/// Anything at all: no panic, and the same however it is cut; as a response, fields or chunks.
#[test]
#[ignore = "needs the corpora: make corpora"]
fn fuzz_bytes() {
    let mut counts = Counts::of("fuzz-bytes");
    for case in rows("fuzz-bytes/inputs.jsonl") {
        let input = octets(&case["bytes_b64"]);
        for (name, before) in [
            ("alone", ""),
            ("fields", "HTTP/1.1 200 OK\r\n"),
            ("chunks", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"),
        ] {
            let outcome = read_cut(&[before.as_bytes(), &input].concat(), Asked::Other, true);
            let read = if outcome.error.is_some() { "refused" } else { "read" };
            counts.add(&format!("{name}: {read}"));
        }
    }
    counts.hold();
}

/// Where curl, h11, http.client and llhttp agree, we agree, or fixtures/heads/PEERS.md has a row.
#[test]
#[ignore = "needs the corpora: make corpora"]
fn peer_verdicts() {
    let mut counts = Counts::of("peer-verdicts");
    let mut excused = peers_table();
    let replies = all_replies();
    let mut unexplained = Vec::new();
    for case in rows("peer-verdicts/verdicts.jsonl") {
        let key = ["suite", "id"].map(|name| case[name].as_str().unwrap().to_owned());
        let [suite, id] = &key;
        let outcome = read_cut(&replies[&key], Asked::Other, true);
        let peers = [
            peer(case["curl"]["rc"] == 0, &case["curl"]),
            peer(case["h11"]["ok"] == true, &case["h11"]),
            peer(case["http_client"]["ok"] == true, &case["http_client"]),
            llhttp_peer(&case["llhttp"]),
        ];
        let said: Vec<&String> = peers.iter().flatten().collect();
        let ours = match &outcome.error {
            Some(_) => "refused".to_owned(),
            None => outcome.to_string(),
        };
        let agree = said.iter().all(|peer| *peer == said[0]);
        let they = if agree { said[0].as_str() } else { "split" };
        if agree && they == ours {
            let ours = if ours == "refused" { "refused" } else { "read" };
            counts.add(&format!("all agree: {ours}"));
            continue;
        }
        // An oddity or an error names the row of DECISIONS.md that was followed.
        if !agree && word(&outcome) != "read" {
            counts.add(&format!("they split: {}", word(&outcome)));
            continue;
        }
        let row = format!("{they} | {outcome}");
        match excused.remove(&key) {
            Some(held) if held == row => {
                let kind = if agree { "we alone" } else { "they split, nothing is odd" };
                counts.add(&format!("{kind}: by PEERS.md"));
            }
            held => unexplained.push(format!("| {suite} | {id} | {row} | held: {held:?}")),
        }
    }
    assert!(unexplained.is_empty(), "not in PEERS.md:\n{}", unexplained.join("\n"));
    assert!(excused.is_empty(), "rows of PEERS.md that are no more: {excused:?}");
    counts.hold();
}

/// `status/octets of the body`, or `refused`.
fn peer(read: bool, said: &Value) -> Option<String> {
    let (status, body) = (said["status"].as_u64(), said["body"].as_u64());
    Some(match (read, status, body) {
        (true, Some(status), Some(body)) => format!("{status:03}/{body}"),
        _ => "refused".to_owned(),
    })
}

/// llhttp was not told of the close, and reads on after the first message: what it says counts
/// when it refuses, or ends exactly one message by itself.
fn llhttp_peer(said: &Value) -> Option<String> {
    match (said["ok"].as_bool(), said["complete"].as_u64()) {
        (Some(true), Some(1)) => peer(true, said),
        (Some(true), _) => None,
        _ => peer(false, said),
    }
}

/// The replies that peer-verdicts names, by suite and id.
fn all_replies() -> BTreeMap<[String; 2], Vec<u8>> {
    let mut replies = BTreeMap::new();
    let mut add = |suite: &str, id: String, reply: &Value| {
        if !reply.is_null() {
            replies.insert([suite.to_owned(), id], octets(reply));
        }
    };
    for (suite, file) in [
        ("wpt-h1", "wpt-h1/cases.jsonl"),
        ("llhttp", "llhttp/cases.jsonl"),
        ("http1-parsers", "http1-parsers/cases.jsonl"),
        ("captured-replies", "captured-replies/replies.jsonl"),
    ] {
        for case in rows(file) {
            let field = if suite == "captured-replies" { "reply_b64" } else { "input_b64" };
            add(suite, case["id"].as_str().unwrap().to_owned(), &case[field]);
        }
    }
    for case in rows("curl-replies/tests.jsonl") {
        add("curl-replies", format!("test{}", case["test"]), &case["reply"]["data"]);
    }
    replies
}

/// The rows of fixtures/heads/PEERS.md: what they say, and what we say.
fn peers_table() -> BTreeMap<[String; 2], String> {
    include_str!("../../fixtures/heads/PEERS.md")
        .lines()
        .filter(|line| line.starts_with("| ") && !line.starts_with("| suite "))
        .map(|line| {
            let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
            let [suite, id, they, we, _why] = cells[..] else { panic!("{line}") };
            ([suite.to_owned(), id.to_owned()], format!("{they} | {we}"))
        })
        .collect()
}
