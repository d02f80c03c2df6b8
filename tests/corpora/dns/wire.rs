//! dns-wire: odd and broken messages, with what dnspython made of each.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use fourstep_resolve::{Families, Transport};
use fourstep_terms::Code;
use hickory_proto::op::{Header, Query};
use hickory_proto::serialize::binary::{BinDecodable, BinDecoder};

use super::ask;
use crate::corpora::{Counts, octets, rows};

/// Where a reader decided against dnspython, and why: by message.
const DECISIONS: &str = include_str!("../../../fixtures/dns/DECISIONS.md");

/// Each message is sent as the answer to the question it has in it, so that its records matter:
/// id, QR, opcode, TC and the question's type and class are made to fit, the rest is as it was.
#[test]
#[ignore = "needs the corpora: make corpora"]
fn odd_messages_are_read_or_refused_within_a_bound() {
    let mut counts = Counts::of("dns-wire");
    let mut undecided = vec![];
    let mut unused: BTreeSet<&str> = DECISIONS.lines().filter_map(decided).collect();
    for row in rows("dns-wire/packets.jsonl") {
        let name = row["id"].as_str().unwrap();
        let theirs = match row["dnspython"]["result"].as_str() {
            Some("ok") => "ok",
            _ => row["dnspython"]["error"].as_str().unwrap(),
        };
        let begun = Instant::now();
        let ours = read(&octets(&row["wire_b64"]));
        assert!(begun.elapsed() < Duration::from_secs(1), "{name} takes too long");
        counts.add(&format!("{theirs}: {ours}"));
        // It wants a key for a signed message, and read all of it until there.
        let reads = matches!(theirs, "ok" | "UnknownTSIGKey");
        let refused = matches!(ours, "malformed" | "no question");
        let differs = ours != "not asked" && reads == refused;
        if differs && !unused.remove(name) {
            undecided.push(format!("{name}: dnspython {theirs}, here {ours}"));
        }
    }
    assert!(undecided.is_empty(), "not in DECISIONS.md:\n{}", undecided.join("\n"));
    assert!(unused.is_empty(), "in DECISIONS.md for nothing: {unused:?}");
    counts.hold();
}

/// What becomes of a message: `read`, `read with an oddity`, `malformed`, `no question`, or `not
/// asked` where the name never leaves this machine.
fn read(message: &[u8]) -> &'static str {
    let question = question(message);
    if question.as_ref().is_some_and(|(name, _)| name.eq_ignore_ascii_case("localhost.")) {
        return "not asked";
    }
    let name = question.as_ref().map_or("a.test.".to_owned(), |(name, _)| name.clone());
    let mut times = 0;
    let answer = ask(&name, Families::V4, |query, transport| {
        // A target it leads to is asked for: that is another question.
        times += 1;
        if times > 1 {
            let [high, low] = query.metadata.id.to_be_bytes();
            return vec![high, low, 0x81, 0x82, 0, 0, 0, 0, 0, 0, 0, 0];
        }
        let mut reply = message.to_vec();
        let header = reply.iter_mut().zip(query.metadata.id.to_be_bytes());
        header.for_each(|(octet, id)| *octet = id);
        if let Some(octet) = reply.get_mut(2) {
            *octet = *octet & 0b0000_0101 | 0b1000_0000;
        }
        if let Some((_, end)) = question {
            reply[end - 4..end].copy_from_slice(&[0, 1, 0, 1]);
        }
        assert_eq!(transport, Transport::Udp);
        reply
    });
    let is_malformed = answer.result.as_ref().is_err_and(|e| e.code() == Code::ResolveMalformed);
    match (is_malformed && answer.ignored.malformed > 0, answer.ignored.wrong_question > 0) {
        (true, _) => "malformed",
        (false, true) => "no question",
        (false, false) if answer.oddities.is_empty() => "read",
        (false, false) => "read with an oddity",
    }
}

/// The name that a message asks for, if it can be typed, and where its question ends.
fn question(message: &[u8]) -> Option<(String, usize)> {
    let mut decoder = BinDecoder::new(message);
    Header::read(&mut decoder).ok().filter(|it| it.counts.queries == 1)?;
    let query = Query::read(&mut decoder).ok()?;
    let labels = query.name().iter().map(|label| std::str::from_utf8(label).ok());
    let labels = labels.collect::<Option<Vec<&str>>>()?;
    let can_be_typed = labels.iter().all(|label| !label.contains('.'));
    can_be_typed.then(|| (labels.join(".") + ".", decoder.index()))
}

/// The message that a line of the table decides: `` | `name` | … ``.
fn decided(line: &str) -> Option<&str> {
    line.strip_prefix("| `")?.split_once('`').map(|(name, _)| name)
}
