//! An HTTP origin that follows a script.

use crate::accept::{Acceptor, Connection, Host};
use crate::place::Place;
use crate::play::play;
use crate::request::Request;
use crate::script::{Plot, Script};
use crate::visit::{Ledger, Visit};
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

/// The queue of connections not accepted yet. The system may hold less (`net.core.somaxconn`).
const BACKLOG: i32 = 1024;

/// An HTTP origin that plays a [`Script`] on every connection, each on a thread of its own.
///
/// Dropping it ends every script, closes every connection and joins every thread, at once.
///
/// ```
/// use fourstep_peer::{Ending, LOOPBACK, Origin, Script};
/// use std::{io::{Read, Write}, net::TcpStream, time::Duration};
///
/// let origin = Origin::start(LOOPBACK, Script::answer("HTTP/1.0 204 No Content\r\n\r\n"))?;
/// let mut client = TcpStream::connect(origin.address())?;
/// client.write_all(b"GET /x HTTP/1.0\r\n\r\n")?;
/// let mut response = String::new();
/// client.read_to_string(&mut response)?;
/// assert_eq!(response, "HTTP/1.0 204 No Content\r\n\r\n");
///
/// let visits = origin.wait(1, Duration::from_secs(5));
/// assert_eq!(visits[0].octets, b"GET /x HTTP/1.0\r\n\r\n");
/// assert_eq!(visits[0].ending, Some(Ending::Played));
/// # Ok::<(), std::io::Error>(())
/// ```
pub struct Origin<A: Place = SocketAddr> {
    acceptor: Acceptor<A>,
    ledger: Arc<Ledger>,
}

impl<A: Place> Origin<A> {
    /// Plays the same script on every connection.
    ///
    /// # Errors
    /// What bind(2) and listen(2) say.
    pub fn start(at: A, script: Script) -> io::Result<Origin<A>> {
        Origin::listen(at, Plot::Fixed(Arc::new(script)), None)
    }

    /// Reads a request on every connection, then plays what `choose` makes of it.
    ///
    /// ```
    /// use fourstep_peer::{LOOPBACK, Origin, Script};
    /// let origin = Origin::choose(LOOPBACK, |request| match request.path() {
    ///     "/" => Script::status(200, "OK", "hello"),
    ///     "/cut" => Script::new().write("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf"),
    ///     _ => Script::status(404, "Not Found", ""),
    /// })?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    ///
    /// # Errors
    /// What bind(2) and listen(2) say.
    pub fn choose(
        at: A,
        choose: impl Fn(&Request) -> Script + Send + Sync + 'static,
    ) -> io::Result<Origin<A>> {
        Origin::listen(at, Plot::ByRequest(Arc::new(choose)), None)
    }

    /// Accepts, reads what comes and never says a word.
    ///
    /// # Errors
    /// What bind(2) and listen(2) say.
    pub fn silent(at: A) -> io::Result<Origin<A>> {
        Origin::start(at, Script::new().stall())
    }

    /// Accepts and throws the connection away at once (RST).
    ///
    /// # Errors
    /// What bind(2) and listen(2) say.
    pub fn reset(at: A) -> io::Result<Origin<A>> {
        Origin::start(at, Script::new().reset())
    }

    /// Accepts and reads nothing, with the smallest receive buffer that the system allows: a
    /// request of some hundred kilobytes or more is never wholly taken.
    ///
    /// # Errors
    /// What bind(2) and listen(2) say.
    pub fn deaf(at: A) -> io::Result<Origin<A>> {
        Origin::listen(at, Plot::Fixed(Arc::new(Script::new().ignore())), Some(1))
    }

    /// Where it listens, with the port that the system chose if it was asked to.
    pub fn address(&self) -> A {
        self.acceptor.at().clone()
    }

    /// How many connections were accepted so far.
    pub fn accepted(&self) -> u64 {
        self.ledger.begun()
    }

    /// The last 1,024 connections, oldest first.
    pub fn visits(&self) -> Vec<Visit> {
        self.ledger.visits()
    }

    /// The same, once `count` connections are over, or `most` has passed.
    pub fn wait(&self, count: u64, most: Duration) -> Vec<Visit> {
        self.ledger.wait(count, most)
    }

    fn listen(at: A, plot: Plot, receive_buffer: Option<usize>) -> io::Result<Origin<A>> {
        let (listener, at) = at.bind()?;
        if let Some(octets) = receive_buffer {
            // Before listen(2), so that accepted sockets and the first window have it already.
            listener.set_recv_buffer_size(octets)?;
        }
        listener.listen(BACKLOG)?;
        let ledger = Arc::new(Ledger::default());
        let stage = Arc::new(Stage { ledger: Arc::clone(&ledger), plot });
        Ok(Origin { acceptor: Acceptor::start(listener, at, stage)?, ledger })
    }
}

impl Origin<SocketAddr> {
    /// The port it listens at.
    pub fn port(&self) -> u16 {
        self.address().port()
    }

    /// The URL of `path` (from its slash) there.
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address())
    }
}

struct Stage {
    ledger: Arc<Ledger>,
    plot: Plot,
}

impl Host for Stage {
    fn opened(&self, id: u64, from: Option<SocketAddr>) {
        self.ledger.begin(id, from);
    }

    fn converse(&self, connection: &Connection<'_>) {
        play(connection, &self.ledger, &self.plot);
    }

    fn closed(&self) {
        self.ledger.closed();
    }
}
