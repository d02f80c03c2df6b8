//! Any octets as a head and a body: a verdict of bounded size, and nothing in it that moves a terminal.
#![no_main]

use std::sync::Arc;
use std::time::{Duration, UNIX_EPOCH};

use fourstep_probe::{Plan, Probe, Received, Report};
use fourstep_response::{Asked, Event, Limits, Reader};
use fourstep_target::Target;
use fourstep_verdict::Verdict;

/// What a probe keeps of a body.
const KEPT: usize = 4096;

/// The report of a response, its body as it is: without chunks, and cut where it is kept no longer.
fn report(octets: &[u8], complete: bool) -> Option<Report> {
    let mut reader = Reader::new(Asked::Other, Limits::default());
    let (taken, event) = reader.read(octets).ok()?;
    let Event::Final(head, framing) = event else { return None };
    let body = octets.get(taken..)?;
    let received = Received {
        head: Some(head),
        framing,
        body: body.get(..KEPT).unwrap_or(body).to_vec(),
        body_octets: body.len() as u64,
        complete,
        ..Received::default()
    };
    let target = Target::parse(b"http://a.test/").ok()?;
    let probe = Probe::new(Arc::new(target), Arc::new(Plan::default()));
    Some(Report { response: Some(received.into()), ..*probe.into_report() })
}

libfuzzer_sys::fuzz_target!(|octets: &[u8]| {
    let Some((&first, octets)) = octets.split_first() else { return };
    let Some(report) = report(octets, first & 1 == 0) else { return };
    // 2026-11-22T06:00:00Z
    let received = UNIX_EPOCH + Duration::from_secs(1_795_327_200);
    let verdict = Verdict::judged(&report, received, first & 2 != 0);
    assert_eq!(verdict, Verdict::judged(&report, received, first & 2 != 0));

    let texts =
        verdict.evidence.iter().flat_map(|it| [it.value().to_string(), it.says().to_string()]);
    let names = verdict.hops.iter().map(|hop| hop.name.clone());
    for text in texts.chain(names).chain([verdict.sentence()]) {
        assert!(!text.chars().any(char::is_control), "{text:?}");
        assert!(text.len() <= 4096, "{text:?}");
    }
    // Retry-After may be there as often as there may be fields.
    assert!(verdict.hops.len() <= 32 && verdict.evidence.len() <= 2000);
    assert!(verdict.source.candidates.len() <= fourstep_verdict::emitters().len());
    let retry = (verdict.retry_after_s.is_some(), verdict.retry_from.is_some());
    assert_eq!(retry.0, retry.1, "{verdict:?}");
});
