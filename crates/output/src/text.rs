//! Text for people.

mod bars;
mod fields;
mod sentence;
mod services;
mod tcp;
mod tls;

use std::fmt::{self, Write};
use std::net::SocketAddr;
use std::time::Duration;

use anstyle::Style;
use fourstep_probe::Mark;

use crate::octets::{Cut, Shown, text};
use crate::palette::Palette;
use crate::record::{Attempt, Connect, Host, Oddity, Record, Resolve, Response, Tunnel};
use crate::when::Took;

pub use sentence::Sentence;

/// Where the details of a step begin: behind its name.
const INDENT: usize = 12;

/// A record as text: the steps on one axis of time, what each showed, and a sentence that says
/// what happened.
///
/// Nothing of a peer's octets reaches a terminal raw, and values longer than a line are cut with
/// a count. Of the fields only those are shown that say something of the exchange;
/// [`Text::verbose`] shows all that there is, [`Text::terse`] none. Whom not to trust is always said.
#[derive(Clone, Copy, Debug)]
pub struct Text<'a> {
    record: &'a Record<'a>,
    verbose: bool,
    terse: bool,
    width: usize,
    palette: Palette,
}

impl<'a> Text<'a> {
    /// Brief, 80 columns wide, without colour.
    pub fn of(record: &'a Record<'a>) -> Text<'a> {
        Text { record, verbose: false, terse: false, width: 80, palette: Palette::PLAIN }
    }

    /// All fields, round trips, certificates, interim responses, trailers, extended errors and ignored answers.
    pub fn verbose(self, verbose: bool) -> Text<'a> {
        Text { verbose, ..self }
    }

    /// The bars, the oddities, the warnings and the sentence alone.
    pub fn terse(self, terse: bool) -> Text<'a> {
        Text { terse, ..self }
    }

    /// How many columns there are; at least 40.
    pub fn width(self, columns: usize) -> Text<'a> {
        Text { width: columns.max(40), ..self }
    }

    /// The colours.
    pub fn palette(self, palette: Palette) -> Text<'a> {
        Text { palette, ..self }
    }

    /// The longest value that is not cut, behind so many columns.
    fn room(&self, columns: usize) -> usize {
        match self.verbose {
            true => 4096,
            false => self.width.saturating_sub(INDENT + columns).max(24),
        }
    }
}

impl fmt::Display for Text<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let record = self.record;
        let strong = self.palette.strong;
        writeln!(f, "{strong}{}{strong:#}", Shown(&record.target))?;
        if let Some(report) = record.report {
            writeln!(f)?;
            bars::write(report, self.width, &self.palette, f)?;
        }
        match self.terse {
            true => self.remarks(f)?,
            false => self.details(f)?,
        }
        writeln!(f, "\n{strong}{}{strong:#}", Sentence(record))?;
        if let Some(sentence) = record.meaning() {
            writeln!(f, "{}", Shown(&sentence))?;
        }
        match record.failure() {
            Some(failure) => writeln!(f, "hint: {}", failure.hint),
            None => Ok(()),
        }
    }
}

impl Text<'_> {
    /// What each step showed.
    fn details(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (record, bad) = (self.record, self.palette.bad);
        if record.report.is_some() {
            writeln!(f)?;
        }
        self.fixes(f)?;
        if let Some(resolve) = &record.resolve() {
            self.resolve(resolve, f)?;
        }
        if let Some(connect) = &record.connect() {
            self.connect(connect, f)?;
        }
        if let Some(tcp) = &record.tcp() {
            tcp::write(self, tcp, f)?;
        }
        if let Some(tls) = &record.tls() {
            tls::write(self, tls, f)?;
        }
        if let Some(request) = &record.request() {
            let target = Cut(&request.request_target.text(), self.room(30)).to_string();
            let octets = request.octets;
            self.line("request", f, format_args!("{} {target}, {octets} octets", request.method))?;
        }
        if self.verbose {
            tcp::write_wait(self, &record.timing_us(), f)?;
        }
        if let Some(response) = &record.response() {
            self.response(response, f)?;
        }
        if self.verbose {
            self.evidence(f)?;
        }
        if let Some(failure) = record.failure() {
            let code = failure.code;
            let message = Shown(&failure.message);
            self.line("failure", f, format_args!("{bad}{code}{bad:#}: {message}"))?;
            let blame = failure.blame;
            match failure.os_error {
                Some(number) => {
                    self.line("", f, format_args!("blame: {blame}; system error {number}"))?;
                }
                None => self.line("", f, format_args!("blame: {blame}"))?,
            }
        }
        Ok(())
    }

    /// What the verdict rests on.
    fn evidence(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, seen) in self.record.verdict().evidence.iter().enumerate() {
            let name = if at == 0 { "evidence" } else { "" };
            let value = Cut(&seen.value().to_string(), self.room(20)).to_string();
            self.line(name, f, format_args!("{} {value}", seen.sign()))?;
            let says = seen.says().to_string();
            self.line("", f, format_args!("  {} ({})", Shown(&says), seen.reference()))?;
        }
        Ok(())
    }

    /// What was changed, what was read though a strict reader refuses it, and whom not to trust.
    fn remarks(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.fixes(f)?;
        if let Some(resolve) = &self.record.resolve() {
            self.oddities(&resolve.oddities, f)?;
        }
        if let Some(tls) = &self.record.tls() {
            tls::warnings(self, tls, f)?;
        }
        match &self.record.response() {
            Some(response) => self.oddities(&response.oddities(), f),
            None => Ok(()),
        }
    }

    fn fixes(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for fix in self.record.fixes() {
            self.line("target", f, format_args!("{} ({})", fix.says, fix.reference))?;
        }
        Ok(())
    }

    /// One line of details, behind the name of its step.
    fn line(
        &self,
        step: &str,
        f: &mut fmt::Formatter<'_>,
        what: fmt::Arguments<'_>,
    ) -> fmt::Result {
        let faint = self.palette.faint;
        writeln!(f, "  {faint}{step:<8}{faint:#}  {what}")
    }

    fn resolve(&self, resolve: &Resolve<'_>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = resolve.name.to_string();
        let name = Shown(&name);
        if resolve.from == Some("literal") {
            return self.line("resolve", f, format_args!("{name} is an address"));
        }
        let addresses: Vec<String> = resolve.addresses.iter().map(Host::to_string).collect();
        let addresses = match &addresses[..] {
            [] => "no address".to_owned(),
            addresses => addresses.join(", "),
        };
        let addresses = Cut(&addresses, self.room(name.0.len() + 2)).to_string();
        self.line("resolve", f, format_args!("{name}: {addresses}"))?;
        if let Some(full) = resolve.full_name.filter(|full| *full != name.0) {
            self.line("", f, format_args!("as {}", Shown(full)))?;
        }
        if !resolve.cname.is_empty() {
            let aliases = resolve.cname.join(", ");
            self.line("", f, format_args!("through {}", Cut(&aliases, self.room(8))))?;
        }
        let rcode = resolve.rcode.map(|rcode| rcode.to_string());
        let (server, rcode, ttl_s) = (resolve.server, rcode.as_deref(), resolve.ttl_s);
        if self.verbose {
            self.answers(f)?;
        } else if let Some(from) = resolve.from {
            let source = source(from, server, resolve.transport, rcode, ttl_s);
            self.line("", f, format_args!("{source}"))?;
        }
        services::write(self, resolve, f)?;
        for error in &resolve.extended_errors {
            let (code, text) = (error.code, Cut(error.text, self.room(20)));
            self.line("", f, format_args!("extended error {code}: {text}"))?;
        }
        if self.verbose {
            for (reason, count) in &resolve.ignored {
                self.line("", f, format_args!("ignored {count}: {reason}"))?;
            }
        }
        self.oddities(&resolve.oddities, f)
    }

    /// Each family's answer, when it came, and what it said.
    fn answers(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(report) = self.record.report else { return Ok(()) };
        for (at, answer) in report.named().iter().flat_map(|named| &named.answers) {
            let after = Took(at.since(report.timeline.at(Mark::Started).unwrap_or(*at)));
            let result = match &answer.result {
                Ok(addresses) => {
                    addresses.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
                }
                Err(error) => Shown(&error.to_string()).to_string(),
            };
            self.line("", f, format_args!("{} at {after}: {result}", answer.family.record_type()))?;
            let transport = answer.transport.map(|transport| transport.as_str());
            let rcode = answer.rcode.map(|rcode| rcode.to_string());
            let from = answer.from.as_str();
            let source = source(from, answer.server, transport, rcode.as_deref(), answer.ttl_s);
            let queries = if answer.asked == 1 { "query" } else { "queries" };
            self.line("", f, format_args!("  {source}, {} {queries}", answer.asked))?;
        }
        Ok(())
    }

    fn connect(&self, connect: &Connect<'_>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let addresses: Vec<_> =
            connect.attempts().map(|attempt| attempt.address.to_string()).collect();
        let widest = addresses.iter().map(String::len).max().unwrap_or(0);
        for (n, (attempt, address)) in connect.attempts().zip(&addresses).enumerate() {
            let step = if n == 0 { "connect" } else { "" };
            let took = Took(Duration::from_micros(attempt.took_us));
            let end = self.end(&attempt, connect);
            if addresses.len() == 1 {
                self.line(step, f, format_args!("{address}  {took}  {end}"))?;
                continue;
            }
            let start = Took(Duration::from_micros(attempt.start_us));
            let when = format_args!("at {start:>8} for {took:>8}");
            self.line(step, f, format_args!("{address:<widest$}  {when}  {end}"))?;
        }
        if let Some(Tunnel { status, reason }) = &connect.tunnel() {
            let style = self.status_style(*status);
            let reason = Cut(&reason.text(), self.room(24)).to_string();
            let status = format_args!("the proxy answered {style}{status:03} {reason}{style:#}");
            self.line("", f, status)?;
        }
        Ok(())
    }

    fn end(&self, attempt: &Attempt<'_>, connect: &Connect<'_>) -> String {
        let Palette { good, bad, .. } = self.palette;
        match (attempt.failure, connect.local().filter(|_| self.verbose)) {
            (Some(code), _) => format!("{bad}{}{bad:#}", code),
            (None, _) if attempt.abandoned => "given up".to_owned(),
            (None, Some(local)) => format!("{good}connected{good:#} from {}", local),
            (None, None) => format!("{good}connected{good:#}"),
        }
    }

    fn response(&self, response: &Response<'_>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.verbose {
            for interim in response.interim() {
                let reason = Cut(&text(interim.reason.octets), self.room(4)).to_string();
                self.line("interim", f, format_args!("{} {reason}", interim.status))?;
                fields::write(self, interim.fields, f)?;
            }
        }
        if let Some(head) = response.head() {
            let (version, status) = (head.version(), head.status());
            let style = self.status_style(status);
            let reason = text(head.reason());
            let space = if reason.is_empty() { "" } else { " " };
            let reason = Cut(&reason, self.room(13));
            let status = format_args!("{style}{version} {status:03}{space}{reason}{style:#}");
            self.line("response", f, status)?;
            fields::write(self, response.fields(), f)?;
            if let Some(octets) = response.body_octets() {
                let framing = response.framing().unwrap_or("unknown");
                let whole = if response.0.complete { "" } else { ", not whole" };
                self.line("body", f, format_args!("{octets} octets{whole} (framing: {framing})"))?;
            }
        }
        let trailers = response.trailers().iter().count();
        if self.verbose && trailers > 0 {
            let some = if trailers == 1 { "field" } else { "fields" };
            self.line("trailers", f, format_args!("{trailers} {some}"))?;
            fields::write(self, response.trailers(), f)?;
        }
        self.oddities(&response.oddities(), f)
    }

    fn oddities(&self, oddities: &[Oddity<'_>], f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let warn = self.palette.warn;
        for oddity in oddities {
            let Oddity { rule, offset, says, reference, field } = oddity;
            self.line(
                "odd",
                f,
                format_args!("{warn}{rule}{warn:#} at octet {offset} ({reference})"),
            )?;
            match field {
                None => self.line("", f, format_args!("{says}"))?,
                Some(field) => {
                    let field = Cut(field, 40);
                    self.line("", f, format_args!("{field}: {says}"))?;
                }
            }
        }
        Ok(())
    }

    fn status_style(&self, status: u16) -> Style {
        match status {
            200..300 => self.palette.good,
            500..600 => self.palette.bad,
            _ => self.palette.warn,
        }
    }
}

/// Where an answer came from: `from dns, 192.0.2.53:53 over udp, NOERROR, TTL 60 s`.
fn source(
    from: &str,
    server: Option<SocketAddr>,
    transport: Option<&str>,
    rcode: Option<&str>,
    ttl_s: Option<u32>,
) -> String {
    let mut source = format!("from {from}");
    // Writing to a String cannot fail.
    let _ = match (server, transport) {
        (Some(server), Some(transport)) => write!(source, ", {server} over {transport}"),
        (Some(server), None) => write!(source, ", {server}"),
        (None, _) => Ok(()),
    };
    let _ = rcode.map_or(Ok(()), |rcode| write!(source, ", {rcode}"));
    let _ = ttl_s.map_or(Ok(()), |ttl| write!(source, ", TTL {ttl} s"));
    source
}
