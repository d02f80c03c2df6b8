//! Hints that know more than the code does.

use fourstep_probe::{Failure, TunnelError};
use fourstep_response::ResponseError;
use fourstep_tls::TlsError;

/// What to try, when what came says more than the code alone; `None`: the code's own hint.
pub(super) fn hint(failure: &Failure) -> Option<&'static str> {
    match failure {
        Failure::Tls(TlsError::NotTls { http: false, .. }) => {
            Some("the port speaks another protocol: is it the right one?")
        }
        Failure::Tunnel(TunnelError::Denied { status: 407 }) => {
            Some("the proxy wants credentials: --proxy http://USER:PASSWORD@HOST:PORT")
        }
        Failure::Tunnel(TunnelError::Denied { status: 502..=504 }) => {
            Some("the proxy could not reach the target: try without it, and look at its log")
        }
        Failure::Tunnel(TunnelError::Denied { .. }) => {
            Some("the proxy's rules may forbid this host or port")
        }
        Failure::Tunnel(_) => Some("is this an HTTP proxy, and does it take CONNECT?"),
        Failure::Response(ResponseError::Malformed { offset: 0, shown, .. }) if is_tls(shown) => {
            Some("the peer speaks TLS here: try https://")
        }
        _ => None,
    }
}

/// Whether escaped octets begin as a record of TLS: an alert or a handshake (RFC 8446 §5.1).
fn is_tls(shown: &str) -> bool {
    shown.starts_with(r"\x15\x03") || shown.starts_with(r"\x16\x03")
}
