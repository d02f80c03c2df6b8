//! Lines to events, and actions to lines.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use fourstep_resolve::{
    Action, Answer, Channel, Config, Families, Family, From, Hosts, Override, Query, Rcode, Ticket,
    Transport,
};
use fourstep_terms::{Fault, FaultKind};
use hickory_proto::op::Message;

use super::reply;

/// A file of `fixtures/dns`.
pub(crate) struct Script {
    pub(crate) name: String,
    pub(crate) config: Config,
    /// Everything before the first event, as it stands.
    pub(crate) head: String,
    /// When, and what happens.
    pub(crate) news: Vec<(u64, Event, String)>,
    /// The lines of what the resolver does, with the place of the news they come after.
    pub(crate) want: Vec<String>,
}

/// What happens.
#[derive(Clone, Debug)]
pub(crate) enum Event {
    Ask(Ticket, Query),
    Forget(Ticket),
    Opened(Channel),
    Closed(Channel),
    Failed(Channel, Fault),
    Received(Channel, SocketAddr, String),
    Tick,
}

impl Script {
    pub(crate) fn parse(name: &str, text: &str) -> Script {
        let (mut conf, mut hosts, mut overrides) = (String::new(), String::new(), vec![]);
        let mut script = Script {
            name: name.to_owned(),
            config: Config::default(),
            head: String::new(),
            news: vec![],
            want: vec![],
        };
        for line in text.lines() {
            match line.split_once(' ').unwrap_or((line, "")) {
                (at, event) if at.starts_with('@') => {
                    if let Some(news) = event.strip_prefix("< ") {
                        let at = at[1..].parse().unwrap_or_else(|_| panic!("{name}: {line}"));
                        script.news.push((at, event_of(news), line.to_owned()));
                    }
                    script.want.push(line.to_owned());
                    continue;
                }
                ("conf", rest) => conf += &format!("{rest}\n"),
                ("hosts", rest) => hosts += &format!("{rest}\n"),
                ("override", rest) => overrides.push(Override::parse(rest).unwrap()),
                ("" | "#", _) => {}
                _ => panic!("{name}: {line}"),
            }
            script.head += &format!("{line}\n");
        }
        let (config, warnings) = Config::parse_resolv_conf(conf.as_bytes(), |_| Some(3));
        assert_eq!(warnings, [], "{name}");
        script.config = Config { hosts: Hosts::parse(hosts.as_bytes()), overrides, ..config };
        script
    }

    /// Everybody who asks, with the families they want.
    pub(crate) fn asked(&self) -> Vec<(Ticket, Family)> {
        let asks = self.news.iter().filter_map(|(_, event, _)| match event {
            Event::Ask(ticket, query) => Some((*ticket, query.families)),
            _ => None,
        });
        asks.flat_map(|(ticket, families)| {
            Family::ALL.into_iter().filter(move |it| families.has(*it)).map(move |it| (ticket, it))
        })
        .collect()
    }
}

fn event_of(text: &str) -> Event {
    let words: Vec<&str> = text.split(' ').collect();
    let channel = || Channel(words[1].parse().unwrap_or_else(|_| panic!("{text}")));
    let ticket = || Ticket(words[1].parse().unwrap_or_else(|_| panic!("{text}")));
    match words[0] {
        "ask" => {
            let families = match words[3] {
                "v4" => Families::V4,
                "v6" => Families::V6,
                "both" => Families::Both,
                _ => panic!("{text}"),
            };
            Event::Ask(ticket(), Query { name: words[2].into(), port: 80, families })
        }
        "forget" => Event::Forget(ticket()),
        "opened" => Event::Opened(channel()),
        "closed" => Event::Closed(channel()),
        "failed" => {
            let kind = FaultKind::ALL.into_iter().find(|kind| kind.as_str() == words[2]);
            Event::Failed(channel(), Fault::of(kind.unwrap_or_else(|| panic!("{text}"))))
        }
        "received" => {
            let (_, rest) = text.split_once(" from ").unwrap();
            let (from, message) = rest.split_once(' ').unwrap();
            Event::Received(channel(), from.parse().unwrap(), message.to_owned())
        }
        "tick" => Event::Tick,
        _ => panic!("{text}"),
    }
}

/// The queries that were sent: their ids, by channel, name and type.
#[derive(Default)]
pub(crate) struct Queries {
    ids: BTreeMap<(u32, String), u16>,
    pub(crate) streams: Vec<Channel>,
}

impl Queries {
    /// Keeps what has to be known to write a reply.
    pub(crate) fn learn(&mut self, action: &Action) {
        match action {
            Action::Open { channel, transport: Transport::Tcp, .. } => self.streams.push(*channel),
            Action::Send { channel, octets } => {
                let message = self.message(*channel, octets);
                self.ids.insert((channel.0, question(&message)), message.metadata.id);
            }
            _ => {}
        }
    }

    /// The pieces in which a `received` line's message comes; none when its query was not sent.
    pub(crate) fn reply(&self, channel: Channel, text: &str) -> Option<Vec<Vec<u8>>> {
        let mut words = text.splitn(3, ' ');
        let question = format!("{} {}", words.next()?, words.next()?);
        let id = *self.ids.get(&(channel.0, question.to_ascii_lowercase()))?;
        let is_stream = self.streams.contains(&channel);
        Some(reply::write(id, &question, words.next()?, is_stream))
    }

    fn message(&self, channel: Channel, octets: &[u8]) -> Message {
        let skip = if self.streams.contains(&channel) { 2 } else { 0 };
        Message::from_vec(&octets[skip..]).unwrap()
    }
}

/// An action as its line.
pub(crate) fn shown(action: &Action, queries: &Queries) -> String {
    match action {
        Action::Open { channel, transport, server } => {
            format!("> open {} {transport} {server}", channel.0)
        }
        Action::Send { channel, octets } => {
            let message = queries.message(*channel, octets);
            let question = message.queries[0].to_owned();
            let edns = if message.edns.is_some() { "edns" } else { "plain" };
            let name = question.name().to_ascii();
            let name = name.strip_suffix('.').unwrap();
            format!("> send {} {name} {} {edns}", channel.0, question.query_type())
        }
        Action::Close { channel } => format!("> close {}", channel.0),
        Action::Answer { ticket, answer } => answer_shown(*ticket, answer),
    }
}

fn answer_shown(ticket: Ticket, answer: &Answer) -> String {
    let join = |it: &[String]| it.join(",");
    let mut line = format!("= answer {} {} ", ticket.0, answer.family.record_type());
    match &answer.result {
        Ok(found) => line += &join(&found.iter().map(ToString::to_string).collect::<Vec<_>>()),
        Err(error) => line += error.code().as_str(),
    }
    line += &format!(" name={}", answer.name);
    let mut add = |word: &str, value: String| line += &format!(" {word}={value}");
    if !answer.cname.is_empty() {
        add("cname", join(&answer.cname.iter().map(|it| it.to_string()).collect::<Vec<_>>()));
    }
    if let Some(ttl) = answer.ttl_s {
        add("ttl", ttl.to_string());
    }
    if answer.from != From::Dns {
        add("from", answer.from.to_string());
    }
    if let Some(rcode) = answer.rcode.filter(|rcode| *rcode != Rcode::NOERROR) {
        add("rcode", rcode.to_string());
    }
    if let (Some(server), Some(transport)) = (answer.server, answer.transport) {
        add("by", format!("{server}/{transport}"));
    }
    if answer.asked != 1 {
        add("asked", answer.asked.to_string());
    }
    for (reason, count) in answer.ignored.reasons() {
        add("ignored", format!("{reason}:{count}"));
    }
    for error in &answer.extended_errors {
        add("ede", format!("\"{} {}\"", error.code, error.text));
    }
    for oddity in &answer.oddities {
        add("odd", format!("{}@{}", oddity.rule, oddity.offset));
    }
    line
}

fn question(message: &Message) -> String {
    let question = &message.queries[0];
    let name = question.name().to_ascii();
    format!("{} {}", name.strip_suffix('.').unwrap(), question.query_type()).to_ascii_lowercase()
}
