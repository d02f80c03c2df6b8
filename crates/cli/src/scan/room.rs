//! How many probes this machine has room for at once.

use std::fmt;
use std::fs;

use fourstep::socket;

/// The most, however much room there is: enough for thousands of answers a second from far away.
const MOST: u64 = 1000;

/// Descriptors for all but probes: standard ones, the poll, files, name servers.
const OTHERS: u64 = 64;

/// Descriptors of a probe: a race has two sockets for a moment.
const DESCRIPTORS_EACH: u64 = 2;

/// Octets of memory for a probe, the kernel's for its socket too.
const MEMORY_EACH: u64 = 64 * 1024;

/// How many probes may be under way, and why not more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Room {
    pub(crate) in_flight: usize,
    pub(crate) from: From,
}

/// What a number of probes comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum From {
    Flag,
    Default,
    Descriptors(u64),
    Memory(u64),
}

impl Room {
    /// What the flag says; without, what this machine has room for beside `open` descriptors.
    pub(crate) fn new(asked: Option<usize>, open: usize) -> Room {
        let limit = socket::descriptor_limit();
        match asked {
            Some(in_flight) => Room { in_flight, from: From::Flag },
            None => {
                let open = u64::try_from(open).unwrap_or(u64::MAX);
                Room::of(limit, open, available())
            }
        }
    }

    fn of(descriptors: u64, open: u64, memory: Option<u64>) -> Room {
        let others = OTHERS.min(descriptors / 4);
        let free = descriptors.saturating_sub(others.saturating_add(open));
        let rows = [
            (MOST, From::Default),
            (free / DESCRIPTORS_EACH, From::Descriptors(descriptors)),
            // A quarter: others want some too.
            memory.map_or((MOST, From::Default), |memory| {
                (memory / 4 / MEMORY_EACH, From::Memory(memory))
            }),
        ];
        let (least, from) = rows.into_iter().min_by_key(|(most, _)| *most).unwrap_or(rows[0]);
        Room { in_flight: usize::try_from(least).unwrap_or(usize::MAX).max(1), from }
    }
}

impl From {
    /// One word for programs.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            From::Flag => "--in-flight",
            From::Default => "default",
            From::Descriptors(_) => "descriptors",
            From::Memory(_) => "memory",
        }
    }
}

impl fmt::Display for From {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            From::Flag | From::Default => f.write_str(self.as_str()),
            From::Descriptors(limit) => write!(f, "this process may open {limit} descriptors"),
            From::Memory(octets) => write!(f, "{} MiB of memory are free", octets >> 20),
        }
    }
}

/// Octets of memory to be had: of this machine, or of the control group that holds us to less.
fn available() -> Option<u64> {
    let machine = fs::read_to_string("/proc/meminfo").ok();
    let machine = machine.and_then(|text| kibibytes(&text, "MemAvailable:"));
    let number = |name: &str| {
        fs::read_to_string(format!("/sys/fs/cgroup/{name}")).ok()?.trim().parse::<u64>().ok()
    };
    // A container sees its own group there; `max` is no number.
    let group =
        number("memory.max").map(|most| most.saturating_sub(number("memory.current").unwrap_or(0)));
    machine.into_iter().chain(group).min()
}

/// The most memory that this process ever had resident, in octets.
pub(crate) fn peak_memory() -> Option<u64> {
    kibibytes(&fs::read_to_string("/proc/self/status").ok()?, "VmHWM:")
}

/// A line of /proc, as octets.
fn kibibytes(text: &str, name: &str) -> Option<u64> {
    let value = text.lines().find_map(|line| line.strip_prefix(name))?;
    value.trim().strip_suffix(" kB")?.parse::<u64>().ok()?.checked_mul(1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scarcest_decides() {
        let rows = [
            // descriptors, open, memory, in flight, from
            (1 << 20, 0, Some(16 << 30), 1000, From::Default),
            (1 << 20, 0, None, 1000, From::Default),
            (1024, 0, Some(16 << 30), 480, From::Descriptors(1024)),
            (1024, 900, None, 30, From::Descriptors(1024)),
            (20_000, 1, Some(64 << 20), 256, From::Memory(64 << 20)),
            (64, 0, None, 24, From::Descriptors(64)),
            (8, 9, None, 1, From::Descriptors(8)),
            (20_000, 0, Some(0), 1, From::Memory(0)),
        ];
        for (descriptors, open, memory, in_flight, from) in rows {
            let room = Room::of(descriptors, open, memory);
            assert_eq!(room, Room { in_flight, from }, "{descriptors} {open} {memory:?}");
        }
    }

    #[test]
    fn lines_of_proc_are_read() {
        let text = "VmPeak:\t  10 kB\nVmHWM:\t    7900 kB\nThreads:\t1\n";
        assert_eq!(kibibytes(text, "VmHWM:"), Some(7900 << 10));
        assert_eq!(kibibytes(text, "VmSwap:"), None);
        assert_eq!(kibibytes(text, "Threads:"), None);
        assert!(peak_memory().is_some_and(|peak| peak > 1 << 16));
    }
}
