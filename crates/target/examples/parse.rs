//! What reading a target costs: each of a few is read as often as is asked.
//!
//! ```text
//! CARGO_PROFILE_RELEASE_DEBUG=1 CARGO_PROFILE_RELEASE_STRIP=none \
//!     cargo build --release -p fourstep-target --example parse
//! valgrind --tool=callgrind target/release/examples/parse 1000 http://a.test/ http://192.0.2.1:8080/x
//! ```
#![expect(clippy::print_stdout, reason = "it says what it did")]

use fourstep_target::Target;
use std::hint::black_box;

fn main() {
    let mut arguments = std::env::args().skip(1);
    let times = arguments.next().and_then(|text| text.parse().ok()).unwrap_or(1);
    for typed in arguments {
        for _ in 1..times {
            let _ = black_box(Target::parse(black_box(typed.as_bytes())));
        }
        match Target::parse(typed.as_bytes()) {
            Ok(target) => println!("{target}: {}", target.absolute()),
            Err(error) => println!("{error}"),
        }
    }
}
