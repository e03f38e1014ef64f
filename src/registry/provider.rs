//! What the provider publishes, and what agencies have agreed to.

use ssbtek_access_log::DocumentWrite;
use ssbtek_authorize::{
    AgencyTerms, AskError, CertificateOwner, DocumentHash, DocumentRef, EEA, Provider, Published,
    SubProcessor,
};
use ssbtek_domain::{Agency, NaiveDate};

use crate::{By, Desk, DeskError, desk::text, terms::checked};

/// Which texts are published.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Texts {
    /// Instructions that every case worker confirms.
    Instructions,
    /// General terms.
    Terms,
}

impl Desk {
    /// Publishes a new version. From `valid_from` on every case worker must have confirmed new instructions.
    pub async fn publish(
        &self,
        texts: Texts,
        version: &str,
        document: DocumentHash,
        valid_from: NaiveDate,
    ) -> Result<u64, DeskError> {
        let version = text("version", version, 40)?;
        let (today, published_at) = (self.clock.today(), self.clock.now());
        let action = match texts {
            Texts::Instructions => "publish_instructions",
            Texts::Terms => "publish_terms",
        };
        self.edit_provider(&By::Operator, action, |provider| {
            let list = match texts {
                Texts::Instructions => &mut provider.instructions,
                Texts::Terms => &mut provider.terms,
            };
            if list.iter().any(|known| known.version == version) {
                return Err(DeskError::Exists("version"));
            }
            let newest = list.iter().map(|known| known.valid_from).max();
            if valid_from < today || newest.is_some_and(|newest| valid_from < newest) {
                let reason = "must be today or later, and not before an earlier version's";
                return Err(AskError::new("valid_from", reason).into());
            }
            let (version, document) = (version.clone(), document.clone());
            list.push(Published { version, document, valid_from, published_at });
            Ok(())
        })
        .await
    }

    /// Replaces the list of the provider's sub-processors.
    pub async fn set_sub_processors(&self, list: Vec<SubProcessor>) -> Result<u64, DeskError> {
        in_eea(&list)?;
        self.edit_provider(&By::Operator, "set_sub_processors", |provider| {
            provider.sub_processors.clone_from(&list);
            Ok(())
        })
        .await
    }

    /// Sets what an agency has agreed to; by its own contact or by the operator.
    pub async fn set_agency(
        &self,
        by: &By<'_>,
        agency: Agency,
        terms: AgencyTerms,
    ) -> Result<u64, DeskError> {
        in_eea(&terms.sub_processors)?;
        let terms = AgencyTerms { contact: terms.contact.as_ref().map(checked).transpose()?, ..terms };
        self.edit_provider(by, "set_agency", |provider| {
            provider.agencies.insert(agency, terms.clone());
            Ok(())
        })
        .await
    }

    /// Registers the certificate of an agency's contact.
    pub async fn register_agency_contact(
        &self,
        agency: Agency,
        certificate: [u8; 32],
    ) -> Result<u64, DeskError> {
        self.retried((self.provider, &By::Operator, "register_agency_contact"), || async move {
            Ok(vec![self.claim(&certificate, &CertificateOwner::Agency { agency }).await?])
        })
        .await
    }

    /// What the provider has published.
    pub async fn published(&self) -> Result<Provider, DeskError> {
        Ok(self.or_default(&DocumentRef::provider()).await?.body)
    }

    async fn edit_provider(
        &self,
        by: &By<'_>,
        action: &'static str,
        mut edit: impl FnMut(&mut Provider) -> Result<(), DeskError>,
    ) -> Result<u64, DeskError> {
        let reference = DocumentRef::provider();
        for _ in 0..16 {
            let mut found = self.or_default::<Provider>(&reference).await?;
            edit(&mut found.body)?;
            let write = DocumentWrite::new(reference.clone(), found.version, &found.body)?;
            match self.log.change(self.provider, &by.name(), action, None, vec![write]).await {
                Err(ssbtek_access_log::ChangeError::Conflict) => {}
                other => return Ok(other?.version),
            }
        }
        Err(DeskError::Raced)
    }
}

fn in_eea(list: &[SubProcessor]) -> Result<(), AskError> {
    if list.iter().all(|processor| EEA.contains(&processor.country.as_str())) {
        Ok(())
    } else {
        Err(AskError::new("sub_processors.country", "must be a country of the EEA, two capital letters"))
    }
}
