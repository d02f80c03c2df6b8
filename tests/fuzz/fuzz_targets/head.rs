//! Any octets as a response: the events are the same however it is cut, and what is kept is bounded.
#![no_main]

use fourstep_response::{Asked, Event, Limits, Reader};
use fourstep_terms::Oddity;

const LIMITS: Limits = Limits { head_bytes: 4096, fields: 64, interim: 4, body_bytes: 4096 };

/// What came out, a line each; bodies joined. What a message shows may depend on the cut.
fn read(asked: Asked, octets: &[u8], piece: usize) -> (Vec<String>, Vec<u8>, Vec<Oddity>) {
    let mut reader = Reader::new(asked, LIMITS);
    let (mut lines, mut body) = (Vec::new(), Vec::new());
    let mut feed = || -> Result<(), fourstep_response::ResponseError> {
        for mut rest in octets.chunks(piece) {
            loop {
                let (taken, event) = reader.read(rest)?;
                rest = &rest[taken..];
                match event {
                    Event::More => break,
                    Event::Body(octets) => body.extend_from_slice(octets),
                    event => lines.push(format!("{event:?}")),
                }
            }
            assert!(rest.is_empty());
        }
        reader.end().map(|_| ())
    };
    if let Err(error) = feed() {
        lines.push(match error {
            fourstep_response::ResponseError::Malformed { offset, rule, .. } => {
                format!("{rule} {offset}")
            }
            error => error.to_string(),
        });
    }
    assert!(body.len() <= 4096 && lines.len() <= 8);
    (lines, body, reader.take_oddities())
}

libfuzzer_sys::fuzz_target!(|octets: &[u8]| {
    let Some((&first, octets)) = octets.split_first() else { return };
    let asked = [Asked::Other, Asked::Head, Asked::Connect][usize::from(first) % 3];
    let whole = read(asked, octets, usize::MAX);
    for piece in [1, usize::from(first >> 2) + 1] {
        assert_eq!(read(asked, octets, piece), whole, "in pieces of {piece}");
    }
});
