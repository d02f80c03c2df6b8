//! The built command against real servers: what it prints, and how it ends.
//!
//! `cargo test --workspace` builds it, for the command's own package has tests that run it; with
//! this package alone, `cargo build -p fourstep-cli` comes first.

use super::{client, hold, probe};
use crate::servers::{Running, apache, haproxy, nginx, nsd};
use fourstep_peer::{Held, LOOPBACK, Origin, Script};
use serde_json::Value;
use std::process::{Command, Output};

/// The command, which cargo puts beside the folder of this test's own program.
pub(super) fn command(arguments: &[&str]) -> Command {
    let deps = std::env::current_exe().unwrap();
    let profile = deps.parent().and_then(|deps| deps.parent()).expect("…/debug/deps/all-…");
    let path = profile.join("fourstep");
    assert!(path.exists(), "{}: build it with `cargo build -p fourstep-cli`", path.display());
    let mut command = Command::new(path);
    command.args(arguments);
    command
}

/// Runs it to its end.
pub(super) fn fourstep(arguments: &[&str]) -> Output {
    command(arguments).output().unwrap()
}

/// Its exit code and its records, each held against the schema.
pub(super) fn records(arguments: &[&str]) -> (i32, Vec<Value>) {
    let done = fourstep(&[&["--json"], arguments].concat());
    let printed = String::from_utf8(done.stdout).unwrap();
    let records: Vec<Value> =
        printed.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    records.iter().for_each(hold);
    (done.status.code().unwrap(), records)
}

/// What it prints, as text.
fn printed(arguments: &[&str]) -> String {
    String::from_utf8(fourstep(arguments).stdout).unwrap()
}

fn page() -> Running {
    let files = &[("www/hello.txt", "hello, probe\n"), ("www/dir/index.html", "an index\n")];
    nginx("server { listen {addr}; root {dir}/www; }", files)
}

#[test]
fn it_ends_by_how_far_it_got() {
    let page = page();
    let dead = Held::refused(LOOPBACK).unwrap();
    let reject = haproxy("listen l\n    bind {addr}\n    http-request reject", &[]);
    let names = nsd("", &[]);
    let resolver = names.addr.to_string();
    let missing = ["--resolver", &resolver, "http://missing.zone.test./"];
    let broken = ["--resolver", &resolver, "http://a.broken.test./"];
    let rows: [(&[&str], i32, &str, &str); 9] = [
        // arguments → exit code, step, code
        (&[&page.url("/hello.txt")], 0, "response", ""),
        (&[&page.url("/missing")], 1, "response", ""),
        (&["--accept", "404", &page.url("/missing")], 0, "response", ""),
        (&["http://a.test:x/"], 2, "target", "target.malformed"),
        (&missing, 3, "resolve", "resolve.no-such-name"),
        (&broken, 3, "resolve", "resolve.server-failure"),
        (&[&dead.url("/")], 4, "connect", "connect.refused"),
        (&[&reject.url("/")], 7, "response", "response.empty"),
        (&["--max-body", "5", &page.url("/hello.txt")], 7, "response", "response.too-large"),
    ];
    for (arguments, exit, step, code) in rows {
        let (ended, records) = records(arguments);
        let [record] = &records[..] else { panic!("{arguments:?}: {records:?}") };
        let said = record["failure"]["code"].as_str().unwrap_or_default();
        assert_eq!((ended, record["step"].as_str().unwrap(), said), (exit, step, code), "{record}");
    }
    // Several: the order given, and the highest.
    let urls = [page.url("/missing"), dead.url("/"), page.url("/hello.txt")];
    let (ended, records) = records(&urls.each_ref().map(String::as_str));
    let targets: Vec<_> = records.iter().map(|record| record["target"].as_str().unwrap()).collect();
    assert_eq!((ended, targets), (4, urls.iter().map(String::as_str).collect()));
}

/// The library and the command see the same of a server, field by field.
#[test]
fn it_says_what_the_library_says() {
    let page = page();
    let url = page.url("/hello.txt");
    let seen = probe(&client(), &url);
    let (_, records) = records(&[&url]);
    for name in ["target", "hop", "parent", "outcome", "step", "failure", "resolve", "request"] {
        assert_eq!(records[0][name], seen.record[name], "{name}");
    }
    for name in ["version", "status", "reason", "framing", "body_octets", "complete", "oddities"] {
        assert_eq!(records[0]["response"][name], seen.record["response"][name], "{name}");
    }
    let parts = seen.record.as_object().unwrap().keys();
    assert!(parts.eq(records[0].as_object().unwrap().keys()));
}

#[test]
fn it_prints_octets_and_variables() {
    let page = page();
    let url = page.url("/hello.txt");
    assert_eq!(printed(&["--body", &url]), "hello, probe\n");
    let head = printed(&["--head-raw", &url]);
    assert!(head.starts_with("HTTP/1.1 200 OK\r\nServer: nginx"), "{head}");
    assert!(head.ends_with("\r\n\r\n"), "{head}");
    let format = "%{http_code} %{size_download} %{remote_ip} %{method}\\n";
    let want = format!("200 13 {} GET\n", page.addr.ip());
    assert_eq!(printed(&["-w", format, &url]), want);
    let text = printed(&[&url]);
    assert!(text.contains("200") && !text.contains('\u{1b}'), "{text}");

    let done = fourstep(&["--trace", "-s", &url]);
    let trace = String::from_utf8(done.stderr).unwrap();
    assert!(trace.contains(&format!(" > dial 1 {}\n", page.addr)), "{trace}");
    assert!(trace.contains("= answered 200 framing=length body=13\n"), "{trace}");
}

#[test]
fn it_follows_redirects_with_a_record_a_hop() {
    let page = page();
    let (exit, records) = records(&["-L", &page.url("/dir")]);
    let said: Vec<_> =
        records.iter().map(|it| (it["hop"].as_u64(), it["response"]["status"].as_u64())).collect();
    assert_eq!((exit, said), (0, vec![(Some(0), Some(301)), (Some(1), Some(200))]));
    assert_eq!(printed(&["-L", "--body", &page.url("/dir")]), "an index\n");
}

/// Each way to a server that is not its address, as it is typed.
#[test]
fn it_takes_every_way() {
    let says = "server {
        listen {addr};
        listen unix:{dir}/http.sock;
        return 200 '$remote_addr|$http_host|$request_method|$content_length|$http_x_a';
    }";
    let page = nginx(says, &[]);
    let modules = "LoadModule proxy_module /usr/lib/apache2/modules/mod_proxy.so
        LoadModule proxy_http_module /usr/lib/apache2/modules/mod_proxy_http.so
        ProxyRequests On";
    let proxy = apache(modules, &[]);
    let (ip, port) = (page.addr.ip(), page.addr.port());
    let sock = page.folder().join("http.sock");
    let url = page.url("/");
    let rows: [(&[&str], String); 7] = [
        (
            &["--resolve", &format!("a.test:{port}:{ip}"), &format!("a.test:{port}")],
            format!("127.0.0.1|a.test:{port}|GET||"),
        ),
        (
            &["--connect-to", &format!("a.test::{ip}:{port}"), "http://a.test/"],
            "127.0.0.1|a.test|GET||".into(),
        ),
        (&["--unix-socket", sock.to_str().unwrap(), "a.test"], "unix:|a.test|GET||".into()),
        (&["--source", "127.0.0.2", &url], format!("127.0.0.2|{}|GET||", page.addr)),
        (&["-x", &proxy.url(""), &url], format!("127.0.0.1|{}|GET||", page.addr)),
        (&["-d", "a=1", "-H", "X-A: b", &url], format!("127.0.0.1|{}|POST|3|b", page.addr)),
        (&["-0", "-X", "PUT", "-H", "Host: c", &url], "127.0.0.1|c|PUT|0|".into()),
    ];
    for (arguments, want) in rows {
        let done = fourstep(&[&["--body"], arguments].concat());
        assert_eq!(String::from_utf8_lossy(&done.stdout), want, "{arguments:?}");
        assert_eq!(done.status.code(), Some(0), "{arguments:?}");
    }
    let said = printed(&["-I", "--head-raw", &url]);
    assert!(said.starts_with("HTTP/1.1 200 OK\r\n") && said.ends_with("\r\n\r\n"), "{said}");
}

/// Names by the server that is named.
#[test]
fn it_asks_the_resolver_it_is_told() {
    let names = nsd("", &[]);
    let hello = Script::new().read().then(Script::status(200, "OK", "hello"));
    let origin = Origin::start(LOOPBACK, hello).unwrap();
    let url = format!("http://one.zone.test.:{}/", origin.port());
    let (exit, records) = records(&["-4", "--resolver", &names.addr.to_string(), &url]);
    let resolve = &records[0]["resolve"];
    assert_eq!((exit, resolve["from"].as_str()), (0, Some("dns")), "{resolve}");
    assert_eq!(resolve["server"], names.addr.to_string());
    assert_eq!(resolve["cname"][2], "www.zone.test");
    assert_eq!(resolve["addresses"][0], "127.0.0.1");
}
