//! What can be typed behind `fourstep wait` and `fourstep watch`.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args, ValueHint};

use super::{Colour, HowArgs};

#[derive(Args)]
#[command(after_help = "`--help` says more, with examples.", after_long_help = AFTER_WAIT)]
pub(crate) struct WaitArgs {
    /// What to wait for; of several, each is waited for until it was in the state wanted
    #[arg(value_name = "URL", required = true, value_hint = ValueHint::Url)]
    pub(crate) urls: Vec<OsString>,
    #[command(flatten)]
    pub(crate) patience: PatienceArgs,
    #[command(flatten)]
    pub(crate) output: LooksArgs,
    #[command(flatten)]
    pub(crate) how: HowArgs,
    /// What to run then, in place of fourstep: its exit code comes through
    #[arg(last = true, value_name = "CMD", value_hint = ValueHint::CommandWithArguments)]
    pub(crate) command: Vec<OsString>,
}

#[derive(Args)]
#[command(next_help_heading = "The wait (500ms, 2s, 5m, or seconds)")]
pub(crate) struct PatienceArgs {
    /// How long to wait in all; 0: without end [default: 5m]
    ///
    /// A look that is under way then is cut, and one begun then may take a tenth of this longer, 1s
    /// at most. A server that asks to come back later than that ends the wait at once.
    #[arg(long = "for", value_name = "TIME")]
    pub(crate) whole: Option<String>,

    /// The states to wait for, any of them: ok, rejected, unavailable, unreachable, untrusted, broken
    /// [default: ok]
    ///
    /// ok is a status that --accept has. `unavailable,unreachable` waits until a server is gone.
    #[arg(long, value_name = "STATES")]
    pub(crate) until: Option<String>,

    /// The first pause between looks, and the shortest [default: 1s]
    ///
    /// Pauses double for as long as nothing changes. A server that says when to come back
    /// (Retry-After, RateLimit and their kin) is obeyed instead: never earlier, and at most a tenth
    /// of the pause later, 5s at most.
    #[arg(long, value_name = "TIME")]
    pub(crate) interval: Option<String>,

    /// The longest pause, where the server asks for none; 0: no limit [default: 30s]
    #[arg(long, value_name = "TIME")]
    pub(crate) max_interval: Option<String>,

    /// Wait for a name, too, that does not exist or has no address
    #[arg(long)]
    pub(crate) even_unreachable: bool,
}

#[derive(Args)]
#[command(after_help = "`--help` says more, with examples.", after_long_help = AFTER_WATCH)]
pub(crate) struct WatchArgs {
    /// What to watch; several side by side
    #[arg(value_name = "URL", required = true, value_hint = ValueHint::Url)]
    pub(crate) urls: Vec<OsString>,
    #[command(flatten)]
    pub(crate) rhythm: RhythmArgs,
    #[command(flatten)]
    pub(crate) output: LooksArgs,
    #[command(flatten)]
    pub(crate) how: HowArgs,
}

#[derive(Args)]
#[command(next_help_heading = "The watch (500ms, 2s, 5m, or seconds)")]
pub(crate) struct RhythmArgs {
    /// From the beginning of a look to that of the next [default: 1s]
    ///
    /// A server that asks to be left alone for longer is.
    #[arg(long, value_name = "TIME")]
    pub(crate) interval: Option<String>,

    /// How long to begin looks; 0: until interrupted [default: 0]
    ///
    /// One that is under way then is waited for.
    #[arg(long = "for", value_name = "TIME")]
    pub(crate) whole: Option<String>,
}

/// What is written of many looks.
#[derive(Args)]
#[command(next_help_heading = "Output")]
pub(crate) struct LooksArgs {
    /// The record of each look, one JSON object on one line, and at the end `{"summary":{...}}`
    #[arg(long)]
    pub(crate) json: bool,

    /// A line for each look; where something changes, also what the verdict rests on
    #[arg(short = 'v', long)]
    pub(crate) verbose: bool,

    /// Write the exchanges to standard error, a line a turn; credentials as ***
    #[arg(long)]
    pub(crate) trace: bool,

    /// Write the exchanges to this file
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) trace_to: Option<PathBuf>,

    /// Whether text has colours; `auto`: on a terminal, unless NO_COLOR is set
    #[arg(long, value_name = "WHEN", value_enum, default_value_t = Colour::Auto)]
    pub(crate) color: Colour,

    /// No text: the exit code tells
    #[arg(short = 's', long, visible_alias = "quiet", conflicts_with = "verbose")]
    pub(crate) silent: bool,
}

const AFTER_WAIT: &str = "\
Examples:
  Run the tests when the server is up; not at all when it is not within a minute:
    fourstep wait --for 1m http://localhost:8080/health -- make test
  Two servers; only 200 will do; a line for each look:
    fourstep wait -v --accept 200 http://db:8123/ping http://app:8080/ready
  Until it answers at all, be it 401 or 404; until it is gone:
    fourstep wait --until ok,rejected http://localhost:8080/
    fourstep wait --until unavailable,unreachable http://localhost:8080/
  A name that is not in the DNS yet:
    fourstep wait --even-unreachable --for 10m https://new.example.com/
  What was waited for, as data:
    fourstep wait --json http://localhost:8080/ | jq -r '.verdict.state // empty'

What cannot pass by waiting ends it at once: a name that does not exist, a certificate that is not
trusted, and a server that asks to come back when --for will be over. All else is waited for: what
refuses, resets or stays silent, a name server that fails, 404 and 401, a lack of this machine's.

Lines go to standard error: standard output is CMD's, and has the records with --json. Signals that
come while CMD runs are CMD's: it has this process, its number and its terminal.

Exit codes:
  0 every target was as wanted             5 a certificate is not trusted
  1 it was not in time, or said that it    8 a lack of this machine's own, at every look
    will not be                            126, 127 CMD cannot be run, is not there
  2 misuse: a flag or a URL                130, 143 ended by SIGINT, SIGTERM
  3 there is no such name                  otherwise that of CMD";

const AFTER_WATCH: &str = "\
Examples:
  How does it fare, until ^C; for an hour, every 10 s; into a file, and the terminal:
    fourstep watch https://example.com/
    fourstep watch --for 1h --interval 10s http://a.example/ http://b.example/
    fourstep watch http://localhost:8080/ | tee outages.log
  Every look as data; only those that were not ok:
    fourstep watch --json http://localhost:8080/ | jq -c 'select(.verdict.state? != \"ok\")'

A look tells how somebody who came at its beginning was served, and stands for the time until the
next begins. An outage is any state but ok; what this machine lacks is none, and that time does not
count. Percentiles are of the looks that were ok.

Lines and the tally go to standard output. Exit codes:
  0 watched to the end of --for, all ok    8 nothing was learnt: a lack of this machine's own
  1 there was an outage                    130, 143 ended by SIGINT, SIGTERM
  2 misuse: a flag or a URL";
