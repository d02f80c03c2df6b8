//! A verdict in one or two plain sentences.

use crate::outlook::meaning;
use crate::retry::RetryFrom;
use crate::source::{Confidence, Relation};
use crate::state::State;
use crate::verdict::Verdict;

impl Verdict<'_> {
    /// What it means, for people; without a line end.
    ///
    /// ```text
    /// 503 from haproxy: it has no live backend. Temporary; no Retry-After, suggest 30 s.
    /// 429 through nginx: it is asked too often. Temporary; it says to come back in 120 s.
    /// connect.refused: the host is there and nothing listens. Try again in 10 s.
    /// ```
    pub fn sentence(&self) -> String {
        let finding = self.finding();
        match self.state {
            State::Ok => format!("{finding}."),
            _ if self.evidence.is_empty() => format!("{finding}."),
            _ => format!("{finding}. {}", self.when()).trim_end().to_owned(),
        }
    }

    /// What was found, as a clause without a stop: the sentence less when to come back.
    ///
    /// ```text
    /// 503 from haproxy: it has no live backend
    /// ```
    pub fn finding(&self) -> String {
        match (self.state, self.status) {
            (State::Ok, Some(status)) => format!("{status:03}: ok"),
            (_, Some(status)) if self.evidence.get(0).is_some_and(|it| it.sign() == "status") => {
                format!("{status:03} {}: {}", self.who(), self.why())
            }
            _ => {
                let code = self.failure.map_or("", |code| code.as_str());
                let subject = if code.is_empty() { self.state.as_str() } else { code };
                let last = self
                    .evidence
                    .iter()
                    .last()
                    .map_or_else(String::new, |it| it.says().to_string());
                match last.trim_end_matches('.') {
                    "" => subject.to_owned(),
                    why => format!("{subject}: {}", lower(why)),
                }
            }
        }
    }

    /// `from haproxy`, `probably from haproxy`, `through nginx`, `from one of envoy, istio`.
    fn who(&self) -> String {
        let source = &self.source;
        match (&source.name, source.relation, source.confidence) {
            (Some(name), Relation::Relayed, Confidence::Guess) => {
                format!("perhaps from behind {name}")
            }
            (Some(name), Relation::Relayed, _) => format!("from behind {name}"),
            (Some(name), _, Confidence::Certain) => format!("from {name}"),
            (Some(name), _, Confidence::Likely) => format!("most likely from {name}"),
            (Some(name), _, Confidence::Guess) => format!("perhaps from {name}"),
            (None, Relation::OneOf, _) => format!("from one of {}", source.candidates.join(", ")),
            (None, ..) => "from an unknown server".to_owned(),
        }
    }

    /// `it has no live backend`.
    fn why(&self) -> &'static str {
        // Of an answer that was passed on, the code is all that tells.
        match self.cause {
            Some(cause) if self.source.relation != Relation::Relayed => cause.says(),
            _ => self.status.map_or("", meaning),
        }
    }

    /// `Temporary; no Retry-After, suggest 30 s.`
    fn when(&self) -> String {
        let lasts = match self.temporary {
            Some(true) => "Temporary; ",
            Some(false) => "It does not pass by itself; ",
            None => "It may pass; ",
        };
        let again = match (self.retry_from, self.retry_after_s) {
            (Some(RetryFrom::Server), Some(0)) => "it says to come back at once.".to_owned(),
            (Some(RetryFrom::Server), Some(s)) => format!("it says to come back in {s} s."),
            (Some(RetryFrom::Suggested), Some(s)) => format!("no Retry-After, suggest {s} s."),
            _ => match self.temporary {
                Some(true) => return "Temporary.".to_owned(),
                Some(false) => "trying again is pointless.".to_owned(),
                None => return String::new(),
            },
        };
        format!("{lasts}{again}")
    }
}

/// The first letter in lower case.
fn lower(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_lowercase().chain(letters).collect())
}
