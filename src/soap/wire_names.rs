//! Namespace and name of each agency's answer element.

/// Arbetsförmedlingen.
pub(crate) const AF_ANSWER: (&str, &str) =
    ("http://api.arbetsformedlingen.se/arbetssokande/ersattningsstod/v2", "SvarMeddelande");
/// CSN.
pub(crate) const CSN_ANSWER: (&str, &str) = ("http://schema.csn.se/v4.0/kommunfraga", "CSNSvar");
/// Skatteverket, v10.
pub(crate) const SKV_ANSWER: (&str, &str) =
    ("http://beskattningws.ws.service.bs.zg.rsv.se/", "BeskattningsuppgifterResponse");
/// The unemployment funds.
pub(crate) const SO_ANSWER: (&str, &str) =
    ("http://INT014.UBPService.Schemas", "GetUnemploymentBenefitPaymentResponse");
/// Transportstyrelsen.
pub(crate) const TNS_ANSWER: (&str, &str) =
    ("http://schema.transportstyrelsen.se/ssbtek/hamtauppgifterresponder/1", "HamtaUppgifterResponse");
/// Migrationsverket.
pub(crate) const MIV_ANSWER: (&str, &str) =
    ("http://schema.migrationsverket.se/ssbtek/1/", "findByPersonnummerResponse");
/// A vehicle at Transportstyrelsen.
pub(crate) const TNS_VEHICLE: &str = "http://schema.transportstyrelsen.se/ssbtek/fordon/1";
/// The question that CSN repeats.
pub(crate) const CSN_QUESTION: &str = "http://www.sambruk.se/SBNyttomeddelanden";
/// CSN's schemas with the prefixes used here; the first five in the order of the lists under a person.
pub(crate) const CSN_SCHEMAS: [(&str, &str); 7] = [
    ("sm", "http://schema.csn.se/v4.0/studiemedel"),
    ("sh", "http://schema.csn.se/v4.0/studiehjalp"),
    ("hut", "http://schema.csn.se/v4.0/hemutrustningslan"),
    ("sss", "http://schema.csn.se/v4.0/studiestartsstod"),
    ("oss", "http://schema.csn.se/v4.0/omstallningsstudiestod"),
    ("pers", "http://schema.csn.se/v4.0/person"),
    ("gem", "http://schema.csn.se/v4.0/csntyper"),
];
