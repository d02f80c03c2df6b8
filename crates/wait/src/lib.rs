//! When to look at a target again, and when to stop: for whoever waits until it is as it should
//! be, and for whoever watches how it fares.
//!
//! ```text
//!            ┌────────── next(now) ─▶ Look(target, within) ─▶ whoever probes
//!     Wait ──┤                        Rest(until)                    │
//!     Watch  │                        Over                           ▼
//!            └◀───────── saw(now, target, verdict) ◀──────────── Verdict
//!                              │
//!                              └─▶ Then: reached · again at · given up      Watch: and a Tally
//! ```
//!
//! It promises that no look comes before the moment a server asked for (Retry-After, RFC 9110
//! §10.2.3), and none later than was needed by more than the [jitter](jitter_of); that a server
//! that asks for nothing, or to come back at once, is left alone for [`Patience::interval`] at
//! least; that a wait does not outlast its time by more than its [last look](Patience::last_look);
//! and that what does not pass by itself is not waited for. A fault of this machine's own is no
//! verdict on a target, and changes none.
//!
//! What we suggest ourselves ([`RetryFrom::Suggested`](fourstep_verdict::RetryFrom)) is advice for
//! people and holds nobody back: where the server says nothing the pauses double, from
//! [`Patience::interval`] to [`Patience::max_interval`], and begin anew when what is seen changes.
//!
//! It does not probe and has no clock: moments and verdicts come in, moments and news go out.
//!
//! ```
//! use std::time::{Duration, UNIX_EPOCH};
//! use fourstep_terms::Time;
//! use fourstep_verdict::{RetryFrom, State, Verdict};
//! use fourstep_wait::{Next, Patience, Then, Wait};
//!
//! let second = Duration::from_secs(1);
//! let mut wait = Wait::new(Time::START, 1, Patience { whole: 60 * second, ..Patience::default() }, 7);
//! assert_eq!(wait.next(Time::START), Next::Look { target: 0, within: 60 * second });
//! // 503, Retry-After: 5
//! let mut verdict = Verdict { state: State::Unavailable, status: Some(503), ..Verdict::UNKNOWN };
//! (verdict.retry_after_s, verdict.retry_from) = (Some(5), Some(RetryFrom::Server));
//! let Then::Again { at, asked } = wait.saw(Time::START, 0, &verdict).then else { panic!() };
//! assert_eq!(asked, Some(5 * second));
//! assert!(at >= Time::START + 5 * second);
//! assert_eq!(wait.next(Time::START), Next::Rest(at));
//!
//! assert!(matches!(wait.next(at), Next::Look { target: 0, .. }));
//! let verdict = Verdict { state: State::Ok, status: Some(200), ..Verdict::UNKNOWN };
//! assert_eq!(wait.saw(at, 0, &verdict).then, Then::Reached);
//! assert_eq!(wait.next(at), Next::Over);
//! ```

mod agenda;
mod goal;
mod jitter;
mod patience;
mod sight;
mod tally;
mod wait;
mod watch;

pub use agenda::Next;
pub use goal::{Goal, GoalError};
pub use jitter::jitter_of;
pub use patience::Patience;
pub use sight::Sight;
pub use tally::{Outage, Percentiles, Sum, Tally};
pub use wait::{Reason, Seen, Then, Wait};
pub use watch::{Rhythm, Told, Watch};
