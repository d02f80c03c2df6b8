//! The system calls that no safe crate offers; the only `unsafe` of the house.
//!
//! Each call gets pointers to values that live through it, with the length of just those values,
//! and keeps none; so none can read or write what is not ours.
#![expect(unsafe_code, reason = "options, a read, a name and a limit that no dependency wraps")]

use libc::{c_int, cmsghdr, iovec, msghdr, rlimit, socklen_t, timespec};
use socket2::{Domain, Socket};
use std::ffi::CStr;
use std::io;
use std::mem;
use std::os::fd::AsRawFd;

/// Makes the kernel report what ICMP says of an unconnected datagram socket: IP_RECVERR in ip(7),
/// IPV6_RECVERR in ipv6(7).
pub(crate) fn report_errors(socket: &Socket, domain: Domain) -> io::Result<()> {
    match domain {
        Domain::IPV6 => set(socket, libc::IPPROTO_IPV6, libc::IPV6_RECVERR, 1),
        _ => set(socket, libc::IPPROTO_IP, libc::IP_RECVERR, 1),
    }
}

/// Lets `bind` choose an address only, and `connect` the port, which then needs to be free
/// towards that one peer alone: IP_BIND_ADDRESS_NO_PORT in ip(7), for IPv6 too.
pub(crate) fn bind_without_port(socket: &Socket) -> io::Result<()> {
    set(socket, libc::IPPROTO_IP, libc::IP_BIND_ADDRESS_NO_PORT, 1)
}

/// Has the kernel tell with each read when the octets came in, by its own clock and not by that
/// of the network interface: SO_TIMESTAMPING in the kernel's networking/timestamping.
pub(crate) fn stamp(socket: &impl AsRawFd) -> io::Result<()> {
    let what = libc::SOF_TIMESTAMPING_RX_SOFTWARE | libc::SOF_TIMESTAMPING_SOFTWARE;
    set(socket, libc::SOL_SOCKET, libc::SO_TIMESTAMPING, what.cast_signed())
}

fn set(socket: &impl AsRawFd, level: c_int, option: c_int, value: c_int) -> io::Result<()> {
    const LENGTH: socklen_t = 4;
    const { assert!(size_of::<c_int>() == 4) };
    // SAFETY: the descriptor is open while `socket` is borrowed; `value` outlives the call.
    let done = unsafe {
        libc::setsockopt(socket.as_raw_fd(), level, option, (&raw const value).cast(), LENGTH)
    };
    if done == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}

/// What comes with the octets of a stamped socket, and nothing else does: a message of three moments,
/// of which the others are of interfaces' clocks.
#[repr(C)]
struct Stamped {
    header: cmsghdr,
    moments: [timespec; 3],
}

/// Reads once: how many octets, and when the last of them came in, if the kernel says so, as the
/// time since 1970. See [`stamp`], and recvmsg(2).
#[inline]
pub(crate) fn receive(
    socket: &impl AsRawFd,
    into: &mut [u8],
) -> io::Result<(usize, Option<timespec>)> {
    let mut piece = iovec { iov_base: into.as_mut_ptr().cast(), iov_len: into.len() };
    // SAFETY: every field of both may be zero.
    let (mut stamp, mut message): (Stamped, msghdr) = unsafe { (mem::zeroed(), mem::zeroed()) };
    message.msg_iov = &raw mut piece;
    message.msg_iovlen = 1;
    message.msg_control = (&raw mut stamp).cast();
    message.msg_controllen = size_of_val(&stamp) as _;
    // Not by `libc::recvmsg`, which prepares for the thread's cancellation.
    // SAFETY: the descriptor is open while `socket` is borrowed. `message` points to `piece`,
    // that to `into`, and to `stamp`, each with its own length; all outlive the call.
    let count =
        unsafe { libc::syscall(libc::SYS_recvmsg, socket.as_raw_fd(), &raw mut message, 0) };
    let Ok(count) = usize::try_from(count) else { return Err(io::Error::last_os_error()) };
    let Stamped { header, moments: [moment, ..] } = stamp;
    let is_stamp = (header.cmsg_level, header.cmsg_type)
        == (libc::SOL_SOCKET, libc::SCM_TIMESTAMPING)
        && header.cmsg_len == size_of::<Stamped>() as _;
    Ok((count, is_stamp.then_some(moment)))
}

// So the kernel lays a message of control data out: cmsg(3).
// SAFETY: it computes a length.
const _: () = assert!(mem::offset_of!(Stamped, moments) == unsafe { libc::CMSG_LEN(0) } as usize);

/// What the kernel knows of a TCP connection, written over the first words of these: as much of its
/// `struct tcp_info` as there is room for, and as it has. TCP_INFO in tcp(7).
pub(crate) fn tcp_info(socket: &impl AsRawFd, words: &mut [u32]) -> io::Result<()> {
    let mut length = socklen_t::try_from(size_of_val(words)).unwrap_or(0);
    // SAFETY: the descriptor is open while `socket` is borrowed; `words` has room for `length`
    // octets, and any octets are words; `length` is writable; both outlive the call.
    let done = unsafe {
        let (level, option) = (libc::IPPROTO_TCP, libc::TCP_INFO);
        let into = words.as_mut_ptr().cast();
        libc::getsockopt(socket.as_raw_fd(), level, option, into, &raw mut length)
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
