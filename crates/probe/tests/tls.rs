//! Between a connection and a request: the tunnel through a proxy, and the handshake.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::sync::Arc;
use std::time::Duration;

use fourstep_probe::{Action, Actions, Input, Next, Plan, Probe};
use fourstep_request::Recipe;
use fourstep_target::Target;
use fourstep_terms::{Fault, FaultKind, Leg, Step, Time};
use fourstep_tls::{Config, Options};

const LEG: Leg = Leg(0);

fn plan() -> Plan {
    Plan { tls: Some(Config::new(&Options::default()).unwrap()), ..Plan::default() }
}

/// A probe of `url` whose leg stands, and what it then asked for.
fn connected(url: &str, plan: Plan) -> (Probe, Actions) {
    let target: Target = url.parse().unwrap();
    let wall = Duration::from_secs(1_795_000_000);
    let mut probe = Probe::new(Arc::new(target), Arc::new(plan)).at(wall);
    let mut out = Actions::default();
    let _ = probe.handle(Time::START, Input::Start, &mut out);
    out.clear();
    let news = Input::Connected { leg: LEG, local: None };
    let _ = probe.handle(Time::from_millis(10), news, &mut out);
    (probe, out)
}

/// What a turn sends, if it sends once.
fn sent(out: &Actions) -> &[u8] {
    let mut sends = out.list.iter().filter_map(|action| match action {
        Action::Send(LEG, range) => out.octets.get(range.clone()),
        _ => None,
    });
    let only = sends.next().unwrap_or_default();
    assert!(sends.next().is_none(), "one write a turn");
    only
}

fn fault(kind: FaultKind) -> Input<'static> {
    Input::Failed { leg: LEG, fault: Fault::of(kind) }
}

fn octets(octets: &[u8]) -> Input<'_> {
    Input::Received { leg: LEG, octets, at: None }
}

#[test]
fn a_handshake_may_end_in_many_ways() {
    let closed = Input::Closed { leg: LEG };
    let rows = [
        // news, code (RFC 8446 §6 for the alerts)
        (octets(b"HTTP/1.1 400 Bad Request\r\n\r\n"), "tls.not-tls"),
        (octets(b"SSH-2.0-x\r\n"), "tls.not-tls"),
        (octets(b"\x15\x03\x03\x00\x02\x02\x28"), "tls.incompatible"), // handshake_failure
        (octets(b"\x15\x03\x03\x00\x02\x02\x46"), "tls.incompatible"), // protocol_version
        (octets(b"\x15\x03\x03\x00\x02\x02\x70"), "tls.alert"),        // unrecognized_name
        (octets(b"\x16\x03\x03\x00\x04\xff\xff\xff\xff"), "tls.malformed"),
        (closed, "tls.closed"),
        (fault(FaultKind::Reset), "tls.reset"),
        (fault(FaultKind::TimedOut), "tls.silent"),
        (fault(FaultKind::Memory), "local.memory"),
        (Input::Interrupt, "local.interrupted"),
    ];
    for (news, code) in rows {
        let (mut probe, mut out) = connected("https://192.0.2.1/", plan());
        assert_eq!(sent(&out).first(), Some(&22), "a ClientHello");
        out.clear();
        assert_eq!(probe.handle(Time::from_millis(20), news, &mut out), Next::Done, "{code}");
        assert_eq!(out.list.last(), Some(&Action::HangUp(LEG)), "{code}");
        let report = probe.report();
        let failure = report.failure.as_ref().unwrap();
        assert_eq!((failure.code().as_str(), failure.step()), (code, Step::Tls));
        assert_eq!(report.timeline.timings().tls, Some(Duration::from_millis(10)), "{code}");
        assert!(report.request.is_none(), "{code}");
    }
}

#[test]
fn the_handshake_has_a_deadline_of_its_own() {
    let mut plan = plan();
    plan.deadlines.tls = Duration::from_millis(300);
    let (mut probe, mut out) = connected("https://192.0.2.1/", plan);
    let early = probe.handle(Time::from_millis(309), Input::Tick, &mut out);
    assert_eq!(early, Next::Wait(Time::from_millis(310)));
    assert_eq!(probe.handle(Time::from_millis(310), Input::Tick, &mut out), Next::Done);
    assert_eq!(probe.report().failure.as_ref().unwrap().code(), "tls.silent");
}

#[test]
fn a_proxy_is_asked_for_a_tunnel_and_told_no_secrets() {
    let mut plan = plan();
    plan.recipe = Recipe::new().field(b"X-Secret: for the target").unwrap().proxied(None);
    plan.route.proxy = Some(("192.0.2.9:3128".parse::<Target>().unwrap().host().clone(), 3128));
    let url = "https://ann:secret@a.test:8443/x";
    let rows: [(Input<'_>, &str, Option<u16>); 6] = [
        // news, code, status of the proxy (RFC 9110 §9.3.6)
        (
            octets(b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n"),
            "connect.denied",
            Some(407),
        ),
        (octets(b"HTTP/1.1 502 Bad Gateway\r\n\r\n"), "connect.unreachable", Some(502)),
        (octets(b"HTTP/1.1 504 Gateway Timeout\r\n\r\n"), "connect.silent", Some(504)),
        (octets(b"SSH-2.0-x\r\n"), "connect.reset", None),
        (Input::Closed { leg: LEG }, "connect.reset", None),
        (Input::Tick, "connect.silent", None),
    ];
    for (news, code, status) in rows {
        let (mut probe, mut out) = connected(url, plan.clone());
        assert_eq!(
            sent(&out).escape_ascii().to_string(),
            "CONNECT a.test:8443 HTTP/1.1\\r\\nHost: a.test:8443\\r\\n\
             User-Agent: fourstep/0.1.0\\r\\n\\r\\n"
        );
        let late = Time::from_millis(10_000);
        assert_eq!(probe.handle(late, news, &mut out), Next::Done, "{code}");
        let report = probe.report();
        let failure = report.failure.as_ref().unwrap();
        assert_eq!((failure.code().as_str(), failure.step()), (code, Step::Connect));
        let tunnel = report.connect.as_ref().unwrap().tunnel.as_ref();
        assert_eq!(tunnel.map(|tunnel| tunnel.status), status, "{code}");
    }

    let (mut probe, mut out) = connected(url, plan);
    out.clear();
    let through = octets(b"HTTP/1.1 200 Connection established\r\n\r\n");
    let _ = probe.handle(Time::from_millis(30), through, &mut out);
    assert_eq!(sent(&out).first(), Some(&22), "a ClientHello, through the tunnel");
    assert_eq!(probe.report().step, Step::Tls);
}

#[test]
fn without_tls_an_https_target_fails_at_that_step() {
    let (probe, out) = connected("https://192.0.2.1/", Plan::default());
    assert_eq!(out.list, [Action::HangUp(LEG)]);
    assert_eq!(probe.report().failure.as_ref().unwrap().code(), "tls.incompatible");
}
