//! The scan in the real loop, on loopback.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use fourstep_driver::{Driver, Finished, Interrupter, Ran, Settings};
use fourstep_peer::{Held, LOOPBACK, Origin, Script};
use fourstep_probe::{Deadlines, Plan};
use fourstep_resolve::{Config, Override};
use fourstep_scan::{
    Feed, Given, Left, Limits, Malformed, Place, Pull, Scan, Scope, Sink, Sources,
};
use fourstep_terms::Time;

/// A line each time it is woken.
struct Typed(Vec<&'static str>, Interrupter, bool);

impl Feed for Typed {
    fn pull(&mut self) -> Pull {
        self.2 = !self.2;
        if self.2 {
            self.1.wake();
            return Pull::Later;
        }
        self.0.pop().map_or(Pull::End, |line| Pull::Octets(line.into()))
    }
}

/// What each entry came to; may interrupt the loop when it has so many.
#[derive(Default)]
struct Sheet {
    ends: BTreeMap<u64, String>,
    enough: Option<(usize, Interrupter)>,
}

impl Sink for Sheet {
    fn report(&mut self, _: Time, place: Place, tries: u32, done: Finished, _: &str) {
        let what = match &done.report.failure {
            Some(failure) => format!("{}×{tries}", failure.code()),
            None => done.report.status().unwrap_or_default().to_string(),
        };
        assert_eq!(self.ends.insert(place.seq, what), None, "{place:?} twice");
        if let Some((enough, interrupter)) = &self.enough
            && self.ends.len() == *enough
        {
            interrupter.interrupt();
        }
    }

    fn malformed(&mut self, _: Time, place: Place, _: Malformed) {
        assert_eq!(self.ends.insert(place.seq, "malformed".into()), None, "{place:?} twice");
    }

    fn broken(&mut self, _: Time, _: u32, error: io::Error) {
        unreachable!("{error}");
    }

    fn has_room(&self) -> bool {
        true
    }
}

fn scan(
    driver: &mut Driver,
    feeds: Vec<Box<dyn Feed>>,
    limits: Limits,
    connect: Duration,
    sheet: Sheet,
) -> (Ran, Left, BTreeMap<u64, String>) {
    let deadlines = Deadlines { connect, ..Deadlines::default() };
    let plan = Arc::new(Plan { deadlines, ..Plan::default() });
    let sources = Sources::new(feeds, Scope::default());
    let mut scan = Scan::new(sources, limits, plan, sheet);
    let ran = driver.work(&mut scan).unwrap();
    let left = scan.wind_up(Time::START);
    (ran, left, scan.into_sink().ends)
}

fn driver(port: u16) -> Driver {
    let overrides = vec![Override::parse(&format!("*:{port}:127.0.0.1")).unwrap()];
    let names = Config { overrides, ..Config::default() };
    Driver::new(Settings { names, ..Settings::default() }).unwrap()
}

#[test]
fn every_line_has_its_record_whatever_it_leads_to() {
    let origin = Origin::choose(LOOPBACK, |_| Script::status(200, "OK", "hello")).unwrap();
    let refusing = Held::refused(LOOPBACK).unwrap();
    let silent = Held::full(LOOPBACK).unwrap();
    let port = origin.address().port();
    let kinds = [
        // what a line says, and what it comes to
        (format!("http://{}/", origin.address()), "200"),
        (format!("n0.test:{port}/"), "200"),
        (format!("n1.test:{port}/"), "200"),
        (refusing.address().to_string(), "connect.refused×1"),
        (silent.address().to_string(), "connect.silent×3"),
        ("http://a b/".to_owned(), "malformed"),
    ];
    let rows: Vec<&(String, &str)> = kinds.iter().cycle().take(300).collect();
    let text: Vec<&str> = rows.iter().map(|(line, _)| line.as_str()).collect();
    let mut driver = driver(port);
    let typed =
        Typed(vec!["http://a\tb/\n", "# typed\nhttp://a\0/\n"], driver.interrupter(), false);
    let feeds: Vec<Box<dyn Feed>> = vec![Box::new(Given::lines(&text)), Box::new(typed)];
    let backoff = Duration::from_millis(10);
    let limits = Limits { per_host: 0, per_prefix: 100, retries: 2, backoff, ..Limits::default() };
    let (ran, left, ends) = scan(&mut driver, feeds, limits, backoff * 20, Sheet::default());
    assert_eq!(ran, Ran::All);
    assert!(left.is_empty(), "{left:?}");
    assert_eq!(ends.len(), 302);
    for (seq, (line, want)) in (1..).zip(&rows) {
        assert_eq!(ends.get(&seq).map(String::as_str), Some(*want), "{seq}: {line}");
    }
}

#[test]
fn an_interrupt_leaves_nothing_unnamed() {
    let silent = Held::full(LOOPBACK).unwrap();
    let refusing = Held::refused(LOOPBACK).unwrap();
    let port = refusing.address().port();
    let text = format!("{}\n", silent.address()).repeat(50) + &format!("a.test:{port}\n");
    let mut driver = driver(port);
    let sheet = Sheet { enough: Some((1, driver.interrupter())), ..Sheet::default() };
    let limits = Limits { in_flight: 20, per_host: 8, retries: 9, ..Limits::default() };
    let feeds: Vec<Box<dyn Feed>> = vec![Box::new(Given::octets(text.into()))];
    let (ran, left, ends) = scan(&mut driver, feeds, limits, Duration::MAX, sheet);
    assert_eq!(ran, Ran::Interrupted);
    assert!(!left.unread, "all was read: the rest was parked");
    assert_eq!(ends.get(&51).map(String::as_str), Some("connect.refused×1"));
    // Eight of the silent host were under way, the others waited for them.
    let interrupted = ends.values().filter(|end| *end == "local.interrupted×1").count();
    assert_eq!((interrupted, ends.len(), left.unprobed.count()), (8, 9, 42), "{ends:?}");
    assert!((1..=51).all(|seq| ends.contains_key(&seq) != left.unprobed.contains(seq)));
}
