//! A `received` line as the octets of a message.

use fourstep_resolve::Binding;
use hickory_proto::op::{Edns, Message, MessageType, OpCode, Query, ResponseCode};
use hickory_proto::rr::rdata::opt::EdnsOption;
use hickory_proto::rr::rdata::{A, AAAA, CNAME, NS, NULL, SOA};
use hickory_proto::rr::{Name, RData, Record, RecordType};

/// The message for the query `id` that asked `question`, whole or in the pieces of a stream.
pub(crate) fn write(id: u16, question: &str, words: &str, is_stream: bool) -> Vec<Vec<u8>> {
    let words = split(words);
    let octets = match words.iter().find_map(|it| it.strip_prefix("octets=")) {
        Some(hex) => [&id.to_be_bytes()[..], &octets(hex)].concat(),
        None => message(id, question, &words),
    };
    if !is_stream {
        return vec![octets];
    }
    let framed = [&u16::try_from(octets.len()).unwrap().to_be_bytes()[..], &octets].concat();
    let cuts = words.iter().find_map(|it| it.strip_prefix("cut=")).unwrap_or_default();
    let mut pieces = vec![];
    let mut from = 0;
    for cut in cuts.split(',').filter(|it| !it.is_empty()) {
        let to = cut.parse().unwrap();
        pieces.push(framed[from..to].to_vec());
        from = to;
    }
    // `cut=…,end`: the rest never comes.
    if !words.iter().any(|it| it == "end") {
        pieces.push(framed[from..].to_vec());
    }
    pieces
}

fn message(id: u16, question: &str, words: &[String]) -> Vec<u8> {
    let has = |word| words.iter().any(|it| it == word);
    let id = if has("id+1") { id.wrapping_add(1) } else { id };
    let kind = if has("query") { MessageType::Query } else { MessageType::Response };
    let mut message = Message::new(id, kind, OpCode::Query);
    message.metadata.recursion_desired = true;
    message.metadata.recursion_available = has("ra");
    message.metadata.authoritative = has("aa");
    message.metadata.truncation = has("tc");
    message.metadata.response_code = rcode(&words[0]);
    let asked = words.iter().find_map(|it| it.strip_prefix("question=")).unwrap_or(question);
    if !has("bare") {
        let (name, rtype) = asked.split_once(' ').unwrap();
        message.add_query(Query::query(absolute(name), rtype.parse().unwrap()));
    }
    for word in words {
        let Some((section, list)) = word.split_once('=') else { continue };
        match section {
            "answer" => message.add_answers(list.split("; ").map(record)),
            "authority" => message.add_authorities(list.split("; ").map(record)),
            "additional" => message.add_additionals(list.split("; ").map(record)),
            "ede" => {
                let (code, text) = list.split_once(' ').unwrap();
                let mut data = code.parse::<u16>().unwrap().to_be_bytes().to_vec();
                data.extend(text.as_bytes());
                let edns = message.edns.get_or_insert_with(Edns::new);
                edns.options_mut().insert(EdnsOption::Unknown(15, data));
                &mut message
            }
            _ => &mut message,
        };
    }
    let mut octets = message.to_vec().unwrap();
    for _ in words.iter().filter(|it| *it == "opt") {
        // The root, OPT, 1232 octets, no RCODE, no options (RFC 6891 §6.1.2).
        octets.extend([0, 0, 41, 4, 208, 0, 0, 0, 0, 0, 0]);
        octets[11] += 1;
    }
    octets
}

/// `a.test 60 A 192.0.2.1`; of an SOA record only MINIMUM is said, an HTTPS record is as in
/// RFC 9460 §2.1.
fn record(text: &str) -> Record {
    let words: Vec<&str> = text.split(' ').collect();
    let [owner, ttl, rtype, data, ..] = words[..] else { panic!("{text}") };
    let data = match rtype {
        "A" => RData::A(A(data.parse().unwrap())),
        "AAAA" => RData::AAAA(AAAA(data.parse().unwrap())),
        "CNAME" => RData::CNAME(CNAME(absolute(data))),
        "HTTPS" => {
            let mut rdata = vec![];
            match words[3] {
                // RFC 3597 §5: `\# LENGTH HEX`.
                "\\#" => rdata = octets(&words[5..].join(" ")),
                _ => {
                    let binding = words[3..].join(" ").parse::<Binding>();
                    binding.unwrap_or_else(|e| panic!("{text}: {e}")).write(&mut rdata);
                }
            }
            RData::Unknown { code: RecordType::HTTPS, rdata: NULL::with(rdata) }
        }
        "NS" => RData::NS(NS(absolute(data))),
        "SOA" => {
            let (server, mailbox) = (absolute("ns.test"), absolute("mail.test"));
            RData::SOA(SOA::new(server, mailbox, 1, 2, 3, 4, data.parse().unwrap()))
        }
        _ => panic!("{text}"),
    };
    Record::from_rdata(absolute(owner), ttl.parse().unwrap(), data)
}

fn rcode(text: &str) -> ResponseCode {
    let number: u16 = match text {
        "NOERROR" => 0,
        "FORMERR" => 1,
        "SERVFAIL" => 2,
        "NXDOMAIN" => 3,
        "NOTIMP" => 4,
        "REFUSED" => 5,
        "NOTAUTH" => 9,
        "octets" => 0,
        _ => panic!("{text}"),
    };
    ResponseCode::from(u8::try_from(number >> 4).unwrap(), u8::try_from(number & 15).unwrap())
}

fn absolute(name: &str) -> Name {
    let mut name = Name::from_ascii(name).unwrap();
    name.set_fqdn(true);
    name
}

fn octets(hex: &str) -> Vec<u8> {
    let hex: String = hex.split_ascii_whitespace().collect();
    (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect()
}

/// Words at spaces; `key="a b"` is one.
fn split(text: &str) -> Vec<String> {
    let (mut words, mut word, mut quoted) = (vec![], String::new(), false);
    for character in text.chars() {
        match character {
            '"' => quoted = !quoted,
            ' ' if !quoted => words.push(std::mem::take(&mut word)),
            other => word.push(other),
        }
    }
    words.push(word);
    words
}
