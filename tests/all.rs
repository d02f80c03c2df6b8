//! Every test that needs more than one crate, in one binary.

mod corpora;
mod floors;
mod references;
mod servers;
