//! What can be typed: the command line as data, without logic. `examples/pages.rs` makes the
//! manual page and the completions of it.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum, ValueHint};

// By their paths, so that `examples/pages.rs` finds them too.
#[path = "scan/args.rs"]
pub(crate) mod scan;
#[path = "wait/args.rs"]
pub(crate) mod wait;

use scan::ScanArgs;
use wait::{WaitArgs, WatchArgs};

/// Probe http and https URLs: how far a request gets, how long each step takes, and what stops it
///
/// fourstep takes each URL through the four steps of every HTTP client: it resolves the name,
/// connects to an address, speaks TLS there for https, sends a request and reads the response. It
/// says how far it got, what each step showed, how long it took, and what that means.
///
/// Failures have stable codes, step.cause, such as connect.refused: `fourstep codes` lists them
/// with a hint each.
#[derive(Parser)]
#[command(
    name = "fourstep",
    version,
    args_conflicts_with_subcommands = true,
    args_override_self = true,
    subcommand_negates_reqs = true,
    disable_help_subcommand = true,
    max_term_width = 100,
    after_help = "Flags follow curl where curl has one. `--help` says more, with examples by step.",
    after_long_help = AFTER
)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
    #[command(flatten)]
    pub(crate) probe: ProbeArgs,
}

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Probe a list of targets, a record for each on a line
    Scan(Box<ScanArgs>),
    /// Look at targets until they are as they should be, and then run something
    Wait(Box<WaitArgs>),
    /// Look at targets again and again: changes with their times, availability, outages
    Watch(Box<WatchArgs>),
    /// List the failure codes: exit code, blame, meaning, and a hint each
    Codes(CodesArgs),
    /// Probe servers of its own on loopback: one case for each way that a probe can end
    Demo(DemoArgs),
    /// List the programs that responses are told to be from, with the signs of each
    Fingerprints,
}

#[derive(Args)]
pub(crate) struct CodesArgs {
    /// One JSON object a line
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Args)]
pub(crate) struct DemoArgs {
    /// The record of each case, one JSON object on one line
    #[arg(long)]
    pub(crate) json: bool,

    /// Whether text has colours; `auto`: on a terminal, unless NO_COLOR is set
    #[arg(long, value_name = "WHEN", value_enum, default_value_t = Colour::Auto)]
    pub(crate) color: Colour,
}

#[derive(Args)]
pub(crate) struct ProbeArgs {
    /// What to probe, each once: http(s)://HOST:PORT/PATH; all but HOST may be left out
    ///
    /// Path and query are sent as typed, dots and double slashes too; what cannot be sent as typed
    /// is said. Several URLs are probed side by side; results stand in the order given.
    #[arg(value_name = "URL", required = true, value_hint = ValueHint::Url)]
    pub(crate) urls: Vec<OsString>,
    #[command(flatten)]
    pub(crate) how: HowArgs,
    #[command(flatten)]
    pub(crate) output: OutputArgs,
}

/// How a target is probed: the same whoever asks for it.
#[derive(Args)]
pub(crate) struct HowArgs {
    #[command(flatten)]
    pub(crate) resolve: ResolveArgs,
    #[command(flatten)]
    pub(crate) connect: ConnectArgs,
    #[command(flatten)]
    pub(crate) tls: TlsArgs,
    #[command(flatten)]
    pub(crate) request: RequestArgs,
    #[command(flatten)]
    pub(crate) response: ResponseArgs,
    #[command(flatten)]
    pub(crate) time: TimeArgs,
}

#[derive(Args)]
#[command(next_help_heading = "1 Resolve (name to addresses)")]
pub(crate) struct ResolveArgs {
    /// Look for and dial IPv4 addresses only
    #[arg(short = '4', long, overrides_with = "ipv6")]
    pub(crate) ipv4: bool,

    /// Look for and dial IPv6 addresses only
    #[arg(short = '6', long, overrides_with = "ipv4")]
    pub(crate) ipv6: bool,

    /// Ask this name server instead of those of /etc/resolv.conf; repeat for more
    ///
    /// The port is 53 if none is given; an IPv6 address with a port stands in brackets. The search
    /// list and the options of /etc/resolv.conf hold all the same, and so does /etc/hosts.
    #[arg(long, value_name = "IP[:PORT]")]
    pub(crate) resolver: Vec<String>,

    /// Settle every question for this host and port; `*` is every host
    ///
    /// Of several for one host and port the last counts.
    #[arg(long, value_name = "HOST:PORT:ADDR[,ADDR]")]
    pub(crate) resolve: Vec<String>,
}

#[derive(Args)]
#[command(next_help_heading = "2 Connect (an address to a socket)")]
pub(crate) struct ConnectArgs {
    /// Connect to HOST2:PORT2 for URLs of HOST1:PORT1; an empty part means any, or the same
    ///
    /// What is sent stays the URL's. Repeat for more; the first that fits counts.
    #[arg(long, value_name = "HOST1:PORT1:HOST2:PORT2")]
    pub(crate) connect_to: Vec<String>,

    /// Ask through an HTTP proxy; user:password@ before its host is sent to it as Basic
    ///
    /// For https it is asked for a tunnel (CONNECT), and what it answers to that is shown.
    /// Its port is 1080 unless the URL says another, as with curl. The environment (http_proxy)
    /// is not looked at: a probe takes no detour that was not asked for.
    #[arg(short = 'x', long, value_name = "URL", value_hint = ValueHint::Url)]
    pub(crate) proxy: Option<OsString>,

    /// Connect to this unix socket, whatever the URL's host
    #[arg(long, value_name = "PATH", value_hint = ValueHint::FilePath)]
    pub(crate) unix_socket: Option<PathBuf>,

    /// Send from this address of this machine
    #[arg(long, value_name = "ADDR[:PORT]")]
    pub(crate) source: Option<String>,

    /// Send through this interface only, questions to name servers too
    #[arg(long, value_name = "NAME")]
    pub(crate) interface: Option<String>,
}

#[derive(Args)]
#[command(next_help_heading = "TLS (for https, on that socket)")]
pub(crate) struct TlsArgs {
    /// Go on whatever is wrong with the certificates, and say what; pins are kept to
    #[arg(short = 'k', long)]
    pub(crate) insecure: bool,

    /// Trust the roots in this file, or in the files of this folder, and no others; repeat for more
    ///
    /// PEM, or one certificate in DER. Of a folder the files that hold certificates count.
    #[arg(
        long,
        visible_aliases = ["cacert", "capath"],
        value_name = "FILE|DIR",
        conflicts_with = "roots",
        value_hint = ValueHint::AnyPath
    )]
    pub(crate) ca: Vec<PathBuf>,

    /// Whom to trust: Mozilla's roots, which are built in, or those of this system
    #[arg(long, value_name = "WHOSE", value_enum, default_value_t = Whose::Bundled)]
    pub(crate) roots: Whose,

    /// Our certificate, and behind it its intermediates, for a server that asks who we are
    #[arg(long, visible_alias = "cert", value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) client_cert: Option<PathBuf>,

    /// The key of --client-cert, not encrypted [default: in that file]
    #[arg(
        long,
        visible_alias = "key",
        value_name = "FILE",
        requires = "client_cert",
        value_hint = ValueHint::FilePath
    )]
    pub(crate) client_key: Option<PathBuf>,

    /// Send this server name; what is verified stays the URL's host
    #[arg(long, value_name = "NAME")]
    pub(crate) sni: Option<String>,

    /// Send no server name
    #[arg(long, conflicts_with = "sni")]
    pub(crate) no_sni: bool,

    /// The oldest version to speak: 1.2 or 1.3 [default: 1.2]
    #[arg(long, value_name = "VERSION")]
    pub(crate) tls_min: Option<String>,

    /// The newest version to speak: 1.2 or 1.3 [default: 1.3]
    #[arg(long, value_name = "VERSION")]
    pub(crate) tls_max: Option<String>,

    /// The protocols to offer, the best first, with commas; empty: none [default: http/1.1]
    ///
    /// Whatever is agreed on, what is spoken is HTTP/1.1.
    #[arg(long, value_name = "LIST")]
    pub(crate) alpn: Option<String>,

    /// Append the secrets of each session to this file [default: $SSLKEYLOGFILE]
    ///
    /// Whoever has it can read a capture of the exchange; Wireshark takes it as it is.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) keylog: Option<PathBuf>,

    /// Accept this public key alone, as sha256//BASE64; several with `;`, or repeated
    #[arg(long, visible_alias = "pinnedpubkey", value_name = "PIN")]
    pub(crate) pin: Vec<String>,

    /// Refuse what this revocation list names; repeat for more
    ///
    /// PEM, or one list in DER. A certificate that no list speaks of counts as not revoked. Of
    /// several lists by one issuer the first counts.
    #[arg(long, visible_alias = "crlfile", value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) crl: Vec<PathBuf>,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Whose {
    Bundled,
    System,
}

#[derive(Args)]
#[command(next_help_heading = "3 Request (octets out)")]
pub(crate) struct RequestArgs {
    /// The method: any token [default: GET, or POST with a body]
    #[arg(short = 'X', long, visible_alias = "request", value_name = "METHOD")]
    pub(crate) method: Option<String>,

    /// Ask for the head only: the method HEAD
    #[arg(short = 'I', long, conflicts_with_all = ["method", "data", "data_file"])]
    pub(crate) head: bool,

    /// A field: `Name: v` replaces a default or adds, `Name:` removes, `Name;` sends it empty
    ///
    /// CR, LF, NUL and other control characters are refused with their offset, so that no value can
    /// become a line of its own.
    #[arg(short = 'H', long, value_name = "FIELD", allow_hyphen_values = true)]
    pub(crate) header: Vec<OsString>,

    /// Send this body, by POST unless -X says otherwise; several are joined with `&`
    ///
    /// `@FILE` is the file without its CR, LF and NUL, as curl has it (`@-`: standard input). The
    /// Content-Type is application/x-www-form-urlencoded unless -H says otherwise.
    #[arg(short = 'd', long, value_name = "DATA", allow_hyphen_values = true)]
    pub(crate) data: Vec<OsString>,

    /// Send this file as the body, octet for octet; `-` is standard input
    #[arg(long, value_name = "FILE", conflicts_with = "data", value_hint = ValueHint::FilePath)]
    pub(crate) data_file: Option<PathBuf>,

    /// Credentials, sent as Basic and shown nowhere; they win over those in a URL
    ///
    /// Other users of this machine can see the command line of a process.
    #[arg(short = 'u', long, value_name = "USER:PASS", allow_hyphen_values = true)]
    pub(crate) user: Option<OsString>,

    /// Who asks; empty: no such field [default: fourstep/VERSION]
    #[arg(short = 'A', long, value_name = "TEXT", allow_hyphen_values = true)]
    pub(crate) user_agent: Option<String>,

    /// Say HTTP/1.0 instead of HTTP/1.1
    #[arg(short = '0', long = "http1.0")]
    pub(crate) http10: bool,

    /// Send this request target instead of the URL's: `*` for OPTIONS
    #[arg(long, value_name = "TARGET", allow_hyphen_values = true)]
    pub(crate) request_target: Option<OsString>,

    /// Do not resolve `..` and `.` in the path: always so; taken for curl's sake
    #[arg(long)]
    pub(crate) path_as_is: bool,
}

#[derive(Args)]
#[command(next_help_heading = "4 Response (octets in)")]
pub(crate) struct ResponseArgs {
    /// The status codes that exit 0 [default: 200-399]
    #[arg(long, value_name = "CODES")]
    pub(crate) accept: Option<String>,

    /// Follow at most so many redirects, each hop a probe of its own with its own record
    #[arg(long, visible_alias = "max-redirs", value_name = "N")]
    pub(crate) follow: Option<String>,

    /// Follow redirects: --follow 50, unless that says another number
    #[arg(short = 'L', long)]
    pub(crate) location: bool,

    /// The largest head that is read, as 64K, 8M; 0 lifts the limit [default: 256K]
    #[arg(long, value_name = "SIZE")]
    pub(crate) max_head: Option<String>,

    /// The most fields in a head; 0 lifts the limit [default: 1000]
    #[arg(long, value_name = "N")]
    pub(crate) max_fields: Option<String>,

    /// The most interim responses (1xx); 0 lifts the limit as far as 255 [default: 16]
    #[arg(long, value_name = "N")]
    pub(crate) max_interim: Option<String>,

    /// The largest body that is read; 0 lifts the limit [default: 8M]
    #[arg(long, value_name = "SIZE")]
    pub(crate) max_body: Option<String>,

    /// Keep no more of a body than this; 0: all of it [default: 4K, with --body all that is read]
    ///
    /// What is kept is what --body writes, and what the verdict on the response may look at.
    #[arg(long, value_name = "SIZE")]
    pub(crate) keep_body: Option<String>,

    /// Whose clock tells when octets come in: the kernel's, as packets come, or our own
    ///
    /// A busy process reads octets some time after they came, and by its own clock waits that much
    /// longer. The kernel's also brings its round trips, and what was sent again, for three system
    /// calls a probe.
    #[arg(long, value_name = "WHOSE", value_enum, default_value_t = Clock::Kernel)]
    pub(crate) clock: Clock,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Clock {
    Kernel,
    User,
}

impl From<Clock> for fourstep::terms::Clock {
    fn from(clock: Clock) -> fourstep::terms::Clock {
        match clock {
            Clock::Kernel => fourstep::terms::Clock::Kernel,
            Clock::User => fourstep::terms::Clock::User,
        }
    }
}

#[derive(Args)]
#[command(next_help_heading = "Time limits (500ms, 2s, 5m, or seconds; 0 lifts a limit)")]
pub(crate) struct TimeArgs {
    /// For the whole probe of a URL; each redirect starts anew [default: 30s]
    #[arg(short = 'm', long, visible_alias = "max-time", value_name = "TIME")]
    pub(crate) timeout: Option<String>,

    /// From the first question to an address [default: what /etc/resolv.conf allows]
    #[arg(long, value_name = "TIME")]
    pub(crate) resolve_timeout: Option<String>,

    /// From the first dial to a connection [default: 10s]
    #[arg(long, value_name = "TIME")]
    pub(crate) connect_timeout: Option<String>,

    /// The TLS handshake [default: none]
    #[arg(long, value_name = "TIME")]
    pub(crate) tls_timeout: Option<String>,

    /// Until the kernel has taken the whole request [default: none]
    #[arg(long, value_name = "TIME")]
    pub(crate) request_timeout: Option<String>,

    /// From there until the response is complete [default: none]
    #[arg(long, value_name = "TIME")]
    pub(crate) response_timeout: Option<String>,
}

#[derive(Args)]
#[command(next_help_heading = "Output")]
pub(crate) struct OutputArgs {
    /// One JSON object a probe, on one line
    #[arg(long, conflicts_with_all = ["write_out", "body", "head_raw"])]
    pub(crate) json: bool,

    /// All fields, every answer of name servers; and what of /etc/resolv.conf was not understood
    #[arg(short = 'v', long)]
    pub(crate) verbose: bool,

    /// Instead of text, this format, with curl's %{variables}; `@FILE` reads it from a file
    ///
    /// Once a URL, for the last hop of redirects. \n, \t, \r and %% stand for themselves;
    /// %header{NAME} is the value of a field. Variables as in curl: content_type, errormsg,
    /// exitcode, http_code, http_connect, http_version, json, local_ip, local_port, method,
    /// num_certs, num_connects, num_redirects, redirect_url, remote_ip, remote_port, response_code,
    /// scheme, size_download, size_header, size_request, speed_download, ssl_verify_result (0 or
    /// 1), time_appconnect, time_connect, time_namelookup, time_pretransfer, time_starttransfer,
    /// time_total, url, url_effective. Ours: clock (of time_starttransfer), code (of the failure),
    /// outcome, step, tcp_min_rtt, tcp_retransmits, tcp_rtt, tcp_syn_retransmits,
    /// tls_expires_in_days, tls_version, time_dialled, time_sent, time_received, wait_network,
    /// wait_server.
    #[arg(short = 'w', long, value_name = "FORMAT", allow_hyphen_values = true)]
    pub(crate) write_out: Option<OsString>,

    /// Instead of text, the body, without chunk framing; of redirects, the last hop's
    ///
    /// To a file or a pipe go the octets themselves. On a terminal control characters are
    /// escaped, with or without colour: pipe it through `cat` for the octets.
    #[arg(long)]
    pub(crate) body: bool,

    /// Instead of text, the heads as received, interim ones too; before the body, with --body
    #[arg(long)]
    pub(crate) head_raw: bool,

    /// Write the exchange to standard error, a line a turn; credentials as ***
    #[arg(long)]
    pub(crate) trace: bool,

    /// Write the exchange to this file
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) trace_to: Option<PathBuf>,

    /// Whether text has colours; `auto`: on a terminal, unless NO_COLOR is set
    #[arg(long, value_name = "WHEN", value_enum, default_value_t = Colour::Auto)]
    pub(crate) color: Colour,

    /// No text and no explanations: the exit code tells
    #[arg(short = 's', long, visible_alias = "quiet")]
    pub(crate) silent: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Colour {
    Auto,
    Always,
    Never,
}

/// What stands below the long help.
const AFTER: &str = "\
Examples, by step:
  The whole cycle, as text; all fields; as data:
    fourstep example.com
    fourstep -v http://example.com:8080/path
    fourstep --json example.com example.org

  1 Resolve. Ask one name server; a name that is not in the DNS yet; one family only:
    fourstep --resolver 192.0.2.53 example.com
    fourstep --resolve example.com:80:192.0.2.7 http://example.com/
    fourstep -6 example.com

  2 Connect. One server behind a name that has many; from one of our addresses; a unix socket:
    fourstep --connect-to ::192.0.2.7: http://example.com/
    fourstep --source 192.0.2.1 --connect-timeout 500ms example.com
    fourstep --unix-socket /run/app.sock http://localhost/health

  TLS. What the server shows, trusted or not; a root of one's own; the certificate of another name:
    fourstep -k -v https://192.0.2.7/
    fourstep --ca root.pem https://staging.example.com/
    fourstep --sni other.example.com https://example.com/

  3 Request. Another Host; a body; what the server makes of no Host at all:
    fourstep -H 'Host: staging.example.com' http://192.0.2.7/
    fourstep -d 'a=1' -H 'Content-Type: text/plain' http://example.com/submit
    fourstep -0 -H 'Host:' http://example.com/

  4 Response. Redirects, a record a hop; the body; the time to its first octet:
    fourstep -L --json http://example.com/
    fourstep --body http://example.com/ > page.html
    fourstep -w '%{http_code} %{time_starttransfer}\\n' http://example.com/

  In a script: is it up, and if not, why?
    fourstep -s --timeout 2s --accept 200 http://example.com/health || echo \"exit $?\"
    fourstep -w '%{code}\\n' http://example.com/ 2>/dev/null

Exit codes:
  0 answered, with an accepted status      5 failed at TLS
  1 answered, with another status          6 failed at the request
  2 misuse: a flag or a URL                7 failed at the response
  3 failed at resolving                    8 a lack of this machine's own
  4 failed at connecting                   130, 143 ended by SIGINT, SIGTERM
  With several URLs, the highest. Results go to standard output, all else to standard error.";
