//! dns-rpl: scenarios of unbound and deckard, as a stub sees them.
//!
//! What a scenario expects its resolver to answer (CHECK_ANSWER) is what our server answers; a
//! target it leaves to be asked for is answered from the scenario's other replies. The outcome
//! is held against what stands in the scenario's lines, read here without our code.

use std::collections::BTreeSet;
use std::fs;
use std::net::IpAddr;

use fourstep_resolve::{Answer, Families, Transport};
use fourstep_terms::Code;
use hickory_proto::op::{Edns, Message, MessageType, OpCode, ResponseCode};
use hickory_proto::rr::rdata::opt::EdnsOption;
use hickory_proto::rr::rdata::{A, AAAA, CNAME, NS, SOA};
use hickory_proto::rr::{Name, RData, Record};

use super::ask;
use crate::corpora::{Counts, path};

/// `ENTRY_BEGIN` to `ENTRY_END`.
#[derive(Clone, Debug, Default)]
struct Entry {
    /// `QUERY`, `CHECK_ANSWER`, `REPLY`, or of a range.
    kind: String,
    /// The words of its MATCH line.
    matches: Vec<String>,
    /// The words of its REPLY line.
    flags: Vec<String>,
    /// Its question: name and type.
    question: (String, String),
    /// Section, owner, TTL, type, data.
    records: Vec<(String, String, u32, String, String)>,
}

#[test]
#[ignore = "needs the corpora: make corpora"]
fn every_usable_scenario_comes_out_as_written() {
    let mut counts = Counts::of("dns-rpl");
    for folder in ["unbound", "deckard"] {
        let mut files: Vec<_> = fs::read_dir(path("dns-rpl").join(folder)).unwrap().collect();
        files.sort_by_key(|file| file.as_ref().unwrap().path());
        for file in files {
            let path = file.unwrap().path();
            let entries = entries(&fs::read_to_string(&path).unwrap());
            for pair in steps(&entries).windows(2) {
                let [query, check] = pair else { continue };
                if query.kind == "QUERY" && check.kind == "CHECK_ANSWER" {
                    counts.add(scenario(query, check, &entries, &path.display().to_string()));
                }
            }
        }
    }
    counts.hold();
}

/// Plays one question of a scenario and holds it against the check; says what it was.
fn scenario(query: &Entry, check: &Entry, entries: &[Entry], place: &str) -> &'static str {
    let families = match query.question.1.as_str() {
        "A" => Families::V4,
        "AAAA" => Families::V6,
        _ => return "not for a stub: another record type",
    };
    if !check.question.0.eq_ignore_ascii_case(&query.question.0) {
        return "not for a stub: the answer is to another question";
    }
    let is_cut =
        |it: &&Entry| it.question.0 == check.question.0 && it.flags.iter().any(|flag| flag == "TC");
    let cut = entries.iter().find(is_cut);
    let mut asked = vec![];
    let answer = ask(&query.question.0, families, |sent, transport| {
        let question = &sent.queries[0];
        let name = question.name().to_ascii();
        asked.push(format!("{name} {transport}"));
        let entry = if name.eq_ignore_ascii_case(&query.question.0) {
            cut.filter(|_| transport == Transport::Udp).unwrap_or(check)
        } else {
            let rtype = question.query_type().to_string();
            let fits = |it: &&Entry| {
                it.question.0.eq_ignore_ascii_case(&name)
                    && it.question.1 == rtype
                    && it.records.iter().any(|record| record.0 == "ANSWER")
            };
            match entries.iter().find(fits) {
                Some(entry) => entry,
                None => return failure(sent),
            }
        };
        message(sent, entry)
    });
    held(&answer, check, &query.question.1, place);
    if cut.is_some() {
        assert!(asked.iter().any(|it| it.ends_with("tcp")), "{place}: {asked:?}");
        return "as written, over TCP";
    }
    match &answer.result {
        Ok(_) if asked.len() > 1 => "as written: addresses, a target asked for",
        Ok(_) => "as written: addresses",
        Err(error) => match error.code() {
            Code::ResolveNoAddress => "as written: no address",
            Code::ResolveNoSuchName => "as written: no such name",
            Code::ResolveServerFailure if asked.len() > 1 => "as written: a target that fails",
            Code::ResolveServerFailure => "as written: server failure",
            Code::ResolveRefused => "as written: refused",
            Code::ResolveMalformed => "as written: aliases without end",
            other => panic!("{place}: {other}"),
        },
    }
}

/// The outcome is what the lines of the check say.
fn held(answer: &Answer, check: &Entry, rtype: &str, place: &str) {
    let place = format!("{place}: {} {rtype}: {answer:?}", check.question.0);
    let of = |wanted: &str| {
        check.records.iter().filter(|it| it.0 == "ANSWER" && it.3 == wanted).collect::<Vec<_>>()
    };
    let addresses: BTreeSet<IpAddr> = of(rtype).iter().map(|it| it.4.parse().unwrap()).collect();
    let want = match rcode(check) {
        0 if !addresses.is_empty() => {
            let got = answer.result.as_ref().unwrap_or_else(|_| panic!("{place}"));
            assert_eq!(got.iter().copied().collect::<BTreeSet<_>>(), addresses, "{place}");
            assert_eq!(
                answer.ttl_s,
                of(rtype).iter().chain(&of("CNAME")).map(|it| it.2).min(),
                "{place}"
            );
            None
        }
        // What a target that is asked for has is not the check's to say.
        0 if !of("CNAME").is_empty() => None,
        0 => Some(Code::ResolveNoAddress),
        3 => Some(Code::ResolveNoSuchName),
        5 => Some(Code::ResolveRefused),
        _ => Some(Code::ResolveServerFailure),
    };
    if let Some(code) = want {
        assert_eq!(answer.result.as_ref().map_err(|it| it.code()), Err(code), "{place}");
    }
    let codes: Vec<u16> = answer.extended_errors.iter().map(|it| it.code).collect();
    assert_eq!(codes, extended(check).into_iter().collect::<Vec<_>>(), "{place}");
}

fn message(query: &Message, entry: &Entry) -> Vec<u8> {
    let mut reply = Message::new(query.metadata.id, MessageType::Response, OpCode::Query);
    let has = |flag: &str| entry.flags.iter().any(|it| it == flag);
    reply.metadata.authoritative = has("AA");
    reply.metadata.truncation = has("TC") && !entry.kind.starts_with("CHECK");
    reply.metadata.recursion_desired = has("RD");
    reply.metadata.recursion_available = has("RA");
    reply.metadata.response_code = ResponseCode::from(0, u8::try_from(rcode(entry)).unwrap());
    reply.add_query(query.queries[0].clone());
    for (section, owner, ttl, rtype, data) in &entry.records {
        let Some(data) = rdata(rtype, data) else { continue };
        let record = Record::from_rdata(absolute(owner), *ttl, data);
        match section.as_str() {
            "ANSWER" => reply.add_answer(record),
            "AUTHORITY" => reply.add_authority(record),
            _ => reply.add_additional(record),
        };
    }
    if let Some(code) = extended(entry) {
        let mut edns = Edns::new();
        edns.options_mut().insert(EdnsOption::Unknown(15, code.to_be_bytes().to_vec()));
        reply.set_edns(edns);
    }
    reply.to_vec().unwrap()
}

fn failure(query: &Message) -> Vec<u8> {
    message(query, &Entry { flags: vec!["SERVFAIL".into()], ..Entry::default() })
}

/// Types that a stub does not look at are left out.
fn rdata(rtype: &str, data: &str) -> Option<RData> {
    Some(match rtype {
        "A" => RData::A(A(data.parse().unwrap())),
        "AAAA" => RData::AAAA(AAAA(data.parse().unwrap())),
        "CNAME" => RData::CNAME(CNAME(absolute(data))),
        "NS" => RData::NS(NS(absolute(data))),
        "SOA" => {
            let minimum = data.split_ascii_whitespace().last()?.parse().ok()?;
            RData::SOA(SOA::new(absolute("ns."), absolute("mail."), 1, 2, 3, 4, minimum))
        }
        _ => return None,
    })
}

fn absolute(name: &str) -> Name {
    let mut name = Name::from_ascii(name).unwrap();
    name.set_fqdn(true);
    name
}

fn rcode(entry: &Entry) -> u16 {
    let codes =
        ["NOERROR", "FORMERR", "SERVFAIL", "NXDOMAIN", "NOTIMPL", "REFUSED", "YXDOMAIN", "YXRRSET"];
    let at = codes.iter().position(|code| entry.flags.iter().any(|flag| flag == code));
    u16::try_from(at.unwrap_or(0)).unwrap()
}

/// `MATCH … ede=18`.
fn extended(entry: &Entry) -> Option<u16> {
    entry.matches.iter().find_map(|word| word.strip_prefix("ede=")?.parse().ok())
}

/// The questions and checks, in order.
fn steps(entries: &[Entry]) -> Vec<&Entry> {
    entries.iter().filter(|it| it.kind == "QUERY" || it.kind == "CHECK_ANSWER").collect()
}

fn entries(text: &str) -> Vec<Entry> {
    let (mut entries, mut entry, mut kind, mut section) =
        (vec![], Entry::default(), String::new(), String::new());
    for line in text.lines() {
        let line = line.split(';').next().unwrap_or_default();
        let words: Vec<&str> = line.split_ascii_whitespace().collect();
        match words[..] {
            [] => {}
            ["STEP", _, what, ..] => kind = what.to_owned(),
            ["RANGE_BEGIN", ..] => kind = "RANGE".to_owned(),
            ["ENTRY_BEGIN"] => {
                entry = Entry { kind: kind.clone(), ..Entry::default() };
                section.clear();
            }
            ["ENTRY_END"] => entries.push(std::mem::take(&mut entry)),
            ["MATCH", ..] => entry.matches = words[1..].iter().map(|it| (*it).into()).collect(),
            ["REPLY", ..] => entry.flags = words[1..].iter().map(|it| (*it).into()).collect(),
            ["SECTION", it] => section = it.to_owned(),
            [name, .., rtype] if section == "QUESTION" => {
                let dot = if name.ends_with('.') { "" } else { "." };
                entry.question = (format!("{name}{dot}"), rtype.to_owned());
            }
            [owner, ..] if !section.is_empty() => {
                let mut rest = &words[1..];
                let mut ttl = 3600;
                while let [first, tail @ ..] = rest {
                    match first.parse() {
                        Ok(number) => ttl = number,
                        Err(_) if first.eq_ignore_ascii_case("IN") => {}
                        Err(_) => break,
                    }
                    rest = tail;
                }
                if let [rtype, data @ ..] = rest {
                    let record = (
                        section.clone(),
                        owner.to_owned(),
                        ttl,
                        (*rtype).to_owned(),
                        data.join(" "),
                    );
                    entry.records.push(record);
                }
            }
            _ => {}
        }
    }
    entries
}
