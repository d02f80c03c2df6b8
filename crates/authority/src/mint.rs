//! What certificates say unless a test says otherwise, and the keys they are for.

use std::net::IpAddr;
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::Duration;

use rcgen::{
    BasicConstraints, CertificateParams, CertificateRevocationListParams, DistinguishedName,
    DnType, ExtendedKeyUsagePurpose, IsCa, KeyIdMethod, KeyPair, KeyUsagePurpose,
    PKCS_ECDSA_P256_SHA256, PKCS_ED25519, RevocationReason, RevokedCertParams, SanType,
    SerialNumber, date_time_ymd,
};

use crate::pem::ED25519;

/// Makes keys, and what a certificate says, at one moment.
///
/// A server's certificate began a month before that and ends in a year; an authority's began a year
/// before and ends in ten.
#[derive(Debug)]
pub struct Mint {
    now: Duration,
    /// The number of the next key, where keys are made of numbers.
    numbered: Option<AtomicU8>,
}

impl Mint {
    /// For this moment, the time since 1970, with keys of P-256 that are new in every run.
    pub const fn at(now: Duration) -> Mint {
        Mint { now, numbered: None }
    }

    /// For this moment, with keys of Ed25519 that are made of numbers: the certificates, and what
    /// is signed with the keys, are the same octets in every run.
    pub const fn repeatable(now: Duration) -> Mint {
        Mint { now, numbered: Some(AtomicU8::new(1)) }
    }

    /// The moment.
    pub const fn now(&self) -> Duration {
        self.now
    }

    /// The next key.
    pub fn key(&self) -> KeyPair {
        let made = match &self.numbered {
            None => KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256),
            Some(next) => {
                let number = next.fetch_add(1, Ordering::Relaxed);
                let der = [ED25519, &[number; 32]].concat();
                KeyPair::from_pkcs8_der_and_sign_algo(&der.into(), &PKCS_ED25519)
            }
        };
        #[expect(clippy::expect_used, reason = "ring has randomness, and takes any 32 octets")]
        made.expect("a key")
    }

    /// Has a certificate begin and end so many days from now.
    pub fn lasting(
        &self,
        mut params: CertificateParams,
        first: i64,
        last: i64,
    ) -> CertificateParams {
        params.not_before = date_time_ymd(1970, 1, 1) + self.days(first);
        params.not_after = date_time_ymd(1970, 1, 1) + self.days(last);
        params
    }

    /// What a certificate with this common name says, for no use in particular.
    pub fn params(&self, common_name: &str) -> CertificateParams {
        let mut params = CertificateParams::default();
        params.distinguished_name = DistinguishedName::new();
        params.distinguished_name.push(DnType::CommonName, common_name);
        params.use_authority_key_identifier_extension = true;
        self.lasting(params, -30, 365)
    }

    /// The same for an authority.
    pub fn ca(&self, common_name: &str) -> CertificateParams {
        let mut params = self.lasting(self.params(common_name), -365, 3650);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        params
    }

    /// The same for a server with these names; those that are addresses become iPAddresses.
    pub fn server(&self, names: &[&str]) -> CertificateParams {
        let mut params = self.params("leaf");
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        params.subject_alt_names = names.iter().map(|name| alternative(name)).collect();
        params
    }

    /// The same for a client.
    pub fn client(&self, common_name: &str) -> CertificateParams {
        let mut params = self.params(common_name);
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        params
    }

    /// What a list of revoked certificates says (RFC 5280 §5): it is a month old, and another was to
    /// come a day ago. What it revokes stays revoked.
    pub(crate) fn list(&self, serials: &[u64]) -> CertificateRevocationListParams {
        let revoked = serials.iter().map(|serial| RevokedCertParams {
            serial_number: SerialNumber::from(*serial),
            revocation_time: date_time_ymd(1970, 1, 1) + self.days(-30),
            reason_code: Some(RevocationReason::KeyCompromise),
            invalidity_date: None,
        });
        CertificateRevocationListParams {
            this_update: date_time_ymd(1970, 1, 1) + self.days(-30),
            next_update: date_time_ymd(1970, 1, 1) + self.days(-1),
            crl_number: SerialNumber::from(1),
            issuing_distribution_point: None,
            revoked_certs: revoked.collect(),
            key_identifier_method: KeyIdMethod::Sha256,
        }
    }

    /// So many days from now, as the time since 1970.
    fn days(&self, days: i64) -> Duration {
        let span = Duration::from_secs(days.unsigned_abs() * 86_400);
        if days < 0 { self.now.saturating_sub(span) } else { self.now + span }
    }
}

fn alternative(name: &str) -> SanType {
    match name.parse::<IpAddr>() {
        Ok(ip) => SanType::IpAddress(ip),
        #[expect(clippy::expect_used, reason = "names of tests are ASCII")]
        Err(_) => SanType::DnsName(name.try_into().expect("an IA5String")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_of_numbers_are_the_same_in_every_run() {
        let keys = || {
            let mint = Mint::repeatable(Duration::ZERO);
            [mint.key().serialize_der(), mint.key().serialize_der()]
        };
        assert_eq!(keys(), keys());
        assert_ne!(keys()[0], keys()[1]);
        let mint = Mint::at(Duration::ZERO);
        assert_ne!(mint.key().serialize_der(), mint.key().serialize_der());
    }
}
