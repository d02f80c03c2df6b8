//! `fourstep demo`, as a process, also while others want the machine.

use std::collections::BTreeSet;
use std::os::unix::process::CommandExt;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use fourstep::Code;

use super::{exit, fourstep, records, run, stderr, stdout};

/// The demo with more threads wanting a processor than there are.
fn under_load(work: impl FnOnce()) {
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                while !done.load(Ordering::Relaxed) {
                    std::hint::spin_loop();
                }
            });
        }
        // A failure that left them running would never be told.
        let worked = catch_unwind(AssertUnwindSafe(work));
        done.store(true, Ordering::Relaxed);
        worked.unwrap_or_else(|failure| resume_unwind(failure));
    });
}

#[test]
fn every_code_is_shown_or_listed_with_a_reason() {
    let output = run(&["demo"]);
    let page = stdout(&output);
    assert_eq!(exit(&output), 0, "{page}{}", stderr(&output));
    assert!(page.ends_with(" cases, all as announced\n"), "{page}");
    let (cases, rest) = page.split_once("-- in short ").unwrap();
    let (table, not_shown) = rest.split_once("\nNot shown:\n").unwrap();
    for code in Code::ALL.map(Code::as_str) {
        let headed = cases.contains(&format!("\n{code}: "));
        let in_table = table.lines().any(|line| line.split_whitespace().take(2).eq([code, code]));
        let listed = not_shown.split([' ', ',', ':', '\n']).any(|word| word == code);
        assert_eq!((headed, in_table), (!listed, !listed), "{code}\n{page}");
    }
    for status in ["200", "404", "503"] {
        assert!(cases.contains(&format!("\nanswered {status}: ")), "{status}");
    }
    // The announced line ends each case.
    let ends = cases.lines().filter(|line| line.starts_with("  = ")).count();
    assert_eq!(ends, cases.lines().filter(|line| line.starts_with("$ fourstep ")).count() + 1);
    assert_eq!(ends, cases.lines().filter(|line| line.starts_with("$ ")).count());
}

#[test]
fn each_case_has_its_record() {
    let output = run(&["demo", "--json"]);
    let records = records(&output);
    assert_eq!(exit(&output), 0, "{}", stderr(&output));
    let places: Vec<_> = records.iter().map(|record| record["seq"].as_u64().unwrap()).collect();
    assert!(places.iter().copied().eq(1..=30.max(places.len() as u64)), "{places:?}");
    let codes: BTreeSet<_> =
        records.iter().filter_map(|record| record["failure"]["code"].as_str()).collect();
    let missing = Code::ALL.into_iter().filter(|code| !codes.contains(code.as_str()));
    let may_miss = |code: &Code| match code {
        Code::ConnectDenied | Code::LocalMemory => true,
        // Of a certificate.
        code => (Code::TlsUntrusted..=Code::TlsWrongPin).contains(code),
    };
    let missing: Vec<_> = missing.filter(|code| !may_miss(code)).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn it_ends_as_announced_while_others_want_the_machine() {
    under_load(|| {
        for round in 1..=5 {
            let output = run(&["demo"]);
            assert_eq!(exit(&output), 0, "{round}\n{}{}", stdout(&output), stderr(&output));
        }
    });
}

#[test]
fn permissions_keep_others_than_root_out() {
    let mut command = fourstep(&["demo", "--json"]);
    if std::fs::read_dir("/proc/1/fd").is_ok() {
        // We are root: as nobody, then.
        command.uid(65534).gid(65534);
    }
    // Nobody may not be let near what root has built.
    let Ok(output) = command.output() else { return };
    assert_eq!(exit(&output), 0, "{}", stderr(&output));
    let is_denied = |record: &serde_json::Value| record["failure"]["code"] == "connect.denied";
    assert!(records(&output).iter().any(is_denied));
}
