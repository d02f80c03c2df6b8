//! Which address to dial, and when: RFC 6724 puts them in order, RFC 8305 (Happy Eyeballs
//! version 2) sets the pace.
//!
//! ```text
//!     AAAA ─found┐                            ┌─ connected ─▶ won, the others hung up
//!                ├─▶ waiting ──Dial──▶ running┤
//!        A ─found┘     ▲                      └─ failed ─┐
//!                      └── the next, at once or in turn ─┴─▶ nothing left: lost
//! ```
//!
//! It promises that
//!
//! - the A answer waits 50 ms for the AAAA one, unless that is settled (RFC 8305 §3);
//! - addresses are tried in the order of RFC 6724 §6, the two families in turn (RFC 8305 §4),
//!   and a late answer joins what is still waiting;
//! - attempts start 250 ms apart, sooner when the last one ended, but never within 10 ms of one
//!   that sent anything (RFC 8305 §5);
//! - a winner hangs up every other leg in the same turn, and no leg is hung up twice;
//! - whoever calls again at the time that [`Standing::Running`] names never waits in vain.
//!
//! It does not look names up, open sockets or read a clock: see `resolve`, `socket` and
//! `driver`. It sets no limit to the whole: whoever owns the deadline calls [`Race::expire`].
//!
//! ```
//! use fourstep_connect::{Candidate, Family, Move, Race, Standing};
//! use fourstep_terms::{Fault, FaultKind, Leg, Time};
//!
//! let address = "192.0.2.1:8080".parse().unwrap();
//! let (mut race, mut moves, now) = (Race::default(), Vec::new(), Time::START);
//! race.settled(Family::V6); // nobody asks for AAAA
//! race.found(now, Family::V4, &[Candidate { address, source: None }]);
//! race.settled(Family::V4);
//! assert_eq!(race.tick(now, &mut moves), Standing::Running(Time::NEVER));
//! assert_eq!(moves, [Move::Dial(Leg(0), address)]);
//!
//! let refused = Fault::of(FaultKind::Refused);
//! let Standing::Lost(error) = race.failed(Time::from_millis(2), Leg(0), refused, &mut moves)
//! else { panic!() };
//! assert_eq!(error.to_string(), "refused by 192.0.2.1:8080");
//! assert_eq!(error.code(), "connect.refused");
//! ```

mod attempt;
mod error;
mod few;
mod race;
mod sort;

pub use attempt::{Attempt, End, Ended};
pub use error::{ConnectError, Tried};
pub use few::Few;
pub use race::{Move, Pace, Race, Standing};
pub use sort::{Candidate, Family, sort};
