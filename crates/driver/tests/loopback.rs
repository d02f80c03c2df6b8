//! The loop over real sockets: peers that do what real ones don't, on loopback.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use fourstep_driver::{Driver, Excluded, Finished, Job, Ran, Settings, Supply, Work};
use fourstep_peer::{Decoy, Held, LOOPBACK, Manner, NameServer, On, Origin, Script, Tcp, Zone};
use fourstep_probe::{Endpoint, Plan, Report};
use fourstep_resolve::Config;

/// One probe of `url`, asking `names`; the reports of all its hops.
fn run(url: &str, plan: Plan, names: Config) -> Vec<Finished> {
    let mut driver = Driver::new(Settings { names, ..Settings::default() }).unwrap();
    let job = Job { number: 7, target: Arc::new(url.parse().unwrap()), plan: Arc::new(plan) };
    let mut done = Vec::new();
    let ran = driver.run([job], |finished, _| done.push(finished)).unwrap();
    assert_eq!(ran, Ran::All);
    assert!(done.iter().all(|finished| finished.number == 7));
    done
}

fn probe(url: &str, plan: Plan) -> Report {
    *run(url, plan, Config::default()).pop().unwrap().report
}

fn code(report: &Report) -> &'static str {
    report.failure.as_ref().map_or("", |failure| failure.code().as_str())
}

/// A plan whose deadlines are short enough to wait for.
fn brisk() -> Plan {
    let mut plan = Plan::default();
    plan.deadlines.total = Duration::from_millis(300);
    plan
}

fn asks(server: SocketAddr) -> Config {
    Config {
        servers: vec![server],
        timeout: Duration::from_millis(100),
        attempts: 2,
        ..Config::default()
    }
}

#[test]
fn a_connection_may_end_in_every_way_there_is() {
    let whole = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";
    let origin = Origin::choose(LOOPBACK, move |request| match request.path() {
        "/whole" => Script::new().write(whole),
        "/slow" => Script::new().write_slowly(whole, Duration::from_millis(1)),
        "/empty" => Script::new().close(),
        "/reset" => Script::new().reset(),
        "/cut" => Script::new().write("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf").close(),
        "/head" => Script::new().write("HTTP/1.1 200 OK\r\nContent-L").close(),
        "/torn" => Script::new().write("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n").reset(),
        "/silent" => Script::new().stall(),
        "/drip" => Script::new().drip("x", Duration::from_millis(5)),
        "/stall" => Script::new().write("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n").stall(),
        "/garbage" => Script::new().write("SSH-2.0-OpenSSH_9.2\r\n").stall(),
        "/flood" => Script::new().write("HTTP/1.1 200 OK\r\n\r\n").flood("flood", 64 << 20),
        _ => Script::status(404, "Not Found", ""),
    })
    .unwrap();
    let rows = [
        // path, status, code (the design's "which code, where two could be meant")
        ("/whole", Some(200), ""),
        ("/slow", Some(200), ""),
        ("/else", Some(404), ""),
        ("/empty", None, "response.empty"),
        ("/reset", None, "response.reset"),
        ("/cut", Some(200), "response.cut"),
        ("/head", None, "response.cut"),
        ("/torn", Some(200), "response.reset"),
        ("/silent", None, "response.silent"),
        ("/drip", None, "response.malformed"),
        ("/stall", Some(200), "response.stalled"),
        ("/garbage", None, "response.malformed"),
        ("/flood", Some(200), "response.too-large"),
    ];
    for (path, status, want) in rows {
        let mut plan = brisk();
        plan.deadlines.total = match path {
            "/silent" | "/stall" => Duration::from_millis(200),
            _ => Duration::from_secs(20),
        };
        plan.limits.body_bytes = 1 << 20;
        let report = probe(&origin.url(path), plan);
        assert_eq!((report.status(), code(&report)), (status, want), "{path}");
        let timings = report.timeline.timings();
        assert!(timings.total.is_some() && timings.connect <= timings.total, "{path}");
    }
}

#[test]
fn addresses_that_do_not_connect_say_how() {
    let refused = Held::refused(LOOPBACK).unwrap();
    let full = Held::full(LOOPBACK).unwrap();
    let rows = [
        (refused.url("/"), "connect.refused"),
        (full.url("/"), "connect.silent"),
        // The kernel has no way to a group for TCP: nothing is sent.
        ("http://224.0.0.1/".into(), "connect.unreachable"),
    ];
    for (url, want) in rows {
        let report = probe(&url, brisk());
        assert_eq!(code(&report), want, "{url}");
        let connection = report.connect.as_ref().unwrap();
        assert_eq!(connection.attempts.len(), 1, "{url}");
        assert_eq!(connection.attempts[0].failure.unwrap().as_str(), want, "{url}");
        assert!(report.request.is_none(), "{url}");
    }
}

#[test]
fn a_request_that_is_not_taken_says_so() {
    let deaf = Origin::deaf(LOOPBACK).unwrap();
    let mut plan = brisk();
    plan.recipe = plan.recipe.body(vec![b'x'; 32 << 20].into());
    let report = probe(&deaf.url("/"), plan);
    assert_eq!(code(&report), "request.silent");
    let sent = report.request.unwrap();
    assert!(sent.left > 0 && sent.left < sent.octets, "{} of {}", sent.left, sent.octets);

    // A server that answers and closes while the request is still being sent was heard.
    let hasty = Origin::start(
        LOOPBACK,
        Script::new().write("HTTP/1.1 413 Content Too Large\r\nContent-Length: 0\r\n\r\n").stall(),
    )
    .unwrap();
    let mut plan = brisk();
    plan.deadlines.total = Duration::from_secs(20);
    plan.recipe = plan.recipe.body(vec![b'x'; 32 << 20].into());
    assert_eq!(probe(&hasty.url("/"), plan).status(), Some(413));

    let rude = Origin::reset(LOOPBACK).unwrap();
    let mut plan = brisk();
    plan.deadlines.total = Duration::from_secs(20);
    plan.recipe = plan.recipe.body(vec![b'x'; 32 << 20].into());
    let report = probe(&rude.url("/"), plan);
    // The reset may come before the connection is seen to stand.
    assert!(["request.reset", "connect.reset"].contains(&code(&report)), "{}", code(&report));
}

#[test]
fn a_name_may_fail_in_every_way_there_is() {
    let origin =
        Origin::start(LOOPBACK, Script::new().read().then(Script::status(200, "OK", "hi")))
            .unwrap();
    let port = origin.port();
    let loopback = [127, 0, 0, 1];
    let zone = Zone::new()
        .a("here.test", loopback)
        .cname("alias.test", "here.test")
        .a("late.test", loopback)
        .behave("late.test", On::Aaaa, Manner::Late(Duration::from_secs(3)))
        .a("big.test", loopback)
        .behave("big.test", On::Any, Manner::Truncated)
        .a("odd.test", loopback)
        .behave("odd.test", On::Any, Manner::Decoy(Decoy::OtherSource))
        .behave("odd.test", On::Any, Manner::Decoy(Decoy::OtherId))
        .txt("text.test", "no address here")
        .cname("loop.test", "pool.test")
        .cname("pool.test", "loop.test")
        .a("sick.test", loopback)
        .behave("sick.test", On::Any, Manner::Rcode(2))
        .a("mine.test", loopback)
        .behave("mine.test", On::Any, Manner::Rcode(5))
        .a("mute.test", loopback)
        .behave("mute.test", On::Any, Manner::Silent)
        .a("junk.test", loopback)
        .behave("junk.test", On::Any, Manner::PointerLoop);
    let server = NameServer::start(LOOPBACK, zone).unwrap();
    let rows = [
        ("here.test", ""),
        ("alias.test", ""),
        ("late.test", ""),
        ("big.test", ""),
        ("odd.test", ""),
        ("nobody.test", "resolve.no-such-name"),
        ("text.test", "resolve.no-address"),
        ("loop.test", "resolve.malformed"),
        ("sick.test", "resolve.server-failure"),
        ("mine.test", "resolve.refused"),
        ("mute.test", "resolve.silent"),
        ("junk.test", "resolve.malformed"),
    ];
    for (name, want) in rows {
        let url = format!("http://{name}:{port}/");
        let mut done = run(&url, Plan::default(), asks(server.address()));
        let report = done.pop().unwrap().report;
        assert_eq!(code(&report), want, "{name}");
        assert_eq!(report.status(), want.is_empty().then_some(200), "{name}");
    }
    let dead = Held::refused(LOOPBACK).unwrap();
    let url = format!("http://here.test:{port}/");
    let report = run(&url, Plan::default(), asks(dead.address())).pop().unwrap().report;
    assert_eq!(code(&report), "resolve.unreachable");

    let zone = Zone::new().a("big.test", loopback).behave("big.test", On::Any, Manner::Truncated);
    let stubborn = NameServer::start(LOOPBACK, zone.tcp(Tcp::Refuses)).unwrap();
    let url = format!("http://big.test:{port}/");
    let report = run(&url, Plan::default(), asks(stubborn.address())).pop().unwrap().report;
    assert_eq!(code(&report), "resolve.unreachable");
}

#[test]
fn a_name_server_that_floods_does_not_stop_the_clock() {
    // Messages of no octets over TCP, far more than anybody waits for.
    let flood = Origin::start(LOOPBACK, Script::new().flood("\0\0", u64::MAX)).unwrap();
    let names = Config { use_vc: true, timeout: Duration::from_secs(30), ..asks(flood.address()) };
    let report = run("http://a.test/", brisk(), names).pop().unwrap().report;
    assert_eq!(code(&report), "resolve.silent");
    let total = report.timeline.timings().total.unwrap();
    assert!(total < Duration::from_secs(10), "{total:?}");
}

#[test]
fn the_second_address_is_tried_when_the_first_refuses() {
    let origin =
        Origin::start(LOOPBACK, Script::new().read().then(Script::status(200, "OK", "hi")))
            .unwrap();
    let port = origin.port();
    let zone = Zone::new().a("two.test", [127, 0, 0, 9]).a("two.test", [127, 0, 0, 1]);
    let server = NameServer::start(LOOPBACK, zone).unwrap();
    let url = format!("http://two.test:{port}/");
    let report = run(&url, Plan::default(), asks(server.address())).pop().unwrap().report;
    assert_eq!(report.status(), Some(200));
    let connection = report.connect.unwrap();
    assert_eq!(connection.peer(), Some(&Endpoint::Ip(origin.address())));
    let local = connection.local.expect("a connection has a local address");
    assert!(local.ip().is_loopback());
}

#[test]
fn redirects_are_probes_of_their_own() {
    let origin = Origin::choose(LOOPBACK, |request| {
        let to = |path: &str| {
            Script::new().write(format!(
                "HTTP/1.1 302 Found\r\nLocation: {path}\r\nContent-Length: 0\r\n\r\n"
            ))
        };
        match request.path() {
            "/a" => to("b"),
            "/b" => to("/c?x"),
            "/loop" => to("pool"),
            "/pool" => to("loop"),
            "/bad" => to("http://[::1/"),
            _ => Script::status(200, "OK", "there"),
        }
    })
    .unwrap();
    let rows: [(&str, u16, &[u16], &str); 6] = [
        // path, --follow, status of each hop, code of the last
        ("/a", 0, &[302], ""),
        ("/a", 1, &[302, 302], "response.redirect-limit"),
        ("/a", 2, &[302, 302, 200], ""),
        ("/a", 9, &[302, 302, 200], ""),
        ("/loop", 9, &[302, 302], "response.redirect-loop"),
        ("/bad", 9, &[302], "response.redirect-malformed"),
    ];
    for (path, follow, hops, want) in rows {
        let plan = Plan { follow, ..Plan::default() };
        let done = run(&origin.url(path), plan, Config::default());
        let statuses: Vec<u16> = done.iter().filter_map(|hop| hop.report.status()).collect();
        assert_eq!(statuses, hops, "{path} {follow}");
        let numbers: Vec<u16> = done.iter().map(|hop| hop.report.hop).collect();
        assert!(numbers.iter().copied().eq(0..u16::try_from(hops.len()).unwrap()), "{numbers:?}");
        assert_eq!(code(&done.last().unwrap().report), want, "{path} {follow}");
    }
}

#[test]
fn a_thousand_probes_share_one_loop() {
    let origin = Origin::start(
        LOOPBACK,
        Script::new().read().then(Script::status(503, "Service Unavailable", "busy")),
    )
    .unwrap();
    let target = Arc::new(origin.url("/").parse().unwrap());
    let plan = Arc::new(Plan::default());
    let jobs = (0..1000).map(|number| Job {
        number,
        target: Arc::clone(&target),
        plan: Arc::clone(&plan),
    });
    let mut driver = Driver::new(Settings { in_flight: 50, ..Settings::default() }).unwrap();
    let mut seen = vec![0; 1000];
    let ran = driver
        .run(jobs, |done, _| {
            assert_eq!(done.report.status(), Some(503), "{:?}", done.report.failure);
            seen[usize::try_from(done.number).unwrap()] += 1;
        })
        .unwrap();
    assert_eq!(ran, Ran::All);
    assert!(seen.iter().all(|count| *count == 1));
}

#[test]
fn an_interrupt_ends_the_run_with_a_report_for_each() {
    let origin = Origin::silent(LOOPBACK).unwrap();
    let target = Arc::new(origin.url("/").parse().unwrap());
    let plan = Arc::new(Plan::default());
    let jobs =
        (0..3).map(|number| Job { number, target: Arc::clone(&target), plan: Arc::clone(&plan) });
    let mut driver = Driver::new(Settings { in_flight: 2, ..Settings::default() }).unwrap();
    let interrupter = driver.interrupter();
    let mut codes = Vec::new();
    std::thread::scope(|scope| {
        // When both are accepted, both are under way.
        scope.spawn(|| {
            while origin.accepted() < 2 {
                std::thread::yield_now();
            }
            interrupter.interrupt();
        });
        let ran = driver.run(jobs, |done, _| codes.push(code(&done.report))).unwrap();
        assert_eq!(ran, Ran::Interrupted);
    });
    assert_eq!(codes, ["local.interrupted"; 2]);
}

#[test]
fn the_exchange_is_written_down_and_hides_credentials() {
    // A server that sends back what it got.
    let echo = |request: &fourstep_peer::Request| Script::status(200, "OK", request.octets());
    let origin = Origin::choose(LOOPBACK, echo).unwrap();
    let url = format!("http://ann:hunter2@{}/", origin.address());
    let mut driver = Driver::new(Settings { trace: true, ..Settings::default() }).unwrap();
    let job = Job { number: 1, target: Arc::new(url.parse().unwrap()), plan: Arc::default() };
    let mut lines = String::new();
    let ran = driver.run([job], |_, traced| lines = traced.to_owned()).unwrap();
    assert_eq!(ran, Ran::All);
    assert!(lines.contains(" > dial 1 127.0.0.1:"), "{lines}");
    assert!(lines.contains("Authorization: ***\\r\\n"), "{lines}");
    assert!(lines.contains("= answered 200 "), "{lines}");
    assert!(!lines.contains("hunter2") && !lines.contains("YW5uOmh1bnRlcjI"), "{lines}");
}

#[test]
fn what_was_ignored_is_reported_when_the_probe_waits_no_longer() {
    let decoy = Manner::Decoy(Decoy::OtherId);
    let zone = Zone::new().a("a.test", [127, 0, 0, 1]).behave("a.test", On::Any, decoy).behave(
        "a.test",
        On::Any,
        Manner::Silent,
    );
    let server = NameServer::start(LOOPBACK, zone).unwrap();
    let names = Config { timeout: Duration::from_secs(5), ..asks(server.address()) };
    let mut done = run("http://a.test/", brisk(), names);
    let report = done.pop().unwrap().report;
    assert_eq!(code(&report), "resolve.silent");
    let ignored = report.named().unwrap().ignored;
    assert!(ignored.wrong_id > 0, "{ignored:?}");
}

/// What leads to an excluded address is not dialled, and says so.
#[test]
fn nothing_excluded_is_dialled() {
    let origin = Origin::start(
        LOOPBACK,
        Script::new().read().then(Script::status(200, "OK", "must not be asked")),
    )
    .unwrap();
    let elsewhere = origin.url("/").replace("127.0.0.1", "127.0.0.2");
    let found = format!("HTTP/1.1 302 Found\r\nLocation: {elsewhere}\r\nContent-Length: 0\r\n\r\n");
    let redirecting = Origin::start(LOOPBACK, Script::answer(found)).unwrap();
    let port = origin.address().port();
    let rows = [
        ("its address", format!("http://127.0.0.1:{port}/"), "127.0.0.1/32"),
        ("its name", format!("http://www.a.test:{port}/"), "a.test"),
        ("what its name resolves to", format!("http://www.a.test:{port}/"), "127.0.0.0/31"),
        ("where it is sent on", redirecting.url("/"), "127.0.0.2"),
    ];
    for (what, url, list) in rows {
        let mut plan = Plan { follow: 3, ..Plan::default() };
        plan.families = fourstep_resolve::Families::V4;
        let names = Config {
            overrides: vec![
                fourstep_resolve::Override::parse(&format!("*:{port}:127.0.0.1")).unwrap(),
            ],
            ..Config::default()
        };
        let excluded = Arc::new(Excluded::parse(list).unwrap());
        let settings = Settings { names, excluded, ..Settings::default() };
        let job = Job { number: 1, target: Arc::new(url.parse().unwrap()), plan: Arc::new(plan) };
        let mut last = None;
        let ran = Driver::new(settings).unwrap().run([job], |done, _| last = Some(done.report));
        assert_eq!(ran.unwrap(), Ran::All);
        let last = last.unwrap();
        assert_eq!(code(&last), "connect.denied", "{what}");
        let said = last.failure.unwrap().to_string();
        assert!(said.contains("excluded"), "{what}: {said}");
    }
    assert_eq!(origin.accepted(), 0);
}

/// Gives one job out again and again until it may dial.
struct Patient {
    job: Job,
    given: u32,
    refuse: u32,
    done: u32,
    ready: bool,
}

impl Work for Patient {
    fn next(&mut self, _: fourstep_terms::Time) -> Supply {
        if !std::mem::take(&mut self.ready) {
            return Supply::End;
        }
        self.given += 1;
        Supply::Job(self.job.clone())
    }

    fn may_dial(
        &mut self,
        _: fourstep_terms::Time,
        number: u64,
        addresses: &[std::net::IpAddr],
    ) -> bool {
        assert_eq!((number, addresses), (9, &[std::net::IpAddr::from([127, 0, 0, 1])][..]));
        self.ready = self.given <= self.refuse;
        !self.ready
    }

    fn done(&mut self, _: fourstep_terms::Time, done: Finished, _: &str) {
        assert_eq!(done.report.status(), Some(200), "{:?}", done.report.failure);
        self.done += 1;
    }
}

#[test]
fn a_probe_that_may_not_dial_leaves_nothing_behind() {
    let origin =
        Origin::start(LOOPBACK, Script::new().read().then(Script::status(200, "OK", ""))).unwrap();
    let zone = Zone::new().a("late.test", [127, 0, 0, 1]);
    let server = NameServer::start(LOOPBACK, zone).unwrap();
    let plan = Plan { families: fourstep_resolve::Families::V4, ..Plan::default() };
    let url = format!("http://late.test:{}/", origin.address().port());
    let job = Job { number: 9, target: Arc::new(url.parse().unwrap()), plan: Arc::new(plan) };
    let mut work = Patient { job, given: 0, refuse: 3, done: 0, ready: true };
    let settings = Settings { names: asks(server.address()), ..Settings::default() };
    let ran = Driver::new(settings).unwrap().work(&mut work).unwrap();
    assert_eq!((ran, work.given, work.done), (Ran::All, 4, 1));
    assert_eq!(origin.accepted(), 1);
}
