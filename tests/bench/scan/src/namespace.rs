//! A network of the bench's own, where packets can be dropped without harm to anybody.

use std::io::Write;
use std::process::{Command, Stdio};
use std::thread;

use serde_json::Value;

use crate::run::Result;

/// Does the work on a thread that has left this machine's network for a new one, with a loopback
/// and these rules of nft(8). What the thread starts is there too, on the cores it always had, and
/// the network ends when all of them have. An error: there is no such network, and nothing was done.
pub fn with<T: Send>(rules: &str, work: impl FnOnce() -> T + Send) -> Result<T> {
    thread::scope(|scope| {
        let alone = scope.spawn(|| match enter(rules) {
            Ok(()) => Ok(work()),
            Err(error) => Err(error.to_string()),
        });
        match alone.join() {
            Ok(done) => Ok(done?),
            Err(panic) => std::panic::resume_unwind(panic),
        }
    })
}

fn enter(rules: &str) -> Result {
    // SAFETY: takes a number and changes this thread alone.
    if unsafe { libc::unshare(libc::CLONE_NEWNET) } < 0 {
        let error = std::io::Error::last_os_error();
        return Err(format!("no network namespace without root (CAP_SYS_ADMIN): {error}").into());
    }
    tell("ip", &["link", "set", "lo", "up"], "")?;
    tell("nft", &["-f", "-"], rules).map(drop)
}

/// What a counter of a table of the family `inet` has seen; asked on the thread that is there.
pub fn packets(table: &str, counter: &str) -> Result<u64> {
    let said = tell("nft", &["--json", "list", "counter", "inet", table, counter], "")?;
    let said: Value = serde_json::from_str(&said)?;
    // The first is about nft itself.
    let packets = said["nftables"][1]["counter"]["packets"].as_u64();
    packets.ok_or_else(|| format!("nft has no such counter: {said}").into())
}

/// Runs a program with this as its input, and gives what it says.
fn tell(program: &str, args: &[&str], input: &str) -> Result<String> {
    let mut child = Command::new(program)
        .args(args)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| format!("`{program}`: {error}; see tests/bench/packages.sh"))?;
    if let Some(mut stdin) = child.stdin.take() {
        stdin.write_all(input.as_bytes())?;
    }
    let done = child.wait_with_output()?;
    if !done.status.success() {
        return Err(format!("{program}: {}", String::from_utf8_lossy(&done.stderr)).into());
    }
    Ok(String::from_utf8(done.stdout)?)
}
