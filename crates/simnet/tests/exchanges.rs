//! Every exchange of `fixtures/exchanges`: as it stands, and then in every way it could go wrong.
#![expect(
    clippy::disallowed_methods,
    reason = "a test may read its fixtures and whether to write them anew"
)]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test may panic"
)]

#[path = "exchanges/case.rs"]
mod case;
#[path = "exchanges/faults.rs"]
mod faults;
#[path = "exchanges/fixtures.rs"]
mod fixtures;
#[path = "exchanges/many.rs"]
mod many;
#[path = "exchanges/moments.rs"]
mod moments;
#[path = "exchanges/pieces.rs"]
mod pieces;
