//! HTTP in the clear, sent to a port of TLS.

use fourstep_probe::{Failure, Report};
use fourstep_response::ResponseError;
use fourstep_target::Scheme;

/// What servers write on the page of status 400 for it. Others send an alert, or close.
const PAGES: [&[u8]; 4] = [
    b"The plain HTTP request was sent to HTTPS port", // nginx
    b"You're speaking plain HTTP to an SSL-enabled server port", // Apache
    b"Client sent an HTTP request to an HTTPS server.", // Go, and so Caddy and Traefik
    b"This combination of host and port requires TLS.", // Tomcat
];

/// Whether what came says that TLS is spoken where we spoke HTTP.
pub(crate) fn wants_tls(report: &Report) -> bool {
    if report.target.scheme() != Scheme::Http {
        return false;
    }
    match (report.failure.as_deref(), &report.response) {
        (Some(Failure::Response(ResponseError::Malformed { offset: 0, shown, .. })), _) => {
            is_record(shown)
        }
        (_, Some(response)) if report.status() == Some(400) => {
            let body = &response.body;
            PAGES.iter().any(|page| body.windows(page.len()).any(|part| part == *page))
        }
        _ => false,
    }
}

/// Whether escaped octets begin as a record of TLS: an alert or a handshake (RFC 8446 §5.1).
fn is_record(shown: &str) -> bool {
    shown.starts_with(r"\x15\x03") || shown.starts_with(r"\x16\x03")
}
