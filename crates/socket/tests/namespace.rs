//! Machines with little: in a network namespace of its own each test takes something away. Making
//! one takes a privilege (CAP_SYS_ADMIN); without it there is nothing to test here.
#![expect(clippy::unwrap_used, reason = "a test")]

use fourstep_socket::{Options, dial, source_for};
use fourstep_terms::{Fault, FaultKind};
use std::net::{SocketAddr, TcpListener};
use std::process::Command;

/// Moves this thread, and what it starts, into an empty network; `false` when it may not.
fn alone() -> bool {
    #[expect(unsafe_code, reason = "std has no way to leave a namespace")]
    // SAFETY: takes a number and changes this thread alone.
    let left = unsafe { libc::unshare(libc::CLONE_NEWNET) };
    left == 0
}

/// In an empty network of our own nothing but a missing program can go wrong: that is an error.
fn loopback_up() -> bool {
    let set = Command::new("ip").args(["link", "set", "lo", "up"]).status();
    assert!(set.is_ok_and(|done| done.success()), "needs `ip`, of Debian's package iproute2");
    true
}

fn set(name: &str, value: &str) {
    std::fs::write(format!("/proc/sys/net/{name}"), value).unwrap();
}

fn fault_of(to: SocketAddr, options: &Options) -> Fault {
    dial(to, options).map(drop).unwrap_err()
}

#[test]
fn without_a_network_all_is_unreachable() {
    if !alone() {
        return;
    }
    let any = Options::default();
    for to in ["192.0.2.1:80", "127.0.0.1:80", "[2001:db8::1]:80", "[::1]:80"] {
        let to = to.parse().unwrap();
        assert_eq!(fault_of(to, &any).kind, FaultKind::Unreachable, "{to}");
        assert_eq!(source_for(to, &any), Ok(None), "{to}");
    }
}

#[test]
fn without_an_ipv6_address_it_is_no_lack_of_ports() {
    if !alone() || !loopback_up() {
        return;
    }
    set("ipv6/conf/all/disable_ipv6", "1");
    let to = "[::1]:80".parse().unwrap();
    let want = Fault { kind: FaultKind::Unreachable, os_error: Some(libc::EADDRNOTAVAIL) };
    assert_eq!(fault_of(to, &Options::default()), want);
    assert_eq!(source_for(to, &Options::default()), Ok(None));
}

#[test]
fn ports_run_out_towards_one_peer_at_a_time() {
    if !alone() || !loopback_up() {
        return;
    }
    set("ipv4/ip_local_port_range", "40000 40001");
    let [one, other] =
        ["127.0.0.1:1", "127.0.0.1:2"].map(|local| TcpListener::bind(local).unwrap());
    let [one, other] = [one, other].map(|listener| (listener.local_addr().unwrap(), listener));
    let from_two = Options { source: "127.0.0.2:0".parse().ok(), ..Options::default() };
    for options in [Options::default(), from_two] {
        let _two = [(); 2].map(|()| dial(one.0, &options).unwrap());
        let want = Fault { kind: FaultKind::Ports, os_error: Some(libc::EADDRNOTAVAIL) };
        assert_eq!(fault_of(one.0, &options), want, "{options:?}");
        // IP_BIND_ADDRESS_NO_PORT: the same two are free towards another peer.
        let _two = [(); 2].map(|()| dial(other.0, &options).unwrap());
    }
}
