//! Any order of news, however wrong: a probe ends by its deadline, with every leg hung up and a
//! report whose parts agree.
#![no_main]

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::Arc;
use std::time::Duration;

use fourstep_probe::{Action, Actions, Input, Next, Plan, Probe};
use fourstep_resolve::{Answer, Family, From, Ignored, ResolveError};
use fourstep_terms::{Fault, FaultKind, Leg, Step, Time};
use libfuzzer_sys::fuzz_target;

/// The octets of the fuzzer, taken as choices.
struct Choices<'a>(&'a [u8]);

impl<'a> Choices<'a> {
    fn octet(&mut self) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*first)
    }

    fn octets(&mut self) -> Option<&'a [u8]> {
        let length = usize::from(self.octet()?).min(self.0.len());
        let (taken, rest) = self.0.split_at(length);
        self.0 = rest;
        Some(taken)
    }
}

fuzz_target!(|octets: &[u8]| {
    let mut choices = Choices(octets);
    let Some(kind) = choices.octet() else { return };
    let typed = match kind % 3 {
        0 => "http://192.0.2.1/x",
        1 => "http://ann:secret@a.test/",
        _ => "http://[2001:db8::1]:8080/",
    };
    let mut plan = Plan::default();
    plan.follow = u16::from(kind / 3 % 3);
    plan.limits.head_bytes = 512;
    plan.limits.body_bytes = 256;
    plan.deadlines.total = Duration::from_secs(2);
    let target = Arc::new(typed.parse().expect("it is well formed"));
    let mut probe = Probe::new(target, Arc::new(plan));

    let mut out = Actions::default();
    let mut legs: BTreeMap<Leg, bool> = BTreeMap::new();
    let mut now = Time::START;
    let mut asked = 0;
    let mut next = probe.handle(now, Input::Start, &mut out);
    note(&mut out, &mut legs, &mut asked);
    while let Next::Wait(wake) = next {
        let input = choices.octet();
        let leg = Leg(input.map_or(0, |octet| octet >> 5));
        let answer;
        let news = match input.map(|octet| octet % 9) {
            // Nothing more comes: time passes.
            None => {
                assert!(wake < Time::NEVER && wake > now, "it waits for nothing");
                now = wake;
                Input::Tick
            }
            Some(0) => {
                now = now + Duration::from_millis(choices.octet().unwrap_or(0).into());
                Input::Tick
            }
            Some(1) => Input::Connected { leg, local: None },
            Some(2) => {
                let kind = usize::from(choices.octet().unwrap_or(0)) % FaultKind::ALL.len();
                Input::Failed { leg, fault: Fault::of(FaultKind::ALL[kind]) }
            }
            Some(3) => Input::Sent { leg, left: usize::from(choices.octet().unwrap_or(0)) },
            Some(4) => Input::Closed { leg },
            Some(5) => Input::Interrupt,
            Some(6) => {
                answer = Arc::new(answered(choices.octet().unwrap_or(0)));
                Input::Answered { answer: &answer, sources: &[] }
            }
            Some(_) => {
                // The kernel's moment may be any, long past or still to come.
                let late = choices.octet().unwrap_or(0);
                let at = (late > 0).then(|| Time::from_millis(u64::from(late) * 10));
                Input::Received { leg, octets: choices.octets().unwrap_or_default(), at }
            }
        };
        next = probe.handle(now, news, &mut out);
        note(&mut out, &mut legs, &mut asked);
    }

    assert!(legs.values().all(|up| !up), "a leg was left");
    let report = probe.report();
    let timings = report.timeline.timings();
    let total = timings.total.expect("it began and is done");
    let parts = [timings.resolve, timings.connect, timings.request, timings.wait, timings.receive];
    assert!(parts.into_iter().flatten().all(|part| part <= total));
    assert!(total <= Duration::from_secs(2) + Duration::from_millis(255));
    if let Some(failure) = &report.failure {
        assert!(failure.step() <= report.step, "{failure}");
        assert!(!failure.to_string().is_empty());
    } else {
        assert!(report.answered() && report.step == Step::Response);
    }
    // Done is done.
    out.clear();
    assert_eq!(probe.handle(now, Input::Tick, &mut out), Next::Done);
    assert!(out.list.is_empty());
});

/// Follows what the machine asks for: a leg is dialled once, and hung up at most once.
fn note(out: &mut Actions, legs: &mut BTreeMap<Leg, bool>, asked: &mut u32) {
    for action in out.list.drain(..) {
        match action {
            Action::Ask(_) => *asked += 1,
            Action::Dial(leg, _) => assert_eq!(legs.insert(leg, true), None, "dialled twice"),
            Action::Send(leg, _) => assert_eq!(legs.get(&leg), Some(&true), "sent on nothing"),
            Action::HangUp(leg) => {
                assert!(legs.contains_key(&leg), "hung up before it was dialled");
                legs.insert(leg, false);
            }
        }
    }
    assert!(*asked <= 1, "asked twice");
    out.clear();
}

fn answered(choice: u8) -> Answer {
    let family = if choice & 1 == 0 { Family::V4 } else { Family::V6 };
    let address = |last: u8| match family {
        Family::V4 => IpAddr::from(Ipv4Addr::new(192, 0, 2, last)),
        Family::V6 => IpAddr::from(Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, last.into())),
    };
    let result = match choice >> 1 & 3 {
        0 => Err(ResolveError::NoSuchName { name: "a.test".into() }),
        1 => Err(ResolveError::NoAddress { name: "a.test".into(), family }),
        _ => Ok((0..choice >> 4).map(address).collect()),
    };
    Answer {
        family,
        result,
        from: From::Dns,
        name: "a.test".into(),
        cname: Vec::new(),
        ttl_s: None,
        rcode: None,
        server: None,
        transport: None,
        extended_errors: Vec::new(),
        ignored: Ignored::default(),
        asked: 1,
        oddities: Vec::new(),
    }
}
