//! What once went wrong, and the news that showed it.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::net::IpAddr;
use std::sync::Arc;

use fourstep_probe::{Action, Actions, Input, Next, Plan, Probe};
use fourstep_resolve::{Answer, Family, From, Ignored};
use fourstep_terms::{Fault, FaultKind, Leg, Time};

fn answer(family: Family, addresses: &[&str]) -> Arc<Answer> {
    let addresses: Vec<IpAddr> = addresses.iter().map(|ip| ip.parse().unwrap()).collect();
    Arc::new(Answer {
        family,
        result: Ok(addresses),
        from: From::Dns,
        name: "a.test".into(),
        cname: Vec::new(),
        ttl_s: Some(60),
        rcode: None,
        server: None,
        transport: None,
        extended_errors: Vec::new(),
        ignored: Ignored::default(),
        asked: 1,
        oddities: Vec::new(),
    })
}

fn probe() -> (Probe, Actions) {
    let target = Arc::new("http://a.test/".parse().unwrap());
    (Probe::new(target, Arc::new(Plan::default())), Actions::default())
}

/// A first dial that a tick brought, not an answer, was not in the report, and its leg was left.
#[test]
fn an_attempt_that_waited_for_the_other_family_is_reported() {
    let (mut probe, mut out) = probe();
    let _ = probe.handle(Time::START, Input::Start, &mut out);
    let found = answer(Family::V4, &["192.0.2.1"]);
    let news = Input::Answered { answer: &found, sources: &[] };
    let next = probe.handle(Time::START, news, &mut out);
    assert_eq!(next, Next::Wait(Time::from_millis(50))); // RFC 8305 §3
    out.clear();
    let _ = probe.handle(Time::from_millis(50), Input::Tick, &mut out);
    assert!(matches!(out.list.as_slice(), [Action::Dial(Leg(0), _)]));
    out.clear();
    assert_eq!(probe.handle(Time::from_millis(60), Input::Interrupt, &mut out), Next::Done);
    assert_eq!(out.list, [Action::HangUp(Leg(0))]);
    assert_eq!(probe.report().connect.as_ref().unwrap().attempts.len(), 1);
}

/// A leg that failed kept its socket until the probe was done.
#[test]
fn a_leg_that_failed_is_hung_up_at_once() {
    let (mut probe, mut out) = probe();
    let _ = probe.handle(Time::START, Input::Start, &mut out);
    let found = answer(Family::V6, &["2001:db8::1", "2001:db8::2"]);
    let _ = probe.handle(Time::START, Input::Answered { answer: &found, sources: &[] }, &mut out);
    out.clear();
    let fault = Fault::of(FaultKind::Refused);
    let _ = probe.handle(Time::from_millis(1), Input::Failed { leg: Leg(0), fault }, &mut out);
    assert_eq!(out.list, [Action::HangUp(Leg(0))]);
}

/// An answer that is no error and has no address ended as a failure of a step not yet begun.
#[test]
fn answers_without_an_address_are_a_failure_to_resolve() {
    let (mut probe, mut out) = probe();
    let _ = probe.handle(Time::START, Input::Start, &mut out);
    for family in Family::ALL {
        let empty = answer(family, &[]);
        let _ =
            probe.handle(Time::START, Input::Answered { answer: &empty, sources: &[] }, &mut out);
    }
    let failure = probe.report().failure.as_ref().unwrap();
    assert_eq!(failure.code(), "resolve.no-address");
}
