//! The resolver's part of a network: its sockets, and the one name server they lead to.

use std::time::Duration;

use fourstep_resolve::{self as resolve, Channel, Ticket, Transport};

use super::pieces::pieces;
use super::{Event, NAME_SERVER, Net};
use crate::line::News;
use crate::stage::Breach;

/// How far the name server is, one way.
const LATENCY: Duration = Duration::from_millis(2);

impl Net {
    /// Gives the resolver a tick, or news of a channel: that it stands, or octets.
    pub(super) fn resolve(
        &mut self,
        news: Option<(Channel, Option<Vec<u8>>)>,
    ) -> Result<(), Breach> {
        let mut out = Vec::new();
        let input = match &news {
            None => resolve::Input::Tick,
            Some((channel, _)) if !self.channels.contains_key(channel) => return Ok(()),
            Some((channel, None)) => resolve::Input::Opened(*channel),
            Some((channel, Some(octets))) => {
                resolve::Input::Received { channel: *channel, from: NAME_SERVER, octets }
            }
        };
        self.resolver.handle(self.now, input, &mut out);
        self.perform_asked(out)
    }

    pub(super) fn perform_asked(&mut self, actions: Vec<resolve::Action>) -> Result<(), Breach> {
        for action in actions {
            match action {
                resolve::Action::Open { channel, transport, .. } => {
                    self.totals.channels += 1;
                    if self.channels.insert(channel, transport).is_some() {
                        return Err(Breach(format!("channel {} opened twice", channel.0)));
                    }
                    if transport == Transport::Tcp {
                        let at = self.now + LATENCY * 2;
                        self.schedule.add(at, Event::Opened(channel));
                    }
                }
                resolve::Action::Send { channel, octets } => self.name_server(channel, &octets),
                resolve::Action::Close { channel } => {
                    if self.channels.remove(&channel).is_none() {
                        return Err(Breach(format!("channel {} closed twice", channel.0)));
                    }
                }
                resolve::Action::Answer { ticket: Ticket(key), answer } => {
                    // Scheduled, so fed after the list is done, like any news of an action.
                    let news = News::Answered(answer, Vec::new());
                    self.schedule.add(self.now, Event::News(key, news));
                }
                // Probes of http, and those are all that there are here, ask for none.
                resolve::Action::Services { .. } => {}
            }
        }
        Ok(())
    }

    /// The name server gets a message, and may answer.
    fn name_server(&mut self, channel: Channel, octets: &[u8]) {
        let is_stream = self.channels.get(&channel) == Some(&Transport::Tcp);
        let query = if is_stream { octets.get(2..).unwrap_or_default() } else { octets };
        for (name, said) in &self.names {
            self.zone.say(name, said(self.now));
        }
        let Some(answer) = self.zone.answer(query, is_stream) else { return };
        let mut at = self.now + LATENCY * 2;
        at = at + Duration::from_micros(self.random.below(3000));
        if !is_stream {
            return self.schedule.add(at, Event::Received(channel, answer));
        }
        let length = u16::try_from(answer.len()).unwrap_or(u16::MAX);
        let framed = [&length.to_be_bytes()[..], &answer].concat();
        for piece in pieces(&framed, &mut self.random) {
            self.schedule.add(at, Event::Received(channel, piece));
        }
    }
}
