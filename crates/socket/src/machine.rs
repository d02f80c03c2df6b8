//! What this machine has: descriptors and interfaces.

use crate::sys;
use std::ffi::CString;

/// How many descriptors this process may have open, after raising the limit as far as the system
/// lets it (RLIMIT_NOFILE, soft to hard). A probe needs one, a race two or three.
pub fn descriptor_limit() -> u64 {
    // What every Linux starts with, should the question fail.
    let (now, most) = sys::descriptors().unwrap_or((1024, 1024));
    match sys::set_descriptors(most, most) {
        Ok(()) => most,
        Err(_) => now,
    }
}

/// The scope id for the zone of an IPv6 address: the interface with this name, or with this
/// number (RFC 4007 §11.2). `None` when there is no such interface.
pub fn interface_index(zone: &str) -> Option<u32> {
    let named = CString::new(zone).ok().and_then(|name| sys::interface_index(&name));
    let digits = !zone.is_empty() && zone.bytes().all(|octet| octet.is_ascii_digit());
    named.or_else(|| zone.parse().ok().filter(|index| digits && *index != 0))
}
