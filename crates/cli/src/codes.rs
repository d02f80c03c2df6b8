//! `fourstep codes`: the table of failure codes.

use std::io::{self, Write};
use std::process::ExitCode;

use fourstep::Code;
use fourstep::output::exit::of_failure;
use serde_json::json;

use crate::args::CodesArgs;
use crate::exit;

pub(crate) fn run(args: &CodesArgs) -> anyhow::Result<ExitCode> {
    let mut table = Vec::new();
    for code in Code::ALL {
        row(code, args.json, &mut table)?;
    }
    let mut stdout = io::stdout().lock();
    Ok(exit::written(stdout.write_all(&table).and_then(|()| stdout.flush())).into())
}

fn row(code: Code, as_json: bool, out: &mut Vec<u8>) -> io::Result<()> {
    let (exit, blame) = (of_failure(code), code.blame());
    let (meaning, hint) = (code.meaning(), code.hint());
    if as_json {
        let row = json!({
            "code": code.as_str(),
            "step": code.step().map(|step| step.as_str()),
            "exit": exit,
            "blame": blame.as_str(),
            "meaning": meaning,
            "hint": hint,
        });
        return writeln!(out, "{row}");
    }
    let (code, blame) = (code.as_str(), blame.as_str());
    writeln!(out, "{code:<27} exit {exit}  blame {blame:<6}  {meaning}")?;
    writeln!(out, "{:27} hint: {hint}", "")
}
