//! What a sign is a sign of.

use std::fmt;

/// What a sign is a sign of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SpeaksFor {
    /// The emitter wrote the response (`own`).
    Own,
    /// The response came through the emitter (`via`), whoever wrote it.
    Via,
    /// The emitter passed on what somebody behind it wrote (`relay`): it did not write it.
    Relay,
    /// Somebody else wrote it (`not`), whatever else looks like the emitter.
    Not,
}

impl SpeaksFor {
    const ALL: [SpeaksFor; 4] = [SpeaksFor::Own, SpeaksFor::Via, SpeaksFor::Relay, SpeaksFor::Not];

    /// The word that opens the line.
    pub const fn as_str(self) -> &'static str {
        match self {
            SpeaksFor::Own => "own",
            SpeaksFor::Via => "via",
            SpeaksFor::Relay => "relay",
            SpeaksFor::Not => "not",
        }
    }

    /// What a line that this word opens speaks for.
    pub fn from_text(text: &str) -> Option<SpeaksFor> {
        SpeaksFor::ALL.into_iter().find(|it| it.as_str() == text)
    }
}

impl fmt::Display for SpeaksFor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
