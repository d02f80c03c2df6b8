//! What an origin does on a connection, as data.

use std::sync::Arc;
use std::time::Duration;

/// One thing that an [`Origin`](crate::Origin) does on a connection.
///
/// A move that cannot be finished, because the peer is gone or the origin is dropped, ends the
/// script.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Move {
    /// Reads one request: to the blank line that ends its head, then as many octets as its
    /// Content-Length says (RFC 9112 §6.2). Octets after it are kept for the next `Read`. A
    /// request of more than 1 MiB counts as read there.
    Read,
    /// Reads what comes first, whatever it is: of a protocol that is not HTTP.
    Hear,
    /// Writes these octets.
    Write(Vec<u8>),
    /// Writes these octets one at a time, with a pause before each but the first.
    WriteSlowly(Vec<u8>, Duration),
    /// Writes these octets over and over, one at a time with a pause before each, until the peer
    /// goes.
    Drip(Vec<u8>, Duration),
    /// Writes these octets over and over as fast as the peer takes them, this many octets in all.
    Flood(Vec<u8>, u64),
    /// Does nothing for a while.
    Wait(Duration),
    /// Ends our half of the connection (FIN, RFC 9293 §3.6) and goes on.
    HalfClose,
    /// Reads and forgets what comes, without a word, until the peer goes.
    Stall,
    /// Reads nothing and writes nothing until the origin is dropped. What the peer writes fills
    /// the buffers between, and then it is stuck: see [`Origin::deaf`](crate::Origin::deaf).
    Ignore,
    /// Closes. With octets of the peer's unread the system sends RST in place of FIN
    /// (RFC 1122 §4.2.2.13).
    Close,
    /// Throws the connection away: RST (SO_LINGER of 0), and what was not sent yet with it.
    Reset,
}

/// A list of [`Move`]s, played once a connection, from the first; its end closes the connection.
///
/// ```
/// use fourstep_peer::Script;
/// use std::time::Duration;
///
/// let cut = Script::new().read().write("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf").close();
/// let late = Script::new().read().wait(Duration::from_millis(200)).then(Script::status(200, "OK", "x"));
/// # let _ = (cut, late);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Script {
    moves: Vec<Move>,
}

impl Script {
    /// A script without a move: it closes at once.
    pub fn new() -> Script {
        Script::default()
    }

    /// Writes a response of this status code, reason phrase and body, with Content-Length and
    /// Connection: close, and closes. It reads nothing: see [`Script::answer`].
    pub fn status(status_code: u16, reason: &str, body: impl AsRef<[u8]>) -> Script {
        let length = body.as_ref().len();
        let mut octets = format!(
            "HTTP/1.1 {status_code:03} {reason}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n"
        )
        .into_bytes();
        octets.extend_from_slice(body.as_ref());
        Script::new().write(octets).close()
    }

    /// Reads a request, writes these octets, closes.
    pub fn answer(octets: impl Into<Vec<u8>>) -> Script {
        Script::new().read().write(octets).close()
    }

    /// Appends [`Move::Read`].
    #[must_use]
    pub fn read(self) -> Script {
        self.with(Move::Read)
    }

    /// Appends [`Move::Hear`].
    #[must_use]
    pub fn hear(self) -> Script {
        self.with(Move::Hear)
    }

    /// Appends [`Move::Write`].
    #[must_use]
    pub fn write(self, octets: impl Into<Vec<u8>>) -> Script {
        self.with(Move::Write(octets.into()))
    }

    /// Appends [`Move::WriteSlowly`].
    #[must_use]
    pub fn write_slowly(self, octets: impl Into<Vec<u8>>, pause: Duration) -> Script {
        self.with(Move::WriteSlowly(octets.into(), pause))
    }

    /// Appends [`Move::Drip`].
    #[must_use]
    pub fn drip(self, octets: impl Into<Vec<u8>>, pause: Duration) -> Script {
        self.with(Move::Drip(octets.into(), pause))
    }

    /// Appends [`Move::Flood`].
    #[must_use]
    pub fn flood(self, octets: impl Into<Vec<u8>>, most: u64) -> Script {
        self.with(Move::Flood(octets.into(), most))
    }

    /// Appends [`Move::Wait`].
    #[must_use]
    pub fn wait(self, pause: Duration) -> Script {
        self.with(Move::Wait(pause))
    }

    /// Appends [`Move::HalfClose`].
    #[must_use]
    pub fn half_close(self) -> Script {
        self.with(Move::HalfClose)
    }

    /// Appends [`Move::Stall`].
    #[must_use]
    pub fn stall(self) -> Script {
        self.with(Move::Stall)
    }

    /// Appends [`Move::Ignore`].
    #[must_use]
    pub fn ignore(self) -> Script {
        self.with(Move::Ignore)
    }

    /// Appends [`Move::Close`].
    #[must_use]
    pub fn close(self) -> Script {
        self.with(Move::Close)
    }

    /// Appends [`Move::Reset`].
    #[must_use]
    pub fn reset(self) -> Script {
        self.with(Move::Reset)
    }

    /// Appends a move.
    #[must_use]
    pub fn with(mut self, step: Move) -> Script {
        self.moves.push(step);
        self
    }

    /// Appends another script's moves.
    #[must_use]
    pub fn then(mut self, rest: Script) -> Script {
        self.moves.extend(rest.moves);
        self
    }

    /// The moves, in order.
    pub fn moves(&self) -> &[Move] {
        &self.moves
    }
}

impl FromIterator<Move> for Script {
    fn from_iter<I: IntoIterator<Item = Move>>(moves: I) -> Script {
        Script { moves: moves.into_iter().collect() }
    }
}

/// Who says what is played on the next connection.
#[derive(Clone)]
pub(crate) enum Plot {
    /// The same for everybody.
    Fixed(Arc<Script>),
    /// A request is read first, and what it asks for decides.
    ByRequest(Arc<dyn Fn(&crate::Request) -> Script + Send + Sync>),
}
