//! What is measured, one file a case.

pub mod calls;
pub mod complete;
pub mod deadlines;
pub mod memory;
pub mod names;
pub mod rate;
pub mod scale;
pub mod timing;
