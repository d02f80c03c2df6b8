//! Memory that serves again.

use crate::report::{Received, Report, Tcp};

/// What reports that nobody needs any more leave to those to come: their memory, as much as a turn of
/// the loop may want. Of what they say nothing stays.
#[derive(Clone, Debug, Default)]
#[expect(clippy::vec_box, reason = "the boxes are what is kept")]
pub struct Spare {
    reports: Vec<Box<Report>>,
    received: Vec<Box<Received>>,
    tcp: Vec<Box<Tcp>>,
}

/// How many of each are kept.
const MOST: usize = 16;

/// A body that took more room than this gives it back.
const BODY_OCTETS: usize = 8 * 1024;

impl Spare {
    /// Keeps what a report is made of, or lets it go where there is enough.
    pub fn keep(&mut self, mut report: Box<Report>) {
        if self.reports.len() >= MOST {
            return;
        }
        if let Some(mut received) = report.response.take() {
            clear(&mut received);
            self.received.push(received);
        }
        self.tcp.extend(report.tcp.take());
        self.reports.push(report);
    }

    /// A report, in memory that is there or new.
    pub(crate) fn report(&mut self, new: Report) -> Box<Report> {
        match self.reports.pop() {
            Some(mut spare) => {
                *spare = new;
                spare
            }
            None => Box::new(new),
        }
    }

    /// What was received: nothing yet.
    pub(crate) fn received(&mut self) -> Box<Received> {
        self.received.pop().unwrap_or_default()
    }

    /// What the kernel measured of a connection.
    pub fn tcp(&mut self, measured: Tcp) -> Box<Tcp> {
        match self.tcp.pop() {
            Some(mut spare) => {
                *spare = measured;
                spare
            }
            None => Box::new(measured),
        }
    }
}

/// As if nothing had been received.
fn clear(received: &mut Received) {
    let mut body = std::mem::take(&mut received.body);
    body.clear();
    if body.capacity() > BODY_OCTETS {
        body = Vec::new();
    }
    *received = Received { body, ..Received::default() };
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    fn report() -> Report {
        Report::new(Arc::new("http://192.0.2.1/".parse().unwrap()), 0)
    }

    #[test]
    fn memory_serves_again_and_says_nothing() {
        let mut spare = Spare::default();
        let mut first = spare.report(report());
        first.response = Some(spare.received());
        let received = first.response.as_mut().unwrap();
        received.body.extend(b"octets");
        (received.body_octets, received.complete) = (6, true);
        first.tcp = Some(spare.tcp(Tcp::default()));
        let place = |report: &Report| std::ptr::from_ref(report).addr();
        let was = place(&first);
        spare.keep(first);

        let second = spare.report(report());
        assert_eq!(place(&second), was);
        assert!(second.response.is_none() && second.tcp.is_none());
        let received = spare.received();
        assert!(received.body.is_empty() && received.body.capacity() >= 6);
        assert_eq!((received.body_octets, received.complete), (0, false));
    }

    #[test]
    fn no_more_is_kept_than_a_turn_may_want() {
        let mut spare = Spare::default();
        for octets in 0..2 * MOST {
            let mut report = Box::new(report());
            let body = Vec::with_capacity(if octets == 0 { 2 * BODY_OCTETS } else { 8 });
            report.response = Some(Box::new(Received { body, ..Received::default() }));
            report.tcp = Some(Box::default());
            spare.keep(report);
        }
        assert_eq!(
            (spare.reports.len(), spare.received.len(), spare.tcp.len()),
            (MOST, MOST, MOST)
        );
        assert!(spare.received.iter().all(|received| received.body.capacity() <= BODY_OCTETS));
    }
}
