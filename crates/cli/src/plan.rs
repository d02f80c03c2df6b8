//! What a probe may do, by the flags.

use std::net::{IpAddr, SocketAddr};
use std::str::FromStr;
use std::time::Duration;

use anyhow::{Context, anyhow};
use fourstep::Plan;
use fourstep::machine::{Deadlines, Keep};
use fourstep::resolve::Families;
use fourstep::response::Limits;
use fourstep::socket::Options;

use crate::args::{ConnectArgs, HowArgs, ResponseArgs, TimeArgs};
use crate::misfit::Misfit;
use crate::{duration, recipe, route, size};

/// How far -L goes, as curl does.
const FOLLOW: u16 = 50;

/// `whole`: of a body all that is read is kept, unless a flag says otherwise.
pub(crate) fn plan(args: &HowArgs, whole: bool) -> anyhow::Result<Plan> {
    let (route, credentials) = route::route(&args.connect)?;
    let mut recipe = recipe::recipe(&args.request)?;
    if route.proxy.is_some() {
        recipe = recipe.proxied(credentials.as_ref());
    }
    let limits = limits(&args.response)?;
    Ok(Plan {
        recipe,
        route,
        families: match (args.resolve.ipv4, args.resolve.ipv6) {
            (true, _) => Families::V4,
            (false, true) => Families::V6,
            (false, false) => Families::Both,
        },
        deadlines: deadlines(&args.time)?,
        limits,
        keep: keep(&args.response, whole, limits)?,
        follow: follow(&args.response)?,
        ..Plan::default()
    })
}

/// Where sockets are bound to.
pub(crate) fn sockets(args: &ConnectArgs) -> anyhow::Result<Options> {
    let source = args.source.as_deref().map(|text| {
        let address = SocketAddr::from_str(text);
        let address = address.or_else(|_| IpAddr::from_str(text).map(|ip| SocketAddr::new(ip, 0)));
        address.map_err(|_| {
            anyhow!(
                "--source `{}`: expected an address, as in 192.0.2.1 or [2001:db8::1]:4000",
                text.escape_debug()
            )
        })
    });
    Ok(Options {
        source: source.transpose()?,
        interface: args.interface.clone(),
        ..Options::default()
    })
}

fn deadlines(args: &TimeArgs) -> anyhow::Result<Deadlines> {
    let ours = Deadlines::default();
    let time = |flag, text: &Option<String>, ours: Duration| {
        value(flag, text.as_deref(), ours, duration::parse)
    };
    Ok(Deadlines {
        total: time("--timeout", &args.timeout, ours.total)?,
        resolve: time("--resolve-timeout", &args.resolve_timeout, ours.resolve)?,
        connect: time("--connect-timeout", &args.connect_timeout, ours.connect)?,
        tls: time("--tls-timeout", &args.tls_timeout, ours.tls)?,
        request: time("--request-timeout", &args.request_timeout, ours.request)?,
        response: time("--response-timeout", &args.response_timeout, ours.response)?,
    })
}

fn limits(args: &ResponseArgs) -> anyhow::Result<Limits> {
    let ours = Limits::default();
    let size = |text: &str| size::limit(text, usize::MAX);
    let octet = |text: &str| size::limit(text, u8::MAX);
    Ok(Limits {
        head_bytes: value("--max-head", args.max_head.as_deref(), ours.head_bytes, size)?,
        fields: value("--max-fields", args.max_fields.as_deref(), ours.fields, size)?,
        interim: value("--max-interim", args.max_interim.as_deref(), ours.interim, octet)?,
        body_bytes: value("--max-body", args.max_body.as_deref(), ours.body_bytes, size::parse)?,
    })
}

/// What the verdict may look at of a body that nobody will see.
const LOOKED_AT: usize = 4096;

fn keep(args: &ResponseArgs, whole: bool, limits: Limits) -> anyhow::Result<Keep> {
    let all = usize::try_from(limits.body_bytes).unwrap_or(usize::MAX);
    let ours = if whole { all } else { LOOKED_AT };
    let parse = |text: &str| size::limit(text, usize::MAX);
    let body_octets = value("--keep-body", args.keep_body.as_deref(), ours, parse)?;
    Ok(Keep { body_octets })
}

fn follow(args: &ResponseArgs) -> anyhow::Result<u16> {
    let number = |text: &str| {
        let digits = text.bytes().all(|octet| octet.is_ascii_digit());
        let number = text.parse().ok().filter(|_| digits);
        number.ok_or(Misfit { offset: 0, expected: "a number of redirects, 0 to 65535" })
    };
    let ours = if args.location { FOLLOW } else { 0 };
    value("--follow", args.follow.as_deref(), ours, number)
}

/// The value of a flag, or what it is without.
pub(crate) fn value<T>(
    flag: &'static str,
    text: Option<&str>,
    ours: T,
    parse: impl Fn(&str) -> Result<T, Misfit>,
) -> anyhow::Result<T> {
    match text {
        None => Ok(ours),
        Some(text) => parse(text).with_context(|| format!("{flag} `{}`", text.escape_debug())),
    }
}
