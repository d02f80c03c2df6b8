//! A network in memory, with its own time, faults and seed: for tests, never shipped.
//!
//! ```text
//!   fixtures/exchanges ─▶ Script ─▶ replay ─┐
//!                                           ├─▶ Stage ─▶ Probe        every turn checked
//!   hosts, a zone, a seed ─────────▶ Net ───┘
//! ```
//!
//! A [`Script`] is one file of `fixtures/exchanges`: a target, options, and lines of news with
//! their moments. [`replay`] feeds the news to a probe, lets simulated time pass in between, and
//! writes down what the probe asked for, in the same lines that `--trace` prints. So a trace is a
//! fixture, and a fixture says what a probe must do, turn by turn.
//!
//! A [`Net`] needs no script: hosts behave, a zone answers, and any number of probes share one
//! resolver, as they do in the driver. The seed decides delays and where streams are cut. Hosts and
//! names may change as time passes, and what is probed when may be decided on the way: [`Work`].
//!
//! A [`Stage`] stands around each probe and holds it to its promises: every leg dialled is hung
//! up once, an early tick does nothing, after the end nothing is asked for, the end comes by the
//! deadline, and the [report](check) does not contradict itself. What it finds is a [`Breach`].
//!
//! For https a script says which chain the peers show, from the conditions of `authority`, and its
//! lines say what the octets are: a handshake is random, and its octets could not be replayed.
//!
//! Nothing here sleeps, and the same input gives the same lines, on every machine.
//!
//! ```
//! use fourstep_simnet::{Script, Ticks, replay};
//!
//! let text = "\
//! ## A host that drops packets: nobody says anything until the limit.
//! target http://192.0.2.1/
//! option connect-timeout 2s
//! @0 < start
//! @0 > dial 1 192.0.2.1:80
//! @2000 < tick
//! @2000 > hang-up 1
//! @2000 = connect.silent
//! ";
//! let script = Script::parse("silent.txt", text)?;
//! assert_eq!(replay(&script, Ticks::AsAsked)?.text, text);
//! # Ok::<(), fourstep_simnet::ScriptError>(())
//! ```

mod answers;
mod check;
mod line;
mod net;
mod option;
mod random;
mod replay;
mod script;
mod stage;
mod tls;

pub use check::check;
pub use line::News;
pub use net::{Act, Conduct, Host, Net, Said, Supply, Totals, Work, Zone};
pub use random::Random;
pub use replay::{Replayed, Ticks, replay};
pub use script::{Hop, Script, ScriptError};
pub use stage::{Breach, Stage};
pub use tls::Speech;
