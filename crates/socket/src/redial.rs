//! One socket, one connection after the other.

use crate::dial::begin_connect;
use crate::options::Options;
use crate::stream::Stream;
use fourstep_terms::Fault;
use rustix::net::connect_unspec;
use std::io;
use std::net::SocketAddr;

/// A socket costs the kernel as much as the connection in it: to make one, watch it, and take it
/// down again. So a TCP socket can be emptied and dialled anew: connect(2) calls it dissolving the
/// association. Its options stay, and so does its place in a poll.
///
/// What is new with each connection: its port, and all that the two sides agree on. What is not:
/// the initial sequence number follows on the last connection's, so the peer of that one can
/// foresee it, where RFC 9293 §3.4.1 wants that nobody can. And the kernel's least round trip ([`TcpInfo::min_rtt_us`](fourstep_terms::TcpInfo::min_rtt_us)) may be
/// an earlier connection's.
impl Stream {
    /// Throws the connection away with a reset, as [`Stream::hang_up`] with `abort`, and keeps the
    /// socket for [`Stream::redial`]. An error leaves it as it was; of a unix socket it is
    /// [`io::ErrorKind::Unsupported`].
    ///
    /// A poll may still tell of what the old connection met, or that there is none.
    #[inline]
    pub fn dissolve(&mut self) -> io::Result<()> {
        let tcp = self.as_tcp().ok_or(io::ErrorKind::Unsupported)?;
        connect_unspec(tcp)?;
        self.begins_anew();
        Ok(())
    }

    /// Begins to connect a socket that was dissolved, as [`dial`](crate::dial()) does: to an
    /// address of the family it had, and with the options that it was made with. One that was ever
    /// connected to a link-local address is tied to that interface (RFC 4007 §6), and one that was to
    /// an IPv4-mapped address reaches no other (RFC 4291 §2.5.5.2).
    #[inline(always)]
    pub fn redial(&mut self, to: SocketAddr, options: &Options) -> Result<(), Fault> {
        match self.as_tcp() {
            Some(tcp) => begin_connect(tcp, to, options),
            None => Err(crate::fault(&io::ErrorKind::Unsupported.into())),
        }
    }
}
