//! The answer to `testaBastjanstInformation`: whether the agencies' own test services answered. No personal data.

use std::collections::BTreeMap;

use ssbtek_domain::Agency;
use ssbtek_xml::soap::wrap;

use crate::{AgencyError, Version, form::place};

/// What became of one agency's test service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TestResult {
    /// `anropad`: whether a test service was called.
    pub called: bool,
    /// What went wrong.
    pub error: Option<AgencyError>,
}

/// `testaBastjanstInformationResponse`. TNS and MIV have no test service and are left out whatever `results` holds:
/// absent is not failed.
pub fn test_answer(version: Version, results: &BTreeMap<Agency, TestResult>) -> Vec<u8> {
    wrap(|writer| {
        writer.open("ssbt:testaBastjanstInformationResponse").namespace("ssbt", version.namespace());
        for (agency, result) in results.iter().filter(|(agency, _)| has_test_service(**agency, version)) {
            writer
                .open(&format!("ssbt:{}", agency.code()))
                .element_with_text("ssbt:anropad", if result.called { "true" } else { "false" })
                .with(|writer| result.error.iter().for_each(|error| error.write(writer)))
                .close();
        }
        writer.close();
    })
}

fn has_test_service(agency: Agency, version: Version) -> bool {
    place(agency, version).is_some_and(|place| place.has_test_service)
}
