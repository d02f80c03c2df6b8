//! The `option` lines of an exchange: what differs from the default plan.

use std::path::Path;
use std::time::Duration;

use fourstep_probe::{Parting, Plan, Rewrite};
use fourstep_request::{Recipe, RequestError, Version};
use fourstep_resolve::Families;
use fourstep_target::{Host, Target};

use crate::line::unquote;

/// Takes one `option` line, without that word, into the plan.
pub(crate) fn take(plan: &mut Plan, line: &str) -> Result<(), String> {
    let (name, value) = line.split_once(' ').unwrap_or((line, ""));
    let asked = |change: &dyn Fn(Recipe) -> Result<Recipe, RequestError>| {
        change(plan.recipe.clone()).map_err(|error| error.to_string())
    };
    match name {
        "method" => plan.recipe = asked(&|recipe| recipe.method(value))?,
        "header" => plan.recipe = asked(&|recipe| recipe.field(value.as_bytes()))?,
        "user-agent" => plan.recipe = asked(&|recipe| recipe.user_agent(value))?,
        "request-target" => plan.recipe = asked(&|r| r.request_target(value.as_bytes()))?,
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
        "unix-socket" => plan.route.unix = Some(Path::new(value).into()),
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
        "attempt-delay" => plan.pace.attempt_delay = duration(value)?,
        "resolution-delay" => plan.pace.resolution_delay = duration(value)?,
        "timeout" => plan.deadlines.total = duration(value)?,
        "resolve-timeout" => plan.deadlines.resolve = duration(value)?,
        "connect-timeout" => plan.deadlines.connect = duration(value)?,
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

fn target(text: &str) -> Result<Target, String> {
    text.parse().map_err(|error: fourstep_target::TargetError| error.to_string())
}

fn number<T: std::str::FromStr>(text: &str) -> Result<T, String> {
    text.parse().map_err(|_| "expected a number that fits".into())
}

/// `250ms` or `2s`; `0` lifts a limit.
fn duration(text: &str) -> Result<Duration, String> {
    match (text.strip_suffix("ms"), text.strip_suffix('s')) {
        _ if text == "0" => Ok(Duration::MAX),
        (Some(millis), _) => Ok(Duration::from_millis(number(millis)?)),
        (None, Some(seconds)) => Ok(Duration::from_secs(number(seconds)?)),
        (None, None) => Err("expected a duration: 250ms, 2s or 0".into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
}
