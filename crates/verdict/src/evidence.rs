//! What a verdict rests on.

use std::borrow::Cow;

/// One thing that was seen, and what it says: a person can look both up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Evidence {
    /// What kind of thing: `status`, `failure`, `body`, `reason`, `field`, `absent field`,
    /// `repeated field`, `field order`, `length`, `clock`.
    pub sign: &'static str,
    /// What was seen, as it can be shown on a terminal.
    pub value: String,
    /// What that says.
    pub says: Cow<'static, str>,
    /// Where that is written: a clause of an RFC, or the source that a row of the table gives.
    pub reference: &'static str,
}
