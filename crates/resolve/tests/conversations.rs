//! Every conversation of `fixtures/dns`, replayed in simulated time: as it stands, then with
//! each of its actions failing.
#![expect(
    clippy::disallowed_methods,
    reason = "a test may read its fixtures and whether to bless them"
)]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test may panic"
)]

mod script;

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use fourstep_resolve::{Action, Channel, Family, Input, Resolver, Ticket};
use fourstep_terms::{Fault, FaultKind, Time};
use script::{Event, Queries, Script, shown};

/// A network of one script: what the resolver does to it becomes lines.
struct Stage {
    resolver: Resolver,
    queries: Queries,
    now: u64,
    /// Actions until the one that fails, and how it does.
    sabotage: Option<(usize, Fault)>,
    lines: Vec<String>,
    answers: BTreeMap<(Ticket, Family), u32>,
    /// Addresses that the last answer for services was still waiting for.
    services: BTreeMap<Ticket, usize>,
    open: BTreeMap<Channel, bool>,
}

impl Stage {
    fn new(script: &Script, sabotage: Option<(usize, Fault)>) -> Stage {
        Stage {
            resolver: Resolver::new(script.config.clone(), *b"of the fixtures."),
            queries: Queries::default(),
            now: 0,
            sabotage,
            lines: vec![],
            answers: BTreeMap::new(),
            services: BTreeMap::new(),
            open: BTreeMap::new(),
        }
    }

    /// Lets time pass until `until`, ticking when the resolver wants to be called.
    fn pass(&mut self, until: u64) {
        while self.resolver.deadline() <= Time::from_millis(until) {
            let due = self.resolver.deadline();
            assert!(due > Time::from_millis(self.now) || due == Time::START, "time stands still");
            self.now = u64::try_from(due.since(Time::START).as_millis()).unwrap();
            self.feed(&Event::Tick);
        }
        self.now = until;
    }

    fn feed(&mut self, event: &Event) {
        let now = Time::from_millis(self.now);
        let mut out = vec![];
        match event {
            Event::Ask(ticket, query) => self.resolver.ask(now, *ticket, query, &mut out),
            Event::Forget(ticket) => self.resolver.forget(*ticket, &mut out),
            Event::Opened(it) => self.resolver.handle(now, Input::Opened(*it), &mut out),
            Event::Closed(it) => self.resolver.handle(now, Input::Closed(*it), &mut out),
            Event::Failed(it, fault) => {
                self.resolver.handle(now, Input::Failed(*it, *fault), &mut out);
            }
            Event::Received(channel, from, text) => {
                for octets in self.queries.reply(*channel, text).unwrap_or_default() {
                    let input = Input::Received { channel: *channel, from: *from, octets: &octets };
                    self.resolver.handle(now, input, &mut out);
                }
            }
            Event::Tick => self.resolver.handle(now, Input::Tick, &mut out),
        }
        // A failing action is news, fed after the list is done.
        let mut failures = vec![];
        for action in out {
            match &action {
                Action::Open { channel, .. } | Action::Send { channel, .. } => {
                    if let Action::Open { .. } = action {
                        assert_eq!(self.open.insert(*channel, true), None, "a number used twice");
                    }
                    assert_eq!(self.open.get(channel), Some(&true), "sent on a closed channel");
                    match &mut self.sabotage {
                        Some((0, fault)) => {
                            failures.push(Event::Failed(*channel, *fault));
                            self.sabotage = None;
                        }
                        Some((left, _)) => *left -= 1,
                        None => {}
                    }
                }
                Action::Close { channel } => {
                    assert_eq!(self.open.insert(*channel, false), Some(true), "closed once");
                }
                Action::Answer { ticket, answer } => {
                    *self.answers.entry((*ticket, answer.family)).or_default() += 1;
                }
                Action::Services { ticket, answer } => {
                    let before = self.services.insert(*ticket, answer.awaited);
                    let is_news = before.is_none_or(|before| answer.awaited < before);
                    assert!(is_news, "{answer:?} after one with {before:?} to come");
                }
            }
            self.queries.learn(&action);
            self.lines.push(format!("@{} {}", self.now, shown(&action, &self.queries)));
        }
        for failure in failures {
            self.feed(&failure);
        }
    }
}

fn scripts() -> Vec<(PathBuf, Script)> {
    let folder = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/dns"));
    let mut paths: Vec<_> = fs::read_dir(folder).unwrap().map(|it| it.unwrap().path()).collect();
    paths.retain(|path| path.extension().is_some_and(|it| it == "txt"));
    paths.sort();
    let read = |path: PathBuf| {
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        let script = Script::parse(&name, &fs::read_to_string(&path).unwrap());
        (path, script)
    };
    paths.into_iter().map(read).collect()
}

/// With `FOURSTEP_BLESS` set, what the resolver does is written into the files, to be read.
#[test]
fn every_conversation_goes_as_written() {
    let bless = std::env::var_os("FOURSTEP_BLESS").is_some();
    let scripts = scripts();
    assert!(scripts.len() >= 80);
    for (path, script) in scripts {
        let name = &script.name;
        assert!(script.head.contains("# RFC ") && script.head.contains("# Octets: "), "{name}");
        let mut stage = Stage::new(&script, None);
        for (at, event, line) in &script.news {
            stage.pass(*at);
            if let Event::Received(channel, _, text) = event {
                assert!(
                    stage.queries.reply(*channel, text).is_some(),
                    "{name}: no query for {line}"
                );
            }
            stage.lines.push(line.clone());
            stage.feed(event);
        }
        stage.pass(3_600_000);
        if bless {
            fs::write(&path, format!("{}{}\n", script.head, stage.lines.join("\n"))).unwrap();
        } else {
            let (got, want) = (stage.lines.join("\n"), script.want.join("\n"));
            assert!(got == want, "{name}:\n{got}\n\nis not as written:\n{want}");
        }
        settled(&script, &stage);
    }
}

#[test]
fn whatever_action_fails_everybody_is_answered() {
    for (_, script) in scripts() {
        for kind in [FaultKind::Refused, FaultKind::Descriptors, FaultKind::Reset] {
            for n in 0.. {
                let mut stage = Stage::new(&script, Some((n, Fault::of(kind))));
                for (at, event, _) in &script.news {
                    stage.pass(*at);
                    stage.feed(event);
                }
                stage.pass(3_600_000);
                settled(&script, &stage);
                if stage.sabotage.is_some() {
                    break;
                }
            }
        }
    }
}

/// Everybody was answered once for each family and to the end for services, nothing is open and nothing is waited for.
fn settled(script: &Script, stage: &Stage) {
    let forgotten = |ticket| {
        script.news.iter().any(|(_, event, _)| matches!(event, Event::Forget(it) if *it == ticket))
    };
    for (ticket, family) in script.asked() {
        let answers = stage.answers.get(&(ticket, family)).copied().unwrap_or_default();
        let is_right = answers == 1 || answers == 0 && forgotten(ticket);
        assert!(is_right, "{}: {answers} answers for {ticket:?} {family}", script.name);
    }
    for ticket in script.asked_services() {
        let left = stage.services.get(&ticket).copied();
        let is_right = left == Some(0) || forgotten(ticket);
        assert!(is_right, "{}: services of {ticket:?}: {left:?} to come", script.name);
    }
    assert!(stage.open.values().all(|is_open| !is_open), "{}: a channel stays open", script.name);
    assert_eq!(stage.resolver.open_channels(), 0, "{}", script.name);
    assert_eq!(stage.resolver.deadline(), Time::NEVER, "{}", script.name);
}
