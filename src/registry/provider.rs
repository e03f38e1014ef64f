//! What the provider publishes, and what agencies have agreed to.

use std::{collections::BTreeSet, sync::Arc};

use ssbtek_access_log::{ChangeError, DocumentWrite};
use ssbtek_authorize::{
    AgencyTerms, AskError, CertificateOwner, Contact, DocumentHash, DocumentRef, EEA, LegalBases, Provider,
    Published, RegisteredCertificate, SubProcessor, Versioned,
};
use ssbtek_domain::{Agency, NaiveDate};

use crate::{
    By, Desk, DeskError,
    concerned::Concerned,
    desk::{ATTEMPTS, Deed, Prepared, by_operator, text},
    terms::checked,
};

/// Which texts are published.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Texts {
    /// Instructions that every case worker confirms.
    Instructions,
    /// General terms.
    Terms,
}

impl Texts {
    fn name(self) -> &'static str {
        match self {
            Texts::Instructions => "instructions",
            Texts::Terms => "terms",
        }
    }
}

/// Longest text, in bytes.
const MAX_TEXT_BYTES: usize = 200_000;

impl Desk {
    /// Publishes a new version with its text. From `valid_from` on every case worker must have confirmed new instructions. A
    /// version that was published before texts were kept gets its text afterwards.
    pub async fn publish(
        &self,
        texts: Texts,
        version: &str,
        content: &str,
        valid_from: NaiveDate,
    ) -> Result<u64, DeskError> {
        let version = &text("version", version, 40)?;
        if content.trim().is_empty() || content.len() > MAX_TEXT_BYTES {
            let reason = format!("must be a text of 1 to {MAX_TEXT_BYTES} bytes");
            return Err(AskError::new("content", reason).into());
        }
        self.not_too_far("valid_from", valid_from)?;
        let hash = DocumentHash::of(content.as_bytes());
        let (today, published_at) = (self.clock.today(), self.clock.now());
        let action = match texts {
            Texts::Instructions => "publish_instructions",
            Texts::Terms => "publish_terms",
        };
        let deed = by_operator(self.provider, action)
            .to("version", version)
            .to("document_sha256", hash.as_str())
            .to("valid_from", valid_from)
            .concerning(Concerned::Every);
        let hash = &hash;
        self.retried(deed, || async move {
            let document = hash.clone();
            let kept = DocumentRef::published_text(texts.name(), version);
            let is_kept = self.log.newest_version(&kept).await? > 0;
            let reference = DocumentRef::provider();
            let mut provider = self.or_default::<Provider>(&reference).await?;
            let list = match texts {
                Texts::Instructions => &mut provider.body.instructions,
                Texts::Terms => &mut provider.body.terms,
            };
            match list.iter().find(|known| known.version == *version) {
                Some(known) if is_kept || known.document != document => {
                    return Err(DeskError::Exists("version"));
                }
                Some(_) => {}
                None => {
                    let newest = list.iter().map(|known| known.valid_from).max();
                    if valid_from < today || newest.is_some_and(|newest| valid_from < newest) {
                        let reason = "must be today or later, and not before an earlier version's";
                        return Err(AskError::new("valid_from", reason).into());
                    }
                    list.push(Published { version: version.clone(), document, valid_from, published_at });
                }
            }
            Ok(vec![
                DocumentWrite::new(reference, provider.version, &provider.body)?,
                DocumentWrite::new(kept, 0, &content)?,
            ])
        })
        .await
    }

    /// The text of a published version, or of the one in force; `None` if there is no such version, or it was published before
    /// texts were kept.
    pub async fn published_text(
        &self,
        texts: Texts,
        version: Option<&str>,
    ) -> Result<Option<String>, DeskError> {
        let provider = self.published().await?;
        let in_force = match texts {
            Texts::Instructions => provider.instructions_at(self.clock.now()),
            Texts::Terms => provider.terms_at(self.clock.now()),
        };
        let Some(version) = version.or(in_force.map(|found| found.version.as_str())) else { return Ok(None) };
        let kept = DocumentRef::published_text(texts.name(), version);
        Ok(self.log.document::<String>(&kept).await?.map(|found| found.body))
    }

    /// Replaces the list of the provider's sub-processors.
    pub async fn set_sub_processors(&self, list: Vec<SubProcessor>) -> Result<u64, DeskError> {
        let list = list.into_iter().map(sub_processor).collect::<Result<Vec<_>, _>>()?;
        list.iter()
            .filter_map(|sub| sub.from)
            .try_for_each(|from| self.not_too_far("sub_processors.from", from))?;
        let distinct: BTreeSet<_> = list.iter().map(|sub| sub.organisation).collect();
        if distinct.len() != list.len() {
            return Err(AskError::new("sub_processors", "names an organisation twice").into());
        }
        let told = |sub: &SubProcessor| match sub.from {
            Some(from) => format!("{} from {from}", sub.organisation),
            None => sub.organisation.to_string(),
        };
        let deed = by_operator(self.provider, "set_sub_processors");
        let deed = deed.to("sub_processors", list.iter().map(told).collect::<Vec<_>>().join(","));
        let loses = |provider: &Provider| provider.sub_processors.iter().any(|known| !list.contains(known));
        self.edit_provider(deed, loses, |provider| {
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
        let subs = terms.sub_processors.into_iter().map(sub_processor);
        let terms = AgencyTerms {
            contact: terms.contact.as_ref().map(checked).transpose()?,
            information_set: terms.information_set,
            sub_processors: subs.collect::<Result<_, _>>()?,
        };
        let subs: Vec<_> = terms.sub_processors.iter().map(|sub| sub.organisation.to_string()).collect();
        let deed = Deed::from((self.provider, by, "set_agency"))
            .to("agency", agency.code())
            .to("information_set", terms.information_set.as_str())
            .to("sub_processors", subs.join(","));
        let deed = match &terms.contact {
            Some(Contact { name, email, phone }) => deed.to("contact", format!("{name}, {email}, {phone}")),
            None => deed,
        };
        // Of an agency that has said nothing everything may be asked: that is what stands there, and is lost.
        let loses = |provider: &Provider| {
            let known = provider.agencies.get(&agency).cloned().unwrap_or_default();
            let shuts = known.information_set != terms.information_set;
            known != terms && (known != AgencyTerms::default() || shuts)
        };
        self.edit_provider(deed, loses, |provider| {
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
        let deed = by_operator(self.provider, "register_agency_contact")
            .to("agency", agency.code())
            .to("certificate", RegisteredCertificate::new(&certificate).sha256)
            .concerning(Concerned::Every);
        self.retried(deed, || async move {
            Ok(Prepared::from(self.claim(&certificate, &CertificateOwner::Agency { agency }).await?))
        })
        .await
    }

    /// Stores the provisions that the configuration holds, if they differ from those stored last, so that a decision under
    /// them can be decided again when the configuration has changed. Returns them in the version they are stored in.
    pub async fn law(&self, configured: LegalBases) -> Result<Versioned<Arc<LegalBases>>, DeskError> {
        let reference = DocumentRef::legal_bases();
        for _ in 0..ATTEMPTS {
            let stored = self.log.document::<LegalBases>(&reference).await?;
            let expected = stored.as_ref().map_or(0, |stored| stored.version);
            if stored.is_some_and(|stored| stored.body == configured) {
                return Ok(Versioned { version: expected, body: Arc::new(configured) });
            }
            let write = DocumentWrite::new(reference.clone(), expected, &configured)?;
            match self
                .log
                .change(self.provider, &self.name(&By::Configuration), "set_legal_bases", None, vec![write])
                .await
            {
                Err(ChangeError::Conflict) => {}
                other => return Ok(Versioned { version: other?.version, body: Arc::new(configured) }),
            }
        }
        Err(DeskError::Raced)
    }

    /// The provisions as they were stored last.
    pub async fn legal_bases(&self) -> Result<LegalBases, DeskError> {
        let stored = self.log.document::<LegalBases>(&DocumentRef::legal_bases()).await?;
        Ok(stored.map_or_else(|| LegalBases(Vec::new()), |stored| stored.body))
    }

    /// What the provider has published.
    pub async fn published(&self) -> Result<Provider, DeskError> {
        Ok(self.published_now().await?.body)
    }

    /// The same with its version; 0 before anything is published.
    pub async fn published_now(&self) -> Result<Versioned<Provider>, DeskError> {
        self.or_default(&DocumentRef::provider()).await
    }

    async fn edit_provider(
        &self,
        deed: Deed<'_>,
        loses: impl Fn(&Provider) -> bool,
        mut edit: impl FnMut(&mut Provider) -> Result<(), DeskError>,
    ) -> Result<u64, DeskError> {
        let (reference, deed) = (DocumentRef::provider(), deed.concerning(Concerned::Every));
        for _ in 0..ATTEMPTS {
            let mut found = self.or_default::<Provider>(&reference).await?;
            self.may_replace(found.version, loses(&found.body))?;
            edit(&mut found.body)?;
            let write = DocumentWrite::new(reference.clone(), found.version, &found.body)?;
            match self.change(&deed, vec![write]).await {
                Err(DeskError::Raced) => {}
                came_to => return came_to,
            }
        }
        Err(DeskError::Raced)
    }
}

fn sub_processor(told: SubProcessor) -> Result<SubProcessor, AskError> {
    if !EEA.contains(&told.country.as_str()) {
        let reason = "must be a country of the EEA, two capital letters";
        return Err(AskError::new("sub_processors.country", reason));
    }
    let name = text("sub_processors.name", &told.name, 200)?;
    Ok(SubProcessor { name, task: text("sub_processors.task", &told.task, 200)?, ..told })
}
