//! A script, played on one connection.

use crate::accept::Connection;
use crate::request::Request;
use crate::script::{Move, Plot, Script};
use crate::visit::{Ending, Ledger};
use std::io::{self, Read, Write};
use std::net::Shutdown;
use std::time::Duration;

/// The most octets of one request.
const REQUEST_MOST: usize = 1024 * 1024;

/// How much of a flood is handed to the system at once.
const FLOOD_PIECE: usize = 64 * 1024;

pub(crate) fn play(connection: &Connection<'_>, ledger: &Ledger, plot: &Plot) {
    let mut player = Player { connection, ledger, unread: Vec::new() };
    let end = match plot {
        Plot::Fixed(script) => player.moves(script),
        Plot::ByRequest(choose) => {
            player.read().and_then(|request| player.moves(&choose(&request)))
        }
    };
    let ending = match end {
        Ok(()) => Ending::Played,
        // The origin is being dropped, and nobody can look any more.
        Err(_) if connection.stop.is_rung() => return,
        Err(error) if error.kind() == io::ErrorKind::ConnectionReset => Ending::PeerReset,
        Err(_) => Ending::PeerClosed,
    };
    ledger.played(connection.id, ending);
}

struct Player<'a> {
    connection: &'a Connection<'a>,
    ledger: &'a Ledger,
    /// What came after the request that was read last.
    unread: Vec<u8>,
}

impl Player<'_> {
    fn moves(&mut self, script: &Script) -> io::Result<()> {
        for step in script.moves() {
            match step {
                Move::Read => drop(self.read()?),
                Move::Hear => self.receive()?,
                Move::Write(octets) => self.write(octets)?,
                Move::WriteSlowly(octets, pause) => self.slowly(octets, *pause)?,
                Move::Drip(octets, pause) => self.drip(octets, *pause)?,
                Move::Flood(octets, most) => self.flood(octets, *most)?,
                Move::Wait(pause) => self.pause(*pause)?,
                Move::HalfClose => self.connection.socket.shutdown(Shutdown::Write)?,
                Move::Stall => self.stall()?,
                Move::Ignore => self.connection.stop.wait_for_ring(),
                Move::Close => return Ok(()),
                Move::Reset => return self.connection.socket.set_linger(Some(Duration::ZERO)),
            }
        }
        Ok(())
    }

    fn read(&mut self) -> io::Result<Request> {
        loop {
            let whole = Request::length(&self.unread).filter(|&len| len <= self.unread.len());
            let over = (self.unread.len() >= REQUEST_MOST).then_some(self.unread.len());
            if let Some(len) = whole.or(over) {
                let rest = self.unread.split_off(len);
                return Ok(std::mem::replace(&mut self.unread, rest).into());
            }
            self.receive()?;
        }
    }

    fn stall(&mut self) -> io::Result<()> {
        loop {
            self.receive()?;
            self.unread.clear();
        }
    }

    /// Reads a piece; the end of the stream is an error, for no move goes on after it.
    fn receive(&mut self) -> io::Result<()> {
        let mut piece = [0; 16 * 1024];
        let mut socket = self.connection.socket;
        let read = loop {
            match socket.read(&mut piece) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                outcome => break outcome?,
            }
        };
        let octets = piece.get(..read).unwrap_or_default();
        if octets.is_empty() {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        self.ledger.received(self.connection.id, octets);
        self.unread.extend_from_slice(octets);
        Ok(())
    }

    fn write(&mut self, octets: &[u8]) -> io::Result<()> {
        let mut socket = self.connection.socket;
        socket.write_all(octets)
    }

    fn slowly(&mut self, octets: &[u8], pause: Duration) -> io::Result<()> {
        for (at, octet) in octets.chunks(1).enumerate() {
            if at > 0 {
                self.pause(pause)?;
            }
            self.write(octet)?;
        }
        Ok(())
    }

    fn drip(&mut self, octets: &[u8], pause: Duration) -> io::Result<()> {
        for octet in octets.chunks(1).cycle() {
            self.pause(pause)?;
            self.write(octet)?;
        }
        Ok(())
    }

    fn flood(&mut self, octets: &[u8], most: u64) -> io::Result<()> {
        let times = FLOOD_PIECE.checked_div(octets.len()).unwrap_or(0).max(1);
        let piece = octets.repeat(times);
        let mut left = if piece.is_empty() { 0 } else { most };
        while left > 0 {
            let len = usize::try_from(left).unwrap_or(usize::MAX).min(piece.len());
            self.write(piece.get(..len).unwrap_or_default())?;
            left = left.saturating_sub(u64::try_from(len).unwrap_or(u64::MAX));
        }
        Ok(())
    }

    fn pause(&self, pause: Duration) -> io::Result<()> {
        if self.connection.stop.wait(pause) {
            return Err(io::ErrorKind::ConnectionAborted.into());
        }
        Ok(())
    }
}
