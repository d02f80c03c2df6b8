//! What kind of thing wrote an answer.

use std::fmt;

/// What kind of thing wrote an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Role {
    /// The server that the resource lives on (RFC 9110 §3.6).
    Origin,
    /// A program that runs in or behind the origin server.
    Application,
    /// A gateway or proxy (RFC 9110 §3.7).
    Proxy,
    /// A gateway that spreads requests over servers.
    LoadBalancer,
    /// A gateway near the client, run by somebody else than the origin.
    Cdn,
    /// Something on the way that is not part of the service.
    Network,
}

impl Role {
    const ALL: [Role; 6] = [
        Role::Origin,
        Role::Application,
        Role::Proxy,
        Role::LoadBalancer,
        Role::Cdn,
        Role::Network,
    ];

    /// The word that the table and records use.
    pub const fn as_str(self) -> &'static str {
        match self {
            Role::Origin => "origin",
            Role::Application => "application",
            Role::Proxy => "proxy",
            Role::LoadBalancer => "load-balancer",
            Role::Cdn => "cdn",
            Role::Network => "network",
        }
    }

    /// The role with this word.
    pub fn from_text(text: &str) -> Option<Role> {
        Role::ALL.into_iter().find(|role| role.as_str() == text)
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
