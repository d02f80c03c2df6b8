//! What a look showed, as far as the next one can differ.

use fourstep_terms::Code;
use fourstep_verdict::{State, Verdict};

/// What a look showed: its state, and the status or the failure behind it. Two looks at a target
/// that has not changed have the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sight {
    /// The state that the target is in.
    pub state: State,
    /// The status code, if it answered.
    pub status: Option<u16>,
    /// The failure's code, if the probe failed.
    pub failure: Option<Code>,
}

impl Sight {
    /// What of a verdict counts.
    pub const fn of(verdict: &Verdict<'_>) -> Sight {
        Sight { state: verdict.state, status: verdict.status, failure: verdict.failure }
    }

    /// Whether it says anything of the target: a fault of this machine's does not.
    pub fn is_known(&self) -> bool {
        self.state != State::Unknown
    }
}
