//! Thousands of targets that drop what knocks, in a network of the test's own: no deadline is
//! missed, and none of the live targets beside them.

use super::command::fourstep;
use crate::servers::haproxy;
use serde_json::Value;
use std::collections::BTreeMap;
use std::io::Write;
use std::process::{Command, Output, Stdio};
use std::time::Duration;

/// Targets that drop what knocks, and one live target after each [`EVERY`] of them.
const DROPPING: usize = 15_000;
const EVERY: usize = 10;

/// How long a connection may take: the last begins before the first's time is over, so all wait at
/// once where a process may have that many sockets.
const DEADLINE: Duration = Duration::from_secs(4);
const STARTS_A_SECOND: u32 = 5000;

/// How late the middle one may be told: a thousand times what it takes.
const LATE_MOST: Duration = Duration::from_secs(1);

/// Drops what wants to connect to 127.9.0.0/16, and counts it. Everything else is as ever.
const DROPS: &str = "table inet test {
    counter knocks { }
    chain arriving {
        type filter hook input priority filter
        ip daddr 127.9.0.0/16 tcp flags syn counter name knocks drop
    }
}";

/// Set in the process that has a network of its own.
const INSIDE: &str = "FOURSTEP_TESTS_INSIDE";

#[test]
fn targets_that_drop_syns_end_in_time_and_live_ones_answer() {
    if std::env::var_os(INSIDE).is_none() {
        let name = "targets_that_drop_syns_end_in_time_and_live_ones_answer";
        return in_a_network_of_its_own(&format!("{}::{name}", module_path!()));
    }
    ran("ip", &["link", "set", "lo", "up"], "");
    ran("nft", &["-f", "-"], DROPS);
    let live =
        haproxy("listen l\n    bind {addr} backlog 4096\n    http-request return status 503", &[]);

    let port = live.addr.port();
    let silent = |at: usize| format!("http://127.9.{}.{}:{port}/\n", at / 250, 1 + at % 250);
    let list: String = (0..DROPPING)
        .map(|at| silent(at) + &if at % EVERY == 0 { live.url("/\n") } else { String::new() })
        .collect();
    live.write("list", list);
    let list = live.folder().join("list");
    let flags = format!(
        "scan --quiet --per-host 0 --in-flight {} --rate {STARTS_A_SECOND} --connect-timeout {}s \
         --fields target,failure.code,timing_us.connect,response.status",
        DROPPING + DROPPING / EVERY,
        DEADLINE.as_secs()
    );
    let mut arguments: Vec<&str> = flags.split(' ').collect();
    arguments.push(list.to_str().unwrap());
    let done = fourstep(&arguments);
    assert_eq!(done.status.code(), Some(0), "{}", String::from_utf8_lossy(&done.stderr));

    let mut ends = BTreeMap::new();
    let mut late = Vec::new();
    for line in str::from_utf8(&done.stdout).unwrap().lines() {
        let record: Value = serde_json::from_str(line).unwrap();
        let dropped = record["target"].as_str().unwrap().starts_with("http://127.9.");
        let code = record["failure"]["code"].as_str().unwrap_or_default().to_owned();
        *ends.entry((dropped, code, record["response"]["status"].as_u64())).or_insert(0) += 1;
        if dropped {
            let took = Duration::from_micros(record["timing_us"]["connect"].as_u64().unwrap());
            late.push(took.checked_sub(DEADLINE).unwrap_or_else(|| panic!("early: {record}")));
        }
    }
    let want = [
        ((false, String::new(), Some(503)), DROPPING / EVERY),
        ((true, "connect.silent".to_owned(), None), DROPPING),
    ];
    assert_eq!(ends, BTreeMap::from(want));
    late.sort_unstable();
    let (middle, most) = (late[DROPPING / 2], late[DROPPING - 1]);
    assert!(middle < LATE_MOST, "late by {middle:?}, at most {most:?}");

    // It was the rule that kept them waiting.
    let counted = ran("nft", &["--json", "list", "counter", "inet", "test", "knocks"], "");
    let counted: Value = serde_json::from_slice(&counted.stdout).unwrap();
    let knocks = counted["nftables"][1]["counter"]["packets"].as_u64().unwrap();
    assert!(knocks >= DROPPING.try_into().unwrap(), "{counted}");
}

/// Runs the test of this name (with its crate's before it) once more, as root of a network that
/// ends with it. Who may not make one as they are may as root of a world of their own, on most
/// systems.
fn in_a_network_of_its_own(test: &str) {
    let (_crate, test) = test.split_once("::").unwrap();
    let ways: [&[&str]; 2] = [&["--net"], &["--map-root-user", "--net"]];
    let tried = ways.map(|way| Command::new("unshare").args(way).arg("true").output().unwrap());
    let Some(at) = tried.iter().position(|done| done.status.success()) else {
        let [_, last] = &tried;
        panic!(
            "this test makes a network of its own, for which it needs root (CAP_SYS_ADMIN), or a \
             system where anybody may make one; `--skip {test}` leaves it out: {}",
            String::from_utf8_lossy(&last.stderr)
        );
    };
    // Where Debian keeps `ip` and `nft`, which a user's PATH may lack.
    let path = std::env::var("PATH").unwrap_or_default() + ":/usr/sbin:/sbin";
    let done = Command::new("unshare")
        .args(ways[at])
        .arg(std::env::current_exe().unwrap())
        .args(["--exact", test, "--nocapture"])
        .envs([(INSIDE, "1"), ("PATH", &path)])
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&done.stdout) + String::from_utf8_lossy(&done.stderr);
    // A test that is not found is no failure of the program that looked for it.
    assert!(done.status.success() && said.contains("1 passed"), "{said}");
}

/// Runs a program that must be there and succeed, with this on its standard input.
fn ran(program: &str, arguments: &[&str], input: &str) -> Output {
    let package = if program == "nft" { "nftables" } else { "iproute2" };
    let mut child = Command::new(program)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| panic!("`{program}`: {error}: apt-get install {package}"));
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    let done = child.wait_with_output().unwrap();
    assert!(done.status.success(), "{program}: {}", String::from_utf8_lossy(&done.stderr));
    done
}
