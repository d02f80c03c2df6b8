//! How names are looked up: this machine's way, changed by flags.

use anyhow::{Context, anyhow};
use fourstep::resolve::{Config, Override};
use fourstep::socket::interface_index;
use fourstep::{Error, system};

use crate::args::ResolveArgs;
use crate::exit::say;

/// The machine's own settings are read only when a name is looked up; `verbose` says what of
/// them was not understood.
pub(crate) fn config(args: &ResolveArgs, needed: bool, verbose: bool) -> anyhow::Result<Config> {
    let mut config = Config::default();
    if needed {
        let (system, warnings) = system::names().map_err(Error::System)?;
        config = system;
        for warning in warnings.iter().filter(|_| verbose) {
            let (line, says, shown) = (warning.line, warning.says, &warning.shown);
            say(format_args!("/etc/resolv.conf, line {line}: {says}: {shown}"));
        }
    }
    if !args.resolver.is_empty() {
        let servers = args.resolver.iter().map(|text| {
            Config::parse_server(text, interface_index)
                .ok_or_else(|| anyhow!("--resolver `{}`: expected an address, as in 192.0.2.53, 192.0.2.53:5353 or [2001:db8::53]:5353", text.escape_debug()))
        });
        config.servers = servers.collect::<anyhow::Result<_>>()?;
    }
    for text in &args.resolve {
        config.overrides.push(
            Override::parse(text)
                .with_context(|| format!("--resolve `{}`", text.escape_debug()))?,
        );
    }
    Ok(config)
}
