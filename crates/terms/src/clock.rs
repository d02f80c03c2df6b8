//! Whose clock told a moment.

use std::fmt;

/// Whose clock tells when octets came in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Clock {
    /// The kernel's: when the packet came in, however busy this process was with others.
    #[default]
    Kernel,
    /// This process's own: when it had read the octets.
    User,
}

impl Clock {
    /// As records and flags write it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Clock::Kernel => "kernel",
            Clock::User => "user",
        }
    }
}

impl fmt::Display for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
