//! The table of emitters, `fingerprints.txt`, becomes static data: it is read when the program is
//! built, not when it runs, and a line that is wrong ends the build with its number.
//!
//! What is written is one file of plain arrays, numbers and octets without a pointer among them: they
//! are used where they lie in the program, and cost nothing before they are.

#![expect(clippy::print_stdout, reason = "so a build script speaks to cargo")]
#![expect(clippy::use_debug, reason = "as Rust writes a word or a string")]

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;
use std::process::ExitCode;

use index::{Index, Search};
use read::{Emitter, Place, Sign};

// The words of the table, which the program knows as well, and how the two speak of templates.
#[path = "../src/cause.rs"]
#[expect(dead_code, unreachable_pub, reason = "the build needs only the words")]
mod cause;
#[path = "../src/code.rs"]
mod code;
mod compile;
mod index;
mod read;
#[path = "../src/role.rs"]
#[expect(unreachable_pub, reason = "as for `cause`")]
mod role;
#[path = "../src/speaks_for.rs"]
#[expect(unreachable_pub, reason = "as for `cause`")]
mod speaks_for;

const TABLE: &str = include_str!("../fingerprints.txt");

fn main() -> ExitCode {
    println!("cargo::rerun-if-changed=fingerprints.txt");
    println!("cargo::rerun-if-changed=build");
    let (emitters, wrong) = read::read(TABLE);
    for why in &wrong {
        println!("cargo::error=fingerprints.txt:{why}");
    }
    let written = Index::of(&emitters).and_then(|index| {
        let folder = std::env::var_os("OUT_DIR").ok_or("no OUT_DIR")?;
        let text = Pools::default().table(&emitters, &index).map_err(|error| error.to_string())?;
        std::fs::write(Path::new(&folder).join("table.rs"), text).map_err(|error| error.to_string())
    });
    if let Err(why) = &written {
        println!("cargo::error=fingerprints.txt: {why}");
    }
    if wrong.is_empty() && written.is_ok() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// What rows point into.
#[derive(Default)]
struct Pools {
    text: String,
    octets: Vec<u8>,
    /// Where octets stand that are there already.
    known: BTreeMap<Vec<u8>, usize>,
    statuses: Vec<u16>,
}

impl Pools {
    /// The source of the static table: see `src/table.rs` for what the types mean.
    fn table(
        mut self,
        emitters: &[Emitter<'_>],
        index: &Index<'_>,
    ) -> Result<String, std::fmt::Error> {
        let (mut rows, mut signs, mut names) = (String::new(), String::new(), String::new());
        let mut count = 0;
        for (number, emitter) in emitters.iter().enumerate() {
            let [name, title, source] =
                [emitter.name, emitter.title, emitter.source].map(|text| self.text(text));
            let says = says(emitter.name).map(|text| self.text(&text)).join(", ");
            let last = count + emitter.signs.len();
            let role = emitter.role;
            writeln!(
                rows,
                "    Row {{ name: {name}, title: {title}, source: {source}, says: [{says}], \
                 role: Role::{role:?}, signs: ({count}, {last}) }},"
            )?;
            for sign in &emitter.signs {
                self.sign(number, sign, index, &mut signs)?;
            }
            count = last;
        }
        for name in &index.names {
            writeln!(names, "    {},", self.text(name))?;
        }
        let mut out = String::new();
        let mut array = |name: &str, of: &str, count: usize, body: &str| {
            writeln!(out, "pub(crate) static {name}: [{of}; {count}] = [\n{body}];")
        };
        array("EMITTERS", "Row", emitters.len(), &rows)?;
        array("SIGNS", "Line", count, &signs)?;
        array("NAMES", "Piece", index.names.len(), &names)?;
        array("STATUSES", "u16", self.statuses.len(), &list(&self.statuses)?)?;
        array("NAMES_BY_SLOT", "u8", index.name_slots.len(), &list(&index.name_slots)?)?;
        array("GRAM_SLOTS", "u16", index.gram_slots.len(), &list(&index.gram_slots)?)?;
        let mut grams = String::new();
        for (gram, place, sign) in &index.grams {
            writeln!(grams, "    Under {{ gram: {gram:?}, place: {place}, sign: {sign} }},")?;
        }
        array("GRAMS", "Under", index.grams.len(), &grams)?;
        let (mut searches, mut always) = (Vec::new(), Vec::<u16>::new());
        for Search { place, stride, by_status, always: signs } in &index.searches {
            let (from, to) = (always.len(), always.len() + signs.len());
            always.extend(signs);
            searches.push(format!(
                "Search {{ place: {place}, stride: {stride}, by_status: {by_status}, \
                 always: ({from}, {to}) }}"
            ));
        }
        array("ALWAYS", "u16", always.len(), &list(&always)?)?;
        let [body, reason, fields @ ..] = searches.as_slice() else { return Ok(out) };
        array("FIELDS", "Search", index.searched, &fields.join(",\n"))?;
        let stride = index.searches.first().map_or(1, |body| body.stride);
        writeln!(out, "pub(crate) const NAME_MIX: u32 = {};", index.name_mix)?;
        writeln!(out, "pub(crate) const BODY_STRIDE: usize = {stride};")?;
        writeln!(out, "pub(crate) static BODY: Search = {body};")?;
        writeln!(out, "pub(crate) static REASON: Search = {reason};")?;
        writeln!(out, "pub(crate) static TEXT: &str = {:?};", self.text)?;
        let octets = self.octets.escape_ascii();
        writeln!(out, "pub(crate) static OCTETS: &[u8] = b\"{octets}\";")?;
        Ok(out)
    }

    fn sign(
        &mut self,
        emitter: usize,
        sign: &Sign<'_>,
        index: &Index<'_>,
        out: &mut String,
    ) -> std::fmt::Result {
        let place = match &sign.place {
            Place::Body(template) => format!("Body({})", self.octets(&template.code())),
            Place::Reason(template) => format!("Reason({})", self.octets(&template.code())),
            Place::Field(name, template) => {
                format!("Field({}, {})", index.name(name), self.octets(&template.code()))
            }
            Place::Absent(name) => format!("Absent({})", index.name(name)),
            Place::Repeated(name) => format!("Repeated({})", index.name(name)),
            Place::Length(length) => format!("Length({length})"),
            Place::OtherReason(reasons) => {
                format!("OtherReason({})", self.octets(&compile::list(reasons)))
            }
            Place::Order(names) => format!("Order({})", self.octets(&compile::list(names))),
        };
        let Sign { speaks_for, points, statuses, cause, .. } = sign;
        let cause = cause.map_or("None".to_owned(), |cause| format!("Some(Cause::{cause:?})"));
        let slot = slot(&sign.place, index);
        let from = self.statuses.len();
        self.statuses.extend(statuses);
        writeln!(
            out,
            "    Line {{ speaks_for: SpeaksFor::{speaks_for:?}, points: {points}, cause: {cause}, \
             emitter: {emitter}, slot: {slot}, statuses: ({from}, {}), tells: {}, place: Place::{place} }},",
            self.statuses.len(),
            sign.tells(),
        )
    }

    fn text(&mut self, text: &str) -> String {
        let from = self.text.find(text).unwrap_or_else(|| {
            self.text.push_str(text);
            self.text.len() - text.len()
        });
        format!("Piece({from}, {})", from + text.len())
    }

    fn octets(&mut self, octets: &[u8]) -> String {
        let end = self.octets.len();
        let from = *self.known.entry(octets.to_vec()).or_insert(end);
        if from == end {
            self.octets.extend(octets);
        }
        format!("Piece({from}, {})", from + octets.len())
    }
}

/// A number for what a sign is looked for in: of two with the same one the stronger counts.
fn slot(place: &Place<'_>, index: &Index<'_>) -> u16 {
    let (kind, name) = match place {
        Place::Body(_) => (0, 0),
        Place::Reason(_) | Place::OtherReason(_) => (1, 0),
        Place::Length(_) => (2, 0),
        Place::Order(_) => (3, 0),
        Place::Field(name, _) => (4, index.name(name)),
        Place::Absent(name) => (5, index.name(name)),
        Place::Repeated(name) => (6, index.name(name)),
    };
    u16::from_be_bytes([kind, name])
}

/// What the signs of an emitter say: of what it wrote, of what passes through it, and of what it got
/// from behind it.
fn says(name: &str) -> [String; 3] {
    [
        format!("{name} writes this"),
        format!("{name} adds this to what passes through it"),
        format!("{name} got this answer from behind it"),
    ]
}

/// Numbers, many a line.
fn list<T: std::fmt::Display>(numbers: &[T]) -> Result<String, std::fmt::Error> {
    let mut out = String::new();
    for line in numbers.chunks(24) {
        for number in line {
            write!(out, "{number},")?;
        }
        out.push('\n');
    }
    Ok(out)
}
