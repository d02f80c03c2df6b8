//! A probe driven by hand, over the standard library's blocking sockets.
//!
//!     cargo run --example own_sockets -- 127.0.0.1:8080
//!
//! The machine does not care who moves the octets: it says what it wants in `Actions`, and is
//! told what came of it. A loop over io_uring, an async runtime or a simulator looks the same.
#![expect(clippy::print_stdout, reason = "an example prints what it found")]

use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::time::{Duration, Instant};

use fourstep::Plan;
use fourstep::machine::{Action, Actions, Endpoint, Input, Next, Probe};
use fourstep::terms::{Fault, FaultKind, Leg, Time};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let url = std::env::args().nth(1).unwrap_or_else(|| "127.0.0.1:8080".into());
    let mut probe = Probe::new(Arc::new(url.parse()?), Arc::new(Plan::default()));

    let origin = Instant::now();
    let now = || Time::START + origin.elapsed();
    let mut out = Actions::default();
    let mut stream: Option<(Leg, TcpStream)> = None;
    let mut next = probe.handle(now(), Input::Start, &mut out);

    while let Next::Wait(until) = next {
        // First what the machine asks for. What an action brings is fed once the list is done.
        let mut news = Vec::new();
        for action in std::mem::take(&mut out.list) {
            match action {
                Action::Dial(leg, Endpoint::Ip(address)) => {
                    match TcpStream::connect_timeout(&address, Duration::from_secs(5)) {
                        Ok(connected) => {
                            let local = connected.local_addr().ok();
                            stream = Some((leg, connected));
                            news.push(Input::Connected { leg, local });
                        }
                        Err(error) => {
                            let fault = fourstep::socket::fault(&error);
                            news.push(Input::Failed { leg, fault });
                        }
                    }
                }
                // This example knows addresses only: a name or a unix socket ends here.
                Action::Dial(leg, Endpoint::Unix(_)) => {
                    let fault = Fault::of(FaultKind::Unreachable);
                    news.push(Input::Failed { leg, fault });
                }
                Action::Ask(_) => news.push(Input::Interrupt),
                Action::Send(leg, range) => {
                    let octets = out.octets.get(range).unwrap_or_default();
                    if let Some((_, stream)) = &mut stream {
                        news.push(match stream.write_all(octets) {
                            Ok(()) => Input::Sent { leg, left: 0 },
                            Err(error) => {
                                Input::Failed { leg, fault: fourstep::socket::fault(&error) }
                            }
                        });
                    }
                }
                Action::HangUp(_) => stream = None,
            }
        }
        out.clear();
        // Then the news: what the actions brought, else what the network brings.
        let mut buffer = [0; 4096];
        if news.is_empty() {
            news.push(match &mut stream {
                None => Input::Tick,
                Some((leg, stream)) => {
                    let wait = until.since(now()).max(Duration::from_millis(1));
                    stream.set_read_timeout(Some(wait))?;
                    match stream.read(&mut buffer) {
                        Ok(0) => Input::Closed { leg: *leg },
                        Ok(count) => Input::Received {
                            leg: *leg,
                            octets: buffer.get(..count).unwrap_or_default(),
                            at: None,
                        },
                        Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => Input::Tick,
                        Err(error) => {
                            Input::Failed { leg: *leg, fault: fourstep::socket::fault(&error) }
                        }
                    }
                }
            });
        }
        for input in news {
            next = probe.handle(now(), input, &mut out);
        }
    }

    let report = probe.report();
    match &report.failure {
        None => println!("answered {}", report.status().unwrap_or_default()),
        Some(failure) => println!("{}: {failure}", failure.code()),
    }
    Ok(())
}
