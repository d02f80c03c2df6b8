//! Who signs, and what is signed.

use rcgen::{CertificateParams, Issuer, KeyPair};

use crate::mint::Mint;
use crate::pem::{pem, plain};

/// An authority: its certificate, and the key that signs for it.
#[derive(Debug)]
pub struct Signer {
    der: Vec<u8>,
    issuer: Issuer<'static, KeyPair>,
}

/// What a server shows, with the key of the first certificate.
#[derive(Clone)]
pub struct Chain {
    /// In DER; the server's own comes first.
    pub certificates: Vec<Vec<u8>>,
    /// In PKCS #8, DER.
    pub key: Vec<u8>,
}

impl Signer {
    /// One that signs itself.
    pub fn root(params: CertificateParams, mint: &Mint) -> Signer {
        let key = mint.key();
        let der = made(params.self_signed(&key)).der().to_vec();
        Signer { der, issuer: Issuer::new(params, key) }
    }

    /// One below this one.
    pub fn sign_ca(&self, params: CertificateParams, mint: &Mint) -> Signer {
        let key = mint.key();
        let der = made(params.signed_by(&key, &self.issuer)).der().to_vec();
        Signer { der, issuer: Issuer::new(params, key) }
    }

    /// A certificate for another's key and name, as a second authority may vouch for it.
    pub fn vouch(&self, other: &Signer, params: &CertificateParams) -> Vec<u8> {
        made(params.signed_by(other.issuer.key(), &self.issuer)).der().to_vec()
    }

    /// A certificate by this one, with a new key.
    pub fn sign(&self, params: CertificateParams, mint: &Mint) -> Chain {
        self.sign_key(params, &mint.key())
    }

    /// A certificate by this one for a given key.
    pub fn sign_key(&self, params: CertificateParams, key: &KeyPair) -> Chain {
        let der = made(params.signed_by(key, &self.issuer)).der().to_vec();
        Chain { certificates: vec![der], key: key.serialize_der() }
    }

    /// A list of what it revoked, by serial number, as PEM (RFC 5280 §5).
    pub fn revoke(&self, serials: &[u64], mint: &Mint) -> String {
        pem("X509 CRL", made(mint.list(serials).signed_by(&self.issuer)).der())
    }

    /// Its certificate in DER.
    pub fn der(&self) -> &[u8] {
        &self.der
    }

    /// Its certificate as PEM.
    pub fn pem(&self) -> String {
        pem("CERTIFICATE", &self.der)
    }
}

impl Chain {
    /// A certificate that its own key signed.
    pub fn self_signed(params: CertificateParams, mint: &Mint) -> Chain {
        let key = mint.key();
        let der = made(params.self_signed(&key)).der().to_vec();
        Chain { certificates: vec![der], key: key.serialize_der() }
    }

    /// The same with these sent behind it.
    #[must_use]
    pub fn and(mut self, more: &[&Signer]) -> Chain {
        self.certificates.extend(more.iter().map(|signer| signer.der.clone()));
        self
    }

    /// The server's own certificate, in DER.
    pub fn leaf(&self) -> &[u8] {
        self.certificates.first().map_or(&[], Vec::as_slice)
    }

    /// The certificates as PEM, in order.
    pub fn pem(&self) -> String {
        self.certificates.iter().map(|der| pem("CERTIFICATE", der)).collect()
    }

    /// The key as PEM, as any OpenSSL reads it.
    pub fn key_pem(&self) -> String {
        pem("PRIVATE KEY", &plain(&self.key))
    }
}

/// Shows no key.
impl std::fmt::Debug for Chain {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Chain").field("certificates", &self.certificates.len()).finish()
    }
}

#[expect(clippy::expect_used, reason = "what is signed is fixed, and rcgen takes it")]
fn made<T>(result: Result<T, rcgen::Error>) -> T {
    result.expect("rcgen signs it")
}
