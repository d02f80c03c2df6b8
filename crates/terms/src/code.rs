//! The failure codes: a closed table.

#![expect(clippy::indexing_slicing, reason = "a row a variant, in order: asserted at compile time")]

use std::fmt;

/// A step of the cycle, in the order every client takes them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Step {
    /// The target's text is read.
    Target,
    /// An address is obtained for the name.
    Resolve,
    /// A socket is opened.
    Connect,
    /// For https, the handshake on that socket.
    Tls,
    /// The request is written.
    Request,
    /// The response is received and parsed.
    Response,
}

impl Step {
    /// Every step, in order.
    pub const ALL: [Step; 6] =
        [Step::Target, Step::Resolve, Step::Connect, Step::Tls, Step::Request, Step::Response];

    /// The word that records and codes use.
    pub const fn as_str(self) -> &'static str {
        match self {
            Step::Target => "target",
            Step::Resolve => "resolve",
            Step::Connect => "connect",
            Step::Tls => "tls",
            Step::Request => "request",
            Step::Response => "response",
        }
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Whose failure it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Blame {
    /// This machine's: it says nothing of the target.
    Local,
    /// The way to the peer: a route, a firewall, or nobody there.
    Path,
    /// The name's, or its servers'.
    Name,
    /// The peer's.
    Peer,
    /// Whoever asked for the impossible.
    Misuse,
}

impl Blame {
    /// The word that records use.
    pub const fn as_str(self) -> &'static str {
        match self {
            Blame::Local => "local",
            Blame::Path => "path",
            Blame::Name => "name",
            Blame::Peer => "peer",
            Blame::Misuse => "misuse",
        }
    }
}

impl fmt::Display for Blame {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Why a probe failed: `step.cause`, one of a closed table.
///
/// The text of a code is stable: scripts may compare it. Each has one sentence that says what it
/// means, one hint that says what to try, and one [`Blame`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Code {
    /// `target.malformed`: The target is not a URL that can be probed.
    TargetMalformed,
    /// `resolve.no-such-name`: The name does not exist (NXDOMAIN, RFC 1035 §4.1.1).
    ResolveNoSuchName,
    /// `resolve.no-address`: The name exists and has no address of the wanted family (NODATA, RFC 2308 §2.2).
    ResolveNoAddress,
    /// `resolve.server-failure`: The name server could not answer (SERVFAIL and the RCODEs that fit nowhere else, RFC 1035 §4.1.1).
    ResolveServerFailure,
    /// `resolve.refused`: The name server refuses to answer us (REFUSED, RFC 1035 §4.1.1).
    ResolveRefused,
    /// `resolve.silent`: No name server answered in time.
    ResolveSilent,
    /// `resolve.unreachable`: No name server could be reached: no route, or its port refuses.
    ResolveUnreachable,
    /// `resolve.malformed`: The name server's answer cannot be read, or its aliases never end.
    ResolveMalformed,
    /// `connect.refused`: The host answered that nothing listens there.
    ConnectRefused,
    /// `connect.silent`: Nobody answered the attempts to connect in time.
    ConnectSilent,
    /// `connect.unreachable`: There is no way to the address.
    ConnectUnreachable,
    /// `connect.reset`: The connection was reset while it was being opened.
    ConnectReset,
    /// `connect.denied`: A rule forbids the connection.
    ConnectDenied,
    /// `tls.silent`: The handshake stopped: the peer fell silent.
    TlsSilent,
    /// `tls.closed`: The peer closed the connection during the handshake.
    TlsClosed,
    /// `tls.reset`: The peer reset the connection during the handshake.
    TlsReset,
    /// `tls.alert`: The peer ended TLS with an alert.
    TlsAlert,
    /// `tls.not-tls`: The peer does not speak TLS here.
    TlsNotTls,
    /// `tls.malformed`: The peer's TLS records cannot be read.
    TlsMalformed,
    /// `tls.untrusted`: The certificate chain does not lead to a root that is trusted.
    TlsUntrusted,
    /// `tls.expired`: A certificate of the chain has expired.
    TlsExpired,
    /// `tls.not-yet-valid`: A certificate of the chain is not valid yet.
    TlsNotYetValid,
    /// `tls.revoked`: The certificate was revoked.
    TlsRevoked,
    /// `tls.wrong-name`: The certificate is for other names.
    TlsWrongName,
    /// `tls.wrong-pin`: The certificate's key is not the pinned one.
    TlsWrongPin,
    /// `tls.incompatible`: The two sides have no version or cipher suite in common.
    TlsIncompatible,
    /// `request.reset`: The connection was thrown away before the request was wholly sent.
    RequestReset,
    /// `request.silent`: The peer stopped taking the request.
    RequestSilent,
    /// `response.empty`: The peer closed the connection without an octet of a response.
    ResponseEmpty,
    /// `response.silent`: The peer took the request and never answered.
    ResponseSilent,
    /// `response.stalled`: The response began and did not end in time.
    ResponseStalled,
    /// `response.reset`: The connection was reset while the response was awaited or read.
    ResponseReset,
    /// `response.cut`: The peer closed before the response was complete (RFC 9112 §8).
    ResponseCut,
    /// `response.malformed`: The response breaks the grammar of HTTP in a way that cannot be read safely.
    ResponseMalformed,
    /// `response.too-large`: The response is larger than a limit of ours.
    ResponseTooLarge,
    /// `response.redirect-loop`: The redirects lead back to a URL already visited (RFC 9110 §15.4).
    ResponseRedirectLoop,
    /// `response.redirect-limit`: There are more redirects than --follow allows.
    ResponseRedirectLimit,
    /// `response.redirect-malformed`: The Location of a redirect is no URL reference (RFC 9110 §10.2.2).
    ResponseRedirectMalformed,
    /// `local.descriptors`: This machine has no file descriptor left for us (EMFILE, ENFILE).
    LocalDescriptors,
    /// `local.ports`: This machine has no local address or port left (EADDRNOTAVAIL).
    LocalPorts,
    /// `local.memory`: This machine has no memory or buffer left for the socket (ENOBUFS, ENOMEM).
    LocalMemory,
    /// `local.interrupted`: The probe was interrupted before it ended.
    LocalInterrupted,
}

/// One row of the table.
struct Row {
    code: Code,
    text: &'static str,
    blame: Blame,
    meaning: &'static str,
    hint: &'static str,
}

impl Code {
    /// Every code, in the order of the table.
    pub const ALL: [Code; 42] = {
        let mut all = [Code::TargetMalformed; ROWS.len()];
        let mut at = 0;
        while at < ROWS.len() {
            all[at] = ROWS[at].code;
            at += 1;
        }
        all
    };

    /// The stable text: `connect.refused`.
    pub const fn as_str(self) -> &'static str {
        self.row().text
    }

    /// The step whose cause it names; `None` for `local.*`, which can come at any step.
    pub fn step(self) -> Option<Step> {
        let (step, _) = self.as_str().split_once('.')?;
        Step::ALL.into_iter().find(|s| s.as_str() == step)
    }

    /// Whose failure it is.
    pub const fn blame(self) -> Blame {
        self.row().blame
    }

    /// What it means, in one sentence.
    pub const fn meaning(self) -> &'static str {
        self.row().meaning
    }

    /// What to look at or try, without a stop at the end.
    pub const fn hint(self) -> &'static str {
        self.row().hint
    }

    /// The code with this text.
    pub fn from_text(text: &str) -> Option<Code> {
        Code::ALL.into_iter().find(|code| code.as_str() == text)
    }

    const fn row(self) -> &'static Row {
        &ROWS[self as usize]
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl PartialEq<&str> for Code {
    fn eq(&self, text: &&str) -> bool {
        self.as_str() == *text
    }
}

/// The table, in the order of the enum.
const ROWS: [Row; 42] = [
    Row {
        code: Code::TargetMalformed,
        text: "target.malformed",
        blame: Blame::Misuse,
        meaning: "The target is not a URL that can be probed.",
        hint: "look at the octet the message names; write it as http://host[:port]/path",
    },
    Row {
        code: Code::ResolveNoSuchName,
        text: "resolve.no-such-name",
        blame: Blame::Name,
        meaning: "The name does not exist (NXDOMAIN, RFC 1035 §4.1.1).",
        hint: "check the spelling and the search list; a name made today may still be cached as missing",
    },
    Row {
        code: Code::ResolveNoAddress,
        text: "resolve.no-address",
        blame: Blame::Name,
        meaning: "The name exists and has no address of the wanted family (NODATA, RFC 2308 §2.2).",
        hint: "the name has other records only; try the other family, or ask its owner for an A or AAAA record",
    },
    Row {
        code: Code::ResolveServerFailure,
        text: "resolve.server-failure",
        blame: Blame::Name,
        meaning: "The name server could not answer (SERVFAIL and the RCODEs that fit nowhere else, RFC 1035 §4.1.1).",
        hint: "the name's own servers may be down or fail DNSSEC; see resolve.extended_errors, or ask another --resolver",
    },
    Row {
        code: Code::ResolveRefused,
        text: "resolve.refused",
        blame: Blame::Name,
        meaning: "The name server refuses to answer us (REFUSED, RFC 1035 §4.1.1).",
        hint: "this server does not serve this machine or this name; ask another with --resolver",
    },
    Row {
        code: Code::ResolveSilent,
        text: "resolve.silent",
        blame: Blame::Path,
        meaning: "No name server answered in time.",
        hint: "is the name server up, and does a firewall let UDP and TCP port 53 through? --resolver asks another",
    },
    Row {
        code: Code::ResolveUnreachable,
        text: "resolve.unreachable",
        blame: Blame::Path,
        meaning: "No name server could be reached: no route, or its port refuses.",
        hint: "nothing serves DNS at the address in /etc/resolv.conf or --resolver; check it and the route to it",
    },
    Row {
        code: Code::ResolveMalformed,
        text: "resolve.malformed",
        blame: Blame::Name,
        meaning: "The name server's answer cannot be read, or its aliases never end.",
        hint: "the answer breaks RFC 1035; ask another server with --resolver to see whether the zone or the server is at fault",
    },
    Row {
        code: Code::ConnectRefused,
        text: "connect.refused",
        blame: Blame::Peer,
        meaning: "The host answered that nothing listens there.",
        hint: "is the service up, and is the port right?",
    },
    Row {
        code: Code::ConnectSilent,
        text: "connect.silent",
        blame: Blame::Path,
        meaning: "Nobody answered the attempts to connect in time.",
        hint: "a firewall may drop the packets, the host may be down, or its queue of new connections is full",
    },
    Row {
        code: Code::ConnectUnreachable,
        text: "connect.unreachable",
        blame: Blame::Path,
        meaning: "There is no way to the address.",
        hint: "no route, or a router on the path said so; check the address family (-4, -6) and the network",
    },
    Row {
        code: Code::ConnectReset,
        text: "connect.reset",
        blame: Blame::Peer,
        meaning: "The connection was reset while it was being opened.",
        hint: "something on the way or in front of the service throws connections away; it may be overloaded",
    },
    Row {
        code: Code::ConnectDenied,
        text: "connect.denied",
        blame: Blame::Path,
        meaning: "A rule forbids the connection.",
        hint: "a firewall here or on the path rejects it, or the unix socket's permissions do",
    },
    Row {
        code: Code::TlsSilent,
        text: "tls.silent",
        blame: Blame::Peer,
        meaning: "The handshake stopped: the peer fell silent.",
        hint: "the port may not speak TLS, or the server is overloaded",
    },
    Row {
        code: Code::TlsClosed,
        text: "tls.closed",
        blame: Blame::Peer,
        meaning: "The peer closed the connection during the handshake.",
        hint: "the server may want another name (SNI) or version",
    },
    Row {
        code: Code::TlsReset,
        text: "tls.reset",
        blame: Blame::Peer,
        meaning: "The peer reset the connection during the handshake.",
        hint: "something on the way may forbid TLS to this name",
    },
    Row {
        code: Code::TlsAlert,
        text: "tls.alert",
        blame: Blame::Peer,
        meaning: "The peer ended TLS with an alert.",
        hint: "the message names the alert; certificate_required wants a client certificate",
    },
    Row {
        code: Code::TlsNotTls,
        text: "tls.not-tls",
        blame: Blame::Peer,
        meaning: "The peer does not speak TLS here.",
        hint: "try http:// on this port",
    },
    Row {
        code: Code::TlsMalformed,
        text: "tls.malformed",
        blame: Blame::Peer,
        meaning: "The peer's TLS records cannot be read.",
        hint: "the peer or something on the way is broken",
    },
    Row {
        code: Code::TlsUntrusted,
        text: "tls.untrusted",
        blame: Blame::Peer,
        meaning: "The certificate chain does not lead to a root that is trusted.",
        hint: "an intermediate may be missing, or the issuer is private: see --ca",
    },
    Row {
        code: Code::TlsExpired,
        text: "tls.expired",
        blame: Blame::Peer,
        meaning: "A certificate of the chain has expired.",
        hint: "renew it, and check this machine's clock",
    },
    Row {
        code: Code::TlsNotYetValid,
        text: "tls.not-yet-valid",
        blame: Blame::Peer,
        meaning: "A certificate of the chain is not valid yet.",
        hint: "check this machine's clock",
    },
    Row {
        code: Code::TlsRevoked,
        text: "tls.revoked",
        blame: Blame::Peer,
        meaning: "The certificate was revoked.",
        hint: "its owner must replace it",
    },
    Row {
        code: Code::TlsWrongName,
        text: "tls.wrong-name",
        blame: Blame::Peer,
        meaning: "The certificate is for other names.",
        hint: "the message lists them; the server may need SNI or another certificate",
    },
    Row {
        code: Code::TlsWrongPin,
        text: "tls.wrong-pin",
        blame: Blame::Peer,
        meaning: "The certificate's key is not the pinned one.",
        hint: "the key changed, or this is not the server it should be",
    },
    Row {
        code: Code::TlsIncompatible,
        text: "tls.incompatible",
        blame: Blame::Peer,
        meaning: "The two sides have no version or cipher suite in common.",
        hint: "the server may be too old or too strict",
    },
    Row {
        code: Code::RequestReset,
        text: "request.reset",
        blame: Blame::Peer,
        meaning: "The connection was thrown away before the request was wholly sent.",
        hint: "the server dropped us unheard: it may be overloaded, or refuse this client or so large a request",
    },
    Row {
        code: Code::RequestSilent,
        text: "request.silent",
        blame: Blame::Peer,
        meaning: "The peer stopped taking the request.",
        hint: "the server accepted the connection and does not read from it",
    },
    Row {
        code: Code::ResponseEmpty,
        text: "response.empty",
        blame: Blame::Peer,
        meaning: "The peer closed the connection without an octet of a response.",
        hint: "the server or a proxy before it dropped the request; does this port speak HTTP?",
    },
    Row {
        code: Code::ResponseSilent,
        text: "response.silent",
        blame: Blame::Peer,
        meaning: "The peer took the request and never answered.",
        hint: "the server is stuck or slow; a longer --timeout tells which",
    },
    Row {
        code: Code::ResponseStalled,
        text: "response.stalled",
        blame: Blame::Peer,
        meaning: "The response began and did not end in time.",
        hint: "the server or the path stopped in the middle, or drips; a longer --timeout tells which",
    },
    Row {
        code: Code::ResponseReset,
        text: "response.reset",
        blame: Blame::Peer,
        meaning: "The connection was reset while the response was awaited or read.",
        hint: "the server or a box on the path threw the connection away; it may have crashed or be overloaded",
    },
    Row {
        code: Code::ResponseCut,
        text: "response.cut",
        blame: Blame::Peer,
        meaning: "The peer closed before the response was complete (RFC 9112 §8).",
        hint: "what arrived is only a part; the server or a proxy gave up in the middle",
    },
    Row {
        code: Code::ResponseMalformed,
        text: "response.malformed",
        blame: Blame::Peer,
        meaning: "The response breaks the grammar of HTTP in a way that cannot be read safely.",
        hint: "the message names the octet and the rule; --trace shows all that came",
    },
    Row {
        code: Code::ResponseTooLarge,
        text: "response.too-large",
        blame: Blame::Peer,
        meaning: "The response is larger than a limit of ours.",
        hint: "raise --max-head, --max-fields, --max-interim or --max-body if you want all of it",
    },
    Row {
        code: Code::ResponseRedirectLoop,
        text: "response.redirect-loop",
        blame: Blame::Peer,
        meaning: "The redirects lead back to a URL already visited (RFC 9110 §15.4).",
        hint: "the server's redirect rules contradict each other, or it wants a cookie",
    },
    Row {
        code: Code::ResponseRedirectLimit,
        text: "response.redirect-limit",
        blame: Blame::Peer,
        meaning: "There are more redirects than --follow allows.",
        hint: "raise --follow if the chain is meant to be so long",
    },
    Row {
        code: Code::ResponseRedirectMalformed,
        text: "response.redirect-malformed",
        blame: Blame::Peer,
        meaning: "The Location of a redirect is no URL reference (RFC 9110 §10.2.2).",
        hint: "the server must send a valid Location; the field is shown in the record",
    },
    Row {
        code: Code::LocalDescriptors,
        text: "local.descriptors",
        blame: Blame::Local,
        meaning: "This machine has no file descriptor left for us (EMFILE, ENFILE).",
        hint: "raise ulimit -n, or probe fewer at once; it says nothing of the target",
    },
    Row {
        code: Code::LocalPorts,
        text: "local.ports",
        blame: Blame::Local,
        meaning: "This machine has no local address or port left (EADDRNOTAVAIL).",
        hint: "wait for closed connections to age, add a --source, or probe more slowly; it says nothing of the target",
    },
    Row {
        code: Code::LocalMemory,
        text: "local.memory",
        blame: Blame::Local,
        meaning: "This machine has no memory or buffer left for the socket (ENOBUFS, ENOMEM).",
        hint: "free memory or probe fewer at once; it says nothing of the target",
    },
    Row {
        code: Code::LocalInterrupted,
        text: "local.interrupted",
        blame: Blame::Local,
        meaning: "The probe was interrupted before it ended.",
        hint: "run it again",
    },
];

// Row n describes variant n.
const _: () = {
    let mut at = 0;
    while at < ROWS.len() {
        assert!(ROWS[at].code as usize == at);
        at += 1;
    }
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_step_and_cause_and_lead_back() {
        for code in Code::ALL {
            let (step, cause) = code.as_str().split_once('.').unwrap();
            assert_eq!(Code::from_text(code.as_str()), Some(code));
            assert!(cause.bytes().all(|c| c.is_ascii_lowercase() || c == b'-'), "{code}");
            assert_eq!(code.step().is_none(), step == "local", "{code}");
            assert_eq!(code.blame() == Blame::Local, step == "local", "{code}");
            assert!(code.meaning().ends_with('.'), "{code}");
            assert!(!code.hint().ends_with('.'), "{code}");
        }
    }
}
