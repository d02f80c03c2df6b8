//! No target is lost, none is reported twice, no limit is passed: by a loop that does what a loop
//! may do, in any order.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test")]

mod common;

use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::time::Duration;

use common::{End, finished};
use fourstep_driver::{Finished, Job, Supply, Work};
use fourstep_probe::Plan;
use fourstep_scan::{Feed, Left, Limits, Malformed, Place, Pull, Scan, Scope, Sink, Sources};
use fourstep_target::Target;
use fourstep_terms::Time;
use proptest::prelude::*;

/// What a run may look like.
#[derive(Clone, Debug)]
struct Case {
    lines: Vec<Line>,
    ports: usize,
    limits: Limits,
    /// Whether names have an address each; else two, in prefixes that others share, the second
    /// another one whenever it is asked for.
    single: bool,
    /// How likely each end is, of 256: what is left of them is answered.
    ends: [u8; 4],
    /// Whether the loop is interrupted, and after how many turns.
    interrupt: Option<usize>,
    /// Whether reports are handed back once they were seen.
    hands_back: bool,
    chance: u64,
}

#[derive(Clone, Copy, Debug)]
enum Line {
    Name(u8),
    Address(u8, u8),
    Block(u8),
    Malformed,
    Blank,
}

impl Line {
    fn text(self) -> String {
        match self {
            Line::Name(name) => format!("n{name}.test/x\n"),
            Line::Address(prefix, host) => format!("192.0.{prefix}.{host}\n"),
            Line::Block(prefix) => format!("192.0.{prefix}.0/29\n"),
            Line::Malformed => "http://a b/\n".into(),
            Line::Blank => "# nothing\n".into(),
        }
    }

    fn entries(self, ports: usize) -> usize {
        match self {
            Line::Name(_) | Line::Address(..) => ports.max(1),
            Line::Block(_) => 8 * ports.max(1),
            Line::Malformed => 1,
            Line::Blank => 0,
        }
    }

    /// What it asks to be probed.
    fn targets(self, ports: usize) -> Vec<String> {
        let hosts = match self {
            Line::Name(name) => vec![format!("n{name}.test")],
            Line::Address(prefix, host) => vec![format!("192.0.{prefix}.{host}")],
            Line::Block(prefix) => (0..8).map(|host| format!("192.0.{prefix}.{host}")).collect(),
            Line::Malformed | Line::Blank => vec![],
        };
        let path = if let Line::Name(_) = self { "/x" } else { "/" };
        let ports = match ports {
            0 => [""].as_slice(),
            1 => &[":81"],
            _ => &[":81", ":82"],
        };
        let all = hosts.iter().flat_map(|host| ports.iter().map(move |port| (host, port)));
        all.map(|(host, port)| format!("{host}{port}{path}")).collect()
    }
}

/// Gives its octets in pieces, and now and then nothing.
struct Slow(Vec<u8>, u64);

impl Feed for Slow {
    fn pull(&mut self) -> Pull {
        let size = 1 + usize::try_from(chance(&mut self.1, 40)).unwrap();
        match chance(&mut self.1, 3) {
            0 => Pull::Later,
            _ if self.0.is_empty() => Pull::End,
            _ => Pull::Octets(self.0.drain(..size.min(self.0.len())).collect()),
        }
    }
}

/// A number below `end`, and the next state: the generator of Lehmer, with the constants of Park
/// and Miller, is chance enough here.
fn chance(state: &mut u64, end: u64) -> u64 {
    *state = (*state % 2_147_483_646 + 1) * 48_271 % 2_147_483_647;
    *state % end
}

/// What was reported.
#[derive(Default)]
struct Written {
    /// Of each entry its target, what the last report failed by, and how many tries it took.
    last: BTreeMap<u64, (String, Option<&'static str>, u32)>,
    /// Whether reports are handed back, for their memory to serve again.
    hands_back: bool,
    spare: Option<Box<fourstep_probe::Report>>,
    malformed: BTreeSet<u64>,
    /// The entry whose hops are being reported.
    chain: Option<u64>,
    full: bool,
}

impl Sink for Written {
    fn report(&mut self, _: Time, place: Place, tries: u32, done: Finished, _: &str) {
        assert_eq!(done.number, place.seq);
        assert!(self.chain.is_none_or(|seq| seq == place.seq), "hops come together");
        self.chain = done.report.next.is_some().then_some(place.seq);
        if self.chain.is_none() {
            let code = done.report.failure.as_ref().map(|failure| failure.code().as_str());
            let target = &done.report.target;
            let path = String::from_utf8_lossy(target.request_target());
            let seen = (format!("{}{path}", target.authority()), code, tries);
            assert!(self.last.insert(place.seq, seen).is_none(), "{place:?} twice");
        }
        self.spare = Some(done.report).filter(|_| self.hands_back);
    }

    fn spare(&mut self) -> Option<Box<fourstep_probe::Report>> {
        self.spare.take()
    }

    fn malformed(&mut self, _: Time, place: Place, _: Malformed) {
        assert!(self.malformed.insert(place.seq), "{place:?} twice");
    }

    fn broken(&mut self, _: Time, feed: u32, error: std::io::Error) {
        panic!("{feed}: {error}");
    }

    fn has_room(&self) -> bool {
        !self.full
    }
}

/// The probes under way, as a loop has them.
struct Loop<'a> {
    case: &'a Case,
    scan: Scan<Written>,
    under_way: BTreeMap<u64, Probe>,
    chance: u64,
    now: Time,
}

struct Probe {
    target: Arc<Target>,
    hop: u8,
    /// The prefixes it may dial; of a name none before it was asked.
    dials: Option<BTreeSet<[u8; 3]>>,
}

impl Loop<'_> {
    fn run(&mut self) -> Left {
        for turn in 0.. {
            assert!(turn < 200_000, "it does not come to an end: {:?}", self.scan.standing());
            if self.case.interrupt == Some(turn) {
                for number in self.under_way.keys().copied().collect::<Vec<_>>() {
                    self.end(number, End::Interrupted);
                }
                break;
            }
            self.scan.sink_mut().full = chance(&mut self.chance, 8) == 0;
            match self.begin_some() {
                Some(Supply::End) if self.under_way.is_empty() => break,
                // With nothing to wait for, the feed or the sink will have something by and by.
                Some(Supply::Wait(until))
                    if until != Time::NEVER && chance(&mut self.chance, 2) == 0 =>
                {
                    self.now = self.now.max(until);
                }
                _ => {}
            }
            for _ in 0..chance(&mut self.chance, 4) {
                self.news();
            }
            self.now = self.now + Duration::from_millis(chance(&mut self.chance, 5));
        }
        self.scan.wind_up(self.now)
    }

    fn begin_some(&mut self) -> Option<Supply> {
        for _ in 0..16 {
            match self.scan.next(self.now) {
                Supply::Job(Job { number, target, .. }) => {
                    let dials = match target.host().address() {
                        Some(IpAddr::V4(address)) => Some(BTreeSet::from([prefix(address)])),
                        _ => None,
                    };
                    let probe = Probe { target, hop: 0, dials };
                    assert!(self.under_way.insert(number, probe).is_none(), "{number} twice");
                    self.hold_limits();
                }
                other => return Some(other),
            }
        }
        None
    }

    fn hold_limits(&self) {
        let limits = self.case.limits;
        assert!(self.under_way.len() <= limits.in_flight);
        assert!(self.under_way.len() <= self.scan.standing().under_way);
        let (mut hosts, mut prefixes) = (BTreeMap::new(), BTreeMap::new());
        for probe in self.under_way.values() {
            *hosts.entry(probe.target.host().to_string()).or_insert(0) += 1;
            for prefix in probe.dials.iter().flatten() {
                *prefixes.entry(*prefix).or_insert(0) += 1;
            }
        }
        let held = |limit: u32, most: Option<&u32>| limit == 0 || most.is_none_or(|n| *n <= limit);
        assert!(held(limits.per_host, hosts.values().max()), "{hosts:?}");
        assert!(held(limits.per_prefix, prefixes.values().max()), "{prefixes:?}");
    }

    /// Something comes for one of those under way.
    fn news(&mut self) {
        let count = u64::try_from(self.under_way.len()).unwrap();
        if count == 0 {
            return;
        }
        let nth = usize::try_from(chance(&mut self.chance, count)).unwrap();
        let (number, probe) = self.under_way.iter_mut().nth(nth).unwrap();
        let number = *number;
        if probe.dials.is_none() {
            let name: u8 =
                probe.target.authority().split(['n', '.']).nth(1).unwrap().parse().unwrap();
            let mut addresses = vec![Ipv4Addr::new(192, 0, name % 5, name)];
            if !self.case.single {
                let prefix = u8::try_from(chance(&mut self.chance, 5)).unwrap();
                addresses.push(Ipv4Addr::new(192, 0, prefix, 200));
            }
            let asked: Vec<IpAddr> = addresses.iter().map(|address| (*address).into()).collect();
            if self.scan.may_dial(self.now, number, &asked) {
                probe.dials = Some(addresses.into_iter().map(prefix).collect());
                self.hold_limits();
            } else {
                self.under_way.remove(&number);
            }
            return;
        }
        let draw = u8::try_from(chance(&mut self.chance, 256)).unwrap();
        let kinds = [End::Silent, End::Refused, End::Lacking, End::Redirected];
        let mut sum = 0_u8;
        let end = kinds.into_iter().zip(self.case.ends).find(|(_, share)| {
            sum = sum.saturating_add(*share);
            draw < sum
        });
        self.end(number, end.map_or(End::Answered, |(end, _)| end));
    }

    fn end(&mut self, number: u64, end: End) {
        let probe = self.under_way.get_mut(&number).unwrap();
        let done = finished(number, &probe.target, end);
        if end == End::Redirected && probe.hop < 5 {
            probe.hop += 1;
        } else if end == End::Redirected {
            return self.end(number, End::Answered);
        } else {
            self.under_way.remove(&number);
        }
        self.scan.done(self.now, done, "");
        if let Some(spare) = self.scan.spare() {
            assert_eq!(spare.target.authority(), "0.0.0.0", "its own target is the list's");
        }
    }
}

fn prefix(address: Ipv4Addr) -> [u8; 3] {
    let [a, b, c, _] = address.octets();
    [a, b, c]
}

fn lines() -> impl Strategy<Value = Vec<Line>> {
    let line = prop_oneof![
        4 => (0..12_u8).prop_map(Line::Name),
        4 => (0..5_u8, 0..9_u8).prop_map(|(prefix, host)| Line::Address(prefix, host)),
        1 => (0..5_u8).prop_map(Line::Block),
        1 => Just(Line::Malformed),
        1 => Just(Line::Blank),
    ];
    prop::collection::vec(line, 0..60)
}

fn limits() -> impl Strategy<Value = Limits> {
    let rate = prop_oneof![3 => Just(None), 1 => (50.0..5000.0).prop_map(Some)];
    (1..20_usize, rate, 0..4_u32, 0..4_u32, 0..4_u8, 0..50_u64).prop_map(
        |(in_flight, rate, per_host, per_prefix, retries, backoff)| {
            let backoff = Duration::from_millis(backoff);
            Limits { in_flight, rate, per_host, per_prefix, retries, backoff }
        },
    )
}

fn cases() -> impl Strategy<Value = Case> {
    let ends = [0..90_u8, 0..60, 0..60, 0..40];
    let interrupt = prop_oneof![2 => Just(None), 1 => (0..200_usize).prop_map(Some)];
    let either = any::<(bool, bool)>();
    (lines(), 0..3_usize, limits(), either, ends, interrupt, any::<u64>()).prop_map(
        |(lines, ports, limits, (single, hands_back), ends, interrupt, chance)| Case {
            lines,
            ports,
            limits,
            single,
            ends,
            interrupt,
            hands_back,
            chance,
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_entry_has_one_record(case in cases()) {
        let text: String = case.lines.iter().map(|line| line.text()).collect();
        let ports = ["", "81", "81,82"][case.ports];
        let ports = if ports.is_empty() { Default::default() } else { ports.parse().unwrap() };
        let feed: Box<dyn Feed> = Box::new(Slow(text.into_bytes(), case.chance));
        let sources = Sources::new(vec![feed], Scope { ports, ..Scope::default() });
        let written = Written { hands_back: case.hands_back, ..Written::default() };
        let scan = Scan::new(sources, case.limits, Arc::new(Plan::default()), written);
        let chance = case.chance;
        let mut turns =
            Loop { case: &case, scan, under_way: BTreeMap::new(), chance, now: Time::START };
        let left = turns.run();

        let scan = turns.scan;
        let read = scan.standing().seq;
        let whole: usize = case.lines.iter().map(|line| line.entries(case.ports)).sum();
        let whole = u64::try_from(whole).unwrap();
        match case.interrupt {
            None => {
                prop_assert!(left.is_empty(), "{:?}", left);
                prop_assert_eq!(read, whole);
            }
            Some(_) => prop_assert!(left.unread || read == whole),
        }
        let tally = scan.tally();
        let written = scan.sink();
        for seq in 1..=read {
            let times = [written.last.contains_key(&seq), written.malformed.contains(&seq), left.unprobed.contains(seq)];
            prop_assert_eq!(times.iter().filter(|is| **is).count(), 1, "{} {:?}", seq, times);
        }
        let records = u64::try_from(written.last.len() + written.malformed.len()).unwrap();
        prop_assert_eq!(records + left.unprobed.count(), read);
        prop_assert_eq!(tally.entries(), records);
        prop_assert_eq!(scan.standing().under_way + scan.standing().parked + scan.standing().waiting, 0);
        for (seq, (_, code, tries)) in &written.last {
            prop_assert!(*tries <= u32::from(case.limits.retries) + 1);
            let Some(code) = *code else { continue };
            // A cause that may pass was tried as often as was allowed, unless there was no time.
            if code == "request.silent" && case.interrupt.is_none() && tally.local_faults() == 0 {
                prop_assert_eq!(*tries, u32::from(case.limits.retries) + 1, "{}", seq);
            }
            prop_assert!(code != "local.interrupted" || case.interrupt.is_some());
        }
        if case.interrupt.is_none() {
            let mut wanted: Vec<String> =
                case.lines.iter().flat_map(|line| line.targets(case.ports)).collect();
            wanted.sort();
            let mut probed: Vec<&String> = written.last.values().map(|(url, ..)| url).collect();
            probed.sort();
            prop_assert!(probed.into_iter().eq(&wanted), "{:?}", wanted);

            let tries: u32 = written.last.values().map(|(_, _, tries)| *tries).sum();
            let whole = tally.begun() - tally.bounced() - tally.local_faults();
            let codes = written.last.values().map(|(_, code, _)| *code);
            let given_up =
                u64::try_from(codes.filter(|code| *code == Some("local.descriptors")).count());
            let given_up = given_up.unwrap();
            prop_assert_eq!(u64::from(tries), whole + given_up);
        }
    }
}
