//! How long is waited, for what, and how often is looked.

use std::time::Duration;

use crate::goal::Goal;

/// How long is waited, for what, and how often is looked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Patience {
    /// How long in all; [`Duration::MAX`]: without end.
    pub whole: Duration,
    /// The first pause, and the least: also where a server asks to come back at once.
    pub interval: Duration,
    /// What pauses double up to; a server may ask for more.
    pub max_interval: Duration,
    /// What is waited for.
    pub until: Goal,
    /// Whether a name that does not exist, or has no address, is waited for as well.
    pub even_unreachable: bool,
}

/// Until it is ok, for 5 minutes, with pauses from 1 s to 30 s.
impl Default for Patience {
    fn default() -> Patience {
        Patience {
            whole: Duration::from_secs(300),
            interval: Duration::from_secs(1),
            max_interval: Duration::from_secs(30),
            until: Goal::default(),
            even_unreachable: false,
        }
    }
}

impl Patience {
    /// How long the look at the end of [`Patience::whole`] may take beyond it: a tenth of that,
    /// 1 s at most. Without it the last look would have no time at all.
    pub fn last_look(&self) -> Duration {
        (self.whole / 10).min(Duration::from_secs(1))
    }

    /// The pause after one of this length, where nobody asks for another.
    pub(crate) fn longer(&self, pause: Duration) -> Duration {
        pause.saturating_mul(2).min(self.max_interval).max(self.interval)
    }
}
