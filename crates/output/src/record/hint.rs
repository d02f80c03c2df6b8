//! Hints that know more than the code does.

use fourstep_probe::{Failure, Report, TunnelError};
use fourstep_response::ResponseError;
use fourstep_target::Scheme;
use fourstep_tls::TlsError;

use super::wants_tls;

/// What to try, when what came says more than the code alone; `None`: the code's own hint.
pub(super) fn hint(failure: &Failure, report: &Report) -> Option<&'static str> {
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
        Failure::Response(_) if wants_tls(report) => Some("the peer speaks TLS here: try https://"),
        // What HAProxy, OpenSSL and others do when HTTP comes to a port of TLS.
        Failure::Response(ResponseError::Empty) if report.target.scheme() == Scheme::Http => {
            match report.target.port() {
                80 => None,
                443 | 8443 => {
                    Some("servers of TLS close so, and this is a port of TLS: try https://")
                }
                _ => Some(
                    "the server or a proxy before it dropped the request; if the port speaks TLS, \
                     try https://",
                ),
            }
        }
        _ => None,
    }
}
