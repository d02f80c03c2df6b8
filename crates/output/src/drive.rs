//! Reports for tests: probes driven by hand, each turn traced.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use fourstep_probe::{Action, Actions, Input, Next, Plan, Probe, Report, Tcp, trace};
use fourstep_resolve::{
    Answer, Family, From, Ignored, Params, Rcode, ResolveError, Service, ServiceAnswer, Transport,
};
use fourstep_terms::{Fault, Leg, Time};

use crate::server::{self, Server};

/// When every probe of the tests begins: 2026-11-22T06:00:00.123456Z.
pub(crate) fn began() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_micros(1_795_327_200_123_456)
}

/// A probe and all that was said between it and the world. Times are microseconds.
pub(crate) struct Drive {
    probe: Probe,
    out: Actions,
    done: bool,
    pub(crate) trace: String,
    /// What the kernel is to have measured.
    pub(crate) tcp: Option<Tcp>,
}

impl Drive {
    pub(crate) fn start(target: &str, plan: Plan) -> Drive {
        let target = Arc::new(target.parse().unwrap());
        Drive::of(Probe::new(target, Arc::new(plan)).at(server::wall()), 0)
    }

    pub(crate) fn of(probe: Probe, us: u64) -> Drive {
        let (out, trace) = (Actions::default(), String::new());
        let mut drive = Drive { probe, out, done: false, trace, tcp: None };
        drive.turn(us, Input::Start);
        if drive.out.list.iter().any(|asked| matches!(asked, Action::Ask(query) if query.https)) {
            drive.turn(us, Input::Served { answer: &Arc::new(one_service()) });
        }
        drive
    }

    pub(crate) fn turn(&mut self, us: u64, input: Input<'_>) -> &mut Drive {
        let now = Time::from_nanos(us * 1000);
        trace::input(now, &input, &mut self.trace);
        self.out.clear();
        let next = self.probe.handle(now, input, &mut self.out);
        trace::actions(now, &self.out, &mut self.trace);
        self.done = next == Next::Done;
        if self.done {
            trace::end(now, self.probe.report(), &mut self.trace);
        }
        self
    }

    pub(crate) fn answered(&mut self, us: u64, answer: Answer) -> &mut Drive {
        self.turn(us, Input::Answered { answer: &Arc::new(answer), sources: &[] })
    }

    pub(crate) fn connected(&mut self, us: u64, leg: u8, local: &str) -> &mut Drive {
        let local: Option<SocketAddr> = local.parse().ok();
        self.turn(us, Input::Connected { leg: Leg(leg), local })
    }

    pub(crate) fn failed(&mut self, us: u64, leg: u8, fault: Fault) -> &mut Drive {
        self.turn(us, Input::Failed { leg: Leg(leg), fault })
    }

    pub(crate) fn sent(&mut self, us: u64, leg: u8) -> &mut Drive {
        self.turn(us, Input::Sent { leg: Leg(leg), left: 0 })
    }

    pub(crate) fn received(&mut self, us: u64, leg: u8, octets: &[u8]) -> &mut Drive {
        self.turn(us, Input::Received { leg: Leg(leg), octets, at: None })
    }

    /// The same, of octets that came in at `came` by the kernel's clock.
    pub(crate) fn stamped(&mut self, us: u64, came: u64, leg: u8, octets: &[u8]) -> &mut Drive {
        let at = Some(Time::from_nanos(came * 1000));
        self.turn(us, Input::Received { leg: Leg(leg), octets, at })
    }

    pub(crate) fn closed(&mut self, us: u64, leg: u8) -> &mut Drive {
        self.turn(us, Input::Closed { leg: Leg(leg) })
    }

    pub(crate) fn tick(&mut self, us: u64) -> &mut Drive {
        self.turn(us, Input::Tick)
    }

    /// What the last turn sent.
    pub(crate) fn wire(&self) -> Vec<u8> {
        let sends = self.out.list.iter().filter_map(|action| match action {
            Action::Send(_, range) => self.out.octets.get(range.clone()),
            _ => None,
        });
        sends.flatten().copied().collect()
    }

    /// Leg 1 through its handshake and its request, until the server has nothing more to say; what
    /// is sent is taken after 0.1 ms, and answered after 10 ms.
    pub(crate) fn handshake(&mut self, mut us: u64, server: &mut Server) -> &mut Drive {
        let mut flight = Vec::new();
        while !self.done {
            let wire = self.wire();
            if !wire.is_empty() {
                flight.extend(server.feed(&wire));
                us += 100;
                self.sent(us, 0);
            } else if !flight.is_empty() {
                us += 10_000;
                self.received(us, 0, &std::mem::take(&mut flight));
            } else {
                break;
            }
        }
        self
    }

    pub(crate) fn report(self) -> (Report, String) {
        let report = Report { tcp: self.tcp.map(Box::new), ..*self.probe.into_report() };
        (report, without_records(&self.trace))
    }
}

/// The lines of a trace, the octets of TLS left out: they are others in every run.
fn without_records(trace: &str) -> String {
    const TLS: [&str; 3] = ["4\\x03", "6\\x03", "7\\x03"];
    let mut lines = String::new();
    for line in trace.lines() {
        match line.split_once(" \"\\x1") {
            // An alert in the clear is the same in every run.
            Some((before, octets)) if TLS.iter().any(|start| octets.starts_with(start)) => {
                lines.push_str(before);
                lines.push_str(" (TLS)");
            }
            _ => lines.push_str(line),
        }
        lines.push('\n');
    }
    lines
}

/// What 192.0.2.53 says of `a.test`.
/// What an HTTPS record at the name itself says, which changes nothing of where to connect.
fn one_service() -> ServiceAnswer {
    let params = Params { alpn: vec![b"h2".as_slice().into()], ..Params::default() };
    let service = Service {
        priority: Some(1),
        target: "a.test".into(),
        port: 443,
        params,
        is_own: true,
        answers: Vec::new(),
        awaited: 0,
    };
    ServiceAnswer {
        services: vec![service],
        failure: None,
        is_unavailable: false,
        awaited: 0,
        from: From::Dns,
        name: "a.test".into(),
        aliases: Vec::new(),
        ttl_s: Some(60),
        rcode: Some(Rcode::NOERROR),
        server: None,
        transport: None,
        extended_errors: Vec::new(),
        ignored: Ignored::default(),
        asked: 1,
        oddities: Vec::new(),
    }
}

pub(crate) fn answer(family: Family, addresses: &[&str]) -> Answer {
    let addresses: Vec<IpAddr> = addresses.iter().map(|ip| ip.parse().unwrap()).collect();
    let no_address = ResolveError::NoAddress { name: "a.test".into(), family };
    Answer {
        family,
        result: if addresses.is_empty() { Err(no_address) } else { Ok(addresses) },
        from: From::Dns,
        name: "a.test".into(),
        cname: Vec::new(),
        ttl_s: Some(60),
        rcode: Some(Rcode::NOERROR),
        server: Some("192.0.2.53:53".parse().unwrap()),
        transport: Some(Transport::Udp),
        extended_errors: Vec::new(),
        ignored: Ignored::default(),
        asked: 1,
        oddities: Vec::new(),
    }
}
