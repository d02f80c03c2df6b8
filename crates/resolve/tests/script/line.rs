//! Lines to events, and actions to lines.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use fourstep_resolve::{
    Action, Answer, Channel, Config, ExtendedError, Families, Family, From, Hosts, Ignored,
    Override, Params, Query, Rcode, ServiceAnswer, Ticket, Transport,
};
use fourstep_terms::{Fault, FaultKind, Oddity};
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

    /// Everybody who asks for services.
    pub(crate) fn asked_services(&self) -> Vec<Ticket> {
        let asks = self.news.iter().filter_map(|(_, event, _)| match event {
            Event::Ask(ticket, query) => query.https.then_some(*ticket),
            _ => None,
        });
        asks.collect()
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
            let https = words.contains(&"https");
            let usual = if https { 443 } else { 80 };
            let (name, port) = match words[2].split_once(':') {
                Some((name, port)) => (name, port.parse().unwrap()),
                None => (words[2], usual),
            };
            Event::Ask(ticket(), Query { name: name.into(), port, families, https })
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
        Action::Services { ticket, answer } => services_shown(*ticket, answer),
    }
}

fn services_shown(ticket: Ticket, answer: &ServiceAnswer) -> String {
    let mut line = format!("= services {}", ticket.0);
    for service in &answer.services {
        let priority = service.priority.map_or("alias".to_owned(), |it| it.to_string());
        line += &format!(" [{priority} {}:{}", service.target, service.port);
        if service.params != Params::default() {
            line += &format!(" {}", service.params);
        }
        if service.is_own {
            line += " own";
        }
        for family in Family::ALL {
            let addresses = service.addresses(family);
            let error = service.answers.iter().find(|it| it.family == family);
            let error = error.and_then(|it| it.result.as_ref().err());
            if !addresses.is_empty() {
                line += &format!(" {}={}", family.record_type(), list(&addresses));
            } else if let Some(error) = error {
                line += &format!(" {}={}", family.record_type(), error.code().as_str());
            }
        }
        line += "]";
    }
    if answer.services.is_empty() {
        line += " none";
    }
    if answer.is_unavailable {
        line += " unavailable";
    }
    let mut add = |word: &str, value: String| line += &format!(" {word}={value}");
    if let Some(error) = &answer.failure {
        add("failure", error.code().to_string());
    }
    if answer.awaited > 0 {
        add("awaited", answer.awaited.to_string());
    }
    add("name", answer.name.to_string());
    if !answer.aliases.is_empty() {
        add("aliases", list(&answer.aliases));
    }
    rest_shown(
        &mut add,
        (answer.ttl_s, answer.from, answer.rcode, answer.server, answer.transport),
        (answer.asked, answer.ignored),
        (&answer.extended_errors, &answer.oddities),
    );
    line
}

/// What is shown of both kinds of answers.
fn rest_shown(
    add: &mut impl FnMut(&str, String),
    (ttl_s, from, rcode, server, transport): (
        Option<u32>,
        From,
        Option<Rcode>,
        Option<SocketAddr>,
        Option<Transport>,
    ),
    (asked, ignored): (u32, Ignored),
    (extended_errors, oddities): (&[ExtendedError], &[Oddity]),
) {
    if let Some(ttl) = ttl_s {
        add("ttl", ttl.to_string());
    }
    if from != From::Dns {
        add("from", from.to_string());
    }
    if let Some(rcode) = rcode.filter(|rcode| *rcode != Rcode::NOERROR) {
        add("rcode", rcode.to_string());
    }
    if let (Some(server), Some(transport)) = (server, transport) {
        add("by", format!("{server}/{transport}"));
    }
    if asked != 1 {
        add("asked", asked.to_string());
    }
    for (reason, count) in ignored.reasons() {
        add("ignored", format!("{reason}:{count}"));
    }
    for error in extended_errors {
        add("ede", format!("\"{} {}\"", error.code, error.text));
    }
    for oddity in oddities {
        add("odd", format!("{}@{}", oddity.rule, oddity.offset));
    }
}

fn list(items: &[impl ToString]) -> String {
    items.iter().map(ToString::to_string).collect::<Vec<_>>().join(",")
}

fn answer_shown(ticket: Ticket, answer: &Answer) -> String {
    let mut line = format!("= answer {} {} ", ticket.0, answer.family.record_type());
    match &answer.result {
        Ok(found) => line += &list(found),
        Err(error) => line += error.code().as_str(),
    }
    line += &format!(" name={}", answer.name);
    let mut add = |word: &str, value: String| line += &format!(" {word}={value}");
    if !answer.cname.is_empty() {
        add("cname", list(&answer.cname));
    }
    rest_shown(
        &mut add,
        (answer.ttl_s, answer.from, answer.rcode, answer.server, answer.transport),
        (answer.asked, answer.ignored),
        (&answer.extended_errors, &answer.oddities),
    );
    line
}

fn question(message: &Message) -> String {
    let question = &message.queries[0];
    let name = question.name().to_ascii();
    format!("{} {}", name.strip_suffix('.').unwrap(), question.query_type()).to_ascii_lowercase()
}
