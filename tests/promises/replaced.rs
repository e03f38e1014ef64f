//! Nothing stored is replaced by who has not read its latest version: of every call that replaces a whole, two at once come to one
//! change and one clear conflict, and who has read nothing takes nothing away.

use prost::Message;
use prost_reflect::DescriptorPool;
use ssbtek_gateway::calls::{CALLS, Call, Who};
use ssbtek_pki::Issued;
use ssbtek_proto::broker::v1 as proto;
use tonic::{Code, Request, Status};

use crate::harness::{BOARD, Wires, World, hex};

/// Organisations that nothing depends on here.
const OTHERS: [&str; 5] = ["162120000142", "165560000001", "162021008988", "165560000019", BOARD];
const PORTAL: &str = "162021008988";

/// Every call whose message says which version was read.
fn replacing() -> Vec<&'static Call> {
    let contracts = DescriptorPool::decode(ssbtek_proto::DESCRIPTORS).unwrap();
    let says = |call: &&Call| {
        let service = contracts.get_service_by_name(&format!("ssbtek.broker.v1.{}", call.service)).unwrap();
        let method = service.methods().find(|method| method.name() == call.method).unwrap();
        method.input().get_field_by_name("expected_version").is_some()
    };
    CALLS.iter().copied().filter(says).collect()
}

#[test]
fn every_call_that_sets_a_whole_says_which_version_was_read() {
    let named =
        CALLS.iter().filter(|call| ["Set", "Approve"].iter().any(|verb| call.method.starts_with(verb)));
    // Two operators confirm a change of terms only on the terms that it was proposed for.
    let named = named.filter(|call| call.who != [Who::TwoOperators]);
    let (named, says): (Vec<_>, Vec<_>) = (named.map(|call| call.method).collect(), replacing());
    assert_eq!(named, says.iter().map(|call| call.method).collect::<Vec<_>>());
}

struct Replacing {
    world: World,
    portals: Vec<Issued>,
}

impl Replacing {
    async fn prepared() -> Self {
        let world = World::start(Wires::Grpc).await;
        let mut operator = proto::disclosure_service_client::DisclosureServiceClient::new(
            world.connect(&world.operator.identity),
        );
        let mut portals = Vec::new();
        for _ in OTHERS {
            let portal = world.authority.client("portal", "Portalen", world.validity).unwrap();
            let register = proto::RegisterPortalRequest {
                organisation_number: PORTAL.into(),
                name: "Portalen".into(),
                certificate: portal.certificate.chain[0].to_vec(),
            };
            operator.register_portal(register).await.unwrap();
            portals.push(portal);
        }
        Self { world, portals }
    }

    /// The `n`th value, each another and none holding another.
    fn message(&self, call: &Call, n: usize, expected_version: Option<u64>) -> Vec<u8> {
        let board = || BOARD.to_owned();
        let contact = || proto::Contact {
            name: format!("Registrator {n}"),
            email: "namnden@kommunen.example".into(),
            phone: "000-00 00 00".into(),
        };
        let hash = || format!("{n}").repeat(64);
        let sub = |organisation: &&str| proto::SubProcessor {
            organisation_number: (*organisation).to_owned(),
            name: "Driften".into(),
            task: format!("drift {n}"),
            country: "SE".into(),
            from: Some("2026-12-01".into()),
        };
        let person = |n: usize| {
            let household = &self.world.household;
            household[n % household.len()].number.expose().to_owned()
        };
        match call.method {
            "SetMembers" => proto::SetMembersRequest {
                case_id: "EB-1".into(),
                members: vec![proto::HouseholdMember {
                    person_number: person(0),
                    role: proto::Role::Applicant.into(),
                    from: Some(format!("2026-11-0{}", n + 1)),
                    ..Default::default()
                }],
                expected_version,
            }
            .encode_to_vec(),
            "SetAttestation" => proto::SetAttestationRequest {
                organisation_number: board(),
                from: "2026-11-01".into(),
                until: format!("2026-12-0{}", n + 1),
                expected_version,
            }
            .encode_to_vec(),
            "SetOwnNumber" => {
                let id = "anna".to_owned();
                proto::SetOwnNumberRequest { id, person_number: person(n), expected_version }.encode_to_vec()
            }
            "SetSignIn" => {
                let (id, issuer) = ("anna".to_owned(), "https://idp.example".to_owned());
                proto::SetSignInRequest { id, issuer, subject: format!("subject-{n}"), expected_version }
                    .encode_to_vec()
            }
            "SetProcessorAgreement" => proto::SetProcessorAgreementRequest {
                organisation_number: board(),
                variant: proto::ProcessorAgreementVariant::Common.into(),
                version: format!("9.{n}"),
                instructions_version: "1".into(),
                signed_on: "2026-11-20".into(),
                document_sha256: hash(),
                expected_version,
            }
            .encode_to_vec(),
            "SetPowerOfAttorney" => proto::SetPowerOfAttorneyRequest {
                organisation_number: board(),
                document_sha256: hash(),
                variant: 0,
                expected_version,
            }
            .encode_to_vec(),
            "SetSubProcessors" => {
                let sub_processors = OTHERS.iter().map(sub).collect();
                proto::SetSubProcessorsRequest { sub_processors, expected_version }.encode_to_vec()
            }
            "SetAgency" => {
                let (agency, contact) = ("MIV".into(), Some(contact()));
                proto::SetAgencyRequest { agency, contact, expected_version, ..Default::default() }
                    .encode_to_vec()
            }
            "SetContact" => {
                proto::SetContactRequest { contact: Some(contact()), expected_version }.encode_to_vec()
            }
            "SetRules" => {
                let max_questions_an_hour = Some(50 + u32::try_from(n).unwrap());
                proto::SetRulesRequest { max_questions_an_hour, expected_version, ..Default::default() }
                    .encode_to_vec()
            }
            "ApproveSubProcessors" => {
                let organisation_numbers = vec![OTHERS[n].to_owned()];
                proto::ApproveSubProcessorsRequest { organisation_numbers, expected_version }.encode_to_vec()
            }
            "SetPortals" => proto::SetPortalsRequest {
                portals: vec![PORTAL.into()],
                certificates: vec![hex(&self.portals[n].identity.fingerprint())],
                expected_version,
            }
            .encode_to_vec(),
            other => panic!("{other}: say here what two people would set"),
        }
    }

    async fn send(&self, call: &Call, n: usize, read: Option<u64>) -> Result<u64, Status> {
        let (world, path) = (&self.world, format!("{}/{}", call.service, call.method));
        let message = self.message(call, n, read);
        let account = if call.service == "CaseRegistryService" { "system" } else { "admin" };
        let told = match call.who.contains(&Who::Operator) {
            true => world.call(&world.operator, &path, Request::new(message)).await?,
            false => world.call(&world.board, &path, world.assertion(account).on(message)).await?,
        };
        // Every such answer is the version that came of it.
        Ok(proto::SetRulesResponse::decode(told.as_slice()).unwrap().version)
    }
}

/// The version that a refusal says is there now.
pub(crate) fn version_now(status: &Status) -> Option<u64> {
    let told = status.message().strip_prefix("expected_version: ")?;
    assert!(matches!(status.code(), Code::FailedPrecondition | Code::Aborted), "{status:?}");
    told.split_whitespace().find_map(|word| word.parse().ok())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_at_once_one_is_done_and_the_other_told_and_who_has_read_nothing_takes_nothing_away() {
    let replacing = Replacing::prepared().await;
    for call in self::replacing() {
        let send = |n, read| replacing.send(call, n, read);
        let read = match send(0, None).await {
            Ok(version) => version,
            Err(refused) => send(0, version_now(&refused)).await.unwrap(),
        };
        let came_to: [_; 2] = tokio::join!(send(1, Some(read)), send(2, Some(read))).into();
        assert_eq!(came_to.iter().filter(|one| one.is_ok()).count(), 1, "{}: {came_to:?}", call.method);
        let refused = came_to.into_iter().find_map(Result::err).unwrap();
        assert_eq!(refused.code(), Code::Aborted, "{}: {refused:?}", call.method);
        assert_eq!(version_now(&refused), Some(read + 1), "{}", call.method);
        for refused in <[_; 2]>::from(tokio::join!(send(3, None), send(4, None))) {
            let refused = refused.expect_err(call.method);
            assert_eq!(refused.code(), Code::FailedPrecondition, "{}: {refused:?}", call.method);
            assert_eq!(version_now(&refused), Some(read + 1), "{}", call.method);
        }
        send(3, Some(read + 1)).await.unwrap();
    }
}
