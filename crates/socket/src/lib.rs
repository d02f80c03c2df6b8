//! Nonblocking sockets, opened and tuned for a probe; and what the system's error numbers mean.
//!
//! ```text
//!     dial ────────▶ Stream ──writable──▶ outcome ──▶ connected, or a Fault
//!     dial_unix ───▶    │                                     ▲
//!                       ├─ read, write, shutdown, hang_up     │ fault(errno)
//!                       ├─ receive, tcp_info: when, and what the path is like
//!                       └─ dissolve, redial: the next connection in the same socket
//!     datagram ────▶ UdpSocket ── a refused port is news ─────┘
//! ```
//!
//! It promises that
//!
//! - nothing blocks, and every descriptor is closed on exec;
//! - an error is one [`Fault`](fourstep_terms::Fault), by one table ([`fault`]), and a lack of
//!   this machine's own is never mistaken for the target's answer, nor the other way round: see
//!   [`dial`] on EADDRNOTAVAIL;
//! - what a user asks of this machine in vain (a source address or an interface it does not
//!   have) can be told beforehand: [`Options::check`];
//! - when octets came in is the kernel's to say ([`Stream::receive`], [`Stamping`]): a process with
//!   a thousand sockets to look after reads them long after.
//!
//! It does not know which address to dial or when (see `connect`), registers nothing with a poll
//! and reads no clock (see `driver`). It is for Linux: SO_BINDTODEVICE, IP_RECVERR,
//! IP_BIND_ADDRESS_NO_PORT and TCP_INFO are named after its manual pages socket(7), ip(7) and tcp(7).
//!
//! ```
//! use fourstep_socket::{Options, dial};
//! use mio::{Events, Interest, Poll, Token};
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let listener = std::net::TcpListener::bind("127.0.0.1:0")?;
//! let mut stream = dial(listener.local_addr()?, &Options::default()).map_err(|f| f.kind.as_str())?;
//!
//! let (mut poll, mut events) = (Poll::new()?, Events::with_capacity(8));
//! poll.registry().register(&mut stream, Token(0), Interest::WRITABLE)?;
//! while stream.outcome().is_none() {
//!     poll.poll(&mut events, None)?;
//! }
//! assert_eq!(stream.outcome(), Some(Ok(())));
//! stream.hang_up(false);
//! # Ok(())
//! # }
//! ```

mod dial;
mod fault;
mod machine;
mod options;
mod redial;
mod stamps;
mod stream;
mod sys;
mod tcp_info;

pub use dial::{datagram, dial, dial_unix, source_for};
pub use fault::fault;
pub use machine::{descriptor_limit, interface_index};
pub use options::{Options, OptionsError};
pub use stamps::{Stamp, Stamping};
pub use stream::Stream;
