//! Everything that the conditions need, made at once.

use crate::condition::{CONDITIONS, Condition};
use crate::mint::Mint;
use crate::signer::{Chain, Signer};
use crate::workshop::Workshop;

/// A root, the chains for all [`CONDITIONS`], and what else a probe of them is handed.
#[derive(Debug)]
pub struct Authority {
    /// The root that a probe is to trust, and no other.
    pub root: Signer,
    /// What the root and its intermediates revoked: lists as PEM, to be handed to every probe.
    pub revoked: String,
    /// For a client: what a server that trusts the root takes.
    pub client: Chain,
    chains: Vec<Chain>,
}

impl Authority {
    /// Makes all, in order: with a [`Mint`] that is repeatable always the same.
    pub fn new(mint: &Mint) -> Authority {
        let workshop = Workshop::new(mint);
        let chains = CONDITIONS.iter().map(|condition| (condition.make)(&workshop)).collect();
        let client = workshop.root.sign(mint.client("client"), mint);
        let revoked = workshop.revoked();
        Authority { root: workshop.root, revoked, client, chains }
    }

    /// Every condition, with its chain.
    pub fn all(&self) -> impl Iterator<Item = (&'static Condition, &Chain)> {
        CONDITIONS.iter().zip(&self.chains)
    }

    /// The condition of this name, with its chain.
    pub fn find(&self, name: &str) -> Option<(&'static Condition, &Chain)> {
        self.all().find(|(condition, _)| condition.name == name)
    }
}
