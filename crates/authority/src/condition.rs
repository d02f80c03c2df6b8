//! The conditions: the ones people know from badssl.com, and some more.

use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, ExtendedKeyUsagePurpose, IsCa, KeyPair,
    KeyUsagePurpose, PKCS_ECDSA_P256_SHA256, PKCS_ECDSA_P384_SHA384, PKCS_ED25519, SerialNumber,
    SignatureAlgorithm,
};

use crate::signer::{Chain, Signer};
use crate::workshop::{REVOKED_LEAF, Workshop, rsa};

/// A chain that a server shows, and what a probe must make of it.
#[derive(Debug)]
pub struct Condition {
    /// What it is called: also the name of its files.
    pub name: &'static str,
    /// The host that is probed.
    pub host: &'static str,
    /// The codes of all that is wrong, in the order of the closed table; empty for a chain to trust.
    pub unverified: &'static [&'static str],
    /// What is special, in words.
    pub says: &'static str,
    pub(crate) make: fn(&Workshop<'_>) -> Chain,
}

impl Condition {
    /// The code of the failure: the first of what is wrong, empty when nothing is.
    pub fn code(&self) -> &'static str {
        self.unverified.first().copied().unwrap_or_default()
    }

    const fn good(
        name: &'static str,
        host: &'static str,
        says: &'static str,
        make: fn(&Workshop<'_>) -> Chain,
    ) -> Condition {
        Condition::bad(name, host, &[], says, make)
    }

    const fn bad(
        name: &'static str,
        host: &'static str,
        unverified: &'static [&'static str],
        says: &'static str,
        make: fn(&Workshop<'_>) -> Chain,
    ) -> Condition {
        Condition { name, host, unverified, says, make }
    }
}

const UNTRUSTED: &str = "tls.untrusted";
const EXPIRED: &str = "tls.expired";
const EARLY: &str = "tls.not-yet-valid";
const REVOKED: &str = "tls.revoked";
const WRONG_NAME: &str = "tls.wrong-name";

/// All of them. The root that [`Authority`](crate::Authority) hands out is the one that is trusted,
/// and its lists of what was revoked are known.
#[rustfmt::skip]
pub const CONDITIONS: &[Condition] = &[
    // name, host, codes, what is special, how it is made
    Condition::good("good", "a.test", "an intermediate, sent along", |w| w.below_middle(w.good())),
    Condition::good("below-the-root", "a.test", "the root issued it", |w| w.root.sign(w.good(), w.mint)),
    Condition::good("root-sent-along", "a.test", "the chain goes up to the root", |w| w.below_middle(w.good()).and(&[&w.root])),
    Condition::good("in-disorder", "a.test", "another's certificate and the root stand before its issuer's", |w| {
        w.middle.sign(w.good(), w.mint).and(&[&w.other_root, &w.root, &w.middle])
    }),
    Condition::good("an-expired-one-that-is-not-needed", "a.test", "behind the chain", |w| w.below_middle(w.good()).and(&[&w.past])),
    Condition::good("cross-signed", "a.test", "its issuer is vouched for by two roots, one of them trusted", |w| {
        let mut chain = w.below(&w.crossed, w.good());
        chain.certificates.push(w.crossing.clone());
        chain
    }),
    Condition::good("six-intermediates", "a.test", "as many as webpki follows", |w| w.below_stairs(6)),
    Condition::good("ecdsa-p256", "a.test", "the usual key", |w| w.with_key(&PKCS_ECDSA_P256_SHA256)),
    Condition::good("ecdsa-p384", "a.test", "a key of P-384", |w| w.with_key(&PKCS_ECDSA_P384_SHA384)),
    Condition::good("ed25519", "a.test", "a key of Ed25519 (RFC 8410)", |w| w.with_key(&PKCS_ED25519)),
    Condition::good("rsa-2048", "a.test", "a key of RSA", |w| w.for_key(&rsa(include_str!("../../../fixtures/tls/rsa-2048.pem")))),
    Condition::good("rsa-4096", "a.test", "a longer one", |w| w.for_key(&rsa(include_str!("../../../fixtures/tls/rsa-4096.pem")))),
    // RFC 5280 §4.1.2.5
    Condition::good("expires-soon", "a.test", "in a week", |w| w.below_middle(w.mint.lasting(w.good(), -83, 7))),
    Condition::bad("expired", "a.test", &[EXPIRED], "a day ago", |w| w.below_middle(w.past())),
    Condition::bad("not-yet-valid", "a.test", &[EARLY], "it begins tomorrow", |w| w.below_middle(w.early())),
    Condition::bad("expired-intermediate", "a.test", &[EXPIRED], "its issuer's ended a month ago", |w| w.below(&w.past, w.good())),
    Condition::bad("not-yet-valid-below-expired", "a.test", &[EXPIRED, EARLY], "its issuer's ended before it begins", |w| w.below(&w.past, w.early())),
    // RFC 5280 §6.1
    Condition::bad("self-signed", "a.test", &[UNTRUSTED], "by its own key", |w| Chain::self_signed(w.good(), w.mint)),
    Condition::bad("untrusted-root", "a.test", &[UNTRUSTED], "by a root that is not trusted", |w| w.other_root.sign(w.good(), w.mint)),
    Condition::bad("untrusted-root-sent-along", "a.test", &[UNTRUSTED], "the same, and the root is sent", |w| w.below(&w.other_root, w.good())),
    Condition::bad("incomplete-chain", "a.test", &[UNTRUSTED], "its issuer's certificate is not sent", |w| w.middle.sign(w.good(), w.mint)),
    Condition::bad("wrong-signature", "a.test", &[UNTRUSTED], "signed by another key than its issuer's", |w| w.impostor.sign(w.good(), w.mint).and(&[&w.middle])),
    Condition::bad("issuer-is-no-ca", "a.test", &[UNTRUSTED], "issued by a server's certificate", |w| w.below(&w.no_ca, w.good())),
    Condition::bad("issuer-may-not-sign", "a.test", &[UNTRUSTED], "its issuer's key usage is without keyCertSign", |w| w.below(&w.mute, w.good())),
    Condition::bad("ca-as-a-server", "a.test", &[UNTRUSTED], "an authority's certificate (RFC 5280 §4.2.1.9)", |w| {
        w.but(|params| params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained))
    }),
    Condition::bad("path-too-long", "a.test", &[UNTRUSTED], "an issuer may have no authority below it, and has one", |w| w.below(&w.below_short, w.good()).and(&[&w.short])),
    Condition::bad("seven-intermediates", "a.test", &[UNTRUSTED], "one more than webpki follows", |w| w.below_stairs(7)),
    // RFC 5280 §4.2.1.3, §4.2.1.12
    Condition::bad("for-clients", "a.test", &[UNTRUSTED], "its extended key usage is clientAuth alone", |w| {
        w.but(|params| params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth])
    }),
    Condition::good("for-anything", "a.test", "without an extended key usage", |w| {
        w.but(|params| params.extended_key_usages = vec![])
    }),
    Condition::bad("key-may-not-sign", "a.test", &[UNTRUSTED], "its key usage is without digitalSignature", |w| {
        w.but(|params| params.key_usages = vec![KeyUsagePurpose::KeyAgreement])
    }),
    Condition::good("key-may-sign", "a.test", "its key usage is digitalSignature", |w| {
        w.but(|params| params.key_usages = vec![KeyUsagePurpose::DigitalSignature])
    }),
    // RFC 5280 §4.2.1.10
    Condition::good("within-name-constraints", "x.in.test", "its issuer may issue for in.test", |w| w.fenced(&["x.in.test", "192.0.2.1"])),
    Condition::bad("outside-name-constraints", "a.test", &[UNTRUSTED], "its issuer may issue for in.test alone", |w| w.fenced(&["a.test"])),
    Condition::bad("excluded-by-name-constraints", "no.in.test", &[UNTRUSTED], "its issuer may not issue for no.in.test", |w| w.fenced(&["no.in.test"])),
    Condition::bad("address-outside-name-constraints", "198.51.100.1", &[UNTRUSTED], "its issuer may issue for 192.0.2.0/24 alone", |w| w.fenced(&["198.51.100.1"])),
    // RFC 5280 §5
    Condition::bad("revoked", "a.test", &[REVOKED], "its issuer's list has it", |w| w.below_middle(w.revoked_leaf())),
    Condition::bad("revoked-intermediate", "a.test", &[REVOKED], "the root's list has its issuer", |w| w.below(&w.revoked, w.good())),
    // RFC 9525 §6
    Condition::bad("wrong-host", "b.test", &[WRONG_NAME], "it is for a.test", |w| w.below_middle(w.good())),
    Condition::good("one-of-two-names", "b.test", "it is for a.test and b.test", |w| w.named(&["a.test", "b.test"])),
    Condition::bad("common-name-alone", "leaf", &[WRONG_NAME], "the host is its common name, which nobody looks at", |w| w.named(&[])),
    Condition::good("no-common-name", "a.test", "its subject is empty", |w| {
        w.but(|params| params.distinguished_name = DistinguishedName::new())
    }),
    Condition::good("wildcard", "x.a.test", "it is for *.a.test", |w| w.named(&["*.a.test"])),
    Condition::bad("wildcard-of-its-own-domain", "a.test", &[WRONG_NAME], "it is for *.a.test", |w| w.named(&["*.a.test"])),
    Condition::bad("wildcard-two-labels", "x.y.a.test", &[WRONG_NAME], "it is for *.a.test", |w| w.named(&["*.a.test"])),
    Condition::good("address", "192.0.2.1", "an iPAddress", |w| w.named(&["192.0.2.1"])),
    Condition::good("address-ipv6", "2001:db8::1", "two of them", |w| w.named(&["2001:db8::1", "192.0.2.1"])),
    Condition::bad("wrong-address", "192.0.2.2", &[WRONG_NAME], "it is for 192.0.2.1", |w| w.named(&["192.0.2.1"])),
    Condition::good("thousand-names", "n999.a.test", "the host is the last of them", |w| w.thousand()),
    Condition::bad("thousand-wrong-names", "n1000.a.test", &[WRONG_NAME], "the host is none of them", |w| w.thousand()),
    // several at once
    Condition::bad("expired-and-wrong-host", "b.test", &[EXPIRED, WRONG_NAME], "for a.test, until a day ago", |w| w.below_middle(w.past())),
    Condition::bad("expired-and-incomplete", "a.test", &[UNTRUSTED, EXPIRED], "without its issuer, until a day ago", |w| w.middle.sign(w.past(), w.mint)),
    Condition::bad("expired-and-revoked", "b.test", &[EXPIRED, REVOKED, WRONG_NAME], "for a.test, until a day ago, on its issuer's list", |w| {
        w.below_middle(w.mint.lasting(w.revoked_leaf(), -90, -1))
    }),
    Condition::bad("all-of-it", "b.test", &[UNTRUSTED, EXPIRED, WRONG_NAME], "self-signed, for a.test, until a day ago", |w| Chain::self_signed(w.past(), w.mint)),
    Condition::bad("early-and-all-of-it", "b.test", &[UNTRUSTED, EARLY, WRONG_NAME], "self-signed, for a.test, from tomorrow", |w| Chain::self_signed(w.early(), w.mint)),
];

impl Workshop<'_> {
    fn good(&self) -> CertificateParams {
        self.mint.server(&["a.test"])
    }

    fn past(&self) -> CertificateParams {
        self.mint.lasting(self.good(), -90, -1)
    }

    fn early(&self) -> CertificateParams {
        self.mint.lasting(self.good(), 1, 90)
    }

    fn revoked_leaf(&self) -> CertificateParams {
        let mut params = self.good();
        params.serial_number = Some(SerialNumber::from(REVOKED_LEAF));
        params
    }

    fn below(&self, signer: &Signer, params: CertificateParams) -> Chain {
        signer.sign(params, self.mint).and(&[signer])
    }

    fn below_middle(&self, params: CertificateParams) -> Chain {
        self.below(&self.middle, params)
    }

    /// A usual one, but for this.
    fn but(&self, change: impl FnOnce(&mut CertificateParams)) -> Chain {
        let mut params = self.good();
        change(&mut params);
        self.below_middle(params)
    }

    fn below_stairs(&self, steps: usize) -> Chain {
        let sent: Vec<&Signer> = self.stairs.iter().take(steps).rev().collect();
        let lowest = sent.first().copied().unwrap_or(&self.root);
        lowest.sign(self.good(), self.mint).and(&sent)
    }

    fn named(&self, names: &[&str]) -> Chain {
        self.below_middle(self.mint.server(names))
    }

    fn fenced(&self, names: &[&str]) -> Chain {
        self.below(&self.fenced, self.mint.server(names))
    }

    fn thousand(&self) -> Chain {
        let names: Vec<String> = (0..1000).map(|n| format!("n{n}.a.test")).collect();
        self.named(&names.iter().map(String::as_str).collect::<Vec<_>>())
    }

    fn for_key(&self, key: &KeyPair) -> Chain {
        self.middle.sign_key(self.good(), key).and(&[&self.middle])
    }

    #[expect(clippy::expect_used, reason = "ring makes keys of these kinds")]
    fn with_key(&self, kind: &'static SignatureAlgorithm) -> Chain {
        self.for_key(&KeyPair::generate_for(kind).expect("a key"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Authority, Mint};
    use std::collections::BTreeSet;
    use std::time::Duration;

    #[test]
    fn names_are_files_and_each_is_one() {
        let names: BTreeSet<&str> = CONDITIONS.iter().map(|condition| condition.name).collect();
        assert_eq!(names.len(), CONDITIONS.len());
        let is_plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        assert!(names.iter().all(|name| name.chars().all(is_plain)), "{names:?}");
    }

    /// The keys of other kinds than the mint's aside.
    #[test]
    fn what_is_repeatable_is_the_same_in_every_run() {
        let made = || Authority::new(&Mint::repeatable(Duration::from_secs(1_780_272_000)));
        let (one, two) = (made(), made());
        assert_eq!((one.root.der(), &one.revoked), (two.root.der(), &two.revoked));
        for ((condition, one), (_, two)) in one.all().zip(two.all()) {
            let is_new = ["ecdsa-p256", "ecdsa-p384", "ed25519"].contains(&condition.name);
            assert_eq!(one.certificates == two.certificates, !is_new, "{}", condition.name);
        }
    }
}
