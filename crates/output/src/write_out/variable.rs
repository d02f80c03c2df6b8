//! The variables: curl's where they have a meaning here, and ours.

use std::fmt::Display;
use std::io::Write;
use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::time::Duration;

use fourstep_probe::{Connection, Endpoint, Mark, Report};
use fourstep_target::Joined;

use crate::octets::{Shown, text};
use crate::record::{Record, Response};
use crate::when::micros;

/// What a name in a format stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Variable {
    Code,
    ContentType,
    ErrorMessage,
    Exit,
    HttpVersion,
    Json,
    LocalIp,
    LocalPort,
    Method,
    Connects,
    Redirects,
    Outcome,
    RedirectUrl,
    RemoteIp,
    RemotePort,
    Scheme,
    BodyOctets,
    HeadOctets,
    RequestOctets,
    Speed,
    Status,
    Step,
    /// Seconds from the start to the mark.
    Time(Mark),
    TlsDays,
    TlsVersion,
    /// Status code of a proxy's answer to CONNECT.
    Tunnel,
    /// curl's: 0 for a peer that was verified, or without TLS.
    Unverified,
    Certificates,
    Typed,
    Url,
    Clock,
    /// Seconds of the wait that the path took.
    WaitNetwork,
    WaitServer,
    MinRtt,
    Rtt,
    Retransmits,
    SynRetransmits,
}

impl Variable {
    /// Every name, in the order of the manual: curl's first.
    pub(super) const ALL: [(&str, Variable); 46] = [
        ("content_type", Variable::ContentType),
        ("errormsg", Variable::ErrorMessage),
        ("exitcode", Variable::Exit),
        ("http_code", Variable::Status),
        ("http_connect", Variable::Tunnel),
        ("http_version", Variable::HttpVersion),
        ("json", Variable::Json),
        ("local_ip", Variable::LocalIp),
        ("local_port", Variable::LocalPort),
        ("method", Variable::Method),
        ("num_certs", Variable::Certificates),
        ("num_connects", Variable::Connects),
        ("num_redirects", Variable::Redirects),
        ("redirect_url", Variable::RedirectUrl),
        ("remote_ip", Variable::RemoteIp),
        ("remote_port", Variable::RemotePort),
        ("response_code", Variable::Status),
        ("scheme", Variable::Scheme),
        ("size_download", Variable::BodyOctets),
        ("size_header", Variable::HeadOctets),
        ("size_request", Variable::RequestOctets),
        ("speed_download", Variable::Speed),
        ("ssl_verify_result", Variable::Unverified),
        ("time_appconnect", Variable::Time(Mark::Secured)),
        ("time_connect", Variable::Time(Mark::Connected)),
        ("time_namelookup", Variable::Time(Mark::Answered)),
        ("time_pretransfer", Variable::Time(Mark::Offered)),
        ("time_starttransfer", Variable::Time(Mark::FirstOctet)),
        ("time_total", Variable::Time(Mark::Done)),
        ("url", Variable::Typed),
        ("url_effective", Variable::Url),
        // Ours.
        ("clock", Variable::Clock),
        ("code", Variable::Code),
        ("outcome", Variable::Outcome),
        ("step", Variable::Step),
        ("tcp_min_rtt", Variable::MinRtt),
        ("tcp_retransmits", Variable::Retransmits),
        ("tcp_rtt", Variable::Rtt),
        ("tcp_syn_retransmits", Variable::SynRetransmits),
        ("tls_expires_in_days", Variable::TlsDays),
        ("tls_version", Variable::TlsVersion),
        ("time_dialled", Variable::Time(Mark::Dialled)),
        ("time_sent", Variable::Time(Mark::Sent)),
        ("time_received", Variable::Time(Mark::LastOctet)),
        ("wait_network", Variable::WaitNetwork),
        ("wait_server", Variable::WaitServer),
    ];

    pub(super) fn named(name: &str) -> Option<Variable> {
        Variable::ALL.iter().find(|(known, _)| *known == name).map(|(_, variable)| *variable)
    }

    pub(super) fn render(self, record: &Record<'_>, exit: u8, out: &mut Vec<u8>) {
        let report = record.report;
        let connection = report.and_then(|report| report.connect.as_ref());
        let peer = connection.and_then(Connection::peer);
        let remote = match peer {
            Some(Endpoint::Ip(address)) => Some(*address),
            Some(Endpoint::Unix(_)) | None => None,
        };
        let local = connection.and_then(|connection| connection.local);
        let response = report.and_then(|report| report.response.as_ref());
        let (tcp, waited) = (record.tcp(), report.and_then(Report::waited));
        let us = |us: NonZeroU32| Duration::from_micros(us.get().into());
        match self {
            Variable::Code => put(record.failure().map(|failure| failure.code), out),
            Variable::ContentType => header(record, "content-type", out),
            Variable::ErrorMessage => {
                let failure = record.failure();
                put(failure.as_ref().map(|failure| Shown(&failure.message)), out);
            }
            Variable::Exit => put(Some(exit), out),
            Variable::HttpVersion => {
                let version =
                    record.response().and_then(|response| Some(response.head()?.version()));
                let version = version.map_or("HTTP/0".to_owned(), |version| version.to_string());
                put(version.strip_prefix("HTTP/"), out);
            }
            Variable::Json => out.extend(record.to_json().into_bytes()),
            Variable::LocalIp => put(local.map(|local| local.ip()), out),
            Variable::LocalPort => put(Some(port(local)), out),
            Variable::Method => put(record.request().map(|request| request.method), out),
            Variable::Connects => put(Some(u8::from(peer.is_some())), out),
            Variable::Redirects => put(Some(report.map_or(0, |report| report.hop)), out),
            Variable::Outcome => put(Some(record.outcome()), out),
            Variable::RedirectUrl => put(report.and_then(redirects_to), out),
            Variable::RemoteIp => put(remote.map(|remote| remote.ip()), out),
            Variable::RemotePort => put(Some(port(remote)), out),
            Variable::Scheme => put(report.map(|report| report.target.scheme().as_str()), out),
            Variable::BodyOctets => put(Some(body_octets(record)), out),
            Variable::HeadOctets => {
                let heads = response.iter().flat_map(|r| r.interim.iter().chain(&r.head));
                put(Some(heads.map(|head| head.octets().len()).sum::<usize>()), out);
            }
            Variable::RequestOctets => {
                let sent = record.request();
                put(
                    Some(sent.map_or(0, |sent| sent.octets.saturating_sub(sent.unsent_octets))),
                    out,
                );
            }
            Variable::Speed => {
                let total = record.timing_us().total.unwrap_or(1).max(1);
                let per_second = u128::from(body_octets(record)) * 1_000_000 / u128::from(total);
                put(Some(per_second), out);
            }
            Variable::Status => {
                let status = report.and_then(Report::status).unwrap_or_default();
                put(Some(format_args!("{status:03}")), out);
            }
            Variable::Step => put(Some(record.step()), out),
            Variable::Time(mark) => {
                seconds(report.and_then(|report| since_start(report, mark)), out)
            }
            Variable::TlsDays => {
                put(record.tls().and_then(|tls| tls.expires_in_days), out);
            }
            Variable::TlsVersion => put(record.tls().and_then(|tls| tls.version), out),
            Variable::Tunnel => {
                let tunnel = record.connect().and_then(|connect| connect.tunnel());
                let status = tunnel.map_or(0, |tunnel| tunnel.status);
                put(Some(format_args!("{status:03}")), out);
            }
            Variable::Unverified => {
                let unverified = record.tls().is_some_and(|tls| !tls.verified);
                put(Some(u8::from(unverified)), out);
            }
            Variable::Certificates => {
                put(Some(record.tls().map_or(0, |tls| tls.chain.len())), out);
            }
            Variable::Clock => put(record.timing_us().clock, out),
            Variable::WaitNetwork => seconds(waited.map(|waited| waited.network), out),
            Variable::WaitServer => seconds(waited.map(|waited| waited.server), out),
            Variable::MinRtt => seconds(tcp.and_then(|tcp| tcp.min_rtt_us).map(us), out),
            Variable::Rtt => seconds(tcp.and_then(|tcp| tcp.rtt_us).map(us), out),
            Variable::Retransmits => put(Some(tcp.map_or(0, |tcp| tcp.retransmits)), out),
            Variable::SynRetransmits => put(Some(tcp.map_or(0, |tcp| tcp.syn_retransmits)), out),
            Variable::Typed => put(Some(Shown(&record.target)), out),
            Variable::Url => put(report.map(|report| report.target.absolute()), out),
        }
    }
}

/// Appends the first value of a field of the final head.
pub(super) fn header(record: &Record<'_>, name: &str, out: &mut Vec<u8>) {
    let head = record.report.and_then(Report::head);
    let value = head.and_then(|head| head.values(name).next()).map(text);
    put(value.as_deref().map(Shown), out);
}

/// Where a redirect leads, whether or not it is followed.
fn redirects_to(report: &Report) -> Option<String> {
    let head = report.head().filter(|head| matches!(head.status(), 300..400))?;
    match report.target.join(head.values("location").next()?).ok()? {
        Joined::Target(target) => Some(target.absolute()),
        Joined::OtherScheme(_) => None,
    }
}

fn body_octets(record: &Record<'_>) -> u64 {
    record.response().and_then(Response::body_octets).unwrap_or_default()
}

fn port(address: Option<SocketAddr>) -> u16 {
    address.map_or(0, |address| address.port())
}

fn since_start(report: &Report, mark: Mark) -> Option<Duration> {
    Some(report.timeline.at(mark)?.since(report.timeline.at(Mark::Started)?))
}

/// With six digits, as the record rounds; a moment that was not reached is 0.
fn seconds(duration: Option<Duration>, out: &mut Vec<u8>) {
    let us = duration.map_or(0, micros);
    put(Some(format_args!("{}.{:06}", us / 1_000_000, us % 1_000_000)), out);
}

fn put(value: Option<impl Display>, out: &mut Vec<u8>) {
    if let Some(value) = value {
        // Writing to a Vec cannot fail.
        let _ = write!(out, "{value}");
    }
}
