//! Where to connect for a target, when that is not where its URL says.

use std::fmt;
use std::net::{IpAddr, SocketAddr, SocketAddrV6};
use std::path::Path;
use std::sync::Arc;

use fourstep_target::{Host, Target};

/// What a leg is dialled to.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Endpoint {
    /// An address and a port.
    Ip(SocketAddr),
    /// A unix socket.
    Unix(Arc<Path>),
}

impl Endpoint {
    /// The address; `None` for a unix socket.
    pub fn address(&self) -> Option<SocketAddr> {
        match self {
            Endpoint::Ip(address) => Some(*address),
            Endpoint::Unix(_) => None,
        }
    }
}

/// As records write it: `192.0.2.1:80`, `[2001:db8::1]:80`, `unix:/run/app.sock`.
impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Endpoint::Ip(address) => address.fmt(f),
            Endpoint::Unix(path) => {
                f.write_str("unix:")?;
                path.to_string_lossy().chars().try_for_each(|c| match c.is_control() {
                    true => write!(f, "{}", c.escape_default()),
                    false => write!(f, "{c}"),
                })
            }
        }
    }
}

/// Detours: where to connect instead of the target's own host and port.
///
/// The unix socket wins over the proxy, the proxy over the rewrites. What is sent stays the
/// target's; through a proxy the recipe must use the absolute-form (RFC 9112 §3.2.2).
#[derive(Clone, Debug, Default)]
pub struct Route {
    /// A unix socket that speaks for every target.
    pub unix: Option<Arc<Path>>,
    /// The host and port of an HTTP proxy.
    pub proxy: Option<(Host, u16)>,
    /// Rewrites, the first that fits wins.
    pub rewrites: Vec<Rewrite>,
    /// The scope ids of the interfaces that zones may name (RFC 4007 §11.2).
    pub zones: Vec<(Box<str>, u32)>,
}

/// Connect elsewhere for one host and port: curl's `--connect-to`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rewrite {
    /// The target's host; `None`: every host.
    pub host: Option<Host>,
    /// The target's port; `None`: every port.
    pub port: Option<u16>,
    /// The host to connect to; `None`: the target's.
    pub to_host: Option<Host>,
    /// The port to connect to; `None`: the target's.
    pub to_port: Option<u16>,
}

/// What has to be reached for a target.
pub(crate) enum Goal<'a> {
    Unix(&'a Arc<Path>),
    Address(SocketAddr),
    Name(&'a str, u16),
}

impl Route {
    pub(crate) fn goal<'a>(&'a self, target: &'a Target) -> Goal<'a> {
        if let Some(path) = &self.unix {
            return Goal::Unix(path);
        }
        let (host, port) = match &self.proxy {
            Some((host, port)) => (host, *port),
            None => self.rewritten(target),
        };
        match host {
            Host::Name(name) => Goal::Name(name, port),
            Host::V4(ip) => Goal::Address(SocketAddr::new(IpAddr::V4(*ip), port)),
            Host::V6(ip, zone) => {
                let scope = zone.as_deref().map_or(0, |zone| self.scope(zone));
                Goal::Address(SocketAddr::V6(SocketAddrV6::new(*ip, port, 0, scope)))
            }
        }
    }

    /// The scope id of a zone; 0, the default zone, for one that nobody knows.
    fn scope(&self, zone: &str) -> u32 {
        let named = self.zones.iter().find(|(name, _)| &**name == zone);
        named.map(|(_, scope)| *scope).or_else(|| zone.parse().ok()).unwrap_or(0)
    }

    fn rewritten<'a>(&'a self, target: &'a Target) -> (&'a Host, u16) {
        let (host, port) = (target.host(), target.port());
        let fits = |rewrite: &&Rewrite| {
            rewrite.host.as_ref().is_none_or(|from| from == host)
                && rewrite.port.is_none_or(|from| from == port)
        };
        match self.rewrites.iter().find(fits) {
            Some(to) => (to.to_host.as_ref().unwrap_or(host), to.to_port.unwrap_or(port)),
            None => (host, port),
        }
    }
}
