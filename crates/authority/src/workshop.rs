//! The authorities that conditions are made with.

use rcgen::{
    BasicConstraints, CidrSubnet, GeneralSubtree, IsCa, KeyPair, KeyUsagePurpose, NameConstraints,
    SerialNumber,
};

use crate::mint::Mint;
use crate::signer::Signer;

/// Serial numbers on the lists of [`Workshop::revoked`].
pub(crate) const REVOKED_ISSUER: u64 = 7;
pub(crate) const REVOKED_LEAF: u64 = 8;

/// Every authority that a condition needs.
pub(crate) struct Workshop<'a> {
    pub(crate) mint: &'a Mint,
    /// Trusted, and no other is.
    pub(crate) root: Signer,
    pub(crate) other_root: Signer,
    /// The usual intermediate, and one of its name without its key.
    pub(crate) middle: Signer,
    pub(crate) impostor: Signer,
    /// Its end is past.
    pub(crate) past: Signer,
    /// It is no CA.
    pub(crate) no_ca: Signer,
    /// Its key may not sign certificates.
    pub(crate) mute: Signer,
    /// It may have no CA below, and has one.
    pub(crate) short: Signer,
    pub(crate) below_short: Signer,
    /// It may issue for `in.test` and 192.0.2.0/24 alone, and not for `no.in.test`.
    pub(crate) fenced: Signer,
    /// The root revoked it.
    pub(crate) revoked: Signer,
    /// Vouched for by the other root, and by the root in `crossing`.
    pub(crate) crossed: Signer,
    pub(crate) crossing: Vec<u8>,
    /// Seven of them, each by the one before; the first by the root.
    pub(crate) stairs: Vec<Signer>,
}

impl<'a> Workshop<'a> {
    pub(crate) fn new(mint: &'a Mint) -> Workshop<'a> {
        let root = Signer::root(mint.ca("Root"), mint);
        let other_root = Signer::root(mint.ca("Other"), mint);
        let mut mute = mint.ca("Mute");
        mute.key_usages = vec![KeyUsagePurpose::CrlSign];
        let mut short = mint.ca("Short");
        short.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        let short = root.sign_ca(short, mint);
        let mut fenced = mint.ca("Fenced");
        fenced.name_constraints = Some(NameConstraints {
            permitted_subtrees: vec![
                GeneralSubtree::DnsName("in.test".into()),
                GeneralSubtree::IpAddress(CidrSubnet::from_v4_prefix([192, 0, 2, 0], 24)),
            ],
            excluded_subtrees: vec![GeneralSubtree::DnsName("no.in.test".into())],
        });
        let mut revoked = mint.ca("Revoked");
        revoked.serial_number = Some(SerialNumber::from(REVOKED_ISSUER));
        let crossed = other_root.sign_ca(mint.ca("Crossed"), mint);
        let mut stairs: Vec<Signer> = Vec::new();
        for step in 1..=7 {
            let params = mint.ca(&format!("Step {step}"));
            stairs.push(stairs.last().unwrap_or(&root).sign_ca(params, mint));
        }
        Workshop {
            middle: root.sign_ca(mint.ca("Middle"), mint),
            impostor: root.sign_ca(mint.ca("Middle"), mint),
            past: root.sign_ca(mint.lasting(mint.ca("Past"), -900, -30), mint),
            no_ca: root.sign_ca(mint.server(&["middle.test"]), mint),
            mute: root.sign_ca(mute, mint),
            below_short: short.sign_ca(mint.ca("Below"), mint),
            short,
            fenced: root.sign_ca(fenced, mint),
            revoked: root.sign_ca(revoked, mint),
            crossing: root.vouch(&crossed, &mint.ca("Crossed")),
            crossed,
            stairs,
            other_root,
            root,
            mint,
        }
    }

    /// What was revoked, by the root and by the usual intermediate: two lists.
    pub(crate) fn revoked(&self) -> String {
        self.root.revoke(&[REVOKED_ISSUER], self.mint)
            + &self.middle.revoke(&[REVOKED_LEAF], self.mint)
    }
}

/// A key of RSA, of which ring makes none.
#[expect(clippy::expect_used, reason = "the files are ours")]
pub(crate) fn rsa(pem: &str) -> KeyPair {
    KeyPair::from_pem(pem).expect("a key of RSA")
}
