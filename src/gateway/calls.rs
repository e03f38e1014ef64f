//! The table of every call of every gRPC service: who may make it, what it spends and what it records. `enter.rs` enforces it,
//! docs/API.md shows it, and a test walks the contracts' descriptors, so that a call without a row does not exist.

use ssbtek_access_log::RefusedCall;
use ssbtek_authorize::Duty;

/// Who may make a call. Several in a row: any of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Who {
    /// An account of a board with one of these duties, by certificate and assertion; without a duty named, any active one.
    Account(&'static [Duty]),
    /// An account that may ask. The question is judged whole, with its case, where it is asked.
    Asker,
    /// An account with `DUTY_ADMINISTERS`, by assertion and a certificate that may still wait for being confirmed.
    Confirming,
    /// The provider's operators, by certificate.
    Operator,
    /// Two of them: the same call by two certificates.
    TwoOperators,
    /// An agent, about itself, by certificate.
    Agent,
    /// An agency's contact, about the agency, by certificate.
    Agency,
    /// A citizen portal, by certificate.
    Portal,
    /// Any certificate of a trusted issuer that is good now.
    Anybody,
}

/// What a call that succeeds leaves in the log, in the transaction that it rests on, or before its answer leaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Records {
    /// The question before anybody is asked, and the answer before it leaves.
    Question,
    /// What was changed, drawn, reviewed or decided, in the same transaction.
    Change,
    /// That it was read, by whom and by what it was selected, before the answer leaves: in the log of the board it is about.
    Reading,
    /// Nothing: it tells of no board's log, accounts or persons.
    Nothing,
}

/// One row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Call {
    /// The service, without its package.
    pub service: &'static str,
    /// The method.
    pub method: &'static str,
    /// Who may.
    pub who: &'static [Who],
    /// What it records when it succeeds.
    pub records: Records,
}

impl Call {
    /// What the log is told of it where it is refused.
    pub(crate) fn refused(&self) -> RefusedCall {
        RefusedCall { name: self.method, asks: self.records == Records::Question }
    }

    /// Whether an account can make it, and so an assertion is spent by it.
    pub fn spends_assertions(&self) -> bool {
        self.who.iter().any(|who| matches!(who, Who::Account(_) | Who::Asker | Who::Confirming))
    }
}

macro_rules! calls {
    ($($service:ident { $($name:ident $method:ident: $who:expr => $records:ident;)* })*) => {
        $($(
            pub(crate) static $name: Call = Call {
                service: stringify!($service),
                method: stringify!($method),
                who: $who,
                records: Records::$records,
            };
        )*)*
        /// Every row, by service.
        pub static CALLS: &[&Call] = &[$($(&$name,)*)*];
    };
}

const ASKER: &[Who] = &[Who::Asker];
const CASES: &[Who] = &[Who::Account(&[Duty::KeepsCases])];
const AUDITOR: &[Who] = &[Who::Account(&[Duty::Audits])];
const ADMINISTRATOR: &[Who] = &[Who::Account(&[Duty::Administers])];
const EITHER: &[Who] = &[Who::Account(&[Duty::Audits, Duty::Administers])];
const DELAYS: &[Who] = &[Who::Account(&[Duty::DelaysDisclosure])];
const ANY_ACCOUNT: &[Who] = &[Who::Account(&[])];
const OPERATOR: &[Who] = &[Who::Operator];
const TWO: &[Who] = &[Who::TwoOperators];
const PORTAL: &[Who] = &[Who::Portal];
const AGENT: &[Who] = &[Who::Agent];
const ANYBODY: &[Who] = &[Who::Anybody];

calls! {
    PersonQueryService {
        ASK Ask: ASKER => Question;
        ASK_STREAM AskStream: ASKER => Question;
        ASK_HOUSEHOLD AskHousehold: ASKER => Question;
        RESUME_ASK ResumeAsk: ASKER => Reading;
    }
    CaseRegistryService {
        REGISTER_CASE RegisterCase: CASES => Change;
        ASSIGN_CASE AssignCase: CASES => Change;
        CONFIRM_CASE ConfirmCase: CASES => Change;
        SET_MEMBERS SetMembers: CASES => Change;
        CLOSE_CASE CloseCase: CASES => Change;
    }
    AccessLogService {
        LIST_ENTRIES ListEntries: AUDITOR => Reading;
        EXPORT_ENTRIES ExportEntries: AUDITOR => Reading;
        GET_CHECKPOINT GetCheckpoint: AUDITOR => Reading;
        GET_PROOFS GetProofs: AUDITOR => Reading;
        GET_PERSON_REPORT GetPersonReport: AUDITOR => Reading;
        DRAW_SAMPLE DrawSample: AUDITOR => Change;
        RECORD_REVIEW RecordReview: AUDITOR => Change;
        GET_REVIEWS GetReviews: AUDITOR => Reading;
        GET_USAGE_REPORT GetUsageReport: AUDITOR => Reading;
    }
    AdministrationService {
        REGISTER_BOARD RegisterBoard: TWO => Change;
        REVOKE_CERTIFICATE RevokeCertificate: OPERATOR => Change;
        SET_ATTESTATION SetAttestation: OPERATOR => Change;
        REGISTER_CASE_WORKER RegisterCaseWorker: ADMINISTRATOR => Change;
        BLOCK_CASE_WORKER BlockCaseWorker: ADMINISTRATOR => Change;
        SET_OWN_NUMBER SetOwnNumber: ADMINISTRATOR => Change;
        SET_SIGN_IN SetSignIn: ADMINISTRATOR => Change;
    }
    PersonRightsService {
        CORRECT_MEMBER CorrectMember: ADMINISTRATOR => Change;
        CORRECT_ACCOUNT CorrectAccount: ADMINISTRATOR => Change;
        RESTRICT_PERSON RestrictPerson: ADMINISTRATOR => Change;
        LIFT_RESTRICTION LiftRestriction: ADMINISTRATOR => Change;
        GET_RESTRICTION GetRestriction: EITHER => Reading;
        GET_PROTECTION GetProtection: EITHER => Reading;
        LIFT_PROTECTION LiftProtection: ADMINISTRATOR => Change;
    }
    AgreementService {
        ADD_CERTIFICATE AddCertificate: OPERATOR => Change;
        TAKE_STEP TakeStep: &[Who::Operator, Who::TwoOperators] => Change;
        SET_PROCESSOR_AGREEMENT SetProcessorAgreement: OPERATOR => Change;
        SET_POWER_OF_ATTORNEY SetPowerOfAttorney: OPERATOR => Change;
        PUBLISH Publish: OPERATOR => Change;
        SET_SUB_PROCESSORS SetSubProcessors: OPERATOR => Change;
        REGISTER_AGENT RegisterAgent: TWO => Change;
        RECORD_EVIDENCE RecordEvidence: OPERATOR => Change;
        SIGN_AGENT_AGREEMENT SignAgentAgreement: OPERATOR => Change;
        END_AGENT EndAgent: OPERATOR => Change;
        ADD_AGENT_CERTIFICATE AddAgentCertificate: TWO => Change;
        REVOKE_AGENT_CERTIFICATE RevokeAgentCertificate: OPERATOR => Change;
        GET_AGENT GetAgent: &[Who::Operator, Who::Agent] => Nothing;
        REGISTER_AGENCY_CONTACT RegisterAgencyContact: TWO => Change;
        SET_AGENCY SetAgency: &[Who::Operator, Who::Agency] => Change;
        GET_AGENCY GetAgency: &[Who::Operator, Who::Agency] => Nothing;
        EXPORT_BOARD ExportBoard: OPERATOR => Reading;
        IMPORT_BOARD ImportBoard: TWO => Change;
        REPLAY_DECISION ReplayDecision: OPERATOR => Reading;
        SET_CONTACT SetContact: ADMINISTRATOR => Change;
        SET_RULES SetRules: ADMINISTRATOR => Change;
        APPROVE_SUB_PROCESSORS ApproveSubProcessors: ADMINISTRATOR => Change;
        PROVE_CONNECTION ProveConnection: &[Who::Confirming] => Change;
        CONFIRM_CERTIFICATE ConfirmCertificate: ADMINISTRATOR => Change;
        ADD_ASSERTION_KEY AddAssertionKey: ADMINISTRATOR => Change;
        RETIRE_ASSERTION_KEY RetireAssertionKey: ADMINISTRATOR => Change;
        CONFIRM_INSTRUCTIONS ConfirmInstructions: ANY_ACCOUNT => Change;
        FOLLOW_UP_CASE_WORKER FollowUpCaseWorker: ADMINISTRATOR => Change;
        LIST_ACCOUNTS ListAccounts: ADMINISTRATOR => Reading;
        NOTIFY_CUSTOMER NotifyCustomer: AGENT => Change;
        SIGN_NOTIFICATION SignNotification: ADMINISTRATOR => Change;
        END_NOTIFICATION EndNotification: &[Who::Agent, Who::Account(&[Duty::Administers])] => Change;
        GET_BOARD GetBoard: &[Who::Operator, Who::Account(&[Duty::Audits, Duty::Administers])] => Reading;
        LIST_PARTIES ListParties: ANYBODY => Nothing;
        GET_PUBLISHED GetPublished: ANYBODY => Nothing;
    }
    LogKeyService {
        LIST_LOG_KEYS ListLogKeys: &[Who::Operator, Who::Account(&[Duty::Audits])] => Reading;
        ROTATE_LOG_KEY RotateLogKey: TWO => Change;
        RETIRE_LOG_KEY RetireLogKey: TWO => Change;
    }
    CitizenPortalService {
        FIND_USAGE FindUsage: PORTAL => Reading;
        USAGE_PERIOD UsagePeriod: PORTAL => Reading;
        HEARTBEAT Heartbeat: PORTAL => Nothing;
    }
    DisclosureService {
        REGISTER_PORTAL RegisterPortal: OPERATOR => Change;
        REVOKE_PORTAL RevokePortal: OPERATOR => Change;
        SET_PORTALS SetPortals: ADMINISTRATOR => Change;
        DECIDE_DELAY DecideDelay: DELAYS => Change;
    }
    RetentionService {
        PLAN_PURGE PlanPurge: OPERATOR => Nothing;
        RUN_PURGE RunPurge: &[Who::Operator, Who::TwoOperators] => Change;
        GET_PURGE_STATUS GetPurgeStatus: OPERATOR => Nothing;
        GET_PURGE_RECEIPT GetPurgeReceipt: OPERATOR => Nothing;
        END_BOARD_AGREEMENT EndBoardAgreement: TWO => Change;
        SET_LOG_RETENTION SetLogRetention: TWO => Change;
        PLACE_LEGAL_HOLD PlaceLegalHold: TWO => Change;
        LIFT_LEGAL_HOLD LiftLegalHold: TWO => Change;
        CONFIRM_HANDOVER ConfirmHandover: ADMINISTRATOR => Change;
    }
}

impl Who {
    fn text(&self) -> String {
        match self {
            Who::Account([]) => "any active account".to_owned(),
            Who::Account(duties) => {
                let named: Vec<_> = duties.iter().map(|duty| format!("`{}`", name(*duty))).collect();
                named.join(" or ")
            }
            Who::Asker => "`DUTY_ASKS`, in a case of its own".to_owned(),
            Who::Confirming => {
                "`DUTY_ADMINISTERS`, also over a certificate that waits to be confirmed".to_owned()
            }
            Who::Operator => "operator".to_owned(),
            Who::TwoOperators => "two operators".to_owned(),
            Who::Agent => "agent, of itself".to_owned(),
            Who::Agency => "agency's contact, of its agency".to_owned(),
            Who::Portal => "portal".to_owned(),
            Who::Anybody => "any good certificate".to_owned(),
        }
    }
}

fn name(duty: Duty) -> &'static str {
    match duty {
        Duty::Asks => "DUTY_ASKS",
        Duty::KeepsCases => "DUTY_KEEPS_CASES",
        Duty::Audits => "DUTY_AUDITS",
        Duty::Administers => "DUTY_ADMINISTERS",
        Duty::DelaysDisclosure => "DUTY_DELAYS_DISCLOSURE",
    }
}

/// The table as docs/API.md shows it. Calls of one service with the same row stand together.
pub fn markdown() -> String {
    let mut table = "| service | calls | who may | spends | records |\n|---|---|---|---|---|\n".to_owned();
    let alike = |a: &&Call, b: &&Call| (a.service, a.who, a.records) == (b.service, b.who, b.records);
    for rows in CALLS.chunk_by(alike) {
        let Some(first) = rows.first() else { continue };
        let methods: Vec<_> = rows.iter().map(|row| format!("`{}`", row.method)).collect();
        let who: Vec<_> = first.who.iter().map(Who::text).collect();
        let spends = if first.spends_assertions() { "the assertion" } else { "–" };
        let records = match first.records {
            Records::Question => "question and answer",
            Records::Change => "the change",
            Records::Reading => "the reading",
            Records::Nothing => "–",
        };
        table.push_str(&format!(
            "| `{}` | {} | {} | {spends} | {records} |\n",
            first.service,
            methods.join(", "),
            who.join("; or ")
        ));
    }
    table
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use prost::Message;
    use prost_types::FileDescriptorSet;

    use super::*;

    #[test]
    fn every_method_of_every_service_has_exactly_one_row() {
        let contracts = FileDescriptorSet::decode(ssbtek_proto::DESCRIPTORS).unwrap();
        let of_broker = contracts.file.iter().filter(|file| file.package() == "ssbtek.broker.v1");
        let methods: Vec<_> = of_broker
            .flat_map(|file| &file.service)
            .flat_map(|service| {
                service.method.iter().map(|method| (service.name().to_owned(), method.name().to_owned()))
            })
            .collect();
        let rows: Vec<_> = CALLS.iter().map(|row| (row.service.to_owned(), row.method.to_owned())).collect();
        assert_eq!(rows.iter().collect::<BTreeSet<_>>().len(), rows.len(), "a call has two rows");
        let missing: Vec<_> = methods.iter().filter(|method| !rows.contains(method)).collect();
        let invented: Vec<_> = rows.iter().filter(|row| !methods.contains(row)).collect();
        assert!(
            missing.is_empty() && invented.is_empty(),
            "without a row: {missing:?}; without a call: {invented:?}"
        );
    }

    #[test]
    fn the_table_that_is_published_is_this_one() {
        let published = include_str!("../../docs/API.md");
        assert!(published.contains(&markdown()), "docs/API.md, section 3, should hold:\n{}", markdown());
    }
}
