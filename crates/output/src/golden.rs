//! One report a case in every format, held against `fixtures/reports`.
//!
//! With `UPDATE=1` in the environment the files are written anew; look at the difference before
//! it is committed.

#![expect(clippy::disallowed_methods, reason = "a test reads its fixtures")]

use std::num::NonZeroU32;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use std::{env, fs};

use fourstep_probe::{Deadlines, Input, Plan, Probe, Report, Route, Tcp};
use fourstep_request::Recipe;
use fourstep_resolve::{Answer, ExtendedError, Family, Ignored, Rcode, ResolveError};
use fourstep_target::Target;
use fourstep_terms::{Fault, FaultKind, TcpInfo};

use crate::drive::{Drive, answer, began};
use crate::server::{self, Days, Server};
use crate::{Accept, Record, Text, WriteOut, exit};

const LOCAL: &str = "192.0.2.9:40112";

/// A name, what it shows, and what happened.
pub(crate) struct Case {
    pub(crate) name: &'static str,
    shows: &'static str,
    pub(crate) report: Report,
    trace: String,
}

fn case(name: &'static str, shows: &'static str, drive: Drive) -> Case {
    let (report, trace) = drive.report();
    Case { name, shows, report, trace }
}

/// A probe of a literal address whose connection stands, its request sent.
fn sent(target: &str, plan: Plan) -> Drive {
    let mut drive = Drive::start(target, plan);
    drive.connected(11_800, 0, LOCAL).sent(11_830, 0);
    drive
}

fn fault(kind: FaultKind, number: i32) -> Fault {
    Fault { kind, os_error: Some(number) }
}

/// What the kernel measures of a path with this shortest round trip.
fn path(shortest: u32, retransmits: u32) -> TcpInfo {
    let us = NonZeroU32::new;
    TcpInfo {
        rtt_us: us(shortest + shortest / 50),
        rttvar_us: us(shortest / 2),
        min_rtt_us: us(shortest),
        retransmits,
        mss: 1448,
    }
}

fn no_such_name(family: Family) -> Answer {
    Answer {
        result: Err(ResolveError::NoSuchName { name: "nope.test".into() }),
        rcode: Some(Rcode::NXDOMAIN),
        ttl_s: Some(900),
        name: "nope.test".into(),
        ..answer(family, &[])
    }
}

/// Every case. The peers' octets are written here, after real ones where a comment says so.
pub(crate) fn cases() -> Vec<Case> {
    let mut cases = resolving();
    cases.extend(connecting());
    cases.extend(securing());
    cases.extend(answering());
    cases.extend(breaking());
    cases
}

fn resolving() -> Vec<Case> {
    let mut nobody = Drive::start("http://nope.test/", Plan::default());
    let mut answer4 = no_such_name(Family::V4);
    answer4.extended_errors =
        vec![ExtendedError { code: 30, text: "no such\u{1b}[31m zone\u{202e}".into() }];
    answer4.ignored = Ignored { wrong_id: 2, ..Ignored::default() };
    nobody.answered(3_900, answer4).answered(4_100, no_such_name(Family::V6));

    let limits = Deadlines { resolve: Duration::from_secs(5), ..Deadlines::default() };
    let mut silent = Drive::start("http://a.test/", Plan { deadlines: limits, ..Plan::default() });
    silent.tick(5_000_000);
    vec![
        case(
            "no-such-name",
            "NXDOMAIN for both families; what the server adds is shown escaped",
            nobody,
        ),
        case("resolve-silent", "no name server answers", silent),
    ]
}

fn connecting() -> Vec<Case> {
    let mut refused = Drive::start("http://a.test:8080/", Plan::default());
    refused
        .answered(4_000, answer(Family::V6, &["2001:db8::1"]))
        .failed(4_100, 0, fault(FaultKind::Unreachable, 101))
        .answered(4_200, answer(Family::V4, &["192.0.2.1", "192.0.2.2"]))
        .tick(14_000)
        .failed(14_900, 1, fault(FaultKind::Refused, 111))
        .tick(24_100)
        .failed(25_000, 2, fault(FaultKind::Refused, 111));

    let mut silent = Drive::start("http://192.0.2.1/", Plan::default());
    silent.tick(10_000_000);

    let unix = Route { unix: Some(Path::new("/run/app.sock").into()), ..Route::default() };
    let mut denied = Drive::start("http://a.test/", Plan { route: unix, ..Plan::default() });
    denied.failed(40, 0, fault(FaultKind::Denied, 13));

    let mut local = Drive::start("http://192.0.2.1/", Plan::default());
    local.failed(20, 0, fault(FaultKind::Descriptors, 24));
    vec![
        case("connect-refused", "three addresses, each with its own end", refused),
        case("connect-silent", "the attempt outlives its limit", silent),
        case("unix-denied", "a unix socket that may not be used", denied),
        case("local-descriptors", "this machine's own lack, before anything was sent", local),
    ]
}

/// An https probe of a name whose connection stands.
fn secure(plan: Plan) -> Drive {
    let mut drive = Drive::start("https://a.test/", plan);
    drive
        .answered(4_000, answer(Family::V4, &["192.0.2.1"]))
        .answered(4_100, answer(Family::V6, &[]))
        .connected(11_800, 0, LOCAL);
    drive
}

const VALID: Days = [(2026, 9, 1), (2026, 12, 1)];
const EXPIRED: Days = [(2026, 8, 1), (2026, 11, 17)];

fn securing() -> Vec<Case> {
    let trusting = Plan { tls: Some(server::config(true, false)), ..Plan::default() };
    let careless = Plan { tls: Some(server::config(false, true)), ..Plan::default() };
    let answer = b"HTTP/1.1 200 OK\r\nServer: nginx\r\nContent-Length: 2\r\n\r\nok";

    let mut peer = Server::new(&["a.test", "*.a.test"], VALID);
    let mut verified = secure(trusting.clone());
    verified.handshake(11_800, &mut peer).stamped(42_000, 40_000, 0, &peer.answer(answer));
    verified.tcp = Some(Tcp { connected: path(7_700, 0), ended: path(7_600, 0) });

    let mut expired = secure(trusting.clone());
    expired.handshake(11_800, &mut Server::new(&["a.test"], EXPIRED));

    let mut wrong = secure(trusting.clone());
    wrong.handshake(11_800, &mut Server::new(&["b.test", "*.b.test"], VALID));

    let mut untrusted = secure(Plan { tls: Some(server::config(false, false)), ..Plan::default() });
    untrusted.handshake(11_800, &mut Server::new(&["a.test"], VALID));

    let mut peer = Server::new(&["b.test"], EXPIRED);
    let mut insecure = secure(careless);
    insecure.handshake(11_800, &mut peer).received(40_000, 0, &peer.answer(answer));

    let mut http = secure(trusting.clone());
    http.received(21_800, 0, b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n");

    // As OpenSSL answers octets that are no TLS.
    let mut https = sent("http://192.0.2.1:443/", Plan::default());
    https.received(20_000, 0, b"\x15\x03\x01\x00\x02\x02\x46");

    let mut denied = trusting;
    let proxy: Target = "192.0.2.8".parse().unwrap();
    denied.route.proxy = Some((proxy.host().clone(), 3128));
    denied.recipe = Recipe::new().proxied(None);
    let mut tunnel = Drive::start("https://a.test/", denied);
    tunnel.connected(2_000, 0, LOCAL).sent(2_010, 0).received(
        5_000,
        0,
        b"HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic\r\n\r\n",
    );
    vec![
        case("tls", "a peer that is verified, and who it is", verified),
        case("tls-expired", "a certificate past its time", expired),
        case("tls-wrong-name", "a certificate for other names", wrong),
        case("tls-untrusted", "a root that nobody knows", untrusted),
        case("tls-insecure", "nothing is right, and the probe was told to go on", insecure),
        case("tls-not-tls", "HTTP in the clear on the port", http),
        case("http-to-tls", "HTTP in the clear, and TLS is spoken on the port", https),
        case("tunnel-denied", "the proxy wants to know who asks", tunnel),
    ]
}

fn answering() -> Vec<Case> {
    // After HAProxy's own 503.
    let mut busy = Drive::start("http://a.test/x", Plan::default());
    busy.answered(4_000, answer(Family::V6, &["2001:db8::1"]))
        .answered(4_100, answer(Family::V4, &["192.0.2.1"]))
        .tick(254_000)
        .connected(265_800, 1, LOCAL)
        .sent(265_830, 1)
        .stamped(
            303_000,
            299_830,
            1,
            b"HTTP/1.0 503 Service Unavailable\r\ncache-control: no-cache\r\n\
              content-type: text/html\r\nretry-after: 120\r\n\r\n<html><body>",
        )
        .stamped(303_100, 300_030, 1, b"<h1>503</h1></body></html>\n")
        .closed(303_200, 1);
    busy.tcp = Some(Tcp { connected: path(11_750, 0), ended: path(11_610, 0) });

    // The listener's queue was full: the SYN was dropped, and came through a second later.
    let mut late = Drive::start("http://192.0.2.1/", Plan::default());
    late.connected(1_011_800, 0, LOCAL).sent(1_011_830, 0).stamped(
        1_045_000,
        1_040_000,
        0,
        b"HTTP/1.1 204 No Content\r\n\r\n",
    );
    late.tcp = Some(Tcp {
        connected: TcpInfo { rtt_us: None, rttvar_us: None, min_rtt_us: None, ..path(1, 1) },
        ended: path(11_900, 3),
    });

    let mut chunked = sent("HTTP://192.0.2.1:8080/a list?q=1#top", Plan::default());
    chunked
        .received(
            40_000,
            0,
            b"HTTP/1.1 103 Early Hints\r\nLink: </style.css>; rel=preload\r\n\r\n\
              HTTP/1.1 200 OK\r\nServer: nginx/1.22.1\r\nVia: 1.1 cache\r\nAge: 7\r\n\
              Transfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n5\r\nhello\r\n",
        )
        .received(41_000, 0, b"0\r\nX-Sum: 5\r\n\r\n");

    let mut odd = sent("http://192.0.2.1/", Plan::default());
    let mut octets = b"HTTP/1.1 200\nServer: caf\xE9 \x1B[2J\nX-Turn: \xE2\x80\xAEmoc.live\n\
                       Retry-After: soon\nWWW-Authenticate: Basic realm=\""
        .to_vec();
    octets.extend([b'a'; 300]);
    octets.extend(b"\"\nContent-Length: 2, 2\n\nok");
    odd.received(40_000, 0, &octets);

    let follow = Arc::new(Plan { follow: 5, ..Plan::default() });
    let target = Arc::new("http://192.0.2.1/old".parse().unwrap());
    let mut first = Drive::of(Probe::new(target, Arc::clone(&follow)), 0);
    first.connected(11_800, 0, LOCAL).sent(11_830, 0).received(
        30_000,
        0,
        b"HTTP/1.1 301 Moved Permanently\r\nLocation: /new\r\nContent-Length: 0\r\n\r\n",
    );
    let first = case("redirect", "a redirect that is followed", first);
    let hop = first.report.next.clone().unwrap();
    let mut second = Drive::of(Probe::follow(hop, follow), 31_000);
    second.connected(42_800, 0, LOCAL).sent(42_830, 0).received(
        61_000,
        0,
        b"HTTP/1.1 302 Found\r\nLocation: /old\r\nContent-Length: 0\r\n\r\n",
    );
    vec![
        case(
            "busy",
            "an address given up for another, and a server that says when to come back",
            busy,
        ),
        case("late", "a connection that stood late, and why", late),
        case(
            "chunked",
            "a target that is not sent as typed, an interim response, chunks, a trailer field",
            chunked,
        ),
        case(
            "oddities",
            "octets that a strict reader refuses, and some that attack a terminal",
            odd,
        ),
        first,
        case("redirect-loop", "the next hop, which leads back", second),
    ]
}

fn breaking() -> Vec<Case> {
    let mut unsent = Drive::start("http://192.0.2.1/", Plan::default());
    unsent.connected(11_800, 0, LOCAL).failed(11_900, 0, fault(FaultKind::Reset, 104));

    let mut empty = sent("http://192.0.2.1/", Plan::default());
    empty.closed(12_900, 0);

    let mut silent = sent("http://192.0.2.1/", Plan::default());
    silent.tick(30_000_000);

    let mut cut = sent("http://192.0.2.1/", Plan::default());
    cut.received(40_000, 0, b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nonly this")
        .closed(41_000, 0);

    // As OpenSSH greets.
    let mut ssh = sent("http://192.0.2.1:22/", Plan::default());
    ssh.received(20_000, 0, b"SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n");

    let mut interrupted = sent("http://me:secret@192.0.2.1/", Plan::default());
    interrupted.turn(500_000, Input::Interrupt);
    vec![
        case("request-reset", "thrown away before the request was taken", unsent),
        case("response-empty", "closed without an octet", empty),
        case("response-silent", "connected, and then nothing", silent),
        case("response-cut", "a body that ends too soon: answered, and a failure", cut),
        case("not-http", "another protocol on the port", ssh),
        case("interrupted", "stopped by the user; the password is shown nowhere", interrupted),
    ]
}

const FORMAT: &str = "%{http_code} %{http_version} %{scheme} %{method} %{remote_ip}:%{remote_port} \
    %{local_ip}:%{local_port} exit=%{exitcode} %{outcome} %{step} %{code}\\n\
    lookup=%{time_namelookup} connect=%{time_connect} tls=%{time_appconnect} \
    pre=%{time_pretransfer} first=%{time_starttransfer} total=%{time_total}\\n\
    head=%{size_header} body=%{size_download} sent=%{size_request} speed=%{speed_download} \
    connects=%{num_connects} hop=%{num_redirects} to=%{redirect_url}\\n\
    tls=%{tls_version} verify=%{ssl_verify_result} certs=%{num_certs} \
    days=%{tls_expires_in_days} tunnel=%{http_connect}\\n\
    clock=%{clock} network=%{wait_network} server=%{wait_server} rtt=%{tcp_rtt} \
    least=%{tcp_min_rtt} again=%{tcp_retransmits} syn=%{tcp_syn_retransmits}\\n\
    type=%{content_type} server=%header{server} error=%{errormsg}\\n";

fn page(case: &Case) -> String {
    let Case { name, shows, report, trace } = case;
    let record = Record::of(report, began(), None);
    let mut rendered = Vec::new();
    let exit = exit::code(report, &Accept::default());
    WriteOut::parse(FORMAT).unwrap().render(&record, exit, &mut rendered);
    format!(
        "# {name}: {shows}.\n# What the peer sends is made in crates/output/src/golden.rs.\n\
         \n== exchange\n{trace}\n== text\n{}\n== text, verbose\n{}\n== record\n{}\n\
         \n== write-out\n{}",
        Text::of(&record),
        Text::of(&record).verbose(true),
        record.to_json(),
        String::from_utf8(rendered).unwrap(),
    )
}

fn file(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/reports").join(name)
}

fn hold(name: &str, page: &str) {
    let file = file(&format!("{name}.txt"));
    if env::var_os("UPDATE").is_some() {
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(&file, page).unwrap();
    }
    let held = fs::read_to_string(&file).unwrap_or_default();
    assert_eq!(held, page, "{} has the left; UPDATE=1 writes the right", file.display());
}

#[test]
fn every_case_is_as_its_file_shows_it() {
    for case in cases() {
        hold(case.name, &page(&case));
    }
    let record = Record::malformed(
        "http://a.test:80800/",
        "octet 14: expected a port from 1 to 65535, found `8`",
        began(),
        Some(3),
    );
    let text = Text::of(&record);
    let page = format!(
        "# malformed: a target that cannot be read was not probed.\n\
         # What the peer sends is made in crates/output/src/golden.rs.\n\
         \n== text\n{text}\n== record\n{}\n",
        record.to_json()
    );
    hold("malformed", &page);
}

#[test]
fn nothing_raw_and_no_password_leaves_in_any_format() {
    for case in cases() {
        let page = page(&case);
        let raw = page.chars().find(|c| crate::octets::is_unsafe(*c) && *c != '\n');
        assert_eq!(raw, None, "{}", case.name);
        assert!(!page.contains("secret") && !page.contains("bWU6c2VjcmV0"), "{}", case.name);
    }
}

#[test]
fn colour_changes_nothing_but_colour() {
    for case in cases() {
        let record = Record::of(&case.report, began(), None);
        let plain = Text::of(&record).verbose(true).to_string();
        let coloured = Text::of(&record).verbose(true).palette(crate::Palette::COLOUR).to_string();
        let mut stripped = String::new();
        let mut rest = coloured.as_str();
        while let Some((before, after)) = rest.split_once('\u{1b}') {
            stripped.push_str(before);
            rest = after.split_once('m').unwrap().1;
        }
        stripped.push_str(rest);
        assert_eq!(stripped, plain, "{}", case.name);
    }
}

#[test]
fn terse_text_is_a_part_of_brief_text() {
    for case in cases() {
        let record = Record::of(&case.report, began(), None);
        let brief = Text::of(&record).to_string();
        let terse = Text::of(&record).terse(true).to_string();
        let mut lines = brief.lines();
        assert!(terse.lines().all(|line| lines.any(|other| other == line)), "{terse}");
        assert!(terse.lines().all(|line| !line.contains("failure ")), "{terse}");
        let oddities = |text: &str| text.lines().filter(|line| line.starts_with("  odd")).count();
        assert_eq!(oddities(&terse), oddities(&brief), "{terse}");
    }
}

#[test]
fn brief_text_fits_its_width() {
    for case in cases() {
        let record = Record::of(&case.report, began(), None);
        for width in [60, 80, 120] {
            let text = Text::of(&record).width(width).to_string();
            // The sentence and the messages are for reading, and may be longer.
            let bars = text.lines().filter(|line| line.ends_with('|'));
            assert!(bars.into_iter().all(|line| line.len() == width), "{} {text}", case.name);
        }
    }
}
