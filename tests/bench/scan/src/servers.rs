//! The origin and the name server: started, asked what they did, stopped.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::time::Duration;

use crate::run::{Line, Result, SERVER_CORE, counters, used_by};

/// The first port of the origin; its behaviours follow in this order (c/origin.c, `enum mode`).
pub const ORIGIN_PORT: u16 = 8600;
pub const NAMES_PORT: u16 = 8653;

/// How the origin behaves, by port.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    Ok,
    Unavailable,
    Timed,
    Empty,
    Reset,
    Silent,
    Malformed,
    /// What knocks is dropped unheard.
    Dropped,
    /// Nobody listens: one behind the last.
    Refused,
}

impl Mode {
    pub fn port(self) -> u16 {
        ORIGIN_PORT + self as u16
    }
}

/// A server that runs on its own core until this is dropped.
pub struct Server {
    child: Child,
    counts: PathBuf,
}

impl Server {
    /// The origin, on all of 127.0.0.0/8.
    pub fn origin(programs: &Path, work: &Path) -> Result<Server> {
        let counts = work.join("origin.counts");
        let line = Line::new(programs.join("origin"), &[]).arg(ORIGIN_PORT);
        Server::start(line.arg(counts.display()), counts)
    }

    /// The name server of bench.test.
    pub fn names(programs: &Path, work: &Path) -> Result<Server> {
        let counts = work.join("names.counts");
        let line = Line::new(programs.join("names"), &["127.0.0.1"]).arg(NAMES_PORT);
        Server::start(line.arg(counts.display()), counts)
    }

    fn start(line: Line, counts: PathBuf) -> Result<Server> {
        let mut child = line.on_core(SERVER_CORE).stdout(Stdio::piped()).spawn()?;
        let mut ready = String::new();
        if let Some(stdout) = child.stdout.take() {
            BufReader::new(stdout).read_line(&mut ready)?;
        }
        if ready != "ready\n" {
            let _ = child.wait();
            return Err(format!("{} did not start; is its port taken?", line.text()).into());
        }
        Ok(Server { child, counts })
    }

    /// How much it has served since it started.
    pub fn served(&self) -> u64 {
        counters(&self.counts).iter().sum()
    }

    /// How much processor time it has used.
    pub fn used(&self) -> Duration {
        used_by(self.child.id())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
