//! The cases, as data: what the peer does, what is typed, and what must come of it.

use std::fmt;

use End::{Answered, Failed};
use fourstep::Code;

/// One case.
pub(super) struct Case {
    /// What the peer does, as a clause.
    pub(super) peer: &'static str,
    /// What is typed behind the command's name. A `{word}` is a place of the
    /// [`Stage`](super::stage::Stage).
    pub(super) typed: &'static str,
    /// What must come of it.
    pub(super) end: End,
    /// What happens besides.
    pub(super) twist: Twist,
}

/// How a probe ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// With a whole response of this status code.
    Answered(u16),
    /// With this failure code.
    Failed(Code),
}

/// What happens besides the probe.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Twist {
    /// Nothing.
    None,
    /// Nothing; but it waits for a limit of time, and others need not wait for it.
    Waits,
    /// It is interrupted as soon as the peer has its request.
    Interrupt,
    /// This machine is kept from looking at the connection until the peer has thrown it away.
    LookLate,
    /// It runs in a process of its own, which may open no more descriptors than it takes to begin.
    FewDescriptors,
}

const fn case(peer: &'static str, typed: &'static str, end: End) -> Case {
    Case { peer, typed, end, twist: Twist::None }
}

const fn with(twist: Twist, case: Case) -> Case {
    Case { twist, ..case }
}

/// Every case, in the order of the cycle; what ends well comes first.
pub(super) const CASES: &[Case] = &[
    case(
        "a name server knows the name, and the origin answers",
        "--resolver {names} http://www.test:{port}/",
        Answered(200),
    ),
    case("the origin has no such page", "http://{origin}/missing", Answered(404)),
    case(
        "the origin has too much to do and says when to come back",
        "http://{origin}/busy",
        Answered(503),
    ),
    case(
        "the origin redirects twice, each hop a probe of its own",
        "--follow 5 http://{origin}/moved",
        Answered(200),
    ),
    case(
        "the origin sends 103 Early Hints before its answer",
        "--verbose http://{origin}/hints",
        Answered(200),
    ),
    case(
        "the origin ends its lines with a bare LF and gives no reason phrase",
        "http://{origin}/odd",
        Answered(200),
    ),
    case(
        "no peer: the port of this URL is no number",
        "http://127.0.0.1:80x/",
        Failed(Code::TargetMalformed),
    ),
    case(
        "the name server says that there is no such name",
        "--resolver {names} http://nobody.test/",
        Failed(Code::ResolveNoSuchName),
    ),
    case(
        "the name has a TXT record and no address",
        "--resolver {names} http://text.test/",
        Failed(Code::ResolveNoAddress),
    ),
    case(
        "the name server fails, and says why in an extended error",
        "--resolver {names} http://sick.test/",
        Failed(Code::ResolveServerFailure),
    ),
    case(
        "the name server does not serve us",
        "--resolver {names} http://closed.test/",
        Failed(Code::ResolveRefused),
    ),
    with(
        Twist::Waits,
        case(
            "the name server takes the questions and keeps silent",
            "--resolver {names} --resolve-timeout 300ms http://mute.test/",
            Failed(Code::ResolveSilent),
        ),
    ),
    case(
        "nothing listens where the name server should be",
        "--resolver {refused} http://www.test/",
        Failed(Code::ResolveUnreachable),
    ),
    case(
        "a name in the name server's answer is a pointer to itself",
        "--resolver {names} http://junk.test/",
        Failed(Code::ResolveMalformed),
    ),
    case("nothing listens at this port", "http://{refused}/", Failed(Code::ConnectRefused)),
    with(
        Twist::Waits,
        case(
            "the queue of new connections is full, and nobody accepts",
            "--connect-timeout 300ms http://{full}/",
            Failed(Code::ConnectSilent),
        ),
    ),
    case(
        "no peer: this is the address of a group, and TCP has no way to one",
        "http://224.0.0.1/",
        Failed(Code::ConnectUnreachable),
    ),
    with(
        Twist::LookLate,
        case(
            "the origin throws the connection away before this machine, kept busy, looks at it",
            "http://{rude}/",
            Failed(Code::ConnectReset),
        ),
    ),
    case(
        "the permissions of a unix socket keep us out",
        "--unix-socket {denied} http://denied.test/",
        Failed(Code::ConnectDenied),
    ),
    with(
        Twist::Waits,
        case(
            "the peer hears the ClientHello and keeps silent",
            "--tls-timeout 300ms https://{tls-silent}/",
            Failed(Code::TlsSilent),
        ),
    ),
    case(
        "the peer hears the ClientHello and closes",
        "https://{tls-closed}/",
        Failed(Code::TlsClosed),
    ),
    case(
        "the peer hears the ClientHello and throws the connection away",
        "https://{tls-reset}/",
        Failed(Code::TlsReset),
    ),
    case(
        "the peer has lost its way, and says so in an alert",
        "https://{tls-alert}/",
        Failed(Code::TlsAlert),
    ),
    case(
        "the peer speaks HTTP in the clear at this port",
        "https://{tls-clear}/",
        Failed(Code::TlsNotTls),
    ),
    case(
        "the peer sends a handshake record, and nonsense in it",
        "https://{tls-nonsense}/",
        Failed(Code::TlsMalformed),
    ),
    case(
        "the peer speaks no version of TLS that we speak",
        "https://{tls-old}/",
        Failed(Code::TlsIncompatible),
    ),
    case(
        "the origin takes 1 MiB of a request of 16 MiB and throws the connection away",
        "--data-file {body} http://{origin}/reset",
        Failed(Code::RequestReset),
    ),
    with(
        Twist::Waits,
        case(
            "the origin accepts and reads nothing, and the request is too large for the buffers",
            "--request-timeout 300ms --data-file {body} http://{deaf}/",
            Failed(Code::RequestSilent),
        ),
    ),
    case(
        "the origin reads the request and closes without a word",
        "http://{origin}/empty",
        Failed(Code::ResponseEmpty),
    ),
    with(
        Twist::Waits,
        case(
            "the origin reads the request and never answers",
            "--response-timeout 300ms http://{origin}/silent",
            Failed(Code::ResponseSilent),
        ),
    ),
    with(
        Twist::Waits,
        case(
            "the origin sends half of the body and nothing more",
            "--response-timeout 1s http://{origin}/stalled",
            Failed(Code::ResponseStalled),
        ),
    ),
    case(
        "the origin reads the request and throws the connection away",
        "http://{origin}/reset",
        Failed(Code::ResponseReset),
    ),
    case(
        "the origin sends half of the body and closes",
        "http://{origin}/cut",
        Failed(Code::ResponseCut),
    ),
    case(
        "no origin: what answers speaks SSH",
        "http://{origin}/ssh",
        Failed(Code::ResponseMalformed),
    ),
    case(
        "the origin sends a field that never ends",
        "http://{origin}/endless",
        Failed(Code::ResponseTooLarge),
    ),
    case(
        "the origin redirects in a circle",
        "--follow 5 http://{origin}/circle",
        Failed(Code::ResponseRedirectLoop),
    ),
    case(
        "the origin redirects twice, and one is allowed",
        "--follow 1 http://{origin}/moved",
        Failed(Code::ResponseRedirectLimit),
    ),
    case(
        "the origin redirects to what is no URL",
        "--follow 5 http://{origin}/lost",
        Failed(Code::ResponseRedirectMalformed),
    ),
    with(
        Twist::FewDescriptors,
        case(
            "any peer: two URLs at once, and descriptors for one",
            "http://{origin}/ http://{origin}/",
            Failed(Code::LocalDescriptors),
        ),
    ),
    with(
        Twist::Waits,
        case(
            "the first of two addresses is silent; the second is dialled from the port that the first uses",
            "--resolver {names} --source {spare} --connect-timeout 1500ms http://twice.test:{full-port}/",
            Failed(Code::LocalPorts),
        ),
    ),
    with(
        Twist::Interrupt,
        case(
            "any peer: somebody presses Ctrl-C while the response is awaited",
            "--timeout 5s http://{mute}/",
            Failed(Code::LocalInterrupted),
        ),
    ),
];

impl fmt::Display for End {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            End::Answered(status) => write!(f, "answered {status:03}"),
            End::Failed(code) => code.fmt(f),
        }
    }
}
