//! Listening, a thread for each connection, and an end to all of them.

use crate::place::Place;
use crate::stop::{Stop, lock};
use socket2::Socket;
use std::collections::BTreeMap;
use std::io;
use std::net::{Shutdown, SocketAddr};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::Duration;

/// Who talks on the connections that an [`Acceptor`] accepts.
pub(crate) trait Host: Send + Sync + 'static {
    /// A connection was accepted; told in order, before its conversation.
    fn opened(&self, _id: u64, _from: Option<SocketAddr>) {}

    /// Holds one conversation, on a thread of its own. Reads and writes fail once the acceptor
    /// is dropped.
    fn converse(&self, connection: &Connection<'_>);

    /// A conversation is over and its socket closed.
    fn closed(&self) {}
}

/// One accepted connection.
pub(crate) struct Connection<'a> {
    /// Counted from 0 in the order of acceptance.
    pub(crate) id: u64,
    pub(crate) socket: &'a Socket,
    pub(crate) stop: &'a Stop,
}

/// A listening socket and its connections. Dropping it closes everything and joins every thread.
pub(crate) struct Acceptor<A: Place> {
    at: A,
    shared: Arc<Shared>,
    accepting: Option<JoinHandle<()>>,
}

struct Shared {
    listener: Socket,
    stop: Stop,
    live: Mutex<Live>,
}

#[derive(Default)]
struct Live {
    /// The sockets of running conversations: shutting one down ends its thread's read or write.
    sockets: BTreeMap<u64, Arc<Socket>>,
    threads: Vec<JoinHandle<()>>,
}

impl<A: Place> Acceptor<A> {
    /// Accepts on a socket that listens at `at` already.
    pub(crate) fn start(listener: Socket, at: A, host: Arc<impl Host>) -> io::Result<Acceptor<A>> {
        let shared = Arc::new(Shared { listener, stop: Stop::default(), live: Mutex::default() });
        let accepting = thread::Builder::new().name("peer-accept".into()).spawn({
            let shared = Arc::clone(&shared);
            move || accept(&shared, &host)
        })?;
        Ok(Acceptor { at, shared, accepting: Some(accepting) })
    }

    pub(crate) fn at(&self) -> &A {
        &self.at
    }
}

impl<A: Place> Drop for Acceptor<A> {
    fn drop(&mut self) {
        self.shared.stop.ring();
        // Linux wakes a thread that waits in accept(2) when its listener is shut down; where a
        // system refuses that, a last connection wakes it.
        if self.shared.listener.shutdown(Shutdown::Both).is_err() {
            self.at.knock();
        }
        if let Some(accepting) = self.accepting.take() {
            let _ = accepting.join();
        }
        // Nobody accepts any more, so what is live now is all there is.
        let live = std::mem::take(&mut *lock(&self.shared.live));
        for socket in live.sockets.values() {
            let _ = socket.shutdown(Shutdown::Both);
        }
        for thread in live.threads {
            let _ = thread.join();
        }
        self.at.clear();
    }
}

fn accept(shared: &Arc<Shared>, host: &Arc<impl Host>) {
    let mut next = 0;
    while !shared.stop.is_rung() {
        let Ok((socket, from)) = shared.listener.accept() else {
            // EMFILE and its kin pass when others close something.
            shared.stop.wait(Duration::from_millis(10));
            continue;
        };
        // One write of a script is one segment where it fits.
        let _ = socket.set_tcp_nodelay(true);
        let (id, socket) = (next, Arc::new(socket));
        next += 1;
        host.opened(id, from.as_socket());
        let mut live = lock(&shared.live);
        live.threads.retain(|thread| !thread.is_finished());
        live.sockets.insert(id, Arc::clone(&socket));
        let spawned = thread::Builder::new().name(format!("peer-{id}")).spawn({
            let (shared, host) = (Arc::clone(shared), Arc::clone(host));
            move || {
                host.converse(&Connection { id, socket: &socket, stop: &shared.stop });
                // Both owners let go, so that the descriptor is closed here and now.
                lock(&shared.live).sockets.remove(&id);
                drop(socket);
                host.closed();
            }
        });
        match spawned {
            Ok(thread) => live.threads.push(thread),
            Err(_) => drop(live.sockets.remove(&id)),
        }
    }
}
