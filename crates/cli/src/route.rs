//! Where to connect, when that is not where the URL says.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;

use anyhow::{Context, bail};
use fourstep::machine::{Rewrite, Route};
use fourstep::socket::Options;
use fourstep::target::{Host, Scheme, Target, Userinfo};

use crate::args::ConnectArgs;
use crate::misfit::Misfit;

/// The port of a proxy that names none, as curl has it.
const PROXY_PORT: u16 = 1080;

/// The longest path of a unix socket: sockaddr_un(7) has 108 octets, the last one NUL.
const UNIX_PATH: usize = 107;

/// The detours, and the credentials for a proxy.
pub(crate) fn route(args: &ConnectArgs) -> anyhow::Result<(Route, Option<Userinfo>)> {
    let mut route = Route { unix: args.unix_socket.as_deref().map(Into::into), ..Route::default() };
    if let Some(path) = &args.unix_socket {
        let length = path.as_os_str().len();
        if length > UNIX_PATH {
            bail!(
                "--unix-socket: the path has {length} octets; a socket's has {UNIX_PATH} at most"
            );
        }
    }
    for text in &args.connect_to {
        let rewrite =
            rewrite(text).with_context(|| format!("--connect-to `{}`", text.escape_debug()))?;
        route.rewrites.push(rewrite);
    }
    let Some(typed) = &args.proxy else { return Ok((route, None)) };
    let (host, port, credentials) = proxy(typed).context("--proxy")?;
    route.proxy = Some((host, port));
    Ok((route, credentials))
}

/// Refuses an address that cannot be dialled from here, whatever the path is like: one of another
/// family than `source`, or a link-local one of no link, unless `interface` is it.
pub(crate) fn reachable(route: &Route, target: &Target, sockets: &Options) -> anyhow::Result<()> {
    let Some(host) = dialled(route, target) else { return Ok(()) };
    if let (Some(source), Some(address)) = (sockets.source, host.address())
        && source.is_ipv4() != address.is_ipv4()
    {
        bail!("--source {}: {host} is of the other family", source.ip());
    }
    match host {
        Host::V6(ip, None) if ip.is_unicast_link_local() && sockets.interface.is_none() => {
            bail!("{host} is link-local: add %interface, as in http://[{ip}%eth0]/")
        }
        _ => Ok(()),
    }
}

/// The host that is dialled for a target; `None` for a unix socket.
fn dialled<'a>(route: &'a Route, target: &'a Target) -> Option<&'a Host> {
    let (host, port) = (target.host(), target.port());
    let fits = |rewrite: &&Rewrite| {
        rewrite.host.as_ref().is_none_or(|from| from == host)
            && rewrite.port.is_none_or(|from| from == port)
    };
    match (&route.unix, &route.proxy) {
        (Some(_), _) => None,
        (None, Some((proxy, _))) => Some(proxy),
        (None, None) => {
            let rewrite = route.rewrites.iter().find(fits);
            Some(rewrite.and_then(|rewrite| rewrite.to_host.as_ref()).unwrap_or(host))
        }
    }
}

fn proxy(typed: &OsStr) -> anyhow::Result<(Host, u16, Option<Userinfo>)> {
    let target = Target::parse(typed.as_bytes())?;
    if target.scheme() == Scheme::Https {
        bail!("TLS to a proxy is not spoken yet");
    }
    let port = target.explicit_port().unwrap_or(PROXY_PORT);
    Ok((target.host().clone(), port, target.userinfo().cloned()))
}

/// Reads curl's `HOST1:PORT1:HOST2:PORT2`: each part may be empty, which means any, or the same.
fn rewrite(text: &str) -> Result<Rewrite, Misfit> {
    let mut rest = Rest { text, at: 0 };
    let rewrite = Rewrite {
        host: rest.part(host)?,
        port: rest.part(port)?,
        to_host: rest.part(host)?,
        to_port: rest.part(port)?,
    };
    match rest.at > text.len() {
        true => Ok(rewrite),
        false => Err(Misfit { offset: rest.at - 1, expected: "the end" }),
    }
}

/// What of a text is still to be read.
struct Rest<'a> {
    text: &'a str,
    /// Behind the last colon; beyond the end when there is none left.
    at: usize,
}

impl Rest<'_> {
    /// Reads up to the next colon that is not in brackets, and behind it.
    fn part<T>(
        &mut self,
        read: impl Fn(&str) -> Result<T, &'static str>,
    ) -> Result<Option<T>, Misfit> {
        let offset = self.at;
        let expected = "four parts, HOST1:PORT1:HOST2:PORT2";
        let rest = self.text.get(offset..).ok_or(Misfit { offset: self.text.len(), expected })?;
        let bracket = if rest.starts_with('[') { rest.find(']').unwrap_or(0) } else { 0 };
        let tail = rest.get(bracket..).unwrap_or_default();
        let length = bracket + tail.find(':').unwrap_or(tail.len());
        self.at += length + 1;
        match rest.get(..length).unwrap_or_default() {
            "" => Ok(None),
            part => read(part).map(Some).map_err(|expected| Misfit { offset, expected }),
        }
    }
}

/// A host alone is one that makes a URL of nothing else.
fn host(text: &str) -> Result<Host, &'static str> {
    let expected = "a host: a name, an IPv4 address, or an IPv6 address in brackets";
    let alone = !text.bytes().any(|octet| b"/?#@\\ ".contains(&octet));
    let target = Target::parse(format!("http://{text}/").as_bytes());
    target.ok().filter(|_| alone).map(|target| target.host().clone()).ok_or(expected)
}

fn port(text: &str) -> Result<u16, &'static str> {
    let digits = text.bytes().all(|octet| octet.is_ascii_digit());
    let port = text.parse().ok().filter(|port| digits && *port != 0);
    port.ok_or("a port from 1 to 65535")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn connect_to_is_read_as_curl_reads_it() {
        let name = |name: &str| Some(Host::Name(name.into()));
        let row = |host, port, to_host, to_port| Ok(Rewrite { host, port, to_host, to_port });
        let v6 = Some(Host::V6("2001:db8::1".parse().unwrap(), None));
        let rows = [
            // typed, what it means | the offset of what does not fit
            ("a.test:80:b.test:8080", row(name("a.test"), Some(80), name("b.test"), Some(8080))),
            ("::b.test:", row(None, None, name("b.test"), None)),
            (":::", row(None, None, None, None)),
            ("A.test:80::8080", row(name("a.test"), Some(80), None, Some(8080))),
            ("[2001:db8::1]:80:b.test:", row(v6.clone(), Some(80), name("b.test"), None)),
            ("::[2001:db8::1]:81", row(None, None, v6, Some(81))),
            ("", Err(0)),
            ("a.test:80:b.test", Err(16)),
            ("a.test:80:b.test:80:x", Err(19)),
            ("a.test:x:b.test:80", Err(7)),
            ("a.test:0::", Err(7)),
            ("a.test:80:b/c:80", Err(10)),
            ("a.test:80:me@b:80", Err(10)),
            ("[::1:80:b.test:80", Err(0)),
        ];
        for (typed, want) in rows {
            assert_eq!(rewrite(typed).map_err(|misfit| misfit.offset), want, "{typed:?}");
        }
    }

    #[test]
    fn a_proxy_is_a_url_whose_port_is_1080() {
        let rows = [
            // typed, host and port, whether there are credentials
            ("proxy.test", "proxy.test", 1080, false),
            ("http://proxy.test/", "proxy.test", 1080, false),
            ("http://me:secret@proxy.test:3128", "proxy.test", 3128, true),
            ("[::1]:80", "[::1]", 80, false),
        ];
        for (typed, host, port, credentials) in rows {
            let got = proxy(OsStr::new(typed)).unwrap();
            let got = (got.0.to_string(), got.1, got.2.is_some());
            assert_eq!(got, (host.to_owned(), port, credentials), "{typed}");
        }
        for typed in ["https://proxy.test", "socks5://proxy.test", "http://"] {
            assert!(proxy(OsStr::new(typed)).is_err(), "{typed}");
        }
    }
}
