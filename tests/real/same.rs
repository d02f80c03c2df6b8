//! The same target has the same record whether it is probed alone or among many.

use super::command::command;
use fourstep_peer::{Held, LOOPBACK, Manner, NameServer, On, Origin, Script, Zone};
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::process::Stdio;

/// How many targets the scan has; more can be asked for.
const TARGETS: usize = 2000;

/// A limit that only silent peers meet, and how many of those targets there are: each waits.
const TIMEOUT: &str = "5s";
const SILENT: usize = 40;

/// Alone and in a scan, these differ: they are times, or the places of sockets.
const OWN: [&str; 7] =
    ["/at", "/seq", "/line", "/timing_us", "/tcp", "/connect/local", "/verdict/retry_at"];

/// A name that was asked for before is told from the cache, with what is left of its TTL.
const OF_THE_CACHE: [&str; 4] =
    ["/resolve/from", "/resolve/ttl_s", "/resolve/server", "/resolve/transport"];

fn origin() -> Origin {
    let chunked =
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nX: 1\r\n\r\n";
    Origin::choose(LOOPBACK, move |request| match request.path() {
        "/ok" => Script::status(200, "OK", "hello"),
        "/busy" => Script::new()
            .write(
                "HTTP/1.1 503 Service Unavailable\r\nServer: nginx\r\nRetry-After: 7\r\n\r\nbusy",
            )
            .close(),
        "/missing" => Script::status(404, "Not Found", ""),
        "/moved" => Script::new()
            .write("HTTP/1.1 302 Found\r\nLocation: /ok\r\nContent-Length: 0\r\n\r\n")
            .close(),
        "/chunked" => Script::new().write(chunked).close(),
        "/odd" => Script::new().write("HTTP/1.1 200\nContent-Length: 2\n\nok").close(),
        "/cut" => Script::new().write("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf").close(),
        "/junk" => Script::new().write("* OK IMAP4rev1 ready\r\n").close(),
        "/both" => Script::new()
            .write("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab")
            .close(),
        "/empty" => Script::new().close(),
        "/reset" => Script::new().reset(),
        "/silent" => Script::new().stall(),
        path => panic!("{path}"),
    })
    .unwrap()
}

fn zone() -> Zone {
    Zone::new()
        .a("a.test", [127, 0, 0, 1])
        .txt("text.test", "no address")
        .behave("sick.test", On::Any, Manner::Rcode(2))
        .behave("closed.test", On::Any, Manner::Rcode(5))
        .behave("mute.test", On::Any, Manner::Silent)
}

/// Takes out what is a probe's own: each time becomes whether there was one.
fn shape(record: &Value) -> Value {
    let mut record = record.clone();
    for place in OWN {
        if let Some(value) = record.pointer_mut(place) {
            *value = has(value);
        }
    }
    for place in OF_THE_CACHE {
        record.pointer_mut(place).map(Value::take);
    }
    // How long nothing came is said in words.
    for place in ["/failure/message", "/verdict/evidence/0/value"] {
        if let Some(Value::String(words)) = record.pointer_mut(place)
            && words.ends_with("ms")
        {
            words.retain(|c| !c.is_ascii_digit());
        }
    }
    if let Some(attempts) = record.pointer_mut("/connect/attempts").and_then(Value::as_array_mut) {
        for attempt in attempts {
            attempt["start_us"] = has(&attempt["start_us"]);
            attempt["took_us"] = has(&attempt["took_us"]);
        }
    }
    record
}

/// A number that there is becomes `true`; an object one of such.
fn has(value: &Value) -> Value {
    match value {
        Value::Null => Value::Null,
        Value::Object(fields) => Value::Object(
            fields.iter().map(|(name, value)| (name.clone(), has(value))).collect::<Map<_, _>>(),
        ),
        _ => Value::Bool(true),
    }
}

#[test]
fn alone_and_in_a_scan_a_target_has_the_same_record() {
    let count = std::env::var("TARGETS").map_or(TARGETS, |count| count.parse().unwrap());
    let (origin, names) = (origin(), NameServer::start(LOOPBACK, zone()).unwrap());
    let refused = Held::refused(LOOPBACK).unwrap();
    let port = origin.port();
    let paths = ["ok", "busy", "missing", "moved", "chunked", "odd", "cut", "junk", "both"];
    let mut quick: Vec<String> = paths.map(|path| origin.url(&format!("/{path}"))).to_vec();
    quick.extend(["empty", "reset"].map(|path| origin.url(&format!("/{path}"))));
    quick.extend(
        ["a.test", "nobody.test", "text.test", "sick.test", "closed.test"]
            .map(|name| format!("http://{name}.:{port}/ok")),
    );
    quick.extend([refused.url("/"), "http://224.0.0.1/".to_owned()]);
    // TLS's greeting, where HTTP is spoken.
    quick.extend([format!("https://127.0.0.1:{port}/ok"), "http://127.0.0.1:80x/".to_owned()]);
    let silent = [origin.url("/silent"), format!("http://mute.test.:{port}/")];
    let resolver = names.address().to_string();
    let flags = ["--timeout", TIMEOUT, "--resolver", &resolver];

    let alone: BTreeMap<String, Value> = quick
        .iter()
        .chain(&silent)
        .map(|url| {
            let done = command(&flags).args(["--json", url]).output().unwrap();
            let record: Value = serde_json::from_slice(&done.stdout).unwrap();
            (url.clone(), shape(&record))
        })
        .collect();

    let list = (0..count).map(|at| match at {
        at if at * SILENT % count < SILENT => &silent[at % silent.len()],
        at => &quick[at % quick.len()],
    });
    let list: Vec<&String> = list.collect();
    let mut child = command(&["scan"])
        .args(flags)
        .args(["--per-host", "0", "--in-flight", "200", "--quiet", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let text: String = list.iter().flat_map(|url| [url, "\n"]).collect();
    let mut seen = vec![false; count];
    std::thread::scope(|scope| {
        scope.spawn(move || stdin.write_all(text.as_bytes()).unwrap());
        for line in BufReader::new(child.stdout.take().unwrap()).lines() {
            let record: Value = serde_json::from_str(&line.unwrap()).unwrap();
            let place = usize::try_from(record["seq"].as_u64().unwrap()).unwrap() - 1;
            assert!(!std::mem::replace(&mut seen[place], true), "twice: {record}");
            let url = record["target"].as_str().unwrap();
            assert_eq!(url, list[place]);
            let (got, want) = (shape(&record), &alone[url]);
            for (key, want) in want.as_object().unwrap() {
                let got = &got[key];
                let own = OWN.contains(&&*format!("/{key}"));
                assert!(own || got == want, "{key} of {url}, alone:\n{want}\nin a scan:\n{got}");
            }
        }
    });
    assert_eq!(child.wait().unwrap().code(), Some(0));
    assert!(seen.iter().all(|seen| *seen));
}
