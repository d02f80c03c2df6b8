//! The tests live in `all.rs`; this package has no code of its own.
