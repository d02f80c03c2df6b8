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

use code::AROUND;
use index::{Index, Key, Search, Under};
use read::{Emitter, Place, Sign};
use speaks_for::SpeaksFor;

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
        let (mut rows, mut signs) = (String::new(), String::new());
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
                 role: Role::{role:?}, signs: ({count}, {last}), \
                 masks: {} }},",
                masks(emitter)?,
            )?;
            for (at, sign) in emitter.signs.iter().enumerate() {
                let before = emitter.signs.get(..at).unwrap_or_default();
                self.sign(number, sign, before, index, &mut signs)?;
            }
            count = last;
        }
        let mut out = String::new();
        let mut always = Vec::new();
        let mut names = String::new();
        for (number, name) in index.names.iter().enumerate() {
            let text = self.text(name);
            let Some(search) = index.fields.get(number) else { continue };
            let search = of_search(search, &mut always);
            self.name(number, name, &text, &search, &mut names)?;
        }
        let body = of_search(&index.body, &mut always);
        let reason = of_search(&index.reason, &mut always);
        let mut array = |name: &str, of: &str, count: usize, body: &str| {
            writeln!(out, "pub(crate) static {name}: [{of}; {count}] = [\n{body}];")
        };
        array("EMITTERS", "Row", emitters.len(), &rows)?;
        array("SIGNS", "Line", count, &signs)?;
        array("NAMES", "Name", index.names.len(), &names)?;
        array("STATUSES", "u16", self.statuses.len(), &list(&self.statuses)?)?;
        array("NAMES_BY_SLOT", "u8", index.name_slots.len(), &list(&index.name_slots)?)?;
        array("BODY_SLOTS", "u16", index.body_slots.len(), &list(&index.body_slots)?)?;
        array("TEXT_SLOTS", "u16", index.text_slots.len(), &list(&index.text_slots)?)?;
        let mut grams = String::new();
        for Under { key, place, sign, last, .. } in &index.grams {
            let Key { gram, around, before, begins } = key;
            let mut octets = [0; AROUND];
            octets.iter_mut().zip(around).for_each(|(to, octet)| *to = *octet);
            writeln!(
                grams,
                "    Under {{ gram: {gram:?}, place: {place}, sign: {sign}, last: {last}, \
                 around: {octets:?}, length: {}, before: {before}, begins: {begins} }},",
                around.len(),
            )?;
        }
        array("GRAMS", "Under", index.grams.len(), &grams)?;
        array("ALWAYS", "u16", always.len(), &list(&always)?)?;
        writeln!(out, "pub(crate) const NAME_MIX: u64 = {};", index.name_mix)?;
        writeln!(out, "pub(crate) const RARE: [u8; 2] = {:?};", index.rare)?;
        writeln!(out, "pub(crate) static BODY: Search = {body};")?;
        writeln!(out, "pub(crate) static REASON: Search = {reason};")?;
        writeln!(out, "pub(crate) static TEXT: &str = {:?};", self.text)?;
        let octets = self.octets.escape_ascii();
        writeln!(out, "pub(crate) static OCTETS: &[u8] = b\"{octets}\";")?;
        Ok(out)
    }

    /// A name, as `src/fields.rs` compares it.
    fn name(
        &mut self,
        number: usize,
        name: &str,
        text: &str,
        search: &str,
        out: &mut String,
    ) -> std::fmt::Result {
        let lower = name.to_ascii_lowercase();
        let (first, last) = code::ends(lower.as_bytes());
        let exact = |octets: u64| {
            let counts = |octet: u8| if octet.is_ascii_lowercase() { !0x20 } else { !0 };
            u64::from_le_bytes(octets.to_le_bytes().map(counts))
        };
        let bit = u32::try_from(number).ok().and_then(|number| 1_u64.checked_shl(number));
        writeln!(
            out,
            "    Name {{ first: {first:#x}, last: {last:#x}, exact: ({:#x}, {:#x}), bit: {:#x}, \
             number: {number}, length: {}, text: {text}, search: {search} }},",
            exact(first),
            exact(last),
            bit.unwrap_or_default(),
            name.len(),
        )
    }

    fn sign(
        &mut self,
        emitter: usize,
        sign: &Sign<'_>,
        before: &[Sign<'_>],
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
        let says_the_same = |other: &Sign<'_>| {
            slot(&sign.place, index) == slot(&other.place, index)
                && carries(sign.speaks_for) == carries(other.speaks_for)
        };
        let stronger = mask(before, says_the_same);
        let from = self.statuses.len();
        self.statuses.extend(statuses);
        writeln!(
            out,
            "    Line {{ speaks_for: SpeaksFor::{speaks_for:?}, points: {points}, cause: {cause}, \
             emitter: {emitter}, stronger: {stronger:#x}, statuses: ({from}, {}), place: Place::{place} }},",
            self.statuses.len(),
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

/// How a text is searched; `always`: what is tried whatever comes, of all texts.
fn of_search(search: &Search, always: &mut Vec<u16>) -> String {
    let Search { place, stride, whole, by_status, begins, always: signs } = search;
    let from = always.len();
    always.extend(signs);
    format!(
        "Search {{ place: {place}, stride: {stride}, whole: {whole}, by_status: {by_status}, \
         begins: {begins}, always: ({from}, {}), any: {}, otherwise: {}, far: {} }}",
        always.len(),
        search.is_any(),
        *begins || !signs.is_empty(),
        if *stride == 0 { u16::MAX } else { stride.saturating_add(4) },
    )
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

/// Of signs those that are so, a bit each.
fn mask(signs: &[Sign<'_>], is: impl Fn(&Sign<'_>) -> bool) -> u64 {
    (0..u64::BITS).zip(signs).fold(0, |mask, (at, sign)| mask | (u64::from(is(sign)) << at))
}

/// Whether that is of what passes through; `None`: nothing speaks for the emitter.
fn carries(speaks_for: SpeaksFor) -> Option<bool> {
    match speaks_for {
        SpeaksFor::Own => Some(false),
        SpeaksFor::Via | SpeaksFor::Relay => Some(true),
        SpeaksFor::Not => None,
    }
}

/// Signs of an emitter that are alike.
fn masks(emitter: &Emitter<'_>) -> Result<String, std::fmt::Error> {
    let mut out = "Masks { ".to_owned();
    let of = |what| mask(&emitter.signs, |sign| sign.speaks_for == what);
    for (name, mask) in [
        ("tells", mask(&emitter.signs, |sign| sign.tells())),
        ("own", of(SpeaksFor::Own)),
        ("via", of(SpeaksFor::Via)),
        ("relay", of(SpeaksFor::Relay)),
        ("not", of(SpeaksFor::Not)),
        ("body", mask(&emitter.signs, |sign| matches!(sign.place, Place::Body(_)))),
    ] {
        write!(out, "{name}: {mask:#x}, ")?;
    }
    out.push('}');
    Ok(out)
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
