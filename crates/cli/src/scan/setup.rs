//! What the flags of a scan say.

use std::env;
use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, bail};
use fourstep::Client;
use fourstep::driver::{Excluded, Settings};
use fourstep::machine::Parting;
use fourstep::output::{Fields, Lines};
use fourstep::request::Recipe;
use fourstep::scan::{Limits, Scope, Shard};
use fourstep::socket::interface_index;
use fourstep::target::Scheme;

use crate::args::RequestArgs;
use crate::args::scan::{Format, ListArgs, PaceArgs, RecordsArgs, ScanArgs, Speak};
use crate::misfit::Misfit;
use crate::plan::{self, value};
use crate::{duration, names, size, trust};

/// Settings for every probe of the list, whatever stands there.
pub(crate) fn client(args: &ScanArgs) -> anyhow::Result<Client> {
    let how = &args.how;
    let mut plan = plan::plan(how, false)?;
    // A mass run that leaves TIME_WAIT behind runs out of ports.
    plan.parting = Parting::Reset;
    plan.route.zones = zones();
    if let Some(contact) = &args.pace.contact {
        plan.recipe = signed(plan.recipe, contact)?;
    }
    let options = trust::options(&how.tls)?;
    let settings = Settings {
        sockets: plan::sockets(&how.connect)?,
        names: names::config(&how.resolve, true, false)?,
        clock: how.response.clock.into(),
        fresh_sockets: args.pace.fresh_sockets,
        excluded: Arc::new(excluded(&args.list)?),
        ..Settings::default()
    };
    let mut client = Client { plan, settings };
    trust::speak(&mut client, &how.tls, options)?;
    Ok(client)
}

/// The interfaces that the zone of a link-local address may name (RFC 4007 §11.2).
fn zones() -> Vec<(Box<str>, u32)> {
    let names = fs::read_dir("/sys/class/net").into_iter().flatten().flatten();
    let names = names.filter_map(|entry| entry.file_name().into_string().ok());
    names.filter_map(|name| Some((name.as_str().into(), interface_index(&name)?))).collect()
}

/// Says who probes, as crawlers do: a comment behind the product (RFC 9110 §10.1.5).
fn signed(recipe: Recipe, contact: &str) -> anyhow::Result<Recipe> {
    // What would end the comment, or begin another (RFC 9110 §5.6.5).
    if let Some(offset) = contact.find(['(', ')', '\\']) {
        bail!("--contact: octet {offset}: no parenthesis or backslash can stand there");
    }
    let says = format!("fourstep/{} (+{contact})", env!("CARGO_PKG_VERSION"));
    recipe.user_agent(&says).context("--contact")
}

fn excluded(args: &ListArgs) -> anyhow::Result<Excluded> {
    let mut text = String::new();
    for path in &args.exclude {
        let shown = || format!("--exclude {}", path.to_string_lossy().escape_debug());
        let own = fs::read_to_string(path).with_context(shown)?;
        // Alone, so that an error has the line of its own file.
        Excluded::parse(&own).with_context(shown)?;
        text.push_str(&own);
        text.push('\n');
    }
    Ok(Excluded::parse(&text)?)
}

/// Whether standard input is the body.
pub(crate) fn takes_stdin(args: &RequestArgs) -> bool {
    args.data.iter().any(|data| data == "@-") || args.data_file.as_deref() == Some(Path::new("-"))
}

/// What of the list is probed.
pub(crate) fn scope(args: &ListArgs) -> anyhow::Result<Scope> {
    let ports = args
        .ports
        .as_deref()
        .map(|text| text.parse().with_context(|| format!("--ports `{}`", text.escape_debug())));
    Ok(Scope {
        ports: ports.transpose()?.unwrap_or_default(),
        scheme: args.scheme.map(|scheme| match scheme {
            Speak::Http => Scheme::Http,
            Speak::Https => Scheme::Https,
        }),
        seed: args.seed,
        shard: shard(args)?,
        ..Scope::default()
    })
}

fn shard(args: &ListArgs) -> anyhow::Result<Option<Shard>> {
    /// Where Kubernetes says which pod of an Indexed Job this is.
    const INDEX: &str = "JOB_COMPLETION_INDEX";
    if let Some(text) = &args.shard {
        let shard = text.parse().with_context(|| format!("--shard `{}`", text.escape_debug()));
        return shard.map(Some);
    }
    let Some(count) = &args.shards else { return Ok(None) };
    let Ok(index) = env::var(INDEX) else {
        bail!(
            "--shards: {INDEX} is not set; without it say which: --shard 1/{}",
            count.escape_debug()
        );
    };
    let shown = || format!("--shards {}, {INDEX}={}", count.escape_debug(), index.escape_debug());
    Shard::of_job(&index, count).map(Some).with_context(shown)
}

/// How fast; how many at once is for the machine to say.
pub(crate) fn limits(args: &PaceArgs) -> anyhow::Result<Limits> {
    let ours = Limits::default();
    let count = |text: &str| size::limit(text, 0_u32);
    let retries = |text: &str| {
        let number = text.parse().ok().filter(|_| text.bytes().all(|octet| octet.is_ascii_digit()));
        number.ok_or(Misfit { offset: 0, expected: "a number of retries, 0 to 255" })
    };
    let rate = |text: &str| {
        let number: Option<f64> = text.parse().ok();
        let number = number.filter(|number| number.is_finite() && *number >= 0.0);
        let number = number.ok_or(Misfit { offset: 0, expected: "a number of probes a second" })?;
        Ok((number > 0.0).then_some(number))
    };
    // 0 is no delay here, where it lifts a limit elsewhere.
    let delay = |text: &str| match duration::parse(text)? {
        Duration::MAX => Ok(Duration::ZERO),
        delay => Ok(delay),
    };
    Ok(Limits {
        rate: value("--rate", args.rate.as_deref(), ours.rate, rate)?,
        per_host: value("--per-host", args.per_host.as_deref(), ours.per_host, count)?,
        per_prefix: value("--per-prefix", args.per_prefix.as_deref(), ours.per_prefix, count)?,
        retries: value("--retries", args.retries.as_deref(), ours.retries, retries)?,
        backoff: value("--retry-delay", args.retry_delay.as_deref(), ours.backoff, delay)?,
        ..ours
    })
}

/// How many at once, when somebody says so.
pub(crate) fn in_flight(args: &PaceArgs) -> anyhow::Result<Option<usize>> {
    let parse = |text: &str| size::limit(text, usize::MAX).map(Some);
    value("--in-flight", args.in_flight.as_deref(), None, parse)
}

/// How records stand on lines.
pub(crate) fn lines(args: &RecordsArgs) -> anyhow::Result<Lines> {
    let fields = args.fields.as_deref().map(Fields::parse).transpose().context("--fields")?;
    Ok(match args.csv || args.format == Format::Csv {
        true => Lines::csv(fields),
        false => Lines::json(fields),
    })
}
