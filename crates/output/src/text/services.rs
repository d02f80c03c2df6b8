//! What HTTPS records said (RFC 9460).

use std::fmt;

use fourstep_probe::Report;

use super::Text;
use crate::octets::{Cut, Shown};
use crate::record::{Resolve, Service};

/// Where the records lead, on one line; with verbose text each of them, and why there are none.
pub(super) fn write(
    text: &Text<'_>,
    resolve: &Resolve<'_>,
    f: &mut fmt::Formatter<'_>,
) -> fmt::Result {
    let services = resolve.services.as_deref().unwrap_or_default();
    if !text.verbose {
        if services.is_empty() {
            return Ok(());
        }
        let places: Vec<_> = services.iter().map(brief).collect();
        let places = places.join(", ");
        return text.line("services", f, format_args!("{}", Cut(&places, text.room(0))));
    }
    for (nth, service) in services.iter().enumerate() {
        let name = if nth == 0 { "services" } else { "" };
        let more = more(service);
        text.line(name, f, format_args!("{}{}", place(service), Cut(&more, 4096)))?;
    }
    let named = text.record.report.and_then(Report::named);
    let Some(answer) = named.and_then(|named| named.services.as_ref()) else { return Ok(()) };
    if !answer.aliases.is_empty() {
        let aliases = answer.aliases.join(", ");
        text.line("", f, format_args!("HTTPS records through {}", Shown(&aliases)))?;
    }
    if answer.is_unavailable {
        text.line("", f, format_args!("an HTTPS record says that there is no service"))?;
    }
    match &answer.failure {
        Some(error) => {
            let error = error.to_string();
            text.line("", f, format_args!("no HTTPS records: {}", Shown(&error)))
        }
        None => Ok(()),
    }
}

/// `svc.test:8443`
fn place(service: &Service<'_>) -> String {
    format!("{}:{}", Shown(service.target), service.port)
}

/// `svc.test:8443 (h3, h2)`
fn brief(service: &Service<'_>) -> String {
    let mut speaks = service.alpn.join(", ");
    if service.no_default_alpn {
        speaks += ", no http/1.1";
    }
    match &*speaks {
        "" => place(service),
        speaks => format!("{} ({speaks})", place(service)),
    }
}

/// What else a record says, each behind a comma.
fn more(service: &Service<'_>) -> String {
    let mut more = match service.priority {
        Some(priority) => format!(", priority {priority}"),
        None => ", the end of an alias".to_owned(),
    };
    if !service.addresses.is_empty() {
        more += &format!(", at {}", service.addresses.join(", "));
    }
    if !service.alpn.is_empty() {
        more += &format!(", speaks {}", service.alpn.join(", "));
    }
    if service.no_default_alpn {
        more += ", no http/1.1";
    }
    if service.ech {
        more += ", ECH";
    }
    more
}
