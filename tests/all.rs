//! Every test that needs more than one crate, in one binary.

mod codes;
mod corpora;
mod examples;
mod floors;
mod real;
mod references;
mod servers;
mod trace;
