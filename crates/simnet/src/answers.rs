//! What a name server said, as a line says it: no more than the machine acts on.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use fourstep_resolve::{
    Answer, Defect, Family, From, Ignored, Params, Rcode, ResolveError, Service, ServiceAnswer,
};
use fourstep_terms::{Code, Fault, FaultKind};

use crate::line::{News, value};

/// What stands behind `answered`.
pub(crate) fn answered(rest: &str) -> Result<News, &'static str> {
    let mut words = rest.split(' ');
    let family = match words.next() {
        Some("A") => Family::V4,
        Some("AAAA") => Family::V6,
        _ => return Err("expected A or AAAA"),
    };
    let (mut addresses, mut error, mut ttl, mut sources) = (Vec::new(), None, None, Vec::new());
    for word in words {
        if let Ok(ip) = word.parse::<IpAddr>() {
            if !family.holds(ip) {
                return Err("an address of the other family");
            }
            addresses.push(ip);
        } else if let Some(list) = word.strip_prefix("from=") {
            for source in list.split(',') {
                sources.push(match source {
                    "-" => None,
                    ip => Some(ip.parse().map_err(|_| "expected addresses behind `from=`")?),
                });
            }
        } else if word.starts_with("ttl=") {
            ttl = Some(value(word, "ttl=").ok_or("expected `ttl=` and seconds")?);
        } else {
            let code = Code::from_text(word).and_then(|code| resolve_error(code, family));
            error = Some(code.ok_or("expected an address, a code of a failure, ttl= or from=")?);
        }
    }
    let result = match (error, addresses.is_empty()) {
        (None, false) => Ok(addresses),
        (Some(error), true) => Err(error),
        _ => return Err("expected either addresses or a code"),
    };
    Ok(News::Answered(Arc::new(answer(family, result, ttl)), sources))
}

/// What stands behind `served`; `host` is the name that is probed.
pub(crate) fn served(rest: &str, host: &str) -> Result<News, &'static str> {
    let (mut found, mut failure) = (Vec::new(), None);
    for word in rest.split(' ').filter(|word| !word.is_empty()) {
        if let Some(code) = Code::from_text(word) {
            failure = Some(resolve_error(code, Family::V4).ok_or("not a code of resolving")?);
        } else {
            found.push(service(word, host).ok_or("expected TARGET:PORT and addresses")?);
        }
    }
    Ok(News::Served(Arc::new(services(found, failure))))
}

/// `svc.test:8443,192.0.2.7,unusable`: addresses stand for those of the target, as if hinted at.
fn service(word: &str, host: &str) -> Option<Service> {
    let mut parts = word.split(',');
    let (target, port) = parts.next()?.split_once(':')?;
    let mut params = Params::default();
    for part in parts {
        match part.parse() {
            Ok(IpAddr::V4(ip)) => params.ipv4hint.push(ip),
            Ok(IpAddr::V6(ip)) => params.ipv6hint.push(ip),
            Err(_) if part == "unusable" => params.no_default_alpn = true,
            Err(_) => return None,
        }
    }
    Some(Service {
        priority: Some(1),
        target: target.into(),
        port: port.parse().ok()?,
        params,
        is_own: target == host,
        answers: vec![],
        awaited: 0,
    })
}

pub(crate) fn services(services: Vec<Service>, failure: Option<ResolveError>) -> ServiceAnswer {
    ServiceAnswer {
        services,
        failure,
        is_unavailable: false,
        awaited: 0,
        from: From::Dns,
        name: "".into(),
        aliases: vec![],
        ttl_s: None,
        rcode: None,
        server: None,
        transport: None,
        extended_errors: vec![],
        ignored: Ignored::default(),
        asked: 1,
        oddities: vec![],
    }
}

/// An answer with what a line says; what it does not say is as if nothing had been asked.
pub(crate) fn answer(
    family: Family,
    result: Result<Vec<IpAddr>, ResolveError>,
    ttl: Option<u32>,
) -> Answer {
    Answer {
        family,
        result,
        from: From::Dns,
        name: "".into(),
        cname: vec![],
        ttl_s: ttl,
        rcode: None,
        server: None,
        transport: None,
        extended_errors: vec![],
        ignored: Ignored::default(),
        asked: 1,
        oddities: vec![],
    }
}

/// An error with this code: a line says no more of it.
pub(crate) fn resolve_error(code: Code, family: Family) -> Option<ResolveError> {
    let server = SocketAddr::from(([192, 0, 2, 53], 53));
    Some(match code {
        Code::ResolveNoSuchName => ResolveError::NoSuchName { name: "".into() },
        Code::ResolveNoAddress => ResolveError::NoAddress { name: "".into(), family },
        Code::ResolveServerFailure => {
            ResolveError::ServerFailure { server, rcode: Rcode::SERVFAIL }
        }
        Code::ResolveRefused => ResolveError::Refused { server },
        Code::ResolveSilent => ResolveError::Silent { asked: 1, waited: Duration::ZERO },
        Code::ResolveUnreachable => ResolveError::Unreachable {
            server: Some(server),
            fault: Fault::of(FaultKind::Unreachable),
        },
        Code::ResolveMalformed => {
            ResolveError::Malformed { server: Some(server), defect: Defect::Message }
        }
        Code::LocalDescriptors => ResolveError::Local { fault: Fault::of(FaultKind::Descriptors) },
        Code::LocalPorts => ResolveError::Local { fault: Fault::of(FaultKind::Ports) },
        Code::LocalMemory => ResolveError::Local { fault: Fault::of(FaultKind::Memory) },
        _ => return None,
    })
}
