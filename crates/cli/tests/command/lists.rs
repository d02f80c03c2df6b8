//! `fourstep scan`: what stands in a list, and what comes of it.

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};

use fourstep_peer::{Held, LOOPBACK, NameServer, Origin, Script, Zone};
use serde_json::{Value, json};

use super::looks::valid;
use super::{exit, fourstep, records, run, stderr, stdout};

/// A folder of a test's own, gone with it.
pub(crate) struct Folder(PathBuf);

impl Folder {
    pub(crate) fn new(name: &str) -> Folder {
        let own = format!("scan-{}-{name}", std::process::id());
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(own);
        fs::create_dir_all(&path).unwrap();
        Folder(path)
    }

    /// The path of a file there.
    pub(crate) fn at(&self, name: &str) -> String {
        self.0.join(name).to_str().unwrap().to_owned()
    }

    /// A file there with this text.
    pub(crate) fn file(&self, name: &str, text: &str) -> String {
        fs::write(self.at(name), text).unwrap();
        self.at(name)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// An origin at every address of this machine.
fn everywhere() -> Origin {
    let script = Script::answer("HTTP/1.0 204 No Content\r\n\r\n");
    Origin::start("0.0.0.0:0".parse().unwrap(), script).unwrap()
}

/// Records by their places.
pub(crate) fn by_place(records: Vec<Value>) -> BTreeMap<u64, Value> {
    let count = records.len();
    let places: BTreeMap<u64, Value> =
        records.into_iter().map(|record| (place(&record), record)).collect();
    assert_eq!(places.len(), count, "a place has two records");
    places
}

fn scan(args: &[&str]) -> Output {
    run(&[&["scan"], args].concat())
}

fn place(record: &Value) -> u64 {
    record.get("seq").and_then(Value::as_u64).unwrap()
}

/// What a record says came of it.
fn outcome(record: &Value) -> String {
    match record.pointer("/failure/code").and_then(Value::as_str) {
        Some(code) => code.to_owned(),
        None => record.pointer("/response/status").unwrap().to_string(),
    }
}

#[test]
fn each_line_has_its_record() {
    let folder = Folder::new("lines");
    let origin = everywhere();
    let refused = Held::refused(LOOPBACK).unwrap();
    let port = origin.port();
    let list = folder.file(
        "list",
        &format!(
            "# a comment\r\n\r\nhttp://127.0.0.1:{port}/x\r\n127.0.0.1:{port}\nhttp://a.test:x/\n\
             \n  127.0.9.0/30:{port}  # four\n{}\nhttp://me:secret@127.0.0.1:{port}/\nlast.test:99999",
            refused.url("/"),
        ),
    );
    let output = scan(&[&list]);
    assert_eq!(exit(&output), 0, "{}", stderr(&output));
    let places = by_place(records(&output));
    let shown: Vec<_> = places
        .iter()
        .map(|(seq, record)| (*seq, record["line"].as_u64().unwrap(), outcome(record)))
        .collect();
    let row = |seq, line, outcome: &str| (seq, line, outcome.to_owned());
    let want = [
        row(1, 3, "204"),
        row(2, 4, "204"),
        row(3, 5, "target.malformed"),
        row(4, 7, "204"),
        row(5, 7, "204"),
        row(6, 7, "204"),
        row(7, 7, "204"),
        row(8, 8, "connect.refused"),
        row(9, 9, "204"),
        row(10, 10, "target.malformed"),
    ];
    assert_eq!(shown, want);
    assert_eq!(places[&9]["target"], format!("http://me:***@127.0.0.1:{port}/"));
    let mut block: Vec<_> =
        (4..8).map(|seq| places[&seq]["connect"]["peer"].as_str().unwrap().to_owned()).collect();
    block.sort();
    assert_eq!(block, [0, 1, 2, 3].map(|last| format!("127.0.9.{last}:{port}")));
    // Each on a line with its count.
    let said = stderr(&output);
    for (name, count) in [
        ("answered", 7),
        ("failed", 3),
        ("target.malformed", 2),
        ("connect.refused", 1),
        ("2xx", 7),
    ] {
        let is_there = |line: &str| line.split_whitespace().eq([name, &count.to_string()]);
        assert!(said.lines().any(is_there), "{name} {count}: {said}");
    }
    assert!(said.starts_with("fourstep: 10 targets in "), "{said}");
    assert!(said.contains("at most 1000 in flight (default), peak memory "), "{said}");
    assert!(!said.contains("secret"), "{said}");
}

#[test]
fn a_list_comes_from_anywhere() {
    let folder = Folder::new("inputs");
    let origin = everywhere();
    let url = origin.url("/");
    let (one, two) = (folder.file("one", &url), folder.file("two", &format!("{url}2\n")));
    let rows: &[(&[&str], Option<&str>, usize)] = &[
        // arguments, standard input, records
        (&[], Some(&url), 1),
        (&["-"], Some(&url), 1),
        (&[], Some(""), 0),
        (&[&one, &two], None, 2),
        (&[&one, "-", &two], Some("# nothing\n\nhttp://:x/\n"), 3),
        (&["--target", &url, "--target", "127.0.0.0/31"], None, 3),
        (&["--target", &url, &two], None, 2),
    ];
    for (args, input, count) in rows {
        let mut child = fourstep(&[&["scan", "-s"], *args].concat())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stdin = child.stdin.take().unwrap();
        stdin.write_all(input.unwrap_or_default().as_bytes()).unwrap();
        drop(stdin);
        let output = child.wait_with_output().unwrap();
        assert_eq!((exit(&output), &*stderr(&output)), (0, ""), "{args:?}");
        assert_eq!(by_place(records(&output)).len(), *count, "{args:?}");
    }
}

#[test]
fn a_slow_input_delays_no_record() {
    let origin = everywhere();
    let mut child =
        fourstep(&["scan", "-s"]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    for place in 1..=3 {
        // Nothing more comes before its record is read.
        writeln!(stdin, "{}", origin.url("/")).unwrap();
        let record: Value = serde_json::from_str(&lines.next().unwrap().unwrap()).unwrap();
        assert_eq!((&record["seq"], &record["line"]), (&place.into(), &place.into()));
    }
    drop(stdin);
    assert!(lines.next().is_none());
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

#[test]
fn ports_and_schemes_are_for_targets_that_do_not_say() {
    let origin = everywhere();
    let port = origin.port();
    let refused = Held::refused(LOOPBACK).unwrap();
    let other = refused.address().port();
    let ports = format!("{port},{other}");
    let list = ["--target", "127.0.0.1", "--target", "127.0.3.0/31", "--target", &origin.url("/x")];
    let output = scan(&[&["-s", "--ports", &ports], &list[..]].concat());
    let places = by_place(records(&output));
    let outcomes: Vec<_> = places.values().map(outcome).collect();
    assert_eq!(outcomes[..2], ["204", "connect.refused"]);
    assert_eq!(outcomes[6], "204");
    let mut block: Vec<_> = (3..=6)
        .map(|seq| places[&seq].pointer("/connect/attempts/0/address").unwrap().to_string())
        .collect();
    block.sort();
    block.dedup();
    assert_eq!((block.len(), places.len()), (4, 7), "{block:?}");

    let clear = Script::new().hear().write("HTTP/1.0 400 Bad Request\r\n\r\n").close();
    let clear = Origin::start(LOOPBACK, clear).unwrap();
    let typed = clear.address().to_string();
    let output = scan(&["-s", "--target", &typed, "--scheme", "https"]);
    assert_eq!(outcome(&records(&output)[0]), "tls.not-tls");
}

#[test]
fn what_is_excluded_is_not_connected_to() {
    let folder = Folder::new("exclude");
    let origin = everywhere();
    let port = origin.port();
    let zone = Zone::new()
        .a("a.test", [127, 0, 7, 1])
        .a("b.test", [127, 0, 8, 1])
        .a("x.b.test", [127, 0, 8, 1]);
    let name_server = NameServer::start(LOOPBACK, zone).unwrap();
    let resolver = name_server.address().to_string();
    let never = folder.file("never", "# ours\n127.0.7.0/24\n");
    let names = folder.file("names", "b.test");
    let list = folder.file(
        "list",
        &format!(
            "a.test:{port}\nhttp://127.0.7.2:{port}/\nb.test:{port}\nx.b.test:{port}\n127.0.8.1:{port}\n"
        ),
    );
    let args = ["-s", "--resolver", &resolver, "--exclude", &never, "--exclude", &names, &list];
    let output = scan(&args);
    assert_eq!(exit(&output), 0, "{}", stderr(&output));
    let outcomes: Vec<_> = by_place(records(&output)).values().map(outcome).collect();
    let denied = "connect.denied";
    assert_eq!(outcomes, [denied, denied, denied, denied, "204"]);
    assert_eq!(origin.accepted(), 1);

    let odd = folder.file("odd", "127.0.0.1\n127.0.0.1/33\n");
    let output = scan(&["--exclude", &odd, &list]);
    assert_eq!((exit(&output), &*stdout(&output)), (2, ""));
    assert!(stderr(&output).contains(&format!("--exclude {odd}: line 2")), "{}", stderr(&output));
}

#[test]
fn of_each_record_what_is_asked_for() {
    let origin = Origin::start(
        LOOPBACK,
        Script::answer(
            "HTTP/1.1 503 Busy, \"very\"\r\nRetry-After: 7\r\nContent-Length: 0\r\n\r\n",
        ),
    )
    .unwrap();
    let url = origin.url("/");
    let list = ["-s", "--target", &url, "--target", "http://a.test:x/"];
    let with = |more: &[&str]| {
        let output = scan(&[&list, more].concat());
        assert_eq!((exit(&output), &*stderr(&output)), (0, ""), "{more:?}");
        let mut lines: Vec<_> = stdout(&output).lines().map(str::to_owned).collect();
        lines.sort();
        lines
    };
    let fields = "seq,response.status,failure.code,response.fields.retry-after";
    assert_eq!(
        with(&["--fields", fields]),
        [
            r#"{"seq":1,"failure":null,"response":{"status":503,"fields":[["Retry-After","7"]]}}"#,
            r#"{"seq":2,"failure":{"code":"target.malformed"},"response":null}"#,
        ]
    );
    let fields = "seq,response.reason,response.fields.retry-after,failure.code";
    for csv in [&["--csv"][..], &["--format", "csv"]] {
        assert_eq!(
            with(&[csv, &["--fields", fields]].concat()),
            [r#"1,"Busy, ""very""",7,"#, "2,,,target.malformed", fields]
        );
    }
    let whole = with(&["--csv"]);
    assert!(whole[2].starts_with("seq,target,at,"), "{whole:?}");
    assert!(whole[0].starts_with(&format!("1,{url},20")), "{whole:?}");
}

#[test]
fn parts_of_a_list_are_the_whole() {
    let folder = Folder::new("shards");
    let refused = Held::refused(LOOPBACK).unwrap();
    let port = refused.address().port();
    let lines: Vec<_> = (0..60)
        .flat_map(|n| ["/", "/x"].map(|path| format!("http://127.0.{n}.1:{port}{path}")))
        .collect();
    let list = folder.file("list", &lines.join("\n"));
    let whole = by_place(records(&scan(&["-s", &list])));
    assert_eq!(whole.len(), lines.len());
    let mut parts = Vec::new();
    for n in 1..=3 {
        let part = records(&scan(&["-s", &list, "--shard", &format!("{n}/3")]));
        // The same, as a pod is told.
        let mut pod = fourstep(&["scan", "-s", &list, "--shards", "3"]);
        let pod = pod.env("JOB_COMPLETION_INDEX", (n - 1).to_string()).output().unwrap();
        let places = |records: &[Value]| {
            let mut places: Vec<_> = records.iter().map(|one| one["seq"].as_u64()).collect();
            places.sort_unstable();
            places
        };
        assert_eq!(places(&part), places(&records(&pod)));
        // Both paths of a host are in one part.
        assert!((10..70).contains(&part.len()) && part.len().is_multiple_of(2), "{}", part.len());
        parts.extend(part);
    }
    let parts = by_place(parts);
    for (seq, record) in &whole {
        assert_eq!(parts[seq]["target"], record["target"]);
    }
    assert_eq!(parts.len(), whole.len());
}

#[test]
fn redirects_stand_together() {
    let origin = Origin::choose(LOOPBACK, |request| match request.path().strip_prefix("/hop") {
        Some(_) => {
            Script::new().write("HTTP/1.1 302 X\r\nLocation: /end\r\nContent-Length: 0\r\n\r\n")
        }
        None => Script::status(200, "OK", "end"),
    })
    .unwrap();
    let targets: Vec<String> = (0..40).map(|n| origin.url(&format!("/hop{n}"))).collect();
    let folder = Folder::new("redirects");
    let list = folder.file("list", &targets.join("\n"));
    let output = scan(&["-s", "-L", "--per-host", "0", &list]);
    let records = records(&output);
    assert_eq!(records.len(), 80);
    for pair in records.chunks(2) {
        assert_eq!(pair[0]["seq"], pair[1]["seq"]);
        assert_eq!((&pair[0]["hop"], &pair[1]["hop"]), (&json!(0), &json!(1)));
        let listed = usize::try_from(place(&pair[0])).unwrap() - 1;
        assert_eq!(pair[0]["target"], targets[listed]);
        assert_eq!(pair[1]["line"], pair[0]["line"]);
    }
}

#[test]
fn who_asks_can_be_said() {
    let origin = everywhere();
    let contact = ["--contact", "https://a.test/probes"];
    assert_eq!(exit(&scan(&[&["-s", "--target", &origin.url("/")], &contact[..]].concat())), 0);
    let asked = String::from_utf8(origin.visits()[0].octets.clone()).unwrap();
    let version = env!("CARGO_PKG_VERSION");
    let says = format!("\r\nUser-Agent: fourstep/{version} (+https://a.test/probes)\r\n");
    assert!(asked.contains(&says), "{asked}");
}

#[test]
fn the_summary_is_data_too() {
    let folder = Folder::new("summary");
    let origin = everywhere();
    let refused = Held::refused(LOOPBACK).unwrap();
    let list = folder.file("list", &format!("{}\n{}\n", origin.url("/"), refused.url("/")));
    let summary = folder.file("summary", "what was there before, which is longer than nothing");
    let args = [list.as_str(), "-s", "--summary", &summary, "--in-flight", "7", "--retries", "1"];
    let output = scan(&[&args[..], &["--retry-delay", "0"]].concat());
    assert_eq!((exit(&output), &*stderr(&output)), (0, ""));
    let text = fs::read_to_string(&summary).unwrap();
    let data: Value = serde_json::from_str(&text).unwrap();
    valid("scan.schema.json", include_str!("../../schema/scan.schema.json"), &data).unwrap();
    assert_eq!((&data["complete"], &data["exit"]), (&json!(true), &json!(0)));
    assert_eq!((&data["targets"], &data["sent"], &data["lost"]), (&json!(2), &json!(1), &json!(0)));
    assert_eq!(data["outcomes"], json!({"answered": 1, "failed": 1}));
    assert_eq!(data["failures"], json!({"connect.refused": 1}));
    assert_eq!(data["statuses"], json!({"2xx": 1}));
    assert_eq!(data["in_flight"], json!({"most": 7, "from": "--in-flight"}));
    assert_eq!(data["timing_us"]["tls"], Value::Null);
    let total = &data["timing_us"]["total"];
    assert!(total["min"].as_u64() <= total["max"].as_u64(), "{total}");
    assert!(data["peak_memory_octets"].as_u64() > Some(1 << 20), "{data}");
}

#[test]
fn misuse_is_said_before_anything_is_probed() {
    let folder = Folder::new("misuse");
    let list = folder.file("list", "127.0.0.1:1\n");
    let full = folder.file("full", "something\n");
    let there = folder.at("");
    let rows: &[(&[&str], &str)] = &[
        (&["/nope/list"], "/nope/list: No such file or directory"),
        (&["a.test"], "there is no file `a.test`; if it is what to probe: --target a.test"),
        (&["192.0.2.0/24"], "--target 192.0.2.0/24"),
        (&["http://me:secret@a.test/"], "http://me:***@a.test/: No such file"),
        (&[&there], "a directory; name the files in it"),
        (&[&list, "-o", &full], "is there already; --resume goes on behind its records"),
        (&[&list, "-o", &list, "--overwrite"], "read and written by the same run"),
        (&[&list, "--summary", &list], "used for something else"),
        (&[&list, "--resume"], "--output"),
        (&[&list, "-o", &full, "--resume", "--overwrite"], "cannot be used with"),
        (&[&list, "-o", "/dev/null", "--resume"], "no file, so there is nothing to go on with"),
        (&[&list, "-o", &full, "--resume"], "line 1 is no record of a scan"),
        (&[&list, "-o", &full, "--resume", "--fields", "target"], "without `seq`"),
        (&[&list, "--fields", "seq,targets"], "--fields: octet 4: no field `targets`"),
        (&[&list, "--csv", "--format", "json"], "cannot be used with"),
        (&[&list, "--ports", "80,x"], "--ports `80,x`: octet 3"),
        (&[&list, "--shard", "4/3"], "--shard `4/3`: expected I/N, with I from 1 to N"),
        (&[&list, "--shards", "3"], "JOB_COMPLETION_INDEX is not set"),
        (&[&list, "--rate", "fast"], "--rate `fast`: octet 0: expected a number"),
        (&[&list, "--per-host", "many"], "--per-host `many`"),
        (&[&list, "--retries", "256"], "--retries `256`"),
        (&[&list, "--contact", "a) b"], "--contact: octet 1"),
        (&[&list, "--contact", "a", "-A", "b"], "cannot be used with"),
        (&["-", "-d", "@-"], "standard input cannot be both"),
        (&[&list, "--exclude", "/nope"], "--exclude /nope: No such file"),
    ];
    for (args, says) in rows {
        let mut command = fourstep(&[&["scan"], *args].concat());
        let output = command.env_remove("JOB_COMPLETION_INDEX").output().unwrap();
        let said = stderr(&output);
        assert_eq!((exit(&output), &*stdout(&output)), (2, ""), "{args:?} {said}");
        assert!(said.contains(says), "{args:?} {said}");
        assert!(!said.contains("secret"), "{args:?} {said}");
    }
    assert_eq!(fs::read_to_string(&full).unwrap(), "something\n");
    assert_eq!(fs::read_to_string(&list).unwrap(), "127.0.0.1:1\n");
}
