//! Every clause that the code cites, and where: REFERENCES.md, held to the code.
//!
//! `UPDATE=1 cargo test -p fourstep-tests references` writes it anew.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

/// The documents that may be cited, with their titles.
const TITLES: &[(u32, &str)] = &[
    (792, "Internet Control Message Protocol"),
    (952, "DoD Internet host table specification"),
    (1034, "Domain names: concepts and facilities"),
    (1035, "Domain names: implementation and specification"),
    (1122, "Requirements for Internet hosts: communication layers"),
    (1123, "Requirements for Internet hosts: application and support"),
    (1421, "Privacy enhancement for Internet electronic mail (PEM)"),
    (1535, "A security problem and proposed correction with widely deployed DNS software"),
    (1738, "Uniform Resource Locators"),
    (1918, "Address allocation for private internets"),
    (1945, "HTTP/1.0"),
    (2181, "Clarifications to the DNS specification"),
    (2246, "TLS 1.0"),
    (2308, "Negative caching of DNS queries"),
    (2525, "Known TCP implementation problems"),
    (2606, "Reserved top level DNS names"),
    (2616, "HTTP/1.1 (obsolete)"),
    (2782, "A DNS RR for specifying the location of services (SRV)"),
    (2931, "DNS request and transaction signatures (SIG(0))"),
    (3056, "Connection of IPv6 domains via IPv4 clouds (6to4)"),
    (3339, "Date and time on the Internet"),
    (3403, "Dynamic delegation discovery system: the DNS database (NAPTR)"),
    (3493, "Basic socket interface extensions for IPv6"),
    (3596, "DNS extensions to support IP version 6"),
    (3597, "Handling of unknown DNS resource record types"),
    (3629, "UTF-8, a transformation format of ISO 10646"),
    (3701, "6bone phaseout"),
    (3849, "IPv6 address prefix reserved for documentation"),
    (3879, "Deprecating site local addresses"),
    (3986, "Uniform Resource Identifier: generic syntax"),
    (3987, "Internationalized Resource Identifiers"),
    (4007, "IPv6 scoped address architecture"),
    (4035, "Protocol modifications for the DNS security extensions"),
    (4074, "Common misbehavior against DNS queries for IPv6 addresses"),
    (4180, "Common format for comma-separated values"),
    (4193, "Unique local IPv6 unicast addresses"),
    (4255, "Using DNS to securely publish SSH key fingerprints"),
    (4291, "IP version 6 addressing architecture"),
    (4343, "DNS case insensitivity clarification"),
    (4380, "Teredo"),
    (4398, "Storing certificates in the DNS"),
    (4443, "ICMPv6"),
    (4514, "LDAP: string representation of distinguished names"),
    (4592, "The role of wildcards in the Domain Name System"),
    (4632, "Classless inter-domain routing"),
    (4648, "The Base16, Base32 and Base64 data encodings"),
    (5246, "TLS 1.2"),
    (5280, "Internet X.509 public key infrastructure certificate and CRL profile"),
    (5452, "Measures for making DNS more resilient against forged answers"),
    (5480, "Elliptic curve cryptography subject public key information"),
    (5681, "TCP congestion control"),
    (5737, "IPv4 address blocks reserved for documentation"),
    (5861, "HTTP Cache-Control extensions for stale content"),
    (5890, "Internationalized domain names: definitions"),
    (5891, "Internationalized domain names: protocol"),
    (5915, "Elliptic curve private key structure"),
    (5952, "A recommendation for IPv6 address text representation"),
    (5958, "Asymmetric key packages"),
    (6066, "TLS extensions: extension definitions"),
    (6298, "Computing TCP's retransmission timer"),
    (6335, "Service name and transport protocol port number registry"),
    (6520, "TLS and DTLS heartbeat extension"),
    (6585, "Additional HTTP status codes"),
    (6604, "xNAME RCODE and status bits clarification"),
    (6698, "DNS-based authentication of named entities: TLSA"),
    (6724, "Default address selection for IPv6"),
    (6761, "Special-use domain names"),
    (6874, "Representing IPv6 zone identifiers in URIs"),
    (6891, "Extension mechanisms for DNS (EDNS(0))"),
    (6895, "DNS IANA considerations"),
    (6901, "JSON Pointer"),
    (6943, "Issues in identifier comparison for security purposes"),
    (7230, "HTTP/1.1: message syntax and routing (obsolete)"),
    (7301, "TLS application-layer protocol negotiation extension"),
    (7323, "TCP extensions for high performance"),
    (7468, "Textual encodings of PKIX, PKCS, and CMS structures"),
    (7469, "Public key pinning extension for HTTP"),
    (7617, "The Basic HTTP authentication scheme"),
    (7686, "The .onion special-use domain name"),
    (7766, "DNS transport over TCP"),
    (7932, "Brotli compressed data format"),
    (8017, "PKCS #1: RSA cryptography specifications version 2.2"),
    (8020, "NXDOMAIN: there really is nothing underneath"),
    (8200, "IPv6"),
    (8259, "JSON"),
    (8297, "An HTTP status code for indicating hints"),
    (8305, "Happy Eyeballs version 2"),
    (8410, "Algorithm identifiers for Ed25519 and its kin"),
    (8446, "TLS 1.3"),
    (8659, "DNS certification authority authorization (CAA)"),
    (8767, "Serving stale data to improve DNS resiliency"),
    (8878, "Zstandard compression"),
    (8914, "Extended DNS errors"),
    (8945, "Secret key transaction authentication for DNS (TSIG)"),
    (9110, "HTTP semantics"),
    (9111, "HTTP caching"),
    (9112, "HTTP/1.1"),
    (9209, "The Proxy-Status HTTP response header field"),
    (9211, "The Cache-Status HTTP response header field"),
    (9293, "TCP"),
    (9460, "Service binding and parameter specification via the DNS"),
    (9499, "DNS terminology"),
    (9525, "Service identity in TLS"),
    (9619, "In the DNS, QDCOUNT is (usually) one"),
    (9651, "Structured field values for HTTP"),
    (9659, "Window sizing for Zstandard content encoding"),
    (9844, "Entering IPv6 zone identifiers in user interfaces"),
];

/// Where a clause is cited: the items of a file.
type Places = BTreeMap<String, BTreeSet<String>>;

#[test]
fn every_clause_that_the_code_cites_is_in_references() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("tests/ is in the repository");
    let want = page(&cited(root));
    let file = root.join("REFERENCES.md");
    if std::env::var_os("UPDATE").is_some() {
        fs::write(&file, &want).unwrap();
    }
    let have = fs::read_to_string(&file).unwrap_or_default();
    let differs = want.lines().zip(have.lines()).find(|(want, have)| want != have);
    assert!(
        want == have,
        "REFERENCES.md is not what the code cites (UPDATE=1 writes it anew); first at {differs:?}"
    );
}

/// The whole page.
fn page(cited: &BTreeMap<(u32, Vec<u32>), Places>) -> String {
    let mut page = String::from(
        "# References\n\n\
         Which clause is implemented where. A test collects this from the code (`tests/references.rs`),\n\
         so it is complete: a clause that is not here is not cited.\n",
    );
    let mut last = 0;
    for ((rfc, section), places) in cited {
        if *rfc != last {
            last = *rfc;
            let title = TITLES.iter().find(|(number, _)| number == rfc);
            let (_, title) =
                title.unwrap_or_else(|| panic!("RFC {rfc} has no title in {}", file!()));
            let _ = write!(page, "\n## RFC {rfc}: {title}\n\n");
        }
        let numbers: Vec<String> = section.iter().map(u32::to_string).collect();
        let clause = match numbers.is_empty() {
            true => "as a whole".to_owned(),
            false => format!("§{}", numbers.join(".")),
        };
        let places: Vec<String> = places
            .iter()
            .map(|(file, items)| {
                let items: Vec<String> = items.iter().map(|item| format!("`{item}`")).collect();
                format!("[{file}]({file}) {}", items.join(" ")).trim_end().to_owned()
            })
            .collect();
        let _ = writeln!(page, "- {clause}: {}", places.join("; "));
    }
    page
}

/// What the sources of every crate cite.
fn cited(root: &Path) -> BTreeMap<(u32, Vec<u32>), Places> {
    let mut cited = BTreeMap::<_, Places>::new();
    let mut files = Vec::new();
    for room in fs::read_dir(root.join("crates")).unwrap() {
        sources(&room.unwrap().path().join("src"), &mut files);
    }
    files.sort();
    for file in files {
        let text = fs::read_to_string(&file).unwrap();
        let name = file.strip_prefix(root).unwrap().to_string_lossy().into_owned();
        let lines: Vec<&str> = text.lines().collect();
        for (at, line) in lines.iter().enumerate() {
            for clause in clauses(line) {
                let items = cited.entry(clause).or_default().entry(name.clone()).or_default();
                items.extend(item(&lines, at));
            }
        }
    }
    cited
}

fn sources(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).into_iter().flatten() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, files);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            files.push(path);
        }
    }
}

/// The clauses that a line cites: `RFC 9112 §6.3` and `RFC 9112 §6.3, §7.1`.
fn clauses(line: &str) -> Vec<(u32, Vec<u32>)> {
    let mut found = Vec::new();
    for citation in line.split("RFC ").skip(1) {
        let digits = citation.find(|c: char| !c.is_ascii_digit()).unwrap_or(citation.len());
        let Ok(rfc) = citation[..digits].parse() else { continue };
        let mut rest = citation[digits..].trim_start();
        let before = found.len();
        while let Some(section) = rest.strip_prefix('§') {
            let end =
                section.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(section.len());
            let numbers = section[..end].split('.').filter_map(|part| part.parse().ok());
            found.push((rfc, numbers.collect()));
            rest = section[end..].trim_start_matches([',', ' ']);
        }
        if found.len() == before {
            found.push((rfc, Vec::new()));
        }
    }
    found
}

/// The item that line `at` stands in, or documents; `None` for a file's own page.
fn item(lines: &[&str], at: usize) -> Option<String> {
    let text = lines[at].trim_start();
    if text.starts_with("//!") {
        return None;
    }
    if text.starts_with("///") {
        let documents = lines[at..].iter().find(|line| {
            let line = line.trim_start();
            !line.starts_with("//") && !line.starts_with("#[") && !line.is_empty()
        })?;
        if let Some(name) = named(documents) {
            return Some(name);
        }
        // A field or a variant: named after what it belongs to.
        let word =
            documents.trim_start().trim_start_matches("pub ").trim_start_matches("pub(crate) ");
        let end = word.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(word.len());
        let owner = lines[..at].iter().rev().find_map(|line| named(line));
        return Some(match owner {
            Some(owner) => format!("{owner}::{}", &word[..end]),
            None => word[..end].to_owned(),
        });
    }
    lines[..=at].iter().rev().find_map(|line| named(line))
}

/// The name that a line declares.
fn named(line: &str) -> Option<String> {
    let line = line.trim_start();
    let line =
        line.strip_prefix("pub(crate) ").or_else(|| line.strip_prefix("pub ")).unwrap_or(line);
    let line =
        line.strip_prefix("const fn ").map_or(line, |rest| &line[line.len() - rest.len() - 3..]);
    let (keyword, rest) = line.split_once(' ')?;
    if !["fn", "struct", "enum", "const", "static", "type", "trait", "mod"].contains(&keyword) {
        return None;
    }
    let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
    Some(rest[..end].to_owned()).filter(|name| !name.is_empty() && name != "tests")
}

#[test]
fn clauses_are_read_from_a_line() {
    let rows = [
        ("// RFC 9112 §6.3 item 5", "9112:6.3"),
        ("(RFC 6724 §2.1, §6) and RFC 8305", "6724:2.1 6724:6 8305:"),
        ("/// See RFC 1035 §4.1.4.", "1035:4.1.4"),
        ("no RFC here", ""),
        ("RFC 9110 §15.6.4's words", "9110:15.6.4"),
    ];
    for (line, want) in rows {
        let found: Vec<String> = clauses(line)
            .into_iter()
            .map(|(rfc, section)| {
                let numbers: Vec<String> = section.iter().map(u32::to_string).collect();
                format!("{rfc}:{}", numbers.join("."))
            })
            .collect();
        assert_eq!(found.join(" "), want, "{line}");
    }
}
