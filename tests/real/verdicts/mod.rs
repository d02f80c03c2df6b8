//! What a probe makes of real servers that are busy, closed, or before something that is dead.
//!
//! One table a server, one row a way to fail. A row is what happens, the request, what the verdict
//! says in one line, and some of the evidence that it must rest on:
//!
//! ```text
//!     status or failure, state, whether it passes | who, role, relation, how sure | why
//!     502 unavailable open | nginx proxy emitted certain | backend-failed
//! ```
//!
//! `temporary` passes by itself, `lasting` does not, and of `open` nothing tells; a number of
//! seconds follows where the server asked for them.

mod apache;
mod caddy;
mod deep;
mod haproxy;
mod lighttpd;
mod limits;
mod nginx;
mod sockets;
mod squid;
mod tomcat;
mod varnish;

use super::{Seen, client};
use fourstep::request::Recipe;
use fourstep::target::Host;
use fourstep::verdict::Verdict;
use fourstep_peer::{Held, LOOPBACK, Origin, Script};
use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, SocketAddrV4, TcpStream};
use std::time::{Duration, Instant, SystemTime};

/// How long anything may take before a test is given up.
const LONG: Duration = Duration::from_secs(20);

/// How long a probe waits for a server that says nothing.
const PATIENCE: Duration = Duration::from_millis(300);

/// How long a connection to a full queue must stay pending to count as one.
const PENDING: Duration = Duration::from_millis(100);

/// More than any queue here holds.
const QUEUE_MOST: usize = 64;

/// A server that takes the connection and throws it away: whether that is a FIN or a RST, and where
/// it meets the probe, depends on which of the two is faster.
const CLOSED: &str = "connect.reset/request.reset/response.reset/response.empty \
                      unavailable open | unknown";

/// What happens, the request, the verdict, the evidence.
type Row<'a> = (&'a str, Ask, &'a str, &'a [&'a str]);

/// One request.
struct Ask {
    url: String,
    recipe: Recipe,
    proxy: Option<SocketAddrV4>,
    brief: bool,
}

fn get(url: impl Into<String>) -> Ask {
    Ask { url: url.into(), recipe: Recipe::new(), proxy: None, brief: false }
}

impl Ask {
    fn method(self, method: &str) -> Ask {
        Ask { recipe: self.recipe.method(method).unwrap(), ..self }
    }

    fn field(self, line: &str) -> Ask {
        Ask { recipe: self.recipe.field(line.as_bytes()).unwrap(), ..self }
    }

    fn body(self, octets: &[u8]) -> Ask {
        Ask { recipe: self.recipe.body(octets.into()), ..self }
    }

    fn target(self, target: &str) -> Ask {
        Ask { recipe: self.recipe.request_target(target.as_bytes()).unwrap(), ..self }
    }

    fn through(self, proxy: SocketAddr) -> Ask {
        let SocketAddr::V4(proxy) = proxy else { panic!("{proxy}: loopback here is IPv4") };
        Ask { recipe: self.recipe.proxied(None), proxy: Some(proxy), ..self }
    }

    /// Waits for a connection, and for the response, no longer than [`PATIENCE`].
    fn briefly(self) -> Ask {
        Ask { brief: true, ..self }
    }

    fn seen(self) -> Seen {
        let mut client = client();
        client.plan.recipe = self.recipe;
        client.plan.route.proxy = self.proxy.map(|at| (Host::V4(*at.ip()), at.port()));
        if self.brief {
            let deadlines = &mut client.plan.deadlines;
            for deadline in
                [&mut deadlines.connect, &mut deadlines.request, &mut deadlines.response]
            {
                *deadline = PATIENCE;
            }
        }
        super::probe(&client, &self.url)
    }
}

/// Asks, row by row, and holds each verdict against what the row wants.
fn hold(rows: Vec<Row<'_>>) {
    let mut wrong = Vec::new();
    for (what, ask, want, signs) in rows {
        let seen = ask.seen();
        let (got, evidence) = (verdict(&seen), evidence(&seen));
        println!("{what}: {got}\n    {}", evidence.join("\n    "));
        let lacks = signs.iter().find(|sign| !evidence.iter().any(|seen| seen.contains(*sign)));
        if !fits(want, &got) || lacks.is_some() {
            let evidence = evidence.join("\n        ");
            wrong.push(format!(
                "{what}\n  want {want}\n   got {got}\n lacks {lacks:?}\n among {evidence}"
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Whether a verdict is the one wanted, of which the first word may stand for several: `a/b`.
fn fits(want: &str, got: &str) -> bool {
    match (want.split_once(' '), got.split_once(' ')) {
        (Some((firsts, want)), Some((first, got))) => {
            firsts.split('/').any(|it| it == first) && want == got
        }
        _ => false,
    }
}

/// The verdict of a record, in one line.
fn verdict(seen: &Seen) -> String {
    let at = |place: &str| seen.at(&format!("/verdict/{place}"));
    let text = |place: &str| at(place).as_str().unwrap_or_default();
    let status = seen.status().map(|status| status.to_string());
    let passes = match at("temporary").as_bool() {
        Some(true) => "temporary",
        Some(false) => "lasting",
        None => "open",
    };
    let asked = (text("retry_from") == "server").then(|| format!(" {} s", at("retry_after_s")));
    let one_of = seen.texts("/verdict/source/candidates").join(", ");
    let name = at("source/name").as_str().unwrap_or(&one_of);
    let source = [
        name,
        text("source/role"),
        text("source/relation"),
        if text("source/relation") == "unknown" { "" } else { text("source/confidence") },
    ];
    let source: Vec<&str> = source.into_iter().filter(|word| !word.is_empty()).collect();
    // The record tells the cause in evidence alone, and not of every answer.
    let cause = Verdict::of(&seen.report, SystemTime::UNIX_EPOCH).cause;
    format!(
        "{} {} {passes}{} | {}{}",
        status.as_deref().unwrap_or(seen.code()),
        text("state"),
        asked.unwrap_or_default(),
        source.join(" "),
        cause.map(|cause| format!(" | {cause}")).unwrap_or_default(),
    )
}

/// The evidence of a record: what was seen, and what it says.
fn evidence(seen: &Seen) -> Vec<String> {
    let evidence = seen.at("/verdict/evidence").as_array().unwrap();
    let text = |item: &serde_json::Value, name: &str| item[name].as_str().unwrap().to_owned();
    evidence
        .iter()
        .map(|it| format!("{} {} — {}", text(it, "sign"), text(it, "value"), text(it, "says")))
        .collect()
}

/// What a proxy may have behind it: each fails in its own way, but for the last two.
struct Backends {
    /// Refuses.
    dead: Held,
    /// Takes the connection and the request, and says nothing.
    mute: Origin,
    /// Takes the request and resets.
    reset: Origin,
    /// Takes the request and closes.
    gone: Origin,
    /// Answers with something that is no HTTP.
    odd: Origin,
    /// Answers with half a head, and closes.
    half: Origin,
    /// An application that says 503 in words of its own, with a name of its own.
    app: Origin,
    /// The same without a name.
    bare: Origin,
}

impl Backends {
    fn new() -> Backends {
        let start = |script: Script| Origin::start(LOOPBACK, script).unwrap();
        let read = || Script::new().read();
        let app = "HTTP/1.1 503 Closed For Lunch\r\nServer: canteen/2\r\nRetry-After: 90\r\n\
                   Content-Type: text/plain\r\nContent-Length: 7\r\n\r\nat noon";
        let bare = "HTTP/1.1 503 Service Unavailable\r\nContent-Type: application/json\r\n\
                    Content-Length: 15\r\n\r\n{\"ready\":false}";
        Backends {
            dead: Held::refused(LOOPBACK).unwrap(),
            mute: Origin::silent(LOOPBACK).unwrap(),
            reset: start(read().reset()),
            gone: start(read().close()),
            odd: start(read().write("no HTTP at all\r\n\r\n").close()),
            half: start(read().write("HTTP/1.1 200 OK\r\nContent-Le").close()),
            app: start(read().write(app).close()),
            bare: start(read().write(bare).close()),
        }
    }

    /// Their names, and where they are.
    fn all(&self) -> [(&'static str, SocketAddr); 8] {
        [
            ("dead", self.dead.address()),
            ("mute", self.mute.address()),
            ("reset", self.reset.address()),
            ("gone", self.gone.address()),
            ("odd", self.odd.address()),
            ("half", self.half.address()),
            ("app", self.app.address()),
            ("bare", self.bare.address()),
        ]
    }

    /// A client whose request has come to `mute` through a server, and is never answered.
    fn hang(&self, server: SocketAddr, path: &str) -> TcpStream {
        let before = self.mute.accepted();
        let client = occupy(server, &format!("GET {path} HTTP/1.1\r\nHost: {server}\r\n\r\n"));
        let start = Instant::now();
        while self.mute.accepted() == before {
            assert!(start.elapsed() < LONG, "{path} does not come to the backend");
            std::thread::yield_now();
        }
        client
    }

    /// A line for each of them: `{name}` and `{at}` are filled in, `{host}` and `{number}` its
    /// address and port.
    fn each(&self, line: &str) -> String {
        let fill = |(name, at): (&str, SocketAddr)| {
            line.replace("{name}", name)
                .replace("{at}", &at.to_string())
                .replace("{host}", &at.ip().to_string())
                .replace("{number}", &at.port().to_string())
        };
        self.all().into_iter().map(fill).collect()
    }
}

/// A client that sent so much, and waits.
fn occupy(at: SocketAddr, octets: &str) -> TcpStream {
    let mut client = TcpStream::connect(at).unwrap();
    client.write_all(octets.as_bytes()).unwrap();
    client
}

/// A client that has an answer and stays: it has its place in the server for certain.
fn stay(at: SocketAddr) -> TcpStream {
    served(occupy(at, &format!("GET / HTTP/1.1\r\nHost: {at}\r\n\r\n")))
}

/// The same client, once the first of its answer has come.
fn served(mut client: TcpStream) -> TcpStream {
    client.set_read_timeout(Some(LONG)).unwrap();
    assert_ne!(client.read(&mut [0; 1024]).unwrap(), 0, "closed");
    client
}

/// Connections until one more stays pending: the queue of a server that accepts no more is full.
fn fill(at: SocketAddr) -> Vec<TcpStream> {
    let more = std::iter::from_fn(|| match TcpStream::connect_timeout(&at, PENDING) {
        Ok(client) => Some(client),
        Err(error) if error.kind() == ErrorKind::TimedOut => None,
        Err(error) => panic!("{error}"),
    });
    let queue: Vec<TcpStream> = more.take(QUEUE_MOST).collect();
    assert!(queue.len() < QUEUE_MOST, "this queue has no end");
    queue
}
