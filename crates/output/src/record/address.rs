//! The address that stands in a record again and again.

use std::net::{SocketAddr, SocketAddrV4};

use fourstep_probe::{Endpoint, Report};

use super::json::Json;
use super::room::Room;

/// The end of the first attempt, made into text once: it is mostly the peer, and where the target is
/// an address it is what was resolved as well. Of IPv4 alone, whose text is short enough to be copied
/// at once.
#[derive(Clone, Copy, Debug)]
pub(crate) struct First {
    /// Between quotes, with its port.
    octets: [u8; 32],
    /// Octets before the colon, and all of them.
    address: usize,
    all: usize,
}

impl First {
    #[inline]
    pub(crate) fn of(report: &Report) -> Option<First> {
        match &report.connect.as_ref()?.attempts.first()?.to {
            Endpoint::Ip(SocketAddr::V4(v4)) => Some(First::written(*v4)),
            _ => None,
        }
    }

    fn written(v4: SocketAddrV4) -> First {
        let mut octets = [0; 32];
        let room = Room::of(&mut octets).put(b"\"").ipv4(*v4.ip());
        let address = 32 - room.left();
        let room = room.put(b":").digits(v4.port().into()).put(b"\"");
        let all = 32 - room.left();
        First { octets, address, all }
    }

    /// Writes the address without its port, in 32 octets at most.
    #[inline]
    pub(crate) fn write_ip<'o>(&self, out: Room<'o>) -> Room<'o> {
        out.put_first(self.octets, self.address & 31).put(b"\"")
    }
}

/// An end, or its text where that is known.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Place<'a> {
    End(&'a Endpoint),
    First(&'a First),
}

impl Json for Place<'_> {
    #[inline]
    fn write<'o>(&self, out: Room<'o>) -> Room<'o> {
        match self {
            Place::First(first) => out.put_first(first.octets, first.all),
            Place::End(end) => end.write(out),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::room;

    #[test]
    fn what_was_made_before_is_written_as_what_is_made_now() {
        for text in ["0.0.0.0:0", "1.23.145.6:80", "255.255.255.255:65535"] {
            let v4: SocketAddrV4 = text.parse().unwrap();
            let (end, first) = (Endpoint::Ip(v4.into()), First::written(v4));
            for place in [Place::End(&end), Place::First(&first)] {
                let mut octets = Vec::new();
                room::append(&place, b"", &mut octets);
                assert_eq!(String::from_utf8(octets).unwrap(), format!("\"{text}\""));
            }
            let mut octets = [0; 40];
            let left = first.write_ip(Room::of(&mut octets)).left();
            assert_eq!(str::from_utf8(&octets[..40 - left]), Ok(&*format!("\"{}\"", v4.ip())));
        }
    }
}
