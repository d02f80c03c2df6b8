//! The system calls that no safe crate offers; the only `unsafe` of the house.
//!
//! Each call gets pointers to values that live through it, with the length of just those values,
//! and keeps none; so none can read or write what is not ours.
#![expect(unsafe_code, reason = "three options, a name and a limit that no dependency wraps")]

use libc::{c_int, rlimit, socklen_t};
use socket2::{Domain, Socket};
use std::ffi::CStr;
use std::io;
use std::os::fd::AsRawFd;

/// Makes the kernel report what ICMP says of an unconnected datagram socket: IP_RECVERR in ip(7),
/// IPV6_RECVERR in ipv6(7).
pub(crate) fn report_errors(socket: &Socket, domain: Domain) -> io::Result<()> {
    match domain {
        Domain::IPV6 => switch_on(socket, libc::IPPROTO_IPV6, libc::IPV6_RECVERR),
        _ => switch_on(socket, libc::IPPROTO_IP, libc::IP_RECVERR),
    }
}

/// Lets `bind` choose an address only, and `connect` the port, which then needs to be free
/// towards that one peer alone: IP_BIND_ADDRESS_NO_PORT in ip(7), for IPv6 too.
pub(crate) fn bind_without_port(socket: &Socket) -> io::Result<()> {
    switch_on(socket, libc::IPPROTO_IP, libc::IP_BIND_ADDRESS_NO_PORT)
}

fn switch_on(socket: &Socket, level: c_int, option: c_int) -> io::Result<()> {
    const LENGTH: socklen_t = 4;
    const { assert!(size_of::<c_int>() == 4) };
    let one: c_int = 1;
    // SAFETY: the descriptor is open while `socket` is borrowed; `one` outlives the call.
    let done = unsafe {
        libc::setsockopt(socket.as_raw_fd(), level, option, (&raw const one).cast(), LENGTH)
    };
    if done == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}

/// The index of the interface with this name.
pub(crate) fn interface_index(name: &CStr) -> Option<u32> {
    // SAFETY: `name` is a string that ends in NUL and outlives the call.
    match unsafe { libc::if_nametoindex(name.as_ptr()) } {
        0 => None,
        index => Some(index),
    }
}

/// How many descriptors this process may open, now and at most: RLIMIT_NOFILE in getrlimit(2).
pub(crate) fn descriptors() -> io::Result<(u64, u64)> {
    let mut limit = rlimit { rlim_cur: 0, rlim_max: 0 };
    // SAFETY: `limit` is a writable rlimit that outlives the call.
    match unsafe { libc::getrlimit(libc::RLIMIT_NOFILE, &raw mut limit) } {
        0 => Ok((limit.rlim_cur, limit.rlim_max)),
        _ => Err(io::Error::last_os_error()),
    }
}

/// Sets what [`descriptors`] gets.
pub(crate) fn set_descriptors(now: u64, most: u64) -> io::Result<()> {
    let limit = rlimit { rlim_cur: now, rlim_max: most };
    // SAFETY: `limit` outlives the call, which only reads it.
    match unsafe { libc::setrlimit(libc::RLIMIT_NOFILE, &raw const limit) } {
        0 => Ok(()),
        _ => Err(io::Error::last_os_error()),
    }
}
