//! Five HTTP servers, and what each makes of the same requests.

use super::{Seen, chain, client, probe};
use crate::servers::{Running, apache, busybox, haproxy, lighttpd, nginx};
use fourstep::request::{Recipe, Version};
use serde_json::json;

const FILES: &[(&str, &str)] =
    &[("www/hello.txt", "hello, probe\n"), ("www/dir/index.html", "an index\n")];

/// Every server with the same files; HAProxy has them from the nginx beside it.
fn servers() -> Vec<(&'static str, Running)> {
    // Its own port would be wrong for who came through HAProxy.
    let config = "server { listen {addr}; root {dir}/www; absolute_redirect off; }";
    let page = nginx(config, FILES);
    let proxied = format!("listen l\n    bind {{addr}}\n    server s {}", page.addr);
    vec![
        ("haproxy", haproxy(&proxied, &[])),
        ("nginx", page),
        ("apache", apache("", FILES)),
        ("lighttpd", lighttpd("mimetype.assign = ( \".txt\" => \"text/plain\" )", FILES)),
        ("busybox", busybox("", FILES)),
    ]
}

/// One probe with a recipe.
fn ask(url: &str, recipe: Recipe) -> Seen {
    let mut client = client();
    client.plan.recipe = recipe;
    probe(&client, url)
}

fn with(lines: &[&str]) -> Recipe {
    lines.iter().fold(Recipe::new(), |recipe, line| recipe.field(line.as_bytes()).unwrap())
}

#[test]
fn every_server_is_read() {
    for (name, server) in servers() {
        let seen = probe(&client(), &server.url("/hello.txt"));
        assert_eq!((seen.status(), seen.code()), (Some(200), ""), "{name}");
        assert_eq!(seen.body(), "hello, probe\n", "{name}");
        let says = [
            ("/outcome", json!("answered")),
            ("/step", json!("response")),
            ("/failure", json!(null)),
            ("/resolve/from", json!("literal")),
            ("/resolve/addresses", json!([server.addr.ip().to_string()])),
            ("/connect/peer", json!(server.addr.to_string())),
            ("/connect/attempts/0/address", json!(server.addr.to_string())),
            ("/connect/attempts/0/failure", json!(null)),
            ("/request/method", json!("GET")),
            ("/request/request_target", json!("/hello.txt")),
            ("/request/unsent_octets", json!(0)),
            ("/response/version", json!("HTTP/1.1")),
            ("/response/status", json!(200)),
            ("/response/reason", json!("OK")),
            ("/response/framing", json!("length")),
            ("/response/body_octets", json!(13)),
            ("/response/complete", json!(true)),
            ("/response/interim", json!([])),
            ("/response/oddities", json!([])),
        ];
        for (place, want) in says {
            assert_eq!(*seen.at(place), want, "{name} {place}");
        }
        // RFC 9110 §6.6.1: an origin server with a clock says when; busybox does too.
        assert!(seen.field("date").is_some(), "{name}");
    }
}

#[test]
fn every_server_is_asked_in_every_way() {
    let close = || with(&["Connection: close"]);
    for (name, server) in servers() {
        let file = server.url("/hello.txt");

        let seen = ask(&server.url("/missing"), close());
        assert_eq!((seen.status(), seen.code()), (Some(404), ""), "{name}");
        assert_eq!(seen.at("/response/complete"), true, "{name}");

        // RFC 9110 §9.3.2: no body, whatever the fields say of one.
        let seen = ask(&file, Recipe::new().method("HEAD").unwrap());
        assert_eq!((seen.status(), seen.code()), (Some(200), ""), "{name}");
        assert_eq!(seen.text("/response/framing"), "none", "{name}");
        assert_eq!(seen.at("/response/body_octets"), 0, "{name}");

        // The server keeps the connection, and the response ends nevertheless.
        let seen = ask(&file, with(&["Connection: keep-alive"]));
        assert_eq!((seen.code(), seen.body()), ("", "hello, probe\n"), "{name}");

        let seen = ask(&file, Recipe::new().version(Version::Http10));
        assert_eq!((seen.code(), seen.body()), ("", "hello, probe\n"), "{name}");

        // A folder without its slash is elsewhere: one redirect, which we follow.
        let mut client = client();
        client.plan.follow = 1;
        let hops = chain(&client, &server.url("/dir"));
        let statuses: Vec<_> = hops.iter().map(|hop| hop.status().unwrap()).collect();
        let moved = if name == "busybox" { 302 } else { 301 };
        assert_eq!(statuses, [moved, 200], "{name}");
        assert_eq!(hops[1].body(), "an index\n", "{name}");
        assert_eq!((hops[1].at("/hop"), hops[1].at("/parent")), (&json!(1), &json!(0)), "{name}");
        assert_eq!(hops[1].text("/request/request_target"), "/dir/", "{name}");
    }
}

/// RFC 9110 §15.4.5: nothing changed, no body.
#[test]
fn what_did_not_change_is_not_sent_again() {
    for (name, server) in servers() {
        let first = probe(&client(), &server.url("/hello.txt"));
        let Some(etag) = first.field("etag") else {
            assert_eq!(name, "busybox", "the others have one");
            continue;
        };
        let seen = ask(&server.url("/hello.txt"), with(&[&format!("If-None-Match: {etag}")]));
        assert_eq!((seen.status(), seen.code()), (Some(304), ""), "{name}");
        assert_eq!(seen.text("/response/framing"), "none", "{name}");
        assert_eq!(seen.at("/response/complete"), true, "{name}");
    }
}

/// RFC 9110 §9.3.7, RFC 9112 §3.2.4: a question to the server itself.
#[test]
fn a_server_is_asked_for_its_options() {
    let recipe = || Recipe::new().method("OPTIONS").unwrap().request_target(b"*").unwrap();
    for (name, server) in servers() {
        let seen = ask(&server.url("/"), recipe());
        assert_eq!(seen.code(), "", "{name}");
        assert_eq!(seen.text("/request/request_target"), "*", "{name}");
        let want = match name {
            "apache" | "lighttpd" => 200,
            // No path to them; HAProxy has it from nginx.
            _ => 400,
        };
        assert_eq!(seen.status(), Some(want), "{name}");
    }
}

/// A server that does not know how long a page will be: chunks, or to the end of the connection
/// for a client that knows no chunks (RFC 9112 §6.1, §6.3).
#[test]
fn pages_without_a_length() {
    // A page that is put together while it is sent.
    let page = &[("www/page.shtml", "one <!--#echo var=\"none\" -->two\n")];
    let on_nginx = "server { listen {addr}; root {dir}/www; ssi on; ssi_types *; }";
    let on_apache = "LoadModule include_module /usr/lib/apache2/modules/mod_include.so
        <Directory \"{dir}/www\">
            Options +Includes
            SetOutputFilter INCLUDES
        </Directory>";
    for (name, server) in [("nginx", nginx(on_nginx, page)), ("apache", apache(on_apache, page))] {
        let url = server.url("/page.shtml");
        let seen = probe(&client(), &url);
        assert_eq!((seen.code(), seen.body()), ("", "one (none)two\n"), "{name}");
        assert_eq!(seen.text("/response/framing"), "chunked", "{name}");
        let seen = ask(&url, Recipe::new().version(Version::Http10));
        assert_eq!((seen.code(), seen.body()), ("", "one (none)two\n"), "{name}");
        assert_eq!(seen.text("/response/framing"), "until-close", "{name}");
        assert_eq!(seen.at("/response/complete"), true, "{name}");
    }

    // More than a pipe holds, so that the head is sent before the end is known.
    let script = "printf 'Content-Type: text/plain\\r\\n\\r\\n'; head -c 1000000 /dev/zero";
    let config = "server.modules += ( \"mod_cgi\" )
        server.stream-response-body = 2
        cgi.assign = ( \".sh\" => \"/bin/sh\" )";
    let server = lighttpd(config, &[("www/page.sh", script)]);
    let seen = probe(&client(), &server.url("/page.sh"));
    assert_eq!((seen.status(), seen.code()), (Some(200), ""));
    assert_eq!(seen.text("/response/framing"), "chunked");
    assert_eq!(seen.at("/response/body_octets"), 1_000_000);
}

/// A body is counted to its end, and kept as far as the plan says; one octet too many is refused
/// when its length is announced.
#[test]
fn a_large_file_is_counted_not_kept() {
    const MOST: u64 = 8 << 20;
    let server = nginx("server { listen {addr}; root {dir}/www; }", &[]);
    for (length, code) in [(8_000_000, ""), (MOST, ""), (MOST + 1, "response.too-large")] {
        server.write("www/large", vec![b'x'; usize::try_from(length).unwrap()]);
        let mut client = client();
        client.plan.keep.body_octets = 0;
        assert_eq!(client.plan.limits.body_bytes, MOST);
        let seen = probe(&client, &server.url("/large"));
        assert_eq!((seen.status(), seen.code(), seen.body()), (Some(200), code, ""), "{length}");
        let counted = if code.is_empty() { length } else { 0 };
        assert_eq!(*seen.at("/response/body_octets"), counted, "{length}");
        assert_eq!(*seen.at("/response/complete"), code.is_empty(), "{length}");
    }
}

/// Content is taken, or refused for its size while it is still on its way (RFC 9110 §15.5.14).
#[test]
fn content_is_sent() {
    let page = nginx(
        "server {
            listen {addr};
            client_max_body_size 100k;
            location / { proxy_pass http://{addr}/echo; }
            location /echo { return 200 \"$request_method $content_type $content_length\"; }
        }",
        &[],
    );
    let post = |octets: usize| Recipe::new().body(vec![b'x'; octets].into());
    let seen = ask(&page.url("/"), post(5));
    let says = "POST application/x-www-form-urlencoded 5";
    assert_eq!((seen.status(), seen.body()), (Some(200), says));
    assert_eq!(seen.text("/request/method"), "POST");

    let put = post(90_000).method("PUT").unwrap().field(b"Content-Type: a/b").unwrap();
    assert_eq!(ask(&page.url("/"), put).body(), "PUT a/b 90000");

    let seen = ask(&page.url("/"), post(4 << 20));
    assert_eq!((seen.status(), seen.code()), (Some(413), ""));
}

/// RFC 9110 §10.1.1: what a server says before it reads the content is in the record; we did not
/// wait for it.
#[test]
fn a_server_that_is_told_to_expect_content_says_go_on() {
    let page = nginx(
        "server {
            listen {addr};
            location / { proxy_pass http://{addr}/echo; }
            location /echo { return 200 $content_length; }
        }",
        &[],
    );
    let recipe = with(&["Expect: 100-continue"]).body(b"hello"[..].into());
    let seen = ask(&page.url("/"), recipe);
    assert_eq!((seen.status(), seen.code(), seen.body()), (Some(200), "", "5"));
    assert_eq!(*seen.at("/response/interim/0/status"), 100);
    assert_eq!(seen.text("/response/interim/0/reason"), "Continue");
}

/// RFC 7617: a password is used, and stands nowhere.
#[test]
fn a_password_opens_and_is_not_told() {
    let config = "server {
        listen {addr};
        auth_basic r;
        auth_basic_user_file {dir}/users;
        root {dir}/www;
    }";
    let files = [FILES, &[("users", "ann:{PLAIN}hunter2\n")]].concat();
    let server = nginx(config, &files);
    assert_eq!(probe(&client(), &server.url("/hello.txt")).status(), Some(401));
    for (user, status) in [("ann:hunter2", 200), ("ann:wrong", 401), ("bob:hunter2", 401)] {
        let url = server.url("/hello.txt").replace("http://", &format!("http://{user}@"));
        let seen = probe(&client(), &url);
        assert_eq!(seen.status(), Some(status), "{user}");
        let record = seen.record.to_string();
        for secret in ["hunter2", "wrong", "YW5uOmh1bnRlcjI"] {
            assert!(!record.contains(secret), "{record}");
        }
        assert!(seen.text("/target").contains(":***@"), "{record}");
    }
}
