//! curl's own tests through the whole probe, over loopback: sockets, redirects, proxies, bodies.
//!
//! `heads.rs` reads the same replies with the reader alone. Here an origin does what curl's test
//! server does (the suite's FORMAT.txt), a probe does what the command line asks for, and where it
//! ends is held against the exit codes that curl's test accepts. Every difference has a row in
//! `fixtures/heads/CURL.md`.

use super::{Counts, octets, rows};
use fourstep::machine::{Plan, Rewrite};
use fourstep::request::{Recipe, Version};
use fourstep::target::{Host, Target};
use fourstep::{Client, Report};
use fourstep_peer::{LOOPBACK, Origin, Request, Script};
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::Mutex;
use std::time::Duration;

/// How long a response may take: whoever is silent for so long on loopback stays silent.
const PATIENCE: Duration = Duration::from_secs(3);

/// Octets that curl's server writes at once when it is told to pause between writes.
const PIECE: usize = 20;

#[test]
#[ignore = "needs the corpora: make corpora"]
fn curl_replies() {
    let mut counts = Counts::of("curl-replies-probed");
    let mut differences = table();
    let (mut jobs, mut wants, mut origins) = (vec![], BTreeMap::new(), vec![]);
    let mut shows = BTreeMap::new();
    let mut client = client();
    for case in rows("curl-replies/tests.jsonl") {
        match Case::read(&case) {
            Err(why) => counts.add(&format!("skipped: {why}")),
            Ok(it) => {
                let origin = origin(&it, &case);
                client.plan = it.plan(&origin);
                jobs.push(client.job(it.number, it.target).unwrap());
                wants.insert(it.number, it.want);
                shows.insert(it.number, it.shows);
                origins.push(origin);
            }
        }
    }
    let mut got = BTreeMap::new();
    let mut shown = BTreeMap::<u64, Vec<u8>>::new();
    // The last hop of each counts, as with curl.
    let ran = client.run(jobs, |done| {
        got.insert(done.number, word(&done.report));
        show(&done.report, shown.entry(done.number).or_default());
    });
    assert_eq!(ran.unwrap(), fourstep::driver::Ran::All);

    let mut unexplained = Vec::new();
    for (number, want) in wants {
        let got = got[&number];
        if want == got {
            let like = match &shows[&number] {
                (octets, _) if *octets == shown[&number] => ", octet for octet",
                (_, Checked::Yes) => ", other octets",
                (_, Checked::No) => "",
            };
            counts.add(&format!("agree: {want}{like}"));
            continue;
        }
        match differences.remove(&number) {
            Some((said, why)) if said == [want, got] => {
                counts.add(&format!("differ, {why}: {want} there, {got} here"));
            }
            held => unexplained.push(format!("| {number} | {want} | {got} | held: {held:?}")),
        }
    }
    assert!(unexplained.is_empty(), "not in CURL.md:\n{}", unexplained.join("\n"));
    assert!(differences.is_empty(), "rows of CURL.md that are no more: {differences:?}");
    counts.hold();
}

/// The rows of fixtures/heads/CURL.md: what curl and what we make of a test, and the rule why.
fn table() -> BTreeMap<u64, ([&'static str; 2], &'static str)> {
    include_str!("../../fixtures/heads/CURL.md")
        .lines()
        .filter(|line| line.starts_with("| ") && !line.starts_with("| test "))
        .map(|line| {
            let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
            let [test, curl, we, why] = cells[..] else { panic!("{line}") };
            let (_, rule) = why.split_once('`').unwrap_or_else(|| panic!("no rule: {line}"));
            (test.parse().unwrap(), ([curl, we], rule.split('`').next().unwrap()))
        })
        .collect()
}

/// How a probe ended, in a word that curl's exit codes have too.
fn word(report: &Report) -> &'static str {
    let Some(failure) = &report.failure else { return "whole" };
    match failure.code().as_str() {
        "response.malformed" => "malformed",
        "response.silent" | "response.stalled" => "silent",
        "response.cut" => "cut",
        "response.empty" => "empty",
        "response.too-large" => "too large",
        code if code.starts_with("response.redirect") => "redirect",
        code if code.starts_with("connect") => "connect",
        code => code,
    }
}

/// What curl's tests have it show: every head, and the last body with its trailers.
fn show(report: &Report, shown: &mut Vec<u8>) {
    let Some(response) = &report.response else { return };
    for head in response.interim.iter().chain(&response.head) {
        shown.extend_from_slice(head.octets());
    }
    if report.next.is_none() {
        shown.extend_from_slice(&response.body);
        for (name, value) in &response.trailers {
            shown.extend([name, &b": "[..], value, b"\r\n"].concat());
        }
    }
}

/// The same of the exit codes that a test accepts; those of curl's own doing have none.
fn want(codes: &[Value]) -> Result<&'static str, String> {
    match codes[0].as_u64().unwrap() {
        // 22: answered, and --fail does not like the status.
        0 | 22 => Ok("whole"),
        1 | 8 | 56 | 61 | 100 => Ok("malformed"),
        18 => Ok("cut"),
        52 => Ok("empty"),
        28 => Ok("silent"),
        47 => Ok("redirect"),
        63 => Ok("too large"),
        7 | 97 => Ok("connect"),
        code => Err(format!("curl's own exit code {code}")),
    }
}

/// Whether curl's test holds what curl shows to be exactly that. Not so where curl decodes it, or
/// where the output is left out on purpose.
#[derive(Clone, Copy)]
enum Checked {
    Yes,
    No,
}

/// One test that is one GET or HEAD over plain http.
struct Case {
    number: u64,
    want: &'static str,
    target: Target,
    head: bool,
    http10: bool,
    follow: u16,
    proxied: bool,
    most_octets: Option<u64>,
    /// What curl shows of it.
    shows: (Vec<u8>, Checked),
}

impl Case {
    /// Reads the command line; or says what in it is not the probe's to do.
    fn read(case: &Value) -> Result<Case, String> {
        let why = |why: &str| Err(why.to_owned());
        if case["probe_fit"] != true {
            return why("not one GET or HEAD");
        }
        if case["reply"].get("data").is_none() {
            return why("no reply to a request");
        }
        let mut options = Options::default();
        let mut urls = Vec::new();
        let mut words = words(case["command"].as_str().unwrap()).into_iter();
        while let Some(word) = words.next() {
            if !word.starts_with('-') || word == "-" {
                urls.push(word);
                continue;
            }
            let (name, mut value) = match word.split_once('=') {
                Some((name, value)) if name.starts_with("--") => (name, Some(value.to_owned())),
                _ => (word.as_str(), None),
            };
            options.take(name, &mut || value.take().or_else(|| words.next()).unwrap())?;
        }
        let [url] = &urls[..] else { return why("several URLs") };
        if url.contains(['{', '[']) {
            return why("several URLs");
        }
        if url.contains("://") && !url.starts_with("http://") {
            return why("another scheme");
        }
        let target =
            url.parse::<Target>().map_err(|error| format!("a URL we refuse, {}", error.rule()))?;
        let nocheck = case["reply_attrs"]["data"]["nocheck"] == "yes" || options.edited;
        let (check, checked) = match &case["datacheck_b64"] {
            // Of several replies it would be the first.
            Value::Null if nocheck || options.location => (&case["reply"]["data"], Checked::No),
            Value::Null => (&case["reply"]["data"], Checked::Yes),
            check if nocheck => (check, Checked::No),
            check => (check, Checked::Yes),
        };
        Ok(Case {
            shows: (octets(check), checked),
            number: case["test"].as_u64().unwrap(),
            want: want(case["expect_errorcode"].as_array().unwrap())?,
            target,
            head: options.head,
            http10: options.http10,
            follow: if options.location { options.redirects.unwrap_or(50) } else { 0 },
            proxied: options.proxied,
            most_octets: options.most_octets,
        })
    }

    /// What to do, wherever the URL leads: at this origin.
    fn plan(&self, origin: &Origin) -> Plan {
        let mut recipe = Recipe::new();
        if self.head {
            recipe = recipe.method("HEAD").unwrap();
        }
        if self.http10 {
            recipe = recipe.version(Version::Http10);
        }
        let mut plan = client().plan;
        let at = Host::V4([127, 0, 0, 1].into());
        if self.proxied {
            recipe = recipe.proxied(None);
            plan.route.proxy = Some((at, origin.port()));
        } else {
            let (to_host, to_port) = (Some(at), Some(origin.port()));
            plan.route.rewrites = vec![Rewrite { host: None, port: None, to_host, to_port }];
        }
        plan.recipe = recipe;
        plan.follow = self.follow;
        plan.limits.body_bytes = self.most_octets.unwrap_or(plan.limits.body_bytes);
        plan
    }
}

fn client() -> Client {
    let mut client = Client::with_names(fourstep::resolve::Config::default());
    client.plan.deadlines.response = PATIENCE;
    client
}

/// The options that change what happens on the wire.
#[derive(Default)]
struct Options {
    head: bool,
    http10: bool,
    location: bool,
    redirects: Option<u16>,
    proxied: bool,
    most_octets: Option<u64>,
    /// curl decodes what came, or may throw it away.
    edited: bool,
}

impl Options {
    /// Takes one option; `value` gives what belongs to it.
    fn take(&mut self, name: &str, value: &mut dyn FnMut() -> String) -> Result<(), String> {
        match name {
            "-I" | "--head" => self.head = true,
            "-0" => self.http10 = true,
            "-L" | "--location" | "--location-trusted" => self.location = true,
            "--max-redirs" => self.redirects = value().parse().ok(),
            "--max-filesize" => self.most_octets = value().parse().ok(),
            "-x" | "--proxy" => {
                self.proxied = true;
                let proxy = value();
                if proxy.contains("://") && !proxy.starts_with("http://") {
                    return Err("a proxy that is not HTTP's".into());
                }
            }
            // What curl shows and keeps.
            "-i"
            | "--include"
            | "--no-include"
            | "-s"
            | "-sS"
            | "--silent"
            | "--show-error"
            | "-O"
            | "-J"
            | "-JO"
            | "-OJ"
            | "-o/dev/null"
            | "--no-progress-meter"
            | "--xattr"
            | "--create-dirs"
            | "--remote-time"
            | "--no-clobber"
            | "--remove-on-error"
            | "--skip-existing"
            | "--use-ascii"
            | "--fail"
            | "-f"
            | "--fail-with-body"
            | "-j" => {}
            "-o" | "--output" | "--output-dir" | "-D" | "--dump-header" | "-w" | "--write-out"
            | "-c" | "--etag-save" => drop(value()),
            // What curl sends, or would ask for; the server's reply is the same.
            "-4" | "-g" | "--path-as-is" | "--http1.1" | "--http0.9" | "--netrc"
            | "--netrc-optional" => {}
            "--compressed" | "--tr-encoding" | "--raw" => self.edited = true,
            "-z" | "--etag-compare" => {
                self.edited = true;
                drop(value());
            }
            "-H" | "--header" | "-b" | "-u" | "--user" | "-U" | "--proxy-user" | "-A"
            | "--referer" | "-r" | "--range" | "--netrc-file" | "--alt-svc" | "--hsts"
            | "--resolve" | "--oauth2-bearer" | "--interface" | "--noproxy"
            | "--request-target" => drop(value()),
            other => return Err(format!("option {other}")),
        }
        Ok(())
    }
}

/// The words of a command line, as a shell has them.
fn words(line: &str) -> Vec<String> {
    let (mut words, mut word, mut quote) = (Vec::new(), None::<String>, None);
    let mut chars = line.chars();
    while let Some(c) = chars.next() {
        match (c, quote) {
            (' ', None) => words.extend(word.take()),
            ('"' | '\'', None) => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            (c, Some(end)) if c == end => quote = None,
            ('\\', None | Some('"')) => word.get_or_insert_default().extend(chars.next()),
            (c, _) => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    words
}

/// An origin that replies as curl's test server does.
fn origin(case: &Case, value: &Value) -> Origin {
    let number = case.number;
    let replies: BTreeMap<u64, Vec<u8>> = value["reply"]
        .as_object()
        .unwrap()
        .iter()
        .filter_map(|(name, reply)| {
            let part = name.strip_prefix("data")?;
            Some((if part.is_empty() { 0 } else { part.parse().ok()? }, octets(reply)))
        })
        .collect();
    let commands = value["servercmd"].as_str().unwrap().to_owned();
    let bounced = Mutex::new(None);
    let choose = move |request: &Request| {
        let asked = part(request.target(), number);
        let mut bounced = bounced.lock().unwrap();
        let part = bounced.take().unwrap_or(asked);
        let reply = replies.get(&part).unwrap_or(&replies[&0]);
        if has(reply, "swsbounce") {
            *bounced = Some(part + 1);
        }
        let script = match commands.split_once("writedelay: ") {
            // A pause is a pause, however short.
            Some(_) => reply.chunks(PIECE).fold(Script::new(), |script, piece| {
                script.write(piece).wait(Duration::from_millis(1))
            }),
            None => Script::new().write(reply.as_slice()),
        };
        // Nothing to write: it closes, whatever it was told.
        let closes = reply.is_empty() || has(reply, "swsclose") || commands.contains("swsclose");
        if closes { script.close() } else { script.stall() }
    };
    Origin::choose(LOOPBACK, choose).unwrap()
}

/// Which part of the reply a request target asks for: `…/N` the first, `…/NPPPP` another.
fn part(target: &str, number: u64) -> u64 {
    let last = target.rsplit('/').next().unwrap_or_default();
    let digits = last.split(|c: char| !c.is_ascii_digit()).next().unwrap_or_default();
    let asked = digits.parse::<u64>().unwrap_or_default();
    if asked / 10_000 == number { asked % 10_000 } else { 0 }
}

fn has(reply: &[u8], word: &str) -> bool {
    reply.windows(word.len()).any(|octets| octets == word.as_bytes())
}
