//! Whole requests, octet by octet.

#![expect(clippy::unwrap_used, reason = "a test ends where it fails")]

use fourstep_request::{Asks, Recipe, RequestError, Version};
use fourstep_target::Target;

type Step = fn(Recipe) -> Result<Recipe, RequestError>;

const AGENT: &str = concat!("User-Agent: fourstep/", env!("CARGO_PKG_VERSION"), "\r\n");
const REST: &str = "Accept: */*\r\nConnection: close\r\n";

fn post(recipe: Recipe) -> Recipe {
    recipe.body(b"a=b".as_slice().into())
}

fn proxied(recipe: Recipe) -> Recipe {
    let proxy = Target::parse(b"http://me:x@proxy.test").unwrap();
    recipe.proxied(proxy.userinfo())
}

#[test]
fn request_lines_and_hosts() {
    let rows: [(&str, Step, &str); 17] = [
        // target, recipe → the first lines
        ("a.test", Ok, "GET / HTTP/1.1\r\nHost: a.test\r\n"), // RFC 9112 §3.2.1
        ("a.test/x/../y?q#f", Ok, "GET /x/../y?q HTTP/1.1\r\nHost: a.test\r\n"),
        ("http://a.test:80", Ok, "GET / HTTP/1.1\r\nHost: a.test\r\n"), // RFC 9110 §4.2.3
        ("http://A.test.:81", Ok, "GET / HTTP/1.1\r\nHost: a.test.:81\r\n"),
        ("http://[::1%lo]:81", Ok, "GET / HTTP/1.1\r\nHost: [::1]:81\r\n"), // RFC 4007 §11.2
        ("a.test", |r| Ok(r.version(Version::Http10)), "GET / HTTP/1.0\r\nHost: a.test\r\n"),
        ("a.test", |r| r.method("get"), "get / HTTP/1.1\r\nHost: a.test\r\n"), // RFC 9110 §9.1
        ("a.test", |r| Ok(post(r)), "POST / HTTP/1.1\r\nHost: a.test\r\n"),
        ("a.test", |r| post(r).method("PUT"), "PUT / HTTP/1.1\r\nHost: a.test\r\n"),
        (
            "a.test/x",
            |r| r.method("OPTIONS")?.request_target(b"*"),
            "OPTIONS * HTTP/1.1\r\nHost: a.test\r\n",
        ), // RFC 9112 §3.2.4
        (
            "a.test/x",
            |r| r.request_target(b"//\xFF\\"),
            "GET //\u{FF}\\ HTTP/1.1\r\nHost: a.test\r\n",
        ),
        (
            "a.test:81/x",
            |r| Ok(r.proxied(None)),
            "GET http://a.test:81/x HTTP/1.1\r\nHost: a.test:81\r\n",
        ), // RFC 9112 §3.2.2
        (
            "http://u:p@a.test/#f",
            |r| Ok(r.proxied(None)),
            "GET http://a.test/ HTTP/1.1\r\nHost: a.test\r\n",
        ),
        (
            "https://a.test",
            |r| r.method("CONNECT"),
            "CONNECT a.test:443 HTTP/1.1\r\nHost: a.test\r\n",
        ), // RFC 9112 §3.2.3
        ("https://[::1]", |r| r.method("CONNECT"), "CONNECT [::1]:443 HTTP/1.1\r\nHost: [::1]\r\n"),
        (
            "a.test",
            |r| r.field(b"X: y")?.field(b"hOST: b.test"),
            "GET / HTTP/1.1\r\nHost: b.test\r\nUser",
        ),
        ("a.test", |r| r.field(b"Host:"), "GET / HTTP/1.1\r\nUser"),
    ];
    for (target, step, want) in rows {
        let mut out = Vec::new();
        let written = step(Recipe::new()).unwrap().write(&target.parse().unwrap(), &mut out);
        // Octets as U+0000–U+00FF.
        let text: String = out.iter().copied().map(char::from).collect();
        assert!(text.starts_with(want), "{target}: {text:?} is not {want:?}");
        let request_target: String =
            out[written.request_target].iter().copied().map(char::from).collect();
        assert_eq!(text.split(' ').nth(1), Some(request_target.as_str()));
    }
}

#[test]
fn fields() {
    let form = "Content-Type: application/x-www-form-urlencoded\r\n";
    let rows: [(Step, String); 16] = [
        // recipe → what follows Host
        (Ok, format!("{AGENT}{REST}\r\n")),
        (|r| r.field(b"X: a")?.field(b"x:b"), format!("{AGENT}{REST}X: a\r\nx: b\r\n\r\n")),
        (|r| r.field(b"X: a")?.field(b"X:")?.field(b"X: b"), format!("{AGENT}{REST}X: b\r\n\r\n")),
        (
            |r| r.field(b"accept: a")?.field(b"Accept: b"),
            format!("{AGENT}Connection: close\r\naccept: a\r\nAccept: b\r\n\r\n"),
        ),
        (
            |r| r.field(b"User-Agent:")?.field(b"Accept;")?.field(b"Connection: \t"),
            "Accept:\r\n\r\n".into(),
        ),
        (|r| r.field(b"X:\t a\tb  c \t"), format!("{AGENT}{REST}X: a\tb  c\r\n\r\n")), // RFC 9110 §5.5
        (|r| r.user_agent(" x/1 (\u{FC}) "), format!("User-Agent: x/1 (\u{FC})\r\n{REST}\r\n")),
        (|r| r.user_agent(""), format!("{REST}\r\n")),
        (|r| r.user_agent("x")?.field(b"user-agent: y"), format!("{REST}user-agent: y\r\n\r\n")),
        (|r| Ok(post(r)), format!("{AGENT}{REST}{form}Content-Length: 3\r\n\r\na=b")), // RFC 9110 §8.6
        (
            |r| post(r).field(b"content-type: x"),
            format!("{AGENT}{REST}Content-Length: 3\r\ncontent-type: x\r\n\r\na=b"),
        ),
        (|r| post(r).field(b"Content-Type:"), format!("{AGENT}{REST}Content-Length: 3\r\n\r\na=b")),
        (|r| r.method("PUT"), format!("{AGENT}{REST}Content-Length: 0\r\n\r\n")), // RFC 9110 §8.6
        (|r| r.method("DELETE"), format!("{AGENT}{REST}\r\n")),
        (|r| Ok(proxied(r)), format!("Proxy-Authorization: Basic bWU6eA==\r\n{AGENT}{REST}\r\n")), // RFC 9110 §11.7.2
        (|r| proxied(r).method("TRACE"), format!("{AGENT}{REST}\r\n")), // RFC 9110 §9.3.8
    ];
    for (step, want) in rows {
        let mut out = b"before".to_vec();
        let written = step(Recipe::new()).unwrap().write(&"a.test".parse().unwrap(), &mut out);
        let text = str::from_utf8(&out[6..]).unwrap();
        let (_, after) = text.split_once("Host: a.test\r\n").unwrap();
        assert_eq!(after, want);
        assert_eq!(written.octets, text.len());
        assert_eq!(written.head_octets, text.find("\r\n\r\n").unwrap() + 4);
    }
}

#[test]
fn credentials_are_known_and_hidden() {
    let rows: [(Step, &str); 4] = [
        (Ok, "Authorization: ***\r\n"),
        (|r| Ok(proxied(r)), "Authorization: ***\r\nProxy-Authorization: ***\r\n"),
        (
            |r| r.field(b"authorization: Bearer bWU6eA==")?.field(b"Cookie: bWU6eA=="),
            "authorization: ***\r\nCookie: ***\r\n",
        ),
        (|r| r.field(b"Authorization:"), ""),
    ];
    for (step, want) in rows {
        let recipe = step(Recipe::new()).unwrap();
        let mut out = b"before ".to_vec();
        let written = recipe.write(&"http://me:x@a.test".parse().unwrap(), &mut out);
        let shown = String::from_utf8(written.redacted(&out)).unwrap();
        let lines: String =
            shown.split_inclusive('\n').filter(|line| line.contains("***")).collect();
        assert_eq!(lines, want);
        assert!(shown.starts_with("GET ") && shown.ends_with("\r\n\r\n"), "{shown}");
        let debug = format!("{recipe:?}");
        assert!(!shown.contains("bWU6") && !debug.contains("bWU6"), "{shown}{debug}");
    }
}

#[test]
fn refused() {
    let rows: [(Step, &str); 21] = [
        // what was given → where, and what was expected                  (RFC 9110 §5)
        (
            |r| r.field(b"X-A: b\r\nX-C: d"),
            "field `X-A`: octet 6: expected no control character, found CR",
        ),
        (
            |r| r.field(b"X-A: b\nX-C: d"),
            "field `X-A`: octet 6: expected no control character, found LF",
        ),
        (|r| r.field(b"X-A: \0"), "field `X-A`: octet 5: expected no control character, found NUL"),
        (
            |r| r.field(b"X-A: b\x7F"),
            "field `X-A`: octet 6: expected no control character, found `\\x7f`",
        ),
        (|r| r.field(b"X-A:\r\n"), "field `X-A`: octet 4: expected no control character, found CR"),
        (|r| r.field(b"X-A\r\n: b"), "field `X-A`: octet 3: expected `:`"),
        (|r| r.field(b"X-A : b"), "field `X-A`: octet 3: expected `:`"), // RFC 9112 §5.1
        (
            |r| r.field(b"X-A"),
            "field `X-A`: octet 3: expected `:` and a value, `:` alone to remove the field, or `;` to leave it empty, found the end",
        ),
        (|r| r.field(b"X-A;b"), "field `X-A`: octet 3: expected `:`"),
        (|r| r.field(b" X-A: b"), "field line: octet 0: expected a field name, found ` `"), // RFC 9112 §5.2
        (|r| r.field(b":authority: b"), "field line: octet 0: expected a field name, found `:`"),
        (|r| r.field(b""), "field line: octet 0: expected a field name, found the end"),
        (|r| r.field(b"X\xC3\xBC: b"), "field `X`: octet 1: expected `:`"),
        (
            |r| r.field(b"Host: a")?.field(b"host: b"),
            "field `Host`: octet 0: expected no second Host",
        ), // RFC 9112 §3.2
        (
            |r| r.field(b"content-length: 3"),
            "field `content-length`: octet 0: expected a field that does not frame",
        ), // RFC 9112 §6
        (
            |r| r.field(b"Content-Length:"),
            "field `Content-Length`: octet 0: expected a field that does not frame",
        ),
        (
            |r| r.field(b"Transfer-Encoding: chunked"),
            "field `Transfer-Encoding`: octet 0: expected a field that does not frame",
        ),
        (
            |r| r.method("GET /"),
            "method: octet 3: expected a method: letters, digits or !#$%&'*+-.^_`|~, found ` `",
        ),
        (|r| r.method(""), "method: octet 0: expected a method"),
        (
            |r| r.request_target(b"/ HTTP/1.1\r\nX: y"),
            "request target: octet 1: expected a request target without",
        ),
        (
            |r| r.user_agent("x\r\nY: z"),
            "user agent: octet 1: expected no control character, found CR",
        ),
    ];
    for (step, want) in rows {
        let message = step(Recipe::new()).unwrap_err().to_string();
        assert!(message.starts_with(want), "{message:?} is not {want:?}");
    }
}

#[test]
fn what_the_reader_must_know() {
    let rows = [
        ("HEAD", Asks::Head),
        ("CONNECT", Asks::Connect),
        ("GET", Asks::Other),
        ("head", Asks::Other),
    ];
    for (method, want) in rows {
        assert_eq!(Recipe::new().method(method).unwrap().asks(), want, "{method}");
    }
}
