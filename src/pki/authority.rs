//! A throw-away certificate authority for the demo and for tests. Its key lives in memory only.

use std::{
    net::IpAddr,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use rcgen::{
    BasicConstraints, CertificateParams, CertificateRevocationListParams, CertifiedIssuer, DistinguishedName,
    DnType, ExtendedKeyUsagePurpose, IsCa, KeyIdMethod, KeyPair, KeyUsagePurpose, RevokedCertParams, SanType,
    SerialNumber,
};
use ssbtek_domain::{DateTime, Utc};
use time::OffsetDateTime;

use crate::{Identity, PeerCertificate, PkiError, Roots};

/// From when until when a certificate is valid, whole seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Validity {
    /// First moment.
    pub not_before: DateTime<Utc>,
    /// Last moment.
    pub not_after: DateTime<Utc>,
}

/// A certificate with its key, freshly issued.
pub struct Issued {
    /// The certificate, PEM.
    pub certificate_pem: String,
    /// The private key, PEM (PKCS #8).
    pub key_pem: String,
    /// Both, ready for use.
    pub identity: Identity,
    /// The certificate as its peer will see it.
    pub certificate: PeerCertificate,
    serial: u64,
}

/// A certificate authority whose key exists only in this process.
pub struct TestAuthority {
    issuer: CertifiedIssuer<'static, KeyPair>,
    next_serial: AtomicU64,
    revoked: Mutex<Vec<(u64, DateTime<Utc>)>>,
    lists_issued: AtomicU64,
}

impl TestAuthority {
    /// A new authority with a P-256 key.
    pub fn new(name: &str, validity: Validity) -> Result<Self, PkiError> {
        let mut params = base(validity, 1);
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        let key = KeyPair::generate().map_err(|_| PkiError::NotIssued)?;
        Ok(Self {
            issuer: CertifiedIssuer::self_signed(params, key).map_err(|_| PkiError::NotIssued)?,
            next_serial: AtomicU64::new(2),
            revoked: Mutex::default(),
            lists_issued: AtomicU64::new(0),
        })
    }

    /// The authority's own certificate, PEM.
    pub fn root_pem(&self) -> String {
        self.issuer.pem()
    }

    /// The authority as somebody to trust.
    pub fn roots(&self) -> Result<Roots, PkiError> {
        Roots::from_pem(self.root_pem().as_bytes())
    }

    /// A server's certificate for these names and addresses.
    pub fn server(
        &self,
        names: &[&str],
        addresses: &[IpAddr],
        validity: Validity,
    ) -> Result<Issued, PkiError> {
        let mut params = self.next(validity);
        if let Some(name) = names.first() {
            params.distinguished_name.push(DnType::CommonName, *name);
        }
        for name in names {
            let name = (*name).try_into().map_err(|_| PkiError::NotIssued)?;
            params.subject_alt_names.push(SanType::DnsName(name));
        }
        params.subject_alt_names.extend(addresses.iter().copied().map(SanType::IpAddress));
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        self.issue(params)
    }

    /// A client's certificate with a common name and an organisation.
    pub fn client(&self, name: &str, organisation: &str, validity: Validity) -> Result<Issued, PkiError> {
        let mut params = self.next(validity);
        params.distinguished_name.push(DnType::CommonName, name);
        params.distinguished_name.push(DnType::OrganizationName, organisation);
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        self.issue(params)
    }

    /// Puts a certificate on the lists issued from now on.
    pub fn revoke(&self, issued: &Issued, at: DateTime<Utc>) {
        self.revoked.lock().unwrap_or_else(PoisonError::into_inner).push((issued.serial, at));
    }

    /// A revocation list, PEM.
    pub fn crl_pem(
        &self,
        this_update: DateTime<Utc>,
        next_update: DateTime<Utc>,
    ) -> Result<String, PkiError> {
        let revoked = self.revoked.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let number = self.lists_issued.fetch_add(1, Ordering::Relaxed) + 1;
        let list = CertificateRevocationListParams {
            this_update: since_1970(this_update),
            next_update: since_1970(next_update),
            crl_number: SerialNumber::from(number),
            issuing_distribution_point: None,
            revoked_certs: revoked.into_iter().map(|(serial, at)| entry(serial, at)).collect(),
            key_identifier_method: KeyIdMethod::Sha256,
        };
        let list = list.signed_by(&self.issuer).map_err(|_| PkiError::NotIssued)?;
        list.pem().map_err(|_| PkiError::NotIssued)
    }

    fn next(&self, validity: Validity) -> CertificateParams {
        let mut params = base(validity, self.next_serial.fetch_add(1, Ordering::Relaxed));
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.use_authority_key_identifier_extension = true;
        params
    }

    fn issue(&self, params: CertificateParams) -> Result<Issued, PkiError> {
        let serial = params.serial_number.as_ref().map(SerialNumber::to_bytes).unwrap_or_default();
        let serial = serial.iter().fold(0, |number, byte| number << 8 | u64::from(*byte));
        let key = KeyPair::generate().map_err(|_| PkiError::NotIssued)?;
        let certificate = params.signed_by(&key, &self.issuer).map_err(|_| PkiError::NotIssued)?;
        let (certificate_pem, key_pem) = (certificate.pem(), key.serialize_pem());
        Ok(Issued {
            identity: Identity::from_pem(certificate_pem.as_bytes(), key_pem.as_bytes())?,
            certificate: PeerCertificate::from_chain(&[certificate.der().clone()])?,
            certificate_pem,
            key_pem,
            serial,
        })
    }
}

fn base(validity: Validity, serial: u64) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name = DistinguishedName::new();
    params.not_before = since_1970(validity.not_before);
    params.not_after = since_1970(validity.not_after);
    params.serial_number = Some(SerialNumber::from(serial));
    params
}

fn entry(serial: u64, at: DateTime<Utc>) -> RevokedCertParams {
    RevokedCertParams {
        serial_number: SerialNumber::from(serial),
        revocation_time: since_1970(at),
        reason_code: None,
        invalidity_date: None,
    }
}

/// Whole seconds; what lies outside the issuing library's calendar becomes 1970.
fn since_1970(moment: DateTime<Utc>) -> OffsetDateTime {
    OffsetDateTime::from_unix_timestamp(moment.timestamp()).unwrap_or(OffsetDateTime::UNIX_EPOCH)
}
