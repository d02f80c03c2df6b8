//! A root, an intermediate, and whatever leaf a test wants: made in memory, with keys of its own.

use std::net::IpAddr;
use std::time::Duration;

use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa,
    Issuer, KeyPair, KeyUsagePurpose, SanType, date_time_ymd,
};

/// The moment of all tests: 2026-06-01, in the time of what the authority makes by default.
pub(crate) const NOW: Duration = Duration::from_secs(1_780_272_000);

/// One that can sign: its certificate and its key.
pub(crate) struct Signer {
    pub(crate) der: Vec<u8>,
    pub(crate) issuer: Issuer<'static, KeyPair>,
}

/// A certificate for a server or a client, and its key in PKCS #8.
#[derive(Clone)]
pub(crate) struct Leaf {
    pub(crate) der: Vec<u8>,
    pub(crate) key: Vec<u8>,
}

pub(crate) fn key() -> KeyPair {
    KeyPair::generate_for(&rcgen::PKCS_ECDSA_P256_SHA256).unwrap()
}

/// What a certificate has unless a test says otherwise: 2020 to 2040, and this name.
pub(crate) fn params(common_name: &str) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.not_before = date_time_ymd(2020, 1, 1);
    params.not_after = date_time_ymd(2040, 1, 1);
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, common_name);
    params.use_authority_key_identifier_extension = true;
    params
}

/// The same for an authority.
pub(crate) fn ca(common_name: &str) -> CertificateParams {
    let mut params = params(common_name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params
}

/// The same for a server with these names; those that are addresses become iPAddresses.
pub(crate) fn server(names: &[&str]) -> CertificateParams {
    let mut params = params("leaf");
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    params.subject_alt_names = names
        .iter()
        .map(|name| match name.parse::<IpAddr>() {
            Ok(ip) => SanType::IpAddress(ip),
            Err(_) => SanType::DnsName((*name).try_into().unwrap()),
        })
        .collect();
    params
}

impl Signer {
    pub(crate) fn root(params: CertificateParams) -> Signer {
        let key = key();
        let der = params.self_signed(&key).unwrap().der().to_vec();
        Signer { der, issuer: Issuer::new(params, key) }
    }

    pub(crate) fn sign_ca(&self, params: CertificateParams) -> Signer {
        let key = key();
        let der = params.signed_by(&key, &self.issuer).unwrap().der().to_vec();
        Signer { der, issuer: Issuer::new(params, key) }
    }

    pub(crate) fn sign(&self, params: CertificateParams) -> Leaf {
        self.sign_key(params, &key())
    }

    pub(crate) fn sign_key(&self, params: CertificateParams, key: &KeyPair) -> Leaf {
        let der = params.signed_by(key, &self.issuer).unwrap().der().to_vec();
        Leaf { der, key: key.serialize_der() }
    }
}

pub(crate) fn self_signed(params: CertificateParams) -> Leaf {
    let key = key();
    let der = params.self_signed(&key).unwrap().der().to_vec();
    Leaf { der, key: key.serialize_der() }
}

/// A root, and a server's certificate for `a.test` by it.
pub(crate) fn pair() -> (Signer, Leaf) {
    let root = Signer::root(ca("Root"));
    let leaf = root.sign(server(&["a.test"]));
    (root, leaf)
}
