//! Ten thousand probes of every kind at once, over one resolver.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use fourstep_probe::{Plan, Report};
use fourstep_request::Recipe;
use fourstep_simnet::{Act, Conduct, Host, Net, Random, Said, Totals};
use fourstep_terms::{FaultKind, Time};

/// What is there for one kind of target, and what a probe of it must end with.
struct Kind {
    name: &'static str,
    said: Said,
    hosts: Vec<(&'static str, Host)>,
    /// `answered 204`, the code of the failure, or both.
    want: &'static str,
}

const OK: &str = "HTTP/1.1 204 No Content\r\n\r\n";

fn say(octets: &str) -> Act {
    Act::Say(octets.as_bytes().to_vec())
}

fn kind(name: &'static str, addresses: &str, conduct: Conduct, want: &'static str) -> Kind {
    let host = Host::new(conduct);
    let hosts = ["192.0.2.1:80", "[2001:db8::1]:80"].map(|at| (at, host.clone())).to_vec();
    let said = Said::Addresses(addresses.split(' ').map(|ip| ip.parse().unwrap()).collect());
    Kind { name, said, hosts, want }
}

fn serves(name: &'static str, acts: Vec<Act>, want: &'static str) -> Kind {
    kind(name, "192.0.2.1", Conduct::Serves { takes: None, acts }, want)
}

fn takes(name: &'static str, octets: usize, acts: Vec<Act>, want: &'static str) -> Kind {
    kind(name, "192.0.2.1", Conduct::Serves { takes: Some(octets), acts }, want)
}

fn said(name: &'static str, said: Said, want: &'static str) -> Kind {
    let ok = Host::that(vec![say(OK)]);
    Kind { name, said, hosts: vec![("192.0.2.1:80", ok)], want }
}

fn kinds() -> Vec<Kind> {
    let v4 = || vec!["192.0.2.1".parse().unwrap()];
    let ok = || Conduct::Serves { takes: None, acts: vec![say(OK)] };
    let both = "192.0.2.1 2001:db8::1";
    let mut kinds = vec![
        kind("plain", "192.0.2.1", ok(), "answered 204"),
        kind("both", both, ok(), "answered 204"),
        kind("six", "2001:db8::1", ok(), "answered 204"),
        kind("refused", both, Conduct::Fails(FaultKind::Refused), "connect.refused"),
        kind("denied", both, Conduct::Fails(FaultKind::Denied), "connect.denied"),
        kind("resets", both, Conduct::Fails(FaultKind::Reset), "connect.reset"),
        kind("no-ports", both, Conduct::Fails(FaultKind::Ports), "local.ports"),
        kind("silent", both, Conduct::Drops, "connect.silent"),
        said(
            "elsewhere",
            Said::Addresses(vec!["192.0.2.7".parse().unwrap()]),
            "connect.unreachable",
        ),
        said("tcp", Said::Truncated(v4()), "answered 204"),
        said("nodata", Said::Addresses(vec![]), "resolve.no-address"),
        said("servfail", Said::Rcode(2), "resolve.server-failure"),
        said("nxdomain", Said::Rcode(3), "resolve.no-such-name"),
        said("unwanted", Said::Rcode(5), "resolve.refused"),
        said("nonsense", Said::Nonsense, "resolve.malformed"),
        said("mute", Said::Nothing, "resolve.silent"),
        takes("stops-reading", 10, vec![], "request.silent"),
        takes("drops-request", 10, vec![Act::Reset], "request.reset"),
        takes("answers-early", 10, vec![say(OK)], "answered 204"),
        serves("empty", vec![Act::Close], "response.empty"),
        serves("mute-origin", vec![], "response.silent"),
        serves("thrown", vec![Act::Reset], "response.reset"),
        serves("half-head", vec![say("HTTP/1.1 2"), Act::Close], "response.cut"),
        serves("stall", vec![say("HTTP/1.1 2")], "response.stalled"),
        serves("garbage", vec![say("* OK IMAP4rev1\r\n")], "response.malformed"),
        serves(
            "chunked",
            vec![
                say("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n"),
                Act::Wait(Duration::from_millis(30)),
                say("0\r\nX: 1\r\n\r\n"),
            ],
            "answered 200",
        ),
        serves(
            "cut-body",
            vec![say("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhello"), Act::Close],
            "answered 200 response.cut",
        ),
        serves(
            "until-close",
            vec![
                say("HTTP/1.0 200 OK\r\n\r\nhello"),
                Act::Wait(Duration::from_secs(1)),
                Act::Close,
            ],
            "answered 200",
        ),
        serves(
            "loops",
            vec![say("HTTP/1.1 302 Found\r\nLocation: /\r\nContent-Length: 0\r\n\r\n")],
            "answered 302 response.redirect-loop",
        ),
    ];
    // Only IPv4 answers: the race gets there.
    let mut half = kind("half", both, ok(), "answered 204");
    half.hosts[1].1 = Host::new(Conduct::Drops);
    kinds.push(half);
    kinds
}

fn ended(report: &Report) -> String {
    let status = report.status().map(|status| format!("answered {status:03}"));
    let code = report.failure.as_ref().map(|failure| failure.code().to_string());
    [status, code].into_iter().flatten().collect::<Vec<_>>().join(" ")
}

/// What a run gave: how each probe ended, and when; and what it took.
type Ran = (BTreeMap<usize, (String, Time)>, Totals);

/// Each kind has its own addresses, so that what is wrong with one cannot help another.
fn run(seed: u64, probes: usize) -> Ran {
    let kinds = kinds();
    let mut net = Net::new(seed);
    let mut random = Random::new(seed);
    for (at, kind) in kinds.iter().enumerate() {
        let port = 8000 + u16::try_from(at).unwrap();
        for (address, host) in &kind.hosts {
            let mut address: SocketAddr = address.parse().unwrap();
            address.set_port(port);
            net.host(address, host.clone());
        }
        // Sixteen names a kind: some are asked for at the same time, some again.
        for nth in 0..16 {
            net.name(&format!("{nth}.{}.test", kind.name), kind.said.clone());
        }
    }
    let plan = Arc::new(Plan { follow: 3, recipe: Recipe::new(), ..Plan::default() });
    let mut wants = BTreeMap::new();
    for number in 0..probes {
        let at = usize::try_from(random.below(kinds.len() as u64)).unwrap();
        let url = format!("http://{}.{}.test:{}/", random.below(16), kinds[at].name, 8000 + at);
        let begin = Time::from_nanos(random.below(5_000_000_000));
        net.probe(begin, number, Arc::new(url.parse().unwrap()), &plan);
        wants.insert(number, kinds[at].want);
    }
    let mut ends = BTreeMap::new();
    let totals = net
        .run(|number, report| {
            let end = ended(&report);
            assert_eq!(end, wants[&number], "{}: {:?}", report.target.shown(), report.failure);
            let done = report.timeline.at(fourstep_probe::Mark::Done).unwrap();
            assert!(done <= Time::from_millis(30_000), "{}", report.target.shown());
            assert!(ends.insert(number, (end, done)).is_none(), "two reports of {number}");
        })
        .unwrap_or_else(|breach| panic!("{breach}"));
    assert_eq!(ends.len(), probes);
    (ends, totals)
}

#[test]
fn ten_thousand_probes_each_end_once_as_they_must() {
    let (ends, totals) = run(1, 10_000);
    let kinds: std::collections::BTreeSet<&String> = ends.values().map(|(end, _)| end).collect();
    assert!(kinds.len() >= 20, "{kinds:?}");
    assert_eq!(totals.probes, 10_000);
    // Equal questions are merged and answers kept: far fewer sockets than probes.
    assert!(totals.channels < 10_000, "{totals:?}");
}

#[test]
fn a_run_is_its_seed() {
    let first = run(2, 1000);
    assert_eq!(first, run(2, 1000));
    assert_ne!(first, run(3, 1000));
}
