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
        Failure::Tls(TlsError::Alert { name, .. }) => alert(name),
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

/// What to try when a peer ends TLS with this alert (RFC 8446 §6.2).
fn alert(name: &str) -> Option<&'static str> {
    Some(match name {
        "certificate_required" => {
            "the server wants a client certificate: --client-cert FILE --client-key FILE"
        }
        // Before TLS 1.3 there was no alert of its own for it.
        "handshake_failure" => {
            "most often the server wants a client certificate: --client-cert FILE --client-key FILE"
        }
        "access_denied"
        | "bad_certificate"
        | "certificate_expired"
        | "certificate_revoked"
        | "certificate_unknown"
        | "unknown_ca"
        | "unsupported_certificate" => {
            "the server does not take the client certificate; its log may say why"
        }
        "internal_error" => "the fault is the server's: its log may say why",
        "no_application_protocol" => {
            "the server speaks none of the protocols that were offered: see --alpn"
        }
        "unrecognized_name" => "the server knows no such name: is it the right host? see --sni",
        _ => return None,
    })
}
