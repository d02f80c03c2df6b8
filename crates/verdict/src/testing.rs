//! Reports for the tests, made from the octets of a response.

mod emitters;

use std::sync::Arc;

use fourstep_probe::{Plan, Probe, Received, Report};
use fourstep_response::{Asked, Event, Head, Limits, Reader};
use fourstep_target::Target;

/// The head of a response with this status line (from the code on) and these fields.
pub(crate) fn head(status: &str, fields: &str) -> Head {
    report(status, fields, "").response.unwrap().head.unwrap()
}

/// The report of a response that came whole.
pub(crate) fn report(status: &str, fields: &str, body: &str) -> Report {
    let fields = if fields.is_empty() { String::new() } else { format!("{fields}\r\n") };
    let octets = format!("HTTP/1.1 {status}\r\n{fields}\r\n");
    let mut reader = Reader::new(Asked::Head, Limits::default());
    let (_, event) = reader.read(octets.as_bytes()).unwrap();
    let Event::Final(head, framing) = event else { panic!("no head: {octets}") };
    let response = Received {
        head: Some(head),
        framing,
        body: body.as_bytes().to_vec(),
        body_octets: u64::try_from(body.len()).unwrap(),
        complete: true,
        ..Received::default()
    };
    let target = Target::parse(b"http://a.test/").unwrap();
    let probe = Probe::new(Arc::new(target), Arc::new(Plan::default()));
    Report { response: Some(response.into()), ..*probe.into_report() }
}
