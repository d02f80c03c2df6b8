//! The files, as they stand.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use fourstep_simnet::{Script, Ticks, replay};
use fourstep_terms::Code;

pub(crate) fn folder() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/exchanges"))
}

pub(crate) fn scripts() -> Vec<(PathBuf, String, Script)> {
    let mut paths: Vec<_> = fs::read_dir(folder()).unwrap().map(|it| it.unwrap().path()).collect();
    paths.retain(|path| path.extension().is_some_and(|it| it == "txt"));
    paths.sort();
    let read = |path: PathBuf| {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let text = fs::read_to_string(&path).unwrap();
        let script = Script::parse(&name, &text).unwrap_or_else(|error| panic!("{error}"));
        (path, text, script)
    };
    paths.into_iter().map(read).collect()
}

/// With `UPDATE_FIXTURES` set, what the machine does is written into the files, to be reviewed.
#[test]
fn every_exchange_goes_as_written() {
    let update = std::env::var_os("UPDATE_FIXTURES").is_some();
    let scripts = scripts();
    assert!(scripts.len() >= 70, "{} files", scripts.len());
    let mut wrong = Vec::new();
    for (path, text, script) in scripts {
        let name = &script.name;
        let replayed = match replay(&script, Ticks::AsAsked) {
            Ok(replayed) => replayed,
            Err(error) => {
                wrong.push(error.to_string());
                continue;
            }
        };
        if update {
            fs::write(&path, &replayed.text).unwrap();
            continue;
        }
        for (number, (is, want)) in (1..).zip(replayed.text.lines().zip(text.lines())) {
            if is != want {
                wrong.push(format!("{name}:{number}:\n  file    {want}\n  machine {is}"));
                break;
            }
        }
        if replayed.text.lines().count() != text.lines().count() {
            wrong.push(format!("{name}: the file has other lines than\n{}", replayed.text));
        }
        // A fixture is a trace too: with its ticks as they stand it goes the same way.
        let traced = replay(&script, Ticks::AsWritten).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(traced.text, replayed.text, "{name}");
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_file_says_what_it_shows_by_which_clause_and_whence_its_octets_are() {
    for (_, text, script) in scripts() {
        let name = &script.name;
        let comment: Vec<&str> = text.lines().take_while(|line| line.starts_with("# ")).collect();
        assert!(comment.len() >= 3, "{name}: too short a header");
        assert!(comment.iter().any(|line| line.starts_with("# RFC ")), "{name}: no RFC line");
        assert!(comment.iter().any(|line| line.starts_with("# Octets: ")), "{name}: no origin");
    }
}

/// Every code that the machine can end with is the end of some file.
#[test]
fn every_code_has_its_file() {
    let ends: BTreeSet<Code> = scripts()
        .iter()
        .flat_map(|(_, text, _)| text.lines().filter(|line| line.contains(" =")))
        .flat_map(|line| line.split(' ').filter_map(Code::from_text))
        .collect();
    let missing: Vec<&str> = Code::ALL
        .iter()
        .filter(|code| !ends.contains(code))
        .map(|code| code.as_str())
        // Said before a probe begins.
        .filter(|code| *code != "target.malformed")
        .collect();
    assert!(missing.is_empty(), "{missing:?}");
}
