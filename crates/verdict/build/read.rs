//! The table of emitters, read line by line.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use crate::cause::Cause;
use crate::compile::Template;
use crate::role::Role;
use crate::speaks_for::SpeaksFor;

/// A row of the table.
#[derive(Debug)]
pub(crate) struct Emitter<'t> {
    pub(crate) name: &'t str,
    pub(crate) title: &'t str,
    pub(crate) role: Role,
    pub(crate) source: &'t str,
    /// The strongest first.
    pub(crate) signs: Vec<Sign<'t>>,
    /// The number of its first line.
    line: usize,
}

/// One line of a row.
#[derive(Debug)]
pub(crate) struct Sign<'t> {
    pub(crate) speaks_for: SpeaksFor,
    pub(crate) points: u16,
    pub(crate) statuses: Vec<u16>,
    pub(crate) cause: Option<Cause>,
    pub(crate) place: Place<'t>,
}

impl Sign<'_> {
    /// Whether it makes its emitter one to look at; other signs make a name surer or doubtful, and
    /// none by themselves.
    pub(crate) fn tells(&self) -> bool {
        match self.speaks_for {
            SpeaksFor::Own | SpeaksFor::Via => {
                matches!(self.place, Place::Body(_) | Place::Reason(_) | Place::Field(..))
            }
            // That a response was passed on does not tell by whom, unless a field says so.
            SpeaksFor::Relay => matches!(self.place, Place::Field(..)),
            SpeaksFor::Not => false,
        }
    }
}

/// Where a sign is looked for.
#[derive(Debug)]
pub(crate) enum Place<'t> {
    Body(Template),
    Reason(Template),
    OtherReason(Vec<&'t str>),
    Field(&'t str, Template),
    Absent(&'t str),
    Repeated(&'t str),
    Length(u64),
    Order(Vec<&'t str>),
}

/// Reads the table, as its own head says it is written: what could be read, and what is wrong.
pub(crate) fn read(table: &str) -> (Vec<Emitter<'_>>, Vec<String>) {
    let (mut emitters, mut wrong) = (Vec::<Emitter<'_>>::new(), Vec::new());
    for (number, line) in (1..).zip(table.lines()) {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        if let Err(why) = read_line(number, line, &mut emitters) {
            wrong.push(format!("{number}: {why}: {line}"));
        }
    }
    let mut names = BTreeSet::new();
    for emitter in &mut emitters {
        // Of equals the table's first comes first.
        emitter.signs.sort_by_key(|sign| Reverse(sign.points));
        let mut lacks =
            |why: &str| wrong.push(format!("{}: {why}: {}", emitter.line, emitter.name));
        if emitter.name.is_empty() || emitter.name.contains(char::is_whitespace) {
            lacks("a name is one word");
        }
        if !names.insert(emitter.name) {
            lacks("this name stands above");
        }
        if emitter.source.is_empty() {
            lacks("no source");
        }
        // Records take it as it is.
        if [emitter.name, emitter.title, emitter.source].iter().any(|text| !is_plain(text)) {
            lacks("a quote, a backslash or a control character");
        }
        if emitter.signs.is_empty() {
            lacks("no sign");
        }
        // A set of them is one word.
        if emitter.signs.len() > 64 {
            lacks("more than 64 signs");
        }
    }
    (emitters, wrong)
}

fn read_line<'t>(
    number: usize,
    line: &'t str,
    emitters: &mut Vec<Emitter<'t>>,
) -> Result<(), String> {
    let (word, rest) = word(line);
    if word == "emitter" {
        let (role, signs) = (Role::Origin, Vec::new());
        emitters.push(Emitter { name: rest, title: rest, role, source: "", signs, line: number });
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

fn sign<'t>(speaks_for: &str, rest: &'t str) -> Result<Sign<'t>, String> {
    let speaks_for = SpeaksFor::from_text(speaks_for).ok_or("no such word")?;
    let (points, mut line) = match speaks_for {
        SpeaksFor::Not => ("0", rest),
        _ => word(rest),
    };
    let points: u16 = points.parse().map_err(|_| "no number of points")?;
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
        "other-reason" => Place::OtherReason(list(rest)),
        "field" => {
            let (name, template) = named()?;
            Place::Field(name, Template::parse(template)?)
        }
        "absent" => Place::Absent(named()?.0),
        "repeated" => Place::Repeated(named()?.0),
        "length" => Place::Length(rest.parse().map_err(|_| "no length")?),
        "order" => Place::Order(list(rest)),
        _ => return Err("no such place".to_owned()),
    };
    let sign = Sign { speaks_for, points, statuses, cause, place };
    let most = match &sign.place {
        // What a program leaves out it shares with many: see the head of the table.
        Place::Absent(_) | Place::Length(_) => 20,
        _ => 100,
    };
    match points {
        0 if speaks_for != SpeaksFor::Not => Err("0 points say nothing".to_owned()),
        points if points > most => Err(format!("more than {most} points")),
        _ if speaks_for == SpeaksFor::Via && !sign.tells() => {
            Err("this does not tell by whom".to_owned())
        }
        _ => Ok(sign),
    }
}

/// Whether a text stands in JSON, and on a terminal, as it is.
fn is_plain(text: &str) -> bool {
    let odd = |c: char| matches!(c, '"' | '\\' | '\u{FEFF}') || c.is_control();
    // Characters that turn the direction of text, or stand unseen in it.
    let unseen = |c| matches!(c, '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{206F}');
    !text.contains(|c| odd(c) || unseen(c))
}

/// What stands between commas.
fn list(rest: &str) -> Vec<&str> {
    rest.split(',').map(str::trim).collect()
}

/// The first word, and what follows it.
fn word(line: &str) -> (&str, &str) {
    let (word, rest) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
    (word, rest.trim_start())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_line_is_named() {
        let rows = [
            ("own 1 body x", "1: no emitter yet"),
            ("emitter a\nrole king", "2: no such role"),
            ("emitter a\nowns 1 body x", "2: no such word"),
            ("emitter a\nown body x", "no number of points"),
            ("emitter a\nown 0 body x", "0 points"),
            ("emitter a\nown 101 body x", "more than 100 points"),
            ("emitter a\nown 1 [503 body x", "not closed"),
            ("emitter a\nown 1 [503 tired] body x", "no such cause"),
            ("emitter a\nown 1 tail x", "no such place"),
            ("emitter a\nown 1 field", "no name"),
            ("emitter a\nown 1 body {x}", "no such hole"),
            ("emitter a\nown 1 length x", "no length"),
            ("emitter a\nown 30 absent Date", "more than 20 points"),
            ("emitter a\nvia 30 repeated Date", "does not tell by whom"),
            ("emitter a\nown 1 body x", "1: no source: a"),
            ("emitter a\nsource s", "1: no sign: a"),
            ("emitter a b\nsource s\nown 1 body x", "one word"),
            ("emitter a\nsource \"s\"\nown 1 body x", "1: a quote"),
            ("emitter a\nsource s\u{202E}\nown 1 body x", "a control character"),
            (
                "emitter a\nsource s\nown 1 body x\nemitter a\nsource s\nown 1 body x",
                "4: this name stands above: a",
            ),
        ];
        for (table, want) in rows {
            let (_, wrong) = read(table);
            assert!(wrong.iter().any(|why| why.contains(want)), "{table:?}: {wrong:?}");
        }
    }

    #[test]
    fn a_line_is_taken_apart() {
        let table = "# no line\nemitter a\n title A B\nrole cdn\nsource s t\nown 20 [503 502 crash] length 7";
        let (emitters, wrong) = read(table);
        assert!(wrong.is_empty(), "{wrong:?}");
        let [Emitter { name, title, role, source, signs, line }] = &emitters[..] else { panic!() };
        assert_eq!((*name, *title, *role, *source, *line), ("a", "A B", Role::Cdn, "s t", 2));
        let [Sign { speaks_for, points, statuses, cause, place }] = &signs[..] else { panic!() };
        assert_eq!((*speaks_for, *points, &statuses[..]), (SpeaksFor::Own, 20, &[503, 502][..]));
        assert!(matches!((cause, place), (Some(Cause::Crash), Place::Length(7))));
    }
}
