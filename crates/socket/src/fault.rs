//! The system's error numbers, and what they amount to.

use fourstep_terms::{Fault, FaultKind};
use std::io;

/// What an error of a socket amounts to, with its number. An error without one, which no system
/// call gave, is [`FaultKind::Unreachable`]; so is every number that fits nowhere else.
pub fn fault(error: &io::Error) -> Fault {
    let os_error = error.raw_os_error();
    Fault { kind: os_error.map_or(FaultKind::Unreachable, kind), os_error }
}

/// The table: errno(3), and for ICMP and ICMPv6 the kernel's `icmp_err_convert` and
/// `icmpv6_err_convert`.
fn kind(number: i32) -> FaultKind {
    match number {
        // RST to a SYN, or ICMP port unreachable. A unix socket: nobody listens, or no such path.
        libc::ECONNREFUSED | libc::ENOENT | libc::ENOTDIR => FaultKind::Refused,
        // RST on a connection; EPIPE is what a write after it gets.
        libc::ECONNRESET | libc::EPIPE | libc::ECONNABORTED => FaultKind::Reset,
        // tcp_syn_retries or tcp_retries2 ran out. A unix socket whose queue of connections is
        // full says EAGAIN at once.
        libc::ETIMEDOUT | libc::EAGAIN => FaultKind::TimedOut,
        // A local firewall, a unix socket's permissions, a broadcast address; ICMPv6
        // administratively prohibited (RFC 4443 §3.1).
        libc::EACCES | libc::EPERM => FaultKind::Denied,
        libc::EMFILE | libc::ENFILE => FaultKind::Descriptors,
        libc::EADDRNOTAVAIL | libc::EADDRINUSE => FaultKind::Ports,
        libc::ENOBUFS | libc::ENOMEM => FaultKind::Memory,
        // No route, no such family or interface here; ICMP network, host or protocol unreachable
        // (RFC 792, RFC 1122 §3.2.2.1).
        _ => FaultKind::Unreachable,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_to_its_kind() {
        use FaultKind::{
            Denied, Descriptors, Memory, Ports, Refused, Reset, TimedOut, Unreachable,
        };
        let rows = [
            (libc::ECONNREFUSED, Refused),
            (libc::ENOENT, Refused),
            (libc::ENOTDIR, Refused),
            (libc::ECONNRESET, Reset),
            (libc::EPIPE, Reset),
            (libc::ECONNABORTED, Reset),
            (libc::ETIMEDOUT, TimedOut),
            (libc::EAGAIN, TimedOut),
            (libc::EACCES, Denied),
            (libc::EPERM, Denied),
            (libc::EMFILE, Descriptors),
            (libc::ENFILE, Descriptors),
            (libc::EADDRNOTAVAIL, Ports),
            (libc::EADDRINUSE, Ports),
            (libc::ENOBUFS, Memory),
            (libc::ENOMEM, Memory),
            (libc::ENETUNREACH, Unreachable),
            (libc::EHOSTUNREACH, Unreachable),
            (libc::EHOSTDOWN, Unreachable),
            (libc::ENETDOWN, Unreachable),
            (libc::ENONET, Unreachable),
            (libc::EAFNOSUPPORT, Unreachable),
            (libc::EPROTONOSUPPORT, Unreachable),
            (libc::EPROTOTYPE, Unreachable),
            (libc::ENOPROTOOPT, Unreachable),
            (libc::EOPNOTSUPP, Unreachable),
            (libc::EPROTO, Unreachable),
            (libc::EMSGSIZE, Unreachable),
            (libc::EINVAL, Unreachable),
            (libc::ENODEV, Unreachable),
            (0, Unreachable),
            (i32::MAX, Unreachable),
        ];
        for (number, kind) in rows {
            let want = Fault { kind, os_error: Some(number) };
            assert_eq!(fault(&io::Error::from_raw_os_error(number)), want, "{number}");
        }
        let none = io::Error::from(io::ErrorKind::ConnectionReset);
        assert_eq!(fault(&none), Fault::of(Unreachable));
    }
}
