//! Records of a list, one a line: whole, a choice of their fields, or rows of a table.

pub(crate) mod csv;
mod fields;
mod sheet;
pub(crate) mod tree;
pub(crate) mod walk;

pub use fields::{Fields, FieldsError};
pub use sheet::Sheet;

use std::mem;

use crate::record::object::Chosen;
use crate::record::{Record, Whole, room};
use crate::when::Day;

/// The columns of a table whose columns nobody chose.
const COLUMNS: &str = "seq,target,at,hop,outcome,step,failure.code,response.status,connect.peer,\
    verdict.state,verdict.retry_after_s,verdict.source.name,timing_us.resolve,timing_us.connect,\
    timing_us.tls,timing_us.request,timing_us.wait,timing_us.receive,timing_us.total";

/// How records stand on lines, one each.
///
/// ```
/// use fourstep_output::{Fields, Lines, Record};
/// use std::time::SystemTime;
///
/// let record = |seq| {
///     let at = SystemTime::UNIX_EPOCH;
///     Record::malformed("http://a.test:x,y/", "octet 14: expected a port", at, Some(seq))
/// };
/// let fields: Fields = "target,seq,failure.code,response.status".parse()?;
/// let (mut json, mut out) = (Lines::json(Some(fields.clone())), Vec::new());
/// json.write(&record(7), &mut out);
/// assert_eq!(
///     String::from_utf8(out)?,
///     "{\"target\":\"http://a.test:x,y/\",\"seq\":7,\"failure\":{\"code\":\"target.malformed\"},\
///      \"response\":null}\n",
/// );
///
/// let (mut csv, mut out) = (Lines::csv(Some(fields)), Vec::new());
/// csv.head(&mut out);
/// csv.write(&record(7), &mut out);
/// assert_eq!(
///     String::from_utf8(out)?,
///     "target,seq,failure.code,response.status\r\n\"http://a.test:x,y/\",7,target.malformed,\r\n",
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Lines {
    pub(crate) shape: Shape,
    /// A line on its way, a record that becomes a row, the row and its cells: kept for the next.
    line: Sheet,
    record: Sheet,
    /// The day of the last whole record.
    day: Day,
    row: Vec<u8>,
    cells: Vec<Vec<u8>>,
}

#[derive(Clone, Debug)]
pub(crate) enum Shape {
    Whole,
    Chosen(Fields),
    Table(Fields),
}

impl Lines {
    /// A line is an object with these fields, each at its own place in a record, in the order that
    /// records have; without, the whole record.
    pub fn json(fields: Option<Fields>) -> Lines {
        Lines::new(fields.map_or(Shape::Whole, Shape::Chosen))
    }

    /// A line is a row (RFC 4180) with these columns, in this order; without, with the ones that
    /// most people want.
    ///
    /// What is absent is an empty cell; of a list each item is written, with `, ` between; what has
    /// parts of its own stands as JSON. In text, control characters and backslashes stand as JSON
    /// escapes them, so that a row is always one line.
    pub fn csv(fields: Option<Fields>) -> Lines {
        // The names are ours: a test reads them.
        let ours = || Fields::parse(COLUMNS).unwrap_or_default();
        Lines::new(Shape::Table(fields.unwrap_or_else(ours)))
    }

    fn new(shape: Shape) -> Lines {
        let (line, record) = (Sheet::default(), Sheet::default());
        Lines { shape, line, record, day: Day::default(), row: Vec::new(), cells: Vec::new() }
    }

    /// Appends what stands above the first record: a table's header.
    pub fn head(&self, out: &mut Vec<u8>) {
        if let Shape::Table(fields) = &self.shape {
            csv::row(fields.names().map(str::as_bytes), out);
        }
    }

    /// Appends a record's line.
    pub fn write(&mut self, record: &Record<'_>, out: &mut Vec<u8>) {
        let mut line = mem::take(&mut self.line);
        line.truncate(0);
        self.write_on(record, &mut line);
        out.extend_from_slice(line.octets());
        self.line = line;
    }

    /// Writes a record's line behind those that are on the sheet.
    pub fn write_on(&mut self, record: &Record<'_>, sheet: &mut Sheet) {
        let fields = match &self.shape {
            Shape::Whole => {
                if self.day.second(record.at).is_none() {
                    self.day = Day::of(record.at);
                }
                return room::write_on(&Whole(record, &self.day), b"\n", sheet);
            }
            Shape::Chosen(fields) => {
                return room::write_on(&Chosen(record, &fields.tree), b"\n", sheet);
            }
            Shape::Table(fields) => fields,
        };
        self.record.truncate(0);
        room::write_on(&Chosen(record, &fields.tree), b"", &mut self.record);
        self.cells.resize_with(fields.names().count(), Vec::new);
        self.cells.iter_mut().for_each(Vec::clear);
        fields.tree.visit(self.record.octets(), &mut |column, value| {
            if let Some(cell) = self.cells.get_mut(column) {
                csv::append(value, cell);
            }
        });
        self.row.clear();
        csv::row(self.cells.iter().map(Vec::as_slice), &mut self.row);
        sheet.extend(&self.row);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::drive::began;
    use crate::golden;
    use crate::when::rfc3339;
    use serde_json::Value;
    use std::collections::BTreeMap;
    use std::time::{Duration, SystemTime};

    fn written(lines: &mut Lines, record: &Record<'_>) -> String {
        let (mut out, mut sheet) = (Vec::new(), Sheet::with_room(100));
        lines.write(record, &mut out);
        lines.write_on(record, &mut sheet);
        assert_eq!(str::from_utf8(sheet.octets()), str::from_utf8(&out));
        String::from_utf8(out).unwrap()
    }

    /// The text of a day is made once for all that are of it: also of moments in others.
    #[test]
    fn each_record_has_its_own_day() {
        const MIDNIGHT: u64 = 1_795_392_000; // 2026-11-23T00:00:00Z
        let after = |seconds, micros| {
            let since = Duration::from_secs(seconds) + Duration::from_micros(micros);
            SystemTime::UNIX_EPOCH + since
        };
        let moments = [
            after(MIDNIGHT - 1, 999_999),
            after(MIDNIGHT, 0),
            after(5, 1),
            SystemTime::UNIX_EPOCH - Duration::from_secs(5),
            after(MIDNIGHT - 86_400, 7),
            after(MIDNIGHT + 5, 0),
        ];
        let (mut lines, mut crossed) = (Lines::json(None), 0);
        for at in moments {
            for case in golden::cases() {
                let record = Record::of(&case.report, at, Some(3));
                let line = written(&mut lines, &record);
                let said: Value = serde_json::from_str(&line).unwrap();
                assert_eq!(said["at"], rfc3339(at));
                assert_eq!(line, record.to_json() + "\n");
                if let Some(seconds) = said["verdict"]["retry_after_s"].as_u64() {
                    let took = Duration::from_micros(said["timing_us"]["total"].as_u64().unwrap());
                    let again = rfc3339(at + took + Duration::from_secs(seconds));
                    assert_eq!(said["verdict"]["retry_at"], again, "{line}");
                    crossed += u32::from(again.split('T').next() != rfc3339(at).split('T').next());
                }
            }
        }
        assert!(crossed > 0, "no other day was named");
    }

    #[test]
    fn what_is_chosen_stands_where_it_stands_in_a_record() {
        let names = ["failure.code", "response.status", "seq", "connect.attempts.address", "tls"];
        let mut lines = Lines::json(Some(names.join(",").parse().unwrap()));
        for case in golden::cases() {
            let record = Record::of(&case.report, began(), Some(3));
            let whole: Value = serde_json::from_str(&record.to_json()).unwrap();
            let line = written(&mut lines, &record);
            let chosen: Value = serde_json::from_str(&line).unwrap();
            assert_eq!(chosen.as_object().unwrap().len(), 5, "{line}");
            for place in ["/failure/code", "/response/status", "/seq", "/tls"] {
                assert_eq!(chosen.pointer(place), whole.pointer(place), "{place} {line}");
            }
            let addresses = |record: &Value| -> Option<Vec<Value>> {
                let attempts = record["connect"]["attempts"].as_array()?;
                Some(attempts.iter().map(|attempt| attempt["address"].clone()).collect())
            };
            assert_eq!(addresses(&chosen), addresses(&whole), "{line}");
            assert_eq!(chosen["connect"]["peer"], Value::Null, "{line}");
        }
    }

    /// The places of a record's values, and whether those have parts.
    fn places(value: &Value, above: &str, all: &mut BTreeMap<String, bool>) {
        match value {
            Value::Object(members) if !above.ends_with("ignored") => {
                all.insert(above.to_owned(), true);
                for (name, value) in members {
                    let dot = if above.is_empty() { "" } else { "." };
                    places(value, &format!("{above}{dot}{name}"), all);
                }
            }
            Value::Array(items) if items.iter().any(Value::is_object) => {
                items.iter().for_each(|item| places(item, above, all));
            }
            _ => _ = all.entry(above.to_owned()).or_default(),
        }
    }

    #[test]
    fn what_is_chosen_is_what_stands_in_the_whole_record() {
        let cases = golden::cases();
        let records: Vec<_> =
            cases.iter().map(|case| Record::of(&case.report, began(), Some(3))).collect();
        let mut all = BTreeMap::new();
        for record in &records {
            places(&serde_json::from_str(&record.to_json()).unwrap(), "", &mut all);
        }
        all.remove("");
        let names: Vec<_> = all.keys().map(String::as_str).collect();
        assert!(names.len() > 100, "{names:?}");
        let fields =
            ["response.fields.SERVER", "response.fields.x,response.interim.fields.link,seq"];
        let pairs = names.windows(2).map(|pair| pair.join(","));
        let scattered =
            (0..names.len()).map(|at| [names[at], names[at * 7 % names.len()]].join(","));
        for choice in fields.map(str::to_owned).into_iter().chain(pairs).chain(scattered) {
            let fields: Fields = choice.parse().unwrap();
            let (mut json, mut csv) =
                (Lines::json(Some(fields.clone())), Lines::csv(Some(fields.clone())));
            for record in &records {
                let (whole, mut want) = (record.to_json(), Vec::new());
                fields.tree.project(whole.as_bytes(), &mut want);
                assert_eq!(written(&mut json, record), String::from_utf8(want).unwrap() + "\n");
                let mut cells = vec![Vec::new(); fields.names().count()];
                fields.tree.visit(whole.as_bytes(), &mut |column, value| {
                    csv::append(value, &mut cells[column]);
                });
                let mut want = Vec::new();
                csv::row(cells.iter().map(Vec::as_slice), &mut want);
                assert_eq!(written(&mut csv, record), String::from_utf8(want).unwrap());
            }
        }
        // Each value by itself, and so member by member: nothing that is written of many at once is
        // another thing.
        let values = all.iter().filter(|(_, has_parts)| !**has_parts).map(|(name, _)| &**name);
        let mut lines = Lines::json(Some(values.collect::<Vec<_>>().join(",").parse().unwrap()));
        for record in &records {
            assert_eq!(written(&mut lines, record), record.to_json() + "\n");
        }
    }

    #[test]
    fn a_field_of_the_response_is_chosen_by_its_name() {
        let fields: Fields = "response.fields.SERVER,response.fields.x".parse().unwrap();
        let record =
            r#"{"response":{"status":200,"fields":[["Server","a"],["B","c"],["server","d, e"]]}}"#;
        let mut out = Vec::new();
        fields.tree.project(record.as_bytes(), &mut out);
        let want = r#"{"response":{"fields":[["Server","a"],["server","d, e"]]}}"#;
        assert_eq!(str::from_utf8(&out).unwrap(), want);
        let mut seen = Vec::new();
        fields.tree.visit(record.as_bytes(), &mut |column, value| seen.push((column, value)));
        assert_eq!(seen, [(0, &br#""a""#[..]), (0, br#""d, e""#)]);
    }

    #[test]
    fn a_whole_wins_over_its_parts() {
        let fields: Fields = "failure.code,failure,failure.os_error".parse().unwrap();
        let record = br#"{"seq":1,"failure":{"code":"a","os_error":5}}"#;
        let mut out = Vec::new();
        fields.tree.project(record, &mut out);
        assert_eq!(str::from_utf8(&out), Ok(r#"{"failure":{"code":"a","os_error":5}}"#));
        let mut cells = vec![Vec::new(); 3];
        fields.tree.visit(record, &mut |column, value| csv::append(value, &mut cells[column]));
        assert_eq!(cells, [&b"a"[..], br#"{"code":"a","os_error":5}"#, b"5"]);
    }

    #[test]
    fn a_table_has_a_row_of_cells_for_each_record() {
        let mut lines = Lines::csv(None);
        let mut head = Vec::new();
        lines.head(&mut head);
        let columns = COLUMNS.split(',').count();
        assert_eq!(str::from_utf8(&head).unwrap(), format!("{COLUMNS}\r\n"));
        for case in golden::cases() {
            let record = Record::of(&case.report, began(), Some(3));
            let whole: Value = serde_json::from_str(&record.to_json()).unwrap();
            let row = written(&mut lines, &record);
            assert_eq!(row.find('\n'), Some(row.len() - 1));
            let cell = |n| csv::cell(row.as_bytes(), n).map(|cell| csv::text(&cell).unwrap());
            assert_eq!(cell(0).as_deref(), Some("3"));
            assert_eq!(cell(1).as_deref(), whole["target"].as_str());
            assert_eq!(cell(columns - 1), Some(whole["timing_us"]["total"].to_string()));
            assert_eq!(cell(columns), None);
        }
    }
}
