//! What can be typed behind `fourstep scan`.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args, ValueEnum, ValueHint};

use super::HowArgs;

#[derive(Args)]
#[command(after_help = "`--help` says more, with examples.", after_long_help = AFTER)]
pub(crate) struct ScanArgs {
    #[command(flatten)]
    pub(crate) list: ListArgs,
    #[command(flatten)]
    pub(crate) pace: PaceArgs,
    #[command(flatten)]
    pub(crate) records: RecordsArgs,
    #[command(flatten)]
    pub(crate) how: HowArgs,
}

/// Where clap has what is no option.
const ARGUMENTS: Option<&str> = None;

#[derive(Args)]
#[command(next_help_heading = "The list")]
pub(crate) struct ListArgs {
    /// Files with a target on each line; `-`, or no file and no --target: standard input
    ///
    /// A target is a URL, HOST or HOST:PORT, an address, or a block of addresses such as
    /// 192.0.2.0/24, which is visited in a random order. Empty lines and those that begin with `#`
    /// do not count. A line that is none of these gets a record that says so.
    #[arg(value_name = "FILE", help_heading = ARGUMENTS, value_hint = ValueHint::FilePath)]
    pub(crate) files: Vec<PathBuf>,

    /// A target, before those of the files; repeat for more
    #[arg(long, value_name = "TARGET", value_hint = ValueHint::Url)]
    pub(crate) target: Vec<OsString>,

    /// Probe targets without a port at each of these, as 80,443,8000-8010 or https:8443
    #[arg(long, value_name = "PORTS")]
    pub(crate) ports: Option<String>,

    /// How to speak to targets that do not say [default: http; https at port 443 of --ports]
    #[arg(long, value_name = "SCHEME", value_enum)]
    pub(crate) scheme: Option<Speak>,

    /// Decides the order in which addresses of a block are visited
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(crate) seed: u64,

    /// Probe one part of N, from 1/N to N/N: all of a host is in one part, whatever else is listed
    #[arg(long, value_name = "I/N")]
    pub(crate) shard: Option<String>,

    /// Of so many parts probe the one that JOB_COMPLETION_INDEX says, as in a Kubernetes Job
    #[arg(long, value_name = "N", conflicts_with = "shard")]
    pub(crate) shards: Option<String>,

    /// Never connect to the networks and names in this file, one a line; repeat for more
    ///
    /// What is dialled is looked at, so neither a name nor a redirect leads there. A name stands
    /// for those below it too.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) exclude: Vec<PathBuf>,
}

#[derive(Args)]
#[command(next_help_heading = "The pace (0 lifts a limit)")]
pub(crate) struct PaceArgs {
    /// The most probes under way [default: 1000, or what descriptors and memory allow]
    #[arg(long, value_name = "N")]
    pub(crate) in_flight: Option<String>,

    /// The most probes begun in a second, paced evenly [default: no limit]
    #[arg(long, value_name = "N")]
    pub(crate) rate: Option<String>,

    /// The most probes under way at one host [default: 4]
    #[arg(long, value_name = "N")]
    pub(crate) per_host: Option<String>,

    /// The most probes under way in one /24, or /48 of IPv6 [default: no limit]
    #[arg(long, value_name = "N")]
    pub(crate) per_prefix: Option<String>,

    /// Try again so often what may pass: silence, resets, a name server's trouble [default: 0]
    #[arg(long, value_name = "N")]
    pub(crate) retries: Option<String>,

    /// Before the first retry; each further one waits twice as long, up to a minute [default: 1s]
    #[arg(long, value_name = "TIME")]
    pub(crate) retry_delay: Option<String>,

    /// Open a socket for each connection, rather than dial anew with one whose connection was reset
    ///
    /// That is slower by a quarter. In return no peer can foresee the initial sequence number of
    /// the next connection.
    #[arg(long)]
    pub(crate) fresh_sockets: bool,

    /// Say in each request who probes: a URL or an address, behind fourstep/VERSION
    #[arg(long, value_name = "TEXT", conflicts_with = "user_agent")]
    pub(crate) contact: Option<String>,
}

#[derive(Args)]
#[command(next_help_heading = "Records")]
pub(crate) struct RecordsArgs {
    /// Write records to this file, which must not be there yet [default: standard output]
    #[arg(short = 'o', long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) output: Option<PathBuf>,

    /// Go on where the run that wrote this file ended, however it ended
    ///
    /// What has its record there is not probed again; give the same list, ports, scheme, seed and
    /// fields. A line that was cut is dropped.
    #[arg(long, requires = "output", conflicts_with = "overwrite")]
    pub(crate) resume: bool,

    /// Replace what the file has
    #[arg(long, requires = "output")]
    pub(crate) overwrite: bool,

    /// JSON lines, or a table
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t = Format::Json)]
    pub(crate) format: Format,

    /// A table: --format csv
    #[arg(long, conflicts_with = "format")]
    pub(crate) csv: bool,

    /// JSON lines, as without it
    #[arg(long, conflicts_with_all = ["csv", "format"])]
    json: bool,

    /// Of each record only these, as seq,target,response.status,response.fields.Retry-After
    ///
    /// `fourstep --json` shows what there is. JSON keeps their places in a record; a table has them
    /// as its columns, in this order.
    #[arg(long, value_name = "NAMES")]
    pub(crate) fields: Option<String>,

    /// Write the summary to this file too, as JSON
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) summary: Option<PathBuf>,

    /// No summary on standard error, and no progress
    #[arg(short = 's', long, visible_alias = "silent")]
    pub(crate) quiet: bool,

    /// No progress on a terminal
    #[arg(long)]
    pub(crate) no_progress: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Speak {
    Http,
    Https,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    Json,
    Csv,
}

const AFTER: &str = "\
Examples:
  A list from a file; from another command; a block of addresses, at two ports:
    fourstep scan hosts.txt > records.jsonl
    zcat hosts.gz | fourstep scan --csv --fields seq,target,response.status
    fourstep scan --target 192.0.2.0/24 --ports 80,443
  A long one that may be interrupted, and goes on where it ended:
    fourstep scan hosts.txt -o records.jsonl --summary summary.json
    fourstep scan hosts.txt -o records.jsonl --resume
  Gently, and not everywhere; once more what did not answer:
    fourstep scan hosts.txt --rate 50 --per-host 1 --exclude never.txt --contact https://a.test/
    fourstep scan hosts.txt --retries 2 --retry-delay 5s
  One machine of four:
    fourstep scan hosts.txt --shard 1/4

Exit codes:
  0  every target got its record, whatever that says
  2  misuse: nothing was probed
  8  some did not: an input or an output failed, and it is said which
  130, 143  interrupted (SIGINT, SIGTERM)";
