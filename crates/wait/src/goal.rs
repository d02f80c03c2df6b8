//! What is waited for.

use std::fmt;

use fourstep_verdict::State;

/// The states that a target is waited to be in: any of these will do.
///
/// ```
/// use fourstep_verdict::State;
/// use fourstep_wait::Goal;
/// assert!(Goal::default().holds(State::Ok));
/// let answers = Goal::parse("ok,rejected")?;
/// assert!(answers.holds(State::Rejected) && !answers.holds(State::Unavailable));
/// assert_eq!(Goal::parse("ok,fine").unwrap_err().offset, 3);
/// # Ok::<(), fourstep_wait::GoalError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Goal(Vec<State>);

impl Goal {
    /// Reads states with commas between them: `ok`, or `unavailable,unreachable`.
    ///
    /// `unknown` is none to wait for: it says nothing of a target.
    ///
    /// # Errors
    /// [`GoalError`] has the offset of the word that is no state.
    pub fn parse(text: &str) -> Result<Goal, GoalError> {
        let mut states = Vec::new();
        let mut offset = 0;
        for word in text.split(',') {
            match State::from_text(word) {
                None | Some(State::Unknown) => return Err(GoalError { offset }),
                Some(state) if states.contains(&state) => {}
                Some(state) => states.push(state),
            }
            offset += word.len() + 1;
        }
        Ok(Goal(states))
    }

    /// Whether this is one of them.
    pub fn holds(&self, state: State) -> bool {
        self.0.contains(&state)
    }

    /// The states, each once, in the order given.
    pub fn states(&self) -> &[State] {
        &self.0
    }
}

/// [`State::Ok`].
impl Default for Goal {
    fn default() -> Goal {
        Goal(vec![State::Ok])
    }
}

/// `ok or rejected`
impl fmt::Display for Goal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, state) in self.0.iter().enumerate() {
            write!(f, "{}{state}", if place == 0 { "" } else { " or " })?;
        }
        Ok(())
    }
}

/// A word that is no state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GoalError {
    /// Where it stands, in octets from 0.
    pub offset: usize,
}

impl fmt::Display for GoalError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "octet {}: expected a state: ", self.offset)?;
        let known = State::ALL.into_iter().filter(|state| *state != State::Unknown);
        let words: Vec<&str> = known.map(State::as_str).collect();
        f.write_str(&words.join(", "))
    }
}

impl std::error::Error for GoalError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn states_with_commas() {
        let rows = [
            // typed, shown | the offset of what does not fit
            ("ok", Ok("ok")),
            ("unavailable", Ok("unavailable")),
            ("unavailable,unreachable,unavailable", Ok("unavailable or unreachable")),
            ("", Err(0)),
            ("ok,", Err(3)),
            ("OK", Err(0)),
            ("ok, rejected", Err(3)),
            ("broken,unknown", Err(7)),
        ];
        for (typed, want) in rows {
            let got = Goal::parse(typed).map(|goal| goal.to_string()).map_err(|error| error.offset);
            assert_eq!(got, want.map(str::to_owned), "{typed:?}");
        }
        assert_eq!(
            Goal::parse("x").unwrap_err().to_string(),
            "octet 0: expected a state: ok, rejected, unavailable, unreachable, untrusted, broken"
        );
    }
}
