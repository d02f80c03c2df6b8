//! Any octets as chunks: body, end and fault are the same however they are cut, and bounded.
#![no_main]

use fourstep_response::{Asked, Event, Limits, Reader, ResponseError};

const LIMITS: Limits = Limits { head_bytes: 256, fields: 8, interim: 0, body_bytes: 1024 };
const HEAD: &[u8] = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";

type Outcome = (Vec<u8>, String, Vec<fourstep_terms::Oddity>);

fn read(octets: &[u8], piece: usize) -> Outcome {
    let mut reader = Reader::new(Asked::Other, LIMITS);
    let mut body = Vec::new();
    let mut feed = || -> Result<String, ResponseError> {
        let mut end = String::new();
        for mut rest in std::iter::once(HEAD).chain(octets.chunks(piece)) {
            loop {
                let (taken, event) = reader.read(rest)?;
                rest = &rest[taken..];
                match event {
                    Event::More => break,
                    Event::Body(octets) => body.extend_from_slice(octets),
                    Event::Complete { trailers } => end = format!("{trailers:?}"),
                    Event::Interim(_) | Event::Final(..) => {}
                }
            }
        }
        reader.end().map(|_| end)
    };
    let end = match feed() {
        Ok(trailers) => trailers,
        Err(ResponseError::Malformed { offset, rule, .. }) => format!("{rule} {offset}"),
        Err(error) => error.to_string(),
    };
    assert!(body.len() <= 1024);
    (body, end, reader.take_oddities())
}

libfuzzer_sys::fuzz_target!(|octets: &[u8]| {
    let whole = read(octets, usize::MAX);
    for piece in [1, 2, 5] {
        assert_eq!(read(octets, piece), whole, "in pieces of {piece}");
    }
});
