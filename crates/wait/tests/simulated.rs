//! Waits and watches over a network in memory, in its own time.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "helpers of tests stand outside of them"
)]

#[path = "simulated/chance.rs"]
mod chance;
#[path = "simulated/stories.rs"]
mod stories;
#[path = "simulated/watching.rs"]
mod watching;
#[path = "simulated/world.rs"]
mod world;
