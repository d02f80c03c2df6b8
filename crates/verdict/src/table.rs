//! The table of emitters: `fingerprints.txt`, read once.

use std::fmt;
use std::sync::OnceLock;

use crate::cause::Cause;
use crate::message::{Message, shown};
use crate::source::Role;
use crate::template::Template;

/// The table as it stands in the project. Its head says how it is written.
pub const TABLE: &str = include_str!("../fingerprints.txt");

/// A program or a service that writes responses or passes them on: a row of the table.
#[derive(Clone, Debug)]
pub struct Emitter {
    /// What verdicts call it: `haproxy`.
    pub name: &'static str,
    /// What people call it.
    pub title: &'static str,
    /// What it usually is.
    pub role: Role,
    /// Where its signs are known from.
    pub source: &'static str,
    /// By what it is told.
    pub signs: Vec<Sign>,
}

/// One sign of an emitter: a line of the table.
#[derive(Clone, Debug)]
pub struct Sign {
    /// What it is a sign of.
    pub speaks_for: SpeaksFor,
    /// How much it is worth: see [`Confidence`](crate::Confidence).
    pub points: u16,
    /// The codes it holds for; empty: for all.
    pub statuses: Vec<u16>,
    /// Why the emitter answered so, when this tells.
    pub cause: Option<Cause>,
    /// The line of the table after its points and its brackets: the place and the template.
    pub line: &'static str,
    pub(crate) place: Place,
}

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
    /// The word that opens the line.
    pub const fn as_str(self) -> &'static str {
        match self {
            SpeaksFor::Own => "own",
            SpeaksFor::Via => "via",
            SpeaksFor::Relay => "relay",
            SpeaksFor::Not => "not",
        }
    }
}

impl fmt::Display for SpeaksFor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Where a sign is looked for.
#[derive(Clone, Debug)]
pub(crate) enum Place {
    /// The body, as far as it was kept.
    Body(Template),
    /// The reason phrase.
    Reason(Template),
    /// The value of some field with this name.
    Field(&'static str, Template),
    /// No field has this name.
    Absent(&'static str),
    /// More than one field has this name.
    Repeated(&'static str),
    /// The body has so many octets, or would if the request were no HEAD.
    Length(u64),
    /// The fields begin with these, in this order and case; Connection is passed over, which comes
    /// and goes with the request.
    Order(Vec<&'static str>),
}

impl Sign {
    /// What it was found in, as it can be shown; `None` when the message does not have it.
    pub(crate) fn find(&self, message: &Message<'_>) -> Option<String> {
        if !self.statuses.is_empty() && !self.statuses.contains(&message.status()) {
            return None;
        }
        let blanks = message.blanks();
        match &self.place {
            Place::Body(template) => {
                let found = template.fits(&message.content, blanks);
                found.then(|| shown(template.gist(), 80))
            }
            Place::Reason(template) => {
                let reason = message.head.reason();
                template.fits(reason, blanks).then(|| shown(reason, 80))
            }
            Place::Field(name, template) => {
                let value = message.head.values(name).find(|value| template.fits(value, blanks))?;
                Some(format!("{name}: {}", shown(value, 80)))
            }
            Place::Absent(name) => {
                message.head.values(name).next().is_none().then(|| format!("no {name}"))
            }
            Place::Repeated(name) => {
                let count = message.head.values(name).count();
                (count > 1).then(|| format!("{count} {name} fields"))
            }
            Place::Length(length) => {
                (message.length() == Some(*length)).then(|| format!("{length} octets"))
            }
            Place::Order(names) => {
                let mut fields = message
                    .head
                    .fields()
                    .map(|(name, _)| name)
                    .filter(|name| !name.eq_ignore_ascii_case(b"connection"));
                let found = names.iter().all(|name| fields.next() == Some(name.as_bytes()));
                found.then(|| names.join(", "))
            }
        }
    }

    /// Signs with the same slot say the same in other words: only the strongest of them counts.
    pub(crate) fn slot(&self) -> (&'static str, &'static str) {
        match &self.place {
            Place::Body(_) => ("body", ""),
            Place::Reason(_) => ("reason", ""),
            Place::Field(name, _) => ("field", name),
            Place::Absent(name) => ("absent", name),
            Place::Repeated(name) => ("repeated", name),
            Place::Length(_) => ("length", ""),
            Place::Order(_) => ("order", ""),
        }
    }

    /// What records call this kind of sign.
    pub fn kind(&self) -> &'static str {
        match self.slot().0 {
            "absent" => "absent field",
            "repeated" => "repeated field",
            "order" => "field order",
            kind => kind,
        }
    }
}

/// The emitters that are known, in the order of the table.
pub fn emitters() -> &'static [Emitter] {
    static EMITTERS: OnceLock<Vec<Emitter>> = OnceLock::new();
    // The table is ours: a test reads it, so that no line is ever left out here.
    EMITTERS.get_or_init(|| read(TABLE).0)
}

/// Reads the table: what could be read, and what is wrong with the rest.
fn read(table: &'static str) -> (Vec<Emitter>, Vec<String>) {
    let (mut emitters, mut wrong) = (Vec::<Emitter>::new(), Vec::new());
    for (number, line) in (1..).zip(table.lines()) {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        if let Err(why) = read_line(line, &mut emitters) {
            wrong.push(format!("fingerprints.txt:{number}: {why}: {line}"));
        }
    }
    (emitters, wrong)
}

fn read_line(line: &'static str, emitters: &mut Vec<Emitter>) -> Result<(), String> {
    let (word, rest) = word(line);
    if word == "emitter" {
        let role = Role::Origin;
        emitters.push(Emitter { name: rest, title: rest, role, source: "", signs: Vec::new() });
        return Ok(());
    }
    let emitter = emitters.last_mut().ok_or("no emitter yet")?;
    match word {
        "title" => emitter.title = rest,
        "source" => emitter.source = rest,
        "role" => emitter.role = Role::from_text(rest).ok_or("no such role")?,
        _ => emitter.signs.push(sign(word, rest)?),
    }
    Ok(())
}

fn sign(speaks_for: &str, rest: &'static str) -> Result<Sign, String> {
    let all = [SpeaksFor::Own, SpeaksFor::Via, SpeaksFor::Relay, SpeaksFor::Not];
    let speaks_for = all.into_iter().find(|it| it.as_str() == speaks_for).ok_or("no such word")?;
    let (points, mut line) = match speaks_for {
        SpeaksFor::Not => ("0", rest),
        _ => word(rest),
    };
    let points = points.parse().map_err(|_| "no number of points")?;
    let (mut statuses, mut cause) = (Vec::new(), None);
    if let Some(brackets) = line.strip_prefix('[') {
        let (inside, after) = brackets.split_once(']').ok_or("a [ that is not closed")?;
        for word in inside.split_whitespace() {
            match word.parse() {
                Ok(status) => statuses.push(status),
                Err(_) => cause = Some(Cause::from_text(word).ok_or("no such cause")?),
            }
        }
        line = after.trim_start();
    }
    let (kind, rest) = word(line);
    let named = || {
        let (name, template) = word(rest);
        if name.is_empty() { Err("no name".to_owned()) } else { Ok((name, template)) }
    };
    let place = match kind {
        "body" => Place::Body(Template::parse(rest)?),
        "reason" => Place::Reason(Template::parse(rest)?),
        "field" => {
            let (name, template) = named()?;
            Place::Field(name, Template::parse(template)?)
        }
        "absent" => Place::Absent(named()?.0),
        "repeated" => Place::Repeated(named()?.0),
        "length" => Place::Length(rest.parse().map_err(|_| "no length")?),
        "order" => Place::Order(rest.split(',').map(str::trim).collect()),
        _ => return Err("no such place".to_owned()),
    };
    Ok(Sign { speaks_for, points, statuses, cause, line, place })
}

/// The first word, and what follows it.
fn word(line: &'static str) -> (&'static str, &'static str) {
    let (word, rest) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
    (word, rest.trim_start())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_is_read() {
        let (emitters, wrong) = read(TABLE);
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
        assert!(emitters.len() > 80, "{}", emitters.len());
    }

    #[test]
    fn every_row_is_whole() {
        let emitters = emitters();
        for (n, emitter) in emitters.iter().enumerate() {
            let name = emitter.name;
            assert!(!emitter.source.is_empty(), "{name}: no source");
            assert!(!name.contains(char::is_whitespace), "{name}: a name is one word");
            assert!(!emitter.signs.is_empty(), "{name}: no sign");
            assert!(emitters.iter().skip(n + 1).all(|it| it.name != name), "{name}: twice");
            for sign in &emitter.signs {
                let known = sign.points > 0 || sign.speaks_for == SpeaksFor::Not;
                assert!(known && sign.points <= 100, "{name}: {} points", sign.points);
            }
        }
    }

    #[test]
    fn no_absence_and_no_order_makes_a_guess() {
        // What a program leaves out it shares with many: see the head of the table.
        for emitter in emitters() {
            for sign in &emitter.signs {
                let weak = matches!(sign.place, Place::Absent(_) | Place::Length(_));
                assert!(!weak || sign.points <= 20, "{}: {}", emitter.name, sign.line);
            }
        }
    }

    #[test]
    fn a_wrong_line_is_named() {
        let rows = [
            ("own 1 body x", "no emitter yet"),
            ("emitter a\nrole king", "no such role"),
            ("emitter a\nowns 1 body x", "no such word"),
            ("emitter a\nown body x", "no number of points"),
            ("emitter a\nown 1 [503 body x", "not closed"),
            ("emitter a\nown 1 [503 tired] body x", "no such cause"),
            ("emitter a\nown 1 tail x", "no such place"),
            ("emitter a\nown 1 field", "no name"),
            ("emitter a\nown 1 body {x}", "no such hole"),
            ("emitter a\nown 1 length x", "no length"),
        ];
        for (table, want) in rows {
            let (_, wrong) = read(table);
            assert!(wrong.len() == 1 && wrong[0].contains(want), "{table:?}: {wrong:?}");
        }
    }
}
