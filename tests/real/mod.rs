//! The probe against real servers on loopback.
//!
//! Every probe here goes through the facade, and every record of it is held against the schema
//! and against what is true of any probe: see [`Seen`]. No test waits for anything but a server;
//! upper limits are there for a machine that hangs, not to be reached.

mod command;
mod deadlines;
mod gateways;
mod http;
mod names;
mod routes;
mod same;
mod tls;
mod verdicts;
mod wait;

use fourstep::driver::Finished;
use fourstep::machine::Timings;
use fourstep::output::{Record, SCHEMA};
use fourstep::{Client, Report};
use serde_json::Value;
use std::time::SystemTime;

/// One probe that is done.
struct Seen {
    report: Report,
    record: Value,
}

impl Seen {
    fn of(report: Report, at: SystemTime) -> Seen {
        let record = serde_json::from_str(&Record::of(&report, at, None).to_json()).unwrap();
        hold(&record);
        hold_times(&report);
        Seen { report, record }
    }

    fn status(&self) -> Option<u16> {
        self.report.status()
    }

    /// The failure's code; empty when there is none.
    fn code(&self) -> &'static str {
        self.report.failure.as_ref().map_or("", |failure| failure.code().as_str())
    }

    /// What the report keeps of the body.
    fn body(&self) -> &str {
        let response = self.report.response.as_ref();
        response.map_or("", |response| str::from_utf8(&response.body).unwrap())
    }

    /// The first field of this name in the final head.
    fn field(&self, name: &str) -> Option<&str> {
        let value = self.report.head()?.values(name).next()?;
        Some(str::from_utf8(value).unwrap())
    }

    /// A place in the record (RFC 6901): `/connect/attempts/0/address`.
    fn at(&self, place: &str) -> &Value {
        self.record.pointer(place).unwrap_or_else(|| panic!("{place}: {}", self.record))
    }

    /// The same as text; empty when it is none.
    fn text(&self, place: &str) -> &str {
        self.at(place).as_str().unwrap_or_default()
    }

    /// The same as a list of texts.
    fn texts(&self, place: &str) -> Vec<&str> {
        self.at(place).as_array().unwrap().iter().map(|item| item.as_str().unwrap()).collect()
    }
}

/// Names are looked up nowhere: a client for targets that are addresses.
fn client() -> Client {
    Client::with_names(fourstep::resolve::Config { servers: vec![], ..Default::default() })
}

/// Probes one target; with redirects, the last hop.
fn probe(client: &Client, url: &str) -> Seen {
    chain(client, url).pop().unwrap()
}

/// Probes one target: every hop, in order.
fn chain(client: &Client, url: &str) -> Vec<Seen> {
    let done = client.probe_chain(url).unwrap_or_else(|error| panic!("{url}: {error}"));
    done.into_iter().map(|Finished { report, at, .. }| Seen::of(*report, at)).collect()
}

/// Holds a record against its schema.
fn hold(record: &Value) {
    let (mut schemas, mut compiler) = (boon::Schemas::new(), boon::Compiler::new());
    compiler.add_resource("record", serde_json::from_str(SCHEMA).unwrap()).unwrap();
    let schema = compiler.compile("record", &mut schemas).unwrap();
    if let Err(error) = schemas.validate(record, schema) {
        panic!("{record}\n{error:#}");
    }
}

/// What is true of the times of any probe: no part is longer than the whole, a step that was begun
/// has a time, and the parts that follow each other fit into the whole together.
fn hold_times(report: &Report) {
    let Timings { resolve, connect, tls, request, wait, receive, total } =
        report.timeline.timings();
    let total = total.unwrap();
    for part in [resolve, connect, tls, request, wait, receive] {
        assert!(part.unwrap_or_default() <= total, "{:?}", report.timeline);
    }
    assert_eq!(resolve.is_some(), report.resolve.is_some(), "{:?}", report.timeline);
    assert_eq!(connect.is_some(), report.connect.is_some(), "{:?}", report.timeline);
    assert_eq!(tls.is_some(), report.tls.is_some(), "{:?}", report.timeline);
    assert_eq!(receive.is_some(), report.response.is_some(), "{:?}", report.timeline);
    let in_line = [connect, tls, request, wait, receive].map(Option::unwrap_or_default);
    assert!(in_line.iter().sum::<std::time::Duration>() <= total, "{:?}", report.timeline);
    for attempt in report.connect.iter().flat_map(|connection| &connection.attempts) {
        assert!(attempt.started <= attempt.ended, "{attempt:?}");
    }
}
