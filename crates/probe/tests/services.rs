//! Where https connects when HTTPS records have a say (RFC 9460 §3).
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::net::IpAddr;
use std::sync::Arc;

use fourstep_probe::{Action, Actions, Input, Next, Plan, Probe};
use fourstep_resolve::{
    Answer, Family, From, Ignored, Params, ResolveError, Service, ServiceAnswer,
};
use fourstep_terms::{Fault, FaultKind, Leg, Time};
use fourstep_tls::{Config, Options};

/// A probe of https://a.test/ that has asked.
fn asked() -> (Probe, Actions) {
    let plan = Plan { tls: Some(Config::new(&Options::default()).unwrap()), ..Plan::default() };
    let target = Arc::new("https://a.test/".parse().unwrap());
    let mut probe = Probe::new(target, Arc::new(plan));
    let mut out = Actions::default();
    let _ = probe.handle(Time::START, Input::Start, &mut out);
    assert!(
        matches!(out.list.as_slice(), [Action::Ask(query)] if query.https && query.port == 443)
    );
    out.clear();
    (probe, out)
}

fn answer(family: Family, addresses: &[&str]) -> Arc<Answer> {
    let found: Vec<IpAddr> = addresses.iter().map(|ip| ip.parse().unwrap()).collect();
    let missing = ResolveError::NoAddress { name: "a.test".into(), family };
    Arc::new(Answer {
        family,
        result: if found.is_empty() { Err(missing) } else { Ok(found) },
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

/// A service at the name itself, or elsewhere at this address.
fn service(port: u16, at: Option<&str>) -> Service {
    Service {
        priority: Some(1),
        target: at.map_or("a.test", |_| "b.test").into(),
        port,
        params: Params::default(),
        is_own: at.is_none(),
        answers: at.iter().map(|ip| answer(Family::V4, &[*ip])).collect(),
        awaited: 0,
    }
}

fn served(services: Vec<Service>) -> Arc<ServiceAnswer> {
    Arc::new(ServiceAnswer {
        services,
        failure: None,
        is_unavailable: false,
        awaited: 0,
        from: From::Dns,
        name: "a.test".into(),
        aliases: Vec::new(),
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

/// Both families' answers: only IPv4 has an address.
fn own(probe: &mut Probe, ms: u64, addresses: &[&str], out: &mut Actions) -> Next {
    for (family, addresses) in [(Family::V6, [].as_slice()), (Family::V4, addresses)] {
        let answer = answer(family, addresses);
        let news = Input::Answered { answer: &answer, sources: &[] };
        let next = probe.handle(Time::from_millis(ms), news, out);
        if family == Family::V4 {
            return next;
        }
    }
    Next::Done
}

/// Where a turn dials, as text.
fn dials(out: &mut Actions) -> Vec<String> {
    let list = out.list.drain(..);
    let dials = list.filter_map(|action| match action {
        Action::Dial(_, to) => Some(to.to_string()),
        _ => None,
    });
    dials.collect()
}

fn serve(probe: &mut Probe, ms: u64, services: Vec<Service>, out: &mut Actions) {
    let answer = served(services);
    let _ = probe.handle(Time::from_millis(ms), Input::Served { answer: &answer }, out);
}

fn refuse(probe: &mut Probe, ms: u64, leg: u8, out: &mut Actions) {
    let fault = Fault::of(FaultKind::Refused);
    let _ = probe.handle(Time::from_millis(ms), Input::Failed { leg: Leg(leg), fault }, out);
}

#[test]
fn records_are_waited_for_a_little() {
    // None came: after 50 ms it goes on without (§5.1), and what comes then is too late.
    let (mut probe, mut out) = asked();
    let next = own(&mut probe, 4, &["192.0.2.1"], &mut out);
    assert_eq!((next, dials(&mut out)), (Next::Wait(Time::from_millis(54)), vec![]));
    let _ = probe.handle(Time::from_millis(54), Input::Tick, &mut out);
    assert_eq!(dials(&mut out), ["192.0.2.1:443"]);
    serve(&mut probe, 60, vec![service(8443, None)], &mut out);
    assert_eq!(dials(&mut out), Vec::<String>::new());

    // There is none: no reason to wait.
    let (mut probe, mut out) = asked();
    let _ = own(&mut probe, 4, &["192.0.2.1"], &mut out);
    serve(&mut probe, 5, vec![], &mut out);
    assert_eq!(dials(&mut out), ["192.0.2.1:443"]);
}

#[test]
fn services_are_tried_in_order_and_then_the_name_itself() {
    let (mut probe, mut out) = asked();
    serve(&mut probe, 3, vec![service(8443, Some("192.0.2.7")), service(8444, None)], &mut out);
    assert_eq!(dials(&mut out), ["192.0.2.7:8443"], "its address is known before our own");
    let _ = own(&mut probe, 4, &["192.0.2.1"], &mut out);
    assert_eq!(dials(&mut out), Vec::<String>::new());
    refuse(&mut probe, 30, 0, &mut out);
    assert_eq!(dials(&mut out), ["192.0.2.1:8444"]);
    refuse(&mut probe, 60, 1, &mut out);
    assert_eq!(dials(&mut out), ["192.0.2.1:443"], "as if no record existed");
    refuse(&mut probe, 90, 2, &mut out);
    let report = probe.report();
    assert_eq!(report.failure.as_ref().unwrap().code(), "connect.refused");
    assert_eq!(report.connect.as_ref().unwrap().attempts.len(), 3);
}

#[test]
fn a_service_that_does_not_speak_our_protocol_is_left_out() {
    let (mut probe, mut out) = asked();
    let mut only_h2 = service(8443, Some("192.0.2.7"));
    only_h2.params.no_default_alpn = true;
    only_h2.params.alpn = vec![b"h2".as_slice().into()];
    serve(&mut probe, 3, vec![only_h2], &mut out);
    let _ = own(&mut probe, 4, &["192.0.2.1"], &mut out);
    assert_eq!(dials(&mut out), ["192.0.2.1:443"]);
}

#[test]
fn without_any_address_the_name_is_to_blame() {
    let (mut probe, mut out) = asked();
    assert!(matches!(own(&mut probe, 4, &[], &mut out), Next::Wait(_)), "records may still help");
    serve(&mut probe, 5, vec![], &mut out);
    assert_eq!(probe.report().failure.as_ref().unwrap().code(), "resolve.no-address");

    // A record with addresses of its own is enough.
    let (mut probe, mut out) = asked();
    let _ = own(&mut probe, 4, &[], &mut out);
    serve(&mut probe, 5, vec![service(443, Some("192.0.2.7"))], &mut out);
    assert_eq!(dials(&mut out), ["192.0.2.7:443"]);
}
