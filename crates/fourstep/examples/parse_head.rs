//! One step alone: a response is read as its octets arrive, with no socket in sight.
//!
//!     printf 'HTTP/1.1 503 Busy\r\nRetry-After: 5\r\n\r\n' | cargo run --example parse_head
#![expect(clippy::print_stdout, reason = "an example prints what it found")]

use std::io::Read;

use fourstep::response::{Asked, Event, Limits, Reader, ResponseError};

fn main() -> std::io::Result<()> {
    let mut reader = Reader::new(Asked::Other, Limits::default());
    let mut input = std::io::stdin().lock();
    // As small as reads from a slow peer: a head that is cut between them is put together.
    let mut buffer = [0; 16];
    let ended = loop {
        let count = input.read(&mut buffer)?;
        let mut octets = buffer.get(..count).unwrap_or_default();
        if octets.is_empty() {
            break reader.end().map(|event| show(&event));
        }
        let fed = loop {
            match reader.read(octets) {
                Ok((_, Event::More)) => break Ok(()),
                Ok((taken, event)) => {
                    show(&event);
                    octets = octets.get(taken..).unwrap_or_default();
                    if matches!(event, Event::Complete { .. }) {
                        return Ok(());
                    }
                }
                Err(error) => break Err(error),
            }
        };
        if let Err(error) = fed {
            break Err(error);
        }
    };
    if let Err(error) = ended {
        refuse(&error);
    }
    Ok(())
}

fn show(event: &Event<'_>) {
    match event {
        Event::More => {}
        Event::Interim(head) => println!("interim {}", head.status()),
        Event::Final(head, framing) => {
            println!("status {}", head.status());
            for (name, value) in head.fields() {
                println!("  {}: {}", name.escape_ascii(), value.escape_ascii());
            }
            if let Some(framing) = framing {
                println!("body framed by {}", framing.as_str());
            }
        }
        Event::Body(octets) => println!("body, {} octets", octets.len()),
        Event::Complete { .. } => println!("complete"),
    }
}

fn refuse(error: &ResponseError) {
    println!("{}: {error}", error.code());
}
