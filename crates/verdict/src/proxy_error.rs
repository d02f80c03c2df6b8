//! What a proxy met: the error types of Proxy-Status (RFC 9209 §2.3).

use fourstep_terms::Step;

use crate::cause::Cause;

/// The error type of a Proxy-Status member.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProxyError {
    token: String,
}

/// The registered types: token, the step of ours that it is, what is wrong with the proxy's server.
/// In the order of RFC 9209 §2.3.
const TYPES: [(&str, Option<Step>, Option<Cause>); 32] = [
    ("dns_timeout", Some(Step::Resolve), Some(Cause::BackendSilent)),
    ("dns_error", Some(Step::Resolve), Some(Cause::BackendUnknown)),
    ("destination_not_found", None, Some(Cause::Misconfigured)),
    ("destination_unavailable", Some(Step::Connect), Some(Cause::NoBackend)),
    ("destination_ip_prohibited", Some(Step::Connect), Some(Cause::Misconfigured)),
    ("destination_ip_unroutable", Some(Step::Connect), Some(Cause::BackendRefuses)),
    ("connection_refused", Some(Step::Connect), Some(Cause::BackendRefuses)),
    ("connection_terminated", Some(Step::Response), Some(Cause::BackendBroken)),
    ("connection_timeout", Some(Step::Connect), Some(Cause::BackendSilent)),
    ("connection_read_timeout", Some(Step::Response), Some(Cause::BackendSilent)),
    ("connection_write_timeout", Some(Step::Request), Some(Cause::BackendSilent)),
    ("connection_limit_reached", Some(Step::Connect), Some(Cause::Overload)),
    ("tls_protocol_error", Some(Step::Tls), Some(Cause::BackendBroken)),
    ("tls_certificate_error", Some(Step::Tls), Some(Cause::Misconfigured)),
    ("tls_alert_received", Some(Step::Tls), Some(Cause::BackendBroken)),
    ("http_request_error", Some(Step::Request), None),
    ("http_request_denied", Some(Step::Request), None),
    ("http_response_incomplete", Some(Step::Response), Some(Cause::BackendBroken)),
    ("http_response_header_section_size", Some(Step::Response), Some(Cause::BackendBroken)),
    ("http_response_header_size", Some(Step::Response), Some(Cause::BackendBroken)),
    ("http_response_body_size", Some(Step::Response), Some(Cause::BackendBroken)),
    ("http_response_trailer_section_size", Some(Step::Response), Some(Cause::BackendBroken)),
    ("http_response_trailer_size", Some(Step::Response), Some(Cause::BackendBroken)),
    ("http_response_transfer_coding", Some(Step::Response), Some(Cause::BackendBroken)),
    ("http_response_content_coding", Some(Step::Response), Some(Cause::BackendBroken)),
    ("http_response_timeout", Some(Step::Response), Some(Cause::BackendSilent)),
    ("http_upgrade_failed", Some(Step::Response), None),
    ("http_protocol_error", Some(Step::Response), Some(Cause::BackendBroken)),
    ("proxy_internal_response", None, None),
    ("proxy_internal_error", None, Some(Cause::Crash)),
    ("proxy_configuration_error", None, Some(Cause::Misconfigured)),
    ("proxy_loop_detected", None, Some(Cause::Misconfigured)),
];

impl ProxyError {
    pub(crate) fn of(token: &str) -> ProxyError {
        ProxyError { token: token.chars().take(64).collect() }
    }

    /// The token: `connection_refused`.
    pub fn as_str(&self) -> &str {
        &self.token
    }

    /// The step that the proxy failed at, in our words; `None` when the type is none of a step, or
    /// not registered.
    pub fn step(&self) -> Option<Step> {
        self.row()?.1
    }

    /// What is wrong.
    pub fn cause(&self) -> Option<Cause> {
        self.row()?.2
    }

    fn row(&self) -> Option<&'static (&'static str, Option<Step>, Option<Cause>)> {
        TYPES.iter().find(|(token, ..)| *token == self.token)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn registered_types_have_a_step_or_a_cause() {
        for (token, step, cause) in TYPES {
            let error = ProxyError::of(token);
            assert_eq!((error.as_str(), error.step(), error.cause()), (token, step, cause));
        }
        let unknown = ProxyError::of("tired");
        assert_eq!((unknown.as_str(), unknown.step(), unknown.cause()), ("tired", None, None));
    }
}
