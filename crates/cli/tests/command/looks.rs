//! What `wait --json` and `watch --json` write, held by the schemas.

use std::process::Output;

use boon::{Compiler, Schemas};
use fourstep::output::SCHEMA;
use serde_json::Value;

use super::records;

/// Whether the last line is as its schema says.
pub(crate) fn hold(line: &Value) -> Result<(), String> {
    valid("summary.schema.json", include_str!("../../schema/summary.schema.json"), line)
}

/// The records of looks, and what stands behind them; all as their schemas say.
pub(crate) fn looks(output: &Output) -> (Vec<Value>, Value) {
    let mut lines = records(output);
    let last = lines.pop().unwrap();
    for record in &lines {
        valid("record.schema.json", SCHEMA, record).unwrap_or_else(|error| panic!("{error}"));
    }
    hold(&last).unwrap_or_else(|error| panic!("{error}"));
    (lines, last.pointer("/summary").cloned().unwrap_or_default())
}

pub(crate) fn valid(name: &str, schema: &str, line: &Value) -> Result<(), String> {
    let (mut schemas, mut compiler) = (Schemas::new(), Compiler::new());
    compiler.add_resource(name, serde_json::from_str(schema).unwrap()).unwrap();
    let index = compiler.compile(name, &mut schemas).unwrap();
    schemas.validate(line, index).map_err(|error| format!("{line}\n{error:#}"))
}
