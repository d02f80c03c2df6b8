//! An exchange, played to a probe.

use std::sync::Arc;

use fourstep_probe::{Probe, Report};
use fourstep_terms::Time;

use crate::line::News;
use crate::script::{Hop, Script, ScriptError};
use crate::stage::{Breach, Stage};

/// When a replayed probe gets its ticks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ticks {
    /// Exactly when it asks for them; those of the file are left out. So a fixture is replayed.
    AsAsked,
    /// When the file has them: a real loop wakes a little late. So a trace is replayed.
    AsWritten,
}

/// What a replay gave.
#[derive(Clone, Debug)]
pub struct Replayed {
    /// The whole file, its `>` and `=` lines and its ticks written anew.
    pub text: String,
    /// What each hop saw.
    pub reports: Vec<Box<Report>>,
}

/// Plays a script to a probe for each hop, in simulated time.
pub fn replay(script: &Script, ticks: Ticks) -> Result<Replayed, ScriptError> {
    let mut text = script.header.clone();
    let mut reports: Vec<Box<Report>> = Vec::new();
    for (number, hop) in script.hops.iter().enumerate() {
        let probe = match reports.last() {
            None => Probe::new(Arc::clone(&hop.target), Arc::clone(&script.plan)),
            Some(before) => follow(script, hop, before)?,
        };
        if number > 0 {
            text.push_str("target ");
            text.push_str(hop.target.shown());
            text.push('\n');
        }
        let mut stage = Stage::new(probe, &script.plan).facing(script).traced();
        play(script, hop, ticks, &mut stage)?;
        text.push_str(stage.lines());
        reports.push(stage.finish().map_err(|breach| at(script, hop.line, breach))?);
    }
    Ok(Replayed { text, reports })
}

fn follow(script: &Script, hop: &Hop, before: &Report) -> Result<Probe, ScriptError> {
    let says = match &before.next {
        Some(next) if next.target.shown() == hop.target.shown() => {
            return Ok(Probe::follow(next.clone(), Arc::clone(&script.plan)));
        }
        Some(next) => format!("the redirect leads to {}", next.target.shown()),
        None => "the exchange before does not lead here".into(),
    };
    Err(at(script, hop.line, Breach(says)))
}

fn play(script: &Script, hop: &Hop, ticks: Ticks, stage: &mut Stage) -> Result<(), ScriptError> {
    let mut last = hop.line;
    for (now, news, line) in &hop.news {
        last = *line;
        match (ticks, news) {
            (Ticks::AsAsked, News::Tick) => continue,
            (Ticks::AsAsked, _) => stage.pass(*now).map_err(|breach| at(script, last, breach))?,
            (Ticks::AsWritten, _) => {}
        }
        if stage.is_done() {
            return Err(at(script, last, Breach("news after the end".into())));
        }
        let told = stage.tell(*now, news).map_err(|breach| at(script, last, breach))?;
        if !told {
            return Err(at(script, last, Breach("the peer has nothing to say".into())));
        }
    }
    if ticks == Ticks::AsAsked {
        stage.pass(Time::NEVER).map_err(|breach| at(script, last, breach))?;
    }
    Ok(())
}

fn at(script: &Script, line: usize, breach: Breach) -> ScriptError {
    ScriptError { name: script.name.clone(), line, says: breach.0 }
}
