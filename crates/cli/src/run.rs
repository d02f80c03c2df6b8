//! `fourstep URL...`: one loop for all of them, results in the order given.

use std::ffi::OsString;
use std::os::unix::ffi::OsStrExt;
use std::process::ExitCode;

use anyhow::{Context, bail};
use fourstep::driver::{Finished, Ran, Settings};
use fourstep::output::{Accept, exit};
use fourstep::target::{Host, Scheme, Target, redact};
use fourstep::{Client, Code, Error, Plan, socket};

use crate::args::{HowArgs, ProbeArgs};
use crate::exit::say;
use crate::order::InOrder;
use crate::print::Printer;
use crate::refusal::Refusal;
use crate::writer::{Word, Writer, briefly};
use crate::{names, plan, route, signals, trust};

/// Words that are no targets: commands. A host of such a name is `http://scan/`.
const COMMANDS: [&str; 7] = ["codes", "demo", "fingerprints", "help", "scan", "wait", "watch"];

/// Targets that a loop takes without a look at how many descriptors there may be.
const FEW: usize = 64;

/// Descriptors that a probe may want at once: a race, and its share of name servers.
const DESCRIPTORS_EACH: u64 = 4;

/// Targets that are named of those whose probes were not begun.
const NAMED: usize = 3;

pub(crate) fn run(args: &ProbeArgs) -> anyhow::Result<ExitCode> {
    words(&args.urls)?;
    let accept = args.how.response.accept.as_deref().map(Accept::parse).transpose();
    let accept = accept.context("--accept")?.unwrap_or_default();
    let several = args.urls.len() > 1;
    let printer = Printer::new(&args.output, accept, several)?;

    let targets: Vec<_> = args.urls.iter().map(|url| Client::target(url.as_bytes())).collect();
    let output = &args.output;
    let mut client = client(&args.how, output.body, output.verbose, targets.iter().flatten())?;
    client.settings.in_flight = in_flight(args.urls.len());
    client.settings.trace = printer.traces();
    let mut driver = client.driver()?;

    let mut order = InOrder::new(targets.len());
    let mut jobs = Vec::new();
    for (place, (target, typed)) in targets.into_iter().zip(&args.urls).enumerate() {
        let number = u64::try_from(place).unwrap_or(u64::MAX);
        match target.and_then(|target| client.job(number, target)) {
            Ok(job) => jobs.push(job),
            Err(error) => {
                let refusal = Refusal::new(typed.as_bytes(), error);
                order.push(place, Word::Refusal(refusal), true);
            }
        }
    }

    let signals = signals::watch(&mut driver).map_err(Error::System)?;
    // A single report needs no thread, and no time to start one.
    let apart = several || client.plan.follow > 0;
    let writer = Writer::new(printer, driver.interrupter(), apart).map_err(Error::System)?;
    let mut results = Results { writer, order, interrupted: 0 };
    results.write();
    let ran = driver.run(jobs, |done, lines| results.take(done, lines)).map_err(Error::System)?;

    let unprobed = results.order.unfinished();
    for place in &unprobed {
        results.order.push(*place, Word::Nothing, true);
    }
    results.write();
    let probes = results.writer.end(&signals);
    match (ran, signals.came(), probes) {
        (Ran::Interrupted, Some((name, code)), _) => {
            let left = results.interrupted + unprobed.len();
            let mut lines =
                vec![format!("{name}: {left} of {} probes not finished", args.urls.len())];
            lines.extend(not_begun(unprobed.iter().filter_map(|place| args.urls.get(*place))));
            let say_all = move || lines.iter().for_each(say);
            match probes {
                Some(_) => say_all(),
                None => briefly(say_all),
            }
            Ok(code.into())
        }
        (_, Some((_, code)), None) => Ok(code.into()),
        (_, _, probes) => Ok(probes.unwrap_or(exit::LOCAL).into()),
    }
}

/// All that the flags say of probing these targets. `whole`: their bodies are kept; `verbose`: what
/// of the system's settings is not understood is said.
pub(crate) fn client<'a>(
    how: &HowArgs,
    whole: bool,
    verbose: bool,
    targets: impl IntoIterator<Item = &'a Target>,
) -> anyhow::Result<Client> {
    let plan = plan::plan(how, whole)?;
    let options = trust::options(&how.tls)?;
    let sockets = plan::sockets(&how.connect)?;
    let (mut needs_names, mut needs_tls) = (false, plan.follow > 0);
    for target in targets {
        route::reachable(&plan.route, target, &sockets)?;
        needs_names |= may_ask(&plan, target);
        needs_tls |= target.scheme() == Scheme::Https;
    }
    let settings = Settings {
        sockets,
        names: names::config(&how.resolve, needs_names, verbose)?,
        clock: how.response.clock.into(),
        ..Settings::default()
    };
    let mut client = Client { plan, settings };
    if needs_tls {
        trust::speak(&mut client, &how.tls, options)?;
    }
    Ok(client)
}

/// Reports on their way to the writer.
struct Results {
    writer: Writer,
    order: InOrder<Word>,
    /// Probes that were cut short by a signal.
    interrupted: usize,
}

impl Results {
    fn take(&mut self, done: Finished, lines: &str) {
        let report = &done.report;
        let is_last = report.next.is_none();
        let code = report.failure.as_ref().map(|failure| failure.code());
        self.interrupted += usize::from(code == Some(Code::LocalInterrupted));
        let place = usize::try_from(done.number).unwrap_or(usize::MAX);
        self.order.push(place, Word::Report(done, lines.to_owned()), is_last);
        self.write();
    }

    /// Hands on all whose turn it is.
    fn write(&mut self) {
        while let Some((place, word)) = self.order.pop() {
            self.writer.write(place, word);
        }
    }
}

/// The line for targets whose probes were not begun: how many, and the first of them.
fn not_begun<'a>(urls: impl Iterator<Item = &'a OsString>) -> Option<String> {
    let shown: Vec<_> = urls.map(|url| redact(url.as_bytes())).collect();
    let named = shown.get(..NAMED).unwrap_or(&shown);
    let more = if named.len() < shown.len() { ", ..." } else { "" };
    (!shown.is_empty()).then(|| format!("{} not begun: {}{more}", shown.len(), named.join(", ")))
}

/// Refuses the words of commands, so that none is probed as a host by accident.
fn words(urls: &[OsString]) -> anyhow::Result<()> {
    let word = urls.iter().find_map(|url| COMMANDS.iter().find(|word| url == *word));
    match word {
        None => Ok(()),
        Some(&"help") => {
            bail!("for help write fourstep --help; for a host of that name http://help/")
        }
        Some(word) => {
            bail!(
                "`{word}` is a command and stands alone; for a host of that name write http://{word}/"
            )
        }
    }
}

/// Whether a probe of this target may look a name up.
fn may_ask(plan: &Plan, target: &Target) -> bool {
    let route = &plan.route;
    let is_name = |host: &Host| matches!(host, Host::Name(_));
    match (&route.unix, &route.proxy) {
        (Some(_), _) => false,
        (None, Some((proxy, _))) => is_name(proxy),
        (None, None) => {
            let elsewhere = route.rewrites.iter().filter_map(|rewrite| rewrite.to_host.as_ref());
            plan.follow > 0 || is_name(target.host()) || elsewhere.into_iter().any(is_name)
        }
    }
}

/// How many probes may be under way at once.
pub(crate) fn in_flight(targets: usize) -> usize {
    let most = Settings::default().in_flight;
    if targets <= FEW {
        return most;
    }
    let descriptors = socket::descriptor_limit() / DESCRIPTORS_EACH;
    usize::try_from(descriptors).unwrap_or(most).clamp(1, most)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_the_targets_not_begun_three_are_named() {
        let rows: &[(&[&str], Option<&str>)] = &[
            (&[], None),
            (&["a.test"], Some("1 not begun: a.test")),
            (
                &["a.test", "http://me:x@b.test/", "c"],
                Some("3 not begun: a.test, http://me:***@b.test/, c"),
            ),
            (&["a", "b", "c", "d"], Some("4 not begun: a, b, c, ...")),
        ];
        for (urls, want) in rows {
            let urls: Vec<OsString> = urls.iter().map(Into::into).collect();
            assert_eq!(not_begun(urls.iter()).as_deref(), *want, "{urls:?}");
        }
    }
}
