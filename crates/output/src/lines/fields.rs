//! Which fields of a record are wanted: `seq,response.status,response.fields.Retry-After`.

use std::fmt;
use std::str::FromStr;

use serde_json::Value;

use super::tree::Node;
use crate::schema::SCHEMA;

/// Fields of a record, by the names that [`SCHEMA`] has, with a `.` on the way down.
///
/// Behind `response.fields`, or wherever else the fields of a message stand, comes the name of
/// one, in any case: `response.fields.Retry-After`.
///
/// ```
/// use fourstep_output::Fields;
///
/// let fields = Fields::parse("seq,failure.code,response.fields.retry-after").unwrap();
/// assert!(fields.has("seq"));
/// let error = Fields::parse("seq,response.stauts").unwrap_err();
/// assert!(error.to_string().starts_with(
///     "octet 4: `response` has no `stauts`; there are body_octets, "
/// ));
/// ```
#[derive(Clone, Debug, Default)]
pub struct Fields {
    names: Vec<String>,
    pub(crate) tree: Node,
}

impl Fields {
    /// Reads names with commas between them.
    ///
    /// # Errors
    /// [`FieldsError`] has the offset of the name that no record has.
    pub fn parse(text: &str) -> Result<Fields, FieldsError> {
        let schema = serde_json::from_str(SCHEMA).unwrap_or_default();
        let mut fields = Fields { names: Vec::new(), tree: Node::default() };
        let mut offset = 0;
        for name in text.split(',') {
            let path = path(name, &schema).map_err(|message| FieldsError { offset, message })?;
            fields.tree.add(&path, fields.names.len());
            fields.names.push(name.to_owned());
            offset += name.len() + 1;
        }
        Ok(fields)
    }

    /// As they were given, in that order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.names.iter().map(String::as_str)
    }

    /// Whether this is one of them.
    pub fn has(&self, name: &str) -> bool {
        self.names.iter().any(|own| own == name)
    }
}

impl FromStr for Fields {
    type Err = FieldsError;

    fn from_str(text: &str) -> Result<Fields, FieldsError> {
        Fields::parse(text)
    }
}

/// As it is typed.
impl fmt::Display for Fields {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.names.join(","))
    }
}

/// The names on the way to a value, or why there is none.
fn path(name: &str, schema: &Value) -> Result<Vec<String>, String> {
    let mut path: Vec<String> = Vec::new();
    let (mut rest, mut place) = (name, schema);
    while !rest.is_empty() || path.is_empty() {
        if is_pairs(place) {
            path.push(rest.to_owned());
            return Ok(path);
        }
        let (step, below) = rest.split_once('.').unwrap_or((rest, ""));
        let own = place.pointer("/properties").and_then(Value::as_object);
        let Some(next) = own.and_then(|own| own.get(step)) else {
            let step = step.escape_debug();
            let Some(own) = own else {
                return Err(format!("`{}` has no parts", path.join(".")));
            };
            let known = own.keys().map(String::as_str).collect::<Vec<_>>().join(", ");
            return Err(match path.is_empty() {
                true => format!("no field `{step}`; there are {known}"),
                false => format!("`{}` has no `{step}`; there are {known}", path.join(".")),
            });
        };
        place = target(next, schema);
        path.push(step.to_owned());
        rest = below;
    }
    match name.ends_with('.') {
        true => Err(format!("`{}` ends with a dot", name.escape_debug())),
        false => Ok(path),
    }
}

/// What a schema is about: behind a reference, beside null, in a list.
fn target<'a>(schema: &'a Value, root: &'a Value) -> &'a Value {
    let schema = schema.pointer("/anyOf/0").unwrap_or(schema);
    let pointer = schema.get("$ref").and_then(Value::as_str).and_then(|to| to.strip_prefix('#'));
    match pointer.and_then(|to| root.pointer(to)) {
        Some(behind) => target(behind, root),
        None if is_pairs(schema) => schema,
        None => schema.get("items").map_or(schema, |items| target(items, root)),
    }
}

/// Whether its items are lists of two: the fields of a message.
fn is_pairs(schema: &Value) -> bool {
    schema.pointer("/items/prefixItems").is_some()
}

/// No record has such a field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldsError {
    offset: usize,
    message: String,
}

impl FieldsError {
    /// Octets before the name.
    pub fn offset(&self) -> usize {
        self.offset
    }
}

impl fmt::Display for FieldsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "octet {}: {}", self.offset, self.message)
    }
}

impl std::error::Error for FieldsError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_the_schema() {
        let rows = [
            // typed, the offset of what does not fit
            ("seq", None),
            ("target,at,seq,line,hop,outcome,step", None),
            ("failure,failure.code,failure.code", None),
            ("response.fields.Retry-After,response.trailers.x", None),
            ("response.fields.a.b", None),
            ("response.interim.status,response.interim.fields.link", None),
            ("connect.attempts.address,tls.chain.names,resolve.addresses", None),
            ("verdict.source.name,verdict.evidence.sign", None),
            ("timing_us.total", None),
            ("", Some(0)),
            ("seq,", Some(4)),
            ("seq, target", Some(4)),
            ("sequence", Some(0)),
            ("seq,Target", Some(4)),
            ("response.", Some(0)),
            ("response..status", Some(0)),
            ("response.stat", Some(0)),
            ("target.host", Some(0)),
            ("seq,resolve.addresses.0", Some(4)),
        ];
        for (typed, want) in rows {
            let got = Fields::parse(typed);
            assert_eq!(got.as_ref().err().map(FieldsError::offset), want, "{typed:?} {got:?}");
            if let Ok(fields) = got {
                assert_eq!(fields.to_string(), typed);
            }
        }
    }

    #[test]
    fn what_is_wrong_is_said() {
        let rows = [
            ("sequence", "octet 0: no field `sequence`; there are at, "),
            ("seq,tls.ciphers", "octet 4: `tls` has no `ciphers`; there are alpn, chain, "),
            ("target.host", "octet 0: `target` has no parts"),
            ("response.", "octet 0: `response.` ends with a dot"),
        ];
        for (typed, want) in rows {
            let message = Fields::parse(typed).unwrap_err().to_string();
            assert!(message.starts_with(want), "{message}");
        }
    }
}
