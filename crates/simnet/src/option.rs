//! The `option` lines of an exchange: what differs from the default plan.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::time::Duration;

use fourstep_probe::{Parting, Plan, Rewrite};
use fourstep_request::{Recipe, RequestError, Version};
use fourstep_resolve::Families;
use fourstep_target::{Host, Target};
use fourstep_tls::{Identity, Options, Pin, Roots, Sni};

use crate::line::unquote;
use crate::tls::authority;

/// Takes one `option` line, without that word, into the plan.
pub(crate) fn take(plan: &mut Plan, line: &str) -> Result<(), String> {
    let (name, value) = line.split_once(' ').unwrap_or((line, ""));
    let asked = |change: &dyn Fn(Recipe) -> Result<Recipe, RequestError>| {
        change(plan.recipe.clone()).map_err(|error| error.to_string())
    };
    match name {
        "method" => plan.recipe = asked(&|recipe| recipe.method(value))?,
        "header" => {
            let line = octets(value)?;
            plan.recipe = asked(&|recipe| recipe.field(&line))?;
        }
        "user-agent" => {
            let text = String::from_utf8(octets(value)?).map_err(|_| "expected UTF-8")?;
            plan.recipe = asked(&|recipe| recipe.user_agent(&text))?;
        }
        "request-target" => {
            let request_target = octets(value)?;
            plan.recipe = asked(&|recipe| recipe.request_target(&request_target))?;
        }
        "body" => plan.recipe = plan.recipe.clone().body(unquote(value)?.into()),
        "version" => {
            let version = match value {
                "1.0" => Version::Http10,
                "1.1" => Version::Http11,
                _ => return Err("expected 1.0 or 1.1".into()),
            };
            plan.recipe = plan.recipe.clone().version(version);
        }
        "proxy" => {
            let proxy = target(value)?;
            plan.recipe = plan.recipe.clone().proxied(proxy.userinfo());
            plan.route.proxy = Some((proxy.host().clone(), proxy.port()));
        }
        "connect-to" => {
            let (from, to) = value.split_once(' ').ok_or("expected FROM TO")?;
            let (host, port) = place(from)?;
            let (to_host, to_port) = place(to)?;
            plan.route.rewrites.push(Rewrite { host, port, to_host, to_port });
        }
        "unix-socket" => {
            let path = octets(value)?;
            plan.route.unix = Some(Path::new(OsStr::from_bytes(&path)).into());
        }
        "zone" => {
            let (zone, scope) = value.split_once(' ').ok_or("expected NAME NUMBER")?;
            plan.route.zones.push((zone.into(), number(scope)?));
        }
        "families" => {
            plan.families = match value {
                "A" => Families::V4,
                "AAAA" => Families::V6,
                "A AAAA" => Families::Both,
                _ => return Err("expected A, AAAA or A AAAA".into()),
            };
        }
        "parting" => {
            plan.parting = match value {
                "close" => Parting::Close,
                "reset" => Parting::Reset,
                _ => return Err("expected close or reset".into()),
            };
        }
        "follow" => plan.follow = number(value)?,
        "keep" => plan.keep.body_octets = number(value)?,
        "attempts" => plan.pace.attempts = number(value)?,
        "attempt-floor" => plan.pace.attempt_floor = duration(value)?,
        "attempt-delay" => plan.pace.attempt_delay = duration(value)?,
        "resolution-delay" => plan.pace.resolution_delay = duration(value)?,
        "timeout" => plan.deadlines.total = duration(value)?,
        "resolve-timeout" => plan.deadlines.resolve = duration(value)?,
        "connect-timeout" => plan.deadlines.connect = duration(value)?,
        "tls-timeout" => plan.deadlines.tls = duration(value)?,
        "request-timeout" => plan.deadlines.request = duration(value)?,
        "response-timeout" => plan.deadlines.response = duration(value)?,
        "max-head" => plan.limits.head_bytes = number(value)?,
        "max-fields" => plan.limits.fields = number(value)?,
        "max-interim" => plan.limits.interim = number(value)?,
        "max-body" => plan.limits.body_bytes = number(value)?,
        _ => return Err("no such option".into()),
    }
    Ok(())
}

/// The options of TLS, which the plan takes together.
pub(crate) struct Secured {
    pub(crate) options: Options,
}

impl Default for Secured {
    /// The root of every peer is trusted, and its lists of what was revoked are known.
    fn default() -> Secured {
        let authority = authority();
        let roots = Roots::Given(vec![authority.root.der().to_vec()]);
        let crls = vec![authority.revoked.clone().into_bytes()];
        Secured { options: Options { roots, crls, ..Options::default() } }
    }
}

impl Secured {
    /// Takes one `option` line, without that word; `None`: it is of something else.
    pub(crate) fn take(&mut self, line: &str) -> Option<Result<(), String>> {
        let (name, value) = line.split_once(' ').unwrap_or((line, ""));
        let version = || fourstep_tls::Version::from_text(value).ok_or("expected 1.2 or 1.3");
        let options = &mut self.options;
        match name {
            "insecure" => options.insecure = true,
            "no-sni" => options.sni = Sni::Absent,
            "sni" => options.sni = Sni::Other(value.into()),
            "alpn" => options.alpn = value.split(',').map(|name| name.as_bytes().into()).collect(),
            "client-cert" => {
                let me = &authority().client;
                let (chain, key) = (me.pem().into(), me.key_pem().into());
                options.identity = Some(Identity { chain, key });
            }
            "tls-min" => match version() {
                Ok(version) => options.oldest = version,
                Err(says) => return Some(Err(says.into())),
            },
            "tls-max" => match version() {
                Ok(version) => options.newest = version,
                Err(says) => return Some(Err(says.into())),
            },
            "pin" => match Pin::list(value) {
                Ok(pins) => options.pins = pins,
                Err(error) => return Some(Err(error.to_string())),
            },
            _ => return None,
        }
        Some(Ok(()))
    }
}

/// `HOST:PORT`, either of which may be missing: then it stands for every one, or for the same.
fn place(text: &str) -> Result<(Option<Host>, Option<u16>), String> {
    let (host, port) = text.rsplit_once(':').ok_or("expected HOST:PORT")?;
    let host = match host {
        "" => None,
        host => Some(target(host)?.host().clone()),
    };
    let port = match port {
        "" => None,
        port => Some(number(port)?),
    };
    Ok((host, port))
}

/// Octets, in quotes or as they stand.
fn octets(text: &str) -> Result<Vec<u8>, &'static str> {
    if text.starts_with('"') { unquote(text) } else { Ok(text.into()) }
}

fn target(text: &str) -> Result<Target, String> {
    text.parse().map_err(|error: fourstep_target::TargetError| error.to_string())
}

fn number<T: std::str::FromStr>(text: &str) -> Result<T, String> {
    text.parse().map_err(|_| "expected a number that fits".into())
}

/// `1500ns`, `250ms` or `2s`; `0` lifts a limit.
fn duration(text: &str) -> Result<Duration, String> {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    match text.split_at_checked(end) {
        Some(("0", "")) => Ok(Duration::MAX),
        Some((count, "ns")) => Ok(Duration::from_nanos(number(count)?)),
        Some((count, "ms")) => Ok(Duration::from_millis(number(count)?)),
        Some((count, "s")) => Ok(Duration::from_secs(number(count)?)),
        _ => Err("expected a duration: 1500ns, 250ms, 2s or 0".into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use fourstep_probe::{Probe, trace};
    use std::sync::Arc;

    #[test]
    fn an_option_changes_the_plan_or_is_refused() {
        let rows = [
            ("timeout 2s", true),
            ("timeout 250ms", true),
            ("timeout 0", true),
            ("timeout 2", false),
            ("timeout", false),
            ("follow 3", true),
            ("follow 70000", false),
            ("method GET", true),
            ("method G T", false),
            ("header X-A: b", true),
            ("header X-A", false),
            ("body \"a\\r\\n\"", true),
            ("body a", false),
            ("connect-to a.test:80 :8080", true),
            ("connect-to [2001:db8::1]: b.test:", true),
            ("connect-to a.test", false),
            ("connect-to a.test:80", false),
            ("families AAAA", true),
            ("families", false),
            ("speed high", false),
        ];
        for (line, is_one) in rows {
            let mut plan = Plan::default();
            let taken = take(&mut plan, line);
            assert_eq!(taken.is_ok(), is_one, "{line}: {taken:?}");
        }
    }

    /// What a trace says of a plan makes that plan.
    #[test]
    fn what_trace_writes_is_read_back() {
        let lines = [
            "method PUT",
            "version 1.0",
            "user-agent me \"too\"",
            "header Accept:",
            "header X-One: 1",
            "header X-Empty;",
            "header Authorization: ***",
            "header \"X-Odd: \\xff\\tb\"",
            "body \"a\\x00\"",
            "request-target *",
            "unix-socket /run/a b.sock",
            "proxy ***@p.test:3128",
            "connect-to a.test:80 [2001:db8::1]:8080",
            "connect-to : [fe80::1%25lo]:",
            "zone lo 1",
            "families AAAA",
            "timeout 0",
            "resolve-timeout 250ms",
            "connect-timeout 2s",
            "request-timeout 0ms",
            "response-timeout 1500ns",
            "resolution-delay 10ms",
            "attempt-delay 100ms",
            "attempt-floor 20ms",
            "attempts 3",
            "max-head 1",
            "max-fields 2",
            "max-interim 3",
            "max-body 18446744073709551615",
            "follow 5",
        ];
        let mut plan = Plan::default();
        lines.iter().for_each(|line| take(&mut plan, line).unwrap());
        let target = Arc::new("http://a.test/".parse().unwrap());
        let probe = Probe::new(target, Arc::new(plan.clone()));
        let mut out = String::new();
        trace::target(probe.report(), &plan, &mut out);
        let want: String = lines.iter().map(|line| format!("option {line}\n")).collect();
        assert_eq!(out, format!("target http://a.test/\n{want}"));
    }
}
