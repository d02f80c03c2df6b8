//! One file of `fixtures/exchanges`, read.

use std::fmt;
use std::sync::Arc;

use fourstep_probe::Plan;
use fourstep_target::{Host, Scheme, Target};
use fourstep_terms::Time;
use fourstep_tls::Config;

use crate::line::{self, News};
use crate::option::{self, Secured};
use crate::tls::Peer;

/// An exchange as a file says it.
///
/// ```text
/// # What it shows.                       the header: `#` lines
/// target http://a.test/x                 what is probed
/// option timeout 2s                      what differs from the default plan
/// peer expired 1.2 alpn=http/1.1         for https: which chain is shown, and how TLS is spoken
/// @0 < start                             news, and what it brought
/// @0 > ask a.test 80 A AAAA
/// …
/// @50 = answered 302 … next http://b.test/
/// target http://b.test/                  the next hop, where redirects are followed
/// @0 < start
/// …
/// ```
#[derive(Clone, Debug)]
pub struct Script {
    /// The file's name, for messages.
    pub name: String,
    /// The lines up to the first with a moment, as they stand.
    pub header: String,
    /// What the options say.
    pub plan: Arc<Plan>,
    /// How the peers speak TLS.
    pub(crate) peer: Peer,
    /// One for each target, in order; at least one.
    pub hops: Vec<Hop>,
}

/// The exchange with one target.
#[derive(Clone, Debug)]
pub struct Hop {
    /// The target, as it is shown.
    pub target: Arc<Target>,
    /// The line it stands on, counted from 1.
    pub line: usize,
    /// What happened, when, and on which line.
    pub news: Vec<(Time, News, usize)>,
}

/// What is wrong with a file, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScriptError {
    /// The file's name.
    pub name: String,
    /// The line, counted from 1.
    pub line: usize,
    /// What is wrong.
    pub says: String,
}

impl fmt::Display for ScriptError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.name, self.line, self.says)
    }
}

impl std::error::Error for ScriptError {}

impl Script {
    /// Reads a file. Of its lines, `>` and `=` are not looked into: a replay writes them anew.
    ///
    /// The version in a User-Agent of ours is taken from the file: a trace of an older version
    /// replays.
    pub fn parse(name: &str, text: &str) -> Result<Script, ScriptError> {
        let mut script = Script {
            name: name.into(),
            header: String::new(),
            plan: Arc::default(),
            peer: Peer::default(),
            hops: Vec::new(),
        };
        let mut plan = Plan::default();
        let mut secured = Secured::default();
        if let Some(version) = version(text) {
            plan.recipe = plan.recipe.user_agent(version).unwrap_or_default();
        }
        let mut in_header = true;
        for (number, line) in (1..).zip(text.lines()) {
            in_header &= !line.starts_with('@');
            if in_header {
                script.header.push_str(line);
                script.header.push('\n');
            }
            let taken = script.take(&mut plan, &mut secured, number, line, in_header);
            taken.map_err(|says| ScriptError { name: name.into(), line: number, says })?;
        }
        if script.hops.iter().all(|hop| hop.news.is_empty()) {
            let line = text.lines().count();
            let says = "the file ends without a target and news of it".into();
            return Err(ScriptError { name: name.into(), line, says });
        }
        if script.hops.iter().any(|hop| hop.target.scheme() == Scheme::Https) {
            let config = Config::new(&secured.options).map_err(|error| error.to_string());
            let line = 0;
            plan.tls =
                Some(config.map_err(|says| ScriptError { name: name.into(), line, says })?);
        }
        script.plan = Arc::new(plan);
        Ok(script)
    }

    fn take(
        &mut self,
        plan: &mut Plan,
        secured: &mut Secured,
        number: usize,
        line: &str,
        in_header: bool,
    ) -> Result<(), String> {
        if let Some(text) = line.strip_prefix("target ") {
            if in_header && !self.hops.is_empty() {
                return Err("a second target before the first began".into());
            }
            let target: Target =
                text.parse().map_err(|error: fourstep_target::TargetError| error.to_string())?;
            self.hops.push(Hop { target: Arc::new(target), line: number, news: Vec::new() });
            return Ok(());
        }
        if in_header {
            return match line.strip_prefix("option ") {
                Some(option) if !self.hops.is_empty() => match secured.take(option) {
                    Some(taken) => taken,
                    None => option::take(plan, option),
                },
                Some(_) => Err("the target stands before its options".into()),
                None if line.starts_with("peer ") => {
                    self.peer = Peer::read(line.strip_prefix("peer ").unwrap_or_default())?;
                    Ok(())
                }
                None if line.is_empty() || line.starts_with('#') => Ok(()),
                None => Err("expected #, target, option, peer or @".into()),
            };
        }
        let (now, kind, rest) =
            line::split(line).ok_or("expected @, milliseconds, and <, > or =")?;
        let hop = self.hops.last_mut().ok_or("news before a target")?;
        if kind != '<' {
            return Ok(());
        }
        if hop.news.last().is_some_and(|(last, ..)| now < *last) {
            return Err("time runs backwards".into());
        }
        let host = match hop.target.host() {
            Host::Name(name) => &**name,
            _ => "",
        };
        let news = line::news(rest, host)?;
        hop.news.push((now, news, number));
        Ok(())
    }
}

/// The `fourstep/…` of the first User-Agent of a request in this file.
fn version(text: &str) -> Option<&str> {
    let (_, rest) = text.split_once(r"\r\nUser-Agent: fourstep/")?;
    let (version, _) = rest.split_once(r"\r\n")?;
    let start = text.len() - rest.len() - "fourstep/".len();
    text.get(start..start + "fourstep/".len() + version.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_of_a_file_say_where() {
        let rows = [
            ("", "x.txt:0: the file ends without a target and news of it"),
            ("target http://a.test/\n", "x.txt:1: the file ends without a target and news of it"),
            ("@0 < start\n", "x.txt:1: news before a target"),
            ("# x\nhello\n", "x.txt:2: expected #, target, option, peer or @"),
            ("option timeout 1s\n", "x.txt:1: the target stands before its options"),
            ("target http://a.test/\noption x\n", "x.txt:2: no such option"),
            ("target http://a.test/\n@5 < start\n@4 < tick\n", "x.txt:3: time runs backwards"),
            ("target http://a.test/\n@5 < stop\n", "x.txt:2: no such news"),
            ("target a.test\ntarget b.test\n", "x.txt:2: a second target before the first began"),
        ];
        for (text, want) in rows {
            let error = Script::parse("x.txt", text).unwrap_err();
            assert_eq!(error.to_string(), want, "{text:?}");
        }
        let error = Script::parse("x.txt", "target http://a b/\n").unwrap_err();
        assert_eq!((error.line, error.says.starts_with("octet 8")), (1, true), "{error}");
    }

    #[test]
    fn a_trace_of_another_version_replays() {
        let text = r#"@1 > send 1 "GET / HTTP/1.1\r\nHost: a\r\nUser-Agent: fourstep/9.9\r\n\r\n""#;
        assert_eq!(version(text), Some("fourstep/9.9"));
        assert_eq!(version(r"\r\nUser-Agent: other\r\n"), None);
    }
}
