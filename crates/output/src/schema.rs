//! The shape of a record, for programs that read it.

/// The JSON Schema (draft 2020-12) of a [`Record`](crate::Record): every name, with its type and
/// what it means.
pub const SCHEMA: &str = include_str!("../schema/record.schema.json");

#[cfg(test)]
mod tests {
    use super::*;
    use crate::drive::began;
    use crate::{Record, golden};
    use boon::{Compiler, Schemas};
    use fourstep_terms::Code;
    use serde_json::{Value, json};

    fn records() -> Vec<Value> {
        let mut records: Vec<Value> = golden::cases()
            .iter()
            .map(|case| serde_json::from_str(&Record::of(&case.report, began(), Some(1)).to_json()))
            .map(Result::unwrap)
            .collect();
        let malformed = Record::malformed("http://a.test:x/", "octet 14", began(), None);
        records.push(serde_json::from_str(&malformed.to_json()).unwrap());
        records
    }

    fn schema() -> Value {
        serde_json::from_str(SCHEMA).unwrap()
    }

    #[test]
    fn real_records_are_valid_and_spoilt_ones_are_not() {
        let (mut schemas, mut compiler) = (Schemas::new(), Compiler::new());
        compiler.add_resource("record.schema.json", schema()).unwrap();
        let index = compiler.compile("record.schema.json", &mut schemas).unwrap();
        let records = records();
        for record in &records {
            if let Err(error) = schemas.validate(record, index) {
                panic!("{record}\n{error:#}");
            }
        }
        let spoilt = [
            // where, with what
            ("/at", json!("2026-11-22")),
            ("/outcome", json!("maybe")),
            ("/timing_us/total", json!(0)),
            ("/timing_us/total", json!(1.5)),
            ("/failure/code", json!("connect.refuted")),
            ("/connect/attempts/0/start_us", json!(-1)),
            ("/response", json!({})),
            ("/connect/tunnel/status", json!("407")),
            ("/tls/early_data", json!(true)),
            ("/tls/unverified/0", json!("tls.odd")),
            ("/tls/chain/0/not_after", json!(1)),
            ("/tls/chain/0/sha256", json!("0A")),
        ];
        for (place, value) in spoilt {
            let mut record =
                records.iter().find(|record| record.pointer(place).is_some()).unwrap().clone();
            *record.pointer_mut(place).unwrap() = value;
            assert!(schemas.validate(&record, index).is_err(), "{place}");
        }
    }

    /// Walks records beside the schema: what a record has, the schema has, and requires.
    #[test]
    fn every_field_of_every_record_stands_in_the_schema() {
        let schema = schema();
        for record in records() {
            walk(&record, &schema, &schema, "");
        }
    }

    fn walk(value: &Value, schema: &Value, root: &Value, place: &str) {
        let schema = target(schema, root);
        match value {
            Value::Object(members) if !place.ends_with("/ignored") => {
                let mut names: Vec<_> = members.keys().map(String::as_str).collect();
                let mut known: Vec<_> =
                    schema["properties"].as_object().unwrap().keys().map(String::as_str).collect();
                let mut required: Vec<_> = schema["required"]
                    .as_array()
                    .unwrap()
                    .iter()
                    .filter_map(Value::as_str)
                    .collect();
                names.sort_unstable();
                known.sort_unstable();
                required.sort_unstable();
                assert_eq!((&names, &names), (&known, &required), "{place}");
                for (name, value) in members {
                    let own = &schema["properties"][name];
                    assert!(described(own, root), "{place}/{name} has no description");
                    walk(value, own, root, &format!("{place}/{name}"));
                }
            }
            Value::Array(items) => {
                for item in items {
                    walk(item, &schema["items"], root, place);
                }
            }
            _ => {}
        }
    }

    fn described(schema: &Value, root: &Value) -> bool {
        schema["description"].is_string() || target(schema, root)["description"].is_string()
    }

    /// Follows a reference, also of `anyOf: [reference, null]`.
    fn target<'a>(schema: &'a Value, root: &'a Value) -> &'a Value {
        match schema.pointer("/anyOf/0").unwrap_or(schema)["$ref"].as_str() {
            Some(reference) => root.pointer(reference.strip_prefix('#').unwrap()).unwrap(),
            None => schema,
        }
    }

    #[test]
    fn the_schema_has_the_table_of_codes() {
        let codes = Code::ALL.map(|code| code.as_str());
        assert_eq!(schema()["$defs"]["code"]["enum"], json!(codes[..]));
    }
}
