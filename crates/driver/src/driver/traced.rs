//! What is written down of one exchange, as it goes.

use fourstep_probe::{Actions, Input, Next, Plan, Probe, Report, trace};
use fourstep_terms::Time;

/// The lines of one exchange so far, without the credentials that were sent.
pub(super) struct Traced {
    /// When the probe began: what lines say of moments counts from there.
    started: Time,
    lines: String,
    /// Where the lines of the turn under way begin.
    before: usize,
    /// Whether that turn is a tick, which is not worth a line unless something comes of it.
    is_tick: bool,
    /// The credentials that were sent, as text: a peer may send them back.
    secrets: Vec<String>,
}

impl Traced {
    /// Begins with what is probed, and how.
    pub(super) fn new(started: Time, report: &Report, plan: &Plan) -> Traced {
        let mut lines = String::new();
        trace::target(report, plan, &mut lines);
        Traced { started, before: lines.len(), lines, is_tick: false, secrets: Vec::new() }
    }

    pub(super) fn lines(&self) -> &str {
        &self.lines
    }

    /// One turn of the probe, written down.
    #[cold]
    pub(super) fn turn(
        &mut self,
        now: Time,
        input: Input<'_>,
        probe: &mut Probe,
        out: &mut Actions,
    ) -> Next {
        self.input(now, &input);
        let next = probe.handle(now, input, out);
        self.output(now, out, (next == Next::Done).then(|| probe.report()));
        next
    }

    /// It begins with this input.
    fn input(&mut self, now: Time, input: &Input<'_>) {
        self.before = self.lines.len();
        self.is_tick = matches!(input, Input::Tick);
        let mut input = input.clone();
        if let Input::Received { at: Some(at), .. } = &mut input {
            *at = self.moment(*at);
        }
        trace::input(self.moment(now), &input, &mut self.lines);
    }

    fn moment(&self, at: Time) -> Time {
        Time::START + at.since(self.started)
    }

    /// It ends with what the probe asks for, and with its report when the probe is `done`.
    fn output(&mut self, now: Time, out: &Actions, done: Option<&Report>) {
        let moment = self.moment(now);
        if self.is_tick && out.list.is_empty() && done.is_none() {
            self.lines.truncate(self.before);
        }
        trace::actions(moment, out, &mut self.lines);
        if let Some(report) = done {
            trace::end(moment, report, &mut self.lines);
        }
        hide(&self.secrets, self.before, &mut self.lines);
        let sent = out.secrets.iter().filter_map(|secret| out.octets.get(secret.clone()));
        self.secrets.extend(sent.filter_map(secret));
    }
}

/// The part of a credential that gives it away: behind the scheme, `Basic` (RFC 9110 §11.4).
fn secret(value: &[u8]) -> Option<String> {
    let value = std::str::from_utf8(value).ok()?;
    let secret = value.rsplit(' ').next().unwrap_or(value);
    // A shorter one stands in too much that is no secret.
    (secret.len() >= 8).then(|| secret.to_owned())
}

/// Hides what a peer sent back of our credentials, octet for octet, so that lengths and offsets
/// stay and the lines still replay.
fn hide(secrets: &[String], from: usize, lines: &mut String) {
    if let Some(new) = lines.get(from..).filter(|new| secrets.iter().any(|it| new.contains(&**it)))
    {
        let hidden = secrets
            .iter()
            .fold(new.to_owned(), |new, secret| new.replace(&**secret, &"*".repeat(secret.len())));
        lines.truncate(from);
        lines.push_str(&hidden);
    }
}
