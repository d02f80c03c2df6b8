//! Which target is next, and when; and what becomes of what came back.

mod block;
mod done;
mod entry;
mod feed;
mod held;
mod limits;
mod lines;
mod mix;
mod pace;
mod permutation;
mod ports;
mod prefix;
mod read;
mod retry;
mod scan;
mod shard;
mod sink;
mod siphash;
mod slots;
mod sources;
mod standing;
mod tally;
mod unfold;
mod window;

pub use done::Done;
pub use entry::{Entry, Malformed, Place, Unreadable};
pub use feed::{Feed, Given, Pull};
pub use limits::Limits;
pub use ports::{Ports, PortsError};
pub use retry::is_worth_retrying;
pub use scan::Scan;
pub use shard::{Shard, ShardError};
pub use sink::Sink;
pub use sources::{Scope, Sources, Taken};
pub use standing::{Left, Standing};
pub use tally::{Span, Spread, Tally};
