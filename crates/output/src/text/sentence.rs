//! One plain sentence: what happened.

mod tls;

use std::fmt;
use std::time::Duration;

use fourstep_probe::Failure;
use fourstep_response::Head;
use fourstep_terms::{Code, Step};

use crate::octets::{Cut, Shown, text};
use crate::record::{self, Attempt, Connect, Record, Response, Tunnel, wants_tls};
use crate::retry_after::retry_after;
use crate::when::Took;

/// What happened, in one sentence with a stop.
#[derive(Clone, Copy, Debug)]
pub struct Sentence<'a>(pub(super) &'a Record<'a>);

impl<'a> Sentence<'a> {
    /// The sentence of a record.
    pub fn of(record: &'a Record<'a>) -> Sentence<'a> {
        Sentence(record)
    }
}

impl fmt::Display for Sentence<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let record = self.0;
        let response = record.response().filter(|response| response.head().is_some());
        match (&record.failure(), response) {
            (None, Some(response)) => self.answered(response, f),
            (Some(failure), Some(response)) => {
                self.status(response, f)?;
                write!(f, ", but {}: {}.", but(failure.code), Shown(&failure.message))
            }
            (Some(failure), None) => self.failed(failure, f),
            (None, None) => write!(f, "Not ended: step {} is under way.", record.step()),
        }
    }
}

impl Sentence<'_> {
    /// `503 Service Unavailable from 192.0.2.1:80 after 52.1 ms`
    fn status(&self, response: Response<'_>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:03}", response.head().map_or(0, Head::status))?;
        if let Some(reason) = response.head().map(Head::reason).filter(|reason| !reason.is_empty())
        {
            write!(f, " {}", Cut(&text(reason), 60))?;
        }
        write!(f, " from {} after {}", self.peer(), us(self.0.timing_us().total))
    }

    fn answered(&self, response: Response<'_>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.status(response, f)?;
        match response.body_octets() {
            None | Some(0) => {}
            Some(octets) => write!(f, ", {octets} octets of body")?,
        }
        let value = |name: &str| {
            let field = response.fields().iter().find(|(n, _)| n.eq_ignore_ascii_case(name));
            field.map(|(_, value)| value)
        };
        let retry = value("retry-after")
            .and_then(|value| retry_after(value.as_bytes(), self.0.received().into()));
        if let Some(retry) = retry {
            write!(f, "; it asks to come back in {} s", retry.wait.as_secs())?;
        }
        if let (Some(300..400), Some(location)) =
            (response.head().map(Head::status), value("location"))
        {
            write!(f, "; it leads to {}", Cut(&location, 200))?;
        }
        if self.0.report.is_some_and(wants_tls) {
            f.write_str("; this port speaks TLS: try https://")?;
        }
        match self.0.tls().as_ref().map(|tls| &tls.unverified[..]) {
            None | Some([]) => {}
            Some(codes) => write!(f, "; not verified: {}", list(codes))?,
        }
        f.write_str(".")
    }

    fn failed(&self, failure: &record::Failure, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let record = self.0;
        let (code, message) = (failure.code, Shown(&failure.message));
        let timing = record.timing_us();
        let failed = record.report.and_then(|report| report.failure.as_deref());
        let peer = self.peer();
        if let Some(Failure::Tunnel(_)) = failed {
            return self.no_tunnel(message, f);
        }
        match code {
            Code::TargetMalformed => write!(f, "Not a URL that can be probed: {message}."),
            Code::ResolveNoSuchName => {
                write!(f, "The name {} does not exist{}.", self.name(), self.says())
            }
            Code::ResolveNoAddress => {
                write!(f, "The name {} exists and has no address{}.", self.name(), self.says())
            }
            Code::ResolveServerFailure
            | Code::ResolveRefused
            | Code::ResolveUnreachable
            | Code::ResolveMalformed => {
                let reasons = self.reasons();
                write!(f, "No address for {} was learnt: {message}{reasons}.", self.name())
            }
            Code::ResolveSilent => {
                let waited = us(timing.resolve);
                write!(f, "No name server answered for {} within {waited}.", self.name())
            }
            Code::ConnectRefused => {
                write!(
                    f,
                    "Nothing listens at {}: connection refused{}.",
                    self.tried(code),
                    self.count()
                )
            }
            Code::ConnectSilent => {
                let waited = us(timing.connect);
                write!(f, "No answer from {} within {waited}{}.", self.tried(code), self.count())
            }
            Code::ConnectUnreachable => {
                write!(f, "There is no way to {}{}.", self.tried(code), self.count())
            }
            Code::ConnectReset => {
                let tried = self.tried(code);
                write!(f, "{tried} reset the connection while it was opened{}.", self.count())
            }
            Code::ConnectDenied => {
                write!(f, "A rule forbids connecting to {}{}.", self.tried(code), self.count())
            }
            Code::TlsSilent
            | Code::TlsClosed
            | Code::TlsReset
            | Code::TlsAlert
            | Code::TlsNotTls
            | Code::TlsMalformed
            | Code::TlsUntrusted
            | Code::TlsExpired
            | Code::TlsNotYetValid
            | Code::TlsRevoked
            | Code::TlsWrongName
            | Code::TlsWrongPin
            | Code::TlsIncompatible => match failed {
                Some(Failure::Tls(error)) => tls::write(&peer, error, f),
                _ => write!(f, "No TLS with {peer}: {message}."),
            },
            Code::RequestReset => {
                write!(f, "{peer} threw the connection away before it had the whole request.")
            }
            Code::RequestSilent => {
                let waited = us(timing.request);
                write!(f, "{peer} stopped taking the request; {waited} were given to it.")
            }
            Code::ResponseEmpty => {
                write!(f, "{peer} took the request and closed without an octet of a response.")
            }
            Code::ResponseSilent => {
                write!(f, "{peer} took the request and did not answer within {}.", us(timing.wait))
            }
            Code::ResponseStalled
            | Code::ResponseReset
            | Code::ResponseCut
            | Code::ResponseTooLarge
            | Code::ResponseRedirectLoop
            | Code::ResponseRedirectLimit
            | Code::ResponseRedirectMalformed => {
                write!(f, "No whole response head from {peer}: {message}.")
            }
            Code::ResponseMalformed if record.report.is_some_and(wants_tls) => {
                write!(f, "{peer} speaks TLS on this port, and was asked in HTTP.")
            }
            Code::ResponseMalformed => {
                write!(f, "What {peer} answered cannot be read as HTTP: {message}.")
            }
            Code::LocalDescriptors | Code::LocalPorts | Code::LocalMemory => {
                write!(f, "This machine could not go on, step {}: {message}.", record.step())
            }
            Code::LocalInterrupted => {
                let step = record.step();
                write!(f, "Interrupted after {}, at step {step}.", us(timing.total))
            }
        }
    }

    /// The proxy is there, and does not lead to the target.
    fn no_tunnel(&self, message: Shown<'_>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let target = self.0.report.map_or("the target", |report| report.target.authority());
        write!(f, "No tunnel to {target} through {}: {message}", self.peer())?;
        match self.0.connect().and_then(Connect::tunnel) {
            Some(Tunnel { reason, .. }) if !reason.0.is_empty() => {
                write!(f, " ({}).", Cut(&reason.text(), 60))
            }
            _ => f.write_str("."),
        }
    }

    fn peer(&self) -> String {
        let peer = self.0.connect().and_then(Connect::peer);
        peer.map_or_else(|| "nobody".to_owned(), |peer| peer.to_string())
    }

    fn name(&self) -> impl fmt::Display {
        let resolve = self.0.resolve();
        resolve.map_or_else(String::new, |resolve| Shown(&resolve.name.to_string()).to_string())
    }

    /// Who said so: `: NXDOMAIN from 127.0.0.1:53`.
    fn says(&self) -> String {
        let resolve = self.0.resolve();
        match resolve.and_then(|resolve| Some((resolve.rcode?, resolve.server?))) {
            Some((rcode, server)) => format!(": {rcode} from {server}"),
            None => String::new(),
        }
    }

    /// What the server adds in its own words (RFC 8914 §2): ` (extended error 7: expired)`.
    fn reasons(&self) -> String {
        let resolve = self.0.resolve();
        let errors = resolve.iter().flat_map(|resolve| &resolve.extended_errors);
        errors
            .map(|error| match error.text {
                "" => format!(" (extended error {})", error.code),
                text => format!(" (extended error {}: {})", error.code, Cut(text, 200)),
            })
            .collect()
    }

    /// The address whose failure is the probe's: the last that failed so.
    fn tried(&self, code: Code) -> String {
        let connect = self.0.connect();
        let mut attempts = connect.into_iter().flat_map(Connect::attempts);
        let same = |attempt: &Attempt<'_>| attempt.failure.is_some_and(|own| own == code);
        let tried = attempts.rfind(same);
        tried.map_or_else(|| "it".to_owned(), |attempt| attempt.address.to_string())
    }

    fn count(&self) -> String {
        match self.0.connect().map_or(0, |connect| connect.attempts().len()) {
            0 | 1 => String::new(),
            n => format!(" ({n} addresses tried)"),
        }
    }
}

/// What went wrong after a whole head.
fn but(code: Code) -> &'static str {
    match code {
        Code::ResponseCut => "its body was cut short",
        Code::ResponseStalled => "its body did not end in time",
        Code::ResponseReset => "the connection was reset in its body",
        Code::ResponseMalformed => "its body cannot be read",
        Code::ResponseTooLarge => "it is larger than a limit",
        Code::ResponseRedirectLoop
        | Code::ResponseRedirectLimit
        | Code::ResponseRedirectMalformed => "its redirect is not followed",
        Code::LocalInterrupted => "it was interrupted",
        _ => match code.step() {
            Some(Step::Tls) => "TLS was ended",
            Some(Step::Request) => "not all of the request was taken",
            _ => "that was not the end",
        },
    }
}

/// Codes, with commas.
pub(super) fn list(codes: &[Code]) -> String {
    codes.iter().map(|code| code.as_str()).collect::<Vec<_>>().join(", ")
}

fn us(micros: Option<u64>) -> Took {
    Took(Duration::from_micros(micros.unwrap_or_default()))
}
