//! The nouns that three or more crates of the house share; they behave as little as they can.
//!
//! ```text
//!     Time   when          Leg    on which attempt        Step   during what
//!     Fault  what the operating system said               Code   what that means
//!     Blame  whose it is                                  Oddity what a strict reader refuses
//!     Clock  whose told a moment                          TcpInfo what the kernel measured
//!     Wall   when, on the wall clock
//! ```
//!
//! Everything here is plain data: it can stand in a table, be compared, and be replayed.
//! There is no clock behind [`Time`] and no socket behind [`Leg`].
//!
//! ```
//! use fourstep_terms::{Blame, Code, Step};
//! assert_eq!(Code::ConnectRefused.as_str(), "connect.refused");
//! assert_eq!(Code::ConnectRefused.step(), Some(Step::Connect));
//! assert_eq!(Code::ConnectRefused.blame(), Blame::Peer);
//! ```

mod clock;
mod code;
mod fault;
mod leg;
mod oddity;
mod tcp_info;
mod time;
mod wall;

pub use clock::Clock;
pub use code::{Blame, Code, Step};
pub use fault::{Fault, FaultKind};
pub use leg::Leg;
pub use oddity::Oddity;
pub use tcp_info::TcpInfo;
pub use time::Time;
pub use wall::Wall;
